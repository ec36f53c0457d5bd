import {
  call,
  toUserError,
  type ServerJob,
  type ServerJobAction,
  type ServerJobRow,
  type ServerRowState,
  type UserError,
} from '../../lib/backend';
import { formatNumber, t } from '../../lib/i18n/index.svelte';
import { PAGE } from './results.svelte';

/** Milliseconds between two questions to the server: while something is under way, and else. */
const SOON = 1_000;
const LATER = 5_000;

/** Rows that have ended. */
export const endedThere = ({ done, failed }: ServerJob): number => done + failed;

/** Whether nothing of it changes any more by itself. */
export const isOver = ({ state, running }: ServerJob): boolean =>
  (state === 'done' || state === 'cancelled') && running === 0;

/** How many rows there are and how they ended, in words. */
export const countedThere = (job: ServerJob): string =>
  t('batch.server_count', {
    ended: formatNumber(endedThere(job)),
    total: formatNumber(job.total),
    done: formatNumber(job.done),
    failed: formatNumber(job.failed),
  });

/** What the server tells, asked again and again. What it told last stays when it is away. */
abstract class Told {
  error = $state.raw<UserError | null>(null);
  /** When the server last answered. */
  seen = $state<string | null>(null);

  protected abstract ask(): Promise<void>;
  protected abstract get hurry(): boolean;

  /** Asks until the function that it gives is called. */
  follow(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const look = async () => {
      await this.load();
      if (!over) timer = setTimeout(() => void look(), this.hurry ? SOON : LATER);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }

  load(): Promise<void> {
    return this.attempt(() => this.ask());
  }

  protected async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.error = null;
      this.seen = new Date().toISOString();
    } catch (failure) {
      this.error = toUserError(failure);
    }
  }
}

/** The batches of the organisation on the server. */
export class ServerBatches extends Told {
  all = $state.raw<ServerJob[] | null>(null);

  protected get hurry(): boolean {
    return !this.error && (this.all ?? []).some((job) => !isOver(job));
  }

  protected async ask(): Promise<void> {
    this.all = await call('server_job_list', null);
  }

  act(id: string, action: ServerJobAction): Promise<void> {
    return this.attempt(async () => {
      const now = await call('server_job_act', { id, action });
      this.all = (this.all ?? []).map((job) => (job.id === id ? now : job));
    });
  }
}

/** The rows of one batch on the server, page by page. */
export class ServerResults extends Told {
  job = $state.raw<ServerJob | null>(null);
  rows = $state.raw<ServerJobRow[]>([]);
  state = $state<ServerRowState | ''>('');
  /** After which row each page up to this one begins. */
  starts = $state.raw<readonly number[]>([0]);
  next = $state<number | null>(null);
  readonly id: string;

  constructor(id: string) {
    super();
    this.id = id;
  }

  protected get hurry(): boolean {
    return !this.error && this.job !== null && !isOver(this.job);
  }

  /** How many rows there are that stand as is wanted. */
  get total(): number {
    return (this.state === '' ? this.job?.total : this.job?.[this.state]) ?? 0;
  }

  /** Rows before the first that is shown. */
  get before(): number {
    return (this.starts.length - 1) * PAGE;
  }

  protected async ask(): Promise<void> {
    const { id, starts } = this;
    const after = starts.at(-1) ?? 0;
    const [job, page] = await Promise.all([
      call('server_job_get', { id }),
      call('server_job_rows', { id, state: this.state || null, after, limit: PAGE }),
    ]);
    // Another page may have been asked for meanwhile.
    if (starts !== this.starts) return;
    this.job = job;
    this.rows = page.rows;
    this.next = page.next;
  }

  first(): Promise<void> {
    return this.#show([0]);
  }

  further(): Promise<void> {
    return this.next === null ? Promise.resolve() : this.#show([...this.starts, this.next]);
  }

  back(): Promise<void> {
    return this.#show(this.starts.length > 1 ? this.starts.slice(0, -1) : [0]);
  }

  #show(starts: readonly number[]): Promise<void> {
    this.starts = starts;
    return this.load();
  }
}
