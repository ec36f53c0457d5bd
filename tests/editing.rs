//! Editing in the real window: another program changes the same concept, and the power goes.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod window;

use serde_json::{Value, json};
use window::{Session, Workplace, road};

/// Of the starter set.
const TERM: &str = "verdachte";

async fn concept(session: &Session) -> Value {
    let hits = session.page.call("search", json!({ "query": TERM })).await;
    let id = hits["hits"][0]["id"].clone();
    let view = session.page.call("concept_get", json!({ "id": id })).await;
    view["concept"].clone()
}

/// What another window, or the command line, does meanwhile.
async fn changed_elsewhere(session: &Session, field: &str, text: &str) {
    let concept = concept(session).await;
    let mut fields = concept.clone();
    fields[field] = text.into();
    let save = json!({ "id": concept["id"], "base_version": concept["version"], "fields": fields });
    let outcome = session.page.call("concept_save", save).await;
    assert_eq!(outcome["outcome"], "kept", "{outcome}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_made_elsewhere_is_put_beside_mine_and_no_text_is_lost() {
    needs_window!();
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    let page = &session.page;
    road::edit(page, TERM).await;
    let before = concept(&session).await;
    road::correct(page, " in een strafzaak").await;
    changed_elsewhere(&session, "explanation", "Uitleg van een collega.").await;

    road::keep_edit(page).await;
    page.find(road::COMPARE).await;
    page.screenshot("naast-elkaar").await;
    assert_eq!(
        concept(&session).await["version"],
        2,
        "nothing was written over"
    );
    road::merge(page).await;
    road::keep_edit(page).await;
    page.wait_text("Bewaard als versie 3").await;
    let after = concept(&session).await;
    assert_eq!(after["explanation"], "Uitleg van een collega.");
    let definition = after["definition"].as_str().unwrap();
    assert_eq!(
        definition,
        format!(
            "{} in een strafzaak",
            before["definition"].as_str().unwrap()
        )
    );
    // Every version is still there.
    let history = page
        .call("concept_history", json!({ "id": after["id"] }))
        .await;
    assert_eq!(history.as_array().unwrap().len(), 3);
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_survives_a_power_cut_and_is_found_again() {
    needs_window!();
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    road::edit(&session.page, TERM).await;
    road::correct(&session.page, " of beklaagde").await;
    let typed = session.page.value(road::DEFINITION).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_000)).await;
    session.kill().await;

    let session = Session::start(&workplace).await;
    road::ready(&session.page).await;
    road::go(&session.page, "Mijn begrippen").await;
    session.page.wait_text("Niet bewaard werk").await;
    session.page.screenshot("niet-bewaard-werk").await;
    session.page.click(road::GO_ON).await;
    session
        .page
        .wait_value(road::DEFINITION, "what was typed", |text| text == typed)
        .await;
    assert_eq!(concept(&session).await["version"], 1);
    session.close().await;
}
