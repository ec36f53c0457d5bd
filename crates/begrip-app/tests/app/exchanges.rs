//! What was asked and answered for a draft is kept word for word, and is told of the concept that the
//! draft became. The model's own call log is the witness.

use begrip_app::OpenOptions;
use begrip_mock_model::{Behaviour, Call, Latency, MockConfig, When};
use serde_json::{Value, json};

use crate::privacy::places;
use crate::support::{Program, Workplace, child_home, fields, in_a_process, question};

const TERM: &str = "contactverbod";

/// A reply with this definition, as the model writes it; with letters that are easily changed on the way.
fn reply(definition: &str) -> String {
    format!(
        "{{\"definition\": {}, \"explanation\": \"Priv\u{e9}  — „zo”.\", \"examples\": [\"bij een \\\"café\\\"\"],\n \
         \"counter_examples\": [], \"synonyms\": [], \"antonyms\": []}}",
        json!(definition)
    )
}

fn answers(workplace: &Workplace, texts: &[String]) {
    for text in texts {
        let text = text.clone();
        workplace
            .model
            .set_behaviour(When::Next { times: 1 }, Behaviour::Text { text });
    }
}

impl Program {
    /// Keeps a draft as a concept; its id.
    async fn keep_draft(&self, term: &str, draft: &Value) -> Value {
        let definition = draft["reply"]["definition"].as_str().unwrap();
        let request = json!({
            "fields": fields(term, definition),
            "draft_id": draft["draft_id"],
            "accept_duplicate": true,
        });
        let saved = self.call("concept_save", request).await;
        saved["view"]["concept"]["id"].clone()
    }

    async fn exchange(&self, id: &Value) -> Value {
        self.call("concept_exchange", json!({ "id": id })).await
    }
}

