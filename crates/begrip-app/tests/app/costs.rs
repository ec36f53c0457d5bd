//! Every call and every euro: the ledger against the model's own call log.

use std::time::Duration;

use begrip_mock_model::{Behaviour, Call, Latency, MockConfig, When};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Program, Workplace, question};

/// Euro for a million tokens sent and received.
const PRICE: (u64, u64) = (2, 10);

async fn priced(program: &Program) {
    change(program, |settings| {
        settings["prices"]["models"] = json!([{
            "model": "begrip-demo*",
            "eur_per_million_in": PRICE.0,
            "eur_per_million_out": PRICE.1,
        }]);
    })
    .await;
}

async fn change(program: &Program, change: impl FnOnce(&mut Value)) {
    let mut settings = program.settings().await;
    change(&mut settings);
    let _ = program.call("settings_save", settings).await;
}

async fn costs(program: &Program, by: &str) -> Value {
    program.call("costs", json!({ "by": by })).await
}

/// What the log of the model says that all calls took: calls, tokens sent, received, millionths.
fn witness(log: &[Call]) -> (u64, u64, u64, u64) {
    let sum = |of: fn(&Call) -> u32| log.iter().map(|call| u64::from(of(call))).sum::<u64>();
    let (sent, received) = (sum(|call| call.tokens_in), sum(|call| call.tokens_out));
    (
        log.len() as u64,
        sent,
        received,
        sent * PRICE.0 + received * PRICE.1,
    )
}

fn told(row: &Value) -> (u64, u64, u64, u64) {
    let number = |name: &str| row[name].as_f64().unwrap();
    (
        number("calls") as u64,
        number("tokens_in") as u64,
        number("tokens_out") as u64,
        (number("cost_eur") * 1e6).round() as u64,
    )
}

