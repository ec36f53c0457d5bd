//! `begrip settings`: each setting by its name.

use serde_json::{Value, json};

use crate::support::Desk;

#[test]
fn a_setting_is_shown_set_and_kept_under_its_name() {
    let desk = Desk::new();
    let all = desk.begrip(&["settings"]);
    assert!(
        all.stdout.contains("gather.passages = 3\n"),
        "{}",
        all.stdout
    );
    assert!(
        all.stdout.contains("user.language = \"nl\"\n"),
        "{}",
        all.stdout
    );
    let set = desk.begrip(&["settings", "gather.passages", "5"]);
    assert_eq!(
        (set.code, set.stdout.as_str()),
        (0, "gather.passages = 5\n")
    );
    let shown = desk.begrip(&["settings", "gather", "--json"]);
    let gather: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(
        (&gather["passages"], &gather["rerank"]),
        (&json!(5), &json!(false))
    );
}

#[test]
fn what_is_no_setting_or_no_value_of_it_changes_nothing() {
    let desk = Desk::new();
    for (name, value) in [
        ("gather.passage", "5"),
        ("gather.passages", "11"),
        ("gather.passages", "veel"),
        ("gather.rerank", "1"),
        ("gather.rerank", "true"),
        ("gather", "{}"),
        ("prices.models", "[]"),
    ] {
        let refused = desk.begrip(&["settings", name, value]);
        assert_eq!(refused.code, 1, "{name} {value}: {}", refused.stdout);
    }
    let shown = desk.begrip(&["settings", "gather.passages"]);
    assert_eq!(shown.stdout, "gather.passages = 3\n");
}
