/** Pixels of a field that has grown as far as it may; then it scrolls. */
const TALLEST = 600;

/** How long the text was when a field was measured. */
const measured = new WeakMap<HTMLTextAreaElement, number>();
const waiting = new Set<HTMLTextAreaElement>();

/**
 * Has a field grow or shrink to its text just before the next frame. Gives what calls that off.
 *
 * Measuring lays the page out, so that what is asked at a key does not wait for it; and a reading
 * after a writing lays it out anew, so that all fields of a screen are read and written together.
 */
export function fitToText(area: HTMLTextAreaElement): () => void {
  if (waiting.size === 0) requestAnimationFrame(fitAll);
  waiting.add(area);
  return () => waiting.delete(area);
}

function fitAll(): void {
  const areas = [...waiting].filter(isTight);
  waiting.clear();
  for (const area of areas) area.style.height = 'auto';
  const heights = areas.map((area) => area.scrollHeight);
  for (const [at, area] of areas.entries()) {
    area.style.height = `${Math.min((heights[at] ?? 0) + 4, TALLEST)}px`;
  }
}

/** A text that only became longer may still have room: then nothing is written. */
function isTight(area: HTMLTextAreaElement): boolean {
  const before = measured.get(area) ?? 0;
  const { length } = area.value;
  measured.set(area, length);
  return !(before > 0 && length > before && area.scrollHeight <= area.clientHeight);
}
