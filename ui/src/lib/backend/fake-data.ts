import { PRESETS } from './fake-settings';
import type * as T from './generated';

export const AT = '2026-01-15T09:30:00Z';

export const NOT_FOUND: T.UserError = {
  code: 'BG-107',
  message: {
    nl: 'Dit begrip staat niet (meer) op deze computer.',
    en: 'This concept is not (or no longer) on this computer.',
  },
  action: { nl: 'Zoek het begrip opnieuw op.', en: 'Look the concept up again.' },
  detail: '',
};

export const CANCELLED: T.UserError = {
  code: 'BG-514',
  message: { nl: 'U hebt het opstellen gestopt.', en: 'You stopped the draft.' },
  action: {
    nl: 'Uw invoer staat er nog. Begin opnieuw wanneer u wilt.',
    en: 'Your input is still there. Begin again when you like.',
  },
  detail: '',
};

/** No file with experiments was ever imported. */
export const NO_FLAGS: T.FlagsView = {
  prompt: { version: '1', by: 'program', experiment: null, arm: null },
  serial: null,
  date: null,
  signer: null,
  imported_at: null,
  experiments: [],
};

export const LABELS: Record<T.ContextKind, string[]> = {
  organisation: ['Openbaar Ministerie', 'Rechtspraak', 'Reclassering'],
  legal_area: ['strafrecht', 'bestuursrecht'],
  statutory_basis: ['Wetboek van Strafvordering', 'Algemene wet bestuursrecht'],
};

let made = 0;

export function concept(term: string, origin: T.Origin, definition = ''): T.Concept {
  made += 1;
  return {
    id: `00000000-0000-7000-8000-${String(made).padStart(12, '0')}`,
    term,
    synonyms: term === 'verdachte' ? ['beklaagde'] : [],
    antonyms: [],
    context: {
      organisations: ['Openbaar Ministerie'],
      legal_areas: ['strafrecht'],
      statutory_bases: ['Wetboek van Strafvordering'],
    },
    category: 'type',
    definition,
    explanation: 'Uitleg in gewone taal van wat dit begrip betekent.',
    examples: ['Een man die is aangehouden voor diefstal.'],
    counter_examples: ['Een getuige die alleen wordt gehoord.'],
    citations: [
      {
        source: 'Wetboek van Strafvordering',
        article: '27',
        paragraph: '1',
        address: 'jci1.3:c:BWBR0001903&artikel=27&lid=1',
      },
    ],
    notes: '',
    status: 'in_preparation',
    version: 1,
    provenance: { origin, author: 'J. Jansen', model: null },
    created_at: AT,
    modified_at: AT,
  };
}

const MODEL: T.ModelSettings = {
  base_url: 'http://127.0.0.1:8099/v1',
  model: 'begrip-demo',
  flavour: 'open_ai',
  api_version: '',
  temperature: 0.2,
  max_reply_tokens: 900,
  connect_timeout_s: 5,
  idle_timeout_s: 20,
  total_timeout_s: 60,
  proxy: '',
  ca_file: '',
};

export interface State {
  concepts: T.Concept[];
  buffers: Map<string, T.Buffer>;
  settings: T.SettingsView;
  info: T.AppInfo;
}

