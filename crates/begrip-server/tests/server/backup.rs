//! A backup holds everything, and a server on what was restored goes on.

use std::path::Path;
use std::process::Output;

use begrip_sync::Sharing;
use serde_json::json;

use crate::homes::Home;
use crate::support::{Site, cluster, concept, new, put};

/// What was said on standard error by a chore that must fail.
#[track_caller]
pub fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A database without tables.
pub fn empty_site() -> Site<'static> {
    Site {
        database: cluster().database().unwrap(),
    }
}

pub fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_restored_server_syncs_on_with_the_same_workstations_and_none_strays() {
    let folder = tempfile::tempdir().unwrap();
    let file = path(folder.path(), "begrip.backup");
    let site = Site::new();
    let node = site.node();
    let mut anna = Home::new(&node, &site.token("OM", "author"), "Anna");
    let mut bert = Home::new(&node, &site.token("DJI", "author"), "Bert");
    anna.share("gebiedsgebod", "begin");
    anna.sync();
    bert.sync();
    bert.edit("gebiedsgebod", "andere woorden");
    bert.sync();
    let whole = site.run(&["backup", &file]);
    let trail = site.run(&["doctor"]);
    let trail = trail.lines().find(|line| line.contains("logboek")).unwrap();
    assert!(
        whole.contains(trail.rsplit(' ').next().unwrap()),
        "{whole} {trail}"
    );
    // What comes after the backup is gone from the server, and stays on the workstations that have it.
    anna.sync();
    anna.edit("gebiedsgebod", "na de back-up");
    anna.share("contactgebod", "ook na de back-up");
    anna.sync();
    bert.sync();
    // This waits while the server is away.
    bert.edit("gebiedsgebod", "onderweg");
    drop(node);

    let restored = empty_site();
    assert!(restored.run(&["restore", &file]).contains("Hersteld"));
    let doctor = restored.run(&["doctor"]);
    assert!(
        doctor.contains(trail),
        "the chain ends where it ended: {doctor}"
    );
    let node = restored.node();
    for home in [&mut anna, &mut bert] {
        home.url.clone_from(&node.url);
    }
    for _ in 0..2 {
        // Equal by the checksum, or `sync` fails here.
        anna.sync();
        let report = bert.good(&["sync"]);
        assert_eq!(report["equal"], true, "{report}");
    }
    let told = bert.good(&["concepts", "show", "gebiedsgebod", "--history"]);
    for text in ["na de back-up", "onderweg"] {
        assert!(
            told.to_string().contains(text),
            "nothing typed is lost: {told}"
        );
    }
    for home in [&anna, &bert] {
        assert_eq!(home.definition("contactgebod"), "ook na de back-up");
    }
    anna.edit("gebiedsgebod", "weer verder");
    anna.share("locatiegebod", "nieuw");
    anna.sync();
    bert.sync();
    assert_eq!(bert.definition("locatiegebod"), "nieuw");
    assert!(!restored.run(&["doctor"]).contains("FOUT"));
}

/// Every row of every table, in an order of its own.
fn everything(site: &Site<'_>) -> String {
    let tables = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class \
                  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'";
    let names = site.database.sql(tables).unwrap();
    let rows = names.split_whitespace().map(|name| {
        // Its epoch alone is new.
        let row = match name {
            "server" => "to_jsonb(t) - 'epoch'",
            _ => "to_jsonb(t)",
        };
        let sql = format!("SELECT ({row})::text FROM \"{name}\" t ORDER BY 1");
        format!("== {name}\n{}", site.database.sql(&sql).unwrap())
    });
    rows.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_holds_every_row_of_every_organisation_and_its_walls_stand_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = path(folder.path(), "begrip.backup");
    let site = Site::new();
    let node = site.node();
    for (number, organisation) in (1_u128..).zip(["OM", "DJI"]) {
        let caller = node.caller(&site.token(organisation, "author"));
        let odd = json!({"definition": ["tekst", "tab\t, regel\n, \\N en \\. en é"]});
        caller
            .push(&[
                new(number, "eigen", Sharing::Organisation),
                put(concept(number), 1, odd, None),
            ])
            .await;
    }
    site.run(&["backup", &file]);
    let restored = empty_site();
    restored.run(&["restore", &file]);
    assert_eq!(everything(&restored), everything(&site));
    let seen = |sql: &str| restored.database.sql_as("begrip_server", sql);
    assert_eq!(seen("SELECT count(*) FROM concept").unwrap().trim(), "0");
    let own = "SET begrip.organisation = 'OM'; SELECT count(*) FROM concept";
    assert_eq!(seen(own).unwrap().trim(), "1");
    for changed in [
        "UPDATE trail SET body = body",
        "TRUNCATE trail",
        "DELETE FROM revision",
    ] {
        assert!(restored.database.sql(changed).is_err(), "{changed}");
    }
}

#[test]
fn the_time_since_a_backup_is_not_held_against_jobs_that_were_open() {
    let folder = tempfile::tempdir().unwrap();
    let file = path(folder.path(), "begrip.backup");
    let site = Site::new();
    site.token("OM", "author");
    let open = "INSERT INTO job (id, organisation, account, name, model, digest, state, progress_at) \
                SELECT gen_random_uuid(), 'OM', id, 'reeks', 'groot', '', 'queued', now() - interval '30 days' \
                FROM account";
    site.database.sql(open).unwrap();
    site.run(&["backup", &file]);
    let restored = empty_site();
    restored.run(&["restore", &file]);
    let anew = "SELECT count(*) FROM job WHERE progress_at > now() - interval '1 hour'";
    assert_eq!(restored.database.sql(anew).unwrap().trim(), "1");
}

#[test]
fn a_backup_that_cannot_be_put_back_whole_is_refused_with_a_sentence_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new();
    let good = path(folder.path(), "goed");
    site.run(&["backup", &good]);
    let whole = std::fs::read(&good).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).unwrap();
        path(folder.path(), name)
    };
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    let empty = empty_site();
    for (file, told) in [
        (write("beschadigd", &changed), "beschadigd"),
        (write("kort", &whole[..whole.len() - 40]), "afgebroken"),
        (write("anders", b"PGDMP"), "geen back-up van begrip-server"),
        (path(folder.path(), "nergens"), "nergens"),
    ] {
        let said = refused(&empty.output(&["restore", &file]));
        assert!(said.contains(told), "{file}: {said}");
    }
    let tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    assert_eq!(empty.database.sql(tables).unwrap().trim(), "0");
    let said = refused(&site.output(&["restore", &good]));
    assert!(said.contains("niet leeg"), "{said}");
    let said = refused(&site.output(&["backup", &good]));
    assert!(said.contains("kan niet worden gemaakt"), "{said}");
    assert_eq!(
        std::fs::read(&good).unwrap(),
        whole,
        "a backup is not written over"
    );
    // A role that may not see every row makes no backup that lacks some.
    let blind = path(folder.path(), "blind");
    let mut command = site.command(&["backup", &blind]);
    command.env(
        "BEGRIP_SERVER_OWNER_URL",
        site.database.url("begrip_server"),
    );
    let said = refused(&command.output().unwrap());
    assert!(said.contains("owner_url"), "{said}");
    assert!(!Path::new(&blind).exists());
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_a_backup() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = path(folder.path(), "begrip.backup");
    Site::new().run(&["backup", &file]);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
}
