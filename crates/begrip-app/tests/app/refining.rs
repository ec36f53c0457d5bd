//! Another version of a draft, by the user's wish: what goes along, what it costs, and what stays here.
//! The model's own call log is the witness.

use begrip_mock_model::{Behaviour, Call, When};
use serde_json::{Value, json};

use crate::support::{Program, Workplace, fields};

const TERM: &str = "contactverbod";

/// Definitions that break no blocking rule, in the order in which they are given.
const VERSIONS: [&str; 6] = [
    "verbod om een ander te benaderen",
    "maatregel die verbiedt een ander te benaderen",
    "beslissing die verbiedt een ander op te zoeken",
    "bevel om bij een ander weg te blijven",
    "bevel dat een ander met rust laat",
    "opdracht om een ander met rust te laten",
];

const WISHES: [&str; 5] = [
    "Zeg dat het een maatregel is.",
    "Noem ook de beslissing.",
    "Maak het korter.",
    "Laat de beslissing weg.",
    "Begin met opdracht.",
];

fn reply(definition: &str) -> Behaviour {
    let text = json!({
        "definition": definition,
        "explanation": "Dat mag dan niet.",
        "examples": [],
        "counter_examples": [],
        "synonyms": [],
        "antonyms": [],
    });
    Behaviour::Text {
        text: text.to_string(),
    }
}

fn answers(workplace: &Workplace, definitions: &[&str]) {
    for definition in definitions {
        let once = When::Next { times: 1 };
        workplace.model.set_behaviour(once, reply(definition));
    }
}

/// A question, with the rounds before it where another version is asked for.
fn asked(mut input: Value, turns: &[(&str, &str)], wish: &str) -> Value {
    let turns: Vec<Value> = turns
        .iter()
        .map(|(wish, definition)| json!({ "wish": wish, "definition": definition }))
        .collect();
    if !turns.is_empty() {
        input["refine"] = json!({ "turns": turns, "wish": wish });
    }
    json!({ "request_id": "1", "input": input })
}

fn plain() -> Value {
    json!({
        "term": TERM,
        "context": { "organisations": ["OM"], "legal_areas": ["strafrecht"], "statutory_bases": [] },
    })
}

impl Program {
    async fn version(&self, request: Value) -> Value {
        self.define(request).await.1.unwrap()
    }
}

