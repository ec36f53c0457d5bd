import { call, type JobItemView } from '../backend';
import { refreshInfoAfter } from './app.svelte';

/** Drafts that were asked for without a connection and are ready now. */
export const queue = $state<{ id: string; ready: JobItemView[] }>({ id: '', ready: [] });

/** Milliseconds between two looks while something waits. */
const LOOK = 3_000;

let timer: ReturnType<typeof setTimeout> | undefined;

async function look(): Promise<boolean> {
  const jobs = await call('job_list', null);
  refreshInfoAfter(jobs);
  const job = jobs.find((job) => job.kind === 'queue');
  queue.id = job?.id ?? '';
  queue.ready =
    job && job.done > 0
      ? (await call('job_items', { id: job.id, state: 'done', offset: 0, limit: 50 })).items
      : [];
  return job !== undefined && job.total > 0;
}

/** Looks at the queue now, and again for as long as there is something in it. */
export function followQueue(): void {
  clearTimeout(timer);
  const again = async () => {
    // What cannot be read now is looked at again: this is no task that the user waits for.
    const more = await look().catch(() => true);
    clearTimeout(timer);
    if (more) timer = setTimeout(() => void again(), LOOK);
  };
  void again();
}

/** Stops looking. */
export function leaveQueue(): void {
  clearTimeout(timer);
  queue.ready = [];
}
