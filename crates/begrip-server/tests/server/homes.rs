//! Workstations as their users have them: the real program in a home of its own, with the server.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use begrip_mock_model::{MODEL_NAME, MockConfig, MockModel};
use begrip_postgres::Cluster;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Node, SERVER, Site};

/// A workstation.
pub struct Home {
    folder: TempDir,
    pub url: String,
    token: String,
    user: String,
}

impl Home {
    pub fn new(node: &Node, token: &str, user: &str) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            url: node.url.clone(),
            token: token.to_owned(),
            user: user.to_owned(),
        }
    }

    /// Has it listen to the server.
    pub fn follow(&self) -> Follow {
        let mut command = self.command(&["sync", "follow", "--json"]);
        let mut running = Running(command.stdout(Stdio::piped()).spawn().unwrap());
        let told = lines(running.0.stdout.take().unwrap());
        Follow {
            _running: running,
            told,
        }
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let begrip = Path::new(SERVER).with_file_name("begrip");
        assert!(
            begrip.exists(),
            "build it first: cargo build --package begrip-cli"
        );
        let mut command = Command::new(begrip);
        command
            .env_clear()
            .args(args)
            .env("HOME", self.folder.path())
            .env("BEGRIP_HOME", self.folder.path().join("thuis"))
            .env("BEGRIP_KEYRING", "off")
            .env("USER", &self.user)
            .env("BEGRIP_SERVER_URL", &self.url)
            .env("BEGRIP_SERVER_TOKEN", &self.token)
            .stdin(Stdio::null());
        command
    }

    /// Runs to the end and gives the code with what was said, JSON where it is that.
    pub fn run(&self, args: &[&str]) -> (i32, Value, String) {
        let output = self
            .command(&[args, &["--json"]].concat())
            .output()
            .unwrap();
        let said = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let error = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap_or(-1), said, error)
    }

    #[track_caller]
    pub fn good(&self, args: &[&str]) -> Value {
        let (code, said, error) = self.run(args);
        assert_eq!(code, 0, "{args:?}: {error}");
        said
    }

    /// A sync that comes to its end with both ends equal.
    #[track_caller]
    pub fn sync(&self) -> Value {
        let report = self.good(&["sync"]);
        assert_eq!(report["equal"], true, "{report}");
        report
    }

    #[track_caller]
    pub fn definition(&self, term: &str) -> String {
        let shown = self.good(&["concepts", "show", term]);
        shown["concept"]["definition"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub fn edit(&self, term: &str, definition: &str) {
        self.good(&["concepts", "edit", term, "--definition", definition]);
    }

    #[track_caller]
    pub fn share(&self, term: &str, definition: &str) {
        self.good(&["concepts", "add", term, "--definition", definition]);
        self.good(&["sync", "share", term]);
    }

    /// Whether these bytes stand in a file of the home.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        let home = self.folder.path().join("thuis");
        let files = std::fs::read_dir(home).unwrap();
        files
            .map(|file| file.unwrap().path())
            .filter(|path| path.is_file())
            .map(|path| std::fs::read(path).unwrap())
            .any(|read| read.windows(bytes.len()).any(|found| found == bytes))
    }

    /// Every text that a concept ever had here.
    pub fn history(&self, term: &str) -> String {
        self.good(&["concepts", "show", term, "--history"])["history"].to_string()
    }
}

/// Ends a child that a failing test leaves behind.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How long a program may say nothing.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// What a program says, line by line, for somebody who does not wait for ever.
pub fn lines(from: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// A workstation that listens to the server; it ends with the test.
pub struct Follow {
    _running: Running,
    told: mpsc::Receiver<String>,
}

impl Follow {
    /// Waits until it tells of itself what is wanted; nothing before that may be an error.
    pub fn until(&self, wanted: impl Fn(&Value) -> bool) {
        loop {
            let line = self.told.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|error| panic!("it said no more: {error}"));
            let told: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(told["error"], Value::Null);
            if wanted(&told) {
                return;
            }
        }
    }
}

