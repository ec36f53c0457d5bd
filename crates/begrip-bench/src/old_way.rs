//! The old way, rebuilt from its description: all rules in full in every prompt, the rule files
//! read again for each check, a call for each part of a definition.
//!
//! It is a reconstruction: the texts are those of our own rule files, not the old system's.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use begrip_domain::{Context, Label};
use begrip_llm::{CacheScope, Request};
use begrip_mock_model::replies::Reply;
use begrip_prompt::{Message, Passage, Role};
use begrip_rules::{Report, RuleFile, RulePack, Subject};

const TEMPLATE: &str = "\
Je bent een expert in juridische definities voor de Nederlandse justitieketen. Je stelt een definitie op die in de hele \
keten kan worden gebruikt. Werk zorgvuldig en houd je aan alle regels hieronder.

Opdracht
Formuleer een definitie van het begrip in één zin. Begin met een zelfstandig naamwoord dat een ruimer begrip noemt en zeg \
daarna waarin dit begrip zich van andere onderscheidt. Gebruik geen toelichting, geen voorbeelden en geen verwijzing naar de \
context in de definitie zelf. Herhaal het begrip niet in de definitie.

Ontologische categorie
Bepaal eerst of het begrip een type, een exemplaar, een proces of een resultaat is. Pas de eerste woorden van de definitie \
daarop aan: een proces begint met een handeling, een resultaat met wat de handeling oplevert.
";

const ENDING: &str = "\
Controleer je antwoord voordat je het geeft: loop alle regels één voor één na en verbeter de definitie als een regel niet is \
gehaald. Geef alleen de definitie, zonder inleiding en zonder aanhalingstekens.";

/// The one message of the old way's question for a definition.
pub fn prompt(pack: &RulePack, context: &Context, term: &str, passages: &[Passage]) -> Message {
    let mut text = String::from(TEMPLATE);
    text.push_str("\nContext\n");
    for (name, labels) in [
        ("Organisatorische context", &context.organisations),
        ("Juridische context", &context.legal_areas),
        ("Wettelijke basis", &context.statutory_bases),
    ] {
        let labels: Vec<&str> = labels.iter().map(Label::as_str).collect();
        text.push_str(&format!("{name}: {}\n", labels.join(", ")));
    }
    for passage in passages {
        text.push_str(&format!("Bron: {}: {}\n", passage.citation, passage.text));
    }
    text.push_str("\nRegels\n");
    for rule in pack.rules() {
        let file = rule.file();
        text.push_str(&format!(
            "\nRegel {}: {}\nUitleg: {}\nToetsvraag: {}\n",
            file.id, file.title, file.why, file.question
        ));
        for (mark, examples) in [
            ("Goed voorbeeld", &file.good),
            ("Fout voorbeeld", &file.bad),
        ] {
            for example in examples {
                text.push_str(&format!("{mark}: {}\n", example.text));
            }
        }
    }
    text.push_str(&format!("\n{ENDING}\n\nBegrip: {term}\n"));
    Message::new(Role::User, text)
}

/// A question of the old way, as our client sends it; `arm` keeps equal questions apart.
pub fn request(message: Message, arm: &str) -> Request {
    let scope = CacheScope {
        arm: arm.to_owned(),
        ..CacheScope::default()
    };
    let mut request = Request::new(begrip_mock_model::MODEL_NAME, vec![message], scope);
    request.temperature = Some(0.2);
    // The whole answer at once: the mock model's streams take some 40 ms of their own at the end,
    // where the system delays acknowledgements, and that must not count against the old way.
    request.stream = false;
    request
}

/// One call of the seven.
pub struct Part {
    /// What it asks for.
    pub asks: &'static str,
    /// What the model answers: the same words that ours gets in one reply.
    pub answer: String,
}

