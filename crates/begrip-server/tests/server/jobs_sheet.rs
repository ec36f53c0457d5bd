//! A job from a spreadsheet.

use begrip_interchange::Sheet;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::jobs::{SHEET, creating, rows, until_done};
use crate::models::Models;

#[tokio::test(flavor = "multi_thread")]
async fn a_spreadsheet_of_three_terms_becomes_a_job_that_asks_and_answers_each() {
    let models = Models::new().await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    let terms = ["contactverbod", "gebiedsgebod", "vonnis"];
    let sheet = Sheet {
        name: "Termen".to_owned(),
        headings: ["Term", "Organisatie", "Categorie"]
            .map(String::from)
            .into(),
        rows: terms
            .map(|term| [term, "OM", "proces"].map(Into::into).into())
            .into(),
    };
    let made = creating(&caller, SHEET, sheet.xlsx().unwrap());
    let made = made.send().await.unwrap();
    assert_eq!(made.status(), StatusCode::CREATED);
    let job: Value = made.json().await.unwrap();
    assert_eq!(
        (&job["total"], &job["questions"], &job["failed"]),
        (&json!(3), &json!(3), &json!(0))
    );
    let id = job["id"].as_str().unwrap();
    let done = until_done(&caller, id).await;
    assert_eq!((&done["done"], &done["failed"]), (&json!(3), &json!(0)));

    // Each row stands where the spreadsheet has it, with a draft of its own.
    let rows = rows(&caller, id).await;
    let told: Vec<(i64, &str)> = rows
        .iter()
        .map(|row| {
            let number = row["number"].as_i64().unwrap();
            (number, row["term"].as_str().unwrap())
        })
        .collect();
    assert_eq!(told, [(2, terms[0]), (3, terms[1]), (4, terms[2])]);
    for row in &rows {
        let text = row["draft"]["reply"]["definition"].as_str().unwrap();
        assert!(!text.is_empty(), "{row}");
    }
    // The model was asked about these three and nothing else.
    let mut asked: Vec<String> = models
        .first
        .log()
        .into_iter()
        .map(|call| call.term)
        .collect();
    asked.sort();
    assert_eq!(asked, terms);
    let kept = "SELECT count(*) FROM job_row WHERE state = 'done'";
    assert_eq!(models.site.database.sql(kept).unwrap().trim(), "3");
}
