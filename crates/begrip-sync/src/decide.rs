//! What the server does with a command. Whoever calls this holds the lock on all changes, so that
//! what it decides upon is what stands there.

use std::collections::BTreeMap;

use begrip_domain::Status;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::{Act, Command, Item, Refusal, Sharing, limits};
use crate::review::Review;
use crate::texts::{Changes, NEVER_EMPTIED, Texts};

/// What somebody may do in an organisation; each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(rename = "AccountRole"))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees what is shared with the organisation.
    Reader,
    /// Makes and changes concepts.
    Author,
    /// Judges the concepts of others.
    Reviewer,
    /// Says who belongs to the organisation.
    Administrator,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 4] = [
        Self::Reader,
        Self::Author,
        Self::Reviewer,
        Self::Administrator,
    ];

    /// The name as it stands in JSON, the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Author => "author",
            Self::Reviewer => "reviewer",
            Self::Administrator => "administrator",
        }
    }

    /// Reads [`Role::as_str`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// For which organisation.
    pub organisation: &'a str,
    /// What they may do there.
    pub role: Role,
}

/// How much an organisation has, and how much it withdrew of late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deletions {
    /// Concepts of its own that are not withdrawn.
    pub live: u32,
    /// Those that it withdrew in the last hour.
    pub recent: u32,
}

impl Deletions {
    /// So many may be withdrawn in an hour whatever there is.
    const ALWAYS: u32 = 20;

    /// True when one more looks like a mistake: above twenty, and above a tenth of what there was.
    pub fn is_too_many(self) -> bool {
        let there_was = self.live.saturating_add(self.recent);
        self.recent >= Self::ALWAYS.max(there_was / 10)
    }
}

/// What to do with a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Write this as the next version.
    Write(Box<Next>),
    /// It stands like that already.
    Same,
    /// Somebody else changed these fields first; empty for the whole concept.
    Stale(Vec<String>),
    /// No.
    Refuse(Refusal),
}

/// The next version of a concept.
#[derive(Clone, Debug, PartialEq)]
pub struct Next {
    /// Its number.
    pub version: u32,
    /// To whom it belongs.
    pub owner: String,
    /// Who may see it.
    pub sharing: Sharing,
    /// Whether it is a tombstone.
    pub deleted: bool,
    /// Its texts.
    pub texts: Texts,
    /// Somebody else had changed other fields in the meantime.
    pub merged: bool,
    /// How it stands in review.
    pub review: Review,
    /// What becomes of the concept whose place it takes.
    pub replaced: Option<Status>,
}

/// Decides upon a command about a concept that now stands as `current`; `None` when there is none, or
/// none that the caller may see.
pub fn decide(
    command: &Command,
    current: Option<&Item>,
    caller: Caller<'_>,
    deletions: Deletions,
) -> Decision {
    if caller.role < Role::Author {
        return Decision::Refuse(Refusal::NotAllowed);
    }
    let long = |text: &str| text.chars().count() > limits::LINE_CHARS;
    if long(&command.author) || long(&command.reason) {
        return Decision::Refuse(Refusal::Invalid);
    }
    match (current, &command.act) {
        (None, Act::Delete) => Decision::Refuse(Refusal::MissingBase),
        (None, Act::Put { .. }) if command.base_version > 0 => {
            Decision::Refuse(Refusal::MissingBase)
        }
        (None, Act::Put { changes, sharing }) => first(changes, sharing.as_ref(), caller),
        (Some(item), _) if command.base_version > item.version => {
            Decision::Refuse(Refusal::MissingBase)
        }
        (Some(item), Act::Delete) => delete(command, item, caller, deletions),
        (Some(item), Act::Put { changes, sharing }) => {
            put(command, item, changes, sharing.as_ref(), caller)
        }
        // Of a newer program, or a step of a review: `review` decides upon those.
        _ => Decision::Refuse(Refusal::Unknown),
    }
}

