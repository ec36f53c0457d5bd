//! Counting tokens as OpenAI's tokeniser does, from tables that stand in the program's file: nothing is loaded, and nothing
//! of them is held in memory but the pages of the file that are looked at.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::LazyLock;

use regex::Regex;

use crate::slot;

/// One encoding: how it cuts a text into pieces, and the tokens that pieces are made of.
pub(crate) struct Encoding {
    pieces: Result<Regex, regex::Error>,
    /// All tokens, one after the other.
    bytes: &'static [u8],
    /// Where each of them stands, by its hash; eight bytes a slot.
    slots: &'static [u8],
}

/// What stands between words: a run of white space leaves its last character to the word after it, which is told apart
/// below. Source of both: `tiktoken_ext/openai_public.py` of OpenAI's tiktoken, where this is `\s+(?!\S)`.
const SPACES: &str = r"\s+";

pub(crate) static O200K: LazyLock<Encoding> = LazyLock::new(|| {
    let ends = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";
    let pieces = [
        &format!(
            r"[^\r\n\p{{L}}\p{{N}}]?[\p{{Lu}}\p{{Lt}}\p{{Lm}}\p{{Lo}}\p{{M}}]*[\p{{Ll}}\p{{Lm}}\p{{Lo}}\p{{M}}]+{ends}"
        ),
        &format!(
            r"[^\r\n\p{{L}}\p{{N}}]?[\p{{Lu}}\p{{Lt}}\p{{Lm}}\p{{Lo}}\p{{M}}]+[\p{{Ll}}\p{{Lm}}\p{{Lo}}\p{{M}}]*{ends}"
        ),
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        SPACES,
    ];
    Encoding {
        pieces: anchored(&pieces),
        bytes: include_bytes!(concat!(env!("OUT_DIR"), "/o200k.bytes")),
        slots: include_bytes!(concat!(env!("OUT_DIR"), "/o200k.slots")),
    }
});

pub(crate) static CL100K: LazyLock<Encoding> = LazyLock::new(|| {
    let pieces = [
        "'(?i:[sdmt]|ll|ve|re)",
        r"[^\r\n\p{L}\p{N}]?\p{L}+",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n]*",
        r"\s+$",
        r"\s*[\r\n]",
        SPACES,
    ];
    Encoding {
        pieces: anchored(&pieces),
        bytes: include_bytes!(concat!(env!("OUT_DIR"), "/cl100k.bytes")),
        slots: include_bytes!(concat!(env!("OUT_DIR"), "/cl100k.slots")),
    }
});

/// Each piece begins where the one before it ends: every character is in one.
fn anchored(pieces: &[&str]) -> Result<Regex, regex::Error> {
    Regex::new(&format!("^(?:{})", pieces.join("|")))
}

impl Encoding {
    /// The number of tokens in a text.
    pub fn count(&self, text: &str) -> usize {
        let mut parts = Parts::default();
        let mut rest = text;
        let mut count = 0;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(self.piece(rest));
            count += match self.rank(piece.as_bytes()) {
                Some(_) => 1,
                None => parts.merged(self, piece.as_bytes()),
            };
            rest = after;
        }
        count
    }

    /// The length of the piece that a text begins with.
    fn piece(&self, text: &str) -> usize {
        let pieces = self.pieces.as_ref().ok();
        let end = pieces.and_then(|pieces| pieces.find(text)).map(|m| m.end());
        // There is always one.
        let end = end.unwrap_or(text.len());
        match text[..end].char_indices().next_back() {
            // Ends in white space, which is not that of lines, and a word follows.
            Some((last, spaces))
                if last > 0
                    && end < text.len()
                    && spaces.is_whitespace()
                    && !matches!(spaces, '\r' | '\n') =>
            {
                last
            }
            _ => end,
        }
    }

    /// The rank of a token.
    fn rank(&self, token: &[u8]) -> Option<u32> {
        let (slots, _) = self.slots.as_chunks::<8>();
        let hash = slot::hash(token);
        let mut at = slot::first(hash, slots.len());
        loop {
            let here = u64::from_le_bytes(*slots.get(at)?);
            if here == slot::FREE {
                return None;
            }
            if let Some((rank, start, length)) = slot::unpack(here, hash)
                && self.bytes.get(start..start + length) == Some(token)
            {
                return Some(rank);
            }
            at = (at + 1) & (slots.len() - 1);
        }
    }
}

/// No token is made of a part and the one after it.
const NONE: u32 = u32::MAX;

