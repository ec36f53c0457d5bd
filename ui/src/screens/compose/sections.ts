import { t, type MessageKey } from '../../lib/i18n/index.svelte';

const NAMES = [
  'head',
  'rules',
  'advice',
  'advice_rest',
  'context',
  'category',
  'notes',
  'term',
  'schema',
  'related',
  'passage',
  'prepare',
  'turn',
  'wish',
] as const;

/** A part of the request as the screen names it: `related_2` is *verwante begrippen 2*. */
export function sectionName(name: string): string {
  const [, stem = name, n] = /^(.*?)(?:_(\d+))?$/.exec(name) ?? [];
  const known = NAMES.find((each) => each === stem);
  if (!known) return name;
  const key: MessageKey = `compose.section.${known}`;
  return n ? t('compose.numbered', { name: t(key), n }) : t(key);
}

/** Names of parts in a sentence, each kind once. */
export function sectionNames(names: readonly string[]): string {
  return [...new Set(names.map((name) => sectionName(name.replace(/_\d+$/, ''))))].join(', ');
}
