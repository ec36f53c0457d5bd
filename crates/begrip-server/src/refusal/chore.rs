//! What an operator is told when a chore is not done: a code to look up in the operator guide, and what to do.

use std::fmt;

macro_rules! faults {
    ($( $(#[$doc:meta])* $name:ident $code:literal $sentence:literal; )*) => {
        /// Why a chore is not done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ChoreFault {
            $( $(#[$doc])* $name, )*
        }

        impl ChoreFault {
            #[cfg(test)]
            const ALL: &[Self] = &[$( Self::$name ),*];

            /// Stable code, and a sentence that says what to do.
            fn told(self) -> (&'static str, &'static str) {
                match self {
                    $( Self::$name => ($code, $sentence), )*
                }
            }
        }
    };
}

faults! {
    /// The owner's database does not answer.
    Unreachable "owner_unreachable"
        "De database is niet bereikbaar. Kijk naar owner_url, en of PostgreSQL draait.";
    /// No migration was done.
    NoTables "tables_missing"
        "De tabellen ontbreken. Voer begrip-server migrate uit.";
    /// Not every migration was done.
    OldTables "tables_old"
        "De tabellen zijn te oud. Voer begrip-server migrate uit.";
    /// More migrations were done than this program knows.
    NewTables "tables_newer"
        "De tabellen zijn van een nieuwere begrip-server. Werk met die versie.";
    /// There is a file with this name.
    Exists "backup_exists"
        "Dit bestand is er al, en een back-up wordt nooit overschreven. Kies een andere naam.";
    /// The file cannot be made or written.
    Unwritable "backup_unwritable"
        "De back-up kan niet worden gemaakt. Kies een map waarin u mag schrijven.";
    /// The disk takes no more.
    DiskFull "backup_disk_full"
        "Er is geen ruimte meer voor de back-up; het halve bestand is weggehaald. Maak ruimte, of kies een andere schijf.";
    /// The owner's role does not see every row.
    Blind "backup_blind"
        "De rol van owner_url ziet niet alles. Kies de eigenaar van de tabellen.";
    /// The tables are not as migrations make them.
    OddTables "backup_odd_tables"
        "De tabellen zijn anders dan begrip-server ze maakt. Haal weg wat er met de hand bij kwam.";
    /// There is no such file, or it may not be read.
    Unreadable "restore_unreadable"
        "De back-up kan niet worden gelezen. Kijk of de naam klopt, en of u het bestand mag lezen.";
    /// A file without a byte.
    Empty "restore_empty"
        "Dit bestand is leeg; er is niets hersteld. Kies een andere back-up.";
    /// A file of another program.
    Foreign "restore_foreign"
        "Dit is geen back-up van begrip-server. Kies een bestand dat ‘begrip-server backup’ maakte.";
    /// A file that is not as it was written.
    Damaged "restore_damaged"
        "De back-up is afgebroken of beschadigd; er is niets hersteld. Haal het bestand opnieuw op, of kies een andere back-up.";
    /// A file of a newer program.
    Newer "restore_newer"
        "De back-up is van een nieuwere begrip-server; er is niets hersteld. Herstel met die versie.";
    /// Tables stand there.
    NotEmpty "restore_not_empty"
        "De database van owner_url is niet leeg; er is niets veranderd. Herstel in een nieuwe, lege database.";
    /// A whole file that does not fit the tables of its version.
    Unlike "restore_unlike"
        "De inhoud van de back-up past niet bij deze begrip-server; er is niets hersteld. Herstel met de versie die de back-up maakte.";
    /// PostgreSQL has no place.
    DatabaseFull "restore_disk_full"
        "De schijf van de database is vol; er is niets hersteld. Maak daar ruimte, en herstel opnieuw.";
    /// The trail was changed before the backup was made.
    Trail "restore_trail"
        "Alles is hersteld, maar het logboek klopt niet. Vergelijk het met een eerdere back-up, en kijk wie de database kon veranderen.";
}

/// A [`ChoreFault`] with what it is about.
#[derive(Debug)]
pub struct ChoreError {
    fault: ChoreFault,
    detail: String,
}

impl ChoreError {
    /// `detail` may be empty: a file, or what the system says.
    pub fn new(fault: ChoreFault, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { fault, detail }
    }
}

impl From<ChoreFault> for ChoreError {
    fn from(fault: ChoreFault) -> Self {
        Self::new(fault, "")
    }
}

impl fmt::Display for ChoreError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, sentence) = self.fault.told();
        write!(to, "{code}: {sentence}")?;
        match self.detail.as_str() {
            "" => Ok(()),
            detail => write!(to, " ({detail})"),
        }
    }
}

impl std::error::Error for ChoreError {}

/// An error as an operator reads it, with what caused it: behind a sentence that ends, between brackets.
pub fn told(error: &anyhow::Error) -> String {
    let said = error.to_string();
    let causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
    match said.ends_with('.') && !causes.is_empty() {
        true => format!("{said} ({})", causes.join(": ")),
        false => format!("{error:#}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_one_fault_with_a_sentence_and_stands_in_the_operator_guide() {
        let guide = include_str!("../../../../docs/operator-guide.md");
        let mut seen = BTreeSet::new();
        for fault in ChoreFault::ALL {
            let (code, sentence) = fault.told();
            assert!(seen.insert(code), "{code} twice");
            assert!(sentence.ends_with('.'), "{sentence}");
            assert!(guide.contains(&format!("| `{code}` |")), "{code}");
        }
        // And the guide tells of no code that nobody gets.
        let told = guide.lines().filter_map(|line| line.strip_prefix("| `"));
        let told = told.filter_map(|line| line.split('`').next());
        let prefixes = ["backup_", "restore_", "tables_"];
        for code in told.filter(|code| prefixes.iter().any(|prefix| code.starts_with(prefix))) {
            assert!(seen.contains(code), "{code}");
        }
    }

    #[test]
    fn a_detail_stands_behind_the_sentence() {
        let plain = ChoreError::from(ChoreFault::Damaged).to_string();
        assert!(plain.starts_with("restore_damaged: ") && plain.ends_with('.'));
        let about = ChoreError::new(ChoreFault::Damaged, "a.backup").to_string();
        assert_eq!(about, format!("{plain} (a.backup)"));
        // And so does what caused it.
        let cause = || anyhow::anyhow!("weg").context("verbroken");
        let of = |fault| told(&cause().context(ChoreError::from(fault)));
        assert_eq!(of(ChoreFault::Damaged), format!("{plain} (verbroken: weg)"));
        assert_eq!(told(&cause()), "verbroken: weg");
    }
}
