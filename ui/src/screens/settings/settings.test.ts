import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, useHost, type Settings } from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import { invalid } from '../../lib/backend/fake-settings';
import type { CommandName } from '../../lib/backend/host';
import { setLanguage } from '../../lib/i18n/index.svelte';
import { app, start } from '../../lib/state/app.svelte';
import Screen from './Screen.svelte';
import { typed } from './unsaved.svelte';

beforeEach(() => {
  Object.assign(app, { info: null, settings: null, failure: null });
  typed.model = null;
});
afterEach(() => {
  cleanup();
  setLanguage('nl');
});

/** Shows a section; gives what was asked of the program. */
async function show(
  section: string,
  changed: Partial<Answers> = {},
): Promise<[CommandName, unknown][]> {
  const asked: [CommandName, unknown][] = [];
  const inner = fakeHost(changed);
  useHost({
    ...inner,
    call(name, args) {
      asked.push([name, args]);
      return inner.call(name, args);
    },
  });
  await start();
  asked.length = 0;
  render(Screen, { route: { screen: 'instellingen', id: section, query: {} } });
  return asked;
}

function at<Element extends HTMLElement = HTMLInputElement>(id: string): Element {
  const found = document.querySelector<Element>(`[data-testid="${id}"]`);
  if (!found) throw new Error(`no ${id}`);
  return found;
}
const there = (id: string) => document.querySelector(`[data-testid="${id}"]`) !== null;
const fill = async (id: string, value: string) => {
  await fireEvent.input(at(id), { target: { value } });
  await fireEvent.change(at(id));
};
const press = (id: string) => fireEvent.click(at(id));
const kept = async (): Promise<Settings> => (await call('settings_get', null)).settings;
const said = (text: string) => waitFor(() => expect(document.body.textContent).toContain(text));
const errorOf = (id: string) =>
  (at(id).getAttribute('aria-describedby') ?? '')
    .split(' ')
    .map((part) => document.getElementById(part))
    .find((part) => part?.classList.contains('error'))?.textContent ?? '';

