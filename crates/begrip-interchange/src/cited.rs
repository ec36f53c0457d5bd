//! Citations in running text: *artikel 67, eerste lid, Wetboek van Strafvordering*, *art. 67 Sv*.

use crate::known;

/// An article that a text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CitedArticle {
    /// As it stands in the text.
    pub text: String,
    /// The law's BWB id when it is a law that is known, and otherwise nothing.
    pub law: Option<String>,
    /// The law's name as the text gives it.
    pub name: String,
    /// The article's number.
    pub article: String,
}

/// The articles that a text names together with their law, each once, in order. `laws` are more
/// laws to know: BWB id and title.
///
/// A name of a law is taken to be what follows *van de*, *van het* or nothing, with a capital, to
/// the end of the name as it is known, or else of the words with a capital.
pub fn cited_articles(text: &str, laws: &[(String, String)]) -> Vec<CitedArticle> {
    let mut found: Vec<CitedArticle> = Vec::new();
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return found;
    }
    let mut from = 0;
    while let Some((at, length)) = next_article(&lower, from) {
        from = at + length;
        let Some(rest) = text.get(from..) else { break };
        let number = number_at(rest);
        if number.is_empty() {
            continue;
        }
        let after = rest.get(number.len()..).unwrap_or_default();
        let skipped = between(after);
        let name_at = after.get(skipped..).unwrap_or_default();
        let Some((law, name)) = law_at(name_at, laws) else {
            continue;
        };
        let end = from + number.len() + skipped + name.len();
        let cited = CitedArticle {
            text: text.get(at..end).unwrap_or_default().to_owned(),
            law,
            name,
            article: number.to_owned(),
        };
        if !found.iter().any(|known| known.text == cited.text) {
            found.push(cited);
        }
        from = end;
    }
    found
}

fn next_article(lower: &str, from: usize) -> Option<(usize, usize)> {
    let rest = lower.get(from..)?;
    ["artikelen ", "artikel ", "art. ", "artt. "]
        .into_iter()
        .filter_map(|word| Some((from + rest.find(word)?, word.len())))
        .min()
}

/// `67`, `67a`, `1:3`, `138ab`.
fn number_at(text: &str) -> &str {
    let end = text
        .char_indices()
        .find(|(_, c)| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '.')))
        .map_or(text.len(), |(at, _)| at);
    let number = text
        .get(..end)
        .unwrap_or_default()
        .trim_end_matches(['.', ':']);
    match number.starts_with(|c: char| c.is_ascii_digit()) {
        true => number,
        false => "",
    }
}

/// How much of `after` stands between the number and the law's name: the paragraph and *van de*.
fn between(after: &str) -> usize {
    const WORDS: &[&str] = &[
        "lid",
        "lid,",
        "leden",
        "leden,",
        "eerste",
        "tweede",
        "derde",
        "vierde",
        "vijfde",
        "zesde",
        "zevende",
        "achtste",
        "negende",
        "tiende",
        "onder",
        "onderdeel",
        "sub",
        "aanhef",
        "en",
        "van",
        "de",
        "het",
    ];
    let mut length = 0;
    loop {
        let rest = after.get(length..).unwrap_or_default();
        let space = rest.len() - rest.trim_start_matches([' ', ',']).len();
        let word = rest
            .get(space..)
            .unwrap_or_default()
            .split(' ')
            .next()
            .unwrap_or_default();
        let bare = word.trim_end_matches(',');
        let short = !bare.is_empty()
            && bare.chars().count() <= 3
            && bare
                .chars()
                .all(|c| c.is_ascii_digit() || c.is_ascii_lowercase() || c == '°');
        if WORDS.contains(&word.to_lowercase().as_str()) || WORDS.contains(&bare) || short {
            length += space + word.len();
        } else {
            return length + space;
        }
    }
}

/// The law whose name stands here.
fn law_at(text: &str, laws: &[(String, String)]) -> Option<(Option<String>, String)> {
    let lower = text.to_lowercase();
    let known = known::all()
        .flat_map(|law| [law.title, law.short].map(|name| (law.id.to_owned(), name.to_owned())));
    let best = laws
        .iter()
        .cloned()
        .chain(known)
        .filter(|(_, name)| {
            lower.starts_with(&name.to_lowercase())
                && !lower
                    .get(name.len()..)
                    .unwrap_or_default()
                    .starts_with(char::is_alphanumeric)
        })
        .max_by_key(|(_, name)| name.len());
    if let Some((id, name)) = best {
        return Some((Some(id), text.get(..name.len())?.to_owned()));
    }
    // A law that nobody knows: words with capitals and what small words tie to them, *Wet op de
    // zorgtoeslag*.
    let (mut end, mut tied) = (0, false);
    for word in text.split(' ').take(8) {
        let ties = matches!(word, "op" | "de" | "het" | "van" | "en" | "inzake" | "tot");
        let goes_on = end > 0 && (ties || tied);
        if !word.starts_with(char::is_uppercase) && !goes_on {
            break;
        }
        tied = ties;
        end += word.len() + 1;
        if word.ends_with(['.', ',', ';']) {
            break;
        }
    }
    let name = text.get(..end.saturating_sub(1).min(text.len()))?;
    let name = name.trim_end_matches(['.', ',', ';', ' ']);
    let lower = name.to_lowercase();
    let is_law = ["wet", "besluit", "regeling", "verordening", "verdrag"]
        .iter()
        .any(|kind| lower.contains(kind));
    is_law.then(|| (None, name.to_owned()))
}
