// *Te beoordelen*, and what the page of a concept says of its review.
import { byId } from './page.mjs';

const at = '2026-11-21T13:03:00Z';
const signed = (by, organisation, reason = '') => ({ by, organisation, at, reason });
const PROPOSAL = {
  id: '00000000-0000-7000-8000-000000000001',
  asks: 'replace',
  text: 'ab',
  term: 'gebiedsgebod',
  context: { organisations: [], legal_areas: [], statutory_bases: [] },
  category: null,
  definition: 'gebod van de rechter om zich in een bepaald gebied te bevinden',
  explanation: 'Het gebod kan met elektronisch toezicht worden gecontroleerd.',
  before: 'gebod om in een gebied te blijven',
  proposed: signed('Anna', 'OM', 'voor de hele keten'),
  pack: '1.0.0',
  failing: [{ rule: 'CON-01', blocking: true, reason: 'De context staat in de tekst.' }],
  model: 'voorbeeldmodel',
  comments: [{ field: 'definition', said: signed('Bert', 'Rechtspraak', 'noem de duur') }],
  returned: null,
  own: false,
  decide: 'yes',
};
const INBOX = {
  configured: true,
  account: 'Bert',
  organisation: 'Rechtspraak',
  role: 'reviewer',
  waiting: [PROPOSAL, { ...PROPOSAL, id: 'b', term: 'locatieverbod', decide: 'own', own: true }],
  returned: [
    { ...PROPOSAL, id: 'c', term: 'reclassering', returned: signed('Carla', 'DJI', 'te ruim') },
  ],
  steps: [
    { id: 'd', term: 'vonnis', step: 'accept', at, problem: 'own_text', rules: [] },
    { id: 'e', term: 'arrest', step: 'propose', at, problem: null, rules: [] },
  ],
};

const told = (name, inbox, ready) => ({
  name: `beoordelen-${name}`,
  at: 'beoordelen',
  before: (page) =>
    page.route('**/api/call/review_inbox', (route) =>
      route.fulfill({ json: { ...INBOX, ...inbox } }),
    ),
  open: async (page) => {
    await byId(page, 'review-waiting').waitFor();
    await ready?.(page);
  },
  close: (page) => page.unrouteAll(),
});

const ENTRY = {
  version: 1,
  act: 'proposed',
  signature: signed('Anna', 'OM', 'voor de hele keten'),
  role: 'author',
  from: 'in_preparation',
  to: 'proposed',
  fields: ['definition'],
  packs: ['1.0.0'],
  failing: PROPOSAL.failing,
  model: 'voorbeeldmodel (prompt 2)',
  hash: 'ab'.repeat(32),
};
const STANDING = {
  possible: true,
  with: { with: 'chain' },
  owner: 'OM',
  by: 'Anna',
  waiting: 0,
  conflict: false,
};

export const REVIEW = [
  {
    name: 'begrip-beoordelen',
    at: 'zoeken',
    before: async (page) => {
      const answer = (command, json) =>
        page.route(`**/api/call/${command}`, (route) => route.fulfill({ json }));
      await answer('concept_sharing', STANDING);
      await answer('review_trail', [ENTRY, { ...ENTRY, hash: 'cd'.repeat(32), act: 'accepted' }]);
    },
    open: async (page, place) => {
      const { hits } = await place.call('search', { query: 'verdachte' });
      await page.evaluate((id) => (location.hash = `#/begrip/${id}`), hits[0].id);
      await byId(page, 'review-trail').locator('summary').click();
      await byId(page, 'trail-html').waitFor();
    },
    close: (page) => page.unrouteAll(),
  },
  {
    name: 'beoordelen-geen-server',
    at: 'beoordelen',
    open: (page) => byId(page, 'review-set-up').waitFor(),
  },
  told('leeg', { waiting: [], returned: [], steps: [] }),
  told('wacht', {}, async (page) => {
    // Words are asked for before anything is sent.
    await byId(page, 'proposal-reject').first().click();
    await page.locator('[aria-invalid=true]').waitFor();
  }),
];
