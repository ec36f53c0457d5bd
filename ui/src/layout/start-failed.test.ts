import { cleanup, render, waitFor } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import App from '../App.svelte';
import { useHost } from '../lib/backend';
import { fakeHost } from '../lib/backend/fake';

afterEach(cleanup);

const buttons = () => [...document.querySelectorAll<HTMLButtonElement>('main button')];
const press = (id: string) =>
  document.querySelector<HTMLButtonElement>(`[data-testid="${id}"]`)?.click();
const searching = () =>
  waitFor(() => expect(document.querySelector('[data-testid="search-input"]')).not.toBeNull());

/** A start that fails with this code until it is begun again; gives how it was begun. */
function brokenStart(code: string): boolean[] {
  const text = { nl: 'Er ging iets mis.', en: 'Something failed.' };
  const action = { nl: 'Doe er iets aan.', en: 'Do something.' };
  const asked: boolean[] = [];
  const refuse = () => {
    throw { code, message: text, action, detail: '' };
  };
  const working = fakeHost();
  useHost({
    ...fakeHost({ app_info: refuse, settings_get: refuse }),
    startAgain(afresh) {
      asked.push(afresh);
      useHost(working);
      return Promise.resolve();
    },
  });
  render(App);
  return asked;
}

const RETRY = 'Probeer opnieuw';
const AFRESH = 'Begin met een leeg bestand';

it.each([
  ['a newer file', 'BG-201', [RETRY, AFRESH]],
  ['a lost key', 'BG-202', [RETRY, AFRESH]],
  ['a key that does not fit', 'BG-203', [RETRY]],
  ['a file that cannot be read', 'BG-209', [RETRY, AFRESH]],
  // The file may be whole: beginning afresh would leave it for nothing.
  ['a keyring that cannot be reached', 'BG-214', [RETRY]],
  ['anything else', 'BG-213', [RETRY]],
] as const)('%s is told with its way out', async (_, code, offered) => {
  const asked = brokenStart(code);
  await waitFor(() => expect(document.body.textContent).toContain(code));
  expect(document.body.textContent).toContain('Er ging iets mis.');
  expect(document.body.textContent).toContain('Doe er iets aan.');
  expect(buttons().map((button) => button.textContent?.trim())).toEqual(offered);
  buttons()[0]?.click();
  await searching();
  expect(asked).toEqual([false]);
});

it('an empty file is begun only after it was confirmed', async () => {
  const asked = brokenStart('BG-202');
  await waitFor(() => expect(buttons()).toHaveLength(2));
  press('afresh');
  await waitFor(() => expect(document.querySelector('dialog')?.open).toBe(true));
  expect(asked).toEqual([]);
  press('afresh-confirm');
  await searching();
  expect(asked).toEqual([true]);
});
