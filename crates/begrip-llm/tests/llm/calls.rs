//! Calls: what goes over the wire, what is tried again, what is reported.

use std::sync::Arc;
use std::time::Duration;

use begrip_llm::{
    BreakerState, CachePolicy, CancellationToken, Flavour, LlmError, Secret, Setup, Structured,
    Wait,
};
use begrip_mock_model::{Behaviour, MockConfig};
use serde_json::json;

use crate::support::{
    Act, Bench, DONE, RawServer, any, ask, ask_by, delta, events, model, question, raw_model, send,
    stop,
};

#[tokio::test]
async fn the_body_that_goes_upstream_is_the_question_and_nothing_else() {
    let bench = Bench::new().await;
    let mut request = question("vonnis");
    request.messages[1].content = "<term>clie\u{308}nt</term>".to_owned();
    request.max_tokens = Some(900);
    request.seed = Some(7);
    request.schema = Some(
        json!({"title": "Antwoord 1", "type": "object", "properties": {"definition": {"type": "string"}}}),
    );
    request.extra.insert("top_p".to_owned(), json!(0.5));
    request.extra.insert("model".to_owned(), json!("een ander"));
    request.request_id = Some("vraag-1".to_owned());
    let schema = request.schema.clone().unwrap();
    ask(&bench.model, request).await.unwrap();
    let call = &bench.mock.log()[0];
    assert_eq!(
        call.body,
        json!({
            "model": "gpt-test",
            "messages": [
                {"role": "system", "content": "Geef een definitie. Antwoord met JSON."},
                {"role": "user", "content": "<term>cliënt</term>"},
            ],
            "temperature": 0.0,
            "max_tokens": 900,
            "seed": 7,
            "top_p": 0.5,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "Antwoord1", "strict": true, "schema": schema},
            },
            "stream": true,
            "stream_options": {"include_usage": true},
        })
    );
    assert_eq!(call.request_id.as_deref(), Some("vraag-1"));
    assert!(!call.authorization);
}

#[tokio::test]
async fn the_key_goes_along_in_the_flavour_s_own_way() {
    let with_key = || MockConfig {
        api_key: Some("sk-goed".to_owned()),
        ..MockConfig::default()
    };
    let azure = Flavour::Azure {
        deployment: "gpt-4".to_owned(),
        api_version: "2024-10-21".to_owned(),
    };
    for (flavour, path) in [
        (Flavour::OpenAi, "/v1/chat/completions"),
        (azure, "/openai/deployments/gpt-4/chat/completions"),
    ] {
        for (key, accepted) in [("sk-goed", true), ("sk-fout", false)] {
            let bench = Bench::with(
                with_key(),
                |_| {},
                |endpoint| {
                    endpoint.flavour = flavour.clone();
                    endpoint.api_key = Some(Secret::new(key));
                },
            )
            .await;
            let result = ask(&bench.model, question("vonnis")).await;
            assert_eq!(result.is_ok(), accepted, "{flavour:?} {key}");
            assert_eq!(bench.mock.log()[0].path, path);
            if !accepted {
                assert_eq!(result, Err(LlmError::Unauthorised));
                assert_eq!(bench.mock.calls(), 1, "a wrong key is not tried again");
            }
        }
    }
}