describe('the endpoint', () => {
  it('a preset fills the fields, and nothing is kept before the button', async () => {
    await show('taalmodel');
    await fireEvent.change(at('settings-preset'), { target: { value: 'openai' } });
    expect(at('settings-base-url').value).toBe('https://api.openai.com/v1');
    expect(at('settings-target').textContent).toContain('api.openai.com');
    expect(there('settings-unsaved')).toBe(true);
    expect((await kept()).model.model).toBe('begrip-demo');
    await press('settings-save');
    await waitFor(async () => expect((await kept()).model.model).toBe('gpt-4o'));
    await said('✓ Bewaard');
    expect(there('settings-unsaved')).toBe(false);
  });

  it('through the server of the organisation no address and no key are asked', async () => {
    await show('taalmodel');
    await fireEvent.change(at('settings-preset'), { target: { value: 'central' } });
    expect(there('settings-base-url')).toBe(false);
    expect(there('settings-key-place')).toBe(false);
    expect(at('settings-central').textContent).toContain('de server van uw organisatie');
    await fireEvent.input(at('settings-model'), { target: { value: 'groot' } });
    await press('settings-save');
    await waitFor(async () => expect((await kept()).model.flavour).toBe('server'));
  });

  it('a part that still must be filled in is named at its field and not kept', async () => {
    const asked = await show('taalmodel');
    await fireEvent.change(at('settings-preset'), { target: { value: 'azure' } });
    expect(there('settings-api-version')).toBe(true);
    await press('settings-save');
    await waitFor(() => expect(errorOf('settings-base-url')).toContain('tussen < en >'));
    expect(document.activeElement).toBe(at('settings-base-url'));
    expect(asked.map(([name]) => name)).not.toContain('settings_save');
  });

  it.each([
    ['settings-base-url', 'ftp://x', 'Begin het adres met https://'],
    ['settings-model', '', 'Vul de naam van het model in'],
  ])('what the program refuses stands at the field %s', async (id, value, text) => {
    await show('taalmodel');
    await fill(id, value);
    await press('settings-save');
    await waitFor(() => expect(errorOf(id)).toContain(text));
    expect(there('settings-unsaved')).toBe(true);
  });

  it.each([
    ['settings-proxy', 'model.proxy', 'BG-110', 'Begin het adres met http://'],
    ['settings-ca-file', '/bestaat/niet.pem', 'BG-111', 'kan dit bestand niet lezen'],
  ])('a refusal of %s opens ‘Meer’', async (id, detail, code, text) => {
    await show('taalmodel', {
      settings_save: () => {
        throw { ...invalid(detail), code };
      },
    });
    await fill(id, 'iets');
    await press('settings-save');
    await waitFor(() => expect(document.activeElement).toBe(at(id)));
    expect(errorOf(id)).toContain(text);
    expect(at<HTMLDetailsElement>('settings-more').open).toBe(true);
  });

  it('a wrong number under ‘Meer’ opens it and keeps nothing', async () => {
    const asked = await show('taalmodel');
    await fill('settings-total_timeout_s', '601');
    await press('settings-save');
    await waitFor(() => expect(at<HTMLDetailsElement>('settings-more').open).toBe(true));
    expect(errorOf('settings-total_timeout_s')).toContain('van 1 tot en met 600');
    expect(asked.map(([name]) => name)).not.toContain('settings_save');
  });

  it('what was typed is still there after a visit elsewhere, and goes back at one press', async () => {
    await show('taalmodel');
    await fill('settings-model', 'een ander');
    cleanup();
    render(Screen, { route: { screen: 'instellingen', id: null, query: {} } });
    expect(at('settings-model').value).toBe('een ander');
    await press('settings-undo');
    expect(at('settings-model').value).toBe('begrip-demo');
  });

  it('an unencrypted address elsewhere is told', async () => {
    await show('taalmodel');
    await fill('settings-base-url', 'http://model.example/v1');
    expect(at('settings-target').textContent).toContain('niet versleuteld');
    await fill('settings-base-url', 'http://localhost:8080/v1');
    expect(at('settings-target').textContent).not.toContain('niet versleuteld');
  });

  it('what the computer determines is shown with what is in force', async () => {
    const view = await fakeHost().call('settings_get', null);
    const effective = { ...view.effective_model, base_url: 'https://vast.example/v1' };
    await show('taalmodel', {
      settings_get: () => ({
        ...view,
        effective_model: effective,
        overruled_by: ['BEGRIP_LLM_URL'],
      }),
    });
    expect(at('settings-overruled').textContent).toContain('BEGRIP_LLM_URL');
    expect(at('settings-overruled').textContent).toContain('https://vast.example/v1');
  });
});

describe('the key', () => {
  it('is sent once, never shown back, and says where it is kept', async () => {
    await show('taalmodel');
    expect(at('settings-key-place').textContent).toContain('geen sleutel');
    expect(at('settings-key').type).toBe('password');
    await fill('settings-key', 'sk-geheim');
    await press('settings-key-save');
    await said('alleen in het werkgeheugen');
    await said('Deze computer heeft geen sleutelbos');
    expect(at('settings-key').value).toBe('');
    expect(document.body.innerHTML).not.toContain('sk-geheim');
  });

  it('an empty key is no key', async () => {
    const asked = await show('taalmodel');
    await press('settings-key-save');
    await waitFor(() => expect(errorOf('settings-key')).toContain('Vul eerst een sleutel in'));
    expect(asked).toEqual([]);
  });

  it('what can be no key is refused at the field', async () => {
    await show('taalmodel', {
      model_key: () => {
        throw invalid('key');
      },
    });
    await fill('settings-key', 'dit is geen sleutel');
    await press('settings-key-save');
    await waitFor(() => expect(errorOf('settings-key')).toContain('Dit is geen sleutel'));
    expect(document.querySelector('.alert:not(.notice)')).toBeNull();
  });

  it('is forgotten only after a question', async () => {
    const asked = await show('taalmodel');
    await fill('settings-key', 'sk-geheim');
    await press('settings-key-save');
    await waitFor(() => expect(there('settings-key-forget')).toBe(true));
    await press('settings-key-forget');
    expect(asked.filter(([name]) => name === 'model_key')).toHaveLength(1);
    await press('settings-key-forget-confirm');
    await said('De sleutel is vergeten');
    expect(at('settings-key-place').textContent).toContain('geen sleutel');
  });
});

