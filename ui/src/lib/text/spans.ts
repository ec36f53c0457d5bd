/** A piece of text, with the numbers of the findings that mark it. */
export interface Piece {
  text: string;
  marks: number[];
}

/**
 * Where the characters (code points) begin in a UTF-16 string: entry `n` is the index of character
 * `n`, the last entry is the length.
 */
export function characterStarts(text: string): number[] {
  const starts: number[] = [];
  let at = 0;
  for (const character of text) {
    starts.push(at);
    at += character.length;
  }
  starts.push(at);
  return starts;
}

/** A span in characters as a span in UTF-16, kept within the text. */
export function toUtf16(text: string, span: readonly [number, number]): [number, number] {
  const starts = characterStarts(text);
  const at = (n: number) => starts[Math.max(0, Math.min(n, starts.length - 1))] ?? text.length;
  const from = at(span[0]);
  return [from, Math.max(from, at(span[1]))];
}

/** Cuts a text into pieces, so that each piece has one set of marks. Spans are in characters. */
export function pieces(
  text: string,
  spans: readonly { mark: number; span: readonly [number, number] }[],
): Piece[] {
  const ranges = spans
    .map(({ mark, span }) => ({ mark, range: toUtf16(text, span) }))
    .filter(({ range }) => range[0] < range[1]);
  const cuts = new Set([0, text.length]);
  for (const { range } of ranges) range.forEach((at) => cuts.add(at));
  const ordered = [...cuts].sort((a, b) => a - b);
  return ordered.slice(0, -1).map((from, index) => ({
    text: text.slice(from, ordered[index + 1]),
    marks: ranges
      .filter(({ range }) => range[0] <= from && from < range[1])
      .map(({ mark }) => mark),
  }));
}

/** How many characters (code points) a text has. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
