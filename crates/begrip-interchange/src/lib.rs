//! Reads laws, court decisions and tables of terms from files into plain types, and writes tables.
//!
//! Invariant: no I/O, no clock. A file comes in as bytes; walking folders and zip files is the
//! caller's. Nothing is read by halves: a file gives one whole source or one error.
//!
//! | file | holds |
//! |---|---|
//! | `source` | what a file gives: a law with its articles, a decision with its passages |
//! | `error` | why a file cannot be read |
//! | `text` | bytes to text: UTF-8, UTF-16, Latin-1 |
//! | `xml` | a small tree of an XML file, without DTD and entities |
//! | `bwb` | laws in BWB toestand XML |
//! | `markdown` | laws in Markdown |
//! | `ecli` | decisions in the open-data XML of rechtspraak.nl |
//! | `known` | names, abbreviations and BWB ids of laws that are cited much |
//! | `definitions` | definitions that a law itself gives |
//! | `cited` | citations in running text |
//! | `terms` | a table (CSV or XLSX) or list (JSON) of terms: rows with a term and its context, faults row by row |
//! | `cells` | the cells of such a table, whatever its form |
//! | `quotes` | quotes of a CSV text that are not closed |
//! | `only_terms` | such a file without anything else that stands in it |
//! | `sheet` | a table written as CSV or XLSX |
//! | `results` | the definitions of a batch as such a table |
//!
//! What is wrong with a row of a table is said in Dutch, for a user, and never repeats a cell: it may
//! hold a case.

mod bwb;
mod cells;
mod cited;
mod definitions;
mod ecli;
mod error;
mod known;
mod markdown;
mod only_terms;
mod quotes;
mod results;
mod sheet;
mod source;
mod terms;
mod text;
mod xml;

use jiff::civil::Date;

pub use cells::{TableError, limits};
pub use cited::{CitedArticle, cited_articles};
pub use definitions::{LegalDefinition, definitions};
pub use error::ReadError;
pub use known::{KnownLaw, known_law};
pub use only_terms::{OnlyTerms, only_terms};
pub use quotes::{OpenQuote, Quotes};
pub use results::{ResultRow, results};
pub use sheet::{Cell, Sheet, SheetError};
pub use source::{Article, Block, Decision, Law, Line, Source, address_of};
pub use terms::{FaultyTerm, TermRow, TermTable, is_json, read_terms, read_terms_json};

/// The largest file that is read, in bytes.
pub const MOST_BYTES: usize = 32 << 20;

/// Reads a law or a decision from a file's bytes. `name` is the file's name, for its ending alone;
/// `valid_from` counts for a law that does not say itself since when its text holds.
///
/// # Errors
/// Every [`ReadError`]; then nothing was read.
pub fn read(name: &str, bytes: &[u8], valid_from: Option<Date>) -> Result<Source, ReadError> {
    if bytes.len() > MOST_BYTES {
        return Err(ReadError::TooLarge);
    }
    let text = text::decode(bytes)?;
    let start = text.trim_start();
    if start.is_empty() {
        return Err(ReadError::Empty);
    }
    let is_markdown = name.to_lowercase().ends_with(".md") || start.starts_with('#');
    if !start.starts_with('<') || is_markdown {
        return markdown::read(&text, valid_from).map(Source::Law);
    }
    let root = xml::parse(&text)?;
    match root.name.as_str() {
        "toestand" => bwb::read(&root, valid_from).map(Source::Law),
        "open-rechtspraak" => ecli::read(&root).map(Source::Decision),
        other => Err(ReadError::OtherForm(other.chars().take(60).collect())),
    }
}
