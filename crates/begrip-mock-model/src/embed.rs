//! Embeddings: texts that share words get vectors that point the same way, by their letters alone.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::MODEL_NAME;
use crate::behaviour::Behaviour;
use crate::log::{Call, Outcome};
use crate::server::{Shared, asked_for, refusal, refused, wrong_key};
use crate::tokens;

/// Numbers in a vector.
const LENGTH: usize = 256;

/// Letters of a word that count, so that its forms are one.
const STEM: usize = 6;

pub(crate) async fn embeddings(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let texts: Vec<String> = match &body["input"] {
        Value::String(text) => vec![text.clone()],
        list => serde_json::from_value(list.clone()).unwrap_or_default(),
    };
    let mut call = shared
        .log
        .begin(Call::arrived(&uri, &headers, body, String::new()));
    if !shared.key_is_right(&headers) {
        return refused(call, wrong_key());
    }
    if texts.is_empty() {
        let reason = "'input' must be a text or a list of texts";
        let bad = refusal(StatusCode::BAD_REQUEST, "invalid_request_error", reason);
        return refused(call, bad);
    }
    let said: Vec<&str> = texts.iter().map(String::as_str).collect();
    let behaviour = shared.plan().take("", &call.call.model, &said);
    call.call.behaviour = behaviour.name();
    match &behaviour {
        Behaviour::Status {
            status,
            retry_after,
        } => return refused(call, asked_for(*status, retry_after.as_deref())),
        Behaviour::Garbage => {
            call.answered_with(200);
            call.end(Outcome::Fault);
            return "geen vectoren".into_response();
        }
        Behaviour::Hang => std::future::pending::<()>().await,
        Behaviour::HeldBack { .. } => {
            // An error means that the server stops.
            let _ = shared.released.subscribe().changed().await;
        }
        _ => {}
    }
    let tokens: u32 = said.iter().map(|text| tokens::count(text)).sum();
    call.call.tokens_in = tokens;
    call.answered_with(200);
    call.end(Outcome::Completed);
    let data: Vec<Value> = (0..)
        .zip(&texts)
        .map(|(index, text)| json!({"object": "embedding", "index": index, "embedding": vector(text)}))
        .collect();
    Json(json!({
        "object": "list",
        "model": MODEL_NAME,
        "data": data,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }))
    .into_response()
}

/// A bag of the beginnings of words, each in the place that its letters give.
fn vector(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0; LENGTH];
    let lower = text.to_lowercase();
    for word in lower.split(|c: char| !c.is_alphanumeric()) {
        let stem: String = word.chars().take(STEM).collect();
        // FNV-1a: the same on every machine.
        let hash = stem.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        if stem.chars().count() > 3 {
            vector[(hash % LENGTH as u64) as usize] += 1.0;
        }
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_share_words_point_the_same_way() {
        let near = |one: &str, other: &str| -> f32 {
            vector(one)
                .iter()
                .zip(vector(other))
                .map(|(a, b)| a * b)
                .sum()
        };
        let question = "borgtocht voor verdachten";
        assert!(near(question, "De verdachte stelt een borgtocht.") > 1.5);
        assert!(near(question, "Een ieder heeft recht op zijn naam.") < 0.5);
        assert_eq!(vector(question), vector("BORGTOCHT, voor verdachten!"));
    }
}
