import type { ConceptFields } from '../../lib/backend';
import type { Base } from './kept';

/** What stands in the form. */
export interface Form {
  fields: ConceptFields;
  reason: string;
}

export type FormField = keyof ConceptFields | 'reason';

interface Step {
  /** Where the change was; none when it was in more than one place. */
  field: FormField | null;
  /** The form on the other side of the step, as JSON. */
  form: string;
  /** What the form there was based on, when that differs as well. */
  base: Base | null;
  typing: boolean;
  at: number;
}

/** Whoever stops typing this long begins a new step. */
const PAUSE_MS = 1_500;
const MOST_STEPS = 200;
/** Characters that all steps together may hold; a pasted book must not fill the memory. */
const MOST_CHARACTERS = 20_000_000;

const parts = ({ fields, reason }: Form): [FormField, unknown][] => [
  ...(Object.entries(fields) as [FormField, unknown][]),
  ['reason', reason],
];

/** A change of one text, not of how many there are. */
function isTyping(before: unknown, after: unknown): boolean {
  if (typeof before === 'string' && typeof after === 'string') return true;
  return Array.isArray(before) && Array.isArray(after) && before.length === after.length;
}

/** Undo and redo of a whole form: typing in one field is one step, each removal or choice is one. */
export class Steps {
  past = $state.raw<Step[]>([]);
  future = $state.raw<Step[]>([]);
  #now = '';

  constructor(form: Form) {
    this.#now = JSON.stringify(form);
  }

  /** The user changed the form, `at` milliseconds since whenever. */
  note(form: Form, at = performance.now()): void {
    const after = JSON.stringify(form);
    if (after === this.#now) return;
    const { field, typing } = this.#difference(form);
    const last = this.past.at(-1);
    const goesOn = typing && last?.typing && last.field === field && at - last.at < PAUSE_MS;
    if (goesOn) this.past = [...this.past.slice(0, -1), { ...last, at }];
    else this.#push({ field, form: this.#now, base: null, typing, at });
    this.future = [];
    this.#now = after;
  }

  /** Another text was put in the form at once; `base` is what it was based on, when that changed. */
  jump(form: Form, base: Base | null): void {
    const { field } = this.#difference(form);
    this.#push({ field, form: this.#now, base, typing: false, at: 0 });
    this.future = [];
    this.#now = JSON.stringify(form);
  }

  /** The form was tidied and kept: not a step, and no step leads back to an older base. */
  keptAs(form: Form): void {
    this.#now = JSON.stringify(form);
    this.past = this.past.map((step) => ({ ...step, base: null, typing: false }));
    this.future = this.future.map((step) => ({ ...step, base: null }));
  }

  /** The form before the latest step; `base` is what the present form is based on. */
  undo(base: Base): { form: Form; base: Base | null } | null {
    const step = this.past.at(-1);
    if (!step) return null;
    this.past = this.past.slice(0, -1);
    this.future = [...this.future, this.#opposite(step, base)];
    return this.#take(step);
  }

  /** The form after the step that was undone last. */
  redo(base: Base): { form: Form; base: Base | null } | null {
    const step = this.future.at(-1);
    if (!step) return null;
    this.future = this.future.slice(0, -1);
    this.past = [...this.past, this.#opposite(step, base)];
    return this.#take(step);
  }

  #push(step: Step): void {
    const all = [...this.past, step].slice(-MOST_STEPS);
    let held = all.reduce((sum, { form }) => sum + form.length, 0);
    while (all.length > 1 && held > MOST_CHARACTERS) held -= all.shift()?.form.length ?? 0;
    this.past = all;
  }

  #difference(form: Form): { field: FormField | null; typing: boolean } {
    const before = Object.fromEntries(parts(JSON.parse(this.#now) as Form));
    const changed = parts(form).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]),
    );
    const [first] = changed;
    if (!first || changed.length > 1) return { field: null, typing: false };
    return { field: first[0], typing: isTyping(before[first[0]], first[1]) };
  }

  #opposite(step: Step, base: Base): Step {
    return { ...step, form: this.#now, base: step.base && base, typing: false };
  }

  #take(step: Step): { form: Form; base: Base | null } {
    this.#now = step.form;
    return { form: JSON.parse(step.form) as Form, base: step.base };
  }
}
