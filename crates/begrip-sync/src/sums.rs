//! Counts and checksums by range: whether two ends hold the same.
//!
//! A sum is the count of the concepts of a range and the sum, modulo 2^64, of a mark for each. It
//! does not depend on order, grows by addition alone, and a database adds it up by itself.

use begrip_domain::ConceptId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::texts::Texts;

/// How many ranges there are. A range is what is read again when it differs: small enough to be cheap
/// and few enough to be compared each time.
pub const RANGES: u8 = 16;

/// The range of a concept: the last four bits of its identity, which are random in every version of
/// UUID that we make.
pub fn range_of(id: ConceptId) -> u8 {
    id.0.as_bytes()[15] & (RANGES - 1)
}

/// What a concept adds to the sum of its range.
pub(crate) fn mark(id: ConceptId, version: u32, deleted: bool, texts: &Texts) -> u64 {
    let mut hash = Sha256::new();
    hash.update(id.0.as_bytes());
    hash.update(version.to_be_bytes());
    hash.update([u8::from(deleted)]);
    hash.update(texts.digest());
    let digest: [u8; 32] = hash.finalize().into();
    digest[..8]
        .iter()
        .fold(0, |mark, byte| mark << 8 | u64::from(*byte))
}

/// The sum of a range. On the wire the checksum is 16 hexadecimal digits: not every reader of JSON
/// has whole numbers of 64 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Concepts, tombstones too.
    pub count: u32,
    /// The sum of their marks.
    #[serde(serialize_with = "write_hex", deserialize_with = "read_hex")]
    pub sum: u64,
}

fn write_hex<S: Serializer>(sum: &u64, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&format!("{sum:016x}"))
}

fn read_hex<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let text = String::deserialize(from)?;
    u64::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
}

/// The sums of all ranges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums([Sum; RANGES as usize]);

impl Sums {
    /// Adds a concept with its mark.
    pub fn add(&mut self, id: ConceptId, mark: u64) {
        let range = &mut self.0[usize::from(range_of(id))];
        range.count += 1;
        range.sum = range.sum.wrapping_add(mark);
    }

    /// Puts the sum of a whole range in; a range that does not exist changes nothing.
    pub fn set(&mut self, range: u8, sum: Sum) {
        if let Some(place) = self.0.get_mut(usize::from(range)) {
            *place = sum;
        }
    }

    /// A sum for each range.
    pub fn as_slice(&self) -> &[Sum] {
        &self.0
    }

    /// The ranges in which these sums differ from those of the other end.
    pub fn differing(&self, other: &[Sum]) -> Vec<u8> {
        (0..RANGES)
            .filter(|range| self.0.get(usize::from(*range)) != other.get(usize::from(*range)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        #[test]
        fn order_does_not_matter_and_every_difference_shows(
            ids in proptest::collection::vec(any::<u128>(), 1..40),
            changed in any::<proptest::sample::Index>(),
        ) {
            let sums = |ids: &[(u128, u64)]| {
                let mut sums = Sums::default();
                ids.iter().for_each(|(id, mark)| sums.add(ConceptId(Uuid::from_u128(*id)), *mark));
                sums
            };
            let mut marked: Vec<_> = ids.iter().map(|id| (*id, (*id >> 7) as u64)).collect();
            let one = sums(&marked);
            marked.reverse();
            prop_assert_eq!(one, sums(&marked));
            let at = changed.index(marked.len());
            marked[at].1 ^= 1;
            let other = sums(&marked);
            let range = range_of(ConceptId(Uuid::from_u128(marked[at].0)));
            prop_assert_eq!(one.differing(other.as_slice()), vec![range]);
        }
    }

    #[test]
    fn a_mark_changes_with_everything_in_it() {
        let id = |n| ConceptId(Uuid::from_u128(n));
        let texts = |term: &str| -> Texts {
            serde_json::from_value(serde_json::json!({"term": term})).unwrap()
        };
        let own = mark(id(1), 1, false, &texts("a"));
        for other in [
            mark(id(2), 1, false, &texts("a")),
            mark(id(1), 2, false, &texts("a")),
            mark(id(1), 1, true, &texts("a")),
            mark(id(1), 1, false, &texts("b")),
        ] {
            assert_ne!(own, other);
        }
    }

    #[test]
    fn a_checksum_travels_as_hexadecimal_digits() {
        let sum = Sum {
            count: 1,
            sum: u64::MAX - 1,
        };
        let text = serde_json::to_string(&sum).unwrap();
        assert_eq!(text, r#"{"count":1,"sum":"fffffffffffffffe"}"#);
        assert_eq!(serde_json::from_str::<Sum>(&text).unwrap(), sum);
        assert!(serde_json::from_str::<Sum>(r#"{"count":1,"sum":"x"}"#).is_err());
    }

    #[test]
    fn sums_of_a_server_with_fewer_ranges_differ_and_harm_nothing() {
        assert_eq!(Sums::default().differing(&[]).len(), usize::from(RANGES));
    }
}
