// *Inzicht*: before anything was asked, in words, as pictures and as tables.
import { byId } from './page.mjs';

/** The same question twice, and another one: something was asked, and something was kept. */
async function asked(_, place) {
  for (const term of ['contactverbod', 'contactverbod', 'gebiedsverbod']) await place.draft(term);
}

const drawn = async (page) => {
  await byId(page, 'insight-storage').waitFor();
  await page.locator('[data-testid="plot-vragen"] canvas').waitFor();
};

export const INSIGHT = [
  {
    name: 'inzicht-begin',
    at: 'inzicht',
    open: (page) => byId(page, 'insight-storage').waitFor(),
  },
  {
    name: 'inzicht',
    at: 'inzicht',
    before: async (page, place) => {
      await asked(page, place);
      await place.set(({ budgets }) => (budgets.tokens_per_day = 2_000_000));
    },
    open: drawn,
    close: (_, place) => place.set(({ budgets }) => (budgets.tokens_per_day = 0)),
  },
  {
    name: 'inzicht-tabel',
    at: 'inzicht',
    before: asked,
    open: async (page) => {
      await drawn(page);
      await byId(page, 'table-vragen-open').click();
      await byId(page, 'table-vragen').waitFor();
    },
  },
];
