//! Which versions of the protocol two programs have in common.

use serde::{Deserialize, Serialize};

/// The versions of the protocol that this program speaks.
pub const PROTOCOL: Supported = Supported { min: 1, max: 1 };

/// What this program can do within its version; a program uses only what both ends name.
pub const CAPABILITIES: [&str; 3] = ["events", "review", "sums"];

/// A stretch of versions, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supported {
    /// The oldest.
    pub min: u16,
    /// The newest.
    pub max: u16,
}

/// Two programs that have no version in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mismatch {
    /// What the workstation speaks.
    pub workstation: Supported,
    /// What the server speaks.
    pub server: Supported,
}

/// Who has to be brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// The program on the workstation.
    Workstation,
    /// The server.
    Server,
}

impl Mismatch {
    /// Who has to be brought up to date.
    pub fn upgrade(&self) -> Upgrade {
        match self.workstation.max < self.server.min {
            true => Upgrade::Workstation,
            false => Upgrade::Server,
        }
    }

    /// The same as a sentence for a person, in Dutch.
    pub fn sentence(&self) -> String {
        let who = match self.upgrade() {
            Upgrade::Workstation => "Werk Begrip op deze computer bij",
            Upgrade::Server => "Vraag uw beheerder om de server bij te werken",
        };
        let told = |range: Supported| match range.min == range.max {
            true => format!("versie {}", range.max),
            false => format!("versie {} tot en met {}", range.min, range.max),
        };
        format!(
            "{who}: Begrip spreekt {} van de afspraken over delen, de server {}.",
            told(self.workstation),
            told(self.server)
        )
    }
}

/// The newest version that both speak. Error: there is none.
pub fn negotiate(workstation: Supported, server: Supported) -> Result<u16, Mismatch> {
    let newest = workstation.max.min(server.max);
    match newest >= workstation.min.max(server.min) {
        true => Ok(newest),
        false => Err(Mismatch {
            workstation,
            server,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_programs_speak_the_newest_version_that_both_know() {
        for (workstation, server, spoken) in [
            ((1, 1), (1, 1), Some(1)),
            ((1, 3), (2, 5), Some(3)),
            ((2, 5), (1, 3), Some(3)),
            ((1, 1), (2, 2), None),
            ((3, 4), (1, 2), None),
        ] {
            let range = |(min, max)| Supported { min, max };
            let found = negotiate(range(workstation), range(server));
            assert_eq!(found.ok(), spoken, "{workstation:?} {server:?}");
        }
    }

    #[test]
    fn the_sentence_says_who_must_be_brought_up_to_date() {
        let old = Supported { min: 1, max: 1 };
        let new = Supported { min: 2, max: 3 };
        let behind = negotiate(old, new).unwrap_err();
        assert_eq!(
            behind.sentence(),
            "Werk Begrip op deze computer bij: Begrip spreekt versie 1 van de afspraken over delen, \
             de server versie 2 tot en met 3."
        );
        let ahead = negotiate(new, old).unwrap_err();
        assert!(ahead.sentence().starts_with("Vraag uw beheerder"));
    }
}
