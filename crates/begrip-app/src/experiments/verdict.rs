//! The rule by which a version of the prompt takes the place of the one before.
//!
//! A candidate is promoted when it saves a fifth of the tokens, or passes the rules three points more
//! often and beyond what chance explains; and is at most a tenth (or 0.1 s) slower, and neither fails
//! the rules nor is thrown away more often beyond what chance explains.

use super::statistics::{Interval, difference, share};
use crate::Bilingual;
use crate::schema::{ArmFigures, Decision, Verdict};

/// Tokens of the candidate, as a part of those of the version before, that are a gain.
const FEWER_TOKENS: f64 = 0.8;

/// By how much more often the rules must be kept to be a gain; besides, the lower bound of the
/// difference must be above 0, or equal versions would be promoted by chance.
const BETTER: f64 = 0.03;

/// Latency of the candidate, as a part of that of the version before, at most.
const SLOWER: f64 = 1.1;

/// Milliseconds of difference that nobody notices.
const UNNOTICED: f64 = 100.0;

/// What is needed before anything is said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    /// Texts in each arm.
    pub drafts: u32,
    /// Texts in each arm that somebody kept or threw away; 0 where nobody decides.
    pub decided: u32,
}

/// For an experiment with people.
pub(crate) const IN_USE: Needs = Needs {
    drafts: 100,
    decided: 30,
};

/// For two versions on a list of terms, where nobody decides.
pub(crate) const ON_A_LIST: Needs = Needs {
    drafts: 100,
    decided: 0,
};

fn say(nl: String, en: String) -> Bilingual {
    Bilingual { nl, en }
}

/// A number with this many digits behind the comma, as Dutch writes it.
fn dutch(number: f64, digits: usize) -> String {
    format!("{number:.digits$}").replace('.', ",")
}

fn points(part: f64) -> (String, String) {
    (dutch(part * 100.0, 1), format!("{:.1}", part * 100.0))
}

/// What the figures say of a candidate beside the version before it.
pub(crate) fn verdict(before: &ArmFigures, candidate: &ArmFigures, needs: Needs) -> Verdict {
    let (decision, reasons) = judge(before, candidate, needs);
    Verdict {
        arm: candidate.arm.clone(),
        decision,
        reasons,
    }
}

fn judge(before: &ArmFigures, candidate: &ArmFigures, needs: Needs) -> (Decision, Vec<Bilingual>) {
    let few = too_few(before, candidate, needs);
    if !few.is_empty() {
        return (Decision::NotYet, few);
    }
    let worse = worse(before, candidate);
    if !worse.is_empty() {
        return (Decision::No, worse);
    }
    let gains = gains(before, candidate);
    if !gains.is_empty() {
        return (Decision::Promote, gains);
    }
    let none = say(
        "Geen winst: niet 20 % minder tokens, en niet 3 procentpunt vaker goed volgens de regels, \
         meer dan toeval kan zijn."
            .to_owned(),
        "No gain: tokens are not 20 % fewer, and the rules are not kept 3 percentage points more \
         often, beyond what chance explains."
            .to_owned(),
    );
    (Decision::No, vec![none])
}

fn too_few(before: &ArmFigures, candidate: &ArmFigures, needs: Needs) -> Vec<Bilingual> {
    let mut found = Vec::new();
    for figures in [before, candidate] {
        let (arm, n, most) = (&figures.arm, figures.drafts, needs.drafts);
        if n < most {
            found.push(say(
                format!("‘{arm}’ heeft {n} teksten; nodig zijn er {most}."),
                format!("‘{arm}’ has {n} texts; {most} are needed."),
            ));
        }
        let (n, most) = (figures.decided(), needs.decided);
        if n < most {
            found.push(say(
                format!(
                    "Van ‘{arm}’ zijn {n} teksten bewaard of weggegooid; nodig zijn er {most}."
                ),
                format!("Of ‘{arm}’ {n} texts were kept or thrown away; {most} are needed."),
            ));
        }
    }
    found
}

/// The share of the texts that keep the rules at once; none without texts.
fn passing(figures: &ArmFigures) -> Option<Interval> {
    share(figures.passed, figures.drafts)
}

