//! Who is in an experiment, and in which arm: told by a hash alone, so that one installation always
//! gets the same and nothing has to be asked of anybody.

use sha2::{Digest, Sha256};

use super::flags::{Arm, Experiment};

/// The places that installations are spread over.
const PLACES: u64 = 10_000;

/// Two numbers from 0 to 9999 that have nothing to do with each other: one says whether an installation
/// takes part, the other in which arm. So a wider rollout moves nobody to another arm.
fn places(installation: &str, experiment: &str) -> (u64, u64) {
    let mut hash = Sha256::new();
    for field in [installation, experiment] {
        hash.update((field.len() as u64).to_le_bytes());
        hash.update(field);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let number = |at: usize| {
        let eight = digest[at..at + 8].iter();
        eight.fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    (number(0) % PLACES, number(8) % PLACES)
}

/// Whether an installation is among the first `percent` of each hundred, for what has this name.
pub(crate) fn is_in(installation: &str, name: &str, percent: u32) -> bool {
    is_within(places(installation, name).0, percent)
}

fn is_within(place: u64, percent: u32) -> bool {
    place < u64::from(percent) * PLACES / 100
}

/// The arm of an installation; none when it takes no part.
pub(crate) fn arm<'e>(installation: &str, experiment: &'e Experiment) -> Option<&'e Arm> {
    let (entry, place) = places(installation, &experiment.name);
    if experiment.killed || !is_within(entry, experiment.rollout) {
        return None;
    }
    let all: u64 = experiment
        .arms
        .iter()
        .map(|arm| u64::from(arm.weight))
        .sum();
    let mut until = 0;
    experiment.arms.iter().find(|arm| {
        until += u64::from(arm.weight);
        place * all < until * PLACES
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn experiment(rollout: u32, weights: &[u32]) -> Experiment {
        let arms = weights.iter().enumerate().map(|(at, weight)| Arm {
            name: format!("arm{at}"),
            prompt_version: "1".to_owned(),
            weight: *weight,
        });
        Experiment {
            name: "kort".to_owned(),
            rollout,
            organisations: Vec::new(),
            killed: false,
            arms: arms.collect(),
        }
    }

    /// 10,000 installations, the same in each run.
    fn installations() -> impl Iterator<Item = String> {
        (0_u128..10_000).map(|number| {
            uuid::Uuid::from_u128(number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
                .to_string()
        })
    }

    fn inside(experiment: &Experiment) -> BTreeMap<String, String> {
        installations()
            .filter_map(|id| {
                let arm = arm(&id, experiment)?.name.clone();
                Some((id, arm))
            })
            .collect()
    }

    #[test]
    fn a_rollout_reaches_its_share_of_the_installations() {
        for rollout in [0, 10, 50, 100] {
            let reached = inside(&experiment(rollout, &[1, 1])).len() as i64;
            let wanted = i64::from(rollout) * 100;
            assert!((reached - wanted).abs() <= 200, "{rollout} %: {reached}");
            if rollout % 100 == 0 {
                assert_eq!(reached, wanted);
            }
        }
    }

    #[test]
    fn who_takes_part_keeps_doing_so_in_the_same_arm_when_the_rollout_grows() {
        let [ten, fifty, all] = [10, 50, 100].map(|rollout| inside(&experiment(rollout, &[1, 1])));
        for (few, more) in [(&ten, &fifty), (&fifty, &all)] {
            assert!(few.len() < more.len());
            for (id, arm) in few {
                assert_eq!(more.get(id), Some(arm), "{id}");
            }
        }
    }

    #[test]
    fn arms_get_their_weight() {
        for weights in [[1, 1], [3, 1], [1, 0], [0, 7]] {
            let all = inside(&experiment(100, &weights));
            for (at, weight) in weights.iter().enumerate() {
                let name = format!("arm{at}");
                let found = all.values().filter(|arm| **arm == name).count() as i64;
                let wanted = i64::from(*weight) * 10_000 / i64::from(weights.iter().sum::<u32>());
                assert!((found - wanted).abs() <= 200, "{weights:?} {at}: {found}");
            }
        }
    }

    #[test]
    fn a_killed_experiment_has_nobody_in_it() {
        let killed = Experiment {
            killed: true,
            ..experiment(100, &[1, 1])
        };
        assert!(inside(&killed).is_empty());
    }

    #[test]
    fn experiments_draw_lots_of_their_own() {
        let one = experiment(50, &[1, 1]);
        let other = Experiment {
            name: "lang".to_owned(),
            ..one.clone()
        };
        let (one, other) = (inside(&one), inside(&other));
        let both = one.keys().filter(|id| other.contains_key(*id)).count() as i64;
        assert!((both - 2_500).abs() <= 200, "{both}");
    }
}
