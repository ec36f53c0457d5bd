//! Workstations whose users sign in, with a server and an issuer.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::Arc;

use begrip_app::schema::{AccountBy, AccountView, SignInRequest, SyncRequest};
use begrip_app::{App, OpenOptions, UserError};
use begrip_mock_issuer::{KeyKind, MockIssuer, Plan};
use serde_json::Value;
use tempfile::TempDir;

use crate::homes::{Home, Running};
use crate::identity::{CLIENT, Signing, knowing};
use crate::models::Models;
use crate::support::{Node, wait_for};

/// Goes where a browser would; the status of the page at the end.
async fn browse(address: String) -> u16 {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    http.get(address).send().await.unwrap().status().as_u16()
}

/// Signs in as a user of the command line does; what is said after the page, and on standard error.
async fn signing_in(mut command: Command, page: impl Fn(&str) -> Option<String>) -> [String; 2] {
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = Running(piped.spawn().unwrap());
    let mut out = BufReader::new(running.0.stdout.take().unwrap());
    let address = loop {
        let mut line = String::new();
        assert!(out.read_line(&mut line).unwrap() > 0, "no page");
        if let Some(address) = page(&line) {
            break address;
        }
    };
    assert_eq!(browse(address).await, 200);
    let [mut rest, mut told] = [String::new(), String::new()];
    out.read_to_string(&mut rest).unwrap();
    let mut err = running.0.stderr.take().unwrap();
    err.read_to_string(&mut told).unwrap();
    assert!(running.0.wait().unwrap().success(), "{rest}{told}");
    [rest, told]
}

