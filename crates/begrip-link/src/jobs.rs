//! What is asked of the server about definitions of many terms, which it makes itself.

use reqwest::Method;
use uuid::Uuid;

use crate::error::LinkError;
use crate::server::{Body, Server};

/// A question or an act about jobs, with what it is about.
#[derive(Clone, Debug)]
pub enum Jobs {
    /// Makes definitions of the terms of a file. With the same key and file it is one job, however
    /// often it is asked.
    Create {
        /// What it is called.
        name: String,
        /// Names the wish.
        key: String,
        /// The file is JSON, and else CSV.
        json: bool,
        /// The file.
        bytes: Vec<u8>,
    },
    /// The jobs of the own organisation, the newest first.
    All,
    /// A job as it stands.
    One(Uuid),
    /// Rows of a job.
    Rows {
        /// Of which.
        job: Uuid,
        /// Only those that are `queued`, `running`, `done` or `failed`.
        state: Option<&'static str>,
        /// Those after this number.
        after: u32,
        /// At most so many, 1 to 500.
        limit: u32,
    },
    /// All results as a file: `json`, `csv` or `xlsx`.
    Results(Uuid, &'static str),
    /// Stops a job for good.
    Cancel(Uuid),
    /// Has the rows that failed asked again.
    Retry(Uuid),
}

impl Server {
    /// Asks about jobs; gives the bytes of the answer: JSON, or a file. Errors: as for
    /// [`Server::ask`]; what is wrong with a file is told by the server.
    pub async fn jobs(&self, asked: &Jobs) -> Result<Vec<u8>, LinkError> {
        let get = Method::GET;
        match asked {
            Jobs::Create {
                name,
                key,
                json,
                bytes,
            } => {
                let mut path = self.at("v1/jobs")?;
                path.query_pairs_mut().append_pair("name", name);
                let path = format!("v1/jobs?{}", path.query().unwrap_or_default());
                let body = Body {
                    kind: match json {
                        true => "application/json",
                        false => "text/csv",
                    },
                    key: Some(key.clone()),
                    bytes: bytes.clone(),
                };
                self.fetch(Method::POST, &path, Some(body)).await
            }
            Jobs::All => self.fetch(get, "v1/jobs", None).await,
            Jobs::One(job) => self.fetch(get, &format!("v1/jobs/{job}"), None).await,
            Jobs::Rows {
                job,
                state,
                after,
                limit,
            } => {
                let state = state.map_or(String::new(), |state| format!("&state={state}"));
                let path = format!("v1/jobs/{job}/rows?after={after}&limit={limit}{state}");
                self.fetch(get, &path, None).await
            }
            Jobs::Results(job, format) => {
                let path = format!("v1/jobs/{job}/results?format={format}");
                self.fetch(get, &path, None).await
            }
            Jobs::Cancel(job) => {
                let path = format!("v1/jobs/{job}/cancel");
                self.fetch(Method::POST, &path, None).await
            }
            Jobs::Retry(job) => {
                let path = format!("v1/jobs/{job}/retry");
                self.fetch(Method::POST, &path, None).await
            }
        }
    }
}
