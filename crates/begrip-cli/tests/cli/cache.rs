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

/// Makes every kept answer one of the January of 2020, as a computer that was left for years has them.
fn grow_old(desk: &Desk) {
    const SAYS: &[u8] = b"\"answered_at\":\"";
    let key = std::fs::read_to_string(desk.home().join("begrip.key")).unwrap();
    let file = rusqlite::Connection::open(desk.home().join("cache.db")).unwrap();
    let key = format!("x'{}'", key.trim());
    file.pragma_update(None, "key", key).unwrap();
    let (row, mut body): (i64, Vec<u8>) = file
        .query_row("SELECT row, body FROM answer", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    let at = body.windows(SAYS.len()).position(|found| found == SAYS);
    let year = at.unwrap() + SAYS.len();
    body[year..year + 7].copy_from_slice(b"2020-01");
    let changed = "UPDATE answer SET body = ?2 WHERE row = ?1";
    assert_eq!(file.execute(changed, (row, body)).unwrap(), 1);
}

#[test]
fn an_answer_past_its_time_is_shown_offline_as_what_it_is_and_asked_again_online() {
    let model = model();
    let desk = Desk::with(&model);
    let define = |more: &[&str]| desk.begrip(&[&["define", "contactverbod"], more].concat());
    let first = define(&["--json"]).ends(0).json();
    assert_eq!((first["cache"].as_str(), model.calls()), (Some("miss"), 1));
    grow_old(&desk);

    let old = define(&["--offline", "--json"]).ends(0).json();
    assert_eq!(
        (old["cache"].as_str(), old["reason"].as_str()),
        (Some("stale"), Some("no_newer"))
    );
    assert_eq!(old["reply"], first["reply"]);
    let answered_at = old["answered_at"].as_str().unwrap();
    assert!(answered_at.starts_with("2020-01-"), "{answered_at}");
    let day = &answered_at[8..10];
    let told = define(&["--offline"]).ends(0).stdout;
    let label = format!("verouderd antwoord van {day}-01-2020");
    assert!(told.contains(&label), "{told}");
    assert_eq!(model.calls(), 1, "offline nothing is asked");

    let new = define(&["--json"]).ends(0).json();
    assert_eq!(
        (new["cache"].as_str(), new["reason"].as_str()),
        (Some("miss"), Some("outdated"))
    );
    assert_eq!(model.calls(), 2);
    let kept = define(&["--offline"]).ends(0).stdout;
    assert!(!kept.contains("verouderd"), "{kept}");
    assert_eq!(model.calls(), 2, "and it is kept in the old one's place");
}
