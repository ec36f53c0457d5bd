//! What is done once a day without anybody asking: both ends are brought together, what is old is
//! forgotten, and the answers that are used most are brought to mind. The second time in a row touches
//! no concept; with a server, it notes when both ends were last equal.

use std::time::Duration;

use serde::Serialize;

use crate::provenance::forget_old_drafts;
use crate::schema::SyncRequest;
use crate::workplace::small;
use crate::{App, ErrorCode, UserError};

/// How often is looked whether it is another day: a computer that slept has missed hours.
const LOOK: Duration = Duration::from_secs(3_600);

/// What a round of upkeep did, and how it stands then.
#[derive(Clone, Debug, Serialize)]
pub struct Upkeep {
    /// Whether this computer and the server hold the same now; nothing when no server is set up or it
    /// cannot be asked.
    pub equal: Option<bool>,
    /// Why the server could not be asked.
    pub error: Option<UserError>,
    /// Old drafts and exchanges with a model that nobody kept, forgotten by this round.
    pub forgotten: u32,
    /// Answers that were brought into the memory of this program.
    pub warmed: u32,
    /// Concepts on this computer.
    pub concepts: u32,
    /// Kept answers.
    pub answers: u32,
    /// The room that they take, in bytes.
    pub bytes: u64,
}

impl App {
    /// One round of upkeep.
    ///
    /// Errors: the store cannot be read or written. A server that is away is told in the answer.
    pub async fn upkeep(&self) -> Result<Upkeep, UserError> {
        let compare = SyncRequest {
            compare: true,
            ..SyncRequest::default()
        };
        let (equal, error) = match self.sync_now(compare).await {
            Ok(report) => (report.equal, None),
            Err(none) if none.is(ErrorCode::ServerNotConfigured) => (None, None),
            Err(error) => (None, Some(error)),
        };
        let app = self.clone();
        self.blocking(move |core| {
            let forgotten = forget_old_drafts(&core.store, core.clock.now())?;
            let warmed = app.warm_up();
            let disk = core.store.cache().figures()?;
            Ok(Upkeep {
                equal,
                error,
                forgotten: small(forgotten),
                warmed,
                concepts: core.store.count()?,
                answers: small(disk.entries),
                bytes: disk.bytes,
            })
        })
        .await
    }

    /// Has a round of upkeep made each day until the program closes, in the background; must be called
    /// within the runtime. The first day has had what opening the program does.
    pub fn keep_up(&self) {
        let app = self.clone();
        tokio::spawn(async move {
            let mut done = app.core.today();
            loop {
                tokio::select! {
                    () = app.core.closing.cancelled() => return,
                    () = tokio::time::sleep(LOOK) => {}
                }
                let today = app.core.today();
                if today == done {
                    continue;
                }
                match app.upkeep().await {
                    Ok(Upkeep { error: None, .. }) => done = today,
                    // The server was away: later today it may be there.
                    Ok(Upkeep {
                        error: Some(error), ..
                    }) => tracing::warn!(code = error.code, "upkeep without the server"),
                    Err(error) => tracing::warn!(code = error.code, "no upkeep today"),
                }
            }
        });
    }
}
