//! From a term to a draft, with the mock's call log as the witness.

use begrip_app::{OpenOptions, commands};
use begrip_mock_model::{Behaviour, Latency, MockConfig, Outcome, When};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Program, Workplace, child_home, fields, in_a_process, question};

const TERM: &str = "contactverbod";

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_streams_in_is_checked_and_counts_what_the_model_counted() {
    let workplace = Workplace::with(MockConfig {
        latency: Latency {
            per_output_token_ms: 2.0,
            ..Latency::default()
        },
        ..MockConfig::default()
    })
    .await;
    let program = workplace.open().await;
    let (events, result) = program.define(question(TERM)).await;
    let result = result.unwrap();

    let stages: Vec<&str> = events
        .iter()
        .filter_map(|event| event["stage"].as_str())
        .collect();
    assert_eq!(stages, ["gathering", "asking", "writing", "checking"]);
    let texts: Vec<&str> = events
        .iter()
        .filter_map(|event| event["definition"].as_str())
        .collect();
    assert!(texts.len() > 3, "the text came in {} pieces", texts.len());
    let whole = result["reply"]["definition"].as_str().unwrap();
    assert!(
        texts.iter().all(|text| whole.starts_with(text)),
        "{texts:#?}"
    );

    let log = workplace.model.log();
    assert_eq!(log.len(), 1);
    assert!(log[0].stream);
    assert_eq!(log[0].outcome, Outcome::Completed);
    assert_eq!(result["tokens_in"], log[0].tokens_in);
    assert_eq!(result["tokens_out"], log[0].tokens_out);
    assert_eq!(result["cache"], "miss");
    assert_eq!(result["calls"], 1);
    assert_eq!(result["demonstration"], true);
    let rules = program.call("app_info", Value::Null).await["rules"].clone();
    let findings = result["report"]["findings"].as_array().unwrap().len();
    assert_eq!(json!(findings), rules);
    // What was shown beforehand is what went out.
    let preview = program.call("preview", json!({ "term": TERM })).await;
    assert_eq!(preview["messages"], log[0].body["messages"]);
    assert_eq!(preview["cached"], true, "it stands in the cache by now");
}

/// It is there at once: each step on the way would be one more message to the screen and one more picture of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_kept_answer_is_told_by_its_result_alone() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let first = program.draft(TERM).await;
    let (events, result) = program.define(question(TERM)).await;
    let result = result.unwrap();
    assert_eq!(result["cache"], "memory");
    assert_eq!(result["reply"], first["reply"]);
    assert!(events.is_empty(), "{events:#?}");
    // One that is asked for anew is no kept answer.
    let mut anew = question(TERM);
    anew["regenerate"] = true.into();
    let (events, result) = program.define(anew).await;
    result.unwrap();
    assert!(events.iter().any(|event| event["stage"] == "asking"));
}

