//! What happened to each concept: a chain in which each entry is bound to all before it.
//!
//! The hash of an entry is SHA-256 of the hash before it and the SHA-256 of its text. Whoever changes,
//! removes or moves an entry has to change every hash after it, and the one that an operator noted
//! from `doctor` still tells.

use anyhow::{Result, bail};
use begrip_sync::{Act, Checked, Command, Deed, Entry, FIELDS, Item};
use deadpool_postgres::Transaction;
use sha2::{Digest, Sha256};
use tokio_postgres::GenericClient;
use uuid::Uuid;

use crate::refusal::Refusal;
use crate::sharing::{self, whole};
use crate::token::Holder;

type Client = deadpool_postgres::Object;

/// Links that are looked at in one go.
const AT_ONCE: i32 = 10_000;

/// Writes on at the end of the trail. Whoever has one holds the lock on all changes.
pub struct Writer {
    count: u64,
    hash: Vec<u8>,
}

impl Writer {
    pub fn going_on(count: u64, hash: Vec<u8>) -> Self {
        Self { count, hash }
    }

    /// How many entries there are.
    pub fn count(&self) -> Result<i64, Refusal> {
        i64::try_from(self.count).map_err(|_| Refusal::Fault)
    }

    /// The hash of the last entry.
    pub fn hash(&self) -> &[u8] {
        &self.hash
    }

    pub async fn write(
        &mut self,
        transaction: &Transaction<'_>,
        mut entry: Entry,
    ) -> Result<(), Refusal> {
        self.count += 1;
        entry.number = self.count;
        let body = serde_json::to_string(&entry)?;
        self.hash = bound(&self.hash, &Sha256::digest(&body));
        let sql = "INSERT INTO trail (number, body, hash) VALUES ($1, $2, $3)";
        transaction
            .execute(
                &transaction.prepare_cached(sql).await?,
                &[&self.count()?, &body, &self.hash],
            )
            .await?;
        Ok(())
    }
}

/// The hash of an entry.
fn bound(before: &[u8], body: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(body);
    hash.finalize().to_vec()
}

/// What happened, as far as the texts do not tell.
pub struct Happened {
    deed: Deed,
    server_checked: Option<Checked>,
}

impl Happened {
    pub fn of(deed: Deed) -> Self {
        Self {
            deed,
            server_checked: None,
        }
    }

    /// What a command did to a concept that stood as `was`.
    pub fn by(command: &Command, was: Option<&Item>, server_checked: Option<Checked>) -> Self {
        let deed = match &command.act {
            Act::Put { .. } if was.is_none() => Deed::Made,
            Act::Put { .. } => Deed::Changed,
            Act::Delete => Deed::Withdrawn,
            Act::Revise { .. } => Deed::Revised,
            Act::Propose { .. } => Deed::Proposed,
            Act::Retract => Deed::Retracted,
            Act::Accept { .. } => Deed::Accepted,
            Act::Reject { .. } => Deed::Rejected,
            Act::Comment { .. } => Deed::Commented,
            Act::Unknown => Deed::Unknown,
        };
        Self {
            deed,
            server_checked,
        }
    }

    /// The entry about a new version, without its number.
    pub fn entry(
        self,
        holder: &Holder,
        command: &Command,
        item: &Item,
        was: Option<&Item>,
        body: &str,
    ) -> Entry {
        let status = |item: &Item| item.texts.get("status").as_str().map(str::to_owned);
        let own = self.deed != Deed::Replaced;
        let (checked, drafter) = match &command.act {
            Act::Propose {
                checked, drafter, ..
            } if own => (Some(checked.clone()), drafter.clone()),
            Act::Accept { checked } if own => (Some(checked.clone()), None),
            _ => (None, None),
        };
        let before = was.map(|was| was.texts.clone()).unwrap_or_default();
        let mut fields: Vec<String> = before
            .changes_to(&item.texts, &FIELDS)
            .into_keys()
            .filter(|name| name != "status")
            .collect();
        if let Act::Comment { field } = &command.act {
            fields.push(field.clone());
        }
        Entry {
            number: 0,
            concept: item.id,
            version: item.version,
            act: self.deed,
            at: item.at,
            by: holder.name.clone(),
            account: holder.account,
            organisation: holder.organisation.clone(),
            role: holder.role.as_str().to_owned(),
            author: command.author.clone(),
            reason: command.reason.clone(),
            from: was.and_then(status).unwrap_or_default(),
            to: status(item).unwrap_or_else(|| "in_preparation".to_owned()),
            fields,
            text: item.texts.wording(),
            item: hex(&Sha256::digest(body)),
            checked,
            server_checked: self.server_checked,
            drafter,
            rest: std::collections::BTreeMap::new(),
        }
    }
}

/// The trail of a concept, as the JSON of a [`begrip_sync::Trail`].
pub async fn of_concept(
    client: &mut Client,
    holder: &Holder,
    concept: Uuid,
) -> Result<String, Refusal> {
    let transaction = sharing::snapshot(client, holder).await?;
    let sql = "SELECT body, encode(hash, 'hex') FROM trail WHERE concept = $1 ORDER BY number";
    let rows = transaction.query(sql, &[&concept]).await?;
    if rows.is_empty() {
        return Err(Refusal::NoConcept);
    }
    let links = rows.iter().map(|row| {
        let (body, hash): (&str, &str) = (row.get(0), row.get(1));
        format!(r#"{{"entry":{body},"hash":"{hash}"}}"#)
    });
    let links = links.collect::<Vec<_>>().join(",");
    Ok(format!(r#"{{"links":[{links}]}}"#))
}

/// Looks the whole chain over: how many entries there are, and the hash of the last.
///
/// Errors: an entry that does not follow from the one before it, is missing, or tells of another text
/// than what the server keeps.
pub async fn check(client: &tokio_postgres::Client) -> Result<(u64, String)> {
    // All of it at one moment: the server may be at work.
    client
        .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await?;
    let checked = check_at(client).await;
    client.batch_execute("ROLLBACK").await?;
    checked
}

/// As [`check`], within a transaction of the caller.
pub async fn check_at(client: &impl GenericClient) -> Result<(u64, String)> {
    let (mut number, mut hash) = (0_i64, vec![0_u8; 32]);
    loop {
        let sql = "SELECT number, body, hash, same FROM trail_links($1, $2)";
        let rows = client.query(sql, &[&number, &AT_ONCE]).await?;
        for row in &rows {
            number += 1;
            let found: i64 = row.get(0);
            if found != number {
                bail!("regel {number} ontbreekt");
            }
            hash = bound(&hash, row.get(1));
            if hash != row.get::<_, Vec<u8>>(2) {
                bail!("regel {number} is veranderd");
            }
            if !row.get::<_, bool>(3) {
                bail!("regel {number} hoort bij een andere tekst dan er nu staat");
            }
        }
        if rows.len() < AT_ONCE as usize {
            break;
        }
    }
    let sql = "SELECT trail_count, trail_hash, concepts_astray() FROM server";
    let end = client.query_one(sql, &[]).await?;
    if end.get::<_, i64>(0) != number || end.get::<_, Vec<u8>>(1) != hash {
        bail!("na regel {number} ontbreekt wat er stond");
    }
    match end.get::<_, i64>(2) {
        0 => Ok((whole(number), hex(&hash))),
        astray => {
            bail!("{astray} begrippen staan anders dan hun laatste versie of dan het logboek zegt")
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
