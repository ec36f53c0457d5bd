import {
  call,
  toUserError,
  type Concept,
  type ConceptFields,
  type Context,
  type DefineResult,
  type DraftInput,
  type DuplicateHit,
  type UserError,
} from '../../lib/backend';
import { go } from '../../lib/router.svelte';
import { app, refreshInfo } from '../../lib/state/app.svelte';
import { Buffered } from '../../lib/state/buffer';
import { TEXT_LIMIT } from '../../lib/state/check.svelte';
import { afterFrames } from '../../lib/state/frames';
import { Latest } from '../../lib/state/latest.svelte';
import { citationError, cleanFields, emptyFields, isTooLong } from '../../lib/text/fields';
import { countCharacters } from '../../lib/text/spans';
import { daysProblem } from '../../lib/text/validity';
import { typedOn } from '../edit/kept';
import { ownContext } from './context.svelte';
import { Drafting } from './drafting.svelte';
import {
  draftedText,
  firstStep,
  hasText,
  newest,
  nextStep,
  noPrivacy,
  privacyChoices,
  questionKey,
  readKept,
  turnsUntil,
  type DraftedText,
  type Kept,
  type Step,
} from './kept';

/** What keeps the concept from being drafted or kept. */
export type Problem = 'term' | 'citations' | 'too_long' | 'validity';

/** From a term to a kept concept: the question, the request, the text. */
export class Compose {
  readonly drafting = new Drafting();
  readonly duplicates = new Latest('duplicates');
  readonly preview = new Latest('preview');
  /** What would be sent for the wish. */
  readonly wishPreview = new Latest('preview');
  /** Asked with the definition; `likeText` is what matters of its answer. */
  readonly #near = new Latest('duplicates');
  readonly #buffer = new Buffered('compose');

  /** The kept text has been looked up; before that nothing is kept over it. */
  ready = $state(false);
  /** The kept text could not be looked up. */
  loadError = $state.raw<UserError | null>(null);
  fields = $state(emptyFields());
  privacy = $state(noPrivacy());
  writing = $state(false);
  draft = $state.raw<DefineResult | null>(null);
  /** How the text that stands here came about. */
  step = $state.raw<Step>(firstStep());
  /** What should be other about it. */
  wish = $state('');
  wishMissing = $state(false);
  /** The last that was asked for was another version. */
  #refined = false;
  /** The texts before the one that stands here, the nearest last. */
  past = $state.raw<readonly DraftedText[]>([]);
  /** The texts that were stepped back from, the nearest last. */
  future = $state.raw<readonly DraftedText[]>([]);
  /** The term that was asked for while work on another one stands here. */
  other = $state<string | null>(null);
  problem = $state<Problem | null>(null);
  keeping = $state(false);
  /** A draft was asked for; it begins when what would be sent is shown. */
  waiting = $state(false);
  keepError = $state.raw<UserError | null>(null);
  /** The same concept, when it exists already and the user has to say why. */
  same = $state.raw<DuplicateHit[]>([]);
  #answered = $state('');
  #closed = false;

  /** Brings back what was kept, and begins with `term` when one is asked for. */
  async open(term: string): Promise<void> {
    if (!this.ready) {
      this.loadError = null;
      try {
        const content = await this.#buffer.load();
        const kept = content === null ? null : readKept(content);
        const context = await ownContext();
        // Whoever asked for two terms at once looks it up twice.
        if (!this.ready) {
          if (kept) this.#restore(kept);
          else this.fields.context = context;
        }
        this.ready = true;
      } catch (failure) {
        this.loadError = toUserError(failure);
        return;
      }
    }
    this.ask(term);
  }

  /** Begins with a term; the user is asked first when other work stands here. */
  ask(term: string): void {
    const wanted = term.trim();
    const here = this.fields.term.trim();
    if (wanted && wanted !== here) {
      if (this.hasWork) this.other = wanted;
      else {
        this.fields.term = wanted;
        this.textChanged();
      }
    }
    this.#inquire();
    this.#compareText();
  }

  /** More than a term and a context stands here. */
  get hasWork(): boolean {
    const { definition, notes } = this.fields;
    return [definition, notes].some((text) => text.trim()) || this.writing || this.drafting.busy;
  }

