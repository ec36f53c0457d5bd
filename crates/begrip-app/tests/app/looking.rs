//! Looking up, listing, checking and what is suggested: at once, and without asking any model.

use std::sync::Arc;

use begrip_app::clock::FixedClock;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Program, Workplace, fields};

const TERM: &str = "enkelbandtoezicht";
const TEXT: &str = "toezicht waarbij de plaats van een persoon op afstand wordt gevolgd";

async fn keep(program: &Program, change: impl FnOnce(&mut Value)) -> Value {
    let mut fields = fields(TERM, TEXT);
    change(&mut fields);
    let saved = program
        .call("concept_save", json!({ "fields": fields }))
        .await;
    assert_eq!(saved["outcome"], "kept", "{saved}");
    saved["view"]["concept"]["id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_own_context_goes_first() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let mut ids = Vec::new();
    for organisation in ["OM", "DJI"] {
        let context = json!([organisation]);
        ids.push(
            keep(&program, |fields| {
                fields["context"]["organisations"] = context
            })
            .await,
        );
    }
    for (organisation, id) in ["OM", "DJI"].iter().zip(&ids) {
        let mut settings = program.settings().await;
        settings["user"]["own_context"]["organisations"] = json!([organisation]);
        let _ = program.call("settings_save", settings).await;
        let found = program.call("search", json!({ "query": TERM })).await;
        assert_eq!(&found["hits"][0]["id"], id, "{organisation}");
        assert_eq!(found["hits"].as_array().unwrap().len(), 2);
    }
    assert_eq!(workplace.model.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_tells_whether_a_concept_holds_and_what_is_over_goes_along_with_no_draft() {
    let mut workplace = Workplace::new().await;
    workplace.clock = Arc::new(FixedClock::at("2026-12-31T12:00:00Z".parse().unwrap()));
    let program = workplace.open().await;
    let (old, new) = (
        json!({ "until": "2026-12-31" }),
        json!({ "from": "2027-01-01" }),
    );
    let mut ids = Vec::new();
    for (organisation, validity) in [("OM", &old), ("DJI", &new)] {
        let change = |fields: &mut Value| {
            fields["context"]["organisations"] = json!([organisation]);
            fields["definition"] = json!(format!("{TEXT} door {organisation}"));
            fields["validity"] = validity.clone();
        };
        ids.push(keep(&program, change).await);
    }
    let found = async |program: &Program| -> Vec<(Value, Value)> {
        let found = program.call("search", json!({ "query": TERM })).await;
        let hits = found["hits"].as_array().unwrap().clone();
        let told = |hit: &Value| (hit["id"].clone(), hit["in_force"].clone());
        hits.iter().map(told).collect()
    };
    let preview = async |program: &Program| -> String {
        let input = json!({ "term": "enkelband" });
        program.call("preview", input).await["messages"].to_string()
    };
    assert_eq!(
        found(&program).await,
        [
            (ids[0].clone(), json!("now")),
            (ids[1].clone(), json!("not_yet"))
        ]
    );
    let sent = preview(&program).await;
    assert!(sent.contains("gevolgd door OM"), "{sent}");
    let view = program.call("concept_get", json!({ "id": ids[0] })).await;
    assert_eq!(
        (&view["concept"]["validity"], &view["in_force"]),
        (&old, &json!("now"))
    );
    workplace.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(
        found(&program).await,
        [
            (ids[1].clone(), json!("now")),
            (ids[0].clone(), json!("no_longer"))
        ]
    );
    let sent = preview(&program).await;
    assert!(sent.contains("gevolgd door DJI"), "{sent}");
    assert!(!sent.contains("gevolgd door OM"), "{sent}");
    let request = json!({ "id": ids[0], "form": "citation" });
    let copied = program.call("concept_copy", request).await;
    let text = copied["text"].as_str().unwrap();
    assert!(
        text.contains("geldt niet meer sinds 1 januari 2027"),
        "{text}"
    );
    let list = program.call("concept_list", json!({})).await;
    let rows = list["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == ids[0]).unwrap();
    assert_eq!(
        (&row["validity"], &row["in_force"]),
        (&old, &json!("no_longer"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_by_term_synonym_and_text_and_bears_anything() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let id = keep(&program, |fields| {
        fields["synonyms"] = json!(["polsbandcontrole"])
    })
    .await;
    for query in [
        TERM,
        "ENKELBAND",
        "polsbandcontrole",
        "op afstand wordt gevolgd",
    ] {
        let found = program.call("search", json!({ "query": query })).await;
        assert_eq!(found["hits"][0]["id"], id, "{query}");
        assert_eq!(found["query"], query);
    }
    for query in ["", " ", "\"", "*", "a OR", "NEAR(", "%", "\u{0}", "⚖️"] {
        let found = program.call("search", json!({ "query": query })).await;
        assert!(found["hits"].is_array(), "{query:?}");
    }
    let few = program
        .call("search", json!({ "query": "straf", "limit": 3 }))
        .await;
    assert_eq!(few["hits"].as_array().unwrap().len(), 3);
    for limit in [0, 1_000_000] {
        let bounded = program
            .call("search", json!({ "query": "de", "limit": limit }))
            .await;
        assert!(bounded["hits"].as_array().unwrap().len() <= 100);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_the_same_is_named_by_its_kind() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let id = keep(&program, |fields| {
        fields["synonyms"] = json!(["polsbandcontrole"])
    })
    .await;
    let elsewhere = json!({ "organisations": ["DJI"] });
    let cases = [
        (json!({ "term": "Enkelbandtoezicht" }), "same_concept"),
        (
            json!({ "term": TERM, "context": elsewhere }),
            "other_context",
        ),
        (json!({ "term": "polsbandcontrole" }), "synonym"),
        (
            json!({ "term": "volgen op afstand", "text": TEXT }),
            "near_text",
        ),
    ];
    for (request, kind) in cases {
        let found = program.call("duplicates", request.clone()).await;
        assert_eq!(found[0]["row"]["id"], id, "{request}: {found}");
        assert_eq!(found[0]["kind"], kind, "{request}");
    }
    for term in ["", "  ", "iets dat nergens staat"] {
        assert_eq!(
            program.call("duplicates", json!({ "term": term })).await,
            json!([])
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_a_list_hold_each_concept_once() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    for sort in ["term", "modified", "status"] {
        let mut ids = std::collections::BTreeSet::new();
        let mut terms = Vec::new();
        for offset in (0..400).step_by(100) {
            let request = json!({ "sort": sort, "offset": offset, "limit": 100 });
            let page = program.call("concept_list", request).await;
            assert_eq!(page["total"], 310);
            for row in page["rows"].as_array().unwrap() {
                assert!(ids.insert(row["id"].to_string()), "{sort}: twice: {row}");
                terms.push(row["term"].as_str().unwrap().to_lowercase());
            }
        }
        assert_eq!(ids.len(), 310, "{sort}");
        if sort == "term" {
            assert!(terms[0].starts_with('a'), "{}", terms[0]);
            assert!(terms[309] > terms[0]);
        }
    }
    let usual = program.call("concept_list", json!({})).await;
    assert_eq!(usual["rows"].as_array().unwrap().len(), 50);
    let most = program
        .call("concept_list", json!({ "limit": 1_000_000 }))
        .await;
    assert_eq!(most["rows"].as_array().unwrap().len(), 310);
    let none = json!({ "filter": { "origins": ["model"] } });
    let page = program.call("concept_list", none).await;
    assert_eq!(
        (
            page["total"].as_u64(),
            page["rows"].as_array().unwrap().len()
        ),
        (Some(0), 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_finds_what_is_wrong_and_refuses_what_is_too_long() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let outcomes = async |text: &str| {
        let report = program
            .call("check", json!({ "term": "contactverbod", "text": text }))
            .await;
        let findings = report["findings"].as_array().unwrap().clone();
        findings
            .iter()
            .filter(|finding| finding["outcome"] == "fail")
            .count()
    };
    let bad = outcomes("Een contactverbod is een contactverbod.").await;
    let good = outcomes("verbod om contact te zoeken met een bepaalde persoon").await;
    assert!(bad > good, "{bad} against {good}");
    let _ = outcomes("").await;
    let _ = outcomes(&"a".repeat(20_000)).await;
    let request = json!({ "term": "x", "text": "a".repeat(20_001) });
    assert_eq!(program.refused("check", request).await, "BG-103");
    let rules = program.call("rules_list", json!({})).await;
    let info = program.call("app_info", Value::Null).await;
    assert_eq!(json!(rules.as_array().unwrap().len()), info["rules"]);
    assert_eq!(workplace.model.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_suggested_by_kind_and_by_what_is_typed() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let suggest = async |kind: &str, query: &str| {
        let request = json!({ "kind": kind, "query": query });
        let suggested = program.call("context_suggest", request).await;
        let labels = suggested.as_array().unwrap().clone();
        labels
            .iter()
            .map(|label| label.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(suggest("organisation", "").await[0], "OM");
    assert_eq!(suggest("legal_area", "penit").await, ["penitentiair recht"]);
    assert!(suggest("statutory_basis", "strafvordering").await[0].ends_with("Strafvordering"));
    assert_eq!(
        suggest("organisation", "bestaat niet").await,
        Vec::<String>::new()
    );
    for kind in ["organisation", "legal_area", "statutory_basis"] {
        assert!(suggest(kind, "").await.len() <= 12);
    }
}
