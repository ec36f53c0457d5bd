//! Making tokens, and telling who holds one.
//!
//! A token is `begrip_`, the number under which its hash is kept, `_` and 32 random bytes. It is told
//! once. Who held a token is remembered for half a minute and not beyond its end, and forgotten at once when the database says that tokens have
//! changed: then the database is asked again. Checking the hash takes tens of milliseconds of a processor by design, so
//! that a secret was right for a hash is remembered as long as there is room: five hundred people who each ask once in
//! half a minute would keep a core busy with it. Any other text may be a token of the issuer, which `identity` knows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use argon2::password_hash::{Output, PasswordHash, PasswordHasher, SaltString};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use begrip_sync::Role;
use deadpool_postgres::Pool;
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::identity::Identity;
use crate::refusal::Refusal;

/// How long it is remembered who holds a token.
pub const REMEMBERED: Duration = Duration::from_secs(30);

/// Tokens that are remembered at most.
const MOST: usize = 10_000;

/// Hashes that are checked at one time: each takes 19 MB and a core.
const AT_ONCE: usize = 2;

/// Tokens that are looked for in the database at one time before their secret was ever right.
const LOOKING: usize = 4;

/// How long somebody waits for such a check, or look.
const PATIENCE: Duration = Duration::from_secs(3);

/// Who asks.
#[derive(Debug)]
pub struct Holder {
    pub account: Uuid,
    pub name: String,
    pub organisation: String,
    pub role: Role,
    pub by: By,
}

/// By what it was seen who asks.
#[derive(Debug)]
pub enum By {
    /// A token of our own, by its number.
    Token(Uuid),
    /// A token of the issuer, about this person, which ends then.
    Issuer { subject: String, until: Instant },
}

impl Holder {
    /// Whom a row tells of by `account`, `name`, `organisation` and `role`. Error: a role that is unknown here.
    pub fn of(row: &Row, by: By) -> Result<Self, Refusal> {
        Ok(Self {
            account: row.get("account"),
            name: row.get("name"),
            organisation: row.get("organisation"),
            role: Role::parse(row.get("role")).ok_or(Refusal::SignIn)?,
            by,
        })
    }
}

impl By {
    /// The number of a token of our own.
    pub fn token(&self) -> Option<Uuid> {
        match self {
            Self::Token(id) => Some(*id),
            Self::Issuer { .. } => None,
        }
    }
}

/// A new token with its number and the hash to keep.
pub fn make() -> anyhow::Result<(Uuid, String, String)> {
    let mut secret = [0_u8; 32];
    let mut salt = [0_u8; 16];
    for bytes in [&mut secret[..], &mut salt[..]] {
        getrandom::fill(bytes).map_err(|error| anyhow::anyhow!("{error}"))?;
    }
    let id = Uuid::new_v4();
    let secret: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let salt = SaltString::encode_b64(&salt).map_err(|error| anyhow::anyhow!("{error}"))?;
    let hash = Argon2::default()
        .hash_password(secret.as_bytes(), &salt)
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok((
        id,
        format!("begrip_{}_{secret}", id.simple()),
        hash.to_string(),
    ))
}

/// The number and the secret of a token; `None` for what is none.
fn parts(token: &str) -> Option<(Uuid, &str)> {
    let (id, secret) = token.strip_prefix("begrip_")?.split_once('_')?;
    let hex = |text: &str, len| text.len() == len && text.bytes().all(|b| b.is_ascii_hexdigit());
    (hex(id, 32) && hex(secret, 64)).then_some((Uuid::parse_str(id).ok()?, secret))
}

/// Whether a secret has this hash. `memory` is made as large as that takes, and can be used again.
fn is_right(hash: &str, secret: &str, memory: &mut Vec<Block>) -> bool {
    let checked = || -> argon2::password_hash::Result<bool> {
        let hash = PasswordHash::new(hash)?;
        let (Some(salt), Some(expected)) = (hash.salt, hash.hash) else {
            return Ok(false);
        };
        let algorithm = Algorithm::try_from(hash.algorithm)?;
        let version = hash.version.map_or(Ok(Version::V0x13), Version::try_from)?;
        let params = Params::try_from(&hash)?;
        if memory.len() < params.block_count() {
            memory.resize(params.block_count(), Block::default());
        }
        let mut salted = [0; argon2::password_hash::Salt::MAX_LENGTH];
        let salt = salt.decode_b64(&mut salted)?;
        let found = Output::init_with(expected.len(), |out| {
            let argon2 = Argon2::new(algorithm, version, params);
            Ok(argon2.hash_password_into_with_memory(secret.as_bytes(), salt, out, memory)?)
        })?;
        // In constant time.
        Ok(found == expected)
    };
    checked().unwrap_or(false)
}