/// Waits until the model's log says so, and no call is under way in the program.
async fn until(holds: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it never came to that");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sums_are_those_of_the_models_own_log_whatever_became_of_a_call() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    priced(&program).await;
    change(&program, |settings| {
        settings["model"]["idle_timeout_s"] = 1.into();
    })
    .await;
    let cases = [
        ("good", vec![Behaviour::Normal]),
        ("without usage", vec![Behaviour::NoUsage]),
        ("untidy", vec![Behaviour::Untidy]),
        (
            "tried again",
            vec![Behaviour::status(503), Behaviour::Normal],
        ),
        (
            "tried again twice",
            vec![
                Behaviour::status(500),
                Behaviour::too_many(0),
                Behaviour::Normal,
            ],
        ),
        ("refused", vec![Behaviour::status(400)]),
        ("cut", vec![Behaviour::CutStream { after: 37 }]),
        ("error inside", vec![Behaviour::ErrorEvent { after: 12 }]),
        ("silent", vec![Behaviour::HangMidStream { after: 5 }]),
        ("truncated", vec![Behaviour::Truncated { after: 20 }]),
        ("filtered", vec![Behaviour::ContentFilter]),
        ("empty", vec![Behaviour::Empty]),
        ("other json", vec![Behaviour::WrongJson]),
        ("garbage", vec![Behaviour::Garbage]),
        (
            "repaired",
            vec![Behaviour::FaultyThenRepaired, Behaviour::FaultyThenRepaired],
        ),
        ("faulty", vec![Behaviour::Faulty, Behaviour::Faulty]),
    ];
    for (number, (name, behaviours)) in cases.into_iter().enumerate() {
        let before = workplace.model.calls();
        for behaviour in &behaviours {
            workplace
                .model
                .set_behaviour(When::Next { times: 1 }, behaviour.clone());
        }
        let term = format!("gebod van soort {number}");
        let _ = program.define(question(&term)).await;
        assert_eq!(workplace.model.calls() - before, behaviours.len(), "{name}");
        let total = costs(&program, "day").await["total"].clone();
        assert_eq!(
            told(&total),
            witness(&workplace.model.log()),
            "after {name}"
        );
        // The breaker closes again.
        workplace.clock.advance(SignedDuration::from_mins(2));
    }
    let by_task = costs(&program, "task").await;
    let calls = |task: &str| {
        let rows = by_task["rows"].as_array().unwrap();
        rows.iter().find(|row| row["name"] == task).unwrap()["calls"].clone()
    };
    assert_eq!(calls("repair"), 2);
    // Whatever the rows stand for, they add up to the same.
    for by in ["day", "model", "task", "prompt", "arm"] {
        let costs = costs(&program, by).await;
        let rows = costs["rows"].as_array().unwrap();
        let sum = rows.iter().map(told).fold((0, 0, 0, 0), |a, b| {
            (a.0 + b.0, a.1 + b.1, a.2 + b.2, a.3 + b.3)
        });
        assert_eq!(sum, witness(&workplace.model.log()), "{by}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_call_costs_what_came_in_until_then() {
    for after in [0, 9] {
        let workplace = Workplace::new().await;
        let program = workplace.open().await;
        priced(&program).await;
        let behaviour = match after {
            0 => Behaviour::Hang,
            after => Behaviour::HangMidStream { after },
        };
        workplace.model.set_behaviour(When::Always, behaviour);
        let asking = program.clone();
        let asked = tokio::spawn(async move { asking.define(question("gebod")).await.1 });
        until(|| {
            workplace
                .model
                .log()
                .first()
                .is_some_and(|call| call.tokens_out >= after)
        })
        .await;
        // The last piece is on its way for a moment.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let _ = program
            .call("define_cancel", json!({ "request_id": "1" }))
            .await;
        assert_eq!(asked.await.unwrap().unwrap_err().code, "BG-514");
        // Closing waits for the end of the call to be written down.
        program.close().await;
        let program = workplace.open().await;
        let total = costs(&program, "day").await["total"].clone();
        assert_eq!(
            told(&total),
            witness(&workplace.model.log()),
            "after {after}"
        );
        assert_eq!(total["failed"], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_asked_again_is_counted_as_saved() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    priced(&program).await;
    for term in ["gebod", "gebod", "verbod", "gebod"] {
        let _ = program.draft(term).await;
    }
    program.close().await;
    let program = workplace.open().await;
    let _ = program.draft("verbod").await;
    let total = costs(&program, "day").await["total"].clone();
    let log = workplace.model.log();
    assert_eq!(told(&total), witness(&log));
    assert_eq!(
        (&total["questions"], &total["saved"]),
        (&json!(5), &json!(3))
    );
    // Twice what the first call took, and once what the second did.
    let again = [log[0].clone(), log[0].clone(), log[1].clone()];
    let (_, sent, received, micro_eur) = witness(&again);
    assert_eq!(total["tokens_saved"], (sent + received) as f64);
    let saved = (total["eur_saved"].as_f64().unwrap() * 1e6).round() as u64;
    assert_eq!(saved, micro_eur);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_a_price_is_told_as_such_and_the_month_may_be_chosen() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let _ = program.draft("gebod").await;
    let this = costs(&program, "model").await;
    assert_eq!(this["total"]["unpriced"], 1);
    assert_eq!(this["total"]["cost_eur"], 0.0);
    assert_eq!(this["rows"][0]["name"], begrip_mock_model::MODEL_NAME);
    let other = program.call("costs", json!({ "month": "2020-02" })).await;
    assert_eq!(other["total"]["calls"], 0);
    for month in ["2020-13", "2020", "februari", "2020-1", "", "2020-02-03"] {
        assert_eq!(
            program.refused("costs", json!({ "month": month })).await,
            "BG-413"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_that_run_side_by_side_do_not_pass_the_budget_of_the_day_together() {
    let workplace = Workplace::with(MockConfig {
        latency: Latency {
            first_ms: 200.0,
            ..Latency::default()
        },
        ..MockConfig::default()
    })
    .await;
    let program = workplace.open().await;
    let prompt = program.call("preview", json!({ "term": "gebod 10" })).await["tokens"]
        .as_u64()
        .unwrap();
    let longest = program.settings().await["model"]["max_reply_tokens"]
        .as_u64()
        .unwrap();
    // Room for three at one time, and not for a fourth.
    let limit = 4 * (prompt + longest) - 1;
    change(&program, |settings| {
        settings["budgets"]["tokens_per_day"] = limit.into()
    })
    .await;
    let asking: Vec<_> = (10..30)
        .map(|number| {
            let program = program.clone();
            tokio::spawn(async move {
                program
                    .define(question(&format!("gebod {number}")))
                    .await
                    .1
                    .map_err(|error| error.code)
            })
        })
        .collect();
    let mut drafts = 0;
    for asked in asking {
        match asked.await.unwrap() {
            Ok(_) => drafts += 1,
            Err(code) => assert_eq!(code, "BG-402"),
        }
    }
    assert_eq!(drafts, 3);
    let (calls, sent, received, _) = witness(&workplace.model.log());
    assert_eq!(calls, 3);
    assert!(sent + received <= limit);
    // What they did not use is there for another one.
    let used = costs(&program, "day").await["limits"][0].clone();
    assert_eq!(used["name"], "tokens_per_day");
    assert_eq!(used["used"], (sent + received) as f64);
    assert_eq!(used["allowed"], limit as f64);
    let _ = program.draft("gebod 30").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_limit_says_which_it_is_and_keeps_answers_to_be_had() {
    // Millionths of a euro are what these limits come to: one call may take thousands.
    for (limit, value, code) in [
        ("eur_per_call", 0.001, "BG-412"),
        ("eur_per_day", 0.001, "BG-402"),
        ("tokens_per_day", 100.0, "BG-402"),
        ("eur_per_month", 0.001, "BG-411"),
        ("tokens_per_month", 100.0, "BG-411"),
    ] {
        let workplace = Workplace::new().await;
        let program = workplace.open().await;
        priced(&program).await;
        let first = program.draft("gebod").await;
        change(&program, |settings| {
            settings["budgets"][limit] = match limit.starts_with("eur") {
                true => json!(value),
                false => json!(value as u64),
            };
        })
        .await;
        assert_eq!(
            program.draft_refused(question("verbod")).await,
            code,
            "{limit}"
        );
        let mut again = question("gebod");
        again["regenerate"] = true.into();
        assert_eq!(program.draft_refused(again).await, code, "{limit}");
        // Kept answers go on, also when they are out of date.
        assert_eq!(program.draft("gebod").await["cache"], "memory");
        workplace.clock.advance(SignedDuration::from_hours(24 * 40));
        if !limit.ends_with("call") {
            // Nothing was spent on the new day; one call alone is over the limit already.
            let stale = program.draft("gebod").await;
            assert_eq!(stale["cache"], "stale", "{limit}");
            assert_eq!(stale["reply"], first["reply"]);
        }
        assert_eq!(workplace.model.calls(), 1, "{limit}");
        change(&program, |settings| settings["budgets"][limit] = 0.into()).await;
        let _ = program.draft("verbod").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_button_is_in_the_ledger_too() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    priced(&program).await;
    let _ = program.call("model_test", Value::Null).await;
    let probed = costs(&program, "task").await;
    assert_eq!(told(&probed["total"]), witness(&workplace.model.log()));
    assert_eq!(probed["rows"][0]["name"], "probe");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_cannot_be_is_refused_by_name() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    for (price, field) in [
        (
            json!([{ "model": "", "eur_per_million_in": 1, "eur_per_million_out": 1 }]),
            "prices.model",
        ),
        (
            json!([{ "model": "m", "eur_per_million_in": -1, "eur_per_million_out": 1 }]),
            "prices.eur",
        ),
        (
            json!([
                { "model": "m", "eur_per_million_in": 1, "eur_per_million_out": 1 },
                { "model": "M ", "eur_per_million_in": 2, "eur_per_million_out": 1 },
            ]),
            "prices.model",
        ),
        (
            json!([{ "model": "m", "eur_per_million_in": 1, "eur_per_million_out": 1, "eur_per_million_cached": 2e6 }]),
            "prices.eur",
        ),
    ] {
        let mut settings = program.settings().await;
        settings["prices"]["models"] = price;
        let error = program
            .try_call("settings_save", settings)
            .await
            .unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.detail.as_str()),
            ("BG-110", field)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn insight_tells_what_became_of_questions_which_rules_failed_and_what_is_stored() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    priced(&program).await;
    let empty = program.call("insight", json!({})).await;
    assert_eq!(
        (&empty["fates"], &empty["failures"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(empty["months"].as_array().unwrap().len(), 1);

    workplace
        .model
        .set_behaviour(When::Always, Behaviour::Faulty);
    let faulty = program.draft("verbod").await;
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::Normal);
    for _ in 0..3 {
        let _ = program.draft("gebod").await;
    }
    program.close().await;
    let program = workplace.open().await;
    let told = program.call("insight", json!({})).await;
    let fate = |name: &str| {
        let fates = told["fates"].as_array().unwrap();
        let found = fates.iter().find(|fate| fate["name"] == name);
        found.map_or(0, |fate| fate["count"].as_u64().unwrap())
    };
    // A repair is part of its draft and no question of its own.
    assert_eq!((fate("miss"), fate("memory"), fate("bypassed")), (2, 2, 0));
    assert_eq!(told["costs"]["total"]["questions"], 4);
    assert_eq!(told["costs"]["rows"].as_array().unwrap().len(), 1);
    // The rules that failed in what the model wrote, whatever came of the repair.
    let failed: Vec<_> = faulty["report"]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["outcome"] == "fail" && finding["level"] == "blocking")
        .map(|finding| finding["rule"].clone())
        .collect();
    assert!(!failed.is_empty());
    for rule in failed {
        let failures = told["failures"].as_array().unwrap();
        let one = failures.iter().find(|one| one["rule"] == rule).unwrap();
        assert_ne!(one["title"], "");
        assert!(one["drafts"].as_u64().unwrap() >= 1);
    }
    let names: Vec<_> = told["storage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].clone())
        .collect();
    assert_eq!(names, ["concepts", "backups", "answers", "memory"]);
    for one in told["storage"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["name"] != "memory")
    {
        assert!(one["bytes"].as_f64().unwrap() > 0.0, "{one}");
    }
    assert_eq!(
        program
            .refused("insight", json!({ "month": "2020-13" }))
            .await,
        "BG-413"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_one_question_whatever_repairs_and_models_it_takes() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::FaultyThenRepaired);
    let _ = program.draft("gebod").await;
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::Normal);
    change(&program, |settings| {
        settings["routing"]["fallback_model"] = "reserve".into();
    })
    .await;
    let main = When::Model {
        model: begrip_mock_model::MODEL_NAME.to_owned(),
    };
    workplace.model.set_behaviour(main, Behaviour::status(404));
    assert_eq!(program.draft("verbod").await["calls"], 2);
    // Offline the stand-in's answer is found: then it was spared.
    let mut offline = question("verbod");
    offline["offline"] = true.into();
    assert!(program.define(offline).await.1.is_ok());
    let total = costs(&program, "day").await["total"].clone();
    assert_eq!(
        (&total["calls"], &total["questions"], &total["saved"]),
        (&json!(4), &json!(3), &json!(1))
    );
    let told = program.call("insight", json!({})).await;
    assert_eq!(
        told["fates"],
        json!([{ "name": "memory", "count": 1 }, { "name": "miss", "count": 2 }])
    );
    // How long a user waited for a draft, repairs apart: those have a row of their own.
    let by_task = costs(&program, "task").await;
    let row = |task: &str| {
        let rows = by_task["rows"].as_array().unwrap();
        rows.iter().find(|row| row["name"] == task).unwrap().clone()
    };
    for percentile in ["latency_p50_ms", "latency_p95_ms"] {
        assert_eq!(total[percentile], row("define")[percentile]);
        assert_ne!(row("repair")[percentile], Value::Null);
    }
    assert_eq!(row("repair")["questions"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn this_month_is_in_the_list_also_while_another_is_looked_at_and_nothing_was_asked() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let _ = program.draft("gebod").await;
    let then = program.call("insight", json!({})).await["this_month"].clone();
    workplace.clock.advance(SignedDuration::from_hours(24 * 40));
    let now = program.call("insight", json!({})).await["this_month"].clone();
    assert_ne!(now, then);
    let told = program.call("insight", json!({ "month": then })).await;
    assert_eq!(told["costs"]["month"], then);
    assert_eq!(told["this_month"], now);
    assert_eq!(told["months"], json!([now, then]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_tells_all_that_it_took_failed_attempts_and_other_models_included() {
    let main = || When::Model {
        model: begrip_mock_model::MODEL_NAME.to_owned(),
    };
    let next = || When::Next { times: 1 };
    for (name, behaviours, calls) in [
        ("tried again", vec![(next(), Behaviour::status(503))], 2),
        ("another model", vec![(main(), Behaviour::Hang)], 2),
        (
            "repaired",
            vec![(When::Always, Behaviour::FaultyThenRepaired)],
            2,
        ),
        ("no room for a repair", vec![(next(), Behaviour::Faulty)], 1),
    ] {
        let workplace = Workplace::new().await;
        let program = workplace.open().await;
        priced(&program).await;
        let prompt = program.call("preview", json!({ "term": "gebod" })).await["tokens"]
            .as_u64()
            .unwrap();
        change(&program, |settings| {
            settings["routing"]["define"] = json!({ "model": "", "timeout_s": 2 });
            if name == "another model" {
                settings["routing"]["fallback_model"] = "begrip-demo-reserve".into();
            }
            if name == "no room for a repair" {
                let longest = settings["model"]["max_reply_tokens"].as_u64().unwrap();
                settings["budgets"]["tokens_per_day"] = (prompt + longest + 20).into();
            }
        })
        .await;
        for (when, behaviour) in behaviours {
            workplace.model.set_behaviour(when, behaviour);
        }
        let draft = program.draft("gebod").await;
        let log = workplace.model.log();
        assert_eq!(told(&draft), witness(&log), "{name}");
        assert_eq!(log.len(), calls, "{name}");
        // Who finds it kept is told that it took nothing, or what another model took in vain.
        if name != "no room for a repair" {
            let again = program.draft("gebod").await;
            let log = workplace.model.log();
            assert_eq!(told(&again), witness(&log[calls..]), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cache_and_the_ledger_tell_the_same_saving_by_the_model_that_answered() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    change(&program, |settings| {
        settings["routing"]["define"] = json!({ "model": "groot", "timeout_s": 0 });
        settings["prices"]["models"] = json!([
            { "model": "groot", "eur_per_million_in": 20, "eur_per_million_out": 100 },
            { "model": "begrip-demo*", "eur_per_million_in": 1, "eur_per_million_out": 1 },
        ]);
    })
    .await;
    for _ in 0..3 {
        let _ = program.draft("gebod").await;
    }
    let cache = program.call("cache_stats", Value::Null).await;
    let total = costs(&program, "day").await["total"].clone();
    let log = workplace.model.log();
    assert_eq!(log.len(), 1);
    let each = f64::from(log[0].tokens_in) * 20.0 + f64::from(log[0].tokens_out) * 100.0;
    let micro = |of: &Value| (of["eur_saved"].as_f64().unwrap() * 1e6).round();
    assert_eq!((micro(&cache), micro(&total)), (2.0 * each, 2.0 * each));
    assert_eq!(micro(&cache["by_organisation"][0]), 2.0 * each);
}
