//! Calls and questions, written down and added up.

use std::sync::Barrier;

use begrip_store::{Admission, Allowance, Asked, LedgerRow, UNDER_WAY};

use crate::support::{Home, at};

/// Seconds of a day; `at(0)` is 28 May 2026, 20:26:40 UTC.
const DAY: i64 = 86_400;

fn call(second: i64, tokens_in: u32, tokens_out: u32) -> LedgerRow {
    LedgerRow {
        at: at(second),
        request_id: format!("r{second}"),
        attempt: 1,
        task: "define".to_owned(),
        model: "model".to_owned(),
        outcome: "ok".to_owned(),
        tokens_in,
        tokens_out,
        cost_micro_eur: tokens_in + 4 * tokens_out,
        priced: true,
        latency_ms: 10,
        ..LedgerRow::default()
    }
}

#[test]
fn calls_add_up_by_day_and_month() {
    let home = Home::new();
    let store = home.open();
    for row in [
        call(0, 100, 50),
        call(60, 200, 10),
        call(3 * DAY, 900, 0),
        call(9 * DAY, 1, 1),
    ] {
        let Admission::Admitted(number) = store.begin_call(&row, &Allowance::default()).unwrap()
        else {
            panic!("there is no limit");
        };
        store.end_call(number, &row).unwrap();
    }
    let sum = |first: &str, last: &str| {
        let sum = store.calls_between(first, last).unwrap();
        (sum.calls, sum.tokens_in, sum.tokens_out, sum.cost_micro_eur)
    };
    assert_eq!(sum("2026-05-28", "2026-05-28"), (2, 300, 60, 540));
    assert_eq!(sum("2026-05-01", "2026-05-31"), (3, 1_200, 60, 1_440));
    assert_eq!(sum("2026-07-01", "2026-07-31"), (0, 0, 0, 0));
    let mut read = Vec::new();
    store
        .calls("2026-05-01", "2026-06-30", |row| read.push(row))
        .unwrap();
    assert_eq!(read.len(), 4);
    assert_eq!(read[2], call(3 * DAY, 900, 0), "each comes back as it was");
}

#[test]
fn a_call_counts_from_before_it_leaves_and_then_as_what_it_took() {
    let home = Home::new();
    let store = home.open();
    let Admission::Admitted(number) = store
        .begin_call(&call(0, 100, 900), &Allowance::default())
        .unwrap()
    else {
        panic!("there is no limit");
    };
    let tokens = || {
        let sum = store.calls_between("2026-05-28", "2026-05-28").unwrap();
        sum.tokens_in + sum.tokens_out
    };
    assert_eq!(tokens(), 1_000, "the most that it may take");
    store.end_call(number, &call(0, 100, 30)).unwrap();
    assert_eq!(tokens(), 130);
    // One that nobody wrote down before it left is a row all the same.
    store.end_call(0, &call(1, 7, 0)).unwrap();
    assert_eq!(tokens(), 137);
}

#[test]
fn a_call_that_never_ended_stays_counted_and_is_told_as_lost() {
    let home = Home::new();
    let store = home.open();
    store
        .begin_call(&call(0, 100, 900), &Allowance::default())
        .unwrap();
    store
        .begin_call(&call(600, 100, 900), &Allowance::default())
        .unwrap();
    drop(store);
    let store = home.open();
    assert_eq!(store.give_up_calls(at(300)).unwrap(), 1);
    let mut outcomes = Vec::new();
    store
        .calls("2026-05-28", "2026-05-28", |row| {
            outcomes.push((row.outcome, row.tokens_out))
        })
        .unwrap();
    assert_eq!(
        outcomes,
        [("lost".to_owned(), 900), (UNDER_WAY.to_owned(), 900)]
    );
}