pub(crate) fn first(changes: &Changes, sharing: Option<&Sharing>, caller: Caller<'_>) -> Decision {
    let to = changes
        .iter()
        .map(|(name, change)| (name.clone(), change.to.clone()));
    let texts = Texts::from(to.collect::<BTreeMap<String, Value>>());
    if let Err(refusal) = allowed(&texts) {
        return Decision::Refuse(refusal);
    }
    Decision::Write(Box::new(Next {
        version: 1,
        owner: caller.organisation.to_owned(),
        sharing: sharing.cloned().unwrap_or(Sharing::Organisation),
        deleted: false,
        texts,
        merged: false,
        review: Review::default(),
        replaced: None,
    }))
}

fn delete(command: &Command, item: &Item, caller: Caller<'_>, deletions: Deletions) -> Decision {
    match () {
        () if item.deleted => Decision::Same,
        () if item.owner != caller.organisation => Decision::Refuse(Refusal::NotAllowed),
        // What was reviewed is withdrawn by a review.
        () if item.is_locked() => Decision::Refuse(Refusal::UnderReview),
        // Nobody withdraws a text that they have not seen.
        () if command.base_version != item.version => Decision::Stale(Vec::new()),
        () if deletions.is_too_many() => Decision::Refuse(Refusal::TooManyDeletions),
        () => Decision::Write(Box::new(Next {
            deleted: true,
            ..next(item)
        })),
    }
}

fn put(
    command: &Command,
    item: &Item,
    changes: &Changes,
    sharing: Option<&Sharing>,
    caller: Caller<'_>,
) -> Decision {
    let own = item.owner == caller.organisation;
    if item.deleted && !(own && command.base_version == item.version) {
        return Decision::Refuse(Refusal::Deleted);
    }
    let mut texts = item.texts.clone();
    let mut both = Vec::new();
    for (name, change) in changes {
        let now = item.texts.get(name);
        match () {
            // Both wrote the same: no conflict.
            () if *now == change.to => {}
            () if *now != change.from => both.push(name.clone()),
            () => texts.set(name, change.to.clone()),
        }
    }
    if !both.is_empty() {
        return Decision::Stale(both);
    }
    let sharing = sharing.unwrap_or(&item.sharing);
    if texts == item.texts && *sharing == item.sharing && !item.deleted {
        return Decision::Same;
    }
    if texts != item.texts && item.is_locked() {
        return Decision::Refuse(Refusal::UnderReview);
    }
    let emptied = |name: &&str| !item.texts.get(name).is_null() && texts.get(name).is_null();
    if NEVER_EMPTIED.iter().any(emptied) {
        return Decision::Refuse(Refusal::Empties);
    }
    let status_changes = texts.get("status") != item.texts.get("status");
    let widened = *sharing != item.sharing;
    if !own && (status_changes || widened) || widened && !item.sharing.is_within(sharing) {
        return Decision::Refuse(Refusal::NotAllowed);
    }
    if let Err(refusal) = allowed(&texts)
        && !item.is_locked()
    {
        return Decision::Refuse(refusal);
    }
    Decision::Write(Box::new(Next {
        sharing: sharing.clone(),
        deleted: false,
        texts,
        merged: command.base_version < item.version,
        ..next(item)
    }))
}

/// The next version, with nothing changed.
pub(crate) fn next(item: &Item) -> Next {
    Next {
        version: item.version + 1,
        owner: item.owner.clone(),
        sharing: item.sharing.clone(),
        deleted: item.deleted,
        texts: item.texts.clone(),
        merged: false,
        review: item.review.clone(),
        replaced: None,
    }
}

/// Whether this may stand at the server. An author works on drafts: every other status is given by a
/// review.
fn allowed(texts: &Texts) -> Result<(), Refusal> {
    let names_fit = texts.names().count() <= limits::FIELDS
        && texts
            .names()
            .all(|name| name.chars().count() <= limits::NAME_CHARS);
    if !names_fit || texts.size() > limits::CONCEPT_BYTES {
        return Err(Refusal::Invalid);
    }
    let (fields, status) = texts.read().ok_or(Refusal::Invalid)?;
    fields.check().map_err(|_| Refusal::Invalid)?;
    match status {
        Status::InPreparation | Status::Withdrawn => Ok(()),
        _ => Err(Refusal::NotAllowed),
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
pub(crate) mod tests;
