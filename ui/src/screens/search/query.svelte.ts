import { call, toUserError, type SearchHit, type UserError } from '../../lib/backend';
import { dayMeant, type ValidOn } from '../../lib/text/validity';

// What was looked for stays while the user opens a hit and comes back.
let latest = '';
let latestDay: ValidOn = '';

/** Search while typing: one call under way, only the answer to the present text is shown. */
export class Query {
  text = $state(latest);
  /** When a concept must hold; empty finds everything. */
  validOn = $state<ValidOn>(latestDay);
  hits = $state<SearchHit[]>([]);
  /** The question that `hits` answers; empty before the first answer. */
  #answered = $state('');
  /** Number of the chosen hit, -1 for none. */
  active = $state(-1);
  error = $state<UserError | null>(null);
  #work: Promise<void> | null = null;

  get pending(): boolean {
    return this.text.trim() !== '' && this.#answered !== this.#question;
  }

  /** The day that is meant now. */
  get day(): string | null {
    return dayMeant(this.validOn);
  }

  get #question(): string {
    return `${this.day ?? ''}\n${this.text}`;
  }

  /** The text or the day changed. */
  changed(): Promise<void> {
    latest = this.text;
    latestDay = this.validOn;
    this.active = -1;
    if (this.text.trim() === '') {
      this.hits = [];
      this.#answered = '';
      return Promise.resolve();
    }
    if (!this.pending) return Promise.resolve();
    return (this.#work ??= this.#run());
  }

  move(step: number): void {
    const count = this.hits.length;
    if (count > 0) this.active = (Math.max(this.active, step > 0 ? -1 : 0) + step + count) % count;
  }

  /** The hit that Enter opens, after the answer to what was typed last has come. */
  async chosen(): Promise<SearchHit | undefined> {
    const moved = this.active;
    if (this.pending) {
      await this.#work;
      return this.hits[Math.max(0, moved)] ?? this.hits[0];
    }
    return this.hits[Math.max(0, moved)];
  }

  async #run(): Promise<void> {
    // A call that took a while answers an old text: ask again for the present one.
    while (this.pending) {
      const question = this.#question;
      try {
        const response = await call('search', {
          query: this.text,
          limit: 30,
          valid_on: this.day,
        });
        this.error = null;
        if (question !== this.#question) continue;
        this.hits = response.hits;
      } catch (error) {
        this.error = toUserError(error);
        if (question !== this.#question) continue;
        this.hits = [];
      }
      this.#answered = question;
    }
    // At once: a change that comes in the moment after would wait for work that is done.
    this.#work = null;
  }
}
