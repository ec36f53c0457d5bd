//! Commands, pages and sums in PostgreSQL.
//!
//! **Why no reader misses a change.** Whoever changes concepts first locks the row of `server`, and
//! holds it until the commit. Numbers of sequence are given under that lock, so the change with number
//! n has been committed, and is visible, before n + 1 is given. A reader takes the number and the rows
//! in one snapshot: everything up to that number is in it, and no transaction that is still under way
//! can come in below. The price is that changes are made one push after the other, on any number of
//! nodes; reading waits for nothing.

use std::collections::{BTreeMap, HashMap};

use begrip_domain::ConceptId;
use begrip_sync::{
    Act, Answer, CAPABILITIES, Caller, Command, Decision, Deletions, Hello, Item, Next, Outcome,
    PROTOCOL, Pushed, RANGES, Refusal as Why, Sharing, Sum, Sums, decide, limits,
};
use deadpool_postgres::Transaction;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio_postgres::{IsolationLevel, Row};
use uuid::Uuid;

use crate::refusal::Refusal;
use crate::token::Holder;

type Client = deadpool_postgres::Object;

/// What the server says of itself and of the caller.
pub async fn hello(client: &Client, holder: &Holder) -> Result<Hello, Refusal> {
    let row = client
        .query_one("SELECT epoch, sequence FROM server", &[])
        .await?;
    Ok(Hello {
        protocol: PROTOCOL,
        capabilities: CAPABILITIES.map(str::to_owned).to_vec(),
        epoch: row.get(0),
        sequence: whole(row.get(1)),
        organisation: holder.organisation.clone(),
        account: holder.name.clone(),
        role: holder.role.as_str().to_owned(),
    })
}

/// The sequence of the latest change.
pub async fn sequence(client: &tokio_postgres::Client) -> Result<u64, tokio_postgres::Error> {
    let row = client.query_one("SELECT sequence FROM server", &[]).await?;
    Ok(whole(row.get(0)))
}

/// Does commands, all of them or, when the database fails, none; and says what became of each.
pub async fn push(
    client: &mut Client,
    holder: &Holder,
    commands: &[Command],
) -> Result<Pushed, Refusal> {
    let transaction = client.transaction().await?;
    as_organisation(&transaction, holder).await?;
    // From here on nobody else changes anything: see above.
    let row = transaction
        .query_one("SELECT sequence, now() FROM server FOR UPDATE", &[])
        .await?;
    let mut desk = Desk {
        sequence: whole(row.get(0)),
        now: row.get(1),
        concepts: concepts(&transaction, commands).await?,
        answered: answered(&transaction, holder, commands).await?,
        deletions: None,
        holder,
        transaction: &transaction,
    };
    let before = desk.sequence;
    let mut answers = Vec::with_capacity(commands.len());
    for command in commands {
        let outcome = desk.answer(command).await?;
        answers.push(Answer {
            key: command.key,
            outcome,
        });
    }
    let after = desk.sequence;
    if after > before {
        let number = i64::try_from(after).map_err(|_| Refusal::Fault)?;
        transaction
            .execute("UPDATE server SET sequence = $1", &[&number])
            .await?;
        transaction
            .execute(
                "SELECT pg_notify('begrip_changed', $1)",
                &[&after.to_string()],
            )
            .await?;
    }
    transaction.commit().await?;
    Ok(Pushed { answers })
}

/// One push at work.
struct Desk<'a> {
    sequence: u64,
    now: Timestamp,
    /// Those that the commands name and the caller may see.
    concepts: HashMap<ConceptId, Item>,
    /// What was answered before, with the digest of the command.
    answered: HashMap<Uuid, (Vec<u8>, Outcome)>,
    /// Counted when the first concept is withdrawn.
    deletions: Option<Deletions>,
    holder: &'a Holder,
    transaction: &'a Transaction<'a>,
}

