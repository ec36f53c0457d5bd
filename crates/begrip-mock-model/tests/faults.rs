//! Every fault as a client meets it, over real HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test reports a broken promise by panicking"
)]

mod support;

use std::time::Duration;

use begrip_mock_model::{
    Behaviour, Capacity, Excess, Latency, MockConfig, MockModel, Outcome, When,
};
use serde_json::Value;
use support::{ask, content, events, finish_reason, start, streamed};
use tokio::time::timeout;

async fn with(behaviour: Behaviour) -> MockModel {
    let model = start().await;
    model.set_behaviour(When::Always, behaviour);
    model
}

/// Waits until the last call ends.
async fn outcome(model: &MockModel) -> Outcome {
    let ended = async {
        loop {
            match model.log().last().map(|call| call.outcome) {
                Some(Outcome::Running) | None => tokio::time::sleep(Duration::from_millis(5)).await,
                Some(outcome) => return outcome,
            }
        }
    };
    timeout(Duration::from_secs(30), ended)
        .await
        .expect("the call has not ended")
}

#[tokio::test]
async fn http_errors_carry_their_status_retry_after_and_an_error_body() {
    for (status, retry_after) in [(429, Some("7")), (500, None), (503, Some("0")), (400, None)] {
        let model = with(Behaviour::Status {
            status,
            retry_after: retry_after.map(str::to_owned),
        })
        .await;
        let answer = ask(&model, "vonnis", true).await;
        assert_eq!(answer.status(), status);
        let header = answer
            .headers()
            .get("retry-after")
            .map(|v| v.to_str().unwrap());
        assert_eq!(header, retry_after);
        let body: Value = answer.json().await.unwrap();
        assert!(body["error"]["message"].is_string());
        let call = &model.log()[0];
        assert_eq!((call.status, call.outcome), (status, Outcome::Fault));
        assert_eq!((call.tokens_in, call.tokens_out), (0, 0));
    }
}

#[tokio::test]
async fn a_fault_for_the_next_requests_leaves_the_later_ones_alone() {
    let model = start().await;
    model.set_behaviour(When::Next { times: 2 }, Behaviour::status(500));
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(ask(&model, "vonnis", false).await.status().as_u16());
    }
    assert_eq!(seen, [500, 500, 200]);
    let names: Vec<_> = model.log().iter().map(|call| call.behaviour).collect();
    assert_eq!(names, ["status", "status", "normal"]);
}

#[tokio::test]
async fn a_caller_that_leaves_a_hanging_call_is_noticed() {
    for stream in [false, true] {
        let model = with(Behaviour::Hang).await;
        let waiting = timeout(Duration::from_secs(1), ask(&model, "vonnis", stream)).await;
        assert!(waiting.is_err(), "a hanging call was answered");
        assert_eq!(outcome(&model).await, Outcome::Cancelled);
    }
}

#[tokio::test]
async fn a_caller_that_leaves_a_stream_is_noticed() {
    for behaviour in [
        Behaviour::HangMidStream { after: 3 },
        Behaviour::SlowDrip { delay_ms: 40 },
    ] {
        let model = with(behaviour).await;
        let mut stream = ask(&model, "vonnis", true).await;
        assert!(stream.chunk().await.unwrap().is_some());
        drop(stream);
        assert_eq!(outcome(&model).await, Outcome::Cancelled);
    }
}

