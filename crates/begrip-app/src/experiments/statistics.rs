//! Shares and means with their 95 % intervals, from sums that can be added to those of other
//! computers.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// The standard normal deviate of a two-sided interval of 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// An interval and the estimate in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    pub estimate: f64,
    pub low: f64,
    pub high: f64,
}

/// The score interval of a share (E.B. Wilson 1927), which holds for small numbers and for 0 and 1.
/// `None` for a share of nothing. Always 0 ≤ low ≤ estimate ≤ high ≤ 1; `part` above `whole` counts as
/// all.
pub(crate) fn share(part: u32, whole: u32) -> Option<Interval> {
    if whole == 0 {
        return None;
    }
    let n = f64::from(whole);
    let p = f64::from(part.min(whole)) / n;
    let z2 = Z * Z;
    let middle = p + z2 / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    Some(Interval {
        estimate: p,
        // What rounding leaves must not put the estimate outside.
        low: ((middle - half) / scale).clamp(0.0, p),
        high: ((middle + half) / scale).clamp(p, 1.0),
    })
}

/// The interval of `one` minus `other`, two independent shares: the score method without continuity
/// correction (R.G. Newcombe 1998, method 10). Always within -1 and 1.
pub(crate) fn difference(one: Interval, other: Interval) -> Interval {
    let estimate = one.estimate - other.estimate;
    let below = (one.estimate - one.low).hypot(other.high - other.estimate);
    let above = (one.high - one.estimate).hypot(other.estimate - other.low);
    Interval {
        estimate,
        low: (estimate - below).max(-1.0),
        high: (estimate + above).min(1.0),
    }
}

/// What is needed of some numbers to tell their mean: how many, their sum and that of their squares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Sum {
    /// How many.
    pub n: u32,
    /// Their sum.
    pub total: f64,
    /// The sum of their squares.
    pub squares: f64,
}

impl Sum {
    pub(crate) fn add(&mut self, value: f64) {
        self.n += 1;
        self.total += value;
        self.squares += value * value;
    }

    pub(crate) fn join(&mut self, other: &Self) {
        self.n = self.n.saturating_add(other.n);
        self.total += other.total;
        self.squares += other.squares;
    }

    pub(crate) fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.total / f64::from(self.n))
    }

    /// The mean with Student's interval; none below two numbers.
    pub(crate) fn interval(&self) -> Option<Interval> {
        let estimate = self.mean()?;
        if self.n < 2 {
            return None;
        }
        let n = f64::from(self.n);
        // Rounding can leave a little below zero where all are equal.
        let variance = ((self.squares - estimate * self.total) / (n - 1.0)).max(0.0);
        let t = StudentsT::new(0.0, 1.0, n - 1.0).ok()?.inverse_cdf(0.975);
        let half = t * (variance / n).sqrt();
        Some(Interval {
            estimate,
            low: estimate - half,
            high: estimate + half,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(found: f64, known: f64, within: f64) {
        assert!((found - known).abs() <= within, "{found} is not {known}");
    }

    /// R.G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine
    /// 17 (1998), table I, method 3.
    #[test]
    fn shares_have_the_intervals_of_the_literature() {
        for (part, whole, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let found = share(part, whole).unwrap();
            near(found.low, low, 5e-5);
            near(found.high, high, 5e-5);
        }
    }

    /// R.G. Newcombe, Interval estimation for the difference between independent proportions, Statistics
    /// in Medicine 17 (1998), table II, method 10.
    #[test]
    fn differences_have_the_intervals_of_the_literature() {
        for (one, other, low, high) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((5, 56), (0, 29), -0.0381, 0.1926),
            ((10, 10), (0, 10), 0.6075, 1.0),
        ] {
            let of = |(part, whole)| share(part, whole).unwrap();
            let found = difference(of(one), of(other));
            near(found.low, low, 5e-5);
            near(found.high, high, 5e-5);
        }
    }

    #[test]
    fn means_have_students_interval() {
        // The quantiles stand in every table of the t distribution.
        for (n, t) in [(2_u32, 12.7062), (10, 2.2622), (30, 2.0452), (121, 1.9799)] {
            let mut sum = Sum::default();
            let mut values = Vec::new();
            for value in 0..n {
                sum.add(f64::from(value));
                values.push(f64::from(value));
            }
            let mean = values.iter().sum::<f64>() / f64::from(n);
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            let half = t * (squares / f64::from(n - 1) / f64::from(n)).sqrt();
            let found = sum.interval().unwrap();
            near(found.estimate, mean, 1e-9);
            near(found.high - found.estimate, half, half * 1e-4);
            near(found.estimate - found.low, half, half * 1e-4);
        }
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_estimate_and_stays_within_its_bounds(
            (whole, part) in (1_u32..100_000).prop_flat_map(|whole| (Just(whole), 0..=whole)),
            (other_whole, other_part) in (1_u32..5_000).prop_flat_map(|whole| (Just(whole), 0..=whole)),
        ) {
            let one = share(part, whole).unwrap();
            prop_assert!(0.0 <= one.low && one.low <= one.estimate);
            prop_assert!(one.estimate <= one.high && one.high <= 1.0);
            let other = share(other_part, other_whole).unwrap();
            let between = difference(one, other);
            prop_assert!(-1.0 <= between.low && between.low <= between.estimate);
            prop_assert!(between.estimate <= between.high && between.high <= 1.0);
            let turned = difference(other, one);
            prop_assert!((turned.low + between.high).abs() < 1e-9);
        }

        #[test]
        fn more_of_the_same_narrows_the_interval(part in 0_u32..50, more in 2_u32..40) {
            let (few, many) = (share(part, 50).unwrap(), share(part * more, 50 * more).unwrap());
            prop_assert!(many.high - many.low < few.high - few.low);
        }

        #[test]
        fn sums_of_two_computers_are_the_sum_of_both(
            one in proptest::collection::vec(0.0..10_000.0, 1..40),
            other in proptest::collection::vec(0.0..10_000.0, 1..40),
        ) {
            let of = |values: &[f64]| {
                let mut sum = Sum::default();
                values.iter().for_each(|value| sum.add(*value));
                sum
            };
            let mut joined = of(&one);
            joined.join(&of(&other));
            let all: Vec<f64> = one.iter().chain(&other).copied().collect();
            let (joined, all) = (joined.interval().unwrap(), of(&all).interval().unwrap());
            prop_assert!(joined.low <= joined.estimate && joined.estimate <= joined.high);
            prop_assert!((joined.low - all.low).abs() < 1e-3);
            prop_assert!((joined.high - all.high).abs() < 1e-3);
        }
    }
}
