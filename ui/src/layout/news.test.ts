import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, expect, it } from 'vitest';
import { useHost, type ReviewNews } from '../lib/backend';
import { fakeHost } from '../lib/backend/fake';
import { SYNC } from '../lib/backend/fake-data';
import { sync } from '../lib/state/sync.svelte';
import News from './News.svelte';

afterEach(() => {
  cleanup();
  sync.status = null;
});

const one = (number: number, kind: ReviewNews['kind'], term: string): ReviewNews => ({
  number,
  id: `id-${number}`,
  term,
  kind,
});

/** Shows this news on a computer that forgets what was seen; gives what was noted as seen. */
function show(news: readonly ReviewNews[]): number[][] {
  const seen: number[][] = [];
  let left = [...news];
  useHost(
    fakeHost({
      review_seen: ({ numbers }) => {
        seen.push(numbers);
        left = left.filter((known) => !numbers.includes(known.number));
        return { ...SYNC, news: left };
      },
    }),
  );
  sync.status = { ...SYNC, news: left };
  render(News);
  return seen;
}

const texts = () =>
  [...document.querySelectorAll('[data-testid="news-item"]')].map((item) =>
    item.textContent?.replace(/\s+/g, ' ').trim(),
  );

it('what became of a proposal is told in words, in a region that is read aloud', async () => {
  const { getByRole } = render(News);
  // The region is there before there is anything to tell.
  expect(getByRole('status', { name: 'Nieuws over uw voorstellen' }).textContent?.trim()).toBe('');
  sync.status = {
    ...SYNC,
    news: [
      one(4, 'established', 'gebiedsgebod'),
      one(3, 'returned', 'vonnis'),
      one(2, 'commented', 'verlof'),
      one(1, 'withdrawn', 'straf'),
    ],
  };
  await tick();
  expect(texts()).toEqual([
    'Vastgesteld: gebiedsgebod',
    'Teruggestuurd: vonnis',
    'Nieuwe opmerking bij verlof',
    'Ingetrokken: straf',
  ]);
});

it('whoever follows the link has seen that, and nothing else', async () => {
  const seen = show([one(2, 'established', 'gebiedsgebod'), one(1, 'returned', 'vonnis')]);
  const link = document.querySelector<HTMLAnchorElement>('[data-testid="news-item"] a');
  expect(link?.getAttribute('href')).toBe('#/begrip/id-2');
  if (link) await fireEvent.click(link);
  await waitFor(() => expect(texts()).toEqual(['Teruggestuurd: vonnis']));
  expect(seen).toEqual([[2]]);
});

it('much news comes five at a time, and is gone once it was seen', async () => {
  const seen = show([7, 6, 5, 4, 3, 2, 1].map((n) => one(n, 'established', `term ${n}`)));
  expect(texts()).toHaveLength(5);
  expect(document.body.textContent).toContain('En nog 2.');
  const page = document.createElement('main');
  page.innerHTML = '<h1 tabindex="-1">Zoeken</h1>';
  document.body.append(page);
  const press = async () => {
    const button = document.querySelector('[data-testid="news-seen"]');
    if (button) await fireEvent.click(button);
  };
  await press();
  await waitFor(() => expect(texts()).toEqual(['Vastgesteld: term 2', 'Vastgesteld: term 1']));
  await press();
  await waitFor(() => expect(texts()).toEqual([]));
  await waitFor(() => expect(document.activeElement).toBe(page.firstElementChild));
  page.remove();
  expect(seen).toEqual([
    [7, 6, 5, 4, 3],
    [2, 1],
  ]);
});

it('what could not be noted as seen stays', async () => {
  useHost(
    fakeHost({
      review_seen: () => {
        throw new Error('vol');
      },
    }),
  );
  sync.status = { ...SYNC, news: [one(1, 'returned', 'vonnis')] };
  render(News);
  const button = document.querySelector('[data-testid="news-seen"]');
  if (button) await fireEvent.click(button);
  await tick();
  expect(texts()).toEqual(['Teruggestuurd: vonnis']);
});
