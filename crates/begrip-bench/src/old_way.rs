//! The old way, rebuilt from its description: a long prompt in which each part tells again what another part
//! told, the rule files read again for each check, a call for each part of a definition.
//!
//! It is a reconstruction: the rules are those of our own rule files, not the old system's. What its prompt
//! was made of is known, and so is how long it was: 6,753 tokens on average with a full context. The parts below
//! are those parts; that together they are about as long is held by a test, so that no saving is told against a
//! prompt that is longer than the real one was.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use begrip_domain::{Context, Label};
use begrip_llm::{CacheScope, Request};
use begrip_mock_model::replies::Reply;
use begrip_prompt::{Message, Passage, Role};
use begrip_rules::{Report, RuleFile, RulePack, Subject};

const ROLE: &str = "\
Je bent een expert in juridische definities voor de Nederlandse justitieketen. Je stelt een definitie op die in de hele \
keten kan worden gebruikt. Werk zorgvuldig en houd je aan alle regels hieronder.

Opdracht
Formuleer een definitie van het begrip in één zin. Begin met een zelfstandig naamwoord dat een ruimer begrip noemt en zeg \
daarna waarin dit begrip zich van andere onderscheidt. Gebruik geen toelichting, geen voorbeelden en geen verwijzing naar de \
context in de definitie zelf. Herhaal het begrip niet in de definitie.
";

const CATEGORY: &str = "\
Ontologische categorie
Bepaal eerst of het begrip een type, een exemplaar, een proces of een resultaat is. Pas de eerste woorden van de definitie \
daarop aan: een proces begint met een handeling, een resultaat met wat de handeling oplevert, een type met de soort waartoe \
het begrip hoort, een exemplaar met datgene waarvan het er een is.
";

/// What the task and the rules say already, told again.
const GRAMMAR: &str = "\
Taal en vorm
Schrijf één zin, zonder punt aan het eind. Begin met een zelfstandig naamwoord, niet met een lidwoord, niet met een werkwoord en \
niet met het begrip zelf. Schrijf in de tegenwoordige tijd en in het enkelvoud. Gebruik geen toelichting, geen voorbeelden en geen \
verwijzing naar de context.
";

const ENDING: &str = "\
Controleer je antwoord voordat je het geeft: loop alle regels één voor één na en verbeter de definitie als een regel niet is \
gehaald. Formuleer de definitie in één zin, zonder toelichting en zonder voorbeelden. Herhaal het begrip niet in de definitie. \
Geef alleen de definitie, zonder inleiding en zonder aanhalingstekens.";

/// Good and bad examples that go along with each rule, of each kind.
const EXAMPLES: usize = 1;

/// The parts of the old way's question for a definition, in order, each with its name.
pub fn sections(
    pack: &RulePack,
    context: &Context,
    term: &str,
    passages: &[Passage],
) -> Vec<(&'static str, String)> {
    let (mut rules, mut mistakes, mut checklist) = (
        "Regels\n".to_owned(),
        "Veelgemaakte fouten\n".to_owned(),
        "Controlelijst\n".to_owned(),
    );
    for rule in pack.rules() {
        let file = rule.file();
        let mut text = format!(
            "\nRegel {}: {}\nUitleg: {}\nToetsvraag: {}\n",
            file.id, file.title, file.why, file.question
        );
        for (mark, examples) in [
            ("Goed voorbeeld", &file.good),
            ("Fout voorbeeld", &file.bad),
        ] {
            for example in examples.iter().take(EXAMPLES) {
                text.push_str(&format!("{mark}: {}\n", example.text));
            }
        }
        rules.push_str(&text);
        // Writing to a text cannot fail.
        let _ = writeln!(mistakes, "- {}", file.title);
        let _ = writeln!(checklist, "- {}: {}", file.id, file.question);
    }
    let told = told(context);
    let mut sources = String::new();
    for passage in passages {
        let _ = writeln!(sources, "Bron: {}: {}", passage.citation, passage.text);
    }
    vec![
        ("role and task", ROLE.to_owned()),
        ("context", format!("Context\n{told}{sources}")),
        ("category", CATEGORY.to_owned()),
        ("language", GRAMMAR.to_owned()),
        ("rules", rules),
        ("rules again, as mistakes", mistakes),
        ("rules again, as a list", checklist),
        (
            "context and task again",
            format!(
                "Geef nu de definitie van het begrip ‘{term}’ in deze context:\n{told}Verwerk de context zonder haar te noemen.\n\
                 {ENDING}\n\nBegrip: {term}\n"
            ),
        ),
    ]
}

