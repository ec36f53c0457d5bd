//! What a user sees: the server's text and, on top of it, the changes that it has not taken yet.
//!
//! A workstation keeps the server's text of a shared concept apart from the user's. What the user
//! sees follows from it: take the server's text and do every open change again, in order. So a text
//! from elsewhere comes in under what the user typed, field by field, and nothing typed is undone.

use begrip_domain::Status;

use crate::protocol::{Act, Command, Item};
use crate::texts::Texts;

/// What the user sees of a concept. `open` are the commands about it that are not done: those that
/// wait, and those that the server did not take and the user has not decided upon.
pub fn replay(item: Option<&Item>, open: &[Command]) -> Texts {
    let mut texts = item.map(|item| item.texts.clone()).unwrap_or_default();
    let mut withdrawn = item.is_some_and(|item| item.deleted);
    let mut replaces = item.is_some_and(|item| item.review.replaces.is_some());
    for command in open {
        replaces |= matches!(command.act, Act::Revise { .. });
        match &command.act {
            Act::Put { changes, .. } | Act::Revise { changes, .. } => {
                for (name, change) in changes {
                    texts.set(name, change.to.clone());
                }
                withdrawn = false;
            }
            Act::Delete => withdrawn = true,
            // What was proposed is not changed any more. A decision is the server's.
            Act::Propose { withdrawal, .. } => {
                let status = match (withdrawal, replaces) {
                    (true, _) => Status::EstablishedInRevision,
                    (false, true) => Status::RevisedProposed,
                    (false, false) => Status::Proposed,
                };
                texts.set("status", status.as_str().into());
            }
            Act::Retract
            | Act::Accept { .. }
            | Act::Reject { .. }
            | Act::Comment { .. }
            | Act::Unknown => {}
        }
    }
    if withdrawn {
        texts.set("status", Status::Withdrawn.as_str().into());
    }
    texts
}

/// Whether a concept that the server tells goes over the version that is kept: when it is a later one,
/// or whatever it is when `forced`.
pub fn is_news(kept: Option<u32>, item: &Item, forced: bool) -> bool {
    forced || kept.is_none_or(|version| version < item.version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::tests::{command, item, put};
    use serde_json::json;

    #[test]
    fn a_text_from_elsewhere_comes_in_under_what_the_user_typed() {
        let theirs = item(
            3,
            json!({"term": "a", "definition": "theirs", "explanation": "new"}),
        );
        let open = [put(2, json!({"definition": ["old", "mine"]}))];
        let seen = replay(Some(&theirs), &open);
        assert_eq!(seen.get("definition"), "mine");
        assert_eq!(seen.get("explanation"), "new");
    }

    #[test]
    fn a_change_and_its_opposite_stand_in_order() {
        let base = item(1, json!({"term": "a", "definition": "x"}));
        let open = [
            put(1, json!({"definition": ["x", "y"]})),
            put(1, json!({"definition": ["y", "x"]})),
        ];
        assert_eq!(replay(Some(&base), &open).get("definition"), "x");
        let after_first = item(2, json!({"term": "a", "definition": "y"}));
        assert_eq!(
            replay(Some(&after_first), &open[1..]).get("definition"),
            "x"
        );
    }

    #[test]
    fn a_tombstone_shows_as_withdrawn_until_the_user_changes_it() {
        let mut gone = item(2, json!({"term": "a", "status": "in_preparation"}));
        gone.deleted = true;
        assert_eq!(replay(Some(&gone), &[]).get("status"), "withdrawn");
        let open = [put(2, json!({"definition": ["", "mine"]}))];
        assert_eq!(replay(Some(&gone), &open).get("status"), "in_preparation");
        gone.deleted = false;
        let delete = command(2, Act::Delete);
        assert_eq!(replay(Some(&gone), &[delete]).get("status"), "withdrawn");
    }
}
