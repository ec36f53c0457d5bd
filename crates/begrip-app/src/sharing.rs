//! Sharing concepts, and what the server did not take.

use std::collections::BTreeSet;

use begrip_domain::{Citation, ConceptFields, ConceptId, Context, Label, Status, Validity};
use begrip_store::{Change, Conflict};
use begrip_sync::{FIELDS, Item, Outcome, Refusal, Sharing};
use serde_json::Value;

use crate::open::Core;
use crate::protect::Gate;
use crate::schema::{
    ConceptGet, ConceptSharing, ConflictField, ConflictReason, PrivacyChoices, SettleConflict,
    ShareConcept, ShareWith, Side, SyncConflict, SyncStatus,
};
use crate::{App, ErrorCode, UserError};

/// Why, in the history of a concept whose conflict was settled.
const SETTLED: &str = "gekozen tussen twee teksten";

impl App {
    /// Shares a concept, or shares it more widely: the next sync sends it. Its notes never leave.
    ///
    /// Errors: no server is set up, the concept is no draft, or its text points to a person or case.
    pub async fn concept_share(&self, request: ShareConcept) -> Result<SyncStatus, UserError> {
        self.changing(move |core, change| {
            let concept = core.concept(request.id)?;
            if concept.status != Status::InPreparation {
                return Err(UserError::new(
                    ErrorCode::NotEditable,
                    concept.status.as_str(),
                ));
            }
            names_nobody(&concept.fields)?;
            let sharing = match request.with {
                ShareWith::Organisation => Sharing::Organisation,
                ShareWith::Chain => Sharing::Chain,
                ShareWith::Named { organisations } => Sharing::Named {
                    organisations: named(&organisations)?,
                },
            };
            Ok(core.store.share(request.id, sharing, change)?)
        })
        .await
    }

    /// How a concept stands in sharing. Makes no connection.
    pub async fn concept_sharing(&self, request: ConceptGet) -> Result<ConceptSharing, UserError> {
        self.blocking(move |core| {
            let standing = core.store.standing(request.id)?;
            let base = standing
                .as_ref()
                .and_then(|standing| standing.base.as_ref());
            Ok(ConceptSharing {
                possible: core.sync_status()?.configured,
                owner: base.map(|item| item.owner.clone()).unwrap_or_default(),
                by: base.map(made_by).unwrap_or_default(),
                waiting: standing.as_ref().map_or(0, |standing| standing.waiting),
                conflict: standing.as_ref().is_some_and(|standing| standing.conflict),
                with: standing.map(|standing| match standing.sharing {
                    Sharing::Organisation => ShareWith::Organisation,
                    Sharing::Chain => ShareWith::Chain,
                    Sharing::Named { organisations } => ShareWith::Named {
                        organisations: organisations.into_iter().collect(),
                    },
                }),
            })
        })
        .await
    }

    /// Withdraws a shared concept for everybody; the next sync sends that.
    ///
    /// Errors: no server is set up, the concept is not shared, or it was proposed or established.
    pub async fn concept_unshare(&self, request: ConceptGet) -> Result<SyncStatus, UserError> {
        self.changing(move |core, change| {
            // What was proposed or established is withdrawn by a review.
            let status = core.concept(request.id)?.status;
            if !matches!(status, Status::InPreparation | Status::Withdrawn) {
                return Err(UserError::new(ErrorCode::ReviewNotNow, status.as_str()));
            }
            Ok(core.store.withdraw_shared(request.id, change)?)
        })
        .await
    }

    /// Every concept with changes that the server did not take, with both texts.
    pub async fn sync_conflicts(&self, (): ()) -> Result<Vec<SyncConflict>, UserError> {
        self.blocking(|core| Ok(core.store.conflicts()?.iter().map(conflict).collect()))
            .await
    }

    /// Ends a conflict with what the user chose; the next sync sends that.
    ///
    /// Errors: there is no conflict about this concept.
    pub async fn sync_settle(&self, request: SettleConflict) -> Result<SyncStatus, UserError> {
        self.changing(move |core, change| {
            let conflicts = core.store.conflicts()?;
            let conflict = conflicts
                .iter()
                .find(|conflict| conflict.concept == request.id);
            let unknown = || UserError::new(ErrorCode::ConflictUnknown, request.id.to_string());
            let conflict = conflict.ok_or_else(unknown)?;
            let (mine, theirs) = (&conflict.mine, theirs(conflict));
            let (own, other) = match request.take {
                Side::Mine => (mine, &theirs),
                Side::Theirs => (&theirs, mine),
            };
            let mut chosen = own.clone();
            for name in FIELDS {
                if request.except.iter().any(|except| except == name) {
                    chosen.set(name, other.get(name).clone());
                }
            }
            let change = Change {
                reason: SETTLED,
                ..*change
            };
            Ok(core.store.settle(request.id, &chosen, &change)?)
        })
        .await
    }