/// The whole context, as it stands in two of the parts.
fn told(context: &Context) -> String {
    let mut told = String::new();
    for (name, labels) in [
        ("Organisatorische context", &context.organisations),
        ("Juridische context", &context.legal_areas),
        ("Wettelijke basis", &context.statutory_bases),
    ] {
        let labels: Vec<&str> = labels.iter().map(Label::as_str).collect();
        let _ = writeln!(told, "{name}: {}", labels.join(", "));
    }
    told
}

/// The one message of the old way's question for a definition.
pub fn prompt(pack: &RulePack, context: &Context, term: &str, passages: &[Passage]) -> Message {
    let parts: Vec<String> = sections(pack, context, term, passages)
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    Message::new(Role::User, parts.join("\n"))
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

/// What the old way's rules are called where packs count how often they are read.
pub const OLD_VERSION: &str = "old-way";

/// A checker that keeps nothing: it reads its rules from disk for each text.
pub struct Checker {
    folder: PathBuf,
}

impl Checker {
    /// On the rule files of this repository.
    pub fn new(root: &Path) -> Self {
        Self {
            folder: root.join("crates/begrip-rules/rules"),
        }
    }

    /// Reads and compiles every rule file.
    pub fn read(&self) -> Result<RulePack> {
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
        Ok(RulePack::from_rules(OLD_VERSION, files)?)
    }

    /// Checks a text.
    pub fn check(&self, subject: &Subject<'_>) -> Result<Report> {
        Ok(self.read()?.check(subject))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question;

    /// What is known of the old prompt: its mean with a full context, and what its plan says of it.
    const KNOWN: std::ops::RangeInclusive<f64> = 6_400.0..=7_250.0;

    #[test]
    fn the_old_prompt_is_as_long_as_it_was() {
        let pack = RulePack::built_in().unwrap();
        let counter = begrip_prompt::Tiktoken::for_model(question::MODEL);
        let context = question::context().unwrap();
        let passages = question::passages().unwrap();
        let mean = |counts: &[f64]| counts.iter().sum::<f64>() / counts.len() as f64;
        let count = |context: &Context, term: &str, passages: &[Passage]| {
            let message = prompt(&pack, context, term, passages);
            f64::from(begrip_prompt::count_request(&[message], None, &counter))
        };
        for passages in [&passages[..], &[]] {
            let counts = question::TERMS.map(|term| count(&context, term, passages));
            assert!(KNOWN.contains(&mean(&counts)), "{counts:?}");
        }
        let corpus = begrip_app::starter::concepts(jiff::Timestamp::UNIX_EPOCH).unwrap();
        assert!(corpus.len() > 200);
        let counts: Vec<f64> = corpus
            .iter()
            .map(|concept| &concept.fields)
            .map(|fields| count(&fields.context, fields.term.as_str(), &[]))
            .collect();
        assert!(KNOWN.contains(&mean(&counts)), "{}", mean(&counts));
        for (name, text) in sections(&pack, &context, "vonnis", &[]) {
            let tokens = begrip_prompt::TokenCounter::count(&counter, &text);
            println!("{name}: {tokens}");
        }
        println!("mean over the starter set: {}", mean(&counts));
    }

    #[test]
    fn the_old_prompt_tells_every_rule_three_times_and_the_whole_context_twice() {
        let pack = RulePack::built_in().unwrap();
        let context = question::context().unwrap();
        let text = prompt(&pack, &context, "vonnis", &question::passages().unwrap()).content;
        for rule in pack.rules() {
            let file = rule.file();
            for (part, times) in [
                (&file.why, 1),
                (&file.title, 2),
                (&file.question, 2),
                (&file.good[0].text, 1),
                (&file.bad[0].text, 1),
            ] {
                let found = text.matches(part.as_str()).count();
                assert!(found >= times, "{}: {part}", file.id);
            }
        }
        for part in ["OM", "strafrecht", "Wetboek van Strafvordering"] {
            assert!(text.matches(part).count() >= 2, "{part}");
        }
        assert!(text.ends_with("Begrip: vonnis\n"));
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
        let checker = Checker::new(&root);
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
    }
}
