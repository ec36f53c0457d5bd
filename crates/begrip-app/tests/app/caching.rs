//! What `docs/caching-strategy.md` promises: each section of it names the tests that show it, and
//! each test here names its section.

use std::path::Path;

use begrip_mock_model::{Behaviour, When};
use begrip_sync::{Effect, Saved};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::experiments;
use crate::packs;
use crate::pages;
use crate::support::{Program, Workplace, question};

const TERM: &str = "contactverbod";
const OTHER: &str = "gebiedsverbod";

async fn change(program: &Program, change: impl FnOnce(&mut Value)) {
    let mut settings = program.settings().await;
    change(&mut settings);
    let _ = program.call("settings_save", settings).await;
}

async fn stats(program: &Program) -> Value {
    program.call("cache_stats", Value::Null).await
}

/// Where the answer to this term comes from.
async fn from(program: &Program, term: &str) -> String {
    program.draft(term).await["cache"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Section: Freshness
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_fresh_for_the_time_of_its_class_and_outdated_ones_are_labelled_offline() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    change(&program, |settings| {
        settings["cache"]["ttl_hours"] = 48.into();
        settings["cache"]["ttl_hours_case"] = 2.into();
    })
    .await;
    let case = json!({ "request_id": "2", "input": { "term": TERM, "notes": "een zaak" } });
    let first = program.draft(TERM).await;
    let _ = program.define(case.clone()).await.1.unwrap();
    assert_eq!(
        (&first["reason"], &first["age_s"]),
        (&json!("not_kept"), &json!(0))
    );

    workplace.clock.advance(SignedDuration::from_hours(1));
    let kept = program.draft(TERM).await;
    assert_eq!(
        (&kept["reason"], &kept["age_s"]),
        (&json!("fresh"), &json!(3_600))
    );
    assert_eq!(kept["entry"], first["entry"]);
    assert_eq!(
        program.define(case.clone()).await.1.unwrap()["cache"],
        "memory"
    );

    // The case first, the rest later.
    workplace.clock.advance(SignedDuration::from_hours(1));
    let again = program.define(case).await.1.unwrap();
    assert_eq!(
        (&again["cache"], &again["reason"]),
        (&json!("miss"), &json!("outdated"))
    );
    assert_eq!(from(&program, TERM).await, "memory");
    workplace.clock.advance(SignedDuration::from_hours(46));
    let mut offline = question(TERM);
    offline["offline"] = true.into();
    let stale = program.define(offline).await.1.unwrap();
    assert_eq!(
        (&stale["cache"], &stale["reason"]),
        (&json!("stale"), &json!("no_newer"))
    );
    assert_eq!(stale["answered_at"], first["answered_at"]);
    assert_eq!(workplace.model.calls(), 3);
    // Online it is asked again; out of reach, the outdated one is better than none.
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::status(503));
    assert_eq!(from(&program, TERM).await, "stale");
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::Normal);
    workplace.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(from(&program, TERM).await, "miss");
    assert_eq!(from(&program, TERM).await, "memory");
}

/// Section: Settings
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_setting_holds_at_once_without_a_restart() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let _ = program.draft(TERM).await;
    change(&program, |settings| {
        settings["cache"]["enabled"] = false.into()
    })
    .await;
    assert_eq!(stats(&program).await["memory"]["entries"], 0);
    for calls in [2, 3] {
        assert_eq!(from(&program, TERM).await, "miss");
        assert_eq!(workplace.model.calls(), calls);
    }
    change(&program, |settings| {
        settings["cache"]["enabled"] = true.into()
    })
    .await;
    assert_eq!(from(&program, TERM).await, "disk");
    change(&program, |settings| {
        settings["cache"]["memory_mb"] = 1.into();
        settings["cache"]["disk_mb"] = 2.into();
    })
    .await;
    let stats = stats(&program).await;
    assert_eq!(stats["memory"]["limit"], 1e6);
    assert_eq!(stats["disk"]["limit"], 2e6);
    assert_eq!(workplace.model.calls(), 3);
}

/// Section: Another version of the rules
#[tokio::test(flavor = "multi_thread")]
async fn answers_of_other_rules_are_never_given_under_these() {
    let workplace = packs::trusting().await;
    let (program, other) = (workplace.open().await, workplace.open().await);
    assert_eq!(from(&program, TERM).await, "miss");
    assert_eq!(from(&other, TERM).await, "disk");
    let before = packs::active(&program).await;
    packs::import(&program, packs::signed(&packs::body("2999.1"))).await;
    packs::activate(&program, "2999.1").await;
    // In this program, in the other one, and in the next run.
    for program in [&program, &other] {
        let drafted = program.draft(TERM).await;
        assert_eq!(drafted["report"]["pack_version"], "2999.1");
        assert_ne!(drafted["reason"], "no_newer");
    }
    let asked = workplace.model.calls();
    assert!(asked >= 2, "{asked}");
    // Switched back, the answer under those rules is there without a call.
    packs::activate(&program, &before).await;
    assert_eq!(from(&program, TERM).await, "memory");
    assert_eq!(workplace.model.calls(), asked);
}

