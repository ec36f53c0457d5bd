//! A server's tables of every version before this one, with everything that was done on them: brought up to date, and put
//! back from a backup of that time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use begrip_mock_model::MockConfig;
use begrip_postgres::Cluster;
use begrip_sync::{Act, Command, Sharing};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::backup::{backed_up, empty_site, path, refused};
use crate::homes::Home;
use crate::jobs::{made, terms, until_done};
use crate::models::{Models, answered, asking, question};
use crate::support::{Caller, Site, acceptance, act, cluster, concept, new, proposal, put};

/// The versions of the tables from which is brought up to date: the first that keeps a trail, those before jobs and before
/// their counts, and the two before the one of now.
const VERSIONS: [usize; 5] = [2, 6, 8, 10, 11];

/// The migrations in order, as they stand in the sources.
fn migrations() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let read = |file: &PathBuf| std::fs::read_to_string(file).unwrap();
    files.iter().map(read).collect()
}

fn lines(site: &Site<'_>, sql: &str) -> Vec<String> {
    let said = site.database.sql(sql).unwrap();
    said.lines().map(str::to_owned).collect()
}

/// Every table with the columns that are not worked out from others.
fn tables(site: &Site<'_>) -> BTreeMap<String, Vec<String>> {
    let sql = "SELECT c.relname || ' ' || string_agg(quote_ident(a.attname), ',' ORDER BY a.attnum) \
               FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
               AND a.attgenerated = '' WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' \
               AND c.relname <> 'schema_version' GROUP BY c.relname";
    let table = |line: String| {
        let (name, columns) = line.split_once(' ').unwrap();
        let columns = columns.split(',').map(str::to_owned).collect();
        (name.to_owned(), columns)
    };
    lines(site, sql).into_iter().map(table).collect()
}

/// The rows of these tables, in an order of their own.
fn rows(site: &Site<'_>, of: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<String>> {
    let read = |(name, columns): (&String, &Vec<String>)| {
        let sql = format!(
            "SELECT (t.*)::text FROM (SELECT {} FROM {name}) t ORDER BY 1",
            columns.join(",")
        );
        (name.clone(), lines(site, &sql))
    };
    of.iter().map(read).collect()
}

/// Tables of this version with all that stands in those of `full`, as far as there was a place for it.
fn older<'a>(cluster: &'a Cluster, full: &Site<'_>, version: usize) -> Site<'a> {
    let site = Site {
        database: cluster.database().unwrap(),
    };
    let owner = |sql: &str| site.database.sql_as("begrip_owner", sql).unwrap();
    for sql in migrations().iter().take(version) {
        owner(sql);
    }
    owner(&format!(
        "CREATE TABLE schema_version (version integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now()); \
         INSERT INTO schema_version SELECT generate_series(1, {version}); \
         GRANT SELECT ON schema_version TO begrip_server"
    ));
    let now = tables(full);
    let file = cluster.socket().join(format!("rows-{version}"));
    let mut with = tables(&site);
    // Which chores there are is the program's to say.
    with.remove("upkeep");
    for (name, columns) in with {
        let columns: Vec<&String> = columns
            .iter()
            .filter(|column| now[&name].contains(column))
            .collect();
        let columns = columns
            .iter()
            .map(|column| column.as_str())
            .collect::<Vec<_>>()
            .join(",");
        let file = file.display();
        full.database
            .sql(&format!("COPY (SELECT {columns} FROM {name}) TO '{file}'"))
            .unwrap();
        site.database
            .sql(&format!(
                "SET session_replication_role = replica; DELETE FROM {name}; COPY {name} ({columns}) FROM '{file}'"
            ))
            .unwrap();
    }
    for (name, value, given) in sequences(full) {
        let there = "SELECT count(*) FROM pg_sequences WHERE sequencename = ";
        if lines(&site, &format!("{there}'{name}'")) == ["1"] {
            let set = format!("SELECT setval('public.{name}', {value}, {given})");
            site.database.sql(&set).unwrap();
        }
    }
    site
}

fn sequences(site: &Site<'_>) -> Vec<(String, i64, bool)> {
    let sql = "SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL FROM pg_sequences \
               WHERE schemaname = 'public' ORDER BY 1";
    let sequence = |line: String| {
        let parts: Vec<&str> = line.split('|').collect();
        (
            parts[0].to_owned(),
            parts[1].parse().unwrap(),
            parts[2] == "t",
        )
    };
    lines(site, sql).into_iter().map(sequence).collect()
}

/// A server on which everything was done once, with the token of an author and of a reviewer.
struct Lived<'a> {
    models: Models<'a>,
    author: String,
    reviewer: String,
}

async fn one(caller: &Caller, command: Command) -> begrip_sync::Item {
    let answer = caller.push(&[command]).await.remove(0);
    assert!(answer.outcome.is_done(), "{answer:?}");
    answer.outcome.item().unwrap().clone()
}

