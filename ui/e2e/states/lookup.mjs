// *Zoeken*, *Toetsen*, the help and a start that fails.
import { byId } from './page.mjs';

const search = (page, text) => byId(page, 'search-input').fill(text);

export const LOOKUP = [
  { name: 'zoeken-leeg', at: 'zoeken', open: (page) => page.locator('.empty').waitFor() },
  {
    name: 'zoeken-treffers',
    at: 'zoeken',
    open: async (page) => {
      await search(page, 'ver');
      await byId(page, 'search-hit').first().waitFor();
      await page.keyboard.press('ArrowDown');
    },
  },
  {
    name: 'zoeken-niets',
    at: 'zoeken',
    open: async (page) => {
      await search(page, 'xyzzy');
      await page.locator('.empty a').waitFor();
    },
  },
  { name: 'toetsen-leeg', at: 'toetsen', open: (page) => page.locator('.empty').waitFor() },
  {
    name: 'toetsen-bevindingen',
    at: 'toetsen',
    open: async (page) => {
      await byId(page, 'definition').fill('Een 👩🏽 persoon die niet bestaat.');
      await page.locator('mark').first().waitFor();
    },
  },
  {
    name: 'toetsen-te-lang',
    at: 'toetsen',
    open: async (page) => {
      await byId(page, 'definition').fill('é'.repeat(20_001));
      await page.locator('.field .error').waitFor();
    },
  },
  {
    name: 'help',
    at: 'toetsen',
    open: async (page) => {
      await page.keyboard.press('F1');
      await page.locator('dialog[open]').waitFor();
    },
  },
  {
    name: 'melding-bij-start',
    at: 'zoeken',
    before: (page) =>
      page.route('**/api/call/app_info', async (route) => {
        const info = await (await route.fetch()).json();
        const say = (text) => ({ nl: text, en: text });
        const message = {
          code: 'BG-204',
          message: say('Uw gegevens waren beschadigd.'),
          action: say('Controleer uw laatste wijzigingen.'),
          detail: 'begrip.db',
        };
        await route.fulfill({ json: { ...info, notices: [{ message }] } });
      }),
    open: (page) => page.locator('.alert.notice').waitFor(),
    close: (page) => page.unroute('**/api/call/app_info'),
  },
  {
    name: 'start-mislukt',
    at: 'zoeken',
    before: async (page) => {
      const say = (text) => ({ nl: text, en: text });
      const error = {
        code: 'BG-202',
        message: say('De sleutel van uw gegevens is weg.'),
        action: say('Zet de sleutel terug.'),
        detail: '',
      };
      await page.route('**/api/call/*', (route) => route.fulfill({ status: 500, json: error }));
    },
    open: async (page) => {
      await page.getByTestId('start-failed').waitFor();
      await byId(page, 'afresh').click();
      await page.locator('dialog[open]').waitFor();
    },
    close: (page) => page.unroute('**/api/call/*'),
  },
];
