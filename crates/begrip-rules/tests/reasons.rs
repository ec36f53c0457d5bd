//! A reason says what is wrong and what to do, word for word.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

use begrip_domain::{Category, Context};
use begrip_rules::{Outcome, RulePack, Subject};

/// Rule, text, outcome, reason.
const REASONS: &[(&str, &str, Outcome, &str)] = &[
    (
        "INT-07",
        "maatregel die het OM aan DJI vraagt na een melding van het OM",
        Outcome::Fail,
        "De afkortingen ‘OM’ en ‘DJI’ zijn niet voluit geschreven.",
    ),
    (
        "INT-07",
        "uitleg die een rechter gaf in ECLI:NL:HR:2015:1234 over bewijs",
        Outcome::Pass,
        "",
    ),
    (
        "INT-06",
        "uitspraak van een rechter, te weten een vonnis of een arrest",
        Outcome::Fail,
        "‘te weten’ begint een uitputtende opsomming. Noem het gemeenschappelijke kenmerk.",
    ),
    (
        "STR-03",
        "boete of taakstraf",
        Outcome::Fail,
        "Dit is een opsomming. Noem het ruimere begrip en wat de leden gemeen hebben.",
    ),
    (
        "STR-03",
        "sanctie",
        Outcome::Fail,
        "Dit is alleen een ander woord voor de term. Zeg waarin het begrip zich onderscheidt.",
    ),
    (
        "STR-08",
        "vergunning die een raad verleent en waarin een termijn staat",
        Outcome::NeedsPerson,
        "‘en’ verbindt twee kenmerken. Ga na of duidelijk is dat beide nodig zijn.",
    ),
    (
        "STR-09",
        "persoon die een feit pleegt of die daarbij helpt",
        Outcome::NeedsPerson,
        "‘of’ verbindt twee kenmerken. Ga na of duidelijk is dat één volstaat, of dat het ene het andere uitsluit.",
    ),
    (
        "ESS-03",
        "groot gebouw met stevige muren",
        Outcome::NeedsPerson,
        "Niets zegt waarin exemplaren van ‘gebouw’ van elkaar verschillen. Ga na of de lezer ze kan tellen.",
    ),
    (
        "VER-02",
        "straffen die een rechter naast elkaar oplegt",
        Outcome::Fail,
        "‘straffen’ is meervoud, maar de term is enkelvoud. Gebruik het enkelvoud, of begin met een verzamelwoord (groep, geheel, samenstel).",
    ),
    (
        "INT-03",
        "brief die wij aan een getuige sturen",
        Outcome::Fail,
        "‘wij’ laat open wie bedoeld is. Noem de persoon of de organisatie.",
    ),
    (
        "INT-03",
        "dit is de fase waarin een rechter een zaak behandelt",
        Outcome::Pass,
        "",
    ),
];

#[test]
fn a_reason_says_what_to_do() {
    let pack = RulePack::built_in().unwrap();
    let context = Context::default();
    for (rule, text, outcome, reason) in REASONS {
        let report = pack.check(&Subject {
            term: "voorbeeld",
            synonyms: &[],
            text,
            context: &context,
            category: Some(Category::Type),
            has_source: None,
        });
        let finding = report
            .findings
            .iter()
            .find(|f| f.rule.as_str() == *rule)
            .unwrap();
        assert_eq!(
            (finding.outcome, &*finding.reason),
            (*outcome, *reason),
            "{rule} {text}"
        );
    }
}