/// The OM and the Rechtspraak, each on a node of its own.
fn two(site: &Site<'_>, nodes: [&Node; 2]) -> [Home; 2] {
    [
        Home::new(nodes[0], &site.token("OM", "author"), "Anna"),
        Home::new(nodes[1], &site.token("Rechtspraak", "author"), "Bert"),
    ]
}

#[test]
fn what_one_organisation_shares_stands_at_the_other_and_comes_back_changed() {
    let site = Site::new();
    let nodes = [site.node(), site.node()];
    let [anna, bert] = two(&site, [&nodes[0], &nodes[1]]);
    let texts = [
        "--definition",
        "gebied waar men moet blijven",
        "--notes",
        "zaak 13/123456-26",
    ];
    anna.good(&[&["concepts", "add", "gebiedsgebod"][..], &texts[..]].concat());
    anna.good(&[
        "concepts",
        "add",
        "eigen woord",
        "--definition",
        "blijft thuis",
    ]);
    let status = anna.good(&["sync", "share", "gebiedsgebod"]);
    assert_eq!(status["waiting"], 1);
    assert_eq!(anna.sync()["pushed"], 1);
    assert_eq!(bert.sync()["pulled"], 1);
    assert_eq!(
        bert.definition("gebiedsgebod"),
        "gebied waar men moet blijven"
    );
    let shown = bert.good(&["concepts", "show", "gebiedsgebod", "--history"]);
    assert_eq!(shown["history"][0]["author"], "author van OM (OM)");
    bert.edit("gebiedsgebod", "gebied waarin iemand moet blijven");
    bert.sync();
    anna.sync();
    assert_eq!(
        anna.definition("gebiedsgebod"),
        "gebied waarin iemand moet blijven"
    );
    assert_eq!(bert.run(&["concepts", "show", "eigen woord"]).0, 3);
    // The notes are nowhere at the server, and still with Anna.
    let all = "SELECT (SELECT string_agg(item, '') FROM revision) || (SELECT string_agg(answer, '') FROM command)";
    let kept = site.database.sql(all).unwrap();
    assert!(
        kept.contains("gebied waar men")
            && !kept.contains("13/123456")
            && !kept.contains("eigen woord")
    );
    let own = anna.good(&["concepts", "show", "gebiedsgebod"]);
    assert_eq!(own["concept"]["notes"], "zaak 13/123456-26");
}

