//! One row of the result: what was measured, against what, and whether the bar is met.

use begrip_measure::page::figures;
use begrip_measure::statistics::{Spread, Stat};
use serde_json::{Value, json};

/// What samples count in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Microseconds.
    Micros,
    /// Milliseconds.
    Millis,
    /// Millions of bytes.
    Megabytes,
    /// Tokens of the model's encoding.
    Tokens,
    /// Cents of a euro.
    Cents,
    /// Euro.
    Euro,
    /// Calls of the model.
    Calls,
    /// Passes over all rule files.
    Passes,
    /// Transactions of the store.
    Transactions,
}

impl Unit {
    /// The name in the result file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Micros => "µs",
            Self::Millis => "ms",
            Self::Megabytes => "MB",
            Self::Tokens => "tokens",
            Self::Cents => "eurocents",
            Self::Euro => "euro",
            Self::Calls => "calls",
            Self::Passes => "passes",
            Self::Transactions => "transactions",
        }
    }

    /// The unit of this name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [
            Self::Micros,
            Self::Millis,
            Self::Megabytes,
            Self::Tokens,
            Self::Cents,
            Self::Euro,
            Self::Calls,
            Self::Passes,
            Self::Transactions,
        ];
        all.into_iter().find(|unit| unit.name() == name)
    }

    /// Whether no machine makes such a figure worse: counts and what follows from them, not times and sizes.
    pub fn is_exact(self) -> bool {
        !matches!(self, Self::Micros | Self::Millis | Self::Megabytes)
    }

    /// A value for a reader: three figures, and milliseconds or seconds for long times.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Micros if value >= 1_000.0 => Self::Millis.show(value / 1_000.0),
            Self::Millis if value >= 1_000.0 => format!("{} s", figures(value / 1_000.0)),
            Self::Calls if value == 1.0 => "1 call".to_owned(),
            Self::Passes if value == 1.0 => "1 pass".to_owned(),
            _ => format!("{} {}", figures(value), self.name()),
        }
    }
}

/// One way of doing the work, measured.
#[derive(Clone, Debug)]
pub struct Side {
    /// What exactly was done, so that a reader can judge it.
    pub does: String,
    /// Raw samples, in the order in which they were taken.
    pub samples: Vec<f64>,
}

/// The old way of doing the work.
#[derive(Clone, Debug)]
pub enum Baseline {
    /// Done in the same run.
    Measured(Side),
    /// Not done; why not.
    NotMeasured(String),
}

/// A bar, and whether it is met.
#[derive(Clone, Debug)]
pub struct Bar {
    /// What must hold, in words.
    pub says: String,
    /// Whether it does.
    pub met: bool,
}

/// One row of the result.
#[derive(Clone, Debug)]
pub struct Row {
    /// Stable name.
    pub id: &'static str,
    /// What is measured.
    pub what: String,
    /// What the samples count in.
    pub unit: Unit,
    /// Which figure the row is judged by.
    pub stat: Stat,
    /// The old way.
    pub baseline: Baseline,
    /// Ours; no samples means that it was not measured, and `does` says why.
    pub ours: Side,
    /// A bar, where the design sets one.
    pub bar: Option<Bar>,
    /// The old system's own figure, by its own measuring: quoted, not measured here.
    pub quoted: Option<&'static str>,
    /// What else a reader must know.
    pub notes: Vec<String>,
}

impl Row {
    /// A row with ours measured, no baseline and no bar yet.
    pub fn new(id: &'static str, what: &str, (unit, stat): (Unit, Stat), does: &str) -> Self {
        Self {
            id,
            what: what.to_owned(),
            unit,
            stat,
            baseline: Baseline::NotMeasured("no old way to run".to_owned()),
            ours: Side {
                does: does.to_owned(),
                samples: Vec::new(),
            },
            bar: None,
            quoted: None,
            notes: Vec::new(),
        }
    }

    /// The samples of ours.
    #[must_use]
    pub fn ours(mut self, samples: Vec<f64>) -> Self {
        self.ours.samples = samples;
        self
    }

    /// What the old way does, and its samples.
    #[must_use]
    pub fn against(mut self, does: &str, samples: Vec<f64>) -> Self {
        self.baseline = Baseline::Measured(Side {
            does: does.to_owned(),
            samples,
        });
        self
    }

    /// Why the old way was not run.
    #[must_use]
    pub fn against_nothing(mut self, why: &str) -> Self {
        self.baseline = Baseline::NotMeasured(why.to_owned());
        self
    }

