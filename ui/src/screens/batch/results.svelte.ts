import {
  call,
  toUserError,
  type ConceptFields,
  type JobItemState,
  type JobItemView,
  type JobView,
  type UserError,
} from '../../lib/backend';
import { emptyFields } from '../../lib/text/fields';
import { firstStep, questionKey, readKept, type Kept } from '../compose/kept';

/** Rows that are shown at a time. */
export const PAGE = 25;

/** The editor text of *Opstellen*. */
const COMPOSE = 'compose';

/** The rows of one batch, page by page. */
export class Results {
  job = $state.raw<JobView | null>(null);
  items = $state.raw<JobItemView[]>([]);
  total = $state(0);
  offset = $state(0);
  state = $state<JobItemState | ''>('');
  error = $state.raw<UserError | null>(null);
  /** A definition that would take the place of other work in the editor, with the term of that work. */
  other = $state.raw<{ item: JobItemView; term: string } | null>(null);
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  async load(): Promise<void> {
    const { id, offset } = this;
    try {
      const [job, page] = await Promise.all([
        call('job_get', { id }),
        call('job_items', { id, state: this.state || null, offset, limit: PAGE }),
      ]);
      // Another page may have been asked for meanwhile.
      if (offset !== this.offset) return;
      this.job = job;
      this.items = page.items;
      this.total = page.total;
      this.error = null;
    } catch (failure) {
      this.error = toUserError(failure);
    }
  }

  show(offset: number): Promise<void> {
    this.offset = Math.max(0, offset);
    return this.load();
  }

  /**
   * Puts a definition in the editor of *Opstellen*; gives whether it stands there. Other work that
   * stands there is kept until the user says otherwise.
   */
  async take(item: JobItemView, sure = false): Promise<boolean> {
    this.other = null;
    try {
      const there = await call('buffer_load', { key: COMPOSE });
      const kept = there && readKept(there.content);
      const fields = kept?.fields;
      const hasWork = fields && [fields.definition, fields.notes].some((text) => text.trim());
      if (hasWork && !sure) {
        this.other = { item, term: fields.term };
        return false;
      }
      const content = JSON.stringify(inEditor(item));
      await call('buffer_save', { key: COMPOSE, content });
      await this.dismiss(item);
      return true;
    } catch (failure) {
      this.error = toUserError(failure);
      return false;
    }
  }

  /** Takes a definition away that waits for the user. A row of a batch stays. */
  async dismiss(item: JobItemView): Promise<void> {
    if (this.job?.kind !== 'queue') return;
    await call('job_item_remove', { id: this.id, number: item.number });
    await this.load();
  }
}

/** What *Opstellen* keeps when this definition was drafted there. */
export function inEditor({ input, draft }: JobItemView): Kept {
  const fields: ConceptFields = {
    ...emptyFields(),
    term: input.term,
    context: input.context,
    category: input.category ?? null,
    notes: input.notes,
    ...(draft ? { ...draft.reply, citations: draft.sources } : {}),
  };
  const { parties, also, let_out } = input.privacy;
  return {
    fields,
    privacy: { parties: parties.join('\n'), also, let_out },
    writing: draft !== null,
    draft,
    answered: questionKey(input),
    step: firstStep(),
    wish: '',
    past: [],
    future: [],
    partial: null,
  };
}