fn worse(before: &ArmFigures, candidate: &ArmFigures) -> Vec<Bilingual> {
    let mut found = Vec::new();
    if let (Some(one), Some(other)) = (passing(before), passing(candidate)) {
        let less = difference(one, other);
        if less.low > 0.0 {
            let ((nl, en), (low_nl, low_en)) = (points(less.estimate), points(less.low));
            found.push(say(
                format!("De tekst voldoet {nl} procentpunt minder vaak aan de regels (met 95 % zekerheid ten minste {low_nl})."),
                format!("The text keeps the rules {en} percentage points less often (with 95% certainty at least {low_en})."),
            ));
        }
    }
    let thrown = |figures: &ArmFigures| share(figures.discarded, figures.decided());
    if let (Some(one), Some(other)) = (thrown(candidate), thrown(before)) {
        let more = difference(one, other);
        if more.low > 0.0 {
            let ((nl, en), (low_nl, low_en)) = (points(more.estimate), points(more.low));
            found.push(say(
                format!("De tekst wordt {nl} procentpunt vaker weggegooid (met 95 % zekerheid ten minste {low_nl})."),
                format!("The text is thrown away {en} percentage points more often (with 95% certainty at least {low_en})."),
            ));
        }
    }
    let latency = (before.latency_ms.mean(), candidate.latency_ms.mean());
    if let (Some(one), Some(other)) = latency
        && other > one * SLOWER
        && other > one + UNNOTICED
    {
        let more = (other / one.max(1.0) - 1.0) * 100.0;
        found.push(say(
            format!("Het antwoord duurt {more:.0} % langer; meer dan 10 % mag niet."),
            format!("The answer takes {more:.0} % longer; more than 10 % is not allowed."),
        ));
    }
    found
}

