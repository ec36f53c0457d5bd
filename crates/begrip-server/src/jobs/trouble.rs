//! What becomes of a row without an answer.

use std::time::Duration;

use begrip_llm::LlmError;
use begrip_sync::back_off;
use serde_json::json;

use crate::gateway::Fault;
use crate::refusal::{Refusal, RowFault};

/// How often a row is asked that may itself be what the model fails on.
const MOST_ATTEMPTS: i32 = 3;

/// What a failure says of the row.
#[derive(Debug, PartialEq, Eq)]
enum Blame {
    /// Nothing: every other row would fail as well.
    Nobody,
    /// Perhaps: the model was in trouble, of itself or by this question.
    Perhaps,
    /// This question has no answer.
    Row,
}

fn blame(fault: &Fault) -> Blame {
    use LlmError as E;
    match fault {
        // A fault of this program, such as a panic: perhaps by what stands in this row. Were it nobody's, one row
        // could hold up its job for ever.
        Fault::Server(Refusal::Fault) => Blame::Perhaps,
        Fault::Server(_) | Fault::NoModel | Fault::NoGateway => Blame::Nobody,
        Fault::Model(error) => match error {
            E::Server { .. }
            | E::Timeout(_)
            | E::BrokenStream(_)
            | E::Interrupted
            | E::BadReply(_)
            | E::Refused { .. } => Blame::Perhaps,
            E::PromptTooLong(_)
            | E::OverBudget { .. }
            | E::Truncated
            | E::ContentFilter
            | E::Empty
            | E::TooLarge { .. } => Blame::Row,
            _ => Blame::Nobody,
        },
        _ => Blame::Row,
    }
}

/// Whether every other row would fail as well.
pub fn is_of_no_row(fault: &Fault) -> bool {
    blame(fault) == Blame::Nobody
}

/// What to do with a row.
#[derive(Debug)]
pub enum Verdict {
    /// It failed; why.
    Failed(RowFault),
    /// It goes back, with so many attempts, and its job waits, for the so-many-th time in a row.
    Later {
        attempts: i32,
        why: String,
        halts: i32,
        wait: Duration,
    },
}

/// What becomes of a row that was asked `attempts` times before in vain, in a job that was halted
/// `halts` times in a row.
pub fn verdict(fault: &Fault, attempts: i32, halts: i32) -> Verdict {
    let (name, sentence) = fault.said();
    // When all rows fail it is hardly ever the row: then few of its failures count.
    let counts = blame(fault) == Blame::Perhaps && (halts == 0 || halts % 8 == 7);
    let attempts = attempts + i32::from(counts);
    if blame(fault) == Blame::Row || counts && attempts >= MOST_ATTEMPTS {
        return Verdict::Failed(RowFault::Model(name, sentence));
    }
    let asked = match fault {
        Fault::Model(LlmError::RateLimited { retry_after }) => *retry_after,
        _ => None,
    };
    let halts = halts.saturating_add(1);
    Verdict::Later {
        attempts,
        why: json!({ "error": name, "message": sentence }).to_string(),
        halts,
        wait: back_off(halts.unsigned_abs(), 0.5, asked),
    }
}

#[cfg(test)]
mod names;

#[cfg(test)]
mod tests {
    use super::*;
    use begrip_llm::Limit;

    #[test]
    fn what_would_fail_every_row_fails_none_however_long_it_lasts() {
        let (mut attempts, mut halts) = (0, 0);
        for _ in 0..1_000 {
            match verdict(
                &Fault::Model(LlmError::OverLimit(Limit::Day)),
                attempts,
                halts,
            ) {
                Verdict::Later {
                    attempts: a,
                    halts: h,
                    wait,
                    ..
                } => {
                    assert!(wait <= Duration::from_secs(300));
                    (attempts, halts) = (a, h);
                }
                Verdict::Failed(fault) => panic!("{fault:?}"),
            }
        }
    }

    #[test]
    fn a_row_that_alone_fails_is_given_up_and_one_among_many_much_later() {
        let broken = || {
            Fault::Model(LlmError::Server {
                status: 500,
                detail: String::new(),
            })
        };
        // Others succeed in between: the job is not halted when this one comes again.
        let mut attempts = 0;
        let mut asked = 0;
        while let Verdict::Later { attempts: a, .. } = verdict(&broken(), attempts, 0) {
            attempts = a;
            asked += 1;
        }
        assert_eq!(asked + 1, MOST_ATTEMPTS);
        // Nothing succeeds: one row, asked again and again, lasts for almost half an hour.
        let (mut attempts, mut halts, mut waited) = (0, 0, Duration::ZERO);
        while let Verdict::Later {
            attempts: a,
            halts: h,
            wait,
            ..
        } = verdict(&broken(), attempts, halts)
        {
            (attempts, halts) = (a, h);
            waited += wait;
        }
        assert!(waited > Duration::from_secs(1_500), "{waited:?}");
        // A fault of the program by one row is that row's in the end.
        let (mut attempts, mut asked) = (0, 0);
        while let Verdict::Later { attempts: a, .. } =
            verdict(&Fault::Server(Refusal::Fault), attempts, 0)
        {
            (attempts, asked) = (a, asked + 1);
        }
        assert_eq!(asked + 1, MOST_ATTEMPTS);
        let truncated = verdict(&Fault::Model(LlmError::Truncated), 0, 0);
        assert!(matches!(truncated, Verdict::Failed(_)));
    }
}
