//! Flags and the drafts of experiments.

use begrip_store::{Decision, LedgerRow, StoreError, StoredFlags, Trial, TrialSpent, TrialState};

use crate::support::{Home, at};

fn flags(serial: u32, body: &str) -> StoredFlags {
    StoredFlags {
        serial,
        digest: [body.len() as u8; 32],
        body: body.to_owned(),
        signer: "OM".to_owned(),
        imported_at: at(i64::from(serial)),
    }
}

#[test]
fn flags_only_go_forward_and_the_last_ones_are_in_force() {
    let home = Home::new();
    let store = home.open();
    assert_eq!(store.flags().unwrap(), None);
    assert!(store.keep_flags(&flags(3, "drie")).unwrap());
    assert!(
        !store.keep_flags(&flags(3, "drie")).unwrap(),
        "once is enough"
    );
    assert!(matches!(
        store.keep_flags(&flags(2, "twee")),
        Err(StoreError::OlderFlags(3))
    ));
    assert!(matches!(
        store.keep_flags(&flags(3, "anders")),
        Err(StoreError::OtherFlags(3))
    ));
    assert_eq!(store.flags().unwrap(), Some(flags(3, "drie")));
    assert!(store.keep_flags(&flags(8, "acht")).unwrap());
    drop(store);
    assert_eq!(home.open().flags().unwrap(), Some(flags(8, "acht")));
    // Nor past the store.
    let direct = home.directly();
    for sql in [
        "UPDATE flags SET body = 'x'",
        "DELETE FROM flags WHERE serial = 8",
        "INSERT OR REPLACE INTO flags SELECT 8, digest, 'x', signer, 0 FROM flags WHERE serial = 3",
        "INSERT INTO flags SELECT 5, digest, body, signer, 0 FROM flags WHERE serial = 3",
    ] {
        assert!(direct.execute_batch(sql).is_err(), "{sql}");
    }
}

fn trial(draft: &str, state: TrialState) -> Trial {
    Trial {
        draft: draft.to_owned(),
        request_id: format!("r-{draft}"),
        at: at(0),
        experiment: "kort".to_owned(),
        arm: "b".to_owned(),
        prompt_version: "2".to_owned(),
        passed: true,
        state,
    }
}

#[test]
fn the_first_decision_counts_and_only_where_somebody_decides() {
    let home = Home::new();
    let store = home.open();
    let open = TrialState::Open;
    store.add_trial(&trial("een", open)).unwrap();
    store.add_trial(&trial("twee", open)).unwrap();
    store
        .add_trial(&trial("reeks", TrialState::Undecidable))
        .unwrap();
    for (draft, decision) in [
        ("een", Decision::Edited),
        ("een", Decision::Discarded),
        ("reeks", Decision::Kept),
        ("nergens", Decision::Kept),
    ] {
        store.decide_trial(draft, decision).unwrap();
    }
    let states: Vec<TrialState> = store
        .trials()
        .unwrap()
        .into_iter()
        .map(|spent| spent.trial.state)
        .collect();
    assert_eq!(
        states,
        [
            TrialState::Decided(Decision::Edited),
            open,
            TrialState::Undecidable
        ]
    );
}

#[test]
fn what_a_draft_took_is_the_sum_of_its_calls_in_the_ledger() {
    let home = Home::new();
    let store = home.open();
    let call = |request_id: &str, arm: &str, priced: bool| LedgerRow {
        at: at(0),
        request_id: request_id.to_owned(),
        attempt: 1,
        outcome: "ok".to_owned(),
        tokens_in: 100,
        tokens_out: 30,
        cost_micro_eur: 7,
        priced,
        latency_ms: 40,
        arm: arm.to_owned(),
        ..LedgerRow::default()
    };
    for (request_id, arm, priced) in [
        ("r-een", "kort/b", true),
        ("r-een", "kort/b", true),
        ("r-een-repair", "kort/b", true),
        ("r-twee", "kort/b", false),
        ("r-een", "", true),
        ("r-ander", "kort/b", true),
    ] {
        store.end_call(0, &call(request_id, arm, priced)).unwrap();
    }
    for draft in ["een", "twee", "geen"] {
        store.add_trial(&trial(draft, TrialState::Open)).unwrap();
    }
    let spent = |draft: &str, calls: u32, cost| TrialSpent {
        trial: trial(draft, TrialState::Open),
        tokens_in: 100 * calls,
        tokens_out: 30 * calls,
        latency_ms: 40 * calls,
        cost_micro_eur: cost,
    };
    assert_eq!(
        store.trials().unwrap(),
        [
            spent("een", 3, Some(21)),
            spent("twee", 1, None),
            spent("geen", 0, None)
        ]
    );
}

#[test]
fn the_first_of_a_document_stays() {
    let home = Home::new();
    let store = home.open();
    assert_eq!(store.keep_first_document("d", "een").unwrap(), "een");
    assert_eq!(store.keep_first_document("d", "twee").unwrap(), "een");
}
