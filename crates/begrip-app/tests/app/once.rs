//! What is made once in a run, whoever comes first and however many come; and rules that change while all of them work.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use begrip_app::{App, commands};
use begrip_mock_model::{Behaviour, When};
use begrip_rules::RulePack;
use serde_json::{Value, json};

use crate::packs::{activate, active, body, import, signed, trusting};
use crate::support::{Workplace, child_home, in_a_process, log, question};

/// True in a process of its own, in which what is counted is of this one test; else the test was run in one.
fn alone(test: &str) -> bool {
    if child_home().is_some() {
        return true;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = in_a_process(test, folder.path());
    assert!(output.status.success(), "{output:?}");
    false
}

/// How often each service was made, by the program's own log.
fn made() -> BTreeMap<String, usize> {
    let mut made = BTreeMap::new();
    for line in log().lines().filter(|line| line.contains("message=made")) {
        let (_, service) = line.split_once("service=").unwrap();
        *made
            .entry(service.trim_matches('"').to_owned())
            .or_default() += 1;
    }
    made
}

#[test]
fn fifty_threads_that_come_first_find_every_service_made_once() {
    if !alone("once::fifty_threads_that_come_first_find_every_service_made_once") {
        return;
    }
    const THREADS: usize = 50;
    let _ = log();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (workplace, program) = runtime.block_on(async {
        let workplace = Workplace::new().await;
        let program = workplace.open().await;
        (workplace, program)
    });
    let ask = [
        (
            "check",
            json!({ "term": "vonnis", "text": "beslissing van een rechter" }),
        ),
        ("search", json!({ "query": "vonnis" })),
        ("preview", question("vonnis")["input"].clone()),
        ("packs_list", Value::Null),
        ("app_info", Value::Null),
    ];
    let ready = Barrier::new(THREADS);
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let (ready, ask, runtime, app) = (&ready, &ask, &runtime, &program.0);
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                scope.spawn(move || {
                    let (command, args) = ask[number % ask.len()].clone();
                    ready.wait();
                    let answer = runtime.block_on(commands::call(app, command, args));
                    answer.unwrap_or_else(|error| panic!("{command}: {error}: {}", error.detail))
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    // Whoever asked the same was told the same.
    for (number, answer) in answers.iter().enumerate().skip(ask.len()) {
        assert_eq!(answer, &answers[number - ask.len()]);
    }
    let version = answers[4]["pack_version"].as_str().unwrap();
    assert_eq!(answers[0]["pack_version"], version);
    let once = ["model", "rules", "settings", "store"].map(|name| (name.to_owned(), 1));
    assert_eq!(made(), once.into());
    assert_eq!(RulePack::times_read(version), 1);
    assert_eq!(workplace.model.calls(), 0);
}

/// The version of a check's report, how many rules had a say, and whether the one had that the other pack lacks.
async fn checked(app: &App) -> (String, usize, bool) {
    let args =
        json!({ "term": "contactverbod", "text": "verbod om contact te zoeken met een persoon" });
    let report = commands::call(app, "check", args).await.unwrap();
    let findings = report["findings"].as_array().unwrap();
    let has = findings.iter().any(|finding| finding["rule"] == "OM-01");
    let version = report["pack_version"].as_str().unwrap().to_owned();
    (version, findings.len(), has)
}

#[test]
fn rules_that_are_switched_under_load_are_one_whole_pack_for_every_reader() {
    if !alone("once::rules_that_are_switched_under_load_are_one_whole_pack_for_every_reader") {
        return;
    }
    const READERS: usize = 8;
    const LONGEST: std::time::Duration = std::time::Duration::from_secs(120);
    const SWITCHES: usize = 40;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let workplace = trusting().await;
        let program = workplace.open().await;
        let versions = [active(&program).await, "2026.2-om".to_owned()];
        import(&program, signed(&body(&versions[1]))).await;
        let mut whole = Vec::new();
        for version in &versions {
            activate(&program, version).await;
            whole.push(checked(&program.0).await);
        }
        assert_eq!([&whole[0].0, &whole[1].0], [&versions[0], &versions[1]]);
        assert_eq!(whole[1].1, whole[0].1 + 1, "one rule more");

        let (whole, over) = (Arc::new(whole), Arc::new(AtomicBool::new(false)));
        let met: Arc<[AtomicUsize; 2]> = Arc::default();
        let readers: Vec<_> = (0..READERS)
            .map(|_| {
                let (app, whole) = (program.0.clone(), Arc::clone(&whole));
                let (over, met) = (Arc::clone(&over), Arc::clone(&met));
                tokio::spawn(async move {
                    while !over.load(Ordering::SeqCst) {
                        let seen = checked(&app).await;
                        let which = whole.iter().position(|pack| *pack == seen);
                        let which = which.unwrap_or_else(|| panic!("no whole pack: {seen:?}"));
                        met[which].fetch_add(1, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        for number in 0..SWITCHES {
            let which = number % 2;
            activate(&program, &versions[which]).await;
            // All of them may meet it before the next one.
            let enough = met[which].load(Ordering::SeqCst) + READERS;
            let since = std::time::Instant::now();
            while met[which].load(Ordering::SeqCst) < enough {
                assert!(since.elapsed() < LONGEST, "a reader stands still");
                assert!(readers.iter().all(|reader| !reader.is_finished()));
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        over.store(true, Ordering::SeqCst);
        for reader in readers {
            reader.await.unwrap();
        }
        for version in &versions {
            assert_eq!(RulePack::times_read(version), 1, "{version}");
        }
    });
}

#[test]
fn many_who_ask_the_same_at_one_time_have_it_made_ready_and_its_answer_judged_once() {
    if !alone(
        "once::many_who_ask_the_same_at_one_time_have_it_made_ready_and_its_answer_judged_once",
    ) {
        return;
    }
    const ASKERS: usize = 20;
    let _ = log();
    let judged = || {
        let log = log();
        log.lines()
            .filter(|line| line.contains("message=judged"))
            .count()
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let workplace = Workplace::new().await;
        let held = Behaviour::HeldBack { after: 5 };
        workplace.model.set_behaviour(When::Always, held);
        let program = workplace.open().await;
        let asking: Vec<_> = (0..ASKERS)
            .map(|_| {
                let program = program.clone();
                tokio::spawn(async move { program.draft("contactverbod").await })
            })
            .collect();
        // All wait for one answer.
        while program.call("cache_stats", Value::Null).await["requests"] != ASKERS {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // What is not held back yet is not let go either.
        while workplace.model.calls() == 0 || workplace.model.log()[0].tokens_out == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(judged(), 0);
        workplace.model.release();
        let mut reports = Vec::new();
        for asked in asking {
            reports.push(asked.await.unwrap()["report"].clone());
        }
        assert!(reports.iter().all(|report| *report == reports[0]));
        assert_eq!((judged(), workplace.model.calls()), (1, 1));
        let gathered = log().lines().filter(|line| *line == "related").count();
        assert!((1..ASKERS).contains(&gathered), "{gathered} times");
        // Who asks later has it judged anew: the store may be another by then.
        assert_eq!(program.draft("contactverbod").await["report"], reports[0]);
        assert_eq!(judged(), 2);
    });
}
