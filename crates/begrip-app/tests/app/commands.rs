//! Every command, with requests that no screen would send: always an answer or an error of the
//! table, never a panic, and never back what was sent.

use begrip_app::{ErrorCode, ErrorRow, UserError, commands};
use serde_json::{Value, json};

use crate::support::Workplace;

/// A text that must not come back: it stands for a key or a case.
const SENT: &str = "geheim-9f31c7";

fn requests() -> Vec<Value> {
    let mut deep = json!(SENT);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    vec![
        Value::Null,
        json!({}),
        json!([]),
        json!([[], {}, null]),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!(SENT),
        deep,
        json!({ "id": SENT }),
        json!({ "id": 5, "key": 5, "term": 5, "query": 5, "text": 5, "kind": 5, "request_id": 5 }),
        json!({ "id": null, "key": null, "term": null, "query": null, "kind": null }),
        json!({ "id": "0190a3c5-0000-7000-8000-000000000000", "base_version": -1, "form": SENT }),
        json!({ "id": "0190a3c5-0000-7000-8000-000000000000", "base_version": 4_294_967_295_u32,
            "to_version": 4_294_967_295_u32, "status": SENT }),
        json!({ "key": [SENT], "content": { "x": SENT } }),
        json!({ "key": { "x": SENT } }),
        json!({ "kind": SENT, "query": SENT }),
        json!({ "filter": { "statuses": [SENT] }, "limit": -1 }),
        json!({ "filter": SENT, "sort": SENT, "offset": SENT }),
        json!({ "request_id": "1", "input": SENT }),
        json!({ "request_id": "1", "input": { "term": [SENT], "context": SENT } }),
        json!({ "request_id": "1", "input": { "term": "x", "category": SENT } }),
        json!({ "request_id": "1", "input": { "term": "x",
            "context": { "organisations": SENT } } }),
        json!({ "term": "x", "context": { "organisations": [5], "legal_areas": SENT } }),
        json!({ "fields": SENT }),
        json!({ "fields": { "term": "x", "citations": [SENT] } }),
        json!({ "user": SENT, "model": { "flavour": SENT } }),
        json!({ "model": { "base_url": "javascript:alert(1)" } }),
        json!({ "model": { "temperature": 99, "max_reply_tokens": 0 } }),
        json!({ "budgets": { "prompt_tokens": 99_999 } }),
        json!({ "user": { "theme": SENT } }),
        json!({ "term": "\u{0}\u{1b}[31m", "text": "\u{0}".repeat(1_000) }),
        json!({ "query": "a".repeat(1_000_000) }),
        json!({ "term": "a".repeat(1_000_000), "text": "a".repeat(1_000_000) }),
        json!({ "query": "\" OR 1=1 -- ' ) * NEAR( {term}: ^", "limit": 4_294_967_295_u32 }),
    ]
}

fn row_of(error: &UserError) -> ErrorRow {
    ErrorCode::ALL
        .iter()
        .map(|code| code.row())
        .find(|row| row.code == error.code)
        .unwrap_or_else(|| panic!("{} does not stand in the table", error.code))
}

fn judge(command: &str, error: &UserError) {
    let row = row_of(error);
    assert_eq!(error.message.nl, row.nl, "{command}");
    for sentence in [
        &error.message.nl,
        &error.message.en,
        &error.action.nl,
        &error.action.en,
    ] {
        assert!(!sentence.trim().is_empty(), "{command}: {error:?}");
    }
    let all = serde_json::to_string(error).unwrap();
    assert!(
        !all.contains(SENT),
        "{command} gives back what was sent: {all}"
    );
    assert!(error.detail.chars().count() <= 400, "{command}: {all}");
    assert!((400..600).contains(&error.http_status()));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_makes_a_command_panic_or_give_back_what_was_sent() {
    let workplace = Workplace::new().await;
    // Without a model: nothing of this may be sent anywhere.
    let program = workplace.open_without_model().await;
    for command in commands::COMMANDS {
        for request in requests() {
            if let Err(error) = program.try_call(command, request).await {
                judge(command, &error);
                assert!(
                    !error.detail.contains("panic"),
                    "{command}: {}",
                    error.detail
                );
            }
        }
    }
    for command in commands::STREAMS {
        for request in requests() {
            let asked = commands::stream(&program.0, command, request, Box::new(|_| {})).await;
            judge(command, &asked.unwrap_err());
        }
    }
    // After all of it the program still works.
    let hits = program
        .call("search", json!({ "query": "verdachte" }))
        .await;
    assert_eq!(hits["hits"][0]["term"], "verdachte");
    assert_eq!(workplace.model.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_of_the_wrong_form_is_refused_by_every_command() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    for wrong in [json!(SENT), json!(5), json!([SENT, SENT, SENT, SENT, SENT])] {
        for command in commands::COMMANDS {
            let code = program.refused(command, wrong.clone()).await;
            assert_eq!(code, "BG-105", "{command} with {wrong}");
        }
        for command in commands::STREAMS {
            let asked =
                commands::stream(&program.0, command, wrong.clone(), Box::new(|_| {})).await;
            assert_eq!(asked.unwrap_err().code, "BG-105", "{command} with {wrong}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_field_and_not_its_value() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let cases = [
        ("model_key", json!({}), "missing field `key`"),
        (
            "model_key",
            json!({ "key": [SENT] }),
            "sequence, expected a string",
        ),
        (
            "model_key",
            json!({ "key": 12_345 }),
            "integer, expected a string",
        ),
        (
            "concept_copy",
            json!({ "id": "0190a3c5-0000-7000-8000-000000000000", "form": SENT }),
            "unknown variant",
        ),
    ];
    for (command, request, part) in cases {
        let error = program.try_call(command, request).await.unwrap_err();
        assert_eq!(error.code, "BG-105");
        assert!(error.detail.contains(part), "{command}: {}", error.detail);
        assert!(!error.detail.contains("12345"));
        judge(command, &error);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_no_command_is_refused_on_both_doors() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    // A stream cannot be called and a call cannot be streamed.
    for name in [
        "",
        "define",
        "Search",
        "search ",
        "drop_everything",
        "concept_get\u{0}",
    ] {
        assert_eq!(program.refused(name, json!({})).await, "BG-106", "{name:?}");
    }
    for name in ["", "search", "DEFINE"] {
        let asked = commands::stream(&program.0, name, json!({}), Box::new(|_| {})).await;
        assert_eq!(asked.unwrap_err().code, "BG-106", "{name:?}");
    }
}

#[test]
fn the_names_of_the_commands_are_unique_over_both_doors() {
    let mut names: Vec<_> = commands::COMMANDS.iter().chain(commands::STREAMS).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn dutch_and_english_say_each_their_own() {
    for code in ErrorCode::ALL {
        let row = code.row();
        assert_ne!(row.nl, row.en, "{}", row.code);
        assert_ne!(row.do_nl, row.do_en, "{}", row.code);
        // B1: a sentence for a user names no code, no English and no inside of the program.
        for word in [
            "Error",
            "error",
            "exception",
            "null",
            "thread",
            "JSON",
            "SQLite",
        ] {
            assert!(
                !row.nl.contains(word) && !row.do_nl.contains(word),
                "{}",
                row.code
            );
        }
    }
}
