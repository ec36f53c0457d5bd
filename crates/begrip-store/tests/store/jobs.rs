//! Jobs: an item is taken once, ends with those that follow it, and is there after a restart.

use begrip_store::{ItemState, JobKind, JobState, NewItem, Store, StoreError, Work};
use uuid::Uuid;

use crate::support::{Home, at};

const ID: Uuid = Uuid::from_u128(7);

fn item(number: u32, question: &str) -> NewItem {
    NewItem {
        number,
        term: format!("term {number}"),
        question: question.to_owned(),
        input: format!("{{\"n\":{number}}}"),
        fault: None,
    }
}

fn make(store: &Store, items: &[NewItem]) {
    store
        .create_job(ID, JobKind::Batch, "termen.csv", at(0), items)
        .unwrap();
}

fn states(store: &Store) -> Vec<(u32, ItemState, Option<String>)> {
    let (items, _) = store.job_items(ID, None, 0, 100).unwrap();
    items
        .into_iter()
        .map(|item| (item.number, item.state, item.result))
        .collect()
}

#[test]
fn an_item_is_taken_once_and_those_that_follow_end_with_it() {
    let home = Home::new();
    {
        let store = home.open();
        make(&store, &[item(2, "a"), item(3, "b"), item(4, "a")]);
        assert_eq!(store.claim_item(ID).unwrap(), None, "not begun");
        store.begin_job(ID, at(1)).unwrap();
        assert_eq!(store.claim_item(ID).unwrap().unwrap().number, 2);
        assert_eq!(store.claim_item(ID).unwrap().unwrap().number, 3);
        assert_eq!(
            store.claim_item(ID).unwrap(),
            None,
            "the third asks the same"
        );
        store.end_item(ID, 2, "r", Ok("{}"), at(2)).unwrap();
    }
    // As after a kill: what had ended is there, what was under way waits again.
    let store = home.open();
    let counts = store.job(ID).unwrap().unwrap().counts;
    assert_eq!(
        (
            counts.done,
            counts.running,
            counts.questions,
            counts.open_questions
        ),
        (2, 1, 2, 1)
    );
    store.begin_job(ID, at(3)).unwrap();
    assert!(!store.finish_job(ID, at(3)).unwrap(), "one waits");
    assert_eq!(store.claim_item(ID).unwrap().unwrap().number, 3);
    store.end_item(ID, 3, "r", Err("fout"), at(4)).unwrap();
    assert!(store.finish_job(ID, at(5)).unwrap());
    let result = Some("{}".to_owned());
    assert_eq!(
        states(&store),
        [
            (2, ItemState::Done, result.clone()),
            (3, ItemState::Failed, None),
            (4, ItemState::Done, result)
        ]
    );
    assert_eq!(store.retry_items(ID, at(6)).unwrap(), 1);
    assert_eq!(store.job(ID).unwrap().unwrap().state, JobState::Queued);
}

#[test]
fn a_paused_job_gives_no_item_and_a_cancelled_one_skips_what_waits() {
    let home = Home::new();
    let store = home.open();
    make(&store, &[item(1, "a"), item(2, "b"), item(3, "c")]);
    store.begin_job(ID, at(1)).unwrap();
    store.claim_item(ID).unwrap().unwrap();
    let halt = Some("oorzaak");
    let moved = |from: &[JobState], to, halt| store.move_job(ID, from, to, halt, at(2)).unwrap();
    assert!(!moved(&[JobState::Done], JobState::Paused, None));
    assert!(moved(&[JobState::Running], JobState::Paused, halt));
    assert_eq!(store.claim_item(ID).unwrap(), None);
    assert_eq!(store.job(ID).unwrap().unwrap().halt.as_deref(), halt);
    assert!(moved(&[JobState::Paused], JobState::Cancelled, None));
    store.release_item(ID, 1).unwrap();
    let counts = store.job(ID).unwrap().unwrap().counts;
    assert_eq!((counts.skipped, counts.waiting + counts.running), (3, 0));
}

