//! How many articles go along with a question.

use serde_json::{Value, json};

use crate::sources::import;
use crate::support::{Program, Workplace, question};

/// A law of which `mentions` articles mention a thing in the same words, after one that defines it if
/// there is one. Each of those articles is one sentence of at least `chars` characters.
fn law(definition: bool, mentions: usize, chars: usize) -> String {
    let mut law = String::from(
        "---\nbwb: BWBR0099903\ntitel: Besluitenwet\ngeldig: 2025-06-01\n---\n\n## Besluitenwet\n",
    );
    // Where a law begins counts more: there stands something else.
    law.push_str(match definition {
        true => "\n### Artikel 1\n\nOnder proefkoop wordt verstaan: een proefkoop.\n",
        false => "\n### Artikel 1\n\nDeze wet treedt in werking.\n",
    });
    let mut other = String::from(
        "de burgemeester, de griffier, de notaris of de deurwaarder daarvan kennis geeft",
    );
    while other.len() < chars {
        other.push_str(" en de voorzitter van het college dat bericht bevestigt");
    }
    for number in 2..mentions + 2 {
        law.push_str(&format!(
            "\n### Artikel {number}\n\nEen besluit volgt als {other} aan wie bij een proefkoop was.\n"
        ));
    }
    law
}

async fn gathered(law: &str, setting: u32) -> usize {
    let workplace = Workplace::new().await;
    let program: Program = workplace.open().await;
    import(&program, &[("wet.md", law.as_bytes())]).await;
    let mut settings = program.settings().await;
    settings["gather"]["passages"] = json!(setting);
    let _ = program.call("settings_save", settings).await;
    let result = program.define(question("proefkoop")).await.1.unwrap();
    let told = result["passages"].as_array().unwrap().len();
    // What is told went along.
    let log = workplace.model.log();
    let sent = log[0].body["messages"][1]["content"].as_str().unwrap();
    assert_eq!(sent.matches("<bron>").count(), told);
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setting_says_how_many_unless_the_index_cannot_tell_which_is_meant() {
    for (definition, mentions, setting, along) in [
        // All fit equally well: up to five.
        (false, 8, 1, 5),
        (false, 8, 3, 5),
        (false, 8, 5, 5),
        (false, 8, 8, 8),
        (false, 4, 3, 4),
        // One stands out: the others are not even worth their tokens.
        (true, 8, 3, 1),
        (true, 8, 1, 1),
        // None are wanted.
        (false, 8, 0, 0),
    ] {
        let law = law(definition, mentions, 0);
        let case = (definition, mentions, setting);
        assert_eq!(gathered(&law, setting).await, along, "{case:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_beyond_ten_is_refused() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    for (name, value) in [
        ("passages", json!(11)),
        ("related", json!(11)),
        ("rerank", json!(true)),
    ] {
        let mut settings: Value = program.settings().await;
        settings["gather"][name] = value;
        assert_eq!(
            program.refused("settings_save", settings).await,
            "BG-110",
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_article_goes_along_whole_and_takes_the_room_of_others() {
    for (mentions, chars, setting, along) in [
        // Of 960 characters, or 320 for each by the setting.
        (1, 800, 3, 1),
        (4, 800, 3, 1),
        (4, 400, 3, 2),
        (8, 400, 5, 3),
        // Longer than all the room there is.
        (4, 1_000, 3, 0),
    ] {
        let law = law(false, mentions, chars);
        let case = (mentions, chars, setting);
        assert_eq!(gathered(&law, setting).await, along, "{case:?}");
    }
}
