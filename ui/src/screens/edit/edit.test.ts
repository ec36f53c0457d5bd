import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, useHost, type Concept, type Host, type SaveConcept } from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import { NOT_FOUND, row } from '../../lib/backend/fake-data';
import { fieldsOf } from './kept';
import Screen from './Screen.svelte';

afterEach(cleanup);

const byId = <E extends HTMLElement = HTMLInputElement>(id: string): E => {
  const found = document.querySelector<E>(`[data-testid="${id}"]`);
  if (!found) throw new Error(`no ${id}`);
  return found;
};
const there = (id: string) => document.querySelector(`[data-testid="${id}"]`) !== null;
const type = (id: string, value: string) => fireEvent.input(byId(id), { target: { value } });
const press = (id: string) => fireEvent.click(byId(id));
const control = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.body, { key, ctrlKey: true, ...more });
const text = () => document.body.textContent ?? '';
const said = (words: string) => waitFor(() => expect(text()).toContain(words));
const definition = () => byId<HTMLTextAreaElement>('definition').value;

let host: Host;
let id = '';
let saves: SaveConcept[] = [];

beforeEach(() => begin());

/** A host with its own concepts; `id` is that of one draft. */
async function begin(changed: Partial<Answers> = {}): Promise<void> {
  const inner = fakeHost(changed);
  saves = [];
  host = {
    ...inner,
    call(name, args) {
      if (name === 'concept_save') saves.push(structuredClone(args) as SaveConcept);
      return inner.call(name, args);
    },
  };
  useHost(host);
  id = (await call('search', { query: 'verdachte' })).hits[0]?.id ?? '';
}

async function show(): Promise<void> {
  render(Screen, { id });
  await waitFor(() => expect(there('edit-term') || there('compare-heading')).toBe(true));
}
const stored = async (): Promise<Concept> => (await call('concept_get', { id })).concept;
const buffer = async () => (await call('buffer_load', { key: `edit:${id}` }))?.content ?? null;

/** Somebody else keeps a new version. */
async function elsewhere(change: Partial<Concept>): Promise<void> {
  const concept = await stored();
  await host.call('concept_save', {
    id,
    base_version: concept.version,
    fields: { ...fieldsOf(concept), ...change },
    reason: '',
    accept_duplicate: false,
  });
  saves = [];
}

describe('the form', () => {
  it('shows every field of the concept', async () => {
    await show();
    expect(byId('edit-term').value).toBe('verdachte');
    expect(definition()).toContain('redelijk vermoeden');
    expect(byId('explanation').value).toContain('Uitleg in gewone taal');
    expect(byId('example').value).toContain('diefstal');
    expect(byId('counter-example').value).toContain('getuige');
    expect(byId('synonym').value).toBe('beklaagde');
    expect(byId('citation-source').value).toBe('Wetboek van Strafvordering');
    expect(byId('citation-article').value).toBe('27');
    expect(byId<HTMLSelectElement>('category').value).toBe('type');
    expect(text()).toContain('Openbaar Ministerie');
    expect(byId('notes').value).toBe('');
    expect(byId('autosave').textContent).toContain('wordt automatisch bewaard');
  });

  it('keeps the days on which the concept holds, and refuses a last day before the first', async () => {
    await show();
    await type('valid-from', '2026-02-01');
    await type('valid-until', '2026-01-31');
    await said('Deze dag ligt vóór');
    await press('edit-keep');
    await said('Verbeter eerst de dagen');
    expect(saves).toEqual([]);
    await type('valid-until', '2026-12-31');
    await press('edit-keep');
    await waitFor(() => expect(saves.length).toBe(1));
    expect(saves[0]?.fields.validity).toEqual({ from: '2026-02-01', until: '2026-12-31' });
    await waitFor(() => expect(byId('valid-from').value).toBe('2026-02-01'));
    await press('edit-undo');
    await waitFor(() => expect(byId('valid-until').value).not.toBe('2026-12-31'));
  });

  it('lets the user choose between the days of two versions', async () => {
    await show();
    await type('valid-from', '2026-02-01');
    await elsewhere({ validity: { from: '2026-03-01', until: null } });
    await press('edit-keep');
    await waitFor(() => expect(there('compare-heading')).toBe(true));
    expect(text()).toContain('februari 2026');
    expect(text()).toContain('maart 2026');
    await press('compare-all-theirs');
    await press('compare-choose');
    await waitFor(() => expect(byId('valid-from').value).toBe('2026-03-01'));
  });

  it('shows findings while typing, and a fix takes its place in the history', async () => {
    await show();
    await type('definition', 'een zaak');
    await waitFor(() => expect(there('finding-fix')).toBe(true));
    await press('finding-fix');
    await waitFor(() => expect(definition()).toBe('zaak'));
    await press('edit-undo');
    await waitFor(() => expect(definition()).not.toBe('zaak'));
  });

  it('a concept that is not a draft cannot be edited', async () => {
    const concept = await stored();
    await call('concept_status', {
      id,
      base_version: concept.version,
      status: 'withdrawn',
      reason: '',
    });
    render(Screen, { id });
    await waitFor(() => expect(there('edit-locked')).toBe(true));
    expect(there('edit-keep')).toBe(false);
  });

  it('a concept that is not there is told, with a way to try again', async () => {
    let fails = true;
    const view = await call('concept_get', { id });
    await begin({
      concept_get: () => {
        if (fails) throw NOT_FOUND;
        return view;
      },
    });
    render(Screen, { id });
    await said('BG-107');
    fails = false;
    await press('edit-retry');
    await waitFor(() => expect(there('edit-term')).toBe(true));
  });
});

