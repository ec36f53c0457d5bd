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
