//! Laws in Markdown: a heading for each part and article, a line for each paragraph and item.
//!
//! Which law it is shows from lines above the text (`bwb: BWBR…`, `titel: …`, `geldig: 2026-01-01`,
//! between two lines of `---`), or else from its title, when that is one of a law that is known.

use jiff::civil::Date;

use crate::ReadError;
use crate::bwb::{is_bwb_id, label};
use crate::known::{self, known_law};
use crate::source::{Article, Block, Law, Line, folded};

/// Parts of a law, from outside in.
const PARTS: &[&str] = &[
    "boek",
    "deel",
    "hoofdstuk",
    "titel",
    "afdeling",
    "afdeeling",
    "paragraaf",
    "§",
];

/// Reads a law in Markdown.
pub(crate) fn read(text: &str, valid_from: Option<Date>) -> Result<Law, ReadError> {
    let (about, body) = front_matter(text);
    let mut reading = Reading::default();
    for line in body.lines() {
        reading.line(line);
    }
    reading.close_article();
    if reading.articles.is_empty() {
        return Err(ReadError::NoArticles);
    }
    let named = |title: &str| known_law(title).map(|law| (law.id.to_owned(), law.title.to_owned()));
    let (id, title) = match (about.id, about.title) {
        (Some(id), Some(title)) => (id, title),
        (Some(id), None) => match named(&id) {
            Some(known) => known,
            None => (id, title_of(&reading.before)),
        },
        (None, Some(title)) => named(&title).ok_or(ReadError::UnknownLaw)?,
        (None, None) => known_in(&reading.before).ok_or(ReadError::UnknownLaw)?,
    };
    Ok(Law {
        id,
        title: label(&title)?,
        valid_from: about.valid_from.or(valid_from),
        valid_to: about.valid_to,
        articles: reading.articles,
    })
}

#[derive(Default)]
struct About {
    id: Option<String>,
    title: Option<String>,
    valid_from: Option<Date>,
    valid_to: Option<Date>,
}

fn front_matter(text: &str) -> (About, &str) {
    let mut about = About::default();
    let Some((head, body)) = text
        .trim_start()
        .strip_prefix("---\n")
        .or_else(|| text.trim_start().strip_prefix("---\r\n"))
        .and_then(|rest| rest.split_once("\n---"))
    else {
        return (about, text);
    };
    for (name, value) in head.lines().filter_map(|line| line.split_once(':')) {
        let value = value.trim().trim_matches('"');
        match name.trim() {
            "bwb" => about.id = Some(value.to_owned()).filter(|id| is_bwb_id(id)),
            "titel" => about.title = Some(value.to_owned()).filter(|title| !title.is_empty()),
            "geldig" => about.valid_from = value.parse().ok(),
            "tot" => about.valid_to = value.parse().ok(),
            _ => {}
        }
    }
    (about, body)
}

/// The law that the words above the first article name: last in brackets (*… (Penitentiaire
/// beginselenwet)*), or as what they enact (*het Wetboek van Strafrecht*).
fn known_in(before: &str) -> Option<(String, String)> {
    let in_brackets = before
        .rsplit_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .and_then(|(title, _)| known_law(title));
    let law = in_brackets.or_else(|| {
        let lower = before.to_lowercase();
        known::all()
            .filter_map(|law| Some((lower.rfind(&law.title.to_lowercase())?, law)))
            .max_by_key(|(at, _)| *at)
            .map(|(_, law)| law)
    })?;
    Some((law.id.to_owned(), law.title.to_owned()))
}

/// The first line with words, without brackets around its short title.
fn title_of(before: &str) -> String {
    let first = before.lines().find(|line| !line.trim().is_empty());
    let first = first.unwrap_or_default().trim();
    match first
        .rsplit_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
    {
        Some((short, _)) if !short.is_empty() => short.to_owned(),
        _ => first.to_owned(),
    }
}

#[derive(Default)]
struct Reading {
    /// What stands above the first part or article.
    before: String,
    /// The parts that are open, each with its rank.
    path: Vec<(usize, String)>,
    /// Whether the last heading was a part's, whose title may follow as a heading.
    part_open: bool,
    number: Option<String>,
    blocks: Vec<Block>,
    articles: Vec<Article>,
}

impl Reading {
    fn line(&mut self, line: &str) {
        let line = line.trim();
        if line.is_empty() || line.starts_with("<meta") {
            return;
        }
        if let Some(heading) = line.strip_prefix('#') {
            return self.heading(&folded(heading.trim_start_matches('#')));
        }
        let text = folded(&line.replace('*', ""));
        match &self.number {
            Some(_) => self.part_of_article(&text),
            None if self.articles.is_empty() => {
                self.before.push_str(&text);
                self.before.push('\n');
            }
            None => {}
        }
    }

