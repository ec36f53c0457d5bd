//! What is kept, and the tiers that keep it.

use std::borrow::Cow;
use std::sync::Arc;

use begrip_cache::{Bounded, Cache};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::answer::Usage;
use crate::key::Key;
use crate::request::DataClass;

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The whole text.
    pub text: String,
    /// Where each streamed piece ends: byte offsets in `text`, rising, the last one its length.
    pub piece_ends: Vec<u32>,
    /// The model that answered, by its own word.
    pub model: String,
    /// The tokens that it took, and that each use of this entry saves.
    pub usage: Usage,
    /// When it was answered.
    pub answered_at: Timestamp,
    /// The id under which the call that gave it went out, as far as it is known.
    #[serde(default)]
    pub request_id: Option<String>,
    /// What it can be removed by.
    pub tags: Tags,
}

impl Stored {
    /// The pieces in which the text was streamed.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        let mut from = 0;
        self.piece_ends.iter().filter_map(move |end| {
            let end = *end as usize;
            // Offsets from a damaged file could lie inside a character: then nothing is shown
            // piece by piece, and the whole text still stands in the answer.
            let piece = self.text.get(from..end);
            from = end;
            piece
        })
    }

    /// The form in which a disk keeps it: a mark of the form, what goes with the text as JSON, the
    /// length of each piece, the text. Short and quick to read.
    ///
    /// # Errors
    /// None that can come about; JSON could tell one.
    pub fn to_bytes(&self) -> Result<Vec<u8>, TierError> {
        let head = Head {
            model: Cow::Borrowed(&self.model),
            usage: self.usage,
            answered_at: self.answered_at,
            request_id: self.request_id.as_deref().map(Cow::Borrowed),
            tags: Cow::Borrowed(&self.tags),
        };
        let head = serde_json::to_vec(&head).map_err(|error| TierError(error.to_string()))?;
        let mut bytes =
            Vec::with_capacity(head.len() + self.text.len() + self.piece_ends.len() + 16);
        bytes.push(FORM);
        write_number(&mut bytes, head.len());
        bytes.extend(head);
        write_number(&mut bytes, self.piece_ends.len());
        let mut from = 0;
        for end in &self.piece_ends {
            write_number(&mut bytes, end.saturating_sub(from) as usize);
            from = *end;
        }
        bytes.extend(self.text.as_bytes());
        Ok(bytes)
    }

    /// Reads that form; none for what is damaged or of another form.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&[FORM])?;
        let length = read_number(&mut rest)?;
        let head: Head<'_> = serde_json::from_slice(rest.get(..length)?).ok()?;
        rest = rest.get(length..)?;
        let pieces = read_number(&mut rest)?;
        // Each takes a byte at least: no damage makes this ask for more room than the entry has.
        let mut piece_ends = Vec::with_capacity(pieces.min(rest.len()));
        let mut end = 0_u32;
        for _ in 0..pieces {
            end = end.checked_add(u32::try_from(read_number(&mut rest)?).ok()?)?;
            piece_ends.push(end);
        }
        Some(Self {
            text: std::str::from_utf8(rest).ok()?.to_owned(),
            piece_ends,
            model: head.model.into_owned(),
            usage: head.usage,
            answered_at: head.answered_at,
            request_id: head.request_id.map(Cow::into_owned),
            tags: head.tags.into_owned(),
        })
    }

    /// Bytes that it takes in memory, about.
    pub(crate) fn weight(&self) -> u32 {
        // The structure itself, the key and the cache's own bookkeeping, about.
        const FRAME: usize = 400;
        let tags = &self.tags;
        let texts = [
            self.text.len(),
            self.piece_ends.len() * 4,
            self.model.len(),
            self.request_id.as_ref().map_or(0, String::len),
            tags.term.as_ref().map_or(0, String::len),
            tags.model.len() + tags.prompt_version.len(),
            tags.pack_version.len() + tags.organisation.len(),
        ];
        u32::try_from(texts.iter().sum::<usize>() + FRAME).unwrap_or(u32::MAX)
    }
}

/// Changes with the form of [`Stored::to_bytes`]; none of JSON's first bytes.
const FORM: u8 = 1;

#[derive(Serialize, Deserialize)]
struct Head<'a> {
    model: Cow<'a, str>,
    usage: Usage,
    answered_at: Timestamp,
    #[serde(default)]
    request_id: Option<Cow<'a, str>>,
    tags: Cow<'a, Tags>,
}