fn said(call: &Call, at: usize) -> &str {
    call.body["messages"][at]["content"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_version_is_one_call_with_the_first_question_and_the_last_three_rounds() {
    let workplace = Workplace::new().await;
    answers(&workplace, &VERSIONS);
    let program = workplace.open().await;
    let mut turns: Vec<(&str, &str)> = Vec::new();
    for (at, version) in VERSIONS.iter().enumerate() {
        let wish = at.checked_sub(1).map_or("", |at| WISHES[at]);
        let result = program.version(asked(plain(), &turns, wish)).await;
        assert_eq!(result["reply"]["definition"], *version);
        assert_eq!(
            (&result["calls"], &result["cache"]),
            (&json!(1), &json!("miss"))
        );
        let log = workplace.model.log();
        assert_eq!(log.len(), at + 1);
        // A provider that keeps the beginning of a question has all of the first one.
        assert_eq!(said(&log[at], 0), said(&log[0], 0));
        let rest = said(&log[at], 1).strip_prefix(said(&log[0], 1)).unwrap();
        assert!(said(&log[0], 1).contains("<term>contactverbod</term>"));
        for (earlier, (wish, definition)) in turns.iter().enumerate() {
            let along = earlier + 3 >= turns.len();
            assert_eq!(
                rest.contains(definition),
                along,
                "{at}: {definition} in {rest}"
            );
            if !wish.is_empty() {
                assert_eq!(rest.contains(wish), along, "{at}: {wish} in {rest}");
            }
        }
        assert!(rest.ends_with(&match wish {
            "" => String::new(),
            wish => format!("<wens>{wish}</wens>"),
        }));
        let left = result["dropped"].as_array().unwrap();
        assert_eq!(left.contains(&json!("turn_1")), turns.len() > 3, "{left:?}");
        turns.push((wish, version));
    }
    let rows = program.call("costs", json!({ "by": "task" })).await;
    let calls = |task: &str| {
        let rows = rows["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == task);
        row.map_or(0, |row| row["calls"].as_u64().unwrap())
    };
    assert_eq!((calls("define"), calls("refine")), (1, 5), "{rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_wish_about_the_same_version_is_asked_once_also_after_a_restart() {
    let workplace = Workplace::new().await;
    answers(&workplace, &VERSIONS);
    let program = workplace.open().await;
    program.version(asked(plain(), &[], "")).await;
    let wish = asked(plain(), &[("", VERSIONS[0])], WISHES[0]);
    let first = program.version(wish.clone()).await;
    assert_eq!(program.version(wish.clone()).await["cache"], "memory");
    assert_eq!(program.answers_on_disk().await, 2);
    program.close().await;
    let program = workplace.open().await;
    let mut offline = wish.clone();
    offline["offline"] = true.into();
    let again = program.version(offline.clone()).await;
    assert_eq!(again["cache"], "disk");
    assert_eq!(again["reply"], first["reply"]);
    assert_eq!(workplace.model.calls(), 2);
    // What nobody asked before needs the model.
    offline["input"]["refine"]["wish"] = WISHES[1].into();
    assert_eq!(program.draft_refused(offline).await, "BG-515");
    // Once more, by the user's own choice.
    let mut anew = wish;
    anew["regenerate"] = true.into();
    let other = program.version(anew).await;
    assert_eq!(other["reason"], "asked_anew");
    assert_ne!(other["draft_id"], first["draft_id"]);
    assert_ne!(other["reply"]["definition"], first["reply"]["definition"]);
    assert_eq!(workplace.model.calls(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_is_named_in_a_wish_or_a_version_leaves_and_the_answer_stays_in_memory() {
    let workplace = Workplace::new().await;
    answers(
        &workplace,
        &["verbod dat [verdachte] oplegt om [persoon 1] te benaderen"],
    );
    let program = workplace.open().await;
    let mut input = plain();
    input["notes"] = "Getuige Xander werd gebeld.".into();
    input["privacy"] = json!({ "parties": ["verdachte: Jan Jansen"] });
    let request = asked(
        input.clone(),
        &[("", "verbod voor Jansen om Xander te benaderen")],
        "Noem Jan Jansen met BSN 111222333, maar Xander niet.",
    );
    let shown = program.call("preview", request["input"].clone()).await;
    assert_eq!(workplace.model.calls(), 0);
    assert_eq!(
        shown["wish"]["after"],
        "Noem [verdachte] met BSN [bsn], maar [persoon 1] niet."
    );
    assert_eq!(shown["wish"]["replaced"].as_array().unwrap().len(), 3);
    let result = program.version(request.clone()).await;
    assert_eq!(
        result["reply"]["definition"],
        "verbod dat Jan Jansen oplegt om Xander te benaderen"
    );
    let log = workplace.model.log();
    for call in &log {
        let body = call.body.to_string();
        for secret in ["Jansen", "Xander", "111222333"] {
            assert!(!body.contains(secret), "{secret} in {body}");
        }
    }
    assert!(
        said(&log[0], 1).contains("<versie>verbod voor [verdachte] om [persoon 1] te benaderen"),
        "{}",
        said(&log[0], 1)
    );
    assert_eq!(program.answers_on_disk().await, 0);
    assert_eq!(program.version(request).await["cache"], "memory");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_is_about_a_case_when_it_names_somebody_or_parties_are_known() {
    let about = |wish: &str, text: &str, parties: &[&str]| {
        let mut input = plain();
        input["privacy"] = json!({ "parties": parties });
        asked(input, &[("", text)], wish)
    };
    for (request, on_disk) in [
        (about("Maak het korter.", VERSIONS[0], &[]), 1),
        (about("Bel 06-12345678.", VERSIONS[0], &[]), 0),
        (
            about("Maak het korter.", "verbod aan mevrouw Xanthopoulos", &[]),
            0,
        ),
        (about("Maak het korter.", VERSIONS[0], &["Jan Jansen"]), 0),
    ] {
        let workplace = Workplace::new().await;
        answers(&workplace, &VERSIONS[1..2]);
        let program = workplace.open().await;
        program.version(request.clone()).await;
        assert_eq!(program.answers_on_disk().await, on_disk, "{request}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_that_says_nothing_or_too_much_is_refused_and_nothing_is_sent() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let turns = [("", VERSIONS[0])];
    let long = "a".repeat(1_001);
    for (request, code) in [
        (asked(plain(), &turns, "  "), "BG-416"),
        (asked(plain(), &[("", " ")], "Korter."), "BG-416"),
        (asked(plain(), &turns, &long), "BG-417"),
        (asked(plain(), &[(&long, "tekst")], "Korter."), "BG-417"),
        (asked(plain(), &[("", "tekst"); 51], "Korter."), "BG-104"),
        (
            asked(plain(), &[("", &"a ".repeat(10_001))], "Korter."),
            "BG-401",
        ),
    ] {
        assert_eq!(
            program.refused("preview", request["input"].clone()).await,
            code
        );
        assert_eq!(program.draft_refused(request).await, code);
    }
    let mut settings = program.settings().await;
    settings["budgets"]["prompt_tokens"] = 700.into();
    program.call("settings_save", settings).await;
    let wish = "noem de duur, ".repeat(70);
    let request = asked(plain(), &turns, &wish);
    assert_eq!(program.draft_refused(request).await, "BG-417");
    assert_eq!(workplace.model.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_breaks_a_blocking_rule_is_mended_once_and_its_exchange_is_kept() {
    let workplace = Workplace::new().await;
    answers(
        &workplace,
        &[
            VERSIONS[0],
            "een contactverbod is het verbod om iemand te benaderen.",
            VERSIONS[1],
        ],
    );
    let program = workplace.open().await;
    let first = program.version(asked(plain(), &[], "")).await;
    let second = program
        .version(asked(plain(), &[("", VERSIONS[0])], WISHES[0]))
        .await;
    assert_eq!(second["calls"], 2);
    assert_eq!(second["reply"]["definition"], VERSIONS[1]);
    let log = workplace.model.log();
    assert_eq!(log.len(), 3);
    let request = json!({
        "fields": fields(TERM, VERSIONS[1]),
        "draft_id": second["draft_id"],
        "accept_duplicate": true,
    });
    let saved = program.call("concept_save", request).await;
    let id = &saved["view"]["concept"]["id"];
    let told = program.call("concept_exchange", json!({ "id": id })).await;
    let tasks: Vec<_> = told["turns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|turn| turn["task"].as_str().unwrap())
        .collect();
    assert_eq!(tasks, ["refine", "repair"]);
    for (turn, call) in told["turns"].as_array().unwrap().iter().zip(&log[1..]) {
        assert_eq!(turn["messages"], call.body["messages"]);
    }
    // The version before it can still be kept, with the exchange that is its own.
    let request = json!({
        "fields": fields(TERM, VERSIONS[0]),
        "draft_id": first["draft_id"],
        "accept_duplicate": true,
        "reason": "beide",
    });
    let saved = program.call("concept_save", request).await;
    let id = &saved["view"]["concept"]["id"];
    let told = program.call("concept_exchange", json!({ "id": id })).await;
    assert_eq!(told["turns"][0]["messages"], log[0].body["messages"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_counts_as_the_question_that_it_is() {
    const MODEL: &str = "groot";
    let workplace = Workplace::new().await;
    answers(&workplace, &VERSIONS);
    let program = workplace.open().await;
    let mut settings = program.settings().await;
    settings["routing"]["define"] = json!({ "model": MODEL, "timeout_s": 0 });
    settings["prices"]["models"] =
        json!([{ "model": "*", "eur_per_million_in": 2, "eur_per_million_out": 10 }]);
    let _ = program.call("settings_save", settings).await;
    program.version(asked(plain(), &[], "")).await;
    let wish = asked(plain(), &[("", VERSIONS[0])], WISHES[0]);
    let _ = program.version(wish.clone()).await;
    assert_eq!(program.version(wish).await["cache"], "memory");
    let log = workplace.model.log();
    assert_eq!(log.len(), 2);
    let told = program.call("insight", json!({})).await;
    assert_eq!(
        told["fates"],
        json!([{ "name": "memory", "count": 1 }, { "name": "miss", "count": 2 }])
    );
    let total = &told["costs"]["total"];
    assert_eq!(
        (&total["questions"], &total["saved"], &total["calls"]),
        (&json!(3), &json!(1), &json!(2))
    );
    // The one that was saved is that whose euro are told.
    let micro = f64::from(log[1].tokens_in * 2 + log[1].tokens_out * 10);
    let saved = total["eur_saved"].as_f64().unwrap() * 1e6;
    assert!((saved - micro).abs() < 1.0, "{saved} {micro}");
    assert_eq!(told["costs"]["routing"]["other_models"], 2);
    assert_ne!(total["latency_p95_ms"], Value::Null);
}
