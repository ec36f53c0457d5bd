import { FakeAdministration } from './fake-administration';
import type { Commands, Concept, SaveOutcome } from './generated';
import * as sample from './fake-data';
import { FakeJobs, PREVIEW } from './fake-jobs';
import { FakeServerJobs } from './fake-server-jobs';
import { FakePacks } from './fake-rules';
import * as review from './fake-review';
import * as set from './fake-settings';
import { FakeSources } from './fake-sources';
import { toUserError, type CommandName, type Host } from './host';

export type Answers = {
  [N in CommandName]: (args: Commands[N]['args']) => Commands[N]['result'];
};

function answers(): Answers {
  const state = sample.state();
  const packs = new FakePacks();
  const sources = new FakeSources();
  const jobs = new FakeJobs();
  const there = new FakeServerJobs();
  const admin = new FakeAdministration();
  const found = (id: string) => {
    const concept = state.concepts.find((known) => known.id === id);
    if (!concept) throw sample.NOT_FOUND;
    return concept;
  };
  const view = (id: string) => ({
    concept: found(id),
    report: packs.check(found(id).definition),
    homonyms: [],
    editable: found(id).status === 'in_preparation',
    in_force: sample.inForce(found(id)),
  });
  const change = (id: string, base: number, to: Partial<Concept>): SaveOutcome => {
    const old = found(id);
    if (old.version !== base) return { outcome: 'stale', current: old };
    const kept = { ...old, ...to, version: base + 1, modified_at: new Date().toISOString() };
    state.concepts = [kept, ...state.concepts.filter((concept) => concept !== old)];
    return { outcome: 'kept', view: view(id) };
  };
  return {
    app_info: () => ({ ...state.info, pack_version: packs.active }),
    search: ({ query }) => ({ query, hits: sample.search(state.concepts, query) }),
    concept_get: ({ id }) => view(id),
    concept_history: ({ id }) => sample.history(found(id)),
    concept_exchange: ({ id }) => sample.exchange(found(id)),
    concept_list: (args) => sample.list(state.concepts, args),
    concept_save: ({ id, base_version, fields, accept_duplicate }) => {
      if (id) return change(id, base_version ?? 0, fields);
      const hits = sample.duplicates(state.concepts, fields.term);
      if (!accept_duplicate && hits.length > 0) return { outcome: 'duplicate', hits };
      const made = { ...sample.concept(fields.term, 'person'), ...fields };
      state.concepts = [made, ...state.concepts];
      return { outcome: 'kept', view: view(made.id) };
    },
    concept_revert: ({ id, base_version }) =>
      change(id, base_version, { definition: 'persoon tegen wie een verdenking bestaat' }),
    concept_status: ({ id, base_version, status }) => change(id, base_version, { status }),
    concept_copy: ({ id }) => ({ text: found(id).definition }),
    duplicates: ({ term, text }) => sample.duplicates(state.concepts, term, text),
    check: ({ text }) => packs.check(text),
    check_text: ({ text }) => packs.check(text),
    preview: ({ term, notes, privacy, refine }) => ({
      ...sample.preview(term),
      privacy: sample.pseudonymised(notes, privacy),
      wish: refine ? sample.pseudonymised(refine.wish, privacy) : null,
    }),
    pseudonymise: ({ text, privacy }) => sample.pseudonymised(text, privacy),
    define_cancel: () => null,
    context_suggest: ({ kind, query }) =>
      sample.LABELS[kind].filter((label) => label.toLowerCase().includes(query.toLowerCase())),
    rules_list: (args) => packs.rules(args),
    rule_try: (args) => packs.try(args),
    packs_list: () => packs.all,
    pack_compare: (args) => packs.compare(args),
    pack_impact: (args) => packs.impact(args, state.concepts),
    pack_activate: (args) => packs.activate(args),
    pack_import: (args) => packs.import(args),
    pack_export: (args) => packs.export(args),
    sources_import: (args) => sources.import(args),
    sources_list: () => sources.all,
    source_contents: (args) => sources.contents(args),
    source_article: (args) => sources.article(args),
    sources_search: (args) => sources.find(args),
    citation_article: (args) => sources.behind(args),
    source_remove: (args) => sources.remove(args),
    buffer_save: ({ key, content }) => {
      state.buffers.set(key, { key, content, at: sample.AT });
      return null;
    },
    buffer_load: ({ key }) => state.buffers.get(key) ?? null,
    buffer_list: () => [...state.buffers.values()],
    buffer_clear: ({ key }) => {
      state.buffers.delete(key);
      return null;
    },
    settings_get: () => state.settings,
    settings_save: (settings) => {
      set.refuse(settings);
      state.settings = { ...state.settings, settings, effective_model: settings.model };
      return state.settings;
    },
    model_key: ({ key }) => {
      state.settings.key = { present: key !== '', place: key ? 'memory' : 'none' };
      return state.settings.key;
    },
    telemetry_dsn: ({ key }) => {
      const on = key !== '';
      state.settings.settings.telemetry.errors = on;
      state.settings.telemetry.errors = { present: on, place: on ? 'memory' : 'none' };
      return state.settings;
    },
    model_test: () => ({ ok: true, steps: set.STEPS }),
    draft_discard: () => null,
    flags_show: () => sample.NO_FLAGS,
    flags_import: () => sample.NO_FLAGS,
    experiments: () => ({ prompt: sample.NO_FLAGS.prompt, experiments: [] }),
    cache_stats: () => sample.CACHE,
    costs: ({ by, month }) => ({ ...sample.COSTS, by, month: month ?? sample.COSTS.month }),
    insight: ({ month }) => ({
      ...sample.INSIGHT,
      costs: { ...sample.COSTS, month: month ?? sample.COSTS.month },
    }),
    cache_clear: () => ({ entries: 3 }),
    job_preview: () => PREVIEW,
    job_create: (args) => jobs.create(args),
    job_list: () => jobs.all,
    job_get: ({ id }) => jobs.get(id),
    job_items: (args) => jobs.items(args),
    job_act: (args) => jobs.act(args),
    job_remove: ({ id }) => jobs.remove(id),
    job_item_remove: (args) => jobs.removeItem(args),
    job_export: () => ({ name: 'termen-resultaat.csv', media_type: 'text/csv', content: 'eA==' }),
    draft_queue: (input) => jobs.queue(input),
    server_job_create: (args) => there.create(args),
    server_job_list: () => there.all,
    server_job_get: ({ id }) => there.get(id),
    server_job_rows: (args) => there.rows(args),
    server_job_act: (args) => there.act(args),
    server_job_export: () => ({ name: 'x-resultaat.csv', media_type: 'text/csv', content: 'eA==' }),
    sync_status: () => sample.SYNC,
    sync_now: () => ({
      pushed: 0,
      not_taken: 0,
      pulled: 0,
      repaired: 0,
      equal: true,
      status: sample.SYNC,
    }),
    sync_conflicts: () => [],
    sync_settle: () => sample.SYNC,
    concept_sharing: () => ({
      possible: false,
      with: null,
      owner: '',
      by: '',
      waiting: 0,
      conflict: false,
    }),
    review_inbox: () => review.INBOX,
    review_act: () => sample.SYNC,
    review_seen: () => sample.SYNC,
    review_revise: ({ id }) => view(id),
    review_trail: () => review.TRAIL,
    review_trail_export: () => ({
      name: 'x.json',
      media_type: 'application/json',
      content: 'e30=',
    }),
    concept_share: () => ({ ...sample.SYNC, waiting: 1 }),
    concept_unshare: () => ({ ...sample.SYNC, waiting: 1 }),
    server_token: ({ key }) => ({ present: key !== '', place: key === '' ? 'none' : 'keyring' }),
    sign_in_begin: () => ({ address: 'https://aanmelden.example/?x=1', opened: true }),
    sign_in_end: () => sample.SIGNED_IN,
    sign_in_stop: () => sample.BY_TOKEN,
    sign_out: () => ({
      ...sample.BY_TOKEN,
      by: 'nothing',
      account: '',
      organisation: '',
      role: '',
    }),
    who_am_i: () => sample.BY_TOKEN,
    admin_organisations: () => admin.organisations,
    admin_users: () => admin.users,
    admin_user_add: (args) => admin.add(args),
    admin_user_change: (args) => admin.change(args),
    admin_user_unlink: ({ id }) => admin.unlink(id),
    admin_tokens: () => admin.tokens,
    admin_token_make: (args) => admin.make(args),
    admin_token_revoke: ({ id }) => admin.revoke(id),
    admin_quota: () => admin.quota,
    admin_quota_set: (args) => admin.limit(args),
    admin_published: () => admin.releases,
    admin_log: (args) => admin.log(args),
    doctor: () => ({ healthy: true, language: 'nl', checks: set.DOCTOR }),
  };
}

