//! What became of the user's own proposals, until it was seen.

use begrip_store::{NewsKind, Store};
use begrip_sync::{
    Asks, Checked, Comment, Effect, Hello, Proposal, Review, Saved, Signature, Supported, Verdict,
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

#[test]
fn what_became_of_an_own_proposal_is_told_until_it_was_seen_and_nothing_of_others_is() {
    let home = Home::new();
    let store = with_shared(&home);
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
