import { cleanup, fireEvent, render, waitFor, within } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import {
  useHost,
  type AccountView,
  type SettleConflict,
  type SyncConflict,
  type UserError,
} from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import { BY_TOKEN, CONFLICT, SIGNED_IN, SYNC } from '../../lib/backend/fake-data';
import { invalid } from '../../lib/backend/fake-settings';
import { lookAtSync, sync } from '../../lib/state/sync.svelte';
import Screen from './Screen.svelte';

afterEach(() => {
  cleanup();
  sync.status = null;
});

const NOBODY: AccountView = {
  ...BY_TOKEN,
  by: 'nothing',
  account: '',
  organisation: '',
  role: '',
};

function show(changed: Partial<Answers> = {}) {
  useHost(fakeHost(changed));
  return render(Screen);
}

it('how sharing stands is told', async () => {
  const { findByTestId, getByText } = show({ sync_status: () => ({ ...SYNC, waiting: 2 }) });
  expect((await findByTestId('sharing-organisation')).textContent).toBe('OM');
  expect((await findByTestId('sharing-waiting')).textContent).toBe('2');
  expect((await findByTestId('sharing-equal')).textContent).toContain('21 november 2026');
  getByText('Er is niets waarover u moet kiezen.');
});

it('without a server the way to set one up is shown, and nothing to press', async () => {
  const { findByTestId, queryByTestId } = show({
    sync_status: () => ({ ...SYNC, configured: false }),
    who_am_i: () => ({ ...NOBODY, server: false }),
  });
  const link = await findByTestId('sharing-set-up');
  expect(link.getAttribute('href')).toBe('#/instellingen/delen');
  expect(queryByTestId('sharing-now')).toBeNull();
});

it('the days on which a concept holds are told in words', async () => {
  const field = { name: 'validity', base: [], mine: ['2026-07-01/..'], theirs: ['../2026-12-31'] };
  const { findByTestId } = show({
    sync_conflicts: () => [{ ...CONFLICT, fields: [field] }],
  });
  const shown = (await findByTestId('compare-field')).textContent ?? '';
  expect(shown).toContain('Geldigheid');
  expect(shown).toContain('1 juli');
  expect(shown).toContain('31 december');
});

it('for each field one of the two texts is chosen, and the choice is what is kept', async () => {
  const settled: SettleConflict[] = [];
  let waiting: SyncConflict[] = [CONFLICT];
  const { findByTestId, findByText, getAllByTestId } = show({
    sync_status: () => ({ ...SYNC, conflicts: waiting.length }),
    sync_conflicts: () => waiting,
    sync_settle: (request) => {
      settled.push(request);
      waiting = [];
      return SYNC;
    },
  });
  await findByText('Iemand anders heeft ditzelfde eerder veranderd.');
  const [definition, synonyms] = getAllByTestId('compare-field');
  expect(definition?.textContent).toContain('Tekst van J. de Vries (Rechtspraak)');
  expect(synonyms?.textContent).toContain('(leeg)');
  await fireEvent.click(within(definition!).getByTestId('compare-theirs'));
  await fireEvent.click(await findByTestId('conflict-settle'));
  await findByText(/Uw keuze voor ‘verdachte’ is bewaard/);
  expect(settled).toEqual([{ id: CONFLICT.id, take: 'mine', except: ['definition'] }]);
  await findByText('Er is niets waarover u moet kiezen.');
  // Whoever works by keyboard is not thrown back to the top.
  const heading = await findByTestId('sharing-choose');
  await waitFor(() => expect(document.activeElement).toBe(heading));
});

it('a choice that is half made stays while other changes come in', async () => {
  let status = { ...SYNC, conflicts: 1 };
  const other = { ...CONFLICT, id: '01890000-0000-7000-8000-000000000002', term: 'getuige' };
  let waiting = [CONFLICT];
  const { findByTestId, findAllByTestId, getAllByTestId } = show({
    sync_status: () => status,
    sync_conflicts: () => waiting,
  });
  await fireEvent.click(await findByTestId('conflict-all-theirs'));
  [status, waiting] = [{ ...SYNC, conflicts: 2 }, [other, CONFLICT]];
  sync.status = status;
  await waitFor(() => expect(getAllByTestId('conflict')).toHaveLength(2));
  const sections = await findAllByTestId('conflict');
  const chosen = sections.map((section) =>
    within(section)
      .getAllByTestId('compare-theirs')
      .map((radio) => (radio as HTMLInputElement).checked),
  );
  expect(chosen).toEqual([
    [false, false],
    [true, true],
  ]);
});

