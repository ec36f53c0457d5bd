//! One push of commands at work: decided upon one after the other, under the lock on all changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use begrip_domain::{ConceptId, Status};
use begrip_rules::RulePack;
use begrip_sync::{
    Act, Answer, Bench, Caller, Checked, Command, Decision, Deed, Deletions, Failing, Item, Next,
    Outcome, Pushed, Refusal as Why, Sharing, decide, replaced_by, review,
};
use deadpool_postgres::Transaction;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::refusal::Refusal;
use crate::rules::{self, Rules};
use crate::sharing::{as_organisation, whole};
use crate::token::Holder;
use crate::trail::{Happened, Writer};

type Client = deadpool_postgres::Object;

/// Does commands, all of them or, when the database fails, none; and says what became of each.
pub async fn push(
    client: &mut Client,
    rules: &Rules,
    holder: &Holder,
    commands: &[Command],
) -> Result<Pushed, Refusal> {
    let transaction = client.transaction().await?;
    as_organisation(&transaction, holder).await?;
    // From here on nobody else changes anything: see above.
    let sql = "SELECT sequence, now(), trail_count, trail_hash FROM server FOR UPDATE";
    let row = transaction
        .query_one(&transaction.prepare_cached(sql).await?, &[])
        .await?;
    let ids: Vec<Uuid> = commands.iter().map(|command| command.concept.0).collect();
    let mut desk = Desk {
        sequence: whole(row.get(0)),
        now: row.get(1),
        trail: Writer::going_on(whole(row.get(2)), row.get(3)),
        concepts: concepts(&transaction, &ids).await?,
        answered: answered(&transaction, holder, commands).await?,
        deletions: None,
        rules,
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
            .execute(
                "UPDATE server SET sequence = $1, trail_count = $2, trail_hash = $3",
                &[&number, &desk.trail.count()?, &desk.trail.hash()],
            )
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
    trail: Writer,
    /// Those that the commands name and the caller may see.
    concepts: HashMap<ConceptId, Item>,
    /// What was answered before, with the digest of the command.
    answered: HashMap<Uuid, (Vec<u8>, Outcome)>,
    /// Counted when the first concept is withdrawn.
    deletions: Option<Deletions>,
    rules: &'a Rules,
    holder: &'a Holder,
    transaction: &'a Transaction<'a>,
}

/// What the server's own check of a text found, and by which rules; nothing where a step needs none.
#[derive(Default)]
struct Looked {
    /// The version that was published for this; `None` where none was, and those of the program did.
    pack: Option<Arc<RulePack>>,
    /// `None` for a text of a newer program, too.
    found: Option<Checked>,
}

impl Looked {
    fn failing(&self) -> &[Failing] {
        self.found.as_ref().map_or(&[], |found| &found.failing)
    }

    fn version(&self) -> Vec<String> {
        let version = self.pack.iter().map(|pack| pack.version().to_owned());
        version.collect()
    }
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
                    rules: Vec::new(),
                },
            });
        }
        let outcome = self.decide(command).await?;
        let sql = "INSERT INTO command (organisation, key, digest, answer) VALUES ($1, $2, $3, $4)";
        self.transaction
            .execute(
                &self.transaction.prepare_cached(sql).await?,
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
        if command.act.is_review() {
            return self.review(command).await;
        }
        let deletions = match command.act {
            Act::Delete => self.deletions().await?,
            _ => Deletions::default(),
        };
        let current = self.concepts.get(&command.concept);
        let decision = decide(command, current, self.caller(), deletions);
        self.done(command, decision, Looked::default()).await
    }

    /// Decides upon a step of a review.
    async fn review(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        let replaced = replaced_by(command, self.concepts.get(&command.concept));
        if let Some(id) = replaced.filter(|id| !self.concepts.contains_key(id)) {
            self.concepts
                .extend(concepts(self.transaction, &[id.0]).await?);
        }
        let current = self.concepts.get(&command.concept);
        let looked = self.look(command, current).await?;
        let mut wrote = false;
        if matches!(command.act, Act::Accept { .. }) {
            wrote = self.wrote(command.concept).await?;
        }
        let bench = Bench {
            name: &self.holder.name,
            at: self.now,
            wrote,
            pack: looked.pack.as_ref().map(|pack| pack.version()),
            failing: looked.failing(),
            replaced: replaced.and_then(|id| self.concepts.get(&id)),
        };
        let decision = review(command, current, self.caller(), &bench);
        self.done(command, decision, looked).await
    }

    /// Looks at a text that is proposed or accepted, by the rules that count for that.
    async fn look(&self, command: &Command, current: Option<&Item>) -> Result<Looked, Refusal> {
        let pack = match &command.act {
            Act::Propose { .. } => self.rules.published(self.transaction).await?,
            Act::Accept { checked } => self.rules.met_by(self.transaction, &checked.pack).await?,
            _ => return Ok(Looked::default()),
        };
        let by = self.rules.or_built_in(pack.clone())?;
        Ok(Looked {
            found: current.and_then(|item| rules::checked(&by, item)),
            pack,
        })
    }

    /// Whether the caller had a hand in the text since one was last established, also by a token that they made.
    async fn wrote(&self, concept: ConceptId) -> Result<bool, Refusal> {
        let since = "SELECT act FROM trail WHERE concept = $1 AND account IN (SELECT acted_as($2)) AND version > \
             coalesce((SELECT max(version) FROM trail WHERE concept = $1 AND act = 'accepted'), 0)";
        let rows = self
            .transaction
            .query(since, &[&concept.0, &self.holder.account])
            .await?;
        let deed = |row: &Row| serde_json::from_value(row.get::<_, String>(0).into());
        let deeds = rows.iter().map(deed).collect::<Result<Vec<Deed>, _>>()?;
        Ok(deeds.into_iter().any(Deed::is_of_author))
    }

    fn caller(&self) -> Caller<'_> {
        Caller {
            organisation: &self.holder.organisation,
            role: self.holder.role,
        }
    }

    /// Does what was decided.
    async fn done(
        &mut self,
        command: &Command,
        decision: Decision,
        looked: Looked,
    ) -> Result<Outcome, Refusal> {
        let item = self.concepts.get(&command.concept).cloned().map(Box::new);
        Ok(match (decision, item) {
            (Decision::Write(next), _) => self.write(command, *next, looked.found).await?,
            (Decision::Same, Some(item)) => Outcome::Same { item },
            (Decision::Stale(fields), Some(item)) => Outcome::Stale { item, fields },
            (Decision::Refuse(why), item) => Outcome::Refused {
                why,
                item,
                rules: match why {
                    Why::Blocking => blocking(looked.found.as_ref(), command),
                    Why::OtherRules => looked.version(),
                    _ => Vec::new(),
                },
            },
            (Decision::Same | Decision::Stale(_), None) => return Err(Refusal::Fault),
        })
    }

    async fn write(
        &mut self,
        command: &Command,
        next: Next,
        found: Option<Checked>,
    ) -> Result<Outcome, Refusal> {
        let (merged, replaced) = (next.merged, next.replaced);
        let was = self.concepts.get(&command.concept).cloned();
        let item = Item {
            id: command.concept,
            version: next.version,
            sequence: self.sequence + 1,
            owner: next.owner,
            sharing: next.sharing,
            deleted: next.deleted,
            texts: next.texts,
            // What a workstation calls its user stands in the trail alone.
            author: self.holder.name.clone(),
            organisation: self.holder.organisation.clone(),
            at: self.now,
            review: next.review,
            rest: BTreeMap::new(),
        };
        let happened = Happened::by(command, was.as_ref(), found);
        if !self.keep(command, &item, was.as_ref(), happened).await? {
            // Somebody else's, and not for this organisation to see.
            let why = Why::NotAllowed;
            return Ok(Outcome::Refused {
                why,
                item: None,
                rules: Vec::new(),
            });
        }
        if let (Some(status), Some(id)) = (replaced, item.review.replaces) {
            self.replace(command, id, status).await?;
        }
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

    /// Gives the concept whose place is taken, or was to be, its status.
    async fn replace(
        &mut self,
        command: &Command,
        id: ConceptId,
        status: Status,
    ) -> Result<(), Refusal> {
        let was = self.concepts.get(&id).cloned().ok_or(Refusal::Fault)?;
        let mut item = Item {
            version: was.version + 1,
            sequence: self.sequence + 1,
            // What a workstation calls its user stands in the trail alone.
            author: self.holder.name.clone(),
            organisation: self.holder.organisation.clone(),
            at: self.now,
            ..was.clone()
        };
        item.texts.set("status", status.as_str().into());
        let happened = Happened::of(Deed::Replaced);
        match self.keep(command, &item, Some(&was), happened).await? {
            true => Ok(()),
            false => Err(Refusal::Fault),
        }
    }

    /// Keeps a version with its entry in the trail; `false` when the identity belongs to a concept
    /// that is hidden.
    async fn keep(
        &mut self,
        command: &Command,
        item: &Item,
        was: Option<&Item>,
        happened: Happened,
    ) -> Result<bool, Refusal> {
        let body = serde_json::to_string(item)?;
        if !self.write_concept(item, &body).await? {
            return Ok(false);
        }
        let sql = "INSERT INTO revision \
                   (concept, version, organisation, account, at, deleted, reason, item) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        self.transaction
            .execute(
                &self.transaction.prepare_cached(sql).await?,
                &[
                    &item.id.0,
                    &number(item.version)?,
                    &item.organisation,
                    &self.holder.account,
                    &item.at,
                    &item.deleted,
                    &command.reason,
                    &body,
                ],
            )
            .await?;
        let entry = happened.entry(self.holder, command, item, was, &body);
        self.trail.write(self.transaction, entry).await?;
        self.sequence = item.sequence;
        self.concepts.insert(item.id, item.clone());
        Ok(true)
    }

    /// Writes the latest version; `false` when the identity belongs to a concept that is hidden.
    async fn write_concept(&self, item: &Item, body: &str) -> Result<bool, Refusal> {
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
                &self.transaction.prepare_cached(sql).await?,
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
                    &body,
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

async fn concepts(
    transaction: &Transaction<'_>,
    ids: &[Uuid],
) -> Result<HashMap<ConceptId, Item>, Refusal> {
    let sql = "SELECT item FROM concept WHERE id = ANY ($1)";
    let rows = transaction
        .query(&transaction.prepare_cached(sql).await?, &[&ids])
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
    let sql = "SELECT key, digest, answer FROM command WHERE organisation = $1 AND key = ANY ($2)";
    let rows = transaction
        .query(
            &transaction.prepare_cached(sql).await?,
            &[&holder.organisation, &keys],
        )
        .await?;
    let read = |row: &Row| -> Result<_, Refusal> {
        Ok((row.get(0), (row.get(1), serde_json::from_str(row.get(2))?)))
    };
    rows.iter().map(read).collect()
}

/// The rules that keep a text from being established, by either end's check.
fn blocking(found: Option<&Checked>, command: &Command) -> Vec<String> {
    let said = match &command.act {
        Act::Accept { checked } => Some(checked),
        _ => None,
    };
    let failing = found
        .into_iter()
        .chain(said)
        .flat_map(|found| &found.failing);
    let rules: BTreeSet<&String> = failing
        .filter(|failing| failing.blocking)
        .map(|failing| &failing.rule)
        .collect();
    rules.into_iter().cloned().collect()
}

fn number(version: u32) -> Result<i32, Refusal> {
    i32::try_from(version).map_err(|_| Refusal::Fault)
}