async fn lived(cluster: &Cluster) -> Lived<'_> {
    let models = Models::on(Site::on(cluster), "", MockConfig::default()).await;
    let site = &models.site;
    let [author, reviewer] = [site.token("OM", "author"), site.token("DJI", "reviewer")];
    site.run(&["organisation", "budget", "OM", "--day-tokens", "100000"]);
    let node = models.node();
    let [anna, bert] = [&author, &reviewer].map(|token| node.caller(token));
    let odd = json!({"term": [null, "gebiedsgebod"],
        "definition": [null, "gebod van de rechter om zich in een bepaald gebied te bevinden"]});
    let item = one(&anna, put(concept(1), 0, odd, Some(Sharing::Chain))).await;
    one(&anna, act(item.id, 1, proposal(&item))).await;
    one(&bert, act(item.id, 2, acceptance(&item))).await;
    one(
        &anna,
        new(2, "tab\t, regel\n, \\N en é", Sharing::Organisation),
    )
    .await;
    one(&bert, new(3, "verlof", Sharing::Chain)).await;
    one(&bert, act(concept(3), 1, Act::Delete)).await;
    for term in ["vonnis", "arrest", "vonnis"] {
        assert_eq!(answered(asking(&anna, &question(term))).await.0, 200);
    }
    let job = made(&anna, &terms(3)).await;
    until_done(&anna, &job).await;
    drop(node);
    Lived {
        models,
        author,
        reviewer,
    }
}

/// What somebody sees of a server: every concept, and the sums of both.
async fn seen(site: &Site<'_>, token: &str) -> Value {
    let node = site.node();
    let caller = node.caller(token);
    let items = caller.everything().await;
    let closing = caller
        .page(items.last().map_or(0, |item| item.sequence))
        .await
        .closing;
    let mut trails = Vec::new();
    for item in &items {
        let response = caller
            .get(&format!("/v1/concepts/{}/trail", item.id.0))
            .await;
        trails.push(response.json::<Value>().await.unwrap());
    }
    json!({"items": items, "closing": closing.unwrap(), "trails": trails})
}

/// A workstation of before goes on, and so does one that begins now.
fn goes_on(site: &Site<'_>, anna: &mut Home, token: &str) {
    let node = site.node();
    anna.url.clone_from(&node.url);
    anna.sync();
    assert_eq!(
        anna.definition("gebiedsgebod"),
        "gebod van de rechter om zich in een bepaald gebied te bevinden"
    );
    anna.share("contactgebod", "na de overgang");
    anna.sync();
    let carla = Home::new(&node, token, "Carla");
    carla.sync();
    assert_eq!(carla.definition("contactgebod"), "na de overgang");
    assert!(!site.run(&["doctor"]).contains("FOUT"));
}

/// The workstation of an author who holds everything of this server.
fn workstation(lived: &Lived<'_>) -> Home {
    let node = lived.models.site.node();
    let home = Home::new(&node, &lived.author, "Anna");
    home.sync();
    home
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_every_version_are_brought_up_to_date_with_all_that_stands_in_them() {
    let lived = lived(cluster()).await;
    let full = &lived.models.site;
    let latest = migrations().len();
    let told = seen(full, &lived.author).await;
    let others = seen(full, &lived.reviewer).await;
    assert_ne!(told, others);
    for version in VERSIONS {
        let mut anna = workstation(&lived);
        let site = older(cluster(), full, version);
        let then = tables(&site);
        let before = rows(&site, &then);
        assert!(before["revision"].len() >= 6, "version {version}");
        // A server of now does not work on them, and says what to do.
        let said = refused(&site.output(&["serve"]));
        assert!(
            said.contains("tables_old: ") && said.contains("migrate"),
            "version {version}: {said}"
        );
        let said = site.run(&["migrate"]);
        assert!(
            said.contains(&format!("van versie {version} naar {latest}")),
            "{said}"
        );
        let after = rows(&site, &then);
        for (name, rows) in &before {
            // Chores of before are others now; there is a row for each.
            if name == "upkeep" {
                assert!(after[name].len() >= rows.len());
                continue;
            }
            assert_eq!(&after[name], rows, "version {version}: {name}");
        }
        assert_eq!(tables(&site), tables(full), "version {version}");
        if then.contains_key("job") {
            let counts = "SELECT queued, running, done, failed, questions, open FROM job";
            assert_eq!(
                lines(&site, counts),
                lines(full, counts),
                "version {version}"
            );
        }
        assert_eq!(seen(&site, &lived.author).await, told, "version {version}");
        assert_eq!(
            seen(&site, &lived.reviewer).await,
            others,
            "version {version}"
        );
        assert_eq!(
            site.run(&["doctor"])
                .lines()
                .find(|line| line.contains("logboek")),
            full.run(&["doctor"])
                .lines()
                .find(|line| line.contains("logboek")),
            "version {version}"
        );
        assert!(site.run(&["migrate"]).contains("zijn bij"));
        goes_on(&site, &mut anna, &lived.reviewer);
    }
}

/// A file of frames with its checksum, as `backup` writes one.
pub fn file_of(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"begrip-server backup 1\n".to_vec();
    for frame in frames {
        bytes.extend(u32::try_from(frame.len()).unwrap().to_be_bytes());
        bytes.extend(frame);
    }
    let sum = Sha256::digest(&bytes);
    bytes.extend(sum);
    bytes
}

/// The frames of such a file.
pub fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = bytes
        .strip_prefix(b"begrip-server backup 1\n".as_slice())
        .unwrap();
    rest = &rest[..rest.len() - 32];
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let (length, from) = rest.split_first_chunk().unwrap();
        let (frame, after) = from.split_at(u32::from_be_bytes(*length) as usize);
        frames.push(frame.to_vec());
        rest = after;
    }
    frames
}

