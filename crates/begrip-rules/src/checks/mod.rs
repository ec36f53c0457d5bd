//! The primitives that a rule file can name, one file for each family.

use begrip_domain::Category;
use begrip_language::{Span, Term, Text};
use serde::{Deserialize, Serialize};

use crate::report::{Fix, Outcome};
use crate::subject::{Neighbours, Subject};

mod abbreviation;
mod adjective;
mod category;
mod clauses;
mod context;
mod coordination;
mod instances;
mod length;
mod matcher;
mod mend;
mod negation;
mod neighbours;
mod opening;
mod phrases;
mod pronoun;
mod sentence;
mod term;

use neighbours::{Around, circle, compound, distinct, duplicate, qualified, repeats, synonyms};

pub(crate) use neighbours::Gist;
pub use phrases::PhraseSpec;

/// A check as it stands in a rule file: a primitive with its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum CheckSpec {
    /// Words and turns that should not stand in the text.
    Phrases(Box<PhraseSpec>),
    /// The text opens with a finite verb as its head.
    OpeningVerb,
    /// The text opens with an article, with a copula, or with the term and a copula.
    OpeningFormula,
    /// The text does not open with a noun group.
    OpeningNoNoun,
    /// The opening noun is the term itself, or its plural.
    OpeningTerm,
    /// The text is only another word for the term.
    OnlySynonym,
    /// Nothing narrows the opening noun.
    NoNarrowing,
    /// The opening noun is plural although the term is singular.
    OpeningPlural,
    /// The term stands in the text, as a whole word or inflected.
    TermInText,
    /// The term is plural although it has a singular.
    TermPlural,
    /// The term is a verb that is not in the infinitive.
    TermFiniteVerb,
    /// The chosen context is named in the text, or one of these words for context itself.
    ContextNamed {
        /// Words and turns that speak of the context as such.
        words: Vec<String>,
    },
    /// The text is empty or only white space.
    Empty,
    /// Fewer words than this.
    TooShort {
        /// At least this many.
        min: u32,
    },
    /// More words than this.
    TooLong {
        /// At most this many.
        max: u32,
    },
    /// More than one sentence, or nested so deep that reading breaks.
    Sentences {
        /// At most this many clauses with a subordinating word.
        max_clauses: u32,
        /// At most this many brackets in each other.
        max_depth: u32,
    },
    /// A sentence with too many words, or a turn of several words that stands twice.
    Overlong {
        /// At most this many words in a sentence.
        max_words: u32,
        /// A turn counts as repeated from this many words on.
        repeated: u32,
    },
    /// A pronoun without an antecedent.
    Pronoun {
        /// Pronouns that always need something said before.
        pronouns: Vec<String>,
    },
    /// An abbreviation that is not written out.
    Abbreviation {
        /// Abbreviations that everybody knows as words.
        known: Vec<String>,
    },
    /// The text says what the thing is not.
    Negation {
        /// Negating words.
        words: Vec<String>,
    },
    /// Two negations that cancel each other.
    DoubleNegation {
        /// Negating words.
        words: Vec<String>,
        /// Beginnings of words that negate.
        prefixes: Vec<String>,
        /// Words with such a beginning that are no negation.
        not: Vec<String>,
    },
    /// The opening noun contradicts the chosen category, or none can be read and none was chosen.
    CategoryHead {
        /// Opening nouns that name a process.
        process: Vec<String>,
        /// Opening nouns that name a result.
        result: Vec<String>,
        /// Opening nouns that name a type of thing.
        r#type: Vec<String>,
        /// Opening nouns that name a type of person.
        person: Vec<String>,
        /// Opening nouns that fit anything, and so tell no category.
        nameless: Vec<String>,
        /// Endings of nouns that can name both a process and its result.
        either_endings: Vec<String>,
    },
    /// Nothing is left once function words are taken away.
    NoContent,
    /// A conjunction that leaves open how its parts relate.
    Coordination {
        /// The conjunction: `en` or `of`.
        word: String,
        /// Turns that make it clear.
        clear: Vec<String>,
    },
    /// Nothing tells one instance of a countable kind from the next.
    Instances {
        /// Words that number, name or single out an instance.
        telling: Vec<String>,
        /// Nouns that cannot be counted, also as the last part of a compound.
        uncountable: Vec<String>,
    },
    /// No source is recorded.
    NoSource,
    /// The concept is there already: the same term in the same context, or the same text.
    Duplicate,
    /// The text fits another concept as well.
    NotDistinct,
    /// A qualifier changes what the head of the term means elsewhere.
    HeadMeaning,
    /// The text repeats or contradicts the definition of the concept that the term's head names.
    AgainstHead,
    /// Another concept's definition stands in the text.
    RepeatsAnother,
    /// The text is no kind of what the compound's last part names.
    CompoundHead,
    /// Definitions refer to each other in a circle.
    Circle,
    /// Synonyms without one preferred term.
    SynonymPreferred,
    /// A synonym has a definition of its own.
    SynonymDefinition,
}

