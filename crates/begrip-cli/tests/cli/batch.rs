//! `begrip batch`: killed in the middle, resumed, and judged by the model's own log.

use std::collections::BTreeMap;

use begrip_mock_model::{Behaviour, Latency, MockConfig, MockModel, Outcome, When};
use serde_json::{Value, json};

use crate::support::{Desk, Running, model, names, wait_for};

fn terms(count: usize) -> String {
    let rows: String = (0..count).map(|n| format!("proefterm{n}\n")).collect();
    format!("term\n{rows}")
}

/// Takes about 60 ms for each answer.
fn slow() -> MockModel {
    MockModel::start_blocking(MockConfig {
        latency: Latency {
            first_ms: 60.0,
            ..Latency::default()
        },
        ..MockConfig::default()
    })
    .unwrap()
}

/// How often each term was answered to the end.
fn answered(model: &MockModel) -> BTreeMap<String, usize> {
    let mut terms = BTreeMap::new();
    for call in model.log() {
        if call.outcome == Outcome::Completed {
            *terms.entry(call.term).or_default() += 1;
        }
    }
    terms
}

/// The terms of the rows that have their answer.
fn ready(desk: &Desk, id: &str) -> Vec<String> {
    let page = desk.write("weg.json", "");
    desk.begrip(&["batch", "show", id, "--output", &page, "--json"])
        .ends(0);
    let whole: Value = serde_json::from_slice(&std::fs::read(&page).unwrap()).unwrap();
    let items = whole["items"].as_array().unwrap();
    let ready = items.iter().filter(|item| item["state"] == "done");
    ready
        .map(|item| item["input"]["term"].as_str().unwrap().to_owned())
        .collect()
}

fn asked_once(model: &MockModel, terms: &[String]) {
    for term in terms {
        let calls = model.log().iter().filter(|call| call.term == *term).count();
        assert_eq!(calls, 1, "{term} was ready and is asked again");
    }
}

/// The one batch of this workplace.
fn the_job(desk: &Desk) -> Value {
    desk.begrip(&["batch", "list", "--json"]).ends(0).json()[0].clone()
}

#[test]
fn a_batch_that_is_killed_in_the_middle_goes_on_without_a_second_call() {
    let model = slow();
    let desk = Desk::with(&model);
    let file = desk.write("termen.csv", terms(30));
    // `Child::kill` is SIGKILL: nothing of the program can tidy up.
    let mut running = Running(desk.command(["batch", &file]).spawn().unwrap());
    wait_for("ten answers", || answered(&model).len() >= 10);
    running.0.kill().unwrap();
    running.0.wait().unwrap();
    let job = the_job(&desk);
    let id = job["id"].as_str().unwrap();
    let done = job["done"].as_u64().unwrap();
    assert!((5..30).contains(&done), "{job}");
    assert_eq!(job["state"], "paused", "nobody runs it any more");
    let before = ready(&desk, id);
    assert_eq!(before.len() as u64, done);

    let run = desk.begrip(&["batch", "--resume", id, "--json"]).ends(0);
    assert_eq!(
        (&run.json()["done"], &run.json()["state"]),
        (&json!(30), &json!("done"))
    );
    assert_eq!(answered(&model).len(), 30);
    asked_once(&model, &before);
    // Only the two questions under way at the kill can have been asked once more.
    assert!(model.calls() <= 32, "{}", model.calls());

    // Ready is ready.
    let calls = model.calls();
    desk.begrip(&["batch", "--resume", id]).ends(0);
    assert_eq!(model.calls(), calls);
}

