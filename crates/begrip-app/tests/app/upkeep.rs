//! Upkeep: what is old is forgotten, and a second time in a row nothing is touched.

use jiff::SignedDuration;

use crate::support::Workplace;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_round_of_upkeep_writes_nothing() {
    let place = Workplace::new().await;
    let program = place.open().await;
    program.draft("contactverbod").await;
    // What a draft leaves behind is written by the time the program has closed.
    program.close().await;
    let program = place.open().await;
    let before = place.bytes();
    let young = program.0.upkeep().await.unwrap();
    assert_eq!((young.forgotten, young.equal, young.answers), (0, None, 1));
    assert!(young.error.is_none(), "no server is set up");
    assert!(place.bytes() == before, "nothing was old");

    // Nobody kept the draft in ninety days: where it came from goes, once.
    place.clock.advance(SignedDuration::from_hours(24 * 91));
    let old = program.0.upkeep().await.unwrap();
    assert!(old.forgotten > 0, "{old:?}");
    let before = place.bytes();
    let again = program.0.upkeep().await.unwrap();
    assert_eq!((again.forgotten, again.concepts), (0, old.concepts));
    assert!(
        place.bytes() == before,
        "the second time nothing is written"
    );
    assert_eq!(place.model.calls(), 1, "upkeep asks no model");
}
