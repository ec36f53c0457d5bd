import { cleanup, render, waitFor } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import { call, useHost, type ModelState, type SyncStatus } from '../lib/backend';
import { fakeHost } from '../lib/backend/fake';
import { SYNC } from '../lib/backend/fake-data';
import { invalid } from '../lib/backend/fake-settings';
import { sync } from '../lib/state/sync.svelte';
import StatusBar from './StatusBar.svelte';

afterEach(() => {
  cleanup();
  sync.status = null;
});

async function show(state: ModelState, demonstration = false): Promise<string> {
  useHost(fakeHost());
  const info = await call('app_info', null);
  render(StatusBar, { info: { ...info, model: { ...info.model, state, demonstration } } });
  return document.body.textContent ?? '';
}

it.each([
  ['not_configured', 'Geen taalmodel ingesteld', true],
  ['unknown', 'nog niet gebruikt', false],
  ['ready', 'bereikbaar', false],
  ['offline', 'Zoeken, toetsen en bewaren werken gewoon door', true],
] as const)('a model that is %s is told, with the way to mend it', async (state, text, way) => {
  expect(await show(state)).toContain(text);
  const link = document.querySelector('a')?.getAttribute('href') ?? null;
  expect(link).toBe(way ? '#/instellingen/taalmodel' : null);
});

it('a demonstration is never taken for a real model', async () => {
  expect(await show('ready', true)).toContain('geen echt model');
  cleanup();
  expect(await show('ready', false)).not.toContain('geen echt model');
  cleanup();
  // A name that was left in the settings is no demonstration.
  expect(await show('not_configured', true)).not.toContain('geen echt model');
});

it.each<[string, Partial<SyncStatus>, RegExp]>([
  ['both ends are equal', {}, /Gelijk aan de server, .*\d\d:\d\d/],
  ['changes wait', { waiting: 3 }, /Wacht op de server: 3/],
  ['the server is away', { waiting: 3, error: invalid('') }, /Server niet bijgewerkt: Een inst/],
  ['a choice is needed', { conflicts: 2, waiting: 3, error: invalid('') }, /moet kiezen: 2/],
  ['nothing was compared', { equal_at: null }, /Bijgewerkt met de server, /],
  ['nothing was done', { equal_at: null, synced_at: null }, /Nog niet bijgewerkt/],
])('when %s, that is told in the line at the bottom', async (_, change, text) => {
  useHost(fakeHost({ sync_status: () => ({ ...SYNC, ...change }) }));
  render(StatusBar, { info: await call('app_info', null) });
  const link = await waitFor(() => {
    const found = document.querySelector('[data-testid="status-sync"]');
    expect(found).not.toBeNull();
    return found;
  });
  expect(link?.textContent).toMatch(text);
  expect(link?.getAttribute('href')).toBe('#/delen');
});

it('without a server the line at the bottom says nothing of it', async () => {
  useHost(fakeHost({ sync_status: () => ({ ...SYNC, configured: false }) }));
  render(StatusBar, { info: await call('app_info', null) });
  await waitFor(() => expect(sync.status).not.toBeNull());
  expect(document.querySelector('[data-testid="status-sync"]')).toBeNull();
});
