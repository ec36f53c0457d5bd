use serde::{Deserialize, Serialize};

/// The editorial status of a concept, as in NL-SBB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// *In voorbereiding*: a draft.
    InPreparation,
    /// *Voorgesteld*: offered for review.
    Proposed,
    /// *Vastgesteld*: the text that the chain shares; immutable.
    Established,
    /// *Vastgesteld en in herziening*: valid, while a new version is prepared.
    EstablishedInRevision,
    /// *Herzien en opnieuw voorgesteld*.
    RevisedProposed,
    /// *Vervangen*: a later version took its place.
    Superseded,
    /// *Vervallen*: no longer in use.
    Withdrawn,
}

impl Status {
    /// Every status, in the order of a concept's life.
    pub const ALL: [Self; 7] = [
        Self::InPreparation,
        Self::Proposed,
        Self::Established,
        Self::EstablishedInRevision,
        Self::RevisedProposed,
        Self::Superseded,
        Self::Withdrawn,
    ];

    /// The name as it stands in JSON, the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InPreparation => "in_preparation",
            Self::Proposed => "proposed",
            Self::Established => "established",
            Self::EstablishedInRevision => "established_in_revision",
            Self::RevisedProposed => "revised_proposed",
            Self::Superseded => "superseded",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads [`Status::as_str`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Where the status stands in a list of hits: 0 comes first.
    pub fn rank(self) -> u8 {
        match self {
            Self::Established | Self::EstablishedInRevision => 0,
            Self::RevisedProposed | Self::Proposed => 1,
            Self::InPreparation => 2,
            Self::Superseded => 3,
            Self::Withdrawn => 4,
        }
    }

    /// True while the text may be changed in place; every other text is changed by a new version.
    pub fn is_editable(self) -> bool {
        matches!(self, Self::InPreparation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
    }

    #[test]
    fn established_comes_before_draft_and_draft_before_withdrawn() {
        assert!(Status::Established.rank() < Status::InPreparation.rank());
        assert!(Status::InPreparation.rank() < Status::Withdrawn.rank());
    }
}