#[tokio::test]
async fn trouble_that_may_pass_is_tried_again_and_refusals_are_not() {
    for (behaviour, calls, code) in [
        (Behaviour::status(500), 3, "server"),
        (Behaviour::status(502), 3, "server"),
        (Behaviour::status(503), 3, "server"),
        (Behaviour::status(504), 3, "server"),
        (Behaviour::status(429), 3, "rate_limited"),
        (Behaviour::too_many(0), 3, "rate_limited"),
        (Behaviour::CutStream { after: 0 }, 3, "broken_stream"),
        (Behaviour::ErrorEvent { after: 0 }, 3, "server"),
        (Behaviour::too_many(3_600), 1, "rate_limited"),
        (Behaviour::CutStream { after: 2 }, 1, "broken_stream"),
        (Behaviour::ErrorEvent { after: 2 }, 1, "server"),
        (Behaviour::status(400), 1, "refused"),
        (Behaviour::status(401), 1, "unauthorised"),
        (Behaviour::status(403), 1, "forbidden"),
        (Behaviour::status(404), 1, "model_not_found"),
        (Behaviour::status(408), 1, "refused"),
        (Behaviour::status(413), 1, "prompt_too_long"),
        (Behaviour::status(422), 1, "refused"),
        (Behaviour::status(501), 1, "server"),
        (Behaviour::Garbage, 1, "bad_reply"),
        (Behaviour::Empty, 1, "empty"),
        (Behaviour::Truncated { after: 3 }, 1, "truncated"),
        (Behaviour::ContentFilter, 1, "content_filter"),
    ] {
        let bench = Bench::new().await;
        bench.always(behaviour.clone());
        let error = ask(&bench.model, question("vonnis")).await.unwrap_err();
        assert_eq!(error.code(), code, "{behaviour:?}");
        assert_eq!(bench.mock.calls(), calls, "{behaviour:?}");
        assert_eq!(bench.ledger.outcomes(), vec![code; calls], "{behaviour:?}");
    }
}

#[tokio::test]
async fn a_second_attempt_can_succeed_and_both_are_counted() {
    let bench = Bench::new().await;
    bench.next(Behaviour::status(500));
    bench.next(Behaviour::Status {
        status: 429,
        retry_after: Some("0".to_owned()),
    });
    let mut request = question("vonnis");
    request.request_id = Some("een-vraag".to_owned());
    let answer = ask(&bench.model, request).await.unwrap();
    assert_eq!((answer.calls, bench.mock.calls()), (3, 3));
    assert_eq!(bench.model.stats().calls, 3);
    let ids: Vec<_> = bench
        .mock
        .log()
        .into_iter()
        .map(|call| call.request_id.unwrap())
        .collect();
    assert_eq!(ids, ["een-vraag"; 3]);
    let reports = bench.ledger.all();
    let numbers: Vec<_> = reports.iter().map(|report| report.attempt).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(reports[2].server_request_id.as_deref(), Some("een-vraag"));
}

#[tokio::test]
async fn the_time_that_the_server_asks_is_waited_out() {
    let bench = Bench::new().await;
    bench.next(Behaviour::too_many(1));
    ask(&bench.model, question("vonnis")).await.unwrap();
    let log = bench.mock.log();
    let waited = log[1].received_at.duration_since(log[0].received_at);
    assert!(waited.as_millis() >= 1_000, "{waited:?}");
}

#[tokio::test]
async fn the_ledger_agrees_with_the_server_s_own_log() {
    let bench = Bench::new().await;
    bench.next(Behaviour::status(500));
    for (number, stream) in [true, false, true].into_iter().enumerate() {
        let mut request = question(&format!("begrip {number}"));
        request.stream = stream;
        ask(&bench.model, request).await.unwrap();
    }
    let (log, reports) = (bench.mock.log(), bench.ledger.all());
    assert_eq!(log.len(), 4);
    for (call, report) in log.iter().zip(&reports) {
        let ours = (report.usage.tokens_in, report.usage.tokens_out);
        assert_eq!(ours, (call.tokens_in, call.tokens_out), "{call:?}");
        assert_eq!(report.status, Some(call.status));
    }
    let last = reports.last().unwrap();
    assert_eq!(
        last.model_answered.as_deref(),
        Some(begrip_mock_model::MODEL_NAME)
    );
    assert_eq!(last.address, format!("{}/", bench.mock.url()));
    assert!(last.first_piece.unwrap() <= last.latency);
    assert_eq!(last.scope.organisation, "OM");
}

