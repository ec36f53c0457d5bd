import type {
  ConceptFields,
  DefineResult,
  DraftInput,
  DraftTurn,
  PrivacyChoices,
} from '../../lib/backend';
import { emptyFields } from '../../lib/text/fields';
import type { Partial } from './drafting.svelte';

/** The part of a concept that a draft fills in, with the draft that it came from. */
export interface DraftedText extends Pick<
  ConceptFields,
  | 'definition'
  | 'explanation'
  | 'examples'
  | 'counter_examples'
  | 'synonyms'
  | 'antonyms'
  | 'citations'
> {
  draft: DefineResult | null;
  step: Step;
}

/** How a text came about: its number among the versions, the wish that it answers, what went before. */
export interface Step {
  number: number;
  /** Empty for a text that was drafted without a wish, or written by hand. */
  wish: string;
  /** The rounds before it, the oldest first: as many as may go along, and one more to tell of. */
  before: readonly DraftTurn[];
}

export const firstStep = (number = 1): Step => ({ number, wish: '', before: [] });

const MOST_BEFORE = 3;

/** What a wish about this text is asked with. */
export const turnsUntil = ({ wish, before }: Step, definition: string): DraftTurn[] => [
  ...before,
  { wish, definition },
];

/** The step of the version that comes of a wish. */
export const nextStep = (number: number, wish: string, turns: readonly DraftTurn[]): Step => ({
  number,
  wish,
  before: turns.slice(-MOST_BEFORE),
});

/** What the user knows of the case and decided about its text; the parties as typed, one a line. */
export interface PrivacyFields {
  parties: string;
  also: string[];
  let_out: string[];
}

export const noPrivacy = (): PrivacyFields => ({ parties: '', also: [], let_out: [] });

export function privacyChoices({ parties, also, let_out }: PrivacyFields): PrivacyChoices {
  const lines = parties.split('\n').map((line) => line.trim());
  return { parties: lines.filter(Boolean), also, let_out };
}

/** What the screen keeps between two visits, and over a restart. */
export interface Kept {
  fields: ConceptFields;
  privacy: PrivacyFields;
  /** A text is there to be edited: a draft, or an own one. */
  writing: boolean;
  draft: DefineResult | null;
  /** The question that `draft` answers, see `questionKey`. */
  answered: string;
  /** How the text that stands here came about. */
  step: Step;
  /** What should be other about it, as typed. */
  wish: string;
  /** The texts before and after the one that stands here, the nearest last. */
  past: readonly DraftedText[];
  future: readonly DraftedText[];
  /** What came in of a request that did not end. */
  partial: Partial | null;
}

/** Two inputs with the same key are the same question: in a context no order counts. */
export function questionKey({ term, context, category, notes, privacy }: DraftInput): string {
  const { organisations, legal_areas, statutory_bases } = context;
  const labels = [organisations, legal_areas, statutory_bases].map((each) => [...each].sort());
  return JSON.stringify([term, category, notes, labels, privacy]);
}

type Entry = Record<string, unknown>;
const isEntry = (value: unknown): value is Entry =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

/** Fields of a kept text: whatever is not as it should be stays empty. */
export function readFields(value: unknown): ConceptFields {
  const fields = emptyFields();
  if (!isEntry(value)) return fields;
  for (const name of ['term', 'definition', 'explanation', 'notes'] as const) {
    const text = value[name];
    if (isText(text)) fields[name] = text;
  }
  for (const name of ['synonyms', 'antonyms', 'examples', 'counter_examples'] as const) {
    const lines = value[name];
    if (isTexts(lines)) fields[name] = lines;
  }
  const { context, category, citations, validity } = value;
  if (isEntry(validity)) {
    const { from, until } = validity;
    fields.validity = { from: isText(from) ? from : null, until: isText(until) ? until : null };
  }
  if (isEntry(context)) {
    for (const name of ['organisations', 'legal_areas', 'statutory_bases'] as const) {
      const labels = context[name];
      if (isTexts(labels)) fields.context[name] = labels;
    }
  }
  const categories = ['type', 'particular', 'process', 'result'] as const;
  fields.category = categories.find((known) => known === category) ?? null;
  if (Array.isArray(citations)) {
    fields.citations = citations.filter(isEntry).map(({ source, article, paragraph, address }) => ({
      source: isText(source) ? source : '',
      article: isText(article) ? article : null,
      paragraph: isText(paragraph) ? paragraph : null,
      address: isText(address) ? address : null,
    }));
  }
  return fields;
}

