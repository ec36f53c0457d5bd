use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Label;

/// Where a term has its meaning: organisations × legal areas × statutory bases.
///
/// All three are sets: the order in which they were typed does not matter, and the same term in
/// another context is another concept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct Context {
    /// Organisations of the justice chain, for instance `OM` or `DJI`.
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub organisations: BTreeSet<Label>,
    /// Areas of law, for instance `strafrecht`.
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub legal_areas: BTreeSet<Label>,
    /// Laws that the meaning rests on, for instance `Wetboek van Strafvordering`.
    #[cfg_attr(feature = "typescript", ts(type = "string[]"))]
    pub statutory_bases: BTreeSet<Label>,
}

impl Context {
    /// True when no organisation, area or law is named.
    pub fn is_empty(&self) -> bool {
        self.labels().next().is_none()
    }

    /// Every label of the context, organisations first.
    pub fn labels(&self) -> impl Iterator<Item = &Label> {
        self.organisations
            .iter()
            .chain(&self.legal_areas)
            .chain(&self.statutory_bases)
    }

    /// A text that is equal for equal contexts and only for those; used as a database key.
    ///
    /// Parts are length-prefixed, so that no label can imitate a border between two others.
    pub fn key(&self) -> String {
        let mut key = String::new();
        for set in [
            &self.organisations,
            &self.legal_areas,
            &self.statutory_bases,
        ] {
            key.push_str(&format!("{}[", set.len()));
            for label in set {
                let lower = label.as_str().to_lowercase();
                key.push_str(&format!("{}:{lower}", lower.len()));
            }
            key.push(']');
        }
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(organisations: &[&str], areas: &[&str]) -> Context {
        Context {
            organisations: organisations
                .iter()
                .map(|s| Label::new(s).unwrap())
                .collect(),
            legal_areas: areas.iter().map(|s| Label::new(s).unwrap()).collect(),
            ..Context::default()
        }
    }

    #[test]
    fn order_does_not_matter() {
        assert_eq!(
            context(&["OM", "DJI"], &[]).key(),
            context(&["DJI", "OM"], &[]).key()
        );
    }

    #[test]
    fn labels_cannot_move_between_sets_or_melt_together() {
        assert_ne!(context(&["OM"], &[]).key(), context(&[], &["OM"]).key());
        assert_ne!(
            context(&["a", "b"], &[]).key(),
            context(&["a1:b"], &[]).key()
        );
    }
}
