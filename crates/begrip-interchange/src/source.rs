use begrip_domain::{Address, Label};
use jiff::civil::Date;

/// What a file gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A law as it stood on some day.
    Law(Law),
    /// A court decision.
    Decision(Decision),
}

/// A law as it stood on some day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Law {
    /// Its BWB id: `BWBR0001854`.
    pub id: String,
    /// The title by which it is cited.
    pub title: Label,
    /// First day on which this text holds; none when the file does not say.
    pub valid_from: Option<Date>,
    /// Last day on which it holds; none when the file names no end.
    pub valid_to: Option<Date>,
    /// Its articles with text, in order.
    pub articles: Vec<Article>,
}

/// An article of a law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// As written: `67`, `67a`, `1:3`, `509i bis`.
    pub number: String,
    /// Where it stands, from outside in: `Titel IV Poging en voorbereiding`.
    pub path: Vec<String>,
    /// Its paragraphs (*leden*); one without a number when it has none.
    pub blocks: Vec<Block>,
}

/// A paragraph (*lid*) of an article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Its number as written: `1`, `2a`. None for text outside numbered paragraphs.
    pub number: Option<String>,
    /// Its lines, in order.
    pub lines: Vec<Line>,
}

/// A line: running text or an item of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The mark of an item as written: `a.`, `1°.`, `–`. None for running text.
    pub mark: Option<String>,
    /// How deep in lists it stands, 0 for running text.
    pub depth: u8,
    /// What it says, white space folded.
    pub text: String,
}

impl Article {
    /// The text for a reader: a line each, with numbers and marks, items indented.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for block in &self.blocks {
            let mut number = block.number.as_deref();
            for line in &block.lines {
                if !out.is_empty() {
                    out.push('\n');
                }
                if let Some(number) = number.take() {
                    out.push_str(number);
                    out.push_str(". ");
                }
                for _ in 0..line.depth {
                    out.push_str("  ");
                }
                if let Some(mark) = &line.mark {
                    out.push_str(mark);
                    out.push(' ');
                }
                out.push_str(&line.text);
            }
        }
        out
    }
}

/// A court decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its ECLI.
    pub ecli: String,
    /// The court.
    pub court: Label,
    /// When it was given.
    pub date: Date,
    /// Its paragraphs with where they stand (*Overwegingen*), in order.
    pub passages: Vec<(String, String)>,
}

/// The Juriconnect 1.3.1 address of an article; `valid_from` names the text of that day.
///
/// None when number or id hold signs that no address can.
pub fn address_of(
    law: &str,
    article: &str,
    paragraph: Option<&str>,
    item: Option<&str>,
    valid_from: Option<Date>,
) -> Option<Address> {
    let mut text = format!("jci1.31:c:{law}&artikel={}", article.replace(' ', "_"));
    for (name, part) in [("lid", paragraph), ("o", item)] {
        if let Some(part) = part {
            text.push_str(&format!("&{name}={}", part.replace(' ', "_")));
        }
    }
    if let Some(date) = valid_from {
        text.push_str(&format!("&z={date}&g={date}"));
    }
    Address::parse(&text).ok()
}

/// Text with runs of white space as one space and none at the ends.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}
