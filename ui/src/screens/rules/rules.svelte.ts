import { call, toUserError, type RuleView, type UserError } from '../../lib/backend';

/** The rules of one pack. */
export class Rules {
  all = $state.raw<RuleView[] | null>(null);
  error = $state.raw<UserError | null>(null);
  #asked = 0;

  /** Loads the rules of a version, or of the active one. */
  async load(version: string | null): Promise<void> {
    this.#asked += 1;
    const mine = this.#asked;
    this.error = null;
    try {
      const all = await call('rules_list', { version });
      if (mine === this.#asked) this.all = all;
    } catch (failure) {
      if (mine === this.#asked) this.error = toUserError(failure);
    }
  }
}
