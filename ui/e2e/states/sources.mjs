// *Bronnen*: laws and decisions, an article, and where they show on other screens.
import { byId } from './page.mjs';

const LAW = 'BWBR0099901';

const text = (day) => `---
bwb: ${LAW}
titel: Proefzakenwet
geldig: ${day}
---
### Hoofdstuk 1
#### Begrippen
### Artikel 1
In deze wet wordt verstaan onder:
a. proefzaak: de zaak waarmee een rechtsvraag wordt beproefd;
b. zittingsrooster: het rooster van de zittingen.
### Artikel 2
1. De rechter kan een proefzaak schorsen.
2. De schorsing duurt kort.
`;

const file = (name, content) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });

/** Two versions of a law are there. */
async function law(place) {
  const files = ['2025-01-01', '2026-01-01'].map((day) => ({
    name: `${day}.md`,
    content: Buffer.from(text(day)).toString('base64'),
  }));
  await place.call('sources_import', { files });
}

/** None is there any more. */
async function none(place) {
  for (const { id } of await place.call('sources_list')) {
    await place.call('source_remove', { source: id });
  }
}

export const SOURCES = [
  {
    name: 'bronnen-leeg',
    at: 'bronnen',
    before: (_, place) => none(place),
    open: (page) => page.locator('.empty').waitFor(),
  },
  {
    name: 'bronnen-ingelezen',
    at: 'bronnen',
    before: (_, place) => none(place),
    open: async (page) => {
      await byId(page, 'sources-file').setInputFiles([
        file('wet.md', text('2026-01-01')),
        file('foto.xml', '<html></html>'),
      ]);
      await page.locator('[data-outcome="refused"]').waitFor();
    },
  },
  {
    name: 'bronnen-gezocht',
    at: 'bronnen',
    before: (_, place) => law(place),
    open: async (page) => {
      await byId(page, 'sources-find').fill('schorsing van proefzaken');
      await byId(page, 'sources-hits').locator('li').first().waitFor();
    },
  },
  {
    name: 'bronnen-verwijderen',
    at: 'bronnen',
    before: (_, place) => law(place),
    open: async (page) => {
      await byId(page, 'source-remove').first().click();
      await page.locator('dialog[open]').waitFor();
    },
  },
  {
    name: 'bronnen-storing',
    at: 'bronnen',
    before: (page) => page.route('**/api/call/sources_list', (route) => route.abort()),
    open: (page) => page.locator('.alert').waitFor(),
    close: (page) => page.unrouteAll(),
  },
  {
    name: 'bronnen-artikel',
    at: `bronnen/${LAW}?artikel=2`,
    before: (_, place) => law(place),
    open: (page) => byId(page, 'article').waitFor(),
  },
  {
    name: 'bronnen-niet-op-die-dag',
    at: `bronnen/${LAW}?artikel=2&datum=2020-01-01`,
    before: (_, place) => law(place),
    open: (page) => page.locator('.alert').waitFor(),
  },
  {
    name: 'bronnen-bij-een-begrip',
    at: 'zoeken',
    before: (_, place) => law(place),
    open: async (page) => {
      await byId(page, 'search-input').fill('zittingsrooster');
      await byId(page, 'search-hit').first().waitFor();
      await page.keyboard.press('Enter');
      await byId(page, 'cited-article').locator('summary').first().click();
    },
  },
  {
    name: 'bronnen-bij-een-concept',
    at: 'opstellen',
    before: async (_, place) => {
      await law(place);
      const reply = {
        definition: 'besluit van een rechter om een zaak tijdelijk stil te leggen',
        explanation: 'Zie artikel 2 van de Proefzakenwet en artikel 9 van de Droomwet.',
        examples: [],
        counter_examples: [],
        synonyms: [],
      };
      await place.behave('schorsing', { kind: 'text', text: JSON.stringify(reply) });
    },
    open: async (page) => {
      await byId(page, 'compose-term').fill('schorsing');
      await page.locator('[data-testid="outgoing"] dl').waitFor();
      await byId(page, 'compose-start').click();
      await byId(page, 'cited').waitFor();
    },
    close: (_, place) => none(place),
  },
];
