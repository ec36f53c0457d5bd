//! Percentiles of raw samples.

use serde::{Deserialize, Serialize};

/// The sample below or at which this share (0 to 1) of the samples lies: nearest rank, so that
/// each percentile is a time that was really measured. `sorted` rises. None without samples.
pub fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let rank = (share.clamp(0.0, 1.0) * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1).min(last)).copied()
}

/// What a series of samples says, in the unit of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Samples.
    pub n: usize,
    /// The smallest.
    pub min: f64,
    /// The median.
    pub p50: f64,
    /// The 95th percentile.
    pub p95: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// The largest.
    pub max: f64,
    /// The arithmetic mean.
    pub mean: f64,
}

impl Spread {
    /// Of these samples, in any order; none without samples.
    pub fn of(samples: &[f64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            n: sorted.len(),
            min: percentile(&sorted, 0.0)?,
            p50: percentile(&sorted, 0.5)?,
            p95: percentile(&sorted, 0.95)?,
            p99: percentile(&sorted, 0.99)?,
            max: percentile(&sorted, 1.0)?,
            mean: sorted.iter().sum::<f64>() / sorted.len() as f64,
        })
    }
}

/// Which figure of a spread a row is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stat {
    /// The median.
    Median,
    /// The 95th percentile.
    P95,
    /// The arithmetic mean.
    Mean,
    /// The largest.
    Max,
}

impl Stat {
    /// The figure.
    pub fn of(self, spread: &Spread) -> f64 {
        match self {
            Self::Median => spread.p50,
            Self::P95 => spread.p95,
            Self::Mean => spread.mean,
            Self::Max => spread.max,
        }
    }

    /// Its name in a table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Median => "median",
            Self::P95 => "p95",
            Self::Mean => "mean",
            Self::Max => "most",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_sample_by_nearest_rank() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        for (share, expected) in [
            (0.0, 1.0),
            (0.5, 50.0),
            (0.95, 95.0),
            (0.99, 99.0),
            (0.991, 100.0),
            (1.0, 100.0),
            (7.0, 100.0),
        ] {
            assert_eq!(percentile(&hundred, share), Some(expected), "{share}");
        }
        assert_eq!(percentile(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.5), Some(3.0));
        assert_eq!(percentile(&[7.0], 0.95), Some(7.0));
        assert_eq!(percentile(&[], 0.5), None);
    }

    #[test]
    fn one_slow_run_in_ten_shows_in_the_p95_and_not_in_the_median() {
        let mut samples = vec![1.0; 9];
        samples.insert(3, 50.0);
        let spread = Spread::of(&samples).unwrap();
        assert_eq!((spread.p50, spread.p95, spread.max), (1.0, 50.0, 50.0));
        assert!((spread.mean - 5.9).abs() < 1e-9);
    }

    #[test]
    fn the_order_of_the_samples_does_not_matter() {
        assert_eq!(Spread::of(&[3.0, 1.0, 2.0]), Spread::of(&[1.0, 2.0, 3.0]));
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn a_row_is_judged_by_the_figure_that_it_names() {
        let spread = Spread::of(&[1.0, 2.0, 9.0]).unwrap();
        let figures = [Stat::Median, Stat::P95, Stat::Mean, Stat::Max].map(|stat| stat.of(&spread));
        assert_eq!(figures, [2.0, 9.0, 4.0, 9.0]);
    }
}
