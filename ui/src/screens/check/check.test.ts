import { cleanup, render, waitFor } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import { call, useHost, type Report } from '../../lib/backend';
import { fakeHost } from '../../lib/backend/fake';
import { NOT_FOUND } from '../../lib/backend/fake-data';
import { app, start } from '../../lib/state/app.svelte';
import Screen from './Screen.svelte';

afterEach(cleanup);

function type(text: string): HTMLTextAreaElement {
  const field = document.querySelector<HTMLTextAreaElement>('[data-testid="definition"]');
  if (!field) throw new Error('no definition field');
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  return field;
}

const findings = () =>
  [...document.querySelectorAll<HTMLElement>('[data-testid="finding"]')].map(
    (finding) => finding.dataset['rule'],
  );

it('findings follow the text, without a button', async () => {
  useHost(fakeHost());
  render(Screen);
  type('een 👍 zaak die niet bestaat');
  await waitFor(() => expect(findings()).toEqual(['STR-01', 'INT-08']));
  const marks = () => [...document.querySelectorAll('mark')].map((mark) => mark.textContent);
  await waitFor(() => expect(marks()).toEqual(['een', 'niet']));
  type('zaak die niet bestaat');
  await waitFor(() => expect(findings()).toEqual(['INT-08']));
});

/** Answers a check of the text only when it is let go; the rules over the store are in it. */
function heldBack(): (report?: Partial<Report>) => Promise<void> {
  const inner = fakeHost();
  const waiting: ((report: Partial<Report>) => void)[] = [];
  useHost({
    ...inner,
    async call(name, args) {
      const answer = await inner.call(name, args);
      if (name !== 'check_text') return answer;
      const changed = await new Promise<Partial<Report>>((done) => waiting.push(done));
      return Object.assign(answer as object, changed) as typeof answer;
    },
  });
  return async (report = {}) => {
    await waitFor(() => expect(waiting).not.toHaveLength(0));
    waiting.shift()?.(report);
    await new Promise((done) => setTimeout(done));
  };
}

it('the rules over the text answer first, what the others said stands until they answer', async () => {
  const inner = fakeHost();
  const answers: (() => void)[] = [];
  useHost({
    ...inner,
    async call(name, args) {
      const answer = await inner.call(name, args);
      const report = answer as Report;
      if (name === 'check_text') {
        report.findings = report.findings.filter(({ rule }) => rule !== 'STR-01');
      }
      if (name === 'check') await new Promise<void>((done) => answers.push(done));
      return answer;
    },
  });
  const whole = async () => {
    await waitFor(() => expect(answers).not.toHaveLength(0));
    answers.shift()?.();
  };
  render(Screen);
  type('een zaak die niet bestaat');
  await waitFor(() => expect(findings()).toEqual(['INT-08']));
  await whole();
  await waitFor(() => expect(findings()).toEqual(['STR-01', 'INT-08']));
  type('een zaak');
  await waitFor(() => expect(findings()).toEqual(['STR-01']));
  type('zaak');
  await whole();
  await waitFor(() => expect(document.querySelector('.marked')?.textContent).toBe('zaak'));
  expect(findings()).toEqual(['STR-01']);
  await whole();
  await waitFor(() => expect(findings()).toEqual([undefined]));
});

it('findings stand still between two answers, and the ones that stay are not made anew', async () => {
  const answer = heldBack();
  render(Screen);
  type('een zaak die niet bestaat');
  await answer();
  await waitFor(() => expect(findings()).toEqual(['STR-01', 'INT-08']));
  const [article, not] = document.querySelectorAll('[data-testid="finding"]');
  const made: Node[] = [];
  const watch = new MutationObserver((changes) =>
    changes.forEach(({ addedNodes, removedNodes }) => made.push(...addedNodes, ...removedNodes)),
  );
  watch.observe(document.querySelector('.findings') as Element, { childList: true });
  for (const text of ['een zaak die niet bestaat,', 'een zaak die niet bestaat, e']) {
    type(text);
    await Promise.resolve();
    expect(findings()).toEqual(['STR-01', 'INT-08']);
    await answer();
  }
  await waitFor(() => expect(document.querySelector('.marked')?.textContent).toContain(', e'));
  expect([...document.querySelectorAll('[data-testid="finding"]')]).toEqual([article, not]);
  expect(made).toEqual([]);
  // What goes leaves the others where they are.
  type('zaak die niet bestaat');
  await answer();
  await waitFor(() => expect(findings()).toEqual(['INT-08']));
  expect(document.querySelector('[data-testid="finding"]')).toBe(not);
  watch.disconnect();
});

