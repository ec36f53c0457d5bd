// *Inzicht*: before anything was asked, in words, as pictures and as tables.
import { signedFlags } from '../pack.mjs';
import { byId } from './page.mjs';

/** The same question twice, and another one: something was asked, and something was kept. */
async function asked(_, place) {
  for (const term of ['contactverbod', 'contactverbod', 'gebiedsverbod']) await place.draft(term);
}

let serial = 0;

/** Has these experiments in force. */
async function flags(place, experiments) {
  serial += 1;
  await place.call('flags_import', { content: signedFlags(place, serial, experiments) });
}

/** An experiment that this computer is in, with some drafts of it. */
async function trial(_, place) {
  const arms = [
    { name: 'nu', prompt_version: '1', weight: 1 },
    { name: 'kort', prompt_version: '2', weight: 1 },
  ];
  await flags(place, [{ name: 'korte-opdracht', rollout: 100, arms }]);
  // The demonstration takes no part.
  await place.set(({ model }) => (model.model = 'model'));
  for (const term of ['enkelband', 'meldplicht', 'locatieverbod']) await place.draft(term);
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
    name: 'inzicht-proef',
    at: 'inzicht',
    before: trial,
    open: async (page) => {
      await drawn(page);
      await byId(page, 'trial-verdict').waitFor();
    },
    close: async (_, place) => {
      await place.set(({ model }) => (model.model = 'begrip-demo-1'));
      await flags(place, []);
    },
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
