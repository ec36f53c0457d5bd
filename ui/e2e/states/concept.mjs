// The page of a concept, *Mijn begrippen* and the editor.
import { byId } from './page.mjs';

const FIELDS = {
  term: 'proefbegrip',
  synonyms: ['toetsbegrip'],
  context: { organisations: ['OM'], legal_areas: ['strafrecht'], statutory_bases: [] },
  category: 'type',
  definition: 'begrip dat bij een proef wordt gebruikt',
  explanation: 'Om te zien hoe het scherm eruitziet.',
  examples: ['Een begrip in een proef.'],
  counter_examples: [],
  citations: [
    { source: 'Wetboek van Strafvordering', article: '27', paragraph: '1', address: null },
  ],
  notes: 'Nog navragen.',
};

/** A concept of the user's own, with a second version. */
async function own(place, term) {
  const kept = await place.call('concept_save', {
    fields: { ...FIELDS, term },
    reason: 'eerste tekst',
    accept_duplicate: true,
  });
  return change(place, kept.view.concept, { definition: 'begrip dat een proef nodig heeft' });
}

/** The next version of a concept. */
async function change(place, { id, version }, fields) {
  const { concept } = await place.call('concept_get', { id });
  const all = Object.fromEntries(Object.keys(FIELDS).map((name) => [name, concept[name]]));
  const kept = await place.call('concept_save', {
    id,
    base_version: version,
    fields: { ...all, ...fields },
    reason: 'preciezer',
    accept_duplicate: true,
  });
  return kept.view.concept;
}

async function edit(page, place, term) {
  const concept = await own(place, term);
  await page.evaluate((id) => (location.hash = `#/mijn/${id}`), concept.id);
  await byId(page, 'edit-term').waitFor();
  return concept;
}

/** The history of a concept that a model drafted, with what was asked and answered. */
async function asked(page, place, term, notes) {
  const { draft_id, reply } = await place.draft(term, notes);
  const kept = await place.call('concept_save', {
    fields: { ...FIELDS, term, definition: reply.definition },
    draft_id,
    reason: '',
    accept_duplicate: true,
  });
  const { id } = kept.view.concept;
  await page.evaluate((id) => (location.hash = `#/begrip/${id}`), id);
  for (const part of ['history', 'exchange']) {
    const summary = byId(page, part).locator('summary').first();
    await summary.focus();
    await page.keyboard.press('Enter');
  }
  return id;
}