  get input(): DraftInput {
    const { term, context, category, notes } = $state.snapshot(this.fields);
    const privacy = privacyChoices($state.snapshot(this.privacy));
    return { term: term.trim(), context, category, notes, privacy };
  }

  /** The question for another version of the text that stands here; none without a wish or a text. */
  get wishInput(): DraftInput | null {
    const { definition } = this.fields;
    if (!this.wish.trim() || !definition.trim()) return null;
    const turns = turnsUntil($state.snapshot(this.step) as Step, definition);
    return { ...this.input, refine: { turns, wish: this.wish.trim() } };
  }

  /** Every text of this concept, in the order in which they came. */
  get versions(): { text: DraftedText; here: boolean }[] {
    const here = { text: this.#text(), here: true };
    const others = [...this.past, ...this.future].map((text) => ({ text, here: false }));
    const all = hasText(here.text) ? [...others, here] : others;
    return all.sort((one, other) => one.text.step.number - other.text.step.number);
  }

  /** The question has changed since the draft that stands here. */
  get isNewQuestion(): boolean {
    return this.draft !== null && this.#answered !== questionKey(this.input);
  }

  get notesTooLong(): number | null {
    const count = countCharacters(this.fields.notes);
    return count > TEXT_LIMIT ? count : null;
  }

  /** Concepts whose definition is nearly the one that stands here. */
  get likeText(): DuplicateHit[] {
    return this.#near.answer?.filter((hit) => hit.kind === 'near_text') ?? [];
  }

  /** Has a text replaced as well, wherever it stands in the notes. */
  replaceAlso(text: string): void {
    const { also, let_out } = this.privacy;
    this.privacy.also = [...also.filter((each) => each !== text), text];
    this.privacy.let_out = let_out.filter((each) => each !== text);
    this.questionChanged();
  }

  /** Lets texts go out as they are: found ones, or ones that were added by hand. */
  letOut(texts: readonly string[]): void {
    const { also, let_out } = this.privacy;
    const added = texts.filter((text) => also.includes(text));
    const found = texts.filter((text) => !also.includes(text) && !let_out.includes(text));
    this.privacy.also = also.filter((each) => !added.includes(each));
    this.privacy.let_out = [...let_out, ...found];
    this.questionChanged();
  }

  /** Has a text replaced again that was let out. */
  replaceAgain(text: string): void {
    this.privacy.let_out = this.privacy.let_out.filter((each) => each !== text);
    this.questionChanged();
  }

  questionChanged(): void {
    this.textChanged();
    this.#inquire();
  }

  /** Chooses the category that the draft was made with: the same question, as nobody chose another. */
  takeCategory(): void {
    const category = this.draft?.assumed?.category;
    if (!category || this.fields.category !== null) return;
    const isAnswered = !this.isNewQuestion;
    this.fields.category = category;
    if (isAnswered) this.#answered = questionKey(this.input);
    this.questionChanged();
  }

  /** Looks up what exists already and what would be sent. */
  #inquire(): void {
    const input = this.input;
    if (input.term === '' || this.notesTooLong !== null) {
      this.duplicates.forget();
      this.preview.forget();
      return;
    }
    this.duplicates.ask({ term: input.term, context: input.context, text: '' });
    this.preview.ask(input);
  }

  textChanged(): void {
    if (this.problem === 'term' && this.fields.term.trim()) this.problem = null;
    this.#save();
    this.#compareText();
    this.#inquireWish();
  }

