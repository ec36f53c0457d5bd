import { Channel, invoke } from '@tauri-apps/api/core';
import { toUserError, type Host } from './host';

async function guarded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toUserError(error);
  }
}

/** True in the program's own window, false in a browser. */
export const inWindow = (): boolean => '__TAURI_INTERNALS__' in window;

/** The window's own program. */
export const windowHost: Host = {
  call: (name, args) => guarded(invoke('call', { command: name, args })),
  stream(name, args, onEvent) {
    const channel = new Channel<Parameters<typeof onEvent>[0]>();
    channel.onmessage = onEvent;
    return guarded(invoke('stream', { command: name, args, channel }));
  },
  startAgain: (afresh) =>
    guarded(invoke<void>('call', { command: 'start_again', args: { afresh } })),
};
