//! Files that are not opened, and are left exactly as they are.

use std::fs;

use begrip_store::{Recovery, StoreError};

use crate::support::{Home, concept, keep};

fn home_with_a_concept() -> Home {
    let home = Home::new();
    let store = home.open();
    keep(&store, &concept(1, "vonnis", "uitspraak van de rechtbank"));
    drop(store);
    home
}

#[test]
fn a_file_of_a_newer_program_is_refused_and_left_as_it_is() {
    for newer in [|own: i32| own + 1, |_| 99, |_| i32::MAX] {
        let home = home_with_a_concept();
        let direct = home.directly();
        let own = direct.pragma_query_value(None, "user_version", |row| row.get(0));
        let version = newer(own.unwrap());
        direct.pragma_update(None, "user_version", version).unwrap();
        drop(direct);
        let before = home.contents();
        for second in [0, 86_400] {
            let refused = home.open_at(second).map(|(_, report)| report);
            assert!(matches!(refused, Err(StoreError::Newer)), "{refused:?}");
        }
        assert!(home.contents() == before, "{version}: a file was changed");
    }
}

#[test]
fn a_migration_that_fails_half_way_leaves_everything_as_it_was() {
    let home = home_with_a_concept();
    // As an older file: without bookkeeping and without the first tables, but with one that the
    // migration meets late.
    let direct = home.directly();
    let names = |connection: &rusqlite::Connection| -> Vec<String> {
        let mut query = connection
            .prepare("SELECT type || ' ' || name FROM sqlite_schema ORDER BY 1")
            .unwrap();
        let rows = query.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    direct
        .execute_batch(
            "PRAGMA foreign_keys = OFF;
             ALTER TABLE concept RENAME TO kept;
             DROP INDEX concept_key; DROP INDEX concept_modified;
             DROP INDEX concept_term; DROP INDEX concept_status;
             PRAGMA user_version = 0;",
        )
        .unwrap();
    let before = names(&direct);
    drop(direct);
    let file = fs::read(home.file("begrip.db")).unwrap();

    assert!(home.open_at(5).is_err(), "the table label is in its way");

    let direct = home.directly();
    assert_eq!(names(&direct), before, "no table of the migration is left");
    let (rows, version): (u32, u32) = direct
        .query_row(
            "SELECT (SELECT count(*) FROM kept), user_version FROM pragma_user_version",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!((rows, version), (1, 0));
    drop(direct);
    assert!(fs::read(home.file("begrip.db")).unwrap() == file);
    let backups = home.files("begrip-2");
    assert_eq!(backups.len(), 1, "a backup is made before a migration");
    assert!(home.files("beschadigd").is_empty());
}

#[test]
fn a_wrong_key_without_its_fingerprint_is_not_taken_for_damage_either() {
    for kept in [None, Some(""), Some("5f")] {
        let home = home_with_a_concept();
        match kept {
            None => fs::remove_file(home.file("begrip.key-id")).unwrap(),
            Some(text) => fs::write(home.file("begrip.key-id"), text).unwrap(),
        }
        let right = fs::read(home.file("begrip.key")).unwrap();
        fs::write(home.file("begrip.key"), "5".repeat(64)).unwrap();
        let before = home.contents();
        assert!(
            matches!(home.refused(), StoreError::KeyWrong(_)),
            "{kept:?}"
        );
        assert!(home.contents() == before, "{kept:?}: a file was changed");

        // The right key is accepted, and its fingerprint is whole again.
        fs::write(home.file("begrip.key"), right).unwrap();
        let (store, report) = home.open_at(1).unwrap();
        assert_eq!(report.recovery, None);
        assert_eq!(store.count().unwrap(), 1);
        drop(store);
        fs::write(home.file("begrip.key"), "5".repeat(64)).unwrap();
        assert!(matches!(home.refused(), StoreError::KeyWrong(_)));
        let id = fs::read_to_string(home.file("begrip.key-id")).unwrap();
        assert_eq!(id.len(), 16, "{kept:?}");
    }
}

#[test]
fn damage_without_a_fingerprint_is_told_from_a_wrong_key_by_a_backup() {
    let home = home_with_a_concept();
    drop(home.open_at(86_400).unwrap());
    fs::remove_file(home.file("begrip.key-id")).unwrap();
    fs::write(home.file("begrip.db"), b"noise".repeat(4_000)).unwrap();
    let (store, report) = home.open_at(86_500).unwrap();
    assert!(
        matches!(report.recovery, Some(Recovery::Backup { .. })),
        "{report:?}"
    );
    assert_eq!(store.count().unwrap(), 1);
}

#[test]
fn a_new_home_holds_no_half_written_key() {
    let home = Home::new();
    drop(home.open());
    assert!(home.files("half").is_empty(), "{:?}", home.files("half"));
    assert_eq!(fs::read(home.file("begrip.key")).unwrap().len(), 64);
}
