import {
  call,
  toUserError,
  type ServerJob,
  type ServerJobAction,
  type ServerJobRow,
  type ServerRowState,
  type UserError,
} from '../../lib/backend';
import { formatNumber, say, t } from '../../lib/i18n/index.svelte';
import { PAGE } from './results.svelte';

/** Milliseconds between two questions to the server: while something is under way, and else. */
const SOON = 1_000;
const LATER = 5_000;

/** Rows that have ended. */
export const endedThere = ({ done, failed }: ServerJob): number => done + failed;

/** Whether nothing of it changes any more by itself. */
export const isOver = ({ state, running }: ServerJob): boolean =>
  (state === 'done' || state === 'cancelled') && running === 0;

/** What the server says of something, in the language of the screen. */
export const inWords = ({ message, english }: { message: string; english: string }): string =>
  say({ nl: message, en: english });

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

  async load(): Promise<void> {
    try {
      await this.ask();
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

  /** Why the latest act was not done. */
  refused = $state.raw<UserError | null>(null);

  async act(id: string, action: ServerJobAction): Promise<void> {
    this.refused = null;
    try {
      const now = await call('server_job_act', { id, action });
      this.all = (this.all ?? []).map((job) => (job.id === id ? now : job));
    } catch (failure) {
      this.refused = toUserError(failure);
    }
  }
}

/** Rows that stand so, and after which row each page up to the last one begins. */
interface Wish {
  readonly state: ServerRowState | '';
  readonly starts: readonly number[];
}

/** The rows of one batch on the server, page by page. */
export class ServerResults extends Told {
  job = $state.raw<ServerJob | null>(null);
  rows = $state.raw<ServerJobRow[]>([]);
  /** What the rows on the page answer: how they stand, and after which row each page up to it begins. */
  shown = $state.raw<Wish>({ state: '', starts: [0] });
  /** What is asked for. */
  wish = $state.raw<Wish>({ state: '', starts: [0] });
  /** After which row the next page begins; none at the end, and while another page is asked for. */
  next = $state<number | null>(null);
  readonly id: string;

  constructor(id: string) {
    super();
    this.id = id;
  }

  protected get hurry(): boolean {
    return !this.error && this.job !== null && !isOver(this.job);
  }

  /** How many rows there are that stand like those on the page. */
  get total(): number {
    const { state } = this.shown;
    return (state === '' ? this.job?.total : this.job?.[state]) ?? 0;
  }

  /** Rows before the first that is shown. */
  get before(): number {
    return (this.shown.starts.length - 1) * PAGE;
  }

  protected async ask(): Promise<void> {
    const { id, wish } = this;
    const after = wish.starts.at(-1) ?? 0;
    const [job, page] = await Promise.all([
      call('server_job_get', { id }),
      call('server_job_rows', { id, state: wish.state || null, after, limit: PAGE }),
    ]);
    // Another page may have been asked for meanwhile.
    if (wish !== this.wish) return;
    this.job = job;
    this.rows = page.rows;
    this.next = page.next;
    this.shown = wish;
  }

  /** The first page of the rows that stand so. */
  filter(state: ServerRowState | ''): Promise<void> {
    return this.#show({ state, starts: [0] });
  }

  further(): Promise<void> {
    const { state, starts } = this.shown;
    if (this.next === null) return Promise.resolve();
    return this.#show({ state, starts: [...starts, this.next] });
  }

  back(): Promise<void> {
    const { state, starts } = this.shown;
    return this.#show({ state, starts: starts.length > 1 ? starts.slice(0, -1) : [0] });
  }

  #show(wish: Wish): Promise<void> {
    this.wish = wish;
    this.next = null;
    return this.load();
  }
}
