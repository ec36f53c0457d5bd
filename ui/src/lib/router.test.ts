import { expect, it } from 'vitest';
import { href, parseRoute } from './router.svelte';

it.each([
  ['', 'zoeken', null, {}],
  ['#/toetsen', 'toetsen', null, {}],
  ['#/begrip/018f-a', 'begrip', '018f-a', {}],
  ['#/opstellen?term=een+term', 'opstellen', null, { term: 'een term' }],
  ['#/nergens', 'zoeken', null, {}],
  ['#/begrip/%E0%A4%A', 'begrip', '%E0%A4%A', {}],
] as const)('%s leads to a screen', (hash, screen, id, query) => {
  expect(parseRoute(hash)).toEqual({ screen, id, query });
});

it('an address reads back as what it was made of', () => {
  const made = href('opstellen', 'a/b', { term: 'ge‘heim’ & co?' });
  expect(parseRoute(made)).toEqual({
    screen: 'opstellen',
    id: 'a/b',
    query: { term: 'ge‘heim’ & co?' },
  });
});