describe('automatic keeping', () => {
  it('begins with the first keystroke and comes back after leaving', async () => {
    await show();
    expect(await buffer()).toBeNull();
    await type('explanation', 'a');
    await waitFor(async () => expect(await buffer()).toContain('"explanation":"a"'));
    await waitFor(() =>
      expect(byId('autosave').textContent).toContain('Automatisch bewaard op deze computer'),
    );
    cleanup();
    await show();
    expect(byId('explanation').value).toBe('a');
    expect(there('edit-restored')).toBe(true);
    expect((await stored()).explanation).not.toBe('a');
  });

  it('forgets a text that is back to what it was', async () => {
    await show();
    const before = byId('explanation').value;
    await type('explanation', 'a');
    await waitFor(async () => expect(await buffer()).not.toBeNull());
    await type('explanation', before);
    await waitFor(async () => expect(await buffer()).toBeNull());
    expect(byId<HTMLButtonElement>('edit-discard').disabled).toBe(true);
  });

  it('says so when it fails', async () => {
    await begin({
      buffer_save: () => {
        throw new Error('disk full');
      },
    });
    await show();
    await type('explanation', 'a');
    await said('Automatisch bewaren lukt nu niet');
  });

  it('waits with keeping until the kept text could be looked up', async () => {
    await show();
    await type('explanation', 'mijn uitleg');
    await waitFor(async () => expect(await buffer()).toContain('mijn uitleg'));
    cleanup();
    const inner = host;
    useHost({
      ...inner,
      call: (name, args) =>
        name === 'buffer_load' ? Promise.reject(NOT_FOUND) : inner.call(name, args),
    });
    render(Screen, { id });
    await said('Probeer opnieuw');
    expect(there('explanation')).toBe(false);
    useHost(inner);
    await press('edit-retry');
    await waitFor(() => expect(byId('explanation').value).toBe('mijn uitleg'));
  });

  it('a kept text that cannot be read gives the concept as it is', async () => {
    await call('buffer_save', { key: `edit:${id}`, content: '{"fields":' });
    await show();
    expect(byId('edit-term').value).toBe('verdachte');
    expect(there('edit-restored')).toBe(false);
  });
});

describe('undo and redo', () => {
  it('typing in one field is one step, in two fields two', async () => {
    await show();
    const before = byId('explanation').value;
    await type('explanation', 'a');
    await type('explanation', 'ab');
    await type('notes', 'n');
    expect(byId('edit-undo').textContent).toContain('Notities');
    await press('edit-undo');
    expect(byId('notes').value).toBe('');
    await press('edit-undo');
    expect(byId('explanation').value).toBe(before);
    expect(byId<HTMLButtonElement>('edit-undo').disabled).toBe(true);
    await waitFor(() => expect(document.activeElement).toBe(byId('edit-redo')));
    await press('edit-redo');
    expect(byId('explanation').value).toBe('ab');
    await type('notes', 'anders');
    expect(byId<HTMLButtonElement>('edit-redo').disabled).toBe(true);
  });

  it.each([
    ['example-remove', 'example'],
    ['synonym-remove', 'synonym'],
    ['citation-remove', 'citation-source'],
  ])('what %s takes away comes back', async (button, field) => {
    await show();
    const before = byId(field).value;
    await press(button);
    await waitFor(() => expect(there(field)).toBe(false));
    await press('edit-undo');
    await waitFor(() => expect(byId(field).value).toBe(before));
  });

  it('Ctrl+Z outside a text field takes a removal back, Ctrl+Y does it again', async () => {
    await show();
    await fireEvent.change(byId('category'), { target: { value: 'process' } });
    await control('z');
    expect(byId<HTMLSelectElement>('category').value).toBe('type');
    await control('y');
    expect(byId<HTMLSelectElement>('category').value).toBe('process');
    await control('z');
    await control('z', { shiftKey: true });
    expect(byId<HTMLSelectElement>('category').value).toBe('process');
  });

  it('Ctrl+Z in a text field takes back a removal that came last', async () => {
    await show();
    await press('example-remove');
    await fireEvent.keyDown(byId('explanation'), { key: 'z', ctrlKey: true });
    expect(there('example')).toBe(true);
  });

  it('Ctrl+Z in a text field is left to the browser for what was typed', async () => {
    await show();
    await type('explanation', 'a');
    const event = new KeyboardEvent('keydown', {
      key: 'z',
      ctrlKey: true,
      bubbles: true,
      cancelable: true,
    });
    byId('explanation').dispatchEvent(event);
    expect(event.defaultPrevented).toBe(false);
    expect(byId('explanation').value).toBe('a');
  });
});

