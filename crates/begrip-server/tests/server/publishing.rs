//! Versions of the rules and files with experiments, from the operator to the workstations.

use std::path::{Path, PathBuf};
use std::process::Output;

use begrip_rules::{FileKind, Level, PackBody, PackFile, RulePack, SecretKey, SignedFile};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::homes::Home;
use crate::support::{Site, told};

/// An operator with files, and a key that the server and the workstations trust.
pub struct Press {
    pub site: Site<'static>,
    folder: TempDir,
}

fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

impl Press {
    pub fn new() -> Self {
        let press = Self {
            site: Site::new(),
            folder: tempfile::tempdir().unwrap(),
        };
        let line = key().public().to_line();
        std::fs::create_dir(press.path("keys")).unwrap();
        std::fs::write(press.path("keys/OM.pub"), line).unwrap();
        press
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The built-in rules under another version, signed with a key.
    fn pack(&self, version: &str, key: &SecretKey) -> PathBuf {
        let mut body = RulePack::built_in_body().unwrap();
        body.facts.version = version.to_owned();
        self.written(&body, key)
    }

    /// The built-in rules under another version, one of them keeping texts from being established.
    pub fn stricter(&self, version: &str, rule: &str) -> PathBuf {
        let mut body = RulePack::built_in_body().unwrap();
        body.facts.version = version.to_owned();
        let mut rules = body.rules.iter_mut();
        let found = rules.find(|file| file.id.to_string() == rule);
        found.unwrap().level = Level::Blocking;
        self.written(&body, &key())
    }

    fn written(&self, body: &PackBody, key: &SecretKey) -> PathBuf {
        let version = &body.facts.version;
        let file = PackFile::new(body).unwrap().signed(key);
        let path = self.path(&format!("{version}.json"));
        std::fs::write(&path, file.to_text().unwrap()).unwrap();
        path
    }

    /// Flags with an experiment that every installation takes part in, or that was stopped.
    fn flags(&self, serial: u32, killed: bool) -> PathBuf {
        let arm = |name: &str, version: &str| json!({"name": name, "prompt_version": version});
        let experiments = json!([{
            "name": "kort", "rollout": 100, "killed": killed,
            "arms": [arm("nu", "1"), arm("kort", "2")],
        }]);
        self.flags_of(serial, "1", &experiments)
    }

    /// Flags with these experiments, and the version of the prompt for whoever is in none of them.
    pub fn flags_of(&self, serial: u32, prompt_version: &str, experiments: &Value) -> PathBuf {
        let text = json!({
            "format": 1, "serial": serial, "date": "2026-12-01", "prompt_version": prompt_version,
            "experiments": experiments,
        });
        let file = SignedFile::parse(FileKind::Flags, &text.to_string()).unwrap();
        let path = self.path(&format!("flags-{serial}.json"));
        std::fs::write(&path, file.signed(&key()).to_text().unwrap()).unwrap();
        path
    }

    fn output(&self, args: &[&str]) -> Output {
        let mut command = self.site.command(&[&["publish"], args].concat());
        let keys = self.path("keys");
        command
            .env("BEGRIP_SERVER_TRUSTED_KEYS", keys)
            .output()
            .unwrap()
    }

    #[track_caller]
    pub fn publish(&self, args: &[&str]) -> String {
        let output = self.output(args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// A workstation that trusts the key.
    pub fn home(&self, url_of: &crate::support::Node, organisation: &str) -> Home {
        self.trusting(url_of, &self.site.token(organisation, "author"))
    }

    /// The same of whoever has this token.
    pub fn trusting(&self, url_of: &crate::support::Node, token: &str) -> Home {
        let home = Home::new(url_of, token, "Anna");
        home.good(&["rules", "trust", text(&self.path("keys/OM.pub"))]);
        home
    }
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The version of the rules in force, and where it came from.
fn in_force(home: &Home) -> (String, String) {
    let versions = home.good(&["rules", "versions"]);
    let active = |pack: &&Value| pack["active"] == true;
    let pack = versions.as_array().unwrap().iter().find(active).unwrap();
    let field = |name: &str| pack[name].as_str().unwrap().to_owned();
    (field("version"), field("origin"))
}

fn published(version: &str) -> (String, String) {
    (version.to_owned(), "published".to_owned())
}

#[tokio::test]
async fn rules_hold_at_the_organisations_they_are_for_from_the_next_sync_until_they_are_withdrawn()
{
    let press = Press::new();
    let node = press.site.node();
    let (om, dji) = (press.home(&node, "OM"), press.home(&node, "DJI"));
    let before = in_force(&om);
    for home in [&om, &dji] {
        home.sync();
        assert_eq!(in_force(home), before, "nothing was published yet");
    }
    let one = press.pack("2031.1", &key());
    press.publish(&["pack", text(&one), "--organisation", "OM"]);
    for (home, holds) in [(&om, published("2031.1")), (&dji, before.clone())] {
        home.sync();
        assert_eq!(in_force(home), holds);
    }
    // A check tells by which rules it was made.
    let (_, report, _) = om.run(&["check", "uitspraak van de rechter", "--term", "vonnis"]);
    assert!(report.to_string().contains("2031.1"), "{report}");

    // The next one is for everybody.
    press.publish(&["pack", text(&press.pack("2031.2", &key()))]);
    for home in [&om, &dji] {
        home.sync();
        assert_eq!(in_force(home), published("2031.2"));
    }
    // Taken back: the one before holds again, or what held before the server had a say.
    press.publish(&["withdraw", "2031.2"]);
    for (home, holds) in [(&om, published("2031.1")), (&dji, before.clone())] {
        home.sync();
        assert_eq!(in_force(home), holds);
    }
    press.publish(&["withdraw", "2031.1"]);
    om.sync();
    assert_eq!(in_force(&om), before);
    // What the user chooses beside it stays when the server changes nothing.
    press.publish(&["rollout", "2031.2", "--percent", "100"]);
    om.sync();
    om.good(&["rules", "activate", &before.0]);
    om.sync();
    assert_eq!(in_force(&om), before);
}

#[tokio::test]
async fn a_part_of_the_workstations_gets_it_and_a_larger_part_holds_the_smaller() {
    let press = Press::new();
    let node = press.site.node();
    let homes: Vec<Home> = (0..6).map(|_| press.home(&node, "OM")).collect();
    let pack = press.pack("2031.1", &key());
    press.publish(&["pack", text(&pack), "--percent", "0"]);
    let mut had: Vec<bool> = vec![false; homes.len()];
    for percent in ["0", "50", "100"] {
        press.publish(&["rollout", "2031.1", "--percent", percent]);
        for (home, had) in homes.iter().zip(&mut had) {
            home.sync();
            let has = in_force(home).0 == "2031.1";
            assert!(has || !*had, "{percent}: nobody loses it");
            *had = has;
        }
        match percent {
            "0" => assert!(!had.contains(&true)),
            "100" => assert!(!had.contains(&false)),
            _ => {}
        }
    }
}

#[tokio::test]
async fn what_a_workstation_does_not_trust_changes_nothing_there_and_is_told() {
    let press = Press::new();
    let node = press.site.node();
    let token = press.site.token("OM", "author");
    let stranger = Home::new(&node, &token, "Anna");
    let before = in_force(&stranger);
    press.publish(&["pack", text(&press.pack("2031.1", &key()))]);
    // Sharing goes on, and each time it is told anew.
    for _ in 0..2 {
        let report = stranger.sync();
        let code = &report["status"]["published_error"]["code"];
        assert_eq!(code, "BG-303", "{report}");
        assert_eq!(in_force(&stranger), before);
    }
    // Once the key is trusted, the next sync takes it.
    stranger.good(&["rules", "trust", text(&press.path("keys/OM.pub"))]);
    let report = stranger.sync();
    assert_eq!(report["status"]["published_error"], Value::Null);
    assert_eq!(in_force(&stranger), published("2031.1"));
    // Rules that it does not trust do not keep experiments from being stopped.
    let other = SecretKey::from_seed(&[8; 32]);
    std::fs::write(press.path("keys/DJI.pub"), other.public().to_line()).unwrap();
    press.publish(&["pack", text(&press.pack("2031.2", &other))]);
    press.publish(&["flags", text(&press.flags(1, true))]);
    let report = stranger.sync();
    let code = &report["status"]["published_error"]["code"];
    assert_eq!(code, "BG-303", "{report}");
    assert_eq!(stranger.good(&["flags", "show"])["serial"], 1);
    assert_eq!(in_force(&stranger), published("2031.1"));
}

#[tokio::test]
async fn experiments_reach_every_workstation_and_stop_at_its_next_sync() {
    let press = Press::new();
    let node = press.site.node();
    let home = press.home(&node, "OM");
    press.publish(&["flags", text(&press.flags(1, false))]);
    home.sync();
    let shown = home.good(&["flags", "show"]);
    assert_eq!(shown["serial"], 1, "{shown}");
    assert_eq!(shown["experiments"][0]["killed"], false);
    // Stopping is a newer file: there is no way back to what ran before.
    let said = press.output(&["withdraw", "1"]);
    assert!(!said.status.success());
    assert!(String::from_utf8(said.stderr).unwrap().contains("killed"));
    press.publish(&["flags", text(&press.flags(2, true))]);
    home.sync();
    let shown = home.good(&["flags", "show"]);
    assert_eq!(shown["serial"], 2);
    assert_eq!(shown["experiments"][0]["killed"], true);
}

#[tokio::test]
async fn what_is_not_signed_by_somebody_trusted_is_not_published() {
    let press = Press::new();
    let pack = press.pack("2031.1", &key());
    let other = press.pack("2031.2", &SecretKey::from_seed(&[8; 32]));
    let changed = press.path("changed.json");
    let whole = std::fs::read_to_string(&pack).unwrap();
    std::fs::write(&changed, whole.replacen("2031.1", "2031.3", 1)).unwrap();
    let cut = press.path("cut.json");
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    for args in [
        &["pack", text(&other)][..],
        &["pack", text(&changed)],
        &["pack", text(&cut)],
        &["pack", text(&press.path("nergens.json"))],
        // A pack is no file with experiments, whoever signed it.
        &["flags", text(&pack)],
        &["pack", text(&pack), "--organisation", "Nergens"],
        &["pack", text(&pack), "--percent", "101"],
        &["withdraw", "2031.1"],
    ] {
        let output = press.output(args);
        assert!(!output.status.success(), "{args:?}");
        assert!(!output.stderr.is_empty(), "{args:?}");
    }
    assert_eq!(press.publish(&["list"]), "");
    press.publish(&["pack", text(&pack)]);
    assert!(
        !press.output(&["pack", text(&pack)]).status.success(),
        "twice"
    );
    assert!(
        press
            .publish(&["list"])
            .contains("2031.1\t100 %\talle organisaties")
    );
}

#[tokio::test]
async fn nobody_gets_what_is_for_another_organisation() {
    let press = Press::new();
    let node = press.site.node();
    let pack = press.pack("2031.1", &key());
    press.publish(&["pack", text(&pack), "--organisation", "OM"]);
    let om = node.caller(&press.site.token("OM", "reader"));
    let list: Value = om.get("/v1/published").await.json().await.unwrap();
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    let address = format!("/v1/published/{id}");
    assert_eq!(om.get(&address).await.status(), StatusCode::OK);
    let dji = node.caller(&press.site.token("DJI", "administrator"));
    let list: Value = dji.get("/v1/published").await.json().await.unwrap();
    assert_eq!(list, json!({"items": []}));
    let refused = (404, "no_published".to_owned());
    assert_eq!(told(dji.get(&address).await).await, refused);
    // The second wall: whatever the serving role asks.
    for (organisation, count) in [("OM", "1"), ("DJI", "0"), ("", "0")] {
        let sql =
            format!("SET begrip.organisation = '{organisation}'; SELECT count(*) FROM published");
        let seen = press.site.database.sql_as("begrip_server", &sql).unwrap();
        assert_eq!(seen.trim(), count, "{organisation}");
    }
    let change = "UPDATE published SET percent = 0";
    assert!(press.site.database.sql_as("begrip_server", change).is_err());
    // What was published is not changed by its owner either.
    let other = "UPDATE published SET document = '{}'";
    assert!(press.site.database.sql(other).is_err());
}
