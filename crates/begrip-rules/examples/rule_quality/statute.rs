//! Definitions in a statute as Markdown: the entries of a list under *wordt verstaan onder*.

use crate::Entry;

/// Every entry *a. term: definition;* until the next heading.
pub fn definitions(statute: &str) -> Vec<Entry> {
    let mut out = Vec::new();
    let mut in_list = false;
    for line in statute.lines().map(str::trim) {
        if line.starts_with('#') {
            in_list = false;
        } else if line.contains("verstaan onder") && line.ends_with(':') {
            in_list = true;
        } else if in_list {
            out.extend(entry(line));
        }
    }
    out
}

fn entry(line: &str) -> Option<Entry> {
    let (label, rest) = line.split_once(". ")?;
    let is_label = label.len() <= 2 && label.chars().all(|c| c.is_ascii_alphanumeric());
    let (term, text) = rest.split_once(':').filter(|_| is_label)?;
    let text = text.trim().trim_end_matches([';', '.', ',']);
    (!text.is_empty()).then(|| Entry {
        term: term.trim().to_owned(),
        text: text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_where_terms_are_defined_and_nowhere_else() {
        let found = definitions(
            "In deze wet wordt verstaan onder:\n\na. hof: een gerecht;\n\nb. rechter: persoon: hij.\n\
             ### Artikel 2\nHij bepaalt:\na. straf: een boete;\n",
        );
        let found: Vec<_> = found.iter().map(|e| (&*e.term, &*e.text)).collect();
        assert_eq!(found, [("hof", "een gerecht"), ("rechter", "persoon: hij")]);
    }
}