#[test]
fn a_thousand_rows_of_two_hundred_questions_make_two_hundred_calls() {
    let model = model();
    let desk = Desk::with(&model);
    let name = |row: usize| format!("proefterm{}", row % 200);
    let rows: String = (0..1_000).map(|row| name(row) + "\n").collect();
    let file = desk.write("termen.csv", format!("term\n{rows}"));
    let out = desk.folder().join("uit.json");
    let run = desk
        .begrip(&["batch", &file, "--output", out.to_str().unwrap()])
        .ends(0);
    assert!(
        run.stdout
            .contains("1000 rijen, 200 verschillende vragen: 1000 klaar"),
        "{run:#?}"
    );
    assert_eq!(model.calls(), 200);
    let once: BTreeMap<_, _> = (0..200).map(|row| (name(row), 1)).collect();
    assert_eq!(answered(&model), once);
    let whole: Value = serde_json::from_slice(&std::fs::read(out).unwrap()).unwrap();
    let items = whole["items"].as_array().unwrap();
    assert_eq!(items.len(), 1_000);
    for (row, item) in items.iter().enumerate() {
        assert_eq!(item["input"]["term"], name(row));
        let definition = begrip_mock_model::replies::reply_to(&name(row)).definition;
        assert_eq!(item["draft"]["reply"]["definition"], definition, "{row}");
        assert_eq!(item["same_as"].is_null(), row < 200, "{row}");
    }
}

#[test]
#[cfg(unix)]
fn ctrl_c_pauses_a_batch_and_says_how_to_go_on() {
    let model = slow();
    let desk = Desk::with(&model);
    let file = desk.write("termen.csv", terms(20));
    let running = desk.command(["batch", &file]).spawn().unwrap();
    wait_for("three answers", || answered(&model).len() >= 3);
    let pid = rustix::process::Pid::from_child(&running);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let run: crate::support::Run = running.wait_with_output().unwrap().into();
    let run = run.ends(130);
    let job = the_job(&desk);
    let id = job["id"].as_str().unwrap();
    assert_eq!(
        (&job["state"], &job["running"]),
        (&json!("paused"), &json!(0))
    );
    assert!(
        run.stderr.contains(&format!("begrip batch --resume {id}")),
        "{}",
        run.stderr
    );
    let before = ready(&desk, id);
    assert!(!before.is_empty(), "{job}");
    desk.begrip(&["batch", "--resume", id]).ends(0);
    assert_eq!(answered(&model).len(), 20);
    asked_once(&model, &before);
    // The two questions under way were broken off, be it when their answer had just been sent.
    assert!(model.calls() <= 22, "{}", model.calls());
}

#[test]
fn results_are_written_in_the_form_that_the_name_says() {
    let model = model();
    let desk = Desk::with(&model);
    let file = desk.write(
        "termen.csv",
        "begrip;organisaties\nvonnis;OM\nVonnis ;OM\narrest;\n",
    );
    for (name, start) in [
        ("uit.csv", "\u{FEFF}\"rij\";".as_bytes()),
        ("uit.xlsx", b"PK"),
        ("uit.json", b"{"),
    ] {
        let out = desk.write(name, "oud");
        desk.begrip(&["batch", &file, "--output", &out]).ends(0);
        assert!(std::fs::read(&out).unwrap().starts_with(start), "{name}");
    }
    assert_eq!(model.calls(), 2, "the same questions are not asked again");
    let run = desk
        .begrip(&["batch", &file, "--output", "-", "--format", "json"])
        .ends(0);
    assert_eq!(run.json()["items"].as_array().unwrap().len(), 3);
    let fields = names(&run.json()["job"]).len();
    assert!(fields >= 15, "{fields}");
    let wrong = desk
        .begrip(&["batch", &file, "--output", "uit.doc"])
        .ends(2);
    assert!(wrong.stderr.contains("--format"), "{}", wrong.stderr);
}

/// The rows of a table whose cells are all quoted and may hold several lines.
fn records(sheet: &str) -> Vec<String> {
    let mut records: Vec<String> = Vec::new();
    let mut open = false;
    for line in sheet.lines() {
        match records.last_mut() {
            Some(last) if open => *last += line,
            _ => records.push(line.to_owned()),
        }
        open ^= line.matches('"').count() % 2 == 1;
    }
    records
}

/// What the model does with a term that it is made to fail, and what a row about it then says. One in ten terms is
/// withheld, one in ten cut off, one in a hundred meets a model that is in trouble.
fn made_to_fail(term: usize) -> Option<(Behaviour, &'static str)> {
    match term {
        term if term % 10 == 3 => Some((Behaviour::ContentFilter, "BG-511")),
        term if term % 10 == 7 => Some((Behaviour::Truncated { after: 5 }, "BG-510")),
        term if term % 100 == 50 => Some((Behaviour::status(500), "BG-507")),
        _ => None,
    }
}

