//! What the server told, and how far this computer is with it.

use std::collections::BTreeMap;

use begrip_domain::{Concept, ConceptFields, ConceptId, Origin, Provenance, Status};
use begrip_sync::{
    Effect, FIELDS, Got, Held, Item, Kept, Saved, Sum, Sums, is_news, range_of, replay,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use crate::arrivals::{self, Arrivals};
use crate::concepts::Change;
use crate::connection::Adding;
use crate::index::{write_new, write_row};
use crate::outbox;
use crate::review::told;
use crate::rows::{stored, time};
use crate::{Store, StoreError, news, queries};

/// How sync stands, in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncFigures {
    /// For which organisation; empty before the first sync.
    pub organisation: String,
    /// Concepts that are shared, tombstones left out.
    pub shared: u32,
    /// Changes that wait for an answer.
    pub waiting: u32,
    /// Concepts with changes that were not taken.
    pub conflicts: u32,
    /// When a sync last came to its end.
    pub synced_at: Option<Timestamp>,
    /// When both ends were last found to hold the same.
    pub equal_at: Option<Timestamp>,
}

/// What is held of the concepts that an answer is about.
#[derive(Debug, Default)]
pub struct HeldRows {
    rows: BTreeMap<ConceptId, Kept>,
    /// Only counted for a page that withdraws something that is held.
    live: u32,
}

impl Held for HeldRows {
    fn of(&self, id: ConceptId) -> Option<Kept> {
        self.rows.get(&id).copied()
    }

    fn live(&self) -> u32 {
        self.live
    }

    fn range(&self, range: u8) -> Vec<(ConceptId, u64)> {
        self.rows
            .iter()
            .filter(|(id, _)| range_of(**id) == range)
            .map(|(id, kept)| (*id, kept.sequence))
            .collect()
    }
}

impl Store {
    /// How far this computer is with the server.
    pub fn sync_saved(&self) -> Result<Saved, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            Ok(connection.query_row(
                "SELECT epoch, organisation, position, anew FROM sync WHERE one = 1",
                [],
                |row| {
                    Ok(Saved {
                        epoch: row.get::<_, Option<Uuid>>(0)?,
                        organisation: row.get(1)?,
                        position: whole(row.get(2)?),
                        anew: row.get(3)?,
                    })
                },
            )?)
        })
    }

    /// What is held of the concepts that an answer is about.
    pub fn held_for(&self, got: &Got) -> Result<HeldRows, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut held = HeldRows::default();
            match got {
                Got::Page(page) => {
                    for item in page.items.iter().filter(|item| item.deleted) {
                        let kept = base(connection, item.id)?.map(|kept| (item.id, kept_of(&kept)));
                        held.rows.extend(kept);
                    }
                    // Counted for whoever looks whether too many go, and not while a hundred thousand come.
                    if !held.rows.is_empty() {
                        let live = "SELECT count(*) FROM shared WHERE deleted = 0";
                        held.live = connection.query_row(live, [], |row| row.get(0))?;
                    }
                }
                Got::Range(rows) => {
                    let mut query = connection.prepare_cached(queries::SHARED_RANGE)?;
                    let mut found = query.query([rows.range])?;
                    while let Some(row) = found.next()? {
                        let kept = Kept {
                            sequence: whole(row.get(1)?),
                            mark: bits(row.get(2)?),
                            deleted: row.get(3)?,
                        };
                        held.rows.insert(ConceptId(row.get(0)?), kept);
                    }
                }
                Got::Hello(_) | Got::Pushed(_) | Got::OwnSums(_) => {}
            }
            Ok(held)
        })
    }

    /// The sums of what is held.
    pub fn own_sums(&self) -> Result<Sums, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached("SELECT range, mark FROM shared")?;
            let mut rows = query.query([])?;
            let mut sums: BTreeMap<u8, Sum> = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let sum = sums.entry(row.get(0)?).or_default();
                sum.count += 1;
                sum.sum = sum.sum.wrapping_add(bits(row.get(1)?));
            }
            let mut all = Sums::default();
            sums.into_iter()
                .for_each(|(range, sum)| all.set(range, sum));
            Ok(all)
        })
    }

    /// Keeps what an answer of the server leads to, in one transaction. Doing it twice changes
    /// nothing.
    pub fn keep_effects(&self, effects: &[Effect], at: Timestamp) -> Result<(), StoreError> {
        let writer = self.pool.write();
        if arrivals::are_many(effects) {
            self.pool.hurry(&writer)?;
        }
        keep(&writer, effects, at)
    }

    /// Whether [`Store::keep_effects`] lets the journal grow at this time.
    pub fn hurries(&self) -> bool {
        self.pool.hurries()
    }

    /// Folds the journal into the file where it was let grow; a sync that comes to its end does so by itself.
    pub fn take_time(&self) -> Result<(), StoreError> {
        self.pool.take_time(&self.pool.write())
    }

    /// Notes that a sync came to its end.
    pub fn note_synced(&self, at: Timestamp) -> Result<(), StoreError> {
        let writer = self.pool.write();
        writer.execute(
            "UPDATE sync SET synced_at = ?1 WHERE one = 1",
            [at.as_millisecond()],
        )?;
        self.pool.take_time(&writer)
    }

    /// How sync stands, in figures.
    pub fn sync_figures(&self) -> Result<SyncFigures, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            Ok(connection.query_row(
                "SELECT organisation, synced_at, equal_at, \
                   (SELECT count(*) FROM shared WHERE deleted = 0), \
                   (SELECT count(*) FROM outbox_fate WHERE state = 'waiting'), \
                   (SELECT count(DISTINCT o.concept) FROM outbox_fate f JOIN outbox o ON o.row = f.row \
                    WHERE f.state = 'open') \
                 FROM sync WHERE one = 1",
                [],
                |row| {
                    Ok(SyncFigures {
                        organisation: row.get(0)?,
                        synced_at: row.get::<_, Option<i64>>(1)?.map(time),
                        equal_at: row.get::<_, Option<i64>>(2)?.map(time),
                        shared: row.get(3)?,
                        waiting: row.get(4)?,
                        conflicts: row.get(5)?,
                    })
                },
            )?)
        })
    }

    /// The server's text of a concept, when it is shared.
    pub fn shared(&self, id: ConceptId) -> Result<Option<Item>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| base(connection, id))
    }
}

