//! Counting what should never happen: a panic, wherever in the program.
//!
//! A worker that panics ends its request or its row and no other, so nobody would hear of it by what still works.

use begrip_telemetry::Telemetry;
use prometheus::IntCounter;

/// Counts each panic from now on, and tells whoever is told of errors where in our sources it was.
pub fn count(panics: IntCounter, told: Option<Telemetry>) {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        panics.inc();
        if let Some(told) = &told {
            told.panicked(info);
        }
        usual(info);
    }));
}
