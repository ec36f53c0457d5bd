import type { InForce, Validity } from '../backend';
import { formatDay, t } from '../i18n/index.svelte';

/** What keeps the days from being kept: one is no date, or the last comes before the first. */
export type DaysProblem = 'from' | 'until' | 'reversed' | null;

const isDay = (day: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(day) && new Date(day).toJSON()?.slice(0, 10) === day;

export function daysProblem({ from, until }: Validity): DaysProblem {
  if (from && !isDay(from)) return 'from';
  if (until && !isDay(until)) return 'until';
  return from && until && until < from ? 'reversed' : null;
}

/** Today where the user is, `2026-01-31`. */
export function today(now = new Date()): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** When a concept must hold: `today`, a day as `2026-01-31`, or empty for whenever. */
export type ValidOn = string;

/** The day that is meant when it is asked now; none for whenever. A page can be open past midnight. */
export const dayMeant = (on: ValidOn): string | null => (on === 'today' ? today() : on || null);

function dayAfter(day: string): string {
  const date = new Date(day);
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toJSON().slice(0, 10);
}

/** On which days a concept holds and how it stands now; empty when it always holds. */
export function validityText(validity: Validity | undefined, now: InForce = 'now'): string {
  const { from, until } = validity ?? {};
  if (now === 'no_longer' && until) {
    return t('validity.no_longer', { since: formatDay(dayAfter(until)) });
  }
  const days = { from: from ? formatDay(from) : '', until: until ? formatDay(until) : '' };
  if (from && until) return t('validity.both', days);
  if (from) return t('validity.from', days);
  return until ? t('validity.until', days) : '';
}

/** An interval as the program writes it, `2026-01-01/..`, in words. */
export function intervalText(interval: string): string {
  const [from, until] = interval.split('/').map((day) => (day === '..' ? null : day));
  return from === undefined || until === undefined ? interval : validityText({ from, until });
}
