//! The chosen context should show in the text, not be named by it; and the text needs a source.

use begrip_language::{Break, Text};

use super::{Scene, Verdict, matcher::Matcher};

/// CON-01
pub(crate) fn named(scene: &Scene<'_>, words: &Matcher) -> Verdict {
    let text = scene.text.words();
    if let Some(found) = words.all(text).next() {
        let span = scene.text.span_of(found);
        let found = scene.text.text_of(span);
        return Verdict::fail(
            span,
            format!("‘{found}’ noemt de context. Laat de context uit de woorden blijken."),
        );
    }
    for label in scene.subject.context.labels() {
        let label_text = Text::new(label.as_str());
        let parts = label_text.words();
        // An abbreviation is told from a word by its capitals: *OM* from *om*.
        let exact = parts.len() == 1 && label.as_str().chars().all(|c| !c.is_lowercase());
        let found = (0..text.len()).find(|start| {
            text.get(*start..start + parts.len()).is_some_and(|window| {
                !window.is_empty()
                    && window.iter().zip(parts).all(|(word, part)| match exact {
                        true => word.raw == part.raw,
                        false => word.lower == part.lower,
                    })
                    && window
                        .iter()
                        .rev()
                        .skip(1)
                        .all(|word| word.after == Break::Space)
            })
        });
        if let Some(start) = found {
            return Verdict::fail(
                scene.text.span_of(start..start + parts.len()),
                format!(
                    "De definitie noemt de gekozen context ‘{label}’. Laat die uit de woorden blijken."
                ),
            );
        }
    }
    Verdict::pass()
}

/// CON-02
pub(crate) fn no_source(scene: &Scene<'_>) -> Verdict {
    match scene.subject.has_source {
        Some(false) => Verdict::fail_whole(
            "Er is geen bron vastgelegd. Voeg een wetsartikel of uitspraak toe.",
        ),
        Some(true) | None => Verdict::pass(),
    }
}
