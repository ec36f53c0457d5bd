//! What one thing takes and what follows from that, for `docs/operator-guide.md`: from the latest result, and never typed.

use std::path::Path;

use anyhow::{Context as _, Result};
use begrip_measure::page::{figures, line};

use crate::load_table;

/// Whose part of the page it is.
pub const COMMAND: &str = "cargo xtask bench --sums";

/// The scenario that measures it.
pub const SCENARIO: &str = "sums";

/// Users of the whole chain.
const EVERYBODY: f64 = 50_000.0;

/// Concepts that a chain may come to, and the versions of each.
const CONCEPTS: f64 = 100_000.0;
const VERSIONS: f64 = 10.0;

/// Both tables.
///
/// # Errors
/// When there is no result, or one that lacks a figure.
pub fn tables(results: &Path) -> Result<String> {
    let latest = load_table::latest(results)?;
    let (name, result) = latest
        .get(SCENARIO)
        .context("no result of a long run of the scenario ‘sums’")?;
    let about = &result["about"];
    let found = &result["figures"];
    let figure = |name: &str| {
        let value = found[name].as_f64();
        value.with_context(|| format!("the result has no {name}"))
    };
    let [lines, line_kb, told] = [
        figure("lines")?,
        figure("line_kb")?,
        figure("told_last_ms")?,
    ];
    let [asks, pages, page] = [
        figure("asks_a_second")?,
        figure("pages_a_second")?,
        figure("page_concepts")?,
    ];
    let [one, hundreds, push] = [
        figure("changes_a_second")?,
        figure("changes_in_hundreds_a_second")?,
        figure("a_push")?,
    ];
    let [concept, version] = [figure("concept_bytes")?, figure("version_bytes")?];
    let load = |when: &str| about[when][0].as_f64().map_or("?".to_owned(), figures);
    let mut out = format!(
        "What one thing takes, measured with PostgreSQL and whoever asked on the same two cores (`{name}`, load average {} before and {} after{}{}):\n\n\
         | what | measured |\n|---|---|\n",
        load("load_average_before"),
        load("load_average_after"),
        match about["optimised"] == true {
            true => "",
            false => ", NOT OPTIMISED",
        },
        about["note"]
            .as_str()
            .map_or(String::new(), |note| format!("; {note}")),
    );
    let mut row = |what: String, value: String| out.push_str(&line(&[what, value]));
    row(
        "a workstation that listens".to_owned(),
        format!(
            "{} kB of memory; {} lines: {} MB",
            whole(line_kb),
            figures(lines),
            whole(line_kb * lines / 1_000.0)
        ),
    );
    row(
        format!("telling {} that something changed", figures(lines)),
        format!("{} s for the last", figures(told / 1_000.0)),
    );
    row(
        "asking what changed, when nothing did".to_owned(),
        format!("two questions, {} workstations a second", whole(asks)),
    );
    row(
        format!("a page of {} concepts", figures(page)),
        format!("{} a second", whole(pages)),
    );
    row(
        "a change".to_owned(),
        format!("{} a second, one after another", whole(one)),
    );
    row(
        "a new concept".to_owned(),
        format!(
            "{} a second, in pushes of {}",
            whole(hundreds),
            figures(push)
        ),
    );
    row(
        "a short concept".to_owned(),
        format!(
            "{} bytes in the database with its indexes, and {} for each version with its entry in the trail",
            figures(concept),
            figures(version)
        ),
    );
    out.push_str("\nWhat follows from it by sums alone:\n\n| what | projected |\n|---|---|\n");
    let mut row = |what: String, value: String| out.push_str(&line(&[what, value]));
    row(
        "workstations that listen".to_owned(),
        format!(
            "500: {} MB. {}: {} GB over all nodes, and as many open files (`LimitNOFILE`, `connections`)",
            whole(line_kb * 0.5),
            figures(EVERYBODY),
            figures(tenths(line_kb * EVERYBODY / 1e6))
        ),
    );
    row(
        format!(
            "{} who are told of a change and each ask once what changed",
            figures(EVERYBODY)
        ),
        format!(
            "{} s on one such node, {} s on ten",
            whole(EVERYBODY / asks),
            figures(tenths(EVERYBODY / asks / 10.0))
        ),
    );
    row(
        format!("a first sync of {} concepts", figures(CONCEPTS)),
        format!("{} pages", whole((CONCEPTS / page).ceil())),
    );
    row(
        "changes with more nodes".to_owned(),
        "no more than with one: that bound is of the database".to_owned(),
    );
    row(
        format!(
            "{} short concepts with {} versions",
            figures(CONCEPTS),
            figures(VERSIONS)
        ),
        format!(
            "{} GB",
            figures(tenths(CONCEPTS * (concept + VERSIONS * version) / 1e9))
        ),
    );
    Ok(out)
}

fn whole(value: f64) -> String {
    figures(value.round())
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
