import { waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { useHost } from '../../lib/backend';
import * as sample from '../../lib/backend/fake-data';
import { asked, byId, click, found, open, page, playEach, type, value, Played } from './testing';

let played: Played;
let leave = () => {};

playEach((next) => (played = next));

const reply = (definition: string) => ({ reply: { ...sample.DRAFT, definition } });

async function drafted(definition = 'eerste'): Promise<void> {
  leave = await asked();
  played.answer({ ...reply(definition), draft_id: definition });
  await waitFor(() => expect(value('definition')).toBe(definition));
  // What stands below the text comes some frames later.
  await found('compose-keep');
}

async function refined(wish: string, definition: string): Promise<void> {
  const before = played.drafts.length;
  await type('compose-wish', wish);
  await click('compose-refine');
  await waitFor(() => expect(played.drafts).toHaveLength(before + 1));
  played.answer({ ...reply(definition), draft_id: definition });
  await waitFor(() => expect(value('definition')).toBe(definition));
  // What stands below the text comes some frames later.
  await found('compose-keep');
}

const versions = (): string[] =>
  [...document.querySelectorAll('[data-testid="version"]')].map(
    (each) => each.textContent?.replace(/\s+/g, ' ').trim() ?? '',
  );

describe('another version', () => {
  it('is asked for with the question, the text as it stands and the rounds before it', async () => {
    await drafted();
    await type('definition', 'eerste, bewerkt');
    await refined('Maak het korter', 'tweede');
    expect(played.drafts[1]).toMatchObject({
      regenerate: false,
      input: {
        term: 'toezicht',
        refine: {
          wish: 'Maak het korter',
          turns: [{ wish: '', definition: 'eerste, bewerkt' }],
        },
      },
    });
    expect(value('compose-wish')).toBe('');
    expect(byId('origin-wish')?.textContent).toContain('Maak het korter');
    for (const n of [3, 4, 5, 6]) await refined(`wens ${n}`, `tekst ${n}`);
    const turns = played.drafts[5]?.input?.refine?.turns ?? [];
    // As many as go along, and one to tell of.
    expect(turns.map(({ definition }) => definition)).toEqual([
      'tweede',
      'tekst 3',
      'tekst 4',
      'tekst 5',
    ]);
    expect(turns.map(({ wish }) => wish)).toEqual([
      'Maak het korter',
      'wens 3',
      'wens 4',
      'wens 5',
    ]);
  });

  it('stays beside the others, and any can be gone on with, also after the screen was left', async () => {
    await drafted();
    await refined('Maak het korter', 'tweede');
    await type('definition', 'tweede, bewerkt');
    await click('compose-again');
    await waitFor(() => expect(played.drafts).toHaveLength(3));
    expect(played.drafts[2]?.regenerate).toBe(true);
    expect(played.drafts[2]?.input?.refine).toBeUndefined();
    played.answer({ ...reply('derde'), draft_id: 'derde' });
    await waitFor(() => expect(value('definition')).toBe('derde'));
    leave();
    leave = open();
    await found('versions');
    expect(versions()).toEqual([
      'Versie 1 Opgesteld door het taalmodel eerste Ga hiermee verder',
      'Versie 2 Uw wens: ‘Maak het korter’ tweede, bewerkt Ga hiermee verder',
      'Versie 3 Opgesteld door het taalmodel derde Deze staat hierboven.',
    ]);
    await click('version-choose');
    await waitFor(() => expect(value('definition')).toBe('eerste'));
    expect(document.activeElement?.textContent).toBe('Versies van dit concept');
    await refined('Noem de rechter', 'vierde');
    expect(played.drafts[3]?.input?.refine?.turns).toEqual([{ wish: '', definition: 'eerste' }]);
    expect(versions().map((each) => each.slice(0, 8))).toEqual([
      'Versie 1',
      'Versie 2',
      'Versie 3',
      'Versie 4',
    ]);
    await click('compose-keep');
    await waitFor(() => expect(played.calls('concept_save')[0]?.draft_id).toBe('vierde'));
  });

  it('is not asked for without a wish, and the wish stays when it fails', async () => {
    await drafted();
    await waitFor(() => expect(document.activeElement).toBe(byId('result-heading')));
    await click('compose-refine');
    await waitFor(() => expect(document.activeElement).toBe(byId('compose-wish')));
    expect(page()).toContain('Schrijf wat u anders wilt.');
    await type('compose-wish', 'Korter');
    await waitFor(() => expect(page()).not.toContain('Schrijf wat u anders wilt.'));
    await click('compose-refine');
    await found('drafting');
    played.text('half');
    played.refuse(sample.CANCELLED);
    await found('compose-wish');
    expect(value('definition')).toBe('eerste');
    expect(value('compose-wish')).toBe('Korter');
    leave();
    leave = open();
    await found('compose-wish');
    expect(value('compose-wish')).toBe('Korter');
    await click('compose-refine');
    await waitFor(() => expect(played.drafts).toHaveLength(3));
    played.refuse(sample.CANCELLED);
    await found('broken-off');
    await click('compose-retry');
    await waitFor(() => expect(played.drafts[3]?.input?.refine?.wish).toBe('Korter'));
  });

  it('shows beforehand what would be sent, and a wish that is refused is not sent', async () => {
    const refused = {
      ...sample.CANCELLED,
      code: 'BG-417',
      message: { nl: 'Te lang.', en: 'Long.' },
    };
    played = new Played({
      preview: ({ term, refine }) => {
        if ((refine?.wish.length ?? 0) > 20) throw refused;
        return {
          ...sample.preview(term),
          sections: [{ name: 'turn_1', tokens: 20, dropped: true }],
          wish: { before: '', after: '', replaced: [] },
        };
      },
    });
    useHost(played.host);
    await drafted();
    await type('compose-wish', 'Korter');
    expect((await found('wish-outgoing')).textContent).toContain('640 van hoogstens');
    expect(byId('wish-dropped')?.textContent).toContain('eerdere versies');
    await type('compose-wish', 'Veel en veel te lange wens');
    await waitFor(() => expect(page()).toContain('Te lang.'));
    await click('compose-refine');
    expect(played.drafts).toHaveLength(1);
  });
});
