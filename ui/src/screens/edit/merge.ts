import type { Citation, ConceptFields, Side } from '../../lib/backend';
import { t } from '../../lib/i18n/index.svelte';
import { validityText } from '../../lib/text/validity';

/** What can be chosen apart when two versions meet, in the order of the form. */
export const PARTS = [
  'term',
  'definition',
  'explanation',
  'examples',
  'counter_examples',
  'synonyms',
  'antonyms',
  'citations',
  'organisations',
  'legal_areas',
  'statutory_bases',
  'category',
  'validity',
  'notes',
] as const;
export type Part = (typeof PARTS)[number];

/** A part that is not the same in both. */
export interface Conflict {
  part: Part;
  mine: string;
  theirs: string;
  /** Who changed it since the version that mine began with. */
  by: Side | 'both';
}

function written({ source, article, paragraph, address }: Citation): string {
  const place = [
    article && t('concept.article', { article }),
    paragraph && t('concept.paragraph', { paragraph }),
    source,
  ];
  return [place.filter(Boolean).join(' '), address].filter(Boolean).join(' · ');
}

/** A part as one text, as the screens show it. */
export function partText(fields: ConceptFields, part: Part): string {
  switch (part) {
    case 'examples':
    case 'counter_examples':
      return fields[part].join('\n');
    case 'synonyms':
    case 'antonyms':
      return fields[part].join(', ');
    case 'organisations':
    case 'legal_areas':
    case 'statutory_bases':
      return fields.context[part].join(', ');
    case 'category':
      return fields.category ? t(`category.${fields.category}`) : '';
    case 'citations':
      return fields.citations.map(written).join('\n');
    case 'validity':
      return validityText(fields.validity);
    default:
      return fields[part];
  }
}

/** Where two versions differ, with who changed what since `base`. */
export function conflicts(
  base: ConceptFields,
  mine: ConceptFields,
  theirs: ConceptFields,
): Conflict[] {
  return PARTS.flatMap((part) => {
    const [before, here, there] = [base, mine, theirs].map((fields) => partText(fields, part));
    if (here === undefined || there === undefined || here === there) return [];
    const by = here === before ? 'theirs' : there === before ? 'mine' : 'both';
    return [{ part, mine: here, theirs: there, by }];
  });
}

/** One text of two: for each part the chosen side, mine where nothing was chosen. */
export function merged(
  mine: ConceptFields,
  theirs: ConceptFields,
  chosen: Partial<Record<Part, Side>>,
): ConceptFields {
  const of = (part: Part) => (chosen[part] === 'theirs' ? theirs : mine);
  return {
    term: of('term').term,
    synonyms: of('synonyms').synonyms,
    antonyms: of('antonyms').antonyms,
    context: {
      organisations: of('organisations').context.organisations,
      legal_areas: of('legal_areas').context.legal_areas,
      statutory_bases: of('statutory_bases').context.statutory_bases,
    },
    category: of('category').category,
    definition: of('definition').definition,
    explanation: of('explanation').explanation,
    examples: of('examples').examples,
    counter_examples: of('counter_examples').counter_examples,
    citations: of('citations').citations,
    validity: of('validity').validity ?? {},
    notes: of('notes').notes,
  };
}