fn keep(writer: &Connection, effects: &[Effect], at: Timestamp) -> Result<(), StoreError> {
    let transaction = Transaction::new_unchecked(writer, TransactionBehavior::Immediate)?;
    let fresh = arrivals::fresh(&transaction, effects)?;
    // Until the commit, which puts pieces of an index together.
    let _adding = match arrivals::are_all(&fresh, effects) {
        true => Some(Adding::begin(writer)?),
        false => None,
    };
    arrivals::worked_out(&fresh, at, |mut arrivals| {
        effects
            .iter()
            .try_for_each(|effect| keep_one(&transaction, effect, &mut arrivals, at))
    })?;
    Ok(transaction.commit()?)
}

fn keep_one(
    connection: &Connection,
    effect: &Effect,
    arrivals: &mut Arrivals<'_>,
    at: Timestamp,
) -> Result<(), StoreError> {
    match effect {
        Effect::Save(saved) => save(connection, saved),
        Effect::Take { item, forced } => match arrivals.next_if(item) {
            Some(arrival) => {
                put_told(connection, item, &arrival.told)?;
                arrival.write(connection)
            }
            None => take(connection, item, *forced, at),
        },
        Effect::Gone(id) => {
            connection
                .prepare_cached("DELETE FROM shared WHERE concept = ?1")?
                .execute([id.0])?;
            Ok(())
        }
        Effect::Answered(answer) => {
            let concept = outbox::answer(connection, answer.key, &answer.outcome)?;
            match (concept, answer.outcome.item()) {
                (Some(_), Some(item)) => take(connection, item, false, at),
                _ => Ok(()),
            }
        }
        Effect::Equal => {
            connection.execute(
                "UPDATE sync SET equal_at = ?1 WHERE one = 1",
                [at.as_millisecond()],
            )?;
            Ok(())
        }
    }
}

fn save(connection: &Connection, saved: &Saved) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE sync SET epoch = ?1, organisation = ?2, position = ?3, anew = ?4 WHERE one = 1",
        params![
            saved.epoch,
            saved.organisation,
            i64::try_from(saved.position).unwrap_or(i64::MAX),
            saved.anew
        ],
    )?;
    Ok(())
}

fn take(
    connection: &Connection,
    item: &Item,
    forced: bool,
    at: Timestamp,
) -> Result<(), StoreError> {
    let kept = base(connection, item.id)?;
    if kept.is_none() {
        outbox::hold(connection, item, at)?;
    }
    let is_new = is_news(kept.as_ref().map(|kept| kept.version), item, forced);
    if is_new {
        // A computer that never held it is told of what stands, not of what happened before.
        if let Some(kept) = &kept {
            news::note(connection, &kept.review, item)?;
        }
        put_told(connection, item, &Told::of(item)?)?;
    }
    let base = if is_new { Some(item) } else { kept.as_ref() };
    show_as_told(connection, item, base, at)
}

/// What is kept of what the server told, beside its parts.
pub(crate) struct Told {
    body: String,
    mark: i64,
}

impl Told {
    /// Works it out.
    pub fn of(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            body: serde_json::to_string(item)?,
            // The same bits: SQLite's whole numbers have a sign.
            mark: i64::from_ne_bytes(item.mark().to_ne_bytes()),
        })
    }
}

fn put_told(connection: &Connection, item: &Item, told: &Told) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO shared (concept, version, sequence, range, mark, deleted, body, proposed) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (concept) DO UPDATE SET version = ?2, \
             sequence = ?3, range = ?4, mark = ?5, deleted = ?6, body = ?7, proposed = ?8",
        )?
        .execute(params![
            item.id.0,
            item.version,
            i64::try_from(item.sequence).unwrap_or(i64::MAX),
            range_of(item.id),
            told.mark,
            item.deleted,
            told.body,
            proposed(item),
        ])?;
    Ok(())
}

