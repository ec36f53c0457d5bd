//! What is replaced before text goes out, and put back in the answer.

use std::sync::Arc;

use begrip_domain::limits;
use begrip_llm::DataClass;
use begrip_privacy::{
    Choices, Nameless, Party, Protected, nameless, nameless_label, protect, protect_all,
    protect_label,
};
use begrip_prompt::{Passage, Reply};
use begrip_rules::{Report, RulePack};
use begrip_store::SourceKind;

use crate::define::{label, subject};
use crate::open::Core;
use crate::schema::{
    DraftInput, PassageHit, PrivacyChoices, PseudonymiseRequest, Pseudonymised, PutBack,
    Refinement, ReplacedText,
};
use crate::{App, ErrorCode, UserError};

/// Parties, and texts of each kind of choice, that are taken at most.
const MOST_CHOICES: usize = 200;

/// The longest of them, in characters.
const LONGEST_CHOICE: usize = 1_000;

impl App {
    /// What would be replaced in a text before it goes out.
    ///
    /// Errors: a text that is too long.
    pub async fn pseudonymise(
        &self,
        request: PseudonymiseRequest,
    ) -> Result<Pseudonymised, UserError> {
        self.blocking(move |_| {
            let gate = Gate::of(&request.privacy)?;
            let too_long = || UserError::new(ErrorCode::TextTooLong, "text");
            let after = gate.protect(&request.text).ok_or_else(too_long)?;
            Ok(shown(&request.text, &after))
        })
        .await
    }
}

/// The longest wish, in characters: a few sentences.
const WISH_CHARS: usize = 1_000;

/// The user's own words for a draft, as they may go out. They share their placeholders, so that the
/// notes put back what was replaced in any of them.
pub(crate) struct Outgoing {
    /// The term in its asked form.
    pub term: Nameless,
    pub notes: Protected,
    /// The rounds so far, each a wish and the definition that came of it; the oldest first.
    pub turns: Vec<(Protected, Protected)>,
    /// What should be other about the last one; none for a first draft.
    pub wish: Option<Protected>,
    /// Notes are the user's own words and may hold a case, and whoever named parties asks about one. A
    /// wish is about a text that is to be a definition for everybody (*maak het korter*), so by itself it
    /// is about a case only when the gate found somebody in it or in a text that it is about.
    pub class: DataClass,
}

impl Outgoing {
    fn of(
        term: Nameless,
        input: &DraftInput,
        mut protected: impl Iterator<Item = Protected>,
    ) -> Self {
        let mut next = || protected.next().unwrap_or_default();
        let notes = next();
        let refine = input.refine.as_ref();
        let turns: Vec<_> = refine
            .iter()
            .flat_map(|refine| &refine.turns)
            .map(|_| (next(), next()))
            .collect();
        let wish = refine.map(|_| next());
        let said = turns.iter().flat_map(|(wish, text)| [wish, text]);
        let names = said.chain(&wish).any(|text| !text.replaced().is_empty());
        let mut parties = input.privacy.parties.iter();
        let named = parties.any(|party| !party.trim().is_empty());
        let class = match names || named || !input.notes.trim().is_empty() {
            true => DataClass::Case,
            false => DataClass::General,
        };
        Self {
            term,
            notes,
            turns,
            wish,
            class,
        }
    }
}

/// The texts of a wish for another version, in the order in which [`Outgoing::of`] takes them.
///
/// Errors: no wish, nothing that it is about, more or longer texts than go along.
fn wished(refine: &Refinement) -> Result<Vec<&str>, UserError> {
    let Some(last) = refine.turns.last() else {
        return Err(UserError::new(ErrorCode::WishEmpty, "turns"));
    };
    if refine.wish.trim().is_empty() || last.definition.trim().is_empty() {
        return Err(UserError::new(ErrorCode::WishEmpty, ""));
    }
    if refine.turns.len() > limits::LIST_ENTRIES {
        return Err(UserError::new(ErrorCode::TooManyEntries, "turns"));
    }
    let turns = refine.turns.iter();
    if turns
        .map(|turn| &turn.wish)
        .chain([&refine.wish])
        .any(|wish| wish.chars().count() > WISH_CHARS)
    {
        return Err(UserError::new(ErrorCode::WishTooLong, ""));
    }
    let mut texts: Vec<&str> = refine
        .turns
        .iter()
        .flat_map(|turn| [turn.wish.as_str(), &turn.definition])
        .collect();
    texts.push(&refine.wish);
    Ok(texts)
}

/// What the user knows of a case, ready to be looked for.
pub(crate) struct Gate {
    parties: Vec<Party>,
    choices: Choices,
}

impl Gate {
    /// Error: more or longer than anybody types.
    pub fn of(privacy: &PrivacyChoices) -> Result<Self, UserError> {
        for list in [&privacy.parties, &privacy.also, &privacy.let_out] {
            let long = list
                .iter()
                .any(|text| text.chars().count() > LONGEST_CHOICE);
            if long || list.len() > MOST_CHOICES {
                return Err(UserError::new(ErrorCode::TextTooLong, "privacy"));
            }
        }
        Ok(Self {
            parties: privacy
                .parties
                .iter()
                .filter_map(|line| Party::read(line))
                .collect(),
            choices: Choices {
                also: privacy.also.clone(),
                let_out: privacy.let_out.clone(),
            },
        })
    }