describe('the test', () => {
  it('shows every step', async () => {
    await show('taalmodel');
    await press('settings-test');
    await said('Het taalmodel werkt.');
    expect(document.querySelectorAll('[data-ok="true"]')).toHaveLength(5);
  });

  it('says what failed, what to do, and what was not tried', async () => {
    const error = {
      code: 'BG-504',
      message: { nl: 'Het taalmodel weigert de sleutel.', en: 'Refused.' },
      action: { nl: 'Vul de juiste sleutel in.', en: 'Fill it in.' },
      detail: '',
    };
    await show('taalmodel', {
      model_test: () => ({
        ok: false,
        steps: [
          { name: 'address', ok: true, found: 'antwoordt', error: null },
          { name: 'key', ok: false, found: error.message.nl, error },
        ],
      }),
    });
    await press('settings-test');
    await said('werkt nog niet');
    for (const text of ['BG-504', 'weigert de sleutel', 'Vul de juiste sleutel in']) {
      expect(at('check-key').textContent).toContain(text);
    }
    expect(at('check-answer').textContent).toContain('niet geprobeerd');
  });

  it('keeps first what was typed', async () => {
    const asked = await show('taalmodel');
    await fill('settings-model', 'ander');
    expect(at('settings-test').textContent).toContain('Bewaar en test');
    await press('settings-test');
    await said('Het taalmodel werkt.');
    const names = asked.map(([name]) => name).filter((name) => name !== 'app_info');
    expect(names).toEqual(['settings_save', 'model_test']);
  });

  it('without an endpoint it says so', async () => {
    await show('taalmodel', {
      model_test: () => {
        throw { ...invalid(''), code: 'BG-501' };
      },
    });
    await press('settings-test');
    await said('BG-501');
  });
});

