import type { Concept, ConceptFields } from '../../lib/backend';
import { readFields } from '../compose/kept';

/** A version of the concept that an edit began with. */
export interface Base {
  version: number;
  fields: ConceptFields;
}

/** What an editor keeps between two visits, and over a restart. */
export interface Kept {
  base: Base;
  fields: ConceptFields;
  reason: string;
  /** It was typed while the concept was being kept for the first time. */
  typed_on?: boolean;
}

/** What was typed while this concept was being kept, for its editor to go on with. */
export function typedOn(concept: Concept, fields: ConceptFields): Kept {
  const base = { version: concept.version, fields: fieldsOf(concept) };
  return { base, fields, reason: '', typed_on: true };
}

/** What a person wrote of a concept, always in one order, so that two can be compared as JSON. */
export function fieldsOf(concept: ConceptFields | Concept): ConceptFields {
  return readFields(concept);
}

/** Reads what was kept; none when it cannot be read. */
export function readKept(content: string): Kept | null {
  try {
    const { base, fields, reason, typed_on } = JSON.parse(content) as Partial<
      Record<keyof Kept, unknown>
    >;
    const { version, fields: before } = base as Partial<Record<keyof Base, unknown>>;
    if (typeof version !== 'number' || typeof fields !== 'object') return null;
    return {
      base: { version, fields: readFields(before) },
      fields: readFields(fields),
      reason: typeof reason === 'string' ? reason : '',
      typed_on: typed_on === true,
    };
  } catch {
    return null;
  }
}
