/** A table as it is shown, and as it is saved. */
export interface Sheet {
  /** Name of the file, without its ending. */
  name: string;
  title: string;
  columns: string[];
  /** One row a line; a number is shown by `show`, and saved as it is. */
  rows: (string | number | null)[][];
}

/**
 * The sheet as CSV by the rules of a batch's results (`begrip-interchange/src/sheet.rs`): semicolons, every
 * cell in quotes, and a mark by which spreadsheets know UTF-8. `decimal` is the sign in the language of
 * the screens.
 */
export function toCsv({ columns, rows }: Sheet, decimal: ',' | '.'): string {
  const lines = [columns, ...rows].map((row) => row.map((value) => cell(value, decimal)).join(';'));
  return `\uFEFF${lines.join('\r\n')}\r\n`;
}

function cell(value: string | number | null, decimal: ',' | '.'): string {
  const text =
    typeof value === 'number' ? String(value).replace('.', decimal) : harmless(value ?? '');
  return `"${text.replaceAll('"', '""')}"`;
}

/** A spreadsheet takes a text that begins so for a formula. */
function harmless(text: string): string {
  return /^(\s*[=+\-@]|[\t\r\n])/.test(text) ? `'${text}` : text;
}

/** Every day of `month` (`YYYY-MM`) up to the last that has a row; none when none has. */
export function daysOf(month: string, rows: { name: string }[]): string[] {
  const last = rows
    .map(({ name }) => name)
    .sort()
    .at(-1);
  if (!last) return [];
  const days = Number(last.slice(8));
  return Array.from({ length: days }, (_, at) => `${month}-${String(at + 1).padStart(2, '0')}`);
}
