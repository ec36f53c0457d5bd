//! What a model may do wrong, and what the user is told then. Nothing bad is ever kept.

use begrip_mock_model::{Behaviour, When};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Program, Workplace, question};

const TERM: &str = "contactverbod";

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_answer_has_a_code_is_not_kept_and_does_not_stand_in_the_way() {
    // What the model does · the code · calls that are made at most.
    let cases = [
        (Behaviour::Garbage, "BG-509", 1),
        (Behaviour::WrongJson, "BG-509", 1),
        (Behaviour::Empty, "BG-509", 1),
        (Behaviour::Truncated { after: 5 }, "BG-510", 1),
        (Behaviour::ContentFilter, "BG-511", 1),
        (Behaviour::Huge { bytes: 3_000_000 }, "BG-509", 1),
        (Behaviour::CutStream { after: 5 }, "BG-510", 3),
        (Behaviour::ErrorEvent { after: 5 }, "BG-507", 3),
        (Behaviour::status(500), "BG-507", 3),
        (Behaviour::status(429), "BG-506", 3),
        (Behaviour::status(400), "BG-512", 1),
        (Behaviour::status(401), "BG-504", 1),
        (Behaviour::status(403), "BG-504", 1),
        (Behaviour::status(404), "BG-505", 1),
        // Not the same as a question that is not sent because it is over the budget.
        (Behaviour::SmallContext { tokens: 200 }, "BG-516", 1),
    ];
    for (behaviour, code, calls) in cases {
        let workplace = Workplace::new().await;
        let program = workplace.open().await;
        workplace
            .model
            .set_behaviour(When::Always, behaviour.clone());
        assert_eq!(
            program.draft_refused(question(TERM)).await,
            code,
            "{behaviour:?}"
        );
        assert!(
            workplace.model.calls() <= calls,
            "{behaviour:?}: {} calls",
            workplace.model.calls()
        );
        assert_eq!(program.answers_on_disk().await, 0, "{behaviour:?}");
        workplace.model.reset();
        let good = program.draft(TERM).await;
        assert_eq!(good["cache"], "miss", "{behaviour:?}");
    }
}

