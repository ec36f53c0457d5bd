//! The measuring program, run as a person runs it, with small counts: every row can be made.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::Path;
use std::process::Command;

use begrip_mock_model::{MockConfig, MockModel};
use serde_json::Value;

/// Rows without which a result says too little. The window's rows stand there unmeasured.
const ROWS: [&str; 67] = [
    "prompt_tokens_with_passages",
    "prompt_tokens",
    "prompt_tokens_sent",
    "model_calls",
    "draft_first",
    "draft_time",
    "prompt_cost",
    "draft_cost",
    "day_prompt_cost",
    "day_cost",
    "day_cost_cache",
    "open_loop_first",
    "open_loop",
    "wait",
    "cancel",
    "gather",
    "gather_memory",
    "batch_draft",
    "rule_time",
    "rule_reads",
    "check_file",
    "services_start",
    "look_up",
    "list_filtered",
    "context_labels",
    "may_be_same",
    "goes_along",
    "index_look_up",
    "write_batch",
    "upserts",
    "upsert_transactions",
    "check_beside",
    "check_beside_generated",
    "hit_memory",
    "hit_disk",
    "hit_stream",
    "again_memory",
    "again_disk",
    "put_alone",
    "put_together",
    "cache_open",
    "cache_disk",
    "cache_memory",
    "warm_first",
    "warm_start",
    "workload",
    "single_flight",
    "single_flight_drafts",
    "single_flight_stream",
    "single_flight_plain",
    "prompt_build",
    "retrieval",
    "first_sync",
    "shared_change",
    "established_everywhere",
    "server_memory",
    "process_start",
    "first_check",
    "process_memory",
    "process_memory_prompt",
    "window_start",
    "window_memory",
    "window_typing",
    "window_heartbeat",
    "window_draft_first",
    "window_draft",
    "window_cached",
];

#[test]
fn a_quick_run_makes_every_row_and_writes_file_and_page() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    let own = env!("CARGO_MANIFEST_DIR");
    fs::copy(format!("{own}/../../docs/measurements.md"), &page).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_begrip-bench"))
        .args(["--quick", "--seed", "7", "--results"])
        .arg(folder.path())
        .arg("--page")
        .arg(&page)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}\n{complained}");

    let file = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "json"))
        .expect("a result file");
    // The test command tells the figures of its run at its end.
    if let Some(gate) = std::env::var_os("BEGRIP_GATE") {
        fs::copy(&file, Path::new(&gate).join(file.file_name().unwrap())).unwrap();
    }
    gate(folder.path(), &file);
    let result: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    for field in [
        "commit",
        "machine",
        "versions",
        "load_average_before",
        "load_average_after",
    ] {
        assert!(!result["about"][field].is_null(), "{field}");
    }
    assert_eq!(result["about"]["seed"], 7);
    let rows = result["rows"].as_array().unwrap();
    let found: Vec<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(found, ROWS);
    for row in rows {
        let id = row["id"].as_str().unwrap();
        // These need the programs of a release, or laws.
        let needs = [
            "check_file",
            "retrieval",
            "first_sync",
            "shared_change",
            "established_everywhere",
            "server_memory",
        ];
        if id.starts_with("window") || needs.contains(&id) {
            continue;
        }
        let samples = row["ours_measured"]["samples"].as_array().unwrap();
        assert!(!samples.is_empty(), "{id}: no samples");
        // Figures that no machine makes slower.
        let exact = [
            ("model_calls", 1.0),
            ("single_flight", 1.0),
            ("rule_reads", 1.0),
        ];
        if let Some((_, calls)) = exact.iter().find(|(row, _)| *row == id) {
            assert_eq!(samples, &vec![Value::from(*calls); samples.len()], "{id}");
        }
        let held = ["prompt_cost", "day_prompt_cost"];
        if id.starts_with("prompt_tokens") || held.contains(&id) {
            assert_eq!(row["met"], true, "{id}: {}", row["ours_measured"]["spread"]);
        }
    }
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("| model calls for one definition"), "{page}");
}

