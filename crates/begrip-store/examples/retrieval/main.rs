//! Measures how well and how fast the articles of laws are found: for each question of
//! `questions.tsv` (question, law, numbers of the articles that are right) the place of the first
//! right article among those found.
//!
//! `retrieval [--failures] [--write FILE] [--check FILE] DIR` reads the laws of a folder into a store of its own.
//! `--check` fails when fewer are found than a file that was written says.
#![allow(
    clippy::print_stdout,
    reason = "a measuring program speaks to a person at a terminal"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use begrip_interchange::{Law, Source, known_law, read};
use begrip_store::{Change, NewArticle, NewSource, SourceKind, Store};
use jiff::Timestamp;
use jiff::civil::{Date, date};

type Failure = Box<dyn std::error::Error>;

/// Any day: the laws of the folder are read without a date of their own or with one before it.
const DAY: Date = date(2026, 1, 1);

/// Rounds over all questions for the time.
const ROUNDS: usize = 20;

struct Question {
    words: String,
    law: String,
    articles: Vec<String>,
}

/// Where the first right article stands, 1 for the first; none beyond the fifth.
type Place = Option<usize>;

fn main() -> Result<(), Failure> {
    let mut folder: Option<PathBuf> = None;
    let (mut write, mut check, mut failures) = (None, None, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--write" => write = arguments.next(),
            "--check" => check = arguments.next(),
            "--failures" => failures = true,
            _ => folder = Some(PathBuf::from(argument)),
        }
    }
    let folder = folder.ok_or("name a folder with laws (XML or Markdown)")?;
    let home = tempfile::tempdir()?;
    let (store, _) = Store::open(home.path(), false, Timestamp::UNIX_EPOCH)?;
    let laws = import(&store, &folder)?;
    let questions = questions(&laws)?;
    if questions.is_empty() {
        return Err("the folder has none of the laws that the questions are about".into());
    }
    let mut places = Vec::new();
    for question in &questions {
        let place = place(&store, question)?;
        if failures && place != Some(1) {
            let found = store.passages(&question.words, DAY, 3)?;
            let found: Vec<String> = found
                .iter()
                .map(|hit| format!("{} {}", hit.article.version.title, hit.article.number))
                .collect();
            println!("{place:?} {}: {}", question.words, found.join("; "));
        }
        places.push(place);
    }
    let table = table(&questions, &places, &laws, &times(&store, &questions)?);
    print!("{table}");
    if let Some(file) = check {
        no_fewer(&fs::read_to_string(file)?, &table)?;
    }
    if let Some(file) = write {
        fs::write(file, format!("{HEAD}{table}"))?;
    }
    Ok(())
}

/// Fails when a row of a law, or that of all, has fewer right articles than it had.
fn no_fewer(before: &str, now: &str) -> Result<(), Failure> {
    for row in rows(before) {
        let same = rows(now).find(|other| other.0 == row.0);
        let (_, found) = same.ok_or_else(|| format!("no figures of {}", row.0))?;
        if found.iter().zip(&row.1).any(|(now, before)| now < before) {
            return Err(format!("{}: {:?} were found, now {found:?}", row.0, row.1).into());
        }
    }
    Ok(())
}

/// The rows of a table: the name, and how many are among the first 1, 3 and 5.
fn rows(table: &str) -> impl Iterator<Item = (&str, Vec<usize>)> {
    table.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let number = |cell: &&str| cell.split(' ').next()?.parse().ok();
        let found: Option<Vec<usize>> = cells.get(3..6)?.iter().map(number).collect();
        Some((*cells.first()?, found?))
    })
}

const HEAD: &str = "\
# How well articles are found

Written by `cargo xtask retrieval DIR --write docs/retrieval.md`; do not edit. The questions are terms and short
phrases with the number of the article that a lawyer would open, written for this measurement
(`crates/begrip-store/examples/retrieval/questions.tsv`); no text of a law stands there. Recall at *k* is the share of
questions with a right article among the first *k* of all articles of all laws. The time is that of one look-up of the
best three in the encrypted store. The weights of the search were chosen with these questions in view: the figures
say how good it is on them, and are no promise for other questions. `cargo xtask retrieval DIR --check docs/retrieval.md`
fails when fewer are found; the laws are no part of the repository, so a test holds the search to its figures on the
texts of the starter set (`crates/begrip-app/tests/app/finding.rs`).

