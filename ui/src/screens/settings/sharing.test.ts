import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { useHost } from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import { SYNC } from '../../lib/backend/fake-data';
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

it('how sharing stands is told, with what waits for a choice', async () => {
  const { findByTestId, getByText } = await show({
    sync_status: () => ({ ...SYNC, waiting: 2, conflicts: 1 }),
  });
  const state = await findByTestId('settings-sync');
  expect(state.textContent).toContain('https://begrip.example, voor OM');
  expect(state.textContent).toContain('Wachtende wijzigingen: 2');
  getByText(/moet kiezen: 1/);
});

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

it('bringing up to date tells what it did, or why not', async () => {
  const { findByTestId, findByText } = await show();
  await fireEvent.click(await findByTestId('settings-sync-now'));
  await findByText('Bijgewerkt. Verstuurd: 0. Ontvangen: 0.');
  cleanup();
  const away = await show({
    sync_now: () => {
      throw invalid('server');
    },
  });
  await fireEvent.click(await away.findByTestId('settings-sync-now'));
  await away.findByRole('alert');
});

it('without a server there is nothing to bring up to date', async () => {
  const { findByText, queryByTestId } = await show({
    sync_status: () => ({ ...SYNC, configured: false }),
  });
  await findByText(/nog geen adres/);
  expect(queryByTestId('settings-sync-now')).toBeNull();
});
