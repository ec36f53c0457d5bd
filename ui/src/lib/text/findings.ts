import type { Finding, Level, Report } from '../backend';

const weight: Record<Level, number> = { blocking: 0, serious: 1, advice: 2 };

/**
 * What a person has to look at: failures first, the heaviest on top, then what only a person can
 * judge. In the order of the pack within a level: a finding keeps its place while others come and go.
 */
export function openFindings(report: Report): Finding[] {
  return report.findings
    .filter((finding) => finding.outcome !== 'pass')
    .sort(
      (a, b) =>
        Number(a.outcome === 'needs_person') - Number(b.outcome === 'needs_person') ||
        weight[a.level] - weight[b.level],
    );
}

/** Blocking rules that the text breaks. */
export function blockingFailures(report: Report | null): Finding[] {
  return (report?.findings ?? []).filter(
    (finding) => finding.outcome === 'fail' && finding.level === 'blocking',
  );
}