export function state(): State {
  const concepts = [
    concept(
      'verdachte',
      'starter_set',
      'persoon tegen wie een redelijk vermoeden van schuld aan een strafbaar feit bestaat',
    ),
    concept('vonnis', 'starter_set', 'uitspraak van een rechter, niet zijnde een arrest'),
    concept('verdenking', 'person', 'vermoeden dat een persoon een strafbaar feit heeft begaan'),
  ];
  const settings: T.Settings = {
    user: {
      name: '',
      own_context: { organisations: [], legal_areas: [], statutory_bases: [] },
      language: 'nl',
      theme: 'system',
      text_size: 'normal',
    },
    model: MODEL,
    cache: { enabled: true, ttl_hours: 720, ttl_hours_case: 168, disk_mb: 200, memory_mb: 16 },
    budgets: {
      prompt_tokens: 3000,
      tokens_per_day: 0,
      tokens_per_month: 0,
      eur_per_call: 0,
      eur_per_day: 0,
      eur_per_month: 0,
    },
    prices: { models: [] },
    batch: { at_once: 2 },
    server: { url: '', ca_file: '' },
    routing: {
      define: { model: '', timeout_s: 0 },
      repair: { model: '', timeout_s: 0 },
      prepare: { model: '', timeout_s: 4 },
      small_calls: false,
      fallback_model: '',
    },
    gather: { passages: 3, related: 3, rerank: false, rerank_url: '', rerank_model: '' },
    telemetry: { otlp_url: '', errors: false },
  };
  return {
    concepts,
    buffers: new Map(),
    settings: {
      settings,
      effective_model: MODEL,
      overruled_by: [],
      key: { present: false, place: 'none' },
      telemetry: {
        otlp_by_environment: false,
        errors: { present: false, place: 'none' },
        sent: 0,
        dropped: 0,
      },
      presets: PRESETS,
    },
    info: {
      version: '0.1.0',
      pack_version: '1',
      rules: 3,
      prompt: NO_FLAGS.prompt,
      concepts: concepts.length,
      notices: [],
      account: 'jansen',
      model: { state: 'ready', host: '127.0.0.1', model: 'begrip-demo', demonstration: true },
    },
  };
}

/** The day on which the fake host stands. */
const TODAY = AT.slice(0, 10);

export function inForce({ validity: { from, until } = {} }: T.Concept): T.InForce {
  if (until && until < TODAY) return 'no_longer';
  return from && TODAY < from ? 'not_yet' : 'now';
}

export function row(of: T.Concept): T.ConceptRow {
  const { id, term, context, category, status, modified_at, version } = of;
  const origin = of.provenance.origin;
  return {
    id,
    term,
    context,
    category,
    status,
    origin,
    snippet: of.definition,
    modified_at,
    version,
    validity: of.validity ?? {},
    in_force: inForce(of),
  };
}

/** A page of a list; every concept counts as equally new, in the order in which they stand. */
export function list(concepts: readonly T.Concept[], args: T.ConceptList): T.ConceptPage {
  const { filter, sort, offset } = args;
  const passes = (of: T.Concept) =>
    `${of.term} ${of.definition}`.toLowerCase().includes(filter.text.trim().toLowerCase()) &&
    (filter.statuses.length === 0 || filter.statuses.includes(of.status)) &&
    (filter.origins.length === 0 || filter.origins.includes(of.provenance.origin)) &&
    (!filter.category || filter.category === of.category);
  const rows = concepts.filter(passes).map(row);
  if (sort === 'term') rows.sort((a, b) => a.term.localeCompare(b.term));
  return { rows: rows.slice(offset, offset + (args.limit || 50)), total: rows.length };
}

export function duplicates(
  concepts: readonly T.Concept[],
  term: string,
  text = '',
): T.DuplicateHit[] {
  const wanted = term.trim().toLowerCase();
  return concepts
    .filter((known) => known.term === wanted || known.definition === text)
    .map((known) => ({
      row: row(known),
      kind: known.term === wanted ? 'same_concept' : 'near_text',
      similarity: 1,
    }));
}

export function search(concepts: readonly T.Concept[], query: string): T.SearchHit[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return [];
  return concepts
    .filter((known) => known.term.startsWith(wanted))
    .map((known) => ({
      ...row(known),
      synonym: null,
      matched: 'term',
      exact: known.term === wanted,
    }));
}

export function history(of: T.Concept): T.HistoryEntry[] {
  const entry = { author: 'J. Jansen', at: AT, status: of.status };
  const first = { ...entry, version: 1, reason: '', changes: [] };
  const parts: T.DiffPart[] = [
    { op: 'same', text: 'persoon tegen wie ' },
    { op: 'removed', text: 'een verdenking' },
    { op: 'added', text: 'een redelijk vermoeden' },
    { op: 'same', text: ' bestaat' },
  ];
  const changes = [{ field: 'definition', parts }];
  const later = Array.from({ length: Math.max(1, of.version - 1) }, (_, step) => ({
    ...entry,
    version: step + 2,
    reason: 'preciezer',
    changes,
  }));
  return [...later.reverse(), first];
}

