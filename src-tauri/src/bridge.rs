//! The two commands that the screens may call. They pass names and JSON through to the command
//! schema of `begrip-app`; a third, `start_again`, exists only for the page of a failed start.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use begrip_app::commands;
use begrip_app::{ErrorCode, UserError};
use serde_json::Value;
use tauri::State;
use tauri::ipc::Channel;

use crate::opening::Opening;

/// How many calls are under way; the window closes when they have ended.
#[derive(Clone, Default)]
pub struct InFlight(Arc<AtomicU32>);

impl InFlight {
    /// Calls under way now.
    pub fn now(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }

    fn begin(&self) -> Running {
        self.0.fetch_add(1, Ordering::SeqCst);
        Running(Arc::clone(&self.0))
    }
}

struct Running(Arc<AtomicU32>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Runs a command of the schema: `args` is its request, the answer its response.
#[tauri::command]
pub async fn call(
    opening: State<'_, Arc<Opening>>,
    in_flight: State<'_, InFlight>,
    command: String,
    args: Option<Value>,
) -> Result<Value, UserError> {
    let _running = in_flight.begin();
    let args = args.unwrap_or(Value::Null);
    if command == "start_again" {
        opening.again(args.get("afresh").and_then(Value::as_bool).unwrap_or(false));
        opening.app().await?;
        return Ok(Value::Null);
    }
    let app = opening.app().await?;
    let name = command.clone();
    contained(
        &command,
        async move { commands::call(&app, &name, args).await },
    )
    .await
}

/// Runs a streamed command of the schema; its events go through `channel`, in order.
#[tauri::command]
pub async fn stream(
    opening: State<'_, Arc<Opening>>,
    command: String,
    args: Option<Value>,
    channel: Channel<Value>,
) -> Result<Value, UserError> {
    let app = opening.app().await?;
    let name = command.clone();
    // A window that went away needs no events; the command ends by itself.
    let sink = Box::new(move |event| drop(channel.send(event)));
    let args = args.unwrap_or(Value::Null);
    contained(&command, async move {
        commands::stream(&app, &name, args, sink).await
    })
    .await
}

/// A command that panics gives an error like any other: without this the screen would wait for
/// ever.
async fn contained(
    command: &str,
    work: impl Future<Output = Result<Value, UserError>> + Send + 'static,
) -> Result<Value, UserError> {
    let outcome = tokio::spawn(work).await;
    let outcome = outcome.unwrap_or_else(|_| {
        Err(UserError::new(
            ErrorCode::BadRequest,
            format!("{command}: internal"),
        ))
    });
    if let Err(error) = &outcome {
        let (code, request_id) = (&error.code, error.request_id.as_deref());
        // What the user can mend is no fault of the program or of what it depends on.
        match error.http_status() >= 500 {
            true => tracing::error!(command, code, request_id, "a command failed"),
            false => tracing::warn!(command, code, request_id, "a command was refused"),
        }
    }
    outcome
}