/// The seven calls, in order; their answers together are one reply.
pub fn parts(reply: &Reply) -> [Part; 7] {
    let lines = |texts: &[String]| texts.join("\n");
    let (sentences, cases) = reply.examples.split_at(reply.examples.len().div_ceil(2));
    let nothing = |text: String| {
        if text.is_empty() {
            "geen".to_owned()
        } else {
            text
        }
    };
    [
        ("de definitie", reply.definition.clone()),
        ("voorbeeldzinnen", lines(sentences)),
        ("praktijkvoorbeelden", lines(cases)),
        ("tegenvoorbeelden", lines(&reply.counter_examples)),
        ("synoniemen", lines(&reply.synonyms)),
        ("antoniemen", String::new()),
        ("een toelichting", reply.explanation.clone()),
    ]
    .map(|(asks, answer)| Part {
        asks,
        answer: nothing(answer),
    })
}

/// The question for a part that is not the definition.
pub fn ask_for(part: &Part, term: &str, context: &Context, definition: &str) -> Message {
    let labels: Vec<&str> = context.labels().map(Label::as_str).collect();
    Message::new(
        Role::User,
        format!(
            "Geef {} bij het begrip ‘{term}’ in de context {}, met als definitie: {definition}",
            part.asks,
            labels.join(", ")
        ),
    )
}

/// A checker that keeps nothing: it reads its rules from disk for each text.
pub struct Checker {
    folder: PathBuf,
    /// How often all rule files were read.
    pub passes: u32,
}

impl Checker {
    /// On the rule files of this repository.
    pub fn new(root: &Path) -> Self {
        Self {
            folder: root.join("crates/begrip-rules/rules"),
            passes: 0,
        }
    }

    /// Reads and compiles every rule file.
    pub fn read(&mut self) -> Result<RulePack> {
        self.passes += 1;
        let mut files: Vec<RuleFile> = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let is_rule = path.extension().is_some_and(|ending| ending == "toml")
                && path.file_stem().is_some_and(|name| name != "pack");
            if is_rule {
                let text = fs::read_to_string(&path)?;
                files.push(toml::from_str(&text).with_context(|| path.display().to_string())?);
            }
        }
        Ok(RulePack::from_rules("old-way", files)?)
    }

    /// Checks a text.
    pub fn check(&mut self, subject: &Subject<'_>) -> Result<Report> {
        Ok(self.read()?.check(subject))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question;

    #[test]
    fn the_old_prompt_tells_every_rule_in_full_and_the_whole_context() {
        let pack = RulePack::built_in().unwrap();
        let context = question::context().unwrap();
        let text = prompt(&pack, &context, "vonnis", &question::passages().unwrap()).content;
        for rule in pack.rules() {
            let file = rule.file();
            for part in [
                &file.why,
                &file.question,
                &file.good[0].text,
                &file.bad[2].text,
            ] {
                assert!(text.contains(part.as_str()), "{}: {part}", file.id);
            }
        }
        for part in [
            "OM",
            "strafrecht",
            "Wetboek van Strafvordering",
            "Begrip: vonnis",
        ] {
            assert!(text.contains(part), "{part}");
        }
    }

    #[test]
    fn the_seven_answers_hold_the_words_of_one_reply() {
        let reply = begrip_mock_model::replies::reply_to("verdachte");
        let parts = parts(&reply);
        let all: String = parts.iter().map(|part| part.answer.as_str()).collect();
        assert!(parts.iter().all(|part| !part.answer.is_empty()));
        for text in reply
            .examples
            .iter()
            .chain([&reply.definition, &reply.explanation])
        {
            assert!(all.contains(text.as_str()), "{text}");
        }
    }

    #[test]
    fn the_old_checker_finds_what_ours_finds() {
        let pack = RulePack::built_in().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut checker = Checker::new(&root);
        let context = question::context().unwrap();
        let subject = Subject {
            term: "vonnis",
            synonyms: &[],
            text: "een vonnis is een beslissing",
            context: &context,
            category: None,
            has_source: None,
        };
        let old = checker.check(&subject).unwrap();
        assert_eq!(old.findings, pack.check(&subject).findings);
        assert_eq!(checker.passes, 1);
    }
}
