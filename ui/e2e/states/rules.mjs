// *Regels*: the list, one rule, and the rule packs.
import { signedPack } from '../pack.mjs';
import { byId } from './page.mjs';

const OTHER = '2026.2-proef';

/** The versions of the rules: the built-in one in force, and another one that the user brought in. */
async function twoPacks(place) {
  const packs = await place.call('packs_list');
  if (packs.some(({ version }) => version === OTHER)) return back(place);
  const content = await signedPack(place, (pack) => {
    pack.version = OTHER;
    pack.changelog = ['Een lidwoord aan het begin mag.', 'De uitleg bij STR-01 is korter.'];
    pack.rules = pack.rules.filter(({ id }) => id !== 'ARAI-06');
    const rule = pack.rules.find(({ id }) => id === 'STR-01');
    rule.title = 'Begint met het ruimere begrip';
    rule.level = 'serious';
  });
  await place.call('pack_import', { content });
  await place.call('concept_save', {
    fields: {
      term: 'proefvonnis',
      synonyms: [],
      context: { organisations: [], legal_areas: ['strafrecht'], statutory_bases: [] },
      category: 'type',
      definition: 'een schriftelijke beslissing van een rechtbank in een strafzaak',
      explanation: '',
      examples: [],
      counter_examples: [],
      citations: [],
      notes: '',
    },
    reason: '',
    accept_duplicate: true,
  });
}

/** The built-in version is in force again. */
async function back(place) {
  const packs = await place.call('packs_list');
  const { version } = packs.find(({ origin }) => origin === 'built_in');
  await place.call('pack_activate', { version });
}

const tryText = async (page, text) => {
  await byId(page, 'try-text').fill(text);
  await page.locator('[data-outcome]').waitFor();
};

async function impact(page) {
  await page.locator(`[data-version="${OTHER}"]`).getByTestId('pack-activate').click();
  await byId(page, 'impact-concept').first().waitFor();
}

const packs = (name, open, close) => ({
  name: `regels-${name}`,
  at: 'regels/pakketten',
  before: (_, place) => twoPacks(place),
  open: async (page, place) => {
    await byId(page, 'compare-changed').waitFor();
    await open?.(page, place);
  },
  close,
});

export const RULES = [
  { name: 'regels-lijst', at: 'regels', open: (page) => byId(page, 'rule').first().waitFor() },
  {
    name: 'regels-gezocht',
    at: 'regels',
    open: async (page) => {
      await byId(page, 'rules-search').fill('lidwoord');
      await byId(page, 'rules-level').selectOption('blocking');
      await page.keyboard.press('Tab');
      await byId(page, 'rule').first().waitFor();
    },
  },
  {
    name: 'regels-niets',
    at: 'regels',
    open: async (page) => {
      await byId(page, 'rules-search').fill('xyzzy');
      await byId(page, 'rules-reset').waitFor();
    },
  },
  {
    name: 'regels-fout',
    at: 'regels',
    before: (page) =>
      page.route('**/api/call/rules_list', (route) => route.fulfill({ status: 500, json: {} })),
    open: (page) => byId(page, 'rules-retry').waitFor(),
    close: (page) => page.unroute('**/api/call/rules_list'),
  },
  { name: 'regel', at: 'regels/STR-01', open: (page) => byId(page, 'rule-page').waitFor() },
  {
    name: 'regel-gebroken',
    at: 'regels/ARAI-06',
    open: async (page) => {
      await tryText(page, 'Een 👩🏽 persoon die in een strafzaak terechtstaat');
      await byId(page, 'try-fix').waitFor();
    },
  },
  {
    name: 'regel-gevolgd',
    at: 'regels/ARAI-06',
    open: (page) => tryText(page, 'persoon die in een strafzaak terechtstaat'),
  },
  {
    name: 'regel-voorbeeld',
    at: 'regels/CON-01',
    open: async (page) => {
      await byId(page, 'example-bad').first().getByTestId('example-try').click();
      await page.locator('[data-outcome="fail"]').waitFor();
    },
  },
  {
    name: 'regel-te-lang',
    at: 'regels/STR-01',
    open: async (page) => {
      await byId(page, 'try-text').fill('é'.repeat(20_001));
      await page.locator('.field .error').waitFor();
    },
  },
  { name: 'regel-onbekend', at: 'regels/XXX-99', open: (page) => page.locator('.empty').waitFor() },
  {
    name: 'regels-andere-versie',
    at: `regels?versie=${OTHER}`,
    before: (_, place) => twoPacks(place),
    open: (page) => byId(page, 'other-version').waitFor(),
  },
  packs('pakketten'),
  packs('vergeleken', async (page) => {
    await byId(page, 'compare-from').selectOption({ index: 0 });
    await byId(page, 'compare-to').selectOption({ index: 0 });
    await byId(page, 'compare-changed').waitFor({ state: 'detached' });
  }),
  packs('gevolgen', impact),
  packs('zeker-weten', async (page) => {
    await impact(page);
    await byId(page, 'impact-activate').click();
    await page.locator('dialog[open]').waitFor();
  }),
  packs(
    'actief-gemaakt',
    async (page) => {
      await impact(page);
      await byId(page, 'impact-activate').click();
      await byId(page, 'activate-sure').click();
      await byId(page, 'packs-said').filter({ hasText: OTHER }).waitFor();
    },
    (_, place) => back(place),
  ),
  packs('geweigerd', async (page, place) => {
    const { content } = await place.call('pack_export', { version: OTHER });
    const buffer = Buffer.from(content.replace('Een lidwoord', 'Geen lidwoord'));
    const file = { name: 'regels.json', mimeType: 'application/json', buffer };
    await byId(page, 'import-file').setInputFiles(file);
    await byId(page, 'import').locator('.alert').waitFor();
  }),
];
