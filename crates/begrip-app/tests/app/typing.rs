//! What is typed and not kept yet: no keystroke is lost, whatever becomes of the program.

use begrip_app::OpenOptions;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Program, Workplace, child_home, in_a_process};

fn save(key: &str, content: &str) -> Value {
    json!({ "key": key, "content": content })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_survives_a_program_that_is_simply_gone() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let _ = program
        .call("buffer_save", save("compose", "half een zin"))
        .await;
    // No close: as when the window is shut during a write elsewhere.
    drop(program);
    let program = workplace.open().await;
    let buffer = program
        .call("buffer_load", json!({ "key": "compose" }))
        .await;
    assert_eq!(buffer["content"], "half een zin");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_text_that_was_answered_survives_a_process_that_dies() {
    const TEST: &str = "typing::every_text_that_was_answered_survives_a_process_that_dies";
    const TEXTS: usize = 25;
    if let Some(home) = child_home() {
        let program = Program::open(OpenOptions::at(home)).await.unwrap();
        for number in 0..TEXTS {
            let content = format!("tekst {number} ⚖️ privé");
            let _ = program
                .call("buffer_save", save(&format!("edit:{number}"), &content))
                .await;
        }
        let _ = program
            .call("buffer_save", save("edit:0", "de laatste toets"))
            .await;
        std::process::abort();
    }
    let workplace = Workplace::new().await;
    let output = in_a_process(TEST, &workplace.home());
    assert!(!output.status.success(), "it must have died");
    let program = workplace.open().await;
    let kept = program.call("buffer_list", Value::Null).await;
    assert_eq!(kept.as_array().unwrap().len(), TEXTS, "{output:?}");
    for number in 1..TEXTS {
        let key = json!({ "key": format!("edit:{number}") });
        let buffer = program.call("buffer_load", key).await;
        assert_eq!(buffer["content"], format!("tekst {number} ⚖️ privé"));
    }
    let latest = program
        .call("buffer_load", json!({ "key": "edit:0" }))
        .await;
    assert_eq!(latest["content"], "de laatste toets");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_listed_latest_first_and_forgotten_one_by_one() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    assert_eq!(program.call("buffer_list", Value::Null).await, json!([]));
    for key in ["compose", "edit:1", "check"] {
        workplace.clock.advance(SignedDuration::from_secs(1));
        let _ = program.call("buffer_save", save(key, key)).await;
    }
    workplace.clock.advance(SignedDuration::from_secs(1));
    let _ = program.call("buffer_save", save("compose", "weer")).await;
    let keys = |list: Value| -> Vec<String> {
        let list = list.as_array().unwrap().clone();
        list.iter()
            .map(|buffer| buffer["key"].as_str().unwrap().to_owned())
            .collect()
    };
    let listed = program.call("buffer_list", Value::Null).await;
    assert_eq!(keys(listed), ["compose", "check", "edit:1"]);
    for _ in 0..2 {
        // The second time there is nothing to forget, and that is no error.
        let _ = program
            .call("buffer_clear", json!({ "key": "check" }))
            .await;
    }
    let listed = program.call("buffer_list", Value::Null).await;
    assert_eq!(keys(listed), ["compose", "edit:1"]);
    let gone = program.call("buffer_load", json!({ "key": "check" })).await;
    assert_eq!(gone, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_four_megabytes_is_kept_and_a_longer_one_refused_in_words() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let largest = "a".repeat(4 << 20);
    let _ = program.call("buffer_save", save("compose", &largest)).await;
    let error = program
        .try_call("buffer_save", save("compose", &format!("{largest}a")))
        .await
        .unwrap_err();
    assert_eq!(error.code, "BG-210");
    assert!(error.action.nl.contains("kort"), "{}", error.action.nl);
    assert!(error.detail.contains("4 MB"), "{}", error.detail);
    // The text from before still stands.
    let buffer = program
        .call("buffer_load", json!({ "key": "compose" }))
        .await;
    assert_eq!(buffer["content"].as_str().unwrap().len(), largest.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_cannot_be_is_refused() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    for key in [
        "",
        " ",
        "a b",
        "../x",
        "a/b",
        "a\u{0}",
        "'; DROP TABLE buffer",
        &"a".repeat(201),
    ] {
        assert_eq!(
            program.refused("buffer_save", save(key, "x")).await,
            "BG-210",
            "{key:?}"
        );
    }
    assert_eq!(program.call("buffer_list", Value::Null).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_can_neither_read_nor_forge_where_a_draft_comes_from() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let draft = program.draft("contactverbod").await;
    // The program keeps it where the editor texts are; it is none of them.
    assert_eq!(program.call("buffer_list", Value::Null).await, json!([]));
    let key = format!("draft:{}", draft["draft_id"].as_str().unwrap());
    assert_eq!(
        program.refused("buffer_save", save(&key, "{}")).await,
        "BG-210"
    );
    assert_eq!(
        program.refused("buffer_load", json!({ "key": key })).await,
        "BG-210"
    );
    assert_eq!(
        program.refused("buffer_clear", json!({ "key": key })).await,
        "BG-210"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_windows_do_not_lose_each_others_texts() {
    let workplace = Workplace::new().await;
    let programs = [workplace.open().await, workplace.open().await];
    let typing: Vec<_> = (0..40)
        .map(|number| {
            let program = programs[number % 2].clone();
            tokio::spawn(async move {
                let key = format!("edit:{number}");
                program.call("buffer_save", save(&key, &key)).await
            })
        })
        .collect();
    for one in typing {
        let _ = one.await.unwrap();
    }
    for program in programs {
        let listed = program.call("buffer_list", Value::Null).await;
        assert_eq!(listed.as_array().unwrap().len(), 40);
    }
}
