//! Keeping, reading and listing concepts and their revisions.

use begrip_domain::{Category, Concept, ConceptId, Label, Origin, Revision, Status};
use begrip_language::{TermKey, term_key};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use crate::index::{write_new, write_row};
use crate::rows::{Row, day_text, row_of, stored, time};
use crate::{Store, StoreError, exchanges, outbox, queries};

/// Who makes a change, when and why.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Who.
    pub author: &'a str,
    /// When.
    pub at: Timestamp,
    /// Why; may be empty.
    pub reason: &'a str,
}

/// Whether a concept may get the term and context that another has, which was not withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twins {
    /// It may not.
    Refused,
    /// The user wants it so.
    Accepted,
}

/// Which concepts to list; empty lists let all through.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these statuses.
    pub statuses: Vec<Status>,
    /// Only these origins.
    pub origins: Vec<Origin>,
    /// Only this category.
    pub category: Option<Category>,
    /// Only concepts in which every word of this text stands.
    pub text: String,
    /// Only concepts that hold on this day.
    pub valid_on: Option<Date>,
}

/// Orders of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Latest change first.
    #[default]
    Modified,
    /// By term.
    Term,
    /// By status, then latest change.
    Status,
}

/// A stretch of a list.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// How many to skip.
    pub offset: u32,
    /// At most this many.
    pub limit: u32,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The rows.
    pub rows: Vec<Row>,
    /// How many pass the filter in all.
    pub total: u32,
}

/// What makes two concepts the same: the keys of term and context.
fn place(concept: &Concept) -> (TermKey, String) {
    let fields = &concept.fields;
    (term_key(fields.term.as_str()), fields.context.key())
}

/// Another concept in the same place that was not withdrawn.
fn twin(connection: &Connection, concept: &Concept) -> Result<Option<ConceptId>, StoreError> {
    let (term, context) = place(concept);
    let mut query = connection.prepare_cached(queries::BY_KEY)?;
    let mut rows = query.query([term.as_str()])?;
    while let Some(row) = rows.next()? {
        let row = row_of(row)?;
        let other = row.id != concept.id && row.status != Status::Withdrawn;
        if other && row.context.key() == context {
            return Ok(Some(row.id));
        }
    }
    Ok(None)
}

impl Store {
    /// Keeps a new concept with its first revision.
    pub fn insert(&self, concept: &Concept, change: &Change<'_>) -> Result<(), StoreError> {
        let mut writer = self.pool.write();
        let transaction = writer.transaction()?;
        write_new(&transaction, concept, change.author, change.reason)?;
        let model = concept.provenance.model.as_ref();
        if let Some(exchange) = model.and_then(|model| model.exchange.as_ref()) {
            exchanges::hold(&transaction, &exchange.id)?;
        }
        Ok(transaction.commit()?)
    }

    /// Keeps a new text of a concept, if it still stands at `base_version`.
    ///
    /// Returns the concept as it stands when somebody else was first; nothing is written then.
    /// Errors: no such concept; another term or context, or a return, that makes it a twin, where that is refused.
    pub fn update(
        &self,
        base_version: u32,
        concept: &Concept,
        change: &Change<'_>,
        twins: Twins,
    ) -> Result<Option<Concept>, StoreError> {
        let mut writer = self.pool.write();
        // Immediate: two programs that change the same concept wait for each other here.
        let transaction =
            writer.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let (_, current) = stored(&transaction, concept.id)?.ok_or(StoreError::NotFound)?;
        if current.version != base_version {
            return Ok(Some(current));
        }
        let concept = Concept {
            version: base_version + 1,
            ..concept.clone()
        };
        if twins == Twins::Refused
            && (current.status == Status::Withdrawn || place(&current) != place(&concept))
            && let Some(twin) = twin(&transaction, &concept)?
        {
            return Err(StoreError::Twin(twin));
        }
        write_row(&transaction, &concept, change.author, change.reason)?;
        outbox::note(&transaction, &current, &concept, change)?;
        transaction.commit()?;
        Ok(None)
    }

