import { describe, expect, it } from 'vitest';
import { countCharacters, pieces, toUtf16 } from './spans';

describe('spans', () => {
  it.each([
    ['plain text', 'een zaak', [4, 8], 'zaak'],
    ['after an accent', 'één zaak', [4, 8], 'zaak'],
    ['after an emoji of two units', '👍 zaak', [2, 6], 'zaak'],
    ['an emoji itself', 'a👍b', [1, 2], '👍'],
    ['past the end', 'zaak', [2, 90], 'ak'],
  ] as const)('count characters: %s', (_, text, span, expected) => {
    expect(text.slice(...toUtf16(text, span))).toBe(expected);
  });

  it('cut a text into pieces that together are the text, overlaps included', () => {
    const text = '👍 een zaak is iets';
    const cut = pieces(text, [
      { mark: 0, span: [2, 10] },
      { mark: 1, span: [6, 13] },
    ]);
    expect(cut.map((piece) => piece.text).join('')).toBe(text);
    expect(cut.find((piece) => piece.text === 'zaak')?.marks).toEqual([0, 1]);
  });

  it('mark nothing where a span is empty', () => {
    expect(pieces('abc', [{ mark: 0, span: [1, 1] }])).toEqual([{ text: 'abc', marks: [] }]);
  });

  it('count code points, not units', () => {
    expect(countCharacters('é👍')).toBe(2);
  });
});
