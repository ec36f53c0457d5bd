import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useHost, type PackImpact, type RuleTry } from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import { concept, NOT_FOUND, row } from '../../lib/backend/fake-data';
import { setLanguage } from '../../lib/i18n/index.svelte';
import { app, start } from '../../lib/state/app.svelte';
import { filter } from './families.svelte';
import Screen from './Screen.svelte';
import { forgetAttempt } from './try.svelte';

const inWindow = vi.hoisted(() => vi.fn(() => false));
vi.mock('../../lib/backend/tauri', () => ({ inWindow, windowHost: {} }));

const asked: [string, unknown][] = [];

beforeEach(() => {
  Object.assign(app, { info: null, settings: null, failure: null });
  Object.assign(filter, { text: '', level: '' });
  forgetAttempt();
  asked.length = 0;
});
afterEach(() => {
  cleanup();
  setLanguage('nl');
});

async function show(
  id: string | null,
  changed: Partial<Answers> = {},
  query: Record<string, string> = {},
): Promise<void> {
  const inner = fakeHost(changed);
  useHost({
    ...inner,
    call(name, args) {
      asked.push([name, args]);
      return inner.call(name, args);
    },
  });
  await start();
  render(Screen, { route: { screen: 'regels', id, query } });
}

const all = (id: string) => [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];
const there = (id: string) => all(id).length > 0;
function at<E extends HTMLElement = HTMLElement>(id: string): E {
  const [found] = all(id);
  if (!found) throw new Error(`no ${id}`);
  return found as E;
}
const appears = (id: string) => waitFor(() => expect(there(id)).toBe(true));
const said = (text: string) => waitFor(() => expect(document.body.textContent).toContain(text));
const fill = (id: string, value: string) => fireEvent.input(at(id), { target: { value } });
const press = (id: string) => fireEvent.click(at(id));
const listed = () => all('rule').map((rule) => rule.dataset['rule']);

describe('the list', () => {
  it('has every rule by family, each with a link to its page', async () => {
    await show(null);
    await waitFor(() => expect(listed()).toEqual(['STR-01', 'INT-08', 'VER-01']));
    const headings = [...document.querySelectorAll('h2')].map((heading) => heading.textContent);
    expect(headings).toEqual([
      'Opbouw van de definitie',
      'Begrijpelijk en ondubbelzinnig',
      'Vorm van de woorden',
    ]);
    expect(at('rule').querySelector('a')?.getAttribute('href')).toBe('#/regels/STR-01');
  });

  it.each([
    ['str-01', '', ['STR-01']],
    ['LÍDWOORD geen', '', ['STR-01']],
    ['niet een arrest', '', ['INT-08']],
    ['zo beter', 'advice', ['VER-01']],
    ['', 'serious', ['INT-08']],
    ['bestaat niet', '', []],
  ])('‘%s’ with weight ‘%s’ leaves %j', async (text, level, left) => {
    await show(null);
    await appears('rule');
    await fill('rules-search', text);
    await fireEvent.change(at('rules-level'), { target: { value: level } });
    await waitFor(() => expect(listed()).toEqual(left));
    expect(at('rules-count').textContent).toContain(`${left.length} van de 3 regels`);
  });

  it('what was searched stays over a visit to a rule, and one press shows all again', async () => {
    await show(null);
    await appears('rule');
    await fill('rules-search', 'xyzzy');
    cleanup();
    await show(null);
    await appears('rules-reset');
    expect(listed()).toEqual([]);
    await press('rules-reset');
    await waitFor(() => expect(listed()).toHaveLength(3));
    expect(document.activeElement).toBe(at('rules-search'));
  });

  it('is walked with the arrows, from the search field and back', async () => {
    await show(null);
    await appears('rule');
    const links = all('rule').map((rule) => rule.querySelector('a'));
    at('rules-search').focus();
    const key = (name: string) =>
      fireEvent.keyDown(document.activeElement ?? document.body, { key: name });
    for (const [name, focused] of [
      ['ArrowDown', links[0]],
      ['ArrowDown', links[1]],
      ['End', links[2]],
      ['Home', links[0]],
      ['ArrowUp', at('rules-search')],
    ] as const) {
      await key(name);
      expect(document.activeElement, name).toBe(focused);
    }
  });

  it('of another version says so, and its links stay in that version', async () => {
    await show(null, {}, { versie: '2' });
    await waitFor(() => expect(listed()).toEqual(['STR-01', 'VER-01']));
    expect(at('other-version').textContent).toContain('U bekijkt versie 2');
    expect(at('rule').querySelector('a')?.getAttribute('href')).toBe('#/regels/STR-01?versie=2');
  });

  it('that cannot be read is told with a way to try again', async () => {
    let fails = true;
    const rules = await fakeHost().call('rules_list', { version: null });
    await show(null, {
      rules_list: () => {
        if (fails) throw NOT_FOUND;
        return rules;
      },
    });
    await said('BG-107');
    fails = false;
    await press('rules-retry');
    await appears('rule');
  });
});