/// Section: Another version of the prompt
#[tokio::test(flavor = "multi_thread")]
async fn answers_to_another_version_of_the_prompt_are_never_given_in_any_program() {
    let workplace = packs::trusting().await;
    let program = experiments::open(&workplace).await;
    let other = experiments::open(&workplace).await;
    assert_eq!(from(&program, TERM).await, "miss");
    assert_eq!(from(&other, TERM).await, "disk");
    // From now on everybody gets version 2: in this program, in the other one, and after a new start.
    let all_two = [experiments::all_two()];
    let _ = experiments::import(&program, &experiments::flags(1, &all_two)).await;
    assert_eq!(from(&program, TERM).await, "miss");
    assert_eq!(from(&other, TERM).await, "disk");
    other.close().await;
    let other = experiments::open(&workplace).await;
    assert_eq!(from(&other, TERM).await, "disk");
    assert_eq!(experiments::seen(&workplace), [1, 2]);
    // Back at the first version, its answer is there without a call.
    let _ = experiments::import(&other, &experiments::flags(2, &[])).await;
    for program in [&program, &other] {
        assert_ne!(from(program, TERM).await, "miss");
    }
    assert_eq!(workplace.model.calls(), 2);
}

/// Section: Another model
#[tokio::test(flavor = "multi_thread")]
async fn answers_of_another_model_are_never_given() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let url = format!("{}/v1", workplace.model.url());
    // Where an answer comes from, and which one it is.
    let told = |drafted: Value| (drafted["cache"].clone(), drafted["entry"].clone());
    let with = async |model: &str| {
        change(&program, |settings| {
            settings["model"]["base_url"] = url.clone().into();
            settings["model"]["model"] = model.into();
        })
        .await;
        told(program.draft(TERM).await)
    };
    let (source, first) = with("begrip-demo-1").await;
    assert_eq!(source, "miss");
    // A program that runs beside it keeps its model until its next start, and is given what that said.
    let other = workplace.open_without_model().await;
    let disk = json!("disk");
    assert_eq!(told(other.draft(TERM).await), (disk.clone(), first.clone()));
    let (source, second) = with("begrip-demo-2").await;
    assert_eq!(source, "miss");
    assert_ne!(first, second);
    let memory = json!("memory");
    assert_eq!(
        told(other.draft(TERM).await),
        (memory.clone(), first.clone())
    );
    other.close().await;
    let other = workplace.open_without_model().await;
    assert_eq!(told(other.draft(TERM).await), (disk, second));
    assert_eq!(with("begrip-demo-1").await, (memory, first));
    assert_eq!(workplace.model.calls(), 2);
}

/// Section: Withdrawn, or another status
#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_takes_its_answers_along_in_every_program() {
    let workplace = Workplace::new().await;
    let (program, other) = (workplace.open().await, workplace.open().await);
    for term in [TERM, OTHER] {
        let _ = program.draft(term).await;
        assert_eq!(from(&other, term).await, "disk");
    }
    let concept = program
        .keep(TERM, "maatregel die contact met iemand verbiedt")
        .await;
    let request = json!({
        "id": concept["id"], "base_version": concept["version"],
        "status": "withdrawn", "reason": "dubbel",
    });
    let _ = program.call("concept_status", request).await;
    // Nothing of it is left, for whoever may not ask the model either.
    for program in [&program, &other] {
        let mut offline = question(TERM);
        offline["offline"] = true.into();
        assert_eq!(program.draft_refused(offline).await, "BG-515");
        assert_ne!(from(program, OTHER).await, "miss");
    }
    assert_eq!(workplace.model.calls(), 2);
}

