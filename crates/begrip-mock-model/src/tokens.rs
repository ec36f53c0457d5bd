//! Token counts, with the encoding of current OpenAI models (o200k).

use serde_json::Value;
use tiktoken_rs::{CoreBPE, o200k_base_singleton};

fn encoding() -> &'static CoreBPE {
    // Loaded at the first use (about a quarter of a second), once per process.
    o200k_base_singleton()
}

/// What a provider charges for a request: 3 tokens around each message, its role and content,
/// 3 that open the reply, and the reply's form as sent.
///
/// Source: OpenAI's cookbook, *How to count tokens with tiktoken*.
pub(crate) fn of_request(messages: &[(String, String)], response_format: Option<&Value>) -> u32 {
    let mut total = 3;
    for (role, content) in messages {
        total += 3 + count(role) + count(content);
    }
    if let Some(form) = response_format {
        total += count(&form.to_string());
    }
    total
}

pub(crate) fn count(text: &str) -> u32 {
    let bpe = encoding();
    let total: usize = chunks(text).map(|chunk| bpe.count_ordinary(chunk)).sum();
    u32::try_from(total).unwrap_or(u32::MAX)
}

/// The tokeniser's regular expressions overflow their stack on very long runs of one kind of
/// character: a hostile request must not take the server down.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    const LONGEST: usize = 8_192;
    let mut rest = text;
    std::iter::from_fn(move || {
        let within = &rest[..rest.floor_char_boundary(LONGEST)];
        // Before the last space, where no token is cut in two, if that is not too far back.
        let space = within.rfind(' ').filter(|at| *at > LONGEST / 2);
        let cut = if within.len() == rest.len() {
            None
        } else {
            space
        };
        let (chunk, after) = rest.split_at(cut.unwrap_or(within.len()));
        rest = after;
        (!chunk.is_empty()).then_some(chunk)
    })
}

/// Cuts `text` into what each token spells. Tokens that end inside a character are joined with
/// the next ones; the number is the tokens that a piece holds.
pub(crate) fn pieces(text: &str) -> Vec<(String, u32)> {
    let bpe = encoding();
    let mut pieces = Vec::new();
    let mut bytes = Vec::new();
    let mut held = 0;
    for token in chunks(text).flat_map(|chunk| bpe.encode_ordinary(chunk)) {
        bytes.extend(bpe.decode_bytes(&[token]).unwrap_or_default());
        held += 1;
        if let Ok(piece) = std::str::from_utf8(&bytes) {
            pieces.push((piece.to_owned(), held));
            bytes.clear();
            held = 0;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_to_the_text_and_their_tokens_to_its_count() {
        for text in [
            "",
            "vrijheidsbenemende maatregel",
            "privé 👩🏽‍⚖️ — „citaat” 漢字",
        ] {
            let pieces = pieces(text);
            let joined: String = pieces.iter().map(|(piece, _)| piece.as_str()).collect();
            assert_eq!(joined, text);
            let tokens: u32 = pieces.iter().map(|(_, tokens)| tokens).sum();
            assert_eq!(tokens, count(text));
        }
    }

    #[test]
    fn a_hostile_text_is_counted_instead_of_taking_the_server_down() {
        for text in [" ", "a", "\n", "é"] {
            let long = text.repeat(300_000);
            assert!(count(&long) > 0);
            let joined: String = pieces(&long).into_iter().map(|(piece, _)| piece).collect();
            assert_eq!(joined, long);
        }
    }

    #[test]
    fn a_request_costs_its_overhead_besides_its_text() {
        let message = ("user".to_owned(), "vonnis".to_owned());
        let words = count("user") + count("vonnis");
        assert_eq!(of_request(&[message], None), 3 + 3 + words);
    }
}
