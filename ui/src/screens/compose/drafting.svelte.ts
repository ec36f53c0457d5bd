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
let asked = 0;

/** One request to the model: what comes in, how far it is, how it ended. */
export class Drafting {
  busy = $state(false);
  stopping = $state(false);
  stage = $state<DefineStage | null>(null);
  partial = $state.raw<Partial | null>(null);
  /** Branches that were too slow and left out. */
  leftOut = $state.raw<string[]>([]);
  error = $state.raw<UserError | null>(null);
  #id = '';

  /** True when the user stopped it: no error to be shown as one. */
  get stopped(): boolean {
    return this.error?.code === CANCELLED;
  }

  /** Asks; gives the draft, or none with the reason in `error` and the text so far in `partial`. */
  async run(
    input: DraftInput,
    how: { regenerate: boolean; offline: boolean },
    ontext: () => void,
  ): Promise<DefineResult | null> {
    asked += 1;
    this.#id = `compose-${Date.now()}-${asked}`;
    this.busy = true;
    this.stopping = false;
    this.stage = null;
    this.partial = null;
    this.leftOut = [];
    this.error = null;
    try {
      return await stream('define', { request_id: this.#id, input, ...how }, (event) => {
        this.#take(event);
        ontext();
      });
    } catch (failure) {
      this.error = toUserError(failure);
      return null;
    } finally {
      this.busy = false;
      this.stopping = false;
    }
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
    if (event.left_out.length > 0) this.leftOut = [...this.leftOut, ...event.left_out];
    // Whoever stopped before the program knew the request stops it now.
    if (this.stopping) this.#cancel();
  }
}
