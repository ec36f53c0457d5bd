//! `define`: one question, one call; the second time none.

use begrip_mock_model::{Behaviour, MockConfig, MockModel, Outcome, When};
use serde_json::{Value, json};

use crate::support::{Desk, has_exactly, model, names};

#[test]
fn the_form_is_the_promised_one() {
    let model = model();
    let desk = Desk::with(&model);
    let run = desk
        .begrip(&["define", "contactverbod", "--org", "OM", "--json"])
        .ends(0);
    let told = run.json();
    for name in [
        "definition",
        "findings",
        "sources",
        "passages",
        "cited",
        "left_out",
        "held_back",
        "cache",
        "calls",
        "tokens_in",
        "tokens_out",
    ] {
        assert!(names(&told).contains(name), "{name}");
    }
    assert!(!told["definition"].as_str().unwrap().is_empty());
    assert_eq!(told["cache"], "miss");
    assert_eq!(told["calls"], 1);
    let call = &model.log()[0];
    assert_eq!(told["tokens_in"], call.tokens_in);
    assert_eq!(told["tokens_out"], call.tokens_out);
    assert_eq!(told["model"], begrip_mock_model::MODEL_NAME);
    assert_eq!(told["demonstration"], true);
    let finding = &told["findings"][0];
    has_exactly(
        finding,
        ["rule", "outcome", "level", "span", "reason", "fix"],
    );
    let rules = begrip_rules::RulePack::built_in().unwrap().rules().len();
    assert_eq!(told["findings"].as_array().unwrap().len(), rules);
    assert_eq!(run.stderr, "", "no progress where there is no terminal");
    assert_eq!((model.calls(), call.outcome), (1, Outcome::Completed));
}

#[test]
fn the_second_time_the_answer_comes_from_disk_without_a_call() {
    let model = model();
    let desk = Desk::with(&model);
    let args = ["define", "contactverbod", "--org", "OM", "--json"];
    let first = desk.begrip(&args).ends(0).json();
    let log = model.log();
    let second = desk.begrip(&args).ends(0).json();
    assert_eq!(second["cache"], "disk");
    for name in ["calls", "tokens_in", "tokens_out"] {
        assert_eq!(second[name], 0, "{name}");
    }
    for name in [
        "definition",
        "explanation",
        "examples",
        "findings",
        "answered_at",
        "entry",
        "model",
    ] {
        assert_eq!(first[name], second[name], "{name}");
    }
    assert_eq!(
        json!(model.log()),
        json!(log),
        "the server saw nothing of it"
    );

    // Also when the server is gone, and when it may not be asked.
    drop(model);
    assert_eq!(desk.begrip(&args).ends(0).json()["cache"], "disk");
    let offline = [
        "define",
        "contactverbod",
        "--org",
        "OM",
        "--json",
        "--offline",
    ];
    assert_eq!(desk.begrip(&offline).ends(0).json()["cache"], "disk");
}

