//! One question asked by many at one time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use begrip_llm::{CachePolicy, CancellationToken, LlmError, Model, Piece};
use begrip_mock_model::{Behaviour, Latency, MockConfig, Outcome};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::support::{
    Act, Bench, DONE, RawServer, any, ask, delta, events, question, raw_model, send, stop, until,
};

/// Slow enough for all to be there before the answer is complete.
fn slow() -> MockConfig {
    MockConfig {
        latency: Latency {
            first_ms: 150.0,
            per_output_token_ms: 4.0,
            ..Latency::default()
        },
        ..MockConfig::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_identical_questions_make_one_call() {
    for stream in [true, false] {
        let bench = Bench::with(slow(), |_| {}, |_| {}).await;
        let mut tasks = JoinSet::new();
        for _ in 0..64 {
            let model = bench.model.clone();
            let mut request = question("vonnis");
            request.stream = stream;
            tasks.spawn(async move { ask(&model, request).await.unwrap() });
        }
        let answers = tasks.join_all().await;
        assert_eq!(bench.mock.calls(), 1, "stream: {stream}");
        assert!(answers.iter().all(|answer| answer.text == answers[0].text));
        assert_eq!(answers.iter().map(|answer| answer.calls).sum::<u32>(), 1);
        assert_eq!(answers.iter().filter(|answer| answer.coalesced).count(), 63);
        let counts = bench.model.stats().counts;
        // One that was late, on a busy machine, finds the answer in memory.
        let spared = counts.coalesced + counts.memory_hits;
        assert_eq!((counts.requests, counts.misses, spared), (64, 1, 63));
        assert!(counts.coalesced > 30, "{counts:?}");
        assert_eq!(
            counts.tokens_out_saved,
            63 * u64::from(answers[0].usage.tokens_out)
        );
        assert_eq!(bench.model.stats().under_way, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_different_questions_asked_by_many_make_five_calls() {
    let bench = Bench::with(slow(), |_| {}, |_| {}).await;
    let mut tasks = JoinSet::new();
    for number in 0..100 {
        let model = bench.model.clone();
        let request = question(&format!("begrip {}", number % 5));
        tasks.spawn(async move { ask(&model, request).await.unwrap() });
    }
    tasks.join_all().await;
    assert_eq!(bench.mock.calls(), 5);
}

/// A server that sends a piece, waits for the gate, and sends the rest.
async fn two_halves() -> (RawServer, Model, Arc<Notify>) {
    let gate = Arc::new(Notify::new());
    let script = vec![
        events(),
        send(delta("eerste ")),
        Act::Gate(Arc::clone(&gate)),
        send(delta("tweede") + &stop("stop") + DONE),
    ];
    let server = RawServer::start(vec![script]).await;
    let model = raw_model(&server.url, |_| {});
    (server, model, gate)
}

#[tokio::test]
async fn who_joins_late_sees_what_was_there_and_then_each_piece_live() {
    let (server, model, gate) = two_halves().await;
    let first_piece = Arc::new(Notify::new());
    let told = Arc::clone(&first_piece);
    let leader = model.clone();
    let leader = tokio::spawn(async move {
        let sink = |_: Piece<'_>| told.notify_one();
        let cancel = CancellationToken::new();
        leader
            .ask(question("x"), CachePolicy::Use, any(), sink, &cancel)
            .await
    });
    first_piece.notified().await;
    let seen = Mutex::new(Vec::new());
    let under_way = model.clone();
    let sink = |piece: Piece<'_>| {
        // The first piece is seen while the answer is still under way: only then it may go on.
        let running = under_way.stats().under_way;
        gate.notify_one();
        seen.lock().unwrap().push((piece.text.to_owned(), running));
    };
    let cancel = CancellationToken::new();
    let answer = model
        .ask(question("x"), CachePolicy::Use, any(), sink, &cancel)
        .await
        .unwrap();
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen[0], ("eerste ".to_owned(), 1));
    assert_eq!(seen[1].0, "tweede");
    assert!(answer.coalesced);
    assert_eq!(answer.text, leader.await.unwrap().unwrap().text);
    assert_eq!(server.calls(), 1);
}

#[tokio::test]
async fn a_leader_that_cancels_or_is_dropped_takes_nobody_along() {
    for by_token in [true, false] {
        let (server, model, gate) = two_halves().await;
        let cancel = CancellationToken::new();
        let (leading, token) = (model.clone(), cancel.clone());
        let leader = tokio::spawn(async move {
            leading
                .ask(question("x"), CachePolicy::Use, any(), |_| {}, &token)
                .await
        });
        until("the call is made", || server.calls() == 1).await;
        let following = model.clone();
        let follower = tokio::spawn(async move { ask(&following, question("x")).await });
        until("the follower has joined", || {
            model.stats().counts.coalesced == 1
        })
        .await;
        if by_token {
            cancel.cancel();
            assert_eq!(leader.await.unwrap(), Err(LlmError::Cancelled));
        } else {
            leader.abort();
            assert!(leader.await.unwrap_err().is_cancelled());
        }
        gate.notify_one();
        let answer = follower.await.unwrap().unwrap();
        assert_eq!(answer.text, "eerste tweede", "by token: {by_token}");
        assert_eq!(server.calls(), 1);
        // And it was kept: the leader asks again and has it.
        assert_eq!(ask(&model, question("x")).await.unwrap().calls, 0);
    }
}

#[tokio::test]
async fn the_call_ends_when_the_last_one_leaves() {
    let bench = Bench::new().await;
    bench.always(Behaviour::HangMidStream { after: 3 });
    let cancel = CancellationToken::new();
    let seen = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..3 {
        let (model, cancel, seen) = (bench.model.clone(), cancel.clone(), Arc::clone(&seen));
        tasks.spawn(async move {
            let sink = |_: Piece<'_>| {
                seen.fetch_add(1, Ordering::SeqCst);
            };
            model
                .ask(question("x"), CachePolicy::Use, any(), sink, &cancel)
                .await
        });
    }
    let all_seen = || seen.load(Ordering::SeqCst) == 9;
    until("three have seen three pieces", all_seen).await;
    cancel.cancel();
    for result in tasks.join_all().await {
        assert_eq!(result, Err(LlmError::Cancelled));
    }
    // The server sees the connection go: without it, its record would stay "running".
    let ended = || bench.mock.log()[0].outcome == Outcome::Cancelled;
    until("the server saw it", ended).await;
    until("the ledger has it", || {
        bench.ledger.outcomes() == ["cancelled"]
    })
    .await;
    assert!(
        bench.ledger.all()[0].usage.tokens_out > 0,
        "what was made is counted"
    );
    assert_eq!(bench.disk.len(), 0);
    // A new question is not caught in the old flight.
    bench.always(Behaviour::Normal);
    assert!(!ask(&bench.model, question("x")).await.unwrap().coalesced);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_reaches_everyone_without_a_second_storm() {
    let gate = Arc::new(Notify::new());
    let script = vec![events(), Act::Gate(Arc::clone(&gate))];
    let server = RawServer::start(vec![script]).await;
    let model = raw_model(&server.url, |_| {});
    let mut tasks = JoinSet::new();
    for _ in 0..32 {
        let model = model.clone();
        tasks.spawn(async move { ask(&model, question("x")).await });
    }
    until("all are waiting", || model.stats().counts.requests == 32).await;
    gate.notify_one();
    for result in tasks.join_all().await {
        assert!(
            matches!(result, Err(LlmError::BrokenStream(_))),
            "{result:?}"
        );
    }
    assert_eq!(server.calls(), 1);
    assert_eq!(model.stats().under_way, 0);
}

#[tokio::test]
async fn a_panic_in_the_flight_leaves_nobody_waiting() {
    let bench = Bench::new().await;
    let cancel = CancellationToken::new();
    let validate = Arc::new(|_: &str| -> Result<(), String> { panic!("a bug in the caller") });
    let ask_it = bench
        .model
        .ask(question("x"), CachePolicy::Use, validate, |_| {}, &cancel);
    assert_eq!(ask_it.await, Err(LlmError::Interrupted));
    assert_eq!(bench.model.stats().under_way, 0);
    assert!(ask(&bench.model, question("x")).await.is_ok());
}

#[test]
fn a_runtime_that_stops_leaves_nobody_waiting() {
    let flying = tokio::runtime::Runtime::new().unwrap();
    let bench = flying.block_on(Bench::new());
    bench.always(Behaviour::Hang);
    let model = bench.model.clone();
    let ended = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&ended);
    let (model_too, _guard) = (model.clone(), flying.enter());
    flying.spawn(async move {
        model_too
            .ask(
                question("x"),
                CachePolicy::Use,
                any(),
                |_| {},
                &CancellationToken::new(),
            )
            .await
    });
    let waiting = std::thread::spawn(move || {
        // Follows on another runtime what the first one does.
        let own = tokio::runtime::Runtime::new().unwrap();
        own.block_on(async {
            until("the flight is under way", || model.stats().under_way == 1).await;
            let result = ask(&model, question("x")).await;
            counter.fetch_add(1, Ordering::SeqCst);
            result
        })
    });
    while bench.model.stats().counts.coalesced == 0 {
        std::thread::sleep(Duration::from_millis(2));
    }
    drop(_guard);
    flying.shutdown_background();
    assert_eq!(waiting.join().unwrap(), Err(LlmError::Interrupted));
    assert_eq!(ended.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_question_that_comes_just_after_the_landing_makes_no_second_call() {
    let bench = Bench::new().await;
    for round in 0..50 {
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let model = bench.model.clone();
            tasks.spawn(async move { ask(&model, question(&format!("x{round}"))).await.unwrap() });
        }
        tasks.join_all().await;
    }
    assert_eq!(bench.mock.calls(), 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_joined_a_call_that_failed_was_spared_nothing() {
    let bench = Bench::with(slow(), |_| {}, |_| {}).await;
    bench.mock.set_behaviour(
        begrip_mock_model::When::Always,
        Behaviour::Truncated { after: 20 },
    );
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let model = bench.model.clone();
        tasks.spawn(async move { ask(&model, question("vonnis")).await });
    }
    for outcome in tasks.join_all().await {
        assert_eq!(outcome.unwrap_err(), LlmError::Truncated);
    }
    assert!(bench.mock.calls() < 8, "some joined");
    let counts = bench.model.stats().counts;
    assert_eq!(
        (counts.requests, counts.misses, counts.coalesced),
        (8, 8, 0)
    );
    assert_eq!(counts.tokens_out_saved, 0);
}