    fn heading(&mut self, heading: &str) {
        let first = heading.split(' ').next().unwrap_or_default().to_lowercase();
        if first == "artikel" {
            self.close_article();
            let number = heading.get(first.len()..).unwrap_or_default();
            self.number = Some(number.trim().trim_end_matches('.').to_owned());
            self.part_open = false;
            return;
        }
        if heading.starts_with('[') || heading.is_empty() {
            return;
        }
        let words: Vec<String> = heading.split(' ').take(3).map(str::to_lowercase).collect();
        // *Titel II*, and the other way round *Derde afdeling*.
        let rank = PARTS.iter().position(|part| {
            first == *part || (words.len() == 2 && words.get(1).is_some_and(|word| word == part))
        });
        let begun = self.number.is_some() || !self.articles.is_empty() || !self.path.is_empty();
        match rank {
            Some(rank) => {
                self.close_article();
                while self.path.last().is_some_and(|(open, _)| *open >= rank) {
                    self.path.pop();
                }
                self.path.push((rank, heading.to_owned()));
                self.part_open = true;
            }
            None if self.part_open => {
                if let Some((_, part)) = self.path.last_mut() {
                    part.push(' ');
                    part.push_str(heading);
                }
                self.part_open = false;
            }
            None if begun => {
                // A heading between articles that is no numbered part.
                self.close_article();
                while self
                    .path
                    .last()
                    .is_some_and(|(open, _)| *open >= PARTS.len())
                {
                    self.path.pop();
                }
                self.path.push((PARTS.len(), heading.to_owned()));
            }
            None => {
                self.before.push_str(heading);
                self.before.push('\n');
            }
        }
    }

    fn part_of_article(&mut self, text: &str) {
        let (mark, rest) = marked(text);
        let open = self.blocks.last();
        // After *… verstaan:* outside numbered paragraphs, numbers are those of a list.
        let in_list = open.is_some_and(|block| {
            block.number.is_none()
                && block
                    .lines
                    .iter()
                    .any(|line| line.depth == 0 && line.text.ends_with(':'))
        });
        match mark {
            Mark::Number(number) if !in_list => self.blocks.push(Block {
                number: Some(number),
                lines: vec![Line {
                    mark: None,
                    depth: 0,
                    text: rest,
                }],
            }),
            Mark::Number(number) => self.push(Some(format!("{number}.")), 1, rest),
            Mark::Letter(mark) => self.push(Some(mark), 1, rest),
            Mark::Degree(mark) => {
                let under_letter = self
                    .blocks
                    .last()
                    .and_then(|block| block.lines.iter().rev().find(|line| line.depth < 2))
                    .is_some_and(|line| line.depth == 1 && line.text.ends_with(':'));
                self.push(Some(mark), if under_letter { 2 } else { 1 }, rest);
            }
            Mark::Dash => self.push(Some("–".to_owned()), 1, rest),
            Mark::None => self.push(None, 0, rest),
        }
    }

    fn push(&mut self, mark: Option<String>, depth: u8, text: String) {
        if text.is_empty() {
            return;
        }
        if self.blocks.is_empty() {
            self.blocks.push(Block::default());
        }
        if let Some(block) = self.blocks.last_mut() {
            block.lines.push(Line { mark, depth, text });
        }
    }

    fn close_article(&mut self) {
        let (Some(number), blocks) = (self.number.take(), std::mem::take(&mut self.blocks)) else {
            return;
        };
        let lapsed = |block: &Block| {
            block
                .lines
                .iter()
                .all(|line| line.text.to_lowercase().trim_end_matches('.') == "vervallen")
        };
        if !number.is_empty() && !blocks.iter().all(lapsed) {
            self.articles.push(Article {
                number,
                path: self.path.iter().map(|(_, part)| part.clone()).collect(),
                blocks,
            });
        }
    }
}

enum Mark {
    Number(String),
    Letter(String),
    Degree(String),
    Dash,
    None,
}

/// The mark that a line begins with, and the rest.
fn marked(text: &str) -> (Mark, String) {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let after = text.get(digits.len()..).unwrap_or_default();
    if !digits.is_empty() {
        if let Some(rest) = after.strip_prefix(['°', 'º']) {
            let rest = rest.trim_start_matches('.').trim_start();
            return (Mark::Degree(format!("{digits}°.")), rest.to_owned());
        }
        let letter: String = after
            .chars()
            .take_while(char::is_ascii_lowercase)
            .take(2)
            .collect();
        let after = after.get(letter.len()..).unwrap_or_default();
        if let Some(rest) = after.strip_prefix(". ") {
            return (
                Mark::Number(format!("{digits}{letter}")),
                rest.trim().to_owned(),
            );
        }
        return (Mark::None, text.to_owned());
    }
    let letters: String = text.chars().take_while(char::is_ascii_lowercase).collect();
    let after = text.get(letters.len()..).unwrap_or_default();
    if (1..=2).contains(&letters.len())
        && let Some(rest) = after.strip_prefix('.')
        && rest.starts_with(|c: char| c.is_whitespace() || c.is_alphabetic())
    {
        return (Mark::Letter(format!("{letters}.")), rest.trim().to_owned());
    }
    let dashed = ["– ", "— ", "• ", "- "]
        .into_iter()
        .find_map(|dash| text.strip_prefix(dash));
    match dashed {
        Some(rest) => (Mark::Dash, rest.to_owned()),
        None => (Mark::None, text.to_owned()),
    }
}
