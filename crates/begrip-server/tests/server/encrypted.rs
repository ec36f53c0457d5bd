//! A PostgreSQL that is reached by TLS alone, with a certificate of an authority that only the tests trust.

use std::process::Command;

use begrip_mock_model::Certified;
use begrip_postgres::{Cluster, Identity};

use crate::backup::refused;
use crate::support::{Node, Site, new};

/// The program with this database, over the network of this machine.
fn command(site: &Site<'_>, cluster: &Cluster, args: &[&str], rest: &str) -> Command {
    let mut command = site.command(args);
    for (name, role) in [("DATABASE", "begrip_server"), ("OWNER", "begrip_owner")] {
        let address = format!(
            "postgresql://{role}@localhost:{}/{}?{rest}",
            cluster.port(),
            site.database.name
        );
        command.env(format!("BEGRIP_SERVER_{name}_URL"), address);
    }
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_believed_by_the_authority_that_the_settings_name_and_by_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let certified = Certified::new("localhost").unwrap();
    let cluster = Cluster::start_with_tls(Identity {
        certificate: &certified.certificate,
        key: &certified.key,
    })
    .unwrap();
    let site = Site::on(&cluster);
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let right = file("goed.pem", &certified.authority);
    let wrong = file("fout.pem", &Certified::new("localhost").unwrap().authority);

    // All that an operator and a server do, by TLS: chores, requests, and the lines on which nodes hear of changes.
    for mode in ["sslmode=require", "sslmode=verify-full"] {
        let doctor = command(&site, &cluster, &["doctor"], mode)
            .env("BEGRIP_SERVER_DATABASE_CA", &right)
            .output()
            .unwrap();
        assert!(doctor.status.success(), "{mode}: {doctor:?}");
        let migrate = command(&site, &cluster, &["migrate"], mode)
            .env("BEGRIP_SERVER_DATABASE_CA", &right)
            .output()
            .unwrap();
        assert!(migrate.status.success(), "{mode}: {migrate:?}");
    }
    let mut serve = command(&site, &cluster, &["serve"], "sslmode=verify-full");
    serve.env("BEGRIP_SERVER_DATABASE_CA", &right);
    let node = Node::of(serve);
    let caller = node.caller(&site.token("OM", "author"));
    let mut line = caller.get("/v1/sync/events").await;
    line.chunk().await.unwrap().unwrap();
    caller
        .push(&[new(1, "vonnis", begrip_sync::Sharing::Chain)])
        .await;
    let heard = line.chunk().await.unwrap().unwrap();
    assert!(std::str::from_utf8(&heard).unwrap().contains("changed"));
    let by_tls = "SELECT bool_and(s.ssl), count(*) > 1 FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
                  WHERE a.usename = 'begrip_server' AND a.client_addr IS NOT NULL";
    assert_eq!(site.database.sql(by_tls).unwrap().trim(), "t|t");

    // Another authority, none, and no TLS at all: told by the name of the setting, and nothing is served.
    for args in [&["serve"][..], &["migrate"]] {
        for (ca, rest, told) in [
            (Some(&wrong), "sslmode=require", "invalid peer certificate"),
            (
                Some(&wrong),
                "sslmode=verify-full",
                "invalid peer certificate",
            ),
            (None, "sslmode=require", "invalid peer certificate"),
            (Some(&right), "sslmode=disable", "no encryption"),
        ] {
            let mut command = command(&site, &cluster, args, rest);
            if let Some(ca) = ca {
                command.env("BEGRIP_SERVER_DATABASE_CA", ca);
            }
            let said = refused(&command.output().unwrap());
            let setting = match args[0] {
                "serve" => "database_url",
                _ => "owner_url",
            };
            assert!(
                said.contains(setting) && said.contains(told),
                "{args:?} {rest}: {said}"
            );
        }
    }
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let certified = Certified::new("db.elders.example").unwrap();
    let cluster = Cluster::start_with_tls(Identity {
        certificate: &certified.certificate,
        key: &certified.key,
    })
    .unwrap();
    let site = Site::on(&cluster);
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, &certified.authority).unwrap();
    let output = command(&site, &cluster, &["serve"], "sslmode=require")
        .env("BEGRIP_SERVER_DATABASE_CA", &path)
        .output()
        .unwrap();
    let said = refused(&output);
    assert!(
        said.contains("database_url") && said.contains("not valid for name"),
        "{said}"
    );
}
