// *Beheer*, as an administrator sees it.
import { byId } from './page.mjs';
import { STATUS, answer, say } from './sharing.mjs';

const SINCE = '2026-11-02T09:00:00Z';
const user = (number, name, role, changed = {}) => ({
  id: `00000000-0000-7000-8000-00000000000${number}`,
  name,
  role,
  email: null,
  signs_in: false,
  person: false,
  tokens: 0,
  closed: false,
  oneself: false,
  since: SINCE,
  ...changed,
});
const USERS = [
  user(1, 'Anna de Vries', 'administrator', { oneself: true, signs_in: true, person: true }),
  user(2, 'Bert Jansen', 'reviewer', { signs_in: true, person: true, email: 'bert@om.example' }),
  user(3, 'C. van den Heuvel-Oosterhuis', 'author', {
    person: true,
    email: 'c.van.den.heuvel-oosterhuis@arrondissement.om.example',
  }),
  user(4, 'koppeling zaaksysteem', 'author', { tokens: 2 }),
  user(5, 'D. Smit', 'reader', { signs_in: true, person: true, closed: true }),
];
const token = (number, changed) => ({
  id: `00000000-0000-4000-8000-00000000000${number}`,
  user: 'koppeling zaaksysteem',
  by: 'Anna de Vries',
  since: SINCE,
  until: '2027-01-31T09:00:00Z',
  holds: true,
  revoked: false,
  ...changed,
});
const spent = (calls, tokens, euro) => ({ calls, tokens, euro });
const record = (id, by, act, about, was, became) => ({
  id,
  at: SINCE,
  by,
  act,
  about,
  was,
  became,
});

const ANSWERS = {
  sync_status: { ...STATUS, administers: true },
  sync_conflicts: [],
  admin_users: USERS,
  admin_organisations: [
    { name: 'DJI', title: 'Dienst Justitiële Inrichtingen' },
    { name: 'OM', title: 'Openbaar Ministerie' },
    { name: 'Rechtspraak', title: 'Rechtspraak' },
  ],
  admin_tokens: [
    token(1, {}),
    token(2, { by: '', until: null }),
    token(3, { holds: false, revoked: true }),
  ],
  admin_token_make: {
    id: '00000000-0000-4000-8000-000000000009',
    secret: `begrip_${'1a'.repeat(16)}_${'9f'.repeat(32)}`,
  },
  admin_quota: {
    budget: { day_tokens: 200_000, month_tokens: 4_000_000, day_euro: null, month_euro: 100 },
    own: { day_tokens: 50_000, month_tokens: null, day_euro: null, month_euro: null },
    day: spent(12, 8_400, 0.42),
    month: spent(310, 240_100, 12.5),
    users: [
      { name: 'Bert Jansen', day: spent(10, 8_000, 0.4), month: spent(300, 240_000, 12.49) },
      { name: '', day: spent(2, 400, 0.02), month: spent(10, 100, 0.01) },
    ],
  },
  admin_published: [
    {
      kind: 'pack',
      version: '2026.2',
      percent: 25,
      signer: 'onderhoud',
      everyone: true,
      since: SINCE,
    },
    { kind: 'flags', version: '3', percent: 0, signer: 'OM', everyone: false, since: SINCE },
  ],
  admin_log: {
    records: [
      record(9, 'Anna de Vries', 'token_revoked', 'koppeling zaaksysteem', token(3).id, null),
      record(8, 'Anna de Vries', 'token_made', 'koppeling zaaksysteem', null, token(3).id),
      record(7, 'Anna de Vries', 'closed', 'D. Smit', null, null),
      record(6, 'Anna de Vries', 'role_changed', 'Bert Jansen', 'author', 'reviewer'),
      record(5, 'Anna de Vries', 'own_bound', 'day_tokens', null, '50000'),
      record(4, '', 'budget', 'month_euro', '50', '100'),
      record(3, '', 'user_added', 'Anna de Vries', null, 'administrator'),
      record(2, '', 'domain_added', 'om.example', null, null),
    ],
    more: true,
  },
};

/** A part of the screen as it is when the server told this. */
const part = (name, at, open, told = {}) => ({
  name: `beheer-${name}`,
  at: `beheer/${at}`,
  before: async (page) => {
    for (const [command, json] of Object.entries({ ...ANSWERS, ...told })) {
      await answer(page, command, json);
    }
  },
  open,
  close: (page) => page.unrouteAll(),
});

const ready = (id) => (page) => byId(page, id).first().waitFor();
const TAKEN = {
  code: 'BG-843',
  message: say('Er is al een gebruiker met deze naam.', 'There is a user with this name already.'),
  action: say('Kies een andere naam.', 'Choose another name.'),
  detail: '',
};

const ELSEWHERE = {
  code: 'BG-851',
  message: say(
    'Dit e-mailadres is niet van een e-maildomein van uw organisatie.',
    'This e-mail address is in no e-mail domain of your organisation.',
  ),
  action: say(
    'Gebruik een adres van uw eigen organisatie, of vraag wie de server bedient om het domein toe te voegen.',
    'Use an address of your own organisation, or ask whoever operates the server to add the domain.',
  ),
  detail: '',
};

export const ADMINISTRATION = [
  part('geen-beheerder', '', ready('admin-sign-in'), { sync_status: STATUS }),
  part('gebruikers', 'gebruikers', ready('admin-organisations')),
  part('toevoegen', 'gebruikers', async (page) => {
    await page.route('**/api/call/admin_user_add', (route) =>
      route.fulfill({ status: 409, json: TAKEN }),
    );
    await byId(page, 'admin-add').click();
    await byId(page, 'admin-name').fill('Bert Jansen');
    await byId(page, 'admin-keep').click();
    await page.locator('dialog[open] [role=alert]').waitFor();
  }),
  part('uitnodigen', 'gebruikers', async (page) => {
    await page.route('**/api/call/admin_user_add', (route) =>
      route.fulfill({ status: 409, json: ELSEWHERE }),
    );
    await byId(page, 'admin-add').click();
    await byId(page, 'admin-name').fill('Carla de Wit');
    await byId(page, 'admin-email').fill('carla@dji.example');
    await byId(page, 'admin-keep').click();
    await page.locator('dialog[open] [role=alert]').waitFor();
  }),
  part('afsluiten', 'gebruikers', async (page) => {
    await byId(page, 'admin-close').first().click();
    await byId(page, 'admin-sure').waitFor();
  }),
  part('sleutels', 'sleutels', ready('admin-token')),
  part('sleutel-gemaakt', 'sleutels', async (page) => {
    await byId(page, 'admin-token-make').click();
    await byId(page, 'admin-secret').waitFor();
  }),
  part('verbruik', 'verbruik', ready('admin-quota-users')),
  part('regels', 'regels', ready('admin-releases')),
  part('logboek', 'logboek', ready('admin-log-more')),
];
