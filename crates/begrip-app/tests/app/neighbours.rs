//! The rules that compare a text with other concepts: the same beside the store as beside concepts
//! in memory.

use begrip_domain::{Context, Label};
use begrip_rules::{Finding, Neighbour, Outcome, Report, RulePack, Shelf, Subject};
use serde_json::{Value, json};

use crate::support::{Program, Workplace, fields};

/// The rules that need other concepts.
const NINE: [&str; 9] = [
    "DUP-01", "ESS-05", "SAM-01", "SAM-02", "SAM-03", "SAM-04", "SAM-05", "SAM-06", "SAM-08",
];

/// A concept: term, synonyms parted by commas, area of law, definition.
type Concept = (&'static str, &'static str, &'static str, &'static str);

/// A text beside concepts, and what one rule says of it.
struct Case {
    beside: &'static [Concept],
    checked: Concept,
    rule: &'static str,
    outcome: Outcome,
    /// A part of the reason.
    says: &'static str,
}

const AREA: &str = "proefrecht";

/// Each case has words of its own, so that all of them can stand in one store.
const CASES: &[Case] = &[
    Case {
        beside: &[(
            "zandpas",
            "",
            AREA,
            "bewijs van betaling voor het gebruik van zand",
        )],
        checked: (
            "Zandpassen",
            "",
            AREA,
            "kaart waarmee een houder een strand betreedt",
        ),
        rule: "DUP-01",
        outcome: Outcome::Fail,
        says: "‘zandpas’ bestaat al",
    },
    Case {
        beside: &[(
            "zeepas",
            "",
            AREA,
            "bewijs van betaling voor het gebruik van zee",
        )],
        checked: (
            "zeepas",
            "",
            "vaarrecht",
            "document voor een schipper op een binnenwater",
        ),
        rule: "DUP-01",
        outcome: Outcome::Pass,
        says: "",
    },
    Case {
        beside: &[(
            "meerpas",
            "",
            AREA,
            "bewijs dat een visser na afloop van een wedstrijd bij een loket toont",
        )],
        checked: (
            "plaspas",
            "",
            AREA,
            "Een bewijs dat de visser na de afloop van de wedstrijd bij het loket toont.",
        ),
        rule: "DUP-01",
        outcome: Outcome::Fail,
        says: "definitie van ‘meerpas’ (100 % gelijk)",
    },
    Case {
        beside: &[(
            "duinpas",
            "",
            AREA,
            "bewijs dat een wandelaar na afloop van een tocht bij een boswachter toont",
        )],
        checked: (
            "heidepas",
            "",
            AREA,
            "bewijs dat een wandelaar vóór afloop van een tocht bij een boswachter toont",
        ),
        rule: "DUP-01",
        outcome: Outcome::Pass,
        says: "",
    },
    Case {
        beside: &[(
            "poortwachter",
            "",
            AREA,
            "medewerker die op een terrein een voertuig weegt en een slagboom opent",
        )],
        checked: (
            "weger",
            "",
            AREA,
            "medewerker die een voertuig op een terrein weegt",
        ),
        rule: "ESS-05",
        outcome: Outcome::Fail,
        says: "past even goed op ‘poortwachter’",
    },
    Case {
        beside: &[("kudde", "", AREA, "groep van dieren op een weide")],
        checked: (
            "gemengde kudde",
            "",
            AREA,
            "verplaatsing van runderen en schapen over een dijk",
        ),
        rule: "SAM-01",
        outcome: Outcome::NeedsPerson,
        says: "Elders betekent ‘kudde’",
    },
    Case {
        beside: &[(
            "kade",
            "",
            AREA,
            "verharde oever waaraan een schip aanlegt en lost",
        )],
        checked: (
            "gesloten kade",
            "",
            AREA,
            "verharde oever waaraan een schip aanlegt en lost, achter een hek",
        ),
        rule: "SAM-02",
        outcome: Outcome::Fail,
        says: "herhaalt de definitie van ‘kade’",
    },
    Case {
        beside: &[(
            "imker",
            "",
            AREA,
            "houder van bijen die honing van een volk oogst",
        )],
        checked: (
            "honingmarkt",
            "",
            AREA,
            "verkoop door houders van bijen die de honing van het volk oogsten, op een plein",
        ),
        rule: "SAM-03",
        outcome: Outcome::Pass,
        says: "",
    },
    Case {
        beside: &[(
            "visafslag",
            "",
            AREA,
            "gebouw waarin een afslager verse vis van een kotter veilt",
        )],
        checked: (
            "afslagleider",
            "",
            AREA,
            "hoofd van een gebouw waarin een afslager verse vis van een kotter veilt",
        ),
        rule: "SAM-03",
        outcome: Outcome::Fail,
        says: "definitie van ‘visafslag’ voluit",
    },
    Case {
        beside: &[
            ("veiling", "", AREA, "verkoop aan wie het meeste biedt"),
            (
                "loods",
                "",
                AREA,
                "gebouw zonder ramen voor opslag van goederen",
            ),
        ],
        checked: (
            "bloemenveiling",
            "",
            AREA,
            "loods met koeling voor snijbloemen",
        ),
        rule: "SAM-04",
        outcome: Outcome::Fail,
        says: "eindigt op ‘veiling’",
    },
    Case {
        beside: &[(
            "kwekerij",
            "",
            AREA,
            "bedrijf dat planten in een kas opkweekt",
        )],
        checked: (
            "rozenkwekerij",
            "",
            AREA,
            "onderneming met rozen als enige plant",
        ),
        rule: "SAM-04",
        outcome: Outcome::NeedsPerson,
        says: "een soort ‘kwekerij’",
    },
    Case {
        beside: &[(
            "tolhek",
            "slagboom bij een tolweg",
            AREA,
            "afsluiting van een weg waar een tolgaarder heft",
        )],
        checked: (
            "tolgaarder",
            "",
            AREA,
            "persoon die bij tolhekken geld van bestuurders int",
        ),
        rule: "SAM-05",
        outcome: Outcome::Fail,
        says: "kring: tolgaarder → tolhek → tolgaarder",
    },
    Case {
        beside: &[(
            "houten vlonder",
            "",
            AREA,
            "plankier dat een steigermeester onderhoudt",
        )],
        checked: (
            "steigermeester",
            "",
            AREA,
            "beheerder van houten vlonders langs een oever",
        ),
        rule: "SAM-05",
        outcome: Outcome::Fail,
        says: "kring: steigermeester → houten vlonder → steigermeester",
    },
    Case {
        // The longer name counts, and that one leads nowhere.
        beside: &[
            ("vlot", "", AREA, "drijvend plankier dat een veerman vaart"),
            ("vlot van riet", "", AREA, "nest van een fuut op het water"),
        ],
        checked: ("veerman", "", AREA, "persoon die op een vlot van riet let"),
        rule: "SAM-05",
        outcome: Outcome::Pass,
        says: "",
    },
    Case {
        // Of two concepts with one name the one in the same field is meant.
        beside: &[
            ("sleper", "", AREA, "schip met een zware motor"),
            (
                "sleper",
                "",
                "wegrecht",
                "voertuig dat een bergingsmeester bestuurt",
            ),
        ],
        checked: ("bergingsmeester", "", AREA, "persoon die een sleper huurt"),
        rule: "SAM-05",
        outcome: Outcome::Pass,
        says: "",
    },
    Case {
        beside: &[("dijkgraaf", "", AREA, "bestuurder die een bannier benoemt")],
        checked: (
            "dijkdrager",
            "bannier",
            AREA,
            "persoon die voor een dijkgraaf loopt",
        ),
        rule: "SAM-05",
        outcome: Outcome::Fail,
        says: "kring: dijkdrager → dijkgraaf → dijkdrager",
    },
    Case {
        beside: &[],
        checked: (
            "palmhoeder",
            "palmwacht",
            AREA,
            "persoon die als palmwacht bij een kas werkt",
        ),
        rule: "SAM-05",
        outcome: Outcome::Fail,
        says: "kring: palmhoeder → palmhoeder",
    },
    Case {
        beside: &[("smidse", "", AREA, "werkplaats met een aambeeld")],
        checked: (
            "hoefstal",
            "smidse",
            AREA,
            "overkapping waaronder een hoefsmid een paard beslaat",
        ),
        rule: "SAM-06",
        outcome: Outcome::Fail,
        says: "‘smidse’ is ook de voorkeursterm",
    },
    Case {
        beside: &[(
            "kerkuil",
            "nachtvogel",
            AREA,
            "roofvogel met een wit gezicht",
        )],
        checked: ("nachtvogel", "", AREA, "dier dat in het donker jaagt"),
        rule: "SAM-08",
        outcome: Outcome::Fail,
        says: "‘kerkuil’ is een synoniem",
    },
];

