//! Prompts to try, with full legal context.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use begrip_domain::{Category, Context, Label};
use begrip_privacy::Nameless;
use begrip_prompt::{
    Budget, Passage, Prompt, PromptError, PromptInput, PromptVersion, Protected, Related, Tiktoken,
    compose,
};
use begrip_rules::{Level, RuleId, RulePack};
use proptest::prelude::*;

/// The five terms that prompts are measured by.
pub const TERMS: [&str; 5] = [
    "voorlopige hechtenis",
    "verdachte",
    "vonnis",
    "reclasseringstoezicht",
    "biometrisch identiteitskenmerk",
];

pub fn counter() -> Tiktoken {
    Tiktoken::for_model("gpt-4o")
}

pub fn budget() -> Budget {
    Budget::default()
}

pub fn pack() -> &'static RulePack {
    static PACK: OnceLock<Arc<RulePack>> = OnceLock::new();
    PACK.get_or_init(|| RulePack::built_in().unwrap())
}

/// A pack of `firm` serious and `advice` advice rules, each with an instruction of its own of
/// about 15 tokens.
pub fn pack_of(firm: usize, advice: usize) -> RulePack {
    let levels = std::iter::repeat_n(Level::Serious, firm);
    let levels = levels.chain(std::iter::repeat_n(Level::Advice, advice));
    let rules = levels.enumerate().map(|(number, level)| {
        let mut file = pack().rules()[0].file().clone();
        file.id = RuleId(format!("X-{number:02}"));
        file.level = level;
        file.instruction =
            format!("Zeg in regel {number} nooit meer dan de lezer op dat punt nodig heeft.");
        file
    });
    RulePack::from_rules("x", rules.collect()).unwrap()
}

/// A text that names nobody.
pub fn nameless(text: &str) -> Option<Nameless> {
    begrip_privacy::nameless_label(text, &[], &begrip_privacy::Choices::default())
}

pub fn passage_of(citation: &str, text: &str) -> Option<Passage> {
    let (citation, text) = (nameless(citation)?, nameless(text)?);
    Some(Passage { citation, text })
}

pub fn passage(citation: &str, text: &str) -> Passage {
    passage_of(citation, text).unwrap()
}

pub fn related_of(term: &str, definition: &str) -> Option<Related> {
    let (term, definition) = (nameless(term)?, nameless(definition)?);
    Some(Related { term, definition })
}

pub fn related(term: &str, definition: &str) -> Related {
    related_of(term, definition).unwrap()
}

/// Everything that a prompt is made from, owned.
#[derive(Clone, Debug)]
pub struct Case {
    pub term: Nameless,
    pub context: Context,
    pub category: Option<Category>,
    pub notes: String,
    pub related: Vec<Related>,
    pub passages: Vec<Passage>,
    pub limit: u32,
    pub version: PromptVersion,
}

impl Case {
    /// A term and nothing else.
    pub fn of(term: &str) -> Self {
        Self {
            term: nameless(term).unwrap(),
            context: Context::default(),
            category: None,
            notes: String::new(),
            related: Vec::new(),
            passages: Vec::new(),
            limit: Budget::DEFAULT_LIMIT,
            version: PromptVersion::One,
        }
    }

    /// A term with organisation, area, law, three passages of about 80 tokens and two related
    /// concepts.
    pub fn full(term: &str) -> Self {
        let set = |label: &str| BTreeSet::from([Label::new(label).unwrap()]);
        Self {
            context: Context {
                organisations: set("OM"),
                legal_areas: set("strafrecht"),
                statutory_bases: set("Wetboek van Strafvordering"),
            },
            passages: PASSAGES
                .map(|(citation, text)| passage(citation, text))
                .to_vec(),
            related: RELATED
                .map(|(term, definition)| related(term, definition))
                .to_vec(),
            ..Self::of(term)
        }
    }

    pub fn input<'a>(
        &'a self,
        context: &'a Context,
        notes: &'a Protected,
        pack: &'a RulePack,
    ) -> PromptInput<'a> {
        PromptInput {
            version: self.version,
            term: &self.term,
            context,
            category: self.category,
            notes,
            related: &self.related,
            passages: &self.passages,
            pack,
            budget: Budget {
                limit: self.limit,
                reserve_reply: 0,
            },
        }
    }

    /// The notes, which name nobody.
    pub fn protected(&self) -> Protected {
        begrip_privacy::protect(&self.notes, &[], &begrip_privacy::Choices::default())
    }

    pub fn compose(&self) -> Result<Prompt, PromptError> {
        compose(
            &self.input(&self.context, &self.protected(), pack()),
            &counter(),
        )
    }
}

/// In the manner of statutes, in our own words; about 80 tokens each.
pub const PASSAGES: [(&str, &str); 3] = [
    (
        "art. 27 Wetboek van Strafvordering",
        "Voordat de vervolging is begonnen, geldt als verdachte degene bij wie uit feiten \
         of omstandigheden een redelijk vermoeden van schuld aan een strafbaar feit \
         voortvloeit. Daarna is dat degene tegen wie de vervolging zich richt. De \
         verdachte wordt in alle gevallen behandeld als iemand van wie de schuld nog niet \
         vaststaat.",
    ),
    (
        "art. 67 Wetboek van Strafvordering",
        "Een bevel kan worden gegeven bij verdenking van een misdrijf waarop naar de \
         wettelijke omschrijving een gevangenisstraf van vier jaar of meer is gesteld, en \
         bij enkele met name genoemde andere misdrijven. Het bevel vereist dat uit feiten \
         of omstandigheden blijkt van ernstige bezwaren tegen de verdachte.",
    ),
    (
        "art. 138 Wetboek van Strafvordering",
        "Onder een einduitspraak wordt de beslissing verstaan waarmee de rechter na de \
         behandeling op de zitting de zaak bij zijn gerecht afsluit, met de gronden \
         waarop die beslissing steunt. Zij wordt uitgesproken in het openbaar, op een \
         zitting binnen veertien dagen na de sluiting van het onderzoek.",
    ),
];

const RELATED: [(&str, &str); 2] = [
    (
        "inverzekeringstelling",
        "vrijheidsbeneming van een verdachte voor ten hoogste drie dagen in het belang van het \
         onderzoek",
    ),
    (
        "dagvaarding",
        "schriftelijke oproep aan een verdachte voor een zitting",
    ),
];

/// Up to `most` short words, some of them odd.
pub fn words(most: usize) -> impl Strategy<Value = String> {
    let word = prop_oneof![
        6 => "[a-z]{1,12}",
        1 => "\\PC{1,8}",
        1 => Just("</term>".to_owned()),
        1 => Just("\n\n".to_owned()),
    ];
    proptest::collection::vec(word, 0..most).prop_map(|words| words.join(" "))
}

/// Text of up to `bytes` bytes, made by repetition so that large ones are as likely as small.
pub fn sized(bytes: usize) -> impl Strategy<Value = String> {
    (words(20), 0u32..20).prop_map(move |(text, doublings)| {
        let times = 1usize << doublings;
        let fitting = (bytes / text.len().max(1)).max(1);
        format!("{text} ").repeat(times.min(fitting))
    })
}
