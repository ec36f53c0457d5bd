/** A table as it is shown, and as it is saved. */
export interface Sheet {
  /** Name of the file, without its ending. */
  name: string;
  title: string;
  columns: string[];
  /** One row a line; a number is shown by `show`, and saved as it is. */
  rows: (string | number | null)[][];
}

/** The sheet as CSV with a mark by which spreadsheets know UTF-8. */
export function toCsv({ columns, rows }: Sheet): string {
  const lines = [columns, ...rows].map((row) => row.map(cell).join(','));
  return `\uFEFF${lines.join('\r\n')}\r\n`;
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  // A spreadsheet takes a text that begins so for a formula.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
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
