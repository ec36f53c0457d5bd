import { cleanup, render } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import { SYNC } from '../lib/backend/fake-data';
import { sync } from '../lib/state/sync.svelte';
import Navigation from './Navigation.svelte';

afterEach(() => {
  cleanup();
  sync.status = null;
});

const show = () =>
  render(Navigation, {
    current: { screen: 'zoeken', id: null, query: {} },
    onhelp: () => undefined,
  });

it('how many proposals wait for the user stands in the menu, for eyes and ears', () => {
  sync.status = { ...SYNC, to_review: 3 };
  const { getByRole, getByTestId } = show();
  expect(getByTestId('nav-to-review').textContent).toBe('3');
  getByRole('link', { name: 'Te beoordelen Voorstellen die op u wachten: 3.' });
});

it('nothing stands there when nothing waits, or nothing is known', () => {
  for (const status of [null, SYNC]) {
    sync.status = status;
    const { queryByTestId, getByRole } = show();
    expect(queryByTestId('nav-to-review')).toBeNull();
    getByRole('link', { name: 'Te beoordelen' });
    cleanup();
  }
});

it('administration stands in the menu for an administrator alone', () => {
  for (const administers of [false, true]) {
    sync.status = { ...SYNC, administers };
    const { queryByRole } = show();
    expect(queryByRole('link', { name: 'Beheer' }) !== null).toBe(administers);
    cleanup();
  }
});