/// The backup that a program of that time made of these tables; `order` is that of the tables of now.
fn backup_of_then(site: &Site<'_>, version: usize, order: &[String]) -> Vec<u8> {
    let head = lines(
        site,
        "SELECT json_build_object('at', now()::text, 'sequence', sequence, 'trail_count', 0, 'trail_hash', '') FROM server",
    );
    let mut head: Value = serde_json::from_str(&head[0]).unwrap();
    head["schema"] = json!(version);
    let mut frames = vec![head.to_string().into_bytes()];
    let mut tables = tables(site);
    let versions = vec!["version".to_owned(), "at".to_owned()];
    tables.insert("schema_version".to_owned(), versions);
    for name in order.iter().filter(|name| tables.contains_key(*name)) {
        let columns: Vec<String> = tables[name]
            .iter()
            .map(|column| column.replace('"', ""))
            .collect();
        frames.push(
            json!({"Table": {"name": name, "columns": columns}})
                .to_string()
                .into_bytes(),
        );
        let rows = site
            .database
            .sql(&format!(
                "COPY {name} ({}) TO STDOUT",
                tables[name].join(",")
            ))
            .unwrap();
        frames.extend(
            rows.split_inclusive('\n')
                .map(|row| row.as_bytes().to_vec()),
        );
        frames.push(Vec::new());
    }
    for (name, value, given) in sequences(site) {
        let part = json!({"Sequence": {"name": name, "value": value, "given": given}});
        frames.push(part.to_string().into_bytes());
    }
    frames.push(br#""End""#.to_vec());
    file_of(&frames)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_older_tables_is_restored_into_those_of_now_and_workstations_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let lived = lived(cluster()).await;
    let full = &lived.models.site;
    let whole = path(folder.path(), "nu");
    full.run(&["backup", &whole]);
    let now = frames(&std::fs::read(&whole).unwrap());
    let order: Vec<String> = now
        .iter()
        .filter_map(|frame| serde_json::from_slice::<Value>(frame).ok())
        .filter_map(|part| Some(part["Table"]["name"].as_str()?.to_owned()))
        .collect();
    assert!(order.len() > 15, "{order:?}");
    let told = seen(full, &lived.author).await;
    for version in [4, 7, 10] {
        let mut anna = workstation(&lived);
        let then = older(cluster(), full, version);
        let file = path(folder.path(), &format!("versie-{version}"));
        std::fs::write(&file, backup_of_then(&then, version, &order)).unwrap();
        let restored = empty_site();
        assert!(
            restored.run(&["restore", &file]).contains("Hersteld"),
            "version {version}"
        );
        let of_then = tables(&then);
        let (mut before, mut after) = (rows(&then, &of_then), rows(&restored, &of_then));
        // Its epoch is another one, so that workstations read everything again; chores are those of now.
        for name in ["server", "upkeep"] {
            before.remove(name);
            after.remove(name);
        }
        assert_eq!(after, before, "version {version}");
        assert_eq!(
            seen(&restored, &lived.author).await,
            told,
            "version {version}"
        );
        goes_on(&restored, &mut anna, &lived.reviewer);
    }
}

#[test]
fn what_a_newer_program_made_is_refused_by_name_and_nothing_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let (site, _, whole) = backed_up(folder.path());
    let mut newer = frames(&whole);
    let mut head: Value = serde_json::from_slice(&newer[0]).unwrap();
    let known = head["schema"].as_u64().unwrap();
    assert_eq!(known, migrations().len() as u64);
    head["schema"] = json!(known + 1);
    newer[0] = head.to_string().into_bytes();
    let file = path(folder.path(), "nieuwer");
    std::fs::write(&file, file_of(&newer)).unwrap();
    let empty = empty_site();
    let said = refused(&empty.output(&["restore", &file]));
    assert!(
        said.contains("restore_newer: ") && said.contains(&format!("versie {}", known + 1)),
        "{said}"
    );
    let nothing = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    assert_eq!(lines(&empty, nothing), ["0"]);
    // And so are tables that a newer program has brought up to date.
    let before = rows(&site, &tables(&site));
    let number = known + 1;
    let sql = format!("INSERT INTO schema_version (version) VALUES ({number})");
    site.database.sql(&sql).unwrap();
    let again = path(folder.path(), "nog eens");
    for args in [&["serve"][..], &["migrate"], &["backup", &again]] {
        let said = refused(&site.output(args));
        assert!(said.contains("tables_newer: "), "{args:?}: {said}");
    }
    assert_eq!(rows(&site, &tables(&site)), before);
    assert!(!Path::new(&again).exists());
}
