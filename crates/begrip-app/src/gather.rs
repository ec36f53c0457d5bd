//! What goes along with a question to the model, and what its answer rests on.

use std::time::Duration;

use begrip_domain::{Citation, Label, Status};
use begrip_interchange::cited_articles;
use begrip_language::{Text, search_words};
use begrip_prompt::{Passage, Prompt, Related, Reply};

use crate::define::label;
use crate::open::Core;
use crate::prepare::Small;
use crate::protect::Gate;
use crate::schema::{AssumedCategory, CitedSource, DraftInput, FirstQuestion, PassageHit};
use crate::{App, UserError};

/// Related concepts that go along.
const RELATED: usize = 3;

/// Longest definition of a related concept that goes along, in characters.
const RELATED_CHARS: usize = 220;

/// Articles that go along.
const PASSAGES: usize = 3;

/// Articles that are looked at to choose those from.
const CANDIDATES: u32 = 12;

/// Characters of an article that go along: at most some 80 tokens.
const PASSAGE_CHARS: usize = 320;

/// What fits less than this share of the best is left at home.
const WORTH: f64 = 0.5;

/// How long each branch may take; a slow one is left out and named.
pub(crate) const DEADLINE: Duration = Duration::from_millis(400);

/// What goes along with a question.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub related: Vec<Related>,
    pub passages: Passages,
    /// The category that is assumed where the user chose none.
    pub assumed: Option<AssumedCategory>,
    /// Words that the passages were found with, when the term found none.
    pub searched_with: Vec<String>,
    /// The small question that would go first, for showing it.
    pub first: Option<FirstQuestion>,
    /// Branches that were too slow or failed, as the prompt's sections are named.
    pub left_out: Vec<String>,
    /// Terms of concepts that name somebody or a case and stay here.
    pub unrelated: Vec<String>,
}

/// Articles and passages of decisions that fit a question.
#[derive(Debug, Default)]
pub(crate) struct Passages {
    pub out: Vec<Passage>,
    /// The same as they are shown, in the same order.
    hits: Vec<PassageHit>,
    /// Citations of what names somebody or a case and stays here.
    held_back: Vec<String>,
}

impl Passages {
    /// True when nothing was found, not even what stays here.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty() && self.held_back.is_empty()
    }
}

impl Gathered {
    /// Citations and terms of what names somebody or a case and stays here.
    pub fn held_back(&self) -> Vec<String> {
        let held_back = self.passages.held_back.iter().chain(&self.unrelated);
        held_back.cloned().collect()
    }

    /// The passages that the budget left room for.
    pub fn sent(&self, prompt: &Prompt) -> Vec<PassageHit> {
        let sent = |rank: usize| {
            let name = format!("passage_{rank}");
            let mut sections = prompt.sections.iter();
            sections.any(|section| section.name == name && !section.dropped)
        };
        let ranked = (1..).zip(&self.passages.hits);
        ranked
            .filter(|(rank, _)| sent(*rank))
            .map(|(_, hit)| hit.clone())
            .collect()
    }
}

/// The answer of a branch, or nothing and its name when it was too slow.
pub(crate) async fn within<T: Default>(
    name: &str,
    deadline: Duration,
    branch: impl Future<Output = Result<T, UserError>>,
) -> Result<(T, Option<String>), UserError> {
    #[cfg(test)]
    let branch = tests::watched(branch);
    match tokio::time::timeout(deadline, branch).await {
        Ok(answer) => Ok((answer?, None)),
        Err(_) => Ok((T::default(), Some(name.to_owned()))),
    }
}