/// A piece in parts, which are put together two by two: the pair with the lowest rank first, and of those the one that
/// stands first. Kept from piece to piece for its room.
#[derive(Default)]
struct Parts {
    /// By where a part begins: where the next one does, and the one before it, and the rank of it and the next one together.
    parts: Vec<(usize, usize, u32)>,
    /// Pairs by rank and beginning; those whose rank is another one by now are passed over.
    pairs: BinaryHeap<Reverse<(u32, usize)>>,
}

impl Parts {
    /// How many tokens a piece is that is none itself.
    fn merged(&mut self, encoding: &Encoding, piece: &[u8]) -> usize {
        self.parts.clear();
        self.pairs.clear();
        let length = piece.len();
        self.parts
            .extend((0..length).map(|at| (at + 1, at.wrapping_sub(1), NONE)));
        for at in 0..length {
            self.rate(encoding, piece, at);
        }
        let mut count = length;
        while let Some(Reverse((rank, at))) = self.pairs.pop() {
            let (joined, before, now) = self.parts[at];
            if now != rank {
                continue;
            }
            count -= 1;
            let next = self.parts[joined].0;
            self.parts[at].0 = next;
            self.parts[joined].2 = NONE;
            if next < length {
                self.parts[next].1 = at;
            }
            self.rate(encoding, piece, at);
            if at > 0 {
                self.rate(encoding, piece, before);
            }
        }
        count
    }

    /// Ranks a part together with the one after it.
    fn rate(&mut self, encoding: &Encoding, piece: &[u8], at: usize) {
        let next = self.parts[at].0;
        let end = self.parts.get(next).map(|part| part.0);
        let rank = end.and_then(|end| encoding.rank(&piece[at..end]));
        self.parts[at].2 = rank.unwrap_or(NONE);
        if let Some(rank) = rank {
            self.pairs.push(Reverse((rank, at)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// OpenAI's own, as the crate that keeps to it counts.
    fn expected(text: &str) -> [usize; 2] {
        [
            tiktoken_rs::o200k_base_singleton(),
            tiktoken_rs::cl100k_base_singleton(),
        ]
        .map(|encoding| encoding.count_ordinary(text))
    }

    fn counted(text: &str) -> [usize; 2] {
        [&*O200K, &*CL100K].map(|encoding| encoding.count(text))
    }

    #[test]
    fn every_token_is_found_under_its_rank_and_nothing_else_is() {
        for (encoding, theirs) in [
            (&*O200K, tiktoken_rs::o200k_base_singleton()),
            (&*CL100K, tiktoken_rs::cl100k_base_singleton()),
        ] {
            let tokens = (0..).map_while(|rank| theirs.decode_bytes(&[rank]).ok());
            let mut all = 0;
            for (rank, token) in (0..).zip(tokens) {
                assert_eq!(encoding.rank(&token), Some(rank));
                all += 1;
            }
            let (slots, _) = encoding.slots.as_chunks::<8>();
            let taken = slots.iter().filter(|slot| **slot != [0; 8]).count();
            assert_eq!(taken, all);
            assert!(all > 100_000 && slots.len() * 8 <= 2_200_000, "{all}");
            assert_eq!(encoding.rank(b""), None);
            assert_eq!(encoding.rank("beslissing van de rechter".as_bytes()), None);
        }
    }

    #[test]
    fn texts_as_they_come_count_as_with_the_other_tokeniser() {
        let long = include_str!("wording/one.rs");
        for text in [
            "",
            " ",
            "  ",
            "\n",
            " \n ",
            "a  b",
            "a \n\n  b  ",
            "\t\tx\u{a0}\u{a0}y\u{3000} z",
            "DE RECHTER-COMMISSARIS beveelt, op 3 maart 2025, de bewaring (art. 63 Sv).\r\n\r\n  1°. ECLI:NL:HR:2024:1234",
            "he's they'LL I'd 'S \u{2018}s-Gravenhage's zo'n",
            "漢字 ÁÉÍ e\u{301}\u{301} ǅ ʰ 👩🏽‍⚖️ <|endoftext|> ///\n/ \u{0} ½ ١٢٣٤",
            long,
        ] {
            assert_eq!(counted(text), expected(text), "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn any_text_counts_as_with_the_other_tokeniser(
            text in prop_oneof![
                ".{0,80}",
                "[ a-zA-Z'\n\r\t\u{a0}.,/0-9é]{0,120}",
                "([a-z]{1,12}(-|'s | |  |\n|, )){0,30}",
                "[ab]{90,300}",
                "\\PC{0,60}",
            ]
        ) {
            prop_assert_eq!(counted(&text), expected(&text), "{:?}", text);
        }
    }
}
