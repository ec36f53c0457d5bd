use std::collections::BTreeMap;

use super::*;
use crate::decide::tests::{item, put};
use crate::protocol::Outcome;
use crate::version::PROTOCOL;
use serde_json::json;

#[derive(Default)]
struct Shelf(BTreeMap<ConceptId, Item>);

impl Held for Shelf {
    fn of(&self, id: ConceptId) -> Option<Kept> {
        self.0.get(&id).map(|item| Kept {
            sequence: item.sequence,
            mark: item.mark(),
            deleted: item.deleted,
        })
    }

    fn live(&self) -> u32 {
        self.0
            .values()
            .filter(|item| !item.deleted)
            .count()
            .try_into()
            .unwrap()
    }

    fn range(&self, range: u8) -> Vec<(ConceptId, u64)> {
        let of_range = self
            .0
            .values()
            .filter(|item| crate::range_of(item.id) == range);
        of_range.map(|item| (item.id, item.sequence)).collect()
    }
}

fn concept(n: u128, version: u32, sequence: u64) -> Item {
    Item {
        id: ConceptId(Uuid::from_u128(n)),
        sequence,
        ..item(version, json!({"term": "a"}))
    }
}

fn hello(epoch: u128, sequence: u64) -> Got {
    Got::Hello(Hello {
        protocol: PROTOCOL,
        capabilities: vec![],
        epoch: Uuid::from_u128(epoch),
        sequence,
        organisation: "OM".to_owned(),
        account: "A".to_owned(),
        role: "author".to_owned(),
        published: 0,
    })
}

#[test]
fn the_next_page_is_known_before_this_one_is_kept_and_nothing_else_is() {
    let asked = Ask::Changes {
        after: 3,
        closing: true,
    };
    let next = Ask::Changes {
        after: 7,
        closing: true,
    };
    assert_eq!(asked.ahead(&page(Vec::new(), 7, true, None)), Some(next));
    assert_eq!(asked.ahead(&page(Vec::new(), 7, false, None)), None);
    assert_eq!(Ask::OwnSums.ahead(&Got::OwnSums(Sums::default())), None);
    // It is what the session itself asks once the page is kept.
    let (mut session, shelf) = (
        Session::new(Saved::default(), Wishes::default()),
        Shelf::default(),
    );
    session.phase = Phase::Pulling;
    let asked = session.ask(Vec::new);
    let got = page(vec![concept(1, 1, 5)], 5, true, None);
    let ahead = asked.ahead(&got);
    session.got(&asked, got, &shelf).unwrap();
    assert_eq!(Some(session.ask(Vec::new)), ahead);
}

fn page(items: Vec<Item>, next: u64, more: bool, closing: Option<Closing>) -> Got {
    Got::Page(Page {
        items,
        next,
        more,
        closing,
    })
}

fn saved(position: u64) -> Saved {
    Saved {
        epoch: Some(Uuid::from_u128(1)),
        organisation: "OM".to_owned(),
        position,
        anew: false,
    }
}

/// A session that has greeted the server and has nothing to push.
fn greeted(position: u64, wishes: Wishes) -> Session {
    let mut session = Session::new(saved(position), wishes);
    session
        .got(&Ask::Hello, hello(1, 100), &Shelf::default())
        .unwrap();
    session
}

#[test]
fn what_waits_goes_out_before_anything_is_read() {
    let mut session = greeted(5, Wishes::default());
    let waiting = vec![put(1, json!({"term": ["a", "b"]}))];
    let asked = session.ask(|| waiting.clone());
    assert_eq!(asked, Ask::Push(waiting.clone()));
    let answers = vec![Answer {
        key: waiting[0].key,
        outcome: Outcome::Stale {
            item: Box::new(concept(7, 2, 6)),
            fields: vec!["term".into()],
        },
    }];
    let effects = session.got(
        &asked,
        Got::Pushed(Pushed {
            answers: answers.clone(),
        }),
        &Shelf::default(),
    );
    assert_eq!(effects, Ok(vec![Effect::Answered(answers[0].clone())]));
    assert_eq!(
        session.ask(Vec::new),
        Ask::Changes {
            after: 5,
            closing: false
        }
    );
    let asked = session.ask(Vec::new);
    session
        .got(&asked, page(vec![], 100, false, None), &Shelf::default())
        .unwrap();
    let Ask::End(ending) = session.ask(Vec::new) else {
        panic!()
    };
    assert_eq!(
        (ending.pushed, ending.not_taken, ending.equal),
        (1, 1, None)
    );
}