describe('kept at once', () => {
  it.each([
    ['1.500', 'prompt-tokens'],
    ['299', 'prompt-tokens'],
    ['', 'tokens-per-day'],
    ['-1', 'eur-per-day'],
    ['veel', 'eur-per-month'],
  ])('%s is refused in words at %s', async (value, name) => {
    const asked = await show('kosten');
    await fill(`settings-${name}`, value);
    await waitFor(() => expect(errorOf(`settings-${name}`)).toContain('Vul een'));
    expect(asked).toEqual([]);
  });

  it('the model and time of each task, and leave for small questions', async () => {
    await show('taken');
    await fill('settings-define-model', ' groot ');
    await fill('settings-prepare-model', 'klein');
    await fill('settings-repair-timeout', '30');
    await fill('settings-fallback-model', 'reserve');
    await press('settings-small-calls');
    await waitFor(async () =>
      expect((await kept()).routing).toEqual({
        define: { model: 'groot', timeout_s: 0 },
        repair: { model: '', timeout_s: 30 },
        prepare: { model: 'klein', timeout_s: 4 },
        small_calls: true,
        fallback_model: 'reserve',
      }),
    );
  });

  it('what goes along with a question, and the model that puts it in order', async () => {
    await show('taken');
    await fill('settings-passages', '5');
    await fill('settings-related', '0');
    await fill('settings-rerank_model', ' vectoren ');
    await press('settings-rerank');
    await waitFor(async () =>
      expect((await kept()).gather).toEqual({
        passages: 5,
        related: 0,
        rerank: true,
        rerank_url: '',
        rerank_model: 'vectoren',
      }),
    );
  });

  it('budgets and prices, with a comma', async () => {
    await show('kosten');
    await fill('settings-prompt-tokens', '1500');
    await fill('settings-eur-per-month', '2,5');
    await waitFor(async () => expect((await kept()).budgets.eur_per_month).toBe(2.5));
    await press('settings-price-add');
    await waitFor(async () => expect((await kept()).prices.models).toHaveLength(1));
    await fill('settings-price-in-0', '0,15');
    await fill('settings-price-cached-0', '0,075');
    await waitFor(async () =>
      expect((await kept()).prices.models).toEqual([
        {
          model: 'begrip-demo',
          eur_per_million_in: 0.15,
          eur_per_million_out: 0,
          eur_per_million_cached: 0.075,
        },
      ]),
    );
    await fill('settings-price-cached-0', '');
    await waitFor(async () =>
      expect((await kept()).prices.models[0]?.eur_per_million_cached).toBe(null),
    );
    await press('settings-price-remove-0');
    await waitFor(async () => expect((await kept()).prices.models).toEqual([]));
    expect((await kept()).budgets.prompt_tokens).toBe(1500);
    await said('✓ Bewaard');
  });

  it('two quick changes are both kept', async () => {
    await show('scherm');
    const choose = (value: string) =>
      document.querySelector<HTMLInputElement>(`input[value="${value}"]`)?.click();
    choose('dark');
    choose('largest');
    await waitFor(async () => expect((await kept()).user.text_size).toBe('largest'));
    expect((await kept()).user.theme).toBe('dark');
    expect(document.documentElement.dataset).toMatchObject({ theme: 'dark', textSize: 'largest' });
  });

  it('the language changes the screen at once', async () => {
    await show('scherm');
    document.querySelector<HTMLInputElement>('input[value="en"]')?.click();
    await said('Language of the screens');
    expect(document.documentElement.lang).toBe('en');
  });

  it('name and own context', async () => {
    await show('gebruiker');
    await said('‘jansen’');
    await fill('settings-name', ' A. de Vries ');
    await fireEvent.input(at('settings-legal_area'), { target: { value: 'strafrecht' } });
    await fireEvent.keyDown(at('settings-legal_area'), { key: 'Enter' });
    await waitFor(async () =>
      expect((await kept()).user.own_context.legal_areas).toEqual(['strafrecht']),
    );
    expect((await kept()).user.name).toBe('A. de Vries');
  });

  it('a label is kept as the chain writes it, once', async () => {
    await show('gebruiker');
    const field = at('settings-legal_area');
    for (const text of ['STRAFRECHT', 'Strafrecht']) {
      field.focus();
      await fireEvent.input(field, { target: { value: text } });
      await waitFor(() =>
        expect(field.getAttribute('aria-expanded')).toBe(String(text[1] === 'T')),
      );
      await fireEvent.keyDown(field, { key: 'Enter' });
    }
    await waitFor(async () =>
      expect((await kept()).user.own_context.legal_areas).toEqual(['strafrecht']),
    );
  });

  it('what cannot be kept is told, and what was in force stays', async () => {
    await show('scherm', {
      settings_save: () => {
        throw { ...invalid(''), code: 'BG-207' };
      },
    });
    document.querySelector<HTMLInputElement>('input[value="dark"]')?.click();
    await said('BG-207');
    expect(app.settings?.settings.user.theme).toBe('system');
    expect(document.body.textContent).not.toContain('✓ Bewaard');
  });
});

