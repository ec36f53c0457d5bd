//! What is shared of a concept: named fields, their changes, their digest.

use std::collections::BTreeMap;

use begrip_domain::{ConceptFields, Status};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The fields that this program knows and may change. A concept of a newer program can have more:
/// those are kept as they are. The user's own notes are no field here: they never leave.
pub const FIELDS: [&str; 12] = [
    "antonyms",
    "category",
    "citations",
    "context",
    "counter_examples",
    "definition",
    "examples",
    "explanation",
    "status",
    "synonyms",
    "term",
    "validity",
];

/// Fields that a command may replace but never empty.
pub(crate) const NEVER_EMPTIED: [&str; 3] = ["definition", "status", "term"];

/// The fields of a concept by name, each as JSON. An empty field is an absent one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, Value>")]
pub struct Texts(BTreeMap<String, Value>);

/// A field as it was and as it is to be; `null` when it is absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What stood there when the change was made.
    #[serde(default)]
    pub from: Value,
    /// What is to stand there.
    #[serde(default)]
    pub to: Value,
}

/// Changes by the name of their field.
pub type Changes = BTreeMap<String, Change>;

impl From<BTreeMap<String, Value>> for Texts {
    fn from(mut fields: BTreeMap<String, Value>) -> Self {
        fields.retain(|_, value| !is_empty(value));
        Self(fields)
    }
}

impl Texts {
    /// What is shared of these fields; the notes stay behind.
    pub fn of(fields: &ConceptFields, status: Status) -> Self {
        // A struct with text keys cannot fail to become an object.
        let all = serde_json::to_value(fields).unwrap_or_default();
        let mut shared: BTreeMap<String, Value> = match all {
            Value::Object(all) => all.into_iter().collect(),
            _ => BTreeMap::new(),
        };
        shared.remove("notes");
        shared.insert("status".to_owned(), status.as_str().into());
        shared.into()
    }

    /// The fields and the status; `None` when they are no concept, such as one without a term.
    pub fn read(&self) -> Option<(ConceptFields, Status)> {
        let known = FIELDS.iter().filter(|name| **name != "status");
        let object = known
            .filter_map(|name| Some(((*name).to_owned(), self.0.get(*name)?.clone())))
            .collect();
        let fields: ConceptFields = serde_json::from_value(Value::Object(object)).ok()?;
        Some((fields, self.status()?))
    }

    /// The status; `None` for one that this program does not know.
    pub fn status(&self) -> Option<Status> {
        match self.0.get("status") {
            None => Some(Status::InPreparation),
            Some(status) => Status::parse(status.as_str()?),
        }
    }

