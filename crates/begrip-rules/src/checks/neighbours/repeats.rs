//! Another concept's definition inside the text, where its name would do.

use std::ops::Range;

use begrip_language::{Class, ContentWord, Number, Text};

use super::{Scene, qualified, together};
use crate::checks::{Verdict, mend};
use crate::report::Fix;
use crate::subject::Neighbour;

/// A definition with fewer telling words is a turn of phrase that anybody may use.
const FEWEST: usize = 4;

/// A definition with this many telling words may stand there with one word between them.
const LONG: usize = 6;

/// SAM-03
pub(crate) fn check(scene: &Scene<'_>) -> Verdict {
    if scene.alike().is_empty() {
        return Verdict::pass();
    }
    let head = qualified::head_concept(scene);
    let found = scene
        .alike()
        .iter()
        .filter(|like| like.gist().words.len() >= FEWEST)
        .filter(|like| {
            head.as_ref()
                .is_none_or(|head| head.concept.number != like.number)
        })
        .filter(|like| {
            together(&like.context, scene.subject.context) && !scene.shares_a_label(like)
        })
        .filter_map(|like| Some((whole(scene, like)?, like)))
        .max_by_key(|(_, like)| like.gist().words.len());
    let Some((words, like)) = found else {
        return Verdict::pass();
    };
    let name = &like.term;
    Verdict::fail(
        scene.text.span_of(words.clone()),
        format!("Hier staat de definitie van ‘{name}’ voluit. Noem dat begrip bij zijn naam."),
    )
    .with_fix(name_it(scene.text, words, name))
}

/// Where in the text the whole definition stands, in words; none when the text is nothing more.
pub(crate) fn whole(scene: &Scene<'_>, like: &Neighbour) -> Option<Range<usize>> {
    let own = &scene.gist().words;
    let run = run_in(own, &like.gist().words)?;
    let first = own.get(run.start)?.word;
    let last = own.get(run.end - 1)?.word;
    (run.len() < own.len()).then_some(first..last + 1)
}

/// Where `part` stands in `whole`, in telling words: in its order, with at most one word between
/// them when it is long.
pub(crate) fn run_in(whole: &[ContentWord], part: &[ContentWord]) -> Option<Range<usize>> {
    let spare = usize::from(part.len() >= LONG);
    let first = part.first()?;
    (0..whole.len())
        .filter(|start| {
            whole
                .get(*start)
                .is_some_and(|word| word.stem == first.stem)
        })
        .find_map(|start| {
            let (mut at, mut left) = (start, spare);
            for word in part {
                while whole.get(at)?.stem != word.stem {
                    // *die niet is betaald* says the opposite.
                    if ["niet", "geen", "zonder", "nooit"].contains(&whole.get(at)?.stem.as_str()) {
                        return None;
                    }
                    left = left.checked_sub(1)?;
                    at += 1;
                }
                at += 1;
            }
            Some(start..at)
        })
}

/// The text with a name in the place of these words; none where grammar would need more than that.
pub(crate) fn name_it(text: &Text<'_>, words: Range<usize>, name: &str) -> Option<Fix> {
    let opening = text.opening();
    let plural = words.contains(&opening.head?) && opening.number == Number::Plural;
    // *de*, *het* and *deze* have the gender of the noun that goes.
    let bound = words
        .start
        .checked_sub(1)
        .and_then(|before| text.words().get(before));
    let bound = bound.is_some_and(|word| {
        word.is(Class::Determiner) || (word.is(Class::Article) && word.lower != "een")
    });
    if plural || bound {
        return None;
    }
    mend::replace(text, &[(text.span_of(words), name.to_owned())])
}