fn gains(before: &ArmFigures, candidate: &ArmFigures) -> Vec<Bilingual> {
    let mut found = Vec::new();
    let tokens =
        |figures: &ArmFigures| Some(figures.tokens_in.mean()? + figures.tokens_out.mean()?);
    if let (Some(one), Some(other)) = (tokens(before), tokens(candidate))
        && one > 0.0
        && other <= one * FEWER_TOKENS
    {
        let fewer = (1.0 - other / one) * 100.0;
        found.push(say(
            format!("{fewer:.0} % minder tokens."),
            format!("{fewer:.0} % fewer tokens."),
        ));
    }
    if let (Some(one), Some(other)) = (passing(candidate), passing(before)) {
        let more = difference(one, other);
        // Rounding must not take away what is exactly three points.
        if more.estimate >= BETTER - 1e-9 && more.low > 0.0 {
            let (nl, en) = points(more.estimate);
            let (low_nl, low_en) = points(more.low);
            let (high_nl, high_en) = points(more.high);
            found.push(say(
                format!("De tekst voldoet {nl} procentpunt vaker aan de regels (met 95 % zekerheid tussen {low_nl} en {high_nl})."),
                format!("The text keeps the rules {en} percentage points more often (with 95% certainty between {low_en} and {high_en})."),
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::Sum;
    use proptest::prelude::*;

    /// So many times the same, with a little around it.
    fn sum(n: u32, mean: f64) -> Sum {
        let mut sum = Sum::default();
        for at in 0..n {
            sum.add(mean + if at % 2 == 0 { 1.0 } else { -1.0 });
        }
        sum
    }

    /// 200 texts, of which so many percent pass and are thrown away.
    fn figures(arm: &str, passed: u32, discarded: u32, tokens: f64, latency: f64) -> ArmFigures {
        ArmFigures {
            experiment: "kort".to_owned(),
            arm: arm.to_owned(),
            drafts: 200,
            passed: 2 * passed,
            discarded: 2 * discarded,
            kept: 200 - 2 * discarded,
            tokens_in: sum(200, tokens),
            tokens_out: sum(200, 300.0),
            latency_ms: sum(200, latency),
            ..ArmFigures::default()
        }
    }

    fn decision(before: &ArmFigures, candidate: &ArmFigures) -> Decision {
        let verdict = verdict(before, candidate, IN_USE);
        assert!(!verdict.reasons.is_empty());
        verdict.decision
    }

    #[test]
    fn a_version_is_promoted_for_a_gain_without_a_loss() {
        let before = figures("nu", 80, 20, 900.0, 2_000.0);
        for (name, candidate, expected) in [
            (
                "as it was",
                figures("b", 80, 20, 900.0, 2_000.0),
                Decision::No,
            ),
            (
                "a fifth fewer tokens",
                figures("b", 80, 20, 660.0, 2_000.0),
                Decision::Promote,
            ),
            (
                "not quite a fifth",
                figures("b", 80, 20, 662.0, 2_000.0),
                Decision::No,
            ),
            (
                "three points better, which may be chance",
                figures("b", 83, 20, 900.0, 2_000.0),
                Decision::No,
            ),
            (
                "better beyond chance",
                figures("b", 90, 20, 900.0, 2_000.0),
                Decision::Promote,
            ),
            (
                "better and a tenth slower",
                figures("b", 90, 20, 900.0, 2_200.0),
                Decision::Promote,
            ),
            (
                "better and slower than that",
                figures("b", 90, 20, 900.0, 2_202.0),
                Decision::No,
            ),
            (
                "cheaper and far worse",
                figures("b", 60, 20, 500.0, 2_000.0),
                Decision::No,
            ),
            (
                "cheaper and worse by chance",
                figures("b", 77, 20, 500.0, 2_000.0),
                Decision::Promote,
            ),
            (
                "cheaper and thrown away",
                figures("b", 80, 40, 500.0, 2_000.0),
                Decision::No,
            ),
        ] {
            assert_eq!(decision(&before, &candidate), expected, "{name}");
        }
    }

    #[test]
    fn a_sure_gain_of_less_than_three_points_is_none() {
        let large = |arm, passed| ArmFigures {
            drafts: 10_000,
            passed,
            ..figures(arm, 0, 10, 900.0, 2_000.0)
        };
        let before = large("nu", 8_000);
        for (passed, expected) in [(8_290, Decision::No), (8_300, Decision::Promote)] {
            assert_eq!(decision(&before, &large("b", passed)), expected, "{passed}");
        }
    }

    #[test]
    fn of_equal_versions_few_are_promoted_by_chance() {
        // A linear congruential generator (D.E. Knuth, MMIX): the same lots in each run.
        let mut state = 20_261_121_u64;
        let mut lot = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        for (drafts, share) in [(100, 0.8), (100, 0.5), (100, 0.95), (400, 0.8)] {
            let mut arm = |name| ArmFigures {
                drafts,
                passed: (0..drafts).filter(|_| lot() < share).count() as u32,
                ..figures(name, 0, 10, 900.0, 2_000.0)
            };
            let promoted = (0..2_000)
                .filter(|_| decision(&arm("nu"), &arm("b")) == Decision::Promote)
                .count();
            assert!(promoted <= 100, "{drafts} {share}: {promoted} of 2,000");
        }
    }

    #[test]
    fn a_loss_is_told_in_percentage_points_with_its_bound() {
        let verdict = verdict(
            &figures("nu", 90, 20, 900.0, 2_000.0),
            &figures("b", 75, 20, 900.0, 2_000.0),
            IN_USE,
        );
        assert_eq!(
            verdict.reasons[0].nl,
            "De tekst voldoet 15,0 procentpunt minder vaak aan de regels (met 95 % zekerheid ten minste 7,6)."
        );
    }

    #[test]
    fn what_nobody_notices_is_not_slower() {
        let before = figures("nu", 80, 20, 900.0, 500.0);
        for (latency, expected) in [(600.0, Decision::Promote), (601.0, Decision::No)] {
            let candidate = figures("b", 90, 20, 900.0, latency);
            assert_eq!(decision(&before, &candidate), expected, "{latency}");
        }
    }

    #[test]
    fn nothing_is_said_before_there_is_enough() {
        let (before, better) = (
            figures("nu", 50, 20, 900.0, 2_000.0),
            figures("b", 100, 0, 400.0, 1_000.0),
        );
        assert_eq!(decision(&before, &better), Decision::Promote);
        for few in [
            ArmFigures {
                drafts: 99,
                ..better.clone()
            },
            ArmFigures {
                kept: 29,
                discarded: 0,
                ..better.clone()
            },
        ] {
            assert_eq!(decision(&before, &few), Decision::NotYet);
            assert_eq!(decision(&few, &before), Decision::NotYet);
        }
        let nobody = |figures: ArmFigures| ArmFigures {
            kept: 0,
            discarded: 0,
            ..figures
        };
        let verdict = verdict(&nobody(before), &nobody(better), ON_A_LIST);
        assert_eq!(verdict.decision, Decision::Promote);
    }

    proptest! {
        #[test]
        fn what_is_not_worse_in_anything_and_cheaper_is_promoted(
            passed in 0_u32..=100, discarded in 0_u32..=100, tokens in 500.0..2_000.0_f64,
        ) {
            let before = figures("nu", passed, discarded, tokens, 1_000.0);
            let candidate = figures("b", passed, discarded, (tokens + 300.0) * 0.79 - 300.0, 1_000.0);
            prop_assert_eq!(decision(&before, &candidate), Decision::Promote);
        }

        #[test]
        fn of_two_versions_at_most_one_beats_the_other_by_the_rules(
            one in 0_u32..=100, other in 0_u32..=100,
        ) {
            let of = |arm, passed| figures(arm, passed, 10, 900.0, 1_000.0);
            let (one, other) = (of("a", one), of("b", other));
            let both = decision(&one, &other) == Decision::Promote
                && decision(&other, &one) == Decision::Promote;
            prop_assert!(!both);
        }
    }
}
