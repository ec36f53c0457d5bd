import { cleanup, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, useHost, type UserError } from '../../lib/backend';
import type { Answers } from '../../lib/backend/fake';
import * as sample from '../../lib/backend/fake-data';
import { app } from '../../lib/state/app.svelte';
import Screen from './Screen.svelte';
import { byId, click, found, page, Played, press, sends, type, value } from './testing';

const UNREACHABLE: UserError = {
  code: 'BG-502',
  message: { nl: 'Het taalmodel is niet bereikbaar.', en: 'Unreachable.' },
  action: { nl: 'Controleer uw netwerk.', en: 'Check your network.' },
  detail: 'timeout',
};

let played: Played;

function play(changed: Partial<Answers> = {}): void {
  played = new Played(changed);
  useHost(played.host);
}

function open(term?: string): ReturnType<typeof render> {
  const query: Record<string, string> = term === undefined ? {} : { term };
  return render(Screen, { route: { screen: 'opstellen', id: null, query } });
}

beforeEach(() => {
  location.hash = '';
  app.info = null;
  app.settings = null;
  play();
});
afterEach(async () => {
  await played.finish();
  cleanup();
});

describe('the question', () => {
  it('begins with the term of the address and the own context', async () => {
    const settings = sample.state().settings;
    settings.settings.user.own_context.organisations = ['DJI'];
    play({ settings_get: () => settings });
    open('enkelband');
    await found('compose-term');
    expect(value('compose-term')).toBe('enkelband');
    await found('compose-notes');
    expect(page()).toContain('DJI');
    expect(page()).toContain('worden eerst gepseudonimiseerd');
  });

  it('is kept from the first keystroke and comes back', async () => {
    const { unmount } = open();
    await type('compose-term', 'g');
    await waitFor(async () =>
      expect((await call('buffer_load', { key: 'compose' }))?.content).toContain('"term":"g"'),
    );
    await type('compose-notes', 'voor de wijkagent');
    unmount();
    open();
    await found('compose-notes');
    expect(value('compose-term')).toBe('g');
    expect(value('compose-notes')).toBe('voor de wijkagent');
  });

  it('is not kept over a text that could not be looked up', async () => {
    const first = open('gedetineerde');
    await type('compose-notes', 'over verlof');
    first.unmount();
    const inner = played.host;
    useHost({
      ...inner,
      call: (name, args) =>
        name === 'buffer_load' ? Promise.reject(sample.NOT_FOUND) : inner.call(name, args),
    });
    open('enkelband');
    await found('load-retry');
    expect(byId('compose-term')).toBeNull();
    useHost(inner);
    await click('load-retry');
    await found('other-work');
    await found('compose-notes');
    expect(value('compose-notes')).toBe('over verlof');
  });

  it('survives a kept text that cannot be read', async () => {
    await call('buffer_save', { key: 'compose', content: '{"fields":{"term":7,"synonyms":"x"' });
    open();
    expect((await found<HTMLInputElement>('compose-term')).value).toBe('');
  });

  it('asks before work on another term makes place', async () => {
    const first = open('gedetineerde');
    await type('compose-notes', 'over verlof');
    first.unmount();
    open('enkelband');
    await found('other-work');
    expect(value('compose-term')).toBe('gedetineerde');
    await click('other-begin');
    await waitFor(() => expect(value('compose-term')).toBe('enkelband'));
    expect(value('compose-notes')).toBe('');
    expect(byId('other-work')).toBeNull();
  });

  it('that makes place takes its request along', async () => {
    const first = open('gedetineerde');
    await click('compose-start');
    await found('drafting');
    first.unmount();
    open('enkelband');
    await click('other-begin');
    await waitFor(() => expect(value('compose-term')).toBe('enkelband'));
    expect(played.calls('define_cancel')).toHaveLength(1);
    played.answer();
    await type('compose-notes', 'iets');
    await sends('Term: enkelband');
    expect(byId('result')).toBeNull();
  });

  it('leaves nothing behind when nothing was filled in', async () => {
    open();
    await found('compose-term');
    expect(await call('buffer_load', { key: 'compose' })).toBeNull();
  });

  it('sends nothing without a term, and leads to the field', async () => {
    open();
    await click('compose-start');
    await waitFor(() => expect(document.activeElement).toBe(byId('compose-term')));
    expect(page()).toContain('Vul een term in.');
    expect(played.drafts).toHaveLength(0);
  });
});

