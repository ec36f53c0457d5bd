//! What can be set, what the environment overrules, and the key that stays secret.

use begrip_app::OpenOptions;
use begrip_mock_model::{Behaviour, MockConfig, When};
use serde_json::{Value, json};

use crate::support::{Program, Workplace, child_home, in_a_process, log, question};

const TERM: &str = "contactverbod";

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_home_has_defaults_and_somewhere_to_start_from() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let view = program.call("settings_get", Value::Null).await;
    assert_eq!(view["overruled_by"], json!([]));
    assert_eq!(view["key"], json!({ "present": false, "place": "none" }));
    assert_eq!(view["settings"]["budgets"]["prompt_tokens"], 3_000);
    assert_eq!(view["settings"]["model"]["base_url"], "");
    assert_eq!(view["settings"]["cache"]["enabled"], true);
    let presets = view["presets"].as_array().unwrap();
    let ids: Vec<_> = presets
        .iter()
        .map(|preset| preset["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["central", "openai", "azure", "ollama", "llama_cpp"]);
    // A preset with a place to fill in is not kept by mistake; the others are.
    for preset in presets {
        let mut settings = view["settings"].clone();
        settings["model"]["base_url"] = preset["base_url"].clone();
        settings["model"]["model"] = "een-model".into();
        settings["model"]["flavour"] = preset["flavour"].clone();
        settings["model"]["api_version"] = preset["api_version"].clone();
        let kept = program.try_call("settings_save", settings).await;
        match preset["base_url"].as_str().unwrap().contains('<') {
            true => assert_eq!(kept.unwrap_err().detail, "model.base_url"),
            false => assert_eq!(kept.unwrap()["effective_model"]["model"], "een-model"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_survive_a_restart() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let mut settings = program.settings().await;
    settings["user"]["name"] = "J. Jansen".into();
    settings["user"]["theme"] = "high_contrast".into();
    settings["user"]["text_size"] = "largest".into();
    settings["user"]["own_context"]["organisations"] = json!(["OM"]);
    settings["model"]["base_url"] = format!("{}/v1", workplace.model.url()).into();
    settings["model"]["model"] = "begrip-demo-1".into();
    settings["cache"]["ttl_hours"] = 12.into();
    settings["budgets"]["tokens_per_day"] = 50_000.into();
    let saved = program.call("settings_save", settings.clone()).await;
    assert_eq!(saved["settings"], settings);
    program.close().await;
    let program = workplace.open_without_model().await;
    assert_eq!(program.settings().await, settings);
    // And they are in force.
    assert_eq!(program.draft(TERM).await["cache"], "miss");
    let suggested = program
        .call("context_suggest", json!({ "kind": "organisation" }))
        .await;
    assert_eq!(suggested[0], "OM");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_setting_is_named_and_nothing_is_kept() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let mut good = program.settings().await;
    good["model"]["base_url"] = format!("{}/v1", workplace.model.url()).into();
    good["model"]["model"] = "begrip-demo-1".into();
    let _ = program.call("settings_save", good.clone()).await;
    let cases = [
        ("model", "base_url", json!("ftp://x"), "model.base_url"),
        (
            "model",
            "base_url",
            json!("https://<naam>"),
            "model.base_url",
        ),
        ("model", "base_url", json!("http://"), ""),
        ("model", "base_url", json!("http://:::9/v1"), ""),
        ("model", "model", json!("  "), "model.model"),
        ("model", "temperature", json!(2.1), "model.temperature"),
        (
            "model",
            "max_reply_tokens",
            json!(49),
            "model.max_reply_tokens",
        ),
        (
            "model",
            "connect_timeout_s",
            json!(0),
            "model.connect_timeout_s",
        ),
        (
            "model",
            "idle_timeout_s",
            json!(601),
            "model.idle_timeout_s",
        ),
        ("budgets", "eur_per_day", json!(-1.0), "budgets.eur_per_day"),
        ("model", "proxy", json!("geen adres"), "model.proxy"),
        ("model", "proxy", json!("ftp://proxy:21"), "model.proxy"),
        // Settings hold no secret.
        (
            "model",
            "proxy",
            json!("http://jan:geheim@proxy:3128"),
            "model.proxy",
        ),
        (
            "model",
            "base_url",
            json!("https://u:geheim@model.example/v1"),
            "model.base_url",
        ),
        (
            "budgets",
            "prompt_tokens",
            json!(3_001),
            "budgets.prompt_tokens",
        ),
        ("cache", "ttl_hours", json!(0), "cache.ttl_hours"),
        ("cache", "disk_mb", json!(10_001), "cache.disk_mb"),
        ("cache", "memory_mb", json!(0), "cache.memory_mb"),
        ("user", "name", json!("a".repeat(201)), "user.name"),
    ];
    for (part, field, value, named) in cases {
        let mut settings = good.clone();
        settings[part][field] = value.clone();
        settings["user"]["theme"] = "dark".into();
        let error = program
            .try_call("settings_save", settings)
            .await
            .unwrap_err();
        assert_eq!(error.code, "BG-110", "{part}.{field} = {value}");
        assert!(
            error.detail.contains(named),
            "{part}.{field}: {}",
            error.detail
        );
        assert_eq!(program.settings().await, good, "{part}.{field} = {value}");
    }
    // A certificate that is not there: the same, with a code of its own.
    let mut settings = good.clone();
    settings["model"]["ca_file"] = "/bestaat/niet.pem".into();
    assert_eq!(program.refused("settings_save", settings).await, "BG-111");
    assert_eq!(program.settings().await, good);
    // The endpoint from before is still in force, now and after a restart.
    assert_eq!(program.draft(TERM).await["cache"], "miss");
    program.close().await;
    let program = workplace.open_without_model().await;
    assert_eq!(program.settings().await, good);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_overrules_and_is_not_kept() {
    let mut workplace = Workplace::new().await;
    workplace.key = Some("sk-uit-de-omgeving".to_owned());
    let program = workplace.open().await;
    let mut settings = program.settings().await;
    settings["model"]["base_url"] = "https://elders.example/v1".into();
    settings["model"]["model"] = "een-ander".into();
    let view = program.call("settings_save", settings.clone()).await;
    assert_eq!(view["settings"], settings);
    assert_eq!(
        view["effective_model"]["base_url"],
        format!("{}/v1", workplace.model.url())
    );
    assert_eq!(view["effective_model"]["model"], "begrip-demo-1");
    assert_eq!(
        view["overruled_by"],
        json!(["BEGRIP_LLM_URL", "BEGRIP_LLM_MODEL", "BEGRIP_LLM_KEY"])
    );
    assert_eq!(
        view["key"],
        json!({ "present": true, "place": "environment" })
    );
    let _ = program.draft(TERM).await;
    assert!(workplace.model.log()[0].authorization);
    program.close().await;
    let program = workplace.open_without_model().await;
    let view = program.call("settings_get", Value::Null).await;
    assert_eq!(
        view["effective_model"]["base_url"],
        "https://elders.example/v1"
    );
    assert_eq!(view["key"]["present"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_used_and_never_comes_back() {
    const KEY: &str = "sk-zeer-geheim-5f2e81";
    let _ = log();
    let workplace = Workplace::with(MockConfig {
        api_key: Some(KEY.to_owned()),
        ..MockConfig::default()
    })
    .await;
    let program = workplace.open().await;
    assert_eq!(program.draft_refused(question(TERM)).await, "BG-504");
    let state = program
        .call("model_key", json!({ "key": format!(" {KEY}\n") }))
        .await;
    // This home may not use the keyring: the key stays in memory alone.
    assert_eq!(state, json!({ "present": true, "place": "memory" }));
    let mut answers = vec![program.draft(TERM).await];
    for command in [
        "app_info",
        "settings_get",
        "doctor",
        "model_test",
        "cache_stats",
        "buffer_list",
    ] {
        answers.push(program.call(command, Value::Null).await);
    }
    answers.push(
        program
            .call("settings_save", program.settings().await)
            .await,
    );
    answers.push(program.call("preview", json!({ "term": TERM })).await);
    // A model that fails and repeats nothing of it either.
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::status(400));
    let error = program
        .define(question("gebiedsverbod"))
        .await
        .1
        .unwrap_err();
    answers.push(serde_json::to_value(&error).unwrap());
    answers.push(format!("{error:?} {error}").into());
    for answer in answers {
        assert!(!answer.to_string().contains(KEY), "{answer}");
    }
    let request: begrip_app::schema::KeyRequest =
        serde_json::from_value(json!({ "key": KEY })).unwrap();
    assert!(!format!("{request:?}").contains(KEY));
    program.close().await;

    let holds = |bytes: &[u8]| bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes());
    assert!(!holds(&workplace.bytes()), "on disk");
    // The store is encrypted: also what stands in it must not hold the key.
    let store = workplace.store();
    assert!(!holds(
        store.document("settings").unwrap().unwrap().as_bytes()
    ));
    assert!(!format!("{:?}", store.texts().unwrap()).contains(KEY));
    drop(store);
    let log = log();
    assert!(log.contains("begrip"), "the log is listened to");
    assert!(!log.contains(KEY), "in the log");
    // It was kept nowhere: a new start has none.
    let program = workplace.open().await;
    let view = program.call("settings_get", Value::Null).await;
    assert_eq!(view["key"]["present"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_forgotten_when_asked_and_refused_when_no_header_can_hold_it() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let set = async |key: &str| program.try_call("model_key", json!({ "key": key })).await;
    assert_eq!(set("sk-goed").await.unwrap()["present"], true);
    for wrong in [
        "sk met spatie",
        "sk\nregel",
        "sk-é",
        "sk\u{0}",
        &"a".repeat(4_097),
    ] {
        let error = set(wrong).await.unwrap_err();
        assert_eq!(error.code, "BG-110", "{wrong:?}");
        assert_eq!(error.detail, "key");
    }
    // The good one still stands, and the model can still be asked.
    let _ = program.draft(TERM).await;
    assert!(workplace.model.log()[0].authorization);
    assert_eq!(
        set("").await.unwrap(),
        json!({ "present": false, "place": "none" })
    );
    let _ = program.draft("gebiedsverbod").await;
    assert!(!workplace.model.log()[1].authorization);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_be_read_are_told_kept_aside_and_only_as_far_as_they_are_damaged() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let mut settings = program.settings().await;
    settings["user"]["name"] = "J. Jansen".into();
    settings["cache"]["ttl_hours"] = 12.into();
    let _ = program.call("settings_save", settings.clone()).await;
    program.close().await;
    // What stands there · what is lost · the name that is left.
    let mut half = settings.clone();
    half["user"]["theme"] = "een thema van later".into();
    half["budgets"] = json!("veel");
    let mut whole = settings.to_string();
    whole.truncate(whole.len() / 2);
    let cases = [
        (half.to_string(), "user, budgets", "", 12),
        (
            whole,
            "user, model, cache, budgets, prices, batch, routing, gather, telemetry, server",
            "",
            720,
        ),
        (
            "[]".to_owned(),
            "user, model, cache, budgets, prices, batch, routing, gather, telemetry, server",
            "",
            720,
        ),
        (
            String::new(),
            "user, model, cache, budgets, prices, batch, routing, gather, telemetry, server",
            "",
            720,
        ),
        (
            json!({ "user": { "name": "J. Jansen" }, "model": null, "cache": 5, "budgets": {} })
                .to_string(),
            "model, cache",
            "J. Jansen",
            720,
        ),
    ];
    for (text, lost, name, hours) in cases {
        workplace.store().keep_document("settings", &text).unwrap();
        let program = workplace.open_without_model().await;
        let info = program.call("app_info", Value::Null).await;
        let notices = info["notices"].as_array().unwrap();
        assert_eq!(notices.len(), 1, "{text}");
        assert_eq!(notices[0]["message"]["code"], "BG-214");
        assert_eq!(notices[0]["message"]["detail"], lost, "{text}");
        let now = program.settings().await;
        assert_eq!(now["user"]["name"], name);
        assert_eq!(now["cache"]["ttl_hours"], hours, "{text}");
        // The user fills them in again; what stood there is not lost by that.
        let _ = program.call("settings_save", now).await;
        program.close().await;
        let store = workplace.store();
        assert_eq!(store.document("settings_damaged").unwrap().unwrap(), text);
        drop(store);
        let program = workplace.open_without_model().await;
        let info = program.call("app_info", Value::Null).await;
        assert_eq!(info["notices"], json!([]), "told until it is mended");
        program.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_an_older_program_keep_what_they_say() {
    let workplace = Workplace::new().await;
    drop(workplace.open_without_model().await);
    let old = json!({ "user": { "name": "J. Jansen" }, "something_of_old": 1 });
    workplace
        .store()
        .keep_document("settings", &old.to_string())
        .unwrap();
    let program = workplace.open_without_model().await;
    assert_eq!(program.settings().await["user"]["name"], "J. Jansen");
    let info = program.call("app_info", Value::Null).await;
    assert_eq!(info["notices"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_button_names_the_step_that_failed() {
    let workplace = Workplace::with(MockConfig {
        api_key: Some("sk-goed".to_owned()),
        ..MockConfig::default()
    })
    .await;
    let program = workplace.open().await;
    let tested = program.call("model_test", Value::Null).await;
    assert_eq!(tested["ok"], false);
    let last = tested["steps"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["name"], "key");
    assert_eq!(last["error"]["code"], "BG-504");
    let _ = program.call("model_key", json!({ "key": "sk-goed" })).await;
    let tested = program.call("model_test", Value::Null).await;
    assert_eq!(tested["ok"], true, "{tested}");
    let info = program.call("app_info", Value::Null).await;
    assert_eq!(info["model"]["state"], "ready");
    assert_eq!(info["model"]["demonstration"], true);
}

#[test]
fn every_service_is_made_once_however_much_is_asked() {
    const TEST: &str = "settings::every_service_is_made_once_however_much_is_asked";
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(home) = child_home() else {
        // A process of its own: the log holds this one program alone.
        let folder = tempfile::tempdir().unwrap();
        let output = in_a_process(TEST, folder.path());
        assert!(output.status.success(), "{output:?}");
        return;
    };
    let _ = log();
    runtime.block_on(async {
        let workplace = Workplace::new().await;
        let mut options = OpenOptions::at(home);
        options.model = workplace.options().model;
        let program = Program::open(options).await.unwrap();
        for number in 0..5 {
            let _ = program.draft(&format!("verbod {number}")).await;
            for command in [
                "app_info",
                "settings_get",
                "doctor",
                "packs_list",
                "cache_stats",
            ] {
                let _ = program.call(command, Value::Null).await;
            }
            let _ = program
                .call("settings_save", program.settings().await)
                .await;
            let _ = program
                .call("check", json!({ "term": TERM, "text": "verbod" }))
                .await;
            let _ = program
                .call("search", json!({ "query": "verdachte" }))
                .await;
        }
    });
    let log = log();
    for service in ["store", "rules", "model", "settings"] {
        let made = log.matches(&format!("service=\"{service}\"")).count();
        assert_eq!(made, 1, "{service}:\n{log}");
    }
}