#[test]
fn each_limit_holds_to_the_last_token_and_cent() {
    let none = Allowance::default();
    // The call takes 100 + 900 tokens and 3,700 millionths; 130 tokens and 220 millionths were
    // taken today, and as much three days ago.
    let cases = [
        (
            Allowance {
                micro_eur_per_call: 3_700,
                ..none
            },
            None,
        ),
        (
            Allowance {
                micro_eur_per_call: 3_699,
                ..none
            },
            Some(Admission::OverCall),
        ),
        (
            Allowance {
                tokens_per_day: 1_130,
                ..none
            },
            None,
        ),
        (
            Allowance {
                tokens_per_day: 1_129,
                ..none
            },
            Some(Admission::OverDay),
        ),
        (
            Allowance {
                micro_eur_per_day: 3_920,
                ..none
            },
            None,
        ),
        (
            Allowance {
                micro_eur_per_day: 3_919,
                ..none
            },
            Some(Admission::OverDay),
        ),
        (
            Allowance {
                tokens_per_month: 1_260,
                ..none
            },
            None,
        ),
        (
            Allowance {
                tokens_per_month: 1_259,
                ..none
            },
            Some(Admission::OverMonth),
        ),
        (
            Allowance {
                micro_eur_per_month: 4_140,
                ..none
            },
            None,
        ),
        (
            Allowance {
                micro_eur_per_month: 4_139,
                ..none
            },
            Some(Admission::OverMonth),
        ),
        (none, None),
    ];
    for (allowance, refusal) in cases {
        let home = Home::new();
        let store = home.open();
        for second in [-3 * DAY, 0] {
            store.end_call(0, &call(second, 100, 30)).unwrap();
        }
        let found = store.begin_call(&call(1, 100, 900), &allowance).unwrap();
        match refusal {
            Some(refusal) => assert_eq!(found, refusal, "{allowance:?}"),
            None => assert!(
                matches!(found, Admission::Admitted(_)),
                "{allowance:?}: {found:?}"
            ),
        }
        // What was refused leaves nothing behind.
        let calls = store
            .calls_between("2026-05-01", "2026-05-31")
            .unwrap()
            .calls;
        assert_eq!(calls, 2 + u32::from(refusal.is_none()));
    }
}

#[test]
fn programs_that_ask_at_one_time_do_not_pass_a_limit_together() {
    let home = Home::new();
    // As the window and the command line do: each with the file open by itself.
    let stores = [home.open(), home.open()];
    let allowance = Allowance {
        tokens_per_day: 5_000,
        ..Allowance::default()
    };
    let together = Barrier::new(16);
    let admitted = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..16)
            .map(|number| {
                let (store, together) = (&stores[number % 2], &together);
                scope.spawn(move || {
                    together.wait();
                    store.begin_call(&call(0, 100, 900), &allowance).unwrap()
                })
            })
            .collect();
        asking
            .into_iter()
            .map(|asked| asked.join().unwrap())
            .filter(|found| matches!(found, Admission::Admitted(_)))
            .count()
    });
    assert_eq!(admitted, 5);
}

#[test]
fn questions_of_one_kind_share_a_row() {
    let home = Home::new();
    let store = home.open();
    let asked = |fate: &str, questions: u32| Asked {
        day: "2026-05-28".to_owned(),
        fate: fate.to_owned(),
        questions,
        tokens_in: 10 * u64::from(questions),
        ..Asked::default()
    };
    store
        .add_asked(&[asked("memory", 2), asked("miss", 1)])
        .unwrap();
    store.add_asked(&[asked("memory", 5)]).unwrap();
    assert_eq!(
        store.asked("2026-05-28", "2026-05-28").unwrap(),
        [asked("memory", 7), asked("miss", 1)]
    );
    assert_eq!(store.asked("2026-05-29", "2026-06-28").unwrap(), []);
}

#[test]
fn a_question_is_spared_once_in_the_time_for_which_its_answer_would_have_been_kept() {
    let home = Home::new();
    let store = home.open();
    let first = |question: u8, second: i64| {
        store
            .first_spared(&[question; 32], at(second), at(second - 100))
            .unwrap()
    };
    assert!(first(1, 0) && first(2, 30));
    assert!(!first(1, 60) && !first(1, 100) && !first(2, 130));
    // The time runs from when it was spared, and not from the last look.
    assert!(first(1, 101) && !first(2, 130) && first(2, 131));
    drop(store);
    let store = home.open();
    assert!(!store.first_spared(&[1; 32], at(200), at(100)).unwrap());
    let rows: u32 = home
        .directly()
        .query_row("SELECT count(*) FROM spared", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 2, "nothing else stays");
}
