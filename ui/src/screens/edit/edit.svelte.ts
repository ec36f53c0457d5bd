import {
  call,
  toUserError,
  type CheckRequest,
  type Concept,
  type ConceptFields,
  type DuplicateHit,
  type Side,
  type UserError,
} from '../../lib/backend';
import { Buffered, type Keeping } from '../../lib/state/buffer';
import { TEXT_LIMIT } from '../../lib/state/check.svelte';
import { citationError, cleanFields, emptyFields } from '../../lib/text/fields';
import { countCharacters } from '../../lib/text/spans';
import { daysProblem } from '../../lib/text/validity';
import { fieldsOf, readKept, type Base, type Kept } from './kept';
import { merged, type Part } from './merge';
import { Steps, type Form } from './steps.svelte';

/** What keeps the concept from being kept. */
export type Problem = 'term' | 'citations' | 'too_long' | 'validity';

/** A save that takes longer than this is shown as under way. */
const SLOW_MS = 500;

/** A concept being edited: the form, what it began with, and what became of it. */
export class Edit {
  /** The concept as it stood last in the store. */
  concept = $state.raw<Concept | null>(null);
  editable = $state(false);
  error = $state.raw<UserError | null>(null);
  fields = $state(emptyFields());
  reason = $state('');
  base = $state.raw<Base>({ version: 0, fields: emptyFields() });
  steps = $state.raw(new Steps({ fields: emptyFields(), reason: '' }));
  /** How the automatic keeping stands. */
  autosave = $state<Keeping>('kept');
  /**
   * Work of an earlier visit was brought back; `older`: the concept has changed since;
   * `typed_on`: it was typed while the concept was being kept.
   */
  restored = $state<'same' | 'older' | 'typed_on' | null>(null);
  /** Two versions stand side by side. */
  comparing = $state(false);
  problem = $state<Problem | null>(null);
  busy = $state(false);
  keepError = $state.raw<UserError | null>(null);
  /** What a press on ‘keep’ came to. */
  said = $state<'kept' | 'nothing' | null>(null);
  /** The same concept, when it exists already and the user has to say why. */
  same = $state.raw<DuplicateHit[]>([]);
  readonly #buffer: Buffered;
  #slow: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly id: string) {
    this.#buffer = new Buffered(`edit:${id}`, (keeping) => this.#told(keeping));
  }

  /** Fetches the concept and brings back what was typed on an earlier visit. */
  async open(): Promise<void> {
    this.error = null;
    try {
      const [view, content] = await Promise.all([
        call('concept_get', { id: this.id }),
        this.#buffer.load(),
      ]);
      this.editable = view.editable;
      this.concept = view.concept;
      this.base = baseOf(view.concept);
      this.fields = fieldsOf(view.concept);
      const kept = content === null ? null : readKept(content);
      if (kept) this.#restore(kept);
      this.steps = new Steps(this.#form());
    } catch (failure) {
      this.error = toUserError(failure);
    }
  }

  /** Something stands here that is not in the store. */
  get isChanged(): boolean {
    return !same(this.fields, this.base.fields) || this.reason.trim() !== '';
  }

  /** The concept was changed elsewhere since this edit began. */
  get isOutdated(): boolean {
    return this.concept !== null && this.concept.version !== this.base.version;
  }

  get check(): Omit<CheckRequest, 'text'> {
    const { term, synonyms, context, category, citations } = $state.snapshot(this.fields);
    const has_source = citations.some((citation) => citation.source.trim() !== '');
    const id = this.concept?.id ?? null;
    const filled = synonyms.filter((synonym) => synonym.trim() !== '');
    return { id, term: term.trim(), synonyms: filled, context, category, has_source };
  }

  /** The user changed the form. */
  changed(): void {
    if (this.problem === 'term' && this.fields.term.trim()) this.problem = null;
    this.said = null;
    this.steps.note(this.#form());
    this.#hand();
  }

  undo(): void {
    this.#go(this.steps.undo(this.base));
  }

  redo(): void {
    this.#go(this.steps.redo(this.base));
  }

  /** Back to what the store has; one step back brings the changes again. */
  discard(): void {
    if (!this.concept) return;
    this.#rebase(fieldsOf(this.concept), '');
    this.restored = null;
  }

  /** Goes on with a choice of both versions, on the newest one. */
  merge(chosen: Partial<Record<Part, Side>>): void {
    if (!this.concept) return;
    const mine = $state.snapshot(this.fields) as ConceptFields;
    this.#rebase(merged(mine, fieldsOf(this.concept), chosen), this.reason);
    this.comparing = false;
    this.restored = null;
  }

  /** Keeps the form as a new version. */
  async keep(reason = this.reason, acceptDuplicate = false): Promise<void> {
    if (this.busy || !this.concept) return;
    this.said = null;
    this.keepError = null;
    this.problem = this.#problem();
    if (this.problem) return;
    const sent = this.#form();
    const fields = cleanFields(sent.fields);
    if (same(fields, this.base.fields)) {
      this.said = 'nothing';
      return;
    }
    this.busy = true;
    try {
      if (!acceptDuplicate) this.same = await this.#sameConcepts(fields);
      if (this.same.length === 0 || acceptDuplicate) {
        await this.#save(fields, reason, acceptDuplicate, sent);
      }
    } catch (failure) {
      this.keepError = toUserError(failure);
    } finally {
      this.busy = false;
    }
  }

  close(): void {
    clearTimeout(this.#slow);
    this.#buffer.close();
  }

  async #save(
    fields: ConceptFields,
    reason: string,
    accept_duplicate: boolean,
    sent: Form,
  ): Promise<void> {
    const outcome = await call('concept_save', {
      id: this.id,
      base_version: this.base.version,
      fields,
      reason: reason.trim(),
      draft_id: null,
      accept_duplicate,
    });
    if (outcome.outcome === 'duplicate') {
      this.same = outcome.hits;
    } else if (outcome.outcome === 'stale') {
      this.concept = outcome.current;
      this.comparing = true;
    } else {
      this.concept = outcome.view.concept;
      this.base = baseOf(this.concept);
      this.restored = null;
      this.said = 'kept';
      // Whoever typed on meanwhile keeps what was typed.
      if (same(this.#form(), sent)) {
        this.fields = fieldsOf(this.concept);
        this.reason = '';
      }
      this.steps.keptAs(this.#form());
      this.#hand();
    }
  }

  /** Others with this term in this context, when one of the two was changed. */
  async #sameConcepts(fields: ConceptFields): Promise<DuplicateHit[]> {
    const { term, context } = fields;
    const before = this.base.fields;
    if (same({ term, context }, { term: before.term, context: before.context })) return [];
    const hits = await call('duplicates', { term, context, text: '' });
    return hits.filter(
      ({ kind, row }) =>
        kind === 'same_concept' && row.id !== this.id && row.status !== 'withdrawn',
    );
  }

  #problem(): Problem | null {
    if (this.fields.term.trim() === '') return 'term';
    const { definition, explanation, notes } = this.fields;
    if ([definition, explanation, notes].some((text) => countCharacters(text) > TEXT_LIMIT)) {
      return 'too_long';
    }
    if (this.fields.citations.some(citationError)) return 'citations';
    return daysProblem(this.fields.validity ?? {}) ? 'validity' : null;
  }

  /** Another text, based on the newest version; undone as one step. */
  #rebase(fields: ConceptFields, reason: string): void {
    if (!this.concept) return;
    const before = this.base;
    this.fields = fields;
    this.reason = reason;
    this.base = baseOf(this.concept);
    this.said = null;
    this.steps.jump(this.#form(), before.version === this.base.version ? null : before);
    this.#hand();
  }

  #go(to: { form: Form; base: Base | null } | null): void {
    if (!to) return;
    this.fields = to.form.fields;
    this.reason = to.form.reason;
    if (to.base) this.base = to.base;
    this.said = null;
    this.#hand();
  }

  #form(): Form {
    return { fields: $state.snapshot(this.fields) as ConceptFields, reason: this.reason };
  }

  /** Has the form kept on this computer, or forgotten when nothing in it is new. */
  #hand(): void {
    if (!this.isChanged) return void this.#buffer.clear();
    const kept: Kept = { base: this.base, ...this.#form() };
    this.#buffer.save(JSON.stringify(kept));
  }

  #restore(kept: Kept): void {
    this.fields = kept.fields;
    this.reason = kept.reason;
    const same = kept.typed_on ? 'typed_on' : 'same';
    this.restored = kept.base.version === this.base.version ? same : 'older';
    this.base = kept.base;
  }

  #told(keeping: Keeping): void {
    clearTimeout(this.#slow);
    if (keeping === 'busy') this.#slow = setTimeout(() => (this.autosave = 'busy'), SLOW_MS);
    else this.autosave = keeping;
  }
}

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const baseOf = (concept: Concept): Base => ({
  version: concept.version,
  fields: fieldsOf(concept),
});
