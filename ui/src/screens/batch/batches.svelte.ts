import {
  call,
  toUserError,
  type JobAction,
  type JobFile,
  type JobPreview,
  type JobView,
  type UserError,
} from '../../lib/backend';
import { formatNumber, t } from '../../lib/i18n/index.svelte';
import { refreshInfoAfter } from '../../lib/state/app.svelte';

/** Bytes of a file that are read: a little more than may be, so that a larger one is refused as too large. */
const MOST = 10_000_001;

/** Milliseconds between two looks at a batch that is under way, and at one that is not. */
const SOON = 500;
const LATER = 3_000;

function toBase64(bytes: Uint8Array): string {
  let text = '';
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

/** Rows of a batch that have ended. */
export const ended = ({ done, failed, skipped }: JobView): number => done + failed + skipped;

/** How many rows there are and how they ended, in words. */
export const counted = (job: JobView): string =>
  t('batch.count', {
    ended: formatNumber(ended(job)),
    total: formatNumber(job.total),
    done: formatNumber(job.done),
    failed: formatNumber(job.failed),
    skipped: formatNumber(job.skipped),
  });

/** How long a batch that is under way still takes, in words; empty when nobody knows. */
export function timeLeft(seconds: number | null): string {
  if (seconds === null) return '';
  if (seconds <= 1) return t('batch.eta_one');
  return seconds <= 90
    ? t('batch.eta', { seconds: Math.ceil(seconds) })
    : t('batch.eta_minutes', { minutes: Math.ceil(seconds / 60) });
}

/** Who makes the definitions: this computer, or the server of the organisation. */
export type Where = 'here' | 'server';

/** Names a wish, so that it is one batch however often it is sent. */
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');

/** The batches on this computer, as they go on. */
export class Batches {
  all = $state.raw<JobView[] | null>(null);
  error = $state.raw<UserError | null>(null);
  /** Why a file was refused. */
  refused = $state.raw<UserError | null>(null);
  /** What was read of a file that is not a batch yet. */
  preview = $state.raw<JobPreview | null>(null);
  busy = $state(false);
  /** Who makes the definitions of the file that was read. */
  where = $state<Where>('here');
  #file: JobFile | null = null;
  #key = '';

  /** Follows the batches until the function that it gives is called. */
  follow(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const look = async () => {
      await this.load();
      const running = this.all?.some((job) => job.state === 'running');
      if (!over) timer = setTimeout(() => void look(), running ? SOON : LATER);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }

  get fileName(): string {
    return this.#file?.name ?? '';
  }

  async load(): Promise<void> {
    await this.#attempt(async () => {
      this.all = await call('job_list', null);
      refreshInfoAfter(this.all);
    });
  }

  /** Reads a file and shows what is in it; nothing is kept. */
  async choose(file: File): Promise<void> {
    this.refused = null;
    this.preview = null;
    this.busy = true;
    try {
      const bytes = new Uint8Array(await file.slice(0, MOST).arrayBuffer());
      this.#file = { name: file.name, content: toBase64(bytes) };
      this.#key = newKey();
      this.preview = await call('job_preview', this.#file);
    } catch (failure) {
      this.refused = toUserError(failure);
    }
    this.busy = false;
  }

  forget(): void {
    this.preview = null;
    this.refused = null;
    this.#file = null;
  }

  /** Makes a batch of the file that was read, and starts it. What is refused stays chosen. */
  async create(): Promise<void> {
    const file = this.#file;
    if (!file) return;
    this.busy = true;
    this.refused = null;
    try {
      // When an answer is lost on the way, the same wish again is the same batch.
      if (this.where === 'server') await call('server_job_create', { file, key: this.#key });
      else await call('job_create', { file, start: true });
      this.forget();
    } catch (failure) {
      this.refused = toUserError(failure);
    }
    this.busy = false;
    await this.load();
  }

  async act(id: string, action: JobAction): Promise<void> {
    await this.#attempt(async () => {
      await call('job_act', { id, action });
      this.all = await call('job_list', null);
    });
  }

  async remove(id: string): Promise<void> {
    await this.#attempt(async () => {
      await call('job_remove', { id });
      this.all = await call('job_list', null);
    });
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.error = null;
    } catch (failure) {
      this.error = toUserError(failure);
    }
  }
}