#[tokio::test]
async fn a_storm_of_failures_makes_at_most_a_tenth_more_calls_than_questions() {
    for (status, retry_after) in [(503, None), (429, Some("0".to_owned())), (429, None)] {
        let bench = Bench::with(
            MockConfig::default(),
            // With it the server would be left alone altogether.
            |setup| setup.breaker.failures = u32::MAX,
            |_| {},
        )
        .await;
        // A long calm has saved up what can be saved up.
        for number in 0..120 {
            let calm = question(&format!("rustig {number}"));
            ask(&bench.model, calm).await.unwrap();
        }
        let before = bench.mock.calls();
        bench.always(Behaviour::Status {
            status,
            retry_after,
        });
        for number in 0..200 {
            let asked = question(&format!("begrip {number}"));
            ask(&bench.model, asked).await.unwrap_err();
        }
        let calls = bench.mock.calls() - before;
        assert!((210..=220).contains(&calls), "{status}: {calls}");
    }
}

#[tokio::test]
async fn a_server_that_says_that_asking_again_is_of_no_use_is_not_asked_again() {
    for (said, calls) in [("x-should-retry: false\r\n", 1), ("", 3)] {
        let refused = format!(
            "HTTP/1.1 503 Service Unavailable\r\n{said}content-length: 0\r\nconnection: close\r\n\r\n"
        );
        let server = RawServer::start(vec![vec![send(refused)]]).await;
        let none = |setup: &mut Setup| {
            setup.disk = None;
            setup.retry.base = Duration::from_millis(2);
        };
        let (disk, clock, ledger) = (Arc::default(), Arc::default(), Arc::default());
        let model = model(&server.url, &disk, &clock, &ledger, none, |_| {});
        let error = ask(&model, question("vonnis")).await.unwrap_err();
        assert_eq!(error.code(), "server");
        assert_eq!(server.calls(), calls, "{said}");
    }
}

#[tokio::test]
async fn after_failures_in_a_row_the_server_is_left_alone_and_then_tried_by_one() {
    let bench = Bench::new().await;
    bench.always(Behaviour::status(500));
    // Three attempts, then two: the fifth failure opens the breaker.
    for term in ["een", "twee"] {
        let error = ask(&bench.model, question(term)).await.unwrap_err();
        assert_eq!(error.code(), "server");
    }
    assert_eq!(bench.mock.calls(), 5);
    let until = bench.clock.now() + Duration::from_secs(10);
    assert_eq!(bench.model.breaker(), Some(BreakerState::Open { until }));
    let refused = ask(&bench.model, question("drie")).await;
    assert_eq!(refused, Err(LlmError::CircuitOpen { until }));
    assert_eq!(bench.mock.calls(), 5);
    bench.always(Behaviour::Normal);
    bench.clock.advance(10);
    ask(&bench.model, question("vier")).await.unwrap();
    assert_eq!(bench.mock.calls(), 6);
    assert_eq!(
        bench.model.breaker(),
        Some(BreakerState::Closed { failures: 0 })
    );
}

#[tokio::test]
async fn a_gateway_that_failed_is_tried_again_after_a_second_and_at_least_every_ten() {
    let bench = Bench::with(
        MockConfig::default(),
        |setup| setup.breaker.failures = 1,
        |endpoint| endpoint.gateway = true,
    )
    .await;
    bench.always(Behaviour::status(503));
    for wait in [1, 2, 4, 8, 10, 10] {
        ask(&bench.model, question("een")).await.unwrap_err();
        let until = bench.clock.now() + Duration::from_secs(wait);
        assert_eq!(bench.model.breaker(), Some(BreakerState::Open { until }));
        bench.clock.advance(wait as i64);
    }
    bench.always(Behaviour::Normal);
    ask(&bench.model, question("een")).await.unwrap();
}