#[test]
fn the_same_question_in_other_words_is_the_same_and_another_context_is_another() {
    let model = model();
    let desk = Desk::with(&model);
    let ask = |args: &[&str]| {
        let all = [&["define", "--json"], args].concat();
        desk.begrip(&all).ends(0).json()["cache"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        ask(&["contactverbod", "--org", "OM", "--org", "DJI"]),
        "miss"
    );
    assert_eq!(
        ask(&["contactverbod", "--org", "DJI", "--org", "OM"]),
        "disk"
    );
    assert_eq!(ask(&["contactverbod", "--org", "DJI"]), "miss");
    assert_eq!(
        ask(&["contactverbod", "--org", "DJI", "--notes", "kort"]),
        "miss"
    );
    assert_eq!(ask(&["contactverbod", "--org", "DJI", "--fresh"]), "miss");
    assert_eq!(model.calls(), 4);
}

#[test]
fn a_definition_that_breaks_a_blocking_rule_is_repaired_with_one_more_call() {
    let model = model();
    model.set_behaviour(When::Always, Behaviour::FaultyThenRepaired);
    let desk = Desk::with(&model);
    let told = desk
        .begrip(&["define", "contactverbod", "--json"])
        .ends(0)
        .json();
    assert_eq!((told["calls"].as_u64(), model.calls()), (Some(2), 2));
    let blocked = |finding: &&Value| finding["level"] == "blocking" && finding["outcome"] == "fail";
    assert_eq!(
        told["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(blocked)
            .count(),
        0
    );
    let tokens: u32 = model.log().iter().map(|call| call.tokens_in).sum();
    assert_eq!(told["tokens_in"], tokens);
}

#[test]
fn what_goes_wrong_with_the_model_has_a_code_an_exit_code_and_an_empty_output() {
    let cases = [
        (Behaviour::status(401), "BG-504"),
        (Behaviour::status(404), "BG-505"),
        (Behaviour::status(400), "BG-512"),
        (Behaviour::SmallContext { tokens: 200 }, "BG-516"),
        (Behaviour::Truncated { after: 5 }, "BG-510"),
        (Behaviour::ContentFilter, "BG-511"),
        (Behaviour::Garbage, "BG-509"),
        (Behaviour::Empty, "BG-509"),
    ];
    for (behaviour, code) in cases {
        let model = model();
        model.set_behaviour(When::Always, behaviour.clone());
        let desk = Desk::with(&model);
        let run = desk.begrip(&["define", "contactverbod", "--json"]).ends(5);
        assert_eq!(
            (run.error().as_str(), run.stdout.as_str()),
            (code, ""),
            "{behaviour:?}"
        );
        let error: Value = serde_json::from_str(&run.stderr).unwrap();
        assert_eq!(error["error"]["code"], code);
        // The same for a person, in Dutch.
        let run = desk.begrip(&["define", "contactverbod"]).ends(5);
        assert!(
            run.stderr.starts_with(&format!("{code}: ")),
            "{}",
            run.stderr
        );
        assert!(
            run.stderr
                .contains(error["error"]["action"]["nl"].as_str().unwrap())
        );
    }
}

#[test]
fn without_a_model_and_with_one_that_is_down_the_message_says_so() {
    let run = Desk::new()
        .begrip(&["define", "contactverbod", "--json"])
        .ends(5);
    assert_eq!((run.error().as_str(), run.stdout.as_str()), ("BG-501", ""));
    // A port that nobody listens at any more.
    let url = model().url();
    let run = Desk::with_url(&url)
        .begrip(&["define", "contactverbod"])
        .ends(5);
    assert_eq!((run.error().as_str(), run.stdout.as_str()), ("BG-502", ""));
}

#[test]
fn the_address_is_taken_with_and_without_its_path() {
    let model = model();
    for end in ["", "/", "/v1", "/v1/", "/v1/chat/completions"] {
        let desk = Desk::new();
        let mut command = desk.command(["define", "contactverbod", "--json"]);
        command.env("BEGRIP_LLM_URL", format!("{}{end}", model.url()));
        let run = crate::support::Run::from(command.output().unwrap()).ends(0);
        assert_eq!(run.json()["calls"], 1, "{end}");
    }
    assert_eq!(model.calls(), 5);
}

#[test]
fn offline_asks_nobody_and_says_that_there_is_no_answer() {
    let model = model();
    let desk = Desk::with(&model);
    let run = desk
        .begrip(&["define", "contactverbod", "--offline"])
        .ends(5);
    assert_eq!((run.error().as_str(), model.calls()), ("BG-515", 0));
    desk.begrip(&["define", "contactverbod", "--offline", "--fresh"])
        .ends(2);
}

#[test]
fn the_key_goes_along_and_is_shown_nowhere() {
    let key = "sleutel-die-niemand-mag-zien";
    let model = MockModel::start_blocking(MockConfig {
        api_key: Some(key.to_owned()),
        ..MockConfig::default()
    })
    .unwrap();
    let desk = Desk::with(&model);
    for (term, given, code) in [("contactverbod", key, 0), ("vonnis", "een andere", 5)] {
        let mut command = desk.command(["define", term, "--json"]);
        command
            .env("BEGRIP_LLM_KEY", given)
            .env("BEGRIP_LOG", "trace");
        let run = crate::support::Run::from(command.output().unwrap());
        assert_eq!(run.code, code, "{}", run.stdout);
        assert!(!run.stderr.contains(key) && !run.stdout.contains(key));
    }
    for file in std::fs::read_dir(desk.home()).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            continue; // Backups of the same files.
        }
        let bytes = std::fs::read(path).unwrap();
        let mut windows = bytes.windows(key.len());
        assert!(!windows.any(|window| window == key.as_bytes()));
    }
}

