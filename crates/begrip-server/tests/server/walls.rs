//! The second wall: what the serving role cannot do, with any SQL.

use begrip_sync::{Act, Sharing};

use crate::support::{Site, act, concept, new};

/// What the serving role sees or is told, working for an organisation.
fn as_server(site: &Site<'_>, organisation: &str, sql: &str) -> Result<String, String> {
    let set = format!("SET begrip.organisation = '{organisation}'; ");
    let said = site
        .database
        .sql_as("begrip_server", &format!("{set}{sql}"));
    said.map(|text| text.trim().to_owned())
        .map_err(|error| error.to_string())
}

/// The OM has one concept for itself, one with DJI and one with the chain.
async fn shared() -> Site<'static> {
    let site = Site::new();
    let node = site.node();
    let om = node.caller(&site.token("OM", "author"));
    let named = Sharing::Named {
        organisations: ["DJI".to_owned()].into(),
    };
    om.push(&[
        new(1, "eigen", Sharing::Organisation),
        new(2, "met DJI", named),
        new(3, "keten", Sharing::Chain),
    ])
    .await;
    site
}

#[tokio::test]
async fn the_serving_role_sees_what_an_organisation_may_see_whatever_it_asks() {
    let site = shared().await;
    for (organisation, sees) in [
        ("OM", "3"),
        ("DJI", "2"),
        ("Rechtspraak", "1"),
        ("", "0"),
        ("CJIB", "1"),
    ] {
        for table in ["concept", "revision"] {
            let count = format!("SELECT count(*) FROM {table}");
            assert_eq!(
                as_server(&site, organisation, &count).as_deref(),
                Ok(sees),
                "{organisation} {table}"
            );
        }
    }
    let answers = "SELECT count(*) FROM command";
    assert_eq!(as_server(&site, "OM", answers).as_deref(), Ok("3"));
    assert_eq!(as_server(&site, "DJI", answers).as_deref(), Ok("0"));
    let nobody = site
        .database
        .sql_as("begrip_server", "SELECT count(*) FROM concept");
    assert_eq!(
        nobody.unwrap().trim(),
        "0",
        "without an organisation there is nothing"
    );
}

#[tokio::test]
async fn the_serving_role_cannot_do_what_no_organisation_may_do() {
    let site = shared().await;
    for (organisation, sql, why) in [
        (
            "DJI",
            "UPDATE concept SET version = version + 1, sequence = 99, sharing = 'chain' WHERE sharing = 'named'",
            "only its owner",
        ),
        (
            "DJI",
            "UPDATE concept SET version = version + 1, sequence = 99, deleted = true WHERE sharing = 'chain'",
            "only its owner",
        ),
        (
            "DJI",
            "UPDATE concept SET version = version + 1, sequence = 99, owner = 'DJI' WHERE sharing = 'chain'",
            "only goes on",
        ),
        (
            "OM",
            "UPDATE concept SET version = version + 2, sequence = 99",
            "only goes on",
        ),
        ("OM", "UPDATE concept SET item = '{}'", "only goes on"),
        (
            "DJI",
            "INSERT INTO concept (id, version, sequence, owner, sharing, shared_with, deleted, mark, item) VALUES (gen_random_uuid(), 1, 99, 'OM', 'chain', '{}', false, 0, '{}')",
            "row-level security",
        ),
        (
            "DJI",
            "INSERT INTO command (organisation, key, digest, answer) VALUES ('OM', gen_random_uuid(), '', '')",
            "row-level security",
        ),
        (
            "DJI",
            "INSERT INTO revision (concept, version, organisation, account, at, deleted, reason, item) SELECT id, 9, 'OM', gen_random_uuid(), now(), false, '', '' FROM concept",
            "row-level security",
        ),
        ("OM", "DELETE FROM concept", "permission denied"),
        ("OM", "DELETE FROM revision", "permission denied"),
        ("OM", "UPDATE revision SET item = ''", "permission denied"),
        ("OM", "UPDATE command SET answer = ''", "permission denied"),
        ("OM", "TRUNCATE concept", "permission denied"),
        ("OM", "SELECT * FROM token", "permission denied"),
        ("OM", "SELECT * FROM account", "permission denied"),
        ("OM", "SELECT * FROM identity", "permission denied"),
        (
            "OM",
            "INSERT INTO identity (issuer, subject, account) VALUES ('x', 'x', gen_random_uuid())",
            "permission denied",
        ),
        (
            "OM",
            "UPDATE account SET email = 'a@b'",
            "permission denied",
        ),
        (
            "OM",
            "INSERT INTO organisation (name, title) VALUES ('X', 'X')",
            "permission denied",
        ),
        (
            "OM",
            "UPDATE server SET epoch = gen_random_uuid()",
            "permission denied",
        ),
        (
            "OM",
            "ALTER TABLE concept DISABLE ROW LEVEL SECURITY",
            "must be owner",
        ),
        ("OM", "SET ROLE begrip_owner", "permission denied"),
    ] {
        let told = as_server(&site, organisation, sql).unwrap_err();
        assert!(told.contains(why), "{sql}\n{told}");
    }
    // The row of another organisation is not even found.
    let hidden =
        "UPDATE concept SET version = version + 1, sequence = 99 WHERE sharing = 'organisation'";
    let said = as_server(
        &site,
        "DJI",
        &format!("WITH u AS ({hidden} RETURNING 1) SELECT count(*) FROM u"),
    );
    assert_eq!(said.as_deref(), Ok("0"));
    for table in ["revision", "command"] {
        let told = site
            .database
            .sql_as("begrip_owner", &format!("DELETE FROM {table}"));
        assert!(
            told.unwrap_err().to_string().contains("only added to"),
            "the owner too"
        );
    }
}

