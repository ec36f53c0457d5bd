//! What the user did to shared concepts, and what became of it.
//!
//! Only a concept that the user has shared has rows here. A change of its text is written to the
//! outbox in the transaction that keeps the text; what the server answers stands beside it.

use begrip_domain::{Concept, ConceptId, Origin};
use begrip_sync::{
    Act, Change as FieldChange, Changes, Command, FIELDS, Item, Outcome, Sharing, Texts, replay,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::concepts::Change;
use crate::rows::stored;
use crate::{Store, StoreError, queries, shared};

/// A concept with changes that the server did not take.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The concept.
    pub concept: ConceptId,
    /// What the user sees: the own text.
    pub mine: Texts,
    /// What the server has, when it has anything for this organisation.
    pub theirs: Option<Item>,
    /// The first answer that did not take a change.
    pub outcome: Outcome,
    /// The changes that were not taken, by field, with what the user began from.
    pub changes: Changes,
}

/// How a concept stands in sharing.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Who may see it, as the user wants it now.
    pub sharing: Sharing,
    /// Changes that wait for the server.
    pub waiting: u32,
    /// Whether the server did not take a change.
    pub conflict: bool,
    /// What the server told last; `None` when it has not taken the concept yet.
    pub base: Option<Item>,
}

/// A command that is not done, with what became of it.
struct Open {
    command: Command,
    /// The answer that did not take it; `None` while it waits.
    outcome: Option<Outcome>,
    row: i64,
}

impl Store {
    /// Shares a concept, or shares it more widely; the command waits for the next sync.
    ///
    /// Errors: no such concept.
    pub fn share(
        &self,
        id: ConceptId,
        sharing: Sharing,
        change: &Change<'_>,
    ) -> Result<(), StoreError> {
        self.in_one(|connection| {
            let (_, concept) = stored(connection, id)?.ok_or(StoreError::NotFound)?;
            let changes = match is_shared(connection, id)? {
                true => Changes::new(),
                false => Texts::default().changes_to(&seen(&concept), &FIELDS),
            };
            let sharing = Some(sharing);
            write(connection, id, Act::Put { changes, sharing }, change)
        })
    }

    /// Withdraws a shared concept for everybody; the command waits for the next sync.
    ///
    /// Errors: no such concept, or not shared.
    pub fn withdraw_shared(&self, id: ConceptId, change: &Change<'_>) -> Result<(), StoreError> {
        self.in_one(|connection| {
            if !is_shared(connection, id)? {
                return Err(StoreError::NotFound);
            }
            write(connection, id, Act::Delete, change)?;
            shared::show(connection, id, change)
        })
    }

    /// Whether the user has shared a concept, or the server has told it.
    pub fn is_shared(&self, id: ConceptId) -> Result<bool, StoreError> {
        self.pool.count();
        self.pool.read(|connection| is_shared(connection, id))
    }

