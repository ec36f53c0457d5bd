// Every screen in every state in which a user may meet it. Each entry brings the page there.
const byId = (page, id) => page.getByTestId(id);

async function search(page, text) {
  await byId(page, 'search-input').fill(text);
}

async function ask(page, term) {
  await byId(page, 'compose-term').fill(term);
  await page.locator('[data-testid="outgoing"] dl').waitFor();
}

async function start(page, term) {
  await ask(page, term);
  await byId(page, 'compose-start').click();
}

const section = (name, ready) => ({
  name: `instellingen-${name}`,
  at: `instellingen/${name}`,
  open: async (page, place) => {
    await page.locator('h1').waitFor();
    await ready?.(page, place);
  },
});

export const STATES = [
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
  {
    name: 'begrip',
    at: 'zoeken',
    open: async (page) => {
      await search(page, 'verdachte');
      await byId(page, 'search-hit').first().click();
      await page.locator('summary h2').click();
      await page.locator('ol li h3').first().waitFor();
    },
  },
  {
    name: 'begrip-weg',
    at: 'begrip/00000000-0000-7000-8000-000000000000',
    open: (page) => page.locator('.alert').waitFor(),
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
  section('taalmodel', async (page) => {
    await byId(page, 'settings-test').click();
    await byId(page, 'check-answer').waitFor();
  }),
  {
    name: 'instellingen-taalmodel-fout',
    at: 'instellingen/taalmodel',
    open: async (page) => {
      await byId(page, 'settings-preset').selectOption('azure');
      await byId(page, 'settings-more').locator('summary').click();
      await byId(page, 'settings-save').click();
      await page.locator('[aria-invalid="true"]').first().waitFor();
      await byId(page, 'settings-key-save').click();
    },
  },
  {
    name: 'instellingen-test-mislukt',
    at: 'instellingen/taalmodel',
    open: async (page) => {
      await byId(page, 'settings-base-url').fill('http://127.0.0.1:9/v1');
      await byId(page, 'settings-test').click();
      await page.locator('[data-ok="false"]').waitFor();
    },
    close: (page, place) => place.set(({ model }) => (model.base_url = `${place.model}/v1`)),
  },
  section('kosten', async (page) => {
    await byId(page, 'settings-prompt-tokens').fill('3001');
    await page.keyboard.press('Tab');
    await page.locator('[aria-invalid="true"]').waitFor();
  }),
  section('antwoorden', async (page) => {
    await byId(page, 'cache-disk').waitFor();
  }),
  {
    name: 'instellingen-wissen',
    at: 'instellingen/antwoorden',
    open: async (page) => {
      await byId(page, 'cache-clear-all').click();
      await page.locator('dialog[open]').waitFor();
    },
  },
  section('scherm', async (page) => {
    await page.locator('input[value="largest"]').click();
    await page.locator('[data-testid="settings-saved"] span').waitFor();
    await page.locator('input[value="normal"]').click();
  }),
  section('gebruiker'),
  section('controle', async (page) => {
    await byId(page, 'doctor').click();
    await byId(page, 'check-store').waitFor();
  }),
  section('over', async (page) => {
    await page.locator('[data-rule] summary').first().click();
  }),
  {
    name: 'help',
    at: 'toetsen',
    open: async (page) => {
      await page.keyboard.press('F1');
      await page.locator('dialog[open]').waitFor();
    },
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
