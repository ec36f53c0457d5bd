//! Opening the services.

use anyhow::Result;
use begrip_measure::statistics::Stat;

use crate::bench::{Bench, open, timed};
use crate::row::{Row, Unit};

/// One opening against six.
pub fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let home = bench.home("start");
    let (first_us, app) = timed(|| open(&home, None));
    drop(app?);
    // The second opening of a day makes the day's backup; neither is a usual start.
    let (second_us, app) = timed(|| open(&home, None));
    drop(app?);
    let (mut old, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..bench.pick(40, 3) {
        let (us, apps) = timed(|| {
            (0..6)
                .map(|_| open(&home, None))
                .collect::<Result<Vec<_>>>()
        });
        drop(apps?);
        old.push(us / 1e3);
        let (us, app) = timed(|| open(&home, None));
        drop(app?);
        ours.push(us / 1e3);
    }
    Ok(vec![
        Row::new(
            "services_start",
            "services initialised: once",
            (Unit::Millis, Stat::P95),
            "opens them once: key, encrypted store with migrations and integrity check, rules, starter set, model client",
        )
        .ours(ours)
        .against("opens the same services six times, all kept open", old)
        .must("once, ≤ 100 ms", |s| s.p95 <= 100.0)
        .quoted("6 times, 0.5 s")
        .note(format!(
            "On the starter set, files cached. The very first start, which makes the store, took {}; the next one, \
             which makes the day's backup, {}",
            Unit::Micros.show(first_us),
            Unit::Micros.show(second_us)
        )),
    ])
}
