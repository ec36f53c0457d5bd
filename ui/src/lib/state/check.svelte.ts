import type { CheckRequest, Report, UserError } from '../backend';
import { countCharacters } from '../text/spans';
import { Latest } from './latest.svelte';

/** The longest text that is checked and kept, in characters. */
export const TEXT_LIMIT = 20_000;

/**
 * Checks while typing; the last report stays until the next one is there. The rules over the text alone
 * answer first, also while those that look beside it are still busy with an earlier text: what they said
 * last stands until they answer.
 */
export class LiveCheck {
  readonly #alone = new Latest('check_text');
  readonly #beside = new Latest('check');
  #latest: CheckRequest | null = null;
  /** Stands until the first answers. */
  #known = $state.raw<Known | null>(null);
  /** Characters, when there are too many. */
  tooLong = $state<number | null>(null);
  report = $derived(together(this.#alone, this.#beside, this.#known));
  /** The text that `report` is about: its spans count in this text. */
  text = $derived((this.#alone.answer ? this.#alone.question?.text : this.#known?.text) ?? '');
  error = $derived<UserError | null>(this.#alone.error ?? this.#beside.error);

  constructor(known: Known | null = null) {
    this.#known = known;
  }

  /** True as long as only what was known before stands there, and it is about this text. */
  isKnown(text: string): boolean {
    return this.#latest === null && this.#known?.text === text;
  }

  check(request: CheckRequest): void {
    const count = countCharacters(request.text);
    this.tooLong = count > TEXT_LIMIT ? count : null;
    if (this.tooLong !== null || request.text.trim() === '') {
      this.#latest = null;
      this.#known = null;
      this.#alone.forget();
      this.#beside.forget();
      return;
    }
    this.#latest = request;
    this.#alone.ask(request);
    void this.#alone.settled().then(() => {
      if (this.#latest !== request) return;
      this.#beside.ask(request);
      void this.#beside.settled().then(() => (this.#known = null));
    });
  }
}

/** A text with what every rule said of it before. */
export interface Known {
  text: string;
  report: Report;
}

/** What the rules over the text say, and the others of the same or of an earlier text, in the pack's order. */
function together(
  alone: Latest<'check_text'>,
  beside: Latest<'check'>,
  known: Known | null,
): Report | null {
  const report = alone.answer;
  const whole = beside.answer ?? known?.report;
  if (!report) return known?.report ?? null;
  if (whole?.pack_version !== report.pack_version) return report;
  if (beside.answer && alone.question === beside.question) return whole;
  const fresh = new Map(report.findings.map((finding) => [finding.rule, finding]));
  const findings = whole.findings.map((finding) => fresh.get(finding.rule) ?? finding);
  return { ...report, findings };
}
