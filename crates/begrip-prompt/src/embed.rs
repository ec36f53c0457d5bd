//! What a model of embeddings is asked: a term, or a passage, each a text of its own.

use begrip_domain::Context;
use begrip_privacy::Protected;

use crate::clean::as_data;
use crate::compose::context_line;
use crate::{Message, Passage, Role};

/// The term with its context, as it is compared with passages; never notes.
pub fn embed_question(model: &str, term: &Protected, context: &Context) -> Message {
    let term = as_data(term.as_str());
    let text = match context.is_empty() {
        true => term,
        false => format!("{term} ({})", as_data(&context_line(context))),
    };
    said(model, "query", &text)
}

/// A passage with where it stands.
pub fn embed_passage(model: &str, passage: &Passage) -> Message {
    let text = format!("{}: {}", passage.citation, passage.text);
    said(model, "passage", &as_data(&text))
}

/// Models of the family E5 were trained with a word before each text that says what it is.
fn said(model: &str, kind: &str, text: &str) -> Message {
    let is_e5 = model.to_lowercase().contains("e5");
    let text = if is_e5 {
        format!("{kind}: {text}")
    } else {
        text.to_owned()
    };
    Message::new(Role::User, text)
}
