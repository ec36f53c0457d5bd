/** Where two texts differ: the piece of the first, in UTF-16, and what stands there in the second. */
export interface Difference {
  from: number;
  to: number;
  text: string;
}

const isHalf = (text: string, at: number) => /[\uDC00-\uDFFF]/.test(text.charAt(at));

/** The smallest piece that makes `before` into `after`; never half a character. */
export function difference(before: string, after: string): Difference {
  let from = 0;
  const shortest = Math.min(before.length, after.length);
  while (from < shortest && before[from] === after[from]) from += 1;
  if (isHalf(before, from) || isHalf(after, from)) from -= 1;
  let end = 0;
  while (
    end < shortest - from &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  if (isHalf(before, before.length - end)) end -= 1;
  return { from, to: before.length - end, text: after.slice(from, after.length - end) };
}

/**
 * Changes the text of a field as if it had been typed, so that Ctrl+Z takes it back as well; false
 * where the browser cannot, then nothing has changed.
 */
export function typeInto(field: HTMLTextAreaElement, after: string): boolean {
  const { from, to, text } = difference(field.value, after);
  if (typeof document.execCommand !== 'function') return false;
  field.focus();
  field.setSelectionRange(from, to);
  const done = text === '' ? ['delete'] : ['insertText', text];
  document.execCommand(done[0] ?? '', false, done[1]);
  return field.value === after;
}
