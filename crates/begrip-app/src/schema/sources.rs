use begrip_domain::Citation;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::UserError;

/// Files with laws or decisions.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SourcesImport {
    /// The files: XML, Markdown, or zip files with those in them.
    pub files: Vec<SourceFile>,
    /// Since when laws hold that do not say so themselves, `YYYY-MM-DD`.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub valid_from: Option<String>,
}

/// A file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SourceFile {
    /// Its name.
    pub name: String,
    /// Its bytes, in base64.
    pub content: String,
}

/// What became of a file, or of one in a zip.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SourceOutcome {
    /// The file's name.
    pub file: String,
    /// `new`, `unchanged` or `refused`.
    pub outcome: String,
    /// `law` or `decision`; empty for one that was refused.
    pub kind: String,
    /// BWB id or ECLI.
    pub id: String,
    /// Citation title, or the court.
    pub title: String,
    /// First day of this text, `YYYY-MM-DD`; none when that is not known.
    pub valid_from: Option<String>,
    /// Articles or paragraphs in it.
    pub articles: u32,
    /// Concepts that the law defines and that are new.
    pub concepts_new: u32,
    /// Concepts that got a new text.
    pub concepts_changed: u32,
    /// Concepts that the law no longer defines.
    pub concepts_withdrawn: u32,
    /// Why it was refused.
    pub error: Option<UserError>,
}

/// A law or decision on this computer.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SourceRow {
    /// BWB id or ECLI.
    pub id: String,
    /// `law` or `decision`.
    pub kind: String,
    /// Citation title, or the court.
    pub title: String,
    /// Its versions, the latest first.
    pub versions: Vec<SourceVersionRow>,
}

/// A version of a law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SourceVersionRow {
    /// First day, `YYYY-MM-DD`; none when that is not known. Of a decision its day.
    pub valid_from: Option<String>,
    /// Last day, from the law itself or from the version that follows; none when there is no end.
    pub valid_to: Option<String>,
    /// Articles in it.
    pub articles: u32,
    /// Whether it is in force today.
    pub in_force: bool,
    /// When it was imported.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub imported_at: Timestamp,
}

/// A law or decision.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SourceRef {
    /// BWB id, ECLI, citation title or abbreviation.
    pub source: String,
}

/// Which contents are asked for.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SourceContentsRequest {
    /// BWB id, ECLI, citation title or abbreviation.
    pub source: String,
    /// The day, `YYYY-MM-DD`; today when left out.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub date: Option<String>,
}

/// The contents of a law on a day.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SourceContents {
    /// The law with its versions.
    pub source: SourceRow,
    /// The version of that day.
    pub version: SourceVersionRow,
    /// Its articles, in order.
    pub articles: Vec<SourceLine>,
}

/// A line of a law's contents.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SourceLine {
    /// The article's number.
    pub number: String,
    /// Where it stands: headings from outside in.
    pub path: String,
    /// How it begins.
    pub start: String,
}

/// Which article is asked for.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SourceArticleRequest {
    /// BWB id, ECLI, citation title or abbreviation.
    pub source: String,
    /// The article's number, or that of a decision's paragraph.
    pub article: String,
    /// The day, `YYYY-MM-DD`; today when left out.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub date: Option<String>,
}

/// An article as it read on a day.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SourceArticle {
    /// The law with its versions.
    pub source: SourceRow,
    /// The version of that day.
    pub version: SourceVersionRow,
    /// The article's number.
    pub number: String,
    /// Where it stands.
    pub path: String,
    /// What it says, a line each.
    pub text: String,
    /// Its standard address.
    pub address: String,
    /// How it is cited.
    pub citation: Citation,
}

/// Some words to find articles by.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PassageSearch {
    /// The words.
    pub query: String,
    /// The day on which the articles held, `YYYY-MM-DD`; today when left out.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub date: Option<String>,
    /// At most this many, 1 to 50; 10 when left out.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub limit: Option<u32>,
}

/// An article that fits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PassageHit {
    /// BWB id or ECLI.
    pub id: String,
    /// `law` or `decision`.
    pub kind: String,
    /// Citation title, or the court.
    pub title: String,
    /// The article's number.
    pub number: String,
    /// Where it stands.
    pub path: String,
    /// The part of it that fits best, in whole sentences.
    pub text: String,
    /// Its standard address.
    pub address: String,
    /// How it is cited.
    pub citation: Citation,
    /// First day of this text; none when that is not known.
    pub valid_from: Option<String>,
}

/// A citation whose article is asked for.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CitationLookup {
    /// The citation.
    pub citation: Citation,
    /// The day, `YYYY-MM-DD`; today when left out.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    pub date: Option<String>,
}
