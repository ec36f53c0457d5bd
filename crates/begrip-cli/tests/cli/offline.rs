//! Without any network: the program in a network namespace of its own, from which nothing can be
//! reached, not even this computer.

use std::process::{Command, Stdio};

use crate::support::{BEGRIP, Desk, Run, model};

/// How a program is started without a network; nothing where the system does not allow it.
fn cut_off() -> Option<&'static str> {
    // Root may make such a namespace; anybody else may as the root of a namespace of users.
    ["-n", "-rn"].into_iter().find(|how| {
        let mut tried = Command::new("unshare");
        tried.args([how, "true"]).stderr(Stdio::null());
        tried.status().is_ok_and(|ended| ended.success())
    })
}

/// Runs the program to its end, without a network.
fn alone(desk: &Desk, how: &str, args: &[&str]) -> Run {
    let mut command = Command::new("unshare");
    desk.surround(&mut command);
    command.args([how, "--", BEGRIP]).args(args);
    command.output().unwrap().into()
}

#[test]
fn without_a_network_all_that_is_here_works_and_what_is_new_waits() {
    let Some(how) = cut_off() else {
        assert!(std::env::var_os("CI").is_none(), "no namespace can be made");
        eprintln!("skipped: this system makes no network namespace");
        return;
    };
    let model = model();
    let desk = Desk::with(&model);
    let first = desk.begrip(&["define", "contactverbod", "--json"]);
    let first = first.ends(0).json();
    assert_eq!(model.calls(), 1);
    let begrip = |args: &[&str]| alone(&desk, how, args);

    // Search, open, check, and keep own work.
    let found = begrip(&["lookup", "verdachten", "--limit", "1"]).ends(0);
    assert!(found.stdout.starts_with("verdachte"), "{found:#?}");
    let opened = begrip(&["concepts", "show", "verdachte"]).ends(0);
    assert!(opened.stdout.contains("persoon"), "{opened:#?}");
    let checked = begrip(&["check", "--term", "vonnis", "de beslissing van een rechter"]).ends(4);
    assert!(checked.stdout.contains("ARAI-06"), "{checked:#?}");
    let text = "gebied waar iemand moet blijven";
    begrip(&["concepts", "add", "gebiedsgebod", "--definition", text]).ends(0);
    begrip(&["rules", "show", "STR-06"]).ends(0);

    // A definition that was asked before is there; a new one is told as what it is.
    let again = begrip(&["define", "contactverbod", "--json"])
        .ends(0)
        .json();
    assert_eq!(again["cache"], "disk");
    assert_eq!(again["definition"], first["definition"]);
    let refused = begrip(&["define", "gebiedsverbod"]).ends(5);
    assert!(
        refused.stderr.contains("BG-502") && refused.stderr.contains("niet bereikbaar"),
        "{refused:#?}"
    );

    // What is to be asked of many terms waits, and is asked once when the network is back.
    let terms = desk.write("termen.csv", "term\ngebiedsverbod\n");
    let waits = begrip(&["batch", &terms]).ends(5);
    let id = waits.stderr.split("--resume ").nth(1).unwrap();
    let id = id.split_whitespace().next().unwrap().to_owned();
    assert_eq!(model.calls(), 1, "nothing left this namespace");
    let done = desk
        .begrip(&["batch", "--resume", &id, "--json"])
        .ends(0)
        .json();
    assert_eq!(done["done"], 1);
    assert_eq!(model.calls(), 2);
    let kept = desk.begrip(&["concepts", "show", "gebiedsgebod"]).ends(0);
    assert!(kept.stdout.contains(text), "{kept:#?}");
}
