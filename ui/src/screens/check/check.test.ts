import { cleanup, render, waitFor } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import { call, useHost } from '../../lib/backend';
import { fakeHost } from '../../lib/backend/fake';
import Screen from './Screen.svelte';

afterEach(cleanup);

function type(text: string): HTMLTextAreaElement {
  const field = document.querySelector<HTMLTextAreaElement>('[data-testid="definition"]');
  if (!field) throw new Error('no definition field');
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  return field;
}

const findings = () =>
  [...document.querySelectorAll<HTMLElement>('[data-testid="finding"]')].map(
    (finding) => finding.dataset['rule'],
  );

it('findings follow the text, without a button', async () => {
  useHost(fakeHost());
  render(Screen);
  type('een 👍 zaak die niet bestaat');
  await waitFor(() => expect(findings()).toEqual(['STR-01', 'INT-08']));
  const marks = [...document.querySelectorAll('mark')].map((mark) => mark.textContent);
  expect(marks).toEqual(['een', 'niet']);
  type('zaak die niet bestaat');
  await waitFor(() => expect(findings()).toEqual(['INT-08']));
});

it('a fix goes into the text at one press', async () => {
  useHost(fakeHost());
  render(Screen);
  const field = type('een zaak');
  await waitFor(() => expect(findings()).toEqual(['STR-01']));
  document.querySelector<HTMLButtonElement>('.finding button')?.click();
  await waitFor(() => expect(field.value).toBe('zaak'));
});

it('a text of more than 20,000 characters is refused in words and not sent', async () => {
  let checks = 0;
  const inner = fakeHost();
  useHost({
    ...inner,
    call(name, args) {
      if (name === 'check') checks += 1;
      return inner.call(name, args);
    },
  });
  render(Screen);
  type('é'.repeat(20_001));
  await waitFor(() => expect(document.body.textContent).toContain('te lang'));
  expect(checks).toBe(0);
});

it('the text is kept from the first keystroke and comes back', async () => {
  useHost(fakeHost());
  const { unmount } = render(Screen);
  type('zaak');
  await waitFor(async () =>
    expect((await call('buffer_load', { key: 'check' }))?.content).toContain('zaak'),
  );
  unmount();
  render(Screen);
  await waitFor(() =>
    expect(document.querySelector<HTMLTextAreaElement>('textarea')?.value).toBe('zaak'),
  );
});