describe('one rule', () => {
  it('says why, what is asked, and gives its examples with their notes', async () => {
    await show('INT-08');
    await appears('rule-page');
    expect(document.querySelector('h1')?.textContent).toBe('INT-08 Zeg wat het begrip wel is');
    for (const text of ['zo beter (INT-08)', 'Klopt de tekst?', 'Schrijf een tekst', 'ISO 704']) {
      expect(document.body.textContent).toContain(text);
    }
    expect(at('example-good').textContent).toContain('uitspraak');
    expect(at('example-bad').textContent).toContain('Breekt INT-08.');
  });

  it('is tried while a text is typed, with the place and a fix that can be taken', async () => {
    await show('STR-01');
    await appears('try-text');
    await fill('try-text', 'een 👍 zaak');
    await waitFor(() => expect(document.querySelector('[data-outcome="fail"]')).not.toBeNull());
    expect(at('try-outcome').textContent).toContain('begint met een lidwoord');
    expect(document.querySelector('mark')?.textContent).toBe('een');
    await press('try-take');
    await waitFor(() => expect(at<HTMLTextAreaElement>('try-text').value).toBe('👍 zaak'));
    await waitFor(() => expect(document.querySelector('[data-outcome="pass"]')).not.toBeNull());
    expect(there('try-fix')).toBe(false);
  });

  it('a fix that is taken while letters come in is that of the whole text', async () => {
    await show('STR-01');
    await appears('try-text');
    await fill('try-text', 'een zaak');
    await appears('try-take');
    void fill('try-text', 'een zaak die loopt');
    void press('try-take');
    await waitFor(() => expect(at<HTMLTextAreaElement>('try-text').value).toBe('zaak die loopt'));
  });

  it('asks for the latest text only, and forgets the outcome of an emptied one', async () => {
    await show('STR-01');
    await appears('try-text');
    for (const text of ['e', 'ee', 'een', 'een ', 'een z']) void fill('try-text', text);
    await waitFor(() => expect(document.querySelector('[data-outcome="fail"]')).not.toBeNull());
    const tries = asked.filter(([name]) => name === 'rule_try').map(([, args]) => args as RuleTry);
    expect(tries.length).toBeLessThan(5);
    expect(tries.at(-1)?.text).toBe('een z');
    await fill('try-text', '');
    await waitFor(() => expect(document.querySelector('[data-outcome]')).toBeNull());
  });

  it('an example is tried at one press, with its term and context', async () => {
    await show('INT-08');
    await appears('example-bad');
    await fireEvent.click(at('example-bad').querySelector('button') as HTMLElement);
    await waitFor(() => expect(document.querySelector('[data-outcome="fail"]')).not.toBeNull());
    expect(at<HTMLInputElement>('try-term').value).toBe('vonnis');
    expect(document.activeElement).toBe(at('try-text'));
    expect(asked.at(-1)).toEqual([
      'rule_try',
      {
        rule: 'INT-08',
        version: null,
        term: 'vonnis',
        text: 'uitspraak, niet een arrest',
        context: { organisations: ['Openbaar Ministerie'], legal_areas: [], statutory_bases: [] },
        category: null,
        has_source: null,
        synonyms: [],
        others: [],
      },
    ]);
  });

  it('the text that was tried goes along to the next rule, until it is cleared', async () => {
    await show('STR-01');
    await appears('try-text');
    await fill('try-text', 'een zaak, niet meer');
    cleanup();
    await show('INT-08', {}, { versie: '1' });
    await waitFor(() => expect(document.querySelector('mark')?.textContent).toBe('niet'));
    const tried = asked.filter(([name]) => name === 'rule_try').at(-1);
    expect(tried?.[1]).toMatchObject({ rule: 'INT-08', version: '1' });
    await press('try-clear');
    expect(at<HTMLTextAreaElement>('try-text').value).toBe('');
  });

  it('a text of more than 20,000 characters is refused in words and not sent', async () => {
    await show('STR-01');
    await appears('try-text');
    await fill('try-text', 'é'.repeat(20_001));
    await said('te lang');
    expect(asked.some(([name]) => name === 'rule_try')).toBe(false);
  });

  it('that the version has not is said in words', async () => {
    await show('INT-08', {}, { versie: '2' });
    await said('Versie 2 van de regels heeft geen regel INT-08.');
  });
});

