import type { Level, RuleView } from '../../lib/backend';
import type { MessageKey } from '../../lib/i18n/index.svelte';

/** Families in the order in which a reader meets them: the definition first, what stands around it later. */
const FAMILIES = ['STR', 'ESS', 'INT', 'CON', 'SAM', 'DUP', 'ARAI', 'VER', 'VAL'] as const;

export interface Family {
  name: Extract<MessageKey, `rules.family.${string}`>;
  rules: RuleView[];
}

/** What the list shows of a pack. */
export interface Filter {
  text: string;
  level: Level | '';
}

/** Without capitals and accents. */
const folded = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();

const textOf = (rule: RuleView): string =>
  folded(
    [
      rule.id,
      rule.title,
      rule.why,
      rule.question,
      ...[...rule.good, ...rule.bad].flatMap(({ term, text, note }) => [term, text, note]),
    ].join('\n'),
  );

/** The rules that hold every word of the text and weigh as much as asked, in the order of the pack. */
export function found(rules: readonly RuleView[], { text, level }: Filter): RuleView[] {
  const words = folded(text).split(/\s+/).filter(Boolean);
  return rules.filter((rule) => {
    if (level !== '' && rule.level !== level) return false;
    const own = textOf(rule);
    return words.every((word) => own.includes(word));
  });
}

/** Rules by family; families without a rule are left out. */
export function families(rules: readonly RuleView[]): Family[] {
  const familyOf = (rule: RuleView) => FAMILIES.find((known) => rule.id.startsWith(`${known}-`));
  return [...FAMILIES, undefined]
    .map((family) => ({
      name: `rules.family.${family ?? 'other'}` as const,
      rules: rules.filter((rule) => familyOf(rule) === family),
    }))
    .filter(({ rules }) => rules.length > 0);
}

/** What was chosen stays while the user opens a rule and comes back. */
export const filter = $state<Filter>({ text: '', level: '' });
