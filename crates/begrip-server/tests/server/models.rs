//! A gateway with a mock model behind it.

use std::fs;
use std::path::Path;
use std::process::Command;

use begrip_mock_model::{MockConfig, MockModel};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Caller, Node, Site};

/// What upstream wants; nobody else may ever see it.
pub const KEY: &str = "sk-alleen-op-de-server";

/// A site whose nodes have models.
pub struct Models<'a> {
    pub site: Site<'a>,
    pub first: MockModel,
    pub second: MockModel,
    folder: TempDir,
}

impl Models<'static> {
    /// With the model ‘groot’, which costs 2 and 10 euro, and vectors of ‘vector’.
    pub async fn new() -> Self {
        Self::with("").await
    }

    /// The same with more in the file of the gateway.
    pub async fn with(more: &str) -> Self {
        Self::on(Site::new(), more, MockConfig::default()).await
    }
}

impl<'a> Models<'a> {
    /// The same on this site, with models like this one.
    pub async fn on(site: Site<'a>, more: &str, mock: MockConfig) -> Self {
        let key = || MockConfig {
            api_key: Some(KEY.to_owned()),
            ..mock.clone()
        };
        let models = Self {
            site,
            first: MockModel::start(key()).await.unwrap(),
            second: MockModel::start(key()).await.unwrap(),
            folder: tempfile::tempdir().unwrap(),
        };
        let text = format!(
            "{more}\n
            [[upstream]]
            name = 'eerste'
            url = '{}'
            key_env = 'SLEUTEL'
            models = ['groot', 'ander']
            embeddings = ['vector']
            [[upstream]]
            name = 'tweede'
            url = '{}'
            key_env = 'SLEUTEL'
            models = ['klein']
            [[price]]
            model = 'groot'
            in = 2
            out = 10\n",
            models.first.url(),
            models.second.url(),
        );
        fs::write(models.path(), text).unwrap();
        models
    }

    /// Where files of a test can stand.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("gateway.toml")
    }

    /// The program as an operator starts it, with the file.
    pub fn serving(&self) -> Command {
        let mut command = self.site.command(&["serve"]);
        command
            .env("SLEUTEL", KEY)
            .env("BEGRIP_SERVER_GATEWAY", self.path());
        command
    }

    pub fn node(&self) -> Node {
        Node::of(self.serving())
    }

    /// A node on this port, the same one each time it is started.
    pub fn node_at(&self, port: u16) -> Node {
        let mut command = self.serving();
        command.env("BEGRIP_SERVER_LISTEN", format!("127.0.0.1:{port}"));
        Node::of(command)
    }

    /// Calls to both upstreams together, by their own word.
    pub fn calls(&self) -> usize {
        self.first.calls() + self.second.calls()
    }
}

/// A question about a term.
pub fn question(term: &str) -> Value {
    json!({
        "model": "groot",
        "messages": [
            {"role": "system", "content": "Geef een definitie."},
            {"role": "user", "content": format!("Begrip: {term}")},
        ],
        "temperature": 0.2,
    })
}

/// The same as a stream with its tokens at the end.
pub fn streamed(mut question: Value) -> Value {
    question["stream"] = json!(true);
    question["stream_options"] = json!({"include_usage": true});
    question
}

/// Asks as any client of the protocol does, of text that may be shared.
pub fn asking(caller: &Caller, question: &Value) -> RequestBuilder {
    asking_as(caller, "general", question)
}

pub fn asking_as(caller: &Caller, class: &str, question: &Value) -> RequestBuilder {
    caller
        .http
        .request(Method::POST, format!("{}/v1/chat/completions", caller.url))
        .bearer_auth(&caller.token)
        .header("begrip-data-class", class)
        .json(question)
}

/// Status, where it came from, and the text of a whole answer, plain or streamed.
pub async fn answered(request: RequestBuilder) -> (u16, String, String) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let from = header(&response, "begrip-cache");
    let is_stream = header(&response, "content-type").contains("event-stream");
    let body = response.text().await.unwrap();
    let text = match is_stream {
        true => events(&body)
            .iter()
            .filter_map(|event| event["choices"][0]["delta"]["content"].as_str())
            .collect(),
        false => {
            let body: Value = serde_json::from_str(&body).unwrap();
            let content = &body["choices"][0]["message"]["content"];
            content.as_str().unwrap_or_default().to_owned()
        }
    };
    (status, from, text)
}

/// The events of a stream without the last one, which must be there.
pub fn events(body: &str) -> Vec<Value> {
    let all: Vec<&str> = body
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("data: "))
        .collect();
    let (last, events) = all.split_last().unwrap();
    assert_eq!(*last, "[DONE]", "{body}");
    events
        .iter()
        .map(|event| serde_json::from_str(event).unwrap())
        .collect()
}

pub fn header(response: &Response, name: &str) -> String {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap()).to_owned()
}
