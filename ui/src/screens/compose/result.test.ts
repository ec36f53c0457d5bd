import { render, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { call, useHost, type DefineResult } from '../../lib/backend';
import * as sample from '../../lib/backend/fake-data';
import Edit from '../edit/Screen.svelte';
import {
  asked,
  byId,
  click,
  found,
  open,
  page,
  playEach,
  press,
  type,
  value,
  Played,
} from './testing';

let played: Played;
let leave = () => {};

playEach((next) => (played = next));

async function drafted(changed: Partial<DefineResult> = {}): Promise<void> {
  leave = await asked();
  played.answer(changed);
  // What stands below comes some frames later; the buttons come last.
  await found('compose-keep');
}

const citation = { source: 'Wet', article: '1', paragraph: null, address: null };

describe('a draft', () => {
  it('says which category was assumed, what was searched with and who stood in', async () => {
    await drafted({
      assumed: { category: 'type', by: 'rule', because: 'verbod' },
      searched_with: ['zitting'],
      model: 'reserve',
      instead_of: 'groot',
    });
    expect(byId('assumed-category')?.textContent).toContain('‘verbod’');
    expect(byId('origin')?.textContent).toContain('zitting');
    expect(byId('origin-instead-of')?.textContent).toContain('groot gaf geen antwoord');
  });

  it('has its assumed category taken over: the same question, and the focus stays there', async () => {
    await drafted({ assumed: { category: 'type', by: 'rule', because: 'verbod' } });
    await click('question-toggle');
    await found('category');
    await click('assumed-take');
    expect(byId<HTMLSelectElement>('category')?.value).toBe('type');
    expect(byId('assumed-take')).toBe(null);
    expect(document.activeElement).toBe(byId('assumed-category'));
    expect(byId('origin')?.textContent).not.toContain('U hebt de vraag veranderd');
  });

  it('fills every field', async () => {
    const reply = { ...sample.DRAFT, counter_examples: ['Geen.'], synonyms: ['begeleiding'] };
    await drafted({ reply, sources: [citation] });
    expect(value('definition')).toBe(sample.DRAFT.definition);
    expect(value('explanation')).toBe(sample.DRAFT.explanation);
    expect(value('example')).toBe(sample.DRAFT.examples[0]);
    expect(value('counter-example')).toBe('Geen.');
    expect(value('synonym')).toBe('begeleiding');
    expect(value('citation-source')).toBe('Wet');
  });

  it('is laid beside a concept with the same text, as it stands now', async () => {
    const { concepts } = sample.state();
    await drafted();
    expect(byId('like-text')).toBeNull();
    await type('definition', concepts[0]?.definition ?? '');
    expect((await found('like-text')).textContent).toContain(concepts[0]?.term);
    await type('definition', 'heel iets anders');
    await waitFor(() => expect(byId('like-text')).toBeNull());
  });

  it.each([
    [
      {},
      ['Antwoord van begrip-demo', 'Verstuurd: 640 tokens. Ontvangen: 80 tokens', 'Demonstratie'],
    ],
    [{ cost_eur: 0.0012 }, ['Kosten: € 0,0012']],
    [
      { cache: 'disk', calls: 0, model: 'groot-model' },
      ['Bewaard antwoord van 15 januari 2026', 'van groot-model. Er is niets verstuurd'],
    ],
    [{ cache: 'stale', calls: 0 }, ['verouderd bewaard antwoord van 15 januari 2026']],
    [{ dropped: ['passage_2', 'passage_3'] }, ['om de vraag klein te houden: bronteksten.']],
    [{ held_back: ['toezicht op A', 'Rechtbank'] }, ['lijkt te staan: toezicht op A; Rechtbank.']],
  ] as const)('says where it came from and what it took: %o', async (changed, said) => {
    await drafted({ left_out: ['related'], ...(changed as Partial<DefineResult>) });
    for (const part of said) expect(page()).toContain(part);
    expect(byId('origin-left-out')?.textContent).toContain('verwante begrippen');
  });

  it('comes back with its changes after the screen was left', async () => {
    await drafted();
    await type('definition', 'eigen woorden');
    leave();
    leave = open();
    await found('result');
    expect(value('definition')).toBe('eigen woorden');
    expect(byId('origin')?.dataset['cache']).toBe('miss');
    await click('compose-keep');
    await waitFor(() => expect(played.calls('concept_save')[0]?.draft_id).toBe('draft-x'));
  });

  it('that did not end before the program was closed shows what came in', async () => {
    leave = open('toezicht');
    await click('compose-start');
    await found('drafting');
    played.text('toezicht door een');
    let content = '';
    await waitFor(async () => {
      content = (await call('buffer_load', { key: 'compose' }))?.content ?? '';
      expect(content).toContain('toezicht door een');
    });
    played.refuse(sample.CANCELLED);
    await found('text-so-far');
    leave();
    // As the next start finds it after a killed process.
    await call('buffer_save', { key: 'compose', content });
    leave = open();
    expect((await found('text-so-far')).textContent).toContain('toezicht door een');
    expect(page()).toContain('niet afgemaakt toen Begrip werd gesloten');
    expect(value('compose-term')).toBe('toezicht');
  });
});

describe('drafting again', () => {
  it('asks the model anew and gives the changed text back', async () => {
    await drafted();
    await type('definition', 'eigen woorden');
    await click('compose-again');
    await waitFor(() => expect(played.drafts[1]?.regenerate).toBe(true));
    played.answer({ draft_id: 'draft-2' });
    await waitFor(() => expect(value('definition')).toBe(sample.DRAFT.definition));
    await click('compose-back');
    await waitFor(() => expect(value('definition')).toBe('eigen woorden'));
    await click('compose-forth');
    await waitFor(() => expect(value('definition')).toBe(sample.DRAFT.definition));
    await click('compose-keep');
    await waitFor(() => expect(played.calls('concept_save')[0]?.draft_id).toBe('draft-2'));
  });

  const again = async (definition: string) => {
    const before = played.drafts.length;
    await click('compose-again');
    await waitFor(() => expect(played.drafts).toHaveLength(before + 1));
    played.answer({ reply: { ...sample.DRAFT, definition } });
    await waitFor(() => expect(value('definition')).toBe(definition));
    await found('compose-keep');
  };
  const steps = async (button: string, expected: string[]) => {
    for (const text of expected) {
      await waitFor(() => expect(byId<HTMLButtonElement>(button)?.disabled).toBe(false));
      await click(button);
      await waitFor(() => expect(value('definition')).toBe(text));
    }
    await waitFor(() => expect(byId<HTMLButtonElement>(button)?.disabled).toBe(true));
  };

  it('twice steps back to the first own text, and forward again, also after leaving', async () => {
    await drafted();
    await type('definition', 'eigen woorden');
    await again('tweede');
    await again('derde');
    await steps('compose-back', ['tweede', 'eigen woorden']);
    await waitFor(() => expect(document.activeElement).toBe(byId('compose-forth')));
    leave();
    leave = open();
    await found('result');
    await steps('compose-forth', ['tweede', 'derde']);
  });

  it('after a step back loses none of the texts', async () => {
    await drafted();
    await type('definition', 'eigen woorden');
    await again('tweede');
    await steps('compose-back', ['eigen woorden']);
    await again('derde');
    await steps('compose-back', ['eigen woorden', 'tweede']);
  });

  it('many times keeps the newest twenty texts', async () => {
    await drafted();
    for (let n = 1; n <= 22; n += 1) await again(`tekst ${n}`);
    await steps(
      'compose-back',
      Array.from({ length: 20 }, (_, n) => `tekst ${21 - n}`),
    );
  });

  it.each([
    ['explanation', null],
    ['example', 'example-add'],
    ['synonym', 'synonym-add'],
  ])('of an own text without a definition gives its %s back', async (field, add) => {
    leave = open('toezicht');
    await click('compose-self');
    if (add) await click(add);
    await type(field, 'eigen woorden');
    await click('compose-again');
    await waitFor(() => expect(played.drafts).toHaveLength(1));
    played.answer({ reply: { ...sample.DRAFT, synonyms: ['begeleiding'] } });
    await waitFor(() => expect(value('definition')).toBe(sample.DRAFT.definition));
    expect(value(field)).not.toBe('eigen woorden');
    await click('compose-back');
    await waitFor(() => expect(value(field)).toBe('eigen woorden'));
    expect(value('definition')).toBe('');
  });

  it('asks anew also after the screen was left, whatever the order of the context', async () => {
    const settings = sample.state().settings;
    // As the program writes it: by name of the field.
    settings.settings.user.own_context = {
      legal_areas: ['strafrecht'],
      organisations: ['OM', 'DJI'],
      statutory_bases: [],
    };
    played = new Played({ settings_get: () => settings });
    useHost(played.host);
    await drafted();
    leave();
    leave = open();
    await click('compose-again');
    await waitFor(() => expect(played.drafts[1]?.regenerate).toBe(true));
  });

  it('leaves the text alone when it fails', async () => {
    await drafted();
    await type('definition', 'eigen woorden');
    await click('compose-again');
    await found('drafting');
    played.text('half');
    played.refuse(sample.CANCELLED);
    await found('result');
    expect(value('definition')).toBe('eigen woorden');
    expect(byId('text-so-far')?.textContent).toContain('half');
  });

  it('with another question is a new question, and the old text is marked as such', async () => {
    await drafted();
    await click('question-toggle');
    await type('compose-notes', 'ook voor de jeugd');
    await waitFor(() => expect(page()).toContain('U hebt de vraag veranderd'));
    await click('compose-again');
    await waitFor(() => expect(played.drafts[1]?.regenerate).toBe(false));
    played.answer();
    await found('result');
    await waitFor(() => expect(page()).not.toContain('U hebt de vraag veranderd'));
  });
});

describe('keeping', () => {
  it('is Ctrl+S, forgets the buffer and opens the concept', async () => {
    await drafted();
    await type('explanation', 'In gewone taal.');
    press('s', { ctrlKey: true });
    await waitFor(() => expect(location.hash).toMatch(/^#\/begrip\//));
    expect(played.calls('concept_save')[0]).toMatchObject({
      draft_id: 'draft-x',
      accept_duplicate: false,
      fields: { term: 'toezicht', explanation: 'In gewone taal.' },
    });
    expect(await call('buffer_load', { key: 'compose' })).toBeNull();
  });

  it('is not kept from the user by a blocking finding, which is said', async () => {
    await drafted();
    await type('definition', 'een zaak');
    await waitFor(() => expect(byId('keep-blocking')?.textContent).toContain('STR-01'));
    expect(byId('keep-blocking')?.textContent).toContain('U kunt het begrip wel bewaren');
    await click('compose-keep');
    await waitFor(() => expect(location.hash).toMatch(/^#\/begrip\//));
  });

  it('waits for a source that is wrong, and leads to it', async () => {
    await drafted();
    await click('citation-add');
    await type('citation-source', 'Wet');
    await type('citation-address', 'www');
    await click('compose-keep');
    await waitFor(() => expect(document.activeElement).toBe(byId('citation-address')));
    expect(played.calls('concept_save')).toHaveLength(0);
  });

  it('has the days on which it holds, and waits until they can be', async () => {
    await drafted();
    await type('valid-from', '2026-02-01');
    await type('valid-until', '2026-01-01');
    await click('compose-keep');
    await waitFor(() => expect(page()).toContain('Verbeter eerst de dagen'));
    expect(played.calls('concept_save')).toHaveLength(0);
    await type('valid-until', '2026-12-31');
    await click('compose-keep');
    await waitFor(() => expect(location.hash).toMatch(/^#\/begrip\//));
    expect(played.calls('concept_save')[0]?.fields.validity).toEqual({
      from: '2026-02-01',
      until: '2026-12-31',
    });
  });

  it.each([
    ['definition', 'é'.repeat(20_001)],
    ['explanation', 'é'.repeat(20_001)],
    ['example', 'é'.repeat(5_001)],
  ])('waits for a text that is too long, whole on the screen: %s', async (id, text) => {
    await drafted();
    await type(id, text);
    await click('compose-keep');
    await waitFor(() => expect(document.activeElement).toBe(byId(id)));
    expect(page()).toContain('te lang');
    expect(value(id)).toHaveLength(text.length);
    expect(played.calls('concept_save')).toHaveLength(0);
  });

  it('takes what is typed meanwhile along to the editor', async () => {
    let release = () => {};
    const slow = new Promise<void>((done) => (release = done));
    await drafted();
    const inner = played.host;
    useHost({
      ...inner,
      async call(name, args) {
        if (name === 'concept_save') await slow;
        return inner.call(name, args);
      },
    });
    await type('explanation', 'eerst');
    await click('compose-keep');
    await type('explanation', 'eerst en daarna');
    release();
    await waitFor(() => expect(location.hash).toMatch(/^#\/mijn\//));
    const id = location.hash.split('/').at(-1) ?? '';
    expect((await call('concept_get', { id })).concept.explanation).toBe('eerst');
    await waitFor(async () => expect(await call('buffer_load', { key: 'compose' })).toBeNull());
    leave();
    render(Edit, { id });
    await found('edit-restored');
    expect(page()).toContain('Het begrip is bewaard. Wat u daarna nog typte, staat hier.');
    expect(value('explanation')).toBe('eerst en daarna');
  });

  it('that fails leaves everything standing', async () => {
    played = new Played({
      concept_save: () => {
        throw { ...sample.NOT_FOUND, code: 'BG-207' };
      },
    });
    useHost(played.host);
    await drafted();
    await click('compose-keep');
    await waitFor(() =>
      expect(document.querySelector('[role="alert"]')?.textContent).toContain('BG-207'),
    );
    expect(value('definition')).toBe(sample.DRAFT.definition);
  });
});

it('clearing is asked once more', async () => {
  await drafted();
  await click('compose-clear');
  expect(value('definition')).toBe(sample.DRAFT.definition);
  await click('clear-sure');
  await waitFor(() => expect(byId('result')).toBeNull());
  expect(value('compose-term')).toBe('');
  expect(await call('buffer_load', { key: 'compose' })).toBeNull();
});

it('a fix at Alt+F changes the definition and is kept in the buffer', async () => {
  await drafted();
  await type('definition', 'een zaak');
  await found('finding-fix');
  press('f', { altKey: true });
  await waitFor(() => expect(value('definition')).toBe('zaak'));
  await waitFor(async () =>
    expect((await call('buffer_load', { key: 'compose' }))?.content).toContain(
      '"definition":"zaak"',
    ),
  );
});

describe('the articles', () => {
  const hit = {
    id: 'BWBR0099901',
    kind: 'law',
    title: 'Proefzakenwet',
    number: '2',
    path: '',
    text: 'De rechter kan een proefzaak schorsen.',
    address: '',
    citation: { source: 'Proefzakenwet', article: '2', paragraph: null, address: null },
    valid_from: null,
  };

  it('that went along become a source with one click, and once', async () => {
    await drafted({ passages: [hit] });
    expect((await found('passages')).textContent).toContain(hit.text);
    expect(byId('citation-source')).toBeNull();
    await click('keep-source');
    await waitFor(() => expect(value('citation-source')).toBe('Proefzakenwet'));
    expect(byId('keep-source')).toBeNull();
    expect((await found('passages')).textContent).toContain('staat bij de bronnen');
  });

  it('that the model made up are marked and cannot become a source', async () => {
    await drafted({
      cited: [
        { text: 'artikel 2 van de Proefzakenwet', citation: hit.citation },
        { text: 'artikel 99 van de Droomwet', citation: null },
      ],
    });
    const cited = await found('cited');
    const lines = [...cited.querySelectorAll('li')];
    expect(lines.map((line) => line.dataset['found'])).toEqual(['true', 'false']);
    expect(lines[1]?.textContent).toContain('niet gevonden');
    expect(lines[1]?.querySelector('button')).toBeNull();
    expect(lines[0]?.querySelector('button')).not.toBeNull();
  });
});
