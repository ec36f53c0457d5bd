import { t } from '../../lib/i18n/index.svelte';

const NAMES = {
  term: 'concept.term',
  status: 'concept.status',
  definition: 'concept.definition',
  explanation: 'concept.explanation',
  examples: 'concept.examples',
  counter_examples: 'concept.counter_examples',
  citations: 'concept.sources',
  synonyms: 'concept.synonyms',
  category: 'concept.category',
  context: 'concept.context',
  notes: 'concept.notes',
  organisations: 'context.organisation',
  legal_areas: 'context.legal_area',
  statutory_bases: 'context.statutory_basis',
} as const;

/** A field of a concept as the screens name it. */
export function fieldName(field: string): string {
  return field in NAMES ? t(NAMES[field as keyof typeof NAMES]) : field;
}
