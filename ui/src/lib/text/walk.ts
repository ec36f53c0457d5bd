/**
 * A list that is walked with the arrows: up and down to the link before and after, Home and End to
 * the first and last. Arrows are a short cut; Tab reaches every link as well.
 */
export function walk(
  event: KeyboardEvent,
  links: readonly HTMLElement[],
  /** Where the way leads above the first link, and past the last. */
  around: { above: HTMLElement | null; below?: HTMLElement | null },
): void {
  const here = document.activeElement;
  const at = links.findIndex((link) => link === here || link.closest('li')?.contains(here));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
  if (to === undefined || event.ctrlKey || event.altKey) return;
  event.preventDefault();
  if (to < 0) around.above?.focus();
  else (links[to] ?? around.below)?.focus();
}
