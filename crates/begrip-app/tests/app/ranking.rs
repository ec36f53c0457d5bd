//! Articles put in order by embeddings: when a model is asked, for what, and what happens without it.

use begrip_mock_model::{Behaviour, Call, When};
use serde_json::{Value, json};

use crate::sources::import;
use crate::support::{Program, Workplace, question};

const MODEL: &str = "vectoren";

/// A law of which the index finds the first article first, and the words of the context the others.
const LAW: &str = "\
---
bwb: BWBR0099902
titel: Wet op de proefborg
geldig: 2025-06-01
---

## Wet op de proefborg

### Artikel 1

De proefborg wordt betaald bij de griffie.

### Artikel 2

De schorsing van een verdachte uit de hechtenis met een proefborg beveelt de rechtbank, of wie haar vervangt, op zijn verzoek.

### Artikel 3

De rechtbank die de schorsing van de hechtenis beveelt, zegt daarbij waarom zij een proefborg vraagt aan de verdachte of een ander, en hoe lang.

";

async fn set(program: &Program, changed: Value) {
    let mut settings = program.settings().await;
    for (name, value) in changed.as_object().unwrap() {
        settings["gather"][name] = value.clone();
    }
    let _ = program.call("settings_save", settings).await;
}

async fn program(workplace: &Workplace) -> Program {
    let program = workplace.open().await;
    let outcomes = import(&program, &[("wet.md", LAW.as_bytes())]).await;
    assert_eq!(outcomes[0]["outcome"], "new", "{outcomes:?}");
    program
}

fn asking(term: &str) -> Value {
    let mut request = question(term);
    request["input"]["context"] = json!({
        "organisations": [],
        "legal_areas": ["schorsing hechtenis verdachte rechtbank"],
        "statutory_bases": [],
    });
    request
}

async fn articles(program: &Program, request: Value) -> Vec<String> {
    let result = program.define(request).await.1.unwrap();
    let passages = result["passages"].as_array().unwrap();
    let number = |hit: &Value| hit["number"].as_str().unwrap().to_owned();
    passages.iter().map(number).collect()
}

fn embeddings(workplace: &Workplace) -> Vec<Call> {
    let mut log = workplace.model.log();
    log.retain(|call| call.path.ends_with("/embeddings"));
    log
}