fn labels(list: &str) -> Vec<Label> {
    list.split(',')
        .filter(|label| !label.is_empty())
        .map(|label| Label::new(label).unwrap())
        .collect()
}

fn context(area: &str) -> Context {
    Context {
        legal_areas: labels(area).into_iter().collect(),
        ..Context::default()
    }
}

/// What is shown at a key, before the rest has looked through the store.
#[tokio::test(flavor = "multi_thread")]
async fn the_rules_over_the_text_alone_say_the_same_without_the_nine() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    for text in [
        "een persoon tegen wie een verdenking bestaat, zoals een dief",
        "verbod om contact te zoeken met een bepaalde persoon",
        "",
    ] {
        let request = json!({ "term": "verdachte", "text": text });
        let alone = report(program.call("check_text", request.clone()).await);
        let mut all = report(program.call("check", request).await);
        assert_eq!(nine(&all).len(), NINE.len());
        let fixes = |report: &Report| report.findings.iter().filter(|f| f.fix.is_some()).count();
        assert_eq!(fixes(&alone), fixes(&all), "{text}");
        all.findings
            .retain(|finding| !NINE.contains(&finding.rule.as_str()));
        assert_eq!(alone.findings, all.findings, "{text}");
        assert_eq!(alone.pack_version, all.pack_version);
    }
    let request = json!({ "term": "x", "text": "a".repeat(20_001) });
    assert_eq!(program.refused("check_text", request).await, "BG-103");
}

