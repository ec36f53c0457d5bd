import { call, toUserError, type CheckRequest, type Report, type UserError } from '../backend';
import { countCharacters } from '../text/spans';

/** The longest text that is checked and kept, in characters. */
export const TEXT_LIMIT = 20_000;

/**
 * Checks while typing: one check under way, the latest text waits, the last report stays until then.
 * The rules over the text alone answer first; what the other ones said stands until they answer too.
 */
export class LiveCheck {
  report = $state.raw<Report | null>(null);
  /** The text that `report` is about: its spans count in this text. */
  text = $state('');
  error = $state.raw<UserError | null>(null);
  /** Characters, when there are too many. */
  tooLong = $state<number | null>(null);
  #waiting: CheckRequest | null = null;
  #running = false;

  check(request: CheckRequest): void {
    const count = countCharacters(request.text);
    this.tooLong = count > TEXT_LIMIT ? count : null;
    if (this.tooLong !== null || request.text.trim() === '') {
      this.#waiting = null;
      this.report = null;
      this.text = '';
      this.error = null;
      this.#stale = true;
      return;
    }
    this.#stale = false;
    this.#waiting = request;
    if (!this.#running) void this.#run();
  }

  #stale = false;

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting) {
      const request = this.#waiting;
      this.#waiting = null;
      try {
        this.#show(request, beside(await call('check_text', request), this.report));
        // The rules over the text of a newer key go before those over the store of this one.
        if (this.#waiting || this.#stale) continue;
        this.#show(request, await call('check', request));
      } catch (error) {
        this.error = toUserError(error);
      }
    }
    this.#running = false;
  }

  #show(request: CheckRequest, report: Report): void {
    if (this.#stale) return;
    this.report = report;
    this.text = request.text;
    this.error = null;
  }
}

/** A report with what an earlier one says of the rules that it leaves out, in the order of the earlier one. */
function beside(report: Report, earlier: Report | null): Report {
  if (earlier?.pack_version !== report.pack_version) return report;
  const fresh = new Map(report.findings.map((finding) => [finding.rule, finding]));
  const findings = earlier.findings.map((finding) => fresh.get(finding.rule) ?? finding);
  return { ...report, findings };
}
