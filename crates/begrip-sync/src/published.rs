//! What the server hands out beside concepts: versions of the rules, and files with experiments.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What kind of file is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublishedKind {
    /// A version of the rules.
    Pack,
    /// Which experiments run, and which version of the prompt is used.
    Flags,
    /// Of a server that is newer than this program.
    #[serde(other)]
    Unknown,
}

/// A file that the caller's organisation may have, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Names it to the server.
    pub id: Uuid,
    /// What it is.
    pub kind: PublishedKind,
    /// Version of the rules, or the serial of the flags.
    pub version: String,
    /// For so many of each hundred installations, 0 to 100.
    pub percent: u8,
}

/// Everything that the caller's organisation may have, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// The files.
    pub items: Vec<Published>,
}

impl Catalogue {
    /// The latest of a kind that is for the installation that `is_in` tells of, by version and percent.
    pub fn latest(
        &self,
        kind: PublishedKind,
        is_in: impl Fn(&str, u8) -> bool,
    ) -> Option<&Published> {
        let mut items = self.items.iter();
        items.find(|item| item.kind == kind && is_in(&item.version, item.percent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_of_a_kind_that_an_installation_is_in_holds_and_a_newer_kind_is_passed_over() {
        let text = r#"{"items":[
            {"id":"00000000-0000-0000-0000-000000000003","kind":"later","version":"x","percent":100},
            {"id":"00000000-0000-0000-0000-000000000002","kind":"pack","version":"2","percent":10},
            {"id":"00000000-0000-0000-0000-000000000001","kind":"pack","version":"1","percent":100}]}"#;
        let catalogue: Catalogue = serde_json::from_str(text).unwrap();
        for (at, version) in [(5, Some("2")), (50, Some("1")), (100, None)] {
            let held = catalogue.latest(PublishedKind::Pack, |_, percent| at < percent);
            assert_eq!(held.map(|item| item.version.as_str()), version, "{at}");
        }
        assert_eq!(catalogue.latest(PublishedKind::Flags, |_, _| true), None);
    }
}
