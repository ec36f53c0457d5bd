// *Reeks*: a file of terms, its progress and its results; drafts that wait for the network.
import { byId } from './page.mjs';
import { answer, say, STATUS } from './sharing.mjs';

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

const THERE = {
  id: '0198f0c2-7a51-7c3e-9d7e-3f0a5b6c7d8e',
  name: 'termen-zittingszaal.csv',
  model: 'groot',
  state: 'running',
  own: true,
  halt: null,
  ended: null,
  created_at: '2026-11-21T13:03:00Z',
  total: 240,
  queued: 120,
  running: 4,
  done: 113,
  failed: 3,
  questions: 231,
  eta_s: 340,
};
const OVER = { ...THERE, state: 'done', queued: 0, running: 0, done: 237, eta_s: null };
const HALTED = {
  ...THERE,
  id: 'y',
  own: false,
  name: 'overzicht-van-begrippen-voor-de-reclassering-en-de-kinderbescherming.xlsx',
  halt: {
    error: 'insufficient_quota',
    message: 'Uw organisatie heeft haar budget van vandaag gebruikt. Morgen kan het weer.',
    english: "Your organisation's budget of today is spent. Tomorrow it can be asked again.",
    until: '2026-11-22T00:00:00Z',
  },
};
const AWAY = {
  code: 'BG-802',
  message: say('De centrale server is niet bereikbaar.', 'The central server cannot be reached.'),
  action: say('Ga gewoon verder.', 'Just go on.'),
  detail: '',
};
const away = (page, command) =>
  page.route(`**/api/call/${command}`, (route) => route.fulfill({ status: 503, json: AWAY }));

/** *Reeks* where a server is set up, with these batches on it. */
const there = (name, jobs, open) => ({
  name: `reeks-server-${name}`,
  at: 'reeks',
  before: async (page, place) => {
    await none(place);
    await answer(page, 'sync_status', STATUS);
    await answer(page, 'server_job_list', jobs);
  },
  open,
  close: (page) => page.unrouteAll(),
});

const chosen = async (page, text) => {
  await byId(page, 'batch-file').setInputFiles(file(text));
  await page.locator('[data-testid="batch-where"] [value="server"]').check();
};

const row = (number, term, more) => ({
  number,
  same_as: null,
  term,
  context: { organisations: [], legal_areas: [], statutory_bases: [] },
  category: null,
  state: 'done',
  error: null,
  draft: null,
  ...more,
});

export const BATCH = [
  there('lijst', [THERE, HALTED, { ...OVER, id: 'x' }], (page) =>
    byId(page, 'server-again').waitFor(),
  ),
  there('leeg', [], async (page) => {
    await chosen(page, 'term;organisatie\nvonnis;OM\n');
    await byId(page, 'batch-start').waitFor();
  }),
  there('kolommen', [], async (page) => {
    await chosen(page, TERMS);
    await byId(page, 'batch-columns').waitFor();
  }),
  there('stoppen', [THERE], async (page) => {
    await byId(page, 'server-cancel').click();
    await byId(page, 'server-sure').waitFor();
  }),
  there('weg', [THERE], async (page) => {
    await byId(page, 'server-batch').waitFor();
    await away(page, 'server_job_list');
    await away(page, 'server_job_create');
    await chosen(page, 'term\nvonnis\n');
    await byId(page, 'batch-start').click();
    await page.locator('[role="alert"]').waitFor();
    await byId(page, 'server-away').waitFor();
  }),
  {
    name: 'reeks-server-resultaten',
    at: `reeks/${THERE.id}?op=server`,
    before: async (page, place) => {
      const { reply, report } = await place.draft('reeksgang');
      const draft = { reply, report, provenance: { model: 'groot', from: 'miss' } };
      const error = {
        error: 'bad_reply',
        message: 'Het model gaf geen bruikbaar antwoord. Vraag de rij opnieuw.',
        english: 'The model gave no answer of use. Ask for the row again.',
      };
      await answer(page, 'server_job_get', OVER);
      await answer(page, 'server_job_rows', {
        rows: [
          row(2, 'reeksgang', { draft }),
          row(3, 'ReeksGang', { draft, same_as: 2 }),
          row(4, 'vonnis', { state: 'failed', error }),
        ],
        next: 4,
      });
    },
    open: (page) => byId(page, 'result').first().waitFor(),
    close: (page) => page.unrouteAll(),
  },
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
