//! The result as Markdown.

use begrip_measure::page::{figures, line};
use begrip_measure::statistics::{Spread, Stat};

use crate::row::{Baseline, Row};

/// Three tables: what was measured, what the old system said of itself, and what was done.
pub fn markdown(rows: &[Row]) -> String {
    let mut out = String::from(
        "| what | old way, measured | ours, measured | ratio | must | met |\n|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let cells = [
            row.what.clone(),
            match &row.baseline {
                Baseline::Measured(_) => cell(row, row.baseline_spread()),
                Baseline::NotMeasured(why) => format!("not measured: {why}"),
            },
            match row.spread() {
                None => format!("not measured: {}", row.ours.does),
                spread => cell(row, spread),
            },
            row.ratio().map_or_else(
                || "–".to_owned(),
                |ratio| format!("× {}", figures(rounded(ratio))),
            ),
            must(row),
            met(row).to_owned(),
        ];
        out.push_str(&line(&cells));
    }
    out.push_str("\nFigures that the old system gave of itself, on another machine: quoted, not measured here.\n\n| what | old system, quoted |\n|---|---|\n");
    for (row, quoted) in rows.iter().filter_map(|row| Some((row, row.quoted?))) {
        out.push_str(&line(&[row.what.clone(), quoted.to_owned()]));
    }
    out.push_str("\nWhat was done, row by row.\n\n");
    out.push_str(&done(rows, ["Old way", "Ours"]));
    out
}

/// One table of what was measured against a real model and what that was compared with, and what was done.
pub fn of_a_real_model(rows: &[Row]) -> String {
    let mut out = String::from(
        "| what | measured | compared with | times as much | must | met |\n|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let measured = match row.spread() {
            None => format!("not measured: {}", row.ours.does),
            spread => cell(row, spread),
        };
        let other = match row.baseline_spread() {
            None => "–".to_owned(),
            spread => cell(row, spread),
        };
        out.push_str(&line(&[
            row.what.clone(),
            measured,
            other,
            row.ratio()
                .map_or_else(|| "–".to_owned(), |ratio| figures(rounded(ratio))),
            must(row),
            met(row).to_owned(),
        ]));
    }
    out.push_str("\nWhat was done, row by row.\n\n");
    out.push_str(&done(rows, ["Compared with", "Measured"]));
    out
}

fn must(row: &Row) -> String {
    let bar = row.bar.as_ref();
    bar.map_or_else(|| "–".to_owned(), |bar| bar.says.clone())
}

fn met(row: &Row) -> &'static str {
    match &row.bar {
        None => "–",
        Some(bar) if bar.met => "yes",
        Some(_) => "**no**",
    }
}

/// What was done for each row, with the names of its two sides.
fn done(rows: &[Row], [other, ours]: [&str; 2]) -> String {
    let mut out = String::new();
    for row in rows {
        out.push_str(&format!("- **{}** (`{}`). ", row.what, row.id));
        match &row.baseline {
            Baseline::Measured(old) => out.push_str(&format!("{other}: {}. ", old.does)),
            Baseline::NotMeasured(_) => {}
        }
        if !row.ours.samples.is_empty() {
            out.push_str(&format!("{ours}: {}.", row.ours.does));
        }
        for note in &row.notes {
            out.push_str(&format!(" {note}."));
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

/// The figure that the row is judged by, and those beside it.
fn cell(row: &Row, spread: Option<Spread>) -> String {
    let Some(spread) = spread else {
        return "not measured".to_owned();
    };
    let main = row.unit.show(row.stat.of(&spread));
    if spread.min == spread.max {
        return main;
    }
    let others = [Stat::Median, Stat::P95, Stat::Mean, Stat::Max]
        .into_iter()
        .filter(|stat| *stat != row.stat && (*stat != Stat::Mean || spread.n < 20))
        .filter(|stat| *stat != Stat::P95 || spread.n >= 20)
        .map(|stat| format!("{} {}", stat.name(), row.unit.show(stat.of(&spread))))
        .collect::<Vec<_>>()
        .join(", ");
    format!("{} {main} ({others}; n {})", row.stat.name(), spread.n)
}

fn rounded(ratio: f64) -> f64 {
    if ratio >= 100.0 { ratio.round() } else { ratio }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Unit;

    fn rows() -> Vec<Row> {
        let met = Row::new("a", "calls", (Unit::Calls, Stat::Max), "asks once")
            .ours(vec![1.0, 1.0])
            .against("asks for each part", vec![7.0, 7.0])
            .must("1, at most 2", |s| s.max <= 2.0)
            .quoted("7");
        let missed = Row::new("b", "look | up", (Unit::Micros, Stat::P95), "searches")
            .ours((1..=40).map(f64::from).collect())
            .against_nothing("no such thing")
            .must("p95 ≤ 3 µs", |s| s.p95 <= 3.0)
            .note("a note");
        let bare = Row::new("c", "window", (Unit::Millis, Stat::P95), "no display");
        vec![met, missed, bare]
    }

    #[test]
    fn each_row_stands_in_the_table_with_its_verdict() {
        let text = markdown(&rows());
        for expected in [
            "| calls | 7 calls | 1 call | × 7 | 1, at most 2 | yes |",
            "| look \\| up | not measured: no such thing | p95 38 µs (median 20 µs, most 40 µs; n 40) | – | p95 ≤ 3 µs | **no** |",
            "| window | not measured: no old way to run | not measured: no display | – | – | – |",
            "| calls | 7 |",
            "Old way: asks for each part. Ours: asks once.",
            "Ours: searches. a note.",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
    }

    #[test]
    fn a_quoted_figure_stands_in_no_measured_column() {
        let quoted = rows().remove(0).quoted("6,753 mean");
        let text = markdown(&[quoted]);
        let (measured, others) = text.split_once("quoted, not measured").unwrap();
        assert!(!measured.contains("6,753") && others.contains("6,753"));
    }
}