impl Desk<'_> {
    async fn answer(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        let digest = Sha256::digest(serde_json::to_vec(command)?).to_vec();
        if let Some((before, outcome)) = self.answered.get(&command.key) {
            return Ok(match *before == digest {
                true => outcome.clone(),
                false => Outcome::Refused {
                    why: Why::KeyUsed,
                    item: None,
                },
            });
        }
        let outcome = self.decide(command).await?;
        self.transaction
            .execute(
                "INSERT INTO command (organisation, key, digest, answer) VALUES ($1, $2, $3, $4)",
                &[
                    &self.holder.organisation,
                    &command.key,
                    &digest,
                    &serde_json::to_string(&outcome)?,
                ],
            )
            .await?;
        self.answered.insert(command.key, (digest, outcome.clone()));
        Ok(outcome)
    }

    async fn decide(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        let deletions = match command.act {
            Act::Delete => self.deletions().await?,
            _ => Deletions::default(),
        };
        let caller = Caller {
            organisation: &self.holder.organisation,
            role: self.holder.role,
        };
        let current = self.concepts.get(&command.concept);
        let item = current.cloned().map(Box::new);
        Ok(match (decide(command, current, caller, deletions), item) {
            (Decision::Write(next), _) => self.write(command, *next).await?,
            (Decision::Same, Some(item)) => Outcome::Same { item },
            (Decision::Stale(fields), Some(item)) => Outcome::Stale { item, fields },
            (Decision::Refuse(why), item) => Outcome::Refused { why, item },
            (Decision::Same | Decision::Stale(_), None) => return Err(Refusal::Fault),
        })
    }

    async fn write(&mut self, command: &Command, next: Next) -> Result<Outcome, Refusal> {
        let merged = next.merged;
        let item = Item {
            id: command.concept,
            version: next.version,
            sequence: self.sequence + 1,
            owner: next.owner,
            sharing: next.sharing,
            deleted: next.deleted,
            texts: next.texts,
            author: command.author.clone(),
            organisation: self.holder.organisation.clone(),
            at: self.now,
            rest: BTreeMap::new(),
        };
        if !self.write_concept(&item).await? {
            // Somebody else's, and not for this organisation to see.
            let why = Why::NotAllowed;
            return Ok(Outcome::Refused { why, item: None });
        }
        self.transaction
            .execute(
                "INSERT INTO revision (concept, version, organisation, account, at, deleted, reason, item) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                &[
                    &item.id.0,
                    &number(item.version)?,
                    &item.organisation,
                    &self.holder.account,
                    &item.at,
                    &item.deleted,
                    &command.reason,
                    &serde_json::to_string(&item)?,
                ],
            )
            .await?;
        self.sequence = item.sequence;
        let was = self.concepts.insert(item.id, item.clone());
        let gone = item.deleted && !was.is_some_and(|was| was.deleted);
        if let Some(deletions) = self.deletions.as_mut().filter(|_| gone) {
            deletions.live = deletions.live.saturating_sub(1);
            deletions.recent += 1;
        }
        Ok(Outcome::Accepted {
            item: Box::new(item),
            merged,
        })
    }

    /// Writes the latest version; `false` when the identity belongs to a concept that is hidden.
    async fn write_concept(&self, item: &Item) -> Result<bool, Refusal> {
        let sql = match item.version {
            1 => {
                "INSERT INTO concept (id, version, sequence, owner, sharing, shared_with, deleted, mark, item) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING"
            }
            _ => {
                "UPDATE concept SET version = $2, sequence = $3, owner = $4, sharing = $5, \
                 shared_with = $6, deleted = $7, mark = $8, item = $9 WHERE id = $1"
            }
        };
        let (sharing, with): (&str, Vec<&str>) = match &item.sharing {
            Sharing::Organisation => ("organisation", Vec::new()),
            Sharing::Named { organisations } => {
                ("named", organisations.iter().map(String::as_str).collect())
            }
            Sharing::Chain => ("chain", Vec::new()),
        };
        let written = self
            .transaction
            .execute(
                sql,
                &[
                    &item.id.0,
                    &number(item.version)?,
                    &i64::try_from(item.sequence).map_err(|_| Refusal::Fault)?,
                    &item.owner,
                    &sharing,
                    &with,
                    &item.deleted,
                    // The same bits: PostgreSQL's whole numbers have a sign.
                    &i64::from_ne_bytes(item.mark().to_ne_bytes()),
                    &serde_json::to_string(item)?,
                ],
            )
            .await?;
        match (written, item.version) {
            (1, _) => Ok(true),
            (0, 1) => Ok(false),
            _ => Err(Refusal::Fault),
        }
    }

    async fn deletions(&mut self) -> Result<Deletions, Refusal> {
        if let Some(deletions) = self.deletions {
            return Ok(deletions);
        }
        let row = self
            .transaction
            .query_one(
                "SELECT (SELECT count(*) FROM concept WHERE owner = $1 AND NOT deleted), \
                   (SELECT count(*) FROM revision WHERE organisation = $1 AND deleted \
                    AND at > now() - interval '1 hour')",
                &[&self.holder.organisation],
            )
            .await?;
        let count = |at| u32::try_from(row.get::<_, i64>(at)).unwrap_or(u32::MAX);
        let deletions = Deletions {
            live: count(0),
            recent: count(1),
        };
        self.deletions = Some(deletions);
        Ok(deletions)
    }
}

/// Makes this transaction see what the organisation may see, and nothing else.
async fn as_organisation(
    transaction: &Transaction<'_>,
    holder: &Holder,
) -> Result<(), tokio_postgres::Error> {
    transaction
        .execute(
            "SELECT set_config('begrip.organisation', $1, true)",
            &[&holder.organisation],
        )
        .await
        .map(drop)
}