fn only() -> When {
    When::Model {
        model: MODEL.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_until_the_user_wants_it() {
    let workplace = Workplace::new().await;
    let program = program(&workplace).await;
    let first = articles(&program, asking("proefborg")).await;
    assert_eq!(first[0], "1");
    assert!(embeddings(&workplace).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_changes_by_one_call_and_a_passage_is_asked_about_once() {
    let workplace = Workplace::new().await;
    let program = program(&workplace).await;
    set(
        &program,
        json!({ "rerank": true, "rerank_model": MODEL, "passages": 1 }),
    )
    .await;
    let preview = asking("proefborg")["input"].clone();
    let _ = program.call("preview", preview).await;
    assert!(embeddings(&workplace).is_empty(), "a preview asks nobody");
    let first = articles(&program, asking("proefborg")).await;
    assert_eq!(first[0], "2");
    let asked = embeddings(&workplace);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].model, MODEL);
    assert_eq!(asked[0].body["input"].as_array().unwrap().len(), 4);
    // The same question: no call of any kind.
    assert_eq!(articles(&program, asking("proefborg")).await, first);
    assert_eq!(workplace.model.calls(), 2);
    // Another context: its own vector alone.
    let mut other = asking("proefborg");
    other["input"]["context"]["legal_areas"] = json!(["strafrecht"]);
    articles(&program, other).await;
    let asked = embeddings(&workplace);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].body["input"].as_array().unwrap().len(), 1);
    // Every call is in the books, with what the server says that it took.
    program.0.close().await;
    let costs = program.call("costs", json!({})).await;
    let log = workplace.model.log();
    assert_eq!(costs["total"]["calls"], log.len());
    let sent: u32 = log.iter().map(|call| call.tokens_in).sum();
    assert_eq!(costs["total"]["tokens_in"].as_f64(), Some(f64::from(sent)));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_in_time_the_order_of_the_index_stands() {
    for fault in [
        Behaviour::status(500),
        Behaviour::status(404),
        Behaviour::Garbage,
        Behaviour::HeldBack { after: 0 },
    ] {
        let workplace = Workplace::new().await;
        workplace.model.set_behaviour(only(), fault.clone());
        let program = program(&workplace).await;
        set(
            &program,
            json!({ "rerank": true, "rerank_model": MODEL, "passages": 1 }),
        )
        .await;
        let result = program.define(asking("proefborg")).await.1.unwrap();
        assert_eq!(result["passages"][0]["number"], "1", "{fault:?}");
        assert_eq!(result["left_out"], json!([]), "{fault:?}");
        assert_eq!(embeddings(&workplace).len(), 1, "{fault:?}: asked once");
        workplace.model.release();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_too_late_serves_the_next_draft() {
    let workplace = Workplace::new().await;
    workplace
        .model
        .set_behaviour(only(), Behaviour::HeldBack { after: 0 });
    let program = program(&workplace).await;
    set(
        &program,
        json!({ "rerank": true, "rerank_model": MODEL, "passages": 1 }),
    )
    .await;
    assert_eq!(articles(&program, asking("proefborg")).await[0], "1");
    // The draft is there, the call goes on.
    workplace.model.release();
    let mut now = articles(&program, asking("proefborg")).await;
    while now[0] != "2" {
        tokio::task::yield_now().await;
        workplace.model.release();
        now = articles(&program, asking("proefborg")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_notes_goes_to_the_model_of_embeddings() {
    let workplace = Workplace::new().await;
    let program = program(&workplace).await;
    set(&program, json!({ "rerank": true, "rerank_model": MODEL })).await;
    let mut request = asking("proefborg");
    request["input"]["notes"] = json!("Mevrouw De Wit betaalde kwartelsoep aan Pieter Bakker.");
    articles(&program, request).await;
    let asked = embeddings(&workplace);
    assert_eq!(asked.len(), 1);
    let sent = asked[0].body.to_string();
    assert!(sent.contains("proefborg"));
    for word in ["Wit", "kwartelsoep", "Bakker", "Mevrouw"] {
        assert!(!sent.contains(word), "{word}");
    }
    // A term that names somebody goes nowhere.
    let mut request = asking("proefborg van mevrouw De Wit");
    request["input"]["privacy"] =
        json!({ "parties": ["verdachte: De Wit"], "also": [], "let_out": [] });
    assert_eq!(program.draft_refused(request).await, "BG-410");
    assert_eq!(embeddings(&workplace).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spent_budget_keeps_the_order_of_the_index() {
    let workplace = Workplace::new().await;
    let program = program(&workplace).await;
    let kept = articles(&program, asking("proefborg")).await;
    set(&program, json!({ "rerank": true, "rerank_model": MODEL })).await;
    let mut settings = program.settings().await;
    settings["budgets"]["tokens_per_day"] = json!(1);
    let _ = program.call("settings_save", settings).await;
    // The answer that is kept is found under the order that the index gives.
    assert_eq!(articles(&program, asking("proefborg")).await, kept);
    assert!(embeddings(&workplace).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_goes_to_the_server_of_the_model_alone() {
    let mut workplace = Workplace::new().await;
    workplace.key = Some("sk-proef".to_owned());
    let other = Workplace::new().await;
    let program = program(&workplace).await;
    let elsewhere =
        json!({ "rerank": true, "rerank_model": MODEL, "rerank_url": other.model.url() });
    set(&program, elsewhere).await;
    articles(&program, asking("proefborg")).await;
    let asked = embeddings(&other);
    assert_eq!(asked.len(), 1);
    assert!(!asked[0].authorization);
    set(
        &program,
        json!({ "rerank_url": "", "rerank_model": "anders" }),
    )
    .await;
    articles(&program, asking("proefborg")).await;
    assert!(embeddings(&workplace)[0].authorization);
}
