//! Definitions that a law itself gives: *In deze wet wordt verstaan onder …*.

use begrip_domain::{Address, Label};

use crate::source::{Article, Block, Law, Line, address_of, folded};

/// A definition that a law itself gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalDefinition {
    /// The term, without an article before it.
    pub term: Label,
    /// Other terms that the law names beside it (*ambtenaar of medewerker*).
    pub synonyms: Vec<Label>,
    /// What the law says, without a closing mark.
    pub text: String,
    /// The article.
    pub article: String,
    /// The paragraph (*lid*), where there are any.
    pub paragraph: Option<String>,
    /// The place, without a date: it stays the same when only other articles change.
    pub address: Option<Address>,
}

/// The longest term, in characters; what is longer is a sentence.
const LONGEST_TERM: usize = 120;

/// Every definition of a law, in order.
pub fn definitions(law: &Law) -> Vec<LegalDefinition> {
    let mut found = Vec::new();
    for article in &law.articles {
        for block in &article.blocks {
            let mut place = Place {
                law: &law.id,
                article,
                block,
                found: &mut found,
            };
            place.read();
        }
    }
    found
}

struct Place<'a> {
    law: &'a str,
    article: &'a Article,
    block: &'a Block,
    found: &'a mut Vec<LegalDefinition>,
}

impl Place<'_> {
    fn read(&mut self) {
        let lines = &self.block.lines;
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            at += 1;
            let text = line.text.as_str();
            if opens_list(text) {
                at = self.list(at, line.depth);
            } else if let Some(term) = opens_one(text) {
                // *Onder X wordt verstaan:* and its items: together they are the text.
                let end = items_end(lines, at, line.depth);
                let items = lines.get(at..end).unwrap_or_default();
                if !items.is_empty() {
                    self.add(&term, &joined(items), None);
                }
                at = end;
            } else {
                self.sentences(text);
            }
        }
    }

    /// The items from `at` on, each a term with its definition; where they end.
    fn list(&mut self, mut at: usize, depth: u8) -> usize {
        let lines = &self.block.lines;
        while let Some(line) = lines.get(at) {
            let Some((term, text)) = split_term(&line.text) else {
                if line.depth > depth {
                    at += 1;
                    continue;
                }
                break;
            };
            // What stands deeper belongs to the item.
            let mut end = items_end(lines, at + 1, line.depth);
            if text.ends_with(':') {
                let rest = lines.get(end..).unwrap_or_default();
                let is_part = |line: &&Line| line.mark.as_deref().is_some_and(|m| m.contains('°'));
                end += rest.iter().take_while(is_part).count();
            }
            let below = lines.get(at + 1..end).unwrap_or_default();
            let text = match below.is_empty() {
                true => text.to_owned(),
                false => folded(&format!("{text} {}", joined(below))),
            };
            let item = line
                .mark
                .as_deref()
                .map(|mark| mark.trim_end_matches(['.', ')', '°', 'º']).to_owned());
            let item = item.filter(|item| item.chars().all(char::is_alphanumeric));
            self.add(term, &text, item.as_deref());
            at = end;
        }
        at
    }

    /// Definitions within running text.
    fn sentences(&mut self, text: &str) {
        for sentence in sentences(text) {
            let lower = sentence.to_lowercase();
            // What is also, or not, meant says no more than that.
            let partly = [
                "mede verstaan",
                "mede worden",
                "mede wordt",
                "niet verstaan",
            ];
            if partly.iter().any(|words| lower.contains(words)) {
                continue;
            }
            if let Some(rest) = lower
                .find("rdt verstaan: onder ")
                .or_else(|| lower.find("rden verstaan: onder "))
                .and_then(|at| sentence.get(at..))
                .and_then(|rest| rest.split_once(": "))
                .map(|(_, rest)| rest)
            {
                for part in rest.split(';') {
                    let part = part.trim();
                    if let Some((term, text)) = part.strip_prefix("onder ").and_then(split_term) {
                        self.add(term, text, None);
                    }
                }
            } else if let Some((term, text)) = one_sentence(sentence, &lower) {
                self.add(term, text, None);
            }
        }
    }

    fn add(&mut self, term: &str, text: &str, item: Option<&str>) {
        let (first, second) = alternatives(bare_term(term));
        let text = folded(text)
            .trim_end_matches([';', '.', ',', ' '])
            .to_owned();
        let Ok(label) = Label::new(first) else {
            return;
        };
        if text.chars().count() < 5 || first.chars().count() > LONGEST_TERM {
            return;
        }
        let paragraph = self.block.number.clone();
        self.found.push(LegalDefinition {
            term: label,
            synonyms: second
                .and_then(|second| Label::new(second).ok())
                .into_iter()
                .collect(),
            text,
            article: self.article.number.clone(),
            address: address_of(
                self.law,
                &self.article.number,
                paragraph.as_deref(),
                item,
                None,
            ),
            paragraph,
        });
    }
}

/// *In deze wet wordt verstaan onder:* – each item below has a term of its own.
fn opens_list(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.ends_with("verstaan onder:")
        || (lower.ends_with("wordt verstaan:") || lower.ends_with("worden verstaan:"))
            && !lower.contains("onder ")
        || lower.ends_with("verstaan onder")
}