impl CheckSpec {
    /// Whether the check compares the text with other concepts.
    pub fn looks_beside(&self) -> bool {
        matches!(
            self,
            Self::Duplicate
                | Self::NotDistinct
                | Self::HeadMeaning
                | Self::AgainstHead
                | Self::RepeatsAnother
                | Self::CompoundHead
                | Self::Circle
                | Self::SynonymPreferred
                | Self::SynonymDefinition
        )
    }
}

/// A check that cannot be made from its parameters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// A list that the check lives by is empty.
    #[error("check.{0} is leeg")]
    EmptyList(&'static str),
    /// A phrase cannot be read; holds the phrase.
    #[error("check.phrases: in ‘{0}’ staat geen woord")]
    Phrase(String),
    /// A parameter is out of range.
    #[error("check.{0} moet ten minste 1 zijn")]
    Zero(&'static str),
}

/// What a check looks at: the subject and its text, analysed once for all rules.
pub(crate) struct Scene<'a> {
    pub subject: &'a Subject<'a>,
    pub text: &'a Text<'a>,
    pub term: Term,
    pub neighbours: &'a dyn Neighbours,
    pub around: Around,
}

impl<'a> Scene<'a> {
    pub fn new(
        subject: &'a Subject<'a>,
        text: &'a Text<'a>,
        neighbours: &'a dyn Neighbours,
    ) -> Self {
        Self {
            subject,
            text,
            term: Term::new(subject.term),
            neighbours,
            around: Around::default(),
        }
    }

    /// Whether there is nothing to look at; only `VAL-EMP-001` and `VAL-LEN-001` speak of that.
    pub fn is_empty(&self) -> bool {
        self.text.words().is_empty()
    }
}

/// What a check says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub outcome: Outcome,
    pub span: Option<[u32; 2]>,
    pub reason: String,
    pub fix: Option<Fix>,
}

impl Verdict {
    pub fn pass() -> Self {
        Self {
            outcome: Outcome::Pass,
            span: None,
            reason: String::new(),
            fix: None,
        }
    }

    pub fn fail(span: Span, reason: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Fail,
            span: Some([span.start, span.end]),
            reason: reason.into(),
            fix: None,
        }
    }

    pub fn fail_whole(reason: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Fail,
            span: None,
            reason: reason.into(),
            fix: None,
        }
    }

    pub fn needs_person(span: Span, reason: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::NeedsPerson,
            ..Self::fail(span, reason)
        }
    }

    pub fn with_fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }
}

/// A check with its parameters made ready.
#[derive(Debug)]
pub(crate) enum Check {
    Phrases(Box<phrases::Phrases>),
    ContextNamed(matcher::Matcher),
    Pronoun(std::collections::HashSet<String>),
    Abbreviation(std::collections::HashSet<String>),
    Negation(std::collections::HashSet<String>),
    DoubleNegation(negation::Double),
    CategoryHead(category::Heads),
    Instances(instances::Instances),
    Coordination(coordination::Coordination),
    Plain(CheckSpec),
}

