//! Definitions of many terms that the central server makes, at the wish of this workstation.

use base64::Engine as _;
use begrip_link::{LinkError, Server};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::concepts::new_id;
use crate::jobs::{BASE64, bytes, ending_of, result_name};
use crate::schema::{
    JobExport, JobFileOut, JobRef, ServerJob, ServerJobAct, ServerJobAction, ServerJobCreate,
    ServerJobPage, ServerJobRows,
};
use crate::{App, ErrorCode, UserError};

impl App {
    /// Has the server make definitions of the terms of a file (CSV, XLSX or JSON); the job as the
    /// server tells it.
    ///
    /// Errors: no server, a file that it does not take.
    pub async fn server_job_create(
        &self,
        request: ServerJobCreate,
    ) -> Result<ServerJob, UserError> {
        let ServerJobCreate { file, key } = request;
        let key = key.unwrap_or_else(|| new_id(self.core.clock.now()).to_string());
        let (name, bytes) = (&file.name, bytes(&file)?);
        let job = self
            .at_server(async |server| server.job_create(name, key.clone(), bytes.clone()).await)
            .await?;
        read(job)
    }

    /// The jobs of the own organisation, the newest first.
    ///
    /// Errors: no server.
    pub async fn server_job_list(&self, (): ()) -> Result<Vec<ServerJob>, UserError> {
        let mut told = self.at_server(async |server| server.jobs().await).await?;
        read(told["jobs"].take())
    }

    /// A job as it stands.
    ///
    /// Errors: no server; there is no such job.
    pub async fn server_job_get(&self, request: JobRef) -> Result<ServerJob, UserError> {
        let id = named(&request.id)?;
        read(self.at_server(async |server| server.job(id).await).await?)
    }

    /// A page of a job's rows.
    ///
    /// Errors: as for [`App::server_job_get`].
    pub async fn server_job_rows(
        &self,
        request: ServerJobRows,
    ) -> Result<ServerJobPage, UserError> {
        let id = named(&request.id)?;
        let limit = request.limit.clamp(1, 500);
        let state = request.state.map(|state| state.as_str());
        let page = self
            .at_server(async |server| server.job_rows(id, state, request.after, limit).await)
            .await?;
        read(page)
    }

    /// All results as a file.
    ///
    /// Errors: as for [`App::server_job_get`].
    pub async fn server_job_export(&self, request: JobExport) -> Result<JobFileOut, UserError> {
        let id = named(&request.id)?;
        let (ending, media_type) = ending_of(request.format);
        let (job, bytes) = self
            .at_server(async |server| {
                Ok((server.job(id).await?, server.job_results(id, ending).await?))
            })
            .await?;
        let job: ServerJob = read(job)?;
        Ok(JobFileOut {
            name: result_name(&job.name, ending),
            media_type: media_type.to_owned(),
            content: BASE64.encode(bytes),
        })
    }

    /// Stops a job for good, or has its failed rows asked again.
    ///
    /// Errors: as for [`App::server_job_get`].
    pub async fn server_job_act(&self, request: ServerJobAct) -> Result<ServerJob, UserError> {
        let id = named(&request.id)?;
        let act = match request.action {
            ServerJobAction::Cancel => "cancel",
            ServerJobAction::Retry => "retry",
        };
        read(
            self.at_server(async |server| server.job_act(id, act).await)
                .await?,
        )
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
            } => UserError::new(ErrorCode::ServerJobUnknown, said),
            LinkError::Refused {
                status: 400 | 409 | 413 | 415,
                said,
                ..
            } => UserError::new(ErrorCode::ServerInput, said),
            other => other.into(),
        })
    }
}

fn read<T: DeserializeOwned>(told: Value) -> Result<T, UserError> {
    serde_json::from_value(told).map_err(|_| LinkError::Nonsense("another form").into())
}

fn named(id: &str) -> Result<Uuid, UserError> {
    id.parse()
        .map_err(|_| UserError::new(ErrorCode::ServerJobUnknown, ""))
}
