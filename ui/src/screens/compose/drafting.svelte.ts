import {
  call,
  stream,
  toUserError,
  type DefineEvent,
  type DefineResult,
  type DefineStage,
  type DraftInput,
  type UserError,
} from '../../lib/backend';

/** A text that comes in, or came in before it broke off. */
export interface Partial {
  definition: string;
  explanation: string;
}

const CANCELLED = 'BG-514';
/** Milliseconds: an answer that is kept comes sooner, and a screen that goes at once helps nobody. */
const LASTING_MS = 80;
let asked = 0;

/** One request to the model: what comes in, how far it is, how it ended. */
export class Drafting {
  busy = $state(false);
  /** It takes so long that its progress is worth showing. */
  lasts = $state(false);
  stopping = $state(false);
  stage = $state<DefineStage | null>(null);
  partial = $state.raw<Partial | null>(null);
  error = $state.raw<UserError | null>(null);
  #id = '';

  /** True when the user stopped it: no error to be shown as one. */
  get stopped(): boolean {
    return this.error?.code === CANCELLED;
  }

  /**
   * Asks; gives the draft, or none with the reason in `error` and the text so far in `partial`.
   * What comes after `abandon` counts for nothing.
   */
  async run(
    input: DraftInput,
    how: { regenerate: boolean; offline: boolean },
    ontext: () => void,
  ): Promise<DefineResult | null | 'abandoned'> {
    asked += 1;
    const id = `compose-${Date.now()}-${asked}`;
    this.#id = id;
    this.busy = true;
    this.lasts = false;
    const lasting = setTimeout(() => {
      if (this.#id === id) this.lasts = true;
    }, LASTING_MS);
    this.stopping = false;
    this.stage = null;
    this.partial = null;
    this.error = null;
    let result: DefineResult | null = null;
    let error: UserError | null = null;
    try {
      result = await stream('define', { request_id: id, input, ...how }, (event) => {
        if (this.#id !== id) return;
        this.#take(event);
        if (event.event === 'text') ontext();
      });
    } catch (failure) {
      error = toUserError(failure);
    } finally {
      clearTimeout(lasting);
    }
    if (this.#id !== id) return 'abandoned';
    this.error = error;
    this.busy = false;
    this.stopping = false;
    return result;
  }

  /** Leaves a request that may be under way to itself, and forgets what came of it. */
  abandon(): void {
    this.stop();
    this.#id = '';
    this.busy = false;
    this.stopping = false;
    this.partial = null;
    this.error = null;
  }

  /** Asks the program to stop; the request then ends by itself. */
  stop(): void {
    if (!this.busy) return;
    this.stopping = true;
    this.#cancel();
  }

  #cancel(): void {
    // When this fails the text goes on coming in: the user sees it and can press again.
    call('define_cancel', { request_id: this.#id }).catch(() => (this.stopping = false));
  }

  #take(event: DefineEvent): void {
    if (event.event === 'text') {
      this.partial = { definition: event.definition, explanation: event.explanation };
      return;
    }
    this.stage = event.stage;
    // Whoever stopped before the program knew the request stops it now.
    if (this.stopping) this.#cancel();
  }
}
