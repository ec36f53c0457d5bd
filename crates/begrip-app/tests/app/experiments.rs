//! Experiments with the prompt: who gets which version, what becomes of it, and what that says.

use begrip_app::sign_flags;
use begrip_mock_model::{Behaviour, Call, When};
use begrip_rules::SecretKey;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::packs::{key, trusting};
use crate::support::{Program, Workplace, fields, question};

const TERM: &str = "contactverbod";

/// Stands in version 2 of the prompt, and not in version 1.
const IN_TWO: &str = "[verdachte]";

/// The program with a model that is not the included demonstration.
pub async fn open(workplace: &Workplace) -> Program {
    let mut options = workplace.options();
    options.model.model = Some("model".to_owned());
    Program::open(options).await.unwrap()
}

fn arm(name: &str, version: &str, weight: u32) -> Value {
    json!({ "name": name, "prompt_version": version, "weight": weight })
}

/// An experiment that everybody is in, with these arms.
fn experiment(arms: &[Value]) -> Value {
    json!({ "name": "kort", "rollout": 100, "arms": arms })
}

/// Everybody gets version 2.
pub fn all_two() -> Value {
    experiment(&[arm("nu", "1", 0), arm("kort", "2", 1)])
}

pub fn flags(serial: u32, experiments: &[Value]) -> Value {
    json!({ "format": 1, "serial": serial, "date": "2026-11-21", "experiments": experiments })
}

fn signed(flags: &Value) -> String {
    sign_flags(&flags.to_string(), &key()).unwrap()
}

pub async fn import(program: &Program, flags: &Value) -> Value {
    program
        .call("flags_import", json!({ "content": signed(flags) }))
        .await
}

fn is_two(call: &Call) -> bool {
    call.body["messages"].to_string().contains(IN_TWO)
}

/// Which versions the model saw, in order.
pub fn seen(workplace: &Workplace) -> Vec<u32> {
    let log = workplace.model.log();
    log.iter().map(|call| 1 + u32::from(is_two(call))).collect()
}

