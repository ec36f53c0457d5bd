/** Puts a text on the clipboard; false when neither way works. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Where the page may not use the clipboard by itself: copy a selection, as a person does.
    const field = document.createElement('textarea');
    const before = document.activeElement;
    field.className = 'visually-hidden';
    field.value = text;
    document.body.append(field);
    field.select();
    const copied = document.execCommand('copy');
    field.remove();
    if (before instanceof HTMLElement) before.focus();
    return copied;
  }
}
