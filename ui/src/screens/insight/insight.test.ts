import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useHost } from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import { COSTS, INSIGHT, NOT_FOUND } from '../../lib/backend/fake-data';
import { setLanguage } from '../../lib/i18n/index.svelte';
import type { Picture } from './plot';
import Screen from './Screen.svelte';
import { daysOf, toCsv } from './sheet';

const drawn = vi.hoisted((): { pictures: Picture[]; gone: number } => ({ pictures: [], gone: 0 }));
vi.mock('./plot', () => ({
  draw: (_: HTMLElement, picture: Picture) => {
    drawn.pictures.push(picture);
    return () => (drawn.gone += 1);
  },
}));
const saved = vi.hoisted((): { name: string; content: string }[] => []);
vi.mock('../../lib/text/save', () => ({
  saveAsFile: (name: string, content: string) => {
    saved.push({ name, content });
    return Promise.resolve('browser');
  },
}));

const asked: unknown[] = [];
beforeEach(() => {
  drawn.pictures.length = 0;
  drawn.gone = 0;
  saved.length = 0;
  asked.length = 0;
});
afterEach(() => {
  cleanup();
  setLanguage('nl');
});

function show(changed: Partial<Answers> = {}): void {
  const inner = fakeHost(changed);
  useHost({
    ...inner,
    call(name, args) {
      if (name === 'insight') asked.push(args);
      return inner.call(name, args);
    },
  });
  render(Screen);
}
const at = (id: string) => {
  const found = document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
  if (!found) throw new Error(`no ${id}`);
  return found;
};
const text = (id: string) => at(id).textContent?.replace(/\s+/g, ' ').trim() ?? '';

