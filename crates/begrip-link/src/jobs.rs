use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

use crate::error::LinkError;
use crate::server::{Body, Server};

const NONE: Option<&()> = None;

impl Server {
    /// Has the server make definitions of the terms of a file; gives the job as it stands. With the
    /// same `key` and file it is one job, however often it is asked. Errors: as for [`Server::ask`];
    /// what is wrong with the file is told by the server.
    pub async fn job_create(
        &self,
        name: &str,
        key: String,
        bytes: Vec<u8>,
    ) -> Result<Value, LinkError> {
        let mut path = self.at("v1/jobs")?;
        path.query_pairs_mut().append_pair("name", name);
        let query = path.query().unwrap_or_default();
        let body = Body {
            kind: kind(&bytes),
            key: Some(key),
            bytes,
        };
        let path = format!("v1/jobs?{query}");
        let told = self.fetch(Method::POST, &path, Some(body)).await?;
        serde_json::from_slice(&told).map_err(|_| LinkError::Nonsense("another form"))
    }

    /// The jobs of the own organisation, the newest first. Errors: as for [`Server::ask`].
    pub async fn jobs(&self) -> Result<Value, LinkError> {
        self.send(Method::GET, "v1/jobs", NONE).await
    }

    /// A job as it stands. Errors: as for [`Server::ask`].
    pub async fn job(&self, id: Uuid) -> Result<Value, LinkError> {
        self.send(Method::GET, &format!("v1/jobs/{id}"), NONE).await
    }

    /// At most `limit` (1 to 500) rows of a job after a number, in a state (`queued`, `running`,
    /// `done`, `failed`) or in any. Errors: as for [`Server::ask`].
    pub async fn job_rows(
        &self,
        id: Uuid,
        state: Option<&str>,
        after: u32,
        limit: u32,
    ) -> Result<Value, LinkError> {
        let state = state.map_or(String::new(), |state| format!("&state={state}"));
        let path = format!("v1/jobs/{id}/rows?after={after}&limit={limit}{state}");
        self.send(Method::GET, &path, NONE).await
    }

    /// All results as a file: `json`, `csv` or `xlsx`. Errors: as for [`Server::ask`].
    pub async fn job_results(&self, id: Uuid, format: &str) -> Result<Vec<u8>, LinkError> {
        let path = format!("v1/jobs/{id}/results?format={format}");
        self.fetch(Method::GET, &path, None).await
    }

    /// Does something with a job: `cancel` or `retry`. Errors: as for [`Server::ask`].
    pub async fn job_act(&self, id: Uuid, act: &str) -> Result<Value, LinkError> {
        let path = format!("v1/jobs/{id}/{act}");
        self.send(Method::POST, &path, NONE).await
    }
}

/// What a file is, by how it begins.
fn kind(bytes: &[u8]) -> &'static str {
    match bytes.trim_ascii_start() {
        [b'P', b'K', 3 | 5, ..] => {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        }
        [b'[' | b'{', ..] => "application/json",
        _ => "text/csv",
    }
}
