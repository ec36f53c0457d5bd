//! The main road in the real window: look a term up, have a missing one drafted, see it checked,
//! correct it, keep it, close, open again, find it.
//!
//! Also what `cargo xtask run` shows where there is no screen; therefore it says what it does.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
// It says what it does, for whoever has no screen.
#![allow(clippy::print_stdout)]

#[path = "../crates/begrip-journal/tests/support/index.rs"]
mod index;
mod window;

use begrip_mock_model::{Latency, MockConfig};
use index::Index;
use window::{Session, Workplace, road};

/// Not in the starter set; the mock model knows it.
const MISSING: &str = "reclasseringstoezicht";

/// What the user adds by hand.
const CORRECTION: &str = " in een strafzaak";

fn say(nl: &str, en: &str) {
    println!("  {nl}\n    {en}");
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_term_to_a_definition_that_is_still_there_after_a_restart() {
    needs_window!();
    let latency = Latency {
        first_ms: 200.0,
        per_output_token_ms: 20.0,
        ..Latency::default()
    };
    let workplace = Workplace::with_model(MockConfig {
        latency,
        ..MockConfig::default()
    })
    .await;
    println!();
    say(
        "Taalmodel: het demonstratiemodel (vaste voorbeeldteksten, geen echt model).",
        "Language model: the demonstration (fixed examples, not a real model).",
    );
    let session = Session::start(&workplace).await;
    let page = &session.page;

    road::search(page, "verd").await;
    page.screenshot("0-zoeken").await;
    road::look_up(page, "verdachte").await;
    page.screenshot("1-opgezocht").await;
    assert_eq!(workplace.model().calls(), 0, "a look-up makes no call");
    say(
        "‘verdachte’ opgezocht, zonder netwerk.",
        "Looked ‘verdachte’ up, without network.",
    );

    road::begin_draft(page, MISSING).await;
    // Streaming: there is text before there is all of it.
    let first = road::streamed(page).await;
    page.screenshot("2-tekst-stroomt-binnen").await;
    let drafted = road::drafted(page).await;
    assert!(
        drafted.len() > first.len(),
        "the text came at once: {first:?}"
    );
    assert_eq!(workplace.model().calls(), 1, "one definition is one call");
    assert!(
        workplace.model().log()[0].stream,
        "the call asked for a stream"
    );
    page.screenshot("3-opgesteld-en-getoetst").await;
    say(
        &format!("‘{MISSING}’ laten opstellen; de tekst stroomde binnen en is getoetst."),
        &format!("Had ‘{MISSING}’ drafted; the text streamed in and was checked."),
    );

    // What is half done waits while another screen is used.
    road::check(
        page,
        "een persoon die bijvoorbeeld een misdrijf heeft begaan",
    )
    .await;
    page.screenshot("6-toetsen").await;
    say(
        "Een geplakte definitie getoetst, terwijl het stuk bleef liggen.",
        "Checked another definition while the draft waited.",
    );
    road::go(page, "Opstellen").await;
    road::drafted(page).await;

    road::correct(page, CORRECTION).await;
    let corrected = page.value(road::DEFINITION).await;
    assert!(corrected.contains(CORRECTION.trim()), "{corrected}");
    road::keep(page).await;
    page.screenshot("4-bewaard").await;
    say("Verbeterd en bewaard.", "Corrected and kept.");

    session.close().await;
    let session = Session::start(&workplace).await;
    let page = &session.page;
    road::look_up(page, MISSING).await;
    page.wait_text(&corrected).await;
    page.screenshot("5-teruggevonden").await;
    say(
        "Gesloten, opnieuw geopend en teruggevonden.",
        "Closed, opened again, found.",
    );
    assert_eq!(
        workplace.model().calls(),
        1,
        "finding it again makes no call"
    );
    // What the screen tells of the month is what the model knows of it.
    road::go(page, "Inzicht").await;
    page.wait_text("Deze maand 1 vraag, waarvan 0 met een bewaard antwoord")
        .await;
    // Also where the system has no language, as under Xvfb.
    page.wait_script(
        "return document.querySelector(\"[data-testid='plot-tokens'] canvas\") !== null",
    )
    .await;
    page.click("[data-testid='table-tokens-open']").await;
    let call = &workplace.model().log()[0];
    for tokens in [call.tokens_in, call.tokens_out] {
        // As a Dutch reader writes a number.
        let shown = match tokens {
            0..1_000 => tokens.to_string(),
            _ => format!("{}.{:03}", tokens / 1_000, tokens % 1_000),
        };
        let row = |text: &str| text.split_whitespace().any(|word| word == shown);
        page.wait_text_in("main details[open] table", &shown, row)
            .await;
    }
    page.screenshot("7-inzicht").await;
    session.close().await;

    // Every line that the program wrote of all this can be read beside those of the server, and none holds a text.
    let (log, mut index) = (workplace.log(), Index::new());
    for line in log.lines() {
        assert_eq!(index.take(line), Ok(()), "{line}");
    }
    assert!(index.documents > 1, "{log}");
    for text in [MISSING, CORRECTION.trim(), "verdachte", "misdrijf"] {
        assert!(!log.contains(text), "{text}: {log}");
    }
}
