//! `begrip experiment` and `begrip flags`, judged by the model's own log.

use begrip_mock_model::{Behaviour, Call, When};
use serde_json::Value;

use crate::support::{Desk, model};

/// Stands in version 2 of the prompt, and not in version 1.
const IN_TWO: &str = "[verdachte]";

fn is_two(call: &Call) -> bool {
    call.body["messages"].to_string().contains(IN_TWO)
}

fn list(terms: usize) -> String {
    (0..terms).map(|n| format!("proefterm{n}\n")).collect()
}

#[test]
fn a_run_picks_the_version_that_keeps_the_rules_and_leaves_nothing_in_the_cache() {
    for (good, verdicts) in [("2", ["promote", "no"]), ("1", ["no", "promote"])] {
        let model = model();
        let (two, rest) = match good {
            "2" => (Behaviour::Normal, Behaviour::Faulty),
            _ => (Behaviour::Faulty, Behaviour::Normal),
        };
        let text = IN_TWO.to_owned();
        model.set_behaviour(When::Saying { text }, two);
        model.set_behaviour(When::Always, rest);
        let desk = Desk::with(&model);
        let file = desk.write("termen.txt", list(50));
        for (versions, verdict) in ["1,2", "2,1"].into_iter().zip(verdicts) {
            let before = model.calls();
            let run = desk
                .begrip(&[
                    "experiment",
                    "run",
                    "--terms",
                    &file,
                    "--versions",
                    versions,
                    "--repeat",
                    "2",
                    "--json",
                ])
                .ends(0)
                .json();
            let arms = run["report"]["arms"].as_array().unwrap();
            for arm in arms {
                let share = f64::from(u8::from(arm["figures"]["arm"] == good));
                assert_eq!(arm["passed"]["whole"], 100, "{run}");
                assert_eq!(arm["passed"]["share"], share);
                let (low, high) = (&arm["passed"]["low"], &arm["passed"]["high"]);
                let (low, high) = (low.as_f64().unwrap(), high.as_f64().unwrap());
                assert!(low <= share && share <= high && high - low < 0.04);
                // What the report says is what the model counted.
                let log = model.log();
                let own: Vec<&Call> = log[before..]
                    .iter()
                    .filter(|call| is_two(call) == (arm["figures"]["arm"] == "2"))
                    .collect();
                assert_eq!(own.len(), 100);
                let sum =
                    |of: fn(&Call) -> u32| f64::from(own.iter().map(|call| of(call)).sum::<u32>());
                assert_eq!(
                    arm["figures"]["tokens_in"]["total"],
                    sum(|call| call.tokens_in)
                );
                assert_eq!(
                    arm["figures"]["tokens_out"]["total"],
                    sum(|call| call.tokens_out)
                );
            }
            let said = &run["report"]["verdicts"][0];
            assert_eq!(said["decision"], verdict, "{good} good, {versions}: {said}");
        }
        let stats = desk.begrip(&["cache", "stats", "--json"]).ends(0).json();
        assert_eq!(stats["disk"]["entries"], 0);
        let costs = desk
            .begrip(&["costs", "--by", "task", "--json"])
            .ends(0)
            .json();
        let rows = costs["rows"].as_array().unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(
            (&rows[0]["name"], &rows[0]["calls"]),
            (&"experiment".into(), &400.into())
        );
    }
}

