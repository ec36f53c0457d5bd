import { call } from '../backend';

const open = new Set<Buffered>();

// The window says so just before it closes.
window.addEventListener('begrip:closing', () => open.forEach((buffer) => void buffer.flush()));

/** How an editor's text stands: kept on this computer, on its way, not kept because that failed. */
export type Keeping = 'kept' | 'busy' | 'failed';

const FORGET = Symbol('forget');
const RETRY_MS = 2_000;
/** What the screen asks at a key goes first: a frame. */
const SOON_MS = 16;

/**
 * Keeps an editor's text from the first keystroke: a save starts within a frame, and while one is under
 * way only the latest text waits. So at most one call runs and no pause loses text. What could not
 * be kept waits for the next keystroke, the next try or the close of the window.
 */
export class Buffered {
  #waiting: string | typeof FORGET | null = null;
  #running: Promise<void> | null = null;
  #failed = false;
  #closed = false;
  #soon: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly key: string,
    /** Told how the text stands, each time that changes. */
    readonly told: (keeping: Keeping) => void = () => {},
  ) {
    open.add(this);
  }

  /** The kept text, or none. */
  async load(): Promise<string | null> {
    // Whoever left this editor a moment ago may still be keeping its text.
    const others = [...open].filter((other) => other !== this && other.key === this.key);
    await Promise.all(others.map((other) => other.flush()));
    return (await call('buffer_load', { key: this.key }))?.content ?? null;
  }

  /** Hands a text over; returns at once. */
  save(content: string): void {
    this.#waiting = content;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.flush();
    }, SOON_MS);
  }

  /** Resolves when everything handed over so far is kept (or could not be). */
  flush(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      // A text that came in between the last look and now.
      if (this.#waiting !== null && !this.#failed) void this.flush();
    });
    return this.#running;
  }

  /** Forgets the text; what is handed over after this is kept. */
  clear(): Promise<void> {
    this.#waiting = FORGET;
    return this.flush();
  }

  /** The editor went away; what could not be kept yet is tried further. */
  close(): void {
    this.#closed = true;
    void this.flush();
  }

  async #run(): Promise<void> {
    clearTimeout(this.#retry);
    this.#failed = false;
    const worked = this.#waiting !== null;
    while (this.#waiting !== null) {
      const next = this.#waiting;
      this.#waiting = null;
      this.told('busy');
      try {
        if (next === FORGET) await call('buffer_clear', { key: this.key });
        else await call('buffer_save', { key: this.key, content: next });
      } catch {
        this.#waiting ??= next;
        this.#failed = true;
        this.#retry = setTimeout(() => void this.flush(), RETRY_MS);
        this.told('failed');
        return;
      }
    }
    if (worked) this.told('kept');
    if (this.#closed) open.delete(this);
  }
}
