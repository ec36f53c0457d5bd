import { call, toUserError, type CheckRequest, type Report, type UserError } from '../backend';
import { countCharacters } from '../text/spans';

/** The longest text that is checked and kept, in characters. */
export const TEXT_LIMIT = 20_000;

/** Checks while typing: one check under way, the latest text waits, the last report stays until then. */
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
        const report = await call('check', request);
        if (this.#stale) continue;
        this.report = report;
        this.text = request.text;
        this.error = null;
      } catch (error) {
        this.error = toUserError(error);
      }
    }
    this.#running = false;
  }
}
