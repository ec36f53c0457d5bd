use crate::Message;
use crate::encoding::{CL100K, Encoding, O200K};

/// Counts tokens the way a model does.
pub trait TokenCounter: Send + Sync {
    /// The number of tokens in `text`, special tokens read as plain text.
    fn count(&self, text: &str) -> u32;

    /// The encoding's name, for instance `o200k_base`.
    fn encoding(&self) -> &str;
}

/// No token of the known encodings spells more bytes than this; a text longer than this times the
/// tokens left cannot fit, and is refused without the work of counting it.
pub(crate) const LONGEST_TOKEN: usize = 128;

/// The encodings of OpenAI's models, which serve as the measure for all others too.
///
/// Their tokens stand in the program's file and take no memory of a process. What cuts texts into pieces is made ready at
/// the first use of [`TokenCounter::count`], some milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiktoken {
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    O200k,
    Cl100k,
}

impl Tiktoken {
    /// The counter for a model by its name, with or without a provider before it
    /// (`openai/gpt-4o`): `cl100k_base` for GPT-4 and GPT-3.5, `o200k_base` for newer and for
    /// unknown models.
    pub fn for_model(name: &str) -> Self {
        let lower = name.to_lowercase();
        let bare = lower.rsplit('/').next().unwrap_or_default();
        // Azure's deployments spell it "gpt-35-turbo".
        let old = ["gpt-3.5", "gpt-35", "gpt-4-", "text-embedding-"];
        let is_old = bare == "gpt-4" || old.iter().any(|prefix| bare.starts_with(prefix));
        let kind = if is_old { Kind::Cl100k } else { Kind::O200k };
        Self { kind }
    }

    fn tables(self) -> &'static Encoding {
        match self.kind {
            Kind::O200k => &O200K,
            Kind::Cl100k => &CL100K,
        }
    }
}

impl TokenCounter for Tiktoken {
    fn count(&self, text: &str) -> u32 {
        let encoding = self.tables();
        let total: usize = chunks(text).map(|chunk| encoding.count(chunk)).sum();
        u32::try_from(total).unwrap_or(u32::MAX)
    }

    fn encoding(&self) -> &str {
        match self.kind {
            Kind::O200k => "o200k_base",
            Kind::Cl100k => "cl100k_base",
        }
    }
}

/// The longest text that is counted at once, in bytes: a piece is at most that long, and a very long run of one kind of
/// character is one piece, all parts of which are in memory.
const CHUNK: usize = 8_192;

/// Cuts a long text before a space between words, where no token is cut in two; a text without
/// such a place is cut anywhere, and may then count a token or two more for each cut.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (chunk, after) = rest.split_at(cut(rest));
        rest = after;
        Some(chunk)
    })
}

fn cut(text: &str) -> usize {
    if text.len() <= CHUNK {
        return text.len();
    }
    let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
    let bytes = text.as_bytes();
    let between = |at: &usize| {
        bytes[*at] == b' ' && is_letter(bytes.get(at - 1)) && is_letter(bytes.get(at + 1))
    };
    let word_border = (CHUNK / 2..CHUNK).rev().find(between);
    word_border.unwrap_or_else(|| text.floor_char_boundary(CHUNK))
}

/// Tokens around each message besides its role and content, and tokens that open the reply.
/// Source: OpenAI's cookbook, *How to count tokens with tiktoken*.
const AROUND_MESSAGE: u32 = 3;
const BEFORE_REPLY: u32 = 3;

/// The tokens of a whole request as it is sent: messages with their overhead, and the reply's
/// form (serialised `response_format`), when there is one.
pub fn count_request(messages: &[Message], form: Option<&str>, counter: &dyn TokenCounter) -> u32 {
    let one = |message: &Message| {
        let role = counter.count(message.role.as_str());
        AROUND_MESSAGE + role + counter.count(&message.content)
    };
    let all: u32 = messages.iter().map(one).sum();
    BEFORE_REPLY + all + form.map_or(0, |form| counter.count(form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_costs_the_same_in_chunks_as_in_one() {
        let counter = Tiktoken::for_model("gpt-4o");
        let text = "De rechter-commissaris beveelt, op 3 maart 2025, de bewaring.\n".repeat(2_000);
        let whole = counter.tables().count(&text);
        assert!(chunks(&text).count() > 10);
        assert_eq!(counter.count(&text) as usize, whole);
    }

    #[test]
    fn chunks_join_to_the_text() {
        for text in ["", "é".repeat(9_001).as_str(), "ab ".repeat(9_000).as_str()] {
            assert_eq!(chunks(text).collect::<String>(), text);
            assert!(chunks(text).all(|chunk| !chunk.is_empty() && chunk.len() <= CHUNK));
        }
    }

    #[test]
    fn a_models_name_chooses_its_encoding() {
        for (model, encoding) in [
            ("gpt-4o-mini", "o200k_base"),
            ("gpt-4.1", "o200k_base"),
            ("gpt-5", "o200k_base"),
            ("o3", "o200k_base"),
            ("llama-3.1-8b-instruct", "o200k_base"),
            ("", "o200k_base"),
            ("gpt-4", "cl100k_base"),
            ("openai/GPT-4-turbo", "cl100k_base"),
            ("gpt-3.5-turbo", "cl100k_base"),
            ("gpt-35-turbo", "cl100k_base"),
        ] {
            assert_eq!(Tiktoken::for_model(model).encoding(), encoding, "{model}");
        }
    }
}
