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

    /// How near this context is to another: 0 when they have nothing in common, at most 5.
    ///
    /// 5 equal, 4 with a legal area in common, 3 with a law, 2 with an organisation, 1 when one of
    /// them names nothing and could be any.
    pub fn nearness(&self, other: &Self) -> u8 {
        let meet = |a: &BTreeSet<Label>, b: &BTreeSet<Label>| {
            a.iter().any(|label| {
                let lower = label.as_str().to_lowercase();
                b.iter().any(|other| other.as_str().to_lowercase() == lower)
            })
        };
        match () {
            () if self == other || self.key() == other.key() => 5,
            () if meet(&self.legal_areas, &other.legal_areas) => 4,
            () if meet(&self.statutory_bases, &other.statutory_bases) => 3,
            () if meet(&self.organisations, &other.organisations) => 2,
            () if self.is_empty() || other.is_empty() => 1,
            () => 0,
        }
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
    fn what_contexts_have_in_common_tells_how_near_they_are() {
        let here = context(&["OM", "DJI"], &["strafrecht"]);
        for (other, nearness) in [
            (context(&["dji", "om"], &["Strafrecht"]), 5),
            (context(&["CJIB"], &["strafrecht", "jeugdrecht"]), 4),
            (context(&["OM"], &["bestuursrecht"]), 2),
            (Context::default(), 1),
            (context(&["CJIB"], &["bestuursrecht"]), 0),
        ] {
            assert_eq!(here.nearness(&other), nearness, "{other:?}");
            assert_eq!(other.nearness(&here), nearness, "{other:?}");
        }
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