describe('the kept answers', () => {
  it('on or off, validity and size are kept', async () => {
    await show('antwoorden');
    await press('settings-cache');
    await fireEvent.change(at('settings-ttl'), { target: { value: '24' } });
    await fill('settings-disk-mb', '50');
    await waitFor(async () =>
      expect((await kept()).cache).toEqual({
        enabled: false,
        ttl_hours: 24,
        ttl_hours_case: 168,
        disk_mb: 50,
        memory_mb: 16,
      }),
    );
  });

  it('the validity is told in days where that comes out even', async () => {
    const view = await fakeHost().call('settings_get', null);
    view.settings.cache.ttl_hours = 36;
    await show('antwoorden', { settings_get: () => view });
    const offered = [...at('settings-ttl').children].map((option) => option.textContent);
    expect(offered.slice(0, 3)).toEqual(['1 dag', '36 uur', '7 dagen']);
  });

  it('the figures are shown, and that there are none', async () => {
    await show('antwoorden');
    await waitFor(() => expect(at('cache-requests').textContent).toBe('5'));
    expect(at('cache-tokens_saved').textContent).toBe('1.280');
    expect(there('cache-eur_saved')).toBe(false);
    cleanup();
    const none = { ...(await fakeHost().call('cache_stats', null)), requests: 0 };
    await show('antwoorden', { cache_stats: () => none });
    await said('nog niets opgesteld');
  });

  it('the figures of an organisation stand apart, once the server has named one', async () => {
    const stats = await fakeHost().call('cache_stats', null);
    const { requests, hits_memory, hits_disk, stale, misses, bypassed, coalesced } = stats;
    const figures = { requests, hits_memory, hits_disk, stale, misses, bypassed, coalesced };
    const of = (organisation: string) => ({
      organisation,
      ...figures,
      tokens_saved: 7,
      eur_saved: null,
    });
    await show('antwoorden', { cache_stats: () => ({ ...stats, by_organisation: [of('')] }) });
    await waitFor(() => expect(there('cache-requests')).toBe(true));
    expect(there('by-organisation')).toBe(false);
    cleanup();
    await show('antwoorden', {
      cache_stats: () => ({ ...stats, by_organisation: [of(''), of('OM')] }),
    });
    await waitFor(() => expect(there('by-organisation')).toBe(true));
    const rows = [...at('by-organisation').querySelectorAll('tbody tr')];
    expect(rows.map((row) => row.querySelector('th')?.textContent)).toEqual([
      'Nog zonder organisatie',
      'OM',
    ]);
    expect(rows[1]?.textContent).toContain('7');
  });

  it.each([
    ['all', { term: null, with_exchanges: false }, 'Alle bewaarde antwoorden'],
    ['term', { term: 'vonnis', with_exchanges: false }, '‘vonnis’'],
  ])('clearing (%s) asks first and says how much went', async (what, args, question) => {
    const asked = await show('antwoorden');
    if (what === 'term') await fill('cache-term', ' vonnis ');
    await press(`cache-clear-${what}`);
    await said(question);
    expect(asked.map(([name]) => name)).not.toContain('cache_clear');
    await press('cache-clear-confirm');
    await said('Gewiste antwoorden: 3');
    expect(asked).toContainEqual(['cache_clear', args]);
  });

  it('no term, nothing to clear', async () => {
    await show('antwoorden');
    await press('cache-clear-term');
    await waitFor(() => expect(errorOf('cache-term')).toContain('Vul een term in'));
    expect(document.querySelector('dialog')?.open).toBe(false);
  });

  it('figures that cannot be read are told with a way to try again', async () => {
    let fails = true;
    const stats = await fakeHost().call('cache_stats', null);
    await show('antwoorden', {
      cache_stats: () => {
        if (fails) throw { ...invalid(''), code: 'BG-209' };
        return stats;
      },
    });
    await said('BG-209');
    fails = false;
    document.querySelector<HTMLButtonElement>('.alert button')?.click();
    await waitFor(() => expect(there('cache-requests')).toBe(true));
  });
});

describe('this computer', () => {
  it('is checked at a press, with what to do about what is wrong', async () => {
    const error = { ...invalid(''), code: 'BG-501' };
    await show('controle', {
      doctor: () => ({
        healthy: false,
        language: 'nl',
        checks: [
          { name: 'store', ok: true, found: 'Ongeschonden.', error: null },
          { name: 'model', ok: false, found: '', error },
        ],
      }),
    });
    await said('nog niet gecontroleerd');
    await press('doctor');
    await said('vraagt');
    expect(at('check-store').textContent).toContain('in orde');
    expect(at('check-model').textContent).toContain('BG-501');
  });
});

describe('about', () => {
  it('names the versions and leads to the rules', async () => {
    await show('over');
    expect(at('versions').textContent).toContain('0.1.0');
    expect(at('to-rules').getAttribute('href')).toBe('#/regels');
  });
});

it('settings that cannot be read are told with a way to try again', async () => {
  const view = await fakeHost().call('settings_get', null);
  let fails = true;
  await show('scherm', {
    settings_get: () => {
      if (fails) throw { ...invalid(''), code: 'BG-209' };
      return view;
    },
  });
  await said('BG-209');
  fails = false;
  document.querySelector<HTMLButtonElement>('.alert button')?.click();
  await waitFor(() => expect(there('settings-theme')).toBe(true));
});
