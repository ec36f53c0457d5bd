import { expect, it } from 'vitest';
import { difference } from './edit';

it.each([
  ['een zaak', 'zaak', { from: 0, to: 4, text: '' }],
  ['zaak', 'zaak die', { from: 4, to: 4, text: ' die' }],
  ['aa', 'aaa', { from: 2, to: 2, text: 'a' }],
  ['gelijk', 'gelijk', { from: 6, to: 6, text: '' }],
  ['👍 zaak', '👎 zaak', { from: 0, to: 2, text: '👎' }],
  ['x👍', 'x', { from: 1, to: 3, text: '' }],
] as const)('%s becomes %s by its smallest change', (before, after, expected) => {
  const found = difference(before, after);
  expect(found).toEqual(expected);
  expect(before.slice(0, found.from) + found.text + before.slice(found.to)).toBe(after);
});
