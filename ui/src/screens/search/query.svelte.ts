import { call, toUserError, type SearchHit, type UserError } from '../../lib/backend';

// What was looked for stays while the user opens a hit and comes back.
let latest = '';

/** Search while typing: one call under way, only the answer to the present text is shown. */
export class Query {
  text = $state(latest);
  hits = $state<SearchHit[]>([]);
  /** The text that `hits` answers; empty before the first answer. */
  answered = $state('');
  /** Number of the chosen hit, -1 for none. */
  active = $state(-1);
  error = $state<UserError | null>(null);
  #work: Promise<void> | null = null;

  get pending(): boolean {
    return this.text.trim() !== '' && this.answered !== this.text;
  }

  /** The text changed. */
  changed(): Promise<void> {
    latest = this.text;
    this.active = -1;
    if (this.text.trim() === '') {
      this.hits = [];
      this.answered = '';
      return Promise.resolve();
    }
    this.#work ??= this.#run().finally(() => (this.#work = null));
    return this.#work;
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
      const query = this.text;
      try {
        const response = await call('search', { query, limit: 30 });
        this.error = null;
        if (query !== this.text) continue;
        this.hits = response.hits;
      } catch (error) {
        this.error = toUserError(error);
        if (query !== this.text) continue;
        this.hits = [];
      }
      this.answered = query;
    }
  }
}
