//! Sections: what each holds, how much it matters, and what fits together.

use crate::tokens::{LONGEST_TOKEN, TokenCounter};
use crate::{Budget, Message, Prompt, PromptError, PromptVersion, Role, Section, count_request};

/// A part of a prompt before it is decided what goes in.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) worth: Worth,
    pub(crate) role: Role,
}

/// How much a part matters: mandatory, a rank in which lower goes in first, or left out before
/// the budget is asked, and only told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Worth {
    Mandatory,
    Optional(u32),
    LeftOut,
}

impl Part {
    pub(crate) fn system(name: &str, worth: Worth, text: String) -> Self {
        Self::new(Role::System, name, worth, text)
    }

    pub(crate) fn user(name: &str, worth: Worth, text: String) -> Self {
        Self::new(Role::User, name, worth, text)
    }

    fn new(role: Role, name: &str, worth: Worth, text: String) -> Self {
        let name = name.to_owned();
        Self {
            name,
            text,
            worth,
            role,
        }
    }
}

/// What stands between two parts; every part may cost this much more than its own tokens.
const BETWEEN: &str = "\n";

/// Puts the parts that fit into messages, in the order given: all that are mandatory, then the
/// optional ones by worth as far as the budget goes.
pub(crate) fn fit(
    version: PromptVersion,
    parts: &[Part],
    schema: serde_json::Value,
    budget: Budget,
    counter: &dyn TokenCounter,
) -> Result<Prompt, PromptError> {
    let limit = budget.for_request();
    let form = crate::response_format(&schema).to_string();
    let form_tokens = counter.count(&form);
    let sizes: Vec<Size> = parts
        .iter()
        .map(|part| Size::of(&part.text, limit, counter))
        .collect();

    let mut taken: Vec<bool> = parts.iter().map(|p| p.worth == Worth::Mandatory).collect();
    let mut used = form_tokens.saturating_add(count_request(&frame(parts), None, counter));
    for (size, _) in sizes.iter().zip(&taken).filter(|(_, taken)| **taken) {
        used = used.saturating_add(size.tokens + 1);
    }
    // Far over is refused here; what is near the limit is left to the exact count below.
    let mandatory_counted = sizes
        .iter()
        .zip(&taken)
        .all(|(size, taken)| size.counted || !taken);
    if !mandatory_counted || used > limit.saturating_mul(2) {
        return Err(too_large(parts, &sizes, used, limit));
    }
    let optional = |at: &usize| matches!(parts[*at].worth, Worth::Optional(_));
    let mut by_worth: Vec<usize> = (0..parts.len()).filter(optional).collect();
    by_worth.sort_by_key(|at| parts[*at].worth);
    for &at in &by_worth {
        let more = used.saturating_add(sizes[at].tokens + 1);
        if sizes[at].counted && more <= limit {
            taken[at] = true;
            used = more;
        }
    }
    // Sections counted one by one may add up to less than the whole, where tokens meet at a
    // border. The gate is the count of the whole: what is over it costs the least worthy section.
    loop {
        let messages = messages(parts, &taken);
        let tokens = count_request(&messages, None, counter).saturating_add(form_tokens);
        if tokens <= limit {
            return Ok(Prompt {
                messages,
                tokens,
                budget: limit,
                sections: sections(parts, &sizes, &taken, form_tokens),
                schema,
                version,
            });
        }
        match by_worth.iter().rev().find(|at| taken[**at]) {
            Some(&at) => taken[at] = false,
            None => return Err(too_large(parts, &sizes, tokens, limit)),
        }
    }
}

struct Size {
    tokens: u32,
    /// False when the text is so long that it cannot fit; `tokens` is then a lower bound.
    counted: bool,
}

impl Size {
    fn of(text: &str, limit: u32, counter: &dyn TokenCounter) -> Self {
        let at_least = text.len() / LONGEST_TOKEN;
        let counted = at_least <= limit as usize;
        let tokens = if counted {
            counter.count(text)
        } else {
            u32::try_from(at_least).unwrap_or(u32::MAX - 1)
        };
        Self { tokens, counted }
    }
}

fn too_large(parts: &[Part], sizes: &[Size], tokens: u32, budget: u32) -> PromptError {
    // The culprit is the largest of what the user can make shorter.
    let by_user = parts
        .iter()
        .zip(sizes)
        .filter(|(part, _)| part.worth == Worth::Mandatory && part.role == Role::User);
    let largest = by_user.max_by_key(|(_, size)| size.tokens);
    let what = largest.map_or_else(String::new, |(part, _)| part.name.clone());
    PromptError::TooLarge {
        tokens,
        budget,
        what,
    }
}

/// The messages without content: what the roles themselves cost.
fn frame(parts: &[Part]) -> Vec<Message> {
    let roles = [Role::System, Role::User].into_iter();
    let used = roles.filter(|role| parts.iter().any(|part| part.role == *role));
    used.map(|role| Message::new(role, "")).collect()
}

fn messages(parts: &[Part], taken: &[bool]) -> Vec<Message> {
    let mut messages = frame(parts);
    for (part, _) in parts.iter().zip(taken).filter(|(_, taken)| **taken) {
        for message in messages
            .iter_mut()
            .filter(|message| message.role == part.role)
        {
            if !message.content.is_empty() {
                message.content.push_str(BETWEEN);
            }
            message.content.push_str(&part.text);
        }
    }
    messages
}

fn sections(parts: &[Part], sizes: &[Size], taken: &[bool], form_tokens: u32) -> Vec<Section> {
    let all = parts.iter().zip(sizes).zip(taken);
    let mut sections: Vec<Section> = all
        .map(|((part, size), taken)| Section {
            name: part.name.clone(),
            tokens: size.tokens,
            dropped: !taken,
        })
        .collect();
    sections.push(Section {
        name: "schema".to_owned(),
        tokens: form_tokens,
        dropped: false,
    });
    sections
}
