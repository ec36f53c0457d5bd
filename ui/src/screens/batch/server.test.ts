import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useHost, type Host, type ServerJobCreate, type UserError } from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import { SYNC } from '../../lib/backend/fake-data';
import { PREVIEW } from '../../lib/backend/fake-jobs';
import { SERVER_ROWS, serverJob } from '../../lib/backend/fake-server-jobs';
import { setLanguage } from '../../lib/i18n/index.svelte';
import { sync } from '../../lib/state/sync.svelte';
import Screen from './Screen.svelte';
import { ServerResults } from './server.svelte';

const AWAY: UserError = {
  code: 'BG-802',
  message: { nl: 'De centrale server is niet bereikbaar.', en: 'Away.' },
  action: { nl: 'Ga gewoon verder.', en: 'Go on.' },
  detail: '',
};
const away = (): never => {
  throw AWAY;
};

beforeEach(() => {
  location.hash = '';
  sync.status = { ...SYNC, configured: true };
});
afterEach(() => {
  cleanup();
  sync.status = null;
});

const one = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
const there = (id: string) => waitFor(() => expect(one(id)).not.toBeNull());
const said = (text: string) => waitFor(() => expect(document.body.textContent).toContain(text));
const press = async (id: string) => {
  await there(id);
  await fireEvent.click(one(id)!);
};

function show(changed: Partial<Answers> = {}, id: string | null = null): void {
  const clean = { job_preview: () => ({ ...PREVIEW, unknown: [] }) };
  useHost(fakeHost({ ...clean, ...changed }));
  render(Screen, { route: { screen: 'reeks', id, query: id ? { op: 'server' } : {} } });
}

async function choose(): Promise<void> {
  await there('batch-file');
  const files = [new File(['term\nvonnis\n'], 'termen.csv')];
  await fireEvent.change(one('batch-file')!, { target: { files } });
  await there('batch-start');
}

const atServer = () =>
  fireEvent.click(document.querySelector('[data-testid="batch-where"] [value="server"]')!);

describe('a new batch', () => {
  it('is for this computer alone when there is no server', async () => {
    sync.status = { ...SYNC, configured: false };
    show();
    await choose();
    expect(one('batch-where')).toBeNull();
    expect(document.body.textContent).not.toContain('Reeksen op de server');
  });

  it('goes to the server only when that is chosen', async () => {
    const asked: string[] = [];
    show({
      job_create: () => {
        asked.push('here');
        throw AWAY;
      },
      server_job_create: () => {
        asked.push('server');
        return serverJob();
      },
    });
    await choose();
    await press('batch-start');
    await said('BG-802');
    await atServer();
    await press('batch-start');
    await there('batch-file');
    expect(asked).toEqual(['here', 'server']);
  });

  it('keeps its file while the server is away, and the same wish again is the same batch', async () => {
    const keys: ServerJobCreate['key'][] = [];
    show({
      server_job_create: ({ key }) => {
        keys.push(key);
        if (keys.length === 1) throw AWAY;
        return serverJob();
      },
    });
    await choose();
    await atServer();
    await press('batch-start');
    await said('Er is niets verloren: uw bestand staat hier nog klaar.');
    await press('batch-start');
    await there('batch-file');
    expect(keys).toHaveLength(2);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[1]).toBe(keys[0]);
  });

  it('with columns that the server has no place for is not sent', async () => {
    show({ job_preview: () => PREVIEW });
    await choose();
    await atServer();
    await there('batch-columns');
    expect(one('batch-columns')!.textContent).toContain('opmerking');
    expect(one('batch-start')!.hasAttribute('disabled')).toBe(true);
  });
});