/** The commands in memory, for tests of the screens; `changed` answers replace the usual ones. */
export function fakeHost(changed: Partial<Answers> = {}): Host {
  const stopped = new Set<string>();
  const all: Answers = {
    ...answers(),
    define_cancel: ({ request_id }) => {
      stopped.add(request_id);
      return null;
    },
    ...changed,
  };
  return {
    async call(name, args) {
      await Promise.resolve();
      try {
        // A copy, as it would come over a wire.
        return structuredClone(all[name](structuredClone(args)));
      } catch (error) {
        throw toUserError(error);
      }
    },
    async stream(_name, args, onEvent) {
      const words = sample.DRAFT.definition.split(' ');
      onEvent({ event: 'stage', stage: 'gathering', left_out: [] });
      onEvent({ event: 'stage', stage: 'asking', left_out: [] });
      for (let count = 1; count <= words.length; count += 1) {
        await new Promise((done) => setTimeout(done, 20));
        if (stopped.has(args.request_id)) throw sample.CANCELLED;
        if (count === 1) onEvent({ event: 'stage', stage: 'writing', left_out: [] });
        onEvent({ event: 'text', definition: words.slice(0, count).join(' '), explanation: '' });
      }
      onEvent({ event: 'stage', stage: 'checking', left_out: [] });
      return sample.drafted(args.input.term);
    },
    startAgain: () => Promise.resolve(),
  };
}