#[test]
fn a_reader_reads_on_and_what_waits_goes_on_waiting() {
    let mut session = Session::new(saved(5), Wishes::default());
    let Got::Hello(mut reader) = hello(1, 100) else {
        panic!()
    };
    reader.role = "reader".to_owned();
    session
        .got(&Ask::Hello, Got::Hello(reader), &Shelf::default())
        .unwrap();
    let asked = session.ask(|| vec![put(1, json!({}))]);
    assert!(matches!(asked, Ask::Changes { after: 5, .. }));
    session
        .got(&asked, page(vec![], 100, false, None), &Shelf::default())
        .unwrap();
    let Ask::End(ending) = session.ask(Vec::new) else {
        panic!()
    };
    assert!(ending.held_back);
}

#[test]
fn answers_to_other_commands_are_not_kept() {
    let mut session = greeted(0, Wishes::default());
    let asked = session.ask(|| vec![put(1, json!({}))]);
    let none = Got::Pushed(Pushed { answers: vec![] });
    assert!(matches!(
        session.got(&asked, none, &Shelf::default()),
        Err(Halt::Nonsense(_))
    ));
}

#[test]
fn each_page_is_kept_with_the_place_that_it_leads_to() {
    let mut session = greeted(5, Wishes::default());
    let asked = session.ask(Vec::new);
    let effects = session.got(
        &asked,
        page(vec![concept(1, 1, 6)], 9, true, None),
        &Shelf::default(),
    );
    let take = Effect::Take {
        item: Box::new(concept(1, 1, 6)),
        forced: false,
    };
    assert_eq!(effects, Ok(vec![take, Effect::Save(saved(9))]));
    assert_eq!(
        session.ask(Vec::new),
        Ask::Changes {
            after: 9,
            closing: false
        }
    );
}

#[test]
fn a_page_that_leads_nowhere_ends_the_session_instead_of_turning_round_for_ever() {
    for wrong in [
        page(vec![], 5, true, None),
        page(vec![], 4, false, None),
        page(vec![concept(1, 1, 5)], 9, false, None),
        page(vec![concept(1, 1, 10)], 9, false, None),
        page(vec![concept(1, 1, 8), concept(2, 1, 7)], 9, false, None),
    ] {
        let mut session = greeted(5, Wishes::default());
        let asked = session.ask(Vec::new);
        assert!(session.got(&asked, wrong, &Shelf::default()).is_err());
    }
}

#[test]
fn a_server_that_began_anew_is_read_from_the_beginning_and_goes_over_what_was_kept() {
    for (epoch, sequence) in [(2, 100), (1, 4)] {
        let mut session = Session::new(saved(5), Wishes::default());
        session
            .got(&Ask::Hello, hello(epoch, sequence), &Shelf::default())
            .unwrap();
        let asked = session.ask(Vec::new);
        assert_eq!(
            asked,
            Ask::Changes {
                after: 0,
                closing: true
            }
        );
        let effects = session.got(
            &asked,
            page(vec![concept(1, 1, 1)], 4, false, None),
            &Shelf::default(),
        );
        let Effect::Take { forced, .. } = &effects.unwrap()[0] else {
            panic!()
        };
        assert!(forced);
    }
}

