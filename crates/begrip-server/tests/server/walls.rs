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

/// What the serving role is told that works as an account, for an organisation.
fn acting(site: &Site<'_>, organisation: &str, account: &str, sql: &str) -> Result<String, String> {
    let set = format!("SET begrip.account = '{account}'; ");
    as_server(site, organisation, &format!("{set}{sql}"))
}

/// The number of a user.
fn account(site: &Site<'_>, name: &str) -> String {
    let sql = format!("SELECT id FROM account WHERE name = '{name}'");
    site.database.sql(&sql).unwrap().trim().to_owned()
}

#[test]
fn the_database_lets_an_administrator_administer_the_own_organisation_and_nobody_else() {
    let site = Site::new();
    for organisation in ["OM", "DJI"] {
        for role in ["administrator", "reviewer", "author"] {
            site.token(organisation, role);
        }
    }
    let closed = [
        "user",
        "add",
        "gesloten",
        "--organisation",
        "OM",
        "--role",
        "administrator",
    ];
    site.run(&closed);
    site.run(&["user", "disable", "gesloten", "--organisation", "OM"]);
    let [om, dji, reviewer, gone, author, other] = [
        "administrator van OM",
        "administrator van DJI",
        "reviewer van OM",
        "gesloten",
        "author van OM",
        "author van DJI",
    ]
    .map(|name| account(&site, name));
    let token = "(SELECT gen_random_uuid())";
    let acts = [
        "SELECT * FROM list_organisations()".to_owned(),
        "SELECT * FROM list_users()".to_owned(),
        "SELECT * FROM list_tokens()".to_owned(),
        "SELECT * FROM spent_by_user()".to_owned(),
        "SELECT * FROM list_administration(100, 100)".to_owned(),
        "SELECT add_user('nieuw', 'administrator', NULL)".to_owned(),
        format!("SELECT change_user('{author}', 'administrator', NULL, NULL)"),
        format!("SELECT unlink_user('{author}')"),
        format!("SELECT add_token(gen_random_uuid(), '{author}', '', 1)"),
        format!("SELECT revoke_token({token})"),
        "SELECT set_own_bounds(1, 1, 1, 1)".to_owned(),
        r#"SELECT change_own_bounds('{"own_day_tokens": 1}')"#.to_owned(),
    ];
    for (organisation, account) in [
        ("OM", ""),
        ("OM", reviewer.as_str()),
        ("OM", gone.as_str()),
        // An administrator, but elsewhere, or for no organisation.
        ("OM", dji.as_str()),
        ("DJI", om.as_str()),
        ("", om.as_str()),
    ] {
        for sql in &acts {
            let told = acting(&site, organisation, account, sql).unwrap_err();
            assert!(told.contains("not_administrator"), "{sql}\n{told}");
        }
    }
    // What belongs to another organisation is not there.
    for (sql, why) in [
        (
            format!("SELECT change_user('{other}', 'reader', true, 'a@b')"),
            "no_user",
        ),
        // Whatever the program let through, the database looks at the address itself.
        (
            "SELECT add_user('x', 'reader', 'a@b')".to_owned(),
            "other_domain",
        ),
        (
            format!("SELECT change_user('{author}', NULL, NULL, 'a@b')"),
            "other_domain",
        ),
        (format!("SELECT unlink_user('{other}')"), "no_user"),
        (
            format!("SELECT add_token(gen_random_uuid(), '{other}', '', 1)"),
            "no_user",
        ),
    ] {
        let told = acting(&site, "OM", &om, &sql).unwrap_err();
        assert!(told.contains(why), "{sql}\n{told}");
    }
    let hers = format!("SELECT id FROM token WHERE account = '{other}'");
    let hers = site.database.sql(&hers).unwrap();
    let revoke = format!("SELECT revoke_token('{}')", hers.trim());
    let told = acting(&site, "OM", &om, &revoke).unwrap_err();
    assert!(told.contains("no_token"), "{told}");
    let seen = "SELECT count(*), count(*) FILTER (WHERE organisation = 'OM') FROM list_users()";
    assert_eq!(acting(&site, "OM", &om, seen).as_deref(), Ok("4|4"));
    // And beside the functions there is no way, for an administrator neither.
    for sql in [
        "SELECT * FROM users",
        "SELECT * FROM tokens",
        "SELECT * FROM administration_log",
        "SELECT * FROM organisation",
        "INSERT INTO administration_log (organisation, name, act, about) VALUES ('OM', '', '', '')",
        "UPDATE budget SET own_day_tokens = NULL",
        "SELECT note_administration('closed', 'x', NULL, NULL)",
        "SELECT * FROM administers(false)",
        "SELECT set_budget(NULL, NULL, NULL, NULL)",
        "SELECT has_given_token(gen_random_uuid())",
        "SELECT * FROM email_domain",
        "INSERT INTO email_domain VALUES ('dji.example', 'OM')",
        "SELECT may_invite('OM', 'a@dji.example')",
        "SELECT barred(gen_random_uuid(), NULL)",
    ] {
        let told = acting(&site, "OM", &om, sql).unwrap_err();
        assert!(told.contains("permission denied"), "{sql}\n{told}");
    }
    for sql in [
        "DELETE FROM administration_log",
        "UPDATE administration_log SET name = ''",
        "TRUNCATE administration_log",
    ] {
        let told = site.database.sql_as("begrip_owner", sql).unwrap_err();
        assert!(told.to_string().contains("only added to"), "the owner too");
    }
}

