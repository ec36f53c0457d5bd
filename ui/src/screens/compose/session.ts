import { Compose } from './compose.svelte';

let underway: Compose | null = null;

/** The work of this screen: that of a request still under way, else a new one. */
export function openCompose(): Compose {
  const compose = underway ?? new Compose();
  underway = null;
  return compose;
}

/** The user leaves the screen; a request under way goes on. */
export function leaveCompose(compose: Compose): void {
  if (compose.drafting.busy) underway = compose;
  else compose.close();
}