    /// A concept.
    pub fn get(&self, id: ConceptId) -> Result<Option<Concept>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let body: Option<String> = connection
                .prepare_cached(queries::BY_ID)?
                .query_row([id.0], |row| row.get(0))
                .optional()?;
            Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
        })
    }

    /// Of these concepts, the terms of those that are here with another status than is said.
    pub fn with_another_status(
        &self,
        said: impl Iterator<Item = (ConceptId, Option<Status>)>,
    ) -> Result<Vec<Label>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::HEAD)?;
            let mut terms = Vec::new();
            for (id, status) in said {
                let head = query.query_row([id.0], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
                });
                if let Some((term, here)) = head.optional()?
                    && Status::parse(&here) != status
                {
                    let damaged = |_| StoreError::Damaged("unknown term".to_owned());
                    terms.push(Label::new(&term).map_err(damaged)?);
                }
            }
            Ok(terms)
        })
    }

    /// Every kept change of a concept, oldest first; empty when there is no such concept.
    pub fn revisions(&self, id: ConceptId) -> Result<Vec<Revision>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::REVISIONS)?;
            let mut rows = query.query([id.0])?;
            let mut revisions = Vec::new();
            while let Some(row) = rows.next()? {
                revisions.push(Revision {
                    author: row.get(0)?,
                    at: time(row.get(1)?),
                    reason: row.get(2)?,
                    concept: serde_json::from_str(&row.get::<_, String>(3)?)?,
                });
            }
            Ok(revisions)
        })
    }

    /// Concepts with this term key in any context, established first.
    pub fn with_term(&self, term: &str) -> Result<Vec<Row>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::BY_KEY)?;
            let rows = query.query_map([term_key(term).as_str()], |row| Ok(row_of(row)))?;
            rows.map(|row| row?).collect()
        })
    }

    /// How many concepts there are.
    pub fn count(&self) -> Result<u32, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            Ok(connection.query_row("SELECT count(*) FROM concept", [], |row| row.get(0))?)
        })
    }

    /// Concepts in the order in which they came in, for walking over all of them: those after the
    /// row number `after` (0 to begin with), with the row number to go on from.
    pub fn walk(&self, after: i64, limit: u32) -> Result<(Vec<Concept>, i64), StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(queries::WALK)?;
            let mut rows = query.query(params![after, limit])?;
            let (mut concepts, mut last) = (Vec::new(), after);
            while let Some(row) = rows.next()? {
                concepts.push(serde_json::from_str(&row.get::<_, String>(0)?)?);
                last = row.get(1)?;
            }
            Ok((concepts, last))
        })
    }

    /// A page of the concepts that pass a filter. At most two statements, however many rows there are.
    pub fn list(&self, filter: &Filter, sort: Sort, page: Page) -> Result<Listed, StoreError> {
        self.pool.count();
        self.pool.count();
        self.pool.read(|connection| {
            let (conditions, mut values) = conditions(filter);
            let total: u32 = connection
                .prepare_cached(&format!("SELECT count(*) FROM concept c {conditions}"))?
                .query_row(params_from_iter(&values), |row| row.get(0))?;
            // Where few pass, the walk along the index ends at the last of them.
            let limit = page.limit.min(total.saturating_sub(page.offset));
            if limit == 0 {
                let rows = Vec::new();
                return Ok(Listed { rows, total });
            }
            let order = match sort {
                Sort::Modified => "c.modified_at DESC, c.row DESC",
                Sort::Term => "c.folded, c.row",
                Sort::Status => "c.status_rank, c.modified_at DESC, c.row DESC",
            };
            let sql = format!(
                "SELECT {} FROM concept c {conditions} ORDER BY {order} LIMIT ? OFFSET ?",
                queries::ROW_COLUMNS
            );
            values.extend([limit, page.offset].map(|count| Value::Integer(count.into())));
            let mut query = connection.prepare_cached(&sql)?;
            let rows = query.query_map(params_from_iter(&values), |row| Ok(row_of(row)))?;
            let rows = rows.map(|row| row?).collect::<Result<_, _>>()?;
            Ok(Listed { rows, total })
        })
    }

    /// Brings the starter set in, once for each version of the set.
    ///
    /// New concepts are added; a concept that nobody touched gets the set's new text as a new
    /// revision; one that a person changed or shared is left alone. Returns how many were written.
    pub fn install_starter(
        &self,
        version: &str,
        concepts: &[Concept],
        change: &Change<'_>,
    ) -> Result<u32, StoreError> {
        const NAME: &str = "starter_version";
        if self.document(NAME)?.as_deref() == Some(version) {
            return Ok(0);
        }
        let mut writer = self.pool.write();
        let transaction =
            writer.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let mut written = 0;
        for concept in concepts {
            let Some((row, current)) = stored(&transaction, concept.id)? else {
                write_new(&transaction, concept, change.author, change.reason)?;
                written += 1;
                continue;
            };
            if current.provenance == concept.provenance
                && current.fields != concept.fields
                && touched_by_nobody(&transaction, row, change.author)?
                && !outbox::is_shared(&transaction, concept.id)?
            {
                let concept = Concept {
                    version: current.version + 1,
                    created_at: current.created_at,
                    ..concept.clone()
                };
                write_row(&transaction, &concept, change.author, change.reason)?;
                written += 1;
            }
        }
        transaction.execute(
            "INSERT INTO document (name, content) VALUES (?1, ?2) \
             ON CONFLICT (name) DO UPDATE SET content = excluded.content",
            [NAME, version],
        )?;
        transaction.commit()?;
        Ok(written)
    }
}

fn touched_by_nobody(connection: &Connection, row: i64, author: &str) -> Result<bool, StoreError> {
    let others: u32 = connection.query_row(
        "SELECT count(*) FROM revision WHERE concept = ?1 AND author <> ?2",
        params![row, author],
        |row| row.get(0),
    )?;
    Ok(others == 0)
}

/// The conditions of a filter, as SQL that holds no text of the user, and their values.
fn conditions(filter: &Filter) -> (String, Vec<Value>) {
    let mut parts = Vec::new();
    let mut values = Vec::new();
    let mut one_of = |column: &str, names: Vec<&'static str>| {
        if !names.is_empty() {
            let marks = vec!["?"; names.len()].join(", ");
            parts.push(format!("{column} IN ({marks})"));
            values.extend(names.into_iter().map(|name| Value::Text(name.to_owned())));
        }
    };
    one_of(
        "c.status",
        filter
            .statuses
            .iter()
            .map(|status| status.as_str())
            .collect(),
    );
    one_of(
        "c.origin",
        filter
            .origins
            .iter()
            .map(|origin| origin.as_str())
            .collect(),
    );
    one_of(
        "c.category",
        filter
            .category
            .iter()
            .map(|category| category.as_str())
            .collect(),
    );
    if let Some(query) = crate::search::match_all(&filter.text) {
        parts.push(
            "c.row IN (SELECT rowid FROM concept_text WHERE concept_text MATCH ?)".to_owned(),
        );
        values.push(Value::Text(query));
    }
    if let Some(day) = filter.valid_on {
        parts.push("c.valid_from <= ? AND (c.valid_until = '' OR c.valid_until >= ?)".to_owned());
        // Days are written so that their order is that of the text; no first day comes before all.
        values.extend(vec![Value::Text(day_text(Some(day))); 2]);
    }
    match parts.is_empty() {
        true => (String::new(), values),
        false => (format!("WHERE {}", parts.join(" AND ")), values),
    }
}
