//! One slot of the table of tokens: what the build writes and the program reads.

/// No token.
pub const FREE: u64 = 0;

/// Bits of a slot: a part of the hash, the rank, where the token begins, and its length in bytes.
const TAG: u32 = 12;
const RANK: u32 = 20;
const START: u32 = 24;
const LENGTH: u32 = 8;

/// FNV-1a, its halves laid over each other: the low bits alone are too much alike for short tokens.
pub fn hash(bytes: &[u8]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^ (hash >> 32)
}

/// The slot where the search for this hash begins, of a number of slots that is a power of two.
pub fn first(hash: u64, slots: usize) -> usize {
    (hash as usize) & (slots - 1)
}

/// The part of the hash that a slot holds: others than those that choose the slot.
const fn tag(hash: u64) -> u64 {
    hash >> (64 - TAG)
}

/// A slot, when everything fits into it.
#[allow(dead_code, reason = "the build alone writes them")]
pub fn pack(hash: u64, rank: usize, start: usize, length: usize) -> Option<u64> {
    let part = |value: usize, bits: u32| {
        let value = value as u64;
        (value < 1 << bits).then_some(value)
    };
    let length = part(length, LENGTH).filter(|length| *length > 0)?;
    let (rank, start) = (part(rank, RANK)?, part(start, START)?);
    Some(((tag(hash) << RANK | rank) << START | start) << LENGTH | length)
}

/// The rank, the start and the length of the token in a slot, when it can be one with this hash.
#[allow(dead_code, reason = "the program alone reads them")]
pub fn unpack(slot: u64, hash: u64) -> Option<(u32, usize, usize)> {
    let part = |bits: u32, below: u32| (slot >> below) & ((1 << bits) - 1);
    let told = part(TAG, RANK + START + LENGTH) == tag(hash);
    let rank = part(RANK, START + LENGTH) as u32;
    told.then(|| (rank, part(START, LENGTH) as usize, part(LENGTH, 0) as usize))
}