/// So many seconds; none for what has passed already.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

/// What is remembered of a token, by its digest.
type Known = HashMap<[u8; 32], Kept>;

struct Kept {
    holder: Arc<Holder>,
    /// After that the database is asked again whether it still holds.
    until: Instant,
    /// The hash that its secret was found right for; none of a token of the issuer.
    proof: Option<String>,
}

/// Tells who holds a token.
pub struct Tokens {
    known: Mutex<Known>,
    checking: Arc<Semaphore>,
    /// Who looks for a token that was not proved yet.
    looking: Arc<Semaphore>,
    /// Memory for those checks, kept: 19 MB anew for each, on whichever thread, is memory that the
    /// allocator does not give back, gigabytes of it after an hour with a hundred users.
    room: Arc<Mutex<Vec<Vec<Block>>>>,
    /// How often was forgotten: what was read before is not remembered after.
    forgotten: watch::Sender<u64>,
    identity: Option<Identity>,
}

impl Tokens {
    /// With the issuer whose tokens are believed beside our own, if there is one.
    pub fn new(identity: Option<Identity>) -> Self {
        Self {
            known: Mutex::default(),
            checking: Arc::new(Semaphore::new(AT_ONCE)),
            looking: Arc::new(Semaphore::new(LOOKING)),
            room: Arc::default(),
            forgotten: watch::Sender::new(0),
            identity,
        }
    }

    /// The issuer whose tokens are believed beside our own.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Who holds a token. Errors: nobody, or the database or the issuer cannot be asked.
    pub async fn holder(&self, pool: &Pool, token: &str) -> Result<Arc<Holder>, Refusal> {
        let name: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        if let Some(holder) = self.remembered(&name) {
            return Ok(holder);
        }
        match (parts(token), &self.identity) {
            (Some((id, secret)), _) => self.own(pool, name, id, secret).await,
            (None, Some(identity)) => {
                let before = *self.forgotten.borrow();
                let (holder, holds) = identity.holder(pool, token).await?;
                Ok(self.remember(name, holder, None, holds, before))
            }
            (None, None) => Err(Refusal::SignIn),
        }
    }

    /// Who holds a token of our own.
    async fn own(
        &self,
        pool: &Pool,
        name: [u8; 32],
        id: Uuid,
        secret: &str,
    ) -> Result<Arc<Holder>, Refusal> {
        // Made-up tokens have few of the lines to the database to themselves.
        let one_of_few = match self.was_proved(&name) {
            true => None,
            false => Some(self.patiently(&self.looking).await?),
        };
        let before = *self.forgotten.borrow();
        let client = pool.get().await?;
        let query = "SELECT hash, account, name, organisation, role, ends_in FROM find_token($1)";
        let asked = Instant::now();
        let row = client
            .query_opt(query, &[&id])
            .await?
            .ok_or(Refusal::SignIn)?;
        drop(client);
        drop(one_of_few);
        let hash: String = row.get("hash");
        let ends_in: Option<f64> = row.get("ends_in");
        // Whose secret was right before need not wait for others' checks, and who made a number up has no turn.
        if !self.proved(&name, &hash) {
            let turn = self.patiently(&self.checking).await?;
            // Others with the same token may have waited for the same answer.
            if let Some(holder) = self.remembered(&name) {
                return Ok(holder);
            }
            if !self.check(hash.clone(), secret.to_owned(), turn).await {
                return Err(Refusal::SignIn);
            }
        }
        let holder = Holder::of(&row, By::Token(id))?;
        // The answer and checking took some of it.
        let holds = ends_in.map_or(REMEMBERED, seconds);
        let holds = holds.saturating_sub(asked.elapsed());
        Ok(self.remember(name, holder, Some(hash), holds, before))
    }