#[tokio::test]
async fn each_wait_has_its_own_limit_and_name() {
    let short = Duration::from_millis(150);
    for (name, script, change, which) in [
        ("no reply", vec![Act::Hang], 1, Wait::FirstByte),
        ("head alone", vec![events(), Act::Hang], 1, Wait::FirstByte),
        (
            "stalled",
            vec![events(), send(delta("een")), Act::Hang],
            2,
            Wait::Idle,
        ),
        (
            "too slow in all",
            vec![events(), send(delta("een")), Act::Hang],
            3,
            Wait::Total,
        ),
    ] {
        let server = RawServer::start(vec![script]).await;
        let model = raw_model(&server.url, |endpoint| {
            let times = &mut endpoint.timeouts;
            match change {
                1 => times.first_byte = short,
                2 => times.idle = short,
                _ => times.total = short,
            }
        });
        let result = ask(&model, question("x")).await;
        assert_eq!(result, Err(LlmError::Timeout(which)), "{name}");
        let gone = || server.gone.load(std::sync::atomic::Ordering::SeqCst) == 1;
        crate::support::until("the connection is closed", gone).await;
        assert_eq!(
            server.calls(),
            1,
            "{name}: time that ran out is not tried again"
        );
    }
}

#[tokio::test]
async fn keep_alives_hold_a_slow_stream_open() {
    let mut script = vec![events(), send(delta("een "))];
    for _ in 0..12 {
        script.extend([Act::Pause(100), send(": nog bezig\n\n")]);
    }
    script.push(send(delta("twee") + &stop("stop") + DONE));
    let server = RawServer::start(vec![script]).await;
    let model = raw_model(&server.url, |endpoint| {
        endpoint.timeouts.idle = Duration::from_secs(1);
    });
    assert_eq!(ask(&model, question("x")).await.unwrap().text, "een twee");
}

