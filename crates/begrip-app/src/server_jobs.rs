//! Definitions of many terms that the central server makes, at the wish of this workstation.

use begrip_link::{LinkError, Server};
use serde_json::Value;
use uuid::Uuid;

use crate::concepts::new_id;
use crate::schema::JobFormat;
use crate::{App, ErrorCode, UserError};

impl App {
    /// Has the server make definitions of the terms of a file (CSV, XLSX or JSON); the job as the
    /// server tells it.
    ///
    /// Errors: no server, a file that it does not take.
    pub async fn server_job_create(&self, name: &str, bytes: &[u8]) -> Result<Value, UserError> {
        // Names the wish: however often it is asked on the way, it is one job.
        let key = new_id(self.core.clock.now()).to_string();
        self.at_server(async |server| server.job_create(name, key.clone(), bytes.to_vec()).await)
            .await
    }

    /// The jobs of the own organisation.
    ///
    /// Errors: no server.
    pub async fn server_jobs(&self) -> Result<Value, UserError> {
        self.at_server(async |server| server.jobs().await).await
    }

    /// A job as it stands.
    ///
    /// Errors: no server; there is no such job.
    pub async fn server_job(&self, id: &str) -> Result<Value, UserError> {
        let id = named(id)?;
        self.at_server(async |server| server.job(id).await).await
    }

    /// The first rows that failed, at most `most` (1 to 500).
    ///
    /// Errors: as for [`App::server_job`].
    pub async fn server_job_failures(&self, id: &str, most: u32) -> Result<Value, UserError> {
        let id = named(id)?;
        self.at_server(async |server| server.job_failures(id, most).await)
            .await
    }

    /// All results as a file.
    ///
    /// Errors: as for [`App::server_job`].
    pub async fn server_job_results(
        &self,
        id: &str,
        format: JobFormat,
    ) -> Result<Vec<u8>, UserError> {
        let id = named(id)?;
        let format = match format {
            JobFormat::Csv => "csv",
            JobFormat::Xlsx => "xlsx",
            JobFormat::Json => "json",
        };
        self.at_server(async |server| server.job_results(id, format).await)
            .await
    }

    /// Stops a job.
    ///
    /// Errors: as for [`App::server_job`].
    pub async fn server_job_cancel(&self, id: &str) -> Result<Value, UserError> {
        let id = named(id)?;
        self.at_server(async |server| server.job_act(id, "cancel").await)
            .await
    }

    /// Has rows that failed asked again.
    ///
    /// Errors: as for [`App::server_job`].
    pub async fn server_job_retry(&self, id: &str) -> Result<Value, UserError> {
        let id = named(id)?;
        self.at_server(async |server| server.job_act(id, "retry").await)
            .await
    }

    /// Asks the server, once more with another token when the sign-in was renewed meanwhile.
    async fn at_server<T>(
        &self,
        ask: impl AsyncFn(&Server) -> Result<T, LinkError>,
    ) -> Result<T, UserError> {
        let server = self.server().await?;
        let told = match ask(&server).await {
            Err(refused @ LinkError::SignIn) => ask(&self.server_anew(refused).await?).await,
            told => told,
        };
        told.map_err(|error| match error {
            LinkError::Refused {
                status: 404, said, ..
            } => UserError::new(ErrorCode::JobUnknown, said),
            LinkError::Refused {
                status: 400 | 409 | 413 | 415,
                said,
                ..
            } => UserError::new(ErrorCode::TableUnreadable, said),
            other => other.into(),
        })
    }
}

fn named(id: &str) -> Result<Uuid, UserError> {
    id.parse()
        .map_err(|_| UserError::new(ErrorCode::JobUnknown, ""))
}