describe('a concept that exists', () => {
  it('is offered while the term is typed, before anything is sent', async () => {
    open();
    await type('compose-term', 'verdacht');
    await type('compose-term', 'verdachte');
    const link = await found<HTMLAnchorElement>('duplicate-open');
    expect(link.hash).toMatch(/^#\/begrip\/0/);
    expect(page()).toContain('dezelfde term en context');
    await type('compose-term', 'verdachtmaking');
    await waitFor(() => expect(byId('duplicate-open')).toBeNull());
    expect(played.drafts).toHaveLength(0);
  });

  it('is kept once more only with a reason', async () => {
    open('verdachte');
    await click('compose-self');
    await type('definition', 'persoon die wordt verdacht');
    await click('compose-keep');
    await waitFor(() => expect(document.querySelector('dialog')?.open).toBe(true));
    await click('duplicate-keep');
    await waitFor(() => expect(page()).toContain('Vul een reden in'));
    expect(played.calls('concept_save')).toHaveLength(1);
    await type('duplicate-reason', 'verouderd');
    await click('duplicate-keep');
    await waitFor(() => expect(location.hash).toMatch(/^#\/begrip\//));
    expect(played.calls('concept_save')[1]).toMatchObject({
      reason: 'verouderd',
      accept_duplicate: true,
    });
  });
});

describe('what goes to the model', () => {
  it('is shown with host, model, size, cost, parts left behind and the text to the letter', async () => {
    open('toezicht');
    await sends('127.0.0.1');
    const shown = byId('outgoing')?.textContent?.replace(/\s+/g, ' ') ?? '';
    for (const part of [
      'begrip-demo',
      '640 van hoogstens 3.000 tokens',
      '€ 0,00042',
      'U schrijft definities.',
      'Term: toezicht',
    ]) {
      expect(shown).toContain(part);
    }
    expect(byId('outgoing-dropped')?.textContent).toContain('verwante begrippen');
    expect(played.drafts).toHaveLength(0);
  });

  it('names what stays here because it names somebody', async () => {
    play({ preview: ({ term }) => ({ ...sample.preview(term), held_back: ['Hof, ECLI:1'] }) });
    open('toezicht');
    expect((await found('outgoing-held-back')).textContent).toContain('Hof, ECLI:1');
  });

  it('is nothing when the answer stands on this computer', async () => {
    play({ preview: ({ term }) => ({ ...sample.preview(term), cached: true }) });
    open('toezicht');
    expect((await found('outgoing-cached')).textContent).toContain('Er wordt niets verstuurd');
  });

  it('is the latest question, also when an answer comes late', async () => {
    open();
    await type('compose-term', 'a');
    await type('compose-term', 'ab');
    await type('compose-term', 'abc');
    await sends('Term: abc');
    await type('compose-term', '');
    await waitFor(() => expect(page()).toContain('Vul eerst een term in'));
  });
});

describe('notes about a case', () => {
  const privacy = () => played.calls('preview').at(-1)?.privacy;

  it('are shown before and after, with what was replaced', async () => {
    open('toezicht');
    await type('compose-notes', 'Toen belde Jansen.');
    const before = await found('text-before');
    await waitFor(() =>
      expect(byId('text-after')?.textContent?.trim()).toBe('Toen belde [persoon 1].'),
    );
    expect(before.querySelector('mark')?.textContent).toBe('Jansen');
    expect(byId('text-after')?.querySelector('mark')?.textContent).toBe('[persoon 1]');
    expect(byId('replaced')?.textContent).toContain('[persoon 1] = Jansen');
    expect(page()).toContain('worden gepseudonimiseerd');
  });

  it('go with the parties that the user named, a line each', async () => {
    open('toezicht');
    await type('compose-notes', 'Toen belde hij.');
    await type('compose-parties', 'verdachte: Jan Jansen\n\n getuige: Ada ');
    await waitFor(() =>
      expect(privacy()?.parties).toEqual(['verdachte: Jan Jansen', 'getuige: Ada']),
    );
    await click('compose-start');
    await found('drafting');
    expect(played.drafts[0]?.input.privacy.parties).toHaveLength(2);
  });

  it('keep what the user lets out and adds, also after leaving, and it can be taken back', async () => {
    const { unmount } = open('toezicht');
    await type('compose-notes', 'Toen belde Jansen.');
    await click('let-out');
    expect(document.activeElement?.textContent).toContain('gepseudonimiseerd');
    await waitFor(() => expect(privacy()?.let_out).toEqual(['Jansen']));
    await waitFor(() => expect(byId('text-after')?.textContent).toContain('belde Jansen'));
    await type('also', ' rode bestelbus ');
    await click('also-add');
    await waitFor(() => expect(privacy()?.also).toEqual(['rode bestelbus']));
    expect((await found('absent')).textContent).toContain('rode bestelbus');
    unmount();
    open();
    await found('goes-out');
    await click('replace-again');
    await waitFor(() => expect(privacy()).toMatchObject({ let_out: [], also: ['rode bestelbus'] }));
    await click('absent-remove');
    await waitFor(() => expect(privacy()).toMatchObject({ let_out: [], also: [] }));
  });

  it('are another question when another thing is replaced', async () => {
    open('toezicht');
    await click('compose-start');
    await found('drafting');
    played.answer({ put_back: [{ placeholder: '[persoon 1]', original: 'Jansen' }] });
    await found('put-back');
    expect(byId('put-back')?.textContent).toContain('[persoon 1] werd Jansen');
    await click('question-toggle');
    await type('compose-parties', 'Jansen');
    await waitFor(() => expect(page()).toContain('U hebt de vraag veranderd'));
  });
});

describe('a request', () => {
  /** A host whose previews come, or fail, when the test says so. */
  function slowPreview(): { come: () => void; fail: () => void } {
    let come = () => {};
    let fail = () => {};
    const waits = new Promise<void>((done, refuse) => {
      come = done;
      fail = () => refuse(UNREACHABLE);
    });
    const inner = played.host;
    useHost({
      ...inner,
      async call(name, args) {
        if (name === 'preview') await waits;
        return inner.call(name, args);
      },
    });
    return { come, fail };
  }
  const pressed = async () => {
    (await found('compose-term')).focus();
    press('Enter', { ctrlKey: true });
    press('Enter', { ctrlKey: true });
    await waitFor(() => expect(byId('compose-start')?.textContent).toContain('Wacht op'));
    expect(played.drafts).toHaveLength(0);
  };

  it.each(['come', 'fail'] as const)(
    'waits until what is sent is shown; the preview may %s',
    async (end) => {
      const preview = slowPreview();
      open('toezicht');
      await pressed();
      preview[end]();
      await found('drafting');
      expect(played.drafts).toHaveLength(1);
    },
  );

  it('that waits is not made for a question that was changed meanwhile', async () => {
    const preview = slowPreview();
    open('toezicht');
    await pressed();
    await type('compose-notes', 'ook voor de jeugd');
    preview.come();
    await waitFor(() => expect(byId('compose-start')?.textContent).toContain('Stel op'));
    await sends('Term: toezicht');
    expect(played.drafts).toHaveLength(0);
  });

  it('that waits is not made after the screen was left', async () => {
    const preview = slowPreview();
    const { unmount } = open('toezicht');
    await pressed();
    unmount();
    preview.come();
    open();
    await sends('Term: toezicht');
    expect(played.drafts).toHaveLength(0);
  });

  it('with notes that are too long is not made, and leads to them', async () => {
    open('toezicht');
    await type('compose-notes', 'x'.repeat(20_001));
    await click('compose-start');
    await waitFor(() => expect(document.activeElement).toBe(byId('compose-notes')));
    expect(played.drafts).toHaveLength(0);
  });

  it('that is kept comes without a screen in between, and with what goes along folded', async () => {
    let seen = false;
    const watch = new MutationObserver(() => (seen ||= byId('drafting') !== null));
    open('toezicht');
    await found('outgoing-details');
    expect(byId('message')).toBeNull();
    watch.observe(document.body, { childList: true, subtree: true });
    await click('compose-start');
    await waitFor(() => expect(played.drafts).toHaveLength(1));
    played.answer({ cache: 'memory' });
    const heading = await found('result-heading');
    await waitFor(() => expect(document.activeElement).toBe(heading));
    expect(byId('compose-term')).toBeNull();
    watch.disconnect();
    expect(seen).toBe(false);
  });

  it('begins with Ctrl+Enter, tells its steps and shows the text', async () => {
    open('toezicht');
    (await found('compose-term')).focus();
    press('Enter', { ctrlKey: true });
    await found('drafting');
    expect(played.drafts[0]).toMatchObject({
      input: { term: 'toezicht' },
      regenerate: false,
      offline: false,
    });
    const stage = byId('drafting-stage');
    expect(stage?.getAttribute('role')).toBe('status');
    for (const [step, said] of [
      ['gathering', 'verwante begrippen zoeken'],
      ['asking', 'wachten op het taalmodel'],
      ['writing', 'de tekst komt binnen'],
      ['checking', 'de regels toetsen'],
      ['repairing', 'blokkerend punt'],
    ] as const) {
      played.stage(step);
      await waitFor(() => expect(stage?.textContent).toContain(said));
    }
    played.text('toezicht door', 'Iemand kijkt mee.');
    await waitFor(() => expect(byId('drafting-text')?.textContent).toContain('toezicht door'));
    // Words are not told one by one.
    expect(byId('drafting-text')?.closest('[role="status"], [aria-live]')).toBeNull();
    played.answer();
    await found('result');
    await waitFor(() => expect(document.activeElement).toBe(byId('result-heading')));
  });

  it.each(['Escape', 'the button'])('is stopped by %s; the text so far stays', async (by) => {
    open('toezicht');
    await click('compose-start');
    await found('drafting');
    played.text('toezicht door');
    if (by === 'Escape') press('Escape');
    else await click('compose-stop');
    await waitFor(() => expect(played.calls('define_cancel')).toHaveLength(1));
    expect(played.calls('define_cancel')[0]?.request_id).toBe(played.drafts[0]?.request_id);
    played.refuse(sample.CANCELLED);
    expect((await found('text-so-far')).textContent).toContain('toezicht door');
    expect(page()).toContain('Gestopt. Uw invoer staat er nog.');
    expect(document.querySelector('[role="alert"]')).toBeNull();
    expect(value('compose-term')).toBe('toezicht');
  });

  it('that is stopped before the program knows it is stopped once it does', async () => {
    open('toezicht');
    await click('compose-start');
    await found('drafting');
    press('Escape');
    played.stage('gathering');
    await waitFor(() => expect(played.calls('define_cancel')).toHaveLength(2));
  });

  it('that fails says what to do and keeps the text so far; once more is one press', async () => {
    open('toezicht');
    await click('compose-start');
    await found('drafting');
    played.text('toezicht door');
    played.refuse(UNREACHABLE);
    const alert = await waitFor(() => {
      const shown = document.querySelector('[role="alert"]');
      expect(shown).not.toBeNull();
      return shown;
    });
    expect(alert?.textContent).toMatch(/Controleer uw netwerk.*BG-502/s);
    expect(byId('text-so-far')?.textContent).toContain('toezicht door');
    await waitFor(() => expect(document.activeElement).toBe(byId('broken-off')));
    await click('compose-retry');
    await waitFor(() => expect(played.drafts).toHaveLength(2));
  });

  it('that fails says so once', async () => {
    const { info } = sample.state();
    info.model.state = 'offline';
    play({ app_info: () => info });
    app.info = structuredClone(info);
    open('toezicht');
    await found('model-notice');
    await click('compose-start');
    await found('drafting');
    played.refuse(UNREACHABLE);
    await found('compose-retry');
    expect(page().match(/niet bereikbaar/g)).toHaveLength(1);
  });

  it('goes on while the user looks at another screen', async () => {
    const { unmount } = open('toezicht');
    await click('compose-start');
    await found('drafting');
    unmount();
    open();
    expect(await found('drafting')).not.toBeNull();
    played.answer();
    await found('result');
    expect(played.drafts).toHaveLength(1);
  });
});

describe('without a model', () => {
  const standing = (state: 'not_configured' | 'offline') => {
    const { info } = sample.state();
    app.info = { ...info, model: { ...info.model, state } };
  };

  it('that is not set up, the screen says what works and leads to Instellingen', async () => {
    standing('not_configured');
    open('toezicht');
    expect((await found('model-notice')).textContent).toContain('zelf een definitie schrijven');
    expect(byId<HTMLAnchorElement>('model-settings')?.hash).toBe('#/instellingen');
    expect(byId('compose-start')).toBeNull();
    press('Enter', { ctrlKey: true });
    expect(played.drafts).toHaveLength(0);
  });

  it('a kept answer can still be shown, and no call is made', async () => {
    standing('not_configured');
    play({ preview: ({ term }) => ({ ...sample.preview(term), cached: true }) });
    open('toezicht');
    await click('compose-start');
    await waitFor(() => expect(played.drafts[0]?.offline).toBe(true));
  });

  it('that is reachable, a draft can be tried all the same', async () => {
    standing('offline');
    open('toezicht');
    expect((await found('model-notice')).textContent).toContain('Bewaarde antwoorden');
    expect(byId('compose-start')).not.toBeNull();
  });

  it('the definition is written by hand and kept as one’s own', async () => {
    open('enkelband');
    await click('compose-self');
    await waitFor(() => expect(document.activeElement).toBe(byId('definition')));
    await type('definition', 'band om een enkel');
    press('s', { ctrlKey: true });
    await waitFor(() => expect(location.hash).toMatch(/^#\/begrip\//));
    expect(played.calls('concept_save')[0]).toMatchObject({
      draft_id: null,
      fields: { term: 'enkelband', definition: 'band om een enkel' },
    });
    expect(played.drafts).toHaveLength(0);
  });
});
