//! How often somebody may ask: for each user and for each organisation, on this node.
//!
//! A bucket holds as many requests as a minute allows and fills evenly. So a workstation that comes back
//! after a day offline may ask at once, and one that asks without end is told when to come back.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use uuid::Uuid;

use crate::refusal::Refusal;
use crate::token::Holder;

/// Buckets that are kept at most before the full ones are forgotten: they say nothing.
const MOST: usize = 10_000;

/// Whose something is that is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    User(Uuid),
    Organisation(String),
}

impl Who {
    /// The user and the organisation of whoever asks.
    pub fn of(holder: &Holder) -> [Self; 2] {
        let organisation = holder.organisation.clone();
        [Self::User(holder.account), Self::Organisation(organisation)]
    }
}

#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// Counts who asked how often.
pub struct Pace {
    per_user: f64,
    per_organisation: f64,
    buckets: Mutex<HashMap<Who, Bucket>>,
}

impl Pace {
    /// With so many requests in a minute.
    pub fn new(per_user: u32, per_organisation: u32) -> Self {
        Self {
            per_user: f64::from(per_user),
            per_organisation: f64::from(per_organisation),
            buckets: Mutex::default(),
        }
    }

    /// Counts a request. Error: the user or the organisation asked too often; nothing is counted then.
    pub fn admit(&self, holder: &Holder, now: Instant) -> Result<(), Refusal> {
        let [user, organisation] = Who::of(holder);
        let both = [(user, self.per_user), (organisation, self.per_organisation)];
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST {
            buckets.retain(|who, bucket| {
                let most = match who {
                    Who::User(_) => self.per_user,
                    Who::Organisation(_) => self.per_organisation,
                };
                filled(*bucket, most, now) < most
            });
        }
        let left = both.each_ref().map(|(who, most)| match buckets.get(who) {
            Some(bucket) => filled(*bucket, *most, now),
            None => *most,
        });
        for (left, (_, most)) in left.iter().zip(&both) {
            if *left < 1.0 {
                // Whole milliseconds first: 0.05 of a request is not a second and a trifle.
                let millis = ((1.0 - left) * 60_000.0 / most).round() as u32;
                return Err(Refusal::TooOften(millis.div_ceil(1_000).max(1)));
            }
        }
        for (left, (who, _)) in left.into_iter().zip(both) {
            let left = left - 1.0;
            buckets.insert(who, Bucket { left, at: now });
        }
        Ok(())
    }
}

/// How much is in a bucket by now.
fn filled(bucket: Bucket, most: f64, now: Instant) -> f64 {
    let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
    (bucket.left + passed * most / 60.0).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::By;
    use begrip_sync::Role;
    use std::time::Duration;

    fn holder(number: u128, organisation: &str) -> Holder {
        Holder {
            account: Uuid::from_u128(number),
            name: "x".to_owned(),
            organisation: organisation.to_owned(),
            role: Role::Author,
            by: By::Token(Uuid::nil()),
        }
    }

    #[test]
    fn a_user_and_an_organisation_each_have_their_own_bound_and_it_fills_again() {
        let pace = Pace::new(3, 5);
        let begin = Instant::now();
        let ask = |number, organisation, seconds| {
            let now = begin + Duration::from_secs(seconds);
            match pace.admit(&holder(number, organisation), now) {
                Ok(()) => 0,
                Err(Refusal::TooOften(seconds)) => seconds,
                Err(_) => u32::MAX,
            }
        };
        assert_eq!([(); 3].map(|()| ask(1, "OM", 0)), [0, 0, 0]);
        assert_eq!(ask(1, "OM", 0), 20, "a third of a minute for one more");
        assert_eq!([(); 2].map(|()| ask(2, "OM", 0)), [0, 0]);
        assert_eq!(ask(2, "OM", 0), 12, "the organisation has used five");
        assert_eq!(ask(3, "DJI", 0), 0, "another organisation has its own");
        assert_eq!([ask(1, "OM", 19), ask(1, "OM", 20)], [1, 0]);
        // What was refused was not counted.
        assert_eq!([(); 3].map(|()| ask(2, "OM", 3600)), [0, 0, 0]);
    }
}
