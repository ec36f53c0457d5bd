// *Opstellen*, from the question to the text.
import { byId } from './page.mjs';

async function ask(page, term) {
  await byId(page, 'compose-term').fill(term);
  await page.locator('[data-testid="outgoing"] dl').waitFor();
}

async function start(page, term) {
  await ask(page, term);
  await byId(page, 'compose-start').click();
}

/** The model's address for a while; `close` puts the right one back. */
const address = (place, url) => place.set(({ model }) => (model.base_url = url));
const putBack = (page, place) => address(place, `${place.model}/v1`);

export const COMPOSE = [
  {
    name: 'opstellen-zonder-model',
    at: 'opstellen',
    before: (page, place) => address(place, ''),
    open: (page) => byId(page, 'model-notice').waitFor(),
    close: putBack,
  },
  {
    name: 'opstellen-onbereikbaar',
    at: 'opstellen',
    before: async (page, place) => {
      await address(place, 'http://127.0.0.1:9/v1');
      await place.call('model_test');
    },
    open: (page) => byId(page, 'model-notice').waitFor(),
    close: putBack,
  },
  {
    name: 'opstellen-leeg',
    at: 'opstellen',
    open: (page) => byId(page, 'compose-term').waitFor(),
  },
  {
    name: 'opstellen-zonder-term',
    at: 'opstellen',
    open: async (page) => {
      await byId(page, 'compose-start').click();
      await page.locator('[aria-invalid="true"]').waitFor();
    },
  },
  {
    name: 'opstellen-vooraf',
    at: 'opstellen',
    open: async (page) => {
      await ask(page, 'verdachte');
      await byId(page, 'duplicates').waitFor();
      await byId(page, 'outgoing-details').locator('summary').click();
      await byId(page, 'context-organisation').fill('om');
      await page.locator('[role="listbox"]:not([hidden]) [role="option"]').first().waitFor();
    },
  },
  {
    name: 'opstellen-pseudonimiseren',
    at: 'opstellen',
    open: async (page) => {
      await byId(page, 'compose-notes').fill(
        'Jan Jansen (BSN 111222333) belde getuige Xander in een rode bestelbus op 06-12345678.',
      );
      await byId(page, 'compose-parties').fill('verdachte: Jan Jansen');
      await ask(page, 'contactverbod');
      await page
        .locator('[data-testid="text-after"]', { hasText: '[verdachte] (BSN [bsn])' })
        .waitFor();
      await byId(page, 'also').fill('rode bestelbus');
      await byId(page, 'also-add').click();
      await page.locator('[data-testid="text-after"]', { hasText: '[weggelaten]' }).waitFor();
      await page.locator('[data-kind="person"] [data-testid="let-out"]').click();
      await page.locator('[data-testid="goes-out"]', { hasText: 'Xander' }).waitFor();
    },
  },
  {
    name: 'opstellen-teruggezet',
    at: 'opstellen',
    open: async (page, place) => {
      const reply = {
        definition: 'verbod om contact te hebben met [verdachte]',
        explanation: 'Dat mag dan niet.',
        examples: [],
        counter_examples: [],
        synonyms: [],
      };
      await place.behave('spreekverbod', { kind: 'text', text: JSON.stringify(reply) });
      await byId(page, 'compose-notes').fill('Jan Jansen belde.');
      await byId(page, 'compose-parties').fill('verdachte: Jan Jansen');
      await start(page, 'spreekverbod');
      await byId(page, 'put-back').waitFor();
    },
  },
  {
    name: 'opstellen-stroomt',
    at: 'opstellen',
    open: async (page, place) => {
      await place.behave('stilstand', { kind: 'hang_mid_stream', after: 30 });
      await start(page, 'stilstand');
      await page.locator('[data-testid="drafting-text"] .definition', { hasText: /\w/ }).waitFor();
    },
    close: async (page) => {
      await byId(page, 'compose-stop').click();
      await byId(page, 'broken-off').waitFor();
    },
  },
  {
    name: 'opstellen-gestopt',
    at: 'opstellen',
    open: async (page, place) => {
      await place.behave('stilstand', { kind: 'hang_mid_stream', after: 30 });
      await start(page, 'stilstand');
      await page.locator('[data-testid="drafting-text"] .definition', { hasText: /\w/ }).waitFor();
      await page.keyboard.press('Escape');
      await byId(page, 'text-so-far').waitFor();
    },
  },
  {
    name: 'opstellen-resultaat',
    at: 'opstellen',
    open: async (page) => {
      await start(page, 'meldplicht bij de balie');
      await byId(page, 'result').waitFor();
      await byId(page, 'finding').first().waitFor();
    },
  },
  {
    name: 'opstellen-versies',
    at: 'opstellen',
    open: async (page, place) => {
      const reply = (definition) => ({
        kind: 'text',
        text: JSON.stringify({
          definition,
          explanation: 'Dat mag dan niet.',
          examples: [],
          counter_examples: [],
          synonyms: [],
        }),
      });
      const chosen = (text) =>
        page.waitForFunction(
          (wanted) => document.querySelector('[data-testid="definition"]')?.value === wanted,
          text,
        );
      await place.behave('parkeerverbod', reply('verbod om een voertuig te laten staan'));
      await start(page, 'parkeerverbod');
      await byId(page, 'result').waitFor();
      await place.behave('parkeerverbod', reply('verbod om te parkeren bij een balie'));
      await byId(page, 'compose-wish').focus();
      await page.keyboard.type('Noem de balie, niet Jan Jansen.');
      await byId(page, 'wish-outgoing').waitFor();
      await byId(page, 'compose-refine').focus();
      await page.keyboard.press('Enter');
      await chosen('verbod om te parkeren bij een balie');
      await byId(page, 'version-choose').focus();
      await page.keyboard.press('Enter');
      await chosen('verbod om een voertuig te laten staan');
      // Survives the window.
      await page.reload();
      await chosen('verbod om een voertuig te laten staan');
      await byId(page, 'compose-wish').fill('Noem Jan Jansen (BSN 111222333) niet.');
      await page
        .locator('[data-testid="wish-part"] [data-testid="text-after"]', { hasText: '[bsn]' })
        .waitFor();
    },
  },
  {
    name: 'opstellen-bevindingen',
    at: 'opstellen',
    open: async (page) => {
      await start(page, 'meldplicht bij de balie');
      await byId(page, 'result').waitFor();
      await byId(page, 'definition').fill('een plicht die niet anders is dan de meldplicht.');
      await page.locator('[data-testid="finding"].blocking').first().waitFor();
    },
  },
  {
    name: 'opstellen-fout',
    at: 'opstellen',
    open: async (page, place) => {
      await place.behave('geweigerd', { kind: 'status', status: 401 });
      await start(page, 'geweigerd');
      await page.locator('[data-testid="broken-off"] .alert').waitFor();
    },
  },
  {
    name: 'opstellen-achtergebleven',
    at: 'opstellen',
    before: async (page, place) => {
      const concepts = [
        ['omgangsverbod met zender', 'verbod voor mevrouw Xanthopoulos om iemand te zien'],
        ['omgangsverbod zonder zender', 'verbod om iemand te zien'],
      ];
      for (const [term, definition] of concepts) {
        await place.call('concept_save', { fields: { term, definition }, accept_duplicate: true });
      }
    },
    open: async (page) => {
      await start(page, 'omgangsverbod');
      await byId(page, 'origin-held-back').waitFor();
      const named = await byId(page, 'origin-held-back').textContent();
      if (!named.includes('omgangsverbod met zender') || named.includes('zonder')) {
        throw new Error(`something else stayed behind: ${named}`);
      }
    },
  },
  {
    name: 'opstellen-categorie-overgenomen',
    at: 'opstellen',
    open: async (page) => {
      await start(page, 'straatverbod');
      await byId(page, 'assumed-take').focus();
      await page.keyboard.press('Enter');
      await byId(page, 'assumed-take').waitFor({ state: 'detached' });
      await byId(page, 'question-toggle').click();
      if ((await byId(page, 'category').inputValue()) !== 'type') throw new Error('no category');
    },
  },
  {
    name: 'opstellen-bestaat-al',
    at: 'opstellen',
    open: async (page, place) => {
      const { hits } = await place.call('search', { query: 'verdachte', limit: 1 });
      const { concept } = await place.call('concept_get', { id: hits[0].id });
      await place.set(({ user }) => (user.own_context = concept.context));
      await page.reload();
      await ask(page, 'verdachte');
      await byId(page, 'compose-self').click();
      await byId(page, 'definition').fill('persoon tegen wie een verdenking bestaat');
      await byId(page, 'compose-keep').click();
      await page.locator('dialog[open]').waitFor();
    },
    close: (page, place) =>
      place.set(({ user }) => {
        user.own_context = { organisations: [], legal_areas: [], statutory_bases: [] };
      }),
  },
];