export const CONCEPT = [
  {
    name: 'begrip-gevraagd',
    at: 'zoeken',
    open: async (page, place) => {
      await place.behave('proef met herstel', { kind: 'faulty_then_repaired' });
      const id = await asked(page, place, 'proef met herstel');
      await byId(page, 'exchange-turn').nth(1).waitFor();
      // What stands there is what the model got, to the letter.
      const shown = await byId(page, 'message').evaluateAll((all) =>
        all.filter(({ dataset }) => dataset.role !== 'assistant').map((one) => one.textContent),
      );
      const { turns } = await place.call('concept_exchange', { id });
      const log = await place.calls();
      const sent = turns
        .map(({ request_id }) => log.find((call) => call.request_id === request_id))
        .flatMap(({ body }) => body.messages.map(({ content }) => content));
      if (JSON.stringify(shown) !== JSON.stringify(sent)) throw new Error('another exchange');
    },
  },
  {
    name: 'begrip-gevraagd-met-notities',
    at: 'zoeken',
    open: async (page, place) => {
      await asked(page, place, 'proef met notities', 'De buurman riep iets.');
      await byId(page, 'exchange-why').waitFor();
    },
  },
  {
    name: 'begrip-gevraagd-fout',
    at: 'zoeken',
    open: async (page, place) => {
      await page.route('**/api/call/concept_exchange', (route) =>
        route.fulfill({ status: 500, json: {} }),
      );
      await asked(page, place, 'proef met fout');
      await byId(page, 'exchange').locator('.alert').waitFor();
    },
    close: (page) => page.unroute('**/api/call/concept_exchange'),
  },
  {
    name: 'begrip',
    at: 'zoeken',
    open: async (page, place) => {
      const { id } = await own(place, 'proef met geschiedenis');
      await page.evaluate((id) => (location.hash = `#/begrip/${id}`), id);
      await byId(page, 'history').locator('summary').click();
      await page.locator('ins').first().waitFor();
    },
  },
  {
    name: 'begrip-geldt-niet-meer',
    at: 'zoeken',
    open: async (page, place) => {
      const concept = await own(place, 'proef met geldigheid');
      const validity = { from: '2020-01-01', until: '2024-12-31' };
      const { id } = await change(place, concept, { validity });
      await byId(page, 'search-input').fill('proef met geldigheid');
      await byId(page, 'search-hit').first().locator('[data-testid="out-of-force"]').waitFor();
      await page.evaluate((id) => (location.hash = `#/begrip/${id}`), id);
      await byId(page, 'out-of-force').waitFor();
    },
  },
  {
    name: 'bewerken-geldigheid',
    at: 'zoeken',
    open: async (page, place) => {
      await edit(page, place, 'proef met dagen');
      await byId(page, 'valid-from').fill('2026-07-01');
      await byId(page, 'valid-until').fill('2026-06-30');
      await page.locator('input[aria-invalid="true"]').waitFor();
    },
  },
  {
    name: 'begrip-startset',
    at: 'zoeken',
    open: async (page) => {
      await byId(page, 'search-input').fill('verdachte');
      await byId(page, 'search-hit').first().click();
      await byId(page, 'history').waitFor();
    },
  },
  {
    name: 'begrip-intrekken',
    at: 'zoeken',
    open: async (page, place) => {
      const { id } = await own(place, 'proef om in te trekken');
      await page.evaluate((id) => (location.hash = `#/begrip/${id}`), id);
      await byId(page, 'concept-withdraw').click();
      await page.locator('dialog[open]').waitFor();
    },
  },
  {
    name: 'begrip-weg',
    at: 'begrip/00000000-0000-7000-8000-000000000000',
    open: (page) => page.locator('.alert').waitFor(),
  },
  {
    name: 'mijn-leeg',
    at: 'mijn',
    before: (page) =>
      page.route('**/api/call/concept_list', (route) =>
        route.fulfill({ json: { rows: [], total: 0 } }),
      ),
    open: (page) => page.locator('.empty').waitFor(),
    close: (page) => page.unroute('**/api/call/concept_list'),
  },
  {
    name: 'mijn-fout',
    at: 'mijn',
    before: (page) =>
      page.route('**/api/call/concept_list', (route) => route.fulfill({ status: 500, json: {} })),
    open: (page) => byId(page, 'mine-retry').waitFor(),
    close: (page) => page.unroute('**/api/call/concept_list'),
  },
  {
    name: 'mijn-lijst',
    at: 'mijn',
    before: async (page, place) => {
      await own(place, 'proef in de lijst');
      const content = JSON.stringify({ term: 'onbewaard', text: 'tekst die nog niet bewaard is' });
      await place.call('buffer_save', { key: 'check', content });
    },
    open: async (page) => {
      await byId(page, 'mine-row').first().waitFor();
      await byId(page, 'unsaved').waitFor();
    },
  },
  {
    name: 'mijn-weggooien',
    at: 'mijn',
    before: async (page, place) => {
      const content = JSON.stringify({ term: 'onbewaard', text: 'tekst die nog niet bewaard is' });
      await place.call('buffer_save', { key: 'check', content });
    },
    open: async (page) => {
      await byId(page, 'unsaved-discard').click();
      await page.locator('dialog[open]').waitFor();
    },
  },
  {
    name: 'mijn-niets-gevonden',
    at: 'mijn',
    open: async (page) => {
      await byId(page, 'mine-text').fill('xyzzy');
      await page.locator('.empty').waitFor();
    },
  },
  {
    name: 'bewerken',
    at: 'zoeken',
    open: async (page, place) => {
      await edit(page, place, 'proef om te bewerken');
      await byId(page, 'definition').fill('Een begrip dat niet goed is.');
      await page.locator('[data-testid="finding"].blocking').first().waitFor();
    },
  },
  {
    name: 'bewerken-vergelijken',
    at: 'zoeken',
    open: async (page, place) => {
      const concept = await edit(page, place, 'proef om te vergelijken');
      await byId(page, 'definition').fill('begrip dat hier is gewijzigd');
      await change(place, concept, { definition: 'begrip dat elders is gewijzigd' });
      await byId(page, 'edit-keep').click();
      await byId(page, 'compare-heading').waitFor();
    },
  },
  {
    name: 'bewerken-vast',
    at: 'zoeken',
    open: async (page, place) => {
      const { id, version } = await own(place, 'proef die is ingetrokken');
      const status = { id, base_version: version, status: 'withdrawn', reason: 'proef' };
      await place.call('concept_status', status);
      await page.evaluate((id) => (location.hash = `#/mijn/${id}`), id);
      await byId(page, 'edit-locked').waitFor();
    },
  },
  {
    name: 'bewerken-weg',
    at: 'mijn/00000000-0000-7000-8000-000000000000',
    open: (page) => byId(page, 'edit-retry').waitFor(),
  },
];
