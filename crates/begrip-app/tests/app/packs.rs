//! Versions of the rules: import, compare, try beforehand, switch and switch back.

use begrip_app::commands;
use begrip_rules::{Level, PackBody, PackFile, RulePack, SecretKey, parse_rule};
use serde_json::{Value, json};

use crate::support::{Program, Workplace, child_home, in_a_process};

const TERM: &str = "contactverbod";

/// The rule that the packs of these tests add: it fails on every text with ‘verbod’.
const RULE: &str = r#"
id = "OM-01"
level = "serious"
title = "Geen verbod"
why = "Dit is een proef."
question = "Staat er ‘verbod’?"

[check]
kind = "phrases"
phrases = ["verbod"]
reason = "‘{found}’ staat er."

[[good]]
text = "beslissing"
[[good]]
text = "maatregel"
[[good]]
text = "handeling"
[[bad]]
text = "verbod om te gaan"
[[bad]]
text = "verbod om te komen"
[[bad]]
text = "verbod om te blijven"
"#;

pub fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

/// The built-in pack with one rule more, made long after it.
pub fn body(version: &str) -> PackBody {
    let mut body = RulePack::built_in_body().unwrap();
    body.rules.push(parse_rule("OM-01", RULE).unwrap());
    body.facts.version = version.to_owned();
    body.facts.date = "2999-01-01".parse().unwrap();
    body.facts.changelog = vec!["Een regel erbij.".to_owned()];
    body
}

pub fn signed(body: &PackBody) -> String {
    PackFile::new(body)
        .unwrap()
        .signed(&key())
        .to_text()
        .unwrap()
}

/// A workplace that trusts the key of these tests.
pub async fn trusting() -> Workplace {
    let workplace = Workplace::new().await;
    let folder = workplace.home().join("trusted-keys");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("OM.pub"), key().public().to_line()).unwrap();
    std::fs::write(folder.join("kapot.pub"), "geen sleutel").unwrap();
    workplace
}

pub async fn import(program: &Program, content: String) -> Value {
    program
        .call("pack_import", json!({ "content": content }))
        .await
}

pub async fn activate(program: &Program, version: &str) -> Value {
    program
        .call("pack_activate", json!({ "version": version }))
        .await
}

pub async fn active(program: &Program) -> String {
    let info = program.call("app_info", Value::Null).await;
    info["pack_version"].as_str().unwrap().to_owned()
}

