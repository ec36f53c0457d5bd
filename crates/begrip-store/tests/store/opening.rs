//! Making, opening and recovering a store.

use std::fs;

use begrip_store::{Recovery, StoreError};

use crate::support::{Home, concept, keep};

const SECRET: &str = "geheimhoudingsplicht";

#[test]
fn what_was_kept_is_there_after_a_restart() {
    let home = Home::new();
    let (store, report) = home.open_at(0).unwrap();
    assert!(report.created);
    keep(&store, &concept(1, SECRET, "plicht om te zwijgen"));
    drop(store);
    let (store, report) = home.open_at(1).unwrap();
    assert!(!report.created);
    assert_eq!(report.recovery, None);
    assert_eq!(store.count().unwrap(), 1);
    assert!(store.get(concept(1, "x", "").id).unwrap().is_some());
    store.check_integrity().unwrap();
}

#[test]
fn no_file_holds_a_term_in_plain_text() {
    let home = Home::new();
    let store = home.open();
    keep(&store, &concept(1, SECRET, "plicht om te zwijgen"));
    store
        .save_text("compose", SECRET, crate::support::at(0))
        .unwrap();
    let look = |home: &Home| {
        for path in home.files("") {
            let bytes = fs::read(&path).unwrap();
            let found = bytes
                .windows(SECRET.len())
                .any(|window| window == SECRET.as_bytes());
            assert!(!found, "{}", path.display());
        }
    };
    // With its journal, and with the journal folded into the file; the backup too.
    look(&home);
    drop(store);
    drop(home.open_at(86_400).unwrap());
    look(&home);
}

#[cfg(unix)]
#[test]
fn the_key_file_is_the_users_alone_and_is_closed_when_it_is_not() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    drop(home.open());
    let key = home.file("begrip.key");
    let mode = || fs::metadata(&key).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let (_, report) = home.open_at(1).unwrap();
    assert!(report.key_was_open, "the user must know");
    assert_eq!(mode(), 0o600);
}

#[test]
fn a_lost_key_is_told_apart_and_its_way_out_keeps_the_old_file() {
    let home = Home::new();
    let store = home.open();
    keep(&store, &concept(1, SECRET, "plicht om te zwijgen"));
    drop(store);
    let before = fs::read(home.file("begrip.db")).unwrap();
    fs::remove_file(home.file("begrip.key")).unwrap();
    assert!(matches!(home.refused(), StoreError::KeyLost(_)));
    assert_eq!(fs::read(home.file("begrip.db")).unwrap(), before);

    let aside = begrip_store::Store::set_aside(home.path(), crate::support::at(5)).unwrap();
    let (store, report) = home.open_at(6).unwrap();
    assert!(report.created);
    assert_eq!(store.count().unwrap(), 0);
    assert_eq!(fs::read(aside).unwrap(), before, "the old file is kept");
}

#[test]
fn a_keyring_that_is_away_is_not_a_lost_key() {
    let home = Home::new();
    let store = home.open();
    keep(&store, &concept(1, SECRET, "plicht om te zwijgen"));
    drop(store);
    let before = fs::read(home.file("begrip.db")).unwrap();
    // A home whose key stands in a keyring, on a machine where the keyring cannot be asked now.
    let key = fs::read(home.file("begrip.key")).unwrap();
    fs::remove_file(home.file("begrip.key")).unwrap();
    fs::write(home.file("begrip.key-place"), "keyring\n").unwrap();
    assert!(matches!(home.refused(), StoreError::Keyring(_)));
    assert_eq!(fs::read(home.file("begrip.db")).unwrap(), before);
    fs::write(home.file("begrip.key"), key).unwrap();
    assert_eq!(home.open().count().unwrap(), 1);
}

#[test]
fn a_key_that_does_not_fit_is_never_taken_for_damage() {
    let home = Home::new();
    let store = home.open();
    keep(&store, &concept(1, SECRET, "plicht om te zwijgen"));
    drop(store);
    let before = fs::read(home.file("begrip.db")).unwrap();
    let right = fs::read_to_string(home.file("begrip.key")).unwrap();
    for wrong in [
        "5".repeat(64),
        String::new(),
        "no key at all".to_owned(),
        right[..40].to_owned(),
    ] {
        fs::write(home.file("begrip.key"), &wrong).unwrap();
        assert!(
            matches!(home.refused(), StoreError::KeyWrong(_)),
            "{wrong:?}"
        );
        assert_eq!(fs::read(home.file("begrip.db")).unwrap(), before);
        assert!(home.files("beschadigd").is_empty());
    }
    fs::write(home.file("begrip.key"), format!("{right}\n")).unwrap();
    assert_eq!(home.open().count().unwrap(), 1);
}

/// Ways in which a file can be broken, and what to do to its bytes.
type Breaking = (&'static str, fn(&mut Vec<u8>));

const BREAKINGS: [Breaking; 4] = [
    ("its beginning is overwritten", |bytes| bytes[..64].fill(7)),
    ("it is cut in the middle of a page", |bytes| {
        bytes.truncate(bytes.len() / 2 + 100);
    }),
    ("a page in the middle is noise", |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle..middle + 4096].fill(0xA5);
    }),
    ("it is another kind of file", |bytes| {
        *bytes = b"<html>not a database</html>".repeat(1_000);
    }),
];

