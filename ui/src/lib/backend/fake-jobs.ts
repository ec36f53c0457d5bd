import { AT, drafted } from './fake-data';
import type * as T from './generated';

const REFUSED: T.UserError = {
  code: 'BG-511',
  message: {
    nl: 'Het taalmodel wil deze vraag niet beantwoorden.',
    en: 'The language model does not want to answer this question.',
  },
  action: {
    nl: 'Formuleer uw notities anders, of schrijf de definitie zelf.',
    en: 'Word your notes differently, or write the definition yourself.',
  },
  detail: '',
};

export const NO_JOB: T.UserError = {
  code: 'BG-166',
  message: {
    nl: 'Deze reeks staat niet (meer) op deze computer.',
    en: 'This batch is not (or no longer) on this computer.',
  },
  action: { nl: 'Kies een reeks uit de lijst.', en: 'Choose a batch from the list.' },
  detail: '',
};

const CONTEXT: T.Context = { organisations: [], legal_areas: [], statutory_bases: [] };

const input = (term: string): T.DraftInput => ({
  term,
  context: CONTEXT,
  category: null,
  notes: '',
  privacy: { parties: [], also: [], let_out: [] },
});

/** A batch, and how it stands. */
export function job(changed: Partial<T.JobView> = {}): T.JobView {
  return {
    id: 'job-1',
    kind: 'batch',
    name: 'termen.csv',
    state: 'queued',
    halt: null,
    goes_on: false,
    created_at: AT,
    changed_at: AT,
    total: 3,
    waiting: 2,
    running: 0,
    done: 0,
    failed: 0,
    skipped: 1,
    questions: 2,
    eta_s: null,
    ...changed,
  };
}

/** The rows of a batch that is done. */
export const ITEMS: T.JobItemView[] = [
  row(2, 'verdachte', { state: 'done', draft: drafted('verdachte') }),
  row(3, 'vonnis', { state: 'failed', error: REFUSED }),
  row(4, '', {
    state: 'skipped',
    error: { ...REFUSED, code: 'BG-165', detail: 'rij 4: de term ontbreekt' },
  }),
];

function row(number: number, term: string, changed: Partial<T.JobItemView>): T.JobItemView {
  return {
    number,
    same_as: null,
    input: input(term),
    state: 'waiting',
    error: null,
    draft: null,
    request_id: null,
    ended_at: null,
    ...changed,
  };
}

export const PREVIEW: T.JobPreview = {
  rows: 3,
  questions: 2,
  faulty: 1,
  first: [
    { number: 2, term: 'verdachte', context: CONTEXT, category: null, fault: null, same_as: null },
    { number: 3, term: 'vonnis', context: CONTEXT, category: null, fault: null, same_as: null },
    {
      number: 4,
      term: '',
      context: CONTEXT,
      category: null,
      fault: 'de term ontbreekt',
      same_as: null,
    },
  ],
  faults: [
    {
      number: 4,
      term: '',
      context: CONTEXT,
      category: null,
      fault: 'de term ontbreekt',
      same_as: null,
    },
  ],
  unknown: ['opmerking'],
  notice: null,
};

/** Batches in memory: one that is started is ready at once. */
export class FakeJobs {
  all: T.JobView[] = [];
  queued: T.JobItemView[] = [];

  get(id: string): T.JobView {
    const found = this.all.find((known) => known.id === id);
    if (!found) throw NO_JOB;
    return found;
  }

  create(request: T.JobCreate): T.JobView {
    const made = job({ id: `job-${this.all.length + 1}`, name: request.file.name });
    this.all = [made, ...this.all];
    return request.start ? this.act({ id: made.id, action: 'start' }) : made;
  }

  act({ id, action }: T.JobAct): T.JobView {
    const to: Partial<T.JobView> =
      action === 'pause'
        ? { state: 'paused' }
        : action === 'cancel'
          ? { state: 'cancelled', waiting: 0, skipped: 3 }
          : { state: 'done', waiting: 0, done: 1, failed: 1 };
    const now = { ...this.get(id), ...to };
    this.all = this.all.map((known) => (known.id === id ? now : known));
    return now;
  }

  items({ id, state }: T.JobItems): T.JobItemPage {
    const all = this.get(id).kind === 'queue' ? this.queued : ITEMS;
    const items = all.filter((item) => !state || item.state === state);
    return { items, total: items.length };
  }

  remove(id: string): null {
    this.all = this.all.filter((known) => known.id !== id);
    return null;
  }

  removeItem({ number }: T.JobItemRef): null {
    this.queued = this.queued.filter((item) => item.number !== number);
    return null;
  }

  queue(asked: T.DraftInput): T.JobView {
    this.queued = [
      ...this.queued,
      { ...row(this.queued.length + 1, asked.term, {}), input: asked },
    ];
    const now = job({ id: 'queue', kind: 'queue', name: 'Wachtrij', total: this.queued.length });
    this.all = [now, ...this.all.filter((known) => known.id !== 'queue')];
    return now;
  }
}
