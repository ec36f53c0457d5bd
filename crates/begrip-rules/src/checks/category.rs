//! ESS-02: the opening noun and the chosen category should not contradict each other.

use std::collections::HashSet;

use begrip_domain::Category;
use begrip_language::{Number, OpeningKind};

use super::{Scene, Verdict, category_name};

/// Opening nouns by the category that they name.
#[derive(Debug)]
pub(crate) struct Heads {
    process: HashSet<String>,
    result: HashSet<String>,
    kind: HashSet<String>,
    person: HashSet<String>,
    nameless: HashSet<String>,
    either: Vec<String>,
}

/// What an opening noun tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Process,
    Result,
    Type,
    /// A person is of a type, and never the result of anything.
    Person,
}

impl Reading {
    fn category(self) -> Category {
        match self {
            Self::Process => Category::Process,
            Self::Result => Category::Result,
            Self::Type | Self::Person => Category::Type,
        }
    }
}

impl Heads {
    pub fn new(spec: HeadLists<'_>) -> Self {
        let set = |list: &[String]| list.iter().cloned().collect();
        Self {
            process: set(spec.process),
            result: set(spec.result),
            kind: set(spec.kind),
            person: set(spec.person),
            nameless: set(spec.nameless),
            either: spec.either.to_vec(),
        }
    }

    /// What the noun names, when the lists know it.
    fn of(&self, noun: &str) -> Option<Reading> {
        let lists = [
            (&self.process, Reading::Process),
            (&self.result, Reading::Result),
            (&self.person, Reading::Person),
            (&self.kind, Reading::Type),
        ];
        let found = lists.into_iter().find(|(list, _)| list.contains(noun));
        found.map(|(_, reading)| reading)
    }

    pub fn run(&self, scene: &Scene<'_>) -> Verdict {
        let words = scene.text.words();
        let opening = scene.text.opening();
        let Some((at, head)) = opening.head.and_then(|at| Some((at, words.get(at)?))) else {
            return Verdict::pass();
        };
        let noun: &str = &head.lower;
        let span = scene.text.span_of(at..at + 1);
        let Some(category) = scene.subject.category else {
            return match self.nameless.contains(noun) {
                true => Verdict::fail(
                    span,
                    format!(
                        "Er is geen categorie gekozen en ‘{}’ past op alles. Zeg wat voor ding, proces of resultaat het is.",
                        head.raw
                    ),
                ),
                false => Verdict::pass(),
            };
        };
        // *betalen van een geldbedrag*: an act, whatever the lists know.
        let act = opening.kind == OpeningKind::Infinitive
            && opening.number == Number::Singular
            && category == Category::Result;
        let Some(read) = self.of(noun).or(act.then_some(Reading::Process)) else {
            return Verdict::pass();
        };
        let either = || {
            self.either
                .iter()
                .any(|ending| noun.ends_with(ending.as_str()))
        };
        let contradicts = match (category, read) {
            (Category::Process, Reading::Type | Reading::Result) => true,
            (Category::Type | Category::Particular, Reading::Process) => true,
            (Category::Process | Category::Result, Reading::Person) => true,
            (Category::Result, Reading::Process) => !either(),
            _ => false,
        };
        if !contradicts {
            return Verdict::pass();
        }
        let chosen = category_name(category);
        let read = category_name(read.category());
        Verdict::fail(
            span,
            format!(
                "‘{}’ noemt een {read}, maar de gekozen categorie is {chosen}.",
                head.raw
            ),
        )
    }
}

/// The lists of a rule file.
pub(crate) struct HeadLists<'a> {
    pub process: &'a [String],
    pub result: &'a [String],
    pub kind: &'a [String],
    pub person: &'a [String],
    pub nameless: &'a [String],
    pub either: &'a [String],
}
