import { expect, it } from 'vitest';
import { sideBySide, type DiffPiece } from './diff';

const text = (pieces: DiffPiece[]) => pieces.map((piece) => piece.text).join('');
const differing = (pieces: DiffPiece[]) =>
  pieces.filter((piece) => !piece.same).map((piece) => piece.text.trim());

it.each([
  ['gelijke tekst', 'gelijke tekst', [], []],
  ['een persoon die', 'persoon die', ['een'], []],
  [
    'beslissing van de rechter',
    'besluit van een rechter',
    ['beslissing', 'de'],
    ['besluit', 'een'],
  ],
  ['', 'alles nieuw', [], ['alles nieuw']],
  ['rode  auto', 'groene fiets auto', ['rode'], ['groene fiets']],
  ['👍 zaak', '👎 zaak', ['👍'], ['👎']],
] as const)('%s beside %s', (one, other, inOne, inOther) => {
  const [left, right] = sideBySide(one, other);
  expect([text(left), text(right)]).toEqual([one, other]);
  expect(differing(left)).toEqual(inOne);
  expect(differing(right)).toEqual(inOther);
});

it('two long texts without a word in common are still two whole texts', () => {
  const [one, other] = ['a', 'b'].map((letter) => `begin ${`${letter} `.repeat(2_500)}eind`);
  const [left, right] = sideBySide(one ?? '', other ?? '');
  expect([text(left), text(right)]).toEqual([one, other]);
  expect(left.filter((piece) => piece.same).map(({ text }) => text.trim())).toEqual([
    'begin',
    'eind',
  ]);
});