impl App {
    /// Related concepts, articles and category at one time, each with its own deadline; a small
    /// question, where one is needed and allowed, beside the related concepts.
    ///
    /// Errors: no term, a store that cannot be read.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn gather(
        &self,
        input: &DraftInput,
        small: Small<'_>,
    ) -> Result<Gathered, UserError> {
        let term = label(&input.term)?;
        let gate = Gate::of(&input.privacy)?;
        let related = self.blocking(move |core| core.related(&term, &gate));
        let (related, prepared) = tokio::try_join!(
            within("related", DEADLINE, related),
            self.prepare(input, small),
        )?;
        Ok(Gathered {
            related: related.0.0,
            unrelated: related.0.1,
            left_out: related.1.into_iter().chain(prepared.left_out).collect(),
            ..prepared
        })
    }

    /// Sources that were looked up: those of concepts with the same term in another context.
    pub(crate) async fn sources(&self, input: &DraftInput) -> Result<Vec<Citation>, UserError> {
        let term = input.term.clone();
        self.blocking(move |core| {
            let mut sources: Vec<Citation> = Vec::new();
            for row in core.store.with_term(&term)?.into_iter().take(RELATED) {
                let Some(concept) = core.store.get(row.id)? else {
                    continue;
                };
                for citation in concept.fields.citations {
                    if !sources.contains(&citation) {
                        sources.push(citation);
                    }
                }
            }
            Ok(sources)
        })
        .await
    }

    /// The articles that a reply names, each looked up among the laws on this computer.
    pub(crate) async fn cited(&self, reply: &Reply) -> Result<Vec<CitedSource>, UserError> {
        let mut texts = vec![reply.definition.clone(), reply.explanation.clone()];
        texts.extend_from_slice(&reply.examples);
        texts.extend_from_slice(&reply.counter_examples);
        self.blocking(move |core| core.look_up_cited(&texts.join("\n")))
            .await
    }
}

impl Core {
    /// Concepts that stand near the term, for the model to keep in step with; and the terms of those
    /// that name somebody.
    #[tracing::instrument(skip_all)]
    fn related(&self, term: &Label, gate: &Gate) -> Result<(Vec<Related>, Vec<String>), UserError> {
        let own = begrip_language::term_key(term.as_str());
        let (mut related, mut held_back) = (Vec::new(), Vec::new());
        for hit in self.store.search(term.as_str(), &self.own_context(), 10)? {
            let same = begrip_language::term_key(hit.row.term.as_str()) == own;
            let gone = matches!(hit.row.status, Status::Withdrawn | Status::Superseded);
            if same || gone {
                continue;
            }
            let Some(concept) = self.store.get(hit.row.id)? else {
                continue;
            };
            let definition = concept.fields.definition;
            // Whole or not at all: half a sentence would say something else.
            if definition.is_empty() || definition.chars().count() > RELATED_CHARS {
                continue;
            }
            let term = hit.row.term.as_str();
            match (gate.nameless_label(term), gate.nameless(&definition)) {
                (Some(term), Some(definition)) => related.push(Related { term, definition }),
                _ => held_back.push(term.to_owned()),
            }
            if related.len() == RELATED {
                break;
            }
        }
        Ok((related, held_back))
    }

    /// The best articles for a question, those of the laws in its context first; whole sentences.
    #[tracing::instrument(name = "passages", skip_all)]
    pub(crate) fn fitting_passages(
        &self,
        input: &DraftInput,
        question: &str,
    ) -> Result<Passages, UserError> {
        let gate = Gate::of(&input.privacy)?;
        let mut found = self.store.passages(question, self.today(), CANDIDATES)?;
        let best = found.first().map_or(0.0, |passage| passage.score);
        found.retain(|passage| passage.score >= best * WORTH);
        let laws: Vec<String> = input
            .context
            .statutory_bases
            .iter()
            .map(|law| law.as_str().to_lowercase())
            .collect();
        // Stable: within each half the order of the search stays.
        found.sort_by_key(|passage| {
            let title = passage.article.version.title.to_lowercase();
            !laws.iter().any(|law| law.starts_with(&title))
        });
        let mut passages = Passages::default();
        for passage in found {
            let Some(text) = fitting(&passage.article.text, question, PASSAGE_CHARS) else {
                continue;
            };
            let kind = passage.article.version.kind;
            let hit = crate::sources::hit(passage.article, text)?;
            match gate.passage(kind, &hit) {
                Some(passage) => {
                    passages.out.push(passage);
                    passages.hits.push(hit);
                }
                None => passages.held_back.push(hit.citation.to_string()),
            }
            if passages.out.len() == PASSAGES {
                break;
            }
        }
        Ok(passages)
    }

