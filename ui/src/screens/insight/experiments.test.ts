import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { useHost, type ArmReport, type ExperimentReport } from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import { NO_FLAGS, NOT_FOUND } from '../../lib/backend/fake-data';
import { setLanguage } from '../../lib/i18n/index.svelte';
import Experiments from './Experiments.svelte';

afterEach(() => {
  cleanup();
  setLanguage('nl');
});

const sum = { n: 0, total: 0, squares: 0 };
const arm = (name: string, version: string): ArmReport => ({
  figures: {
    experiment: 'kort',
    arm: name,
    prompt_version: version,
    drafts: 120,
    passed: 90,
    kept: 0,
    edited: 0,
    discarded: 0,
    open: 0,
    tokens_in: sum,
    tokens_out: sum,
    latency_ms: sum,
    cost_eur: sum,
  },
  passed: { part: 90, whole: 120, share: 0.75, low: 0.6654, high: 0.8193 },
  kept: null,
  edited: null,
  discarded: null,
  tokens_in: { n: 120, mean: 800, low: 790, high: 810 },
  tokens_out: { n: 120, mean: 300.4, low: 290, high: 310 },
  latency_ms: { n: 120, mean: 2_345, low: 2_100, high: 2_590 },
  cost_eur: null,
});
const EXPERIMENT: ExperimentReport = {
  name: 'kort',
  state: 'running',
  rollout: 50,
  own_arm: 'b',
  arms: [arm('a', '1'), arm('b', '2')],
  verdicts: [
    {
      arm: 'b',
      decision: 'not_yet',
      reasons: [{ nl: 'Er is te weinig.', en: 'There is too little.' }],
    },
  ],
};

function show(changed: Partial<Answers>): void {
  useHost(fakeHost(changed));
  render(Experiments);
}
const answer = (experiments: ExperimentReport[]) => ({ prompt: NO_FLAGS.prompt, experiments });
const text = () => document.body.textContent?.replace(/\s+/g, ' ').trim() ?? '';

describe('an experiment with the prompt', () => {
  it('is told in figures with their intervals and in plain words', async () => {
    show({ experiments: () => answer([EXPERIMENT]) });
    await waitFor(() => expect(text()).toContain('Proef ‘kort’'));
    expect(text()).toContain('loopt bij 50 % van de computers. Deze computer doet mee als ‘b’.');
    const row = document.querySelector('[data-testid="trial-kort"] tbody tr:last-child');
    expect([...(row?.children ?? [])].map((cell) => cell.textContent)).toEqual([
      'b (opdracht 2)',
      '120',
      '75 % (66,5 – 81,9)',
      '–',
      '1.100',
      '2,3 (2,1 – 2,6)',
    ]);
    expect(text()).toContain('Over ‘b’ is nog niets te zeggen. Er is te weinig.');
    setLanguage('en');
    await waitFor(() => expect(text()).toContain('Nothing can be said of ‘b’ yet.'));
    expect(text()).toContain('There is too little.');
  });

  it('is not spoken of when there is none', async () => {
    show({});
    await waitFor(() => expect(text()).toBe(''));
  });

  it('that cannot be read is told, and trying again helps', async () => {
    let fails = true;
    show({
      experiments: () => {
        if (fails) throw NOT_FOUND;
        return answer([EXPERIMENT]);
      },
    });
    await waitFor(() => expect(text()).toContain(NOT_FOUND.message.nl));
    fails = false;
    const again = document.querySelector('[data-testid="trials-again"]');
    if (!again) throw new Error('no way to try again');
    await fireEvent.click(again);
    await waitFor(() => expect(text()).toContain('Proef ‘kort’'));
  });
});