export function exchange(of: T.Concept): T.Exchange {
  const turn: T.ExchangeTurn = {
    task: 'define',
    request_id: '0199-een',
    model: 'begrip-demo',
    prompt_version: '1',
    pack_version: '1',
    answered_at: AT,
    tokens_in: 512,
    tokens_out: 210,
    messages: [
      { role: 'system', content: 'Schrijf een definitie.' },
      { role: 'user', content: of.term },
    ],
    answer: `{"definition":"${of.definition}"}`,
    used: true,
  };
  const repair = { ...turn, task: 'repair', request_id: '0199-een-repair', used: false };
  return { state: 'kept', source: 'disk', turns: [turn, repair] };
}

/** Two plain rules, enough for the screens: no opening article, nothing about ‘niet’. */
export function check(text: string): T.Report {
  const characters = [...text].join('');
  const article = /^(de|het|een) /i.exec(characters);
  const not = [...text].join('').indexOf('niet');
  const at = not < 0 ? -1 : [...text.slice(0, not)].length;
  return {
    pack_version: '1',
    score: 0.9,
    findings: [
      {
        rule: 'STR-01',
        level: 'blocking',
        outcome: article ? 'fail' : 'pass',
        span: article ? [0, article[0].length - 1] : null,
        reason: article ? 'De definitie begint met een lidwoord.' : '',
        fix: article
          ? {
              text: text.slice(article[0].length),
              explanation_add: null,
              label: 'Haal het lidwoord weg',
            }
          : null,
      },
      {
        rule: 'INT-08',
        level: 'serious',
        outcome: at >= 0 ? 'fail' : 'pass',
        span: at >= 0 ? [at, at + 4] : null,
        reason: at >= 0 ? 'De definitie zegt wat het begrip niet is.' : '',
        fix: null,
      },
      { rule: 'VER-01', level: 'advice', outcome: 'pass', span: null, reason: '', fix: null },
    ],
  };
}

export function preview(term: string): T.PreviewResponse {
  return {
    messages: [
      { role: 'system', content: 'U schrijft definities.' },
      { role: 'user', content: `Term: ${term}` },
    ],
    host: '127.0.0.1',
    model: 'begrip-demo',
    tokens: 640,
    budget: 3000,
    sections: [
      { name: 'rules', tokens: 400, dropped: false },
      { name: 'related_1', tokens: 40, dropped: true },
    ],
    cost_eur: 0.00042,
    cached: false,
    duplicates: [],
    assumed: null,
    first: null,
    privacy: { before: '', after: '', replaced: [] },
    wish: null,
    held_back: [],
  };
}

/** As the program does it, for one name alone. */
export function pseudonymised(before: string, choices: T.PrivacyChoices): T.Pseudonymised {
  const name = 'Jansen';
  const start = choices.let_out.includes(name) ? -1 : before.indexOf(name);
  if (start < 0) return { before, after: before, replaced: [] };
  const placeholder = '[persoon 1]';
  const end = start + name.length;
  const end_after = start + placeholder.length;
  return {
    before,
    after: before.slice(0, start) + placeholder + before.slice(end),
    replaced: [
      { start, end, start_after: start, end_after, kind: 'person', original: name, placeholder },
    ],
  };
}

export const DRAFT: T.Reply = {
  definition: 'toezicht door een reclasseringsinstelling op de naleving van voorwaarden',
  explanation: 'De reclassering kijkt of iemand zich aan de voorwaarden houdt.',
  examples: ['Een wekelijkse melding bij de reclassering.'],
  counter_examples: [],
  synonyms: [],
  antonyms: [],
};

export function drafted(term: string): T.DefineResult {
  return {
    draft_id: `draft-${term}`,
    reply: DRAFT,
    report: check(DRAFT.definition),
    sources: [],
    passages: [],
    cited: [],
    left_out: [],
    assumed: null,
    searched_with: [],
    held_back: [],
    cache: 'miss',
    reason: 'not_kept',
    age_s: 0,
    entry: 'ab'.repeat(32),
    answered_at: AT,
    model: 'begrip-demo',
    instead_of: null,
    demonstration: true,
    calls: 1,
    tokens_in: 640,
    tokens_out: 80,
    cost_eur: null,
    dropped: [],
    put_back: [],
  };
}