    /// Changes something that the server is to know, and tells whoever follows.
    pub(crate) async fn changing(
        &self,
        work: impl FnOnce(&Core, &Change<'_>) -> Result<(), UserError> + Send + 'static,
    ) -> Result<SyncStatus, UserError> {
        let status = self
            .blocking(move |core| {
                if !core.sync_status()?.configured {
                    return Err(UserError::new(ErrorCode::ServerNotConfigured, ""));
                }
                let author = core.author();
                let change = Change {
                    author: &author,
                    at: core.clock.now(),
                    reason: "",
                };
                work(core, &change)?;
                core.sync_status()
            })
            .await?;
        self.core.shared_changed.notify_one();
        Ok(status)
    }
}

impl Core {
    /// Refuses a text that points to a person or case when the concept is shared.
    pub fn may_leave(&self, id: ConceptId, fields: &ConceptFields) -> Result<(), UserError> {
        match self.store.is_shared(id)? {
            true => names_nobody(fields),
            false => Ok(()),
        }
    }
}

/// Refuses a text that points to a person or case. The notes are left out: they do not leave.
pub(crate) fn names_nobody(fields: &ConceptFields) -> Result<(), UserError> {
    let gate = Gate::of(&PrivacyChoices::default())?;
    let texts = [
        ("definition", &fields.definition),
        ("explanation", &fields.explanation),
    ];
    let examples = fields.examples.iter().map(|text| ("examples", text));
    let counter = fields
        .counter_examples
        .iter()
        .map(|text| ("counter_examples", text));
    let labels = fields
        .synonyms
        .iter()
        .chain(&fields.antonyms)
        .chain([&fields.term])
        .chain(fields.context.labels());
    for (field, text) in texts.into_iter().chain(examples).chain(counter) {
        if gate.nameless(text).is_none() {
            return Err(UserError::new(ErrorCode::ShareIdentifies, field));
        }
    }
    for label in labels {
        if gate.nameless_label(label.as_str()).is_none() {
            return Err(UserError::new(ErrorCode::ShareIdentifies, "term"));
        }
    }
    Ok(())
}

fn named(organisations: &[String]) -> Result<BTreeSet<String>, UserError> {
    let label = |name: &String| {
        let label = Label::new(name).map_err(|error| {
            UserError::new(ErrorCode::BadRequest, format!("organisations: {error}"))
        })?;
        Ok(label.as_str().to_owned())
    };
    organisations.iter().map(label).collect()
}

/// What the server has; nothing when it has nothing for this organisation. Of a tombstone the user
/// sees a withdrawn concept.
fn theirs(conflict: &Conflict) -> begrip_sync::Texts {
    begrip_sync::replay(conflict.theirs.as_ref(), &[])
}

fn conflict(conflict: &Conflict) -> SyncConflict {
    let theirs_now = theirs(conflict);
    let differs = |name: &&&str| conflict.mine.get(name) != theirs_now.get(name);
    let fields = FIELDS.iter().filter(differs).map(|name| {
        let began = conflict.changes.get(*name).map(|change| &change.from);
        ConflictField {
            name: (*name).to_owned(),
            base: lines(name, began.unwrap_or_else(|| theirs_now.get(name))),
            mine: lines(name, conflict.mine.get(name)),
            theirs: lines(name, theirs_now.get(name)),
        }
    });
    SyncConflict {
        id: conflict.concept,
        term: conflict
            .mine
            .get("term")
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        why: reason(&conflict.outcome),
        by: conflict.theirs.as_ref().map(made_by).unwrap_or_default(),
        fields: fields.collect(),
    }
}

/// Who made the latest change of a concept, and for whom.
fn made_by(item: &Item) -> String {
    format!("{} ({})", item.author, item.organisation)
}

fn reason(outcome: &Outcome) -> ConflictReason {
    match outcome {
        Outcome::Stale { .. } => ConflictReason::Stale,
        Outcome::Refused { why, .. } => match why {
            Refusal::MissingBase => ConflictReason::MissingBase,
            Refusal::Deleted => ConflictReason::Deleted,
            Refusal::NotAllowed => ConflictReason::NotAllowed,
            Refusal::Empties => ConflictReason::Empties,
            Refusal::Invalid => ConflictReason::Invalid,
            Refusal::TooManyDeletions => ConflictReason::TooManyDeletions,
            Refusal::UnderReview => ConflictReason::UnderReview,
            // The rest is about steps of a review, which are no conflict.
            _ => ConflictReason::Unknown,
        },
        Outcome::Accepted { .. } | Outcome::Same { .. } => ConflictReason::Unknown,
    }
}

/// A field as lines of text; the validity as an interval.
fn lines(name: &str, value: &Value) -> Vec<String> {
    let read = |value: &Value| match name {
        "citations" => serde_json::from_value::<Citation>(value.clone())
            .map_or_else(|_| value.to_string(), |citation| citation.to_string()),
        _ => value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned),
    };
    match value {
        Value::Null => Vec::new(),
        Value::Array(list) => list.iter().map(read).collect(),
        Value::Object(_) if name == "validity" => {
            let read = serde_json::from_value::<Validity>(value.clone());
            vec![read.map_or_else(|_| value.to_string(), |days| days.to_string())]
        }
        Value::Object(_) => serde_json::from_value::<Context>(value.clone())
            .map(|context| context.labels().map(ToString::to_string).collect())
            .unwrap_or_else(|_| vec![value.to_string()]),
        value => vec![read(value)],
    }
}