#[tokio::test]
async fn a_form_that_the_server_refuses_is_asked_for_otherwise_and_remembered() {
    let refusal = |message: &str| {
        let body = json!({"error": {"message": message}}).to_string();
        vec![send(format!(
            "HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ))]
    };
    let good = vec![events(), send(delta("{}") + &stop("stop") + DONE)];
    let server = RawServer::start(vec![
        refusal("response_format.type must be 'json_object'"),
        refusal("'response_format' of type 'json_object' is not supported"),
        good,
    ])
    .await;
    let model = raw_model(&server.url, |_| {});
    let mut request = question("x");
    request.schema = Some(json!({"type": "object"}));
    let answer = ask(&model, request.clone()).await.unwrap();
    assert_eq!(
        answer.calls, 3,
        "each step is a call, though not a retry: those are off here"
    );
    request.messages[1].content.push('!');
    assert_eq!(
        ask(&model, request).await.unwrap().calls,
        1,
        "the second question knows"
    );
    let bodies = server.requests.lock().unwrap().clone();
    let seen: Vec<_> = bodies
        .iter()
        .map(|body| (body.contains("json_schema"), body.contains("json_object")))
        .collect();
    assert_eq!(
        seen,
        [(true, false), (false, true), (false, false), (false, false)]
    );
}

#[tokio::test]
async fn a_server_that_refuses_a_bound_is_asked_without_it_and_in_the_same_form() {
    let refusal =
        json!({"error": {"message": "Invalid schema for response_format 'reply': In context=\
        ('properties', 'synonyms'), 'maxItems' is not permitted."}})
        .to_string();
    let refused = vec![send(format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{refusal}",
        refusal.len()
    ))];
    let ends = |reason: &str| vec![events(), send(delta("{}") + &stop(reason) + DONE)];
    let server = RawServer::start(vec![
        ends("length"),
        refused,
        ends("stop"),
        ends("length"),
        ends("stop"),
    ])
    .await;
    let model = raw_model(&server.url, |_| {});
    let list = json!({"type": "array", "items": {"type": "string"}});
    let mut request = question("x");
    request.schema = Some(json!({"type": "object", "properties": {"synonyms": list}}));
    let mut ends = Vec::new();
    for number in 0..4 {
        request.messages[1].content = format!("vraag {number}");
        ends.push(
            ask(&model, request.clone())
                .await
                .map(|answer| answer.calls),
        );
    }
    let cut = || Err(LlmError::Truncated);
    assert_eq!(ends, [cut(), Ok(2), cut(), Ok(1)]);
    let bodies = server.requests.lock().unwrap().clone();
    let seen = bodies
        .iter()
        .map(|body| (body.contains("json_schema"), body.contains("maxItems")));
    let (plain, bounded) = ((true, false), (true, true));
    assert_eq!(
        seen.collect::<Vec<_>>(),
        [plain, bounded, plain, plain, plain]
    );
}

#[tokio::test]
async fn a_refusal_for_another_reason_changes_nothing() {
    let bench = Bench::with(
        MockConfig::default(),
        |_| {},
        |e| e.structured = Structured::JsonSchema,
    )
    .await;
    bench.always(Behaviour::status(400));
    let mut request = question("x");
    request.schema = Some(json!({"type": "object"}));
    assert_eq!(
        ask(&bench.model, request).await.unwrap_err().code(),
        "refused"
    );
    assert_eq!(bench.mock.calls(), 1);
}

#[tokio::test]
async fn a_prompt_over_the_limit_is_never_sent() {
    let bench = Bench::with(
        MockConfig::default(),
        |setup| setup.prompt_limit = Some(50),
        |_| {},
    )
    .await;
    let mut request = question("vonnis");
    request.messages.push(begrip_llm::Message::new(
        begrip_llm::Role::User,
        "lang ".repeat(60),
    ));
    let error = ask(&bench.model, request).await.unwrap_err();
    assert!(
        matches!(
            error,
            LlmError::OverBudget {
                limit: 50,
                tokens: 51..
            }
        ),
        "{error:?}"
    );
    assert_eq!(bench.mock.calls(), 0);
    assert!(ask(&bench.model, question("vonnis")).await.is_ok());
}

#[tokio::test]
async fn without_an_endpoint_only_the_cache_answers() {
    let bench = Bench::new().await;
    ask(&bench.model, question("vonnis")).await.unwrap();
    bench.model.configure(None).unwrap();
    assert!(ask(&bench.model, question("vonnis")).await.is_ok());
    assert_eq!(
        ask(&bench.model, question("arrest")).await,
        Err(LlmError::NotConfigured)
    );
    assert_eq!((bench.model.breaker(), bench.model.address()), (None, None));
}

#[tokio::test]
async fn a_request_id_that_no_header_can_hold_is_replaced() {
    let bench = Bench::new().await;
    let mut request = question("vonnis");
    request.request_id = Some("regel\neinde".to_owned());
    ask(&bench.model, request).await.unwrap();
    let id = bench.mock.log()[0].request_id.clone().unwrap();
    assert!(
        id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit()),
        "{id}"
    );
}

#[tokio::test]
async fn cancelled_beforehand_means_no_answer_but_a_kept_one_is_given() {
    let bench = Bench::new().await;
    ask(&bench.model, question("vonnis")).await.unwrap();
    let cancel = CancellationToken::new();
    cancel.cancel();
    for (term, kept) in [("vonnis", true), ("arrest", false)] {
        let result = bench
            .model
            .ask(question(term), CachePolicy::Use, any(), |_| {}, &cancel)
            .await;
        assert_eq!(result.is_ok(), kept, "{term}");
    }
}

#[tokio::test]
async fn every_quirk_of_the_mock_that_is_no_fault_gives_an_answer() {
    for behaviour in [
        Behaviour::Untidy,
        Behaviour::NoUsage,
        Behaviour::Prose,
        Behaviour::CodeFence,
        Behaviour::WrongJson,
        Behaviour::SlowDrip { delay_ms: 1 },
    ] {
        let bench = Bench::new().await;
        bench.always(behaviour.clone());
        let policy = CachePolicy::Refresh;
        let answer = ask_by(&bench.model, question("vonnis"), policy).await;
        assert!(answer.is_ok(), "{behaviour:?}: {answer:?}");
    }
}