/// *Onder X wordt verstaan:*, *wordt onder X verstaan:* – the items below say what X is.
fn opens_one(text: &str) -> Option<String> {
    let head = match text.strip_suffix(':') {
        Some(head) => head.to_owned(),
        // *… wordt onder gevaar verstaan: Gevaar:*
        None => return None,
    };
    let head = match head.rsplit_once(": ") {
        Some((before, echo)) if before.ends_with("verstaan") && echo.split(' ').count() <= 3 => {
            before.to_owned()
        }
        _ => head,
    };
    let sentence = sentences(&head).pop()?.to_owned();
    let lower = sentence.to_lowercase();
    if lower.contains("mede verstaan") || !lower.ends_with("verstaan") {
        return None;
    }
    term_between(&sentence, &lower).map(|(term, _)| term.to_owned())
}

/// *Onder X wordt verstaan Y*, *wordt onder X verstaan Y*, *wordt verstaan onder X: Y*.
fn one_sentence<'a>(sentence: &'a str, lower: &str) -> Option<(&'a str, &'a str)> {
    if let Some(at) = lower.find("rdt verstaan onder ") {
        let rest = sentence.get(at + "rdt verstaan onder ".len()..)?;
        return split_term(rest);
    }
    let (term, text) = term_between(sentence, lower)?;
    let text = text.trim_start_matches([':', ',']).trim();
    (!text.is_empty() && !text.ends_with(':')).then_some((term, text))
}

/// The term after *onder* and what follows on *verstaan*.
fn term_between<'a>(sentence: &'a str, lower: &str) -> Option<(&'a str, &'a str)> {
    // Letters that change length between cases would shift the places; none of a law do.
    if lower.len() != sentence.len() {
        return None;
    }
    let verb_end = lower.find("verstaan")? + "verstaan".len();
    let after = sentence.get(verb_end..)?;
    let head = lower.get(..verb_end - "verstaan".len())?;
    if head.starts_with("onder ") {
        let end = [" wordt ", " worden "]
            .into_iter()
            .filter_map(|verb| head.find(verb))
            .min()?;
        return Some((sentence.get("onder ".len()..end)?, after));
    }
    let from = ["wordt onder ", "worden onder "]
        .into_iter()
        .filter_map(|verb| Some(head.rfind(verb)? + verb.len()))
        .max()?;
    Some((
        sentence.get(from..verb_end - "verstaan".len())?.trim(),
        after,
    ))
}

/// The term before the first colon, and the rest; none when that is no term.
fn split_term(text: &str) -> Option<(&str, &str)> {
    let (term, rest) = text.split_once(':')?;
    let (term, rest) = (term.trim(), rest.trim());
    let is_term = !term.is_empty()
        && term.chars().count() <= LONGEST_TERM
        && !term.contains(". ")
        && !term.contains(';');
    is_term.then_some((term, rest))
}

/// Where the lines that stand deeper than `depth` end.
fn items_end(lines: &[Line], from: usize, depth: u8) -> usize {
    let below = lines.get(from..).unwrap_or_default();
    from + below.iter().take_while(|line| line.depth > depth).count()
}

fn joined(items: &[Line]) -> String {
    let parts: Vec<String> = items
        .iter()
        .map(|line| match &line.mark {
            Some(mark) => format!("{mark} {}", line.text),
            None => line.text.clone(),
        })
        .collect();
    parts.join(" ")
}

/// A term without the article before it and what narrows it to a place in the law.
fn bare_term(term: &str) -> &str {
    let term = term
        .trim()
        .trim_matches(['\'', '"', '“', '”', '‘', '’', ',']);
    let term = term.split(" als bedoeld").next().unwrap_or(term);
    let term = term.split(", bedoeld").next().unwrap_or(term);
    let lower = term.to_lowercase();
    let skip = ["de ", "het ", "een ", "eenig ", "enig "]
        .into_iter()
        .find(|article| lower.starts_with(article))
        .map_or(0, str::len);
    term.get(skip..)
        .unwrap_or(term)
        .trim()
        .trim_end_matches(',')
}

/// *ambtenaar of medewerker*: two names of one thing.
fn alternatives(term: &str) -> (&str, Option<&str>) {
    match term.split_once(" of ") {
        Some((first, second)) if !first.contains(' ') && !second.contains(' ') => {
            (first, Some(second))
        }
        _ => (term, None),
    }
}

/// The sentences of a text: a full stop, a space and a capital end one, unless an abbreviation or
/// an initial stands before it.
fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(". ") {
        let next = text.get(at + 2..).unwrap_or_default();
        let word = text.get(start..at).unwrap_or_default();
        let word = word.rsplit(' ').next().unwrap_or_default();
        let ends = next.starts_with(char::is_uppercase) && word.chars().count() > 3;
        if ends {
            out.extend(text.get(start..at));
            start = at + 2;
        }
    }
    out.extend(
        text.get(start..)
            .map(str::trim)
            .filter(|rest| !rest.is_empty()),
    );
    out
}