#[test]
fn a_damaged_file_is_kept_aside_and_its_backup_takes_its_place() {
    for (how, breaking) in BREAKINGS {
        let home = Home::new();
        let store = home.open();
        for number in 0..50 {
            keep(
                &store,
                &concept(number, &format!("term {number}"), "zaak met een nummer"),
            );
        }
        drop(store);
        // The next start makes the backup of that day.
        drop(home.open_at(86_400).unwrap());
        assert_eq!(
            home.files("")
                .iter()
                .filter(|path| path.parent().unwrap().ends_with("backup"))
                .count(),
            1
        );

        let path = home.file("begrip.db");
        let mut bytes = fs::read(&path).unwrap();
        breaking(&mut bytes);
        fs::write(&path, &bytes).unwrap();
        let (store, report) = home.open_at(90_000).unwrap();
        let Some(Recovery::Backup { aside }) = report.recovery else {
            panic!("{how}: {:?}", report.recovery);
        };
        assert_eq!(
            fs::read(aside).unwrap(),
            bytes,
            "{how}: kept as it was found"
        );
        assert_eq!(store.count().unwrap(), 50, "{how}");
        store.check_integrity().unwrap();
        keep(
            &store,
            &concept(99, "na het herstel", "zaak die daarna kwam"),
        );
    }
}

#[test]
fn without_a_backup_what_can_be_read_is_rescued() {
    // The part of the file that is noise, from there to the end, and how many come back at least.
    for (from, least) in [(99, 200), (50, 30)] {
        let home = Home::new();
        let store = home.open();
        for number in 0..300 {
            keep(
                &store,
                &concept(number, &format!("term {number}"), &"woord ".repeat(60)),
            );
        }
        drop(store);
        let path = home.file("begrip.db");
        let mut bytes = fs::read(&path).unwrap();
        let begin = bytes.len() / 4096 * from / 100 * 4096;
        bytes[begin..].fill(0xA5);
        fs::write(&path, &bytes).unwrap();
        let (store, report) = home.open_at(5).unwrap();
        let Some(Recovery::Rescued { aside, concepts }) = report.recovery else {
            panic!("{:?}", report.recovery);
        };
        assert!(
            concepts >= least,
            "{concepts} of 300 came back, {from} % sound"
        );
        assert_eq!(store.count().unwrap(), concepts);
        assert!(aside.exists());
        store.check_integrity().unwrap();
    }
}

#[test]
fn a_backup_is_made_each_day_and_three_are_kept() {
    let home = Home::new();
    drop(home.open());
    for day in 1..=6 {
        drop(home.open_at(day * 86_400).unwrap());
        // A second start on one day makes no second backup.
        drop(home.open_at(day * 86_400 + 60).unwrap());
    }
    let kept: Vec<_> = home
        .files("begrip-")
        .into_iter()
        .filter(|path| path.parent().unwrap().ends_with("backup"))
        .collect();
    assert_eq!(kept.len(), 3, "{kept:?}");
}

#[test]
fn a_large_file_is_backed_up_beside_the_work_and_a_half_backup_is_made_anew() {
    let home = Home::new();
    let store = home.open();
    for number in 0..40 {
        keep(
            &store,
            &concept(number, &format!("term {number}"), &"woord ".repeat(60_000)),
        );
    }
    drop(store);
    assert!(fs::metadata(home.file("begrip.db")).unwrap().len() > 32 << 20);
    fs::create_dir_all(home.file("backup")).unwrap();
    let half = home.file("backup").join("begrip-20260101T000000.half");
    fs::write(&half, "cut off").unwrap();

    let (store, _) = home.open_at(86_400).unwrap();
    let made = || {
        let found = home.files("begrip-2026");
        found
            .into_iter()
            .find(|path| path.extension().unwrap() == "db")
    };
    // A program that ends at once waits for it.
    drop(store);
    assert!(!half.exists());
    // It is whole: it takes the place of a file that is gone.
    let backup = made().unwrap();
    fs::write(home.file("begrip.db"), vec![7; 4096]).unwrap();
    let (store, report) = home.open_at(90_000).unwrap();
    assert!(
        matches!(report.recovery, Some(Recovery::Backup { .. })),
        "{backup:?}"
    );
    assert_eq!(store.count().unwrap(), 40);
}

#[test]
fn a_damaged_cache_never_stops_the_start_and_is_made_anew_when_the_damage_is_met() {
    for (how, breaking) in BREAKINGS {
        let home = Home::new();
        let store = home.open();
        for number in 0..200 {
            store
                .cache()
                .put(crate::answers::entry(number, 2_000))
                .unwrap();
        }
        drop(store);
        assert!(!home.file("cache.db-wal").exists(), "it is closed");
        let path = home.file("cache.db");
        let mut bytes = fs::read(&path).unwrap();
        breaking(&mut bytes);
        fs::write(&path, bytes).unwrap();
        let (store, report) = home.open_at(1).unwrap();
        assert_eq!(report.recovery, None, "{how}: only the cache was damaged");
        if !report.cache_renewed {
            let met = (0..200).any(|number| {
                let key = crate::answers::entry(number, 0).key;
                store.cache().get(&key).is_err()
            });
            assert!(met, "{how}: the damage is met when it is read");
            drop(store);
            let (store, report) = home.open_at(2).unwrap();
            assert!(report.cache_renewed, "{how}");
            assert_eq!(store.cache().figures().unwrap().entries, 0);
            drop(store);
        }
        let (store, report) = home.open_at(3).unwrap();
        assert!(!report.cache_renewed, "{how}: once");
        store.cache().put(crate::answers::entry(1, 10)).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_folder_without_rights_is_told_as_that() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let folder = home.path().join("dicht");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    // Root may write everywhere.
    if fs::write(folder.join("probe"), "").is_ok() {
        eprintln!("skipped: this account may write everywhere");
        return;
    }
    let refused = begrip_store::Store::open(&folder, false, crate::support::at(0));
    assert!(matches!(refused, Err(StoreError::Denied(_))));
}