#[test]
fn so_many_withdrawals_at_once_wait_for_a_person() {
    let mut shelf = Shelf::default();
    let all: Vec<Item> = (1..=40).map(|n| concept(n, 1, n as u64)).collect();
    shelf
        .0
        .extend(all.iter().map(|item| (item.id, item.clone())));
    let withdrawn = |count| -> Vec<Item> {
        let gone = (1..=count).map(|n| Item {
            deleted: true,
            ..concept(n, 2, 40 + n as u64)
        });
        gone.collect()
    };
    for (count, accept, stops) in [(20, false, false), (21, false, true), (40, true, false)] {
        let wishes = Wishes {
            accept_withdrawals: accept,
            ..Wishes::default()
        };
        let mut session = greeted(40, wishes);
        let asked = session.ask(Vec::new);
        let got = session.got(&asked, page(withdrawn(count), 90, false, None), &shelf);
        assert_eq!(got.is_err(), stops, "{count}");
        if stops {
            assert_eq!(got, Err(Halt::TooManyGone { gone: 21, live: 40 }));
            // Nothing was kept: the next session comes to the same point.
            assert_eq!(session.ask(Vec::new), asked);
        }
    }
}

#[test]
fn a_range_that_differs_is_read_again_once() {
    let wishes = Wishes {
        compare: true,
        ..Wishes::default()
    };
    let mut shelf = Shelf::default();
    // Kept wrongly, not known to the server, and right.
    let mut wrong = concept(1, 1, 1);
    wrong.texts.set("definition", "damaged".into());
    for held in [wrong, concept(17, 1, 2), concept(2, 1, 3)] {
        shelf.0.insert(held.id, held);
    }
    let mut server = Sums::default();
    for item in [concept(1, 1, 1), concept(2, 1, 3)] {
        server.add(item.id, item.mark());
    }
    let closing = Closing {
        sequence: 3,
        ranges: server.as_slice().to_vec(),
    };
    let mut session = greeted(3, wishes);
    let asked = session.ask(Vec::new);
    session
        .got(
            &asked,
            page(vec![], 3, false, Some(closing.clone())),
            &shelf,
        )
        .unwrap();
    let own = |shelf: &Shelf| {
        let mut sums = Sums::default();
        shelf
            .0
            .values()
            .for_each(|item| sums.add(item.id, item.mark()));
        Got::OwnSums(sums)
    };
    assert_eq!(session.got(&Ask::OwnSums, own(&shelf), &shelf), Ok(vec![]));
    let asked = session.ask(Vec::new);
    assert_eq!(asked, Ask::Range(1));
    let rows = RangeRows {
        range: 1,
        sequence: 3,
        items: vec![concept(1, 1, 1)],
    };
    let effects = session.got(&asked, Got::Range(rows), &shelf).unwrap();
    let take = Effect::Take {
        item: Box::new(concept(1, 1, 1)),
        forced: true,
    };
    assert_eq!(
        effects,
        vec![Effect::Gone(ConceptId(Uuid::from_u128(17))), take]
    );
    // Kept badly once more: it is told, and not tried for ever.
    let asked = session.ask(Vec::new);
    assert_eq!(
        asked,
        Ask::Changes {
            after: 3,
            closing: true
        }
    );
    session
        .got(&asked, page(vec![], 3, false, Some(closing)), &shelf)
        .unwrap();
    assert_eq!(session.got(&Ask::OwnSums, own(&shelf), &shelf), Ok(vec![]));
    let Ask::End(ending) = session.ask(Vec::new) else {
        panic!()
    };
    assert_eq!((ending.equal, ending.repaired), (Some(false), 1));
}

#[test]
fn what_came_in_while_a_range_was_read_is_not_taken_away() {
    let mut session = greeted(3, Wishes::default());
    session.phase = Phase::Repairing(vec![1]);
    let mut shelf = Shelf::default();
    for held in [concept(1, 4, 9), concept(17, 1, 8)] {
        shelf.0.insert(held.id, held);
    }
    let rows = RangeRows {
        range: 1,
        sequence: 7,
        items: vec![concept(1, 3, 6)],
    };
    let asked = Ask::Range(1);
    let effects = session.got(&asked, Got::Range(rows.clone()), &shelf);
    assert_eq!(effects, Ok(vec![]), "newer than the range");
    // Of an earlier epoch all of it is: its numbers say nothing any more.
    session.saved.anew = true;
    let effects = session.got(&asked, Got::Range(rows), &shelf).unwrap();
    assert_eq!(effects.len(), 2);
    assert_eq!(effects[0], Effect::Gone(ConceptId(Uuid::from_u128(17))));
}