#[test]
fn keep_makes_a_concept_in_preparation_with_the_model_as_its_origin() {
    let model = model();
    let desk = Desk::with(&model);
    let args = ["define", "kort geding", "--org", "OM", "--keep", "--json"];
    let told = desk.begrip(&args).ends(0).json();
    let id = told["id"].as_str().unwrap();
    let shown = desk
        .begrip(&["concepts", "show", id, "--json"])
        .ends(0)
        .json();
    let concept = &shown["concept"];
    assert_eq!(concept["definition"], told["definition"]);
    assert_eq!(concept["examples"].as_array().unwrap().len(), 3);
    assert_eq!(concept["antonyms"], json!(["bodemprocedure"]));
    assert_eq!(concept["status"], "in_preparation");
    assert_eq!(concept["provenance"]["origin"], "model");
    assert_eq!(concept["context"]["organisations"], json!(["OM"]));
    assert_eq!(
        concept["provenance"]["model"]["tokens_in"],
        told["tokens_in"]
    );
    // A second one is not made; what was asked is shown all the same.
    let again = desk.begrip(&args).ends(1);
    assert_eq!(again.error(), "BG-114");
    let shown = again.json();
    assert_eq!(shown["definition"], told["definition"]);
    assert_eq!(shown["id"], json!(null));
}

#[test]
fn what_does_not_fit_in_a_concept_is_told_and_the_rest_is_kept() {
    let model = model();
    let long = "lang synoniem ".repeat(20);
    let reply = json!({
        "definition": "procedure waarin de rechter met spoed een voorlopig oordeel geeft",
        "explanation": "Het oordeel is voorlopig.",
        "examples": ["Een ontruiming wordt met spoed gevraagd."],
        "counter_examples": [],
        "synonyms": ["spoedprocedure", long],
        "antonyms": [long, "bodemprocedure"],
    });
    model.set_behaviour(
        When::Always,
        Behaviour::Text {
            text: reply.to_string(),
        },
    );
    let desk = Desk::with(&model);
    let args = ["define", "kort geding", "--keep", "--json"];
    let told = desk.begrip(&args).ends(0);
    assert_eq!(model.calls(), 1);
    assert!(told.stderr.contains("BG-117"), "{}", told.stderr);
    assert!(told.stderr.contains("lang synoniem"), "{}", told.stderr);
    let id = told.json()["id"].clone();
    let shown = desk
        .begrip(&["concepts", "show", id.as_str().unwrap(), "--json"])
        .ends(0)
        .json();
    assert_eq!(shown["concept"]["definition"], reply["definition"]);
    assert_eq!(shown["concept"]["synonyms"], json!(["spoedprocedure"]));
    assert_eq!(shown["concept"]["antonyms"], json!(["bodemprocedure"]));
}

#[test]
fn a_person_sees_the_definition_its_findings_and_where_it_came_from() {
    let model = model();
    let desk = Desk::with(&model);
    let args = ["define", "contactverbod", "--org", "OM"];
    let first = desk.begrip(&args).ends(0);
    let definition = desk.begrip(&[&args[..], &["--json"]].concat()).json()["definition"].clone();
    assert!(first.stdout.contains(definition.as_str().unwrap()));
    for part in [
        "contactverbod",
        "regels in orde",
        "gevraagd aan het model",
        "demonstratie",
        "1 vraag",
    ] {
        assert!(first.stdout.contains(part), "{part}: {}", first.stdout);
    }
    let second = desk.begrip(&args).ends(0);
    assert!(
        second.stdout.contains("bewaard antwoord van"),
        "{}",
        second.stdout
    );
    assert!(second.stdout.contains("0 vragen"), "{}", second.stdout);
    for run in [first, second] {
        assert_eq!(run.stderr, "");
        assert!(!run.stdout.contains('\u{1b}'));
    }
}

