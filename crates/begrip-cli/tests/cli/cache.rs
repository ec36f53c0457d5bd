//! `cache`: figures, removal, and asking beforehand.

use begrip_mock_model::{Behaviour, When};

use crate::support::{Desk, has_exactly, model};

#[test]
fn warm_asks_each_term_once_and_define_then_needs_no_call() {
    let model = model();
    let desk = Desk::with(&model);
    let warm = [
        "cache",
        "warm",
        "contactverbod",
        "gebiedsgebod",
        "--org",
        "OM",
    ];
    let run = desk.begrip(&warm).ends(0);
    assert_eq!(run.stdout.lines().count(), 2);
    assert!(
        run.stdout.lines().all(|line| line.contains("gevraagd (")),
        "{}",
        run.stdout
    );
    assert_eq!(model.calls(), 2);
    let again = desk.begrip(&[&warm[..], &["--json"]].concat()).ends(0);
    for row in again.lines() {
        has_exactly(&row, ["term", "cache", "calls", "tokens_in", "tokens_out"]);
        assert_eq!(
            (row["cache"].as_str(), row["calls"].as_u64()),
            (Some("disk"), Some(0))
        );
    }
    let args = ["define", "gebiedsgebod", "--org", "OM", "--json"];
    assert_eq!(desk.begrip(&args).ends(0).json()["cache"], "disk");
    assert_eq!(model.calls(), 2);
}

#[test]
fn a_term_that_fails_does_not_keep_the_others_from_being_asked() {
    let model = model();
    let broken = When::Term {
        term: "contactverbod".to_owned(),
    };
    model.set_behaviour(broken, Behaviour::Empty);
    let desk = Desk::with(&model);
    let args = ["cache", "warm", "contactverbod", "gebiedsgebod", "--json"];
    let run = desk.begrip(&args).ends(5);
    let rows = run.lines();
    assert_eq!(
        (&rows[0]["error"]["code"], &rows[1]["cache"]),
        (&"BG-509".into(), &"miss".into())
    );
    assert_eq!(run.error(), "BG-509");
}

#[test]
fn without_a_model_warm_stops_at_the_first_term() {
    let run = Desk::new()
        .begrip(&["cache", "warm", "a", "b", "c"])
        .ends(5);
    assert_eq!(run.stderr.matches("BG-501").count(), 1);
}

#[test]
fn stats_count_what_is_kept_and_clear_takes_one_term_or_all() {
    let model = model();
    let desk = Desk::with(&model);
    let kept = || {
        let stats = desk.begrip(&["cache", "stats", "--json"]).ends(0).json();
        stats["disk"]["entries"].as_u64().unwrap()
    };
    let clear = |args: &[&str]| {
        let all = [&["cache", "clear", "--json"], args].concat();
        desk.begrip(&all).ends(0).json()["entries"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(kept(), 0);
    desk.begrip(&["cache", "warm", "contactverbod", "gebiedsgebod", "vonnis"])
        .ends(0);
    assert_eq!(kept(), 3);
    assert_eq!((clear(&["--term", "iets anders"]), kept()), (0, 3));
    assert_eq!((clear(&["--term", "Vonnissen"]), kept()), (1, 2));
    assert_eq!((clear(&[]), kept()), (2, 0));
    let calls = model.calls();
    let told = desk.begrip(&["define", "vonnis", "--json"]).ends(0).json();
    assert_eq!(
        (told["cache"].as_str(), model.calls()),
        (Some("miss"), calls + 1)
    );
    let run = desk.begrip(&["cache", "stats"]).ends(0);
    assert!(
        run.stdout.contains("Bewaarde antwoorden: 1 ("),
        "{}",
        run.stdout
    );
    let run = desk.begrip(&["cache", "clear"]).ends(0);
    assert_eq!(run.stdout, "1 antwoord verwijderd\n");
}
