//! A home folder for one test, and concepts to put in it.

use std::fs;
use std::path::{Path, PathBuf};

use begrip_domain::{
    Concept, ConceptFields, ConceptId, Context, Label, Origin, Provenance, Status,
};
use begrip_store::{Change, OpenReport, Store, StoreError};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use tempfile::TempDir;
use uuid::Uuid;

/// The day of that moment.
pub const DAY: Date = date(2026, 5, 28);

/// Takes concepts back to the table that they had before they had days of validity, with the indexes of lists of then.
pub const WITHOUT_VALIDITY: &str = "
    DROP INDEX concept_modified;
    DROP INDEX concept_term;
    DROP INDEX concept_status;
    CREATE INDEX concept_modified ON concept (modified_at DESC, row DESC);
    CREATE INDEX concept_term ON concept (folded, row);
    CREATE INDEX concept_status ON concept (status_rank, modified_at DESC, row DESC);
    ALTER TABLE concept DROP COLUMN valid_from;
    ALTER TABLE concept DROP COLUMN valid_until;";

/// A moment; tests count on from here.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn open(&self) -> Store {
        self.open_at(0).unwrap().0
    }

    pub fn open_at(&self, second: i64) -> Result<(Store, OpenReport), StoreError> {
        Store::open(self.path(), false, at(second))
    }

    /// Why the store does not open.
    pub fn refused(&self) -> StoreError {
        match self.open_at(0) {
            Ok((_, report)) => panic!("it opened: {report:?}"),
            Err(error) => error,
        }
    }

    /// A connection past the store, with its key.
    pub fn directly(&self) -> rusqlite::Connection {
        let key = fs::read_to_string(self.file("begrip.key")).unwrap();
        let connection = rusqlite::Connection::open(self.file("begrip.db")).unwrap();
        connection
            .pragma_update(None, "key", format!("x'{}'", key.trim()))
            .unwrap();
        connection
    }

    /// Every file with its bytes, by name.
    pub fn contents(&self) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
        let read = |path: PathBuf| (path.clone(), fs::read(path).unwrap());
        self.files("").into_iter().map(read).collect()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Files whose name holds this text, backups included.
    pub fn files(&self, part: &str) -> Vec<PathBuf> {
        let backup = self.path().join("backup");
        [self.path(), &backup]
            .into_iter()
            .filter_map(|folder| fs::read_dir(folder).ok())
            .flat_map(|entries| entries.map(|entry| entry.unwrap().path()))
            .filter(|path| path.is_file())
            .filter(|path| path.file_name().unwrap().to_string_lossy().contains(part))
            .collect()
    }
}

/// What is not in the store yet, with a number for its identity.
pub fn concept(number: u128, term: &str, definition: &str) -> Concept {
    let fields = ConceptFields {
        definition: definition.to_owned(),
        ..ConceptFields::of_term(Label::new(term).unwrap())
    };
    Concept {
        id: ConceptId(Uuid::from_u128(number)),
        fields,
        status: Status::InPreparation,
        version: 1,
        provenance: Provenance {
            origin: Origin::Person,
            author: "Noor".to_owned(),
            model: None,
        },
        created_at: at(0),
        modified_at: at(0),
    }
}

pub fn organisation(name: &str) -> Context {
    let mut context = Context::default();
    context.organisations.insert(Label::new(name).unwrap());
    context
}

pub fn by(author: &str, second: i64) -> Change<'_> {
    Change {
        author,
        at: at(second),
        reason: "test",
    }
}

pub fn keep(store: &Store, concept: &Concept) {
    store.insert(concept, &by("Noor", 0)).unwrap();
}
