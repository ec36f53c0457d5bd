//! Work that many ask for and one does at a time: who asks while it is under way has it done once more after that, and
//! not each in a task of its own.

use std::sync::{Arc, Mutex};

use crate::open::lock;

/// Whose turn it is.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<State>);

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Nobody,
    /// Somebody is at it.
    UnderWay,
    /// And somebody asked for it since it began.
    AskedAgain,
}

/// The turn of the one that does it. When it is dropped, also by a panic, the next one who asks has the next turn.
#[derive(Debug)]
pub(crate) struct Turn(Option<Arc<Turns>>);

impl Turns {
    /// A turn; none when somebody is at it, who then goes round once more.
    pub fn take(self: &Arc<Self>) -> Option<Turn> {
        let mut state = lock(&self.0);
        match *state {
            State::Nobody => {
                *state = State::UnderWay;
                Some(Turn(Some(Arc::clone(self))))
            }
            State::UnderWay | State::AskedAgain => {
                *state = State::AskedAgain;
                None
            }
        }
    }
}

impl Turn {
    /// Ends a round; the turn for another one when somebody asked meanwhile.
    pub fn another(mut self) -> Option<Self> {
        let turns = self.0.take()?;
        {
            let mut state = lock(&turns.0);
            match *state {
                State::AskedAgain => *state = State::UnderWay,
                State::Nobody | State::UnderWay => {
                    *state = State::Nobody;
                    return None;
                }
            }
        }
        Some(Self(Some(turns)))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = &self.0 {
            *lock(&turns.0) = State::Nobody;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_at_it_and_goes_round_once_more_for_all_who_asked_meanwhile() {
        let turns = Arc::new(Turns::default());
        let turn = turns.take().unwrap();
        for _ in 0..20 {
            assert!(turns.take().is_none());
        }
        let turn = turn.another().expect("somebody asked");
        assert!(turn.another().is_none(), "all of them have it");
        assert!(turns.take().unwrap().another().is_none());
    }

    #[test]
    fn a_round_that_panics_leaves_the_turn_to_who_asks_next() {
        let turns = Arc::new(Turns::default());
        let own = turns.take().unwrap();
        let fell = std::thread::spawn(move || {
            let _own = own;
            panic!("in the middle");
        });
        assert!(fell.join().is_err());
        assert!(turns.take().is_some());
    }
}