    /// A draft's notes and wish as they may go out. Its term and context cannot be replaced by a
    /// placeholder, for they are what is asked about.
    ///
    /// Errors: no term, texts that are too long, a term or label that identifies somebody, no wish where
    /// another version is asked for.
    pub fn outgoing(input: &DraftInput) -> Result<Arc<Outgoing>, UserError> {
        let gate = Self::of(&input.privacy)?;
        let context = &input.context;
        let labels = [
            &context.organisations,
            &context.legal_areas,
            &context.statutory_bases,
        ];
        let identifies = |field| UserError::new(ErrorCode::TermIdentifies, field);
        for each in labels.into_iter().flatten() {
            if gate.nameless_label(each.as_str()).is_none() {
                return Err(identifies("context"));
            }
        }
        // As it was typed too: capitals tell a name.
        let typed = gate.nameless_label(&input.term);
        typed.ok_or_else(|| identifies("term"))?;
        let asked = begrip_language::asked_form(label(&input.term)?.as_str());
        let term = gate.nameless_label(&asked);
        let term = term.ok_or_else(|| identifies("term"))?;
        let mut texts = vec![input.notes.as_str()];
        if let Some(refine) = &input.refine {
            texts.extend(wished(refine)?);
        }
        if !texts.iter().all(|text| fits(text)) {
            return Err(UserError::new(ErrorCode::PromptTooLarge, "notes"));
        }
        let protected = protect_all(&texts, &gate.parties, &gate.choices);
        Ok(Arc::new(Outgoing::of(term, input, protected.into_iter())))
    }

    /// A draft's term in its asked form, as it may go out in a question of its own.
    ///
    /// Errors: as [`Gate::outgoing`].
    pub fn outgoing_term(input: &DraftInput) -> Result<Protected, UserError> {
        let _ = Self::outgoing(input)?;
        let gate = Self::of(&input.privacy)?;
        let term = begrip_language::asked_form(input.term.trim());
        Ok(protect_label(&term, &gate.parties, &gate.choices))
    }

    /// A passage as it may go out; none when it names somebody or a case. A law has no persons but
    /// many words that look like names, so it is looked at as a label is.
    pub fn passage(&self, kind: SourceKind, hit: &PassageHit) -> Option<Passage> {
        let (citation, text) = match kind {
            SourceKind::Law => (hit.citation.to_string(), self.nameless_label(&hit.text)?),
            // Its number is that of a case.
            SourceKind::Decision => (hit.citation.source.to_string(), self.nameless(&hit.text)?),
        };
        let citation = self.nameless_label(&citation)?;
        Some(Passage { citation, text })
    }

    /// A text without anybody's name; none when there is one.
    pub fn nameless(&self, text: &str) -> Option<Nameless> {
        nameless(text, &self.parties, &self.choices)
    }

    /// The same for a term or a label.
    pub fn nameless_label(&self, text: &str) -> Option<Nameless> {
        nameless_label(text, &self.parties, &self.choices)
    }

    /// None when the text is longer than any text may be.
    fn protect(&self, text: &str) -> Option<Protected> {
        fits(text).then(|| protect(text, &self.parties, &self.choices))
    }
}

fn fits(text: &str) -> bool {
    text.chars().count() <= limits::TEXT_CHARS
}

/// Whether there are words of the user's own in it, of which something may have been replaced.
pub(crate) fn has_own_words(input: &DraftInput) -> bool {
    !input.notes.trim().is_empty() || input.refine.is_some()
}

/// A text before and after, for the user's own screen.
pub(crate) fn shown(before: &str, after: &Protected) -> Pseudonymised {
    Pseudonymised {
        before: before.to_owned(),
        after: after.as_str().to_owned(),
        replaced: after
            .replaced()
            .iter()
            .map(|each| ReplacedText {
                start: each.span.start,
                end: each.span.end,
                start_after: each.span_after.start,
                end_after: each.span_after.end,
                kind: each.kind,
                original: each.original.reveal().to_owned(),
                placeholder: each.placeholder.clone(),
            })
            .collect(),
    }
}

/// A reply with everything put back.
pub(crate) struct Restored {
    pub reply: Reply,
    /// What the rules say of it then.
    pub report: Report,
    pub put_back: Vec<PutBack>,
}

impl Core {
    /// A draft's reply with what was replaced in its question put back; none when nothing was.
    pub(crate) fn put_back(
        &self,
        pack: &RulePack,
        input: &DraftInput,
        reply: &Reply,
    ) -> Result<Option<Restored>, UserError> {
        if !has_own_words(input) {
            return Ok(None);
        }
        let (reply, put_back) = put_back(reply, &Gate::outgoing(input)?.notes);
        if put_back.is_empty() {
            return Ok(None);
        }
        Ok(Some(Restored {
            report: self.judge(pack, &subject(input, &reply), None)?,
            reply,
            put_back,
        }))
    }
}

/// An answer with everything put back, and what that was.
fn put_back(reply: &Reply, sent: &Protected) -> (Reply, Vec<PutBack>) {
    let all =
        |texts: &[String]| -> Vec<String> { texts.iter().map(|text| sent.restore(text)).collect() };
    let restored = Reply {
        definition: sent.restore(&reply.definition),
        explanation: sent.restore(&reply.explanation),
        examples: all(&reply.examples),
        counter_examples: all(&reply.counter_examples),
        synonyms: all(&reply.synonyms),
        antonyms: all(&reply.antonyms),
    };
    if restored == *reply {
        return (restored, Vec::new());
    }
    let lists = [
        &restored.examples,
        &restored.counter_examples,
        &restored.synonyms,
        &restored.antonyms,
    ];
    let texts: Vec<&String> = [&restored.definition, &restored.explanation]
        .into_iter()
        .chain(lists.into_iter().flatten())
        .collect();
    let put_back = sent
        .values()
        .filter(|(_, value)| texts.iter().any(|text| text.contains(value)))
        .map(|(placeholder, value)| PutBack {
            placeholder,
            original: value.to_owned(),
        })
        .collect();
    (restored, put_back)
}
