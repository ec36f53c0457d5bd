//! What the ledger is asked and told.

use begrip_llm::{CacheUse, Fate, Limit, LlmError};
use begrip_mock_model::Behaviour;

use crate::support::{Bench, ask, question};

#[tokio::test]
async fn a_call_without_room_is_not_made_and_what_is_kept_still_answers() {
    let bench = Bench::new().await;
    ask(&bench.model, question("vonnis")).await.unwrap();
    *bench.ledger.room.lock().unwrap() = Some(0);
    let refused = ask(&bench.model, question("arrest")).await.unwrap_err();
    assert_eq!(refused, LlmError::OverLimit(Limit::Day));
    assert!(ask(&bench.model, question("vonnis")).await.is_ok());
    // An outdated answer is better than none.
    bench.clock.advance_days(31);
    let stale = ask(&bench.model, question("vonnis")).await.unwrap();
    assert_eq!(stale.cache, CacheUse::Stale);
    assert_eq!(bench.mock.calls(), 1);
    // A refusal says nothing of the server: the next one with room goes through.
    *bench.ledger.room.lock().unwrap() = None;
    assert!(ask(&bench.model, question("arrest")).await.is_ok());
}

#[tokio::test]
async fn each_attempt_needs_room_of_its_own() {
    let bench = Bench::new().await;
    bench.always(Behaviour::status(503));
    *bench.ledger.room.lock().unwrap() = Some(2);
    // What went wrong says more than that there was no room to try once more.
    let failed = ask(&bench.model, question("vonnis")).await.unwrap_err();
    assert_eq!(failed.code(), "server");
    assert_eq!(bench.mock.calls(), 2);
    let tickets: Vec<_> = bench
        .ledger
        .all()
        .iter()
        .map(|call| (call.ticket, call.attempt))
        .collect();
    assert_eq!(tickets, [(1, 1), (2, 2)]);
}

#[tokio::test]
async fn each_question_is_told_once_with_what_became_of_it() {
    let bench = Bench::new().await;
    let first = ask(&bench.model, question("vonnis")).await.unwrap();
    assert_eq!(first.fate, Fate::Miss);
    let _ = ask(&bench.model, question("vonnis")).await.unwrap();
    let again = bench.restarted();
    let _ = ask(&again, question("vonnis")).await.unwrap();
    bench.always(Behaviour::status(400));
    let _ = ask(&again, question("arrest")).await.unwrap_err();
    bench.clock.advance_days(31);
    bench.always(Behaviour::status(503));
    let _ = ask(&again, question("vonnis")).await.unwrap();
    bench.always(Behaviour::Normal);
    let _ = ask(&again, question("vonnis")).await.unwrap();
    let saved = first.usage.tokens_in;
    assert_eq!(
        bench.ledger.questions(),
        [
            (Fate::Miss, 0),
            (Fate::Memory, saved),
            (Fate::Disk, saved),
            (Fate::Miss, 0),
            (Fate::Stale, saved),
            (Fate::Revalidated, 0),
        ]
    );
}