/// The trial of a model server that is not ours, at one that tells nothing of itself: our own mock model. What became of it is read
/// from that server's log.
#[test]
fn a_model_server_is_tried_through_the_whole_program_and_told_apart_from_the_mock_s_rows() {
    let mock = MockModel::start_blocking(MockConfig::default()).unwrap();
    let url = mock.url();
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    let own = env!("CARGO_MANIFEST_DIR");
    fs::copy(format!("{own}/../../docs/measurements.md"), &page).unwrap();
    let run = || {
        Command::new(env!("CARGO_BIN_EXE_begrip-bench"))
            .args(["--quick", "--model", "klein", "--real-model", &url])
            .arg("--results")
            .arg(folder.path())
            .arg("--page")
            .arg(&page)
            .output()
            .unwrap()
    };
    let output = run();
    assert!(output.status.success(), "{output:?}");
    let file = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("real-model-quick-"))
        .expect("a result file");
    let result: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(result["about"]["model"], "klein");
    let samples = |id: &str| {
        let rows = result["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["id"] == id).expect(id);
        row["ours_measured"]["samples"].as_array().unwrap().clone()
    };
    // It counts as we do, in the same tokens, by its own log.
    let log = mock.log();
    let whole: Vec<u32> = log.iter().map(|call| call.tokens_in).collect();
    for tokens in samples("real_tokens").iter().chain(&samples("real_turns")) {
        let found = whole
            .iter()
            .any(|call| Some(f64::from(*call)) == tokens.as_f64());
        assert!(found, "{tokens}");
    }
    assert_eq!(samples("real_calls").len(), 3);
    assert_eq!(samples("real_draft_again").len(), 3);
    // What it does not tell is not measured: neither its own count nor what it works at.
    for id in ["real_ledger_sent", "real_ledger_received", "real_cancel"] {
        assert!(samples(id).is_empty(), "{id}");
    }
    // 3 to count, 2 prompts, 2 small questions, 3 drafts and their repairs, 6 rounds: nothing was asked again.
    let drafts: f64 = samples("real_calls").iter().filter_map(Value::as_f64).sum();
    assert_eq!(mock.calls() as f64, 3.0 + 2.0 + 2.0 + drafts + 6.0);
    let written = fs::read_to_string(&page).unwrap();
    let (before, part) = written.split_once("--real-model` -->").unwrap();
    assert!(part.contains("| tokens of a question | mean ") && !before.contains("`real_tokens`"));

    // One that cannot be reached is no result.
    drop(mock);
    let output = run();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && said.contains("begrip-bench: "),
        "{said}"
    );
}

/// The page is made from results that lie beside it, a whole run and what was measured apart since: every row stands there,
/// measured.
#[test]
fn the_page_of_measurements_tells_every_row_of_a_result_that_is_kept() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/measurements.md")).unwrap();
    let names = page
        .split('`')
        .filter(|part| part.ends_with(".json"))
        .filter(|part| part.starts_with("results/bench") || part.starts_with("results/real-model"));
    let mut told = Vec::new();
    for name in names {
        let result: Value =
            serde_json::from_str(&fs::read_to_string(root.join(name)).unwrap()).unwrap();
        assert_eq!(result["about"]["optimised"], true);
        assert_eq!(result["about"]["quick"], false);
        for row in result["rows"].as_array().unwrap() {
            let (id, what) = (row["id"].as_str().unwrap(), row["what"].as_str().unwrap());
            assert!(page.contains(&format!("**{what}** (`{id}`)")), "{id}");
            assert!(row["ours_measured"]["samples"].is_array(), "{id}");
            told.push(id.to_owned());
        }
    }
    for row in ROWS {
        assert!(
            told.iter().any(|id| id == row),
            "`{row}` was not measured since it came: `cargo xtask bench`, or with `--only NAME --apart`"
        );
    }
}

/// The gate tells each figure of these results beside its target, and fails for one that is broken on purpose.
fn gate(folder: &Path, result: &Path) {
    let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.json");
    let run = |instructions: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_begrip-bench"))
            .arg("--gate")
            .arg(folder)
            .arg("--instructions")
            .arg(instructions)
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap());
        (output.status.success(), said.concat())
    };
    let (good, said) = run(&written);
    assert!(
        !good && said.contains("counts.json"),
        "not counted, and passed: {said}"
    );
    let counts = folder.join("counts.json");
    fs::copy(&written, &counts).unwrap();
    let (good, said) = run(&written);
    assert!(good, "{said}");
    let text = fs::read_to_string(result).unwrap();
    let whole: Value = serde_json::from_str(&text).unwrap();
    for row in whole["rows"].as_array().unwrap() {
        let Some(target) = row["must"].as_str() else {
            continue;
        };
        let id = format!("({})", row["id"].as_str().unwrap());
        let line = said.lines().find(|line| line.contains(&id)).unwrap();
        assert!(line.ends_with(&format!("must: {target}")), "{line}");
    }

    // Fewer instructions than it takes.
    let mut lower: Value = serde_json::from_str(&fs::read_to_string(&written).unwrap()).unwrap();
    lower["hit"] = Value::from(lower["hit"].as_u64().unwrap() / 2);
    let lowered = folder.join("lowered");
    fs::write(&lowered, lower.to_string()).unwrap();
    let (good, said) = run(&lowered);
    assert!(
        !good && said.contains("targets are broken: hit (instructions)"),
        "{said}"
    );
    // More calls than one.
    let mut broken = whole.clone();
    let rows = broken["rows"].as_array_mut().unwrap();
    let row = rows
        .iter_mut()
        .find(|row| row["id"] == "model_calls")
        .unwrap();
    assert_eq!(row["met"], true);
    row["met"] = Value::from(false);
    fs::write(result, broken.to_string()).unwrap();
    let (good, said) = run(&written);
    assert!(!good && said.contains("(model_calls)\n"), "{said}");
    fs::write(result, text).unwrap();
    fs::remove_file(counts).unwrap();
}

