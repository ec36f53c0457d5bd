//! The search over whole laws, as they are published: not worse than `docs/retrieval.md` says.
//!
//! The laws are no part of the repository. They are read from the folder that `BEGRIP_TEST_DATA` names.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::sources::import;
use crate::support::Workplace;

/// A term or phrase, the law, and the numbers of the articles that a lawyer would open.
const QUESTIONS: &str = include_str!("../../../begrip-store/examples/retrieval/questions.tsv");

/// What is written down.
const FIGURES: &str = include_str!("../../../../docs/retrieval.md");

/// The folder of real laws; none, and a line that says so, where none is named.
pub fn statutes() -> Option<PathBuf> {
    let Some(data) = std::env::var_os("BEGRIP_TEST_DATA") else {
        // Past the test runner, which shows nothing of a test that passes.
        let told = b"SKIPPED: no real laws; name the folder of `statutes` in BEGRIP_TEST_DATA\n";
        std::io::stderr().write_all(told).unwrap();
        return None;
    };
    Some(Path::new(&data).join("statutes"))
}

/// Its files.
fn real() -> Option<Vec<(String, Vec<u8>)>> {
    let folder = statutes()?;
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let file = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.to_owned();
        Some((name, std::fs::read(&path).ok()?))
    };
    let mut files: Vec<_> = entries
        .filter_map(|entry| file(entry.ok()?.path()))
        .collect();
    files.sort();
    Some(files)
}

/// How many are written down as found among the first 1, 3 and 5.
fn written_down() -> Vec<usize> {
    let row = FIGURES
        .lines()
        .find(|line| line.starts_with("| all |"))
        .unwrap();
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    let number = |cell: &&str| cell.split(' ').next().unwrap().parse().unwrap();
    cells[4..7].iter().map(number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_whole_laws_the_right_article_is_found_as_often_as_the_docs_say() {
    let Some(files) = real() else {
        return;
    };
    let place = Workplace::new().await;
    let program = place.open_without_model().await;
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    for outcome in import(&program, &files).await {
        assert_eq!(outcome["outcome"], "new", "{outcome}");
    }
    let mut found = [0; 3];
    for line in QUESTIONS.lines() {
        let [words, law, articles] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not three columns: {line}");
        };
        let law = begrip_interchange::known_law(law).unwrap().id;
        let hits = program
            .call("sources_search", json!({ "query": words, "limit": 5 }))
            .await;
        let right = hits.as_array().unwrap().iter().position(|hit| {
            let number = hit["number"].as_str().unwrap();
            hit["id"] == law && articles.split('|').any(|article| article == number)
        });
        for (most, found) in [1, 3, 5].into_iter().zip(&mut found) {
            *found += usize::from(right.is_some_and(|at| at < most));
        }
    }
    let floor = written_down();
    assert!(
        found
            .iter()
            .zip(&floor)
            .all(|(found, floor)| found >= floor),
        "found {found:?} among the first 1, 3 and 5; written down are {floor:?}"
    );
}
