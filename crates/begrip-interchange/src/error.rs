/// Why a file gives no law and no decision. Holds at most a name out of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing but white space.
    #[error("the file is empty")]
    Empty,
    /// More than [`crate::MOST_BYTES`].
    #[error("the file is larger than 32 MB")]
    TooLarge,
    /// Bytes that are no text in an encoding that is read.
    #[error("the file is no text")]
    NotText,
    /// XML that ends before its last element is closed.
    #[error("the file ends too early")]
    Truncated,
    /// No well-formed XML.
    #[error("no well-formed XML near byte {0}")]
    NotXml(u64),
    /// A document type or an entity of its own, with which a small file can become a huge one.
    #[error("the file declares or uses entities of its own")]
    Entities,
    /// Elements within elements without end.
    #[error("the file is nested too deeply")]
    TooDeep,
    /// XML of another kind; holds the name of its first element.
    #[error("no BWB law and no ECLI decision, but <{0}>")]
    OtherForm(String),
    /// A law without one article that has text.
    #[error("no articles were found")]
    NoArticles,
    /// A law that does not say which it is: no BWB id, and no title that is known.
    #[error("which law this is does not show: no BWB id")]
    UnknownLaw,
    /// A decision without ECLI, date or text; holds what is missing.
    #[error("the decision has no {0}")]
    Incomplete(&'static str),
}
