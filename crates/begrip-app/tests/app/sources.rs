//! Laws and decisions through the command schema.

use std::io::{Cursor, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use begrip_mock_model::{Behaviour, When};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::{Program, Workplace};

pub const XML: &str =
    include_str!("../../../begrip-interchange/tests/files/BWBR0099901_2026-01-01_0.xml");
pub const MARKDOWN: &str = include_str!("../../../begrip-interchange/tests/files/proefzakenwet.md");
const DECISION: &str = include_str!("../../../begrip-interchange/tests/files/uitspraak.xml");

pub async fn import(program: &Program, files: &[(&str, &[u8])]) -> Vec<Value> {
    let files: Vec<Value> = files
        .iter()
        .map(|(name, bytes)| json!({ "name": name, "content": STANDARD.encode(bytes) }))
        .collect();
    let outcomes = program
        .call("sources_import", json!({ "files": files }))
        .await;
    outcomes.as_array().unwrap().clone()
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_law_is_read_shown_at_each_day_and_found_by_words() {
    let place = Workplace::new().await;
    let program = place.open_without_model().await;
    let files: [(&str, &[u8]); 3] = [
        ("wet.md", MARKDOWN.as_bytes()),
        ("wet.xml", XML.as_bytes()),
        ("uitspraak.xml", DECISION.as_bytes()),
    ];
    for outcome in import(&program, &files).await {
        assert_eq!(outcome["outcome"], "new", "{outcome}");
    }
    for outcome in import(&program, &files).await {
        assert_eq!(outcome["outcome"], "unchanged", "{outcome}");
        assert_eq!(outcome["concepts_changed"], 0, "{outcome}");
    }
    let list = program.call("sources_list", json!(null)).await;
    assert_eq!(list.as_array().unwrap().len(), 2);
    let versions = list[0]["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[1]["valid_to"], "2025-12-31");
    assert_eq!(
        (&versions[0]["in_force"], &versions[1]["in_force"]),
        (&json!(true), &json!(false))
    );
    for (day, text) in [
        ("2025-07-01", "beproefd;"),
        ("2026-01-01", "beproefd, bedoeld in artikel 2;"),
    ] {
        let request = json!({ "source": "proefzakenwet", "article": "1", "date": day });
        let article = program.call("source_article", request).await;
        assert!(article["text"].as_str().unwrap().contains(text), "{day}");
        assert_eq!(article["citation"]["article"], "1");
        assert_eq!(article["path"], "Hoofdstuk 1 Begripsbepalingen");
    }
    let contents = program
        .call("source_contents", json!({ "source": "BWBR0099901" }))
        .await;
    assert_eq!(contents["articles"].as_array().unwrap().len(), 3);
    let hits = program
        .call("sources_search", json!({ "query": "tussenvonnissen" }))
        .await;
    assert_eq!(hits[0]["number"], "2");
    assert!(
        hits[0]["text"]
            .as_str()
            .unwrap()
            .ends_with("niet beëindigt.")
    );
    let hits = program
        .call(
            "sources_search",
            json!({ "query": "oordeelt de rechtbank" }),
        )
        .await;
    assert_eq!(hits[0]["citation"]["address"], "ECLI:NL:RBPRF:2026:12");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_law_begins_to_hold_at_midnight_in_the_netherlands() {
    let place = Workplace::new().await;
    // In summer it is midnight here when it is 22:00 in universal time.
    let before: Timestamp = "2026-06-30T21:59:59Z".parse().unwrap();
    place.clock.advance(before.duration_since(place.now()));
    let program = place.open_without_model().await;
    let law = MARKDOWN.replace("geldig: 2025-06-01", "geldig: 2026-07-01");
    import(&program, &[("wet.md", law.as_bytes())]).await;
    let holds = async || {
        let list = program.call("sources_list", json!(null)).await;
        let hits = program
            .call("sources_search", json!({ "query": "proefzaak" }))
            .await;
        let found = !hits.as_array().unwrap().is_empty();
        (list[0]["versions"][0]["in_force"].clone(), found)
    };
    assert_eq!(holds().await, (json!(false), false));
    place.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(holds().await, (json!(true), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_law_defines_is_established_and_rests_on_its_article() {
    let place = Workplace::new().await;
    let program = place.open_without_model().await;
    import(&program, &[("wet.xml", XML.as_bytes())]).await;
    let found = program
        .call("search", json!({ "query": "proefzaak" }))
        .await;
    let hit = &found["hits"][0];
    assert_eq!(
        (&hit["status"], &hit["origin"]),
        (&json!("established"), &json!("statute"))
    );
    let concept = program
        .call("concept_get", json!({ "id": hit["id"] }))
        .await;
    // It holds as long as the version of the law does.
    assert_eq!(
        (&concept["concept"]["validity"], &concept["in_force"]),
        (&json!({ "from": "2026-01-01" }), &json!("now"))
    );
    let citation = &concept["concept"]["citations"][0];
    assert_eq!(citation["source"], "Proefzakenwet");
    assert_eq!(
        citation["address"],
        "jci1.31:c:BWBR0099901&artikel=1&lid=1&o=a"
    );
    let article = program
        .call("citation_article", json!({ "citation": citation }))
        .await;
    assert_eq!(article["number"], "1");
    // The same term with another text holds for its own article alone.
    let found = program
        .call("search", json!({ "query": "zittingsrooster" }))
        .await;
    let bases: Vec<&Value> = found["hits"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|hit| hit["term"] == "zittingsrooster")
        .map(|hit| &hit["context"]["statutory_bases"][0])
        .collect();
    assert_eq!(bases.len(), 2);
    assert!(
        bases.contains(&&json!("Proefzakenwet, artikel 3a")),
        "{bases:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_is_told_with_a_code_and_keeps_no_other_from_being_read() {
    let place = Workplace::new().await;
    let program = place.open_without_model().await;
    let half = &XML.as_bytes()[..900];
    let bomb = b"<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"b\">]><toestand>&a;</toestand>";
    let empty = zipped(&[("lees.txt", b"niets")]);
    let outcomes = import(
        &program,
        &[
            ("leeg.xml", b""),
            ("half.xml", half),
            ("bom.xml", bomb),
            ("foto.xml", b"\x89PNG\x00\x00\x01\x02"),
            ("onbekend.md", b"# Een wet\n### Artikel 1\nEen regel."),
            ("half.zip", b"PK\x03\x04rest"),
            ("leeg.zip", &empty),
            ("goed.xml", XML.as_bytes()),
        ],
    )
    .await;
    let codes: Vec<&str> = outcomes
        .iter()
        .map(|outcome| outcome["error"]["code"].as_str().unwrap_or("-"))
        .collect();
    assert_eq!(
        codes,
        [
            "BG-702", "BG-704", "BG-705", "BG-701", "BG-706", "BG-704", "BG-701", "-"
        ]
    );
    let list = program.call("sources_list", json!(null)).await;
    assert_eq!(list.as_array().unwrap().len(), 1, "nothing by halves");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zip_is_walked_and_one_that_swells_is_refused() {
    let place = Workplace::new().await;
    let program = place.open_without_model().await;
    let zip = zipped(&[
        ("wetten/wet.xml", XML.as_bytes()),
        ("wetten/wet.md", MARKDOWN.as_bytes()),
        ("foto.png", b"\x89PNG"),
        ("__MACOSX/wetten/._wet.xml", b"\x00\x05\x16"),
    ]);
    let outcomes = import(&program, &[("wetten.zip", &zip)]).await;
    let files: Vec<&Value> = outcomes.iter().map(|outcome| &outcome["file"]).collect();
    assert_eq!(
        files,
        ["wetten.zip/wetten/wet.xml", "wetten.zip/wetten/wet.md"]
    );
    let swelling = zipped(&[("wet.xml", &vec![b' '; 40 << 20])]);
    assert!(swelling.len() < 1 << 20);
    let outcomes = import(&program, &[("bom.zip", &swelling)]).await;
    assert_eq!(outcomes[0]["error"]["code"], "BG-703");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_and_what_is_no_date_is_told() {
    let place = Workplace::new().await;
    let program = place.open_without_model().await;
    import(&program, &[("wet.xml", XML.as_bytes())]).await;
    for (command, request, code) in [
        ("source_contents", json!({ "source": "Sv" }), "BG-707"),
        (
            "source_article",
            json!({ "source": "Proefzakenwet", "article": "99" }),
            "BG-707",
        ),
        (
            "source_article",
            json!({ "source": "Proefzakenwet", "article": "1", "date": "2020-01-01" }),
            "BG-707",
        ),
        (
            "source_contents",
            json!({ "source": "Proefzakenwet", "date": "gisteren" }),
            "BG-708",
        ),
        ("source_remove", json!({ "source": "x" }), "BG-707"),
    ] {
        assert_eq!(program.refused(command, request).await, code, "{command}");
    }
    let removed = program
        .call("source_remove", json!({ "source": "Proefzakenwet" }))
        .await;
    assert_eq!(removed["entries"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_articles_that_fit_go_along_and_are_named_in_the_result() {
    let place = Workplace::new().await;
    let program = place.open().await;
    import(&program, &[("wet.xml", XML.as_bytes())]).await;
    let input = json!({ "term": "tussenvonnis", "context": {}, "category": null, "notes": "" });
    let preview = program.call("preview", input).await;
    let sent = preview["messages"].to_string();
    assert!(sent.contains("<bron>art. 2 Proefzakenwet: "), "{sent}");
    assert!(
        sent.contains("de beslissing die de proefzaak niet beëindigt."),
        "{sent}"
    );
    let drafted = program.draft("tussenvonnis").await;
    assert_eq!(drafted["passages"][0]["number"], "2");
    assert_eq!(drafted["left_out"], json!([]));
    let log = place.model.log();
    assert_eq!(preview["messages"], log[0].body["messages"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_the_model_names_is_a_source_only_when_it_was_found() {
    let place = Workplace::new().await;
    let text = json!({
        "definition": "beslissing van een rechter die een zaak niet beëindigt",
        "explanation": "Dit volgt uit artikel 2 van de Proefzakenwet en artikel 99 van de Proefzakenwet.",
        "examples": ["een beslissing op grond van artikel 5 van de Wet op de droomzaken"],
        "counter_examples": [],
        "synonyms": [],
    });
    let behaviour = Behaviour::Text {
        text: text.to_string(),
    };
    place.model.set_behaviour(When::Always, behaviour);
    let program = place.open().await;
    import(&program, &[("wet.xml", XML.as_bytes())]).await;
    let drafted = program.draft("tussenbeslissing").await;
    let cited = drafted["cited"].as_array().unwrap();
    let found: Vec<(&str, bool)> = cited
        .iter()
        .map(|cited| {
            (
                cited["text"].as_str().unwrap(),
                !cited["citation"].is_null(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("artikel 2 van de Proefzakenwet", true),
            ("artikel 99 van de Proefzakenwet", false),
            ("artikel 5 van de Wet op de droomzaken", false),
        ]
    );
    assert_eq!(
        cited[0]["citation"]["address"],
        "jci1.31:c:BWBR0099901&artikel=2&z=2026-01-01&g=2026-01-01"
    );
    assert_eq!(drafted["sources"], json!([]), "none is taken over unasked");
}

/// The five terms that prompts are measured by.
const TERMS: [&str; 5] = [
    "voorlopige hechtenis",
    "verdachte",
    "vonnis",
    "reclasseringstoezicht",
    "biometrisch identiteitskenmerk",
];

/// A law with three long articles for each of the terms, in sentences of some 120 characters.
fn long_law() -> String {
    let mut law = String::from(
        "---\nbwb: BWBR0099903\ntitel: Wetboek van Strafvordering\ngeldig: 2025-01-01\n---\n\n### Hoofdstuk  1\n",
    );
    let mut number = 0;
    for term in TERMS {
        for aim in ["de rechter", "het gerecht", "de officier"] {
            number += 1;
            law.push_str(&format!("\n### Artikel  {number}\n\n"));
            law.push_str(&format!("Over {term} beslist {aim}. "));
            for part in ["eerst", "daarna", "ten slotte", "zo nodig", "verder"] {
                law.push_str(&format!(
                    "Bij {term} hoort {aim} {part} degene om wie het gaat, en weegt daarbij alle omstandigheden. "
                ));
            }
            law.push('\n');
        }
    }
    law
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_with_full_context_and_three_passages_takes_900_tokens_at_most_in_the_mean() {
    let place = Workplace::new().await;
    let program = place.open().await;
    // Real laws for whoever has them; else one that fills every passage to its end.
    match std::env::var_os("BEGRIP_LAWS") {
        Some(folder) => {
            for file in std::fs::read_dir(folder).unwrap() {
                let path = file.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                import(&program, &[(&name, &std::fs::read(path).unwrap())]).await;
            }
        }
        None => {
            let outcomes = import(&program, &[("lang.md", long_law().as_bytes())]).await;
            assert_eq!(outcomes[0]["outcome"], "new", "{outcomes:?}");
        }
    }
    let context = json!({
        "organisations": ["OM"],
        "legal_areas": ["strafrecht"],
        "statutory_bases": ["Wetboek van Strafvordering"],
    });
    let mut all = Vec::new();
    for term in TERMS {
        let input = json!({ "term": term, "context": context });
        let preview = program.call("preview", input).await;
        let tokens = preview["tokens"].as_u64().unwrap();
        let sent = preview["messages"].to_string();
        let passages = sent.matches("<bron>").count();
        assert!(passages >= 3, "{term}: {sent}");
        all.push(tokens);
    }
    assert!(all.iter().sum::<u64>() <= 5 * 900, "{all:?}");
}
