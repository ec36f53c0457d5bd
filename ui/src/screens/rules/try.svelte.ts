import type { Example, Fix, RuleTry } from '../../lib/backend';
import { TEXT_LIMIT } from '../../lib/state/check.svelte';
import { Latest } from '../../lib/state/latest.svelte';
import { countCharacters } from '../../lib/text/spans';

/** What is tried: a text with what a rule may look at besides. */
export type Attempt = Required<Omit<RuleTry, 'rule' | 'version'>>;

const NOTHING: Attempt = {
  term: '',
  text: '',
  context: { organisations: [], legal_areas: [], statutory_bases: [] },
  category: null,
  has_source: null,
  synonyms: [],
  others: [],
};

// One text for all rules: whoever tries it against a rule may try the next rule as well.
let latest: Attempt = NOTHING;

/** A text that is tried against one rule while it is typed. */
export class Trying {
  attempt = $state<Attempt>(structuredClone(latest));
  readonly #asking = new Latest('rule_try');

  constructor(
    readonly rule: string,
    readonly version: string | null,
  ) {
    this.changed();
  }

  /** Characters, when there are too many. */
  get tooLong(): number | null {
    const count = countCharacters(this.attempt.text);
    return count > TEXT_LIMIT ? count : null;
  }

  get finding() {
    return this.#asking.answer;
  }

  /** The text that `finding` is about: its span counts in this text. */
  get text(): string {
    return this.#asking.question?.text ?? '';
  }

  get error() {
    return this.#asking.error;
  }

  get isEmpty(): boolean {
    return this.attempt.text === '';
  }

  changed(): void {
    latest = $state.snapshot(this.attempt);
    if (this.isEmpty || this.tooLong !== null) this.#asking.forget();
    else this.#asking.ask({ rule: this.rule, version: this.version, ...latest });
  }

  /** The fix of the text as it is now: letters typed since the one that is shown are not lost. */
  async latestFix(shown: Fix): Promise<Fix | null> {
    if (this.text === this.attempt.text) return shown;
    await this.#asking.settled();
    return this.finding?.fix ?? null;
  }

  take(attempt: Partial<Attempt>): void {
    Object.assign(this.attempt, structuredClone(attempt));
    this.changed();
  }

  clear(): void {
    this.take(NOTHING);
  }
}

/** An example as it can be tried. */
export function attemptOf(example: Example): Attempt {
  const { term, text, organisations, legal_areas, statutory_bases } = example;
  const { category, has_source, synonyms, others } = example;
  return {
    term,
    text,
    context: { organisations, legal_areas, statutory_bases },
    category,
    has_source,
    synonyms,
    others,
  };
}

/** For tests: nothing was tried before. */
export function forgetAttempt(): void {
  latest = NOTHING;
}
