//! Small questions that rules or index make needless, and how what is counted comes on the disk.

use std::collections::BTreeSet;
use std::time::Duration;

use begrip_mock_model::{Behaviour, When};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::packs;
use crate::routing::{UNKNOWN, models, route, with_small_calls, without_laws};
use crate::support::{Program, Workplace, fields, question};

/// A term of which a rule tells the category and a concept another name.
const BOTH: &str = "proefgriffierverbod";

/// Small questions that were spared so far, by rule and by index; of two months where the clock went into another.
async fn spared(program: &Program, since: Timestamp, now: Timestamp) -> [u64; 2] {
    let month = |at: Timestamp| at.strftime("%Y-%m").to_string();
    let mut sum = [0; 2];
    for month in BTreeSet::from([month(since), month(now)]) {
        let costs = program.call("costs", json!({ "month": month })).await;
        for (sum, name) in sum.iter_mut().zip(["by_rule", "by_index"]) {
            *sum += costs["routing"][name].as_u64().unwrap();
        }
    }
    sum
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_question_is_spared_once_and_only_where_it_would_have_been_asked() {
    let workplace = Workplace::new().await;
    let program = with_small_calls(&workplace).await;
    let begun = workplace.now();
    let spared = async || spared(&program, begun, workplace.now()).await;
    let mut known = fields(
        "griffier",
        "ambtenaar die de rechter bijstaat bij een zitting",
    );
    known["synonyms"] = json!([UNKNOWN, BOTH]);
    let saved = program
        .call("concept_save", json!({ "fields": known }))
        .await;
    assert_eq!(saved["outcome"], "kept");
    let chosen = |term: &str| {
        let mut asked = question(term);
        asked["input"]["category"] = json!("type");
        asked
    };
    // Not allowed: then nothing would have been asked.
    route(&program, json!({ "small_calls": false })).await;
    let _ = program.define(chosen(UNKNOWN)).await.1.unwrap();
    assert_eq!(spared().await, [0, 0]);
    // Allowed, but the draft is kept.
    route(&program, json!({ "small_calls": true })).await;
    for _ in 0..2 {
        let kept = program.define(chosen(UNKNOWN)).await.1.unwrap();
        assert_eq!(kept["calls"], 0);
    }
    assert_eq!(spared().await, [0, 0]);
    // The index tells the words, and once is once however often the term is drafted.
    let _ = program.call("cache_clear", json!({})).await;
    for regenerate in [false, false, true] {
        let mut asked = chosen(UNKNOWN);
        asked["regenerate"] = regenerate.into();
        let result = program.define(asked).await.1.unwrap();
        assert_eq!(result["searched_with"][0], "griffier");
        assert_eq!(spared().await, [0, 1]);
    }
    // Category and words are both told: that is one question less.
    let result = program.draft(BOTH).await;
    assert_eq!(result["assumed"]["by"], "rule");
    assert_eq!(result["searched_with"][0], "griffier");
    assert!(!models(&workplace.model.log()).contains(&"klein"));
    assert_eq!(spared().await, [1, 1]);
    // A rule tells the category, and no law speaks of the term: the question goes out all the same.
    let result = program.draft("xylofoonverbod").await;
    assert_eq!(result["assumed"]["by"], "rule");
    assert!(models(&workplace.model.log()).contains(&"klein"));
    assert_eq!(spared().await, [1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_question_is_spared_once_while_its_answer_would_have_been_kept_whatever_the_draft_takes()
 {
    let workplace = Workplace::new().await;
    let mut program = with_small_calls(&workplace).await;
    let begun = workplace.now();
    let mut known = fields(
        "griffier",
        "ambtenaar die de rechter bijstaat bij een zitting",
    );
    known["synonyms"] = json!([BOTH]);
    let _ = program
        .call("concept_save", json!({ "fields": known }))
        .await;
    let mut settings = program.settings().await;
    settings["cache"]["ttl_hours"] = 2.into();
    let _ = program.call("settings_save", settings).await;
    // Each is another question to the large model: another case, other rules, an answer that was refused. To the
    // small model it would have been the same one.
    let draft = async |program: &Program, notes: &str| {
        let mut asked = question(BOTH);
        asked["input"]["notes"] = notes.into();
        let calls = workplace.model.calls();
        let result = program.define(asked).await.1.unwrap();
        assert_eq!(result["assumed"]["by"], "rule");
        assert!(workplace.model.calls() > calls, "{notes}: no call");
        spared(program, begun, workplace.now()).await
    };
    assert_eq!(draft(&program, "").await, [1, 0]);
    assert_eq!(draft(&program, "voor een brief").await, [1, 0]);
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::Faulty);
    for _ in 0..2 {
        assert_eq!(draft(&program, "voor een besluit").await, [1, 0]);
    }
    // After a new start, and by another program.
    program.close().await;
    program = workplace.open().await;
    assert_eq!(draft(&program, "voor een zitting").await, [1, 0]);
    // Another context is another question to the small model too.
    let mut elsewhere = question(BOTH);
    elsewhere["input"]["context"] = json!({ "organisations": ["DJI"] });
    let _ = program.define(elsewhere).await.1.unwrap();
    assert_eq!(spared(&program, begun, workplace.now()).await, [2, 0]);
    // Its answer would be too old by now, and asked once more.
    workplace.clock.advance(SignedDuration::from_mins(121));
    for notes in ["", "voor een brief"] {
        assert_eq!(draft(&program, notes).await, [3, 0], "{notes}");
    }
    assert!(!models(&workplace.model.log()).contains(&"klein"));
    // Without a cache each of them would have been asked.
    let mut settings = program.settings().await;
    settings["cache"]["enabled"] = false.into();
    let _ = program.call("settings_save", settings).await;
    for count in [4, 5] {
        assert_eq!(draft(&program, "").await, [count, 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_counted_is_on_disk_in_a_moment_also_of_drafts_that_rules_decide() {
    let workplace = Workplace::new().await;
    let program = without_laws(&workplace).await;
    let other = workplace.open().await;
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::Faulty);
    for (drafts, term) in [(1, "proefzaakverbod"), (2, "proefsepot")] {
        let _ = program.draft(term).await;
        let _ = program.draft("vonnis").await;
        // Seen by another program, which reads the file; this one is neither asked nor closed.
        for left in (0..200).rev() {
            let seen = other.call("insight", json!({})).await;
            let costs = &seen["costs"];
            if costs["total"]["questions"] == 2 * drafts
                && costs["routing"]["by_rule"] == drafts
                && !seen["failures"].as_array().unwrap().is_empty()
            {
                break;
            }
            assert!(left > 0, "{seen}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_busy_file_did_not_take_is_written_down_later() {
    let workplace = Workplace::new().await;
    let program = without_laws(&workplace).await;
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::Faulty);
    let _ = program.draft("proefsepot").await;
    // Both tables refuse what comes, as a full disk does.
    let refuse = |table: &str| {
        format!(
            "CREATE TRIGGER no_{table} BEFORE INSERT ON {table} \
             BEGIN SELECT RAISE(ABORT, 'full'); END;"
        )
    };
    packs::directly(&workplace, &refuse("asked"));
    packs::directly(&workplace, &refuse("failed_rule"));
    let _ = program.draft("proefzaakverbod").await;
    let _ = program.refused("costs", json!({})).await;
    packs::directly(&workplace, "DROP TRIGGER no_asked;");
    // The questions can be written down now, the rules that failed cannot yet.
    let _ = program.refused("insight", json!({})).await;
    packs::directly(&workplace, "DROP TRIGGER no_failed_rule;");
    let seen = program.call("insight", json!({})).await;
    assert_eq!(seen["costs"]["total"]["questions"], 2);
    assert_eq!(seen["costs"]["routing"]["by_rule"], 2);
    let failures = seen["failures"].as_array().unwrap();
    let of_both = failures.iter().filter(|one| one["drafts"] == 2).count();
    assert!(of_both > 0, "{failures:?}");
}
