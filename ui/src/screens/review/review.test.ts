import { cleanup, fireEvent, render, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { call, useHost, type Concept, type ReviewAct, type ReviewInbox } from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import { SYNC } from '../../lib/backend/fake-data';
import { INBOX, PROPOSAL } from '../../lib/backend/fake-review';
import { invalid } from '../../lib/backend/fake-settings';
import { sync } from '../../lib/state/sync.svelte';
import OfConcept from '../concept/Review.svelte';
import Screen from './Screen.svelte';

beforeEach(() => useHost(fakeHost()));
afterEach(() => {
  cleanup();
  sync.status = null;
});

function show(inbox: Partial<ReviewInbox>, changed: Partial<Answers> = {}) {
  useHost(fakeHost({ review_inbox: () => ({ ...INBOX, ...inbox }), ...changed }));
  return render(Screen);
}

it('who accepts names the very text that was on the screen', async () => {
  const asked: ReviewAct[] = [];
  const { findByTestId } = show(
    {},
    {
      review_act: (request) => {
        asked.push(request);
        return SYNC;
      },
    },
  );
  await fireEvent.click(await findByTestId('proposal-accept'));
  await waitFor(async () =>
    expect((await findByTestId('review-done')).textContent).toContain('bevestigd'),
  );
  expect(asked).toMatchObject([{ id: PROPOSAL.id, step: 'accept', seen: PROPOSAL.text }]);
  const heading = await findByTestId('review-waiting');
  await waitFor(() => expect(document.activeElement).toBe(heading));
});

it('shows on which days the text is to hold, and on which the text holds whose place it takes', async () => {
  const asked = {
    ...PROPOSAL,
    asks: 'replace' as const,
    before: 'gebod van de rechter',
    validity: { from: '2026-07-01', until: '2026-12-31' },
    validity_before: {},
  };
  const { findByTestId } = show({ waiting: [asked] });
  const days = (id: string) => findByTestId(id).then(({ textContent }) => textContent?.trim());
  expect(await days('proposal-validity')).toBe(
    'Geldigheid: geldt vanaf 1 juli 2026 tot en met 31 december 2026',
  );
  expect(await days('proposal-validity-before')).toBe('Geldigheid: geldt altijd');
});

it('sending back and commenting need words', async () => {
  const asked: ReviewAct[] = [];
  const { findByTestId, findByText } = show(
    {},
    {
      review_act: (request) => {
        asked.push(request);
        return SYNC;
      },
    },
  );
  for (const step of ['reject', 'comment']) {
    await fireEvent.click(await findByTestId(`proposal-${step}`));
    await findByText('Schrijf eerst in een of twee zinnen wat u vindt.');
  }
  expect(asked).toEqual([]);
  const words = await findByTestId('proposal-words');
  await fireEvent.input(words, { target: { value: 'noem de duur' } });
  await fireEvent.click(await findByTestId('proposal-comment'));
  await waitFor(() => expect(asked).toHaveLength(1));
  expect(asked[0]).toMatchObject({ step: 'comment', reason: 'noem de duur', field: 'definition' });
});

it('whoever may not decide has no button for it, and is told why', async () => {
  for (const decide of ['role', 'own', 'sent'] as const) {
    const { findByTestId, queryByTestId } = show({ waiting: [{ ...PROPOSAL, decide }] });
    await findByTestId('proposal-why');
    expect(queryByTestId('proposal-accept')).toBeNull();
    expect(queryByTestId('proposal-reject')).toBeNull();
    cleanup();
  }
});

it('what the server did not take is told with the reason', async () => {
  const step = {
    id: PROPOSAL.id,
    term: PROPOSAL.term,
    step: 'accept' as const,
    at: PROPOSAL.proposed.at,
    problem: 'blocking' as const,
    rules: ['CON-01'],
  };
  const { findByTestId, findByRole } = show(
    { steps: [step, { ...step, problem: 'other_rules' as const, rules: ['2031.1'] }] },
    {
      review_act: () => {
        throw { ...invalid('CON-01'), code: 'BG-814' };
      },
    },
  );
  const steps = await findByTestId('review-steps');
  expect(steps.textContent).toContain('een regel houdt vaststellen tegen (CON-01)');
  expect(steps.textContent).toContain('andere regels dan die van de server (2031.1)');
  await fireEvent.click(await findByTestId('proposal-accept'));
  await findByRole('alert');
});

it('without a server the way to set one up is shown', async () => {
  const { findByTestId, queryByTestId } = show({ configured: false, waiting: [] });
  await findByTestId('review-set-up');
  expect(queryByTestId('review-waiting')).toBeNull();
});

it('a shared concept is proposed from its page, and its log says who did what', async () => {
  const asked: ReviewAct[] = [];
  const standing = {
    possible: true,
    with: { with: 'chain' } as const,
    owner: '',
    by: '',
    waiting: 0,
    conflict: false,
  };
  useHost(
    fakeHost({
      concept_sharing: () => standing,
      review_act: (request) => {
        asked.push(request);
        return SYNC;
      },
    }),
  );
  const id = (await call('search', { query: 'verdachte' })).hits[0]?.id ?? '';
  const { concept }: { concept: Concept } = await call('concept_get', { id });
  const { findByTestId } = render(OfConcept, {
    concept: { ...concept, status: 'in_preparation' },
    onchange: vi.fn(async () => {}),
  });
  await fireEvent.click(await findByTestId('review-propose'));
  await waitFor(() => expect(asked[0]?.step).toBe('propose'));
  const log = await findByTestId('review-trail');
  (log as HTMLDetailsElement).open = true;
  await fireEvent(log, new Event('toggle'));
  await within(log).findByText('gpt-5', { exact: false });
  expect(log.textContent).toContain('Anna (OM)');
});