#[cfg(unix)]
mod stopping {
    use super::*;
    use crate::support::{Run, Running, wait_for};
    use rustix::process::{Pid, Signal, kill_process};

    #[test]
    fn ctrl_c_closes_the_connection_and_keeps_nothing() {
        for behaviour in [Behaviour::Hang, Behaviour::SlowDrip { delay_ms: 200 }] {
            let model = model();
            model.set_behaviour(When::Always, behaviour.clone());
            let desk = Desk::with(&model);
            let mut running = Running(desk.command(["define", "contactverbod"]).spawn().unwrap());
            wait_for("the call", || model.calls() == 1);
            if behaviour != Behaviour::Hang {
                wait_for("text", || model.log()[0].tokens_out > 0);
            }
            let pid = i32::try_from(running.0.id()).unwrap();
            kill_process(Pid::from_raw(pid).unwrap(), Signal::INT).unwrap();
            wait_for("the end", || running.0.try_wait().unwrap().is_some());
            let (stdout, stderr) = (running.0.stdout.take(), running.0.stderr.take());
            let read = |pipe: &mut dyn std::io::Read| std::io::read_to_string(pipe).unwrap();
            let run = Run {
                code: crate::support::code(running.0.wait().unwrap()),
                stdout: read(&mut stdout.unwrap()),
                stderr: read(&mut stderr.unwrap()),
            };
            let run = run.ends(130);
            assert_eq!((run.error().as_str(), run.stdout.as_str()), ("BG-514", ""));
            wait_for("the server's word", || {
                model.log()[0].outcome != Outcome::Running
            });
            assert_eq!(model.log()[0].outcome, Outcome::Cancelled);

            // The half answer is not kept: the next run asks anew.
            model.reset();
            let again = desk
                .begrip(&["define", "contactverbod", "--json"])
                .ends(0)
                .json();
            assert_eq!((again["cache"].as_str(), model.calls()), (Some("miss"), 1));
        }
    }
}

#[test]
fn each_wish_gives_another_version_and_what_was_answered_is_not_asked_again() {
    let model = model();
    for definition in [
        "verbod om een ander te zien",
        "bevel om weg te blijven",
        "bevel dat rust geeft",
    ] {
        let text = json!({ "definition": definition, "explanation": "", "examples": [],
            "counter_examples": [], "synonyms": [], "antonyms": [] });
        let text = text.to_string();
        model.set_behaviour(When::Next { times: 1 }, Behaviour::Text { text });
    }
    let desk = Desk::with(&model);
    let two = [
        "define",
        "contactverbod",
        "--json",
        "--refine",
        "Noem een bevel",
    ];
    let told = desk.begrip(&two).ends(0).json();
    assert_eq!(
        told["versions"],
        json!([
            { "wish": "", "definition": "verbod om een ander te zien" },
            { "wish": "Noem een bevel", "definition": "bevel om weg te blijven" },
        ])
    );
    assert_eq!(told["definition"], "bevel om weg te blijven");
    assert_eq!((&told["cache"], model.calls()), (&json!("miss"), 2));
    let again = desk.begrip(&two).ends(0).json();
    assert_eq!((&again["cache"], model.calls()), (&json!("disk"), 2));
    assert_eq!(again["versions"], told["versions"]);
    let args = [&two[..], &["--refine", "Korter", "--keep"]].concat();
    let kept = desk.begrip(&args).ends(0).json();
    assert_eq!(
        (&kept["definition"], model.calls()),
        (&json!("bevel dat rust geeft"), 3)
    );
    let show = ["concepts", "exchange", "contactverbod", "--json"];
    let exchange = desk.begrip(&show).ends(0).json();
    assert_eq!(exchange["turns"][0]["task"], "refine");
    assert_eq!(
        exchange["turns"][0]["messages"],
        model.log()[2].body["messages"]
    );
    let args = ["define", "contactverbod", "--refine", " "];
    assert!(desk.begrip(&args).ends(1).stderr.contains("BG-416"));
    assert_eq!(model.calls(), 3);
}