    /// The bar, judged on ours. Call it after [`Row::ours`]. Without samples there is no verdict.
    #[must_use]
    pub fn must(mut self, says: &str, holds: impl FnOnce(&Spread) -> bool) -> Self {
        self.bar = self.spread().map(|spread| Bar {
            says: says.to_owned(),
            met: holds(&spread),
        });
        self
    }

    /// The old system's own figure.
    #[must_use]
    pub fn quoted(mut self, figure: &'static str) -> Self {
        self.quoted = Some(figure);
        self
    }

    /// What else a reader must know.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// What the samples of ours say.
    pub fn spread(&self) -> Option<Spread> {
        Spread::of(&self.ours.samples)
    }

    /// What the samples of the old way say.
    pub fn baseline_spread(&self) -> Option<Spread> {
        match &self.baseline {
            Baseline::Measured(side) => Spread::of(&side.samples),
            Baseline::NotMeasured(_) => None,
        }
    }

    /// How many times ours the old way takes, by the row's own figure.
    pub fn ratio(&self) -> Option<f64> {
        let (old, ours) = (self.baseline_spread()?, self.spread()?);
        let ours = self.stat.of(&ours);
        (ours > 0.0).then(|| self.stat.of(&old) / ours)
    }

    /// True when there is a bar and it is missed.
    pub fn missed(&self) -> bool {
        self.bar.as_ref().is_some_and(|bar| !bar.met)
    }

    /// True when nothing of ours was measured: whatever its bar is, it does not hold.
    pub fn unmeasured(&self) -> bool {
        self.ours.samples.is_empty()
    }

    /// The row as it stands in the result file, raw samples included.
    pub fn to_json(&self) -> Value {
        let side = |side: &Side| {
            json!({
                "does": side.does,
                "spread": Spread::of(&side.samples),
                "samples": side.samples.iter().copied().map(short).collect::<Vec<_>>(),
            })
        };
        json!({
            "id": self.id,
            "what": self.what,
            "unit": self.unit.name(),
            "judged_by": self.stat,
            "baseline_measured": match &self.baseline {
                Baseline::Measured(old) => side(old),
                Baseline::NotMeasured(why) => json!({ "not_measured": why }),
            },
            "ours_measured": side(&self.ours),
            "ratio": self.ratio().map(short),
            "must": self.bar.as_ref().map(|bar| &bar.says),
            "met": self.bar.as_ref().map(|bar| bar.met),
            "old_system_quoted": self.quoted,
            "notes": self.notes,
        })
    }
}

/// Five figures: no clock here tells more, and the file stays readable.
fn short(value: f64) -> f64 {
    format!("{value:.4e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row::new("x", "x", (Unit::Micros, Stat::P95), "ours").ours(vec![1.0, 2.0, 4.0])
    }

    #[test]
    fn numbers_have_three_figures() {
        for (unit, value, shown) in [
            (Unit::Micros, 4.567, "4.57 µs"),
            (Unit::Micros, 0.0512, "0.051 µs"),
            (Unit::Micros, 45.67, "45.7 µs"),
            (Unit::Micros, 4567.0, "4.57 ms"),
            (Unit::Micros, 4_567_000.0, "4.57 s"),
            (Unit::Millis, 12.0, "12 ms"),
            (Unit::Tokens, 26_753.0, "26,753 tokens"),
            (Unit::Calls, 1.0, "1 call"),
        ] {
            assert_eq!(unit.show(value), shown);
        }
    }

    #[test]
    fn the_ratio_is_of_the_figure_that_the_row_is_judged_by() {
        let row = row().against("old", vec![1.0, 1.0, 12.0]);
        assert_eq!(row.ratio(), Some(3.0));
    }

    #[test]
    fn a_missed_bar_is_told_from_a_met_one_and_from_none() {
        assert!(row().must("p95 ≤ 3 µs", |s| s.p95 <= 3.0).missed());
        assert!(!row().must("p95 ≤ 4 µs", |s| s.p95 <= 4.0).missed());
        assert!(!row().missed());
    }

    #[test]
    fn what_was_not_measured_has_neither_ratio_nor_verdict() {
        let row = row().ours(vec![]).against("old", vec![1.0]);
        let row = row.must("p95 ≤ 3 µs", |_| true);
        assert!(row.bar.is_none() && row.ratio().is_none());
        assert!(row.to_json()["ours_measured"]["spread"].is_null());
    }

    #[test]
    fn the_file_keeps_every_sample_in_its_order() {
        let json = row().ours(vec![3.0, 1.0, 2.123_456_7]).to_json();
        assert_eq!(json["ours_measured"]["samples"], json!([3.0, 1.0, 2.1235]));
    }
}
