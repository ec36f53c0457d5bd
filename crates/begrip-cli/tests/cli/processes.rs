//! Two programs at one time on one home.

use std::process::Child;

use begrip_mock_model::Behaviour;
use serde_json::Value;

use crate::support::{Desk, Run, model};

/// Starts them all before it waits for any.
fn together(desk: &Desk, runs: &[Vec<String>]) -> Vec<Run> {
    let started: Vec<Child> = runs
        .iter()
        .map(|args| desk.command(args).spawn().unwrap())
        .collect();
    started
        .into_iter()
        .map(|child| child.wait_with_output().unwrap().into())
        .collect()
}

fn args(args: &[&str]) -> Vec<String> {
    args.iter().map(|arg| (*arg).to_owned()).collect()
}

#[test]
fn the_first_start_of_six_at_once_makes_one_workplace() {
    let desk = Desk::new();
    let runs = vec![args(&["lookup", "vonnis", "--json"]); 6];
    let ended = together(&desk, &runs);
    for run in ended {
        let run = run.ends(0);
        assert_eq!(run.json()[0]["term"], "vonnis");
        assert_eq!(run.stderr, "");
    }
    let page = desk
        .begrip(&["concepts", "list", "--text", "vonnis", "--json"])
        .ends(0)
        .json();
    let rows = page["rows"].as_array().unwrap();
    assert_eq!(rows.iter().filter(|row| row["term"] == "vonnis").count(), 1);
    desk.begrip(&["doctor"]).ends(0);
}

#[test]
fn what_many_add_at_once_is_all_kept() {
    let desk = Desk::new();
    desk.begrip(&["concepts", "list"]).ends(0);
    let runs: Vec<_> = (0..8)
        .map(|n| args(&["concepts", "add", &format!("proefbegrip{n}"), "--json"]))
        .collect();
    for run in together(&desk, &runs) {
        run.ends(0);
    }
    for n in 0..8 {
        desk.begrip(&["concepts", "show", &format!("proefbegrip{n}")])
            .ends(0);
    }
}

#[test]
fn of_edits_at_once_on_one_version_exactly_one_wins() {
    let desk = Desk::new();
    desk.begrip(&["concepts", "add", "gebiedsgebod"]).ends(0);
    let edit = |n| {
        let notes = format!("poging {n}");
        args(&[
            "concepts",
            "edit",
            "gebiedsgebod",
            "--notes",
            &notes,
            "--base-version",
            "1",
            "--json",
        ])
    };
    let ended = together(&desk, &(0..5).map(edit).collect::<Vec<_>>());
    let won: Vec<Value> = ended
        .iter()
        .filter(|run| run.code == 0)
        .map(Run::json)
        .collect();
    assert_eq!(won.len(), 1, "{ended:#?}");
    for lost in ended.iter().filter(|run| run.code != 0) {
        assert_eq!((lost.code, lost.error().as_str()), (1, "BG-113"));
    }
    let shown = desk
        .begrip(&["concepts", "show", "gebiedsgebod", "--history", "--json"])
        .ends(0)
        .json();
    assert_eq!(
        (&shown["concept"]["version"], &shown["concept"]["notes"]),
        (&2.into(), &won[0]["notes"])
    );
    assert_eq!(shown["history"].as_array().unwrap().len(), 2);
}

#[test]
fn reading_goes_on_while_another_program_waits_for_the_model() {
    let model = model();
    model.set_behaviour(begrip_mock_model::When::Always, Behaviour::Hang);
    let desk = Desk::with(&model);
    let waiting =
        crate::support::Running(desk.command(["define", "contactverbod"]).spawn().unwrap());
    crate::support::wait_for("the call", || model.calls() == 1);
    desk.begrip(&["lookup", "vonnis"]).ends(0);
    desk.begrip(&["concepts", "add", "gebiedsgebod"]).ends(0);
    drop(waiting);
    desk.begrip(&["doctor"]).ends(0);
}
