//! Whether something grows, and how sure that is.

use serde::Serialize;

/// Means that a slope is laid through. Samples that follow each other closely are much alike; means of longer
/// pieces are less so.
pub const PIECES: usize = 10;

/// Student's t for 95 % and [`PIECES`] − 2 degrees of freedom.
const T: f64 = 2.306;

/// How much a figure grows in an hour, with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Slope {
    /// The growth.
    pub an_hour: f64,
    /// The lower end of the interval.
    pub from: f64,
    /// The upper end of the interval.
    pub to: f64,
}

impl Slope {
    /// The straight line of least squares through the means of pieces of equal length. `points` are seconds and
    /// values in the order of time; the first part of them, `warming` (0 to 1), is left out because caches are
    /// filling. None when there are too few points for it.
    pub fn of(points: &[(f64, f64)], warming: f64) -> Option<Self> {
        let kept = points.get((points.len() as f64 * warming) as usize..)?;
        let size = kept.len() / PIECES;
        if size == 0 {
            return None;
        }
        let mean = |piece: &[(f64, f64)], of: fn(&(f64, f64)) -> f64| {
            piece.iter().map(of).sum::<f64>() / piece.len() as f64
        };
        let means: Vec<(f64, f64)> = kept[kept.len() - size * PIECES..]
            .chunks(size)
            .map(|piece| {
                (
                    mean(piece, |(at, _)| at / 3_600.0),
                    mean(piece, |(_, value)| *value),
                )
            })
            .collect();
        let (x_mean, y_mean) = (mean(&means, |(x, _)| *x), mean(&means, |(_, y)| *y));
        let squares: f64 = means.iter().map(|(x, _)| (x - x_mean).powi(2)).sum();
        if squares == 0.0 {
            return None;
        }
        let together: f64 = means.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
        let an_hour = together / squares;
        let rest: f64 = means
            .iter()
            .map(|(x, y)| (y - y_mean - an_hour * (x - x_mean)).powi(2))
            .sum();
        let error = (rest / (PIECES as f64 - 2.0) / squares).sqrt();
        Some(Self {
            an_hour,
            from: an_hour - T * error,
            to: an_hour + T * error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each minute, so many.
    fn minutes(of: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        (0..250).map(f64::from).map(|n| (n * 60.0, of(n))).collect()
    }

    #[test]
    fn a_leak_has_its_slope_and_what_goes_up_and_down_has_none() {
        // A megabyte a minute, after a steep beginning that does not count.
        let leak = minutes(|n| n + if n < 50.0 { 1e3 } else { 0.0 });
        let found = Slope::of(&leak, 0.2).unwrap();
        assert!(
            (found.an_hour - 60.0).abs() < 1e-6 && found.from > 59.9,
            "{found:?}"
        );
        let waves = minutes(|n| 100.0 + n.sin() * 5.0);
        let found = Slope::of(&waves, 0.2).unwrap();
        assert!(found.from < 0.0 && found.to > 0.0, "{found:?}");
    }

    #[test]
    fn too_few_points_give_no_slope() {
        assert_eq!(Slope::of(&minutes(|n| n)[..5], 0.2), None);
        assert_eq!(Slope::of(&[], 0.0), None);
    }
}