#[tokio::test]
async fn what_runs_as_the_owner_never_takes_a_table_of_the_session_for_the_owners() {
    let site = shared().await;
    let loose = "SELECT string_agg(proname, ' ') FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef \
                 AND NOT coalesce('search_path=pg_catalog, public, pg_temp' = ANY (proconfig), false)";
    assert_eq!(site.database.sql(loose).unwrap().trim(), "");
    // Whoever took over the server's role lays out tables of the same names, with something to run.
    let trap = "CREATE TEMP TABLE job (id uuid, state text); \
        CREATE TEMP TABLE job_row (job uuid, state text, lease_until timestamptz, claim uuid); \
        INSERT INTO pg_temp.job VALUES (gen_random_uuid(), 'cancelled'); \
        INSERT INTO pg_temp.job_row SELECT id, 'running', now() - interval '1 day', NULL FROM pg_temp.job; \
        GRANT ALL ON pg_temp.job, pg_temp.job_row TO PUBLIC; \
        CREATE FUNCTION pg_temp.sprung() RETURNS trigger LANGUAGE plpgsql AS \
        $$ BEGIN RAISE EXCEPTION 'sprung as %', current_user; END $$; \
        CREATE TRIGGER sprung BEFORE UPDATE ON pg_temp.job_row FOR EACH ROW EXECUTE FUNCTION pg_temp.sprung(); ";
    let run = |last: &str| {
        let sql = format!("{trap}{last}");
        site.database.sql_as("begrip_server", &sql)
    };
    let sprung = run("UPDATE pg_temp.job_row SET state = 'x'").unwrap_err();
    assert!(sprung.to_string().contains("sprung as"), "{sprung:?}");
    run("SELECT end_lapsed_rows()").unwrap();
}

#[tokio::test]
async fn what_happened_elsewhere_is_not_read_nor_written_down_by_whoever_has_the_servers_role() {
    let site = Site::new();
    let node = site.node();
    let om = node.caller(&site.token("OM", "author"));
    let dji = node.caller(&site.token("DJI", "administrator"));
    let named = Sharing::Named {
        organisations: ["Rechtspraak".to_owned()].into(),
    };
    for (number, sharing) in [(1, Sharing::Organisation), (2, named), (3, Sharing::Chain)] {
        let term = format!("begrip {number}");
        om.push(&[new(number, &term, sharing)]).await;
    }
    dji.push(&[new(4, "verlof", Sharing::Organisation)]).await;
    // Something in the log of administration of both.
    for organisation in ["OM", "DJI"] {
        let of = ["--organisation", organisation];
        site.run(&[&["user", "add", "nieuw", "--role", "reader"][..], &of[..]].concat());
    }
    let run = |organisation: &str, sql: &str| as_server(&site, organisation, sql);
    let trail = "SELECT string_agg(right(concept::text, 1), '' ORDER BY number) FROM trail";
    for (organisation, seen) in [
        ("OM", "123"),
        ("Rechtspraak", "23"),
        ("DJI", "34"),
        ("Nergens", "3"),
        ("", ""),
    ] {
        assert_eq!(run(organisation, trail).unwrap(), seen, "{organisation}");
        // Nor by the way of joins, or of what the trail is bound to.
        let revisions = "SELECT string_agg(right(t.concept::text, 1), '' ORDER BY number) \
                         FROM trail t JOIN revision r ON r.concept = t.concept AND r.version = t.version";
        assert_eq!(
            run(organisation, revisions).unwrap(),
            seen,
            "{organisation}"
        );
    }
    // The links that the doctor walks are sums and no text.
    let links = "SELECT bool_and(octet_length(body) = 32 AND octet_length(hash) = 32) FROM trail_links(0, 100)";
    assert_eq!(run("DJI", links).unwrap(), "t");
    for (organisation, sql) in [
        (
            "DJI",
            "INSERT INTO trail (number, body, hash) SELECT 99, body, hash FROM trail LIMIT 1",
        ),
        ("OM", "UPDATE trail SET body = body"),
        ("OM", "DELETE FROM trail"),
        ("OM", "TRUNCATE trail"),
        ("OM", "SELECT * FROM administration_log"),
        ("OM", "SELECT count(*) FROM administration_log"),
        // By the function only as who administers that very organisation.
        ("OM", "SELECT * FROM list_administration(100000, 10)"),
        ("", "SELECT * FROM list_administration(100000, 10)"),
    ] {
        let refused = run(organisation, sql);
        assert!(refused.is_err(), "{organisation} {sql}: {refused:?}");
    }
    let chief = "SELECT id FROM account WHERE role = 'administrator' AND organisation = 'DJI'";
    let chief = site.database.sql(chief).unwrap();
    let chief = chief.trim();
    let log = "SELECT string_agg(DISTINCT organisation, ' ') FROM list_administration(100000, 100)";
    let own = acting(&site, "DJI", chief, log).unwrap();
    assert_eq!(own.trim(), "DJI");
    let told = acting(&site, "OM", chief, log).unwrap_err();
    assert!(told.contains("not_administrator"), "{told}");
}
