import { expect, it, vi } from 'vitest';
import { formatEuro } from '../../lib/i18n/index.svelte';
import { steps } from './plot';

// Asks for a canvas as soon as it is loaded.
vi.mock('uplot', () => ({ default: class {} }));

it('no two marks of an axis read the same', () => {
  const tenths = (ms: number) => `${Math.round(ms / 100) / 10} s`;
  expect(Math.min(...steps(tenths))).toBe(100);
  for (const show of [tenths, formatEuro]) {
    for (const step of steps(show)) {
      const marks = [0, 1, 2, 3, 4, 5, 6].map((mark) => show(mark * step));
      expect(new Set(marks).size, `${step}: ${marks.join(', ')}`).toBe(7);
    }
  }
  // A day of tenths of a cent has an axis as well as one of thousands of euros.
  expect(steps(formatEuro)).toEqual(expect.arrayContaining([0.001, 0.01, 1000]));
});
