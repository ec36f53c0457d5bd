import type { Host } from './host';
export function fakeHost(): Host {
  throw new Error('later');
}
