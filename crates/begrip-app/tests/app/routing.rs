//! Which model gets which task, and which stands in: by the settings, seen in the model's own log.

use begrip_mock_model::{Behaviour, Call, When};
use serde_json::{Value, json};

use crate::support::{Program, Workplace, question};

const TERM: &str = "contactverbod";
const MAIN: &str = begrip_mock_model::MODEL_NAME;

/// Changes some of the settings of the tasks.
async fn route(program: &Program, changed: Value) {
    let mut settings = program.settings().await;
    for (name, value) in changed.as_object().unwrap() {
        settings["routing"][name] = value.clone();
    }
    let _ = program.call("settings_save", settings).await;
}

fn only(model: &str) -> When {
    When::Model {
        model: model.to_owned(),
    }
}

fn models(log: &[Call]) -> Vec<&str> {
    log.iter().map(|call| call.model.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_task_goes_to_its_own_model() {
    for (settings, asked) in [
        (json!({}), [MAIN, MAIN]),
        (
            json!({ "define": { "model": "groot" } }),
            ["groot", "groot"],
        ),
        (json!({ "repair": { "model": "klein" } }), [MAIN, "klein"]),
        (
            json!({ "define": { "model": " groot " }, "repair": { "model": "klein" } }),
            ["groot", "klein"],
        ),
    ] {
        let workplace = Workplace::new().await;
        workplace
            .model
            .set_behaviour(When::Always, Behaviour::FaultyThenRepaired);
        let program = workplace.open().await;
        route(&program, settings).await;
        let result = program.draft(TERM).await;
        assert_eq!(models(&workplace.model.log()), asked);
        assert_eq!(result["instead_of"], Value::Null);
        let again = program.draft(TERM).await;
        assert_eq!(again["calls"], 0, "asked once");
        assert_eq!(workplace.model.calls(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_model_stands_in_for_one_that_is_not_there_and_that_is_told() {
    for fault in [
        Behaviour::status(404),
        Behaviour::status(500),
        Behaviour::status(503),
        Behaviour::Hang,
    ] {
        let workplace = Workplace::new().await;
        workplace.model.set_behaviour(only(MAIN), fault.clone());
        let program = workplace.open().await;
        route(
            &program,
            json!({ "fallback_model": "reserve", "define": { "model": "", "timeout_s": 1 } }),
        )
        .await;
        let (events, result) = program.define(question(TERM)).await;
        let result = result.unwrap();
        let log = workplace.model.log();
        // The first model is not tried again: the next attempt goes to the other.
        assert_eq!(models(&log), [MAIN, "reserve"], "{fault:?}");
        assert_eq!(result["instead_of"], MAIN, "{fault:?}");
        assert_eq!(result["calls"], 2, "{fault:?}");
        assert!(events.iter().any(|event| event["stage"] == "writing"));
        assert_eq!(program.call("costs", json!({})).await["total"]["calls"], 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_the_other_model_is_never_taken_for_one_of_the_first() {
    let workplace = Workplace::new().await;
    workplace
        .model
        .set_behaviour(only(MAIN), Behaviour::status(404));
    let program = workplace.open().await;
    route(&program, json!({ "fallback_model": "reserve" })).await;
    let _ = program.draft(TERM).await;
    // Kept, but under the other's name: offline it is found, and told.
    let mut offline = question(TERM);
    offline["offline"] = json!(true);
    let (_, kept) = program.define(offline).await;
    let kept = kept.unwrap();
    assert_eq!(
        (&kept["cache"], &kept["instead_of"]),
        (&json!("memory"), &json!(MAIN))
    );
    assert_eq!(workplace.model.calls(), 2);
    // The first model is back: it is asked, whatever was kept of the other.
    workplace.model.set_behaviour(only(MAIN), Behaviour::Normal);
    let result = program.draft(TERM).await;
    assert_eq!(result["instead_of"], Value::Null);
    assert_eq!(models(&workplace.model.log()), [MAIN, "reserve", MAIN]);
    // While it is away again, what it answered before is shown, and nobody is asked.
    workplace
        .model
        .set_behaviour(only(MAIN), Behaviour::status(404));
    assert_eq!(program.draft(TERM).await["calls"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_stands_in_where_that_would_help_nothing_or_text_was_shown() {
    for (fault, code) in [
        (Behaviour::status(401), "BG-504"),
        (Behaviour::CutStream { after: 9 }, "BG-510"),
        (Behaviour::ContentFilter, "BG-511"),
        (Behaviour::ErrorEvent { after: 9 }, "BG-507"),
    ] {
        let workplace = Workplace::new().await;
        workplace.model.set_behaviour(only(MAIN), fault.clone());
        let program = workplace.open().await;
        route(&program, json!({ "fallback_model": "reserve" })).await;
        let told = program.draft_refused(question(TERM)).await;
        assert_eq!(told, code, "{fault:?}");
        assert!(
            !models(&workplace.model.log()).contains(&"reserve"),
            "{fault:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_none_answers_the_error_is_that_of_the_first() {
    let workplace = Workplace::new().await;
    workplace
        .model
        .set_behaviour(only(MAIN), Behaviour::status(404));
    workplace
        .model
        .set_behaviour(only("reserve"), Behaviour::status(500));
    let program = workplace.open().await;
    let without = program.draft_refused(question(TERM)).await;
    route(&program, json!({ "fallback_model": "reserve" })).await;
    assert_eq!(program.draft_refused(question(TERM)).await, without);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_keeps_failing_is_left_alone_and_the_other_is_asked_at_once() {
    let workplace = Workplace::new().await;
    workplace
        .model
        .set_behaviour(only(MAIN), Behaviour::status(500));
    let program = workplace.open().await;
    route(&program, json!({ "fallback_model": "reserve" })).await;
    for term in [
        "vonnis",
        "arrest",
        "getuige",
        "verdachte",
        "cautie",
        "sepot",
    ] {
        let result = program.draft(term).await;
        assert_eq!(result["instead_of"], MAIN);
    }
    let log = workplace.model.log();
    assert_eq!(log.iter().filter(|call| call.model == MAIN).count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_task_holds_for_that_task() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    route(
        &program,
        json!({ "define": { "model": "", "timeout_s": 1 } }),
    )
    .await;
    workplace.model.set_behaviour(When::Always, Behaviour::Hang);
    let told = program.draft_refused(question(TERM)).await;
    assert_eq!(told, "BG-508");
    // The endpoint's own time is a minute: a test that lasted that long would say so.
    let settings = program.settings().await;
    assert_eq!(settings["model"]["total_timeout_s"], 60);
    let took = &workplace.model.log()[0];
    assert!(took.total_ms < 30_000.0, "{}", took.total_ms);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_by_name() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    for (path, value) in [
        ("/routing/define/model", json!("a\nb")),
        ("/routing/prepare/timeout_s", json!(601)),
        ("/routing/fallback_model", json!("x".repeat(201))),
    ] {
        let mut settings = program.settings().await;
        *settings.pointer_mut(path).unwrap() = value;
        let error = program
            .try_call("settings_save", settings)
            .await
            .unwrap_err();
        assert_eq!(error.detail, path[1..].replace('/', "."));
    }
    assert_eq!(
        program.settings().await["routing"]["prepare"]["timeout_s"],
        4
    );
}
