import { afterEach, expect, it } from 'vitest';
import { setLanguage, t } from './index.svelte';
import { en, nl } from './messages';

afterEach(() => setLanguage('nl'));

const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

it('both languages have every message, with the same values', () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(nl).sort());
  for (const [key, text] of Object.entries(nl)) {
    expect(holes(en[key as keyof typeof en]), key).toEqual(holes(text));
    expect(text.trim(), key).not.toBe('');
  }
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