    /// Names everything in it but the status, as 64 hexadecimal digits: two texts with the same name
    /// say the same.
    pub fn wording(&self) -> String {
        let mut said = self.clone();
        said.set("status", Value::Null);
        said.digest()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// A field; `null` when it is absent.
    pub fn get(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }

    /// The names of the fields that are there, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Puts a value into a field; an empty one takes the field away.
    pub fn set(&mut self, name: &str, value: Value) {
        match is_empty(&value) {
            true => drop(self.0.remove(name)),
            false => drop(self.0.insert(name.to_owned(), value)),
        }
    }

    /// What turns this text into `to`, looking at the fields of `names` alone: a program cannot
    /// change, and so never removes, a field that it does not know.
    pub fn changes_to(&self, to: &Self, names: &[&str]) -> Changes {
        names
            .iter()
            .filter(|name| self.get(name) != to.get(name))
            .map(|name| {
                let change = Change {
                    from: self.get(name).clone(),
                    to: to.get(name).clone(),
                };
                ((*name).to_owned(), change)
            })
            .collect()
    }

    /// A digest of everything in it, the same on every machine: SHA-256 over a canonical form in
    /// which each part has its length in front and names stand in order.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for (name, value) in &self.0 {
            part(&mut hash, b'n', name.as_bytes());
            canonical(&mut hash, value);
        }
        hash.finalize().into()
    }

    /// How large it is, in bytes of JSON.
    pub fn size(&self) -> usize {
        serde_json::to_vec(&self.0).map_or(usize::MAX, |bytes| bytes.len())
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn part(hash: &mut Sha256, kind: u8, bytes: &[u8]) {
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

fn canonical(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Null => part(hash, b'z', b""),
        Value::Bool(yes) => part(hash, b'b', &[u8::from(*yes)]),
        Value::Number(number) => part(hash, b'i', number.to_string().as_bytes()),
        Value::String(text) => part(hash, b's', text.as_bytes()),
        Value::Array(list) => {
            part(hash, b'l', &(list.len() as u64).to_be_bytes());
            list.iter().for_each(|value| canonical(hash, value));
        }
        Value::Object(members) => {
            part(hash, b'o', &(members.len() as u64).to_be_bytes());
            let sorted: BTreeMap<_, _> = members.iter().collect();
            for (name, value) in sorted {
                part(hash, b'n', name.as_bytes());
                canonical(hash, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use begrip_domain::Label;
    use jiff::civil::date;
    use proptest::prelude::*;
    use serde_json::json;

    fn texts(value: Value) -> Texts {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_notes_never_leave_and_nothing_else_is_lost() {
        let mut fields = ConceptFields::of_term(Label::new("vonnis").unwrap());
        fields.notes = "zaak 13/123456-26".to_owned();
        fields.definition = "beslissing".to_owned();
        let shared = Texts::of(&fields, Status::InPreparation);
        assert!(
            !serde_json::to_string(&shared)
                .unwrap()
                .contains("13/123456")
        );
        let (read, status) = shared.read().unwrap();
        fields.notes.clear();
        assert_eq!((read, status), (fields, Status::InPreparation));
    }

    #[test]
    fn every_field_of_a_concept_but_the_notes_is_shared() {
        let mut fields = ConceptFields::of_term(Label::new("vonnis").unwrap());
        // Not written when empty.
        fields.validity.from = Some(date(2026, 1, 1));
        let all = serde_json::to_value(&fields).unwrap();
        let mut names: Vec<&str> = all
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        names.retain(|name| *name != "notes");
        names.push("status");
        names.sort_unstable();
        assert_eq!(names, FIELDS);
    }

    #[test]
    fn an_empty_field_is_an_absent_one() {
        let empty = json!({"term": "a", "synonyms": [], "category": null, "definition": "",
            "context": {"organisations": [], "legal_areas": []}});
        assert_eq!(texts(empty), texts(json!({"term": "a"})));
    }

    #[test]
    fn the_days_on_which_a_concept_holds_are_part_of_what_is_reviewed() {
        let mut fields = ConceptFields::of_term(Label::new("vonnis").unwrap());
        let always = Texts::of(&fields, Status::Proposed);
        fields.validity.until = Some(date(2026, 12, 31));
        let bounded = Texts::of(&fields, Status::Proposed);
        assert_ne!(always.wording(), bounded.wording());
        assert_eq!(bounded.read(), Some((fields, Status::Proposed)));
        let empty = texts(json!({"term": "vonnis", "status": "proposed", "validity": {}}));
        assert_eq!(always, empty);
        let no_day = json!({"term": "vonnis", "validity": {"from": "morgen"}});
        assert!(texts(no_day).read().is_none());
    }

    #[test]
    fn a_text_without_a_term_or_with_a_strange_status_is_no_concept() {
        assert!(texts(json!({"definition": "x"})).read().is_none());
        assert!(texts(json!({"term": "a", "status": "?"})).read().is_none());
    }

    #[test]
    fn a_field_of_a_newer_program_is_neither_changed_nor_removed() {
        let base = texts(json!({"term": "a", "colour": "red"}));
        let mine = texts(json!({"term": "b"}));
        let changes = base.changes_to(&mine, &FIELDS);
        assert_eq!(changes.keys().collect::<Vec<_>>(), ["term"]);
    }

    #[test]
    fn borders_between_fields_count_and_the_order_of_members_does_not() {
        let digest = |value| texts(value).digest();
        assert_ne!(
            digest(json!({"a": "b", "c": "d"})),
            digest(json!({"a": "bcd"}))
        );
        assert_ne!(
            digest(json!({"a": ["b", "c"]})),
            digest(json!({"a": ["bc"]}))
        );
        let one: Value = serde_json::from_str(r#"{"x":{"a":1,"b":2}}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"x":{"b":2,"a":1}}"#).unwrap();
        assert_eq!(digest(one), digest(other));
    }

    proptest! {
        #[test]
        fn changes_lead_from_one_text_to_the_other(
            from in proptest::collection::btree_map("[a-d]", "[x-z]{0,2}", 0..5),
            to in proptest::collection::btree_map("[a-d]", "[x-z]{0,2}", 0..5),
        ) {
            let of = |map: BTreeMap<String, String>| {
                let values: BTreeMap<String, Value> =
                    map.into_iter().map(|(name, text)| (name, text.into())).collect();
                Texts::from(values)
            };
            let (from, to) = (of(from), of(to));
            let mut walked = from.clone();
            for (name, change) in from.changes_to(&to, &["a", "b", "c", "d"]) {
                prop_assert_eq!(walked.get(&name), &change.from);
                walked.set(&name, change.to);
            }
            prop_assert_eq!(walked.digest(), to.digest());
            prop_assert_eq!(walked, to);
        }
    }
}