async fn experiments(program: &Program) -> Value {
    program.call("experiments", json!({})).await["experiments"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_signed_older_or_unknown_is_refused_and_nothing_changes() {
    let workplace = trusting().await;
    let program = open(&workplace).await;
    let good = import(&program, &flags(5, &[all_two()])).await;
    assert_eq!(
        (
            &good["serial"],
            &good["prompt"]["version"],
            &good["prompt"]["by"]
        ),
        (&json!(5), &json!("2"), &json!("experiment"))
    );
    let stranger = SecretKey::from_seed(&[9; 32]);
    let six = flags(6, &[]);
    let changed = signed(&six).replace("\"serial\":6", "\"serial\":7");
    assert_ne!(changed, signed(&six));
    let raw = |experiments: &[Value]| flags(6, experiments).to_string();
    for (content, code) in [
        ("{".to_owned(), "BG-321"),
        (six.to_string(), "BG-322"),
        (sign_flags(&six.to_string(), &stranger).unwrap(), "BG-322"),
        (changed, "BG-322"),
        (signed(&flags(4, &[])), "BG-323"),
        (signed(&flags(5, &[])), "BG-324"),
    ] {
        let refused = program
            .refused("flags_import", json!({ "content": content }))
            .await;
        assert_eq!(refused, code, "{content}");
        assert_eq!(program.call("flags_show", Value::Null).await, good);
    }
    // What cannot be used is not even signed.
    for (content, code) in [
        (
            raw(&[experiment(&[arm("a", "1", 1), arm("b", "3", 1)])]),
            "BG-325",
        ),
        (raw(&[experiment(&[arm("a", "1", 1)])]), "BG-321"),
        (
            raw(&[experiment(&[arm("a", "1", 1), arm("a", "2", 1)])]),
            "BG-321",
        ),
        (
            raw(&[experiment(&[arm("a", "1", 0), arm("b", "2", 0)])]),
            "BG-321",
        ),
        (raw(&[all_two(), all_two()]), "BG-321"),
        (raw(&[]).replace("serial", "nummer"), "BG-321"),
        (raw(&[all_two()]).replace("100", "101"), "BG-321"),
        (raw(&[]).replace("\"format\":1", "\"format\":2"), "BG-321"),
    ] {
        let error = sign_flags(&content, &key()).unwrap_err();
        assert_eq!(error.code, code, "{content}");
    }
    // The same file again changes nothing, and a later one is taken.
    assert_eq!(import(&program, &flags(5, &[all_two()])).await, good);
    assert_eq!(import(&program, &six).await["prompt"]["version"], "1");
}

/// An unknown version that somebody signed with another program.
#[tokio::test(flavor = "multi_thread")]
async fn a_signed_file_for_a_newer_program_is_refused() {
    use begrip_rules::{FileKind, SignedFile};
    let workplace = trusting().await;
    let program = open(&workplace).await;
    let newer = flags(1, &[experiment(&[arm("a", "1", 1), arm("b", "9", 1)])]);
    let file = SignedFile::parse(FileKind::Flags, &newer.to_string()).unwrap();
    let content = file.signed(&key()).to_text().unwrap();
    let code = program
        .refused("flags_import", json!({ "content": content }))
        .await;
    assert_eq!(code, "BG-325");
    assert_eq!(
        program.call("flags_show", Value::Null).await["serial"],
        Value::Null
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_experiment_is_over_with_the_next_call_in_every_program_on_the_home() {
    let workplace = trusting().await;
    let (program, other) = (open(&workplace).await, open(&workplace).await);
    let _ = program.draft("contactverbod").await;
    let _ = import(&program, &flags(1, &[all_two()])).await;
    let two = other.draft("gebiedsverbod").await;
    let mut killed = all_two();
    killed["killed"] = true.into();
    let _ = import(&other, &flags(2, &[killed])).await;
    let _ = program.draft("locatieverbod").await;
    let _ = import(&program, &flags(3, &[all_two()])).await;
    let _ = program.draft("straatverbod").await;
    // A file without the experiment ends it as well.
    let _ = import(&program, &flags(4, &[])).await;
    let _ = other.draft("meldplicht").await;
    assert_eq!(seen(&workplace), [1, 2, 1, 2, 1]);
    // The ledger has version and arm of each call.
    let by = |by: &'static str| program.call("costs", json!({ "by": by }));
    let names = |costs: &Value| -> Vec<(String, u64)> {
        let rows = costs["rows"].as_array().unwrap().iter();
        let mut rows: Vec<_> = rows
            .map(|row| {
                let name = row["name"].as_str().unwrap().to_owned();
                (name, row["calls"].as_u64().unwrap())
            })
            .collect();
        rows.sort();
        rows
    };
    assert_eq!(
        names(&by("prompt").await),
        [("1".to_owned(), 3), ("2".to_owned(), 2)]
    );
    assert_eq!(
        names(&by("arm").await),
        [(String::new(), 3), ("kort/kort".to_owned(), 2)]
    );
    // And the draft knows which version made it.
    let mut request = json!({ "fields": fields("gebiedsverbod", "handeling die niemand kent") });
    request["draft_id"] = two["draft_id"].clone();
    let kept = program.call("concept_save", request).await;
    let model = &kept["view"]["concept"]["provenance"]["model"];
    assert_eq!(model["prompt_version"], "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_one_version_is_never_given_for_the_other() {
    let workplace = trusting().await;
    let program = open(&workplace).await;
    let _ = program.draft(TERM).await;
    let _ = import(&program, &flags(1, &[all_two()])).await;
    assert_eq!(program.draft(TERM).await["cache"], "miss");
    assert_eq!(program.draft(TERM).await["cache"], "memory");
    let _ = import(&program, &flags(2, &[])).await;
    // Back at the first version, its answer is there still.
    assert_eq!(program.draft(TERM).await["cache"], "memory");
    // Two arms with one version are asked apart as well.
    for (serial, weights) in [(3, [1, 0]), (4, [0, 1])] {
        let arms = [arm("a", "1", weights[0]), arm("b", "1", weights[1])];
        let _ = import(&program, &flags(serial, &[experiment(&arms)])).await;
        assert_eq!(program.draft(TERM).await["cache"], "miss");
    }
    assert_eq!(seen(&workplace), [1, 2, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_stays_in_its_arm_over_a_restart_and_its_number_leaves_nothing() {
    let workplace = trusting().await;
    let half = experiment(&[arm("nu", "1", 1), arm("kort", "2", 1)]);
    let program = open(&workplace).await;
    let first = import(&program, &flags(1, &[half])).await;
    let _ = program.draft("een").await;
    program.close().await;
    // Nobody can be asked now: the last file that is known holds.
    for _ in 0..2 {
        let mut options = workplace.options();
        options.model.url = Some("http://127.0.0.1:9/v1".to_owned());
        options.model.model = Some("model".to_owned());
        let program = Program::open(options).await.unwrap();
        let again = program.call("flags_show", Value::Null).await;
        assert_eq!(again, first);
        program.close().await;
    }
    let program = open(&workplace).await;
    let _ = program.draft("twee").await;
    let versions = seen(&workplace);
    assert_eq!(versions[0], versions[1]);
    let told = experiments(&program).await.to_string();
    program.close().await;
    let id = workplace.store().document("installation").unwrap().unwrap();
    assert_eq!(id.len(), 36);
    let sent = serde_json::to_string(&workplace.model.log()).unwrap();
    assert!(!sent.contains(&id) && !told.contains(&id) && !first.to_string().contains(&id));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_experiment_holds_for_the_organisations_that_it_names() {
    let workplace = trusting().await;
    let program = open(&workplace).await;
    let mut for_om = all_two();
    for_om["organisations"] = json!(["om"]);
    let elsewhere = import(&program, &flags(1, &[for_om])).await;
    assert_eq!(elsewhere["prompt"]["version"], "1");
    let mut settings = program.settings().await;
    settings["user"]["own_context"]["organisations"] = json!(["OM"]);
    let _ = program.call("settings_save", settings).await;
    let there = program.call("flags_show", Value::Null).await;
    assert_eq!(there["prompt"]["version"], "2");
    assert_eq!(there["experiments"][0]["own_arm"], "kort");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_included_demonstration_takes_no_part() {
    let workplace = trusting().await;
    let program = workplace.open().await;
    let view = import(&program, &flags(1, &[all_two()])).await;
    assert_eq!(view["experiments"][0]["own_arm"], Value::Null);
    let _ = program.draft(TERM).await;
    assert_eq!(seen(&workplace), [1]);
    let figures = &experiments(&program).await[0]["arms"][1]["figures"];
    assert_eq!(figures["drafts"], 0);
}

/// Drafts a term and keeps it with this definition, or as it is.
async fn keep(program: &Program, term: &str, definition: Option<&str>) {
    let draft = program.draft(term).await;
    let own = draft["reply"]["definition"].as_str().unwrap().to_owned();
    let mut request = json!({ "fields": fields(term, definition.unwrap_or(&own)) });
    request["draft_id"] = draft["draft_id"].clone();
    let saved = program.call("concept_save", request).await;
    assert_eq!(saved["outcome"], "kept", "{saved}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_each_draft_is_counted_once() {
    let workplace = trusting().await;
    let program = open(&workplace).await;
    // Before there is an experiment nothing is written down.
    keep(&program, "nul", None).await;
    let _ = import(&program, &flags(1, &[all_two()])).await;
    keep(&program, "een", None).await;
    keep(
        &program,
        "twee",
        Some("handeling die iemand anders heeft beschreven"),
    )
    .await;
    let thrown = program.draft("drie").await;
    for _ in 0..2 {
        let draft = json!({ "draft_id": thrown["draft_id"] });
        let _ = program.call("draft_discard", draft).await;
    }
    let _ = program.draft("vier").await;
    // From the cache: asked before, and so counted before.
    let _ = program.draft("vier").await;
    let counts = |experiments: &Value| {
        let figures = &experiments[0]["arms"][1]["figures"];
        ["drafts", "kept", "edited", "discarded", "open"]
            .map(|name| figures[name].as_u64().unwrap())
    };
    assert_eq!(counts(&experiments(&program).await), [4, 1, 1, 1, 1]);
    workplace
        .clock
        .advance(SignedDuration::from_hours(7 * 24 + 1));
    let report = experiments(&program).await;
    assert_eq!(counts(&report), [4, 1, 1, 2, 0]);
    assert_eq!(report[0]["arms"][0]["figures"]["drafts"], 0);
    assert_eq!(report[0]["state"], "running");
    assert_eq!(report[0]["verdicts"][0]["decision"], "not_yet");
    // The tokens are those that the model counted.
    let calls = workplace.model.log();
    let sum = |of: fn(&Call) -> u32| f64::from(calls.iter().skip(1).map(of).sum::<u32>());
    let figures = &report[0]["arms"][1]["figures"];
    assert_eq!(figures["tokens_in"]["total"], sum(|call| call.tokens_in));
    assert_eq!(figures["tokens_out"]["total"], sum(|call| call.tokens_out));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_cannot_be_read_counts_as_one_that_keeps_no_rule() {
    let workplace = trusting().await;
    let program = open(&workplace).await;
    let _ = import(&program, &flags(1, &[all_two()])).await;
    workplace.model.set_behaviour(
        When::Next { times: 1 },
        Behaviour::Text {
            text: "Dat weet ik niet.".to_owned(),
        },
    );
    let _ = program.draft_refused(question("een")).await;
    let _ = program.draft("twee").await;
    let figures = &experiments(&program).await[0]["arms"][1]["figures"];
    assert_eq!(
        (&figures["drafts"], &figures["passed"]),
        (&json!(2), &json!(1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn latency_and_cost_of_an_arm_are_those_of_its_own_calls() {
    let workplace = trusting().await;
    let program = open(&workplace).await;
    let mut settings = program.settings().await;
    settings["prices"]["models"] = json!([{
        "model": "model", "eur_per_million_in": 2, "eur_per_million_out": 10,
    }]);
    let _ = program.call("settings_save", settings).await;
    let others = program.draft(TERM).await;
    let _ = import(&program, &flags(1, &[all_two()])).await;
    // The second takes a repair: two calls are one draft. Each call takes some time at the model.
    for (term, behaviour) in [
        ("gebiedsverbod", Behaviour::Normal),
        ("locatieverbod", Behaviour::FaultyThenRepaired),
    ] {
        workplace.model.set_behaviour(When::Always, behaviour);
        let _ = program.draft(term).await;
    }
    let calls = workplace.model.log();
    let of = |term: &str| calls.iter().filter(|call| call.term == term).count();
    assert_eq!((of(TERM), of("gebiedsverbod")), (1, 1));
    assert!(of("locatieverbod") > 1, "one with its repair");
    let report = experiments(&program).await;
    let figures = &report[0]["arms"][1]["figures"];
    assert_eq!(figures["drafts"], 2);
    // By the model's own counts; each call is rounded to a millionth.
    let cost = figures["cost_eur"]["total"].as_f64().unwrap();
    let prices = calls[1..]
        .iter()
        .map(|call| 2.0 * f64::from(call.tokens_in) + 10.0 * f64::from(call.tokens_out));
    let expected: f64 = prices.sum::<f64>() / 1e6;
    assert!((cost - expected).abs() < 3e-6, "{cost} {expected}");
    // No shorter than the model itself says that its calls took, and what the ledger has of them.
    let costs = program.call("costs", json!({ "by": "arm" })).await;
    let rows = costs["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == "kort/kort").unwrap();
    assert_eq!(row["calls"], 3);
    assert!(
        (row["cost_eur"].as_f64().unwrap() - cost).abs() < 1e-9,
        "{row}"
    );
    let latency = figures["latency_ms"]["total"].as_f64().unwrap();
    let by_model: f64 = calls[1..].iter().map(|call| call.total_ms).sum();
    assert!(latency >= by_model.floor() - 3.0, "{latency} {by_model}");
    for (name, total) in [("latency_ms", latency), ("cost_eur", cost)] {
        let told = &report[0]["arms"][1][name];
        assert_eq!(told["n"], 2, "one for each draft: {told}");
        assert!((told["mean"].as_f64().unwrap() - total / 2.0).abs() < 1e-9);
    }
    // What is in no arm counts in none.
    assert_eq!(others["cache"], "miss");
    assert_eq!(report[0]["arms"][0]["figures"]["cost_eur"]["total"], 0.0);
}

/// A program in this arm, which has drafted so many terms of which none or all break the rules at first.
async fn in_use(workplace: &Workplace, number: u32, drafts: u32) -> Value {
    let id = format!("installatie-{number}");
    let program = open(workplace).await;
    program.close().await;
    workplace
        .store()
        .keep_document("installation", &id)
        .unwrap();
    let program = open(workplace).await;
    let half = experiment(&[arm("nu", "1", 1), arm("kort", "2", 1)]);
    let _ = import(&program, &flags(1, &[half])).await;
    for number in 0..drafts {
        let draft = program.draft(&format!("begrip {number}")).await;
        if number % 3 == 0 {
            let draft = json!({ "draft_id": draft["draft_id"] });
            let _ = program.call("draft_discard", draft).await;
        }
    }
    program.call("experiments", json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_over_several_computers_picks_the_version_that_keeps_the_rules() {
    let (one, other) = (trusting().await, trusting().await);
    for workplace in [&one, &other] {
        let model = &workplace.model;
        model.set_behaviour(When::Always, Behaviour::FaultyThenRepaired);
        let text = IN_TWO.to_owned();
        model.set_behaviour(When::Saying { text }, Behaviour::Normal);
    }
    let first = in_use(&one, 1, 100).await;
    let own = first["experiments"][0]["own_arm"].clone();
    // Some other installation is in the other arm.
    let mut number = 2;
    let second = loop {
        let few = in_use(&other, number, 0).await;
        if few["experiments"][0]["own_arm"] != own {
            break in_use(&other, number, 100).await;
        }
        number += 1;
    };
    let figures: Vec<Value> = second["experiments"][0]["arms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|arm| arm["figures"].clone())
        .collect();
    let program = open(&one).await;
    let report = program
        .call("experiments", json!({ "others": figures }))
        .await;
    let report = &report["experiments"][0];
    let [now, short] = [0, 1].map(|at| &report["arms"][at]);
    for (arm, share, low, high) in [(now, 0.0, 0.0, 0.037), (short, 1.0, 0.963, 1.0)] {
        let passed = &arm["passed"];
        assert_eq!(
            (&passed["whole"], &passed["share"]),
            (&json!(100), &json!(share))
        );
        assert!(
            (passed["low"].as_f64().unwrap() - low).abs() < 5e-4,
            "{passed}"
        );
        assert!(
            (passed["high"].as_f64().unwrap() - high).abs() < 5e-4,
            "{passed}"
        );
        assert_eq!(arm["discarded"]["part"], 34);
    }
    assert_eq!(report["verdicts"][0]["arm"], "kort");
    assert_eq!(report["verdicts"][0]["decision"], "promote", "{report}");
}
