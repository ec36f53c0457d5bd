//! The first start, the next, and the starts that go wrong.

use begrip_app::{App, OpenOptions, starter};
use begrip_domain::Concept;
use serde_json::{Value, json};

use crate::support::{Program, Workplace, fields};

/// How many concepts come with the program.
const SET: usize = 310;

async fn refused(options: OpenOptions) -> begrip_app::UserError {
    Program::open(options).await.err().expect("it opened")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_starter_set_is_there_after_the_first_start_and_once_after_the_next() {
    let workplace = Workplace::new().await;
    for start in 1..=3 {
        let program = workplace.open_without_model().await;
        let all = json!({ "filter": { "origins": ["starter_set"] }, "limit": 500 });
        let page = program.call("concept_list", all).await;
        assert_eq!(page["total"], SET, "start {start}");
        for row in page["rows"].as_array().unwrap() {
            assert_eq!(row["status"], "in_preparation", "{row}");
            assert_eq!(row["version"], 1, "{row}");
        }
        let info = program.call("app_info", Value::Null).await;
        assert_eq!(info["concepts"], SET);
        assert_eq!(info["notices"], json!([]));
        program.close().await;
    }
    assert_eq!(workplace.model.calls(), 0, "a start asks nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_start_at_one_time_make_one_set() {
    let workplace = Workplace::new().await;
    let starting: Vec<_> = (0..2)
        .map(|_| {
            let options = workplace.options();
            tokio::task::spawn_blocking(move || App::open(options))
        })
        .collect();
    let mut programs = Vec::new();
    for start in starting {
        match start.await.unwrap() {
            Ok(app) => programs.push(Program(app)),
            Err(error) => panic!("{error}: {}", error.detail),
        }
    }
    for program in programs {
        let info = program.call("app_info", Value::Null).await;
        assert_eq!(info["concepts"], SET);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_brings_new_texts_and_leaves_alone_what_a_person_changed() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let set = starter::concepts(workplace.now()).unwrap();
    let (edited, withdrawn, untouched) = (&set[0], &set[1], &set[2]);
    let mut text = fields("", "zo schreef ik het zelf");
    text["term"] = edited.fields.term.as_str().into();
    text["context"] = serde_json::to_value(&edited.fields.context).unwrap();
    let edit = json!({ "id": edited.id, "base_version": 1, "fields": text });
    let kept = program.call("concept_save", edit).await;
    assert_eq!(kept["outcome"], "kept");
    // Whoever changes it has made it their own: it stands among the own concepts from now on.
    assert_eq!(kept["view"]["concept"]["provenance"]["origin"], "person");
    let away = json!({ "id": withdrawn.id, "base_version": 1, "status": "withdrawn" });
    let _ = program.call("concept_status", away).await;
    let own = program
        .keep("enkelbandtoezicht", "toezicht op afstand")
        .await;
    program.close().await;

    // As an older set left it: another version, and another text of a concept nobody touched.
    let store = workplace.store();
    let older = |concept: &Concept| {
        let mut older = concept.clone();
        older.version = 2;
        older.fields.definition = "een tekst van vroeger".to_owned();
        older
    };
    let change = begrip_store::Change {
        author: starter::STARTER_AUTHOR,
        at: workplace.now(),
        reason: starter::STARTER_REASON,
    };
    assert!(
        store
            .update(1, &older(untouched), &change, begrip_store::Twins::Refused)
            .unwrap()
            .is_none()
    );
    store.keep_document("starter_version", "older").unwrap();
    drop(store);

    let program = workplace.open_without_model().await;
    let get =
        async |id: Value| program.call("concept_get", json!({ "id": id })).await["concept"].clone();
    let mine = get(json!(edited.id)).await;
    assert_eq!(mine["definition"], "zo schreef ik het zelf");
    assert_eq!(mine["version"], 2);
    assert_eq!(get(json!(withdrawn.id)).await["status"], "withdrawn");
    let renewed = get(json!(untouched.id)).await;
    assert_eq!(renewed["definition"], untouched.fields.definition);
    assert_eq!(renewed["version"], 3, "as a revision of its own");
    assert_eq!(get(own["id"].clone()).await, own);
    let info = program.call("app_info", Value::Null).await;
    assert_eq!(info["concepts"], SET + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_key_is_told_changes_nothing_and_has_a_way_out() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let kept = program
        .keep("enkelbandtoezicht", "toezicht op afstand")
        .await;
    program.close().await;
    let (file, key) = (
        workplace.home().join("begrip.db"),
        workplace.home().join("begrip.key"),
    );
    let before = std::fs::read(&file).unwrap();
    let kept_key = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    for _ in 0..2 {
        assert_eq!(refused(workplace.options()).await.code, "BG-202");
    }
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert!(!key.exists(), "no new key is made beside the old file");

    // Put back, everything is there.
    std::fs::write(&key, &kept_key).unwrap();
    let program = workplace.open_without_model().await;
    let got = program
        .call("concept_get", json!({ "id": kept["id"] }))
        .await;
    assert_eq!(got["concept"], kept);
    program.close().await;

    // The way out: begin anew, the old file is kept.
    let before = std::fs::read(&file).unwrap();
    std::fs::remove_file(&key).unwrap();
    let options = workplace.options();
    let app = tokio::task::spawn_blocking(|| App::open_afresh(options))
        .await
        .unwrap();
    let program = Program(app.unwrap());
    let info = program.call("app_info", Value::Null).await;
    assert_eq!(info["concepts"], SET);
    let aside = workplace.files("verloren-sleutel");
    let old = aside
        .iter()
        .find(|path| path.to_string_lossy().contains("begrip-"))
        .unwrap();
    assert_eq!(std::fs::read(old).unwrap(), before);
    program.close().await;
    // With its key the old file can still be read, elsewhere.
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::copy(old, elsewhere.path().join("begrip.db")).unwrap();
    std::fs::write(elsewhere.path().join("begrip.key"), &kept_key).unwrap();
    let program = Program::open(OpenOptions::at(elsewhere.path()))
        .await
        .unwrap();
    let got = program
        .call("concept_get", json!({ "id": kept["id"] }))
        .await;
    assert_eq!(got["concept"]["definition"], "toezicht op afstand");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_told_and_changes_nothing() {
    let workplace = Workplace::new().await;
    drop(workplace.open_without_model().await);
    let (file, key) = (
        workplace.home().join("begrip.db"),
        workplace.home().join("begrip.key"),
    );
    let (before, right) = (std::fs::read(&file).unwrap(), std::fs::read(&key).unwrap());
    for wrong in ["0".repeat(64), "geen sleutel".to_owned(), String::new()] {
        std::fs::write(&key, &wrong).unwrap();
        let error = refused(workplace.options()).await;
        assert_eq!(error.code, "BG-203", "{wrong:?}");
        assert_eq!(std::fs::read(&file).unwrap(), before);
    }
    std::fs::write(&key, right).unwrap();
    let program = workplace.open_without_model().await;
    assert_eq!(program.call("app_info", Value::Null).await["concepts"], SET);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_a_newer_program_is_left_alone() {
    let workplace = Workplace::new().await;
    drop(workplace.open_without_model().await);
    let file = workplace.home().join("begrip.db");
    let key = std::fs::read_to_string(workplace.home().join("begrip.key")).unwrap();
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection
        .pragma_update(None, "key", format!("x'{key}'"))
        .unwrap();
    connection
        .pragma_update(None, "user_version", 9_999)
        .unwrap();
    drop(connection);
    let before = std::fs::read(&file).unwrap();
    let error = refused(workplace.options()).await;
    assert_eq!(error.code, "BG-201");
    assert!(error.action.nl.contains("Werk Begrip bij"));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_kept_aside_and_told() {
    // With a backup (made at the second start) and without one.
    for (starts, codes) in [(2, ["BG-204"]), (1, ["BG-205"])] {
        let workplace = Workplace::new().await;
        let program = workplace.open_without_model().await;
        let kept = program
            .keep("enkelbandtoezicht", "toezicht op afstand")
            .await;
        program.close().await;
        for _ in 1..starts {
            workplace.open_without_model().await.close().await;
        }
        let file = workplace.home().join("begrip.db");
        let mut bytes = std::fs::read(&file).unwrap();
        let length = bytes.len();
        bytes[length / 2..length / 2 + 20_000].fill(0x5a);
        std::fs::write(&file, &bytes).unwrap();

        let program = workplace.open_without_model().await;
        let info = program.call("app_info", Value::Null).await;
        let told: Vec<_> = info["notices"]
            .as_array()
            .unwrap()
            .iter()
            .map(|notice| notice["message"]["code"].as_str().unwrap())
            .collect();
        assert_eq!(told, codes);
        let aside = workplace.files("beschadigd");
        assert!(!aside.is_empty());
        assert!(
            info["notices"][0]["message"]["detail"]
                .as_str()
                .unwrap()
                .contains("beschadigd")
        );
        let report = program.call("doctor", Value::Null).await;
        assert_eq!(report["healthy"], false, "the user is told there as well");
        if starts == 2 {
            let got = program
                .call("concept_get", json!({ "id": kept["id"] }))
                .await;
            assert_eq!(got["concept"], kept);
        }
        // It works, and the next start has nothing to tell.
        let _ = program
            .keep("locatietoezicht", "toezicht op een plaats")
            .await;
        program.close().await;
        let program = workplace.open_without_model().await;
        let info = program.call("app_info", Value::Null).await;
        assert_eq!(info["notices"], json!([]));
        let hits = program
            .call("search", json!({ "query": "locatietoezicht" }))
            .await;
        assert_eq!(hits["hits"][0]["exact"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_cache_costs_the_answers_and_nothing_else() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let _ = program.draft("contactverbod").await;
    let kept = program
        .keep("enkelbandtoezicht", "toezicht op afstand")
        .await;
    program.close().await;
    for name in ["cache.db", "cache.db-wal", "cache.db-shm"] {
        let path = workplace.home().join(name);
        if path.exists() {
            std::fs::write(path, "geen database".repeat(1_000)).unwrap();
        }
    }
    let program = workplace.open().await;
    let info = program.call("app_info", Value::Null).await;
    assert_eq!(info["notices"][0]["message"]["code"], "BG-212");
    let got = program
        .call("concept_get", json!({ "id": kept["id"] }))
        .await;
    assert_eq!(got["concept"], kept);
    assert_eq!(program.draft("contactverbod").await["cache"], "miss");
    assert_eq!(program.answers_on_disk().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_that_cannot_be_a_folder_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bestand");
    std::fs::write(&file, "x").unwrap();
    for home in [file.clone(), file.join("onder")] {
        let error = refused(OpenOptions::at(home)).await;
        assert!(
            ["BG-208", "BG-209"].contains(&error.code.as_str()),
            "{error:?}"
        );
    }
    assert_eq!(std::fs::read(&file).unwrap(), b"x");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_typed_stands_readable_on_the_disk() {
    const CASE: &str = "parketnummer 13-123456-26";
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let mut kept = fields("enkelbandtoezicht", CASE);
    kept["notes"] = CASE.into();
    let _ = program
        .call("concept_save", json!({ "fields": kept }))
        .await;
    let buffer = json!({ "key": "compose", "content": CASE });
    let _ = program.call("buffer_save", buffer).await;
    let input = json!({ "term": "contactverbod", "notes": CASE });
    let asked = json!({ "request_id": "1", "input": input });
    let _ = program.define(asked).await.1.unwrap();
    let bytes = workplace.bytes();
    let found = bytes
        .windows(CASE.len())
        .any(|part| part == CASE.as_bytes());
    assert!(!found);
    // The model was told that there is a case, and not which.
    let told = workplace.model.log()[0].body.to_string();
    assert!(
        told.contains("[parketnummer]") && !told.contains(CASE),
        "{told}"
    );
}