/// Section: By hand
#[tokio::test(flavor = "multi_thread")]
async fn by_hand_goes_what_is_named_from_every_tier_and_program_and_nothing_else() {
    let workplace = Workplace::new().await;
    let (program, other) = (workplace.open().await, workplace.open().await);
    let info = program.call("app_info", Value::Null).await;
    let mut entry = Value::Null;
    for term in [TERM, OTHER] {
        entry = program.draft(term).await["entry"].clone();
    }
    let mut calls = workplace.model.calls();
    // What is named · how many go · whether the first and the second term go.
    let cases = [
        (json!({ "term": " CONTACTVERBODEN" }), 1, (true, false)),
        (json!({ "term": "onbekend" }), 0, (false, false)),
        (json!({ "entry": entry }), 1, (false, true)),
        (
            json!({ "model": begrip_mock_model::MODEL_NAME }),
            2,
            (true, true),
        ),
        (json!({ "model": "gpt-4o" }), 0, (false, false)),
        (
            json!({ "prompt_version": info["prompt"]["version"] }),
            2,
            (true, true),
        ),
        (json!({ "prompt_version": "0" }), 0, (false, false)),
        (
            json!({ "pack_version": info["pack_version"] }),
            2,
            (true, true),
        ),
        (json!({ "organisation": "" }), 2, (true, true)),
        (json!({ "organisation": "OM" }), 0, (false, false)),
        (json!({}), 2, (true, true)),
    ];
    for (request, removed, gone) in cases {
        for term in [TERM, OTHER] {
            assert_ne!(from(&other, term).await, "miss", "{request}");
        }
        let told = program.call("cache_clear", request.clone()).await;
        assert_eq!(told["entries"], removed, "{request}");
        for (program, again) in [(&other, true), (&program, false)] {
            for (term, gone) in [(TERM, gone.0), (OTHER, gone.1)] {
                let asked = from(program, term).await == "miss";
                // The second program finds what the first one has asked anew.
                assert_eq!(asked, gone && again, "{request} {term}");
                calls += usize::from(asked);
            }
        }
        assert_eq!(workplace.model.calls(), calls, "{request}");
    }
    for (request, code) in [
        (json!({ "entry": "ab" }), "BG-415"),
        (json!({ "term": TERM, "model": "m" }), "BG-105"),
    ] {
        assert_eq!(program.refused("cache_clear", request).await, code);
    }
}

/// Section: By person
#[tokio::test(flavor = "multi_thread")]
async fn nothing_about_a_person_is_on_disk_and_any_removal_takes_it_from_memory() {
    const PERSON: &str = "Xanthopoulos";
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let about = |id: &str, term: &str| {
        let notes = format!("De zaak van mevrouw {PERSON}, en wat daar speelde.");
        let parties = [format!("verdachte: {PERSON}")];
        let privacy = json!({ "parties": parties });
        let input = json!({ "term": term, "notes": notes, "privacy": privacy });
        json!({ "request_id": id, "input": input })
    };
    let source = async |id: &str, term: &str| {
        let drafted = program.define(about(id, term)).await.1.unwrap();
        drafted["cache"].as_str().unwrap().to_owned()
    };
    for term in [TERM, OTHER] {
        assert_eq!(source("1", term).await, "miss");
        assert_eq!(source("2", term).await, "memory");
    }
    assert_eq!(stats(&program).await["disk"]["entries"], 0);
    // The party's role goes out, not the name.
    let log = workplace.model.log();
    assert_eq!(log.len(), 2);
    for call in &log {
        let said = call.body["messages"].to_string();
        assert!(said.contains("[verdachte]"), "{said}");
        assert!(!said.contains(PERSON), "{said}");
    }
    // One term is named, and what is remembered about any case goes.
    let told = program.call("cache_clear", json!({ "term": TERM })).await;
    assert_eq!(told["entries"], 2);
    let told = stats(&program).await;
    let left = ["memory", "case_exchanges"].map(|tier| told[tier]["entries"].clone());
    assert_eq!(left, [json!(0), json!(0)]);
    assert_eq!(source("3", OTHER).await, "miss");
    program.close().await;
    // The answer cache has no page with it, the journal and what was overwritten included.
    let held = pages::holding(&workplace.home(), PERSON.as_bytes());
    assert_eq!(held, [""; 0]);
}

/// Section: Warming up
#[tokio::test(flavor = "multi_thread")]
async fn the_answers_used_most_are_in_memory_before_the_first_question() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    for term in [TERM, OTHER] {
        let _ = program.draft(term).await;
    }
    program.close().await;
    // Cold: the first question finds the disk.
    let program = workplace.open().await;
    assert_eq!(from(&program, TERM).await, "disk");
    program.close().await;
    let program = workplace.open().await;
    let app = program.0.clone();
    let warmed = tokio::task::spawn_blocking(move || app.warm_up())
        .await
        .unwrap();
    let told = stats(&program).await;
    assert_eq!(warmed, 2);
    assert_eq!(told["warmed"], 2);
    assert_eq!(told["memory"]["entries"], told["disk"]["entries"]);
    assert_eq!(told["requests"], 0, "nobody asked anything");
    assert_eq!(from(&program, TERM).await, "memory");
    // What is closing warms up no more.
    let app = program.0.clone();
    program.0.close().await;
    assert_eq!(
        tokio::task::spawn_blocking(move || app.warm_up())
            .await
            .unwrap(),
        0
    );
    assert_eq!(workplace.model.calls(), 2);
}

