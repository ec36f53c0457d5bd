import { AT, check, row } from './fake-data';
import type * as T from './generated';

const example = (text: string): T.Example => ({
  text,
  term: 'vonnis',
  organisations: [],
  legal_areas: [],
  statutory_bases: [],
  category: null,
  has_source: null,
  synonyms: [],
  note: '',
  others: [],
});

const rule = (
  id: string,
  level: T.Level,
  title: string,
  [good, bad]: [string, string],
): T.RuleView => ({
  id,
  level,
  title,
  why: `De lezer begrijpt de definitie zo beter (${id}).`,
  question: 'Klopt de tekst?',
  instruction: 'Schrijf een tekst die klopt.',
  categories: [],
  good: [example(good)],
  bad: [{ ...example(bad), note: `Breekt ${id}.`, organisations: ['Openbaar Ministerie'] }],
  sources: ['ISO 704'],
});

const RULES: T.RuleView[] = [
  rule('STR-01', 'blocking', 'Geen lidwoord vooraan', ['uitspraak', 'een uitspraak']),
  rule('INT-08', 'serious', 'Zeg wat het begrip wel is', [
    'uitspraak',
    'uitspraak, niet een arrest',
  ]),
  rule('VER-01', 'advice', 'Enkelvoud', ['uitspraak', 'uitspraken']),
];

export const UNKNOWN_PACK: T.UserError = {
  code: 'BG-000',
  message: { nl: 'Deze versie is er niet.', en: 'This version is not there.' },
  action: { nl: 'Kies een andere versie.', en: 'Choose another version.' },
  detail: '',
};

export const REFUSED: T.UserError = {
  code: 'BG-001',
  message: {
    nl: 'Dit bestand is niet ondertekend door iemand die Begrip vertrouwt.',
    en: 'This file was not signed by anyone whom Begrip trusts.',
  },
  action: { nl: 'Vraag het bestand opnieuw op.', en: 'Ask for the file again.' },
  detail: '',
};

const pack = (version: string, active: boolean): T.PackView => ({
  version,
  date: '2026-01-15',
  rules: 3,
  changelog: [`Wat versie ${version} anders doet.`],
  origin: version === '1' ? 'built_in' : 'imported',
  signer: 'Rechtspraak',
  active,
  damaged: false,
  imported_at: version === '1' ? null : AT,
});

/** The rule packs of a fake program: version 2 has no rule INT-08, and says more in STR-01. */
export class FakePacks {
  all: T.PackView[] = [pack('2', false), pack('1', true)];

  get active(): string {
    return this.all.find((known) => known.active)?.version ?? '';
  }

  rules({ version }: T.PackRef): T.RuleView[] {
    const wanted = version ?? this.active;
    if (!this.all.some((known) => known.version === wanted)) throw UNKNOWN_PACK;
    if (wanted === '1') return RULES;
    return RULES.filter((known) => known.id !== 'INT-08').map((known) =>
      known.id === 'STR-01' ? { ...known, title: 'Geen lidwoord aan het begin' } : known,
    );
  }

  check(text: string, version: string | null = null): T.Report {
    const ids = this.rules({ version }).map((known) => known.id);
    const report = check(text);
    return {
      ...report,
      pack_version: version ?? this.active,
      findings: report.findings.filter((finding) => ids.includes(finding.rule)),
    };
  }

  try(args: T.RuleTry): T.Finding {
    const found = this.check(args.text, args.version ?? null).findings;
    const own = found.find((finding) => finding.rule === args.rule);
    if (!own) throw UNKNOWN_PACK;
    return own;
  }

  compare({ from, to }: T.PackCompare): T.PackDiff {
    const [old, now] = [this.rules({ version: from }), this.rules({ version: to })];
    const without = (rules: T.RuleView[], others: T.RuleView[]) =>
      rules.filter((known) => !others.some((other) => other.id === known.id));
    const title = (rules: T.RuleView[]) =>
      rules.find((known) => known.id === 'STR-01')?.title ?? '';
    const parts: T.DiffPart[] = [
      { op: 'removed', text: title(old) },
      { op: 'added', text: title(now) },
    ];
    return {
      from,
      to,
      added: without(now, old),
      removed: without(old, now),
      changed: [{ id: 'STR-01', title: title(now), fields: [{ field: 'title', parts }] }],
    };
  }

  impact({ version }: T.PackRef, own: readonly T.Concept[]): T.PackImpact {
    const failing = (text: string, version: string | null = null) =>
      this.check(text, version)
        .findings.filter((finding) => finding.outcome === 'fail')
        .map((finding) => finding.rule);
    const concepts = own
      .map((known) => {
        const [now, then] = [
          failing(known.definition, null),
          failing(known.definition, version ?? null),
        ];
        return {
          row: row(known),
          now_fails: then.filter((rule) => !now.includes(rule)),
          no_longer_fails: now.filter((rule) => !then.includes(rule)),
        };
      })
      .filter((each) => each.now_fails.length + each.no_longer_fails.length > 0);
    return {
      version: version ?? this.active,
      checked: own.length,
      changed: concepts.length,
      concepts,
    };
  }

  activate({ version }: T.PackRef): T.PackView {
    const wanted = this.all.find((known) => known.version === version);
    if (!wanted) throw UNKNOWN_PACK;
    this.all = this.all.map((known) => ({ ...known, active: known.version === version }));
    return { ...wanted, active: true };
  }

  import({ content }: T.PackImport): T.PackView {
    if (!content.includes('handtekening')) throw REFUSED;
    const made = pack('3', false);
    this.all = [made, ...this.all.filter((known) => known.version !== '3')];
    return made;
  }

  export({ version }: T.PackRef): T.PackFile {
    const wanted = version ?? this.active;
    return { name: `regels-${wanted}.json`, content: `{"version":"${wanted}"}` };
  }
}
