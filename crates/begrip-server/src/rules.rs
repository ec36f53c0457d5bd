//! By which rules this server checks. What the operator published for every workstation of an organisation is in
//! force there; where nothing is, what comes with the program is.

use std::sync::{Arc, OnceLock};

use begrip_cache::Bounded;
use begrip_rules::{Level, PackFile, RulePack, Subject};
use begrip_sync::{Checked, Failing, Item};
use deadpool_postgres::Transaction;
use uuid::Uuid;

use crate::refusal::Refusal;

/// Bytes that compiled rules may take, and what a compiled rule takes, about.
const ROOM: u64 = 16_000_000;
const USUAL_RULE: usize = 50_000;

/// Compiled rules: those of the program, and others by their number among what was published.
pub struct Rules {
    built_in: OnceLock<Arc<RulePack>>,
    published: Bounded<Uuid, Arc<RulePack>>,
}

impl Rules {
    pub fn new() -> Self {
        let weigh = |_: &Uuid, pack: &Arc<RulePack>| {
            (pack.rules().len() * USUAL_RULE)
                .try_into()
                .unwrap_or(u32::MAX)
        };
        Self {
            built_in: OnceLock::new(),
            published: Bounded::new(ROOM, weigh),
        }
    }

    /// The rules in force for the organisation that the transaction works for.
    pub async fn in_force(&self, transaction: &Transaction<'_>) -> Result<Arc<RulePack>, Refusal> {
        let published = self.published(transaction).await?;
        self.or_built_in(published)
    }

    /// These rules, and those of the program where none are published.
    pub fn or_built_in(&self, published: Option<Arc<RulePack>>) -> Result<Arc<RulePack>, Refusal> {
        published.map_or_else(|| self.built_in(), Ok)
    }

    /// The latest rules that were published for all workstations of the organisation. What is rolled out to some of them is
    /// for those.
    pub async fn published(
        &self,
        transaction: &Transaction<'_>,
    ) -> Result<Option<Arc<RulePack>>, Refusal> {
        let sql = "SELECT id FROM published WHERE kind = 'pack' AND percent = 100 \
                   ORDER BY place DESC LIMIT 1";
        let latest = transaction.prepare_cached(sql).await?;
        Ok(match transaction.query_opt(&latest, &[]).await? {
            Some(row) => Some(self.compiled(transaction, row.get(0)).await?),
            None => None,
        })
    }

    /// The rules that a check by version `said` must have been made by for a text to be established: this very version
    /// when it is in force or was published later for some workstations of the organisation, and else the one in force. So nobody
    /// establishes by older rules, and whoever got newer ones first goes by what they saw. Where nothing is published for all,
    /// no version is meant: workstations go by what comes with their program, of whatever release that is.
    pub async fn met_by(
        &self,
        transaction: &Transaction<'_>,
        said: &str,
    ) -> Result<Option<Arc<RulePack>>, Refusal> {
        let sql = "SELECT id FROM published WHERE kind = 'pack' AND percent > 0 AND version = $1 \
                   AND place >= (SELECT coalesce(max(place), 0) FROM published \
                                 WHERE kind = 'pack' AND percent = 100)";
        let newer = transaction.prepare_cached(sql).await?;
        Ok(match transaction.query_opt(&newer, &[&said]).await? {
            Some(row) => Some(self.compiled(transaction, row.get(0)).await?),
            None => self.published(transaction).await?,
        })
    }

    /// What was published under this number. Where this program cannot use it, the rules of the program hold, as on
    /// a workstation; a text is then established by nothing else.
    async fn compiled(
        &self,
        transaction: &Transaction<'_>,
        id: Uuid,
    ) -> Result<Arc<RulePack>, Refusal> {
        if let Some(pack) = self.published.get(&id) {
            return Ok(pack);
        }
        let sql = "SELECT document FROM published WHERE id = $1";
        let text: String = transaction.query_one(sql, &[&id]).await?.get(0);
        let pack = self.or_built_in(compiled(text).await)?;
        self.published.put(id, Arc::clone(&pack));
        Ok(pack)
    }

    /// What comes with this program, compiled once.
    fn built_in(&self) -> Result<Arc<RulePack>, Refusal> {
        if let Some(pack) = self.built_in.get() {
            return Ok(Arc::clone(pack));
        }
        let pack = RulePack::built_in().map_err(|error| {
            tracing::error!(%error, "the rules cannot be used");
            Refusal::Fault
        })?;
        Ok(Arc::clone(self.built_in.get_or_init(|| pack)))
    }
}

/// None when this program cannot use them.
async fn compiled(text: String) -> Option<Arc<RulePack>> {
    let compile = move || {
        let body = PackFile::parse(&text).and_then(|file| file.body());
        let pack = body.and_then(|body| Ok(RulePack::compile(body)?));
        pack.map(Arc::new)
    };
    match tokio::task::spawn_blocking(compile).await {
        Ok(Ok(pack)) => Some(pack),
        Ok(Err(error)) => {
            tracing::error!(%error, "published rules cannot be used");
            None
        }
        Err(_) => None,
    }
}

/// What these rules say of a text; `None` for one of a newer program. Rules about other concepts are asked on the
/// workstations, which hold them.
pub fn checked(pack: &RulePack, item: &Item) -> Option<Checked> {
    let (fields, _) = item.texts.read()?;
    let report = pack.check(&Subject::of(&fields));
    let failing = report.failures().map(|finding| Failing {
        rule: finding.rule.to_string(),
        blocking: finding.level == Level::Blocking,
        reason: finding.reason.clone(),
    });
    Some(Checked {
        text: item.texts.wording(),
        failing: failing.collect(),
        pack: report.pack_version.clone(),
    })
}
