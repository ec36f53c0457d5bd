//! Starting, stopping and looking over.

use reqwest::StatusCode;

use crate::support::{Site, cluster};

#[tokio::test]
async fn a_wrong_start_is_refused_and_says_which_setting_is_wrong() {
    let site = Site::new();
    let empty = cluster().database().unwrap();
    let admin = site.database.url("postgres");
    let owner = site.database.url("begrip_owner");
    let untouched = empty.url("begrip_server");
    for (name, value, told) in [
        ("BEGRIP_SERVER_LISTEN", "ergens", "listen"),
        ("BEGRIP_SERVER_POOL", "0", "pool"),
        ("BEGRIP_SERVER_TIMEOUT_S", "veel", "--timeout-s"),
        ("BEGRIP_SERVER_CONFIG", "/bestaat/niet.toml", "instellingen"),
        ("BEGRIP_SERVER_DATABASE_URL", "geen adres", "database"),
        ("BEGRIP_SERVER_DATABASE_URL", admin.as_str(), "SUPERUSER"),
        ("BEGRIP_SERVER_DATABASE_URL", owner.as_str(), "eigenaar"),
        ("BEGRIP_SERVER_DATABASE_URL", untouched.as_str(), "migrate"),
    ] {
        let output = site.command(&["serve"]).env(name, value).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && said.contains(told),
            "{name}={value}: {said}"
        );
    }
}

#[tokio::test]
async fn it_stops_when_told_and_lets_a_listener_go() {
    let site = Site::new();
    let mut node = site.node();
    let caller = node.caller(&site.token("OM", "reader"));
    let events = caller.get("/v1/sync/events").await;
    assert_eq!(events.status(), StatusCode::OK);
    node.terminate();
    // The line of events ends, so nobody keeps the server waiting.
    events.text().await.unwrap();
    assert!(node.ended());
}

#[test]
fn what_stands_in_older_tables_is_as_it_was_and_counted_after_they_are_brought_up_to_date() {
    // The roles are those of the whole cluster: any site makes them.
    drop(Site::new());
    let site = Site {
        database: cluster().database().unwrap(),
    };
    for sql in [
        include_str!("../../migrations/0001_sharing.sql"),
        include_str!("../../migrations/0002_review.sql"),
        include_str!("../../migrations/0003_gateway.sql"),
        include_str!("../../migrations/0004_published.sql"),
        include_str!("../../migrations/0005_identity.sql"),
        include_str!("../../migrations/0006_upkeep.sql"),
        include_str!("../../migrations/0007_jobs.sql"),
        include_str!("../../migrations/0008_administration.sql"),
        "CREATE TABLE schema_version (version integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now()); \
         INSERT INTO schema_version SELECT generate_series(1, 8)",
        "INSERT INTO organisation (name, title) VALUES ('OM', 'OM'); \
         INSERT INTO account (organisation, name, role, email) VALUES ('OM', 'anna', 'author', 'anna@om.example'); \
         INSERT INTO job (id, organisation, account, name, model, digest, state, halt, halts) \
           SELECT gen_random_uuid(), 'OM', id, 'x', 'x', '', 'running', '{}', 3 FROM account; \
         INSERT INTO job_row (job, number, organisation, term, context, follows, faulty, state) \
           SELECT id, r.number, 'OM', 'vonnis', '{}', r.follows, r.number = 5, r.state FROM job, (VALUES \
             (2, NULL::int, 'done'), (3, 2, 'done'), (4, NULL, 'queued'), (5, NULL, 'failed'), (6, 4, 'queued')) \
             AS r (number, follows, state)",
    ] {
        site.database.sql_as("begrip_owner", sql).unwrap();
    }
    let said = site.run(&["migrate"]);
    assert!(said.contains("versie 8 naar"), "{said}");
    let counts = "SELECT queued, running, done, failed, questions, open, progress_at > now() - interval '1 hour' FROM job";
    assert_eq!(site.database.sql(counts).unwrap().trim(), "2|0|2|1|2|1|t");
    // An invitation of before stands.
    assert!(site.run(&["user", "list"]).contains("anna@om.example"));
    let node = site.node();
    drop(node);
    assert!(!site.run(&["doctor"]).contains("FOUT"));
}

#[tokio::test]
async fn migrating_twice_changes_nothing_and_the_doctor_finds_all_in_order() {
    let site = Site::new();
    assert!(site.run(&["migrate"]).contains("bij"));
    assert!(!site.run(&["doctor"]).contains("FOUT"));
    let url = site.database.url("postgres");
    let output = site
        .command(&["doctor"])
        .env("BEGRIP_SERVER_DATABASE_URL", url)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        !output.status.success() && said.contains("FOUT  rol"),
        "{said}"
    );
}

#[tokio::test]
async fn every_setting_stands_in_the_help_with_its_variable() {
    let help = Site::new().run(&["--help"]);
    for name in [
        "LISTEN",
        "DATABASE_URL",
        "OWNER_URL",
        "DATABASE_CA",
        "POOL",
        "BODY_KB",
        "TIMEOUT_S",
        "STOP_S",
        "LOG",
        "CONFIG",
    ] {
        assert!(help.contains(&format!("BEGRIP_SERVER_{name}")), "{name}");
    }
    assert!(
        !help.contains("begrip_owner@%2F"),
        "an address with a password is not shown"
    );
}

#[tokio::test]
async fn a_mistake_in_administration_is_told_in_words() {
    let site = Site::new();
    for (args, told) in [
        (&["organisation", "add", "OM"][..], "OM is er al"),
        (&["organisation", "add", "a/b"], "kies letters"),
        (
            &[
                "user",
                "add",
                "x",
                "--organisation",
                "CJIB",
                "--role",
                "author",
            ],
            "CJIB is er niet",
        ),
        (
            &["user", "disable", "x", "--organisation", "OM"],
            "x van OM is er niet",
        ),
        (
            &["token", "create", "x", "--organisation", "OM"],
            "x van OM is er niet",
        ),
        (
            &["token", "revoke", "00000000-0000-0000-0000-000000000000"],
            "geen toegangssleutel",
        ),
    ] {
        let output = site.output(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && said.contains(told),
            "{args:?}: {said}"
        );
    }
}
