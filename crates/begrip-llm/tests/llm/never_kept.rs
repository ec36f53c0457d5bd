//! What must never be kept: each leaves nothing in either tier, and the next question is asked.

use std::sync::Arc;

use begrip_llm::{CachePolicy, CancellationToken, LlmError, Refusal, Validate};
use begrip_mock_model::{Behaviour, MockConfig};

use crate::support::{
    Bench, DONE, RawServer, any, ask, delta, events, question, raw_model, send, stop, until,
};

async fn nothing_is_kept(bench: &Bench) {
    let stats = bench.model.stats();
    assert_eq!((stats.memory.entries, bench.disk.len()), (0, 0));
    let before = bench.mock.calls();
    bench.mock.reset();
    let answer = ask(&bench.model, question("vonnis")).await.unwrap();
    assert!(
        answer.calls == 1 && bench.mock.calls() == 1,
        "after {before} calls it is asked anew"
    );
}

#[tokio::test]
async fn failed_and_spoiled_replies_are_not_kept() {
    for behaviour in [
        Behaviour::status(400),
        Behaviour::status(401),
        Behaviour::status(404),
        Behaviour::status(429),
        Behaviour::status(500),
        Behaviour::status(503),
        Behaviour::CutStream { after: 0 },
        Behaviour::CutStream { after: 5 },
        Behaviour::ErrorEvent { after: 5 },
        Behaviour::Garbage,
        Behaviour::Truncated { after: 5 },
        Behaviour::ContentFilter,
        Behaviour::Empty,
        Behaviour::Huge { bytes: 1_000_000 },
    ] {
        for stream in [true, false] {
            let never_open = |setup: &mut begrip_llm::Setup| setup.breaker.failures = u32::MAX;
            let bench = Bench::with(MockConfig::default(), never_open, |_| {}).await;
            bench.always(behaviour.clone());
            let mut request = question("vonnis");
            request.stream = stream;
            let error = ask(&bench.model, request).await.unwrap_err();
            let refused = bench.model.stats().refused;
            assert_eq!(refused.get(error.code()), Some(&1), "{behaviour:?}");
            nothing_is_kept(&bench).await;
        }
    }
}

#[tokio::test]
async fn a_reply_that_took_too_long_is_not_kept() {
    for behaviour in [Behaviour::Hang, Behaviour::HangMidStream { after: 5 }] {
        let short = |endpoint: &mut begrip_llm::Endpoint| {
            endpoint.timeouts.total = std::time::Duration::from_secs(1);
        };
        let bench = Bench::with(MockConfig::default(), |_| {}, short).await;
        bench.next(behaviour.clone());
        let error = ask(&bench.model, question("vonnis")).await.unwrap_err();
        assert_eq!(error.code(), "timeout", "{behaviour:?}");
        nothing_is_kept(&bench).await;
    }
}

#[tokio::test]
async fn a_cancelled_reply_is_not_kept() {
    let bench = Bench::new().await;
    bench.next(Behaviour::HangMidStream { after: 5 });
    let cancel = CancellationToken::new();
    let stopper = cancel.clone();
    let sink = |_: begrip_llm::Piece<'_>| stopper.cancel();
    let result = bench
        .model
        .ask(question("vonnis"), CachePolicy::Use, any(), sink, &cancel)
        .await;
    assert_eq!(result, Err(LlmError::Cancelled));
    until("the call has ended", || {
        bench.ledger.outcomes() == ["cancelled"]
    })
    .await;
    nothing_is_kept(&bench).await;
}

#[tokio::test]
async fn a_reply_that_the_caller_does_not_accept_is_given_but_not_kept() {
    let needs_definition: Validate = Arc::new(|text| {
        let json = serde_json::from_str::<serde_json::Value>(text).map_err(|e| e.to_string())?;
        json["definition"]
            .as_str()
            .map(|_| ())
            .ok_or_else(|| "no definition".to_owned())
    });
    for (behaviour, accepted) in [
        (Behaviour::Normal, true),
        (Behaviour::WrongJson, false),
        (Behaviour::Prose, false),
        (
            Behaviour::Text {
                text: "{\"definition\": 1}".to_owned(),
            },
            false,
        ),
    ] {
        let bench = Bench::new().await;
        bench.next(behaviour.clone());
        let cancel = CancellationToken::new();
        let validate = Arc::clone(&needs_definition);
        let answer = bench
            .model
            .ask(
                question("vonnis"),
                CachePolicy::Use,
                validate,
                |_| {},
                &cancel,
            )
            .await
            .unwrap();
        assert_eq!(answer.refusal.is_none(), accepted, "{behaviour:?}");
        assert!(!answer.text.is_empty());
        if accepted {
            assert_eq!(bench.disk.len(), 1);
        } else {
            assert!(matches!(answer.refusal, Some(Refusal::NotValid(_))));
            assert_eq!(bench.model.stats().refused["not_valid"], 1);
            nothing_is_kept(&bench).await;
        }
    }
}

#[tokio::test]
async fn a_reply_that_stopped_for_an_unknown_reason_is_not_kept() {
    let script = vec![events(), send(delta("een") + &stop("tool_calls") + DONE)];
    let server = RawServer::start(vec![script]).await;
    let model = raw_model(&server.url, |_| {});
    let answer = ask(&model, question("x")).await.unwrap();
    assert_eq!(
        answer.refusal,
        Some(Refusal::FinishReason("tool_calls".to_owned()))
    );
    assert_eq!(model.stats().memory.entries, 0);
}

#[tokio::test]
async fn with_the_cache_off_nothing_is_kept_and_nothing_read() {
    let off = |setup: &mut begrip_llm::Setup| setup.cache.enabled = false;
    let bench = Bench::with(MockConfig::default(), off, |_| {}).await;
    for _ in 0..2 {
        let answer = ask(&bench.model, question("vonnis")).await.unwrap();
        assert_eq!(
            (answer.calls, answer.refusal),
            (1, Some(Refusal::SwitchedOff))
        );
    }
    assert_eq!((bench.mock.calls(), bench.disk.len()), (2, 0));
    assert_eq!(bench.model.stats().counts.bypassed, 2);
}
