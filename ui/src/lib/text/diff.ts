/** A piece of one of two texts, with whether the other text has it as well. */
export interface DiffPiece {
  text: string;
  same: boolean;
}

/** Words beyond which the middle of two texts counts as wholly different: the table would be large. */
const LIMIT = 2_000_000;

/** Words, each with the white space after it. */
const words = (text: string): string[] => text.match(/^\s+|\S+\s*/g) ?? [];
const alike = (one: string | undefined, other: string | undefined): boolean =>
  one?.trim() === other?.trim();

/** For each word of both texts whether it belongs to the longest row of words that they share. */
function shared(one: readonly string[], other: readonly string[]): [boolean[], boolean[]] {
  const width = other.length + 1;
  const lengths = new Uint16Array((one.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = one.length - 1; i >= 0; i -= 1) {
    for (let j = other.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = alike(one[i], other[j])
        ? at(i + 1, j + 1) + 1
        : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const marks: [boolean[], boolean[]] = [one.map(() => false), other.map(() => false)];
  for (let i = 0, j = 0; i < one.length && j < other.length;) {
    if (alike(one[i], other[j])) {
      marks[0][i] = true;
      marks[1][j] = true;
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return marks;
}

function joined(words: readonly string[], same: readonly boolean[]): DiffPiece[] {
  const pieces: DiffPiece[] = [];
  words.forEach((text, index) => {
    const last = pieces.at(-1);
    if (last && last.same === same[index]) last.text += text;
    else pieces.push({ text, same: same[index] === true });
  });
  return pieces;
}

/** Two texts side by side, in whole words, white space apart: the pieces of each together are that text. */
export function sideBySide(one: string, other: string): [DiffPiece[], DiffPiece[]] {
  const [a, b] = [words(one), words(other)];
  let head = 0;
  while (head < a.length && head < b.length && alike(a[head], b[head])) head += 1;
  let tail = 0;
  while (
    tail < Math.min(a.length, b.length) - head &&
    alike(a[a.length - 1 - tail], b[b.length - 1 - tail])
  ) {
    tail += 1;
  }
  const middles = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)] as const;
  const marks =
    middles[0].length * middles[1].length > LIMIT ? [[], []] : shared(middles[0], middles[1]);
  const whole = (words: string[], middle: readonly boolean[] = []) =>
    joined(
      words,
      words.map((_, at) => at < head || at >= words.length - tail || middle[at - head] === true),
    );
  return [whole(a, marks[0]), whole(b, marks[1])];
}