    fn look_up_cited(&self, text: &str) -> Result<Vec<CitedSource>, UserError> {
        let laws: Vec<(String, String)> = self
            .store
            .sources()?
            .into_iter()
            .map(|source| (source.id, source.title))
            .collect();
        let today = self.today();
        let mut cited = Vec::new();
        for found in cited_articles(text, &laws) {
            let article = match &found.law {
                Some(law) => self.store.article(law, &found.article, today)?,
                None => None,
            };
            cited.push(CitedSource {
                text: found.text,
                citation: article.as_ref().map(crate::sources::citation).transpose()?,
            });
        }
        Ok(cited)
    }
}

/// The part of an article that fits a question best: whole sentences of the paragraph that has most
/// of its words, up to `chars` characters. None when no sentence of it is short enough.
pub(crate) fn fitting(article: &str, question: &str, chars: usize) -> Option<String> {
    let wanted = search_words(question);
    let hits = |line: &str| {
        let words = search_words(line);
        wanted.iter().filter(|word| words.contains(word)).count()
    };
    let lines: Vec<&str> = article.lines().collect();
    // The first of the best: what comes first in a law is the rule, and then come exceptions.
    let best = (0..lines.len()).max_by_key(|at| {
        let line = lines.get(*at).copied().unwrap_or_default();
        (hits(line), std::cmp::Reverse(*at))
    })?;
    // An item by itself is half a sentence: its list begins where a line was last not indented.
    let is_item = |line: &&str| line.starts_with(char::is_whitespace);
    let before = lines.get(..=best).unwrap_or_default();
    let first = before
        .iter()
        .rposition(|line| !is_item(line))
        .unwrap_or(best);
    let mut out = String::new();
    let (mut length, mut whole) = (0, 0);
    'lines: for (at, line) in lines.iter().enumerate().skip(first) {
        let goes_on = lines.get(at + 1).is_some_and(is_item);
        let sentences = sentences(line);
        for (nth, sentence) in (1..).zip(&sentences) {
            let more = sentence.chars().count() + 1;
            if length + more > chars {
                break 'lines;
            }
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(sentence);
            length += more;
            // A list that was cut would say something else than the law.
            let last = nth == sentences.len();
            let cuts = if last { goes_on } else { at > first };
            if !cuts && is_closed(sentence) {
                whole = out.len();
            }
        }
        if !goes_on {
            break;
        }
    }
    out.truncate(whole);
    (!out.is_empty()).then_some(out)
}

/// Whether a sentence has come to its end.
fn is_closed(sentence: &str) -> bool {
    sentence
        .trim_end_matches(['"', '\'', '”', '’', '»', ')', ']'])
        .ends_with(['.', '?', '!'])
}

