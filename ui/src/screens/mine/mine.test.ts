import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { call, useHost } from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import * as sample from '../../lib/backend/fake-data';
import type { ConceptList } from '../../lib/backend/generated';
import { today } from '../../lib/text/validity';
import { forgetFilters } from './paged.svelte';
import Screen from './Screen.svelte';
import { unsaved } from './work.svelte';

beforeEach(forgetFilters);
afterEach(cleanup);

const byId = <E extends HTMLElement = HTMLElement>(id: string): E => {
  const found = document.querySelector<E>(`[data-testid="${id}"]`);
  if (!found) throw new Error(`no ${id}`);
  return found;
};
const there = (id: string) => document.querySelector(`[data-testid="${id}"]`) !== null;
const terms = () =>
  [...document.querySelectorAll('[data-testid="mine-open"]')].map((link) => link.textContent);
const text = () => document.body.textContent ?? '';
const choose = (id: string, value: string) => fireEvent.change(byId(id), { target: { value } });

/** Shows the list; gives what was asked of it. */
async function show(changed: Partial<Answers> = {}): Promise<ConceptList[]> {
  const asked: ConceptList[] = [];
  const inner = fakeHost(changed);
  useHost({
    ...inner,
    call(name, args) {
      if (name === 'concept_list') asked.push(args as ConceptList);
      return inner.call(name, args);
    },
  });
  render(Screen, { route: { screen: 'mijn', id: null, query: {} } });
  await waitFor(() => expect(there('mine-count') || there('mine-retry')).toBe(true));
  return asked;
}

/** A hundred and twenty concepts, three pages. */
function many(): Partial<Answers> {
  const concepts = Array.from({ length: 120 }, (_, n) => sample.concept(`begrip ${n}`, 'person'));
  return { concept_list: (args) => sample.list(concepts, args) };
}

describe('the list', () => {
  it('shows own concepts first, the starter set when asked for', async () => {
    const asked = await show();
    expect(terms()).toEqual(['verdenking']);
    expect(text()).toContain('1 van 1 begrip');
    expect(asked[0]?.filter.origins).toEqual(['person', 'model', 'import']);
    await choose('mine-origin', 'starter_set');
    await waitFor(() => expect(terms()).toEqual(['verdachte', 'vonnis']));
    await choose('mine-origin', '');
    await waitFor(() => expect(terms()).toHaveLength(3));
  });

  it.each([
    ['mine-status', 'withdrawn', { statuses: ['withdrawn'] }],
    ['mine-category', 'process', { category: 'process' }],
    ['mine-origin', 'model', { origins: ['model'] }],
  ])('the filter %s goes along and can be cleared', async (id, value, expected) => {
    const asked = await show();
    await choose(id, value);
    await waitFor(() => expect(asked.at(-1)?.filter).toMatchObject(expected));
    await waitFor(() => expect(text()).toContain('Geen begrip past bij deze filters'));
    byId('mine-reset').click();
    await waitFor(() => expect(terms()).toEqual(['verdenking']));
    expect(there('mine-reset')).toBe(false);
    expect(document.activeElement).toBe(byId('mine-text'));
  });

  it('can be kept to what holds today, until the filters are cleared', async () => {
    const asked = await show();
    expect(asked.at(-1)?.filter.valid_on).toBeNull();
    await choose('valid-choice', 'today');
    await waitFor(() => expect(asked.at(-1)?.filter.valid_on).toBe(today()));
    // The page stays open past midnight: the filter still says today.
    const night = new Date(Date.now() + 86_400_000);
    vi.useFakeTimers({ toFake: ['Date'], now: night });
    await choose('mine-status', 'withdrawn');
    await waitFor(() => expect(asked.at(-1)?.filter.valid_on).toBe(today(night)));
    vi.useRealTimers();
    byId('mine-reset').click();
    await waitFor(() => expect(asked.at(-1)?.filter.valid_on).toBeNull());
    await waitFor(() => expect((byId('valid-choice') as HTMLSelectElement).value).toBe('all'));
  });

  it('filters by text while typing, and only the latest answer counts', async () => {
    let release = () => {};
    const slow = new Promise<void>((done) => (release = done));
    await show();
    await choose('mine-origin', '');
    await waitFor(() => expect(terms()).toHaveLength(3));
    const inner = fakeHost();
    useHost({
      ...inner,
      async call(name, args) {
        if (name === 'concept_list' && (args as ConceptList).filter.text === 'v') await slow;
        return inner.call(name, args);
      },
    });
    await fireEvent.input(byId('mine-text'), { target: { value: 'v' } });
    await fireEvent.input(byId('mine-text'), { target: { value: 'vonnis' } });
    await waitFor(() => expect(terms()).toEqual(['vonnis']));
    release();
    await new Promise((done) => setTimeout(done, 10));
    expect(terms()).toEqual(['vonnis']);
  });

  it('sorts', async () => {
    const asked = await show();
    await choose('mine-sort', 'term');
    await waitFor(() => expect(asked.at(-1)?.sort).toBe('term'));
  });

  it('more comes page by page, and the focus goes to the first new one', async () => {
    const asked = await show(many());
    expect(terms()).toHaveLength(50);
    expect(text()).toContain('50 van 120');
    byId('mine-more').click();
    await waitFor(() => expect(terms()).toHaveLength(100));
    await waitFor(() => expect(document.activeElement?.textContent).toBe('begrip 50'));
    byId('mine-more').click();
    await waitFor(() => expect(terms()).toHaveLength(120));
    expect(there('mine-more')).toBe(false);
    expect(asked.map(({ offset }) => offset)).toEqual([0, 50, 100]);
  });

  it('arrows walk from the text field through the list and back', async () => {
    await show(many());
    const press = (key: string) =>
      fireEvent.keyDown(document.activeElement as HTMLElement, { key });
    byId('mine-text').focus();
    await press('ArrowDown');
    expect(document.activeElement?.textContent).toBe('begrip 0');
    await press('ArrowDown');
    expect(document.activeElement?.textContent).toBe('begrip 1');
    await press('End');
    expect(document.activeElement?.textContent).toBe('begrip 49');
    await press('ArrowDown');
    expect(document.activeElement).toBe(byId('mine-more'));
    byId('mine-open').focus();
    await press('ArrowUp');
    expect(document.activeElement).toBe(byId('mine-text'));
  });

  it('only a draft can be edited', async () => {
    const concept = { ...sample.concept('zaak', 'person'), status: 'withdrawn' as const };
    await show({ concept_list: (args) => sample.list([concept], args) });
    expect(terms()).toEqual(['zaak']);
    expect(there('mine-edit')).toBe(false);
  });

  it('says so when there is nothing, and leads to drafting', async () => {
    await show({ concept_list: () => ({ rows: [], total: 0 }) });
    expect(text()).toContain('U hebt nog geen eigen begrippen');
    expect(document.querySelector('.empty a')?.getAttribute('href')).toBe('#/opstellen');
  });

  it('a list that cannot be read is told with a way to try again', async () => {
    let fails = true;
    await show({
      concept_list: () => {
        if (fails) throw sample.NOT_FOUND;
        return { rows: [], total: 0 };
      },
    });
    expect(text()).toContain('BG-107');
    fails = false;
    byId('mine-retry').click();
    await waitFor(() => expect(text()).toContain('U hebt nog geen eigen begrippen'));
  });
});

