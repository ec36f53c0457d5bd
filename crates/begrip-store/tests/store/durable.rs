//! An answer that is said to be kept is on disk: counted in commits of the journal, and killed in the middle.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use crate::answers::entry;
use crate::support::{Home, at};

/// Set for the child process that keeps answers until it is killed.
const CHILD: &str = "BEGRIP_TEST_ANSWERS";
const WRITERS: u32 = 64;
const BYTES: usize = 3_000;

/// A connection past the store on the cache file.
fn beside(home: &Home) -> rusqlite::Connection {
    let key = fs::read_to_string(home.file("begrip.key")).unwrap();
    let connection = rusqlite::Connection::open(home.file("cache.db")).unwrap();
    connection
        .pragma_update(None, "key", format!("x'{}'", key.trim()))
        .unwrap();
    connection
}

/// Commits in the journal: its frames that say how large the file is after them. Each is one `fdatasync`.
fn commits(home: &Home) -> usize {
    const HEAD: usize = 32;
    const FRAME: usize = 24 + 4096;
    let journal = fs::read(home.file("cache.db-wal")).unwrap();
    let salt = &journal[16..24];
    journal[HEAD..]
        .chunks_exact(FRAME)
        // A frame of before the journal was begun anew has another salt.
        .take_while(|frame| &frame[8..16] == salt)
        .filter(|frame| frame[4..8] != [0; 4])
        .count()
}

#[test]
fn each_put_that_returned_has_its_commit_in_the_journal() {
    let home = Home::new();
    let store = home.open();
    let mut before = None;
    for number in 0..20 {
        store.cache().put(entry(number, 600)).unwrap();
        let now = commits(&home);
        if let Some(before) = before {
            assert_eq!(now, before + 1, "{number}");
        }
        before = Some(now);
    }
}

#[test]
fn sixty_four_that_wait_share_commits() {
    let home = Home::new();
    let store = Arc::new(home.open());
    store.cache().put(entry(1_000, 600)).unwrap();
    let before = commits(&home);
    // Another program is writing: all who come meanwhile wait.
    let other = beside(&home);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = Arc::new(Barrier::new(WRITERS as usize + 1));
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| {
            let (store, begun) = (Arc::clone(&store), Arc::clone(&begun));
            std::thread::spawn(move || {
                begun.wait();
                store.cache().put(entry(number, 600)).unwrap();
            })
        })
        .collect();
    begun.wait();
    // From the barrier to the queue is a step that nobody sees.
    std::thread::sleep(Duration::from_millis(300));
    other.execute_batch("ROLLBACK").unwrap();
    for writer in writers {
        writer.join().unwrap();
    }
    let commits = commits(&home) - before;
    assert!(commits >= 1, "{commits}");
    // At least two and a half of them for each commit.
    assert!(commits * 5 <= WRITERS as usize * 2, "{commits}");
    assert_eq!(
        store.cache().figures().unwrap().entries,
        u64::from(WRITERS) + 1
    );
}

/// Not a test of its own: the program that a power cut hits.
#[test]
fn keeper() {
    let Some(folder) = std::env::var_os(CHILD) else {
        return;
    };
    let (store, _) = begrip_store::Store::open(folder.as_ref(), false, at(0)).unwrap();
    // Pushes out and begins the journal anew all the while.
    store.cache().set_limit(2_000_000).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let store = &store;
            scope.spawn(move || {
                for number in 0.. {
                    let number = writer * 1_000_000 + number;
                    store.cache().put(entry(number, BYTES)).unwrap();
                    // Said only after it was kept, in one piece.
                    let said = format!("kept {number}\n");
                    std::io::stdout().write_all(said.as_bytes()).unwrap();
                }
            });
        }
    });
}

#[test]
fn no_answer_that_was_said_to_be_kept_is_lost_in_a_power_cut() {
    // Of so many there is room for all; of the last the oldest have been pushed out.
    for after in [5, 60, 250, 1_500] {
        let home = Home::new();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "durable::keeper", "--nocapture"])
            .env(CHILD, home.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said: Vec<u32> = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.split_once("kept ")?.1.parse().ok())
            .take(after)
            .collect();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(said.len(), after);
        let (store, report) = home.open_at(1).unwrap();
        assert!(!report.cache_renewed, "{report:?}");
        // What was pushed out by size was pushed out in order of use: the latest are there.
        for number in said.iter().rev().take(200) {
            let kept = store.cache().get(&entry(*number, 0).key).unwrap();
            assert_eq!(
                kept,
                Some(entry(*number, BYTES).body),
                "{number} of {after}"
            );
        }
        let whole: String = beside(&home)
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(whole, "ok");
    }
}

#[test]
fn a_torn_file_is_made_anew_and_keeps_answers_again() {
    let home = Home::new();
    let store = home.open();
    for number in 0..100 {
        store.cache().put(entry(number, BYTES)).unwrap();
    }
    drop(store);
    let whole = fs::read(home.file("cache.db")).unwrap();
    let cut = |bytes: usize| whole[..bytes].to_vec();
    let mut zeroes = whole.clone();
    zeroes[..4096].fill(0);
    let mut page = whole.clone();
    for at in (4096..page.len()).step_by(4096) {
        page[at] ^= 0xff;
    }
    // Cut off in the first page, in the middle of one, a first page of nothing, and a byte of every other.
    for (name, torn) in [
        ("first", cut(1_000)),
        ("middle", cut(5 * 4096 + 77)),
        ("zeroes", zeroes),
        ("bytes", page),
    ] {
        fs::write(home.file("cache.db"), torn).unwrap();
        // Met at once, or when it is read: then with the next start.
        let mut renewed = false;
        for second in 1..=2 {
            let (store, report) = home.open_at(second).unwrap();
            renewed |= report.cache_renewed;
            let read = store.cache().get(&entry(1, 0).key);
            assert!(!matches!(read, Ok(Some(body)) if body != entry(1, BYTES).body));
        }
        assert!(renewed, "{name}");
        let (store, _) = home.open_at(3).unwrap();
        assert_eq!(store.cache().figures().unwrap().entries, 0, "{name}");
        store.cache().put(entry(7, BYTES)).unwrap();
        assert!(store.cache().get(&entry(7, 0).key).unwrap().is_some());
        drop(store);
    }
}