/// Seven bits a byte, the lowest first.
fn write_number(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read_number(rest: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for shift in [0, 7, 14, 21, 28] {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// What an entry can be found by when it has to be removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    /// The term that was asked about, as given in the request.
    pub term: Option<String>,
    /// The model that was asked.
    pub model: String,
    /// The version of the prompt's wording.
    pub prompt_version: String,
    /// The version of the rule pack.
    pub pack_version: String,
    /// The organisation that asked.
    pub organisation: String,
    /// What kind of text the question held.
    pub data_class: DataClass,
}

/// Which entries to remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// All of them.
    All,
    /// This one.
    Entry(Key),
    /// Those about this term, in exactly this form.
    Term(String),
    /// Those that this model was asked for.
    Model(String),
    /// Those of this version of the prompt's wording.
    PromptVersion(String),
    /// Those of this version of the rule pack.
    PackVersion(String),
    /// Those of this organisation.
    Organisation(String),
    /// Those answered before this time.
    AnsweredBefore(Timestamp),
}

impl Selector {
    /// Whether an entry is one of those to remove.
    pub fn picks(&self, key: &Key, stored: &Stored) -> bool {
        let tags = &stored.tags;
        match self {
            Self::All => true,
            Self::Entry(wanted) => wanted == key,
            Self::Term(term) => tags.term.as_ref() == Some(term),
            Self::Model(model) => tags.model == *model,
            Self::PromptVersion(version) => tags.prompt_version == *version,
            Self::PackVersion(version) => tags.pack_version == *version,
            Self::Organisation(organisation) => tags.organisation == *organisation,
            Self::AnsweredBefore(time) => stored.answered_at < *time,
        }
    }
}

/// A tier that outlives the program. Calls may block for as long as a local disk takes. An entry is
/// found whatever its age, and kept durably.
pub trait DiskTier: Cache<Key = Key, Value = Stored, Error = TierError> {
    /// Removes entries and tells how many there were.
    ///
    /// # Errors
    /// When the tier cannot be written.
    fn remove_picked(&self, selector: &Selector) -> Result<u64, TierError>;

    /// Rises whenever entries are removed, by this program or by another one that shares the tier:
    /// what is held in memory may be out of date then. Asked at every look-up: must be cheap.
    fn removals(&self) -> u64;
}

/// A tier that cannot be read or written. It never fails a question: the answer is asked instead.
#[derive(Debug, Error)]
#[error("the cache tier cannot be used: {0}")]
pub struct TierError(pub String);

/// The tier in memory.
///
/// Entries have no expiry of their own here: an outdated one is still shown offline, and whether
/// it is outdated is decided with the caller's clock.
pub(crate) type MemoryTier = Bounded<Key, Arc<Stored>>;

/// An empty one that holds this many bytes at most.
pub(crate) fn memory(bytes: u64) -> MemoryTier {
    Bounded::new(bytes, |_, stored| stored.weight())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> Stored {
        Stored {
            text: "privé — „beslissing”".repeat(20),
            piece_ends: vec![3, 3, 200, 470],
            model: "gpt-4o-2024".to_owned(),
            usage: Usage {
                tokens_in: 812,
                tokens_out: 240,
                tokens_cached: 128,
                counted_here: false,
            },
            answered_at: Timestamp::from_millisecond(1_795_000_000_123).unwrap(),
            request_id: Some("0193".to_owned()),
            tags: Tags {
                term: Some("vonnis".to_owned()),
                model: "gpt-4o".to_owned(),
                prompt_version: "3".to_owned(),
                pack_version: "2026.2".to_owned(),
                organisation: "OM".to_owned(),
                data_class: DataClass::General,
            },
        }
    }

    #[test]
    fn the_tier_in_memory_keeps_the_promises_of_a_cache() {
        let entry = |number: u32| {
            let mut stored = stored();
            stored.model = number.to_string();
            let mut key = Key::default();
            key[..4].copy_from_slice(&number.to_le_bytes());
            (key, Arc::new(stored))
        };
        begrip_cache::contract::holds(&memory(20_000), entry, |stored| stored.model.clone());
    }

    #[test]
    fn an_entry_comes_back_from_its_bytes_as_it_was() {
        let stored = stored();
        let bytes = stored.to_bytes().unwrap();
        assert_eq!(Stored::from_bytes(&bytes), Some(stored.clone()));
        let json = serde_json::to_vec(&stored).unwrap();
        assert!(bytes.len() < json.len(), "{} {}", bytes.len(), json.len());
        assert_eq!(Stored::from_bytes(&json), None, "another form");
    }

    #[test]
    fn damaged_bytes_are_no_entry_or_another_text_and_never_a_fault() {
        let bytes = stored().to_bytes().unwrap();
        for end in 0..bytes.len() {
            let _ = Stored::from_bytes(&bytes[..end]).map(|stored| stored.pieces().count());
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0xff;
            let _ = Stored::from_bytes(&damaged).map(|stored| stored.pieces().count());
        }
        assert_eq!(Stored::from_bytes(&[]), None);
        assert_eq!(
            Stored::from_bytes(&[FORM, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
            None
        );
    }
}
