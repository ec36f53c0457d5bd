import { call, toUserError, type Buffer, type UserError } from '../../lib/backend';

/** Work in an editor that was not kept as a concept. */
export interface Unsaved {
  kind: 'compose' | 'edit' | 'check';
  /** The concept that is being edited. */
  id: string | null;
  term: string;
  /** The definition so far. */
  text: string;
  buffer: Buffer;
}

type Entry = Record<string, unknown>;
const isEntry = (value: unknown): value is Entry => typeof value === 'object' && value !== null;
const textOf = (entry: Entry, name: string): string => {
  const value = entry[name];
  return typeof value === 'string' ? value.trim() : '';
};

function read(content: string): Entry | null {
  try {
    const value: unknown = JSON.parse(content);
    return isEntry(value) ? value : null;
  } catch {
    return null;
  }
}

/** What stands in a kept editor text; none when there is nothing to go on with. */
export function unsaved(buffer: Buffer): Unsaved | null {
  const [name, id = null] = buffer.key.split(':', 2);
  const kind = (['compose', 'edit', 'check'] as const).find((known) => known === name);
  const content = read(buffer.content);
  if (!kind || !content) return null;
  const { fields } = content;
  const entry = kind === 'check' ? content : isEntry(fields) ? fields : {};
  const term = textOf(entry, 'term');
  const text = textOf(entry, kind === 'check' ? 'text' : 'definition');
  const rest = ['explanation', 'notes'].map((part) => textOf(entry, part));
  const isThere = kind === 'edit' ? id !== null : [term, text, ...rest].some(Boolean);
  return isThere ? { kind, id, term, text, buffer } : null;
}

/** The texts that stand in editors, with what was just thrown away. */
export class UnsavedWork {
  all = $state.raw<Unsaved[]>([]);
  error = $state.raw<UserError | null>(null);
  /** Thrown away, and can be put back. */
  discarded = $state.raw<Unsaved | null>(null);
  /** Was put back. */
  restored = $state.raw<Unsaved | null>(null);

  async load(): Promise<void> {
    await this.#try(async () => {
      const buffers = await call('buffer_list', null);
      this.all = buffers.map(unsaved).filter((work) => work !== null);
    });
  }

  async discard(work: Unsaved): Promise<void> {
    await this.#try(async () => {
      await call('buffer_clear', { key: work.buffer.key });
      this.all = this.all.filter((other) => other !== work);
      this.discarded = work;
      this.restored = null;
    });
  }

  async putBack(): Promise<void> {
    const work = this.discarded;
    if (!work) return;
    await this.#try(async () => {
      const { key, content } = work.buffer;
      await call('buffer_save', { key, content });
      this.discarded = null;
      this.restored = work;
      this.all = [work, ...this.all];
    });
  }

  async #try(work: () => Promise<void>): Promise<void> {
    this.error = null;
    try {
      await work();
    } catch (failure) {
      this.error = toUserError(failure);
    }
  }
}