#[tokio::test]
async fn an_identity_that_another_organisation_hides_is_neither_shown_nor_overwritten() {
    let site = shared().await;
    let node = site.node();
    let dji = node.caller(&site.token("DJI", "author"));
    let om = node.caller(&site.token("OM", "author"));
    let answers = dji
        .push(&[
            new(1, "gekaapt", Sharing::Chain),
            act(concept(1), 1, Act::Delete),
            new(9, "eigen", Sharing::Chain),
        ])
        .await;
    let said: Vec<String> = answers
        .iter()
        .map(|answer| {
            serde_json::to_value(&answer.outcome).unwrap()["outcome"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(said, ["refused", "refused", "accepted"]);
    assert!(
        !serde_json::to_string(&answers[..2])
            .unwrap()
            .contains("eigen")
    );
    let own = om.everything().await;
    assert_eq!(
        own.iter()
            .find(|item| item.id == concept(1))
            .unwrap()
            .texts
            .get("term"),
        "eigen"
    );
    // The numbers that were not used have left no gap.
    assert_eq!(own.last().unwrap().sequence, 4);
}

#[tokio::test]
async fn an_organisation_sees_and_changes_its_own_jobs_alone() {
    let site = Site::new();
    site.token("OM", "author");
    site.database
        .sql(
            "INSERT INTO job (id, organisation, account, name, model, digest, state)
               SELECT gen_random_uuid(), 'OM', id, 'x', 'x', '', 'running' FROM account;
             INSERT INTO job_row (job, number, organisation, term, context, state)
               SELECT id, 2, 'OM', 'vonnis', '{}', 'queued' FROM job;
             INSERT INTO job_turn VALUES ('OM', 1)",
        )
        .unwrap();
    for (organisation, sees) in [("OM", "1"), ("DJI", "0"), ("", "0")] {
        for table in ["job", "job_row", "job_turn"] {
            let count = format!("SELECT count(*) FROM {table}");
            let told = as_server(&site, organisation, &count);
            assert_eq!(told.as_deref(), Ok(sees), "{organisation} {table}");
        }
        let change = "WITH u AS (UPDATE job_row SET term = 'x' WHERE false OR term = 'vonnis' RETURNING 1) SELECT count(*) FROM u";
        if organisation != "OM" {
            assert_eq!(as_server(&site, organisation, change).as_deref(), Ok("0"));
        }
    }
    for (sql, why) in [
        (
            "INSERT INTO job (id, organisation, account, name, model, digest, state) SELECT gen_random_uuid(), 'OM', gen_random_uuid(), 'x', 'x', '', 'queued'",
            "row-level security",
        ),
        (
            "INSERT INTO job_row (job, number, organisation, term, context, state) VALUES (gen_random_uuid(), 1, 'OM', 'x', '{}', 'queued')",
            "row-level security",
        ),
        ("DELETE FROM job", "permission denied"),
        ("DELETE FROM job_row", "permission denied"),
        ("TRUNCATE job CASCADE", "permission denied"),
    ] {
        let told = as_server(&site, "DJI", sql).unwrap_err();
        assert!(told.contains(why), "{sql}\n{told}");
    }
    // Whoever takes a row for whatever organisation learns which, and no text of it.
    let claimed = as_server(
        &site,
        "DJI",
        "SELECT to_jsonb(c) FROM claim_job_row(60, 4) c",
    )
    .unwrap();
    assert!(
        claimed.contains("OM") && !claimed.contains("vonnis"),
        "{claimed}"
    );
}
