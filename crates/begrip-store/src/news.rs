//! What became of the user's own proposals, until the user has seen it.

use begrip_domain::ConceptId;
use begrip_sync::{Asks, Decided, Item, Review, Signature};
use rusqlite::{Connection, params};

use crate::review::OwnAccount;
use crate::{Store, StoreError, review};

/// So many are given at once, the latest first; the others come when these were seen.
const MOST: u32 = 100;

/// What became of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewsKind {
    /// The text was established.
    Established,
    /// The concept was withdrawn, as was proposed.
    Withdrawn,
    /// The proposal was sent back.
    Returned,
    /// Somebody said something of it.
    Commented,
}

impl NewsKind {
    const ALL: [Self; 4] = [
        Self::Established,
        Self::Withdrawn,
        Self::Returned,
        Self::Commented,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Established => "established",
            Self::Withdrawn => "withdrawn",
            Self::Returned => "returned",
            Self::Commented => "commented",
        }
    }
}

/// Something that the user has not seen yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Names it; a later one has a higher number.
    pub number: i64,
    /// The concept.
    pub concept: ConceptId,
    /// Its term.
    pub term: String,
    /// What became of it.
    pub kind: NewsKind,
}

impl Store {
    /// What the user has not seen yet, the latest first; at most a hundred.
    pub fn news(&self) -> Result<Vec<News>, StoreError> {
        self.pool.count();
        self.pool.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT n.number, n.concept, n.kind, c.term FROM news n \
                 JOIN concept c ON c.id = n.concept ORDER BY n.number DESC LIMIT ?1",
            )?;
            let mut rows = query.query([MOST])?;
            let mut news = Vec::new();
            while let Some(row) = rows.next()? {
                let name: String = row.get(2)?;
                // Of a newer program: told by the program that knows it.
                let Some(kind) = NewsKind::ALL.into_iter().find(|kind| kind.name() == name) else {
                    continue;
                };
                news.push(News {
                    number: row.get(0)?,
                    concept: ConceptId(row.get(1)?),
                    term: row.get(3)?,
                    kind,
                });
            }
            Ok(news)
        })
    }

    /// Forgets what the user has seen. What came since has another number and stays.
    pub fn forget_news(&self, numbers: &[i64]) -> Result<(), StoreError> {
        let mut writer = self.pool.write();
        let transaction = writer.transaction()?;
        for number in numbers {
            transaction.execute("DELETE FROM news WHERE number = ?1", [number])?;
        }
        Ok(transaction.commit()?)
    }
}

/// Notes what an item tells of the user's own proposal that the one before did not.
pub(crate) fn note(
    connection: &Connection,
    before: &Review,
    item: &Item,
) -> Result<(), StoreError> {
    // Few items have a proposal: the account is read for those alone.
    let nothing = item.review.proposal.is_none() && item.review.decided.is_empty();
    if item.deleted || nothing {
        return Ok(());
    }
    let own = review::account(connection)?;
    for kind in since(before, &item.review, &own) {
        connection.execute(
            "DELETE FROM news WHERE concept = ?1 AND kind = ?2",
            params![item.id.0, kind.name()],
        )?;
        connection.execute(
            "INSERT INTO news (concept, kind) VALUES (?1, ?2)",
            params![item.id.0, kind.name()],
        )?;
    }
    Ok(())
}

/// What others did to proposals of this account since the concept stood as `before`, what was decided last at the end.
/// Between two syncs another proposal may have followed upon one that was decided.
fn since(before: &Review, after: &Review, own: &OwnAccount) -> Vec<NewsKind> {
    let is_own = |said: &Signature| said.by == own.name && said.organisation == own.organisation;
    let (known, decided) = (before.decisions(), after.decisions());
    let own: Vec<&Decided> = decided
        .iter()
        .filter(|decided| is_own(&decided.proposed))
        .collect();
    // Upon a proposal of this account: the latest, or one before it by when it was said, by the server's own clock.
    let is_latest = after
        .proposal
        .as_ref()
        .is_some_and(|proposal| is_own(&proposal.proposed));
    let upon_own = |said: &Signature| {
        let while_open =
            |of: &&Decided| (of.proposed.at..=of.verdict.signature.at).contains(&said.at);
        is_latest || own.iter().any(while_open)
    };
    let commented = after.comments.iter().any(|comment| {
        !before.comments.contains(comment) && !is_own(&comment.said) && upon_own(&comment.said)
    });
    let mut news: Vec<NewsKind> = commented
        .then_some(NewsKind::Commented)
        .into_iter()
        .collect();
    let new = own.iter().filter(|decided| !known.contains(decided));
    news.extend(new.map(|new| match (new.verdict.accepted, new.asks) {
        (false, _) => NewsKind::Returned,
        (true, Asks::Withdraw) => NewsKind::Withdrawn,
        (true, Asks::Establish | Asks::Replace) => NewsKind::Established,
    }));
    news
}
