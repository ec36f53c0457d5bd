import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import { useHost } from '../backend';
import { fakeHost } from '../backend/fake';
import TokenField from './TokenField.svelte';

afterEach(cleanup);

it('an answer that comes after a label was taken does not open the list over what is below', async () => {
  const host = fakeHost();
  const late: (() => void)[] = [];
  useHost({
    ...host,
    call: async (name, args) => {
      if (name === 'context_suggest') await new Promise<void>((go) => late.push(go));
      return host.call(name, args);
    },
  });
  const { getByRole, getByText } = render(TokenField, {
    label: 'Organisaties',
    kind: 'organisation',
    values: [],
  });
  const field = getByRole('combobox');
  field.focus();
  await waitFor(() => expect(late).toHaveLength(1));
  await fireEvent.input(field, { target: { value: 'CJIB' } });
  await fireEvent.keyDown(field, { key: 'Enter' });
  await waitFor(() => getByText('CJIB'));
  late.forEach((go) => go());
  await new Promise((go) => setTimeout(go, 20));
  expect(field.getAttribute('aria-expanded')).toBe('false');
});
