//! A job of a thousand rows of which some fail, read to its end in pages and taken away whole.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use begrip_mock_model::{Behaviour, When};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::jobs::{creating, job, node_with, rows, terms};
use crate::models::Models;
use crate::support::Caller;

/// Rows of the file.
const ROWS: usize = 1_000;

/// Each tenth row has no term.
const EMPTY: usize = 10;

/// Each twenty-fifth of the others is a term about which the model says nothing that can be read.
const MUTE: usize = 25;

/// What is to become of a row.
fn expected(row: usize) -> (&'static str, &'static str) {
    match row {
        row if row % EMPTY == 0 => ("failed", "row"),
        row if row % MUTE == 1 => ("failed", "bad_reply"),
        _ => ("done", ""),
    }
}

/// The job once it is done, however long that takes, while rows go on ending.
async fn ended(caller: &Caller, id: &str) -> Value {
    let (mut before, mut since) = (0, Instant::now());
    loop {
        let told = job(caller, id).await;
        if told["state"] == "done" {
            return told;
        }
        let rows = told["done"].as_u64().unwrap() + told["failed"].as_u64().unwrap();
        if rows > before {
            (before, since) = (rows, Instant::now());
        }
        assert!(
            since.elapsed() < Duration::from_secs(60),
            "it stands still: {told}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_rows_each_is_told_once_in_pages_and_in_the_export_whatever_became_of_it() {
    let models = Models::new().await;
    let node = node_with(
        &models,
        &[("JOBS_AT_ONCE", "8"), ("JOBS_ORGANISATION", "8")],
    );
    let caller = node.caller(&models.site.token("OM", "author"));
    let terms = terms(ROWS);
    let mut table = String::from("term;organisatie\r\n");
    for (row, term) in terms.iter().enumerate() {
        match expected(row).1 {
            "row" => table.push_str(";OM\r\n"),
            "bad_reply" => {
                let about = When::Term { term: term.clone() };
                let text = "Dat weet ik niet.".to_owned();
                models.first.set_behaviour(about, Behaviour::Text { text });
                table.push_str(&format!("{term};OM\r\n"));
            }
            _ => table.push_str(&format!("{term};OM\r\n")),
        }
    }
    let made = creating(&caller, "text/csv", table).send().await.unwrap();
    assert_eq!(made.status(), StatusCode::CREATED);
    let made: Value = made.json().await.unwrap();
    assert_eq!(made["total"], ROWS);
    let id = made["id"].as_str().unwrap();
    let ended = ended(&caller, id).await;
    let mut sums: BTreeMap<&str, usize> = BTreeMap::new();
    for row in 0..ROWS {
        *sums.entry(expected(row).0).or_default() += 1;
    }
    assert_eq!(
        (&ended["done"], &ended["failed"]),
        (&json!(sums["done"]), &json!(sums["failed"]))
    );

    // Page by page: each row once, in order, with its state, its fault or its definition.
    let told = rows(&caller, id).await;
    assert_eq!(told.len(), ROWS);
    for (at, row) in told.iter().enumerate() {
        let (state, error) = expected(at);
        // The first row stands below the heading.
        assert_eq!(row["number"], at + 2, "{row}");
        assert_eq!(row["state"], state, "{row}");
        assert_eq!(
            row["error"]["error"].as_str().unwrap_or_default(),
            error,
            "{row}"
        );
        let draft = &row["draft"];
        assert_eq!(
            draft["reply"]["definition"].is_string(),
            state == "done",
            "{row}"
        );
        assert_eq!(
            draft["report"]["findings"].is_array(),
            state == "done",
            "{row}"
        );
        assert_eq!(
            draft["provenance"]["model"].is_string(),
            state == "done",
            "{row}"
        );
    }

    // Whole, in both forms.
    let results = async |format: &str| {
        let path = format!("/v1/jobs/{id}/results?format={format}");
        let response = caller.get(&path).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.text().await.unwrap()
    };
    let csv = results("csv").await;
    let lines: Vec<&str> = csv.split("\r\n").filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), ROWS + 1);
    let marked = |word: &str| lines[1..].iter().filter(|line| line.contains(word)).count();
    assert_eq!(marked("klaar"), sums["done"]);
    let json: Value = serde_json::from_str(&results("json").await).unwrap();
    let exported = json["rows"].as_array().unwrap();
    assert_eq!(exported.len(), ROWS);
    for (row, told) in exported.iter().zip(&told) {
        assert_eq!(
            (&row["number"], &row["state"]),
            (&told["number"], &told["state"])
        );
    }

    // The model's own word: one question for each row that has a term, and no row was asked about again.
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    for call in models.first.log() {
        *asked.entry(call.term).or_default() += 1;
    }
    let with_term = (0..ROWS).filter(|row| expected(*row).1 != "row").count();
    assert_eq!(asked.len(), with_term);
    let twice: Vec<_> = asked.iter().filter(|(_, times)| **times != 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
