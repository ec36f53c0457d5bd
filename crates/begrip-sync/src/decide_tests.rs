use super::*;
use crate::texts::Change;
use begrip_domain::ConceptId;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

const OM: Caller<'_> = Caller {
    organisation: "OM",
    role: Role::Author,
};
const DJI: Caller<'_> = Caller {
    organisation: "DJI",
    role: Role::Author,
};

/// A concept of the OM, shared with the whole chain.
pub(crate) fn item(version: u32, texts: Value) -> Item {
    Item {
        id: ConceptId(Uuid::from_u128(7)),
        version,
        sequence: u64::from(version),
        owner: "OM".to_owned(),
        sharing: Sharing::Chain,
        deleted: false,
        texts: serde_json::from_value(texts).unwrap(),
        author: "A".to_owned(),
        organisation: "OM".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        review: Default::default(),
        rest: BTreeMap::new(),
    }
}

pub(crate) fn command(base_version: u32, act: Act) -> Command {
    Command {
        key: Uuid::from_u128(1),
        concept: ConceptId(Uuid::from_u128(7)),
        base_version,
        act,
        author: "B".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        reason: String::new(),
    }
}

/// A command that changes fields, each written as `[from, to]`.
pub(crate) fn put(base_version: u32, changes: Value) -> Command {
    let changes = changes.as_object().unwrap().iter();
    let changes = changes.map(|(name, pair)| {
        let side = |at: usize| match &pair[at] {
            Value::String(text) if text.is_empty() => Value::Null,
            value => value.clone(),
        };
        (
            name.clone(),
            Change {
                from: side(0),
                to: side(1),
            },
        )
    });
    command(
        base_version,
        Act::Put {
            changes: changes.collect(),
            sharing: None,
        },
    )
}

fn shared(command: Command, with: Sharing) -> Command {
    match command.act {
        Act::Put { changes, .. } => Command {
            act: Act::Put {
                changes,
                sharing: Some(with),
            },
            ..command
        },
        _ => command,
    }
}

fn ask(command: &Command, item: Option<&Item>, caller: Caller<'_>) -> Decision {
    decide(command, item, caller, Deletions::default())
}

