//! Sharing and review in the real window: two organisations, the central server and its database, a line
//! between them that goes away, and an issuer at which both sign in.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod window;

use begrip_mock_issuer::MockIssuer;
use begrip_mock_model::MockConfig;
use begrip_postgres::Cluster;
use serde_json::{Value, json};
use window::keyring::Keyring;
use window::site::{self, CLIENT, Desk, Site};
use window::{Session, Workplace, road};

const TERM: &str = "gebiedsgebod";

#[track_caller]
fn edit(desk: &Desk, definition: &str) {
    desk.begrip(&["concepts", "edit", TERM, "--definition", definition]);
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
    bert.comes(TERM, first).await;

    // What the other changes comes onto the open page by itself.
    let second = "gebied waar iemand van de rechter moet blijven";
    edit(&bert, second);
    bert.begrip(&["sync"]);
    page.wait_text(second).await;
    page.screenshot("delen-gewijzigd").await;

    // Both change the same while the line is down: neither text is lost.
    let [ours, _theirs] = nodes;
    let address = site::address(&ours);
    drop(ours);
    let (mine, theirs) = (
        "gebied dat iemand niet mag verlaten",
        "gebied waarbinnen iemand verplicht verblijft",
    );
    edit(&anna, mine);
    edit(&bert, theirs);
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
    bert.comes(TERM, mine).await;
    // What was not chosen is in the history of both, word for word.
    for desk in [&anna, &bert] {
        let history = desk.begrip(&["concepts", "show", TERM, "--history"]);
        let history = history["history"].to_string();
        assert!(history.contains("waarbinnen"), "{history}");
    }
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_author_who_signed_in_proposes_a_reviewer_establishes_and_the_trail_tells_it() {
    needs_window!();
    let issuer = MockIssuer::start(CLIENT).unwrap();
    let cluster = Cluster::at_hand().unwrap();
    let site = Site::new(&cluster).believing(&issuer);
    let nodes = [site.node("127.0.0.1:0"), site.node("127.0.0.1:0")];
    let anna = Desk::signing_in(&site, &nodes[0], "OM", "Anna", "author");
    let bert = Desk::signing_in(&site, &nodes[1], "Rechtspraak", "Bert", "reviewer");
    let text = "gebod van de rechter om zich in een bepaald gebied te bevinden";
    anna.begrip(&["concepts", "add", TERM, "--definition", text]);

    let author = Session::start(&anna.workplace).await;
    anna.sign_in(&author.page, &issuer, "auteur").await;
    road::look_up(&author.page, TERM).await;
    author.page.press("Deel").await;
    author
        .page
        .click("dialog[open] [data-testid='share-sure']")
        .await;
    author
        .page
        .wait_text("Gedeeld met alle organisaties. Van OM.")
        .await;
    author.page.click("[data-testid='review-propose']").await;
    author.page.find(".badge.proposed").await;

    // The other organisation: the count in the menu leads to the proposal.
    let reviewer = Session::start(&bert.workplace).await;
    let page = &reviewer.page;
    bert.sign_in(page, &issuer, "beoordelaar").await;
    page.wait_text_in(road::TO_REVIEW, "the count in the menu", |text| text == "1")
        .await;
    page.click("nav a[href='#/beoordelen']").await;
    page.find(&format!("[data-testid='proposal'][data-term='{TERM}']"))
        .await;
    page.wait_text(text).await;
    page.wait_text("Voorgesteld door Anna (OM)").await;
    page.screenshot("beoordelen-voorstel").await;
    road::say_of_proposal(page, "waarom in dit gebied?", "comment").await;
    page.wait_text("Uw opmerking bij").await;
    page.wait_text("waarom in dit gebied?").await;
    road::say_of_proposal(page, "akkoord voor de keten", "accept").await;
    page.wait_text("de server heeft uw akkoord bevestigd").await;
    page.wait_text("Er wacht niets op een oordeel.").await;

    // The author's open page tells it by itself, and the trail who did what.
    let page = &author.page;
    page.find(".badge.established").await;
    page.find(&road::news("commented")).await;
    page.find(&road::news("established")).await;
    page.wait_text(&format!("Vastgesteld: {TERM}")).await;
    page.wait_text(&format!("Nieuwe opmerking bij {TERM}"))
        .await;
    page.screenshot("nieuws").await;
    page.press("Gezien").await;
    page.wait_for("the notices to go", |text| {
        !text.contains("Nieuwe opmerking bij")
    })
    .await;
    page.wait_text("Deze tekst is vastgesteld en verandert niet meer.")
        .await;
    page.click("[data-testid='review-trail'] summary").await;
    page.wait_text("akkoord voor de keten").await;
    for wanted in ["Anna (OM)", "Bert (Rechtspraak)", "waarom in dit gebied?"] {
        page.wait_text(wanted).await;
    }
    page.screenshot("logboek").await;
    assert_eq!(page.axe().await, Vec::<String>::new());
    for (button, ending) in [("trail-json", "json"), ("trail-html", "html")] {
        page.click(&format!("[data-testid='{button}']")).await;
        page.wait_text(&format!("{TERM}-logboek.{ending} staat in de map"))
            .await;
    }
    let saved = |ending: &str| {
        let path = anna.workplace.downloads();
        std::fs::read_to_string(path.join(format!("{TERM}-logboek.{ending}"))).unwrap()
    };
    let trail: Value = serde_json::from_str(&saved("json")).unwrap();
    let links = trail["links"].as_array().unwrap();
    let told = |name: &str| -> Vec<&str> {
        links
            .iter()
            .map(|link| link["entry"][name].as_str().unwrap())
            .collect()
    };
    assert_eq!(told("act"), ["made", "proposed", "commented", "accepted"]);
    assert_eq!(told("by"), ["Anna", "Anna", "Bert", "Bert"]);
    assert_eq!(told("to")[3], "established");
    assert!(saved("html").contains("akkoord voor de keten"));

    // What the server holds: the text that stands, and the chain that was saved, by its own sums.
    assert_eq!(
        site.sql(
            "SELECT owner, version, item::jsonb -> 'texts' ->> 'status', \
             item::jsonb -> 'texts' ->> 'definition' FROM concept"
        ),
        format!("OM|4|established|{text}")
    );
    let hashes: Vec<&str> = links
        .iter()
        .map(|link| link["hash"].as_str().unwrap())
        .collect();
    assert_eq!(
        site.sql("SELECT encode(hash, 'hex') FROM trail ORDER BY number"),
        hashes.join("\n")
    );
    assert_eq!(
        site.sql(
            "SELECT bool_and(hash = sha256(before || sha256(convert_to(body, 'UTF8')))) FROM (SELECT hash, \
             body, lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER (ORDER BY number) AS before \
             FROM trail) AS chain"
        ),
        "t"
    );
    site.run(&["doctor"]);

    // What becomes of a proposal while the author's window is closed is told at the next start, until
    // it was seen.
    let other = "locatiegebod";
    anna.begrip(&["concepts", "add", other, "--definition", text]);
    anna.begrip(&["sync", "share", other]);
    anna.begrip(&["review", "propose", other]);
    anna.begrip(&["sync"]);
    author.close().await;
    let page = &reviewer.page;
    page.find(&format!("[data-testid='proposal'][data-term='{other}']"))
        .await;
    road::say_of_proposal(page, "noem de rechter niet", "reject").await;
    page.wait_text("is teruggestuurd").await;
    reviewer.close().await;
    for _ in 0..2 {
        let author = Session::start(&anna.workplace).await;
        author.page.find(&road::news("returned")).await;
        author
            .page
            .wait_text(&format!("Teruggestuurd: {other}"))
            .await;
        author.close().await;
    }
    let author = Session::start(&anna.workplace).await;
    let page = &author.page;
    page.click(&format!("{} a", road::news("returned"))).await;
    page.find(".badge.in_preparation").await;
    page.wait_for("the notice to go", |text| !text.contains("Teruggestuurd:"))
        .await;
    assert_eq!(page.axe().await, Vec::<String>::new());
    author.close().await;
    assert_eq!(
        anna.begrip(&["sync", "status"])["news"],
        Value::Array(Vec::new())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_cannot_be_renewed_is_told_in_the_window_and_ends_with_it() {
    needs_window!();
    let issuer = MockIssuer::start(CLIENT).unwrap();
    issuer.set(|plan| plan.renews = false);
    let cluster = Cluster::at_hand().unwrap();
    let site = Site::new(&cluster).believing(&issuer);
    let node = site.node("127.0.0.1:0");
    let anna = Desk::signing_in(&site, &node, "OM", "Anna", "author");
    let session = Session::start(&anna.workplace).await;
    let page = &session.page;
    anna.sign_in(page, &issuer, "auteur").await;
    let notice = "[data-testid='account'] [role='status']";
    page.wait_text_in(notice, "what to ask of an administrator", |text| {
        text.contains("BG-839") && text.contains("offline_access, prompt=consent")
    })
    .await;
    page.screenshot("delen-aanmelding-kort").await;
    assert_eq!(page.axe().await, Vec::<String>::new());
    session.close().await;

    let session = Session::start(&anna.workplace).await;
    road::ready(&session.page).await;
    road::go(&session.page, "Delen").await;
    session
        .page
        .wait_text("Uw aanmelding als Anna geldt niet meer.")
        .await;
    issuer.set(|plan| plan.renews = true);
    anna.sign_in(&session.page, &issuer, "auteur").await;
    session.page.wait_text("U bent aangemeld als Anna.").await;
    assert!(!session.page.has(notice).await);
    session.close().await;
    anna.begrip(&["sync"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_stand_in_the_keyring_alone_through_a_restart_and_go_with_the_sign_out() {
    needs_window!();
    if let Some(reason) = Keyring::missing() {
        eprintln!("skipped: {reason}");
        return;
    }
    let keyring = Keyring::start();
    let issuer = MockIssuer::start(CLIENT).unwrap();
    let cluster = Cluster::at_hand().unwrap();
    let site = Site::new(&cluster).believing(&issuer);
    let node = site.node("127.0.0.1:0");
    site.invite("OM", "Anna", "author");
    let model_key = "sk-van-anna";
    let mock = MockConfig {
        api_key: Some(model_key.to_owned()),
        ..MockConfig::default()
    };
    let workplace = Workplace::with_model(mock).await.shares(&node.url, "");
    let anna = Desk::at(workplace.keyring(&keyring.address), "Anna");
    let home = anna.workplace.home();

    let session = Session::start(&anna.workplace).await;
    anna.sign_in(&session.page, &issuer, "auteur").await;
    let kept = session
        .page
        .call("model_key", json!({ "key": model_key }))
        .await;
    assert_eq!(kept["place"], "keyring");
    for name in ["store", "model", "sign-in"] {
        assert!(keyring.item(name).is_some(), "{name}");
    }
    assert!(home.join("begrip.db").exists() && !home.join("begrip.key").exists());
    session.close().await;

    // Other programs on the home, started anew, get all three: they read the store, ask the model and
    // are who signed in.
    assert_eq!(anna.begrip(&["sync", "who"])["account"], "Anna");
    anna.begrip(&["sync"]);
    assert!(issuer.counts().renewals > 0);
    anna.begrip(&["define", "contactverbod", "--org", "OM"]);
    assert_eq!(anna.workplace.model().log()[0].status, 200);

    let session = Session::start(&anna.workplace).await;
    let page = &session.page;
    road::ready(page).await;
    road::go(page, "Delen").await;
    page.click("[data-testid='account-sign-out']").await;
    page.find("[data-testid='account-sign-in']").await;
    assert_eq!(issuer.counts().revocations, 1);
    assert_eq!(keyring.item("sign-in"), None);
    page.call("model_key", json!({ "key": "" })).await;
    assert_eq!(keyring.item("model"), None);
    assert!(keyring.item("store").is_some());

    // What the keyring has lost stands nowhere else.
    anna.sign_in(page, &issuer, "auteur").await;
    session.close().await;
    anna.begrip(&["sync"]);
    keyring.lose("sign-in");
    assert!(!anna.output(&["sync"]).status.success());
    keyring.lose("store");
    let output = anna.output(&["concepts", "list"]);
    assert!(!output.status.success(), "{output:?}");
}
