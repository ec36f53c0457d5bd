import { call, toUserError, type Commands, type UserError } from '../backend';

/** Asks while typing: one call under way, the latest question waits, the last answer stays until then. */
export class Latest<N extends keyof Commands> {
  answer = $state.raw<Commands[N]['result'] | null>(null);
  /** What `answer` answers. */
  question = $state.raw<Commands[N]['args'] | null>(null);
  error = $state.raw<UserError | null>(null);
  #waiting: { args: Commands[N]['args'] } | null = null;
  #running: Promise<void> | null = null;
  #forgotten = false;

  constructor(readonly name: N) {}

  ask(args: Commands[N]['args']): void {
    this.#forgotten = false;
    this.#waiting = { args };
    this.#running ??= this.#run();
  }

  /** A question has no answer yet. */
  get busy(): boolean {
    return this.#running !== null;
  }

  /** Resolves when the latest question has its answer, or an error. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** There is nothing to ask any more; an answer under way is not shown. */
  forget(): void {
    this.#forgotten = true;
    this.#waiting = null;
    this.answer = null;
    this.error = null;
  }

  async #run(): Promise<void> {
    while (this.#waiting) {
      const { args } = this.#waiting;
      this.#waiting = null;
      try {
        const answer = await call(this.name, args);
        if (this.#forgotten) continue;
        this.answer = answer;
        this.question = args;
        this.error = null;
      } catch (error) {
        if (this.#forgotten) continue;
        this.answer = null;
        this.error = toUserError(error);
      }
    }
    // At once: whoever asks from here on begins anew.
    this.#running = null;
  }
}
