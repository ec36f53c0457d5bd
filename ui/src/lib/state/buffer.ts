import { call } from '../backend';

const open = new Set<Buffered>();

// The window says so just before it closes.
window.addEventListener('begrip:closing', () => open.forEach((buffer) => void buffer.flush()));

/**
 * Keeps an editor's text from the first keystroke: a save starts at once, and while one is under
 * way only the latest text waits. So at most one call runs and no pause loses text.
 */
export class Buffered {
  #waiting: string | null = null;
  #running: Promise<void> | null = null;

  constructor(readonly key: string) {
    open.add(this);
  }

  /** The kept text, or none. */
  async load(): Promise<string | null> {
    return (await call('buffer_load', { key: this.key }))?.content ?? null;
  }

  /** Hands a text over; returns at once. */
  save(content: string): void {
    this.#waiting = content;
    void this.flush();
  }

  /** Resolves when everything handed over so far is kept (or could not be). */
  flush(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      // A text that came in between the last look and now.
      if (this.#waiting !== null) void this.flush();
    });
    return this.#running;
  }

  /** Forgets the text. */
  async clear(): Promise<void> {
    this.#waiting = null;
    await this.#running;
    await call('buffer_clear', { key: this.key });
  }

  /** The editor went away. */
  close(): void {
    void this.flush().finally(() => open.delete(this));
  }

  async #run(): Promise<void> {
    while (this.#waiting !== null) {
      const content = this.#waiting;
      this.#waiting = null;
      try {
        await call('buffer_save', { key: this.key, content });
      } catch {
        // The text still stands on the screen; the next keystroke tries again.
        return;
      }
    }
  }
}
