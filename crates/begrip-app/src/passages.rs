//! Articles and passages of decisions that fit a question: which go along, and what of them.

use begrip_language::{Text, search_words};
use begrip_prompt::Passage;

use crate::UserError;
use crate::open::Core;
use crate::protect::Gate;
use crate::schema::{DraftInput, PassageHit};

/// Articles that are looked at to choose from.
const LOOKED_AT: u32 = 20;

/// Characters of an article that go along when whole sentences of it are as short: some 80 tokens.
const PASSAGE_CHARS: usize = 320;

/// Characters of all of them together; a setting of more than three makes it more. One whose
/// sentences or list are longer takes the room of others.
const ROOM: usize = 3 * PASSAGE_CHARS;

/// What fits less than this share of the best is left at home.
const WORTH: f64 = 0.5;

/// Articles that go along when the index cannot tell which of them is meant, beyond a setting that
/// is lower.
const WIDEST: usize = 5;

/// The index cannot tell when the first that would stay at home fits this share of the best.
const UNSURE: f64 = 0.8;

/// Articles and passages of decisions that go along with a question.
#[derive(Debug, Default)]
pub(crate) struct Passages {
    pub out: Vec<Passage>,
    /// The same as they are shown, in the same order.
    pub hits: Vec<PassageHit>,
    /// Citations of what names somebody or a case and stays here.
    pub held_back: Vec<String>,
}

/// What those are chosen from, the best first.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    list: Vec<Candidate>,
    /// The index alone has put them in order.
    by_index: bool,
}

#[derive(Debug)]
struct Candidate {
    hit: PassageHit,
    /// As it may go out; none when it names somebody or a case.
    out: Option<Passage>,
    /// How well it fits by the index.
    score: f64,
    /// Of a law that the question's context names: those go first.
    of_context: bool,
}

impl Candidates {
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Those that may go out, in their order.
    pub fn passages(&self) -> Vec<&Passage> {
        let list = self.list.iter();
        list.filter_map(|candidate| candidate.out.as_ref())
            .collect()
    }

    /// In the order of index and `nearness` together: the nearness to the question of each of
    /// [`Candidates::passages`]. What stays here keeps the place that the index gave it.
    pub fn ordered_by(mut self, nearness: &[f64]) -> Self {
        let mut near: Vec<usize> = (0..nearness.len()).collect();
        near.sort_by(|a, b| nearness[*b].total_cmp(&nearness[*a]));
        let share = |rank: usize| 1.0 / (RANK + rank as f64);
        let mut shares: Vec<f64> = (0..nearness.len()).map(share).collect();
        for (rank, at) in near.into_iter().enumerate() {
            shares[at] += share(rank);
        }
        let mut shares = shares.into_iter();
        let mut list: Vec<(f64, Candidate)> = Vec::new();
        for candidate in std::mem::take(&mut self.list) {
            // What stays here goes with the one before it.
            let share = match candidate.out {
                Some(_) => shares.next().unwrap_or_default(),
                None => list.last().map_or(f64::MAX, |(share, _)| *share),
            };
            list.push((share, candidate));
        }
        list.sort_by(|(a, one), (b, other)| {
            let of_context = other.of_context.cmp(&one.of_context);
            of_context.then(b.total_cmp(a))
        });
        Self {
            list: list.into_iter().map(|(_, candidate)| candidate).collect(),
            by_index: false,
        }
    }

    /// The best `most` of them that there is room for, or up to [`WIDEST`] when the index cannot tell
    /// which is meant.
    pub fn choose(mut self, most: usize) -> Passages {
        let best = self.list.iter().map(|one| one.score).fold(0.0, f64::max);
        if self.by_index {
            self.list.retain(|one| one.score >= best * WORTH);
        }
        let mut room = ROOM.max(most * PASSAGE_CHARS);
        let mut passages = Passages::default();
        for candidate in self.list {
            let chosen = passages.out.len();
            let unsure = chosen < WIDEST && candidate.score >= best * UNSURE;
            if chosen >= most && !(most > 0 && unsure) {
                break;
            }
            let length = candidate.hit.text.chars().count();
            if length > room {
                continue;
            }
            match candidate.out {
                Some(out) => {
                    room -= length;
                    passages.out.push(out);
                    passages.hits.push(candidate.hit);
                }
                None => passages.held_back.push(candidate.hit.citation.to_string()),
            }
        }
        passages
    }
}

/// How little the first places of an order count before the others; the usual number is 60, for
/// longer lists.
const RANK: f64 = 10.0;

impl Core {
    /// The articles that fit a question best, those of the laws in its context first; of each whole
    /// sentences.
    #[tracing::instrument(name = "passages", skip_all)]
    pub(crate) fn candidates(
        &self,
        input: &DraftInput,
        question: &str,
    ) -> Result<Candidates, UserError> {
        let gate = Gate::of(&input.privacy)?;
        let laws: Vec<String> = input
            .context
            .statutory_bases
            .iter()
            .map(|law| law.as_str().to_lowercase())
            .collect();
        let of_context = |passage: &begrip_store::Passage| {
            let title = passage.article.version.title.to_lowercase();
            laws.iter().any(|law| law.starts_with(&title))
        };
        let mut found = self.store.passages(question, self.today(), LOOKED_AT)?;
        // Stable: within each half the order of the search stays.
        found.sort_by_key(|passage| !of_context(passage));
        let settings = self.settings().gather;
        // Each is read by the privacy gate, which takes its time.
        let enough = match settings.rerank {
            true => found.len(),
            false => WIDEST.max(settings.passages as usize),
        };
        let mut list = Vec::new();
        for passage in found {
            let (score, of_context) = (passage.score, of_context(&passage));
            let article = &passage.article.text;
            let short = fitting(article, question, PASSAGE_CHARS);
            let Some(text) = short.or_else(|| fitting(article, question, ROOM)) else {
                continue;
            };
            let kind = passage.article.version.kind;
            let hit = crate::sources::hit(passage.article, text)?;
            let out = gate.passage(kind, &hit);
            list.push(Candidate {
                hit,
                out,
                score,
                of_context,
            });
            if list.iter().filter(|one| one.out.is_some()).count() == enough {
                break;
            }
        }
        Ok(Candidates {
            list,
            by_index: true,
        })
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
