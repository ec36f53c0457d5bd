//! Sharing in the real window: two organisations, the central server and its database, and a line
//! between them that goes away.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod window;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use begrip_postgres::{Cluster, Database};
use serde_json::Value;
use window::{Session, Workplace, program::PROGRAM, road};

const TERM: &str = "gebiedsgebod";

/// The database of the central server.
struct Site<'a>(Database<'a>);

impl<'a> Site<'a> {
    fn new(cluster: &'a Cluster) -> Self {
        let site = Self(cluster.database().unwrap());
        site.run(&["migrate"]);
        site
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(Path::new(PROGRAM).with_file_name("begrip-server"));
        command
            .env_clear()
            .args(args)
            .env("BEGRIP_SERVER_DATABASE_URL", self.0.url("begrip_server"))
            .env("BEGRIP_SERVER_OWNER_URL", self.0.url("begrip_owner"))
            .stdin(Stdio::null());
        command
    }

    #[track_caller]
    fn run(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A token for an author of a new organisation.
    fn token(&self, organisation: &str, user: &str) -> String {
        let of = ["--organisation", organisation];
        self.run(&["organisation", "add", organisation]);
        self.run(&[&["user", "add", user, "--role", "author"][..], &of].concat());
        self.run(&[&["token", "create", user][..], &of].concat())
    }

    /// A server on this database that listens at an address.
    fn node(&self, address: &str) -> Node {
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
struct Node {
    child: Child,
    url: String,
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A workstation and its user.
struct Desk {
    workplace: Workplace,
    user: &'static str,
}

impl Desk {
    fn new(site: &Site<'_>, node: &Node, organisation: &str, user: &'static str) -> Self {
        let token = site.token(organisation, user);
        Self {
            workplace: Workplace::offline().shares(&node.url, &token),
            user,
        }
    }

    /// What the program says on a terminal, as JSON.
    #[track_caller]
    fn begrip(&self, args: &[&str]) -> Value {
        let output = Command::new(Path::new(PROGRAM).with_file_name("begrip"))
            .env_clear()
            .envs(self.workplace.environment())
            .env("USER", self.user)
            .args(args)
            .arg("--json")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    #[track_caller]
    fn edit(&self, definition: &str) {
        self.begrip(&["concepts", "edit", TERM, "--definition", definition]);
    }

    #[track_caller]
    fn definition(&self) -> String {
        self.begrip(&["sync"]);
        let shown = self.begrip(&["concepts", "show", TERM]);
        shown["concept"]["definition"].as_str().unwrap().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shared_in_the_window_comes_back_changed_and_a_conflict_is_chosen_there() {
    needs_window!();
    let cluster = Cluster::at_hand().unwrap();
    let site = Site::new(&cluster);
    // Two nodes of one server, so that the line of one organisation can be cut.
    let nodes = [site.node("127.0.0.1:0"), site.node("127.0.0.1:0")];
    let anna = Desk::new(&site, &nodes[0], "OM", "Anna");
    let bert = Desk::new(&site, &nodes[1], "DJI", "Bert");
    let first = "gebied waar iemand moet blijven";
    anna.begrip(&["concepts", "add", TERM, "--definition", first]);

    // Shared with a button, and there at the other organisation.
    let session = Session::start(&anna.workplace).await;
    let page = &session.page;
    road::look_up(page, TERM).await;
    page.press("Deel").await;
    page.click("dialog[open] [data-testid='share-sure']").await;
    page.wait_text("Gedeeld met alle organisaties. Van OM.")
        .await;
    assert_eq!(bert.definition(), first);

    // What the other changes comes onto the open page by itself.
    let second = "gebied waar iemand van de rechter moet blijven";
    bert.edit(second);
    bert.begrip(&["sync"]);
    page.wait_text(second).await;
    page.screenshot("delen-gewijzigd").await;

    // Both change the same while the line is down: neither text is lost.
    let [ours, _theirs] = nodes;
    let address = ours.url.trim_start_matches("http://").to_owned();
    drop(ours);
    let (mine, theirs) = (
        "gebied dat iemand niet mag verlaten",
        "gebied waarbinnen iemand verplicht verblijft",
    );
    anna.edit(mine);
    bert.edit(theirs);
    bert.begrip(&["sync"]);
    let _ours = site.node(&address);
    page.wait_text("Begrippen waarover u moet kiezen: 1").await;
    road::go(page, "Delen").await;
    page.wait_text("Iemand anders heeft ditzelfde eerder veranderd.")
        .await;
    page.wait_text("Tekst van Bert (DJI)").await;
    for text in [mine, theirs] {
        // What differs is marked, for those who cannot see it in words.
        page.wait_for(text, |shown| shown.replace("anders: ", "").contains(text))
            .await;
    }
    page.screenshot("delen-kiezen").await;
    page.press("Bewaar deze keuze").await;
    page.wait_text("Er is niets waarover u moet kiezen.").await;
    page.wait_text("Gelijk aan de server").await;
    assert_eq!(bert.definition(), mine);
    // What was not chosen is in the history of both, word for word.
    for desk in [&anna, &bert] {
        let history = desk.begrip(&["concepts", "show", TERM, "--history"]);
        let history = history["history"].to_string();
        assert!(history.contains("waarbinnen"), "{history}");
    }
    session.close().await;
}
