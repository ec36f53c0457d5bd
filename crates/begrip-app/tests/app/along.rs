//! `docs/passages.md` says which articles go along with a draft: held to what is measured, as `docs/retrieval.md` is
//! to what is found.

#[path = "../../examples/along/measure.rs"]
mod measure;

use crate::real_laws::statutes;
use crate::support::Workplace;

/// What is written down.
const PAGE: &str = include_str!("../../../../docs/passages.md");

/// Its rows, cell by cell.
fn written() -> Vec<Vec<&'static str>> {
    let rows = PAGE.strip_prefix(measure::HEAD);
    let rows = rows.expect("written by another program, or by hand: cargo xtask along");
    let cells = |row: &'static str| row.trim_matches('|').split('|').map(str::trim).collect();
    rows.lines().map(cells).collect()
}

#[test]
fn the_page_is_about_the_questions_that_there_are_and_its_shares_are_of_its_counts() {
    let questions = include_str!("../../../begrip-store/examples/retrieval/questions.tsv");
    let questions = questions.lines().count();
    let rows = written();
    let settings: Vec<_> = rows.iter().map(|row| row[1]).collect();
    assert_eq!(settings, ["1", "3", "5"].repeat(rows.len() / 3));
    assert!(rows[..3].iter().all(|row| row[0] == measure::INDEX));
    for row in rows {
        assert_eq!(row[2], questions.to_string(), "{row:?}");
        let (right, share) = row[3].split_once(' ').unwrap();
        let right: usize = right.parse().unwrap();
        let of_all = 100.0 * right as f64 / questions as f64;
        assert_eq!(share, format!("({of_all:.0} %)"), "{row:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_along_of_whole_laws_is_what_the_page_says() {
    let Some(folder) = statutes() else {
        return;
    };
    let place = Workplace::new().await;
    let program = place.open_without_model().await;
    let laws = measure::import(&program.0, &folder).await.unwrap();
    let measured = measure::rows(&program.0, &laws, None).await.unwrap();
    let of_index: String = PAGE
        .lines()
        .filter(|line| line.starts_with(&format!("| {} |", measure::INDEX)))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(of_index, measured, "stale: cargo xtask along");
    program.close().await;
}
