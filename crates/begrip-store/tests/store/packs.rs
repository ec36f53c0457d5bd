//! Rule packs: kept as they came, one of them in force, for every program on the home.

use begrip_store::{PackOrigin, Recovery, StoreError, StoredPack};

use crate::support::{Home, at, concept, keep};

fn pack(version: &str, date: &str) -> StoredPack {
    StoredPack {
        version: version.to_owned(),
        digest: [version.len() as u8; 32],
        date: date.to_owned(),
        body: format!("{{\"version\":\"{version}\"}}"),
        signer: "OM (0f3a)".to_owned(),
        origin: PackOrigin::Imported,
        imported_at: Some(at(5)),
    }
}

#[test]
fn a_pack_comes_back_as_it_was_kept_after_a_restart_too() {
    let home = Home::new();
    let own = StoredPack {
        origin: PackOrigin::BuiltIn,
        signer: String::new(),
        imported_at: None,
        ..pack("2026.1", "2026-01-01")
    };
    let imported = pack("2026.1-om", "2026-02-01");
    {
        let store = home.open();
        assert_eq!(store.packs().unwrap(), []);
        assert_eq!(store.active_pack().unwrap(), None);
        assert!(store.keep_pack(&own).unwrap());
        assert!(store.keep_pack(&imported).unwrap());
        store.activate_pack("2026.1-om").unwrap();
    }
    let store = home.open();
    assert_eq!(store.pack("2026.1").unwrap(), Some(own.clone()));
    assert_eq!(store.pack("2026.9").unwrap(), None);
    assert!(store.has_pack("2026.1").unwrap() && !store.has_pack("2026.9").unwrap());
    assert_eq!(store.packs().unwrap(), [imported, own]);
    assert_eq!(store.active_pack().unwrap().unwrap(), "2026.1-om");
}

#[test]
fn a_version_says_one_thing_for_good() {
    let home = Home::new();
    let store = home.open();
    let first = pack("2026.1", "2026-01-01");
    assert!(store.keep_pack(&first).unwrap());
    assert!(!store.keep_pack(&first).unwrap(), "the same once more");
    let other = StoredPack {
        digest: [9; 32],
        body: "{}".to_owned(),
        ..first.clone()
    };
    let refused = store.keep_pack(&other).unwrap_err();
    assert!(matches!(refused, StoreError::OtherPack(version) if version == "2026.1"));
    assert_eq!(store.packs().unwrap(), [first]);
}

#[test]
fn no_statement_changes_or_removes_a_pack() {
    let home = Home::new();
    let store = home.open();
    let first = pack("2026.1", "2026-01-01");
    store.keep_pack(&first).unwrap();
    store.activate_pack("2026.1").unwrap();
    let direct = home.directly();
    for (sql, word) in [
        ("UPDATE rule_pack SET body = '{}'", "changed"),
        ("UPDATE rule_pack SET signer = 'x'", "changed"),
        ("DELETE FROM rule_pack", "removed"),
        (
            "INSERT OR REPLACE INTO rule_pack SELECT version, digest, date, '{}', signer, origin, 0 \
             FROM rule_pack",
            "replaced",
        ),
        (
            "INSERT OR REPLACE INTO rule_pack \
             (rowid, version, digest, date, body, signer, origin) \
             SELECT rowid, 'other', digest, date, body, signer, origin FROM rule_pack",
            "replaced",
        ),
    ] {
        let refused = direct.execute_batch(sql).unwrap_err().to_string();
        assert!(
            refused.contains(&format!("never {word}")),
            "{sql}: {refused}"
        );
    }
    assert_eq!(store.packs().unwrap(), [first]);
    // There is never a second one in force.
    let second = "INSERT INTO active_pack (one, version) VALUES (2, '2026.1')";
    assert!(direct.execute_batch(second).is_err());
}

#[test]
fn a_pack_is_kept_and_put_in_force_both_or_neither() {
    let home = Home::new();
    let store = home.open();
    let (first, second) = (pack("2026.1", "2026-01-01"), pack("2026.22", "2026-02-01"));
    store.keep_and_activate_pack(&first).unwrap();
    assert_eq!(store.active_pack().unwrap().unwrap(), "2026.1");
    home.directly()
        .execute_batch(
            "CREATE TRIGGER fails BEFORE UPDATE ON active_pack \
             BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
        )
        .unwrap();
    assert!(store.keep_and_activate_pack(&second).is_err());
    assert_eq!(store.packs().unwrap(), [first]);
    home.directly().execute_batch("DROP TRIGGER fails").unwrap();
    store.keep_and_activate_pack(&second).unwrap();
    assert_eq!(store.active_pack().unwrap().unwrap(), "2026.22");
    let other = StoredPack {
        digest: [9; 32],
        ..second
    };
    let refused = store.keep_and_activate_pack(&other).unwrap_err();
    assert!(matches!(refused, StoreError::OtherPack(_)));
}

#[test]
fn a_pack_that_is_not_there_is_not_put_in_force() {
    let home = Home::new();
    let store = home.open();
    store.keep_pack(&pack("2026.1", "2026-01-01")).unwrap();
    store.activate_pack("2026.1").unwrap();
    let refused = store.activate_pack("2026.2").unwrap_err();
    assert!(matches!(refused, StoreError::NoPack(version) if version == "2026.2"));
    assert_eq!(store.active_pack().unwrap().unwrap(), "2026.1");
}

#[test]
fn a_switch_is_seen_by_another_program_at_once_and_one_that_is_cut_off_never_was() {
    let home = Home::new();
    let (here, there) = (home.open(), home.open());
    for version in ["2026.1", "2026.2"] {
        here.keep_pack(&pack(version, "2026-01-01")).unwrap();
    }
    for version in ["2026.1", "2026.2", "2026.1"] {
        here.activate_pack(version).unwrap();
        assert_eq!(there.active_pack().unwrap().unwrap(), version);
    }
    {
        let cut_off = home.directly();
        let half = "BEGIN IMMEDIATE; UPDATE active_pack SET version = '2026.2'";
        cut_off.execute_batch(half).unwrap();
        assert_eq!(there.active_pack().unwrap().unwrap(), "2026.1");
    }
    assert_eq!(there.active_pack().unwrap().unwrap(), "2026.1");
}

#[test]
fn packs_are_rescued_from_a_damaged_file_with_the_choice_between_them() {
    let home = Home::new();
    let packs = [pack("2026.2", "2026-02-01"), pack("2026.1", "2026-01-01")];
    {
        let store = home.open();
        for pack in &packs {
            store.keep_pack(pack).unwrap();
        }
        store.activate_pack("2026.1").unwrap();
        for number in 0..300 {
            let definition = "woord ".repeat(60);
            keep(
                &store,
                &concept(number, &format!("term {number}"), &definition),
            );
        }
    }
    let path = home.file("begrip.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let begin = bytes.len() / 4096 * 90 / 100 * 4096;
    bytes[begin..].fill(0xA5);
    std::fs::write(&path, &bytes).unwrap();
    let (store, report) = home.open_at(5).unwrap();
    assert!(
        matches!(report.recovery, Some(Recovery::Rescued { .. })),
        "{report:?}"
    );
    assert_eq!(store.packs().unwrap(), packs);
    assert_eq!(store.active_pack().unwrap().unwrap(), "2026.1");
}
