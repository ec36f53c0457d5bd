//! A central server of a test's own: its database, its nodes, and the workstations at it.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use begrip_mock_issuer::{MockIssuer, Person};
use begrip_mock_model::MockModel;
use begrip_postgres::{Cluster, Database, Serving};
use serde_json::Value;
use tempfile::TempDir;

use super::page::Page;
use super::program::PROGRAM;
use super::{PATIENCE, Workplace, road};

/// The name under which the issuer knows workstations.
pub const CLIENT: &str = "begrip-werkplek";

/// A program that stands beside the window's.
fn beside(name: &str) -> Command {
    let mut command = Command::new(Path::new(PROGRAM).with_file_name(name));
    command.env_clear().stdin(Stdio::null());
    command
}

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

    /// The same with an issuer that its nodes believe.
    pub fn believing(mut self, issuer: &MockIssuer) -> Self {
        self.settings.extend([
            ("BEGRIP_SERVER_OIDC_ISSUER", issuer.url()),
            ("BEGRIP_SERVER_OIDC_AUDIENCE", "begrip".to_owned()),
            ("BEGRIP_SERVER_OIDC_CLIENT_ID", CLIENT.to_owned()),
        ]);
        self
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = beside("begrip-server");
        command
            .args(args)
            .envs(self.database.settings())
            .envs(self.settings.iter().cloned());
        command
    }

    /// Runs a chore that must succeed; what it says.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A user of a new organisation who is to sign in.
    pub fn invite(&self, organisation: &str, user: &str, role: &str) {
        let of = ["--organisation", organisation, "--role", role];
        self.run(&["organisation", "add", organisation]);
        self.run(&[&["user", "add", user, "--subject", user][..], &of].concat());
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

    /// A server on this database that listens at an address; killed, as by a power cut, when it is dropped.
    pub fn node(&self, address: &str) -> Serving {
        let mut command = self.command(&["serve"]);
        command
            .env("BEGRIP_SERVER_LISTEN", address)
            .stderr(Stdio::null());
        Serving::start(&mut command).unwrap()
    }
}

/// The address of a server, for one that takes its place.
pub fn address(node: &Serving) -> String {
    node.url.trim_start_matches("http://").to_owned()
}

/// A workstation and its user.
pub struct Desk {
    /// Its home.
    pub workplace: Workplace,
    user: &'static str,
}

impl Desk {
    /// Of the author of a new organisation.
    pub fn new(site: &Site<'_>, node: &Serving, organisation: &str, user: &'static str) -> Self {
        Self::by_token(node, user, &site.token(organisation, user, "author"))
    }

    /// Of the administrator of a new organisation.
    pub fn of_administrator(
        site: &Site<'_>,
        node: &Serving,
        organisation: &str,
        user: &'static str,
    ) -> Self {
        Self::by_token(node, user, &site.token(organisation, user, "administrator"))
    }

    /// Of whoever holds a token.
    pub fn by_token(node: &Serving, user: &'static str, token: &str) -> Self {
        Self::at(Workplace::offline().shares(&node.url, token), user)
    }

    /// Of somebody who is to sign in.
    pub fn signing_in(
        site: &Site<'_>,
        node: &Serving,
        organisation: &str,
        user: &'static str,
        role: &str,
    ) -> Self {
        site.invite(organisation, user, role);
        Self::at(Workplace::offline().shares(&node.url, "").at_a_desk(), user)
    }

    /// Of somebody with a workplace.
    pub fn at(workplace: Workplace, user: &'static str) -> Self {
        Self { workplace, user }
    }

    /// Signs in with the button, as the issuer knows this user; `role` is what the page then says.
    pub async fn sign_in(&self, page: &Page, issuer: &MockIssuer, role: &str) {
        issuer.set(|plan| {
            plan.person = Person {
                subject: self.user.to_owned(),
                name: self.user.to_owned(),
                email: format!("{}@keten.example", self.user.to_lowercase()),
                email_verified: true,
            };
        });
        road::ready(page).await;
        road::go(page, "Delen").await;
        page.click("[data-testid='account-sign-in']").await;
        page.wait_text_in("[data-testid='account-role']", "the role", |text| {
            text == role
        })
        .await;
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
        beside("begrip")
            .envs(self.workplace.environment())
            .env("USER", self.user)
            .args(args)
            .arg("--json")
            .output()
            .unwrap()
    }

    /// Brings up to date until a concept has this text: the server holds a change back for as long as an
    /// older write of anybody is under way.
    pub async fn comes(&self, term: &str, definition: &str) {
        let begun = Instant::now();
        loop {
            self.begrip(&["sync"]);
            let shown = self.output(&["concepts", "show", term]);
            let shown: Value = serde_json::from_slice(&shown.stdout).unwrap_or_default();
            if shown["concept"]["definition"] == definition {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "never came: {shown}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