#[test]
fn a_run_reads_a_table_and_tells_what_failed() {
    let model = model();
    let desk = Desk::with(&model);
    let table = "term;organisatie\nvonnis;OM\nVonnis ;OM\narrest;DJI\n";
    let file = desk.write("termen.csv", table);
    let term = "arrest".to_owned();
    model.set_behaviour(When::Term { term }, Behaviour::ContentFilter);
    let run = desk
        .begrip(&["experiment", "run", "--terms", &file])
        .ends(0);
    assert!(
        run.stdout.starts_with("2 termen, 2 antwoorden.\n"),
        "{}",
        run.stdout
    );
    for version in ["1", "2"] {
        let failed = format!("Geen antwoord: arrest (versie {version}): BG-");
        assert!(run.stdout.contains(&failed), "{}", run.stdout);
    }
    assert!(run.stdout.contains("nog niet te zeggen"));
    // What is wrong with the command line is told before anything is asked.
    let calls = model.calls();
    for (versions, file, code) in [
        ("1", file.as_str(), "BG-326"),
        ("1,1", &file, "BG-326"),
        ("1,zeven", &file, "BG-326"),
        ("1,2", "nergens.csv", "BG-111"),
    ] {
        let run = desk
            .begrip(&["experiment", "run", "--terms", file, "--versions", versions])
            .ends(1);
        assert!(run.stderr.starts_with(code), "{}", run.stderr);
    }
    assert_eq!(model.calls(), calls);
}

#[test]
fn a_run_stops_at_a_limit_and_tells_what_it_has_until_then() {
    let model = model();
    let desk = Desk::with(&model);
    let file = desk.write("termen.txt", list(10));
    model.set_behaviour(When::Next { times: 3 }, Behaviour::Normal);
    model.set_behaviour(When::Always, Behaviour::status(401));
    let run = desk
        .begrip(&["experiment", "run", "--terms", &file, "--json"])
        .ends(5);
    assert_eq!(run.json()["stopped"]["code"], "BG-504", "{}", run.stdout);
    assert!(
        model.calls() < 20,
        "a refused key is not tried for each term"
    );
}

#[test]
fn flags_are_signed_imported_and_refused_on_the_command_line() {
    let model = model();
    let desk = Desk::with(&model);
    let flags = r#"{ "format": 1, "serial": 2, "date": "2026-12-01", "experiments": [
        { "name": "kort", "rollout": 100, "arms": [
          { "name": "nu", "prompt_version": "1", "weight": 0 },
          { "name": "kort", "prompt_version": "2" } ] } ] }"#;
    let raw = desk.write("proeven.json", flags);
    let _ = desk.begrip(&["rules", "keygen", "om"]).ends(0);
    let sign = |file: &str, output: &str| {
        let args = [
            "flags", "sign", file, "--sign", "om.key", "--output", output,
        ];
        desk.begrip(&args).ends(0);
    };
    sign(&raw, "een.json");
    let stranger = desk.begrip(&["flags", "import", "een.json"]).ends(1);
    assert!(stranger.stderr.starts_with("BG-322"), "{}", stranger.stderr);
    let _ = desk.begrip(&["rules", "trust", "om.pub"]).ends(0);
    let show = |args: &[&str]| -> Value { desk.begrip(args).ends(0).json() };
    let view = show(&["flags", "import", "een.json", "--json"]);
    assert_eq!(
        (&view["serial"], &view["experiments"][0]["arms"][1]),
        (&2.into(), &"kort = 2".into())
    );
    let older = desk.write(
        "ouder.json",
        flags.replace("\"serial\": 2", "\"serial\": 1"),
    );
    sign(&older, "oud.json");
    let refused = desk.begrip(&["flags", "import", "oud.json"]).ends(1);
    assert!(refused.stderr.starts_with("BG-323"), "{}", refused.stderr);
    assert_eq!(show(&["flags", "show", "--json"]), view);
    // A report of another computer is added up.
    let own = desk.begrip(&["experiment", "report", "--json"]).ends(0);
    let other = own.stdout.replace("\"drafts\":0", "\"drafts\":7");
    let other = desk.write("ander.json", other);
    let args = [
        "experiment",
        "report",
        "--json",
        "--add",
        &other,
        "--add",
        &other,
    ];
    let report = show(&args);
    assert_eq!(report["experiments"][0]["arms"][1]["figures"]["drafts"], 14);
    let text = desk.begrip(&["experiment", "report"]).ends(0).stdout;
    assert!(
        text.contains("Proef ‘kort’ loopt bij 100 % van de computers."),
        "{text}"
    );
    let wrong = desk
        .begrip(&["experiment", "report", "--add", &raw])
        .ends(1);
    assert!(wrong.stderr.starts_with("BG-111"), "{}", wrong.stderr);
}