const version = (name: string): HTMLElement => {
  const found = all('pack').find((pack) => pack.dataset['version'] === name);
  if (!found) throw new Error(`no version ${name}`);
  return found;
};
const within = (name: string, id: string) =>
  fireEvent.click(version(name).querySelector(`[data-testid="${id}"]`) as HTMLElement);

function choose(content: string): void {
  const field = at<HTMLInputElement>('import-file');
  const file = new File([content], 'regels.json');
  Object.defineProperty(field, 'files', { value: [file], configurable: true });
  field.dispatchEvent(new Event('change', { bubbles: true }));
}

describe('the packs', () => {
  it('stand with their facts, and the active one cannot be activated', async () => {
    await show('pakketten');
    await appears('pack');
    expect(version('1').textContent).toContain('Actief');
    expect(version('1').textContent).toContain('15 januari 2026 · 3 regels');
    expect(version('1').textContent).toContain('Meegeleverd met Begrip');
    expect(version('2').textContent).toContain('Wat versie 2 anders doet.');
    expect(version('2').textContent).toContain('Ondertekend door Rechtspraak');
    expect(version('1').querySelector('[data-testid="pack-activate"]')).toBeNull();
  });

  it('show what they change before they are activated, and switch back the same way', async () => {
    await show('pakketten');
    await appears('pack');
    for (const [to, back, term, line] of [
      ['2', '1', 'vonnis', 'Breekt niet meer: INT-08'],
      ['1', '2', 'vonnis', 'Breekt nu ook: INT-08'],
    ] as const) {
      await within(to, 'pack-activate');
      await said('1 begrip krijgt een andere uitkomst. Getoetst: 3.');
      expect(at('impact-concept').textContent).toContain(term);
      expect(at('impact-concept').textContent?.replace(/\s+/g, ' ')).toContain(line);
      await press('impact-activate');
      expect(document.querySelector('dialog[open]')?.textContent).toContain(
        `terug naar versie ${back}`,
      );
      await press('activate-sure');
      await said(`Versie ${to} is nu actief.`);
      expect(app.info?.pack_version).toBe(to);
      expect(document.activeElement?.textContent).toContain(`Versie ${to}`);
      expect(there('impact')).toBe(false);
    }
  });

  it.each([
    [0, 0, 'U hebt nog geen eigen begrippen.'],
    [40, 0, 'Geen begrip krijgt een andere uitkomst. Getoetst: 40.'],
    [4_000, 1_200, '1.200 begrippen krijgen een andere uitkomst. Getoetst: 4.000.'],
  ])('with %i concepts of which %i change say so in a sentence', async (checked, changed, text) => {
    const concepts: PackImpact['concepts'] = Array.from({ length: Math.min(changed, 80) }, () => ({
      row: row(concept('vonnis', 'person')),
      now_fails: ['STR-01'],
      no_longer_fails: [],
    }));
    await show('pakketten', { pack_impact: () => ({ version: '2', checked, changed, concepts }) });
    await appears('pack');
    await within('2', 'pack-activate');
    await said(text);
    expect(all('impact-concept')).toHaveLength(Math.min(changed, 50));
    if (changed === 0) return;
    await press('impact-more');
    expect(all('impact-concept')).toHaveLength(80);
    await said('Hier staan de 80 begrippen die het laatst zijn gewijzigd.');
  });

  it('stay as they are when the user thinks again', async () => {
    await show('pakketten');
    await appears('pack');
    await within('2', 'pack-activate');
    await appears('impact-count');
    await press('impact-leave');
    expect(document.activeElement).toBe(at('pack-activate'));
    expect(asked.some(([name]) => name === 'pack_activate')).toBe(false);
  });

  it('cannot be activated when they are damaged', async () => {
    const packs = await fakeHost().call('packs_list', null);
    await show('pakketten', {
      packs_list: () => packs.map((pack) => ({ ...pack, damaged: !pack.active })),
    });
    await said('Deze versie is beschadigd');
    expect(there('pack-activate')).toBe(false);
  });

  it('cannot be activated before their effect is known', async () => {
    await show('pakketten', {
      pack_impact: () => {
        throw NOT_FOUND;
      },
    });
    await appears('pack');
    await within('2', 'pack-activate');
    await appears('impact-retry');
    expect(at<HTMLButtonElement>('impact-activate').disabled).toBe(true);
  });

  it.each([
    ['/home/jansen/Downloads/regels-2.json', 'Bewaard als /home/jansen/Downloads/regels-2.json.'],
    [null, 'Het bestand is niet bewaard.'],
  ])('are saved as a file: the window says ‘%s’', async (place, text) => {
    const made: Blob[] = [];
    URL.createObjectURL = (blob) => `blob:${made.push(blob as Blob)}`;
    URL.revokeObjectURL = () => {};
    inWindow.mockReturnValue(true);
    const clicked = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {});
    try {
      await show('pakketten');
      await appears('pack');
      await within('2', 'pack-export');
      await waitFor(() =>
        expect(clicked.mock.contexts[0]).toMatchObject({ download: 'regels-2.json' }),
      );
      window.dispatchEvent(new CustomEvent('begrip:saved', { detail: place }));
      await said(text);
      expect(await made[0]?.text()).toBe('{"version":"2"}');
    } finally {
      clicked.mockRestore();
      inWindow.mockReturnValue(false);
    }
  });

  it('are compared rule by rule', async () => {
    await show('pakketten');
    await said('0 erbij, 1 weg, 1 veranderd');
    expect(at('compare').textContent).toContain('INT-08 Zeg wat het begrip wel is');
    expect(at('compare-changed').querySelector('del')?.textContent).toContain('vooraan');
    expect(at('compare-changed').querySelector('ins')?.textContent).toContain('aan het begin');
    await fireEvent.change(at('compare-to'), { target: { value: '1' } });
    await said('Kies twee verschillende versies.');
    expect(there('compare-changed')).toBe(false);
  });

  it('come in from a file and are not active then; a refused file is told why', async () => {
    await show('pakketten');
    await appears('pack');
    choose('zomaar iets');
    await said('BG-001');
    expect(all('pack')).toHaveLength(2);
    choose('met handtekening');
    await said('Versie 3 is ingelezen en nog niet actief.');
    expect(document.body.textContent).not.toContain('BG-001');
    expect(document.activeElement?.textContent).toContain('Versie 3');
    expect(app.info?.pack_version).toBe('1');
  });

  it('speak English too', async () => {
    setLanguage('en');
    await show('pakketten', {
      settings_get: () => {
        throw NOT_FOUND;
      },
    });
    await said('What is new?');
  });
});