";

/// Reads the laws of a folder into the store; their ids, titles and numbers of articles.
fn import(store: &Store, folder: &Path) -> Result<Vec<(String, String, usize)>, Failure> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    let mut laws = Vec::new();
    for path in paths.iter().filter(|path| path.is_file()) {
        let Ok(Source::Law(law)) = read(&path.to_string_lossy(), &fs::read(path)?, None) else {
            continue;
        };
        laws.push((law.id.clone(), law.title.to_string(), law.articles.len()));
        let change = Change {
            author: "retrieval",
            at: Timestamp::UNIX_EPOCH,
            reason: "",
        };
        store.keep_source(&source(&law), &[], &change)?;
    }
    Ok(laws)
}

fn source(law: &Law) -> NewSource {
    NewSource {
        id: law.id.clone(),
        kind: SourceKind::Law,
        title: law.title.to_string(),
        valid_from: law.valid_from,
        valid_to: law.valid_to,
        articles: law
            .articles
            .iter()
            .map(|article| NewArticle {
                number: article.number.clone(),
                path: article.path.join(" › "),
                text: article.text(),
                address: String::new(),
            })
            .collect(),
    }
}

/// The questions about laws that are there.
fn questions(laws: &[(String, String, usize)]) -> Result<Vec<Question>, Failure> {
    let mut questions = Vec::new();
    for line in include_str!("questions.tsv").lines() {
        let mut parts = line.split('\t');
        let (Some(words), Some(law), Some(articles)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(format!("not three columns: {line}").into());
        };
        let law = known_law(law).ok_or_else(|| format!("unknown law: {line}"))?;
        if laws.iter().any(|(id, ..)| id == law.id) {
            questions.push(Question {
                words: words.to_owned(),
                law: law.id.to_owned(),
                articles: articles.split('|').map(str::to_owned).collect(),
            });
        }
    }
    Ok(questions)
}

fn place(store: &Store, question: &Question) -> Result<Place, Failure> {
    let found = store.passages(&question.words, DAY, 5)?;
    let right = found.iter().position(|hit| {
        let number = &hit.article.number;
        hit.article.version.id == question.law && question.articles.contains(number)
    });
    Ok(right.map(|at| at + 1))
}

/// How long each look-up of the best three took, the shortest first.
fn times(store: &Store, questions: &[Question]) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        for question in questions {
            let begun = Instant::now();
            store.passages(&question.words, DAY, 3)?;
            times.push(begun.elapsed());
        }
    }
    times.sort();
    Ok(times)
}

fn table(
    questions: &[Question],
    places: &[Place],
    laws: &[(String, String, usize)],
    times: &[Duration],
) -> String {
    let mut out = String::from(
        "| law | articles | questions | recall@1 | recall@3 | recall@5 |\n|---|--:|--:|--:|--:|--:|\n",
    );
    let mut row = |name: &str, articles: usize, own: &[Place]| {
        let _ = write!(out, "| {name} | {articles} | {} |", own.len());
        for most in [1, 3, 5] {
            let found = own
                .iter()
                .filter(|place| place.is_some_and(|at| at <= most))
                .count();
            let share = 100.0 * found as f64 / own.len().max(1) as f64;
            let _ = write!(out, " {found} ({share:.0} %) |");
        }
        out.push('\n');
    };
    for (id, title, articles) in laws {
        let own: Vec<Place> = questions
            .iter()
            .zip(places)
            .filter(|(question, _)| question.law == *id)
            .map(|(_, place)| *place)
            .collect();
        // A law without questions makes finding harder, and has no figure of its own.
        if !own.is_empty() {
            row(title, *articles, &own);
        }
    }
    let articles = laws.iter().map(|(_, _, articles)| articles).sum();
    row("all", articles, places);
    let at = |share: usize| {
        let index = (times.len() * share / 100).min(times.len().saturating_sub(1));
        times
            .get(index)
            .map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    };
    let build = if cfg!(debug_assertions) {
        "an unoptimised build"
    } else {
        "an optimised build"
    };
    let _ = writeln!(
        out,
        "\nTime of {} look-ups in {build}: median {:.2} ms, p95 {:.2} ms, slowest {:.2} ms.",
        times.len(),
        at(50),
        at(95),
        at(100)
    );
    out
}
