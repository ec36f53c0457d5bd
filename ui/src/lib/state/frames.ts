/** Milliseconds after which it goes on without frames: a window that is not shown may get none. */
const LONGEST = 250;

/** Calls `then` once, when so many frames from now have been painted. Gives what calls that off. */
export function afterFrames(frames: number, then: () => void): () => void {
  let left = frames;
  let painted: ReturnType<typeof setTimeout> | undefined;
  let frame = requestAnimationFrame(function next() {
    left -= 1;
    if (left > 0) frame = requestAnimationFrame(next);
    // A frame is painted after those who wait for it.
    else painted = setTimeout(end);
  });
  const late = setTimeout(end, LONGEST);
  function callOff(): void {
    cancelAnimationFrame(frame);
    clearTimeout(painted);
    clearTimeout(late);
  }
  function end(): void {
    callOff();
    then();
  }
  return callOff;
}