async fn keep(program: &Program, (term, synonyms, area, definition): Concept) -> Value {
    let mut fields = fields(term, definition);
    fields["synonyms"] = json!(labels(synonyms));
    fields["context"] = json!(context(area));
    let saved = program
        .call("concept_save", json!({ "fields": fields }))
        .await;
    assert_eq!(saved["outcome"], "kept", "{saved}");
    saved["view"]["concept"].clone()
}

async fn check(program: &Program, (term, synonyms, area, text): Concept) -> Report {
    let request = json!({
        "term": term, "synonyms": labels(synonyms), "context": context(area), "text": text,
    });
    report(program.call("check", request).await)
}

fn report(value: Value) -> Report {
    serde_json::from_value(value).unwrap()
}

/// What the nine rules say.
fn nine(report: &Report) -> Vec<&Finding> {
    let findings = report.findings.iter();
    findings
        .filter(|finding| NINE.contains(&finding.rule.as_str()))
        .collect()
}

fn finding<'r>(report: &'r Report, rule: &str) -> &'r Finding {
    report
        .findings
        .iter()
        .find(|finding| finding.rule.as_str() == rule)
        .unwrap()
}

fn neighbour((term, synonyms, area, definition): Concept) -> Neighbour {
    Neighbour {
        term: term.to_owned(),
        synonyms: labels(synonyms).iter().map(ToString::to_string).collect(),
        context: context(area),
        definition: definition.to_owned(),
        ..Neighbour::default()
    }
}

/// The starter set in memory.
fn starter() -> Shelf {
    let concepts = begrip_app::starter::concepts(jiff::Timestamp::UNIX_EPOCH).unwrap();
    let neighbours = concepts.into_iter().map(|concept| Neighbour {
        term: concept.fields.term.to_string(),
        synonyms: concept
            .fields
            .synonyms
            .iter()
            .map(ToString::to_string)
            .collect(),
        context: concept.fields.context,
        category: concept.fields.category,
        definition: concept.fields.definition,
        ..Neighbour::default()
    });
    neighbours.collect()
}

fn beside_shelf(shelf: &Shelf, (term, synonyms, area, text): Concept) -> Report {
    let subject = Subject {
        term,
        synonyms: &labels(synonyms),
        text,
        context: &context(area),
        category: None,
        has_source: None,
    };
    RulePack::built_in().unwrap().check_with(&subject, shelf)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_and_a_shelf_say_the_same_and_what_was_meant() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let mut shelf = starter();
    for concept in CASES.iter().flat_map(|case| case.beside) {
        keep(&program, *concept).await;
        shelf.add(neighbour(*concept));
    }
    for case in CASES {
        let in_store = check(&program, case.checked).await;
        let in_memory = beside_shelf(&shelf, case.checked);
        assert_eq!(nine(&in_store), nine(&in_memory), "{:?}", case.checked);
        let found = finding(&in_store, case.rule);
        assert_eq!(
            found.outcome, case.outcome,
            "{:?}: {}",
            case.checked, found.reason
        );
        assert!(
            found.reason.contains(case.says),
            "{:?}: {}",
            case.checked,
            found.reason
        );
        let others: Vec<_> = nine(&in_store)
            .into_iter()
            .filter(|found| case.outcome == Outcome::Pass && found.outcome != Outcome::Pass)
            .collect();
        assert!(others.is_empty(), "{:?}: {others:?}", case.checked);
    }
}