/// The document that a migration leaves when this program has come to know a field: what stands in the
/// server's texts where it is to be found.
const NOT_READ_YET: &str = "not_read_yet";

/// Shows what the server told before this program could read it: a field that the earlier program kept
/// as it came. Does nothing when no migration has asked for it.
pub(crate) fn read_again(writer: &mut Connection, at: Timestamp) -> Result<(), StoreError> {
    let mark: Option<String> = writer
        .query_row(queries::DOCUMENT, [NOT_READ_YET], |row| row.get(0))
        .optional()?;
    let Some(mark) = mark else {
        return Ok(());
    };
    let transaction = writer.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let bodies = {
        let mut query = transaction.prepare("SELECT body FROM shared WHERE instr(body, ?1) > 0")?;
        let bodies = query.query_map([mark], |row| row.get::<_, String>(0))?;
        bodies.collect::<Result<Vec<_>, _>>()?
    };
    for body in &bodies {
        // One that cannot be read is no reason not to open the store: the next sync tells it again.
        match serde_json::from_str::<Item>(body) {
            Ok(item) => show_told(&transaction, &item, at)?,
            Err(error) => tracing::warn!(%error, "a shared concept cannot be read again"),
        }
    }
    transaction.execute("DELETE FROM document WHERE name = ?1", [NOT_READ_YET])?;
    Ok(transaction.commit()?)
}

/// [`show`], with the change told as that of whoever made what the server has.
pub(crate) fn show_told(
    connection: &Connection,
    item: &Item,
    at: Timestamp,
) -> Result<(), StoreError> {
    show_as_told(connection, item, base(connection, item.id)?.as_ref(), at)
}

/// The same for whoever has the server's text at hand: a first sync would read each concept's twice more.
fn show_as_told(
    connection: &Connection,
    item: &Item,
    base: Option<&Item>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let held = stored(connection, item.id)?;
    let author = author_of(item);
    let change = Change {
        author: &author,
        at,
        reason: told(held.as_ref().map(|(_, concept)| concept.status), item),
    };
    show_on(
        connection,
        item.id,
        base,
        held.map(|(_, held)| held),
        &change,
    )
}

/// Who made what the server has, as revisions name them.
pub(crate) fn author_of(item: &Item) -> String {
    format!("{} ({})", item.author, item.organisation)
}

/// Brings the user's text of a concept up to date with what the server told and what the user did;
/// writes a revision when that changes it.
pub(crate) fn show(
    connection: &Connection,
    id: ConceptId,
    change: &Change<'_>,
) -> Result<(), StoreError> {
    let (base, held) = (base(connection, id)?, stored(connection, id)?);
    let held = held.map(|(_, held)| held);
    show_on(connection, id, base.as_ref(), held, change)
}

/// `base` is the server's text, `held` what the user sees until now.
fn show_on(
    connection: &Connection,
    id: ConceptId,
    base: Option<&Item>,
    held: Option<Concept>,
    change: &Change<'_>,
) -> Result<(), StoreError> {
    let texts = replay(base, &outbox::open_commands(connection, id)?);
    let Some((mut fields, status)) = texts.read() else {
        // Of a newer program: kept as it came, and shown by the program that knows it.
        tracing::warn!(concept = %id, "a shared concept has a form that is not known here");
        return Ok(());
    };
    let Some(current) = held else {
        let concept = first(id, fields, status, change);
        return write_new(connection, &concept, change.author, change.reason);
    };
    if outbox::seen(&current)
        .changes_to(&texts, &FIELDS)
        .is_empty()
    {
        return Ok(());
    }
    fields.notes.clone_from(&current.fields.notes);
    let concept = Concept {
        fields,
        status,
        version: current.version + 1,
        modified_at: change.at,
        ..current
    };
    write_row(connection, &concept, change.author, change.reason)
}

/// A concept as it stands here first.
pub(crate) fn first(
    id: ConceptId,
    fields: ConceptFields,
    status: Status,
    change: &Change<'_>,
) -> Concept {
    Concept {
        id,
        fields,
        status,
        version: 1,
        provenance: Provenance {
            origin: Origin::Import,
            author: change.author.to_owned(),
            model: None,
        },
        created_at: change.at,
        modified_at: change.at,
    }
}

/// The server's text of a concept.
pub(crate) fn base(connection: &Connection, id: ConceptId) -> Result<Option<Item>, StoreError> {
    let body: Option<String> = connection
        .prepare_cached(queries::SHARED)?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
}

/// 1 while a proposal waits for a reviewer, 2 when it was sent back and nothing came of it yet.
fn proposed(item: &Item) -> u8 {
    match item
        .review
        .proposal
        .as_ref()
        .map(|proposal| &proposal.verdict)
    {
        _ if item.deleted => 0,
        Some(None) => 1,
        Some(Some(verdict)) if !verdict.accepted => 2,
        _ => 0,
    }
}

fn kept_of(item: &Item) -> Kept {
    Kept {
        sequence: item.sequence,
        mark: item.mark(),
        deleted: item.deleted,
    }
}

fn whole(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn bits(number: i64) -> u64 {
    u64::from_ne_bytes(number.to_ne_bytes())
}