/// What the program tells is what the model saw and said.
#[track_caller]
fn is_of(turn: &Value, call: &Call, answer: Option<&str>) {
    assert_eq!(turn["messages"], call.body["messages"]);
    assert_eq!(turn["answer"].as_str(), answer);
    assert_eq!(turn["request_id"].as_str(), call.request_id.as_deref());
    assert_eq!(turn["tokens_in"], call.tokens_in);
    assert_eq!(turn["tokens_out"], call.tokens_out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concept_leads_to_the_question_the_repair_and_their_answers_to_the_letter() {
    let workplace = Workplace::new().await;
    let texts = [
        reply("een contactverbod is het verbod om iemand te benaderen."),
        reply("verbod om een ander te benaderen"),
    ];
    answers(&workplace, &texts);
    let program = workplace.open().await;
    // Two letters that go out as one.
    let input = json!({
        "term": TERM,
        "context": { "organisations": ["Re\u{301}gie"], "legal_areas": [], "statutory_bases": [] },
    });
    let request = json!({ "request_id": "1", "input": input });
    let draft = program.define(request).await.1.unwrap();
    let id = program.keep_draft(TERM, &draft).await;
    let log = workplace.model.log();
    assert_eq!(log.len(), 2);
    let told = program.exchange(&id).await;
    assert_eq!(told["state"], "kept");
    assert_eq!(told["source"], "miss");
    let turns = told["turns"].as_array().unwrap();
    assert_eq!(turns.len(), 2);
    for ((turn, call), text) in turns.iter().zip(&log).zip(&texts) {
        is_of(turn, call, Some(text));
        assert_eq!(turn["model"], draft["model"]);
        assert_eq!(turn["pack_version"], draft["report"]["pack_version"]);
        assert_eq!(turn["used"], true);
    }
    assert_eq!(turns[0]["task"], "define");
    assert_eq!(turns[1]["task"], "repair");
    assert!(
        turns[0]["messages"].to_string().contains("R\u{e9}gie"),
        "{turns:?}"
    );
    program.close().await;
    assert_eq!(workplace.open().await.exchange(&id).await, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_that_did_not_help_is_told_as_that() {
    let faulty = reply("een contactverbod is het verbod om iemand te benaderen.");
    for (behaviour, answer) in [
        (
            Behaviour::Text {
                text: faulty.clone(),
            },
            Some(faulty.as_str()),
        ),
        (Behaviour::status(401), None),
    ] {
        let workplace = Workplace::new().await;
        answers(&workplace, std::slice::from_ref(&faulty));
        workplace
            .model
            .set_behaviour(When::Next { times: 1 }, behaviour);
        let program = workplace.open().await;
        let draft = program.draft(TERM).await;
        let id = program.keep_draft(TERM, &draft).await;
        let told = program.exchange(&id).await;
        let log = workplace.model.log();
        let repair = &told["turns"][1];
        assert_eq!(repair["messages"], log[1].body["messages"]);
        assert_eq!(repair["request_id"].as_str(), log[1].request_id.as_deref());
        assert_eq!(repair["answer"].as_str(), answer);
        assert_eq!(repair["used"], false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_answer_leads_to_the_exchange_that_made_it_and_a_new_one_to_its_own() {
    let workplace = Workplace::new().await;
    let texts = [
        reply("verbod om een ander te benaderen"),
        reply("verbod om een ander aan te spreken"),
    ];
    answers(&workplace, &texts);
    let program = workplace.open().await;
    let first = program.draft(TERM).await;
    let again = program.draft(TERM).await;
    assert_eq!(again["cache"], "memory");
    let mut kept = vec![
        (program.keep_draft(TERM, &first).await, "miss", 0),
        (program.keep_draft(TERM, &again).await, "memory", 0),
    ];
    program.close().await;
    let program = workplace.open().await;
    let on_disk = program.draft(TERM).await;
    kept.push((program.keep_draft(TERM, &on_disk).await, "disk", 0));
    let mut anew = question(TERM);
    anew["regenerate"] = true.into();
    let new = program.define(anew).await.1.unwrap();
    kept.push((program.keep_draft(TERM, &new).await, "miss", 1));
    let log = workplace.model.log();
    assert_eq!(log.len(), 2);
    for (id, source, call) in &kept {
        let told = program.exchange(id).await;
        assert_eq!(told["source"], *source);
        assert_eq!(told["turns"].as_array().unwrap().len(), 1);
        is_of(&told["turns"][0], &log[*call], Some(&texts[*call]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outdated_answer_leads_to_the_exchange_that_gave_it() {
    let workplace = Workplace::new().await;
    let text = reply("verbod om een ander te benaderen");
    answers(&workplace, std::slice::from_ref(&text));
    let program = workplace.open().await;
    program.draft(TERM).await;
    program.close().await;
    // More than an answer stays fresh.
    workplace
        .clock
        .advance(jiff::SignedDuration::from_hours(24 * 40));
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::status(503));
    let program = workplace.open().await;
    let mut offline = question(TERM);
    offline["offline"] = true.into();
    let mut kept = Vec::new();
    for request in [offline, question(TERM)] {
        let stale = program.define(request).await.1.unwrap();
        assert_eq!(stale["cache"], "stale");
        kept.push(program.keep_draft(TERM, &stale).await);
    }
    program.close().await;
    let program = workplace.open().await;
    let log = workplace.model.log();
    for id in &kept {
        let told = program.exchange(id).await;
        assert_eq!(
            (&told["state"], &told["source"]),
            (&json!("kept"), &json!("stale"))
        );
        assert_eq!(told["turns"].as_array().unwrap().len(), 1);
        is_of(&told["turns"][0], &log[0], Some(&text));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_ask_the_same_at_one_time_are_led_to_the_one_exchange() {
    // Long enough for all of them to have asked before the first has its answer: who comes after a faulty one,
    // and before it is repaired, asks a question of their own.
    let latency = Latency {
        first_ms: 2_000.0,
        ..Latency::default()
    };
    let workplace = Workplace::with(MockConfig {
        latency,
        ..MockConfig::default()
    })
    .await;
    workplace
        .model
        .set_behaviour(When::Always, Behaviour::FaultyThenRepaired);
    let program = workplace.open().await;
    let drafts = (0..8).map(|_| {
        let program = program.clone();
        tokio::spawn(async move { program.draft(TERM).await })
    });
    let mut told = Vec::new();
    for draft in drafts.collect::<Vec<_>>() {
        let id = program.keep_draft(TERM, &draft.await.unwrap()).await;
        told.push(program.exchange(&id).await["turns"].clone());
    }
    let log = workplace.model.log();
    for turns in &told {
        let own = log
            .iter()
            .find(|call| call.request_id.as_deref() == turns[0]["request_id"].as_str())
            .unwrap();
        assert_eq!(turns[0]["messages"], own.body["messages"]);
        assert_eq!(turns.as_array().unwrap().len(), 2, "{turns}");
    }
    assert_eq!(told.iter().filter(|turns| **turns != told[0]).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_of_a_batch_keeps_its_exchange_too() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let job = program.batch("term\ncontactverbod\n").await;
    program.job_is(&job, "done").await;
    let items = program.items(&job).await;
    let id = program.keep_draft(TERM, &items[0]["draft"]).await;
    let told = program.exchange(&id).await;
    assert_eq!(told["state"], "kept");
    assert_eq!(
        told["turns"][0]["messages"],
        workplace.model.log()[0].body["messages"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_with_notes_is_told_in_the_run_and_reaches_no_file() {
    // Nothing of it identifies anybody: it goes out as it stands, and is a case all the same.
    const NOTES: &str = "De buurman zwaaide met een tuinslang en riep iets over erwtensoep.";
    const ANSWER: &str = "Zoals bij de tuinslang met erwtensoep.";
    let workplace = Workplace::new().await;
    let text = reply("verbod om een ander te benaderen").replace("Priv\u{e9}  — „zo”.", ANSWER);
    answers(&workplace, std::slice::from_ref(&text));
    let program = workplace.open().await;
    let request = json!({ "request_id": "1", "input": { "term": TERM, "notes": NOTES } });
    let draft = program.define(request.clone()).await.1.unwrap();
    let again = program.define(request).await.1.unwrap();
    assert_eq!(again["cache"], "memory");
    let ids = [
        program.keep_draft(TERM, &draft).await,
        program.keep_draft(TERM, &again).await,
    ];
    let log = workplace.model.log();
    assert_eq!(log.len(), 1);
    for id in &ids {
        let told = program.exchange(id).await;
        assert_eq!(told["state"], "in_memory");
        is_of(&told["turns"][0], &log[0], Some(&text));
        assert!(told["turns"].to_string().contains("erwtensoep"));
    }
    program.close().await;
    workplace
        .clock
        .advance(jiff::SignedDuration::from_hours(25));
    let program = workplace.open().await;
    for id in &ids {
        let told = program.exchange(id).await;
        assert_eq!(told["state"], "with_notes");
        assert_eq!(told["turns"], json!([]));
    }
    program.close().await;
    for text in ["tuinslang", "erwtensoep", "zwaaide"] {
        assert_eq!(places(&workplace, text), std::collections::BTreeSet::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_answers_removes_their_exchanges_and_those_of_concepts_when_that_is_asked() {
    const SECRET: &str = "zonnebloempit";
    let workplace = Workplace::new().await;
    let texts = ["benaderen", "aanspreken"]
        .map(|what| reply(&format!("verbod om een ander te {what}")).replace("„zo”", SECRET));
    answers(&workplace, &texts);
    let program = workplace.open().await;
    let draft = program.draft(TERM).await;
    let concept = program.keep_draft(TERM, &draft).await;
    // A draft that nobody keeps.
    let mut anew = question(TERM);
    anew["regenerate"] = true.into();
    let loose = program.define(anew).await.1.unwrap();
    program.close().await;
    workplace
        .clock
        .advance(jiff::SignedDuration::from_hours(25));
    // Makes a backup.
    let program = workplace.open().await;
    let found = || {
        let mut found = places(&workplace, SECRET);
        found.remove("answer.body");
        found.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(found(), ["exchange.body"]);
    let clear = |with_exchanges: bool| json!({ "term": TERM, "with_exchanges": with_exchanges });
    program
        .call(
            "cache_clear",
            json!({ "term": "iets anders", "with_exchanges": true }),
        )
        .await;
    program.call("cache_clear", clear(false)).await;
    assert_eq!(program.exchange(&concept).await["state"], "kept");
    let loose = program.keep_draft(TERM, &loose).await;
    assert_eq!(program.exchange(&loose).await["state"], "removed");
    assert_eq!(found(), ["exchange.body"]);
    program.call("cache_clear", clear(true)).await;
    assert_eq!(program.exchange(&concept).await["state"], "removed");
    assert_eq!(found(), Vec::<String>::new(), "also in the backups");
    // A person's own text and one of before are told as what they are.
    let own = program.keep("eigen begrip", "begrip van een persoon").await;
    assert_eq!(program.exchange(&own["id"]).await["state"], "no_model");
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawing_a_concept_leaves_what_was_asked_and_answered() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let draft = program.draft(TERM).await;
    let id = program.keep_draft(TERM, &draft).await;
    let withdraw = json!({ "id": id, "base_version": 1, "status": "withdrawn" });
    program.call("concept_status", withdraw).await;
    assert_eq!(program.exchange(&id).await["state"], "kept");
}

/// Such an answer does not wait for the disk; what the program was told to keep of it does.
#[tokio::test(flavor = "multi_thread")]
async fn a_draft_of_a_kept_answer_is_known_after_a_kill_once_its_name_was_kept() {
    const TEST: &str =
        "exchanges::a_draft_of_a_kept_answer_is_known_after_a_kill_once_its_name_was_kept";
    if let Some(home) = child_home() {
        let program = Program::open(OpenOptions::at(home)).await.unwrap();
        let draft = program.draft(TERM).await;
        assert_eq!(draft["cache"], "disk");
        let content = json!({ "draft_id": draft["draft_id"], "reply": draft["reply"] });
        let text = json!({ "key": "compose", "content": content.to_string() });
        let _ = program.call("buffer_save", text).await;
        std::process::abort();
    }
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let mut settings = program.settings().await;
    settings["model"]["base_url"] = format!("{}/v1", workplace.model.url()).into();
    settings["model"]["model"] = begrip_mock_model::MODEL_NAME.into();
    let _ = program.call("settings_save", settings).await;
    program.draft(TERM).await;
    program.close().await;

    let output = in_a_process(TEST, &workplace.home());
    assert!(!output.status.success(), "it must have died");
    let program = workplace.open().await;
    let buffer = program
        .call("buffer_load", json!({ "key": "compose" }))
        .await;
    let draft: Value = serde_json::from_str(buffer["content"].as_str().unwrap()).unwrap();
    let id = program.keep_draft(TERM, &draft).await;
    let told = program.exchange(&id).await;
    assert_eq!(
        (&told["state"], &told["source"]),
        (&json!("kept"), &json!("disk"))
    );
    let log = workplace.model.log();
    assert_eq!(log.len(), 1);
    assert_eq!(told["turns"][0]["messages"], log[0].body["messages"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_answers_removes_what_the_model_wrote_about_any_case_also_from_the_backups() {
    // Nobody: what a gate missed and a model said again.
    const NAMED: &str = "zwanebloemsma";
    let workplace = Workplace::new().await;
    answers(
        &workplace,
        &[reply(&format!("verbod om bij {NAMED} te komen"))],
    );
    let program = workplace.open().await;
    let input = json!({ "term": TERM, "notes": "de zaak van gisteren" });
    let about = json!({ "request_id": "1", "input": input });
    let draft = program.define(about).await.1.unwrap();
    let other = program.draft("gebiedsverbod").await;
    program.close().await;
    workplace
        .clock
        .advance(jiff::SignedDuration::from_hours(25));
    // Makes a backup.
    let program = workplace.open().await;
    let found = || places(&workplace, NAMED).into_iter().collect::<Vec<_>>();
    assert_eq!(found(), ["buffer.content"]);
    // Whatever is named.
    let other_term = json!({ "term": "iets anders" });
    program.call("cache_clear", other_term).await;
    assert_eq!(found(), Vec::<String>::new(), "also in the backups");
    // It can be kept all the same, and what was about no case is as it was.
    let concept = program.keep_draft(TERM, &draft).await;
    assert_eq!(program.exchange(&concept).await["state"], "no_model");
    let concept = program.keep_draft("gebiedsverbod", &other).await;
    assert_eq!(program.exchange(&concept).await["state"], "kept");
    program.close().await;
    let held = crate::pages::holding(&workplace.home(), NAMED.as_bytes());
    assert_eq!(held, ["begrip.db"], "only the concept that was kept");
}
