import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, useHost, type JobView } from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import { ITEMS, job, NO_JOB } from '../../lib/backend/fake-jobs';
import { app } from '../../lib/state/app.svelte';
import Screen from './Screen.svelte';
import { inEditor } from './results.svelte';
import { questionKey, readKept } from '../compose/kept';

beforeEach(() => (location.hash = ''));
afterEach(cleanup);

const one = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
const there = (id: string) => waitFor(() => expect(one(id)).not.toBeNull());
const said = (text: string) => waitFor(() => expect(document.body.textContent).toContain(text));

function show(changed: Partial<Answers> = {}, id: string | null = null): void {
  useHost(fakeHost(changed));
  render(Screen, { route: { screen: 'reeks', id, query: {} } });
}

const standing = (...jobs: JobView[]): Partial<Answers> => ({ job_list: () => jobs });

async function choose(): Promise<void> {
  await there('batch-file');
  const files = [new File(['term\nvonnis\n'], 'termen.csv')];
  await fireEvent.change(one('batch-file')!, { target: { files } });
}

describe('a new batch', () => {
  it('is empty at first and says what to do', async () => {
    show();
    await said('Er is nog geen reeks.');
  });

  it('shows what was read, with the fault of each row, before anything is asked', async () => {
    let made = 0;
    show({
      job_create: () => {
        made += 1;
        return job();
      },
    });
    await choose();
    await said('3 rijen · 2 verschillende vragen · 1 rij met een fout');
    await said('Rij 4: de term ontbreekt');
    await said('Deze kolommen tellen niet mee: opmerking.');
    expect(made).toBe(0);
    await fireEvent.click(one('batch-other')!);
    await there('batch-file');
    expect(made).toBe(0);
  });

  it('is started and stands in the list', async () => {
    show();
    await choose();
    await there('batch-start');
    await fireEvent.click(one('batch-start')!);
    await waitFor(() => expect(one('batch')?.dataset['state']).toBe('done'));
    await said('3 van 3 rijen · 1 klaar · 1 mislukt · 1 overgeslagen');
  });

  it('sends the bytes of the file, whatever they are', async () => {
    let content = '';
    show({
      job_preview: (file) => {
        content = file.content;
        throw NO_JOB;
      },
    });
    await there('batch-file');
    const bytes = Uint8Array.from({ length: 70_000 }, (_, n) => n % 256);
    await fireEvent.change(one('batch-file')!, {
      target: { files: [new File([bytes], 'a.xlsx')] },
    });
    await said('BG-166');
    const back = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
    expect(back).toEqual(bytes);
  });
});

describe('a batch in the list', () => {
  it.each([
    ['queued', 'batch-go', 'Start'],
    ['running', 'batch-pause', 'Pauzeer'],
    ['paused', 'batch-go', 'Ga verder'],
    ['done', 'batch-remove', 'Verwijder'],
    ['cancelled', 'batch-remove', 'Verwijder'],
  ] as const)('that is %s has %s', async (state, button, text) => {
    show(standing(job({ state })));
    await there(button);
    expect(one(button)!.textContent).toContain(text);
  });

  it('tells why it waits and that it goes on by itself', async () => {
    show(standing(job({ state: 'paused', halt: NO_JOB, goes_on: true })));
    await said(NO_JOB.message.nl);
    await said('De reeks gaat vanzelf verder');
  });

  it('tells how long it takes', async () => {
    show(standing(job({ state: 'running', eta_s: 40 })));
    await said('nog ongeveer 40 seconden');
    cleanup();
    show(standing(job({ state: 'running', eta_s: 200 })));
    await said('nog ongeveer 4 minuten');
    cleanup();
    show(standing(job({ state: 'running', eta_s: 1 })));
    await said('nog ongeveer 1 seconde');
    expect(document.body.textContent).not.toContain('seconden');
  });

  it('has the window ask how the model stands whenever rows have ended', async () => {
    let done = 0;
    show({ job_list: () => [job({ id: 'gaat-door', state: 'running', done })] });
    await waitFor(() => expect(app.info).not.toBeNull());
    app.info = null;
    done = 1;
    await waitFor(() => expect(app.info).not.toBeNull(), { timeout: 5_000 });
  });

  it('is removed only when the user is sure', async () => {
    const removed: string[] = [];
    show({
      ...standing(job({ state: 'done' })),
      job_remove: ({ id }) => {
        removed.push(id);
        return null;
      },
    });
    await there('batch-remove');
    await fireEvent.click(one('batch-remove')!);
    expect(removed).toEqual([]);
    await fireEvent.click(one('batch-sure')!);
    await waitFor(() => expect(removed).toEqual(['job-1']));
  });

  it('that cannot be read is told, with a way to try again', async () => {
    show({
      job_list: () => {
        throw NO_JOB;
      },
    });
    await there('batch-retry');
    await said('BG-166');
  });
});

describe('the results', () => {
  const results = {
    job_get: () => job({ state: 'done', waiting: 0, done: 1, failed: 1 }),
    job_items: () => ({ items: ITEMS, total: ITEMS.length }),
  } satisfies Partial<Answers>;

  it('show each row with its definition, its findings or its error', async () => {
    show(results, 'job-1');
    await there('results');
    const rows = [...document.querySelectorAll('[data-testid="result"]')];
    expect(rows.map((row) => row.getAttribute('data-state'))).toEqual([
      'done',
      'failed',
      'skipped',
    ]);
    expect(rows[0]!.textContent).toContain(ITEMS[0]!.draft!.reply.definition);
    expect(rows[1]!.textContent).toContain('BG-511');
    expect(rows[2]!.textContent).toContain('rij 4: de term ontbreekt');
  });

  it('put a definition in the editor, and not over other work', async () => {
    show(results, 'job-1');
    const before = JSON.stringify(
      inEditor({ ...ITEMS[0]!, input: { ...ITEMS[0]!.input, term: 'ander' } }),
    );
    await call('buffer_save', { key: 'compose', content: before });
    await there('result-take');
    await fireEvent.click(one('result-take')!);
    await there('take-sure');
    expect((await call('buffer_load', { key: 'compose' }))?.content).toBe(before);
    await fireEvent.click(one('take-sure')!);
    await waitFor(() => expect(location.hash).toBe('#/opstellen'));
    const kept = readKept((await call('buffer_load', { key: 'compose' }))!.content);
    expect(kept?.fields.term).toBe('verdachte');
    expect(kept?.draft?.draft_id).toBe(ITEMS[0]!.draft!.draft_id);
    expect(kept?.answered).toBe(questionKey(ITEMS[0]!.input));
  });

  it('of a batch that is gone say so', async () => {
    show({}, 'weg');
    await said(NO_JOB.message.nl);
  });
});
