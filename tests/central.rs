//! The central server in the real window: a batch that it makes, a line that goes away meanwhile, and
//! its administration.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod window;

use begrip_mock_model::{Behaviour, MockConfig, MockModel, When};
use begrip_postgres::Cluster;
use window::page::Page;
use window::site::{self, Desk, Site};
use window::{Session, road};

/// Waits until the database says so.
async fn wait_sql(site: &Site<'_>, sql: &str, wanted: &str) {
    let begun = std::time::Instant::now();
    while site.sql(sql) != wanted {
        assert!(
            begun.elapsed() < window::PATIENCE,
            "{sql}: {}",
            site.sql(sql)
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Has the server make the definitions of a file's terms.
async fn begin_at_server(page: &Page, terms: &str) {
    road::choose_terms(page, terms).await;
    page.click("[data-testid='batch-where'] [value='server']")
        .await;
    page.click("[data-testid='batch-start']").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_runs_on_the_server_and_a_line_that_goes_away_costs_nothing() {
    needs_window!();
    let cluster = Cluster::at_hand().unwrap();
    let model = MockModel::start(MockConfig::default()).await.unwrap();
    let about = |term: &str| When::Term {
        term: term.to_owned(),
    };
    model.set_behaviour(about("weigerwoord"), Behaviour::ContentFilter);
    model.set_behaviour(about("wachtwoord"), Behaviour::Hang);
    let site = Site::new(&cluster).with_model(&model);
    let node = site.node("127.0.0.1:0");
    // No model of its own: what is asked, the server asks.
    let anna = Desk::new(&site, &node, "OM", "Anna");
    let session = Session::start(&anna.workplace).await;
    let page = &session.page;
    let there = |state: &str| format!("[data-testid='server-batch'][data-state='{state}']");

    // Made, with an error for each row that has one, and seen from the other side.
    begin_at_server(
        page,
        "term;categorie\ncontactverbod;proces\nweigerwoord;\nvonnis;onzin\n",
    )
    .await;
    page.find(&there("done")).await;
    let rows = "SELECT string_agg(state, ' ' ORDER BY number) FROM job_row";
    assert_eq!(site.sql(rows), "done failed failed");
    assert_eq!(
        site.sql("SELECT a.name FROM job j JOIN account a ON a.id = j.account"),
        "Anna"
    );
    // The name of the file stays with her.
    assert_eq!(site.sql("SELECT name FROM job"), "reeks van 3 rijen");
    assert_eq!(model.calls(), 2, "the server asked");
    page.click("[data-testid='server-open']").await;
    page.wait_text("Deze rij kan niet worden gevraagd").await;
    let made = "SELECT result::json #>> '{reply,definition}' FROM job_row WHERE state = 'done'";
    page.wait_text(&site.sql(made)).await;
    page.screenshot("reeks-server-resultaten").await;

    // Its results as a file.
    let file = road::export(page, "reeks van 3 rijen-resultaat.csv").await;
    assert!(file.contains(&site.sql(made)), "{file}");
    assert!(file.contains("\"4\";\"vonnis\""), "{file}");

    // What failed by the model is asked again; what can never be asked is not.
    model.set_behaviour(about("weigerwoord"), Behaviour::Normal);
    page.click("[data-testid='batch-back']").await;
    page.click("[data-testid='server-again']").await;
    wait_sql(&site, rows, "done done failed").await;
    page.wait_text("2 klaar · 1 mislukt").await;
    assert_eq!(model.calls(), 3);

    // Stopped for good, here and there.
    begin_at_server(page, "term\nwachtwoord\ngetuige\n").await;
    page.click(&format!(
        "{} [data-testid='server-cancel']",
        there("running")
    ))
    .await;
    page.click("dialog[open] [data-testid='server-sure']").await;
    page.find(&there("cancelled")).await;
    wait_sql(
        &site,
        "SELECT count(*) FROM job WHERE state = 'cancelled'",
        "1",
    )
    .await;

    // The line goes: what was seen stays, the chosen file stays, and nothing is made twice.
    let address = site::address(&node);
    drop(node);
    page.wait_text("De server gaat door zonder deze verbinding; er gaat niets verloren.")
        .await;
    page.wait_text("2 klaar · 1 mislukt").await;
    begin_at_server(page, "term\ndagvaarding\n").await;
    page.wait_text("Er is niets verloren: uw bestand staat hier nog klaar.")
        .await;
    page.screenshot("reeks-server-weg").await;
    let _node = site.node(&address);
    page.click("[data-testid='batch-start']").await;
    page.find("[data-testid='batch-file']").await;
    let last = "SELECT state FROM job ORDER BY created_at DESC LIMIT 1";
    wait_sql(&site, last, "done").await;
    assert_eq!(site.sql("SELECT count(*) FROM job"), "3");
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_adds_a_user_and_makes_and_withdraws_a_token() {
    needs_window!();
    let cluster = Cluster::at_hand().unwrap();
    let site = Site::new(&cluster);
    let node = site.node("127.0.0.1:0");
    let anna = Desk::of_administrator(&site, &node, "OM", "Anna");
    let session = Session::start(&anna.workplace).await;
    let page = &session.page;
    road::ready(page).await;
    // The menu has it as soon as the server said who this is.
    page.press("Beheer").await;
    page.click("[data-testid='admin-add']").await;
    page.type_in("[data-testid='admin-name']", "Invoerstation")
        .await;
    page.click("[data-testid='admin-role'] [value='author']")
        .await;
    page.click("[data-testid='admin-keep']").await;
    page.find("[data-testid='admin-user'][data-name='Invoerstation']")
        .await;
    let user = "SELECT role || ' ' || organisation FROM account WHERE name = 'Invoerstation'";
    assert_eq!(site.sql(user), "author OM");

    // An address of another organisation is refused in words, and what was typed stays.
    site.run(&["organisation", "domains", "OM", "add", "om.example"]);
    page.click("[data-testid='admin-add']").await;
    page.type_in("[data-testid='admin-name']", "Bert").await;
    page.type_in("[data-testid='admin-email']", "bert@dji.example")
        .await;
    page.click("[data-testid='admin-keep']").await;
    page.wait_text("Dit e-mailadres is niet van een e-maildomein van uw organisatie.")
        .await;
    page.screenshot("beheer-ander-domein").await;
    assert_eq!(
        site.sql("SELECT count(*) FROM account WHERE name = 'Bert'"),
        "0"
    );
    page.empty("[data-testid='admin-email']").await;
    page.type_in("[data-testid='admin-email']", "bert@om.example")
        .await;
    page.click("[data-testid='admin-keep']").await;
    page.find("[data-testid='admin-user'][data-name='Bert']")
        .await;
    assert_eq!(
        site.sql("SELECT email FROM account WHERE name = 'Bert'"),
        "bert@om.example"
    );

    // A token for it, which works until it is withdrawn.
    page.click("[data-testid='admin-part-sleutels']").await;
    page.find("[data-testid='admin-token-user']").await;
    page.click("[data-testid='admin-token-make']").await;
    let token = page
        .wait_text_in("[data-testid='admin-secret']", "the secret", |text| {
            text.starts_with("begrip_")
        })
        .await;
    let held = "SELECT count(*) FROM token t JOIN account a ON a.id = t.account \
                WHERE a.name = 'Invoerstation' AND t.revoked_at IS NULL";
    assert_eq!(site.sql(held), "1");
    let secret = token.rsplit('_').next().unwrap();
    let shown = format!("SELECT count(*) FROM token t WHERE t::text LIKE '%{secret}%'");
    assert_eq!(site.sql(&shown), "0", "the secret itself is kept nowhere");
    let machine = Desk::by_token(&node, "Invoerstation", &token);
    machine.begrip(&["sync"]);
    page.screenshot("beheer-sleutel").await;
    page.click("[data-testid='admin-hide']").await;
    page.click("[data-name='Invoerstation'] [data-testid='admin-revoke']")
        .await;
    page.click("dialog[open] [data-testid='admin-sure']").await;
    wait_sql(&site, held, "0").await;
    let refused = String::from_utf8(machine.output(&["sync"]).stderr).unwrap();
    assert!(refused.contains("BG-804"), "{refused}");

    // What was done stands in the log, on the screen and in the database.
    page.click("[data-testid='admin-part-logboek']").await;
    page.wait_text_in("[data-testid='admin-log']", "what was done", |text| {
        text.contains("Invoerstation")
    })
    .await;
    session.close().await;
}
