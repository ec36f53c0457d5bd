import { cleanup, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useHost, type Host, type SearchResponse } from '../../lib/backend';
import { fakeHost } from '../../lib/backend/fake';
import { today } from '../../lib/text/validity';
import Screen from './Screen.svelte';

beforeEach(() => {
  location.hash = '';
  useHost(fakeHost());
});
afterEach(cleanup);

function type(text: string): HTMLInputElement {
  const field = document.querySelector<HTMLInputElement>('[data-testid="search-input"]');
  if (!field) throw new Error('no search field');
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  return field;
}

function press(field: HTMLElement, key: string): void {
  field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}

const hits = () => [...document.querySelectorAll('[data-testid="search-hit"]')];

it('shows hits from the first letter', async () => {
  render(Screen);
  type('v');
  await waitFor(() => expect(hits()).toHaveLength(3));
});

it('says of a hit that it does not hold today, and nothing of one that does', async () => {
  const inner = fakeHost();
  useHost({
    ...inner,
    async call(name, args) {
      const answer = await inner.call(name, args);
      if (name !== 'search') return answer;
      const { hits } = answer as SearchResponse;
      const over = { validity: { until: '2025-12-31' }, in_force: 'no_longer' };
      return { query: 'v', hits: hits.map((hit, at) => (at === 1 ? { ...hit, ...over } : hit)) };
    },
  } as Host);
  render(Screen);
  type('v');
  await waitFor(() => expect(hits()).toHaveLength(3));
  const said = hits().map((hit) => hit.querySelector('[data-testid="out-of-force"]')?.textContent);
  expect(said).toEqual([undefined, 'geldt niet meer sinds 1 januari 2026', undefined]);
});

it('arrows choose a hit and Enter opens it', async () => {
  render(Screen);
  const field = type('ver');
  await waitFor(() => expect(hits()).toHaveLength(2));
  press(field, 'ArrowDown');
  press(field, 'ArrowDown');
  await waitFor(() => expect(hits()[1]?.getAttribute('aria-selected')).toBe('true'));
  expect(field.getAttribute('aria-activedescendant')).toBe(hits()[1]?.id);
  press(field, 'Enter');
  await waitFor(() => expect(location.hash).toMatch(/^#\/begrip\/0/));
});

it('Enter right after typing opens a hit of what was typed last', async () => {
  let release = () => {};
  const first = new Promise<void>((done) => (release = done));
  const inner = fakeHost();
  const asked: string[] = [];
  useHost({
    ...inner,
    async call(name, args) {
      if (name === 'search' && asked.push(JSON.stringify(args)) === 1) await first;
      return inner.call(name, args);
    },
  });
  render(Screen);
  type('ver');
  await waitFor(() => expect(asked).toHaveLength(1));
  const field = type('vonnis');
  press(field, 'Enter');
  release();
  await waitFor(() => expect(location.hash).toMatch(/^#\/begrip\//));
  expect(hits().map((hit) => hit.querySelector('strong')?.textContent)).toEqual(['vonnis']);
});

it('offers to draft what is not found', async () => {
  render(Screen);
  type('enkelband');
  await waitFor(() =>
    expect(document.querySelector('a')?.getAttribute('href')).toBe('#/opstellen?term=enkelband'),
  );
});

it.each([
  ['ver', '2 resultaten'],
  ['vonnis', '1 resultaat'],
])('tells how many there are: %s', async (query, told) => {
  render(Screen);
  type(query);
  await waitFor(() =>
    expect(document.querySelector('[role="status"]')?.textContent?.trim()).toBe(told),
  );
});

it('asks for what holds on a day, and shows everything again', async () => {
  const inner = fakeHost();
  const asked: (string | null | undefined)[] = [];
  useHost({
    ...inner,
    async call(name, args) {
      if (name === 'search') asked.push((args as { valid_on?: string | null }).valid_on);
      return inner.call(name, args);
    },
  } as Host);
  render(Screen);
  type('v');
  await waitFor(() => expect(hits()).toHaveLength(3));
  const choice = document.querySelector<HTMLSelectElement>('[data-testid="valid-choice"]')!;
  const choose = async (value: string) => {
    choice.value = value;
    choice.dispatchEvent(new Event('change', { bubbles: true }));
    await waitFor(() => expect(choice.value).toBe(value));
  };
  await choose('today');
  await waitFor(() => expect(asked.at(-1)).toBe(today()));
  // The page stays open past midnight: the filter still says today.
  const night = new Date(Date.now() + 86_400_000);
  vi.useFakeTimers({ toFake: ['Date'], now: night });
  type('ve');
  await waitFor(() => expect(asked.at(-1)).toBe(today(night)));
  vi.useRealTimers();
  type('v');
  await choose('day');
  const day = await waitFor(() => {
    const found = document.querySelector<HTMLInputElement>('[data-testid="valid-on"]');
    if (!found) throw new Error('no field for a day');
    return found;
  });
  day.value = '2020-05-01';
  day.dispatchEvent(new InputEvent('input', { bubbles: true }));
  await waitFor(() => expect(asked.at(-1)).toBe('2020-05-01'));
  // A day that is not whole yet is no filter.
  day.value = '';
  day.dispatchEvent(new InputEvent('input', { bubbles: true }));
  await waitFor(() => expect(asked.at(-1)).toBeNull());
  await choose('all');
  expect(document.querySelector('[data-testid="valid-on"]')).toBeNull();
});
