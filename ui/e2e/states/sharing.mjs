// *Delen*, and what the page of a concept says of it.
import { byId } from './page.mjs';

export const STATUS = {
  configured: true,
  address: 'https://begrip.example',
  organisation: 'OM',
  shared: 1240,
  waiting: 2,
  conflicts: 0,
  synced_at: '2026-11-21T13:03:00Z',
  equal_at: '2026-11-21T13:03:00Z',
  error: null,
};

const CONFLICT = {
  id: '00000000-0000-7000-8000-000000000001',
  term: 'verdachte',
  why: 'stale',
  by: 'J. de Vries (Rechtspraak)',
  fields: [
    {
      name: 'definition',
      base: ['persoon die wordt verdacht'],
      mine: ['persoon die van een strafbaar feit wordt verdacht'],
      theirs: ['persoon te wiens aanzien een redelijk vermoeden van schuld bestaat'],
    },
    { name: 'synonyms', base: [], mine: ['beklaagde'], theirs: [] },
  ],
};

export const say = (nl, en) => ({ nl, en });
const MANY = {
  code: 'BG-809',
  message: say('Er worden erg veel begrippen tegelijk ingetrokken.', 'Very many are withdrawn.'),
  action: say('Vraag uw beheerder of dat klopt.', 'Ask your administrator whether that is right.'),
  detail: '30 / 40',
};

export const answer = (page, command, json) =>
  page.route(`**/api/call/${command}`, (route) => route.fulfill({ json }));

/** The screen as it is when the server told this. */
const told = (name, status, conflicts, ready) => ({
  name: `delen-${name}`,
  at: 'delen',
  before: async (page) => {
    await answer(page, 'sync_status', { ...STATUS, ...status });
    await answer(page, 'sync_conflicts', conflicts);
  },
  open: async (page) => {
    await byId(page, 'sharing-now').waitFor();
    await byId(page, 'status-sync').waitFor();
    await ready?.(page);
  },
  close: (page) => page.unrouteAll(),
});

const NOBODY = {
  server: true,
  by: 'nothing',
  name: '',
  issuer: '',
  account: '',
  organisation: '',
  role: '',
  waits_at: null,
  ended: false,
  notice: null,
};
const ANNA = {
  ...NOBODY,
  by: 'sign_in',
  name: 'Anna de Vries',
  issuer: 'https://aanmelden.example/organisatie',
  account: 'anna',
  organisation: 'OM',
  role: 'author',
};
const SHORT = {
  code: 'BG-839',
  message: say(
    'U bent aangemeld, maar niet voor lang: de dienst waar u zich aanmeldt, laat Begrip uw aanmelding niet verlengen.',
    'You are signed in, but not for long: the service where you sign in does not let Begrip renew your sign-in.',
  ),
  action: say(
    'Meld u opnieuw aan zodra Begrip daarom vraagt, en na elke start. Vraag uw beheerder of de dienst aanmeldingen langer kan laten gelden (offline_access, prompt=consent).',
    'Sign in again as soon as Begrip asks for it, and after each start. Ask your administrator whether the service can let sign-ins last (offline_access, prompt=consent).',
  ),
  detail: '2026-11-21 15:03',
};
const PAGE = `https://aanmelden.example/authorize?state=${'a'.repeat(80)}`;

/** The screen for whom the program knows so. */
const account = (name, who, ready, status = {}) => ({
  name: `delen-${name}`,
  at: 'delen',
  before: async (page) => {
    await answer(page, 'sync_status', { ...STATUS, waiting: 0, ...status });
    await answer(page, 'sync_conflicts', []);
    await answer(page, 'who_am_i', who);
  },
  open: async (page) => {
    await byId(page, 'account-title').waitFor();
    await ready(page);
  },
  close: (page) => page.unrouteAll(),
});

const refused = (page) =>
  page.route('**/api/call/sign_in_begin', (route) =>
    route.fulfill({
      status: 503,
      json: {
        code: 'BG-835',
        message: say('De dienst waar u zich aanmeldt, is niet bereikbaar.', 'It is away.'),
        action: say('Probeer het later opnieuw.', 'Try again later.'),
        detail: '',
      },
    }),
  );

export const SHARING = [
  account('aangemeld', ANNA, (page) => byId(page, 'account-sign-out').waitFor()),
  account('kort', { ...ANNA, notice: SHORT }, (page) =>
    page.locator('[data-testid=account] [role=status]').waitFor(),
  ),
  account('verlopen', { ...ANNA, ended: true }, (page) => byId(page, 'account-sign-in').waitFor()),
  account('aanmelden-browser', { ...NOBODY, waits_at: PAGE }, (page) =>
    byId(page, 'account-stop').waitFor(),
  ),
  account(
    'aanmelden-geweigerd',
    NOBODY,
    async (page) => {
      await refused(page);
      await byId(page, 'account-sign-in').click();
      await page.locator('[role=alert]').first().waitFor();
    },
    { configured: false },
  ),
  {
    name: 'delen-geen-server',
    at: 'delen',
    open: (page) => byId(page, 'sharing-set-up').waitFor(),
  },
  told('gelijk', {}, []),
  told('kiezen', { conflicts: 2 }, [
    CONFLICT,
    { ...CONFLICT, id: 'x', term: 'getuige', why: 'deleted', by: '' },
  ]),
  told('veel-ingetrokken', { error: MANY }, [], (page) => byId(page, 'sharing-accept').waitFor()),
  {
    // The real program, with a server that is not there.
    name: 'begrip-delen',
    at: 'zoeken',
    open: async (page, place) => {
      await place.set(({ server }) => (server.url = 'http://127.0.0.1:9'));
      await place.call('server_token', { key: `begrip_${'a'.repeat(16)}_${'b'.repeat(43)}` });
      const { hits } = await place.call('search', { query: 'verdachte' });
      const { concept } = await place.call('concept_get', { id: hits[0].id });
      const fields = { ...concept, term: `gedeelde proef ${Date.now()}` };
      const kept = await place.call('concept_save', {
        fields,
        reason: '',
        accept_duplicate: true,
      });
      const { id } = kept.view.concept;
      await page.evaluate((id) => (location.hash = `#/begrip/${id}`), id);
      await byId(page, 'concept-share').click();
      await page.getByLabel(/deze organisaties|these organisations/u).click();
      await byId(page, 'share-sure').click();
      await page.locator('dialog[open] [role=alert]').waitFor();
      await byId(page, 'share-organisations').fill('CJIB');
      await page.keyboard.press('Enter');
      await byId(page, 'share-sure').click();
      await byId(page, 'concept-sharing').getByText('CJIB').waitFor();
      await byId(page, 'concept-share').click();
    },
    close: async (page, place) => {
      await place.set(({ server }) => (server.url = ''));
      await place.call('server_token', { key: '' });
    },
  },
];
