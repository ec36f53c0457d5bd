import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { useHost } from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import { invalid } from '../../lib/backend/fake-settings';
import { app, start } from '../../lib/state/app.svelte';
import Screen from './Screen.svelte';

beforeEach(() => Object.assign(app, { info: null, settings: null, failure: null }));
afterEach(cleanup);

async function show(changed: Partial<Answers> = {}) {
  useHost(fakeHost(changed));
  await start();
  return render(Screen, { route: { screen: 'instellingen', id: 'delen', query: {} } });
}

it('a token is kept and gone from the screen, and no token is not kept', async () => {
  const kept: string[] = [];
  const { findByTestId, getByTestId, getByText } = await show({
    server_token: ({ key }) => {
      kept.push(key);
      return { present: true, place: 'keyring' };
    },
  });
  const field = (await findByTestId('settings-token')) as HTMLInputElement;
  await fireEvent.click(getByTestId('settings-token-save'));
  expect(field.getAttribute('aria-invalid')).toBe('true');
  await fireEvent.input(field, { target: { value: ' begrip_1_2 ' } });
  await fireEvent.click(getByTestId('settings-token-save'));
  await waitFor(() => getByText(/in de sleutelbos/));
  expect(kept).toEqual(['begrip_1_2']);
  expect(field.value).toBe('');
});

it('an address that cannot be used is told at its field', async () => {
  const { findByTestId, findByText } = await show({
    settings_save: () => {
      throw invalid('server.url');
    },
  });
  const field = await findByTestId('settings-server-url');
  await fireEvent.input(field, { target: { value: 'http://begrip.example' } });
  await fireEvent.change(field);
  await findByText(/met https:\/\/ begint/);
});

it('how it stands is one link away, once there is a server', async () => {
  const { findByTestId } = await show();
  expect((await findByTestId('settings-sharing-state')).getAttribute('href')).toBe('#/delen');
});
