//! Keeping concepts: new, twice, changed in two windows, taken back, withdrawn; and found again.

use begrip_app::OpenOptions;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Program, Workplace, fields};

const TERM: &str = "enkelbandtoezicht";
const TEXT: &str = "toezicht waarbij de plaats van een persoon op afstand wordt gevolgd";

fn change(concept: &Value, definition: &str) -> Value {
    let mut fields = fields(TERM, definition);
    fields["explanation"] = "toelichting".into();
    json!({
        "id": concept["id"],
        "base_version": concept["version"],
        "fields": fields,
        "reason": "verbeterd",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_found_again_after_a_restart() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let kept = program.keep(TERM, TEXT).await;
    assert_eq!(kept["status"], "in_preparation");
    assert_eq!(kept["version"], 1);
    assert_eq!(kept["provenance"]["origin"], "person");
    assert_eq!(kept["provenance"]["model"], Value::Null);
    program.close().await;

    let program = workplace.open_without_model().await;
    let got = program
        .call("concept_get", json!({ "id": kept["id"] }))
        .await;
    assert_eq!(got["concept"], kept);
    assert_eq!(got["editable"], true);
    let hits = program
        .call("search", json!({ "query": "Enkelbandtoezicht" }))
        .await;
    assert_eq!(hits["hits"][0]["id"], kept["id"]);
    assert_eq!(hits["hits"][0]["exact"], true);
    let mine = json!({ "filter": { "origins": ["person", "model"] } });
    let page = program.call("concept_list", mine).await;
    assert_eq!(page["total"], 1);
    assert_eq!(page["rows"][0]["id"], kept["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_concept_is_kept_twice_only_on_purpose() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let kept = program.keep(TERM, TEXT).await;
    for spelling in [TERM, "Enkelbandtoezicht", " ENKELBANDTOEZICHT "] {
        let request = json!({ "fields": fields(spelling, "iets anders") });
        let outcome = program.call("concept_save", request).await;
        assert_eq!(outcome["outcome"], "duplicate", "{spelling}");
        assert_eq!(outcome["hits"][0]["row"]["id"], kept["id"]);
        assert_eq!(outcome["hits"][0]["kind"], "same_concept");
    }
    // In another context it is another concept.
    let mut other = fields(TERM, TEXT);
    other["context"]["organisations"] = json!(["DJI"]);
    let other = program
        .call("concept_save", json!({ "fields": other }))
        .await;
    assert_eq!(other["outcome"], "kept");
    assert_eq!(other["view"]["homonyms"][0]["id"], kept["id"]);
    // On purpose, with the reason in the history.
    let accepted = json!({
        "fields": fields(TERM, "iets anders"),
        "accept_duplicate": true,
        "reason": "andere bron",
    });
    let second = program.call("concept_save", accepted).await;
    assert_eq!(second["outcome"], "kept");
    let id = second["view"]["concept"]["id"].clone();
    assert_ne!(id, kept["id"]);
    let history = program.call("concept_history", json!({ "id": id })).await;
    assert_eq!(history[0]["reason"], "andere bron");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concept_gets_the_name_of_another_only_on_purpose() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let first = program.keep(TERM, TEXT).await;
    let other = program.keep("locatiegebod", TEXT).await;
    let rename = |base: u32, accept: bool| {
        json!({
            "id": other["id"],
            "base_version": base,
            "fields": fields("Enkelbandtoezicht", TEXT),
            "accept_duplicate": accept,
            "reason": "zo heet het",
        })
    };
    let outcome = program.call("concept_save", rename(1, false)).await;
    assert_eq!(outcome["outcome"], "duplicate");
    assert_eq!(outcome["hits"].as_array().unwrap().len(), 1);
    assert_eq!(outcome["hits"][0]["row"]["id"], first["id"]);
    let of = json!({ "id": other["id"] });
    let stands = program.call("concept_get", of.clone()).await;
    assert_eq!(stands["concept"], other);
    let accepted = program.call("concept_save", rename(1, true)).await;
    assert_eq!(accepted["outcome"], "kept");
    assert_eq!(accepted["view"]["homonyms"][0]["id"], first["id"]);
    // Away from it and back to an earlier version, which has that name.
    let mut away = rename(2, false);
    away["fields"] = fields("locatiegebod", TEXT);
    assert_eq!(program.call("concept_save", away).await["outcome"], "kept");
    let back = json!({ "id": other["id"], "to_version": 2, "base_version": 3 });
    assert_eq!(
        program.refused("concept_revert", back.clone()).await,
        "BG-114"
    );
    let stands = program.call("concept_get", of).await;
    assert_eq!(stands["concept"]["version"], 3);
    // The other was withdrawn: its name is free.
    let withdraw = json!({ "id": first["id"], "base_version": 1, "status": "withdrawn" });
    let _ = program.call("concept_status", withdraw).await;
    let reverted = program.call("concept_revert", back).await;
    assert_eq!(reverted["outcome"], "kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_concept_is_no_duplicate() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let kept = program.keep(TERM, TEXT).await;
    let withdraw = json!({ "id": kept["id"], "base_version": 1, "status": "withdrawn" });
    let _ = program.call("concept_status", withdraw).await;
    let again = program.keep(TERM, TEXT).await;
    assert_ne!(again["id"], kept["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_windows_the_second_sees_what_the_first_kept() {
    let workplace = Workplace::new().await;
    // Two processes as far as the store is concerned.
    let (one, other) = (workplace.open().await, workplace.open().await);
    let kept = one.keep(TERM, TEXT).await;
    let first = one
        .call("concept_save", change(&kept, "eerste wijziging"))
        .await;
    assert_eq!(first["outcome"], "kept");
    assert_eq!(first["view"]["concept"]["version"], 2);

    let second = other
        .call("concept_save", change(&kept, "tweede wijziging"))
        .await;
    assert_eq!(second["outcome"], "stale");
    assert_eq!(second["current"]["definition"], "eerste wijziging");
    // The same for every other change.
    let status = json!({ "id": kept["id"], "base_version": 1, "status": "withdrawn" });
    assert_eq!(
        other.call("concept_status", status).await["outcome"],
        "stale"
    );
    let revert = json!({ "id": kept["id"], "base_version": 1, "to_version": 1 });
    assert_eq!(
        other.call("concept_revert", revert).await["outcome"],
        "stale"
    );
    // On the newer text it goes through, and both stand in the history.
    let third = other
        .call(
            "concept_save",
            change(&second["current"], "tweede wijziging"),
        )
        .await;
    assert_eq!(third["outcome"], "kept");
    let history = one
        .call("concept_history", json!({ "id": kept["id"] }))
        .await;
    let versions: Vec<u64> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["version"].as_u64().unwrap())
        .collect();
    assert_eq!(versions, [3, 2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_changes_at_one_time_exactly_one_is_kept() {
    let workplace = Workplace::new().await;
    let programs = [workplace.open().await, workplace.open().await];
    let kept = programs[0].keep(TERM, TEXT).await;
    let changing: Vec<_> = (0..16)
        .map(|number| {
            let program = programs[number % 2].clone();
            let request = change(&kept, &format!("wijziging {number}"));
            tokio::spawn(async move { program.call("concept_save", request).await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for one in changing {
        outcomes.push(one.await.unwrap()["outcome"].as_str().unwrap().to_owned());
    }
    let count = |name: &str| outcomes.iter().filter(|outcome| *outcome == name).count();
    assert_eq!((count("kept"), count("stale")), (1, 15), "{outcomes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concept_goes_back_to_an_earlier_text_as_a_new_version() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let kept = program.keep(TERM, TEXT).await;
    let changed = program
        .call("concept_save", change(&kept, "een slechtere tekst"))
        .await;
    let revert = json!({ "id": kept["id"], "base_version": 2, "to_version": 1 });
    let back = program.call("concept_revert", revert).await;
    assert_eq!(back["outcome"], "kept");
    let concept = &back["view"]["concept"];
    assert_eq!(concept["version"], 3);
    assert_eq!(concept["definition"], TEXT);
    assert_eq!(concept["explanation"], "");
    assert_eq!(
        concept["provenance"],
        changed["view"]["concept"]["provenance"]
    );
    let history = program
        .call("concept_history", json!({ "id": kept["id"] }))
        .await;
    assert_eq!(history[0]["reason"], "terug naar versie 1");
    let missing = json!({ "id": kept["id"], "base_version": 3, "to_version": 9 });
    assert_eq!(program.refused("concept_revert", missing).await, "BG-107");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_says_who_when_why_and_which_words() {
    let workplace = Workplace::new().await;
    let mut options = workplace.options();
    options.account = "j.jansen".to_owned();
    let program = Program::open(options).await.unwrap();
    let kept = program.keep(TERM, "toezicht met een band").await;
    let mut settings = program.settings().await;
    settings["user"]["name"] = "J. Jansen, OM".into();
    let _ = program.call("settings_save", settings).await;
    workplace.clock.advance(SignedDuration::from_hours(1));
    let _ = program
        .call("concept_save", change(&kept, "toezicht met een enkelband"))
        .await;

    let history = program
        .call("concept_history", json!({ "id": kept["id"] }))
        .await;
    let entries = history.as_array().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0]["author"], "J. Jansen, OM");
    assert_eq!(
        entries[1]["author"], "j.jansen",
        "the account, while no name was set"
    );
    assert_eq!(entries[0]["reason"], "verbeterd");
    assert_ne!(entries[0]["at"], entries[1]["at"]);
    assert_eq!(entries[1]["changes"], json!([]));
    let changed: Vec<_> = entries[0]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["field"].as_str().unwrap())
        .collect();
    assert_eq!(changed, ["definition", "explanation"]);
    let parts = entries[0]["changes"][0]["parts"].as_array().unwrap();
    let text = |ops: [&str; 2]| {
        parts
            .iter()
            .filter(|part| ops.contains(&part["op"].as_str().unwrap()))
            .map(|part| part["text"].as_str().unwrap())
            .collect::<String>()
    };
    assert_eq!(text(["same", "removed"]), "toezicht met een band");
    assert_eq!(text(["same", "added"]), "toezicht met een enkelband");
    assert_eq!(text(["same", "same"]), "toezicht met een ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_back_orders_nothing() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let kept = program.keep(TERM, TEXT).await;
    workplace.clock.advance(SignedDuration::from_hours(-48));
    let changed = program
        .call("concept_save", change(&kept, "later, op een vroegere klok"))
        .await;
    assert_eq!(changed["view"]["concept"]["version"], 2);
    let history = program
        .call("concept_history", json!({ "id": kept["id"] }))
        .await;
    assert_eq!(history[0]["version"], 2);
    let got = program
        .call("concept_get", json!({ "id": kept["id"] }))
        .await;
    assert_eq!(got["concept"]["definition"], "later, op een vroegere klok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_does_not_come_back_beside_one_that_took_its_place() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let first = program.keep(TERM, TEXT).await;
    let step = |of: &Value, status: &str, base: u32| json!({ "id": of["id"], "base_version": base, "status": status });
    program
        .call("concept_status", step(&first, "withdrawn", 1))
        .await;
    let second = program.keep(TERM, TEXT).await;
    let back = step(&first, "in_preparation", 2);
    assert_eq!(
        program.refused("concept_status", back.clone()).await,
        "BG-114"
    );
    let stands = json!({ "id": first["id"] });
    let stands = program.call("concept_get", stands).await;
    assert_eq!(stands["concept"]["status"], "withdrawn");
    assert_eq!(stands["concept"]["version"], 2);
    // Its place is free again.
    program
        .call("concept_status", step(&second, "withdrawn", 1))
        .await;
    let outcome = program.call("concept_status", back).await;
    assert_eq!(outcome["outcome"], "kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_withdrawn_and_brought_back_and_nothing_else() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let kept = program.keep(TERM, TEXT).await;
    let step = |status: &str, base: u32| json!({ "id": kept["id"], "base_version": base, "status": status, "reason": "dubbel" });
    for status in ["proposed", "established", "superseded", "in_preparation"] {
        assert_eq!(
            program.refused("concept_status", step(status, 1)).await,
            "BG-109",
            "{status}"
        );
    }
    let gone = program.call("concept_status", step("withdrawn", 1)).await;
    assert_eq!(gone["view"]["concept"]["status"], "withdrawn");
    assert_eq!(gone["view"]["editable"], false);
    // Its text stands still until it is back.
    let edit = change(&gone["view"]["concept"], "toch gewijzigd");
    assert_eq!(program.refused("concept_save", edit).await, "BG-108");
    let back = program
        .call("concept_status", step("in_preparation", 2))
        .await;
    assert_eq!(back["view"]["concept"]["status"], "in_preparation");
    assert_eq!(back["view"]["concept"]["version"], 3);
    let history = program
        .call("concept_history", json!({ "id": kept["id"] }))
        .await;
    assert_eq!(history[0]["changes"][0]["field"], "status");
    assert_eq!(history[1]["reason"], "dubbel");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_says_the_sources_and_that_it_is_a_draft() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let mut kept = fields(TERM, TEXT);
    kept["explanation"] = "Het gaat om een band om de enkel.".into();
    kept["examples"] = json!(["de band van een verdachte"]);
    kept["citations"] = json!([{ "source": "Wetboek van Strafrecht", "article": "14c" }]);
    let saved = program
        .call("concept_save", json!({ "fields": kept }))
        .await;
    let id = &saved["view"]["concept"]["id"];
    let copy = async |form: &str| {
        let copied = program
            .call("concept_copy", json!({ "id": id, "form": form }))
            .await;
        copied["text"].as_str().unwrap().to_owned()
    };
    let text = copy("text").await;
    for part in [
        &format!("{TERM}: {TEXT}"),
        "Toelichting: Het gaat om een band",
        "Voorbeeld: de band van een verdachte",
        "Wetboek van Strafrecht",
        "14c",
        "Status: in voorbereiding",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let citation = copy("citation").await;
    for part in [TERM, TEXT, "14c", "versie 1", "in voorbereiding"] {
        assert!(citation.contains(part), "{part} is not in {citation}");
    }
    assert_eq!(citation.lines().count(), 1);
    // The starter set says of itself that nobody established it.
    let hits = program
        .call("search", json!({ "query": "verdachte" }))
        .await;
    let of_set = json!({ "id": hits["hits"][0]["id"], "form": "citation" });
    let copied = program.call("concept_copy", of_set).await;
    assert!(
        copied["text"]
            .as_str()
            .unwrap()
            .contains("niet vastgesteld")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_or_not_there_is_refused_and_changes_nothing() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let before = program.call("app_info", Value::Null).await["concepts"].clone();
    let with = |field: &str, value: Value| {
        let mut fields = fields(TERM, TEXT);
        fields[field] = value;
        json!({ "fields": fields })
    };
    let many: Vec<String> = (0..51).map(|n| format!("voorbeeld {n}")).collect();
    let mut no_base = with("notes", "".into());
    no_base["id"] = "0190a3c5-0000-7000-8000-000000000000".into();
    let mut unknown = no_base.clone();
    unknown["base_version"] = 1.into();
    let cases = [
        (with("term", "".into()), "BG-101"),
        (with("term", "a".repeat(201).into()), "BG-102"),
        (with("definition", "a".repeat(20_001).into()), "BG-103"),
        (with("notes", "a".repeat(1_000_000).into()), "BG-103"),
        (with("examples", json!(many)), "BG-104"),
        (
            with(
                "validity",
                json!({ "from": "2026-01-02", "until": "2026-01-01" }),
            ),
            "BG-116",
        ),
        (no_base, "BG-105"),
        (unknown, "BG-107"),
    ];
    for (request, code) in cases {
        assert_eq!(program.refused("concept_save", request).await, code);
    }
    let after = program.call("app_info", Value::Null).await["concepts"].clone();
    assert_eq!(before, after);
    // What just fits is kept.
    let _ = program
        .call(
            "concept_save",
            with("definition", "a".repeat(20_000).into()),
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_of_a_megabyte_is_refused_in_words() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let kept = program.keep(TERM, TEXT).await;
    let reason = "omdat ".repeat(200_000);
    let mut edit = change(&kept, "anders");
    edit["reason"] = reason.clone().into();
    assert_eq!(program.refused("concept_save", edit).await, "BG-103");
    let status = json!({
        "id": kept["id"], "base_version": 1, "status": "withdrawn", "reason": reason,
    });
    assert_eq!(program.refused("concept_status", status).await, "BG-103");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_is_not_known_leaves_a_text_of_a_person() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    for (number, draft) in ["", "bestaat-niet", "../../etc/passwd"].iter().enumerate() {
        let term = format!("{TERM} {number}");
        let request = json!({ "fields": fields(&term, TEXT), "draft_id": draft });
        let saved = program.call("concept_save", request).await;
        assert_eq!(saved["view"]["concept"]["provenance"]["origin"], "person");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_draft_vouches_for_one_concept() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let draft = program.draft(TERM).await;
    let text = draft["reply"]["definition"].as_str().unwrap();
    let keep = |term: &str| json!({ "fields": fields(term, text), "draft_id": draft["draft_id"] });
    // A keep that is refused or held up does not use the draft up.
    let mut refused = keep(TERM);
    refused["fields"]["notes"] = "a".repeat(20_001).into();
    assert_eq!(program.refused("concept_save", refused).await, "BG-103");
    let origin = |saved: &Value| saved["view"]["concept"]["provenance"]["origin"].clone();
    let saved = program.call("concept_save", keep(TERM)).await;
    assert_eq!(origin(&saved), "model");
    let saved = program.call("concept_save", keep("iets heel anders")).await;
    assert_eq!(origin(&saved), "person");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_the_home_folder_holds_everything() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let kept = program.keep(TERM, TEXT).await;
    program.close().await;
    let elsewhere = tempfile::tempdir().unwrap();
    for path in workplace.files("begrip") {
        std::fs::copy(&path, elsewhere.path().join(path.file_name().unwrap())).unwrap();
    }
    let program = Program::open(OpenOptions::at(elsewhere.path()))
        .await
        .unwrap();
    let got = program
        .call("concept_get", json!({ "id": kept["id"] }))
        .await;
    assert_eq!(got["concept"], kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_draft_comes_from_is_known_for_as_long_as_an_editor_holds_it() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let held = program.draft(TERM).await["draft_id"].clone();
    let content = json!({ "draft": { "draft_id": held } }).to_string();
    let buffer = json!({ "key": "compose", "content": content });
    let _ = program.call("buffer_save", buffer).await;
    let left = program.draft("locatieverbod").await["draft_id"].clone();
    program.close().await;
    workplace.clock.advance(SignedDuration::from_hours(24 * 91));
    let program = workplace.open().await;
    let later = program.draft("alcoholverbod").await["draft_id"].clone();
    program.close().await;

    let program = workplace.open().await;
    for (number, (draft, origin)) in [(held, "model"), (left, "person"), (later, "model")]
        .into_iter()
        .enumerate()
    {
        let fields = fields(&format!("{TERM} {number}"), TEXT);
        let saved = program
            .call(
                "concept_save",
                json!({ "fields": fields, "draft_id": draft }),
            )
            .await;
        let found = &saved["view"]["concept"]["provenance"]["origin"];
        assert_eq!(found, origin, "draft {number}");
    }
}
