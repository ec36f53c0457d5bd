import { cleanup, fireEvent, render, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { useHost, type AdminQuota } from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import { SYNC } from '../../lib/backend/fake-data';
import { sync } from '../../lib/state/sync.svelte';
import Screen from './Screen.svelte';

const ADMINISTERS = { ...SYNC, administers: true };

beforeEach(() => {
  sync.status = ADMINISTERS;
  // Dialogs as a browser shows them.
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});
afterEach(() => {
  cleanup();
  sync.status = null;
});

function show(id: string | null, changed: Partial<Answers> = {}) {
  useHost(fakeHost({ sync_status: () => ADMINISTERS, ...changed }));
  return render(Screen, { route: { screen: 'beheer', id, query: {} } });
}

const one = (rows: HTMLElement[], name: string) =>
  within(rows.find((row) => row.dataset['name'] === name)!);

it('nobody but an administrator sees anything of it, and nothing is asked', async () => {
  sync.status = SYNC;
  const asked: string[] = [];
  const { findByTestId } = show(null, {
    sync_status: () => SYNC,
    admin_users: () => {
      asked.push('users');
      return [];
    },
  });
  expect((await findByTestId('admin-sign-in')).getAttribute('href')).toBe('#/delen');
  expect(asked).toEqual([]);
});

it('a user is added with an invitation; a name that is taken and an address of others are told in the form', async () => {
  const { findByTestId, findAllByTestId, findByText, findByRole, queryByTestId } = show(null);
  await fireEvent.click(await findByTestId('admin-add'));
  await fireEvent.click(await findByTestId('admin-keep'));
  const name = (await findByTestId('admin-name')) as HTMLInputElement;
  expect(name.getAttribute('aria-invalid')).toBe('true');
  await fireEvent.input(name, { target: { value: 'anna' } });
  await fireEvent.click(await findByTestId('admin-keep'));
  expect((await findByRole('alert')).textContent).toContain('BG-843');
  await fireEvent.input(name, { target: { value: 'Carla de Wit' } });
  const email = await findByTestId('admin-email');
  await fireEvent.input(email, { target: { value: 'carla@dji.example' } });
  await fireEvent.click(await findByTestId('admin-keep'));
  await waitFor(async () => expect((await findByRole('alert')).textContent).toContain('BG-851'));
  await fireEvent.input(email, { target: { value: 'carla@om.example' } });
  await fireEvent.click(await findByTestId('admin-keep'));
  await findByText('Carla de Wit is toegevoegd.');
  await waitFor(() => expect(queryByTestId('admin-name')).toBeNull());
  const row = one(await findAllByTestId('admin-user'), 'Carla de Wit');
  row.getByText('Uitgenodigd: carla@om.example');
  await waitFor(() => expect(document.activeElement?.textContent).toContain('Carla de Wit'));
});

it('a user gets another role, is closed after a question, and opened again', async () => {
  const { findAllByTestId, findByTestId, findByText, getByLabelText } = show('gebruikers');
  const rows = await findAllByTestId('admin-user');
  // Nobody does anything to themselves.
  expect(one(rows, 'anna').queryAllByRole('button')).toHaveLength(0);
  await fireEvent.click(one(rows, 'bertje').getByTestId('admin-change'));
  await fireEvent.click(getByLabelText('lezer'));
  await fireEvent.click(await findByTestId('admin-keep'));
  await findByText('bertje is gewijzigd.');
  const again = one(await findAllByTestId('admin-user'), 'bertje');
  expect(again.getByTestId('admin-user-role').textContent).toBe('lezer');
  await fireEvent.click(again.getByTestId('admin-close'));
  await findByText('bertje afsluiten?');
  await fireEvent.click(await findByTestId('admin-sure'));
  await findByText('bertje is afgesloten.');
  const closed = one(await findAllByTestId('admin-user'), 'bertje');
  await fireEvent.click(closed.getByTestId('admin-open'));
  await findByText('bertje is weer open.');
});

it('a token is for a machine alone, shown once, and gone from the screen after', async () => {
  const copied: string[] = [];
  Object.defineProperty(navigator, 'clipboard', {
    configurable: true,
    value: { writeText: (text: string) => Promise.resolve(copied.push(text)) },
  });
  const { findByTestId, findByText, queryByText, container } = show('sleutels');
  const choice = (await findByTestId('admin-token-user')) as HTMLSelectElement;
  expect([...choice.options].map(({ text }) => text)).toEqual(['koppeling']);
  const days = await findByTestId('admin-token-days');
  await fireEvent.input(days, { target: { value: '366' } });
  await fireEvent.click(await findByTestId('admin-token-make'));
  expect(days.getAttribute('aria-invalid')).toBe('true');
  await fireEvent.input(days, { target: { value: '30' } });
  await fireEvent.click(await findByTestId('admin-token-make'));
  expect((await findByTestId('admin-secret')).textContent).toBe('begrip_0123_geheim');
  await findByText(/U ziet haar maar één keer/);
  await fireEvent.click(await findByTestId('admin-copy'));
  await findByText('De sleutel staat op het klembord.');
  expect(copied).toEqual(['begrip_0123_geheim']);
  await fireEvent.click(await findByTestId('admin-hide'));
  await waitFor(() => expect(queryByText('begrip_0123_geheim')).toBeNull());
  expect(JSON.stringify([container.innerHTML, { ...localStorage }])).not.toContain('geheim');
});

it('a token is revoked after a question', async () => {
  const { findByTestId, findByText, getByText } = show('sleutels');
  await waitFor(async () => {
    const button = await findByTestId('admin-revoke');
    button.focus();
    expect(document.activeElement).toBe(button);
  });
  await fireEvent.click(await findByTestId('admin-revoke'));
  await findByText('De sleutel van koppeling intrekken?');
  // Whoever says no goes on from the button that asked.
  const button = await findByTestId('admin-revoke');
  getByText('Sluiten').focus();
  await fireEvent.click(getByText('Sluiten'));
  await waitFor(() => expect(document.activeElement).toBe(button));
  await fireEvent.click(button);
  await fireEvent.click(await findByTestId('admin-sure'));
  await findByText('De sleutel van koppeling is ingetrokken.');
  expect((await findByTestId('admin-token')).textContent).toContain('ingetrokken');
});

it('an own limit is kept, with a comma too, and one above the budget is told', async () => {
  const { findByTestId, findByRole, findByText } = show('verbruik');
  const tokens = await findByTestId('admin-set-day_tokens');
  await fireEvent.input(tokens, { target: { value: '300000' } });
  await fireEvent.click(await findByTestId('admin-set'));
  expect((await findByRole('alert')).textContent).toContain('BG-849');
  await fireEvent.input(tokens, { target: { value: '1,5' } });
  await fireEvent.click(await findByTestId('admin-set'));
  expect(tokens.getAttribute('aria-invalid')).toBe('true');
  await fireEvent.input(tokens, { target: { value: '' } });
  await fireEvent.input(await findByTestId('admin-set-month_euro'), { target: { value: '12,5' } });
  await fireEvent.click(await findByTestId('admin-set'));
  await findByText('De eigen grenzen zijn bewaard.');
  expect((await findByTestId('admin-own-day_tokens')).textContent).toBe('geen grens');
  expect((await findByTestId('admin-own-month_euro')).textContent).toContain('12,5');
});

it('a limit that was not touched is not written, and what a colleague set meanwhile is shown', async () => {
  const none = { day_tokens: null, month_tokens: null, day_euro: null, month_euro: null };
  const spent = { calls: 0, tokens: 0, euro: 0 };
  let quota: AdminQuota = {
    budget: none,
    own: { ...none, day_euro: 5 },
    day: spent,
    month: spent,
    users: [],
  };
  const written: unknown[] = [];
  const { findByTestId, findByText } = show('verbruik', {
    admin_quota: () => quota,
    admin_quota_set: (change) => {
      written.push(change);
      quota = { ...quota, own: { ...quota.own, month_tokens: 700_000, ...change } };
      return quota;
    },
  });
  await fireEvent.input(await findByTestId('admin-set-day_tokens'), { target: { value: '9' } });
  // Typed, and put back as it was.
  const euro = await findByTestId('admin-set-day_euro');
  await fireEvent.input(euro, { target: { value: '6' } });
  await fireEvent.input(euro, { target: { value: '5' } });
  await fireEvent.click(await findByTestId('admin-set'));
  await findByText('De eigen grenzen zijn bewaard.');
  expect(written).toEqual([{ day_tokens: 9 }]);
  expect((await findByTestId('admin-own-month_tokens')).textContent).toBe('700.000');
});

it('the rules in force and the log are told in words, the log page by page', async () => {
  const { findByText, findByTestId, rerender } = show('regels');
  await findByText('Regels, versie 2026.2');
  await findByText('25 % van de computers');
  await findByText('teruggenomen');
  await rerender({ route: { screen: 'beheer', id: 'logboek', query: {} } });
  await findByText(/gaf bertje de rol beoordelaar \(was auteur\)/);
  await fireEvent.click(await findByTestId('admin-log-more'));
  const log = await findByTestId('admin-log');
  await waitFor(() =>
    expect(log.textContent).toContain(
      'zette het budget ‘Tokens op een dag’ op 200.000 (was geen grens)',
    ),
  );
  expect(log.textContent).toContain('Wie de server bedient');
});