it('a late report leaves the focus where it was, and in the list when its finding is gone', async () => {
  const answer = heldBack();
  render(Screen);
  const show = async (text: string, rules: string[]) => {
    type(text);
    await answer();
    await waitFor(() => expect(findings()).toEqual(rules));
  };
  await show('een zaak die niet bestaat', ['STR-01', 'INT-08']);
  const link = document.querySelector<HTMLElement>('[data-rule="INT-08"] a');
  link?.focus();
  await show('zaak die niet bestaat', ['INT-08']);
  expect(document.activeElement).toBe(link);
  await show('een zaak die niet bestaat', ['STR-01', 'INT-08']);
  expect(document.activeElement).toBe(link);
  const article = document.querySelector<HTMLElement>('[data-rule="STR-01"] a');
  article?.focus();
  await show('zaak die niet bestaat', ['INT-08']);
  expect(document.activeElement).toBe(document.querySelector('.findings'));
});

it('before its first answer a text is not said to be missing', async () => {
  const answer = heldBack();
  render(Screen);
  expect(document.querySelector('.empty')).not.toBeNull();
  type('zaak');
  await waitFor(() => expect(document.querySelector('.empty')).toBeNull());
  expect(findings()).toEqual([]);
  await answer();
  await waitFor(() => expect(document.body.textContent).toContain('Geen bevindingen'));
});

it('the marked text stays while its last mark goes, until the text is gone', async () => {
  useHost(fakeHost());
  render(Screen);
  type('zaak die niet');
  await waitFor(() => expect(document.querySelector('.marked mark')).not.toBeNull());
  type('zaak die nie');
  await waitFor(() => expect(document.querySelector('.marked mark')).toBeNull());
  expect(document.querySelector('.marked')?.textContent).toBe('zaak die nie');
  type('');
  await waitFor(() => expect(document.querySelector('.marked')).toBeNull());
});

it('the figures are told to a reader of the screen when the text comes to rest', async () => {
  useHost(fakeHost());
  render(Screen);
  type('een');
  await waitFor(() => expect(document.querySelector('.found [role="status"]')).not.toBeNull());
  const heard: string[] = [];
  const status = document.querySelector('.found [role="status"]') as HTMLElement;
  new MutationObserver(() => heard.push(status.textContent ?? '')).observe(status, {
    childList: true,
    characterData: true,
    subtree: true,
  });
  for (const text of ['een zaak', 'zaak', 'een zaak die niet bestaat']) {
    type(text);
    const left = text.includes('niet') ? 2 : Number(text.startsWith('een'));
    await waitFor(() => expect(findings().filter(Boolean)).toHaveLength(left));
  }
  await waitFor(() => expect(heard).toHaveLength(1), { timeout: 5_000 });
  expect(heard[0]).toContain('2 te verbeteren');
});

it('each finding leads to its rule', async () => {
  useHost(fakeHost());
  render(Screen);
  type('een zaak');
  await waitFor(() => expect(findings()).toEqual(['STR-01']));
  expect(byId('finding-rule')?.getAttribute('href')).toBe('#/regels/STR-01');
  const passed = () => [...document.querySelectorAll('details a')].map((link) => link.textContent);
  // Not made before somebody wants to see them.
  expect(passed()).toEqual([]);
  document.querySelector('details')?.setAttribute('open', '');
  await waitFor(() => expect(passed()).toEqual(['INT-08', 'VER-01']));
});

it('a finding of other rules than those in force leads to the rule as it was', async () => {
  useHost(fakeHost());
  await start();
  if (app.info) app.info.pack_version = '2';
  render(Screen);
  type('een zaak');
  await waitFor(() => expect(findings()).toEqual(['STR-01']));
  expect(byId('finding-rule')?.getAttribute('href')).toBe('#/regels/STR-01?versie=1');
  Object.assign(app, { info: null, settings: null });
});

it('a fix goes into the text at one press', async () => {
  useHost(fakeHost());
  render(Screen);
  const field = type('een zaak');
  await waitFor(() => expect(findings()).toEqual(['STR-01']));
  document.querySelector<HTMLButtonElement>('.finding button')?.click();
  await waitFor(() => expect(field.value).toBe('zaak'));
});

it('a text of more than 20,000 characters is refused in words and not sent', async () => {
  let checks = 0;
  const inner = fakeHost();
  useHost({
    ...inner,
    call(name, args) {
      if (name === 'check' || name === 'check_text') checks += 1;
      return inner.call(name, args);
    },
  });
  render(Screen);
  type('é'.repeat(20_001));
  await waitFor(() => expect(document.body.textContent).toContain('te lang'));
  expect(checks).toBe(0);
});

