import { call, type SyncStatus } from '../backend';

/** How sharing with other organisations stands; `null` until the first look. */
export const sync = $state<{ status: SyncStatus | null }>({ status: null });

/** Milliseconds between two looks: what comes in from the server shows within a second. */
const LOOK = 1_000;
/** The same while no server is set up: only the settings change that, and they look at once. */
const SELDOM = 30_000;

let timer: ReturnType<typeof setTimeout> | undefined;

/** Looks now. Makes no connection; what cannot be read keeps what was read before. */
export async function lookAtSync(): Promise<void> {
  const status = await call('sync_status', null).catch(() => null);
  // The same again would have whoever shows it draw anew.
  if (status && JSON.stringify(status) !== JSON.stringify(sync.status)) sync.status = status;
}

/** Keeps looking until `leaveSync`. */
export function followSync(): void {
  clearTimeout(timer);
  const again = async () => {
    await lookAtSync();
    clearTimeout(timer);
    timer = setTimeout(() => void again(), sync.status?.configured ? LOOK : SELDOM);
  };
  void again();
}

/** Stops looking. */
export function leaveSync(): void {
  clearTimeout(timer);
}