/// Section: Warming up
#[tokio::test(flavor = "multi_thread")]
async fn what_was_used_most_is_warmed_first_and_no_more_than_half_of_the_memory() {
    const LIMIT: usize = 1_000_000;
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    change(&program, |settings| {
        settings["cache"]["memory_mb"] = 1.into();
    })
    .await;
    let entry = program.draft(TERM).await["entry"].clone();
    let _ = program.draft(OTHER).await;
    program.close().await;
    let longest = {
        let store = workplace.store();
        let cache = store.cache();
        let used = cache.most_used(2).unwrap();
        let name = |key: &[u8; 32]| key.iter().map(|byte| format!("{byte:02x}")).collect();
        let most = used.iter().find(|key| entry == Value::String(name(key)));
        let body = cache.get(most.unwrap()).unwrap().unwrap();
        // Answers that were asked for once more, of twice the size of memory; OTHER was not.
        for number in 0..2 * LIMIT / body.len() {
            let mut key = [0xee; 32];
            key[..8].copy_from_slice(&number.to_be_bytes());
            let filler = begrip_store::CacheEntry {
                key,
                body: body.clone(),
                term: "opvulling".to_owned(),
                organisation: String::new(),
                model: String::new(),
                prompt_version: String::new(),
                pack_version: String::new(),
                created_at: workplace.now(),
            };
            cache.put(filler).unwrap();
            for key in [&key, most.unwrap()] {
                let _ = cache.get(key).unwrap();
            }
        }
        body.len() + 1_000
    };

    let program = workplace.open().await;
    let app = program.0.clone();
    let warming = tokio::task::spawn_blocking(move || app.warm_up());
    let warmed = warming.await.unwrap();
    let told = stats(&program).await;
    let bytes = told["memory"]["bytes"].as_f64().unwrap();
    let half = LIMIT as f64 / 2.0;
    assert!((half..half + longest as f64).contains(&bytes), "{told}");
    assert_eq!(told["memory"]["entries"], warmed);
    assert_eq!(from(&program, TERM).await, "memory");
    assert_eq!(from(&program, OTHER).await, "disk");
    assert_eq!(workplace.model.calls(), 2);
}

/// Section: Another organisation
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_of_the_organisation_that_the_server_named_and_of_no_other() {
    let workplace = Workplace::new().await;
    for (organisation, calls, asked) in [
        (None, 1, true),
        (Some("OM"), 2, true),
        (Some("Rechtspraak"), 3, true),
        (Some("OM"), 3, false),
    ] {
        if let Some(organisation) = organisation {
            let saved = Saved {
                organisation: organisation.to_owned(),
                ..Saved::default()
            };
            let told = workplace
                .store()
                .keep_effects(&[Effect::Save(saved)], workplace.now());
            told.unwrap();
        }
        let program = workplace.open().await;
        let source = from(&program, "vonnis").await;
        assert_eq!(source == "miss", asked, "{organisation:?}: {source}");
        assert_eq!(workplace.model.calls(), calls, "{organisation:?}");
        let told = stats(&program).await["by_organisation"].clone();
        assert_eq!(told[0]["organisation"], organisation.unwrap_or_default());
        assert_eq!(told[0]["requests"], 1);
        program.close().await;
    }
}

const DOCUMENT: &str = "docs/caching-strategy.md";

/// The sections of the document, each with the tests that it names: file and name.
fn sections(document: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut sections: Vec<(String, Vec<_>)> = Vec::new();
    for line in document.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            sections.push((title.to_owned(), Vec::new()));
        } else if let Some(shown) = line.strip_prefix("- Shown by `")
            && let Some((_, tests)) = sections.last_mut()
        {
            let (file, name) = shown.trim_end_matches('`').split_once("` › `").expect(line);
            tests.push((file.to_owned(), name.to_owned()));
        }
    }
    sections
}

#[test]
fn every_promise_of_the_document_names_tests_that_are_there_and_the_tests_name_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect(path);
    let sections = sections(&read(DOCUMENT));
    assert!(sections.len() >= 12);
    for (title, tests) in &sections {
        assert!(!tests.is_empty(), "nothing shows ‘{title}’");
        for (file, name) in tests {
            assert!(
                read(file).contains(&format!("fn {name}(")),
                "{file}: {name}"
            );
        }
    }
    let own = read("crates/begrip-app/tests/app/caching.rs");
    let mut named = 0;
    for part in own.split("\n/// Section: ").skip(1) {
        let title = part.lines().next().unwrap();
        let name = part.split("fn ").nth(1).unwrap().split('(').next().unwrap();
        let of_title = sections.iter().find(|(known, _)| known == title);
        let (_, tests) = of_title.unwrap_or_else(|| panic!("no section ‘{title}’"));
        assert!(
            tests.iter().any(|(_, known)| known == name),
            "{title}: {name}"
        );
        named += 1;
    }
    assert_eq!(
        named,
        own.matches("\n#[tokio::test").count(),
        "a test without a section"
    );
}