#[test]
fn a_question_that_waits_is_not_added_twice_and_an_ended_one_is_asked_anew() {
    let home = Home::new();
    let store = home.open();
    store
        .create_job(ID, JobKind::Queue, "Wachtrij", at(0), &[])
        .unwrap();
    let add = |question| store.add_item(ID, "term", question, "{}", at(1)).unwrap();
    assert_eq!((add("a"), add("b"), add("a")), (1, 2, 1));
    store.begin_job(ID, at(2)).unwrap();
    store.claim_item(ID).unwrap().unwrap();
    assert_eq!(add("a"), 1, "under way");
    assert!(!store.remove_item(ID, 1).unwrap(), "under way");
    store.end_item(ID, 1, "r", Ok("{}"), at(3)).unwrap();
    assert_eq!(add("a"), 3);
    assert!(store.remove_item(ID, 1).unwrap());
    store.remove_job(ID).unwrap();
    assert!(matches!(store.begin_job(ID, at(4)), Err(StoreError::NoJob)));
}

#[test]
fn a_thousand_items_are_kept_with_few_statements() {
    let home = Home::new();
    let store = home.open();
    let items: Vec<NewItem> = (1..=1_000)
        .map(|n| item(n, &(n % 200).to_string()))
        .collect();
    let before = store.statements();
    make(&store, &items);
    let counts = store.job(ID).unwrap().unwrap().counts;
    assert_eq!((counts.waiting, counts.questions), (1_000, 200));
    assert!(store.statements() - before <= 2);
}

#[test]
fn every_job_with_its_counts_takes_one_statement_however_many_there_are() {
    let home = Home::new();
    let store = home.open();
    for number in 0..20_u32 {
        let items: Vec<NewItem> = (1..=number)
            .map(|n| item(n, &(n % 2).to_string()))
            .collect();
        let id = Uuid::from_u128(number.into());
        store
            .create_job(id, JobKind::Batch, "termen.csv", at(0), &items)
            .unwrap();
    }
    let last = Uuid::from_u128(19);
    store.begin_job(last, at(1)).unwrap();
    store.claim_item(last).unwrap();
    store.end_item(last, 1, "r", Ok("{}"), at(2)).unwrap();
    let before = store.statements();
    let jobs = store.jobs().unwrap();
    assert_eq!(store.statements() - before, 1);
    assert_eq!(jobs.len(), 20);
    for (job, number) in jobs.iter().rev().zip(0..) {
        assert_eq!(
            job.id,
            Uuid::from_u128(u128::from(number)),
            "the newest first"
        );
        let counts = job.counts;
        assert_eq!(counts.waiting + counts.done, number);
        assert_eq!(counts.questions, number.min(2));
        assert_eq!(store.job(job.id).unwrap().as_ref(), Some(job));
    }
    // The first and the nine that asked the same have ended.
    assert_eq!(
        (jobs[0].counts.done, jobs[0].counts.open_questions),
        (10, 1)
    );
}

#[test]
fn one_statement_tells_what_runs_and_waits_of_all_jobs() {
    let home = Home::new();
    let store = home.open();
    assert_eq!(store.work().unwrap(), Work::default());
    let rows: Vec<NewItem> = (1..=4).map(|n| item(n, &n.to_string())).collect();
    make(&store, &rows);
    let [queue, cancelled] = [8, 9].map(Uuid::from_u128);
    for (id, kind) in [(queue, JobKind::Queue), (cancelled, JobKind::Batch)] {
        store.create_job(id, kind, "x", at(0), &rows[..2]).unwrap();
    }
    let from = [JobState::Queued];
    store
        .move_job(cancelled, &from, JobState::Cancelled, None, at(1))
        .unwrap();
    store.begin_job(ID, at(1)).unwrap();
    store.claim_item(ID).unwrap();
    let before = store.statements();
    let work = store.work().unwrap();
    assert_eq!(store.statements() - before, 1);
    assert_eq!(
        work,
        Work {
            jobs_running: 1,
            rows_waiting: 3,
            drafts_waiting: 2,
        }
    );
}