#[test]
fn of_a_thousand_rows_each_says_what_went_wrong_with_it_and_the_others_have_their_definition() {
    let model = model();
    let name = |row: usize| format!("proefterm{}", row % 200);
    for number in 0..200 {
        if let Some((behaviour, _)) = made_to_fail(number) {
            let term = name(number);
            model.set_behaviour(When::Term { term }, behaviour);
        }
    }
    let desk = Desk::with(&model);
    let rows: String = (0..1_000).map(|row| name(row) + "\n").collect();
    let file = desk.write("termen.csv", format!("term\n{rows}"));
    let run = desk.begrip(&["batch", &file]).ends(1);
    let failing = (0..200).filter_map(made_to_fail).count();
    let (failed, done) = (5 * failing, 5 * (200 - failing));
    assert!(
        run.stdout.contains(&format!(
            "1000 rijen, 200 verschillende vragen: {done} klaar, {failed} mislukt"
        )),
        "{run:#?}"
    );
    let log = model.log();
    for number in 0..200 {
        let calls = log.iter().filter(|call| call.term == name(number)).count();
        match made_to_fail(number) {
            // It may be a moment's trouble: it is tried again, within the bound of any question.
            Some((Behaviour::Status { .. }, _)) => assert!((2..=3).contains(&calls), "{calls}"),
            _ => assert_eq!(calls, 1, "{}", name(number)),
        }
    }

    // Each row, in both forms.
    let id = the_job(&desk)["id"].as_str().unwrap().to_owned();
    let show = |form: &str| -> Vec<u8> {
        let out = desk.write(&format!("uit.{form}"), "");
        desk.begrip(&["batch", "show", &id, "--output", &out])
            .ends(1);
        std::fs::read(out).unwrap()
    };
    let whole: Value = serde_json::from_slice(&show("json")).unwrap();
    let items = whole["items"].as_array().unwrap();
    let sheet = String::from_utf8(show("csv")).unwrap();
    let lines = records(&sheet).split_off(1);
    assert_eq!((items.len(), lines.len()), (1_000, 1_000));
    for (row, (item, line)) in items.iter().zip(&lines).enumerate() {
        assert_eq!(item["input"]["term"], name(row));
        assert!(
            line.starts_with(&format!("\"{}\";\"{}\"", row + 2, name(row))),
            "{line}"
        );
        match made_to_fail(row % 200) {
            Some((_, code)) => {
                assert_eq!(item["state"], "failed", "{item}");
                assert_eq!(item["error"]["code"], code, "{item}");
                assert!(!item["error"]["action"]["nl"].as_str().unwrap().is_empty());
                assert!(item["draft"].is_null(), "{item}");
                assert!(
                    line.contains("\"mislukt\"") && line.contains(code),
                    "{line}"
                );
            }
            None => {
                let definition = begrip_mock_model::replies::reply_to(&name(row)).definition;
                assert_eq!(item["state"], "done", "{item}");
                assert_eq!(item["draft"]["reply"]["definition"], definition, "{item}");
                assert!(
                    line.contains("\"klaar\"") && line.contains(&definition),
                    "{line}"
                );
            }
        }
    }

    // What it took is what the model's own log says, failed and repeated calls included.
    let total = desk.begrip(&["costs", "--json"]).ends(0).json()["total"].clone();
    let sum = |of: fn(&begrip_mock_model::Call) -> u32| log.iter().map(of).sum::<u32>();
    assert_eq!(total["calls"], log.len(), "{total}");
    assert_eq!(
        total["tokens_in"],
        f64::from(sum(|call| call.tokens_in)),
        "{total}"
    );
    assert_eq!(
        total["tokens_out"],
        f64::from(sum(|call| call.tokens_out)),
        "{total}"
    );
    // Nothing that failed was kept: asked again, all of it comes from the model, and all that was good is there.
    model.reset();
    desk.begrip(&["batch", "--resume", &id, "--retry"]).ends(0);
    assert_eq!(answered(&model).len(), failing);
    assert_eq!(model.calls(), failing);
}