#[tokio::test]
async fn a_cut_stream_gives_its_first_pieces_and_then_breaks() {
    let model = with(Behaviour::CutStream { after: 5 }).await;
    let mut stream = ask(&model, "vonnis", true).await;
    let mut text = String::new();
    let broken = loop {
        match stream.chunk().await {
            Ok(Some(bytes)) => text.push_str(std::str::from_utf8(&bytes).unwrap()),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broken, "a cut stream ended as if it were whole");
    assert_eq!(events(&text).len(), 1 + 5);
    assert_eq!(model.log()[0].tokens_out, 5);
    assert_eq!(outcome(&model).await, Outcome::Fault);

    let plain = ask(&model, "vonnis", false).await;
    assert!(plain.text().await.is_err());
}

#[tokio::test]
async fn garbage_is_neither_text_nor_json() {
    for stream in [false, true] {
        let model = with(Behaviour::Garbage).await;
        let bytes = ask(&model, "vonnis", stream).await.bytes().await.unwrap();
        assert!(std::str::from_utf8(&bytes).is_err());
    }
}

#[tokio::test]
async fn answers_that_end_badly_say_why() {
    for (behaviour, reason) in [
        (Behaviour::Truncated { after: 6 }, "length"),
        (Behaviour::ContentFilter, "content_filter"),
        (Behaviour::Empty, "stop"),
    ] {
        let model = with(behaviour.clone()).await;
        let events = events(&streamed(&model, "vonnis").await.unwrap());
        assert_eq!(finish_reason(&events).as_deref(), Some(reason));
        let plain: Value = ask(&model, "vonnis", false).await.json().await.unwrap();
        assert_eq!(plain["choices"][0]["finish_reason"], reason);
        let text = plain["choices"][0]["message"]["content"].as_str().unwrap();
        assert_eq!(text, content(&events));
        assert_eq!(text.is_empty(), behaviour == Behaviour::Empty);
        assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
    }
}

#[tokio::test]
async fn wrong_and_wrapped_answers_are_what_their_names_say() {
    let content = async |behaviour: Behaviour| {
        let model = with(behaviour).await;
        let body: Value = ask(&model, "vonnis", false).await.json().await.unwrap();
        body["choices"][0]["message"]["content"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let normal = content(Behaviour::Normal).await;
    let wrong = content(Behaviour::WrongJson).await;
    let wrong: Value = serde_json::from_str(&wrong).unwrap();
    assert!(wrong.get("definition").is_none());
    assert_eq!(
        content(Behaviour::CodeFence).await,
        format!("```json\n{normal}\n```")
    );
    let prose = content(Behaviour::Prose).await;
    assert!(prose.starts_with("Natuurlijk") && prose.contains(&normal));
    let text = "precies dit".to_owned();
    assert_eq!(content(Behaviour::Text { text: text.clone() }).await, text);
}

#[tokio::test]
async fn a_huge_answer_is_as_long_as_asked_in_both_forms() {
    let model = with(Behaviour::Huge { bytes: 3_000_000 }).await;
    for stream in [false, true] {
        let mut answer = ask(&model, "vonnis", stream).await;
        let mut size = 0;
        while let Some(bytes) = answer.chunk().await.unwrap() {
            size += bytes.len();
        }
        assert!(size > 2_900_000, "{size}");
    }
}

#[tokio::test]
async fn an_error_inside_a_stream_comes_as_an_event_and_is_the_last_one() {
    let model = with(Behaviour::ErrorEvent { after: 2 }).await;
    let text = streamed(&model, "vonnis").await.unwrap();
    assert!(!text.contains("[DONE]"));
    let events = events(&text);
    assert!(events.last().unwrap()["error"]["message"].is_string());
    assert_eq!(events.len(), 1 + 2 + 1);
}

#[tokio::test]
async fn usage_can_be_left_out() {
    let model = with(Behaviour::NoUsage).await;
    let plain: Value = ask(&model, "vonnis", false).await.json().await.unwrap();
    assert!(plain.get("usage").is_none());
    let events = events(&streamed(&model, "vonnis").await.unwrap());
    assert!(events.iter().all(|event| event.get("usage").is_none()));
}

#[tokio::test]
async fn over_capacity_requests_wait_or_are_refused() {
    for (excess, statuses) in [
        (Excess::Wait, [200, 200, 200]),
        (Excess::Refuse, [200, 429, 429]),
    ] {
        let config = MockConfig {
            capacity: Some(Capacity { at_once: 1, excess }),
            latency: Latency {
                first_ms: 300.0,
                ..Latency::default()
            },
            ..MockConfig::default()
        };
        let model = MockModel::start(config).await.unwrap();
        let (a, b, c) = tokio::join!(
            ask(&model, "vonnis", false),
            ask(&model, "vonnis", false),
            ask(&model, "vonnis", false)
        );
        let mut seen = Vec::new();
        for answer in [a, b, c] {
            seen.push(answer.status().as_u16());
            answer.bytes().await.unwrap();
        }
        seen.sort_unstable();
        assert_eq!(seen, statuses, "{excess:?}");
        // The place is free again once the first is through.
        assert_eq!(ask(&model, "vonnis", false).await.status(), 200);
    }
}

#[tokio::test]
async fn a_caller_that_leaves_frees_its_place() {
    let config = MockConfig {
        capacity: Some(Capacity {
            at_once: 1,
            excess: Excess::Wait,
        }),
        ..MockConfig::default()
    };
    let model = MockModel::start(config).await.unwrap();
    model.set_behaviour(When::Next { times: 1 }, Behaviour::Hang);
    let left = timeout(Duration::from_millis(100), ask(&model, "vonnis", true)).await;
    assert!(left.is_err());
    let second = timeout(Duration::from_secs(10), ask(&model, "vonnis", false)).await;
    assert_eq!(second.expect("the place was never freed").status(), 200);
}
