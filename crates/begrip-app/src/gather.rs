//! What goes along with a question to the model, and from where.

use begrip_language::{Text, search_words};

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
    let mut out = String::new();
    let mut length = 0;
    'lines: for line in lines.iter().skip(best) {
        for sentence in sentences(line) {
            let more = sentence.chars().count() + 1;
            if length + more > chars {
                break 'lines;
            }
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(sentence);
            length += more;
        }
        if !line.ends_with([':', ';']) {
            break;
        }
    }
    // A list that was cut would say something else than the law.
    let whole = !out.is_empty() && !out.ends_with([':', ';', ',']);
    whole.then_some(out)
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
