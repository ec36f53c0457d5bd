use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Label;

/// A source that a concept rests on: an article of a law or a court decision.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Citation {
    /// The law's citation title (*Wetboek van Strafvordering*) or the court's name.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub source: Label,
    /// The article as written in the law: `67`, `67a`, `1:3`. None for a decision.
    #[serde(default)]
    pub article: Option<String>,
    /// The paragraph (*lid*) as a number in digits: `1`. None for the whole article.
    #[serde(default)]
    pub paragraph: Option<String>,
    /// The standard address, by which the source can be opened.
    #[serde(default)]
    pub address: Option<Address>,
}

impl fmt::Display for Citation {
    /// The way a Dutch lawyer cites: `art. 67 lid 1 Wetboek van Strafvordering`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.article, &self.paragraph, &self.address) {
            (Some(article), Some(paragraph), _) => {
                write!(f, "art. {article} lid {paragraph} {}", self.source)
            }
            (Some(article), None, _) => write!(f, "art. {article} {}", self.source),
            (None, _, Some(Address::Ecli(ecli))) => write!(f, "{}, {ecli}", self.source),
            (None, ..) => write!(f, "{}", self.source),
        }
    }
}

/// A standard address of a source.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub enum Address {
    /// Juriconnect, a place in a law: `jci1.3:c:BWBR0001903&artikel=67&lid=1`.
    Juriconnect(String),
    /// European Case Law Identifier of a decision: `ECLI:NL:HR:2010:BO0402`.
    Ecli(String),
}

/// The text is no Juriconnect address and no ECLI; holds the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no Juriconnect address (jci1.3:c:BWB…) and no ECLI (ECLI:NL:…)")]
pub struct AddressError(pub String);

impl Address {
    /// Reads a Juriconnect 1.3 or 1.3.1 address or a Dutch or European ECLI.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if is_juriconnect(text) {
            Ok(Self::Juriconnect(text.to_owned()))
        } else if is_ecli(text) {
            Ok(Self::Ecli(text.to_uppercase()))
        } else {
            Err(AddressError(text.chars().take(120).collect()))
        }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Juriconnect(text) | Self::Ecli(text) => text,
        }
    }
}

/// `jci` version `:` kind (`c` consolidated, `v` with date) `:` BWB id, then `&name=value` pairs.
fn is_juriconnect(text: &str) -> bool {
    let Some(rest) = ["jci1.3:", "jci1.31:", "jci1.3.1:"]
        .iter()
        .find_map(|p| text.strip_prefix(p))
    else {
        return false;
    };
    let Some(rest) = rest.strip_prefix("c:").or_else(|| rest.strip_prefix("v:")) else {
        return false;
    };
    let mut parts = rest.split('&');
    let law = parts.next().unwrap_or_default();
    let is_law = law.strip_prefix("BWB").is_some_and(|id| {
        id.len() >= 2
            && id.starts_with(|c: char| c.is_ascii_uppercase())
            && id[1..].bytes().all(|b| b.is_ascii_digit())
    });
    is_law
        && parts.all(|pair| {
            pair.split_once('=')
                .is_some_and(|(n, v)| !n.is_empty() && !v.is_empty())
        })
}

/// `ECLI:` country `:` court `:` year `:` number, each of its prescribed shape and length.
fn is_ecli(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let [prefix, country, court, year, number] = parts.as_slice() else {
        return false;
    };
    let alphanumeric = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric());
    prefix.eq_ignore_ascii_case("ECLI")
        && country.len() == 2
        && country.bytes().all(|b| b.is_ascii_alphabetic())
        && (1..=7).contains(&court.len())
        && alphanumeric(court)
        && year.len() == 4
        && year.bytes().all(|b| b.is_ascii_digit())
        && (1..=25).contains(&number.len())
        && number
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'.')
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::parse(&text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        match address {
            Address::Juriconnect(text) | Address::Ecli(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_both_standards_are_read() {
        for text in [
            "jci1.3:c:BWBR0001903&artikel=67&lid=1",
            "jci1.31:c:BWBR0005537&artikel=1:3",
            "ECLI:NL:HR:2010:BO0402",
            "ecli:nl:rbgel:2015:6991",
        ] {
            assert!(Address::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_an_address_is_refused() {
        for text in [
            "",
            "art. 67 Sv",
            "jci1.3:c:67",
            "jci1.3:c:BWBR0001903&artikel",
            "jci1.3:c:BWB",
            "jci1.3:c:BWBé1",
            "ECLI:NL:HR:10:1",
            "ECLI:NL::2010:1",
            "https://wetten.overheid.nl",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_citation_reads_as_a_lawyer_writes_it() {
        let citation = Citation {
            source: Label::new("Wetboek van Strafvordering").unwrap(),
            article: Some("67".into()),
            paragraph: Some("1".into()),
            address: None,
        };
        assert_eq!(
            citation.to_string(),
            "art. 67 lid 1 Wetboek van Strafvordering"
        );
    }
}
