import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';
import App from '../../App.svelte';
import { call, useHost } from '../../lib/backend';
import { fakeHost } from '../../lib/backend/fake';
import { app } from '../../lib/state/app.svelte';
import { forgetAttempt } from './try.svelte';

const TEXT = 'een zaak die niet bestaat';

beforeEach(() => {
  Object.assign(app, { info: null, settings: null, failure: null });
  location.hash = '';
  forgetAttempt();
  useHost(fakeHost());
});
afterEach(() => {
  cleanup();
  location.hash = '';
});

const all = (id: string) => [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];
const appears = (id: string) => waitFor(() => expect(all(id)).not.toHaveLength(0));
const rules = () => all('finding').map((finding) => finding.dataset['rule']);
const text = () => document.querySelector<HTMLTextAreaElement>('[data-testid="definition"]')?.value;

async function goTo(hash: string): Promise<void> {
  await waitFor(() => expect(app.info).not.toBeNull());
  location.hash = hash;
}
async function follow(id: string): Promise<void> {
  // What the click of a link does in a browser.
  location.hash = all(id)[0]?.getAttribute('href') ?? 'no link';
}

it('from a finding to its rule and back, no letter of the text is lost', async () => {
  render(App);
  await goTo('#/toetsen');
  await appears('definition');
  await fireEvent.input(all('definition')[0] as HTMLElement, { target: { value: TEXT } });
  await waitFor(() => expect(rules()).toEqual(['STR-01', 'INT-08']));
  await fireEvent.input(all('definition')[0] as HTMLElement, { target: { value: `${TEXT}!` } });
  await follow('finding-rule');
  await waitFor(() => expect(document.activeElement?.textContent).toContain('STR-01'));
  await follow('rule-back');
  await waitFor(() => expect(text()).toBe(`${TEXT}!`));
  await waitFor(() => expect(rules()).toEqual(['STR-01', 'INT-08']));
});

it('after a switch of packs every finding is asked anew', async () => {
  await call('buffer_save', {
    key: 'check',
    content: JSON.stringify({ term: '', text: TEXT, taken: [] }),
  });
  const [concept] = (await call('search', { query: 'vonnis' })).hits;
  render(App);
  await goTo('#/toetsen');
  await waitFor(() => expect(rules()).toEqual(['STR-01', 'INT-08']));
  await goTo(`#/begrip/${concept?.id}`);
  await waitFor(() => expect(rules()).toEqual(['INT-08']));
  await goTo('#/regels/pakketten');
  await appears('pack-activate');
  await fireEvent.click(all('pack-activate')[0] as HTMLElement);
  await appears('impact-count');
  await fireEvent.click(all('impact-activate')[0] as HTMLElement);
  await fireEvent.click(all('activate-sure')[0] as HTMLElement);
  await waitFor(() => expect(app.info?.pack_version).toBe('2'));
  await goTo(`#/begrip/${concept?.id}`);
  await waitFor(() => expect(document.body.textContent).toContain('Geen bevindingen'));
  await goTo('#/toetsen');
  await waitFor(() => expect(rules()).toEqual(['STR-01']));
});

it('Alt+R leads to the rules from any screen, but not out of a dialog', async () => {
  render(App);
  await goTo('#/toetsen');
  await appears('definition');
  await fireEvent.keyDown(window, { key: 'F1' });
  await fireEvent.keyDown(window, { key: 'r', altKey: true });
  expect(location.hash).toBe('#/toetsen');
  document.querySelector('dialog')?.close();
  await waitFor(() => expect(document.querySelector('dialog[open]')).toBeNull());
  await fireEvent.keyDown(window, { key: 'r', altKey: true });
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Regels'));
});