/// The same for a script.
async fn sign_in(home: &Home) -> Value {
    let command = home.command(&["sync", "sign-in", "--json"]);
    let [rest, _] = signing_in(command, |line| {
        let begun: Value = serde_json::from_str(line).unwrap();
        Some(begun["address"].as_str()?.to_owned())
    })
    .await;
    serde_json::from_str(&rest).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_in_shares_as_their_account_until_they_sign_out_and_then_works_on() {
    let signing = Signing::new();
    signing.anna("author", &["--email", "anna@om.example"]);
    let node = signing.node();
    let anna = Home::new(&node, "", "Anna");
    anna.good(&[
        "concepts",
        "add",
        "gebiedsgebod",
        "--definition",
        "gebied waar men moet blijven",
    ]);
    let (_, _, error) = anna.run(&["sync"]);
    assert!(error.contains("BG-801"), "{error}");

    let who = sign_in(&anna).await;
    let expected = ["sign_in", "Anna de Vries", "anna", "OM", "author"];
    let told = ["by", "name", "account", "organisation", "role"].map(|name| who[name].clone());
    assert_eq!(told, expected);
    anna.good(&["sync", "share", "gebiedsgebod"]);
    assert_eq!(anna.sync()["status"]["organisation"], "OM");
    // In a file of the home it would be readable to whoever copies it.
    let kept = signing.issuer.refresh_tokens();
    assert_eq!(kept.len(), 1);
    assert!(!anna.holds(kept[0].as_bytes()));

    let out = anna.good(&["sync", "sign-out"]);
    assert_eq!(
        [&out["by"], &out["name"], &out["role"]],
        ["nothing", "", ""]
    );
    assert_eq!(signing.issuer.counts().revocations, 1);
    let (_, _, error) = anna.run(&["sync"]);
    assert!(error.contains("BG-801"), "{error}");
    // What was shared stays, and what is changed now goes along after the next sign-in.
    anna.edit(
        "gebiedsgebod",
        "gebied waar men van een rechter moet blijven",
    );
    assert_eq!(anna.good(&["sync", "status"])["waiting"], 1);
    sign_in(&anna).await;
    assert_eq!(anna.sync()["pushed"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signed_in_asks_a_model_through_the_server_without_any_key() {
    let models = Models::new().await;
    let issuer = MockIssuer::start(CLIENT).unwrap();
    let add = "user add anna --organisation OM --role author --subject anna-1";
    let mut adding = models.site.command(&add.split(' ').collect::<Vec<_>>());
    assert!(
        adding
            .envs(knowing(&issuer))
            .output()
            .unwrap()
            .status
            .success()
    );
    let mut serving = models.serving();
    serving.envs(knowing(&issuer));
    let node = Node::of(serving);
    let anna = Home::new(&node, "", "Anna");
    let ask = |term: &str| {
        let mut command = anna.command(&["define", term, "--org", "OM", "--json"]);
        command
            .env("BEGRIP_LLM_URL", "server")
            .env("BEGRIP_LLM_MODEL", "groot");
        command.output().unwrap()
    };
    assert!(
        !ask("contactverbod").status.success(),
        "nobody is signed in"
    );
    sign_in(&anna).await;
    let answered = ask("contactverbod");
    assert!(answered.status.success(), "{answered:?}");
    assert_eq!(models.calls(), 1);
    let by = "SELECT a.name FROM model_call c JOIN account a ON a.id = c.account";
    assert_eq!(models.site.database.sql(by).unwrap().trim(), "anna");
    anna.good(&["sync", "sign-out"]);
    // What was answered is kept; what was not asked before needs the gateway.
    assert!(ask("contactverbod").status.success());
    assert!(!ask("meldplicht").status.success(), "nobody is signed in");
    assert_eq!(models.calls(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_on_one_home_that_renew_at_one_time_do_not_end_the_sign_in() {
    let signing = Signing::new();
    signing.anna("author", &["--subject", "anna-1"]);
    let node = signing.node();
    let anna = Home::new(&node, "", "Anna");
    sign_in(&anna).await;
    for _ in 0..3 {
        let many: Vec<Running> = (0..4)
            .map(|_| {
                Running(
                    anna.command(&["sync"])
                        .stdout(Stdio::null())
                        .spawn()
                        .unwrap(),
                )
            })
            .collect();
        for mut one in many {
            assert!(one.0.wait().unwrap().success());
        }
    }
    assert!(signing.issuer.counts().renewals >= 12);
}

/// A workstation in this process.
struct Desk {
    folder: TempDir,
    url: String,
}

impl Desk {
    fn new(node: &Node) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            url: node.url.clone(),
        }
    }

    async fn open(&self) -> App {
        let mut options = OpenOptions::at(self.folder.path());
        options.server.url = Some(self.url.clone());
        let handle = tokio::runtime::Handle::current();
        options.browser = Arc::new(move |page| {
            handle.spawn(browse(page.to_owned()));
            true
        });
        tokio::task::spawn_blocking(|| App::open(options))
            .await
            .unwrap()
            .unwrap()
    }
}

async fn signed_in(app: &App) -> Result<AccountView, UserError> {
    let begun = app.sign_in_begin(SignInRequest { open: true }).await?;
    assert!(begun.opened);
    let who = app.who_am_i(()).await?;
    assert_eq!(who.waits_at.as_ref(), Some(&begun.address));
    let ended = app.sign_in_end(()).await;
    assert_eq!(app.who_am_i(()).await?.waits_at, None);
    ended
}

async fn sync(app: &App) -> Result<(), String> {
    let synced = app.sync_now(SyncRequest::default()).await;
    synced.map(drop).map_err(|error| error.code)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_is_renewed_before_it_ends_and_once_when_the_server_refuses_it() {
    let signing = Signing::new();
    signing.anna("author", &["--subject", "anna-1"]);
    let node = signing.node();
    let desk = Desk::new(&node);
    let app = desk.open().await;
    signed_in(&app).await.unwrap();
    for _ in 0..3 {
        sync(&app).await.unwrap();
    }
    assert_eq!(signing.issuer.counts().renewals, 0, "it still holds");
    // The issuer has a new key and the server knows it: the token of before ends to hold.
    signing.issuer.rotate(KeyKind::Rsa, false).unwrap();
    let other = node.caller(&signing.issuer.sign(&signing.issuer.claims()).unwrap());
    assert_eq!(other.get("/v1/sync/hello").await.status(), 200);
    signing.anna("reviewer", &[]);
    wait_for("the renewal", || async {
        sync(&app).await.unwrap();
        signing.issuer.counts().renewals == 1
    })
    .await;
    sync(&app).await.unwrap();
    assert_eq!(signing.issuer.counts().renewals, 1);
    assert_eq!(app.who_am_i(()).await.unwrap().role, "reviewer");
    // One that ends at once is renewed each time.
    signing.issuer.set(|plan| plan.access_seconds = 0);
    app.sign_out(()).await.unwrap();
    signed_in(&app).await.unwrap();
    let before = signing.issuer.counts().renewals;
    sync(&app).await.unwrap();
    assert!(signing.issuer.counts().renewals > before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_has_ended_is_told_once_and_work_goes_on() {
    let signing = Signing::new();
    signing.anna("author", &["--subject", "anna-1"]);
    signing.issuer.set(|plan| plan.access_seconds = 0);
    let node = signing.node();
    let desk = Desk::new(&node);
    let app = desk.open().await;
    signed_in(&app).await.unwrap();
    signing.issuer.end_all();
    for _ in 0..2 {
        assert_eq!(sync(&app).await, Err("BG-832".to_owned()));
    }
    let who = app.who_am_i(()).await.unwrap();
    assert_eq!((who.by, who.ended), (AccountBy::SignIn, true));
    assert_eq!(who.name, "Anna de Vries");
    // It stands in the status too, which makes no connection.
    let status = app.sync_status(()).await.unwrap();
    assert_eq!(status.error.unwrap().code, "BG-832");
    app.close().await;
    let app = desk.open().await;
    assert!(app.who_am_i(()).await.unwrap().ended);
    signed_in(&app).await.unwrap();
    sync(&app).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_cannot_be_renewed_is_told_at_once_and_ends_with_the_program() {
    let signing = Signing::new();
    signing.anna("author", &["--subject", "anna-1"]);
    signing.issuer.set(|plan| plan.renews = false);
    let node = signing.node();
    let desk = Desk::new(&node);
    let app = desk.open().await;
    // The access token holds for 300 s, and is not used in the last fifth of that.
    let in_use_until = || {
        let until = jiff::Timestamp::now() + std::time::Duration::from_secs(240);
        let until = until.to_zoned(jiff::tz::TimeZone::system());
        until.strftime("%Y-%m-%d %H:%M").to_string()
    };
    let earliest = in_use_until();
    let who = signed_in(&app).await.unwrap();
    assert!(signing.issuer.refresh_tokens().is_empty());
    let notice = who.notice.clone().unwrap();
    assert_eq!((notice.code.as_str(), who.ended), ("BG-839", false));
    for text in [&notice.action.nl, &notice.action.en] {
        assert!(text.contains("offline_access") && text.contains("prompt=consent"));
    }
    // It says until when, and for as long as that all goes well.
    assert!(
        (earliest..=in_use_until()).contains(&notice.detail),
        "{notice:?}"
    );
    sync(&app).await.unwrap();
    assert_eq!(app.who_am_i(()).await.unwrap(), who);
    app.close().await;
    // Nothing of it is kept beyond this program.
    let app = desk.open().await;
    let after = app.who_am_i(()).await.unwrap();
    assert_eq!((after.ended, after.notice), (true, None));
    assert_eq!(after.name, "Anna de Vries");
    assert_eq!(sync(&app).await, Err("BG-832".to_owned()));
    assert_eq!(signing.issuer.counts().renewals, 0);
    // An issuer that was told better lets the next one last.
    signing.issuer.set(|plan| plan.renews = true);
    assert_eq!(signed_in(&app).await.unwrap().notice, None);
    app.close().await;
    let app = desk.open().await;
    sync(&app).await.unwrap();
    assert!(!app.who_am_i(()).await.unwrap().ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_cannot_be_renewed_is_told_on_the_command_line() {
    let signing = Signing::new();
    signing.anna("author", &["--subject", "anna-1"]);
    signing.issuer.set(|plan| plan.renews = false);
    let node = signing.node();
    let anna = Home::new(&node, "", "Anna");
    let command = anna.command(&["sync", "sign-in"]);
    let page = |line: &str| line.starts_with("http").then(|| line.trim().to_owned());
    let [said, told] = signing_in(command, page).await;
    assert!(said.contains("Aangemeld: Anna de Vries."), "{said}");
    assert!(
        told.contains("BG-839") && told.contains("prompt=consent"),
        "{told}"
    );
    let (_, _, error) = anna.run(&["sync"]);
    assert!(error.contains("BG-832"), "{error}");
    assert_eq!(anna.good(&["sync", "who"])["ended"], true);
    // A script reads it of the answer.
    assert_eq!(sign_in(&anna).await["notice"]["code"], "BG-839");
    signing.issuer.set(|plan| plan.renews = true);
    assert_eq!(sign_in(&anna).await["notice"], Value::Null);
    anna.sync();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_let_in_is_told_why_and_nothing_is_kept() {
    let signing = Signing::new();
    let node = signing.node();
    let desk = Desk::new(&node);
    let app = desk.open().await;
    for (change, code) in [
        ((|_| ()) as fn(&mut Plan), "BG-837"),
        (
            |plan| plan.denies = Some("access_denied".to_owned()),
            "BG-831",
        ),
        (|plan| plan.other_nonce = true, "BG-833"),
    ] {
        signing.issuer.set(|plan| *plan = Plan::default());
        signing.issuer.set(change);
        assert_eq!(signed_in(&app).await.unwrap_err().code, code);
        assert_eq!(app.who_am_i(()).await.unwrap().by, AccountBy::Nothing);
        assert_eq!(sync(&app).await, Err("BG-801".to_owned()));
    }
    signing.issuer.set(|plan| *plan = Plan::default());
    signing.anna("author", &["--subject", "anna-1"]);
    signed_in(&app).await.unwrap();
    let disable = ["user", "disable", "anna", "--organisation", "OM"];
    assert!(signing.chore(&disable).0);
    wait_for("the account to close", || async {
        sync(&app).await == Err("BG-838".to_owned())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_is_stopped_ends_and_another_can_begin() {
    let signing = Signing::new();
    signing.anna("author", &["--subject", "anna-1"]);
    let node = signing.node();
    let desk = Desk::new(&node);
    let app = desk.open().await;
    let nothing = app.sign_in_end(()).await.unwrap_err();
    assert_eq!(nothing.code, "BG-836");
    app.sign_in_begin(SignInRequest { open: false })
        .await
        .unwrap();
    let waiting = tokio::spawn({
        let app = app.clone();
        async move { app.sign_in_end(()).await }
    });
    wait_for("the wait", || async {
        // It takes what was begun; until then there is nothing to stop but that.
        app.who_am_i(()).await.unwrap().waits_at.is_some()
    })
    .await;
    let who = app.sign_in_stop(()).await.unwrap();
    assert_eq!(who.waits_at, None);
    assert_eq!(waiting.await.unwrap().unwrap_err().code, "BG-836");
    signed_in(&app).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_server_gets_nothing_of_a_sign_in_and_a_token_of_the_environment_goes_before_it() {
    let signing = Signing::new();
    signing.anna("author", &["--subject", "anna-1"]);
    let nodes = [signing.node(), signing.node()];
    let mut desk = Desk::new(&nodes[0]);
    let app = desk.open().await;
    signed_in(&app).await.unwrap();
    app.close().await;
    desk.url.clone_from(&nodes[1].url);
    let app = desk.open().await;
    assert_eq!(app.who_am_i(()).await.unwrap().by, AccountBy::Nothing);
    assert_eq!(sync(&app).await, Err("BG-801".to_owned()));
    app.close().await;
    let mut options = OpenOptions::at(desk.folder.path());
    options.server.url = Some(nodes[0].url.clone());
    options.server.token = Some(signing.site.token("DJI", "reader"));
    let app = tokio::task::spawn_blocking(|| App::open(options))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(app.who_am_i(()).await.unwrap().by, AccountBy::Token);
    sync(&app).await.unwrap();
    assert_eq!(app.who_am_i(()).await.unwrap().account, "reader van DJI");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_an_issuer_says_that_nobody_signs_in_there() {
    let signing = Signing::new();
    let node = signing.site.node();
    let desk = Desk::new(&node);
    let app = desk.open().await;
    let refused = app.sign_in_begin(SignInRequest::default()).await;
    assert_eq!(refused.unwrap_err().code, "BG-830");
}
