import { cleanup, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { tick } from 'svelte';
import { call, useHost, type Host } from '../backend';
import { fakeHost } from '../backend/fake';
import DefinitionEditor from './DefinitionEditor.svelte';

const context = { organisations: [], legal_areas: [], statutory_bases: [] };

beforeEach(() => useHost(fakeHost()));
afterEach(cleanup);

const field = () => document.querySelector<HTMLTextAreaElement>('[data-testid="definition"]');
const byId = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
const rules = () =>
  [...document.querySelectorAll<HTMLElement>('.finding')].map((found) => found.dataset['rule']);

async function open(value: string, onfix?: () => () => void): Promise<void> {
  render(DefinitionEditor, {
    value,
    check: { term: 'zaak', context },
    ...(onfix ? { onfix } : {}),
  });
  await waitFor(() => expect(rules().length).toBeGreaterThan(0));
}

function press(key: string, more: KeyboardEventInit): void {
  field()?.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }),
  );
}

it('Alt+F mends the text, and Ctrl+Z brings text and all else back', async () => {
  const takenBack = vi.fn();
  await open('een zaak die niet is', () => takenBack);
  press('f', { altKey: true });
  await waitFor(() => expect(rules()).toEqual(['INT-08']));
  expect(field()?.value).toBe('zaak die niet is');
  expect(document.activeElement).toBe(field());
  press('z', { ctrlKey: true });
  await waitFor(() => expect(field()?.value).toBe('een zaak die niet is'));
  expect(takenBack).toHaveBeenCalledOnce();
});

it('a button takes a fix back, until the text is changed further', async () => {
  await open('een zaak');
  byId('finding-fix')?.click();
  await waitFor(() => expect(byId('fix-undo')).not.toBeNull());
  byId('fix-undo')?.click();
  await waitFor(() => expect(field()?.value).toBe('een zaak'));
  await waitFor(() => expect(rules()).toEqual(['STR-01']));
  byId('finding-fix')?.click();
  await waitFor(() => expect(byId('fix-undo')).not.toBeNull());
  const text = field();
  if (text) text.value = 'zaak die loopt';
  text?.dispatchEvent(new InputEvent('input', { bubbles: true }));
  await waitFor(() => expect(byId('fix-undo')).toBeNull());
});

it('marks stand out while a finding has the focus, and lead into the text', async () => {
  await open('een 👍 zaak die niet is');
  byId('finding-fix')?.focus();
  await waitFor(() => expect(document.querySelector('mark.active')?.textContent).toBe('een'));
  const shows = document.querySelectorAll<HTMLElement>('[data-testid="finding-show"]');
  shows[1]?.click();
  const text = field();
  expect(document.activeElement).toBe(text);
  expect(text?.value.slice(text.selectionStart, text.selectionEnd)).toBe('niet');
});

it('shows what the rules said of this text before, until they say it again', async () => {
  const report = await call('check', { term: 'zaak', context, text: 'een zaak die niet is' });
  let say = () => {};
  const held = new Promise<void>((resolve) => (say = resolve));
  const inner = fakeHost();
  const host: Host = {
    ...inner,
    call: async (name, args) => {
      if (name === 'check_text' || name === 'check') await held;
      return inner.call(name, args);
    },
  };
  useHost(host);
  const kept = { ...report, findings: report.findings.slice(0, 1) };
  const props = { value: 'een zaak die niet is', check: { term: 'zaak', context } };
  render(DefinitionEditor, { ...props, known: { text: 'een andere zaak', report: kept } });
  await tick();
  expect(rules()).toEqual([]);
  cleanup();
  render(DefinitionEditor, { ...props, known: { text: props.value, report: kept } });
  await tick();
  expect(rules()).toEqual([kept.findings[0]?.rule]);
  // The text is painted before its places are marked.
  await waitFor(() => expect(document.querySelector('mark')?.textContent).toBe('een'));
  say();
  await waitFor(() => expect(rules().length).toBeGreaterThan(1));
});
