import { toUserError, type UserError } from '../../lib/backend';
import { Buffered } from '../../lib/state/buffer';

/** The longest text that is kept, in UTF-16 units; as JSON it stays under the 4 MB of the store. */
export const KEPT = 1_000_000;

/** A text with its term, and what fixes took out of it. */
export interface Work {
  term: string;
  text: string;
  taken: string[];
}

const isEntry = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isThere = ({ term, text, taken }: Work): boolean =>
  term !== '' || text !== '' || taken.length > 0;

const sizeOf = ({ term, text, taken }: Work): number =>
  [term, text, ...taken].reduce((sum, each) => sum + each.length, 0);

function readWork(value: unknown): Work | null {
  if (!isEntry(value)) return null;
  const { term, text, taken } = value;
  const work: Work = {
    term: typeof term === 'string' ? term : '',
    text: typeof text === 'string' ? text : '',
    taken: Array.isArray(taken) ? taken.filter((piece) => typeof piece === 'string') : [],
  };
  return isThere(work) ? work : null;
}

/** What was kept: the text that stood here, with older ones behind it; none when unreadable. */
function readKept(content: string): Work[] {
  try {
    const value: unknown = JSON.parse(content);
    const earlier = isEntry(value) && Array.isArray(value['earlier']) ? value['earlier'] : [];
    return [value, ...earlier].map(readWork).filter((work) => work !== null);
  } catch {
    return [];
  }
}

/** A text that is being checked, kept from the first letter. */
export class Checking {
  term = $state('');
  text = $state('');
  /** What fixes took out of the text; it belongs in an explanation. */
  taken = $state.raw<string[]>([]);
  /** Texts of an earlier visit that gave way to what was typed before they came, the newest first. */
  earlier = $state.raw<Work[]>([]);
  /** The kept text could not be looked up: nothing is kept over it. */
  loadError = $state.raw<UserError | null>(null);
  /** The text is too long to be kept. */
  tooLong = $state(false);
  readonly #buffer = new Buffered('check');
  #loaded = false;

  /** Brings the kept text back; what was typed before it came goes first. */
  async open(): Promise<void> {
    this.loadError = null;
    try {
      const content = await this.#buffer.load();
      if (this.#loaded) return;
      this.#loaded = true;
      const typed = isThere(this.#work);
      const kept = content === null ? [] : readKept(content);
      const [first, ...rest] = kept;
      if (!typed && first) this.#put(first);
      this.earlier = typed ? kept : rest;
      if (typed) this.changed();
    } catch (failure) {
      this.loadError = toUserError(failure);
    }
  }

  changed(): void {
    const work = this.#work;
    this.tooLong = sizeOf(work) > KEPT;
    if (!this.#loaded) return;
    if (this.tooLong && this.earlier.length === 0) return void this.#buffer.clear();
    const kept = this.tooLong ? { term: work.term, text: '', taken: [] } : work;
    let room = KEPT - sizeOf(kept);
    const earlier = this.earlier.filter((each) => (room -= sizeOf(each)) >= 0);
    this.#buffer.save(JSON.stringify({ ...kept, earlier }));
  }

  /** Puts the earlier text back; what stands here waits in its place. */
  putBack(): void {
    const [first, ...rest] = this.earlier;
    if (!first) return;
    const here = this.#work;
    this.earlier = isThere(here) ? [...rest, here] : rest;
    this.#put(first);
    this.changed();
  }

  /** Throws the earlier text away. */
  forget(): void {
    this.earlier = this.earlier.slice(1);
    this.changed();
  }

  take(taken: string[]): void {
    this.taken = taken;
    this.changed();
  }

  close(): void {
    this.#buffer.close();
  }

  get #work(): Work {
    return { term: this.term, text: this.text, taken: this.taken };
  }

  #put({ term, text, taken }: Work): void {
    this.term = term;
    this.text = text;
    this.taken = taken;
  }
}
