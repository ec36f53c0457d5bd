import { tick } from 'svelte';
import { toUserError, type UserError } from '../../lib/backend';

/** One act at a time, and what came of it. */
export class Acting {
  busy = $state(false);
  done = $state('');
  error = $state<UserError | null>(null);

  /** Does something that says what it did; true when it was done. */
  async act(what: () => Promise<string>): Promise<boolean> {
    this.busy = true;
    this.done = '';
    this.error = null;
    try {
      this.done = await what();
    } catch (failure) {
      this.error = toUserError(failure);
    }
    this.busy = false;
    return this.error === null;
  }
}

/** Whoever works by keyboard goes on from here: the button that was pressed is gone. */
export async function focusOn(testid: string): Promise<void> {
  await tick();
  document.querySelector<HTMLElement>(`[data-testid="${testid}"]`)?.focus();
}

/** Brings the focus back to where it is now, once a question was answered with no. */
export function comeBack(): () => Promise<void> {
  const from = document.activeElement;
  return async () => {
    await tick();
    if (from instanceof HTMLElement && from.isConnected) from.focus();
  };
}
