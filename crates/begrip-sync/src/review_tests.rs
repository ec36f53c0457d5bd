use super::*;
use crate::decide::tests::{command, item};
use crate::protocol::Sharing;
use serde_json::json;
use uuid::Uuid;

const TEXT: &str = "beslissing van een rechter";

fn caller(organisation: &'static str, role: Role) -> Caller<'static> {
    Caller { organisation, role }
}

/// A concept of the OM with this status.
fn concept(status: Status) -> Item {
    item(
        3,
        json!({"term": "vonnis", "definition": TEXT, "status": status.as_str()}),
    )
}

fn signature() -> Signature {
    Signature {
        by: "Anna".to_owned(),
        organisation: "OM".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        reason: String::new(),
    }
}

fn checked(item: &Item) -> Checked {
    Checked {
        text: item.texts.wording(),
        pack: "1".to_owned(),
        failing: Vec::new(),
    }
}

/// The same concept with an open proposal.
fn proposed(asks: Asks, status: Status) -> Item {
    let mut item = concept(status);
    item.review.proposal = Some(Proposal {
        asks,
        proposed: signature(),
        checked: checked(&item),
        drafter: None,
        verdict: None,
    });
    if asks == Asks::Replace {
        item.review.replaces = Some(ConceptId(Uuid::from_u128(9)));
    }
    item
}

fn bench() -> Bench<'static> {
    Bench {
        name: "Bert",
        at: Timestamp::UNIX_EPOCH,
        wrote: false,
        pack: Some("1"),
        failing: &[],
        replaced: None,
    }
}

fn propose(item: &Item, withdrawal: bool) -> Act {
    Act::Propose {
        checked: checked(item),
        drafter: None,
        withdrawal,
    }
}

fn accept(item: &Item) -> Act {
    Act::Accept {
        checked: checked(item),
    }
}

/// What becomes of a concept, and of the one that it replaces; or why not.
fn after(
    act: Act,
    item: &Item,
    caller: Caller<'_>,
    bench: Bench<'_>,
) -> Result<(Status, Option<Status>), Decision> {
    let mut command = command(item.version, act);
    command.reason = "daarom".to_owned();
    match review(&command, Some(item), caller, &bench) {
        Decision::Write(next) => {
            assert_eq!(
                next.texts.wording(),
                item.texts.wording(),
                "no step changes a text"
            );
            Ok((next.texts.status().unwrap(), next.replaced))
        }
        other => Err(other),
    }
}

const AUTHOR: Caller<'_> = Caller {
    organisation: "OM",
    role: Role::Author,
};
const REVIEWER: Caller<'_> = Caller {
    organisation: "Rechtspraak",
    role: Role::Reviewer,
};