/// Text comes through while the model still holds back the rest.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_text_is_told_before_the_last_is_sent() {
    let workplace = Workplace::new().await;
    let held = Behaviour::HeldBack { after: 20 };
    workplace.model.set_behaviour(When::Always, held);
    let program = workplace.open().await;
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let running = tokio::spawn(async move {
        let sink = Box::new(move |event| drop(told.send(event)));
        commands::stream(&program.0, "define", question(TERM), sink).await
    });
    let shown = loop {
        let event: Value = heard.recv().await.expect("text before the end");
        if let Some(text) = event["definition"].as_str().filter(|text| !text.is_empty()) {
            break text.to_owned();
        }
    };
    // Nothing lets go of the rest but the line below.
    assert_eq!(workplace.model.log()[0].outcome, Outcome::Running);
    assert!(!running.is_finished());
    workplace.model.release();
    let whole = running.await.unwrap().unwrap()["reply"]["definition"].clone();
    let whole = whole.as_str().unwrap();
    assert!(
        whole.starts_with(&shown) && whole.len() > shown.len(),
        "{shown} | {whole}"
    );
    assert_eq!(workplace.model.log()[0].outcome, Outcome::Completed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_question_makes_one_call_in_this_run_and_the_next() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let first = program.draft(TERM).await;
    for variant in [TERM, " Contactverbod", "contactverbod  ", "CONTACTVERBOD"] {
        let again = program.draft(variant).await;
        assert_eq!(again["cache"], "memory", "{variant:?}");
        assert_eq!(again["reply"], first["reply"]);
        assert_eq!(again["calls"], 0);
        assert_eq!(again["tokens_in"], 0);
    }
    program.close().await;
    let program = workplace.open().await;
    let again = program.draft(TERM).await;
    assert_eq!(again["cache"], "disk");
    assert_eq!(again["reply"], first["reply"]);
    assert_eq!(again["answered_at"], first["answered_at"]);
    assert_eq!(workplace.model.calls(), 1, "the call log is the witness");
    let stats = program.call("cache_stats", Value::Null).await;
    assert_eq!(stats["hits_disk"], 1);
    assert_eq!(stats["misses"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_changes_the_answer_is_another_question() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let context = |organisation: &str| json!({ "organisations": [organisation], "legal_areas": [], "statutory_bases": [] });
    let variants = [
        json!({ "term": TERM }),
        json!({ "term": "gebiedsverbod" }),
        json!({ "term": TERM, "category": "process" }),
        json!({ "term": TERM, "context": context("OM") }),
        json!({ "term": TERM, "context": context("DJI") }),
        json!({ "term": TERM, "notes": "denk aan de bijzondere voorwaarde" }),
    ];
    for (number, input) in variants.iter().enumerate() {
        let request = json!({ "request_id": number.to_string(), "input": input });
        let result = program.define(request).await.1.unwrap();
        assert_eq!(result["cache"], "miss", "{input}");
        assert_eq!(workplace.model.calls(), number + 1);
    }
    // In whatever order a context is named, it is the same one.
    let both = |first: &str, second: &str| {
        let organisations = [first, second];
        json!({ "request_id": "x", "input": { "term": TERM, "context": {
            "organisations": organisations, "legal_areas": [], "statutory_bases": [] } } })
    };
    let _ = program.define(both("OM", "DJI")).await.1.unwrap();
    let again = program.define(both("DJI", "OM")).await.1.unwrap();
    assert_eq!(again["cache"], "memory");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_in_the_notes_never_reaches_the_disk() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let request =
        json!({ "request_id": "1", "input": { "term": TERM, "notes": "de zaak van gisteren" } });
    let _ = program.define(request.clone()).await.1.unwrap();
    assert_eq!(program.answers_on_disk().await, 0);
    // Within this run it need not be asked again.
    assert_eq!(program.define(request).await.1.unwrap()["cache"], "memory");
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_again_makes_one_call_and_its_answer_takes_the_place() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let first = program.draft(TERM).await;
    workplace.clock.advance(SignedDuration::from_hours(1));
    let mut again = question(TERM);
    again["regenerate"] = true.into();
    let second = program.define(again).await.1.unwrap();
    assert_eq!(second["cache"], "miss");
    assert_eq!(workplace.model.calls(), 2);
    assert_ne!(second["answered_at"], first["answered_at"]);
    let third = program.draft(TERM).await;
    assert_eq!(third["cache"], "memory");
    assert_eq!(third["answered_at"], second["answered_at"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_at_once_make_one_call() {
    let workplace = Workplace::with(MockConfig {
        latency: Latency {
            first_ms: 300.0,
            ..Latency::default()
        },
        ..MockConfig::default()
    })
    .await;
    let program = workplace.open().await;
    let asking: Vec<_> = (0..100)
        .map(|number| {
            let program = program.clone();
            tokio::spawn(async move {
                let mut request = question(TERM);
                request["request_id"] = number.to_string().into();
                program.define(request).await.1.unwrap()
            })
        })
        .collect();
    let mut texts = Vec::new();
    for asked in asking {
        texts.push(asked.await.unwrap()["reply"].clone());
    }
    assert_eq!(workplace.model.calls(), 1);
    assert!(texts.iter().all(|text| text == &texts[0]));
    let stats = program.call("cache_stats", Value::Null).await;
    let count = |name: &str| stats[name].as_u64().unwrap();
    assert_eq!(count("requests"), 100);
    assert_eq!(
        count("misses") + count("coalesced") + count("hits_memory"),
        100,
        "each request is counted once: {stats}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_a_draft_closes_the_call_and_keeps_nothing() {
    let workplace = Workplace::new().await;
    // The rest is never let go: nothing but the stop can end the call.
    let held = Behaviour::HeldBack { after: 5 };
    let times = When::Next { times: 1 };
    workplace.model.set_behaviour(times, held);
    let program = workplace.open().await;
    let running = {
        let program = program.clone();
        tokio::spawn(async move { program.draft_refused(question(TERM)).await })
    };
    while workplace.model.calls() == 0 || workplace.model.log()[0].tokens_out == 0 {
        tokio::task::yield_now().await;
    }
    let _ = program
        .call("define_cancel", json!({ "request_id": "1" }))
        .await;
    assert_eq!(running.await.unwrap(), "BG-514");
    // The model itself sees that nobody listens any more.
    while workplace.model.log()[0].outcome == Outcome::Running {
        tokio::task::yield_now().await;
    }
    assert_eq!(workplace.model.log()[0].outcome, Outcome::Cancelled);
    assert_eq!(program.answers_on_disk().await, 0);
    assert_eq!(program.draft(TERM).await["cache"], "miss");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_draft_knows_its_model_its_call_and_its_first_text() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let draft = program.draft(TERM).await;
    let text = draft["reply"]["definition"].as_str().unwrap();
    program.close().await;

    // Kept after a restart, and corrected by hand.
    let program = workplace.open().await;
    let save = json!({
        "fields": fields(TERM, &format!("{text} in een strafzaak")),
        "draft_id": draft["draft_id"],
        "reason": "eerste tekst",
    });
    let saved = program.call("concept_save", save).await;
    assert_eq!(saved["outcome"], "kept", "{saved}");
    let provenance = &saved["view"]["concept"]["provenance"];
    assert_eq!(provenance["origin"], "model");
    assert_eq!(provenance["model"]["model"], draft["model"]);
    assert_eq!(provenance["model"]["calls"], 1);
    assert_eq!(provenance["model"]["tokens_in"], draft["tokens_in"]);
    assert_eq!(provenance["model"]["original_text"], text);
    let info = program.call("app_info", Value::Null).await;
    assert_eq!(provenance["model"]["pack_version"], info["pack_version"]);
    assert_eq!(
        provenance["model"]["prompt_version"],
        info["prompt"]["version"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_term_is_one_question_in_every_form_in_which_it_can_be_typed() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    // Letter and accent in one character, as two characters, in capitals, pasted with what a word
    // processor leaves behind.
    for (number, variant) in [
        "coöperatie",
        "coo\u{308}peratie",
        "Coöperatie",
        "COO\u{308}PERATIE",
        "\u{feff}co\u{ad}öperatie\u{a0}",
        "\tcoöperatie\r\n",
    ]
    .into_iter()
    .enumerate()
    {
        let drafted = program.draft(variant).await;
        let from = if number == 0 { "miss" } else { "memory" };
        assert_eq!(drafted["cache"], from, "{variant:?}");
    }
    assert_eq!(workplace.model.calls(), 1);
    assert_eq!(program.answers_on_disk().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_nothing_is_asked_and_what_is_kept_is_shown_with_its_date() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let mut offline = question(TERM);
    offline["offline"] = true.into();
    assert_eq!(program.draft_refused(offline.clone()).await, "BG-515");
    assert_eq!(workplace.model.calls(), 0);

    let first = program.draft(TERM).await;
    let kept = program.define(offline.clone()).await.1.unwrap();
    assert_eq!(kept["cache"], "memory");
    workplace.clock.advance(SignedDuration::from_hours(24 * 90));
    // Also when asked for anew: offline goes first.
    for regenerate in [false, true] {
        offline["regenerate"] = regenerate.into();
        let outdated = program.define(offline.clone()).await.1.unwrap();
        assert_eq!(outdated["cache"], "stale");
        assert_eq!(outdated["answered_at"], first["answered_at"]);
        assert_eq!(outdated["reply"], first["reply"]);
        assert_eq!(outdated["calls"], 0);
    }
    assert_eq!(workplace.model.calls(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_a_name_stops_every_draft_of_that_name() {
    let workplace = Workplace::with(MockConfig {
        latency: Latency {
            first_ms: 60_000.0,
            ..Latency::default()
        },
        ..MockConfig::default()
    })
    .await;
    let program = workplace.open().await;
    let ask = |term: &'static str| {
        let program = program.clone();
        tokio::spawn(async move { program.draft_refused(question(term)).await })
    };
    // Two windows that chose the same name; a third that has gone away already.
    let (one, other) = (ask(TERM), ask("gebiedsverbod"));
    let gone = ask("locatieverbod");
    while workplace.model.calls() < 3 {
        tokio::task::yield_now().await;
    }
    gone.abort();
    let cancel = json!({ "request_id": "1" });
    assert_eq!(
        program.call("define_cancel", cancel.clone()).await,
        Value::Null
    );
    assert_eq!(one.await.unwrap(), "BG-514");
    assert_eq!(other.await.unwrap(), "BG-514");
    let all_closed = || {
        let log = workplace.model.log();
        log.iter().all(|call| call.outcome == Outcome::Cancelled)
    };
    while !all_closed() {
        tokio::task::yield_now().await;
    }
    // A name that is not known (any more) is no error.
    assert_eq!(program.call("define_cancel", cancel).await, Value::Null);
    assert_eq!(program.answers_on_disk().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_the_program_stops_what_runs() {
    let workplace = Workplace::with(MockConfig {
        latency: Latency {
            first_ms: 60_000.0,
            ..Latency::default()
        },
        ..MockConfig::default()
    })
    .await;
    let program = workplace.open().await;
    let running = {
        let program = program.clone();
        tokio::spawn(async move { program.draft_refused(question(TERM)).await })
    };
    while workplace.model.calls() == 0 {
        tokio::task::yield_now().await;
    }
    program.close().await;
    assert_eq!(running.await.unwrap(), "BG-514");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sources_are_those_of_the_same_term_in_another_context() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    assert_eq!(program.draft(TERM).await["sources"], json!([]));
    let mut kept = fields("enkelbandtoezicht", "toezicht met een band om de enkel");
    kept["citations"] = json!([{ "source": "Wetboek van Strafrecht", "article": "14c" }]);
    let _ = program
        .call("concept_save", json!({ "fields": kept }))
        .await;
    let drafted = program.draft("Enkelbandtoezicht").await;
    let sources = drafted["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 1, "{sources:?}");
    assert_eq!(sources[0]["source"], "Wetboek van Strafrecht");
    assert_eq!(sources[0]["article"], "14c");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_gives_a_cost_and_no_price_gives_none() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    assert_eq!(program.draft(TERM).await["cost_eur"], Value::Null);
    let mut settings = program.settings().await;
    settings["prices"]["models"] = json!([
        { "model": "begrip-demo*", "eur_per_million_in": 2.0, "eur_per_million_out": 10.0 },
    ]);
    let _ = program.call("settings_save", settings).await;
    let drafted = program.draft("gebiedsverbod").await;
    let log = workplace.model.log();
    let call = log.last().unwrap();
    let cost = (f64::from(call.tokens_in) * 2.0 + f64::from(call.tokens_out) * 10.0) / 1e6;
    assert!((drafted["cost_eur"].as_f64().unwrap() - cost).abs() < 1e-9);
    // What came from the cache cost nothing.
    assert_eq!(program.draft("gebiedsverbod").await["cost_eur"], 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_asked_anew_in_vain_still_stands() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let first = program.draft(TERM).await;
    let mut again = question(TERM);
    again["regenerate"] = true.into();
    for behaviour in [Behaviour::Empty, Behaviour::WrongJson, Behaviour::Faulty] {
        workplace.model.reset();
        workplace.model.set_behaviour(When::Always, behaviour);
        let _ = program.define(again.clone()).await;
        let kept = program.draft(TERM).await;
        assert_eq!(kept["cache"], "memory");
        assert_eq!(kept["reply"], first["reply"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_of_white_space_are_no_notes() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let _ = program.draft(TERM).await;
    let blank = json!({ "request_id": "1", "input": { "term": TERM, "notes": " \n\t" } });
    assert_eq!(program.define(blank).await.1.unwrap()["cache"], "memory");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_program_was_answered_another_finds_on_disk() {
    let workplace = Workplace::new().await;
    // The window and the command line, both open.
    let (one, other) = (workplace.open().await, workplace.open().await);
    let first = one.draft(TERM).await;
    let second = other.draft(TERM).await;
    assert_eq!(second["cache"], "disk");
    assert_eq!(second["reply"], first["reply"]);
    assert_eq!(workplace.model.calls(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_during_a_draft_keeps_nothing_half() {
    const TEST: &str = "drafting::a_process_that_dies_during_a_draft_keeps_nothing_half";
    if let Some(home) = child_home() {
        let program = Program::open(OpenOptions::at(home)).await.unwrap();
        let events = |event: Value| {
            if event["event"] == "text" {
                std::process::abort();
            }
        };
        let _ = commands::stream(&program.0, "define", question(TERM), Box::new(events)).await;
        return;
    }
    let workplace = Workplace::with(MockConfig {
        latency: Latency {
            per_output_token_ms: 20.0,
            ..Latency::default()
        },
        ..MockConfig::default()
    })
    .await;
    let program = workplace.open_without_model().await;
    let mut settings = program.settings().await;
    settings["model"]["base_url"] = format!("{}/v1", workplace.model.url()).into();
    settings["model"]["model"] = begrip_mock_model::MODEL_NAME.into();
    let _ = program.call("settings_save", settings).await;
    program.close().await;

    let output = in_a_process(TEST, &workplace.home());
    assert!(!output.status.success(), "it must have died: {output:?}");
    while workplace.model.log()[0].outcome == Outcome::Running {
        tokio::task::yield_now().await;
    }
    assert_eq!(workplace.model.log()[0].outcome, Outcome::Cancelled);
    let program = workplace.open().await;
    assert_eq!(program.answers_on_disk().await, 0);
    let info = program.call("app_info", Value::Null).await;
    assert_eq!(info["notices"], json!([]));
    assert_eq!(program.draft(TERM).await["cache"], "miss");
}
