import { cleanup, fireEvent, render, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, useHost, type Citation } from '../../lib/backend';
import { fakeHost } from '../../lib/backend/fake';
import Sources from '../concept/Sources.svelte';
import Screen from './Screen.svelte';

beforeEach(() => {
  location.hash = '';
  useHost(fakeHost());
});
afterEach(cleanup);

const LAW = 'BWBR0099901';
const one = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
const said = (text: string) => waitFor(() => expect(document.body.textContent).toContain(text));

function show(id: string | null, query: Record<string, string> = {}): void {
  render(Screen, { route: { screen: 'bronnen', id, query } });
}

async function choose(...names: string[]): Promise<void> {
  await waitFor(() => expect(one('sources-file')).not.toBeNull());
  const files = names.map((name) => new File(['inhoud'], name));
  await fireEvent.change(one('sources-file')!, { target: { files } });
}

const imported = () => call('sources_import', { files: [{ name: 'wet.xml', content: '' }] });

describe('all sources', () => {
  it('is empty at first and says what to do', async () => {
    show(null);
    await said('Er zijn nog geen wetten of uitspraken.');
    expect(one('sources-find')).toBeNull();
  });

  it('reads several files and tells of each what became of it', async () => {
    show(null);
    await choose('wet.xml', 'foto.png', 'wet.md');
    await said('Proefzakenwet: ingelezen, 2 artikelen, 1 nieuw begrip.');
    await said('foto.png: Dit bestand is geen wet');
    await said('BG-701');
    await said('Proefzakenwet: was er al.');
    await waitFor(() => expect(one('source')).not.toBeNull());
    const link = one('source')!;
    expect(link.getAttribute('href')).toBe(`#/bronnen/${LAW}`);
    await said('geldt vanaf 1 januari 2026');
  });

  it('finds articles by words and leads to them', async () => {
    await imported();
    show(null);
    await waitFor(() => expect(one('sources-find')).not.toBeNull());
    await fireEvent.input(one('sources-find')!, { target: { value: 'schorsen' } });
    await said('De rechter kan een proefzaak schorsen.');
    const link = one('sources-hits')!.querySelector('a')!;
    expect(link.getAttribute('href')).toBe(`#/bronnen/${LAW}?artikel=2`);
    await fireEvent.input(one('sources-find')!, { target: { value: 'xyz' } });
    await said('Geen artikel gevonden.');
  });

  it('removes a law only after it was asked', async () => {
    await imported();
    show(null);
    await waitFor(() => expect(one('source-remove')).not.toBeNull());
    await fireEvent.click(one('source-remove')!);
    await said('‘Proefzakenwet’ verwijderen?');
    expect(await call('sources_list', null)).toHaveLength(1);
    await fireEvent.click(one('source-remove-yes')!);
    await said('‘Proefzakenwet’ is verwijderd.');
    expect(await call('sources_list', null)).toHaveLength(0);
  });
});

describe('a law', () => {
  it('has its contents, and an article when one is named', async () => {
    await imported();
    show(LAW, { artikel: '2' });
    await said('2. De schorsing duurt kort.');
    await said('Hoofdstuk 1 Begrippen');
    const links = [...document.querySelectorAll('[data-testid="contents-article"]')];
    expect(links.map((link) => link.getAttribute('href'))).toEqual([
      `#/bronnen/${LAW}?artikel=1`,
      `#/bronnen/${LAW}?artikel=2`,
    ]);
    await fireEvent.input(one('contents-find')!, { target: { value: '1' } });
    await waitFor(() =>
      expect(document.querySelectorAll('[data-testid="contents-article"]')).toHaveLength(1),
    );
  });

  it('goes to another day by the address', async () => {
    await imported();
    show(LAW, { artikel: '2' });
    await waitFor(() => expect(one('source-date')).not.toBeNull());
    await fireEvent.input(one('source-date')!, { target: { value: '2025-06-01' } });
    await fireEvent.change(one('source-date')!);
    await waitFor(() => expect(location.hash).toBe(`#/bronnen/${LAW}?artikel=2&datum=2025-06-01`));
  });

  it('says that it did not hold on a day', async () => {
    await imported();
    show(LAW, { datum: '2020-01-01' });
    await said('BG-707');
  });
});

describe('the sources of a concept', () => {
  const citation = (source: string): Citation => ({
    source,
    article: '1',
    paragraph: null,
    address: null,
  });

  it('show the article where it is on this computer, and only the citation where it is not', async () => {
    await imported();
    render(Sources, { citations: [citation('Proefzakenwet'), citation('Andere wet')] });
    await said('a. proefzaak: de zaak waarmee een rechtsvraag wordt beproefd.');
    expect(document.querySelectorAll('[data-testid="cited-article"]')).toHaveLength(1);
    expect(document.body.textContent).toContain('Andere wet');
  });
});
