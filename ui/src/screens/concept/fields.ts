import { t, type MessageKey } from '../../lib/i18n/index.svelte';
import { nl } from '../../lib/i18n/messages';
import { intervalText } from '../../lib/text/validity';

const NAMES = {
  term: 'concept.term',
  status: 'concept.status',
  definition: 'concept.definition',
  explanation: 'concept.explanation',
  examples: 'concept.examples',
  counter_examples: 'concept.counter_examples',
  citations: 'concept.sources',
  validity: 'concept.validity',
  synonyms: 'concept.synonyms',
  antonyms: 'concept.antonyms',
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

/** A value as the screens name it, where the history holds the program's own word for it. */
export function shownValue(field: string, value: string): string {
  if (field === 'validity') return intervalText(value);
  const key = field === 'status' ? `state.${value}` : `category.${value}`;
  const known = (field === 'status' || field === 'category') && key in nl;
  return known ? t(key as Extract<MessageKey, `state.${string}` | `category.${string}`>) : value;
}
