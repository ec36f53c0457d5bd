//! What goes wrong around the window, and what the user keeps then.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod window;

use std::fs;

use begrip_mock_model::{Behaviour, Latency, MockConfig, Outcome, When};
use serde_json::{Value, json};
use window::program::wait;
use window::{Session, Workplace, road};

const MISSING: &str = "contactverbod";

#[tokio::test(flavor = "multi_thread")]
async fn the_same_question_makes_no_second_call_also_after_a_restart() {
    needs_window!();
    let workplace = Workplace::with_model(MockConfig::default()).await;
    let session = Session::start(&workplace).await;
    let first = road::draft(&session.page, MISSING).await;
    assert_eq!(workplace.model().calls(), 1);
    let log = format!("{:?}", workplace.model().log());
    session.close().await;

    let session = Session::start(&workplace).await;
    road::ready(&session.page).await;
    // The draft that was not kept is still there; the question is asked anew.
    road::clear(&session.page).await;
    let again = road::draft(&session.page, MISSING).await;
    assert_eq!(again, first);
    road::says_cached(&session.page).await;
    assert_eq!(
        format!("{:?}", workplace.model().log()),
        log,
        "the call log is unchanged"
    );
    session.close().await;
}

/// A connection to a file of this workplace, past the program.
fn directly(workplace: &Workplace, name: &str) -> rusqlite::Connection {
    let key = fs::read_to_string(workplace.home().join("begrip.key")).unwrap();
    let store = rusqlite::Connection::open(workplace.home().join(name)).unwrap();
    let key = format!("x'{}'", key.trim());
    store.pragma_update(None, "key", key).unwrap();
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_past_its_time_is_shown_with_its_date_while_the_model_is_away_and_asked_again_after()
 {
    needs_window!();
    const SAYS: &[u8] = b"\"answered_at\":\"";
    const OUTDATED: &str = "[data-testid='origin-stale']";
    let mut workplace = Workplace::with_model(MockConfig::default()).await;
    let session = Session::start(&workplace).await;
    let first = road::draft(&session.page, MISSING).await;
    session.close().await;
    {
        let file = directly(&workplace, "cache.db");
        let read = "SELECT body FROM answer";
        let mut body: Vec<u8> = file.query_row(read, [], |row| row.get(0)).unwrap();
        let at = body.windows(SAYS.len()).position(|found| found == SAYS);
        let year = at.unwrap() + SAYS.len();
        body[year..year + 7].copy_from_slice(b"2020-01");
        assert_eq!(
            file.execute("UPDATE answer SET body = ?1", [body]).unwrap(),
            1
        );
    }
    let port = workplace.model().port();
    drop(workplace.model.take());

    let session = Session::start(&workplace).await;
    road::ready(&session.page).await;
    road::clear(&session.page).await;
    assert_eq!(road::draft(&session.page, MISSING).await, first);
    let told = session.page.text().await;
    assert!(session.page.has(OUTDATED).await, "{told}");
    assert!(
        told.contains("verouderd bewaard antwoord van") && told.contains("januari 2020"),
        "{told}"
    );
    session.page.screenshot("verouderd-antwoord").await;

    // Back again: the same question is asked once more, and what it gives is of today.
    let config = MockConfig {
        port,
        ..MockConfig::default()
    };
    workplace.model = Some(begrip_mock_model::MockModel::start(config).await.unwrap());
    road::clear(&session.page).await;
    let _ = road::draft(&session.page, MISSING).await;
    assert!(!session.page.has(OUTDATED).await);
    assert_eq!(workplace.model().calls(), 1);
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_start_the_first_answer_comes_from_memory() {
    needs_window!();
    const TERMS: [&str; 2] = [MISSING, "gebiedsverbod"];
    let workplace = Workplace::with_model(MockConfig::default()).await;
    let session = Session::start(&workplace).await;
    for term in TERMS {
        let _ = road::draft(&session.page, term).await;
        road::clear(&session.page).await;
    }
    session.close().await;

    let session = Session::start(&workplace).await;
    road::ready(&session.page).await;
    // In the background, once the window is there: nobody asks for it.
    let begun = std::time::Instant::now();
    let told = loop {
        let told = session.page.call("cache_stats", Value::Null).await;
        if told["warmed"] == TERMS.len() {
            break told;
        }
        assert!(begun.elapsed() < window::PATIENCE, "not warmed: {told}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!(told["disk"]["entries"], TERMS.len());
    assert_eq!(told["memory"]["entries"], TERMS.len());
    assert_eq!(told["requests"], 0);
    let _ = road::draft(&session.page, MISSING).await;
    road::says_cached(&session.page).await;
    let told = session.page.call("cache_stats", Value::Null).await;
    assert_eq!(
        (&told["hits_memory"], &told["hits_disk"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(workplace.model().calls() as usize, TERMS.len());
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_goes_on_after_a_power_cut_without_repeating_a_finished_call() {
    needs_window!();
    const ROWS: usize = 12;
    const READY: usize = 6;
    let workplace = Workplace::with_model(MockConfig::default()).await;
    let name = |row: usize| format!("proefterm{row}");
    // What comes after the first half is never answered: the power goes in the middle.
    for row in READY..ROWS {
        let about = When::Term { term: name(row) };
        workplace.model().set_behaviour(about, Behaviour::Hang);
    }
    let rows: String = (0..ROWS).map(|row| name(row) + "\n").collect();

    let session = Session::start(&workplace).await;
    road::begin_batch(&session.page, &format!("term\n{rows}")).await;
    let half = format!("{READY} van {ROWS}");
    session.page.wait_text(&half).await;
    wait("questions under way", || {
        let log = workplace.model().log();
        log.iter().any(|call| call.outcome == Outcome::Running)
    })
    .await;
    session.page.screenshot("reeks-voor-stroomuitval").await;
    let before = workplace.asked();
    session.kill().await;

    workplace
        .model()
        .set_behaviour(When::Always, Behaviour::Normal);
    for row in READY..ROWS {
        let about = When::Term { term: name(row) };
        workplace.model().set_behaviour(about, Behaviour::Normal);
    }
    // Nobody does anything: the batch goes on because the program is there again.
    let session = Session::start(&workplace).await;
    road::ready(&session.page).await;
    road::go(&session.page, "Reeks").await;
    session.page.find(&road::batch_in("done")).await;
    session.page.screenshot("reeks-na-stroomuitval").await;
    let after = workplace.asked();
    assert_eq!(after.len(), ROWS);
    for row in 0..ROWS {
        let under_way = before.get(&name(row)).copied().unwrap_or_default();
        let once = match row < READY {
            true => 1,
            false => under_way + 1,
        };
        assert_eq!(after[&name(row)], once, "{row}: {before:?} {after:?}");
    }
    let done = workplace.model().log();
    let done = done
        .iter()
        .filter(|call| call.outcome == Outcome::Completed);
    assert_eq!(done.count(), ROWS, "an answer is paid for once");
    session.has_a_sound_store().await;
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_typed_before_a_power_cut_is_back() {
    needs_window!();
    let typed = "persoon die de rechter bij een uitspraak helpt";
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    road::ready(&session.page).await;
    road::go(&session.page, "Opstellen").await;
    session.page.fill("Term", "griffier").await;
    session.page.fill(road::NOTES, typed).await;
    // In the middle of typing: the pause is shorter than a person's between two words.
    tokio::time::sleep(std::time::Duration::from_millis(1_000)).await;
    session.kill().await;

    let session = Session::start(&workplace).await;
    road::ready(&session.page).await;
    road::go(&session.page, "Opstellen").await;
    road::wait_filled(&session.page, "Term", "griffier").await;
    road::wait_filled(&session.page, road::NOTES, typed).await;
    session.has_a_sound_store().await;
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_typed_just_before_the_window_is_closed_is_back() {
    needs_window!();
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    road::ready(&session.page).await;
    road::go(&session.page, "Opstellen").await;
    session.page.fill("Term", "enkelband").await;
    session.close().await;

    let session = Session::start(&workplace).await;
    road::ready(&session.page).await;
    road::go(&session.page, "Opstellen").await;
    road::wait_filled(&session.page, "Term", "enkelband").await;
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_during_a_draft_leaves_the_form_and_a_sound_store() {
    needs_window!();
    let latency = Latency {
        per_output_token_ms: 200.0,
        ..Latency::default()
    };
    let workplace = Workplace::with_model(MockConfig {
        latency,
        ..MockConfig::default()
    })
    .await;
    let session = Session::start(&workplace).await;
    road::begin_draft(&session.page, MISSING).await;
    road::streamed(&session.page).await;
    session.kill().await;

    let session = Session::start(&workplace).await;
    road::ready(&session.page).await;
    road::go(&session.page, "Opstellen").await;
    road::wait_filled(&session.page, "Term", MISSING).await;
    session.has_a_sound_store().await;
    let list = session
        .page
        .call("concept_list", json!({ "filter": { "text": MISSING } }))
        .await;
    let rows = list["rows"].as_array().unwrap();
    let kept = rows.iter().filter(|row| row["term"] == MISSING).count();
    assert_eq!(kept, 0, "half a draft was kept: {list}");
    let cache = session.page.call("cache_stats", Value::Null).await;
    assert_eq!(
        cache["disk"]["entries"], 0,
        "half an answer was cached: {cache}"
    );
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_a_draft_closes_the_call_and_the_window_goes_on() {
    needs_window!();
    let workplace = Workplace::with_model(MockConfig::default()).await;
    // The rest is never let go: nothing but the stop can end the call.
    let held = Behaviour::HeldBack { after: 20 };
    workplace.model().set_behaviour(When::Always, held);
    let session = Session::start(&workplace).await;
    road::begin_draft(&session.page, MISSING).await;
    road::streamed(&session.page).await;
    assert_eq!(workplace.model().log()[0].outcome, Outcome::Running);
    session.page.click("[data-testid='compose-stop']").await;
    wait("the model to see the close", || {
        workplace.model().log()[0].outcome == Outcome::Cancelled
    })
    .await;
    let form = session.page.value(road::TERM).await;
    assert_eq!(form, MISSING, "what was asked stands there still");
    road::look_up(&session.page, "verdachte").await;
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_model_the_program_says_so_and_goes_on() {
    needs_window!();
    let workplace = Workplace::with_model_down();
    let session = Session::start(&workplace).await;
    road::begin_draft(&session.page, MISSING).await;
    session.page.wait_text("BG-502").await;
    road::wait_filled(&session.page, "Term", MISSING).await;
    session.page.screenshot("model-weg").await;
    road::look_up(&session.page, "verdachte").await;
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_key_is_told_as_that() {
    needs_window!();
    let config = MockConfig {
        api_key: Some("the right key".to_owned()),
        ..MockConfig::default()
    };
    let workplace = Workplace::with_model(config).await.key("a wrong key");
    let session = Session::start(&workplace).await;
    road::begin_draft(&session.page, MISSING).await;
    session.page.wait_text("BG-504").await;
    session.page.screenshot("sleutel-fout").await;
    // A refusal is no reason to try again.
    assert!(workplace.model().calls() <= 1);
    assert!(!session.page.text().await.contains("a wrong key"));
    assert!(!workplace.log().contains("a wrong key"));
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_model_costs_no_typed_text() {
    needs_window!();
    let workplace = Workplace::with_model(MockConfig::default()).await;
    workplace
        .model()
        .set_behaviour(When::Always, Behaviour::Garbage);
    let session = Session::start(&workplace).await;
    road::begin_draft(&session.page, MISSING).await;
    session.page.wait_text("BG-5").await;
    road::wait_filled(&session.page, "Term", MISSING).await;
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_term_asks_for_a_term_and_sends_nothing() {
    needs_window!();
    let workplace = Workplace::with_model(MockConfig::default()).await;
    let session = Session::start(&workplace).await;
    road::ready(&session.page).await;
    road::go(&session.page, "Opstellen").await;
    road::refuses_empty_term(&session.page).await;
    assert_eq!(workplace.model().calls(), 0);
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_megabyte_is_refused_in_words_and_the_window_lives_on() {
    needs_window!();
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    road::ready(&session.page).await;
    road::go(&session.page, "Toetsen").await;
    road::paste(
        &session.page,
        road::DEFINITION,
        &"een zaak van de rechter ".repeat(44_000),
    )
    .await;
    road::says_too_long(&session.page).await;
    session.page.screenshot("megabyte").await;
    road::look_up(&session.page, "verdachte").await;
    session.has_a_sound_store().await;
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_key_is_told_with_its_way_out() {
    needs_window!();
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    road::look_up(&session.page, "verdachte").await;
    session.close().await;

    let keys: Vec<_> = files(&workplace, |name| name.contains("key"));
    assert!(!keys.is_empty(), "no key file in the home folder");
    for key in &keys {
        fs::remove_file(key).unwrap();
    }
    let session = Session::start(&workplace).await;
    session.page.wait_text("BG-202").await;
    session.page.screenshot("sleutel-kwijt").await;
    road::begin_afresh(&session.page).await;
    road::look_up(&session.page, "verdachte").await;
    session.close().await;
    wait("the old file is kept", || {
        files(&workplace, |_| true).len() > 3
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_not_taken_for_damage() {
    needs_window!();
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    road::look_up(&session.page, "verdachte").await;
    session.close().await;

    let keys = files(&workplace, |name| name.contains("key"));
    let right = fs::read_to_string(&keys[0]).unwrap();
    let wrong: String = right
        .chars()
        .map(|c| if c.is_ascii_hexdigit() { '5' } else { c })
        .collect();
    fs::write(&keys[0], &wrong).unwrap();
    let session = Session::start(&workplace).await;
    session.page.wait_text("BG-203").await;
    session.page.screenshot("sleutel-past-niet").await;

    // The way out: put the right one back and try again, in the same window.
    fs::write(&keys[0], right).unwrap();
    road::try_again(&session.page).await;
    road::look_up(&session.page, "verdachte").await;
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_a_newer_version_is_told_as_that_and_left_as_it_is() {
    needs_window!();
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    road::look_up(&session.page, "verdachte").await;
    session.close().await;

    let version = |change: Option<i64>| {
        let store = directly(&workplace, "begrip.db");
        if let Some(version) = change {
            store.pragma_update(None, "user_version", version).unwrap();
        }
        store
            .pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
            .unwrap()
    };
    let ours = version(None);
    assert!(ours > 0, "the key opens the file");
    version(Some(ours + 1));
    let session = Session::start(&workplace).await;
    session.page.wait_text("BG-201").await;
    session.page.screenshot("bestand-is-nieuwer").await;
    assert_eq!(version(None), ours + 1);
    session.close().await;
}

fn files(workplace: &Workplace, wanted: impl Fn(&str) -> bool) -> Vec<std::path::PathBuf> {
    fs::read_dir(workplace.home())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .filter(|path| wanted(&path.file_name().unwrap().to_string_lossy()))
        .collect()
}
