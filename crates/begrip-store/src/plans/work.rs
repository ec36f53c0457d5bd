//! The same for what stands beside concepts: drafts, jobs, laws, rules, calls and kept answers.

use begrip_domain::Origin;
use jiff::civil::date;
use uuid::Uuid;

use super::walk::{DAY, at, by, concept};
use crate::*;

fn exchange(name: &str) -> StoredExchange {
    StoredExchange {
        id: name.to_owned(),
        key: [1; 32],
        body: "{}".to_owned(),
        term: "vonnis".to_owned(),
        organisation: "OM".to_owned(),
        model: "model".to_owned(),
        prompt_version: "1".to_owned(),
        pack_version: "1".to_owned(),
        created_at: at(20),
    }
}

/// Every way to say which answers go.
pub(super) fn selectors() -> [CacheSelector; 8] {
    let name = || "weg".to_owned();
    [
        CacheSelector::Key([9; 32]),
        CacheSelector::Term(name()),
        CacheSelector::Model(name()),
        CacheSelector::PromptVersion(name()),
        CacheSelector::PackVersion(name()),
        CacheSelector::Organisation(name()),
        CacheSelector::Before(at(-1)),
        CacheSelector::All,
    ]
}

pub(super) fn drafts(store: &Store) {
    store.save_text("compose", "tekst", at(20)).unwrap();
    store.text("compose").unwrap();
    store.texts().unwrap();
    store.forget_text("compose").unwrap();
    store.keep_document("settings", "{}").unwrap();
    store.keep_first_document("settings", "{}").unwrap();
    store.document("settings").unwrap();
    store
        .keep_draft("draft:1", "{}", at(20), Some(&exchange("r1")), 1_000)
        .unwrap();
    store.keep_draft_soon("draft:2", "{}", at(20)).unwrap();
    store.write_drafts().unwrap();
    let mut drafted = concept(
        4_000,
        "taakstraf",
        "straf die uit onbetaalde arbeid bestaat",
    );
    let model = serde_json::json!({
        "model": "model", "endpoint": "e", "prompt_version": "1", "pack_version": "1",
        "answered_at": "2026-05-28T20:00:00Z", "cached": false, "tokens_in": 1, "tokens_out": 1,
        "calls": 1, "original_text": "",
        "exchange": { "id": "r1", "source": "miss", "with_notes": false },
    });
    drafted.provenance.model = Some(serde_json::from_value(model).unwrap());
    store.insert(&drafted, &by(21)).unwrap();
    assert!(store.exchange("r1").unwrap().is_some());
    store.forget_exchanges(at(0)).unwrap();
    let vectors = [("tekst", vec![0.5_f32, 1.0])];
    store.keep_embeddings("model", &vectors).unwrap();
    store.embeddings("model", &["tekst", "andere"]).unwrap();
}

pub(super) fn jobs(store: &Store) {
    let job = Uuid::from_u128(1);
    let new = |number: u32, question: &str| NewItem {
        number,
        term: "vonnis".to_owned(),
        question: question.to_owned(),
        input: "{}".to_owned(),
        fault: None,
    };
    let items = [new(1, "a"), new(2, "a"), new(3, "b"), new(4, "c")];
    store
        .create_job(job, JobKind::Batch, "lijst", at(30), &items)
        .unwrap();
    store.jobs().unwrap();
    store.work().unwrap();
    store.job(job).unwrap();
    store.begin_job(job, at(30)).unwrap();
    let claimed = store.claim_item(job).unwrap().unwrap();
    store
        .end_item(job, claimed.number, "r", Ok("{}"), at(31))
        .unwrap();
    let claimed = store.claim_item(job).unwrap().unwrap();
    store
        .end_item(job, claimed.number, "r", Err("{}"), at(31))
        .unwrap();
    let claimed = store.claim_item(job).unwrap().unwrap();
    store.release_item(job, claimed.number).unwrap();
    store.job_items(job, None, 0, 10).unwrap();
    store.finish_job(job, at(32)).unwrap();
    store.retry_items(job, at(32)).unwrap();
    let any = [JobState::Running, JobState::Queued];
    store
        .move_job(job, &any, JobState::Cancelled, None, at(33))
        .unwrap();
    store.settle_job(job, at(33)).unwrap();

    let queue = Uuid::from_u128(2);
    store
        .create_job(queue, JobKind::Queue, "wachtrij", at(30), &[])
        .unwrap();
    for _ in 0..2 {
        store.add_item(queue, "vonnis", "a", "{}", at(31)).unwrap();
    }
    store.remove_item(queue, 1).unwrap();
    store.remove_job(queue).unwrap();
}

