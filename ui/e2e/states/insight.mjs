// *Inzicht*: in words, as pictures and as tables.
import { byId } from './page.mjs';

export const INSIGHT = [
  {
    name: 'inzicht',
    at: 'inzicht',
    before: (_, place) => place.set(({ budgets }) => (budgets.tokens_per_day = 2_000_000)),
    open: async (page) => {
      await byId(page, 'insight-storage').waitFor();
    },
    close: (_, place) => place.set(({ budgets }) => (budgets.tokens_per_day = 0)),
  },
  {
    name: 'inzicht-tabel',
    at: 'inzicht',
    open: async (page) => {
      await byId(page, 'insight-storage').waitFor();
      const table = byId(page, 'table-vragen-open');
      if (await table.count()) await table.click();
    },
  },
];