/// The sentences of a line with their closing marks.
fn sentences(line: &str) -> Vec<&str> {
    let line = line.trim();
    let text = Text::new(line);
    let starts: Vec<usize> = text
        .sentences()
        .iter()
        .map(|sentence| text.bytes_of(sentence.span).start)
        .collect();
    (0..starts.len())
        .filter_map(|at| {
            // What stands before the first word, as a number, belongs to it.
            let from = if at == 0 { 0 } else { *starts.get(at)? };
            let to = starts.get(at + 1).copied().unwrap_or(line.len());
            line.get(from..to).map(str::trim)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::lock;
    use std::sync::{Arc, Mutex};
    use tokio::sync::Barrier;

    tokio::task_local! {
        static WATCH: Arc<Watch>;
    }

    /// Keeps each branch from its work until all have begun, and writes down how they begin and end.
    struct Watch {
        told: Mutex<Vec<&'static str>>,
        all: Barrier,
    }

    struct Begun(Arc<Watch>);

    impl Drop for Begun {
        fn drop(&mut self) {
            lock(&self.0.told).push("end");
        }
    }

    /// The branch, held up when a test watches; it ends also when it is given up at its deadline.
    pub(super) async fn watched<T>(branch: impl Future<Output = T>) -> T {
        let Ok(watch) = WATCH.try_with(Arc::clone) else {
            return branch.await;
        };
        lock(&watch.told).push("begin");
        let _begun = Begun(Arc::clone(&watch));
        watch.all.wait().await;
        branch.await
    }

    #[tokio::test]
    async fn concepts_articles_and_category_are_gathered_at_one_time() {
        let home = tempfile::tempdir().unwrap();
        let options = crate::OpenOptions::at(home.path().to_owned());
        let app = tokio::task::spawn_blocking(move || App::open(options))
            .await
            .unwrap()
            .unwrap();
        let watch = Arc::new(Watch {
            told: Mutex::default(),
            all: Barrier::new(3),
        });
        let input = DraftInput {
            term: "contactverbod".to_owned(),
            ..DraftInput::default()
        };
        WATCH
            .scope(Arc::clone(&watch), app.gather(&input, Small::Never))
            .await
            .unwrap();
        // One after the other, the first would be given up before the second begins.
        assert_eq!(
            *lock(&watch.told),
            ["begin", "begin", "begin", "end", "end", "end"]
        );
    }

    #[tokio::test]
    async fn a_slow_branch_is_left_out_and_named_and_the_others_stay() {
        let (quick, late) = tokio::try_join!(
            within("related", Duration::from_secs(60), async { Ok(7) }),
            within(
                "passage",
                Duration::from_millis(1),
                std::future::pending::<Result<u32, UserError>>()
            ),
        )
        .unwrap();
        assert_eq!(quick, (7, None));
        assert_eq!(late, (0, Some("passage".to_owned())));
    }

    #[test]
    fn what_goes_along_are_whole_sentences_of_the_part_that_fits() {
        let article = "1. De zitting is openbaar. De voorzitter opent haar.\n\
                       2. Een proefzaak wordt geschorst als de rechter dat beveelt. Dat duurt kort.\n\
                       3. De griffier maakt een lijst van:\n  a. de partijen;\n  b. hun raadslieden.";
        for (question, chars, part) in [
            (
                "proefzaak",
                340,
                Some(
                    "2. Een proefzaak wordt geschorst als de rechter dat beveelt. Dat duurt kort.",
                ),
            ),
            (
                "proefzaak",
                62,
                Some("2. Een proefzaak wordt geschorst als de rechter dat beveelt."),
            ),
            ("proefzaak", 20, None),
            (
                "griffier",
                340,
                Some("3. De griffier maakt een lijst van: a. de partijen; b. hun raadslieden."),
            ),
            // Half a list would say something else, and so would an item by itself.
            ("griffier", 55, None),
            (
                "raadslieden",
                340,
                Some("3. De griffier maakt een lijst van: a. de partijen; b. hun raadslieden."),
            ),
        ] {
            assert_eq!(
                fitting(article, question, chars).as_deref(),
                part,
                "{question} {chars}"
            );
        }
    }

    #[test]
    fn half_a_sentence_never_goes_along() {
        let long = "Een tweede zin die niet meer past omdat zij nog lang doorgaat";
        for (article, part) in [
            ("De tenuitvoerlegging geschiedt indien het", None),
            ("Een strafbaar feit, en", None),
            ("De proefzaak bestaat, dan wel", None),
            ("De proefzaak bestaat …", None),
            ("De proefzaak sluit:", None),
            ("De proefzaak sluit. En verder", Some("De proefzaak sluit.")),
            ("Sluit de proefzaak?", Some("Sluit de proefzaak?")),
            (
                "De rechter zegt: ‘De proefzaak sluit.’",
                Some("De rechter zegt: ‘De proefzaak sluit.’"),
            ),
            (
                "De proefzaak sluit (zie hierna.)",
                Some("De proefzaak sluit (zie hierna.)"),
            ),
            (
                "De proefzaak sluit. De rechter kan, indien het\n  a. is gevraagd. Zo nodig;\n  b. mag, en",
                Some("De proefzaak sluit."),
            ),
            (
                &format!("De proefzaak sluit. {long}."),
                Some("De proefzaak sluit."),
            ),
        ] {
            assert_eq!(
                fitting(article, "proefzaak", 60).as_deref(),
                part,
                "{article}"
            );
        }
    }
}