/// The texts that are written; fails when nothing is.
#[track_caller]
fn written(decision: Decision) -> Next {
    match decision {
        Decision::Write(next) => *next,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_new_concept_gets_version_1_and_belongs_to_who_made_it() {
    let new = shared(put(0, json!({"term": ["", "vonnis"]})), Sharing::Chain);
    let next = written(ask(&new, None, DJI));
    assert_eq!(
        (next.version, next.owner.as_str(), next.sharing),
        (1, "DJI", Sharing::Chain)
    );
    assert!(!next.merged && !next.deleted);
}

#[test]
fn a_change_upon_the_latest_version_gets_the_next_number() {
    let at = item(4, json!({"term": "a", "definition": "x"}));
    let next = written(ask(
        &put(4, json!({"definition": ["x", "y"]})),
        Some(&at),
        DJI,
    ));
    assert_eq!((next.version, next.merged), (5, false));
    assert_eq!(next.texts.get("definition"), "y");
    assert_eq!((next.owner.as_str(), next.sharing), ("OM", Sharing::Chain));
}

#[test]
fn disjoint_fields_are_merged_and_said_to_be() {
    let at = item(
        5,
        json!({"term": "a", "definition": "x", "explanation": "theirs"}),
    );
    let next = written(ask(
        &put(4, json!({"definition": ["x", "mine"]})),
        Some(&at),
        DJI,
    ));
    assert!(next.merged);
    assert_eq!(next.texts.get("definition"), "mine");
    assert_eq!(next.texts.get("explanation"), "theirs");
}

#[test]
fn a_program_that_does_not_know_when_a_concept_holds_keeps_that() {
    let now = json!({"term": "a", "definition": "x", "validity": {"from": "2026-01-01"}});
    let at = item(5, now);
    let known: Vec<&str> = crate::FIELDS
        .into_iter()
        .filter(|name| *name != "validity")
        .collect();
    // What such a program shows has no validity, and so has what its user makes of it.
    let seen: Texts = serde_json::from_value(json!({"term": "a", "definition": "x"})).unwrap();
    let mine: Texts = serde_json::from_value(json!({"term": "a", "definition": "y"})).unwrap();
    let changes = seen.changes_to(&mine, &known);
    let act = Act::Put {
        changes,
        sharing: None,
    };
    // Based on the version before somebody set it: another field, so both stand.
    let next = written(ask(&command(4, act.clone()), Some(&at), DJI));
    assert!(next.merged);
    assert_eq!(next.texts.get("definition"), "y");
    assert_eq!(next.texts.get("validity")["from"], "2026-01-01");
    let shown = crate::replay(Some(&at), &[command(5, act)]);
    assert_eq!(shown, next.texts);
}

#[test]
fn a_validity_without_a_day_is_refused_by_the_server() {
    let at = item(5, json!({"term": "a", "definition": "x"}));
    let set = |validity: Value| {
        let change = put(5, json!({"validity": [null, validity]}));
        ask(&change, Some(&at), DJI)
    };
    let reversed = json!({"from": "2026-01-02", "until": "2026-01-01"});
    assert_eq!(set(reversed), Decision::Refuse(Refusal::Invalid));
    let no_day = json!({"from": "morgen"});
    assert_eq!(set(no_day), Decision::Refuse(Refusal::Invalid));
    written(set(json!({"from": "2026-01-01", "until": "2026-01-01"})));
    let established = item(5, json!({"term": "a", "status": "established"}));
    let change = put(5, json!({"validity": [null, {"from": "2026-01-01"}]}));
    let under_review = Decision::Refuse(Refusal::UnderReview);
    assert_eq!(ask(&change, Some(&established), OM), under_review);
}

#[test]
fn the_same_field_changed_by_both_is_stale_and_nothing_of_the_command_is_written() {
    let at = item(5, json!({"term": "a", "definition": "theirs"}));
    let both = put(
        4,
        json!({"definition": ["x", "mine"], "explanation": ["", "mine too"]}),
    );
    assert_eq!(
        ask(&both, Some(&at), DJI),
        Decision::Stale(vec!["definition".to_owned()])
    );
}

#[test]
fn equal_texts_are_no_conflict() {
    let at = item(5, json!({"term": "a", "definition": "y"}));
    assert_eq!(
        ask(&put(4, json!({"definition": ["x", "y"]})), Some(&at), DJI),
        Decision::Same
    );
}

#[test]
fn a_base_that_the_server_does_not_have_is_refused() {
    let missing = Decision::Refuse(Refusal::MissingBase);
    let change = put(3, json!({"term": ["a", "b"]}));
    assert_eq!(ask(&change, None, OM), missing);
    assert_eq!(
        ask(&change, Some(&item(2, json!({"term": "a"}))), OM),
        missing
    );
    assert_eq!(ask(&command(1, Act::Delete), None, OM), missing);
}

#[test]
fn two_who_make_the_same_identity_do_not_overwrite_each_other() {
    let at = item(1, json!({"term": "theirs"}));
    let decision = ask(&put(0, json!({"term": ["", "mine"]})), Some(&at), DJI);
    assert_eq!(decision, Decision::Stale(vec!["term".to_owned()]));
}

#[test]
fn empty_never_overwrites_full() {
    let at = item(
        2,
        json!({"term": "a", "definition": "x", "explanation": "e"}),
    );
    for (changes, outcome) in [
        // Seen full and emptied on purpose.
        (json!({"explanation": ["e", ""]}), None),
        // Not seen: whoever sends this never knew that there was an explanation.
        (
            json!({"explanation": ["other", ""]}),
            Some(Decision::Stale(vec!["explanation".to_owned()])),
        ),
        // What makes it a concept is never emptied.
        (
            json!({"definition": ["x", ""]}),
            Some(Decision::Refuse(Refusal::Empties)),
        ),
        (
            json!({"term": ["a", ""]}),
            Some(Decision::Refuse(Refusal::Empties)),
        ),
    ] {
        let decision = ask(&put(2, changes.clone()), Some(&at), OM);
        match outcome {
            Some(outcome) => assert_eq!(decision, outcome, "{changes}"),
            None => assert!(written(decision).texts.get("explanation").is_null()),
        }
    }
}

#[test]
fn a_reader_changes_nothing() {
    let reader = Caller {
        organisation: "OM",
        role: Role::Reader,
    };
    let at = item(1, json!({"term": "a"}));
    let change = put(1, json!({"definition": ["", "x"]}));
    assert_eq!(
        ask(&change, Some(&at), reader),
        Decision::Refuse(Refusal::NotAllowed)
    );
}

#[test]
fn only_the_owner_shares_further_and_only_further() {
    let mut at = item(1, json!({"term": "a"}));
    at.sharing = Sharing::Named {
        organisations: ["DJI".to_owned()].into(),
    };
    let to = |with| shared(put(1, json!({})), with);
    assert_eq!(
        written(ask(&to(Sharing::Chain), Some(&at), OM)).sharing,
        Sharing::Chain
    );
    let refused = Decision::Refuse(Refusal::NotAllowed);
    assert_eq!(ask(&to(Sharing::Chain), Some(&at), DJI), refused);
    assert_eq!(ask(&to(Sharing::Organisation), Some(&at), OM), refused);
}

#[test]
fn only_the_owner_withdraws_and_brings_back() {
    let mut at = item(3, json!({"term": "a", "definition": "x"}));
    let refused = Decision::Refuse(Refusal::NotAllowed);
    assert_eq!(ask(&command(3, Act::Delete), Some(&at), DJI), refused);
    assert_eq!(
        ask(&command(2, Act::Delete), Some(&at), OM),
        Decision::Stale(vec![])
    );
    assert!(written(ask(&command(3, Act::Delete), Some(&at), OM)).deleted);
    at.deleted = true;
    assert_eq!(ask(&command(3, Act::Delete), Some(&at), OM), Decision::Same);
    let back = put(3, json!({}));
    assert_eq!(
        ask(&back, Some(&at), DJI),
        Decision::Refuse(Refusal::Deleted)
    );
    assert_eq!(
        ask(&put(2, json!({})), Some(&at), OM),
        Decision::Refuse(Refusal::Deleted)
    );
    let next = written(ask(&back, Some(&at), OM));
    assert!(!next.deleted);
    assert_eq!(next.texts.get("definition"), "x");
}

#[test]
fn a_status_is_changed_by_the_owner_and_never_to_what_a_review_gives() {
    let at = item(1, json!({"term": "a", "status": "in_preparation"}));
    let to = |status: &str| put(1, json!({"status": ["in_preparation", status]}));
    assert_eq!(written(ask(&to("withdrawn"), Some(&at), OM)).version, 2);
    let refused = Decision::Refuse(Refusal::NotAllowed);
    assert_eq!(ask(&to("withdrawn"), Some(&at), DJI), refused);
    assert_eq!(ask(&to("established"), Some(&at), OM), refused);
}

#[test]
fn what_is_no_concept_or_too_large_is_refused() {
    let many: serde_json::Map<String, Value> = (0..70)
        .map(|n| (format!("f{n}"), json!(["", "x"])))
        .collect();
    for changes in [
        json!({"definition": ["", "a text without a term"]}),
        json!({"term": ["", "a"], "definition": ["", "x".repeat(20_001)]}),
        json!({"term": ["", "a"], "future": ["", "x".repeat(limits::CONCEPT_BYTES)]}),
        json!({"term": ["", "a"], "x".repeat(65): ["", "x"]}),
        json!({"term": ["", "a"], "status": ["", "unheard of"]}),
        Value::Object(many),
    ] {
        let decision = ask(&put(0, changes), None, OM);
        assert_eq!(decision, Decision::Refuse(Refusal::Invalid));
    }
}

#[test]
fn a_field_of_a_newer_program_outlives_a_change_by_an_older_one() {
    let at = item(1, json!({"term": "a", "colour": "red"}));
    let next = written(ask(&put(1, json!({"term": ["a", "b"]})), Some(&at), OM));
    assert_eq!(next.texts.get("colour"), "red");
}

#[test]
fn withdrawing_very_much_at_once_is_stopped() {
    for (live, recent, stopped) in [
        (5, 0, false),
        (5, 19, false),
        (5, 20, true),
        (1_000, 99, false),
        (1_000, 115, true),
    ] {
        let deletions = Deletions { live, recent };
        assert_eq!(deletions.is_too_many(), stopped, "{deletions:?}");
        let at = item(1, json!({"term": "a"}));
        let decision = decide(&command(1, Act::Delete), Some(&at), OM, deletions);
        let refused = decision == Decision::Refuse(Refusal::TooManyDeletions);
        assert_eq!(refused, stopped);
    }
}

#[test]
fn what_only_a_newer_program_knows_is_refused_and_not_guessed() {
    let decision = ask(&command(0, Act::Unknown), None, OM);
    assert_eq!(decision, Decision::Refuse(Refusal::Unknown));
}

fn texts_of(values: &[u8]) -> Value {
    let names = ["definition", "explanation", "category"];
    let kinds = ["type", "particular", "process"];
    let mut texts = json!({"term": "a"});
    for (name, value) in names.iter().zip(values) {
        if *value > 0 {
            let at = usize::from(*value) % 3;
            texts[*name] = if *name == "category" {
                kinds[at].into()
            } else {
                format!("t{at}").into()
            };
        }
    }
    texts
}

proptest! {
    /// What is written holds each own change, and everything else as it stood.
    #[test]
    fn a_written_text_holds_both_sides_and_nothing_else(
        base in proptest::collection::vec(0_u8..4, 3),
        theirs in proptest::collection::vec(0_u8..4, 3),
        mine in proptest::collection::vec(0_u8..4, 3),
    ) {
        let base = item(1, texts_of(&base)).texts;
        let theirs = item(2, texts_of(&theirs));
        let mine = item(2, texts_of(&mine)).texts;
        let changes = base.changes_to(&mine, &crate::FIELDS);
        let act = Act::Put { changes: changes.clone(), sharing: None };
        let decision = ask(&command(1, act), Some(&theirs), OM);
        let texts = match &decision {
            Decision::Write(next) => &next.texts,
            Decision::Same => &theirs.texts,
            Decision::Stale(fields) => {
                for name in fields {
                    prop_assert!(base.get(name) != theirs.texts.get(name));
                    prop_assert!(mine.get(name) != theirs.texts.get(name));
                }
                prop_assert!(!fields.is_empty());
                return Ok(());
            }
            Decision::Refuse(why) => {
                prop_assert_eq!(*why, Refusal::Empties);
                return Ok(());
            }
        };
        for name in crate::FIELDS {
            match changes.contains_key(name) {
                true => prop_assert_eq!(texts.get(name), mine.get(name)),
                false => prop_assert_eq!(texts.get(name), theirs.texts.get(name)),
            }
        }
    }
}