it('the text is kept from the first keystroke and comes back', async () => {
  useHost(fakeHost());
  const { unmount } = render(Screen);
  type('zaak');
  await waitFor(async () =>
    expect((await call('buffer_load', { key: 'check' }))?.content).toContain('zaak'),
  );
  unmount();
  render(Screen);
  await waitFor(() =>
    expect(document.querySelector<HTMLTextAreaElement>('textarea')?.value).toBe('zaak'),
  );
});

const kept = async () => (await call('buffer_load', { key: 'check' }))?.content ?? '';
const shown = () => document.querySelector<HTMLTextAreaElement>('textarea')?.value;
const byId = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
const KEPT = JSON.stringify({ term: '', text: 'wat er stond', taken: [] });

/** A host that gives the kept text only when it is let go, or fails to give it. */
async function withKept(): Promise<{ release: () => void; refuse: () => void }> {
  const inner = fakeHost();
  await inner.call('buffer_save', { key: 'check', content: KEPT });
  let release = () => {};
  let refuse = () => {};
  const waits = new Promise<void>((done, fail) => {
    release = done;
    refuse = () => fail(NOT_FOUND);
  });
  let first = true;
  useHost({
    ...inner,
    async call(name, args) {
      if (name === 'buffer_load' && first) {
        first = false;
        await waits;
      }
      return inner.call(name, args);
    },
  });
  return { release, refuse };
}

it('a text of hundreds of thousands of characters is kept', async () => {
  useHost(fakeHost());
  const { unmount } = render(Screen);
  type('kort');
  await waitFor(async () => expect(await kept()).toContain('kort'));
  type('é'.repeat(300_000));
  await waitFor(async () => expect((await kept()).length).toBeGreaterThan(300_000));
  unmount();
  render(Screen);
  await waitFor(() => expect(shown()).toHaveLength(300_000));
});

it('a text too long to keep leaves no older one behind, and is told', async () => {
  useHost(fakeHost());
  render(Screen);
  type('een oudere tekst');
  await waitFor(async () => expect(await kept()).toContain('een oudere tekst'));
  type('x'.repeat(1_000_001));
  await waitFor(() => expect(document.body.textContent).toContain('te lang om automatisch te'));
  await waitFor(async () => expect(await kept()).toBe(''));
  type('weer kort');
  await waitFor(async () => expect(await kept()).toContain('weer kort'));
  expect(document.body.textContent).not.toContain('te lang om automatisch te');
});

it('what fixes took out of the text comes back with it, until it is cleared', async () => {
  const inner = fakeHost();
  useHost({
    ...inner,
    async call(name, args) {
      const answer = await inner.call(name, args);
      if (name === 'check' || name === 'check_text') {
        for (const { fix } of (answer as Report).findings) {
          if (fix) fix.explanation_add = 'Dat is zo.';
        }
      }
      return answer;
    },
  });
  const { unmount } = render(Screen);
  type('een zaak');
  await waitFor(() => expect(document.querySelector('.finding button')).not.toBeNull());
  document.querySelector<HTMLButtonElement>('.finding button')?.click();
  await waitFor(async () => expect(await kept()).toContain('Dat is zo.'));
  unmount();
  render(Screen);
  await waitFor(() => expect(byId('taken')?.textContent).toContain('Dat is zo.'));
  byId('taken-clear')?.click();
  await waitFor(async () => expect(await kept()).not.toContain('Dat is zo.'));
  expect(shown()).toBe('zaak');
});

it('a letter typed before the kept text comes goes first, and the kept text is offered', async () => {
  const { release } = await withKept();
  const { unmount } = render(Screen);
  type('n');
  release();
  await waitFor(() => expect(byId('earlier')?.textContent).toContain('wat er stond'));
  expect(shown()).toBe('n');
  await waitFor(async () => expect(await kept()).toContain('"text":"n"'));
  // Also when the program is closed before the user chose.
  expect(await kept()).toContain('wat er stond');
  unmount();
  render(Screen);
  await waitFor(() => expect(byId('earlier-back')).not.toBeNull());
  byId('earlier-back')?.click();
  await waitFor(() => expect(shown()).toBe('wat er stond'));
  await waitFor(() => expect(byId('earlier')?.textContent).toContain('n'));
  byId('earlier-forget')?.click();
  await waitFor(() => expect(byId('earlier')).toBeNull());
});

it('nothing is kept over a text that could not be looked up', async () => {
  const { refuse } = await withKept();
  render(Screen);
  refuse();
  await waitFor(() => expect(byId('load-retry')).not.toBeNull());
  type('nieuw');
  await waitFor(() => expect(shown()).toBe('nieuw'));
  expect(await kept()).toBe(KEPT);
  byId('load-retry')?.click();
  await waitFor(() => expect(byId('earlier')?.textContent).toContain('wat er stond'));
  await waitFor(async () => expect(await kept()).toContain('nieuw'));
  expect(byId('load-retry')).toBeNull();
});