#[test]
fn every_step_leads_where_the_table_says() {
    use Status::{
        Established, EstablishedInRevision, InPreparation, Proposed, RevisedProposed, Superseded,
        Withdrawn,
    };
    let old = |status| Item {
        id: ConceptId(Uuid::from_u128(9)),
        ..concept(status)
    };
    let (standing, revised) = (old(Established), old(EstablishedInRevision));
    let beside = |replaced| Bench {
        replaced: Some(replaced),
        ..bench()
    };
    let draft = concept(InPreparation);
    let mut revision = concept(InPreparation);
    revision.review.replaces = Some(standing.id);
    let whole = concept(Established);
    let new = proposed(Asks::Establish, Proposed);
    let next = proposed(Asks::Replace, RevisedProposed);
    let gone = proposed(Asks::Withdraw, EstablishedInRevision);
    let reject = |item: &Item| Act::Reject {
        text: item.texts.wording(),
    };
    let unpublished = Bench {
        pack: None,
        ..bench()
    };
    for (act, item, caller, bench, status, replaced) in [
        (
            propose(&draft, false),
            &draft,
            AUTHOR,
            bench(),
            Proposed,
            None,
        ),
        (
            propose(&revision, false),
            &revision,
            AUTHOR,
            beside(&standing),
            RevisedProposed,
            Some(EstablishedInRevision),
        ),
        (
            propose(&whole, true),
            &whole,
            AUTHOR,
            bench(),
            EstablishedInRevision,
            None,
        ),
        (Act::Retract, &new, AUTHOR, bench(), InPreparation, None),
        (
            Act::Retract,
            &next,
            AUTHOR,
            beside(&revised),
            InPreparation,
            Some(Established),
        ),
        (Act::Retract, &gone, AUTHOR, bench(), Established, None),
        (accept(&new), &new, REVIEWER, bench(), Established, None),
        (accept(&new), &new, REVIEWER, unpublished, Established, None),
        (
            accept(&next),
            &next,
            REVIEWER,
            beside(&revised),
            Established,
            Some(Superseded),
        ),
        (accept(&gone), &gone, REVIEWER, bench(), Withdrawn, None),
        (reject(&new), &new, REVIEWER, bench(), InPreparation, None),
        (
            reject(&next),
            &next,
            REVIEWER,
            beside(&revised),
            InPreparation,
            Some(Established),
        ),
        (reject(&gone), &gone, REVIEWER, bench(), Established, None),
    ] {
        let told = format!("{act:?}");
        assert_eq!(
            after(act, item, caller, bench),
            Ok((status, replaced)),
            "{told}"
        );
    }
}

#[test]
fn every_other_step_is_refused_from_every_other_status() {
    for status in Status::ALL {
        let item = concept(status);
        for (act, begins) in [
            (propose(&item, false), Status::InPreparation),
            (propose(&item, true), Status::Established),
        ] {
            let done = after(act, &item, AUTHOR, bench());
            assert_eq!(done.is_ok(), status == begins, "{status:?}");
        }
        // Without an open proposal there is nothing to decide.
        for act in [Act::Retract, accept(&item)] {
            let both = caller("OM", Role::Administrator);
            let refused = after(act, &item, both, bench());
            assert_eq!(refused, Err(Decision::Refuse(Refusal::WrongStatus)));
        }
    }
}

#[test]
fn who_may_not_is_refused_with_the_reason() {
    let draft = concept(Status::InPreparation);
    let new = proposed(Asks::Establish, Status::Proposed);
    let wrote = Bench {
        wrote: true,
        ..bench()
    };
    let fails = [Failing {
        rule: "STR-01".to_owned(),
        blocking: true,
        reason: "x".to_owned(),
    }];
    let found = Bench {
        failing: &fails,
        ..bench()
    };
    let mut said = checked(&new);
    said.failing = fails.to_vec();
    let stricter = Bench {
        pack: Some("2"),
        ..bench()
    };
    for (act, item, caller, bench, why) in [
        (
            propose(&draft, false),
            &draft,
            caller("OM", Role::Reader),
            bench(),
            Refusal::NotAllowed,
        ),
        (
            propose(&draft, false),
            &draft,
            caller("DJI", Role::Author),
            bench(),
            Refusal::NotAllowed,
        ),
        (Act::Retract, &new, REVIEWER, bench(), Refusal::NotAllowed),
        (accept(&new), &new, AUTHOR, bench(), Refusal::NotAllowed),
        (accept(&new), &new, REVIEWER, wrote, Refusal::OwnText),
        (
            accept(&new),
            &new,
            caller("OM", Role::Administrator),
            wrote,
            Refusal::OwnText,
        ),
        (accept(&new), &new, REVIEWER, found, Refusal::Blocking),
        (accept(&new), &new, REVIEWER, stricter, Refusal::OtherRules),
        (
            Act::Accept { checked: said },
            &new,
            REVIEWER,
            bench(),
            Refusal::Blocking,
        ),
        (
            Act::Comment {
                field: "notes".to_owned(),
            },
            &new,
            REVIEWER,
            bench(),
            Refusal::Invalid,
        ),
    ] {
        let told = format!("{act:?}");
        assert_eq!(
            after(act, item, caller, bench),
            Err(Decision::Refuse(why)),
            "{told}"
        );
    }
}

