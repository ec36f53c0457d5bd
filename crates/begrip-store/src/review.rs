//! Steps of a review, what became of them, and what waits for a decision.

use begrip_domain::{Concept, ConceptId, Status};
use begrip_sync::{Act, Command, FIELDS, Hello, Item, Outcome, Texts};
use rusqlite::{Connection, params};

use crate::concepts::Change;
use crate::index::write_new;
use crate::{Store, StoreError, outbox, queries, shared};

/// Who the server says the user is, told with the latest sync; empty before the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnAccount {
    /// Name of the account.
    pub name: String,
    /// Its organisation.
    pub organisation: String,
    /// Its role.
    pub role: String,
}

/// A step of the user's that waits for the server, or that it did not take.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnStep {
    /// The step.
    pub command: Command,
    /// What the server said; `None` while it waits.
    pub outcome: Option<Outcome>,
}

impl Store {
    /// Notes a step of a review; it waits for the next sync. An earlier one about this concept that was
    /// not taken is over then.
    ///
    /// Errors: no such concept, or not shared.
    pub fn review(&self, id: ConceptId, act: Act, change: &Change<'_>) -> Result<(), StoreError> {
        self.in_one(|connection| {
            if !outbox::is_shared(connection, id)? {
                return Err(StoreError::NotFound);
            }
            connection.execute(
                "UPDATE outbox_fate SET state = 'closed' WHERE state = 'refused' \
                 AND row IN (SELECT row FROM outbox WHERE concept = ?1)",
                [id.0],
            )?;
            outbox::write(connection, id, act, change)?;
            shared::show(connection, id, change)
        })
    }

    /// Keeps a new concept that is to take the place of an established one, and notes that for the
    /// next sync.
    pub fn revise(
        &self,
        of: ConceptId,
        concept: &Concept,
        change: &Change<'_>,
    ) -> Result<(), StoreError> {
        self.in_one(|connection| {
            write_new(connection, concept, change.author, change.reason)?;
            let changes = Texts::default().changes_to(&outbox::seen(concept), &FIELDS);
            outbox::write(connection, concept.id, Act::Revise { of, changes }, change)
        })
    }

    /// The concept whose place a concept is to take, when there is one.
    pub fn replaces(&self, id: ConceptId) -> Result<Option<ConceptId>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            if let Some(base) = shared::base(connection, id)? {
                return Ok(base.review.replaces);
            }
            let open = outbox::open_commands(connection, id)?;
            Ok(open.into_iter().find_map(|command| match command.act {
                Act::Revise { of, .. } => Some(of),
                _ => None,
            }))
        })
    }

    /// Every concept with a proposal that waits for a reviewer or was sent back, as the server told
    /// it, the latest first.
    pub fn proposals(&self) -> Result<Vec<Item>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::SHARED_PROPOSED)?;
            let rows = query.query_map([], |row| row.get::<_, String>(0))?;
            rows.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
        })
    }

    /// The user's own steps that wait, or that were not taken, in order.
    pub fn own_steps(&self) -> Result<Vec<OwnStep>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::OUTBOX_STEPS)?;
            let mut rows = query.query([])?;
            let mut steps = Vec::new();
            while let Some(row) = rows.next()? {
                let command: Command = serde_json::from_str(&row.get::<_, String>(0)?)?;
                let outcome: Option<String> = row.get(1)?;
                if command.act.is_review() {
                    steps.push(OwnStep {
                        command,
                        outcome: outcome
                            .map(|text| serde_json::from_str(&text))
                            .transpose()?,
                    });
                }
            }
            Ok(steps)
        })
    }

    /// Keeps who the server says the user is.
    pub fn note_account(&self, hello: &Hello) -> Result<(), StoreError> {
        self.pool.write().execute(
            "UPDATE sync SET account = ?1, role = ?2 \
             WHERE one = 1 AND (account <> ?1 OR role <> ?2)",
            params![hello.account, hello.role],
        )?;
        Ok(())
    }

    /// Who the server says the user is.
    pub fn own_account(&self) -> Result<OwnAccount, StoreError> {
        self.pool.count();
        self.pool.read(account)
    }
}

/// Who the server says the user is.
pub(crate) fn account(connection: &Connection) -> Result<OwnAccount, StoreError> {
    Ok(connection.query_row(
        "SELECT account, organisation, role FROM sync WHERE one = 1",
        [],
        |row| {
            Ok(OwnAccount {
                name: row.get(0)?,
                organisation: row.get(1)?,
                role: row.get(2)?,
            })
        },
    )?)
}

/// What became of a concept that had this status here, for its history.
pub(crate) fn told(was: Option<Status>, item: &Item) -> &'static str {
    let status = item.status();
    if item.deleted {
        return "vervallen voor iedereen";
    }
    if was == status {
        return "gedeeld";
    }
    match status {
        Some(Status::Proposed | Status::RevisedProposed) => "voorgesteld",
        Some(Status::Established) => "vastgesteld",
        Some(Status::EstablishedInRevision) => "in herziening",
        Some(Status::Superseded) => "vervangen",
        Some(Status::Withdrawn) => "vervallen",
        Some(Status::InPreparation) if was.is_some() => "weer in voorbereiding",
        Some(Status::InPreparation) | None => "gedeeld",
    }
}
