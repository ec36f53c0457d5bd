import { afterEach, expect, it } from 'vitest';
import { setLanguage, t } from './index.svelte';
import { en, nl } from './messages';

afterEach(() => setLanguage('nl'));

const holes = (text: string) =>
  [...new Set([...text.matchAll(/\{(\w+)/g)].map((hole) => hole[1]))].sort();

it('both languages have every message, with the same values', () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(nl).sort());
  for (const [key, text] of Object.entries(nl)) {
    expect(holes(en[key as keyof typeof en]), key).toEqual(holes(text));
    expect(text.trim(), key).not.toBe('');
  }
});

it('says one of a thing as one, in both languages', () => {
  const count = (n: number) =>
    t('batch.count', { ended: n, total: n, done: n, failed: 0, skipped: 0 });
  expect(count(1)).toBe('1 van 1 rij · 1 klaar · 0 mislukt · 0 overgeslagen');
  expect(count(2)).toContain('2 van 2 rijen');
  setLanguage('en');
  expect(count(1)).toContain('1 of 1 row ·');
  expect(count(0)).toContain('0 of 0 rows');
});

// Words that are left as they are after a number: units without a singular of their own here.
const UNITS = /^(tokens|keer|times)$/;

it('no message has a word in the plural after a number that may be one', () => {
  const plural =
    /(?<!versi(?:e|on) )\{(?:n|count|rows|questions|faulty|total|all|calls|seconds|minutes|concepts|shown)\} (?:verschillende |different |nieuwe |new )?([a-zé’]+(?:en|s))\b/gi;
  const wrong = [nl, en].flatMap((language) =>
    Object.entries(language).flatMap(([key, text]) =>
      [...text.matchAll(plural)].filter((found) => !UNITS.test(found[1] ?? '')).map(() => key),
    ),
  );
  // In these the number is never one: apart for one, a bound of the program, or more than fit.
  const never = [
    'batch.ready_many',
    'insight.this_month',
    'insight.that_month',
    'packs.impact_many',
    'packs.impact_latest',
    'settings.testing',
    'text.too_long',
  ];
  expect([...new Set(wrong)].filter((key) => !never.includes(key))).toEqual([]);
});

it('fills values in and follows the language', () => {
  expect(t('search.none', { query: 'x' })).toBe('Niets gevonden voor ‘x’.');
  setLanguage('en');
  expect(t('search.none', { query: '{query}' })).toBe('Nothing found for ‘{query}’.');
  expect(document.documentElement.lang).toBe('en');
});

it.each([
  [
    /(?<!werk)geheugen/i,
    'what the computer forgets is its werkgeheugen; kept answers are named so',
  ],
  [/verlopen/i, 'an old answer is verouderd'],
  [/deployment|meegelift|cache/i, 'a plain word exists'],
])('no Dutch message has %s: %s', (word) => {
  expect(Object.entries(nl).filter(([, text]) => word.test(text))).toEqual([]);
});
