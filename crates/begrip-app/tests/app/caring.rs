//! The cache's figures, what is removed from it, and the doctor.

use begrip_mock_model::{Behaviour, When};
use serde_json::{Value, json};

use crate::support::{Workplace, question};

const TERM: &str = "contactverbod";

#[tokio::test(flavor = "multi_thread")]
async fn the_caches_figures_are_those_of_the_models_own_log() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    for _ in 0..3 {
        for term in [TERM, "gebiedsverbod"] {
            let _ = program.draft(term).await;
        }
    }
    let mut again = question(TERM);
    again["regenerate"] = true.into();
    let _ = program.define(again).await.1.unwrap();
    workplace
        .model
        .set_behaviour(When::Next { times: 1 }, Behaviour::Empty);
    assert_eq!(
        program.draft_refused(question("locatieverbod")).await,
        "BG-509"
    );

    let stats = program.call("cache_stats", Value::Null).await;
    let log = workplace.model.log();
    assert_eq!(log.len(), 4);
    assert_eq!(stats["requests"], 8);
    assert_eq!(stats["misses"], 3);
    assert_eq!(stats["hits_memory"], 4);
    assert_eq!(stats["hits_disk"], 0);
    assert_eq!(stats["bypassed"], 1);
    assert_eq!(stats["refused"], 1);
    assert_eq!(stats["memory"]["entries"], 2);
    assert_eq!(stats["disk"]["entries"], 2);
    let of = |at: usize| f64::from(log[at].tokens_in + log[at].tokens_out);
    assert_eq!(stats["tokens_saved"], 2.0 * (of(0) + of(1)));
    assert_eq!(stats["eur_saved"], Value::Null);
    program.close().await;

    let program = workplace.open().await;
    let _ = program.draft(TERM).await;
    let stats = program.call("cache_stats", Value::Null).await;
    assert_eq!(stats["hits_disk"], 1, "counted since the start");
    assert_eq!(stats["requests"], 1);
    assert_eq!(workplace.model.calls(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_removed_by_term_and_all_and_then_asked_again() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let om = json!({ "organisations": ["OM"] });
    for (number, input) in [
        json!({ "term": TERM }),
        json!({ "term": TERM, "context": om }),
        json!({ "term": "gebiedsverbod" }),
    ]
    .iter()
    .enumerate()
    {
        let request = json!({ "request_id": number.to_string(), "input": input });
        let _ = program.define(request).await.1.unwrap();
    }
    assert_eq!(program.answers_on_disk().await, 3);
    let none = program
        .call("cache_clear", json!({ "term": "vonnis" }))
        .await;
    assert_eq!(none["entries"], 0);
    // Of a term: in every context, however it is typed.
    let of_term = program
        .call("cache_clear", json!({ "term": " CONTACTVERBOD" }))
        .await;
    assert_eq!(of_term["entries"], 2);
    assert_eq!(program.answers_on_disk().await, 1);
    assert_eq!(program.draft("gebiedsverbod").await["cache"], "memory");
    assert_eq!(program.draft(TERM).await["cache"], "miss");
    let all = program.call("cache_clear", json!({})).await;
    assert_eq!(all["entries"], 2);
    assert_eq!(program.answers_on_disk().await, 0);
    assert_eq!(program.draft("gebiedsverbod").await["cache"], "miss");
    assert_eq!(workplace.model.calls(), 5);
    program.close().await;
    // Gone is gone, also after a restart.
    let program = workplace.open().await;
    assert_eq!(program.draft(TERM).await["cache"], "miss");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_that_is_off_keeps_nothing() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let mut settings = program.settings().await;
    settings["cache"]["enabled"] = false.into();
    let _ = program.call("settings_save", settings).await;
    program.close().await;
    let program = workplace.open().await;
    for _ in 0..2 {
        assert_eq!(program.draft(TERM).await["cache"], "miss");
    }
    assert_eq!(workplace.model.calls(), 2);
    assert_eq!(program.answers_on_disk().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_a_healthy_workplace_healthy() {
    let workplace = Workplace::new().await;
    for program in [workplace.open().await, workplace.open_without_model().await] {
        let report = program.call("doctor", Value::Null).await;
        assert_eq!(report["healthy"], true, "{report}");
        let names: Vec<_> = report["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|check| check["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["store", "key", "rules", "cache", "model"]);
    }
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_what_is_wrong_with_each_part_and_goes_on() {
    // No model: told, and no illness.
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let report = program.call("doctor", Value::Null).await;
    assert_eq!(check(&report, "model")["ok"], false);
    assert_eq!(check(&report, "model")["error"]["code"], "BG-501");

    // A certificate that has gone since: its own words, and not “not configured”.
    let certificate = workplace.home().join("ca.pem");
    std::fs::write(&certificate, "").unwrap();
    let mut settings = program.settings().await;
    settings["model"]["base_url"] = format!("{}/v1", workplace.model.url()).into();
    settings["model"]["model"] = "begrip-demo-1".into();
    settings["model"]["ca_file"] = certificate.to_str().unwrap().into();
    let kept = program.try_call("settings_save", settings.clone()).await;
    program.close().await;
    if kept.is_err() {
        // An empty file is refused at once; keep the settings as an older program would have.
        let text = settings.to_string();
        workplace.store().keep_document("settings", &text).unwrap();
    }
    std::fs::remove_file(&certificate).unwrap();
    let program = workplace.open_without_model().await;
    let report = program.call("doctor", Value::Null).await;
    assert_eq!(
        check(&report, "model")["error"]["code"],
        "BG-111",
        "{report}"
    );
    program.close().await;

    // A damaged store under a running program.
    let program = workplace.open().await;
    let file = workplace.home().join("begrip.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x5a);
    std::fs::write(&file, bytes).unwrap();
    let report = program.call("doctor", Value::Null).await;
    assert_eq!(report["healthy"], false, "{report}");
    assert_eq!(check(&report, "store")["ok"], false);
    assert_eq!(check(&report, "store")["error"]["code"], "BG-209");
    assert_eq!(check(&report, "rules")["ok"], true);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_was_open_to_others_is_closed_and_told() {
    use std::os::unix::fs::PermissionsExt;
    let workplace = Workplace::new().await;
    drop(workplace.open().await);
    let key = workplace.home().join("begrip.key");
    let mode = || std::fs::metadata(&key).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let program = workplace.open().await;
    assert_eq!(mode(), 0o600);
    let report = program.call("doctor", Value::Null).await;
    assert_eq!(report["healthy"], false);
    assert_eq!(check(&report, "start")["error"]["code"], "BG-211");
}
