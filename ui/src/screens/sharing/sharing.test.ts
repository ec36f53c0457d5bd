import { cleanup, fireEvent, render, waitFor, within } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import { useHost, type SettleConflict, type SyncConflict } from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import { CONFLICT, SYNC } from '../../lib/backend/fake-data';
import { invalid } from '../../lib/backend/fake-settings';
import { sync } from '../../lib/state/sync.svelte';
import Screen from './Screen.svelte';

afterEach(() => {
  cleanup();
  sync.status = null;
});

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
  });
  const link = await findByTestId('sharing-set-up');
  expect(link.getAttribute('href')).toBe('#/instellingen/delen');
  expect(queryByTestId('sharing-now')).toBeNull();
});

it('rules of the server that cannot be taken over are told, and sharing goes on', async () => {
  const { findByText, queryByTestId } = show({
    sync_status: () => ({ ...SYNC, published_error: { ...invalid(''), code: 'BG-303' } }),
  });
  await findByText(/Wat gold, blijft gelden/);
  await findByText(/BG-303/);
  expect(queryByTestId('sharing-now')).not.toBeNull();
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
