//! More questions for a model than there are places, and larger ones than may be.

use begrip_mock_model::{Behaviour, When};
use reqwest::{Body, Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::models::{Models, answered, asking, header, question, streamed};
use crate::support::{Node, wait_for};

/// A server with so few places.
fn node(models: &Models<'_>, places: &str) -> Node {
    let mut serving = models.serving();
    serving.env("BEGRIP_SERVER_QUESTIONS", places);
    Node::of(serving)
}

/// Whoever finds every place taken is told when to come back, at once and as OpenAI would.
async fn told_to_wait(response: Response) {
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(header(&response, "retry-after"), "1");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], "busy", "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_every_place_is_taken_the_next_is_told_so_at_once_and_a_place_that_comes_free_is_given()
 {
    let models = Models::new().await;
    let node = node(&models, "3");
    let caller = node.caller(&models.site.token("OM", "author"));
    // Held back after the first words: whole answers and streams alike hold their place until they are told to the end.
    models
        .first
        .set_behaviour(When::Always, Behaviour::HeldBack { after: 1 });
    let asked = [
        question("vonnis"),
        streamed(question("arrest")),
        question("beschikking"),
    ];
    let under_way = asked.map(|question| tokio::spawn(answered(asking(&caller, &question))));
    wait_for("three questions at the model", || async {
        models.first.calls() == 3
    })
    .await;
    // Chat, plain and streamed, a known answer to be or not, and vectors: all of them by the same places.
    let vectors = json!({"model": "vector", "input": "vonnis"});
    let embeddings = caller
        .request(Method::POST, "/v1/embeddings")
        .json(&vectors);
    for next in [
        asking(&caller, &question("dagvaarding")),
        asking(&caller, &streamed(question("dagvaarding"))),
        asking(&caller, &question("vonnis")),
        embeddings.try_clone().unwrap(),
    ] {
        told_to_wait(next.send().await.unwrap()).await;
    }
    assert_eq!(models.calls(), 3, "nobody asked a model for them");
    // What needs no model has nothing to do with it.
    for path in ["/v1/models", "/v1/sync/changes?after=0", "/health/ready"] {
        assert_eq!(caller.get(path).await.status(), StatusCode::OK, "{path}");
    }
    models.first.release();
    for answer in under_way {
        let (status, _, text) = answer.await.unwrap();
        assert!(status == 200 && !text.is_empty(), "{status}");
    }
    models.first.reset();
    let (status, ..) = answered(asking(&caller, &question("dagvaarding"))).await;
    assert_eq!(status, 200);
    assert_eq!(embeddings.send().await.unwrap().status(), StatusCode::OK);
}

/// A question of so many bytes, whole or in pieces of which nobody said how many there are.
async fn sized(node: &Node, token: &str, path: &str, bytes: usize, pieces: bool) -> StatusCode {
    // On a line of its own: the server hangs up on what it does not read.
    let caller = node.caller(token);
    let mut question = question("vonnis");
    question["input"] = json!("x");
    let mut text = match path {
        "/v1/jobs" => "term\n".to_owned(),
        _ => question.to_string(),
    };
    // White space around JSON and empty lines of a table say nothing.
    text.extend(std::iter::repeat_n('\n', bytes - text.len()));
    let kind = match path {
        "/v1/jobs" => "text/csv",
        _ => "application/json",
    };
    let request = caller
        .request(Method::POST, path)
        .header("content-type", kind);
    let request = match pieces {
        false => request.body(text),
        true => {
            let parts: Vec<_> = text
                .into_bytes()
                .chunks(1_000)
                .map(<[u8]>::to_vec)
                .collect();
            let parts = parts.into_iter().map(Ok::<_, std::io::Error>);
            request.body(Body::wrap_stream(futures_util::stream::iter(parts)))
        }
    };
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn no_request_is_larger_than_the_settings_say_and_none_to_a_model_larger_than_its_own_bound()
{
    let models = Models::new().await;
    let mut serving = models.serving();
    serving.env("BEGRIP_SERVER_BODY_KB", "4");
    let (small, usual) = (Node::of(serving), node(&models, "8"));
    let token = models.site.token("OM", "author");
    let large = StatusCode::PAYLOAD_TOO_LARGE;
    for path in [
        "/v1/chat/completions",
        "/v1/embeddings",
        "/v1/jobs",
        "/v1/sync/commands",
    ] {
        for pieces in [false, true] {
            let over = sized(&small, &token, path, (4 << 10) + 1, pieces).await;
            assert_eq!(over, large, "{path} {pieces}");
            let within = sized(&small, &token, path, 4 << 10, pieces).await;
            assert_ne!(within, large, "{path} {pieces}");
        }
    }
    for path in ["/v1/chat/completions", "/v1/embeddings"] {
        let within = sized(&usual, &token, path, 1 << 20, false).await;
        assert_ne!(within, large, "{path}");
        let over = sized(&usual, &token, path, (1 << 20) + 1, false).await;
        assert_eq!(over, large, "{path}");
    }
    let table = sized(&usual, &token, "/v1/jobs", (1 << 20) + 1, false).await;
    assert_ne!(table, large);
    // However small it came: nothing is unpacked, so nothing grows.
    for coding in ["gzip", "deflate", "br", "zstd", "identity"] {
        for path in ["/v1/chat/completions", "/v1/embeddings", "/v1/jobs"] {
            let caller = small.caller(&token);
            let request = caller.request(Method::POST, path).body("x");
            let request = request.header("content-encoding", coding);
            let status = request.send().await.unwrap().status();
            assert_eq!(
                status,
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "{path} {coding}"
            );
        }
    }
}