describe('a batch on the server', () => {
  it('is told with its progress, its maker and why it waits', async () => {
    const halt = { error: 'x', message: 'Het budget is op.', english: 'Spent.', until: null };
    const ended = { error: 'y', message: 'De reeks is gestopt.', english: 'Stopped.', last: halt };
    const other = serverJob({ id: 'x', own: false, state: 'cancelled', running: 0, ended });
    show({ server_job_list: () => [serverJob({ halt }), other] });
    await said('1 van 3 rijen · 1 klaar · 0 mislukt · nog ongeveer 40 seconden');
    await said('Het budget is op.');
    await said('De reeks is gestopt.');
    setLanguage('en');
    await said('Spent.');
    await said('Stopped.');
    setLanguage('nl');
    await said('door u gemaakt op');
    await said('door een collega gemaakt op');
  });

  it('is stopped only when the user is sure', async () => {
    const done: string[] = [];
    show({
      server_job_list: () => [serverJob()],
      server_job_act: ({ action }) => {
        done.push(action);
        return serverJob({ state: 'cancelled', running: 0, failed: 1 });
      },
    });
    await press('server-cancel');
    expect(done).toEqual([]);
    await press('server-sure');
    await waitFor(() => expect(one('server-batch')?.dataset['state']).toBe('cancelled'));
    expect(done).toEqual(['cancel']);
    // The rows that nobody asked failed by stopping: asking them all is no click away.
    expect(one('server-again')).toBeNull();
  });

  it('has its failed rows asked again when it is done, and tells what was refused until the next act', async () => {
    const done: string[] = [];
    let told = 0;
    const job = serverJob({ state: 'done', running: 0, queued: 0, done: 2, failed: 1 });
    show({
      server_job_list: () => {
        told += 1;
        return [job];
      },
      server_job_act: ({ action }) => {
        done.push(action);
        if (done.length === 1) throw { ...AWAY, code: 'BG-850' };
        return job;
      },
    });
    await press('server-again');
    await said('BG-850');
    expect(one('server-away')).toBeNull();
    const before = told;
    await waitFor(() => expect(told).toBeGreaterThan(before), { timeout: 8_000 });
    await said('BG-850');
    await press('server-again');
    await waitFor(() => expect(document.body.textContent).not.toContain('BG-850'));
    expect(done).toEqual(['retry', 'retry']);
  }, 12_000);

  it('is not told as away when the server answered and refused', async () => {
    const refuse = (): never => {
      throw { ...AWAY, code: 'BG-804' };
    };
    show({ server_job_list: refuse });
    await said('BG-804');
    expect(one('server-away')).toBeNull();
  });

  it('stays on the screen as it was last told while the server is away', async () => {
    let gone = false;
    show({ server_job_list: () => (gone ? away() : [serverJob({ state: 'queued' })]) });
    await there('server-batch');
    gone = true;
    await waitFor(() => expect(one('server-away')).not.toBeNull(), { timeout: 5_000 });
    expect(one('server-batch')).not.toBeNull();
    expect(one('server-away')!.textContent).toContain('er gaat niets verloren');
    gone = false;
    await press('server-retry');
    await waitFor(() => expect(one('server-away')).toBeNull());
  });

  it('that was never seen is not told as none', async () => {
    show({ server_job_list: away });
    await said('Zodra er verbinding is, ziet u hier de reeksen op de server.');
    expect(document.body.textContent).not.toContain('Er is nog geen reeks op de server.');
  });
});

describe('its results', () => {
  it('are shown row by row, with the error of a row in the words of the server', async () => {
    const asked: (string | null | undefined)[] = [];
    show(
      {
        server_job_get: () => serverJob({ state: 'done', running: 0, queued: 0 }),
        server_job_rows: ({ state }) => {
          asked.push(state);
          return { rows: SERVER_ROWS.filter((row) => !state || row.state === state), next: null };
        },
      },
      'there-1',
    );
    await said('Het model gaf geen bruikbaar antwoord.');
    await said(SERVER_ROWS[0]!.draft!.reply.definition);
    await fireEvent.change(one('results-state')!, { target: { value: 'failed' } });
    await waitFor(() =>
      expect(document.querySelectorAll('[data-testid="result"]')).toHaveLength(1),
    );
    expect(asked.at(-1)).toBe('failed');
  });

  it('go on a page further and back', async () => {
    const after: number[] = [];
    show(
      {
        server_job_get: () => serverJob({ state: 'done', running: 0, total: 60 }),
        server_job_rows: (args) => {
          after.push(args.after);
          return { rows: SERVER_ROWS, next: args.after === 0 ? 26 : null };
        },
      },
      'there-1',
    );
    await press('results-next');
    await said('Rijen 26 tot en met 27 van 60');
    await press('results-previous');
    await said('Rijen 1 tot en met 2 van 60');
    expect(after).toEqual([0, 26, 0]);
  });

  it('go one page further on a double click, and tell of the rows that are there', async () => {
    const waiting: (() => void)[] = [];
    const asked: (readonly [number, string | null | undefined])[] = [];
    const inner = fakeHost({
      server_job_get: () => serverJob({ state: 'done', running: 0, total: 90, failed: 40 }),
      server_job_rows: ({ after, state }) => {
        asked.push([after, state]);
        return { rows: SERVER_ROWS, next: after + 25 };
      },
    });
    useHost({
      ...inner,
      async call(name, args) {
        const told = await inner.call(name, args);
        if (name === 'server_job_rows') await new Promise<void>((done) => waiting.push(done));
        return told;
      },
    } as Host);
    const results = new ServerResults('there-1');
    const answered = async (work: Promise<void>) => {
      await waitFor(() => expect(waiting).not.toHaveLength(0));
      waiting.splice(0).forEach((done) => done());
      await work;
    };
    await answered(results.load());
    const [first, second] = [results.further(), results.further()];
    expect([results.before, results.total, results.next]).toEqual([0, 90, null]);
    await answered(Promise.all([first, second]).then(() => {}));
    expect([results.before, results.next]).toEqual([25, 50]);
    const failed = results.filter('failed');
    expect([results.before, results.total]).toEqual([25, 90]);
    await answered(failed);
    expect([results.before, results.total]).toEqual([0, 40]);
    expect(asked).toEqual([
      [0, null],
      [25, null],
      [0, 'failed'],
    ]);
  });
});
