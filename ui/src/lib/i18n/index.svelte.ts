import type { Bilingual, Language } from '../backend';
import { en, nl } from './messages';

export type MessageKey = keyof typeof nl;

/** Of `rows` and of `rows|row|rows`. */
type NameIn<S extends string> = S extends `${infer Name}|${string}` ? Name : S;
type Names<S extends string> = S extends `${string}{${infer Inner}}${infer Rest}`
  ? NameIn<Inner> | Names<Rest>
  : never;
type Values<K extends MessageKey> = { [N in Names<(typeof nl)[K]>]: string | number };
type Arguments<K extends MessageKey> = [Names<(typeof nl)[K]>] extends [never] ? [] : [Values<K>];

const current = $state<{ language: Language }>({ language: 'nl' });

export function language(): Language {
  return current.language;
}

export function setLanguage(language: Language): void {
  current.language = language;
  document.documentElement.lang = language;
}

/**
 * A message in the language of the screens; values for its `{names}` are required. `{n|row|rows}` is the first word
 * where `n` is 1, and the second one else.
 */
export function t<K extends MessageKey>(key: K, ...values: Arguments<K>): string {
  const text: string = current.language === 'en' ? en[key] : nl[key];
  const given: Record<string, string | number> = values[0] ?? {};
  return text.replace(
    /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g,
    (whole: string, name: string, one?: string, more?: string) => {
      const value = String(given[name] ?? whole);
      return one === undefined || more === undefined ? value : value === '1' ? one : more;
    },
  );
}

export function say(text: Bilingual): string {
  return text[current.language];
}

const locale = (): string => (current.language === 'en' ? 'en-GB' : 'nl-NL');

export function formatDate(timestamp: string): string {
  const options = { dateStyle: 'long', timeStyle: 'short' } as const;
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime())
    ? timestamp
    : new Intl.DateTimeFormat(locale(), options).format(date);
}

/** A moment as a time of the day, with the day when that is not today. */
export function formatTime(timestamp: string): string {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return timestamp;
  const today = date.toDateString() === new Date().toDateString();
  const options = today
    ? ({ timeStyle: 'short' } as const)
    : ({ dateStyle: 'medium', timeStyle: 'short' } as const);
  return new Intl.DateTimeFormat(locale(), options).format(date);
}

/** A date without a time: `2026-01-31`. */
export function formatDay(day: string): string {
  const date = new Date(day);
  return Number.isNaN(date.getTime())
    ? day
    : new Intl.DateTimeFormat(locale(), { dateStyle: 'long', timeZone: 'UTC' }).format(date);
}

/** A month, `2026-01`, in words. */
export function formatMonth(month: string): string {
  const date = new Date(`${month}-01`);
  const options = { month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  return Number.isNaN(date.getTime())
    ? month
    : new Intl.DateTimeFormat(locale(), options).format(date);
}

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

/** The sign before the digits behind the comma, in a file for a spreadsheet. */
export function decimalSign(): ',' | '.' {
  return current.language === 'en' ? '.' : ',';
}

/** A number as somebody types it: without marks between the thousands. */
export function formatPlain(value: number): string {
  return new Intl.NumberFormat(locale(), { useGrouping: false }).format(value);
}

/** An amount in euro, to the cent; what is less than a cent keeps two digits that count. */
export function formatEuro(value: number): string {
  const digits =
    value > 0 && value < 0.01 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 2 };
  const options = { style: 'currency', currency: 'EUR', ...digits } as const;
  return new Intl.NumberFormat(locale(), options).format(value);
}

/** A number of hours, in days where that comes out even. */
export function formatHours(hours: number): string {
  const [value, unit] = hours % 24 === 0 ? [hours / 24, 'day'] : [hours, 'hour'];
  const options = { style: 'unit', unit, unitDisplay: 'long' } as const;
  return new Intl.NumberFormat(locale(), options).format(value);
}
