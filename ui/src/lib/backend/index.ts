import type { Commands, Streams } from './generated';
import { toUserError, type CommandName, type Host, type StreamName } from './host';
import { loopbackHost, takeToken } from './loopback';
import { inWindow, windowHost } from './tauri';

export type * from './generated';
export { isUserError, toUserError } from './host';
export type { Host } from './host';

let chosen: Promise<Host> | undefined;

async function choose(): Promise<Host> {
  if (inWindow()) return windowHost;
  if (import.meta.env.DEV && new URLSearchParams(location.search).has('fake')) {
    return (await import('./fake')).fakeHost();
  }
  const token = takeToken();
  if (token) return loopbackHost(token);
  throw toUserError('no program behind this page');
}

function host(): Promise<Host> {
  chosen ??= choose();
  return chosen;
}

/** For tests: this host answers from now on. */
export function useHost(replacement: Host): void {
  chosen = Promise.resolve(replacement);
}

/** Runs a command. Rejects with a `UserError`. */
export async function call<N extends CommandName>(
  name: N,
  args: Commands[N]['args'],
): Promise<Commands[N]['result']> {
  return (await host()).call(name, args);
}

/** Runs a command that gives events first, in order. Rejects with a `UserError`. */
export async function stream<N extends StreamName>(
  name: N,
  args: Streams[N]['args'],
  onEvent: (event: Streams[N]['event']) => void,
): Promise<Streams[N]['result']> {
  return (await host()).stream(name, args, onEvent);
}

/** After a start that failed. */
export async function startAgain(afresh: boolean): Promise<void> {
  return (await host()).startAgain(afresh);
}