/// The version of a check's report, and whether the rule of these tests failed.
pub async fn check(program: &Program) -> (String, bool) {
    let request = json!({ "term": TERM, "text": "verbod om contact te zoeken met een persoon" });
    let report = program.call("check", request).await;
    let failed = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .any(|finding| finding["rule"] == "OM-01" && finding["outcome"] == "fail");
    (report["pack_version"].as_str().unwrap().to_owned(), failed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_is_imported_tried_on_own_concepts_put_in_force_and_put_aside() {
    let workplace = trusting().await;
    let program = workplace.open().await;
    let own = active(&program).await;
    program
        .keep("gebiedsverbod", "verbod om in een gebied te komen")
        .await;
    program.keep("meldplicht", "plicht om te verschijnen").await;

    let view = import(&program, signed(&body("2026.2-om"))).await;
    assert_eq!(view["origin"], "imported");
    assert_eq!(view["active"], false);
    assert_eq!(
        view["signer"],
        format!("OM ({})", key().public().fingerprint())
    );
    assert_eq!(view["changelog"], json!(["Een regel erbij."]));
    assert_eq!(
        active(&program).await,
        own,
        "an import alone changes nothing"
    );
    let packs = program.call("packs_list", Value::Null).await;
    let seen: Vec<(&str, bool)> = packs
        .as_array()
        .unwrap()
        .iter()
        .map(|pack| {
            (
                pack["version"].as_str().unwrap(),
                pack["active"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(seen, [("2026.2-om", false), (own.as_str(), true)]);

    let difference = json!({ "from": own, "to": "2026.2-om" });
    let difference = program.call("pack_compare", difference).await;
    assert_eq!(difference["added"][0]["id"], "OM-01");
    assert_eq!(difference["removed"], json!([]));
    assert_eq!(difference["changed"], json!([]));

    let impact = json!({ "version": "2026.2-om" });
    let impact = program.call("pack_impact", impact).await;
    // The starter set is not the user's own; only one of the two own concepts says ‘verbod’.
    assert_eq!(
        (impact["checked"].clone(), impact["changed"].clone()),
        (json!(2), json!(1))
    );
    assert_eq!(impact["concepts"][0]["row"]["term"], "gebiedsverbod");
    assert_eq!(impact["concepts"][0]["now_fails"], json!(["OM-01"]));
    assert_eq!(impact["concepts"][0]["no_longer_fails"], json!([]));

    assert_eq!(check(&program).await, (own.clone(), false));
    let before = program.draft(TERM).await;
    assert_eq!(before["cache"], "miss");
    assert_eq!(activate(&program, "2026.2-om").await["active"], true);
    assert_eq!(check(&program).await, ("2026.2-om".to_owned(), true));
    let list = json!({});
    let rules = program.call("rules_list", list).await;
    assert!(
        rules
            .as_array()
            .unwrap()
            .iter()
            .any(|rule| rule["id"] == "OM-01")
    );
    // Other rules are another question; it is asked, and kept beside the one before.
    let calls = workplace.model.calls();
    let after = program.draft(TERM).await;
    assert_eq!(after["cache"], "miss");
    assert_eq!(after["report"]["pack_version"], "2026.2-om");
    assert!(
        workplace.model.calls() > calls,
        "the call log is the witness"
    );

    let calls = workplace.model.calls();
    activate(&program, &own).await;
    assert_eq!(check(&program).await, (own.clone(), false));
    let again = program.draft(TERM).await;
    assert_eq!(again["cache"], "memory");
    assert_eq!(again["reply"], before["reply"]);
    assert_eq!(again["report"]["pack_version"], json!(own));
    assert_eq!(
        workplace.model.calls(),
        calls,
        "switching back finds its answers again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chosen_pack_is_in_force_after_a_restart() {
    let workplace = trusting().await;
    let program = workplace.open_without_model().await;
    import(&program, signed(&body("2026.2-om"))).await;
    activate(&program, "2026.2-om").await;
    program.close().await;
    let program = workplace.open_without_model().await;
    assert_eq!(check(&program).await, ("2026.2-om".to_owned(), true));
    assert_eq!(
        program.call("app_info", Value::Null).await["notices"],
        json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_can_be_imported_elsewhere_with_its_signature() {
    let workplace = trusting().await;
    let program = workplace.open_without_model().await;
    import(&program, signed(&body("2026.2-om"))).await;
    let file = json!({ "version": "2026.2-om" });
    let file = program.call("pack_export", file).await;
    assert_eq!(file["name"], "begrip-regels-2026.2-om.json");
    let other = trusting().await;
    let there = other.open_without_model().await;
    let view = import(&there, file["content"].as_str().unwrap().to_owned()).await;
    assert_eq!(view["version"], "2026.2-om");
    // The same once more is no error and no second one.
    import(&there, file["content"].as_str().unwrap().to_owned()).await;
    assert_eq!(
        there
            .call("packs_list", Value::Null)
            .await
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_accepted_is_told_why_and_changes_nothing() {
    let workplace = trusting().await;
    let program = workplace.open_without_model().await;
    let good = signed(&body("2026.2-om"));
    import(&program, good.clone()).await;
    let before = program.call("packs_list", Value::Null).await;
    let unsigned = program.call("pack_export", json!({})).await["content"].clone();
    let stranger = SecretKey::from_seed(&[8; 32]);
    let strange = PackFile::new(&body("2026.3-om")).unwrap().signed(&stranger);
    let mut few = body("2026.3-om");
    few.rules[5].bad.truncate(1);
    let mut other = body("2026.2-om");
    other.rules[0].level = Level::Advice;
    for (content, code, detail) in [
        (unsigned.as_str().unwrap().to_owned(), "BG-302", ""),
        (
            strange.to_text().unwrap(),
            "BG-303",
            stranger.public().fingerprint().as_str(),
        ),
        (good.replacen("blocking", "advice", 1), "BG-304", ""),
        (good[..good.len() / 2].to_owned(), "BG-305", ""),
        ("PK\u{3}\u{4}".to_owned(), "BG-305", ""),
        (
            good.replacen("\"format\":1", "\"format\":2", 1),
            "BG-306",
            "vorm 2",
        ),
        (signed(&other), "BG-307", "2026.2-om"),
        (signed(&few), "BG-308", few.rules[5].id.as_str()),
        (" ".repeat(begrip_rules::MOST_BYTES + 1), "BG-309", ""),
    ] {
        let refused = program
            .try_call("pack_import", json!({ "content": content }))
            .await;
        let error = refused.unwrap_err();
        assert_eq!(error.code, code, "{error:?}");
        assert!(error.detail.contains(detail), "{error:?}");
    }
    assert_eq!(program.call("packs_list", Value::Null).await, before);
    for command in ["pack_activate", "pack_impact", "pack_export", "rules_list"] {
        let unknown = json!({ "version": "1999.1" });
        assert_eq!(
            program.refused(command, unknown).await,
            "BG-310",
            "{command}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_tried_on_one_rule_of_any_version() {
    let workplace = trusting().await;
    let program = workplace.open_without_model().await;
    import(&program, signed(&body("2026.2-om"))).await;
    let request = json!({ "rule": "OM-01", "version": "2026.2-om", "text": "een verbod" });
    let finding = program.call("rule_try", request.clone()).await;
    assert_eq!(finding["outcome"], "fail");
    assert_eq!(finding["reason"], "‘verbod’ staat er.");
    assert_eq!(finding["span"], json!([4, 10]));
    let request = json!({ "rule": "OM-01", "text": "een verbod" });
    assert_eq!(program.refused("rule_try", request).await, "BG-311");
    let request = json!({ "rule": "STR-01", "text": "a".repeat(20_001) });
    assert_eq!(program.refused("rule_try", request).await, "BG-103");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_field_of_a_rule_that_says_something_else_is_shown() {
    let workplace = trusting().await;
    let program = workplace.open_without_model().await;
    let (first, mut second) = (body("2026.2-om"), body("2026.3-om"));
    second.rules.remove(0);
    let rule = second.rules.last_mut().unwrap();
    rule.level = Level::Blocking;
    rule.why = "Dit is geen proef.".to_owned();
    rule.good[0].text = "uitspraak".to_owned();
    let spec = RULE.replace("[\"verbod\"]", "[\"verbod\", \"gebod\"]");
    rule.check = parse_rule("OM-01", &spec).unwrap().check;
    import(&program, signed(&first)).await;
    import(&program, signed(&second)).await;
    let request = json!({ "from": "2026.2-om", "to": "2026.3-om" });
    let diff = program.call("pack_compare", request).await;
    assert_eq!(diff["removed"][0]["id"], first.rules[0].id.as_str());
    assert_eq!(diff["added"], json!([]));
    let changed = diff["changed"].as_array().unwrap();
    assert_eq!(changed.len(), 1);
    let fields = changed[0]["fields"].as_array().unwrap();
    let names: Vec<&str> = fields
        .iter()
        .map(|field| field["field"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["level", "why", "check", "good"]);
    let added = |field: &Value| -> String {
        let parts = field["parts"].as_array().unwrap().iter();
        let added = parts.filter(|part| part["op"] == "added");
        added.map(|part| part["text"].as_str().unwrap()).collect()
    };
    assert_eq!(added(&fields[0]), "blokkerend");
    assert!(added(&fields[2]).contains("gebod"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program_on_the_home_sees_a_switch_at_its_next_check() {
    let workplace = trusting().await;
    let (window, terminal) = (
        workplace.open_without_model().await,
        workplace.open_without_model().await,
    );
    let own = active(&window).await;
    import(&terminal, signed(&body("2026.2-om"))).await;
    for _ in 0..2 {
        activate(&terminal, "2026.2-om").await;
        assert_eq!(check(&window).await, ("2026.2-om".to_owned(), true));
        activate(&terminal, &own).await;
        assert_eq!(check(&window).await, (own.clone(), false));
    }
}

#[test]
fn a_switch_in_another_process_is_seen_at_the_next_check() {
    const TEST: &str = "packs::a_switch_in_another_process_is_seen_at_the_next_check";
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        if let Some(home) = child_home() {
            let program = Program::open(begrip_app::OpenOptions::at(home))
                .await
                .unwrap();
            activate(&program, "2026.2-om").await;
            return;
        }
        let workplace = trusting().await;
        let program = workplace.open_without_model().await;
        import(&program, signed(&body("2026.2-om"))).await;
        assert!(!check(&program).await.1);
        let output = in_a_process(TEST, &workplace.home());
        assert!(output.status.success(), "{output:?}");
        assert_eq!(check(&program).await, ("2026.2-om".to_owned(), true));
    });
}

/// The packs of a home as an older or newer program left them.
pub fn left(workplace: &Workplace, sql: &str) {
    directly(
        workplace,
        &format!(
            "DROP TRIGGER rule_pack_is_never_changed; DROP TRIGGER rule_pack_is_never_removed; {sql}"
        ),
    );
}

pub fn directly(workplace: &Workplace, sql: &str) {
    let key = std::fs::read_to_string(workplace.home().join("begrip.key")).unwrap();
    let direct = rusqlite::Connection::open(workplace.home().join("begrip.db")).unwrap();
    direct
        .pragma_update(None, "key", format!("x'{}'", key.trim()))
        .unwrap();
    direct.execute_batch(sql).unwrap();
}

/// Keeps a pack as a program does that comes with it.
fn keep_as_built_in(workplace: &Workplace, body: &PackBody) {
    let file = PackFile::new(body).unwrap();
    let pack = begrip_store::StoredPack {
        version: body.facts.version.clone(),
        digest: *file.digest(),
        date: body.facts.date.to_string(),
        body: file.to_text().unwrap(),
        signer: String::new(),
        origin: begrip_store::PackOrigin::BuiltIn,
        imported_at: None,
    };
    let store = workplace.store();
    store.keep_pack(&pack).unwrap();
    store.activate_pack(&pack.version).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_update_puts_its_newer_rules_in_force_once() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let own = active(&program).await;
    program.close().await;
    // As if the program before had come with older rules, and had not known these.
    let mut older = body("2020.1+abcdef");
    older.facts.date = "2020-01-01".parse().unwrap();
    keep_as_built_in(&workplace, &older);
    left(
        &workplace,
        &format!("DELETE FROM rule_pack WHERE version = '{own}'"),
    );
    let program = workplace.open_without_model().await;
    assert_eq!(active(&program).await, own);
    assert_eq!(
        program
            .call("packs_list", Value::Null)
            .await
            .as_array()
            .unwrap()
            .len(),
        2
    );
    // Who then goes back to the older ones keeps them.
    activate(&program, "2020.1+abcdef").await;
    program.close().await;
    let program = workplace.open_without_model().await;
    assert_eq!(check(&program).await, ("2020.1+abcdef".to_owned(), true));
    // It is the user's choice, which is told at each start and is no illness.
    let notice = program.call("app_info", Value::Null).await["notices"][0]["message"].clone();
    assert_eq!(notice["code"], "BG-313");
    assert_eq!(program.call("doctor", Value::Null).await["healthy"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_leaves_imported_rules_in_force_and_tells_of_its_newer_ones() {
    let workplace = trusting().await;
    let program = workplace.open_without_model().await;
    let own = active(&program).await;
    let mut old = body("2020.1-om");
    old.facts.date = "2020-01-01".parse().unwrap();
    import(&program, signed(&old)).await;
    activate(&program, "2020.1-om").await;
    program.close().await;
    left(
        &workplace,
        &format!("DELETE FROM rule_pack WHERE version = '{own}'"),
    );
    let program = workplace.open_without_model().await;
    assert_eq!(check(&program).await, ("2020.1-om".to_owned(), true));
    let notice = program.call("app_info", Value::Null).await["notices"][0]["message"].clone();
    assert_eq!(notice["code"], "BG-313");
    assert_eq!(notice["detail"], format!("2020.1-om; {own}"));
    // The user's own choice is no illness.
    let doctor = program.call("doctor", Value::Null).await;
    assert_eq!(doctor["healthy"], true, "{doctor}");
    assert_eq!(activate(&program, &own).await["active"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_program_keeps_newer_built_in_rules_that_it_can_use() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let own = active(&program).await;
    program.close().await;
    keep_as_built_in(&workplace, &body("2999.1+abcdef"));
    left(
        &workplace,
        &format!("DELETE FROM rule_pack WHERE version = '{own}'"),
    );
    let program = workplace.open_without_model().await;
    assert_eq!(check(&program).await, ("2999.1+abcdef".to_owned(), true));
    assert_eq!(
        program
            .call("packs_list", Value::Null)
            .await
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn each_version_is_read_once_in_a_run_however_much_is_asked() {
    const TEST: &str = "packs::each_version_is_read_once_in_a_run_however_much_is_asked";
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if child_home().is_none() {
        // A process of its own: the counter counts this one program alone.
        let folder = tempfile::tempdir().unwrap();
        let output = in_a_process(TEST, folder.path());
        assert!(output.status.success(), "{output:?}");
        return;
    }
    runtime.block_on(async {
        let workplace = trusting().await;
        let program = workplace.open().await;
        let own = active(&program).await;
        import(&program, signed(&body("2026.2-om"))).await;
        for number in 0..5 {
            for version in ["2026.2-om", &own] {
                activate(&program, version).await;
                let _ = check(&program).await;
                let _ = program.draft(&format!("verbod {number}")).await;
                for command in ["rules_list", "pack_impact"] {
                    let _ = program.call(command, json!({ "version": version })).await;
                }
                let _ = program.call("packs_list", Value::Null).await;
            }
            let _ = commands::call(&program.0, "doctor", Value::Null).await;
        }
        assert_eq!(RulePack::times_read(&own), 1);
        // What proved that it can be used, before it was kept, is what is used.
        assert_eq!(RulePack::times_read("2026.2-om"), 1);
    });
}
