//! What the window has made by itself: a draft that waited for the network, and a file of a thousand rows.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod window;

use std::collections::BTreeMap;

use begrip_app::{App, OpenOptions};
use begrip_mock_model::{Behaviour, MockConfig, When, replies};
use serde_json::{Value, json};
use window::program::wait;
use window::{Session, Workplace, road};

const MISSING: &str = "contactverbod";

/// What stands below every screen once the model has answered, whoever asked.
const REACHABLE: &str = "Taalmodel begrip-demo-1: bereikbaar";

/// The jobs that stand in a file whose program is gone, as another program finds them.
async fn on_disk(workplace: &Workplace) -> Vec<Value> {
    let options = OpenOptions::at(workplace.home());
    let app = tokio::task::spawn_blocking(move || App::open(options));
    let app = app.await.unwrap().unwrap();
    let jobs = app.job_list(()).await.unwrap();
    app.close().await;
    let jobs = jobs.iter().map(|job| serde_json::to_value(job).unwrap());
    jobs.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_asked_for_without_a_network_is_made_once_when_it_is_back_through_power_cuts() {
    needs_window!();
    let mut workplace = Workplace::with_model_down();
    let session = Session::start(&workplace).await;
    let page = &session.page;
    road::begin_draft(page, MISSING).await;
    page.wait_text("BG-502").await;
    // Pressed twice: it is one question.
    road::queue(page).await;
    road::queue(page).await;
    page.screenshot("wachtrij-zonder-verbinding").await;
    session.kill().await;
    let jobs = on_disk(&workplace).await;
    assert_eq!(jobs.len(), 1);
    let job = &jobs[0];
    assert_eq!((&job["kind"], &job["total"]), (&json!("queue"), &json!(1)));
    // It waits, or was just being tried.
    let open = [&job["waiting"], &job["running"]].map(|count| count.as_u64().unwrap());
    assert_eq!(open.iter().sum::<u64>(), 1, "{job}");

    // Nobody does anything: the network is back, and the program is there again.
    workplace.model_is_back().await;
    let session = Session::start(&workplace).await;
    let page = &session.page;
    page.find(road::QUEUE_READY).await;
    page.wait_text(&format!(
        "De definitie die u vroeg, staat klaar: {MISSING}."
    ))
    .await;
    page.wait_text(REACHABLE).await;
    page.screenshot("wachtrij-staat-klaar").await;
    let once = BTreeMap::from([(MISSING.to_owned(), 1)]);
    assert_eq!(workplace.asked(), once);
    session.kill().await;
    let jobs = on_disk(&workplace).await;
    assert_eq!((jobs.len(), &jobs[0]["done"]), (1, &json!(1)));

    // What is ready is ready: found where it waits, taken over and kept.
    let session = Session::start(&workplace).await;
    let page = &session.page;
    page.find(road::QUEUE_READY).await;
    page.click("[data-testid='queue-open']").await;
    page.find(&road::result_in("done")).await;
    let made = replies::reply_to(MISSING).definition;
    page.wait_text(&made).await;
    page.screenshot("wachtrij-resultaat").await;
    page.press(&format!("Bewerk en bewaar: {MISSING}")).await;
    page.wait_value(road::DEFINITION, "what was made", |text| text == made)
        .await;
    road::keep(page).await;
    session.has_a_sound_store().await;
    session.close().await;
    let session = Session::start(&workplace).await;
    road::look_up(&session.page, MISSING).await;
    session.page.wait_text(&made).await;
    assert!(!session.page.has(road::QUEUE_READY).await);
    assert_eq!(workplace.asked(), once, "asked once, whatever came after");
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_a_thousand_rows_and_two_hundred_questions_makes_two_hundred_calls_and_a_file() {
    needs_window!();
    const ROWS: usize = 1_000;
    const QUESTIONS: usize = 200;
    let workplace = Workplace::with_model(MockConfig {
        forget_bodies: true,
        ..MockConfig::default()
    })
    .await
    .at_a_desk();
    let name = |row: usize| format!("proefterm{}", row % QUESTIONS);
    // The last question is answered half, so that the screen can be looked at before the end.
    let last = When::Term {
        term: name(QUESTIONS - 1),
    };
    let held = Behaviour::HeldBack { after: 2 };
    workplace.model().set_behaviour(last, held);
    let rows: String = (0..ROWS).map(|row| name(row) + "\n").collect();

    let session = Session::start(&workplace).await;
    let page = &session.page;
    road::choose_terms(page, &format!("term\n{rows}")).await;
    page.wait_text("1.000 rijen · 200 verschillende vragen · 0 rijen met een fout")
        .await;
    assert_eq!(workplace.model().calls(), 0, "nothing was started");
    page.click("[data-testid='batch-start']").await;
    let bar = |value: usize| {
        let batch = road::batch_in(if value == ROWS { "done" } else { "running" });
        format!(
            "const bar = document.querySelector(\"{batch} progress\");\
             return bar !== null && bar.value === {value} && bar.max === {ROWS};"
        )
    };
    let same = ROWS / QUESTIONS;
    page.wait_script(&bar(ROWS - same)).await;
    page.wait_text("995 van 1.000 rijen").await;
    page.screenshot("reeks-duizend-rijen-onderweg").await;
    assert_eq!(workplace.model().calls(), QUESTIONS);
    wait("the answer that is held back", || {
        let log = workplace.model().log();
        log.iter().filter(|call| call.tokens_out > 0).count() == QUESTIONS
    })
    .await;
    workplace.model().release();
    page.wait_script(&bar(ROWS)).await;
    page.wait_text("1.000 van 1.000 rijen · 1.000 klaar · 0 mislukt")
        .await;
    page.wait_text(REACHABLE).await;
    let wanted: BTreeMap<_, _> = (0..QUESTIONS).map(|row| (name(row), 1)).collect();
    assert_eq!(workplace.asked(), wanted, "each question once");

    page.click("[data-testid='batch-open']").await;
    page.find(&road::result_in("done")).await;
    page.screenshot("reeks-duizend-rijen-klaar").await;
    let table = road::export(page, "termen-resultaat.csv").await;
    assert_eq!(table.matches(";\"klaar\";").count(), ROWS);
    let whole: Value =
        serde_json::from_str(&road::export(page, "termen-resultaat.json").await).unwrap();
    let items = whole["items"].as_array().unwrap();
    assert_eq!(items.len(), ROWS);
    for (row, item) in items.iter().enumerate() {
        // Row 1 holds the names of the columns.
        assert_eq!(
            (&item["number"], &item["state"]),
            (&json!(row + 2), &json!("done"))
        );
        let definition = &item["draft"]["reply"]["definition"];
        assert_eq!(*definition, replies::reply_to(&name(row)).definition);
        let of = (row >= QUESTIONS).then_some(row % QUESTIONS + 2);
        assert_eq!(item["same_as"].as_u64(), of.map(|of| of as u64), "{row}");
    }
    assert_eq!(workplace.model().calls(), QUESTIONS);
    session.close().await;
}
