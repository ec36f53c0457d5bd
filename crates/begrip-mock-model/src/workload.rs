//! Questions as people ask them: a few terms very often, most of them hardly ever.

/// The keys of `requests` requests, 0 to `keys` − 1, drawn by Zipf's law with exponent `s`: key *k*
/// comes about in proportion to 1 / (*k* + 1)ˢ. The same seed gives the same requests, on every
/// machine and in every version of this program.
pub fn zipf(keys: usize, s: f64, requests: usize, seed: u64) -> Vec<usize> {
    let mut sums: Vec<f64> = Vec::with_capacity(keys);
    let mut sum = 0.0;
    for key in 0..keys {
        sum += 1.0 / ((key + 1) as f64).powf(s);
        sums.push(sum);
    }
    let mut state = seed;
    let mut draw = || {
        let point = unit(&mut state) * sum;
        sums.partition_point(|sum| *sum <= point)
            .min(keys.saturating_sub(1))
    };
    (0..requests).map(|_| draw()).collect()
}

/// The next number of SplitMix64, 0 ≤ it < 1 (Steele, Lea, Flood 2014).
pub(crate) fn unit(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_requests_and_another_seed_others() {
        assert_eq!(zipf(50, 1.0, 1_000, 7), zipf(50, 1.0, 1_000, 7));
        assert_ne!(zipf(50, 1.0, 1_000, 7), zipf(50, 1.0, 1_000, 8));
        assert_eq!(zipf(5, 1.0, 8, 7), [0, 0, 3, 1, 1, 0, 1, 0]);
    }

    #[test]
    fn keys_come_about_as_often_as_the_law_says() {
        const REQUESTS: usize = 200_000;
        let requests = zipf(100, 1.0, REQUESTS, 1);
        let harmonic: f64 = (1..=100).map(|rank| 1.0 / f64::from(rank)).sum();
        for key in [0, 1, 9, 99] {
            let found = requests.iter().filter(|found| **found == key).count() as f64;
            let expected = REQUESTS as f64 / (key as f64 + 1.0) / harmonic;
            // Five standard deviations.
            assert!(
                (found - expected).abs() < 5.0 * expected.sqrt(),
                "{key}: {found} {expected}"
            );
        }
    }
}
