//! What changed between two versions of a concept, field by field and word by word.

use begrip_domain::{Category, Concept, Revision};
use similar::{ChangeTag, TextDiff};

use crate::schema::{DiffOp, DiffPart, FieldDiff, HistoryEntry};

/// The history of a concept, latest first; `revisions` come oldest first.
pub(crate) fn entries(revisions: &[Revision]) -> Vec<HistoryEntry> {
    let mut entries: Vec<HistoryEntry> = revisions
        .iter()
        .enumerate()
        .map(|(at, revision)| HistoryEntry {
            version: revision.concept.version,
            author: revision.author.clone(),
            at: revision.at,
            reason: revision.reason.clone(),
            status: revision.concept.status,
            changes: match at.checked_sub(1).and_then(|before| revisions.get(before)) {
                Some(before) => changes(&before.concept, &revision.concept),
                None => Vec::new(),
            },
        })
        .collect();
    entries.reverse();
    entries
}

fn changes(before: &Concept, after: &Concept) -> Vec<FieldDiff> {
    let before = texts(before);
    texts(after)
        .into_iter()
        .zip(before)
        .filter(|((_, after), (_, before))| after != before)
        .map(|((field, after), (_, before))| FieldDiff {
            field: field.to_owned(),
            parts: words(&before, &after),
        })
        .collect()
}

/// Every field of a concept as one text, in the order in which a page shows them.
fn texts(concept: &Concept) -> [(&'static str, String); 13] {
    let fields = &concept.fields;
    let lines = |items: &[String]| items.join("\n");
    let labels = |items: &mut dyn Iterator<Item = &begrip_domain::Label>| {
        items
            .map(|label| label.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    [
        ("term", fields.term.to_string()),
        ("definition", fields.definition.clone()),
        ("explanation", fields.explanation.clone()),
        ("examples", lines(&fields.examples)),
        ("counter_examples", lines(&fields.counter_examples)),
        ("synonyms", labels(&mut fields.synonyms.iter())),
        ("antonyms", labels(&mut fields.antonyms.iter())),
        ("context", labels(&mut fields.context.labels())),
        (
            "category",
            fields
                .category
                .map(Category::as_str)
                .unwrap_or_default()
                .to_owned(),
        ),
        (
            "citations",
            fields
                .citations
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
        ),
        ("validity", fields.validity.to_string()),
        ("notes", fields.notes.clone()),
        ("status", concept.status.as_str().to_owned()),
    ]
}

/// The difference of two texts in whole words; neighbouring pieces of one kind are joined.
pub(crate) fn words(before: &str, after: &str) -> Vec<DiffPart> {
    let mut parts: Vec<DiffPart> = Vec::new();
    for change in TextDiff::from_words(before, after).iter_all_changes() {
        let op = match change.tag() {
            ChangeTag::Equal => DiffOp::Same,
            ChangeTag::Delete => DiffOp::Removed,
            ChangeTag::Insert => DiffOp::Added,
        };
        match parts.last_mut() {
            Some(last) if last.op == op => last.text.push_str(change.value()),
            _ => parts.push(DiffPart {
                op,
                text: change.value().to_owned(),
            }),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_and_removed_give_the_old_text_and_kept_and_added_the_new() {
        let (before, after) = (
            "beslissing van de rechter",
            "schriftelijke beslissing van een rechter",
        );
        let parts = words(before, after);
        let side = |op| {
            parts
                .iter()
                .filter(|part| part.op == DiffOp::Same || part.op == op)
                .map(|part| part.text.as_str())
                .collect::<String>()
        };
        assert_eq!(side(DiffOp::Removed), before);
        assert_eq!(side(DiffOp::Added), after);
        assert!(
            parts
                .iter()
                .any(|p| p.op == DiffOp::Same && p.text.contains("beslissing van"))
        );
    }
}
