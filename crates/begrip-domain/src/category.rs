use serde::{Deserialize, Serialize};

/// The ontological category of what a concept stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// A kind of thing: *verdachte*, *penitentiaire inrichting*.
    Type,
    /// One individual thing: *de Hoge Raad der Nederlanden*.
    Particular,
    /// Something that happens or is done: *aanhouding*, *tenuitvoerlegging*.
    Process,
    /// What an act leaves behind: *vonnis*, *proces-verbaal*.
    Result,
}

impl Category {
    /// Every category, in the order in which screens show them.
    pub const ALL: [Self; 4] = [Self::Type, Self::Particular, Self::Process, Self::Result];

    /// The name as it stands in JSON, the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Particular => "particular",
            Self::Process => "process",
            Self::Result => "result",
        }
    }

    /// Reads [`Category::as_str`] and the Dutch names (*type, exemplaar, proces, resultaat*),
    /// whatever their case.
    pub fn parse(name: &str) -> Option<Self> {
        match name.trim().to_lowercase().as_str() {
            "type" | "soort" => Some(Self::Type),
            "particular" | "exemplaar" | "particulier" => Some(Self::Particular),
            "process" | "proces" | "activiteit" => Some(Self::Process),
            "result" | "resultaat" => Some(Self::Result),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for category in Category::ALL {
            assert_eq!(Category::parse(category.as_str()), Some(category));
        }
        assert_eq!(Category::parse(" Proces "), Some(Category::Process));
        assert_eq!(Category::parse("iets"), None);
    }
}