it('what keeps an update from its end is told, and a mass withdrawal asks first', async () => {
  const asked: boolean[] = [];
  const { findByTestId, findByRole } = show({
    sync_now: ({ accept_withdrawals }) => {
      asked.push(accept_withdrawals);
      if (!accept_withdrawals) throw { ...invalid('30 / 40'), code: 'BG-809' };
      return { pushed: 0, not_taken: 0, pulled: 30, repaired: 0, equal: true, status: SYNC };
    },
  });
  await fireEvent.click(await findByTestId('sharing-now'));
  await findByRole('alert');
  await fireEvent.click(await findByTestId('sharing-accept'));
  await waitFor(async () =>
    expect((await findByTestId('sharing-done')).textContent).toContain('Ontvangen: 30'),
  );
  expect(asked).toEqual([false, true]);
});

it('who is signed in is told, with organisation and role, and can sign out', async () => {
  let account = SIGNED_IN;
  const { findByTestId, findByText } = show({
    who_am_i: () => account,
    sign_out: () => (account = NOBODY),
  });
  await findByText('U bent aangemeld als Anna de Vries.');
  expect((await findByTestId('account-role')).textContent).toBe('auteur');
  await fireEvent.click(await findByTestId('account-sign-out'));
  await findByText(/U bent niet aangemeld/);
  const title = await findByTestId('account-title');
  await waitFor(() => expect(document.activeElement).toBe(title));
});

/** A host whose user takes as long in the browser as the test likes; ends the sign-in. */
function inBrowser(changed: Partial<Answers>): (error?: UserError) => Promise<void> {
  const host = fakeHost({ who_am_i: () => NOBODY, ...changed });
  const waiting: ((error?: UserError) => void)[] = [];
  useHost({
    ...host,
    async call(name, args) {
      if (name === 'sign_in_end') {
        await new Promise<void>((done, fail) =>
          waiting.push((error) => (error ? fail(error) : done())),
        );
      }
      return host.call(name, args);
    },
  });
  return async (error) => {
    await waitFor(() => expect(waiting).toHaveLength(1));
    waiting.pop()?.(error);
  };
}

const told = (code: string): UserError => ({ ...invalid(''), code });

it('whoever signs in is sent to the browser and goes on here after', async () => {
  const end = inBrowser({ sync_status: () => ({ ...SYNC, configured: false }) });
  const { findByTestId, findByText, queryByTestId } = render(Screen);
  await fireEvent.click(await findByTestId('account-sign-in'));
  await findByText(/Meld u aan in de browser/);
  expect((await findByTestId('account-address')).textContent).toContain('https://aanmelden');
  const stop = await findByTestId('account-stop');
  await waitFor(() => expect(document.activeElement).toBe(stop));
  await end();
  await findByText('U bent aangemeld als Anna de Vries.');
  expect(queryByTestId('account-stop')).toBeNull();
});

it('a sign-in that is stopped is no error, and one that is refused is told', async () => {
  const end = inBrowser({ sign_in_stop: () => NOBODY });
  const { findByTestId, findByRole, findByText, queryByRole } = render(Screen);
  await fireEvent.click(await findByTestId('account-sign-in'));
  await fireEvent.click(await findByTestId('account-stop'));
  await end(told('BG-836'));
  const again = await findByTestId('account-sign-in');
  await waitFor(() => expect((again as HTMLButtonElement).disabled).toBe(false));
  expect(queryByRole('alert')).toBeNull();
  await fireEvent.click(again);
  await findByTestId('account-stop');
  await end(told('BG-831'));
  await findByRole('alert');
  await findByText(/BG-831/);
});

it('a sign-in that cannot be renewed is told at once, with its code', async () => {
  const short = { ...SIGNED_IN, notice: told('BG-839') };
  const end = inBrowser({ sign_in_end: () => short });
  const { findByTestId, findByText } = render(Screen);
  await fireEvent.click(await findByTestId('account-sign-in'));
  await findByTestId('account-stop');
  await end();
  await findByText('U bent aangemeld als Anna de Vries.');
  const notice = await findByText(/BG-839/);
  expect(notice.closest('[role=status]')).not.toBeNull();
  await findByTestId('account-sign-out');
});

it('a sign-in that has ended is told, with the way to sign in again', async () => {
  const { findByTestId, findByText } = show({ who_am_i: () => ({ ...SIGNED_IN, ended: true }) });
  await findByText(/als Anna de Vries geldt niet meer/);
  await findByTestId('account-sign-in');
  await findByTestId('account-sign-out');
});

it('a sign-in that ends while the screen is open leaves the way to sign in again', async () => {
  let status = SYNC;
  let account: AccountView = { ...SIGNED_IN, notice: told('BG-839') };
  const { findByTestId, findByText, queryByTestId } = show({
    sync_status: () => status,
    who_am_i: () => account,
  });
  await findByText(/BG-839/);
  expect(queryByTestId('account-sign-in')).toBeNull();
  status = { ...SYNC, error: told('BG-832') };
  account = { ...SIGNED_IN, ended: true };
  await lookAtSync();
  await findByTestId('account-sign-in');
  await findByText(/als Anna de Vries geldt niet meer/);
});