#[test]
fn rows_that_go_wrong_are_told_and_give_exit_code_one() {
    let model = model();
    let bad = When::Term {
        term: "arrest".to_owned(),
    };
    model.set_behaviour(bad, Behaviour::ContentFilter);
    let desk = Desk::with(&model);
    let file = desk.write(
        "termen.csv",
        "term;categorie\nvonnis;\narrest;\nbeschikking;iets\n",
    );
    let run = desk.begrip(&["batch", &file]).ends(1);
    assert!(
        run.stdout
            .contains("3 rijen, 2 verschillende vragen: 1 klaar, 1 mislukt, 1 overgeslagen"),
        "{run:#?}"
    );
    assert!(
        run.stderr.contains("rij 3: ") && run.stderr.contains("(BG-511)"),
        "{run:#?}"
    );
    assert!(
        run.stderr.contains("rij 4: deze categorie bestaat niet"),
        "{run:#?}"
    );
    let id = the_job(&desk)["id"].as_str().unwrap().to_owned();
    model.reset();
    desk.begrip(&["batch", "--resume", &id, "--retry"]).ends(1);
    assert_eq!(answered(&model), BTreeMap::from([("arrest".to_owned(), 1)]));
}

#[test]
fn without_a_model_a_batch_waits_and_says_how_to_go_on() {
    let gone = model();
    let port = gone.port();
    let desk = Desk::with(&gone);
    drop(gone);
    let file = desk.write("termen.csv", terms(4));
    let run = desk.begrip(&["batch", &file]).ends(5);
    assert_eq!(run.error(), "BG-502");
    let id = the_job(&desk)["id"].as_str().unwrap().to_owned();
    assert!(
        run.stderr.contains(&format!("begrip batch --resume {id}")),
        "{}",
        run.stderr
    );
    let back = MockModel::start_blocking(MockConfig {
        port,
        ..MockConfig::default()
    })
    .unwrap();
    desk.begrip(&["batch", "--resume", &id]).ends(0);
    assert_eq!(back.calls(), 4);
}

#[test]
fn a_wrong_file_or_batch_is_told_with_its_code() {
    let desk = Desk::new();
    let pdf = desk.write("termen.csv", "%PDF-1.7");
    let open = desk.write("open.csv", "term;wet\n\"getuige;x\nverdachte;y\n");
    for (args, code, error) in [
        (&["batch", &pdf][..], 1, "BG-164"),
        (&["batch", &open], 1, "BG-169"),
        (&["batch", "weg.csv"], 1, "BG-111"),
        (&["batch", "--resume", "iets"], 3, "BG-166"),
        (
            &["batch", "show", "0198f0c2-7a51-7c3e-9d7e-3f0a5b6c7d8e"],
            3,
            "BG-166",
        ),
        (&["batch", "cancel", "iets"], 3, "BG-166"),
    ] {
        assert_eq!(desk.begrip(args).ends(code).error(), error, "{args:?}");
    }
}

#[test]
fn a_cancelled_batch_does_not_go_on() {
    let model = slow();
    let desk = Desk::with(&model);
    let file = desk.write("termen.csv", terms(12));
    let mut running = Running(desk.command(["batch", &file]).spawn().unwrap());
    wait_for("two answers", || answered(&model).len() >= 2);
    running.0.kill().unwrap();
    running.0.wait().unwrap();
    let id = the_job(&desk)["id"].as_str().unwrap().to_owned();
    desk.begrip(&["batch", "cancel", &id]).ends(1);
    let calls = model.calls();
    let run = desk.begrip(&["batch", "--resume", &id, "--json"]).ends(1);
    assert_eq!(
        (
            &run.json()["state"],
            &run.json()["running"],
            &run.json()["waiting"]
        ),
        (&json!("cancelled"), &json!(0), &json!(0))
    );
    assert_eq!(model.calls(), calls);
}
