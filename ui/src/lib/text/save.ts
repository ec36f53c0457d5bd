import { inWindow } from '../backend/tauri';

/** Milliseconds after which a file counts as not saved. */
const PATIENCE = 10_000;

/** What became of a file: where it stands, `browser` when only the browser knows, none when it was not saved. */
export type Saved = { place: string } | 'browser' | null;

/** Saves a text or bytes as a file, in the folder that the computer has for downloads. */
export async function saveAsFile(
  name: string,
  content: string | Uint8Array<ArrayBuffer>,
): Promise<Saved> {
  const told = new Promise<Saved>((done) => {
    if (!inWindow()) return done('browser');
    const late = setTimeout(() => done(null), PATIENCE);
    window.addEventListener(
      'begrip:saved',
      (event) => {
        clearTimeout(late);
        const place = event instanceof CustomEvent ? event.detail : null;
        done(typeof place === 'string' ? { place } : null);
      },
      { once: true },
    );
  });
  const address = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the file after this.
  setTimeout(() => URL.revokeObjectURL(address), PATIENCE);
  return told;
}

/** Bytes from their Base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}
