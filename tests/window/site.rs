//! A central server of a test's own: its database, its nodes, and the workstations at it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use begrip_mock_model::MockModel;
use begrip_postgres::{Cluster, Database};
use serde_json::Value;
use tempfile::TempDir;

use super::Workplace;
use super::program::PROGRAM;

/// The database of the central server, and what its servers are told beside it.
pub struct Site<'a> {
    /// What stands in it can be looked at from here.
    pub database: Database<'a>,
    settings: Vec<(&'static str, String)>,
    /// The file with its models, when there is one.
    gateway: Option<TempDir>,
}

impl<'a> Site<'a> {
    /// With tables and nothing in them.
    pub fn new(cluster: &'a Cluster) -> Self {
        let site = Self {
            database: cluster.database().unwrap(),
            settings: Vec::new(),
            gateway: None,
        };
        site.run(&["migrate"]);
        site
    }

    /// The same with a model that its nodes ask.
    pub fn with_model(mut self, model: &MockModel) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.toml");
        let text = format!(
            "[[upstream]]\nname = 'model'\nurl = '{}'\nmodels = ['groot']\n",
            model.url()
        );
        std::fs::write(&path, text).unwrap();
        let told = path.to_str().unwrap().to_owned();
        self.settings.push(("BEGRIP_SERVER_GATEWAY", told));
        self.gateway = Some(folder);
        self
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(Path::new(PROGRAM).with_file_name("begrip-server"));
        command
            .env_clear()
            .args(args)
            .env(
                "BEGRIP_SERVER_DATABASE_URL",
                self.database.url("begrip_server"),
            )
            .env("BEGRIP_SERVER_OWNER_URL", self.database.url("begrip_owner"))
            .envs(self.settings.iter().cloned())
            .stdin(Stdio::null());
        command
    }

    /// Runs a chore that must succeed; what it says.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A token for a user of a new organisation.
    fn token(&self, organisation: &str, user: &str, role: &str) -> String {
        let of = ["--organisation", organisation];
        self.run(&["organisation", "add", organisation]);
        self.run(&[&["user", "add", user, "--role", role][..], &of].concat());
        self.run(&[&["token", "create", user][..], &of].concat())
    }

    /// What a query says, a row a line.
    #[track_caller]
    pub fn sql(&self, query: &str) -> String {
        self.database.sql(query).unwrap().trim().to_owned()
    }

    /// A server on this database that listens at an address.
    pub fn node(&self, address: &str) -> Node {
        let mut child = self
            .command(&["serve"])
            .env("BEGRIP_SERVER_LISTEN", address)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut url)
            .unwrap();
        let url = url.trim().to_owned();
        assert!(url.starts_with("http://"), "it does not start at {address}");
        Node { child, url }
    }
}

/// A running server; killed, as by a power cut, when it is dropped.
pub struct Node {
    child: Child,
    /// Where it listens.
    pub url: String,
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A workstation and its user.
pub struct Desk {
    /// Its home.
    pub workplace: Workplace,
    user: &'static str,
}

impl Desk {
    /// Of the author of a new organisation.
    pub fn new(site: &Site<'_>, node: &Node, organisation: &str, user: &'static str) -> Self {
        Self::by_token(node, user, &site.token(organisation, user, "author"))
    }

    /// Of the administrator of a new organisation.
    pub fn of_administrator(
        site: &Site<'_>,
        node: &Node,
        organisation: &str,
        user: &'static str,
    ) -> Self {
        Self::by_token(node, user, &site.token(organisation, user, "administrator"))
    }

    /// Of whoever holds a token.
    pub fn by_token(node: &Node, user: &'static str, token: &str) -> Self {
        Self {
            workplace: Workplace::offline().shares(&node.url, token),
            user,
        }
    }

    /// What the program says on a terminal, as JSON.
    #[track_caller]
    pub fn begrip(&self, args: &[&str]) -> Value {
        let output = self.output(args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    /// What becomes of a call of the program on a terminal.
    pub fn output(&self, args: &[&str]) -> Output {
        Command::new(Path::new(PROGRAM).with_file_name("begrip"))
            .env_clear()
            .envs(self.workplace.environment())
            .env("USER", self.user)
            .args(args)
            .arg("--json")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }
}
