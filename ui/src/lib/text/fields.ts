import type { Citation, ConceptFields, Context } from '../backend';
import { TEXT_LIMIT } from '../state/check.svelte';
import { countCharacters } from './spans';

export const emptyContext = (): Context => ({
  organisations: [],
  legal_areas: [],
  statutory_bases: [],
});

export function emptyFields(): ConceptFields {
  return {
    term: '',
    synonyms: [],
    antonyms: [],
    context: emptyContext(),
    category: null,
    definition: '',
    explanation: '',
    examples: [],
    counter_examples: [],
    citations: [],
    validity: { from: null, until: null },
    notes: '',
  };
}

export const emptyCitation = (): Citation => ({
  source: '',
  article: null,
  paragraph: null,
  address: null,
});

const ADDRESS =
  /^(jci1\.3(1|\.1)?:[cv]:BWB[A-Z]\d+(&[^&=]+=[^&]+)*|ECLI:[A-Z]{2}:[A-Z0-9]{1,7}:\d{4}:[A-Z0-9.]{1,25})$/i;

const isEmpty = ({ source, article, paragraph, address }: Citation): boolean =>
  [source, article, paragraph, address].every((text) => !text?.trim());

/** What keeps a source from being kept: it has no name, or its address is none of the two standards. */
export function citationError(citation: Citation): 'source' | 'address' | null {
  if (isEmpty(citation)) return null;
  if (!citation.source.trim()) return 'source';
  const address = citation.address?.trim();
  return address && !ADDRESS.test(address) ? 'address' : null;
}

/** The longest example that is kept, in characters. */
export const EXAMPLE_LIMIT = 5_000;

/** A text is longer than can be kept. */
export function isTooLong(fields: ConceptFields): boolean {
  const over = (limit: number) => (text: string) => countCharacters(text) > limit;
  return (
    [fields.definition, fields.explanation, fields.notes].some(over(TEXT_LIMIT)) ||
    [...fields.examples, ...fields.counter_examples].some(over(EXAMPLE_LIMIT))
  );
}

const filled = (lines: readonly string[]): string[] =>
  lines.map((line) => line.trim()).filter((line) => line !== '');

/** The fields as they can be kept: no empty lines, no white space around a label. */
export function cleanFields(fields: ConceptFields): ConceptFields {
  const known = fields.citations.filter((citation) => !isEmpty(citation));
  return {
    ...fields,
    term: fields.term.trim(),
    synonyms: filled(fields.synonyms).filter((synonym) => synonym !== fields.term.trim()),
    antonyms: filled(fields.antonyms),
    examples: filled(fields.examples),
    counter_examples: filled(fields.counter_examples),
    citations: known.map(({ source, article, paragraph, address }) => ({
      source: source.trim(),
      article: article?.trim() || null,
      paragraph: paragraph?.trim() || null,
      address: address?.trim() || null,
    })),
  };
}
