use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use begrip_app::commands;
use begrip_app::{ErrorCode, UserError};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::Host;

/// A command: 200 with its answer, or the error with the status that its table names.
pub async fn call(
    State(host): State<Arc<Host>>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    let outcome = match arguments(&body) {
        Ok(args) => commands::call(&host.app, &name, args).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => {
            let status = StatusCode::from_u16(error.http_status())
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, Json(error)).into_response()
        }
    }
}

/// A streamed command. The status is 200 as soon as it began; its last line says how it ended.
pub async fn stream(
    State(host): State<Arc<Host>>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    let (lines, received) = mpsc::unbounded_channel::<Value>();
    let events = lines.clone();
    tokio::spawn(async move {
        let sink = Box::new(move |event| drop(events.send(json!({ "event": event }))));
        let outcome = match arguments(&body) {
            Ok(args) => commands::stream(&host.app, &name, args, sink).await,
            Err(error) => Err(error),
        };
        // A caller that went away needs no answer.
        let _ = lines.send(match outcome {
            Ok(result) => json!({ "result": result }),
            Err(error) => json!({ "error": error }),
        });
    });
    let body = Body::from_stream(Lines(received));
    ([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response()
}

fn arguments(body: &[u8]) -> Result<Value, UserError> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body)
        .map_err(|error| UserError::new(ErrorCode::BadRequest, error.to_string()))
}

/// The lines of a streamed command as a body.
struct Lines(mpsc::UnboundedReceiver<Value>);

impl futures_util::Stream for Lines {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0
            .poll_recv(context)
            .map(|line| line.map(|line| Ok(Bytes::from(format!("{line}\n")))))
    }
}