    /// How a concept stands in sharing; `None` when the user has not shared it and the server has not
    /// told it.
    pub fn standing(&self, id: ConceptId) -> Result<Option<Standing>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let base = shared::base(connection, id)?;
            let open = open(connection, id)?;
            let wished = open.iter().rev().find_map(|open| match &open.command.act {
                Act::Put { sharing, .. } => sharing.clone(),
                _ => None,
            });
            let told = base.as_ref().map(|item| item.sharing.clone());
            let Some(sharing) = wished.or(told) else {
                return Ok(None);
            };
            let refused = open.iter().filter(|open| open.outcome.is_some()).count();
            Ok(Some(Standing {
                sharing,
                waiting: u32::try_from(open.len() - refused).unwrap_or(u32::MAX),
                conflict: refused > 0,
                base,
            }))
        })
    }

    /// The oldest commands without an answer, in order.
    pub fn waiting_commands(&self, limit: usize) -> Result<Vec<Command>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::OUTBOX_WAITING)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = query.query_map([limit], |row| row.get::<_, String>(0))?;
            rows.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
        })
    }

    /// Every concept with changes that the server did not take, the oldest first.
    pub fn conflicts(&self) -> Result<Vec<Conflict>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::OUTBOX_CONFLICTS)?;
            let ids = query.query_map([], |row| row.get::<_, Uuid>(0))?;
            let mut conflicts = Vec::new();
            for id in ids {
                conflicts.extend(conflict(connection, ConceptId(id?))?);
            }
            Ok(conflicts)
        })
    }

    /// Ends a conflict with the text that the user chose, based upon what the server has now. What
    /// was not taken stays in the outbox and in the concept's revisions.
    ///
    /// Errors: there is no conflict about this concept.
    pub fn settle(
        &self,
        id: ConceptId,
        chosen: &Texts,
        change: &Change<'_>,
    ) -> Result<(), StoreError> {
        self.in_one(|connection| {
            let (waits, not_taken): (Vec<Open>, Vec<Open>) = open(connection, id)?
                .into_iter()
                .partition(|open| open.outcome.is_none());
            if not_taken.is_empty() {
                return Err(StoreError::NotFound);
            }
            for open in &not_taken {
                connection.execute(
                    "UPDATE outbox_fate SET state = 'closed' WHERE row = ?1",
                    [open.row],
                )?;
            }
            let base = shared::base(connection, id)?;
            // A revision of its own, so that both texts can be read back whatever was chosen.
            if let Some(item) = &base {
                shared::show_told(connection, item, change.at)?;
            }
            let waits: Vec<Command> = waits.into_iter().map(|open| open.command).collect();
            let from = replay(base.as_ref(), &waits);
            let changes = from.changes_to(chosen, &FIELDS);
            // A concept that the server never took is offered again with whom it was meant for.
            let sharing = match &base {
                Some(_) => None,
                None => not_taken.iter().find_map(|open| match &open.command.act {
                    Act::Put { sharing, .. } => sharing.clone(),
                    _ => None,
                }),
            };
            let revives = base.is_some_and(|base| base.deleted)
                && chosen.get("status") != &serde_json::Value::from("withdrawn");
            if !changes.is_empty() || revives {
                write(connection, id, Act::Put { changes, sharing }, change)?;
            }
            shared::show(connection, id, change)
        })
    }

    pub(crate) fn in_one<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut writer = self.pool.write();
        let transaction =
            writer.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

/// What is shared of a concept as it stands here.
pub(crate) fn seen(concept: &Concept) -> Texts {
    Texts::of(&concept.fields, concept.status)
}

/// Whether the user has shared a concept, or the server has told it.
pub(crate) fn is_shared(connection: &Connection, id: ConceptId) -> Result<bool, StoreError> {
    Ok(shared::base(connection, id)?.is_some() || !open(connection, id)?.is_empty())
}

/// Notes a change of a concept that is shared; does nothing about any other.
pub(crate) fn note(
    connection: &Connection,
    before: &Concept,
    after: &Concept,
    change: &Change<'_>,
) -> Result<(), StoreError> {
    if !is_shared(connection, after.id)? {
        return Ok(());
    }
    let changes = seen(before).changes_to(&seen(after), &FIELDS);
    match changes.is_empty() {
        // The notes are the user's own.
        true => Ok(()),
        false => write(
            connection,
            after.id,
            Act::Put {
                changes,
                sharing: None,
            },
            change,
        ),
    }
}

/// Keeps a text of the user's own apart from what the server tells of the same concept for the first
/// time: the user decides, and until then nothing of it leaves and nothing of it is replaced.
pub(crate) fn hold(connection: &Connection, item: &Item, at: Timestamp) -> Result<(), StoreError> {
    let Some((_, concept)) = stored(connection, item.id)? else {
        return Ok(());
    };
    let changes = item.texts.changes_to(&seen(&concept), &FIELDS);
    let own = concept.provenance.origin != Origin::StarterSet;
    if !own || changes.is_empty() || !open(connection, item.id)?.is_empty() {
        return Ok(());
    }
    let outcome = Outcome::Stale {
        item: Box::new(item.clone()),
        fields: changes.keys().cloned().collect(),
    };
    let change = Change {
        author: &concept.provenance.author,
        at,
        reason: "",
    };
    let act = Act::Put {
        changes,
        sharing: None,
    };
    put(connection, item.id, act, &change, Some(&outcome))
}

pub(crate) fn write(
    connection: &Connection,
    id: ConceptId,
    act: Act,
    change: &Change<'_>,
) -> Result<(), StoreError> {
    put(connection, id, act, change, None)
}