const RING: [&str; 7] = [
    "aakvlag", "bimvlag", "dorvlag", "eldvlag", "filvlag", "golvlag", "hulvlag",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_circle_of_any_length_is_found_and_broken_by_withdrawing_a_concept() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let named = |length: usize, at: usize| format!("{}{length}", RING[at % length]);
    for length in [2, 3, 7] {
        let text = |at| {
            format!(
                "doek dat een bode naast een {} hijst",
                named(length, at + 1)
            )
        };
        let mut kept = Vec::new();
        for at in 1..length {
            kept.push(program.keep(&named(length, at), &text(at)).await);
        }
        let request = json!({ "term": named(length, 0), "text": text(0) });
        let found = report(program.call("check", request.clone()).await);
        let mut path: Vec<String> = (0..length).map(|at| named(length, at)).collect();
        path.push(named(length, 0));
        let circle = finding(&found, "SAM-05");
        assert_eq!(circle.outcome, Outcome::Fail, "{length}");
        assert!(
            circle.reason.contains(&path.join(" → ")),
            "{}",
            circle.reason
        );

        let middle = &kept[kept.len() / 2];
        let withdraw = json!({
            "id": middle["id"], "base_version": 1, "status": "withdrawn", "reason": "",
        });
        program.call("concept_status", withdraw).await;
        let found = report(program.call("check", request).await);
        assert_eq!(finding(&found, "SAM-05").outcome, Outcome::Pass, "{length}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concept_is_no_neighbour_of_itself() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let kept = keep(
        &program,
        (
            "vlaspas",
            "",
            AREA,
            "bewijs dat een teler bij een akker toont",
        ),
    )
    .await;
    let view = program
        .call("concept_get", json!({ "id": kept["id"] }))
        .await;
    let seen = report(view["report"].clone());
    assert_eq!(finding(&seen, "DUP-01").outcome, Outcome::Pass);
    let mut request = json!({
        "id": kept["id"], "term": kept["term"], "context": kept["context"], "text": kept["definition"],
    });
    let own = report(program.call("check", request.clone()).await);
    assert_eq!(finding(&own, "DUP-01").outcome, Outcome::Pass);
    request["id"] = Value::Null;
    let other = report(program.call("check", request).await);
    assert_eq!(finding(&other, "DUP-01").outcome, Outcome::Fail);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_concept_of_the_starter_set_fails_beside_the_others() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let page = program
        .call(
            "concept_list",
            json!({ "filter": {}, "sort": "term", "offset": 0, "limit": 500 }),
        )
        .await;
    let rows = page["rows"].as_array().unwrap();
    assert!(rows.len() >= 150);
    let (mut failing, mut asking) = (Vec::new(), 0);
    for row in rows {
        let view = program
            .call("concept_get", json!({ "id": row["id"] }))
            .await;
        for found in nine(&report(view["report"].clone())) {
            match found.outcome {
                Outcome::Pass => {}
                Outcome::NeedsPerson => asking += 1,
                Outcome::Fail => failing.push(format!("{}: {}", row["term"], found.reason)),
            }
        }
    }
    assert!(failing.is_empty(), "{failing:#?}");
    assert!(asking * 50 < rows.len(), "{asking} questions");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concept_that_is_there_already_is_told_and_costs_no_repair_and_no_place_in_the_cache() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let term = "contactverbod";
    program
        .keep(term, "iets dat al was vastgelegd over contact")
        .await;
    let first = program.draft(term).await;
    let found = report(first["report"].clone());
    assert_eq!(finding(&found, "DUP-01").outcome, Outcome::Fail);
    assert_eq!(
        first["calls"], 1,
        "another text would be a duplicate as well"
    );
    let again = program.draft(term).await;
    assert_eq!(again["cache"], "memory");
    assert_eq!(workplace.model.calls(), 1);
}
