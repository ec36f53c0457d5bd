//! Everybody can use the screens: axe-core finds nothing on any of them in any theme, and the
//! main road can be walked with a keyboard alone.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod window;

use begrip_mock_model::MockConfig;
use serde_json::Value;
use window::{Session, Workplace, road};

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_any_screen_in_any_theme() {
    needs_window!();
    let workplace = Workplace::with_model(MockConfig::default()).await;
    let session = Session::start(&workplace).await;
    let page = &session.page;
    road::ready(page).await;
    let mut wrong = Vec::new();
    for theme in ["light", "dark", "high_contrast"] {
        let mut settings = page.call("settings_get", Value::Null).await["settings"].clone();
        settings["user"]["theme"] = theme.into();
        page.call("settings_save", settings).await;
        page.run("location.reload()").await;
        road::ready(page).await;
        for screen in road::SCREENS {
            road::go(page, screen).await;
            let found = page.axe().await;
            wrong.extend(
                found
                    .into_iter()
                    .map(|line| format!("{theme}, {screen}: {line}")),
            );
            let name = screen.to_lowercase().replace(' ', "-");
            page.screenshot(&format!("scherm-{name}-{theme}")).await;
        }
        road::look_up(page, "verdachte").await;
        let found = page.axe().await;
        wrong.extend(
            found
                .into_iter()
                .map(|line| format!("{theme}, begrip: {line}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planted_fault_is_found_by_axe() {
    needs_window!();
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    road::ready(&session.page).await;
    session
        .page
        .run("document.querySelector('main').append(new Image())")
        .await;
    let found = session.page.axe().await;
    assert!(
        found.iter().any(|line| line.starts_with("image-alt")),
        "{found:?}"
    );
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_term_is_found_and_opened_by_keyboard_alone_from_anywhere() {
    needs_window!();
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    let page = &session.page;
    road::ready(page).await;
    road::go(page, "Instellingen").await;
    road::look_up_by_keyboard(page, "verdachte").await;
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_focus_can_always_be_seen() {
    needs_window!();
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    let page = &session.page;
    road::ready(page).await;
    let mut unseen = Vec::new();
    for _ in 0..15 {
        page.keys("\u{e004}").await;
        let state = page
            .run(
                "const e = document.activeElement; if (!e || e === document.body) return null;\
                 const s = getComputedStyle(e);\
                 const seen = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0)\
                 || s.boxShadow !== 'none';\
                 return seen ? null : e.outerHTML.slice(0, 120);",
            )
            .await;
        unseen.extend(state.as_str().map(str::to_owned));
    }
    assert!(unseen.is_empty(), "{unseen:#?}");
    session.close().await;
}
