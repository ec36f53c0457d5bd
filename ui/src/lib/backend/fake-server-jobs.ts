import { AT, drafted } from './fake-data';
import type * as T from './generated';

/** A batch on the server, and how it stands. */
export function serverJob(changed: Partial<T.ServerJob> = {}): T.ServerJob {
  return {
    id: 'there-1',
    name: 'reeks van 3 rijen',
    model: 'groot',
    state: 'running',
    own: true,
    halt: null,
    ended: null,
    created_at: AT,
    total: 3,
    queued: 1,
    running: 1,
    done: 1,
    failed: 0,
    questions: 3,
    eta_s: 40,
    ...changed,
  };
}

const row = (number: number, term: string, changed: Partial<T.ServerJobRow>): T.ServerJobRow => ({
  number,
  same_as: null,
  term,
  context: { organisations: [], legal_areas: [], statutory_bases: [] },
  category: null,
  state: 'queued',
  error: null,
  draft: null,
  ...changed,
});

const { reply, report } = drafted('verdachte');

/** The rows of a batch on the server that is done. */
export const SERVER_ROWS: T.ServerJobRow[] = [
  row(2, 'verdachte', {
    state: 'done',
    draft: { reply, report, provenance: { model: 'groot', from: 'miss' } },
  }),
  row(3, 'vonnis', {
    state: 'failed',
    error: {
      error: 'empty',
      message: 'Het model gaf geen bruikbaar antwoord.',
      english: 'The model gave no answer of use.',
      until: null,
    },
  }),
];

/** Batches on a server, in memory: one that is made is ready at once. */
export class FakeServerJobs {
  all: T.ServerJob[] = [];
  keys = new Map<string, T.ServerJob>();

  create({ key }: T.ServerJobCreate): T.ServerJob {
    const known = key ? this.keys.get(key) : undefined;
    if (known) return known;
    const made = serverJob({
      id: `there-${this.all.length + 1}`,
      state: 'done',
      queued: 0,
      running: 0,
      done: 2,
      failed: 1,
      eta_s: null,
    });
    if (key) this.keys.set(key, made);
    this.all = [made, ...this.all];
    return made;
  }

  get(id: string): T.ServerJob {
    const found = this.all.find((job) => job.id === id);
    if (!found) throw new Error(`no batch ${id}`);
    return found;
  }

  act({ id, action }: T.ServerJobAct): T.ServerJob {
    const job = this.get(id);
    const now: T.ServerJob =
      action === 'cancel'
        ? { ...job, state: 'cancelled', running: 0 }
        : { ...job, state: 'queued', queued: job.failed, failed: 0 };
    this.all = this.all.map((known) => (known.id === id ? now : known));
    return now;
  }

  rows({ state }: T.ServerJobRows): T.ServerJobPage {
    return { rows: SERVER_ROWS.filter((row) => !state || row.state === state), next: null };
  }
}
