import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { call, useHost } from '../backend';
import { fakeHost } from '../backend/fake';
import { Buffered } from './buffer';

beforeEach(() => useHost(fakeHost()));
afterEach(() => vi.useRealTimers());

const kept = async () => (await call('buffer_load', { key: 'check' }))?.content ?? null;

it('the latest text wins, and forgetting comes after what was handed over before it', async () => {
  const buffer = new Buffered('check');
  for (const text of ['a', 'ab', 'abc']) buffer.save(text);
  await buffer.flush();
  expect(await kept()).toBe('abc');
  buffer.save('abcd');
  await buffer.clear();
  expect(await kept()).toBeNull();
});

it('what is typed right after forgetting is kept', async () => {
  const buffer = new Buffered('check');
  buffer.save('oud');
  await buffer.flush();
  void buffer.clear();
  buffer.save('nieuw');
  await buffer.flush();
  expect(await kept()).toBe('nieuw');
});

it('what is typed while a slow save is under way is kept, and what comes after it too', async () => {
  const inner = fakeHost();
  let slow = true;
  useHost({
    ...inner,
    async call(name, args) {
      if (name === 'buffer_save' && slow) await new Promise((done) => setTimeout(done, 80));
      return inner.call(name, args);
    },
  });
  const buffer = new Buffered('check');
  const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
  buffer.save('a');
  await pause(30);
  buffer.save('ab');
  await buffer.flush();
  slow = false;
  buffer.save('abc');
  await vi.waitFor(async () => expect(await kept()).toBe('abc'));
});

it('whoever comes back at once finds what was typed last', async () => {
  const left = new Buffered('check');
  left.save('a');
  left.save('ab');
  left.close();
  expect(await new Buffered('check').load()).toBe('ab');
});

it('a text that could not be kept is tried again, also when the window closes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let fails = true;
  let content = '';
  const told: string[] = [];
  useHost(
    fakeHost({
      buffer_save: (args) => {
        if (fails) throw new Error('disk full');
        content = args.content;
        return null;
      },
    }),
  );
  const buffer = new Buffered('check', (keeping) => told.push(keeping));
  buffer.save('tekst');
  await buffer.flush();
  expect(told.at(-1)).toBe('failed');
  await vi.advanceTimersByTimeAsync(2_000);
  expect([content, told.at(-1)]).toEqual(['', 'failed']);
  fails = false;
  window.dispatchEvent(new Event('begrip:closing'));
  await buffer.flush();
  expect([content, told.at(-1)]).toEqual(['tekst', 'kept']);
});
