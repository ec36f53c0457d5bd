//! ESS-02: the opening noun and the chosen category should not contradict each other.

use std::collections::HashSet;

use begrip_domain::Category;

use super::{Scene, Verdict, category_name};

/// Opening nouns by the category that they name.
#[derive(Debug)]
pub(crate) struct Heads {
    process: HashSet<String>,
    result: HashSet<String>,
    kind: HashSet<String>,
    either: Vec<String>,
}

impl Heads {
    pub fn new(process: &[String], result: &[String], kind: &[String], either: &[String]) -> Self {
        let set = |list: &[String]| list.iter().cloned().collect();
        Self {
            process: set(process),
            result: set(result),
            kind: set(kind),
            either: either.to_vec(),
        }
    }

    /// The category that the noun names, when the lists know it.
    fn of(&self, noun: &str) -> Option<Category> {
        if self.process.contains(noun) {
            Some(Category::Process)
        } else if self.result.contains(noun) {
            Some(Category::Result)
        } else if self.kind.contains(noun) {
            Some(Category::Type)
        } else {
            None
        }
    }

    pub fn run(&self, scene: &Scene<'_>) -> Verdict {
        let words = scene.text.words();
        let Some((at, head)) = scene
            .text
            .opening()
            .head
            .and_then(|at| Some((at, words.get(at)?)))
        else {
            return Verdict::pass();
        };
        let noun: &str = &head.lower;
        let read = self.of(noun);
        let contradicts = match (scene.subject.category, read) {
            (Some(Category::Process), Some(Category::Type)) => true,
            (Some(Category::Type | Category::Particular), Some(Category::Process)) => true,
            (Some(Category::Result), Some(Category::Process)) => !self
                .either
                .iter()
                .any(|ending| noun.ends_with(ending.as_str())),
            _ => false,
        };
        if !contradicts {
            return Verdict::pass();
        }
        let chosen = scene.subject.category.map_or("", category_name);
        let read = read.map_or("", category_name);
        Verdict::fail(
            scene.text.span_of(at..at + 1),
            format!(
                "‘{}’ noemt een {read}, maar de gekozen categorie is {chosen}.",
                head.raw
            ),
        )
    }
}