    /// A turn at what few may do at one time. Error: too many wait for theirs.
    async fn patiently(&self, few: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Refusal> {
        let turn = Arc::clone(few).acquire_owned();
        match tokio::time::timeout(PATIENCE, turn).await {
            Ok(turn) => turn.map_err(|_| Refusal::Stopping),
            Err(_) => Err(Refusal::Busy),
        }
    }

    /// Whether a secret has this hash.
    async fn check(&self, hash: String, secret: String, turn: OwnedSemaphorePermit) -> bool {
        let room = Arc::clone(&self.room);
        let right = tokio::task::spawn_blocking(move || {
            let taken = || room.lock().unwrap_or_else(PoisonError::into_inner);
            let mut memory = taken().pop().unwrap_or_default();
            let right = is_right(&hash, &secret, &mut memory);
            taken().push(memory);
            // Held until here, also when whoever asked is gone: so many checks and no more.
            drop(turn);
            right
        });
        right.await.unwrap_or(false)
    }

    /// Remembers who holds a token, for as long as it holds and not for long, unless was forgotten since
    /// `before`.
    fn remember(
        &self,
        name: [u8; 32],
        holder: Holder,
        proof: Option<String>,
        holds: Duration,
        before: u64,
    ) -> Arc<Holder> {
        let holder = Arc::new(holder);
        let mut known = self.lock();
        let now = Instant::now();
        if known.len() >= MOST && !known.contains_key(&name) {
            known.retain(|_, kept| kept.proof.is_some() || kept.until > now);
            // Some and not all, so that not everybody's hash is checked at one time; which ones is chance.
            let mut too_many = match known.len() >= MOST {
                true => MOST / 8,
                false => 0,
            };
            known.retain(|_, _| {
                let stays = too_many == 0;
                too_many -= usize::from(!stays);
                stays
            });
        }
        let kept = Kept {
            holder: Arc::clone(&holder),
            until: match *self.forgotten.borrow() == before {
                true => now + holds.min(REMEMBERED),
                false => now,
            },
            proof,
        };
        known.insert(name, kept);
        holder
    }

    /// Forgets who held what: something about tokens or accounts has changed. That a secret was right for a hash stays
    /// so, and counts only for whom the database still names with that hash.
    pub fn forget(&self) {
        let mut known = self.lock();
        known.retain(|_, kept| kept.proof.is_some());
        let now = Instant::now();
        known.values_mut().for_each(|kept| kept.until = now);
        self.forgotten.send_modify(|times| *times += 1);
    }

    /// Tells of each time that something about tokens or accounts has changed, from now on.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.forgotten.subscribe()
    }

