import { describe, expect, it } from 'vitest';
import { citationError, cleanFields, emptyCitation, emptyFields } from './fields';

describe('a source', () => {
  it.each([
    ['', '', null],
    ['', '67', 'source'],
    ['Wetboek van Strafvordering', '67', null],
  ] as const)('%s with article %s', (source, article, expected) => {
    expect(citationError({ ...emptyCitation(), source, article })).toBe(expected);
  });

  it.each([
    ['jci1.3:c:BWBR0001903&artikel=67&lid=1', null],
    ['jci1.31:c:BWBR0005537&artikel=1:3', null],
    ['ecli:nl:rbgel:2015:6991', null],
    [' ', null],
    ['https://wetten.overheid.nl', 'address'],
    ['ECLI:NL:HR', 'address'],
  ] as const)('with the address %s', (address, expected) => {
    expect(citationError({ ...emptyCitation(), source: 'Wet', address })).toBe(expected);
  });
});

it('empty lines and white space are not kept', () => {
  const fields = {
    ...emptyFields(),
    term: ' zaak ',
    synonyms: ['zaak', ' geding ', ''],
    examples: ['', 'Een zaak.'],
    citations: [emptyCitation(), { ...emptyCitation(), source: ' Wet ', article: ' ' }],
  };
  expect(cleanFields(fields)).toMatchObject({
    term: 'zaak',
    synonyms: ['geding'],
    examples: ['Een zaak.'],
    citations: [{ source: 'Wet', article: null, paragraph: null, address: null }],
  });
});