/// Adds a row; with an outcome it is one that never goes out.
fn put(
    connection: &Connection,
    id: ConceptId,
    act: Act,
    change: &Change<'_>,
    outcome: Option<&Outcome>,
) -> Result<(), StoreError> {
    let command = Command {
        key: Uuid::new_v7(moment(change.at)),
        concept: id,
        base_version: shared::base(connection, id)?.map_or(0, |base| base.version),
        act,
        author: change.author.to_owned(),
        at: change.at,
        reason: change.reason.to_owned(),
    };
    connection
        .prepare_cached("INSERT INTO outbox (key, concept, body) VALUES (?1, ?2, ?3)")?
        .execute(params![command.key, id.0, serde_json::to_string(&command)?])?;
    connection
        .prepare_cached("INSERT INTO outbox_fate (row, state, outcome) VALUES (?1, ?2, ?3)")?
        .execute(params![
            connection.last_insert_rowid(),
            if outcome.is_some() { "open" } else { "waiting" },
            outcome.map(serde_json::to_string).transpose()?
        ])?;
    Ok(())
}

/// The time in a key only keeps neighbours together on disk.
fn moment(at: Timestamp) -> uuid::Timestamp {
    let seconds = u64::try_from(at.as_second()).unwrap_or(0);
    let nanos = u32::try_from(at.subsec_nanosecond()).unwrap_or(0);
    uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos)
}

/// Keeps what became of a command, and which concept it was about. `None` for a key that is not in
/// the outbox or has its answer already: another program on this home was first.
pub(crate) fn answer(
    connection: &Connection,
    key: Uuid,
    outcome: &Outcome,
) -> Result<Option<ConceptId>, StoreError> {
    let found = connection
        .prepare_cached(queries::OUTBOX_KEY)?
        .query_row([key], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                ConceptId(row.get(1)?),
                row.get::<_, String>(2)?,
                row.get::<_, String>(3)?,
            ))
        })
        .optional()?;
    let Some((row, concept, state, body)) = found else {
        return Ok(None);
    };
    if state != "waiting" {
        return Ok(None);
    }
    let command: Command = serde_json::from_str(&body)?;
    let state = match (outcome.is_done(), command.act.is_review()) {
        (true, _) => "done",
        (false, false) => "open",
        (false, true) => "refused",
    };
    connection.execute(
        "UPDATE outbox_fate SET state = ?2, outcome = ?3 WHERE row = ?1",
        params![row, state, serde_json::to_string(outcome)?],
    )?;
    Ok(Some(concept))
}

/// The commands about a concept that are not done, in order.
pub(crate) fn open_commands(
    connection: &Connection,
    id: ConceptId,
) -> Result<Vec<Command>, StoreError> {
    let open = open(connection, id)?;
    Ok(open.into_iter().map(|open| open.command).collect())
}

fn open(connection: &Connection, id: ConceptId) -> Result<Vec<Open>, StoreError> {
    let mut query = connection.prepare_cached(queries::OUTBOX_OPEN)?;
    let mut rows = query.query([id.0])?;
    let mut open = Vec::new();
    while let Some(row) = rows.next()? {
        let outcome: Option<String> = row.get(2)?;
        open.push(Open {
            command: serde_json::from_str(&row.get::<_, String>(0)?)?,
            outcome: outcome
                .map(|text| serde_json::from_str(&text))
                .transpose()?,
            row: row.get(3)?,
        });
    }
    Ok(open)
}

fn conflict(connection: &Connection, id: ConceptId) -> Result<Option<Conflict>, StoreError> {
    let open = open(connection, id)?;
    let base = shared::base(connection, id)?;
    let Some(outcome) = open.iter().find_map(|open| open.outcome.clone()) else {
        return Ok(None);
    };
    // The first `from` and the last `to` of each field: what the user began from and came to.
    let mut changes = Changes::new();
    let mut not_taken = Vec::new();
    for open in open {
        if let (Act::Put { changes: of, .. }, Some(_)) = (&open.command.act, &open.outcome) {
            for (name, change) in of {
                changes
                    .entry(name.clone())
                    .and_modify(|known: &mut FieldChange| known.to = change.to.clone())
                    .or_insert_with(|| change.clone());
            }
        }
        not_taken.push(open.command);
    }
    Ok(Some(Conflict {
        concept: id,
        mine: replay(base.as_ref(), &not_taken),
        theirs: base,
        outcome,
        changes,
    }))
}