/// As a model of a hundred million weights does when a server holds it to a form: it cannot end a list.
#[tokio::test(flavor = "multi_thread")]
async fn after_an_answer_that_ran_on_the_form_ends_the_lists_of_the_next() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let model = &workplace.model;
    model.set_behaviour(When::Always, Behaviour::RunsOn);
    assert_eq!(program.draft_refused(question(TERM)).await, "BG-510");
    // As the message advises.
    let draft = program.draft(TERM).await;
    assert_eq!((&draft["cache"], model.calls()), (&json!("miss"), 2));
    let examples = draft["reply"]["examples"].as_array().unwrap();
    assert!((2..=5).contains(&examples.len()), "{examples:?}");
    let log = model.log();
    assert!(log[0].tokens_out >= 900 && log[1].tokens_out < 900);
    assert!(
        !log[0].body["response_format"]
            .to_string()
            .contains("maxItems")
    );
    // It is the same question, and its answer is kept.
    assert_eq!(program.draft(TERM).await["cache"], "memory");
    assert_eq!(model.calls(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passing_fault_is_tried_again() {
    for behaviour in [
        Behaviour::too_many(0),
        Behaviour::status(500),
        Behaviour::status(503),
    ] {
        let workplace = Workplace::new().await;
        workplace
            .model
            .set_behaviour(When::Next { times: 1 }, behaviour.clone());
        let program = workplace.open().await;
        let result = program.draft(TERM).await;
        assert_eq!(workplace.model.calls(), 2, "{behaviour:?}");
        assert_eq!(result["cache"], "miss");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_model_the_program_shows_what_it_has_and_says_from_when() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let first = program.draft(TERM).await;
    program.close().await;
    // Long past the time for which an answer counts as fresh.
    workplace.clock.advance(SignedDuration::from_hours(24 * 90));
    let home = workplace.options();
    let clock = workplace.clock.clone();
    drop_model(&workplace);
    let mut options = begrip_app::OpenOptions::at(home.home.clone());
    options.clock = clock;
    options.model.url = Some("http://127.0.0.1:9/v1".to_owned());
    options.model.model = Some(begrip_mock_model::MODEL_NAME.to_owned());
    let program = Program::open(options).await.unwrap();
    let shown = program.draft(TERM).await;
    assert_eq!(shown["cache"], "stale");
    assert_eq!(shown["reply"], first["reply"]);
    assert_eq!(shown["answered_at"], first["answered_at"]);
    let info = program.call("app_info", Value::Null).await;
    assert_eq!(info["model"]["state"], "offline");
    // What was never asked cannot be shown; the rest goes on.
    assert_eq!(
        program.draft_refused(question("gebiedsverbod")).await,
        "BG-502"
    );
    let hits = program
        .call("search", json!({ "query": "verdachte" }))
        .await;
    assert_eq!(hits["hits"][0]["term"], "verdachte");
}

/// The model answers nothing any more.
fn drop_model(workplace: &Workplace) {
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::status(503));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_past_its_date_is_asked_again_while_the_model_is_there() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let _ = program.draft(TERM).await;
    workplace.clock.advance(SignedDuration::from_hours(24 * 90));
    assert_eq!(program.draft(TERM).await["cache"], "miss");
    assert_eq!(workplace.model.calls(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_endpoint_nothing_is_asked_and_the_rest_works() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    assert_eq!(program.draft_refused(question(TERM)).await, "BG-501");
    assert_eq!(program.refused("model_test", Value::Null).await, "BG-501");
    let preview = program.call("preview", json!({ "term": TERM })).await;
    assert_eq!(preview["host"], Value::Null);
    let report = program
        .call("check", json!({ "term": TERM, "text": "verbod om" }))
        .await;
    assert!(!report["findings"].as_array().unwrap().is_empty());
    assert_eq!(workplace.model.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_refused_before_anything_is_sent() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let megabyte = "a".repeat(1_000_000);
    let laws: Vec<String> = (0..400)
        .map(|n| format!("Wet op de {n}e bijzondere herziening"))
        .collect();
    let context = json!({ "organisations": [], "legal_areas": [], "statutory_bases": laws });
    let cases = [
        (
            json!({ "term": TERM, "notes": "een lang verhaal over de zaak ".repeat(1_000) }),
            "BG-401",
        ),
        (
            json!({ "term": TERM, "notes": "a".repeat(3_000_000) }),
            "BG-401",
        ),
        (json!({ "term": "" }), "BG-101"),
        (json!({ "term": " \t\n" }), "BG-101"),
        (json!({ "term": "\u{200b}\u{0}" }), "BG-101"),
        (json!({ "term": megabyte }), "BG-102"),
        (json!({ "term": TERM, "context": context }), "BG-401"),
    ];
    for (input, code) in cases {
        let request = json!({ "request_id": "1", "input": input });
        assert_eq!(program.draft_refused(request).await, code);
        assert_eq!(program.refused("preview", input).await, code);
    }
    assert_eq!(workplace.model.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_budget_of_the_day_stops_calls_and_not_kept_answers() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let first = program.draft(TERM).await;
    let mut settings = program.call("settings_get", Value::Null).await["settings"].clone();
    // Room for one call at its longest, and not for another beside it.
    let longest = settings["model"]["max_reply_tokens"].as_u64().unwrap();
    let limit = first["tokens_in"].as_u64().unwrap() + longest + 50;
    settings["budgets"]["tokens_per_day"] = limit.into();
    let _ = program.call("settings_save", settings).await;

    let kept = program.draft(TERM).await;
    assert_eq!(kept["reply"], first["reply"]);
    // Not “offline”: the user must know that it is the budget.
    assert_eq!(
        program.draft_refused(question("gebiedsverbod")).await,
        "BG-402"
    );
    let mut again = question(TERM);
    again["regenerate"] = true.into();
    assert_eq!(program.draft_refused(again).await, "BG-402");
    assert_eq!(workplace.model.calls(), 1);
    // A new day, a new budget.
    workplace.clock.advance(SignedDuration::from_hours(24));
    let _ = program.draft("gebiedsverbod").await;
    assert_eq!(workplace.model.calls(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_key_stays_secret() {
    let mut workplace = Workplace::with(begrip_mock_model::MockConfig {
        api_key: Some("right-key-123456".to_owned()),
        ..begrip_mock_model::MockConfig::default()
    })
    .await;
    workplace.key = Some("wrong-key-123456".to_owned());
    let program = workplace.open().await;
    let error = program.define(question(TERM)).await.1.unwrap_err();
    assert_eq!(error.code, "BG-504");
    assert!(!format!("{error:?}").contains("wrong-key"));
    assert!(workplace.model.calls() <= 1, "a refusal is not tried again");
    for command in ["settings_get", "app_info", "doctor"] {
        let answer = program.call(command, Value::Null).await.to_string();
        assert!(!answer.contains("wrong-key"), "{command}: {answer}");
    }
    program.close().await;
    let found = workplace.bytes();
    assert!(!found.windows(9).any(|window| window == b"wrong-key"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_falls_silent_is_given_up_after_the_time_of_the_settings() {
    for behaviour in [Behaviour::Hang, Behaviour::HangMidStream { after: 4 }] {
        let workplace = Workplace::new().await;
        let program = workplace.open().await;
        let mut settings = program.settings().await;
        for name in ["connect_timeout_s", "idle_timeout_s", "total_timeout_s"] {
            settings["model"][name] = 1.into();
        }
        let _ = program.call("settings_save", settings).await;
        workplace
            .model
            .set_behaviour(When::Always, behaviour.clone());
        let code = program.draft_refused(question(TERM)).await;
        assert_eq!(code, "BG-508", "{behaviour:?}");
        assert_eq!(program.answers_on_disk().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untidy_or_wrapped_answer_is_still_an_answer() {
    for behaviour in [
        Behaviour::Untidy,
        Behaviour::CodeFence,
        Behaviour::Prose,
        Behaviour::NoUsage,
    ] {
        let workplace = Workplace::new().await;
        workplace
            .model
            .set_behaviour(When::Always, behaviour.clone());
        let program = workplace.open().await;
        let drafted = program.draft(TERM).await;
        assert_ne!(drafted["reply"]["definition"], "", "{behaviour:?}");
        assert_eq!(workplace.model.calls(), 1, "{behaviour:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_reach_the_model_is_not_tried_without_end() {
    let workplace = Workplace::new().await;
    let mut options = workplace.options();
    options.model.url = Some("http://127.0.0.1:9/v1".to_owned());
    let program = Program::open(options).await.unwrap();
    let mut codes = Vec::new();
    for number in 0..8 {
        codes.push(
            program
                .draft_refused(question(&format!("verbod {number}")))
                .await,
        );
    }
    assert_eq!(codes[0], "BG-502");
    assert_eq!(
        codes[7], "BG-513",
        "after some failures it waits: {codes:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_budget_of_the_day_counts_over_a_restart() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let first = program.draft(TERM).await;
    let spent = first["tokens_in"].as_u64().unwrap() + first["tokens_out"].as_u64().unwrap();
    let mut settings = program.settings().await;
    program.close().await;
    // One call more fits when all that it may take does, to the last token.
    let program = workplace.open().await;
    let prompt = program
        .call("preview", json!({ "term": "gebiedsverbod" }))
        .await["tokens"]
        .clone();
    let longest = settings["model"]["max_reply_tokens"].as_u64().unwrap();
    let room = spent + prompt.as_u64().unwrap() + longest;
    program.close().await;
    for (limit, calls) in [(room - 1, 1), (room, 2)] {
        let program = workplace.open().await;
        settings["budgets"]["tokens_per_day"] = limit.into();
        let _ = program.call("settings_save", settings.clone()).await;
        let _ = program.define(question("gebiedsverbod")).await;
        assert_eq!(workplace.model.calls(), calls, "a budget of {limit}");
        program.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_refuses_is_not_offline() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let state = async || program.call("app_info", Value::Null).await["model"]["state"].clone();
    assert_eq!(state().await, "unknown");
    let _ = program.draft(TERM).await;
    assert_eq!(state().await, "ready");
    // What comes from the cache says nothing of the model.
    let _ = program.draft(TERM).await;
    assert_eq!(state().await, "ready");
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::status(401));
    for test in [false, true] {
        if test {
            let tested = program.call("model_test", Value::Null).await;
            assert_eq!(tested["ok"], false);
        } else {
            assert_eq!(
                program.draft_refused(question("gebiedsverbod")).await,
                "BG-504"
            );
        }
        assert_eq!(state().await, "unknown", "it is there, and refuses the key");
    }
    // Nobody there: by the test and by a question.
    for test in [false, true] {
        let mut options = workplace.options();
        options.model.url = Some("http://127.0.0.1:9/v1".to_owned());
        let program = Program::open(options).await.unwrap();
        if test {
            let tested = program.call("model_test", Value::Null).await;
            assert_eq!(tested["steps"][1]["error"]["code"], "BG-502", "{tested}");
        } else {
            assert_eq!(
                program.draft_refused(question("gebiedsverbod")).await,
                "BG-502"
            );
        }
        let info = program.call("app_info", Value::Null).await;
        assert_eq!(info["model"]["state"], "offline");
    }
}