    /// Of each who was seen to ask, whether they may still do so, as the same user with the same role. Asks the database
    /// and not for the secret, which was right. Errors: the database cannot be asked.
    pub async fn still<'a>(
        &self,
        pool: &Pool,
        holders: impl Iterator<Item = &'a Holder> + Clone,
    ) -> Result<Vec<bool>, Refusal> {
        let tokens: Vec<Uuid> = holders
            .clone()
            .filter_map(|holder| holder.by.token())
            .collect();
        let subjects: Vec<&str> = holders
            .clone()
            .filter_map(|holder| match &holder.by {
                By::Token(_) => None,
                By::Issuer { subject, .. } => Some(subject.as_str()),
            })
            .collect();
        let issuer = self.identity.as_ref().map(Identity::issuer);
        let client = pool.get().await?;
        let sql = "SELECT token, '', account, role FROM held_tokens($1) \
                   UNION ALL SELECT NULL, subject, account, role FROM held_identities($2, $3)";
        let rows = client.query(sql, &[&tokens, &issuer, &subjects]).await?;
        let row = |row: &Row| {
            let by: (Option<Uuid>, String) = (row.get(0), row.get(1));
            (by, (row.get::<_, Uuid>(2), row.get::<_, String>(3)))
        };
        let held: HashMap<_, _> = rows.iter().map(row).collect();
        let still = holders.map(|holder| {
            let by = match &holder.by {
                By::Token(id) => (Some(*id), String::new()),
                By::Issuer { until, .. } if Instant::now() >= *until => return false,
                By::Issuer { subject, .. } => (None, subject.clone()),
            };
            let now = held.get(&by);
            now.is_some_and(|(account, role)| {
                *account == holder.account && role == holder.role.as_str()
            })
        });
        Ok(still.collect())
    }

    fn remembered(&self, name: &[u8; 32]) -> Option<Arc<Holder>> {
        let known = self.lock();
        let kept = known.get(name)?;
        (Instant::now() < kept.until).then(|| Arc::clone(&kept.holder))
    }

    /// Whether the secret of this token was right for a hash.
    fn was_proved(&self, name: &[u8; 32]) -> bool {
        let known = self.lock();
        known.get(name).is_some_and(|kept| kept.proof.is_some())
    }

    /// Whether it was right for this one.
    fn proved(&self, name: &[u8; 32], hash: &str) -> bool {
        let known = self.lock();
        let proof = known.get(name).and_then(|kept| kept.proof.as_deref());
        proof == Some(hash)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_kept_as_an_argon2id_hash_of_its_secret() {
        let (id, token, hash) = make().unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let (found, secret) = parts(&token).unwrap();
        assert_eq!(found, id);
        // The memory of one check serves the next, whatever stands in it.
        let mut memory = Vec::new();
        for (secret, right) in [
            (secret, true),
            ("another", false),
            ("", false),
            (secret, true),
        ] {
            assert_eq!(is_right(&hash, secret, &mut memory), right);
            assert_eq!(memory.len(), 19_456);
        }
        assert!(!is_right("no hash", secret, &mut memory));
    }

    #[test]
    fn who_held_a_token_is_forgotten_and_that_its_secret_was_right_is_not() {
        let tokens = Tokens::new(None);
        let holder = |by| Holder {
            account: Uuid::nil(),
            name: "Anna".to_owned(),
            organisation: "OM".to_owned(),
            role: Role::Author,
            by,
        };
        let (own, issued) = ([1; 32], [2; 32]);
        let proof = Some("hash".to_owned());
        tokens.remember(
            own,
            holder(By::Token(Uuid::nil())),
            proof.clone(),
            REMEMBERED,
            0,
        );
        let by = By::Issuer {
            subject: "a".to_owned(),
            until: Instant::now() + REMEMBERED,
        };
        tokens.remember(issued, holder(by), None, REMEMBERED, 0);
        assert!(tokens.remembered(&own).is_some() && tokens.remembered(&issued).is_some());
        tokens.forget();
        assert!(tokens.remembered(&own).is_none() && tokens.remembered(&issued).is_none());
        // Of another secret under the same number nothing is known, nor for another hash.
        assert!(tokens.proved(&own, "hash") && !tokens.proved(&own, "another"));
        assert!(!tokens.proved(&issued, "hash"));
        assert!(!tokens.proved(&[3; 32], "hash"));
        // What was read before it was forgotten is asked again.
        tokens.remember(own, holder(By::Token(Uuid::nil())), proof, REMEMBERED, 0);
        assert!(tokens.remembered(&own).is_none());
    }

    #[test]
    fn with_no_room_left_few_proofs_are_forgotten_and_first_what_does_not_hold_any_more() {
        let tokens = Tokens::new(None);
        let remember = |number: usize, holds, proof: Option<&str>| {
            let holder = Holder {
                account: Uuid::nil(),
                name: "Anna".to_owned(),
                organisation: "OM".to_owned(),
                role: Role::Author,
                by: By::Token(Uuid::nil()),
            };
            let mut name = [0; 32];
            name[..8].copy_from_slice(&number.to_le_bytes());
            tokens.remember(name, holder, proof.map(str::to_owned), holds, 0);
            name
        };
        let proved = || {
            let known = tokens.lock();
            known.values().filter(|kept| kept.proof.is_some()).count()
        };
        // Half are of the issuer and do not hold any more: they make all the room.
        let half = MOST / 2;
        for number in 0..half {
            remember(number, Duration::ZERO, None);
            remember(half + number, REMEMBERED, Some("hash"));
        }
        remember(MOST, REMEMBERED, Some("hash"));
        assert_eq!(tokens.lock().len(), half + 1);
        assert_eq!(proved(), half + 1);
        for number in MOST + 1..MOST + half {
            remember(number, REMEMBERED, Some("hash"));
        }
        // One that is known already takes no room.
        remember(MOST, REMEMBERED, Some("hash"));
        assert_eq!(proved(), MOST);
        let last = remember(2 * MOST, REMEMBERED, Some("hash"));
        assert!(tokens.remembered(&last).is_some());
        assert_eq!(proved(), MOST - MOST / 8 + 1);
    }

    #[test]
    fn what_is_no_token_is_not_looked_up() {
        let (_, token, _) = make().unwrap();
        for wrong in [
            "",
            "begrip_",
            "begrip_1_2",
            &token[1..],
            &token[..token.len() - 1],
            &format!("{token}0"),
        ] {
            assert!(parts(wrong).is_none(), "{wrong}");
        }
    }
}