describe('work that was not kept', () => {
  const buffer = (key: string, content: unknown) => ({
    key,
    content: JSON.stringify(content),
    at: sample.AT,
  });
  const compose = buffer('compose', { fields: { term: 'boete', definition: 'straf' } });
  const edit = buffer('edit:0-1', { fields: { term: 'zaak', definition: 'geding' } });
  const check = buffer('check', { term: '', text: 'iets dat' });

  it.each([
    ['drafting', compose, { kind: 'compose', term: 'boete', text: 'straf' }],
    ['editing', edit, { kind: 'edit', id: '0-1', term: 'zaak' }],
    ['checking', check, { kind: 'check', term: '', text: 'iets dat' }],
    ['an empty question', buffer('compose', { fields: { term: ' ' } }), null],
    ['an empty check', buffer('check', { term: '', text: '' }), null],
    ['another screen', buffer('other', { fields: { term: 'x' } }), null],
    ['no JSON', { key: 'compose', content: '{', at: sample.AT }, null],
  ] as const)('%s is read', (_, given, expected) => {
    if (expected) expect(unsaved(given)).toMatchObject(expected);
    else expect(unsaved(given)).toBeNull();
  });

  it('stands on top and leads to where it was', async () => {
    await show({ buffer_list: () => [compose, edit, check] });
    await waitFor(() => expect(there('unsaved')).toBe(true));
    const links = [...document.querySelectorAll('[data-testid="unsaved-open"]')];
    expect(links.map((link) => link.getAttribute('href'))).toEqual([
      '#/opstellen',
      '#/mijn/0-1',
      '#/toetsen',
    ]);
    expect(text()).toContain('zonder term');
  });

  it('is thrown away only after a question, and can be put back', async () => {
    const kept = new Map([['compose', compose]]);
    await show({
      buffer_list: () => [...kept.values()],
      buffer_clear: ({ key }) => {
        kept.delete(key);
        return null;
      },
      buffer_save: ({ key, content }) => {
        kept.set(key, { key, content, at: sample.AT });
        return null;
      },
    });
    await waitFor(() => expect(there('unsaved')).toBe(true));
    byId('unsaved-discard').click();
    await waitFor(() => expect(byId<HTMLDialogElement>('discard-sure')).toBeTruthy());
    expect(kept.size).toBe(1);
    byId('discard-sure').click();
    await waitFor(() => expect(there('unsaved')).toBe(false));
    expect(kept.size).toBe(0);
    await waitFor(() => expect(document.activeElement).toBe(byId('discard-undo')));
    byId('discard-undo').click();
    await waitFor(() => expect(there('unsaved')).toBe(true));
    expect((await call('buffer_list', null))[0]?.content).toBe(compose.content);
    expect(text()).toContain('staat er weer');
  });
});
