//! A backup holds everything, and a server on what was restored goes on.

use std::path::Path;
use std::process::Output;

use begrip_sync::Sharing;
use serde_json::json;

use crate::homes::Home;
use crate::support::{Site, cluster, concept, new, put};
use crate::upgrading::{file_of, frames};

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

/// A site, where its backup stands, and what is in that.
pub fn backed_up(folder: &Path) -> (Site<'static>, String, Vec<u8>) {
    let site = Site::new();
    let good = path(folder, "goed");
    site.run(&["backup", &good]);
    let whole = std::fs::read(&good).unwrap();
    (site, good, whole)
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
pub fn everything(site: &Site<'_>) -> String {
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

/// The code with which a chore was refused; the sentence says what to do and ends as one, but for a detail.
#[track_caller]
pub fn code(output: &Output) -> String {
    let said = refused(output);
    let told = said.strip_prefix("begrip-server: ").unwrap();
    let (code, sentence) = told.split_once(": ").unwrap();
    assert!(sentence.contains(". "), "{said}");
    code.to_owned()
}

/// The tables in a database.
fn tables_of(site: &Site<'_>) -> String {
    let tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    site.database.sql(tables).unwrap().trim().to_owned()
}

#[test]
fn each_file_that_cannot_be_put_back_whole_is_refused_by_its_own_code_and_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let (site, good, whole) = backed_up(folder.path());
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).unwrap();
        path(folder.path(), name)
    };
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    // Whole by its checksum, and with a table that this program does not have.
    let mut odd = frames(&whole);
    let table = odd
        .iter()
        .position(|frame| frame.starts_with(br#"{"Table""#));
    odd[table.unwrap()] = br#"{"Table": {"name": "niets", "columns": ["x"]}}"#.to_vec();
    let mut newer = frames(&whole);
    newer[0] = String::from_utf8(newer[0].clone())
        .unwrap()
        .replace("\"schema\":", "\"schema\":9")
        .into_bytes();
    let folder_itself = folder.path().to_str().unwrap().to_owned();
    let empty = empty_site();
    for (file, expected) in [
        (write("leeg", b""), "restore_empty"),
        (
            write("anders", b"PGDMP, van een ander programma"),
            "restore_foreign",
        ),
        (write("begin", &whole[..10]), "restore_damaged"),
        (write("kort", &whole[..whole.len() - 40]), "restore_damaged"),
        (write("beschadigd", &changed), "restore_damaged"),
        (write("vreemd", &file_of(&odd)), "restore_unlike"),
        (write("nieuwer", &file_of(&newer)), "restore_newer"),
        (path(folder.path(), "nergens"), "restore_unreadable"),
        (folder_itself, "restore_unreadable"),
    ] {
        let output = empty.output(&["restore", &file]);
        assert_eq!(code(&output), expected, "{file}");
        assert_eq!(tables_of(&empty), "0", "{file}");
    }
    // The disk of the database is full in the middle of it: as PostgreSQL says so, by its own code.
    let full = empty_site();
    full.database
        .sql(
            "CREATE SCHEMA elders; \
             CREATE FUNCTION elders.full() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN \
               RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$; \
             CREATE EVENT TRIGGER full_disk ON ddl_command_end WHEN TAG IN ('CREATE TABLE') \
               EXECUTE FUNCTION elders.full()",
        )
        .unwrap();
    let output = full.output(&["restore", &good]);
    assert_eq!(code(&output), "restore_disk_full");
    assert!(refused(&output).contains("No space left"), "{output:?}");
    assert_eq!(tables_of(&full), "0");
    full.database
        .sql("DROP EVENT TRIGGER full_disk; DROP SCHEMA elders CASCADE")
        .unwrap();
    assert!(full.run(&["restore", &good]).contains("Hersteld"));

    let before = everything(&site);
    let output = site.output(&["restore", &good]);
    assert_eq!(code(&output), "restore_not_empty");
    assert_eq!(everything(&site), before);
    let mut away = empty.command(&["restore", &good]);
    away.env("BEGRIP_SERVER_OWNER_URL", "postgresql://x@127.0.0.1:1/x");
    assert_eq!(code(&away.output().unwrap()), "owner_unreachable");
}

#[test]
fn a_backup_that_cannot_be_made_leaves_no_file_and_is_told_by_its_own_code() {
    let folder = tempfile::tempdir().unwrap();
    let (site, good, whole) = backed_up(folder.path());
    assert_eq!(code(&site.output(&["backup", &good])), "backup_exists");
    assert_eq!(
        std::fs::read(&good).unwrap(),
        whole,
        "a backup is not written over"
    );
    let nowhere = path(folder.path(), "map/die/er/niet/is");
    assert_eq!(
        code(&site.output(&["backup", &nowhere])),
        "backup_unwritable"
    );
    // A role that may not see every row makes no backup that lacks some.
    let blind = path(folder.path(), "blind");
    let mut command = site.command(&["backup", &blind]);
    command.env(
        "BEGRIP_SERVER_OWNER_URL",
        site.database.url("begrip_server"),
    );
    assert_eq!(code(&command.output().unwrap()), "backup_blind");
    let none = empty_site();
    let untold = path(folder.path(), "zonder tabellen");
    assert_eq!(code(&none.output(&["backup", &untold])), "tables_missing");
    for name in ["blind", "zonder tabellen"] {
        assert!(!folder.path().join(name).exists(), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_backup_for_which_there_is_no_room_is_taken_away_again_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new();
    let file = path(folder.path(), "begrip.backup");
    // A bound on the size of files stands for a disk that is full: the system refuses the next byte alike.
    let plain = site.command(&["backup", &file]);
    let mut bounded = std::process::Command::new("sh");
    bounded
        .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""])
        .arg(plain.get_program())
        .args(plain.get_args())
        .env_clear()
        .envs(
            plain
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
    let output = bounded.output().unwrap();
    assert_eq!(code(&output), "backup_disk_full");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    site.run(&["backup", &file]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_that_was_changed_before_the_backup_is_told_and_all_else_is_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = path(folder.path(), "begrip.backup");
    let site = Site::new();
    let node = site.node();
    let caller = node.caller(&site.token("OM", "author"));
    caller
        .push(&[
            new(1, "vonnis", Sharing::Chain),
            new(2, "arrest", Sharing::Chain),
        ])
        .await;
    drop(node);
    site.database
        .sql(
            "SET session_replication_role = replica; UPDATE trail SET body = body || ' ' WHERE number = 1",
        )
        .unwrap();
    site.run(&["backup", &file]);
    let restored = empty_site();
    let output = restored.output(&["restore", &file]);
    assert_eq!(code(&output), "restore_trail");
    assert!(
        refused(&output).contains("regel 1 is veranderd"),
        "{output:?}"
    );
    assert_eq!(everything(&restored), everything(&site));
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
