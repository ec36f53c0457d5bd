//! `trace`, and what stands in the log.

use serde_json::Value;

use crate::support::{Desk, model};

fn names(traced: &Value) -> Vec<&str> {
    let steps = traced["steps"].as_array().unwrap();
    steps
        .iter()
        .map(|step| step["name"].as_str().unwrap())
        .collect()
}

#[test]
fn a_trace_shows_each_step_and_a_kept_answer_needs_no_call() {
    let model = model();
    let desk = Desk::with(&model);
    let args = ["trace", "contactverbod", "--org", "OM", "--json"];
    let first = desk.begrip(&args).ends(0).json();
    assert_eq!(first["calls"], model.calls());
    let found = names(&first);
    for step in [
        "open", "define", "gather", "related", "passages", "compose", "ask", "look_up", "call",
        "keep", "check", "result",
    ] {
        assert!(found.contains(&step), "{step} is missing: {found:?}");
    }
    let steps = first["steps"].as_array().unwrap();
    let step = |name: &str| steps.iter().find(|step| step["name"] == name).unwrap();
    let begins = |name| step(name)["start_ms"].as_f64().unwrap();
    let ends = |name| begins(name) + step(name)["ms"].as_f64().unwrap();
    // The clock's own rounding.
    let slack = 0.01;
    for (inside, around) in [
        ("gather", "define"),
        ("passages", "gather"),
        ("call", "ask"),
    ] {
        assert!(begins(inside) >= begins(around), "{first}");
        assert!(ends(inside) <= ends(around) + slack, "{first}");
        assert!(step(inside)["depth"].as_u64() > step(around)["depth"].as_u64());
    }
    assert!(ends("gather") <= begins("compose") + slack, "{first}");
    assert!(ends("ask") <= begins("check") + slack, "{first}");

    let again = desk.begrip(&args).ends(0).json();
    assert_eq!(
        (&again["cache"], &again["calls"]),
        (&"disk".into(), &0.into())
    );
    assert!(!names(&again).contains(&"call"), "{again}");
    assert_eq!(model.calls(), 1);
}

#[test]
fn a_person_reads_the_steps_in_dutch() {
    let model = model();
    let told = Desk::with(&model)
        .begrip(&["trace", "contactverbod"])
        .ends(0);
    for words in [
        "Stap",
        "vraag aan het model",
        "toetsen",
        "Vragen aan het model: 1",
    ] {
        assert!(told.stdout.contains(words), "{words}: {}", told.stdout);
    }
}

/// The log tells what happened and to which question, and nothing that was typed or answered.
#[test]
fn no_line_of_the_log_holds_what_was_typed_or_what_the_model_wrote() {
    let model = model();
    let desk = Desk::with(&model);
    let mut command = desk.command([
        "define",
        "contactverbod",
        "--org",
        "OM",
        "--notes",
        "de zaak van Kwibus",
        "--json",
    ]);
    let run: crate::support::Run = command.env("BEGRIP_LOG", "debug").output().unwrap().into();
    let told = run.ends(0);
    let definition = told.json()["definition"].as_str().unwrap().to_owned();
    let id = &model.log()[0].request_id;
    let of_question = |line: &&str| id.as_ref().is_some_and(|id| line.contains(id.as_str()));
    assert!(
        told.stderr.lines().any(|line| of_question(&line)),
        "{}",
        told.stderr
    );
    for secret in ["contactverbod", "Kwibus", definition.as_str()] {
        assert!(!told.stderr.contains(secret), "{secret}: {}", told.stderr);
    }
}