#[test]
fn a_strict_run_fails_when_a_row_was_not_measured() {
    let run = |strict: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_begrip-bench"))
            .args(["--quick", "--only", "window"])
            .args(strict)
            .output()
            .unwrap()
    };
    assert!(run(&[]).status.success());
    let output = run(&["--strict"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("not measured: start to a usable window (`window_start`)"));
}

/// The target of a row, broken: a `begrip` beside the desktop's program that checks nothing and takes its time.
#[test]
fn a_planted_miss_is_told_and_fails_a_strict_run_alone() {
    let folder = tempfile::tempdir().unwrap();
    let slow = folder.path().join("begrip");
    fs::write(&slow, "#!/bin/sh\nsleep 1\n").unwrap();
    let may_run = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&slow, may_run).unwrap();
    let page = folder.path().join("page.md");
    let there = format!("{}/../../docs/measurements.md", env!("CARGO_MANIFEST_DIR"));
    fs::copy(there, &page).unwrap();
    let run = |more: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_begrip-bench"))
            .args(["--quick", "--only", "many", "--apart", "--page"])
            .arg(&page)
            .arg("--desktop")
            .arg(folder.path().join("begrip-desktop"))
            .args(more)
            .output()
            .unwrap()
    };
    let told = |output: &std::process::Output| {
        String::from_utf8_lossy(&output.stdout).contains("(`check_file`)\n")
            && String::from_utf8_lossy(&output.stdout).contains("bar missed: 200 definitions")
    };
    let plain = run(&[]);
    assert!(plain.status.success() && told(&plain), "{plain:?}");
    let strict = run(&["--strict"]);
    assert!(!strict.status.success() && told(&strict), "{strict:?}");
    // The rows of such a run stand apart from those of a whole one.
    let page = fs::read_to_string(&page).unwrap();
    let (whole, apart) = page.split_once("## Rows measured apart").unwrap();
    let row = "| 200 definitions by `begrip check --jsonl`, one core |";
    assert!(apart.contains(row) && !whole.contains(row), "{apart}");
}

/// The plan says of each row what it promises, in the order of the table; and of no row that is not measured.
#[test]
fn the_plan_names_the_rows_that_are_measured() {
    let plan = include_str!("../../../docs/performance-test-plan.md");
    let named: Vec<&str> = plan
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    assert_eq!(named, ROWS);
}

#[test]
fn the_figures_of_the_cost_guide_are_those_of_the_latest_results() {
    let now = as_written("cost-guide.md", "--cost-guide");
    assert!(now.contains("| prompt tokens,"), "{now}");
}

#[test]
fn the_table_of_the_server_under_load_is_that_of_the_latest_results() {
    let now = as_written("measurements.md", "--load-table");
    assert!(now.contains("| scenario | part | done |"), "{now}");
}

#[test]
fn the_sums_of_the_operators_guide_are_those_of_the_latest_result() {
    let now = as_written("operator-guide.md", "--sums");
    assert!(now.contains("| a workstation that listens |"), "{now}");
}

/// A page, which must be as the program writes it now.
fn as_written(name: &str, option: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    let there = format!("{}/../../docs/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::copy(&there, &page).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_begrip-bench"))
        .args([option, "--page"])
        .arg(&page)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let now = fs::read_to_string(&page).unwrap();
    let there = fs::read_to_string(&there).unwrap();
    assert_eq!(there, now, "stale: run `cargo xtask bench {option}`");
    now
}