const TIER: T.TierStats = { entries: 3, bytes: 2400, limit: 200e6, evicted: 0, hits: 2, misses: 3 };

export const CACHE: T.CacheStats = {
  requests: 5,
  hits_memory: 2,
  hits_disk: 0,
  stale: 0,
  misses: 3,
  bypassed: 0,
  coalesced: 0,
  refused: 0,
  refused_by: [],
  evicted: 0,
  removed: 0,
  warmed: 0,
  calls: 3,
  disk_errors: 0,
  by_organisation: [],
  tokens_saved: 1280,
  eur_saved: null,
  memory: TIER,
  disk: TIER,
  packs: TIER,
  case_exchanges: TIER,
  neighbours: TIER,
  word_counts: TIER,
};

const costs = (name: string, calls: number, saved: number): T.CostsRow => ({
  name,
  calls,
  failed: 0,
  unpriced: 0,
  tokens_in: 800 * calls,
  tokens_out: 300 * calls,
  tokens_cached: 0,
  cost_eur: 0.004 * calls,
  latency_p50_ms: 1200,
  latency_p95_ms: 2900,
  questions: calls + saved,
  saved,
  tokens_saved: 1100 * saved,
  eur_saved: 0.004 * saved,
});

export const COSTS: T.Costs = {
  month: '2026-11',
  by: 'day',
  rows: [costs('2026-11-02', 20, 100), costs('2026-11-03', 10, 120)],
  total: costs('', 30, 220),
  limits: [],
  routing: {
    by_rule: 12,
    by_index: 3,
    small_calls: 2,
    other_models: 2,
    eur_models: 0.004,
    eur_decided: 0.001,
  },
};

export const INSIGHT: T.Insight = {
  costs: COSTS,
  fates: [
    { name: 'memory', count: 200 },
    { name: 'disk', count: 20 },
    { name: 'miss', count: 30 },
  ],
  failures: [{ rule: 'STR-01', title: 'Begint met een naamwoord', level: 'blocking', drafts: 4 }],
  storage: [
    { name: 'concepts', bytes: 12_000_000, limit: null },
    { name: 'answers', bytes: 2_400_000, limit: 200_000_000 },
  ],
  work: { jobs_running: 1, rows_waiting: 1200, drafts_waiting: 2 },
  months: ['2026-11', '2026-10'],
  this_month: '2026-11',
};

export const CONFLICT: T.SyncConflict = {
  id: '01890000-0000-7000-8000-000000000001',
  term: 'verdachte',
  why: 'stale',
  by: 'J. de Vries (Rechtspraak)',
  fields: [
    {
      name: 'definition',
      base: ['persoon die wordt verdacht'],
      mine: ['persoon die van een strafbaar feit wordt verdacht'],
      theirs: ['persoon te wiens aanzien een vermoeden van schuld bestaat'],
    },
    { name: 'synonyms', base: [], mine: ['beklaagde'], theirs: [] },
  ],
};

export const SYNC: T.SyncStatus = {
  configured: true,
  address: 'https://begrip.example',
  organisation: 'OM',
  shared: 12,
  waiting: 0,
  conflicts: 0,
  to_review: 0,
  administers: false,
  synced_at: '2026-11-21T13:03:00Z',
  equal_at: '2026-11-21T13:03:00Z',
  error: null,
  published_error: null,
  news: [],
};

export const BY_TOKEN: T.AccountView = {
  server: true,
  by: 'token',
  name: '',
  issuer: '',
  account: 'anna',
  organisation: 'OM',
  role: 'author',
  waits_at: null,
  ended: false,
  notice: null,
};

export const SIGNED_IN: T.AccountView = {
  ...BY_TOKEN,
  by: 'sign_in',
  name: 'Anna de Vries',
  issuer: 'https://aanmelden.example',
};
