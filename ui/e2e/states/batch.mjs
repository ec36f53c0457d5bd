// *Reeks*: a file of terms, its progress and its results; drafts that wait for the network.
import { byId } from './page.mjs';

const file = (text, name = 'termen.csv') => ({
  name,
  mimeType: 'text/csv',
  buffer: Buffer.from(text),
});

const TERMS =
  'term;organisatie;categorie;opmerking\nvonnis;OM;resultaat;x\n;OM;;\nVonnis;OM;resultaat;\narrest;;iets;\n';

/** No batch is left. */
async function none(place) {
  for (const { id, state } of await place.call('job_list')) {
    const over = state === 'done' || state === 'cancelled';
    if (!over) await place.call('job_act', { id, action: 'cancel' });
    await place.call('job_remove', { id });
  }
}

async function make(place, text, name = 'termen.csv') {
  const content = Buffer.from(text).toString('base64');
  return place.call('job_create', { file: { name, content }, start: true });
}

async function settled(place, id, so) {
  for (;;) {
    const job = await place.call('job_get', { id });
    if (so(job)) return job;
    await new Promise((done) => setTimeout(done, 50));
  }
}

const address = (place, url) => place.set(({ model }) => (model.base_url = url));
const putBack = async (_, place) => {
  await none(place);
  await address(place, `${place.model}/v1`);
};

export const BATCH = [
  {
    name: 'reeks-leeg',
    at: 'reeks',
    before: (_, place) => none(place),
    open: (page) => page.locator('.empty').waitFor(),
  },
  {
    name: 'reeks-gelezen',
    at: 'reeks',
    open: async (page) => {
      await byId(page, 'batch-file').setInputFiles(file(TERMS));
      await byId(page, 'batch-faults').waitFor();
    },
  },
  {
    name: 'reeks-geweigerd',
    at: 'reeks',
    open: async (page) => {
      await byId(page, 'batch-file').setInputFiles(file('%PDF-1.7'));
      await page.locator('[role="alert"]').waitFor();
    },
  },
  {
    name: 'reeks-bezig',
    at: 'reeks',
    before: async (_, place) => {
      await none(place);
      await place.behave('reekswacht', { kind: 'hang' });
      const { id } = await make(place, 'term\nreeksgang\nreekswacht\n');
      await settled(place, id, (job) => job.done === 1);
    },
    open: (page) => byId(page, 'batch-pause').waitFor(),
    close: putBack,
  },
  {
    name: 'reeks-onbereikbaar',
    at: 'reeks',
    before: async (_, place) => {
      await none(place);
      await address(place, 'http://127.0.0.1:9/v1');
      const { id } = await make(place, 'term\nreeksver\n');
      await settled(place, id, (job) => job.halt !== null);
    },
    open: async (page) => {
      await byId(page, 'batch-go').or(byId(page, 'batch-pause')).first().waitFor();
      await byId(page, 'batch-file').setInputFiles(file(TERMS));
      await byId(page, 'batch-offline').waitFor();
    },
    close: putBack,
  },
  {
    name: 'reeks-resultaten',
    at: 'reeks',
    before: async (_, place) => {
      await none(place);
      await place.behave('reeksfout', { kind: 'content_filter' });
      const { id } = await make(
        place,
        'term;categorie\nreeksgoed;\nreeksfout;\nreeksgoed;\nx;iets\n',
      );
      await settled(place, id, (job) => job.state === 'done');
    },
    open: async (page) => {
      await byId(page, 'batch-open').first().click();
      await byId(page, 'result').first().waitFor();
    },
    close: putBack,
  },
  {
    name: 'reeks-verwijderen',
    at: 'reeks',
    before: async (_, place) => {
      const { id } = await make(place, 'term\nreeksgoed\n');
      await settled(place, id, (job) => job.state === 'done');
    },
    open: async (page) => {
      await byId(page, 'batch-remove').first().click();
      await page.locator('dialog[open]').waitFor();
    },
    close: putBack,
  },
  {
    name: 'reeks-onbekend',
    at: 'reeks/weg',
    open: (page) => page.locator('[role="alert"]').waitFor(),
  },
  {
    name: 'reeks-laden',
    at: 'reeks',
    before: (page) => page.route('**/api/call/job_list', () => {}),
    open: (page) => page.locator('.loading').waitFor(),
    close: (page) => page.unrouteAll(),
  },
  {
    name: 'opstellen-wachtrij',
    at: 'opstellen',
    before: async (_, place) => {
      await address(place, 'http://127.0.0.1:9/v1');
      await place.call('model_test');
    },
    open: async (page) => {
      await byId(page, 'compose-term').fill('reekswachtrij');
      await byId(page, 'compose-queue').click();
      await byId(page, 'compose-queued').waitFor();
    },
    close: putBack,
  },
  {
    name: 'reeks-wachtrij-klaar',
    at: 'zoeken',
    before: async (_, place) => {
      const { id } = await place.call('draft_queue', { term: 'reeksklaar' });
      await settled(place, id, (job) => job.done === 1);
    },
    open: async (page) => {
      await byId(page, 'queue-open').click();
      await byId(page, 'result-dismiss').waitFor();
    },
    close: putBack,
  },
];