  #save(): void {
    this.#buffer.save(JSON.stringify(this.#kept()));
  }

  /** Looks up what would be sent for the wish. */
  #inquireWish(): void {
    if (this.drafting.busy) return;
    if (this.wish.trim()) this.wishMissing = false;
    const input = this.notesTooLong === null ? this.wishInput : null;
    if (input && input.term) this.wishPreview.ask(input);
    else this.wishPreview.forget();
  }

  #compareText(): void {
    const { term, context } = this.input;
    const text = this.fields.definition;
    if (!this.writing || term === '' || text.trim() === '' || countCharacters(text) > TEXT_LIMIT) {
      this.#near.forget();
    } else {
      this.#near.ask({ term, context, text });
    }
  }

  /**
   * Has a definition drafted; the text that stands here stays until a new one is whole. What would
   * be sent is shown first; a question that is changed before that is not asked.
   */
  async start(): Promise<void> {
    if (this.drafting.busy || this.waiting) return;
    const input = this.input;
    if (input.term === '') this.problem = 'term';
    else this.problem = this.notesTooLong === null ? null : 'too_long';
    if (this.problem) return;
    await this.#shown(this.preview);
    if (this.#closed || questionKey(this.input) !== questionKey(input)) return;
    this.#refined = false;
    this.wishMissing = false;
    await this.#ask(input, this.draft !== null && !this.isNewQuestion);
  }

  /** Asks for another version of the text that stands here, which stays among the versions. */
  async refine(): Promise<void> {
    if (this.drafting.busy || this.waiting) return;
    const input = this.wishInput;
    this.wishMissing = input === null;
    if (!input) return;
    this.problem = input.term === '' ? 'term' : null;
    if (this.problem) return;
    await this.#shown(this.wishPreview);
    const same = JSON.stringify(this.wishInput) === JSON.stringify(input);
    if (this.#closed || !same || this.wishPreview.error) return;
    this.#refined = true;
    await this.#ask(input, false);
  }

  /** Waits until what would be sent is shown; where it is shown already the screen does not change for it. */
  async #shown(preview: Latest<'preview'>): Promise<void> {
    if (!preview.busy) return;
    this.waiting = true;
    await preview.settled();
    this.waiting = false;
  }

  /** Asks once more what was asked for last. */
  retry(): Promise<void> {
    return this.#refined && this.wishInput ? this.refine() : this.start();
  }

  async #ask(input: DraftInput, anew: boolean): Promise<void> {
    const offline = app.info?.model.state === 'not_configured';
    const how = { regenerate: anew && !offline, offline };
    const result = await this.drafting.run(input, how, () => this.textChanged());
    if (result === 'abandoned') return;
    if (result) this.#take(result, input);
    this.#save();
    // What came of it is seen first: what goes with it can wait for that.
    afterFrames(1, () => {
      void refreshInfo().catch(() => {});
      if (!this.#closed) this.questionChanged();
    });
  }

  /** Write without a model. */
  writeSelf(): void {
    this.writing = true;
    this.textChanged();
  }

  /** Puts the text before this one back. */
  back(): void {
    const before = this.past.at(-1);
    if (!before) return;
    this.past = this.past.slice(0, -1);
    this.future = [...this.future, this.#text()];
    this.#put(before);
  }

  /** Puts the text back that was stepped back from last. */
  forth(): void {
    const after = this.future.at(-1);
    if (!after) return;
    this.future = this.future.slice(0, -1);
    this.past = [...this.past, this.#text()];
    this.#put(after);
  }

  /** Goes on with another version; the one that stands here stays among them. */
  choose(version: DraftedText): void {
    const all = [...this.past, this.#text(), ...[...this.future].reverse()];
    const at = all.indexOf(version);
    if (at < 0) return;
    this.past = all.slice(0, at);
    this.future = all.slice(at + 1).reverse();
    this.#put(version);
  }

  #put({ draft, step, ...text }: DraftedText): void {
    Object.assign(this.fields, text);
    this.draft = draft;
    this.step = step;
    this.textChanged();
  }

  /** Keeps the concept and opens it; what was typed meanwhile goes along to its editor. */
  async keep(reason = '', acceptDuplicate = false): Promise<void> {
    if (this.keeping || this.drafting.busy) return;
    this.problem = this.#problem();
    this.keepError = null;
    if (this.problem) return;
    this.keeping = true;
    const sent = $state.snapshot(this.fields) as ConceptFields;
    try {
      const outcome = await call('concept_save', {
        fields: cleanFields(sent),
        reason: reason.trim(),
        draft_id: this.draft?.draft_id ?? null,
        accept_duplicate: acceptDuplicate,
      });
      if (outcome.outcome === 'duplicate') {
        this.same = outcome.hits;
      } else if (outcome.outcome === 'kept') {
        const { concept } = outcome.view;
        const context = await ownContext();
        const typedOn = await this.#handOver(concept, sent);
        // From here nothing is waited for: a letter typed now would go with the rest.
        this.#empty(this.other ?? '', context);
        void refreshInfo().catch(() => {});
        go(typedOn ? 'mijn' : 'begrip', concept.id);
      }
    } catch (failure) {
      this.keepError = toUserError(failure);
    } finally {
      this.keeping = false;
    }
  }

  /** Begins afresh, with the term that was asked for or with nothing. */
  async clear(): Promise<void> {
    const term = this.other ?? '';
    this.drafting.abandon();
    // Of use to an experiment alone: nobody waits for it.
    if (this.draft) {
      void call('draft_discard', { draft_id: this.draft.draft_id }).catch(() => {});
    }
    const context = await ownContext();
    await this.#empty(term, context);
  }

  /** Empties the screen at once; resolves when the kept text is forgotten. */
  #empty(term: string, context: Context): Promise<void> {
    const forgotten = this.#buffer.clear();
    this.drafting.abandon();
    this.fields = { ...emptyFields(), term, context };
    this.privacy = noPrivacy();
    this.writing = false;
    this.draft = null;
    this.step = firstStep();
    this.wish = '';
    this.wishMissing = false;
    this.wishPreview.forget();
    this.past = [];
    this.future = [];
    this.other = null;
    this.problem = null;
    this.keepError = null;
    this.same = [];
    this.#near.forget();
    if (term) this.questionChanged();
    else {
      this.duplicates.forget();
      this.preview.forget();
    }
    return forgotten;
  }

  /** Has what was typed since `sent` kept for the editor of the concept; false when there is none. */
  async #handOver(concept: Concept, sent: ConceptFields): Promise<boolean> {
    const before = JSON.stringify(sent);
    let handed = before;
    for (;;) {
      const fields = $state.snapshot(this.fields) as ConceptFields;
      const now = JSON.stringify(fields);
      if (now === handed) return now !== before;
      const content = JSON.stringify(typedOn(concept, fields));
      await call('buffer_save', { key: `edit:${concept.id}`, content });
      handed = now;
    }
  }

  close(): void {
    this.#closed = true;
    this.#buffer.close();
  }

  #take(result: DefineResult, input: DraftInput): void {
    // A new draft goes behind every text there was; the one that stood here is the nearest.
    const before = [...this.past, ...[...this.future].reverse()];
    const text = this.#text();
    const all = hasText(text) ? [...before, text] : before;
    const number = 1 + Math.max(0, ...all.map(({ step }) => step.number));
    const { refine } = input;
    this.step = refine ? nextStep(number, refine.wish, refine.turns) : firstStep(number);
    if (refine) this.wish = '';
    this.past = newest(all);
    this.future = [];
    const { reply, sources } = result;
    Object.assign(this.fields, reply);
    if (this.fields.citations.length === 0) this.fields.citations = sources;
    this.draft = result;
    this.drafting.partial = null;
    this.#answered = questionKey(input);
    this.writing = true;
  }

  #text(): DraftedText {
    return draftedText($state.snapshot(this.fields), this.draft, this.step);
  }

  #problem(): Problem | null {
    if (this.fields.term.trim() === '') return 'term';
    if (isTooLong(this.fields)) return 'too_long';
    if (this.fields.citations.some(citationError)) return 'citations';
    return daysProblem(this.fields.validity ?? {}) ? 'validity' : null;
  }

  #kept(): Kept {
    return {
      fields: $state.snapshot(this.fields),
      privacy: $state.snapshot(this.privacy),
      writing: this.writing,
      draft: this.draft,
      answered: this.#answered,
      step: this.step,
      wish: this.wish,
      past: this.past,
      future: this.future,
      partial: this.drafting.partial,
    };
  }

  #restore(kept: Kept): void {
    this.fields = kept.fields;
    this.privacy = kept.privacy;
    this.writing = kept.writing;
    this.draft = kept.draft;
    this.step = kept.step;
    this.wish = kept.wish;
    this.past = kept.past;
    this.future = kept.future;
    this.drafting.partial = kept.partial;
    this.#answered = kept.answered;
  }
}
