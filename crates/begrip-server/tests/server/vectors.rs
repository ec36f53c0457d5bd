//! Texts as vectors by the gateway: asked once for everybody, and never another's.

use begrip_llm::{CacheScope, DataClass, Endpoint, Model, Request, Secret, Setup};
use begrip_mock_model::{Behaviour, When};
use begrip_prompt::{Message, Role};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::models::{Models, header};
use crate::support::{Caller, wait_for};

fn asking(caller: &Caller, class: &str, body: &Value) -> RequestBuilder {
    caller
        .http
        .request(Method::POST, format!("{}/v1/embeddings", caller.url))
        .bearer_auth(&caller.token)
        .header("begrip-data-class", class)
        .json(body)
}

/// Where they came from, and the vectors.
async fn asked(request: RequestBuilder) -> (String, Value) {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let from = header(&response, "begrip-cache");
    let body: Value = response.json().await.unwrap();
    let vectors = body["data"].as_array().unwrap().iter();
    (from, vectors.map(|one| one["embedding"].clone()).collect())
}

fn texts(texts: &[&str]) -> Value {
    json!({"model": "vector", "input": texts})
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_texts_asked_by_many_on_two_nodes_at_once_make_one_call() {
    let models = Models::new().await;
    let nodes = [models.node(), models.node()];
    let token = models.site.token("OM", "author");
    let callers = nodes.each_ref().map(|node| node.caller(&token));
    let held = Behaviour::HeldBack { after: 1 };
    models.first.set_behaviour(When::Always, held);
    let wanted = texts(&["borgtocht voor verdachten", "een straf"]);
    let many = (0..60)
        .map(|number: usize| tokio::spawn(asked(asking(&callers[number % 2], "general", &wanted))));
    let many = futures_util::future::join_all(many.collect::<Vec<_>>());
    let mut many = tokio::spawn(many);
    wait_for("the call", || async { models.calls() > 0 }).await;
    // Whoever asks late joins too; nobody knows when the call has begun to wait.
    let all = loop {
        tokio::select! {
            all = &mut many => break all.unwrap(),
            () = tokio::time::sleep(std::time::Duration::from_millis(200)) => models.first.release(),
        }
    };
    let all: Vec<_> = all.into_iter().map(Result::unwrap).collect();
    assert_eq!(models.calls(), 1);
    assert_eq!(all[0].1[0].as_array().unwrap().len(), 256);
    assert!(all.iter().all(|(_, vectors)| *vectors == all[0].1));
    assert_eq!(all.iter().filter(|(from, _)| from == "miss").count(), 1);
    let ledger = "SELECT calls || ' ' || (tokens > 0) FROM spending";
    wait_for("the ledger", || async {
        models.site.database.sql(ledger).unwrap().trim() == "1 true"
    })
    .await;

    // Later both nodes know, and a new one finds them; another form of the same is the same.
    models.first.set_behaviour(When::Always, Behaviour::Normal);
    for caller in &callers {
        let (from, vectors) = asked(asking(caller, "general", &wanted)).await;
        assert_eq!((from.as_str(), &vectors), ("memory", &all[0].1));
    }
    let new = models.node();
    let (from, vectors) = asked(asking(&new.caller(&token), "general", &wanted)).await;
    assert_eq!((from.as_str(), &vectors), ("shared", &all[0].1));
    let mut bytes = wanted.clone();
    bytes["encoding_format"] = json!("base64");
    let (from, vectors) = asked(asking(&callers[0], "general", &bytes)).await;
    assert!(from == "memory" && vectors[0].is_string());
    assert_eq!(models.calls(), 1);
    // What is removed is asked again.
    models.site.run(&["answers", "forget", "--all"]);
    wait_for("it to be forgotten", || async {
        asked(asking(&callers[1], "general", &wanted)).await.0 != "memory"
    })
    .await;
    assert_eq!(models.calls(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_workstation_asks_of_terms_and_law_is_one_call_for_all_and_of_a_case_is_not() {
    let models = Models::new().await;
    let node = models.node();
    let workstation = || {
        let token = models.site.token("OM", "author");
        let mut endpoint = Endpoint::new(format!("{}/v1", node.url), "vector");
        endpoint.gateway = true;
        let model = Model::new(Setup::default());
        let known = endpoint.with_key(Secret::new(token));
        model.configure_embeddings(Some(known)).unwrap();
        model
    };
    let texts = || vec![Message::new(Role::User, "borgtocht voor verdachten")];
    let mut calls = Vec::new();
    for class in [DataClass::General, DataClass::Case] {
        for _ in 0..2 {
            let scope = CacheScope {
                data_class: class,
                ..CacheScope::default()
            };
            let one = workstation();
            let made = one.embed(Request::new("vector", texts(), scope)).await;
            assert_eq!(made.unwrap()[0].len(), 256);
            calls.push(models.calls());
        }
    }
    assert_eq!(calls, [1, 1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_changes_the_vectors_or_whose_they_are_is_asked_and_nothing_else_is() {
    let models = Models::new().await;
    let node = models.node();
    let [om, dji] = ["OM", "DJI"].map(|name| node.caller(&models.site.token(name, "author")));
    let first = texts(&["caf\u{e9}", "straf"]);
    asked(asking(&om, "general", &first)).await;
    let mut calls = 1;
    let mut size = first.clone();
    size["dimensions"] = json!(64);
    for (what, caller, class, body, known) in [
        ("the same", &om, "general", first.clone(), true),
        (
            "another form of a letter",
            &om,
            "general",
            texts(&["cafe\u{301}", "straf"]),
            true,
        ),
        (
            "another order",
            &om,
            "general",
            texts(&["straf", "caf\u{e9}"]),
            false,
        ),
        ("fewer texts", &om, "general", texts(&["caf\u{e9}"]), false),
        (
            "texts joined",
            &om,
            "general",
            texts(&["caf\u{e9}straf"]),
            false,
        ),
        ("another size", &om, "general", size, false),
        (
            "another organisation",
            &dji,
            "general",
            first.clone(),
            false,
        ),
        ("text of a case", &om, "case", first.clone(), false),
        (
            "text of a case once more",
            &om,
            "case",
            first.clone(),
            false,
        ),
    ] {
        let (from, _) = asked(asking(caller, class, &body)).await;
        calls += usize::from(!known);
        assert_eq!(from == "memory", known, "{what}");
        assert_eq!(models.calls(), calls, "{what}");
    }
    let anew = asking(&om, "general", &first).header("cache-control", "no-cache");
    assert_eq!(asked(anew).await.0, "bypassed");
    assert_eq!(models.calls(), calls + 1);
    let classes = "SELECT string_agg(DISTINCT data_class, ' ') || ' ' || count(*) FROM kept_answer";
    assert_eq!(
        models.site.database.sql(classes).unwrap().trim(),
        "general 6"
    );
    // A failure is kept nowhere.
    models
        .first
        .set_behaviour(When::Next { times: 1 }, Behaviour::status(500));
    let other = texts(&["vonnis"]);
    let failed = asking(&om, "general", &other).send().await.unwrap();
    assert!(failed.status().is_server_error());
    assert_eq!(asked(asking(&om, "general", &other)).await.0, "miss");
}
