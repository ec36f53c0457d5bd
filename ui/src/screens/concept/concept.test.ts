import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, useHost } from '../../lib/backend';
import { fakeHost } from '../../lib/backend/fake';
import { shownValue } from './fields';
import Screen from './Screen.svelte';

afterEach(cleanup);

const byId = <E extends HTMLElement = HTMLElement>(id: string): E => {
  const found = document.querySelector<E>(`[data-testid="${id}"]`);
  if (!found) throw new Error(`no ${id}`);
  return found;
};
const there = (id: string) => document.querySelector(`[data-testid="${id}"]`) !== null;
const press = (id: string) => fireEvent.click(byId(id));
const said = (words: string) =>
  waitFor(() => expect(document.body.textContent ?? '').toContain(words));
const stored = async () => (await call('concept_get', { id })).concept;
let id = '';

beforeEach(async () => {
  useHost(fakeHost());
  id = (await call('search', { query: 'verdachte' })).hits[0]?.id ?? '';
});

async function show(): Promise<void> {
  render(Screen, { route: { screen: 'begrip', id, query: {} } });
  await waitFor(() => expect(there('concept-copy-text')).toBe(true));
}

it('tells on which days the concept holds, and that it no longer does', async () => {
  const { version, ...fields } = await stored();
  const keep = (base_version: number, until: string) =>
    call('concept_save', {
      id,
      base_version,
      fields: { ...fields, validity: { from: '2025-02-01', until } },
      reason: '',
      accept_duplicate: false,
    });
  await keep(version, '2026-12-31');
  await show();
  await said('geldt vanaf 1 februari 2025 tot en met 31 december 2026');
  expect(there('out-of-force')).toBe(false);
  cleanup();
  await keep(version + 1, '2025-12-31');
  await show();
  expect(byId('out-of-force').textContent).toBe('geldt niet meer sinds 1 januari 2026');
});

async function openHistory(): Promise<void> {
  byId<HTMLDetailsElement>('history').open = true;
  await fireEvent(byId('history'), new Event('toggle'));
  await waitFor(() => expect(there('history-entry')).toBe(true));
}

/** Somebody else keeps a new version. */
async function elsewhere(): Promise<void> {
  const { version, ...concept } = await stored();
  await call('concept_save', {
    id,
    base_version: version,
    fields: { ...concept, notes: 'elders' },
    reason: '',
    accept_duplicate: false,
  });
}

describe('a draft', () => {
  it('leads to its editor', async () => {
    await show();
    expect(byId('concept-edit').getAttribute('href')).toBe(`#/mijn/${id}`);
  });

  it('says that there is work that was not kept', async () => {
    await call('buffer_save', { key: `edit:${id}`, content: '{}' });
    await show();
    await waitFor(() => expect(byId('concept-edit').textContent).toBe('Verder bewerken'));
  });

  it('is withdrawn after a question and brought back', async () => {
    await show();
    await press('concept-withdraw');
    expect((await stored()).status).toBe('in_preparation');
    await press('withdraw-sure');
    await said('Het begrip is ingetrokken');
    expect((await stored()).status).toBe('withdrawn');
    expect(there('concept-edit')).toBe(false);
    await waitFor(() => expect(document.activeElement).toBe(byId('concept-restore')));
    await press('concept-restore');
    await said('weer in voorbereiding');
    expect(there('concept-edit')).toBe(true);
  });

  it('that was changed elsewhere is shown anew, and not withdrawn unseen', async () => {
    await show();
    await elsewhere();
    await press('concept-withdraw');
    await press('withdraw-sure');
    await said('Hier staat nu versie 2');
    expect((await stored()).status).toBe('in_preparation');
    await press('concept-withdraw');
    await press('withdraw-sure');
    await said('Het begrip is ingetrokken');
    expect(there('concept-outdated')).toBe(false);
  });
});

describe('the history', () => {
  it('offers each earlier version, and puts it back as a new one after a question', async () => {
    await elsewhere();
    await show();
    await openHistory();
    expect(document.querySelectorAll('[data-testid="history-revert"]')).toHaveLength(1);
    await press('history-revert');
    await said('wordt bewaard als versie 3');
    expect((await stored()).version).toBe(2);
    await press('revert-sure');
    await said('De tekst van versie 1 staat er weer');
    expect((await stored()).version).toBe(3);
    await waitFor(() =>
      expect(document.querySelectorAll('[data-testid="history-revert"]')).toHaveLength(2),
    );
    await press('concept-withdraw');
    await press('withdraw-sure');
    await said('Het begrip is ingetrokken');
    expect(byId('history-said').textContent).toBe('');
  });

  it('offers nothing for a concept that is withdrawn', async () => {
    await call('concept_status', { id, base_version: 1, status: 'withdrawn', reason: '' });
    await show();
    await openHistory();
    expect(there('history-revert')).toBe(false);
  });

  it.each([
    ['status', 'withdrawn', 'Ingetrokken'],
    ['category', 'process', 'Proces of activiteit'],
    ['definition', 'process', 'process'],
    ['status', 'x', 'x'],
  ])('shows %s %s in words', (field, value, expected) => {
    expect(shownValue(field, value)).toBe(expected);
  });
});