#[test]
fn nobody_decides_upon_a_text_that_they_have_not_seen() {
    let new = proposed(Asks::Establish, Status::Proposed);
    let mut seen = new.clone();
    seen.texts.set("definition", "een andere tekst".into());
    let reject = Act::Reject {
        text: seen.texts.wording(),
    };
    for act in [accept(&seen), reject] {
        assert_eq!(
            after(act, &new, REVIEWER, bench()),
            Err(Decision::Stale(Vec::new()))
        );
    }
}

#[test]
fn a_rejection_and_a_comment_need_words() {
    let new = proposed(Asks::Establish, Status::Proposed);
    let reject = Act::Reject {
        text: new.texts.wording(),
    };
    let comment = Act::Comment {
        field: "definition".to_owned(),
    };
    for act in [reject, comment] {
        let decision = review(&command(3, act), Some(&new), REVIEWER, &bench());
        assert_eq!(decision, Decision::Refuse(Refusal::Invalid));
    }
}

#[test]
fn a_revision_takes_over_who_may_see_the_text_that_it_replaces() {
    let standing = Item {
        sharing: Sharing::Named {
            organisations: ["DJI".to_owned()].into(),
        },
        ..concept(Status::Established)
    };
    let changes =
        crate::Texts::default().changes_to(&concept(Status::InPreparation).texts, &crate::FIELDS);
    let act = Act::Revise {
        of: standing.id,
        changes,
    };
    let beside = Bench {
        replaced: Some(&standing),
        ..bench()
    };
    let decision = review(&command(0, act.clone()), None, AUTHOR, &beside);
    let Decision::Write(next) = decision else {
        panic!("{decision:?}")
    };
    assert_eq!((next.version, next.review.replaces), (1, Some(standing.id)));
    assert_eq!(next.sharing, standing.sharing);
    let other = review(&command(0, act), None, caller("DJI", Role::Author), &beside);
    assert_eq!(other, Decision::Refuse(Refusal::NotAllowed));
}

#[test]
fn what_was_proposed_is_neither_changed_nor_removed_by_a_plain_command() {
    let new = proposed(Asks::Establish, Status::Proposed);
    let change = crate::decide::tests::put(3, json!({"definition": [TEXT, "iets anders"]}));
    for command in [change, command(3, Act::Delete)] {
        let decision = crate::decide(&command, Some(&new), AUTHOR, crate::Deletions::default());
        assert_eq!(decision, Decision::Refuse(Refusal::UnderReview));
    }
}

#[test]
fn what_was_decided_goes_along_with_the_proposals_that_follow_and_no_more_than_a_few() {
    let mut item = concept(Status::InPreparation);
    let step = |item: &Item, act: Act, caller: Caller<'_>| {
        let mut command = command(item.version, act);
        command.reason = "daarom".to_owned();
        match review(&command, Some(item), caller, &bench()) {
            Decision::Write(next) => *next,
            other => panic!("{other:?}"),
        }
    };
    for round in 0..limits::DECIDED + 2 {
        let next = step(&item, propose(&item, false), AUTHOR);
        assert_eq!(next.review.decided.len(), round.min(limits::DECIDED));
        assert!(next.review.open().is_some());
        (item.texts, item.review) = (next.texts, next.review);
        let reject = Act::Reject {
            text: item.texts.wording(),
        };
        let next = step(&item, reject, REVIEWER);
        assert_eq!(next.review.decisions().len(), item.review.decided.len() + 1);
        (item.texts, item.review) = (next.texts, next.review);
    }
    // Taken back, nothing more was decided and nothing is forgotten.
    let next = step(&item, propose(&item, false), AUTHOR);
    (item.texts, item.review) = (next.texts, next.review);
    let decided = item.review.decided.clone();
    let next = step(&item, Act::Retract, AUTHOR);
    assert_eq!((next.review.proposal, next.review.decided), (None, decided));
}