#[test]
fn two_who_edit_offline_keep_both_texts_until_one_of_them_chooses() {
    for side in ["--mine", "--theirs"] {
        let site = Site::new();
        let mut node = site.node();
        let [mut anna, mut bert] = two(&site, [&node, &node]);
        anna.share("gebiedsgebod", "begin");
        anna.sync();
        bert.sync();
        node.kill();
        anna.edit("gebiedsgebod", "eerste tekst");
        bert.edit("gebiedsgebod", "tweede tekst");
        bert.good(&[
            "concepts",
            "edit",
            "gebiedsgebod",
            "--explanation",
            "uitleg",
        ]);
        let (code, _, error) = bert.run(&["sync"]);
        assert!(code == 1 && error.contains("BG-802"), "{error}");
        assert_eq!(bert.good(&["sync", "status"])["waiting"], 2);
        node = site.node();
        anna.url.clone_from(&node.url);
        bert.url.clone_from(&node.url);
        anna.sync();
        let report = bert.sync();
        assert_eq!(
            (&report["not_taken"], &report["status"]["conflicts"]),
            (&1.into(), &1.into())
        );
        // The other field was no conflict.
        anna.sync();
        assert!(anna.history("gebiedsgebod").contains("uitleg"));
        assert_eq!(bert.definition("gebiedsgebod"), "tweede tekst");
        let conflict = &bert.good(&["sync", "conflicts"])[0];
        assert_eq!(conflict["why"], "stale");
        let field = &conflict["fields"][0];
        assert_eq!(field["name"], "definition");
        let texts = ["base", "mine", "theirs"].map(|side| field[side][0].as_str().unwrap());
        assert_eq!(texts, ["begin", "tweede tekst", "eerste tekst"]);
        bert.good(&["sync", "settle", "gebiedsgebod", side]);
        assert_eq!(bert.sync()["status"]["conflicts"], 0);
        anna.sync();
        let chosen = if side == "--mine" {
            "tweede tekst"
        } else {
            "eerste tekst"
        };
        assert_eq!(
            (
                anna.definition("gebiedsgebod"),
                bert.definition("gebiedsgebod")
            ),
            (chosen.into(), chosen.into())
        );
        // What was not chosen can be read back.
        let known = bert.history("gebiedsgebod");
        for text in ["begin", "eerste", "tweede"] {
            assert!(known.contains(text), "{text}: {known}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sync_withdraws_takes_the_answers_about_it_along() {
    let model = MockModel::start(MockConfig::default()).await.unwrap();
    let site = Site::new();
    let node = site.node();
    let [anna, bert] = two(&site, [&node, &node]);
    anna.share("contactverbod", "begin");
    anna.sync();
    bert.sync();
    let draft = |term: &str, more: &[&str]| {
        let mut command = bert.command(&[&["define", term, "--json"], more].concat());
        command
            .env("BEGRIP_LLM_URL", format!("{}/v1", model.url()))
            .env("BEGRIP_LLM_MODEL", MODEL_NAME);
        let output = command.output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        (output.status.success(), told.contains("BG-515"))
    };
    for term in ["contactverbod", "gebiedsverbod"] {
        assert_eq!(draft(term, &[]), (true, false), "{term}");
        assert_eq!(draft(term, &["--offline"]), (true, false), "{term}");
    }
    anna.good(&["sync", "withdraw", "contactverbod"]);
    anna.sync();
    bert.sync();
    // Nothing of it is left, and what is about another concept stays.
    assert_eq!(draft("contactverbod", &["--offline"]), (false, true));
    assert_eq!(draft("gebiedsverbod", &["--offline"]), (true, false));
    assert_eq!(model.calls(), 2);
}

#[test]
fn withdrawing_is_for_everybody_and_bringing_back_too() {
    let site = Site::new();
    let node = site.node();
    let [anna, bert] = two(&site, [&node, &node]);
    anna.share("gebiedsgebod", "begin");
    anna.sync();
    bert.sync();
    let (code, ..) = bert.run(&["sync", "withdraw", "gebiedsgebod"]);
    assert_eq!(code, 0);
    bert.sync();
    assert_eq!(bert.good(&["sync", "conflicts"])[0]["why"], "not_allowed");
    bert.good(&["sync", "settle", "gebiedsgebod", "--theirs"]);
    anna.good(&["sync", "withdraw", "gebiedsgebod"]);
    anna.sync();
    bert.sync();
    for home in [&anna, &bert] {
        let shown = home.good(&["concepts", "show", "gebiedsgebod"]);
        assert_eq!(shown["concept"]["status"], "withdrawn");
        assert_eq!(shown["concept"]["definition"], "begin");
    }
}

#[test]
fn a_listening_workstation_gets_a_change_by_itself() {
    let site = Site::new();
    let nodes = [site.node(), site.node()];
    let [anna, bert] = two(&site, [&nodes[0], &nodes[1]]);
    let follow = bert.follow();
    let until = |shared: u32| follow.until(|told| told["shared"] == shared);
    until(0);
    anna.share("gebiedsgebod", "begin");
    anna.sync();
    until(1);
    assert_eq!(bert.definition("gebiedsgebod"), "begin");
}

#[test]
fn what_cannot_be_is_told_with_a_code_and_changes_nothing() {
    let site = Site::new();
    let node = site.node();
    let mut anna = Home::new(&node, &site.token("OM", "author"), "Anna");
    anna.good(&[
        "concepts",
        "add",
        "gebiedsgebod",
        "--definition",
        "bevel aan Jan Jansen, geboren 1-2-1980",
    ]);
    assert!(
        anna.run(&["sync", "share", "gebiedsgebod"])
            .2
            .contains("BG-810")
    );
    assert_eq!(anna.good(&["sync", "status"])["waiting"], 0);
    anna.edit("gebiedsgebod", "bevel om ergens te blijven");
    anna.good(&["sync", "share", "gebiedsgebod"]);
    let named = ["--definition", "bevel aan Jan Jansen, geboren 1-2-1980"];
    let (_, _, error) = anna.run(&[&["concepts", "edit", "gebiedsgebod"][..], &named[..]].concat());
    assert!(error.contains("BG-810"), "{error}");
    assert_eq!(
        anna.definition("gebiedsgebod"),
        "bevel om ergens te blijven"
    );
    let good = std::mem::replace(&mut anna.token, "begrip_x".to_owned());
    assert!(anna.run(&["sync"]).2.contains("BG-804"));
    anna.token = site.token("OM", "reader");
    let bert = Home::new(&node, &site.token("DJI", "author"), "Bert");
    bert.share("contactverbod", "begin");
    bert.sync();
    assert!(anna.run(&["sync"]).2.contains("BG-808"));
    assert_eq!(anna.definition("contactverbod"), "begin", "reading goes on");
    anna.token = good;
    let url = std::mem::replace(&mut anna.url, "http://begrip.example".to_owned());
    assert!(
        anna.run(&["sync"]).2.contains("BG-110"),
        "a token never goes unencrypted"
    );
    anna.url = String::new();
    assert!(anna.run(&["sync"]).2.contains("BG-801"));
    anna.url = url;
    assert_eq!(anna.sync()["pushed"], 1, "it waited all the time");
}

/// Many concepts in one file, to be added at once.
fn many(home: &Home, count: usize) {
    let concepts: Vec<Value> = (0..count)
        .map(|n| serde_json::json!({"term": format!("term {n}"), "definition": format!("tekst {n}")}))
        .collect();
    let file = home.folder.path().join("veel.json");
    std::fs::write(&file, serde_json::to_vec(&concepts).unwrap()).unwrap();
    home.good(&["concepts", "add", "--from", file.to_str().unwrap()]);
    for n in 0..count {
        home.good(&["sync", "share", &format!("term {n}")]);
    }
}

#[test]
fn killed_in_the_middle_again_and_again_nothing_is_lost_or_doubled() {
    const COUNT: usize = 12;
    // `BEGRIP_FAULT_ROUNDS=200` for a long run by hand.
    let rounds =
        std::env::var("BEGRIP_FAULT_ROUNDS").map_or(18, |text| text.parse::<u64>().unwrap());
    let cluster = Cluster::start().unwrap();
    let site = Site::on(&cluster);
    let mut node = site.node();
    let [mut anna, mut bert] = two(&site, [&node, &node]);
    many(&anna, COUNT);
    let mut latest = "tekst 0".to_owned();
    for round in 0..rounds {
        // Now this side and now that one, cut off a little later each time.
        let home = if round % 2 == 0 { &anna } else { &bert };
        let child = home
            .command(&["sync"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut child = Running(child);
        std::thread::sleep(Duration::from_millis(40 + round % 24 * 40));
        match round % 6 {
            2 => {
                node.kill();
                node = site.node();
                anna.url.clone_from(&node.url);
                bert.url.clone_from(&node.url);
            }
            5 => cluster.kill_and_restart().unwrap(),
            _ => child.0.kill().unwrap(),
        }
        child.0.wait().unwrap();
        if round % 4 == 0 {
            latest = format!("tekst van ronde {round}");
            anna.edit("term 0", &latest);
        }
    }
    anna.sync();
    bert.sync();
    assert_eq!(bert.definition("term 0"), latest);
    for n in 1..COUNT {
        assert_eq!(bert.definition(&format!("term {n}")), format!("tekst {n}"));
    }
    let counts = "SELECT count(*), count(DISTINCT id), max(sequence) = (SELECT count(*) FROM revision) FROM concept";
    assert_eq!(
        site.database.sql(counts).unwrap().trim(),
        format!("{COUNT}|{COUNT}|t")
    );
    let status = anna.good(&["sync", "status"]);
    assert_eq!(
        (&status["waiting"], &status["conflicts"]),
        (&0.into(), &0.into())
    );
}