describe('keeping', () => {
  it('Ctrl+S keeps a new version with its reason and forgets the editor text', async () => {
    await show();
    await type('explanation', 'Nieuwe uitleg.');
    await type('edit-reason', 'wet gewijzigd');
    await press('example-add');
    await control('s');
    await said('Bewaard als versie 2');
    expect(saves).toHaveLength(1);
    expect(saves[0]).toMatchObject({ id, base_version: 1, reason: 'wet gewijzigd' });
    expect(saves[0]?.fields.examples).toHaveLength(1);
    expect(await stored()).toMatchObject({ version: 2, explanation: 'Nieuwe uitleg.' });
    await waitFor(async () => expect(await buffer()).toBeNull());
    expect(byId('edit-reason').value).toBe('');
    expect(byId('edit-version').textContent).toContain('Versie 2');
  });

  it('what is typed while it is being kept is not lost', async () => {
    let release = () => {};
    const slow = new Promise<void>((done) => (release = done));
    const inner = host;
    await show();
    useHost({
      ...inner,
      async call(name, args) {
        if (name === 'concept_save') await slow;
        return inner.call(name, args);
      },
    });
    await type('explanation', 'eerst');
    await control('s');
    await type('explanation', 'eerst en daarna');
    release();
    await said('Bewaard als versie 2');
    expect(byId('explanation').value).toBe('eerst en daarna');
    expect((await stored()).explanation).toBe('eerst');
    await waitFor(async () => expect(await buffer()).toContain('eerst en daarna'));
    await control('s');
    await said('Bewaard als versie 3');
  });

  it('nothing changed, nothing kept', async () => {
    await show();
    await control('s');
    await said('Er is niets veranderd');
    expect(saves).toEqual([]);
  });

  it.each([
    ['edit-term', ' ', 'Vul een term in', 'edit-term'],
    ['citation-source', '', 'Verbeter eerst de bron', 'citation-source'],
    ['definition', 'x'.repeat(20_001), 'te lang', null],
  ])('%s with %.5s is refused in words', async (field, value, words, focus) => {
    await show();
    await type(field, value);
    await control('s');
    await said(words);
    if (focus) await waitFor(() => expect(document.activeElement).toBe(byId(focus)));
    expect(saves).toEqual([]);
  });

  it('an error of the program is told and the text stays', async () => {
    await begin({
      concept_save: () => {
        throw NOT_FOUND;
      },
    });
    await show();
    await type('explanation', 'a');
    await press('edit-keep');
    await said('BG-107');
    expect(byId('explanation').value).toBe('a');
  });

  it('a term that exists already is kept only with a reason', async () => {
    await show();
    await type('edit-term', 'vonnis');
    await control('s');
    await said('Dit begrip bestaat al');
    expect(saves).toEqual([]);
    await press('duplicate-keep');
    await said('Vul een reden in');
    await type('duplicate-reason', 'het andere is oud');
    await press('duplicate-keep');
    await said('Bewaard als versie 2');
    expect(saves[0]).toMatchObject({ reason: 'het andere is oud', accept_duplicate: true });
  });

  it('asks the same when the program finds it', async () => {
    let asked = 0;
    const concept = await stored();
    await begin({
      concept_save: ({ accept_duplicate }) => {
        asked += 1;
        return accept_duplicate
          ? {
              outcome: 'kept',
              view: {
                concept: { ...concept, version: 2 },
                report: { pack_version: '1', score: 1, findings: [] },
                homonyms: [],
                editable: true,
                in_force: 'now',
              },
            }
          : {
              outcome: 'duplicate',
              hits: [{ row: row(concept), kind: 'same_concept', similarity: 1 }],
            };
      },
    });
    await show();
    await type('explanation', 'a');
    await control('s');
    await said('Dit begrip bestaat al');
    await type('duplicate-reason', 'toch');
    await press('duplicate-keep');
    await said('Bewaard als versie 2');
    expect(asked).toBe(2);
  });
});