pub(super) fn sources(store: &Store) {
    let law = |text: &str| NewSource {
        id: "BWBR0099901".to_owned(),
        kind: SourceKind::Law,
        title: "Proefzakenwet".to_owned(),
        valid_from: Some(date(2024, 1, 1)),
        valid_to: None,
        articles: vec![NewArticle {
            number: "1".to_owned(),
            path: "Hoofdstuk 1".to_owned(),
            text: text.to_owned(),
            address: "jci1.31:c:BWBR0099901&artikel=1".to_owned(),
        }],
    };
    let mut defined = concept(5_000, "proefzaak", "zaak die als voorbeeld dient");
    defined.provenance.origin = Origin::Statute;
    for text in [
        "Een proefzaak is een zaak.",
        "Een proefzaak is een zaak die als voorbeeld dient.",
    ] {
        store
            .keep_source(&law(text), std::slice::from_ref(&defined), &by(40))
            .unwrap();
        defined.fields.definition.push_str(" voor andere");
    }
    let versions = store.sources().unwrap();
    store.source_versions("BWBR0099901").unwrap();
    assert!(store.article("BWBR0099901", "1", DAY).unwrap().is_some());
    store.contents(&versions[0]).unwrap();
    assert_eq!(store.passages("proefzaak", DAY, 3).unwrap().len(), 1);
    store.remove_source("BWBR0099901", &by(41)).unwrap();
}

pub(super) fn pack(version: &str) -> StoredPack {
    StoredPack {
        version: version.to_owned(),
        digest: [0; 32],
        date: "2026-01-01".to_owned(),
        body: "{}".to_owned(),
        signer: String::new(),
        origin: PackOrigin::BuiltIn,
        imported_at: None,
    }
}

pub(super) fn packs_and_flags(store: &Store) {
    store.keep_pack(&pack("1")).unwrap();
    store.keep_and_activate_pack(&pack("2")).unwrap();
    store.activate_pack("1").unwrap();
    store.pack("1").unwrap();
    store.has_pack("1").unwrap();
    store.packs().unwrap();
    store.active_pack().unwrap();
    let flags = StoredFlags {
        serial: 1,
        digest: [0; 32],
        body: "{}".to_owned(),
        signer: "OM".to_owned(),
        imported_at: at(50),
    };
    store.keep_flags(&flags).unwrap();
    store.flags().unwrap();
    let trial = Trial {
        draft: "d1".to_owned(),
        request_id: "r1".to_owned(),
        at: at(50),
        experiment: "e".to_owned(),
        arm: "a".to_owned(),
        prompt_version: "1".to_owned(),
        passed: true,
        state: TrialState::Open,
    };
    store.add_trial(&trial).unwrap();
    store.decide_trial("d1", Decision::Kept).unwrap();
    store.trials().unwrap();
}

pub(super) fn ledger(store: &Store) {
    let call = |second: i64| LedgerRow {
        at: at(second),
        request_id: format!("r{second}"),
        attempt: 1,
        tokens_in: 10,
        ..LedgerRow::default()
    };
    let limits = Allowance {
        tokens_per_day: 1_000,
        ..Allowance::default()
    };
    let Admission::Admitted(number) = store.begin_call(&call(60), &limits).unwrap() else {
        panic!("there is room");
    };
    store.end_call(number, &call(60)).unwrap();
    store.give_up_calls(at(60)).unwrap();
    store.calls_between("2026-05-01", "2026-05-31").unwrap();
    store.calls_for("r60").unwrap();
    store.calls("2026-05-01", "2026-05-31", |_| {}).unwrap();
    let asked = Asked {
        day: "2026-05-28".to_owned(),
        questions: 1,
        ..Asked::default()
    };
    store.add_asked(&[asked]).unwrap();
    store.asked("2026-05-01", "2026-05-31").unwrap();
    store.first_spared(&[3; 32], at(60), at(0)).unwrap();
    let failed = FailedRule {
        day: "2026-05-28".to_owned(),
        drafts: 1,
        ..FailedRule::default()
    };
    store.add_failed_rules(&[failed]).unwrap();
    store.failed_rules("2026-05-01", "2026-05-31").unwrap();
    store.ledger_months().unwrap();
}

/// Keeps, finds, warms, pushes out and removes answers.
pub(super) fn cache(store: &Store) {
    let cache = store.cache();
    let put = |number: u8, bytes: usize| {
        let entry = CacheEntry {
            key: [number; 32],
            body: vec![number; bytes],
            term: "vonnis".to_owned(),
            organisation: "OM".to_owned(),
            model: "model".to_owned(),
            prompt_version: "1".to_owned(),
            pack_version: "1".to_owned(),
            created_at: at(70),
        };
        cache.put(entry).unwrap();
    };
    put(1, 100);
    assert!(cache.get(&[1; 32]).unwrap().is_some());
    // Its use goes along with the next commit.
    put(2, 100);
    assert_eq!(cache.most_used(10).unwrap().len(), 2);
    for number in 3..200 {
        put(number, 4_000);
    }
    cache.set_limit(400_000).unwrap();
    assert!(cache.figures().unwrap().evicted > 0);
    for selector in &selectors() {
        cache.clear(selector).unwrap();
    }
}
