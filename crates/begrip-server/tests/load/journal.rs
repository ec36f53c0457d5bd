//! The server's log under load: each line goes into an index of ECS by the `_bulk` address of a search engine, and none
//! holds what somebody wrote.

use std::fs;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use begrip_mock_model::{Behaviour, Latency, When};
use reqwest::Method;
use serde_json::{Value, json};

use crate::arrivals::thinking;
use crate::index::Index;
use crate::models::{asking, question};
use crate::setting;
use crate::support::{listening, wait_for};
use crate::users::World;

/// What a model does that fails.
const FAILS: Behaviour = Behaviour::Status {
    status: 500,
    retry_after: None,
};

/// Lines that go at one time.
const AT_ONCE: usize = 500;

type Shared = Arc<Mutex<Index>>;

/// Takes documents as Elasticsearch does: a line with what is to be done, then a line with the document, and at the end
/// an empty one. Tells of each what became of it.
async fn bulk(
    State(index): State<Shared>,
    headers: HeaderMap,
    body: String,
) -> Result<Json<Value>, StatusCode> {
    let kind = headers
        .get("content-type")
        .and_then(|kind| kind.to_str().ok());
    if kind != Some("application/x-ndjson") || !body.ends_with('\n') {
        return Err(StatusCode::BAD_REQUEST);
    }
    let mut index = index.lock().unwrap();
    let lines: Vec<&str> = body.lines().collect();
    let mut items = Vec::new();
    for pair in lines.chunks(2) {
        let [action, document] = pair else {
            return Err(StatusCode::BAD_REQUEST);
        };
        let action: Value = serde_json::from_str(action).map_err(|_| StatusCode::BAD_REQUEST)?;
        if action["create"]["_index"].as_str().is_none() {
            return Err(StatusCode::BAD_REQUEST);
        }
        items.push(match index.take(document) {
            Ok(()) => json!({"create": {"status": 201}}),
            Err(why) => {
                json!({"create": {"status": 400, "error": {"reason": why, "line": document}}})
            }
        });
    }
    let errors = items.iter().any(|item| item["create"]["status"] != 201);
    Ok(Json(json!({"took": 0, "errors": errors, "items": items})))
}

/// The address of an index of its own.
async fn engine() -> (String, Shared) {
    let index: Shared = Arc::new(Mutex::new(Index::new()));
    let router = Router::new()
        .route("/_bulk", post(bulk))
        .with_state(Arc::clone(&index));
    (format!("{}/_bulk", listening(router).await), index)
}

/// Sends lines there; what the engine says of those that it did not take.
async fn sent(http: &reqwest::Client, url: &str, lines: &[&str]) -> Vec<Value> {
    let mut refused = Vec::new();
    for part in lines.chunks(AT_ONCE) {
        let action = json!({"create": {"_index": "logs-begrip-test"}});
        let body: String = part
            .iter()
            .map(|line| format!("{action}\n{line}\n"))
            .collect();
        let request = http
            .post(url)
            .header("content-type", "application/x-ndjson");
        let response = request.body(body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let told: Value = response.json().await.unwrap();
        let items = told["items"].as_array().unwrap();
        assert_eq!(items.len(), part.len());
        let not_taken = items.iter().filter(|item| item["create"]["status"] != 201);
        refused.extend(not_taken.cloned());
        assert_eq!(told["errors"] == true, !refused.is_empty());
    }
    refused
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_a_run_goes_into_an_index_of_ecs_and_none_holds_what_somebody_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("server.jsonl");
    let world = World::logging(&log, 12, Latency::default()).await;
    let samples = thinking(&world, 0.05, setting("BEGRIP_LOAD_S", 3.0), 1).await;
    let wrong = samples.iter().find_map(|sample| sample.wrong.as_ref());
    assert_eq!(wrong, None);
    // What goes wrong has its lines too: a model that fails, a stranger, a wrong question, an address that is none.
    let caller = &world.users[0].caller;
    for model in [&world.models.first, &world.models.second] {
        model.set_behaviour(When::Always, FAILS);
    }
    let failed = asking(caller, &question("borgtocht van gisteren")).send();
    assert!(failed.await.unwrap().status().is_server_error());
    let stranger = world.node.caller("geheim-van-een-vreemde");
    for (caller, path) in [
        (&stranger, "/v1/sync/hello"),
        (caller, "/v1/sync/changes?after=geheimwoord"),
        (caller, "/v1/geheimwoord"),
    ] {
        let asked = caller.request(Method::GET, path).send().await.unwrap();
        assert!(asked.status().is_client_error(), "{path}");
    }

    let answered = |text: &str| text.matches("\"message\":\"answered\"").count();
    wait_for("the lines", || async {
        answered(&fs::read_to_string(&log).unwrap()) >= samples.len() + 4
    })
    .await;
    let text = fs::read_to_string(&log).unwrap();
    let whole = text.rsplit_once('\n').unwrap().0;
    let lines: Vec<&str> = whole.lines().collect();
    let (url, index) = engine().await;
    assert_eq!(sent(&caller.http, &url, &lines).await, Vec::<Value>::new());
    assert_eq!(index.lock().unwrap().documents, lines.len());
    println!(
        "{} lines of {} requests and more",
        lines.len(),
        samples.len()
    );
    for level in ["info", "warn"] {
        assert!(
            whole.contains(&format!("\"log.level\":\"{level}\"")),
            "{level}"
        );
    }
    // Terms, texts, values of addresses and tokens.
    for secret in [
        "bekend",
        "nieuw ",
        "borgtocht",
        "Begrip:",
        "gebod",
        "geheim",
        &caller.token,
    ] {
        let found = lines.iter().find(|line| line.contains(secret));
        assert_eq!(found, None, "{secret}");
    }
    // And it would refuse what does not fit.
    let odd = lines[0].replacen('{', "{\"http.response.status_code\":\"goed\",", 1);
    let refused = sent(&caller.http, &url, &[odd.as_str()]).await;
    assert!(refused[0].to_string().contains("holds Long"), "{refused:?}");
}