describe('discarding', () => {
  it('asks first, and can be undone', async () => {
    await show();
    const before = byId('explanation').value;
    await type('explanation', 'a');
    await press('edit-discard');
    expect(byId('explanation').value).toBe('a');
    await press('edit-discard-sure');
    expect(byId('explanation').value).toBe(before);
    await waitFor(async () => expect(await buffer()).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(byId('edit-undo')));
    await press('edit-undo');
    expect(byId('explanation').value).toBe('a');
    await waitFor(async () => expect(await buffer()).toContain('"explanation":"a"'));
  });
});

describe('two versions', () => {
  const fields = () =>
    [...document.querySelectorAll<HTMLElement>('[data-testid="compare-field"]')].map(
      (field) => field.dataset['field'],
    );
  const choose = (part: string, side: 'mine' | 'theirs') => {
    const radio = document.querySelector<HTMLInputElement>(
      `[data-field="${part}"] [data-testid="compare-${side}"]`,
    );
    if (!radio) throw new Error(`no ${part}`);
    return fireEvent.click(radio);
  };

  /** I changed the definition and the notes; elsewhere definition and explanation were changed. */
  async function meet(): Promise<void> {
    await show();
    await type('definition', 'persoon die wordt verdacht');
    await type('notes', 'mijn notitie');
    await elsewhere({ definition: 'persoon die wordt vervolgd', explanation: 'hun uitleg' });
    await control('s');
    await waitFor(() => expect(there('compare-heading')).toBe(true));
  }

  it('stand side by side, field by field, with what differs marked', async () => {
    await meet();
    expect(fields()).toEqual(['definition', 'explanation', 'notes']);
    await waitFor(() => expect(document.activeElement).toBe(byId('compare-heading')));
    const marks = [...document.querySelectorAll('[data-field="definition"] mark')];
    expect(marks.map((mark) => mark.textContent)).toEqual(['anders: verdacht', 'anders: vervolgd']);
    expect(text()).toContain('in beide veranderd');
    const checked = [...document.querySelectorAll<HTMLInputElement>('input:checked')];
    expect(checked.map((radio) => radio.value)).toEqual(['mine', 'theirs', 'mine']);
  });

  it('are brought together by choosing for each field, and kept as the next version', async () => {
    await meet();
    await choose('definition', 'theirs');
    await press('compare-choose');
    expect(definition()).toBe('persoon die wordt vervolgd');
    expect(byId('explanation').value).toBe('hun uitleg');
    expect(byId('notes').value).toBe('mijn notitie');
    await control('s');
    await said('Bewaard als versie 3');
    expect(await stored()).toMatchObject({
      definition: 'persoon die wordt vervolgd',
      notes: 'mijn notitie',
    });
  });

  it.each([
    ['mine', 'persoon die wordt verdacht', 'mijn notitie'],
    ['theirs', 'persoon die wordt vervolgd', ''],
  ])('can be chosen as a whole: %s', async (side, expected, notes) => {
    await meet();
    await press(`compare-all-${side}`);
    await press('compare-choose');
    expect([definition(), byId('notes').value]).toEqual([expected, notes]);
  });

  it('a choice can be undone, and then nothing is overwritten unseen', async () => {
    await meet();
    await press('compare-all-theirs');
    await press('compare-choose');
    await press('edit-undo');
    expect(definition()).toBe('persoon die wordt verdacht');
    expect(there('edit-outdated')).toBe(true);
    await control('s');
    await waitFor(() => expect(there('compare-heading')).toBe(true));
    expect((await stored()).version).toBe(2);
  });

  it('can be left without a choice; the own text still stands and is kept here', async () => {
    await meet();
    await press('compare-back');
    expect(definition()).toBe('persoon die wordt verdacht');
    await waitFor(async () => expect(await buffer()).toContain('persoon die wordt verdacht'));
    await press('edit-compare');
    await waitFor(() => expect(there('compare-heading')).toBe(true));
  });

  it('an own text of an older version comes back with a notice', async () => {
    await show();
    await type('explanation', 'mijn uitleg');
    await waitFor(async () => expect(await buffer()).toContain('mijn uitleg'));
    cleanup();
    await elsewhere({ explanation: 'hun uitleg' });
    await show();
    expect(byId('explanation').value).toBe('mijn uitleg');
    expect(byId('edit-outdated').textContent).toContain('U begon met versie 1');
    await press('edit-compare');
    await waitFor(() => expect(fields()).toEqual(['explanation']));
  });

  it('after discarding nothing of the older version is left', async () => {
    await meet();
    await press('compare-back');
    await press('edit-discard');
    await press('edit-discard-sure');
    expect(definition()).toBe('persoon die wordt vervolgd');
    expect(there('edit-outdated')).toBe(false);
    await press('edit-undo');
    expect(there('edit-outdated')).toBe(true);
  });
});