describe('Inzicht', () => {
  it('tells what was decided without a model and what other models saved', async () => {
    show();
    await waitFor(() => at('insight-decided'));
    expect(text('insight-decided')).toContain('12 keer door een regel, 3 keer');
    expect(text('insight-models')).toContain('2 aanroepen');
    expect(text('insight-models')).toContain('goedkoper');
  });

  it('tells the month in plain words', async () => {
    show();
    await waitFor(() => at('insight-sentence'));
    expect(text('insight-sentence')).toBe(
      'Deze maand 250 vragen, waarvan 220 met een bewaard antwoord: € 0,88 bespaard.',
    );
  });

  it('draws four pictures with every day of the month up to the last', async () => {
    show();
    await waitFor(() => expect(drawn.pictures).toHaveLength(4));
    for (const { labels, series } of drawn.pictures) {
      expect(labels).toEqual(['1', '2', '3']);
      expect(series).toHaveLength(2);
      for (const { values } of series) expect(values).toHaveLength(3);
    }
    const questions = drawn.pictures.find(({ series }) => series[0]?.name === 'Alle vragen');
    expect(questions?.series.map(({ values }) => values)).toEqual([
      [0, 120, 130],
      [0, 100, 120],
    ]);
    cleanup();
    expect(drawn.gone).toBe(4);
  });

  it('tells the same as a table that can be saved', async () => {
    show();
    await waitFor(() => at('table-vragen'));
    const cells = [...at('table-vragen').querySelectorAll('tbody tr:last-child > *')];
    expect(cells.map((cell) => cell.textContent)).toEqual(['2026-11-03', '130', '120']);
    await fireEvent.click(at('table-kosten-export'));
    await waitFor(() => expect(saved[0]?.content).toContain('"2026-11-03";"0,48";"0,04"'));
    saved.length = 0;
    await fireEvent.click(at('table-vragen-export'));
    await waitFor(() => expect(text('table-vragen-said')).toContain('begrip-vragen.csv'));
    expect(saved[0]?.content.split('\r\n')).toEqual([
      '\uFEFF"Dag";"Alle vragen";"Zonder nieuwe aanroep"',
      '"2026-11-01";"0";"0"',
      '"2026-11-02";"120";"100"',
      '"2026-11-03";"130";"120"',
      '',
    ]);
  });

  it('names where answers came from, which rules failed and what is stored', async () => {
    show();
    await waitFor(() => at('insight-fates'));
    const cells = (id: string) =>
      [...at(id).querySelectorAll('tbody tr')].map((row) =>
        [...row.children].map((cell) => cell.textContent?.trim()),
      );
    expect(cells('insight-fates')[0]).toEqual(['Uit het werkgeheugen', '200', '80 %']);
    expect(cells('insight-failures')).toEqual([
      ['STR-01 Begint met een naamwoord', 'Blokkerend', '4'],
    ]);
    expect(cells('insight-storage')[1]).toEqual([
      'Bewaarde antwoorden op de schijf',
      '2,4 MB',
      '200 MB',
    ]);
  });

  it('tells what runs and waits', async () => {
    show();
    await waitFor(() => at('insight-work'));
    expect(text('insight-work')).toBe(
      'Reeksen die nu lopen: 1. Rijen van reeksen die wachten: 1.200. Teksten die wachten op het netwerk: 2.',
    );
    cleanup();
    const work = { jobs_running: 0, rows_waiting: 0, drafts_waiting: 0 };
    show({ insight: () => ({ ...INSIGHT, work }) });
    await waitFor(() => expect(text('insight-work')).toBe('Er loopt niets en er wacht niets.'));
  });

  it('another month can be chosen', async () => {
    show();
    await waitFor(() => at('insight-month'));
    await fireEvent.change(at('insight-month'), { target: { value: '2026-10' } });
    await waitFor(() => expect(asked).toEqual([{ month: null }, { month: '2026-10' }]));
    await waitFor(() => expect(text('insight-sentence')).toContain('In oktober 2026 250 vragen'));
  });

  it('a month is this month by the calendar, not by being the last that has questions', async () => {
    const costs = { ...COSTS, month: '2026-10' };
    show({ insight: () => ({ ...INSIGHT, costs, months: ['2026-10'], this_month: '2026-11' }) });
    await waitFor(() => expect(text('insight-sentence')).toContain('In oktober 2026'));
  });

  it('a month without questions says so, and limits and unknown prices are told', async () => {
    const none = { ...COSTS.total, questions: 0, calls: 0 };
    show({ insight: () => ({ ...INSIGHT, costs: { ...COSTS, rows: [], total: none } }) });
    await waitFor(() => expect(document.body.textContent).toContain('nog niets gevraagd'));
    expect(drawn.pictures).toEqual([]);
    cleanup();
    const limits = [{ name: 'eur_per_month', used: 1.5, allowed: 20 }];
    const total = { ...COSTS.total, unpriced: 3 };
    show({ insight: () => ({ ...INSIGHT, costs: { ...COSTS, total, limits } }) });
    await waitFor(() => at('insight-eur_per_month'));
    expect(text('insight-eur_per_month')).toBe(
      'Budget van deze maand: € 1,50 van € 20,00 gebruikt.',
    );
    expect(text('insight-no-price')).toContain('Van 3 aanroepen');
  });

  it('a failure is told, and trying again helps', async () => {
    let fails = true;
    show({
      insight: () => {
        if (fails) throw NOT_FOUND;
        return INSIGHT;
      },
    });
    await waitFor(() => expect(document.querySelector('[role="alert"]')).not.toBe(null));
    fails = false;
    document.querySelector<HTMLButtonElement>('.alert button')?.click();
    await waitFor(() => at('insight-sentence'));
  });
});

describe('a sheet as CSV', () => {
  it('keeps signs and quotes in their cell and steers no spreadsheet', () => {
    const rows = [['=1+1; "x"', 0.25, null]];
    const sheet = { name: 'n', title: 't', columns: ['a', 'b', 'c'], rows };
    expect(toCsv(sheet, ',')).toBe('\uFEFF"a";"b";"c"\r\n"\'=1+1; ""x""";"0,25";""\r\n');
    expect(toCsv(sheet, '.')).toContain('"0.25"');
  });

  it('has every day up to the last', () => {
    expect(daysOf('2026-11', [{ name: '2026-11-02' }])).toEqual(['2026-11-01', '2026-11-02']);
    expect(daysOf('2026-11', [])).toEqual([]);
  });
});