/** The part of the fields that a draft fills in. */
export function draftedText(
  fields: ConceptFields,
  draft: DefineResult | null,
  step: Step,
): DraftedText {
  const { definition, explanation, examples, counter_examples, synonyms, antonyms } = fields;
  const { citations } = fields;
  return {
    definition,
    explanation,
    examples,
    counter_examples,
    synonyms,
    antonyms,
    citations,
    draft,
    step,
  };
}

/** A draft would take the place of something that stands here; sources it leaves alone. */
export function hasText(text: DraftedText): boolean {
  const { examples, counter_examples, synonyms, antonyms } = text;
  const lists = [examples, counter_examples, synonyms, antonyms].flat();
  return [text.definition, text.explanation, ...lists].some((each) => each.trim());
}

const MOST_TEXTS = 20;
const MOST_CHARACTERS = 1_000_000;

/** The newest texts, the newest last: as many as can be kept, and at least one. */
export function newest(texts: readonly DraftedText[]): DraftedText[] {
  const all = texts.slice(-MOST_TEXTS);
  const sizes = all.map((text) => JSON.stringify(text).length);
  let held = sizes.reduce((sum, size) => sum + size, 0);
  while (all.length > 1 && held > MOST_CHARACTERS) {
    all.shift();
    held -= sizes.shift() ?? 0;
  }
  return all;
}

const readTexts = (value: unknown): DraftedText[] =>
  Array.isArray(value)
    ? value
        .filter(isEntry)
        .map((entry) =>
          draftedText(readFields(entry), readDraft(entry['draft']), readStep(entry['step'])),
        )
    : [];

function readStep(value: unknown): Step {
  if (!isEntry(value)) return firstStep();
  const { number, wish, before } = value;
  const turns = Array.isArray(before) ? before.filter(isEntry) : [];
  return {
    number: typeof number === 'number' ? number : 1,
    wish: isText(wish) ? wish : '',
    before: turns.map(({ wish, definition }) => ({
      wish: isText(wish) ? wish : '',
      definition: isText(definition) ? definition : '',
    })),
  };
}

function readPrivacy(value: unknown): PrivacyFields {
  const fields = noPrivacy();
  if (!isEntry(value)) return fields;
  const { parties, also, let_out } = value;
  if (isText(parties)) fields.parties = parties;
  if (isTexts(also)) fields.also = also;
  if (isTexts(let_out)) fields.let_out = let_out;
  return fields;
}

function readDraft(value: unknown): DefineResult | null {
  const parts = isEntry(value) && isEntry(value['reply']) && Array.isArray(value['put_back']);
  const whole = parts && isText(value['draft_id']);
  // Written by this screen; a draft of another shape is left out, the text stays.
  if (!whole || !isTexts(value['dropped']) || !isText(value['cache'])) return null;
  // Kept before articles went along with a question.
  return {
    passages: [],
    cited: [],
    left_out: [],
    held_back: [],
    searched_with: [],
    ...value,
  } as unknown as DefineResult;
}

/** Reads what was kept; none when it cannot be read. */
export function readKept(content: string): Kept | null {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return null;
  }
  if (!isEntry(value)) return null;
  const { partial } = value;
  return {
    fields: readFields(value['fields']),
    privacy: readPrivacy(value['privacy']),
    writing: value['writing'] === true,
    draft: readDraft(value['draft']),
    answered: isText(value['answered']) ? value['answered'] : '',
    step: readStep(value['step']),
    wish: isText(value['wish']) ? value['wish'] : '',
    past: readTexts(value['past']),
    future: readTexts(value['future']),
    partial:
      isEntry(partial) && isText(partial['definition']) && isText(partial['explanation'])
        ? { definition: partial['definition'], explanation: partial['explanation'] }
        : null,
  };
}
