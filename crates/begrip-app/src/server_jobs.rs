//! Definitions of many terms that the central server makes, at the wish of this workstation.

use base64::Engine as _;
use begrip_link::{Jobs, LinkError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::concepts::new_id;
use crate::jobs::{BASE64, bytes, ending_of, for_server, result_name};
use crate::schema::{
    JobExport, JobFileOut, JobRef, ServerJob, ServerJobAct, ServerJobAction, ServerJobCreate,
    ServerJobPage, ServerJobRows,
};
use crate::server_said::{of_job, of_rows};
use crate::sign_in::LinkErrorOr;
use crate::{App, ErrorCode, UserError};

#[derive(Deserialize)]
struct Listed {
    jobs: Vec<ServerJob>,
}

impl App {
    /// Has the server make definitions of the terms of a file (CSV, XLSX or JSON); the job as the
    /// server tells it. Of the file only the terms go there, with their context and category.
    ///
    /// Errors: no server, a file that it does not take or that has other columns.
    pub async fn server_job_create(
        &self,
        request: ServerJobCreate,
    ) -> Result<ServerJob, UserError> {
        let ServerJobCreate { file, key } = request;
        let (sent, rows) = self.blocking(move |_| for_server(&bytes(&file)?)).await?;
        let asked = Jobs::Create {
            // The name of a file can tell whose case it is. The same choice has the same name: the server
            // knows it again by that too.
            name: match rows {
                1 => "reeks van 1 rij".to_owned(),
                _ => format!("reeks van {rows} rijen"),
            },
            key: key.unwrap_or_else(|| new_id(self.core.clock.now()).to_string()),
            json: sent.json,
            bytes: sent.bytes,
        };
        Ok(of_job(read(&self.at_server(asked).await?)?))
    }

    /// The jobs of the own organisation, the newest first.
    ///
    /// Errors: no server.
    pub async fn server_job_list(&self, (): ()) -> Result<Vec<ServerJob>, UserError> {
        let Listed { jobs } = read(&self.at_server(Jobs::All).await?)?;
        Ok(jobs.into_iter().map(of_job).collect())
    }

    /// A job as it stands.
    ///
    /// Errors: no server; there is no such job.
    pub async fn server_job_get(&self, request: JobRef) -> Result<ServerJob, UserError> {
        let job = named(&request.id)?;
        Ok(of_job(read(&self.at_server(Jobs::One(job)).await?)?))
    }

    /// A page of a job's rows.
    ///
    /// Errors: as for [`App::server_job_get`].
    pub async fn server_job_rows(
        &self,
        request: ServerJobRows,
    ) -> Result<ServerJobPage, UserError> {
        let asked = Jobs::Rows {
            job: named(&request.id)?,
            state: request.state.map(|state| state.as_str()),
            after: request.after,
            limit: request.limit.clamp(1, 500),
        };
        Ok(of_rows(read(&self.at_server(asked).await?)?))
    }

    /// All results as a file.
    ///
    /// Errors: as for [`App::server_job_get`].
    pub async fn server_job_export(&self, request: JobExport) -> Result<JobFileOut, UserError> {
        let id = named(&request.id)?;
        let (ending, media_type) = ending_of(request.format);
        let job: ServerJob = read(&self.at_server(Jobs::One(id)).await?)?;
        let bytes = self.at_server(Jobs::Results(id, ending)).await?;
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
        let job = named(&request.id)?;
        let asked = match request.action {
            ServerJobAction::Cancel => Jobs::Cancel(job),
            ServerJobAction::Retry => Jobs::Retry(job),
        };
        Ok(of_job(read(&self.at_server(asked).await?)?))
    }

    /// Asks the server, once more with another token when the sign-in was renewed meanwhile.
    async fn at_server(&self, asked: Jobs) -> Result<Vec<u8>, UserError> {
        let server = self.server().await?;
        let answered = match server.jobs(&asked).await {
            // What a refused token asked was not done, and a wish that is named is done once.
            Err(refused) => match self.server_anew(refused).await {
                Ok(server) => server.jobs(&asked).await.map_err(LinkErrorOr::from),
                Err(error) => Err(error),
            },
            answered => answered.map_err(LinkErrorOr::from),
        };
        answered.map_err(|error| match error {
            LinkErrorOr::Link(LinkError::Refused {
                status: 404, said, ..
            }) => UserError::new(ErrorCode::ServerJobUnknown, said),
            LinkErrorOr::Link(LinkError::Refused {
                status: 400 | 409 | 413 | 415,
                said,
                ..
            }) => UserError::new(ErrorCode::ServerInput, said),
            other => other.into(),
        })
    }
}

fn read<T: DeserializeOwned>(told: &[u8]) -> Result<T, UserError> {
    serde_json::from_slice(told).map_err(|_| LinkError::Nonsense("another form").into())
}

fn named(id: &str) -> Result<Uuid, UserError> {
    id.parse()
        .map_err(|_| UserError::new(ErrorCode::ServerJobUnknown, ""))
}
