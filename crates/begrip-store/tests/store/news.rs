//! What became of the user's own proposals, until it was seen.

use begrip_store::{NewsKind, Store};
use begrip_sync::{
    Asks, Checked, Comment, Decided, Effect, Hello, Proposal, Review, Saved, Signature, Supported,
    Verdict,
};
use uuid::Uuid;

use crate::shared::{item, take, texts, with_shared};
use crate::support::{Home, at};

fn signed(by: &str, organisation: &str) -> Signature {
    Signature {
        by: by.to_owned(),
        organisation: organisation.to_owned(),
        at: at(5),
        reason: String::new(),
    }
}

/// A proposal of this account, and what Bert of the Rechtspraak decided upon it.
fn proposal(by: &str, organisation: &str, asks: Asks, accepted: Option<bool>) -> Review {
    let verdict = accepted.map(|accepted| Verdict {
        accepted,
        signature: signed("Bert", "Rechtspraak"),
    });
    Review {
        proposal: Some(Proposal {
            asks,
            proposed: signed(by, organisation),
            checked: Checked {
                text: String::new(),
                pack: "1".to_owned(),
                failing: Vec::new(),
            },
            drafter: None,
            verdict,
        }),
        ..Review::default()
    }
}

fn said(mut review: Review, by: &str, organisation: &str) -> Review {
    review.comments.push(Comment {
        field: "definition".to_owned(),
        said: signed(by, organisation),
    });
    review
}

/// What is told of the user's proposals, by concept, the latest first.
fn told(store: &Store) -> Vec<(u128, NewsKind)> {
    let news = store.news().unwrap();
    let told = news.iter().map(|one| (one.concept.0.as_u128(), one.kind));
    told.collect()
}

/// A store of Anna of the OM with a shared concept.
fn of_anna(home: &Home) -> Store {
    let store = with_shared(home);
    let hello = Hello {
        protocol: Supported { min: 1, max: 1 },
        capabilities: Vec::new(),
        epoch: Uuid::from_u128(7),
        sequence: 0,
        organisation: "OM".to_owned(),
        account: "Anna".to_owned(),
        role: "author".to_owned(),
        published: 0,
    };
    store.note_account(&hello).unwrap();
    let saved = Saved {
        organisation: "OM".to_owned(),
        ..store.sync_saved().unwrap()
    };
    store.keep_effects(&[Effect::Save(saved)], at(8)).unwrap();
    store
}

/// The same with these decided before it.
fn after(mut review: Review, earlier: &[&Review]) -> Review {
    review.decided = earlier
        .iter()
        .flat_map(|review| review.decisions())
        .collect();
    review
}

#[test]
fn what_was_decided_is_told_also_when_another_proposal_followed_before_this_computer_heard() {
    let home = Home::new();
    let store = of_anna(&home);
    let mut version = 1;
    let mut becomes = |review: Review| {
        version += 1;
        let mut item = item(1, version, &texts("vonnis", "beslissing"));
        item.review = review;
        take(&store, item);
    };
    let of = |by, asks, accepted| proposal(by, "OM", asks, accepted);
    becomes(of("Anna", Asks::Establish, None));
    assert_eq!(told(&store), []);
    // Sent back with a word, and proposed again by a colleague: told once.
    let returned = of("Anna", Asks::Establish, Some(false));
    let again = said(
        after(of("Noor", Asks::Establish, None), &[&returned]),
        "Bert",
        "Rechtspraak",
    );
    becomes(again.clone());
    let first = [(1, NewsKind::Returned), (1, NewsKind::Commented)];
    assert_eq!(told(&store), first);
    let numbers: Vec<i64> = store.news().unwrap().iter().map(|one| one.number).collect();
    store.forget_news(&numbers).unwrap();
    becomes(again);
    assert_eq!(told(&store), []);
    // What becomes of the colleague's is the colleague's.
    let theirs = of("Noor", Asks::Establish, Some(true));
    becomes(after(theirs.clone(), &[&returned]));
    assert_eq!(told(&store), []);
    // Established and, before this computer heard, to be withdrawn by somebody else.
    let own = of("Anna", Asks::Withdraw, None);
    becomes(after(own, &[&returned, &theirs]));
    let stays = of("Anna", Asks::Withdraw, Some(false));
    let other = of("Noor", Asks::Withdraw, None);
    becomes(after(other, &[&returned, &theirs, &stays]));
    assert_eq!(told(&store), [(1, NewsKind::Returned)]);
    // The oldest are not told of any more one day: nothing is told twice for that.
    let numbers: Vec<i64> = store.news().unwrap().iter().map(|one| one.number).collect();
    store.forget_news(&numbers).unwrap();
    let decided: Vec<Decided> = stays.decisions();
    let mut short = of("Noor", Asks::Withdraw, None);
    short.decided = decided;
    becomes(short);
    assert_eq!(told(&store), []);
}

#[test]
fn what_became_of_an_own_proposal_is_told_until_it_was_seen_and_nothing_of_others_is() {
    let home = Home::new();
    let store = of_anna(&home);
    let mut version = 1;
    let mut becomes = |number: u128, review: Review| {
        version += 1;
        let mut item = item(number, version, &texts("vonnis", "beslissing"));
        item.review = review;
        take(&store, item);
    };
    let own = |asks, accepted| proposal("Anna", "OM", asks, accepted);
    // What was decided before this computer held the concept is no news, nor is the proposal itself.
    becomes(2, own(Asks::Establish, Some(true)));
    becomes(1, own(Asks::Establish, None));
    becomes(1, said(own(Asks::Establish, None), "Anna", "OM"));
    assert_eq!(told(&store), []);
    let commented = said(own(Asks::Establish, None), "Bert", "Rechtspraak");
    becomes(1, commented.clone());
    assert_eq!(told(&store), [(1, NewsKind::Commented)]);
    let first = store.news().unwrap()[0].number;
    // Once more is one notice, and another than the one of before.
    becomes(1, said(commented.clone(), "Carla", "DJI"));
    store.forget_news(&[first]).unwrap();
    assert_eq!(told(&store), [(1, NewsKind::Commented)]);
    becomes(1, own(Asks::Establish, Some(false)));
    becomes(2, own(Asks::Withdraw, None));
    becomes(2, own(Asks::Withdraw, Some(true)));
    let all = [
        (2, NewsKind::Withdrawn),
        (1, NewsKind::Returned),
        (1, NewsKind::Commented),
    ];
    assert_eq!(told(&store), all);
    // The same again tells nothing new; it stays for the next start.
    becomes(2, own(Asks::Withdraw, Some(true)));
    drop(store);
    let store = home.open_at(20).unwrap().0;
    assert_eq!(told(&store), all);
    assert_eq!(store.news().unwrap()[0].term, "vonnis");
    let numbers: Vec<i64> = store.news().unwrap().iter().map(|one| one.number).collect();
    store.forget_news(&numbers).unwrap();
    assert_eq!(told(&store), []);

    // Another's proposal is another's, of the same name elsewhere too.
    for (by, organisation) in [("Noor", "OM"), ("Anna", "DJI")] {
        let mut item = item(1, version + 1, &texts("vonnis", "beslissing"));
        item.review = proposal(by, organisation, Asks::Establish, Some(true));
        version += 1;
        take(&store, item);
        assert_eq!(told(&store), []);
    }
}
