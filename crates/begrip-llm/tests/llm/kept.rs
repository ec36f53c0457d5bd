//! What is kept: for how long, in which tier, until when, and how it is counted.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use begrip_llm::tier::DiskTier as _;
use begrip_llm::{
    Answer, CachePolicy, CacheSettings, CacheUse, CancellationToken, DataClass, Fate, LlmError,
    Model, Request, Selector, Validate, key_of,
};
use begrip_mock_model::{Behaviour, MockConfig, When};

use crate::support::{
    Bench, DONE, RawServer, any, ask, ask_by, delta, events, question, raw_model, send, stop,
};

async fn pieces(model: &Model, request: Request) -> (Vec<(String, bool)>, Answer) {
    let mut pieces = Vec::new();
    let sink = |piece: begrip_llm::Piece<'_>| pieces.push((piece.text.to_owned(), piece.replayed));
    let cancel = CancellationToken::new();
    let answer = model
        .ask(request, CachePolicy::Use, any(), sink, &cancel)
        .await
        .unwrap();
    (pieces, answer)
}

#[tokio::test]
async fn the_second_question_makes_no_call_also_after_a_restart() {
    let bench = Bench::new().await;
    let first = ask(&bench.model, question("vonnis")).await.unwrap();
    let again = ask(&bench.model, question("vonnis")).await.unwrap();
    let restarted = bench.restarted();
    let from_disk = ask(&restarted, question("vonnis")).await.unwrap();
    let promoted = ask(&restarted, question("vonnis")).await.unwrap();
    let uses = [&first, &again, &from_disk, &promoted].map(|answer| answer.cache);
    assert_eq!(
        uses,
        [
            CacheUse::Miss,
            CacheUse::Memory,
            CacheUse::Disk,
            CacheUse::Memory
        ]
    );
    assert_eq!(bench.mock.calls(), 1);
    for answer in [again, from_disk, promoted] {
        assert_eq!(answer.text, first.text);
        assert_eq!((answer.usage, answer.calls), (first.usage, 0));
        assert_eq!(
            (answer.model, answer.answered_at),
            (first.model.clone(), first.answered_at)
        );
    }
}

#[tokio::test]
async fn a_kept_stream_is_given_again_in_the_same_pieces() {
    let bench = Bench::new().await;
    let (live, first) = pieces(&bench.model, question("vonnis")).await;
    let (memory, _) = pieces(&bench.model, question("vonnis")).await;
    let (disk, _) = pieces(&bench.restarted(), question("vonnis")).await;
    assert!(live.len() > 5, "{}", live.len());
    assert!(live.iter().all(|(_, replayed)| !replayed));
    for kept in [memory, disk] {
        assert!(kept.iter().all(|(_, replayed)| *replayed));
        assert!(
            kept.iter()
                .map(|(text, _)| text)
                .eq(live.iter().map(|(text, _)| text))
        );
    }
    let whole: String = live.into_iter().map(|(text, _)| text).collect();
    assert_eq!(whole, first.text);
}