impl Check {
    pub fn compile(spec: &CheckSpec) -> Result<Self, CheckError> {
        let words = |name, list: &[String]| match list {
            [] => Err(CheckError::EmptyList(name)),
            list => Ok(list.iter().map(|word| word.to_lowercase()).collect()),
        };
        let some = |name, number: u32| match number {
            0 => Err(CheckError::Zero(name)),
            _ => Ok(()),
        };
        Ok(match spec {
            CheckSpec::Phrases(spec) => Self::Phrases(Box::new(phrases::Phrases::compile(spec)?)),
            CheckSpec::ContextNamed { words } => Self::ContextNamed(matcher::Matcher::new(words)?),
            CheckSpec::Pronoun { pronouns } => Self::Pronoun(words("pronouns", pronouns)?),
            CheckSpec::Abbreviation { known } => {
                Self::Abbreviation(known.iter().cloned().collect())
            }
            CheckSpec::Negation { words: list } => Self::Negation(words("words", list)?),
            CheckSpec::DoubleNegation {
                words: list,
                prefixes,
                not,
            } => Self::DoubleNegation(negation::Double {
                words: words("words", list)?,
                prefixes: prefixes.clone(),
                not: not.iter().cloned().collect(),
            }),
            CheckSpec::CategoryHead {
                process,
                result,
                r#type,
                person,
                nameless,
                either_endings,
            } => Self::CategoryHead(category::Heads::new(category::HeadLists {
                process,
                result,
                kind: r#type,
                person,
                nameless,
                either: either_endings,
            })),
            CheckSpec::Instances {
                telling,
                uncountable,
            } => match (telling.as_slice(), uncountable.as_slice()) {
                ([], _) => return Err(CheckError::EmptyList("telling")),
                (_, []) => return Err(CheckError::EmptyList("uncountable")),
                (telling, uncountable) => {
                    Self::Instances(instances::Instances::new(telling, uncountable))
                }
            },
            CheckSpec::Coordination { word, clear } => {
                Self::Coordination(coordination::Coordination::new(word, clear)?)
            }
            CheckSpec::TooShort { min } => {
                some("min", *min)?;
                Self::Plain(spec.clone())
            }
            CheckSpec::TooLong { max } => {
                some("max", *max)?;
                Self::Plain(spec.clone())
            }
            _ => Self::Plain(spec.clone()),
        })
    }

    pub fn run(&self, scene: &Scene<'_>) -> Verdict {
        match self {
            Self::Plain(CheckSpec::Empty) => return length::empty(scene),
            Self::Plain(CheckSpec::TooShort { min }) => return length::too_short(scene, *min),
            // What is said of the term is said whether or not there is a text.
            Self::Plain(CheckSpec::TermPlural) => return term::plural(scene),
            Self::Plain(CheckSpec::TermFiniteVerb) => return term::finite_verb(scene),
            Self::Plain(CheckSpec::Duplicate) => return duplicate::check(scene),
            Self::Plain(CheckSpec::SynonymPreferred) => return synonyms::preferred(scene),
            _ if scene.is_empty() => return Verdict::pass(),
            _ => {}
        }
        match self {
            Self::Phrases(check) => check.run(scene),
            Self::ContextNamed(words) => context::named(scene, words),
            Self::Pronoun(pronouns) => pronoun::check(scene, pronouns),
            Self::Abbreviation(known) => abbreviation::check(scene, known),
            Self::Negation(words) => negation::check(scene, words),
            Self::DoubleNegation(check) => check.run(scene),
            Self::CategoryHead(heads) => heads.run(scene),
            Self::Instances(check) => check.run(scene),
            Self::Coordination(check) => check.run(scene),
            Self::Plain(spec) => plain(spec, scene),
        }
    }
}

fn plain(spec: &CheckSpec, scene: &Scene<'_>) -> Verdict {
    match spec {
        CheckSpec::OpeningVerb => opening::verb(scene),
        CheckSpec::OpeningFormula => opening::formula(scene),
        CheckSpec::OpeningNoNoun => opening::no_noun(scene),
        CheckSpec::OpeningTerm => opening::is_term(scene),
        CheckSpec::OnlySynonym => opening::only_synonym(scene),
        CheckSpec::NoNarrowing => opening::no_narrowing(scene),
        CheckSpec::OpeningPlural => opening::plural(scene),
        CheckSpec::TermInText => term::in_text(scene),
        CheckSpec::TooLong { max } => length::too_long(scene, *max),
        CheckSpec::Sentences {
            max_clauses,
            max_depth,
        } => sentence::check(scene, *max_clauses, *max_depth),
        CheckSpec::Overlong {
            max_words,
            repeated,
        } => sentence::overlong(scene, *max_words, *repeated),
        CheckSpec::NoContent => length::no_content(scene),
        CheckSpec::NoSource => context::no_source(scene),
        CheckSpec::NotDistinct => distinct::check(scene),
        CheckSpec::HeadMeaning => qualified::meaning(scene),
        CheckSpec::AgainstHead => qualified::against_head(scene),
        CheckSpec::RepeatsAnother => repeats::check(scene),
        CheckSpec::CompoundHead => compound::check(scene),
        CheckSpec::Circle => circle::check(scene),
        CheckSpec::SynonymDefinition => synonyms::same_definition(scene),
        _ => Verdict::pass(),
    }
}

/// The category's name in Dutch, for a reason.
pub(crate) fn category_name(category: Category) -> &'static str {
    match category {
        Category::Type => "soort",
        Category::Particular => "exemplaar",
        Category::Process => "proces",
        Category::Result => "resultaat",
    }
}
