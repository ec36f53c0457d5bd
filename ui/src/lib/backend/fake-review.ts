/** Review in unit tests. */
import type * as T from './generated';

const AT = '2026-11-21T13:03:00Z';

export const PROPOSAL: T.ProposalView = {
  id: '01890000-0000-7000-8000-000000000001',
  asks: 'establish',
  text: 'ab'.repeat(32),
  term: 'gebiedsgebod',
  context: { organisations: [], legal_areas: ['Strafrecht'], statutory_bases: [] },
  category: null,
  definition: 'gebod van de rechter om zich in een bepaald gebied te bevinden',
  explanation: '',
  before: null,
  validity: {},
  validity_before: null,
  proposed: { by: 'Anna', organisation: 'OM', at: AT, reason: 'voor de hele keten' },
  pack: '1.0.0',
  failing: [],
  model: '',
  comments: [],
  returned: null,
  own: false,
  decide: 'yes',
};

export const INBOX: T.ReviewInbox = {
  configured: true,
  account: 'Bert',
  organisation: 'Rechtspraak',
  role: 'reviewer',
  waiting: [PROPOSAL],
  returned: [],
  steps: [],
};

export const TRAIL: T.TrailEntry[] = [
  {
    version: 1,
    act: 'made',
    signature: { by: 'Anna', organisation: 'OM', at: AT, reason: '' },
    role: 'author',
    from: '',
    to: 'in_preparation',
    fields: ['term', 'definition'],
    packs: [],
    failing: [],
    model: '',
    hash: 'cd'.repeat(32),
  },
  {
    version: 2,
    act: 'proposed',
    signature: { by: 'Anna', organisation: 'OM', at: AT, reason: 'voor de hele keten' },
    role: 'author',
    from: 'in_preparation',
    to: 'proposed',
    fields: [],
    packs: ['1.0.0'],
    failing: [{ rule: 'CTX-01', blocking: false, reason: 'De context ontbreekt.' }],
    model: 'gpt-5 (prompt 2)',
    hash: 'ef'.repeat(32),
  },
];
