//! Power cuts, several programs and many readers on one store.

use begrip_store::Twins;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use begrip_domain::Context;

use crate::support::{DAY, Home, at, by, concept, keep};

/// Set for the child process that writes until it is killed.
const CHILD: &str = "BEGRIP_TEST_WRITER";

/// Not a test of its own: the program that a power cut hits.
#[test]
fn writer() {
    let Some(folder) = std::env::var_os(CHILD) else {
        return;
    };
    let (store, _) = begrip_store::Store::open(folder.as_ref(), false, at(0)).unwrap();
    for number in 1.. {
        keep(
            &store,
            &concept(number, &format!("term {number}"), &"woord ".repeat(200)),
        );
        store
            .save_text("compose", &number.to_string(), at(0))
            .unwrap();
        // Said only after it was kept.
        writeln!(std::io::stdout(), "kept {number}").unwrap();
    }
}

#[test]
fn whatever_was_said_to_be_kept_is_there_after_a_power_cut() {
    for after in [3, 40, 90] {
        let home = Home::new();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "faults::writer", "--nocapture"])
            .env(CHILD, home.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.split_once("kept ")?.1.parse::<u32>().ok())
            .take_while(|number| *number <= after)
            .last()
            .unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let (store, report) = home.open_at(1).unwrap();
        assert_eq!(report.recovery, None);
        store.check_integrity().unwrap();
        assert!(store.count().unwrap() >= said);
        let typed: u32 = store
            .text("compose")
            .unwrap()
            .unwrap()
            .content
            .parse()
            .unwrap();
        assert!(typed >= said);
        // What search finds is what is kept.
        let hits = store
            .search(&format!("term {said}"), &Context::default(), DAY, 1)
            .unwrap();
        assert!(hits[0].exact);
    }
}

#[test]
fn two_programs_write_at_once_and_no_row_is_lost() {
    let home = Home::new();
    let one = Arc::new(home.open());
    let other = Arc::new(home.open());
    let shared = concept(9_999, "samen", "tekst");
    keep(&one, &shared);
    let write = |store: Arc<begrip_store::Store>, from: u128| {
        let shared = shared.clone();
        std::thread::spawn(move || {
            let mut changed = 0;
            for number in from..from + 60 {
                keep(&store, &concept(number, &format!("term {number}"), "zaak"));
                let now = store.get(shared.id).unwrap().unwrap();
                if store
                    .update(now.version, &now, &by("Noor", 1), Twins::Refused)
                    .unwrap()
                    .is_none()
                {
                    changed += 1;
                }
            }
            changed
        })
    };
    let (a, b) = (write(Arc::clone(&one), 1), write(Arc::clone(&other), 1_000));
    let changed = a.join().unwrap() + b.join().unwrap();
    assert_eq!(one.count().unwrap(), 121);
    assert_eq!(other.count().unwrap(), 121);
    let revisions = one.revisions(shared.id).unwrap();
    assert_eq!(
        revisions.len(),
        changed + 1,
        "each change that was said to be kept"
    );
    assert!(
        revisions
            .iter()
            .zip(1..)
            .all(|(revision, number)| revision.concept.version == number)
    );
}

#[test]
fn a_hundred_readers_and_a_writer_never_wait_in_vain() {
    let home = Home::new();
    let store = Arc::new(home.open());
    keep(&store, &concept(1, "vonnis", "uitspraak van de rechtbank"));
    let readers: Vec<_> = (0..100)
        .map(|_| {
            let store = Arc::clone(&store);
            std::thread::spawn(move || {
                for _ in 0..20 {
                    let hits = store.search("vonnis", &Context::default(), DAY, 5).unwrap();
                    assert!(hits[0].exact);
                }
            })
        })
        .collect();
    for number in 2..80 {
        keep(
            &store,
            &concept(number, &format!("arrest {number}"), "uitspraak van het hof"),
        );
    }
    for reader in readers {
        reader.join().unwrap();
    }
    assert!(store.readers() <= 4);
}
