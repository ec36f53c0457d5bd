//! A draft that breaks a blocking rule: at most one more call, and only a good text is kept.

use begrip_mock_model::{Behaviour, Latency, MockConfig, When};
use serde_json::{Value, json};

use crate::routing::{MAIN, models, only, route};
use crate::support::{Workplace, outages, question};

const TERM: &str = "contactverbod";

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_breaks_a_blocking_rule_is_repaired_once() {
    let workplace = Workplace::new().await;
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::FaultyThenRepaired);
    let program = workplace.open().await;
    let (events, result) = program.define(question(TERM)).await;
    let result = result.unwrap();
    let log = workplace.model.log();
    assert_eq!(log.len(), 2, "one call and one repair");
    assert_eq!(result["calls"], 2);
    assert_eq!(result["tokens_in"], log[0].tokens_in + log[1].tokens_in);
    assert_eq!(result["tokens_out"], log[0].tokens_out + log[1].tokens_out);
    assert!(log[1].tokens_in <= 300, "{}", log[1].tokens_in);
    assert!(events.iter().any(|event| event["stage"] == "repairing"));
    assert_eq!(blocking(&result), Vec::<&str>::new());
    // The repaired text is what is kept.
    let again = program.draft(TERM).await;
    assert_eq!(again["cache"], "memory");
    assert_eq!(again["reply"], result["reply"]);
    assert_eq!(workplace.model.calls(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_stays_faulty_is_shown_with_its_findings_and_not_kept() {
    let workplace = Workplace::new().await;
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::Faulty);
    let program = workplace.open().await;
    let result = program.draft(TERM).await;
    assert_eq!(workplace.model.calls(), 2, "never a second repair");
    assert!(!blocking(&result).is_empty(), "{result}");
    assert_eq!(program.answers_on_disk().await, 0);
    let _ = program.draft(TERM).await;
    assert_eq!(workplace.model.calls(), 4, "a faulty answer is not reused");
}

/// The blocking rules that a draft breaks.
pub fn blocking(result: &Value) -> Vec<&str> {
    let findings = result["report"]["findings"].as_array().unwrap();
    findings
        .iter()
        .filter(|finding| finding["level"] == "blocking" && finding["outcome"] == "fail")
        .filter_map(|finding| finding["rule"].as_str())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_that_fails_leaves_the_draft_with_its_findings() {
    // What the repair meets.
    for behaviour in [
        Behaviour::Garbage,
        Behaviour::WrongJson,
        Behaviour::Truncated { after: 3 },
        Behaviour::status(401),
    ] {
        let workplace = Workplace::new().await;
        let program = workplace.open().await;
        for next in [Behaviour::Faulty, behaviour.clone()] {
            workplace.model.set_behaviour(When::Next { times: 1 }, next);
        }
        let result = program.draft(TERM).await;
        assert!(!blocking(&result).is_empty(), "{behaviour:?}");
        assert_eq!(workplace.model.calls(), 2, "{behaviour:?}");
        assert_eq!(result["calls"], 2, "{behaviour:?}");
        assert_eq!(program.answers_on_disk().await, 0, "{behaviour:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_ask_the_same_at_one_time_share_the_repair() {
    for behaviour in [Behaviour::FaultyThenRepaired, Behaviour::Faulty] {
        let workplace = Workplace::with(MockConfig {
            // The question takes some seconds, so that all are waiting for it; its repair, which has
            // fewer than 300 tokens, takes no time, so that nobody happens to meet it under way.
            latency: Latency {
                first_ms: -1_500.0,
                per_prompt_token_ms: 5.0,
                ..Latency::default()
            },
            ..MockConfig::default()
        })
        .await;
        workplace
            .model
            .set_behaviour(When::Always, behaviour.clone());
        let program = workplace.open().await;
        let asking: Vec<_> = (0..64)
            .map(|number| {
                let program = program.clone();
                let mut request = question(TERM);
                request["request_id"] = number.to_string().into();
                tokio::spawn(async move { program.define(request).await.1.unwrap() })
            })
            .collect();
        let mut replies = Vec::new();
        let mut calls = 0;
        for asked in asking {
            let result = asked.await.unwrap();
            calls += result["calls"].as_u64().unwrap();
            replies.push(result["reply"].clone());
        }
        assert_eq!(workplace.model.calls(), 2, "{behaviour:?}");
        assert_eq!(calls, 2, "each call is counted for one of them");
        assert!(replies.iter().all(|reply| reply == &replies[0]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_during_the_repair_stops_the_draft() {
    let workplace = Workplace::new().await;
    for next in [Behaviour::Faulty, Behaviour::Hang] {
        workplace.model.set_behaviour(When::Next { times: 1 }, next);
    }
    let program = workplace.open().await;
    let running = {
        let program = program.clone();
        tokio::spawn(async move { program.draft_refused(question(TERM)).await })
    };
    while workplace.model.calls() < 2 {
        tokio::task::yield_now().await;
    }
    let cancel = json!({ "request_id": "1" });
    let _ = program.call("define_cancel", cancel).await;
    assert_eq!(running.await.unwrap(), "BG-514");
    assert_eq!(program.answers_on_disk().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_mended_in_part_is_shown_and_not_kept() {
    let text = |definition: &str| Behaviour::Text {
        text: json!({
            "definition": definition,
            "explanation": "Wie het heeft, mag geen contact zoeken.",
            "examples": [],
            "counter_examples": [],
            "synonyms": [],
        })
        .to_string(),
    };
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    // What stands in the text · how many blocking rules it breaks.
    let worse = "Een contactverbod is een contactverbod";
    let better = "contactverbod om iemand te benaderen";
    let broken = async |text: &str| {
        let request = json!({ "term": TERM, "text": text });
        let report = program.call("check", request).await;
        blocking(&json!({ "report": report })).len()
    };
    let (many, fewer) = (broken(worse).await, broken(better).await);
    assert!(many > fewer && fewer > 0, "{many} and {fewer}");
    for next in [worse, better] {
        workplace
            .model
            .set_behaviour(When::Next { times: 1 }, text(next));
    }
    let result = program.draft(TERM).await;
    assert_eq!(result["reply"]["definition"], better);
    assert_eq!(blocking(&result).len(), fewer);
    assert_eq!(result["calls"], 2);
    assert_eq!(program.answers_on_disk().await, 0);
    assert_eq!(program.draft(TERM).await["cache"], "miss");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_too_long_to_be_mended_is_shown_with_its_findings_and_nothing_is_asked() {
    // How often the term is told again · the calls · whether the screen is told of a repair.
    for (again, calls, told) in [(1, 2, true), (60, 1, false)] {
        let long = format!(
            "Een {TERM} is een {TERM} {}",
            "dat de rechter oplegt aan wie zich niet aan de afspraken houdt ".repeat(again)
        );
        let reply = json!({
            "definition": long.trim(),
            "explanation": "Wie het heeft, mag geen contact zoeken.",
            "examples": [],
            "counter_examples": [],
            "synonyms": [],
            "antonyms": [],
        });
        let workplace = Workplace::new().await;
        workplace.model.set_behaviour(
            When::Always,
            Behaviour::Text {
                text: reply.to_string(),
            },
        );
        let program = workplace.open().await;
        let (events, result) = program.define(question(TERM)).await;
        let result = result.unwrap();
        assert_eq!(workplace.model.calls(), calls, "{again}");
        assert_eq!(result["calls"], calls, "{again}");
        let repairing = events.iter().any(|event| event["stage"] == "repairing");
        assert_eq!(repairing, told, "{events:?}");
        assert_eq!(result["reply"]["definition"], reply["definition"]);
        assert!(!blocking(&result).is_empty(), "{result}");
        let costs = program.call("costs", json!({ "by": "task" })).await;
        let rows = costs["rows"].as_array().unwrap();
        assert_eq!(rows.iter().any(|row| row["name"] == "repair"), told);
        assert_eq!(program.answers_on_disk().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_model_mends_a_text_when_that_of_the_repair_is_down() {
    // The settings · the model that is down when it mends · who is asked.
    for (settings, down, asked) in [
        // A cheap one mends: the one that wrote stands in.
        (
            json!({ "repair": { "model": "klein", "timeout_s": 1 } }),
            "klein",
            vec![MAIN, "klein", MAIN],
        ),
        // The writer mends: the one that stands in for drafting does so here.
        (
            json!({ "fallback_model": "reserve", "repair": { "timeout_s": 1 } }),
            MAIN,
            vec![MAIN, MAIN, "reserve"],
        ),
    ] {
        for fault in outages() {
            let workplace = Workplace::new().await;
            let model = &workplace.model;
            model.set_behaviour(When::Next { times: 1 }, Behaviour::Faulty);
            model.set_behaviour(only(down), fault.clone());
            let program = workplace.open().await;
            route(&program, settings.clone()).await;
            let (_, result) = program.define(question(TERM)).await;
            let result = result.unwrap();
            let log = model.log();
            assert_eq!(models(&log), asked, "{fault:?}");
            // Both were asked the same, and it fits.
            assert_eq!(log[1].body["messages"], log[2].body["messages"]);
            assert!(log[2].tokens_in <= 300, "{}", log[2].tokens_in);
            assert_eq!(blocking(&result), Vec::<&str>::new());
            assert_eq!(result["calls"], 3, "{fault:?}");
            // The text is still that of the first.
            assert_eq!(
                (&result["model"], &result["instead_of"]),
                (&json!(MAIN), &Value::Null)
            );
            let by_task = program.call("costs", json!({ "by": "task" })).await;
            let rows = by_task["rows"].as_array().unwrap();
            let repair = rows.iter().find(|row| row["name"] == "repair").unwrap();
            assert_eq!(repair["calls"], 2, "{by_task}");
            let by_model = program.call("costs", json!({ "by": "model" })).await;
            for row in by_model["rows"].as_array().unwrap() {
                let calls = asked.iter().filter(|model| row["name"] == **model).count();
                assert_eq!(row["calls"], calls, "{by_model}");
            }
            assert_eq!(
                program.draft(TERM).await["calls"],
                0,
                "what was mended is kept"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nobody_mends_a_text_it_is_shown_with_its_findings() {
    let workplace = Workplace::new().await;
    let faulty = Behaviour::Faulty;
    workplace
        .model
        .set_behaviour(When::Next { times: 1 }, faulty);
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::status(404));
    let program = workplace.open().await;
    route(&program, json!({ "repair": { "model": "klein" } })).await;
    let result = program.draft(TERM).await;
    assert_eq!(models(&workplace.model.log()), [MAIN, "klein", MAIN]);
    assert!(!blocking(&result).is_empty(), "{result}");
}