#[tokio::test]
async fn one_entry_serves_streamed_and_plain_questions() {
    for first in [true, false] {
        let bench = Bench::new().await;
        for stream in [first, !first] {
            let mut request = question("vonnis");
            request.stream = stream;
            ask(&bench.model, request).await.unwrap();
        }
        assert_eq!(bench.mock.calls(), 1);
        assert_eq!(bench.mock.log()[0].stream, first);
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_makes_an_entry_young() {
    let bench = Bench::new().await;
    ask(&bench.model, question("vonnis")).await.unwrap();
    bench.clock.advance_days(-400);
    for (model, tier) in [
        (&bench.model, CacheUse::Memory),
        (&bench.restarted(), CacheUse::Disk),
    ] {
        let kept = ask(model, question("vonnis")).await.unwrap();
        assert_eq!((kept.cache, kept.age.as_secs()), (tier, 0));
    }
    assert_eq!(bench.mock.calls(), 1);
}

#[tokio::test]
async fn an_outdated_entry_is_asked_again_online_and_shown_as_outdated_offline() {
    let bench = Bench::new().await;
    let first = ask(&bench.model, question("vonnis")).await.unwrap();
    bench.clock.advance_days(29);
    let fresh = ask(&bench.model, question("vonnis")).await.unwrap();
    assert_eq!(
        (fresh.cache, fresh.age.as_secs()),
        (CacheUse::Memory, 29 * 24 * 3_600)
    );
    bench.clock.advance_days(1);
    for model in [&bench.model, &bench.restarted()] {
        let stale = ask_by(model, question("vonnis"), CachePolicy::Offline)
            .await
            .unwrap();
        assert_eq!(
            (stale.cache, stale.answered_at),
            (CacheUse::Stale, first.answered_at)
        );
        assert_eq!(stale.age.as_secs(), 30 * 24 * 3_600);
    }
    assert_eq!(bench.mock.calls(), 1);
    let renewed = ask(&bench.model, question("vonnis")).await.unwrap();
    assert_eq!(
        (renewed.cache, renewed.answered_at),
        (CacheUse::Miss, bench.clock.now())
    );
    assert_eq!(bench.mock.calls(), 2);
    let counts = bench.model.stats().counts;
    assert_eq!(
        (counts.stale, counts.revalidated, counts.requests),
        (1, 1, 4)
    );
    assert_eq!(
        ask(&bench.model, question("vonnis")).await.unwrap().cache,
        CacheUse::Memory
    );
    assert_eq!(
        bench.disk.len(),
        1,
        "the new entry stands in the place of the old one"
    );
}

#[tokio::test]
async fn text_from_a_case_is_fresh_for_a_shorter_time_and_never_on_disk() {
    let bench = Bench::new().await;
    let case = || {
        let mut request = question("vonnis");
        request.scope.data_class = DataClass::Case;
        request
    };
    ask(&bench.model, case()).await.unwrap();
    assert_eq!(bench.disk.len(), 0, "it stays in memory");
    bench.clock.advance_days(7);
    assert_eq!(ask(&bench.model, case()).await.unwrap().calls, 1);
}

#[tokio::test]
async fn when_the_server_is_in_trouble_an_outdated_entry_is_better_than_none() {
    for (behaviour, helps) in [
        (Behaviour::status(503), true),
        (Behaviour::status(429), true),
        (Behaviour::CutStream { after: 0 }, true),
        // Part of a new answer has been shown: the old one cannot follow it.
        (Behaviour::CutStream { after: 3 }, false),
        // The user has something to mend.
        (Behaviour::status(401), false),
        (Behaviour::Truncated { after: 3 }, false),
    ] {
        let bench = Bench::new().await;
        ask(&bench.model, question("vonnis")).await.unwrap();
        bench.clock.advance_days(31);
        bench.always(behaviour.clone());
        let result = ask(&bench.model, question("vonnis")).await;
        let use_of = result.map(|answer| answer.cache);
        assert_eq!(
            use_of == Ok(CacheUse::Stale),
            helps,
            "{behaviour:?}: {use_of:?}"
        );
        let counts = bench.model.stats().counts;
        assert_eq!(
            (counts.stale, counts.revalidated),
            if helps { (1, 0) } else { (0, 1) }
        );
        assert_eq!(counts.requests, 2);
        assert_eq!(bench.disk.len(), 1, "the old entry stays");
    }
}

#[tokio::test]
async fn offline_nothing_is_ever_sent() {
    let bench = Bench::new().await;
    let missing = ask_by(&bench.model, question("vonnis"), CachePolicy::Offline).await;
    assert_eq!(missing, Err(LlmError::OfflineMiss));
    assert_eq!(bench.mock.calls(), 0);
    assert_eq!(bench.model.stats().counts.offline_misses, 1);
}

#[tokio::test]
async fn asking_again_on_purpose_replaces_the_entry_only_by_a_good_answer() {
    let bench = Bench::new().await;
    let first = ask(&bench.model, question("vonnis")).await.unwrap();
    bench.next(Behaviour::Truncated { after: 2 });
    let failed = ask_by(&bench.model, question("vonnis"), CachePolicy::Refresh).await;
    assert_eq!(failed, Err(LlmError::Truncated));
    assert_eq!(
        ask(&bench.model, question("vonnis")).await.unwrap().text,
        first.text
    );
    bench.next(Behaviour::Text {
        text: "{\"definition\": \"nieuw\"}".to_owned(),
    });
    let renewed = ask_by(&bench.model, question("vonnis"), CachePolicy::Refresh)
        .await
        .unwrap();
    assert!(renewed.text.contains("nieuw"));
    for model in [&bench.model, &bench.restarted()] {
        assert_eq!(
            ask(model, question("vonnis")).await.unwrap().text,
            renewed.text
        );
    }
    assert_eq!(bench.mock.calls(), 3);
    assert_eq!(bench.model.stats().counts.bypassed, 2);
}

#[tokio::test]
async fn a_repaired_text_takes_the_place_of_the_faulty_answer() {
    let bench = Bench::new().await;
    let [faulty, repair] = faulty_and_repair(&bench.model).await;
    bench
        .model
        .keep_repaired(&question("vonnis"), "hersteld".to_owned(), &faulty, &repair)
        .await;
    for model in [&bench.model, &bench.restarted()] {
        assert!(model.is_kept(&question("vonnis")));
        let again = ask(model, question("vonnis")).await.unwrap();
        assert_eq!(again.text, "hersteld");
        // Asking again would take both calls.
        assert_eq!(
            (again.usage.tokens_in, again.usage.tokens_out),
            (
                faulty.usage.tokens_in + repair.usage.tokens_in,
                faulty.usage.tokens_out + repair.usage.tokens_out
            )
        );
    }
    assert_eq!(bench.mock.calls(), 2);
    assert!(!bench.model.is_kept(&question("arrest")));
}

/// Else the figures would say that memory gives what the disk gave.
#[tokio::test]
async fn who_only_wants_to_know_brings_nothing_to_memory() {
    let bench = Bench::new().await;
    ask(&bench.model, question("vonnis")).await.unwrap();
    let restarted = bench.restarted();
    for _ in 0..2 {
        assert!(restarted.is_kept(&question("vonnis")));
    }
    for fate in [Fate::Disk, Fate::Memory] {
        let answer = ask(&restarted, question("vonnis")).await.unwrap();
        assert_eq!(answer.fate, fate);
    }
    assert_eq!(bench.mock.calls(), 1);
}

/// An answer that is not valid, and that of the repair after it.
async fn faulty_and_repair(model: &Model) -> [Answer; 2] {
    let mut answers = Vec::new();
    for term in ["vonnis", "herstel"] {
        let never: Validate = Arc::new(|_| Err("faulty".to_owned()));
        let cancel = CancellationToken::new();
        let asked = model
            .ask(question(term), CachePolicy::Use, never, |_| {}, &cancel)
            .await;
        answers.push(asked.unwrap());
    }
    answers.try_into().unwrap()
}

#[tokio::test]
async fn what_was_removed_during_its_repair_stays_away() {
    let bench = Bench::new().await;
    let [faulty, repair] = faulty_and_repair(&bench.model).await;
    bench
        .model
        .clear(&Selector::Term("vonnis".to_owned()))
        .unwrap();
    bench
        .model
        .keep_repaired(&question("vonnis"), "hersteld".to_owned(), &faulty, &repair)
        .await;
    assert!(!bench.model.is_kept(&question("vonnis")));
}

#[tokio::test]
async fn a_repair_is_not_kept_when_one_of_the_two_stopped_for_an_unknown_reason() {
    for odd in [0, 1] {
        let script = |reason: &str| {
            let text = delta("tekst") + &stop(reason) + DONE;
            vec![events(), send(text)]
        };
        let scripts = [0, 1].map(|at| script(if at == odd { "vreemd" } else { "stop" }));
        let server = RawServer::start(scripts.into()).await;
        let model = raw_model(&server.url, |_| {});
        let [faulty, repair] = faulty_and_repair(&model).await;
        model
            .keep_repaired(&question("vonnis"), "hersteld".to_owned(), &faulty, &repair)
            .await;
        assert!(!model.is_kept(&question("vonnis")), "{odd}");
    }
}

#[tokio::test]
async fn entries_of_other_organisations_are_never_given() {
    let bench = Bench::new().await;
    ask(&bench.model, question("vonnis")).await.unwrap();
    let mut other = question("vonnis");
    other.scope.organisation = "DJI".to_owned();
    assert_eq!(ask(&bench.model, other).await.unwrap().calls, 1);
    let stats = bench.model.stats();
    assert_eq!(stats.by_organisation["OM"].requests, 1);
    assert_eq!(stats.by_organisation["DJI"].misses, 1);
}

/// Two terms, and one of them again under another model, prompt, pack and organisation.
async fn filled() -> Bench {
    let bench = Bench::new().await;
    let changes: [fn(&mut Request); 6] = [
        |_| {},
        |r| *r = question("arrest"),
        |r| r.model = "ander".to_owned(),
        |r| r.scope.prompt_version = "p2".to_owned(),
        |r| r.scope.pack_version = "r2".to_owned(),
        |r| r.scope.organisation = "DJI".to_owned(),
    ];
    for change in changes {
        let mut request = question("vonnis");
        change(&mut request);
        ask(&bench.model, request).await.unwrap();
        bench.clock.advance(60);
    }
    assert_eq!(bench.disk.len(), 6);
    bench
}

#[tokio::test]
async fn removal_reaches_both_tiers_and_spares_the_rest() {
    let start = crate::support::HandClock::default().now();
    for (selector, removed) in [
        (Selector::All, 6),
        (Selector::Entry(key_of(&question("vonnis"))), 1),
        (Selector::Term("vonnis".to_owned()), 5),
        (Selector::Term("arrest".to_owned()), 1),
        (Selector::Term("von".to_owned()), 0),
        (Selector::Model("ander".to_owned()), 1),
        (Selector::PromptVersion("p2".to_owned()), 1),
        (Selector::PackVersion("r2".to_owned()), 1),
        (Selector::Organisation("DJI".to_owned()), 1),
        (
            Selector::AnsweredBefore(start + jiff::SignedDuration::from_secs(120)),
            2,
        ),
    ] {
        let bench = filled().await;
        assert_eq!(
            bench.model.clear(&selector).unwrap(),
            removed,
            "{selector:?}"
        );
        let left = 6 - removed;
        assert_eq!(bench.disk.len() as u64, left, "{selector:?}");
        assert_eq!(bench.model.stats().memory.entries, left, "{selector:?}");
        assert_eq!(bench.model.stats().removed, removed);
    }
    let bench = filled().await;
    bench
        .model
        .clear(&Selector::Term("vonnis".to_owned()))
        .unwrap();
    let before = bench.mock.calls();
    assert_eq!(
        ask(&bench.model, question("vonnis")).await.unwrap().calls,
        1
    );
    assert_eq!(
        ask(&bench.model, question("arrest")).await.unwrap().calls,
        0
    );
    assert_eq!(bench.mock.calls(), before + 1);
}

#[tokio::test]
async fn a_broken_disk_tier_costs_speed_and_no_answer() {
    let bench = Bench::new().await;
    bench.disk.broken.store(true, Ordering::SeqCst);
    assert_eq!(
        ask(&bench.model, question("vonnis")).await.unwrap().calls,
        1
    );
    assert_eq!(
        ask(&bench.model, question("vonnis")).await.unwrap().cache,
        CacheUse::Memory
    );
    assert!(bench.model.clear(&Selector::All).is_err());
    let stats = bench.model.stats();
    assert_eq!(stats.memory.entries, 0, "memory is cleared all the same");
    assert_eq!((stats.disk, stats.disk_errors >= 2), (None, true));
}

#[tokio::test]
async fn memory_is_bounded_in_bytes_and_keeps_what_was_used_last() {
    let small = |setup: &mut begrip_llm::Setup| {
        setup.cache.memory_bytes = 20_000;
        setup.disk = None;
    };
    let bench = Bench::with(MockConfig::default(), small, |_| {}).await;
    bench.mock.set_behaviour(
        When::Always,
        Behaviour::Text {
            text: "tekst ".repeat(150),
        },
    );
    for number in 0..100 {
        ask(&bench.model, question(&format!("begrip {number}")))
            .await
            .unwrap();
    }
    let memory = bench.model.stats().memory;
    assert!(
        memory.bytes <= 20_000 && memory.bytes > 10_000,
        "{memory:?}"
    );
    assert!(
        memory.entries < 20 && memory.evicted == 100 - memory.entries,
        "{memory:?}"
    );
    assert_eq!(
        ask(&bench.model, question("begrip 99"))
            .await
            .unwrap()
            .calls,
        0
    );
    assert_eq!(
        ask(&bench.model, question("begrip 0")).await.unwrap().calls,
        1
    );
}

#[tokio::test]
async fn each_question_is_counted_once_whatever_becomes_of_it() {
    let bench = Bench::new().await;
    let mut asked = 0;
    let mut rng = fastrand::Rng::with_seed(7);
    let faults = [
        Behaviour::Normal,
        Behaviour::Normal,
        Behaviour::status(500),
        Behaviour::Truncated { after: 2 },
        Behaviour::CutStream { after: 1 },
    ];
    for _ in 0..300 {
        let term = format!("begrip {}", rng.u8(0..20));
        bench.next(faults[rng.usize(0..faults.len())].clone());
        let policy = match rng.u8(0..10) {
            0 => CachePolicy::Refresh,
            1 => CachePolicy::Offline,
            _ => CachePolicy::Use,
        };
        if rng.u8(0..20) == 0 {
            bench.clock.advance_days(10);
        }
        let _ = ask_by(&bench.model, question(&term), policy).await;
        asked += 1;
    }
    let counts = bench.model.stats().counts;
    let parts = [
        counts.memory_hits,
        counts.disk_hits,
        counts.stale,
        counts.offline_misses,
        counts.misses,
        counts.revalidated,
        counts.bypassed,
        counts.coalesced,
    ];
    assert_eq!(parts.iter().sum::<u64>(), asked);
    assert_eq!(counts.requests, asked);
    assert!(
        counts.memory_hits > 50 && counts.misses > 10 && counts.bypassed > 5,
        "{counts:?}"
    );
    assert_eq!(bench.model.stats().calls, bench.mock.calls() as u64);
    assert_eq!(bench.ledger.all().len(), bench.mock.calls());
}

#[tokio::test]
async fn what_another_program_removes_is_not_answered_from_memory() {
    let bench = Bench::new().await;
    ask(&bench.model, question("vonnis")).await.unwrap();
    let again = ask(&bench.model, question("vonnis")).await.unwrap();
    assert_eq!(again.cache, CacheUse::Memory);
    // As another program does on the same file.
    bench.disk.remove_picked(&Selector::All).unwrap();
    let asked = ask(&bench.model, question("vonnis")).await.unwrap();
    assert_eq!(asked.cache, CacheUse::Miss);
    assert_eq!(bench.mock.calls(), 2);
}

#[tokio::test]
async fn an_answer_under_way_while_entries_are_removed_is_not_kept() {
    let bench = Bench::new().await;
    bench.always(Behaviour::SlowDrip { delay_ms: 5 });
    let model = bench.model.clone();
    let asking = tokio::spawn(async move { ask(&model, question("vonnis")).await });
    while bench.mock.calls() == 0 {
        tokio::task::yield_now().await;
    }
    bench.model.clear(&Selector::All).unwrap();
    asking.await.unwrap().unwrap();
    assert_eq!(bench.disk.len(), 0);
    let asked = ask(&bench.model, question("vonnis")).await.unwrap();
    assert_eq!(asked.cache, CacheUse::Miss);
}

#[tokio::test]
async fn other_sizes_and_ages_hold_at_once() {
    let bench = Bench::new().await;
    for number in 0..20 {
        ask(&bench.model, question(&format!("vonnis {number}")))
            .await
            .unwrap();
    }
    let entries = || bench.model.stats().memory.entries;
    assert_eq!(entries(), 20);
    let usual = CacheSettings::default();
    // Room for a few of them.
    bench.model.set_cache(CacheSettings {
        memory_bytes: 5_000,
        ..usual
    });
    assert!((1..10).contains(&entries()), "{}", entries());
    // On disk they are all there still.
    bench.model.set_cache(usual);
    assert_eq!(
        ask(&bench.model, question("vonnis 0")).await.unwrap().calls,
        0
    );
    bench.clock.advance_days(2);
    let short = std::time::Duration::from_secs(24 * 3_600);
    bench.model.set_cache(CacheSettings {
        fresh_general: short,
        ..usual
    });
    assert_eq!(
        ask(&bench.model, question("vonnis 0")).await.unwrap().calls,
        1
    );
    bench.model.set_cache(CacheSettings {
        enabled: false,
        ..usual
    });
    assert_eq!(entries(), 0);
    for _ in 0..2 {
        assert_eq!(
            ask(&bench.model, question("vonnis 1")).await.unwrap().calls,
            1
        );
    }
    bench.model.set_cache(usual);
    assert_eq!(
        ask(&bench.model, question("vonnis 1")).await.unwrap().cache,
        CacheUse::Disk
    );
}