async fn concepts(
    transaction: &Transaction<'_>,
    commands: &[Command],
) -> Result<HashMap<ConceptId, Item>, Refusal> {
    let ids: Vec<Uuid> = commands.iter().map(|command| command.concept.0).collect();
    let rows = transaction
        .query("SELECT item FROM concept WHERE id = ANY ($1)", &[&ids])
        .await?;
    let read = |row: &Row| -> Result<_, Refusal> {
        let item: Item = serde_json::from_str(row.get(0))?;
        Ok((item.id, item))
    };
    rows.iter().map(read).collect()
}

async fn answered(
    transaction: &Transaction<'_>,
    holder: &Holder,
    commands: &[Command],
) -> Result<HashMap<Uuid, (Vec<u8>, Outcome)>, Refusal> {
    let keys: Vec<Uuid> = commands.iter().map(|command| command.key).collect();
    let rows = transaction
        .query(
            "SELECT key, digest, answer FROM command WHERE organisation = $1 AND key = ANY ($2)",
            &[&holder.organisation, &keys],
        )
        .await?;
    let read = |row: &Row| -> Result<_, Refusal> {
        Ok((row.get(0), (row.get(1), serde_json::from_str(row.get(2))?)))
    };
    rows.iter().map(read).collect()
}

/// A page of changes after a sequence, as the JSON of a [`begrip_sync::Page`].
pub async fn changes(
    client: &mut Client,
    holder: &Holder,
    after: u64,
    closing: bool,
) -> Result<String, Refusal> {
    let transaction = snapshot(client, holder).await?;
    let horizon = horizon(&transaction).await?;
    let (after, most) = (signed(after), signed(limits::PAGE as u64 + 1));
    let mut rows = transaction
        .query(
            "SELECT item, sequence FROM concept WHERE sequence > $1 ORDER BY sequence LIMIT $2",
            &[&after, &most],
        )
        .await?;
    let more = rows.len() > limits::PAGE;
    rows.truncate(limits::PAGE);
    let next = match (more, rows.last()) {
        (true, Some(last)) => whole(last.get(1)),
        _ => horizon,
    };
    let mut page = format!(
        r#"{{"items":[{}],"next":{next},"more":{more}"#,
        joined(&rows)
    );
    if closing && !more {
        let ranges = serde_json::to_string(sums(&transaction).await?.as_slice())?;
        page.push_str(&format!(
            r#","closing":{{"sequence":{horizon},"ranges":{ranges}}}"#
        ));
    }
    page.push('}');
    Ok(page)
}

/// Everything of a range, as the JSON of a [`begrip_sync::RangeRows`].
pub async fn range(client: &mut Client, holder: &Holder, range: u8) -> Result<String, Refusal> {
    if range >= RANGES {
        return Err(Refusal::Form("er is geen reeks met dit nummer"));
    }
    let transaction = snapshot(client, holder).await?;
    let horizon = horizon(&transaction).await?;
    let rows = transaction
        .query(
            "SELECT item FROM concept WHERE range = $1",
            &[&i16::from(range)],
        )
        .await?;
    let items = joined(&rows);
    Ok(format!(
        r#"{{"range":{range},"sequence":{horizon},"items":[{items}]}}"#
    ))
}

/// The stored items as they stand, with commas between.
fn joined(rows: &[Row]) -> String {
    rows.iter()
        .map(|row| row.get::<_, &str>(0))
        .collect::<Vec<_>>()
        .join(",")
}

/// A transaction in which everything is of one moment.
async fn snapshot<'a>(client: &'a mut Client, holder: &Holder) -> Result<Transaction<'a>, Refusal> {
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    as_organisation(&transaction, holder).await?;
    Ok(transaction)
}

async fn horizon(transaction: &Transaction<'_>) -> Result<u64, Refusal> {
    let row = transaction
        .query_one("SELECT sequence FROM server", &[])
        .await?;
    Ok(whole(row.get(0)))
}

async fn sums(transaction: &Transaction<'_>) -> Result<Sums, Refusal> {
    let rows = transaction
        .query(
            "SELECT range, count(*), sum(mark)::text FROM concept GROUP BY range",
            &[],
        )
        .await?;
    let mut sums = Sums::default();
    for row in rows {
        let sum: i128 = row.get::<_, &str>(2).parse().map_err(|_| Refusal::Fault)?;
        let bytes = sum.to_le_bytes();
        // Modulo 2^64: the lower half, whatever the sign.
        let low = bytes
            .iter()
            .take(8)
            .rev()
            .fold(0, |low, byte| low << 8 | u64::from(*byte));
        let sum = Sum {
            count: u32::try_from(row.get::<_, i64>(1)).unwrap_or(u32::MAX),
            sum: low,
        };
        sums.set(u8::try_from(row.get::<_, i16>(0)).unwrap_or(RANGES), sum);
    }
    Ok(sums)
}

fn whole(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn number(version: u32) -> Result<i32, Refusal> {
    i32::try_from(version).map_err(|_| Refusal::Fault)
}
