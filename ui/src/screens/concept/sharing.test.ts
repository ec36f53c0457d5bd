import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  call,
  useHost,
  type Concept,
  type ConceptSharing,
  type ShareConcept,
} from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import { SYNC } from '../../lib/backend/fake-data';
import { sync } from '../../lib/state/sync.svelte';
import Sharing from './Sharing.svelte';

afterEach(() => {
  cleanup();
  sync.status = null;
});

const ALONE: ConceptSharing = {
  possible: true,
  with: null,
  owner: '',
  by: '',
  waiting: 0,
  conflict: false,
};
let concept: Concept;
beforeEach(async () => {
  useHost(fakeHost());
  const id = (await call('search', { query: 'verdachte' })).hits[0]?.id ?? '';
  ({ concept } = await call('concept_get', { id }));
});

const onwithdrawn = vi.fn(async () => {});

function show(changed: Partial<Answers>) {
  useHost(fakeHost(changed));
  return render(Sharing, { concept, onwithdrawn });
}

it('a concept is shared with the organisations that are named, and with none it is not', async () => {
  const asked: ShareConcept[] = [];
  let standing = ALONE;
  const { findByTestId, getByLabelText, findByText, getByTestId } = show({
    concept_sharing: () => standing,
    concept_share: (request) => {
      asked.push(request);
      standing = { ...ALONE, with: { with: 'named', organisations: ['CJIB'] }, waiting: 1 };
      return SYNC;
    },
  });
  await fireEvent.click(await findByTestId('concept-share'));
  await fireEvent.click(getByLabelText('Mijn organisatie en deze organisaties'));
  await fireEvent.click(getByTestId('share-sure'));
  await findByText('Vul ten minste één organisatie in.');
  const field = getByTestId('share-organisations');
  await fireEvent.input(field, { target: { value: 'CJIB' } });
  await fireEvent.keyDown(field, { key: 'Enter' });
  await fireEvent.click(getByTestId('share-sure'));
  await findByText(/Gedeeld met uw organisatie en met: CJIB/);
  expect(asked).toEqual([{ id: concept.id, with: 'named', organisations: ['CJIB'] }]);
  expect(getByTestId('concept-sharing').textContent).toContain('op de server wachten: 1');
});

it('what is shared with some can be shared with more and not with fewer', async () => {
  const { findByTestId, queryByLabelText } = show({
    concept_sharing: () => ({ ...ALONE, with: { with: 'named', organisations: ['CJIB'] } }),
  });
  await fireEvent.click(await findByTestId('concept-share'));
  expect(queryByLabelText('Alleen mijn eigen organisatie')).toBeNull();
  expect(queryByLabelText('Alle organisaties')).not.toBeNull();
});

it('withdrawing for everybody asks first and shows what became of it', async () => {
  const asked: string[] = [];
  const { getByTestId, findByText } = show({
    concept_sharing: () => ({ ...ALONE, with: { with: 'chain' }, owner: 'OM', by: 'A. (OM)' }),
    concept_unshare: ({ id }) => {
      asked.push(id);
      return SYNC;
    },
  });
  await findByText(/Van OM\. Laatst veranderd door A\. \(OM\)/);
  await fireEvent.click(getByTestId('concept-unshare'));
  expect(asked).toEqual([]);
  await fireEvent.click(getByTestId('unshare-sure'));
  await findByText('Het begrip is voor iedereen ingetrokken.');
  expect(asked).toEqual([concept.id]);
  expect(onwithdrawn).toHaveBeenCalledOnce();
});

it('a change that was not taken leads to where it is chosen', async () => {
  const { findByTestId } = show({
    concept_sharing: () => ({ ...ALONE, with: { with: 'chain' }, conflict: true }),
  });
  expect((await findByTestId('concept-choose')).getAttribute('href')).toBe('#/delen');
});

it('without a server there is nothing about sharing', async () => {
  const looked = vi.fn(() => ({ ...ALONE, possible: false }));
  const { queryByTestId } = show({ concept_sharing: looked });
  await waitFor(() => expect(looked).toHaveBeenCalled());
  expect(queryByTestId('concept-sharing')).toBeNull();
});
