import { cleanup, render } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import { call, useHost, type ModelState } from '../lib/backend';
import { fakeHost } from '../lib/backend/fake';
import StatusBar from './StatusBar.svelte';

afterEach(cleanup);

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
