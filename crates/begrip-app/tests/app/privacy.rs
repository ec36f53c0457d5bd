//! What identifies somebody leaves the machine in no request, and comes back in the answer.

use std::collections::BTreeSet;

use begrip_mock_model::{Behaviour, When};
use rusqlite::types::ValueRef;
use serde_json::{Value, json};

use crate::sources::import;
use crate::support::Workplace;

const TERM: &str = "contactverbod";

const NOTES: &str = "De verdachte Jan Jansen (BSN 111222333, geboren op 12-03-1980 te Utrecht, wonende aan de \
    Dorpsstraat 12, 3512 JK Utrecht) belde mevrouw Xanthopoulos op 06-12345678 over parketnummer 16/123456-20.";

/// What of the notes no request may hold.
const SECRETS: [&str; 9] = [
    "Jansen",
    "111222333",
    "12-03-1980",
    "Dorpsstraat",
    "3512",
    "Xanthopoulos",
    "12345678",
    "123456-20",
    "Utrecht",
];

fn input() -> Value {
    json!({
        "term": TERM,
        "notes": NOTES,
        "privacy": { "parties": ["verdachte: Jan Jansen"], "also": [], "let_out": [] },
    })
}

fn request(input: &Value) -> Value {
    json!({ "request_id": "1", "input": input })
}

fn answer(definition: &str) -> Behaviour {
    Behaviour::Text {
        text: json!({
            "definition": definition,
            "explanation": "Zoals bij [Persoon 1] en {verdachte}.",
            "examples": ["een verbod voor [verdachte]"],
            "counter_examples": [],
            "synonyms": [],
        })
        .to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_holds_what_identifies_somebody_and_the_answer_gets_it_back() {
    let workplace = Workplace::new().await;
    workplace.model.set_behaviour(
        When::Always,
        answer("verbod om contact te hebben met [persoon 1]"),
    );
    let program = workplace.open().await;
    let (events, result) = program.define(request(&input())).await;
    let result = result.unwrap();

    let log = workplace.model.log();
    assert!(!log.is_empty());
    for call in &log {
        let body = call.body.to_string();
        for secret in SECRETS {
            assert!(!body.contains(secret), "{secret} in {body}");
        }
    }
    let sent = log[0].body.to_string();
    for placeholder in [
        "[verdachte]",
        "[bsn]",
        "[adres]",
        "[persoon 1]",
        "[parketnummer]",
    ] {
        assert!(sent.contains(placeholder), "{placeholder} in {sent}");
    }

    assert_eq!(
        result["reply"]["definition"],
        "verbod om contact te hebben met Xanthopoulos"
    );
    assert_eq!(
        result["reply"]["explanation"],
        "Zoals bij Xanthopoulos en Jan Jansen."
    );
    assert_eq!(result["reply"]["examples"][0], "een verbod voor Jan Jansen");
    assert_eq!(
        result["put_back"],
        json!([
            { "placeholder": "[persoon 1]", "original": "Xanthopoulos" },
            { "placeholder": "[verdachte]", "original": "Jan Jansen" },
        ])
    );
    let told = Value::from(events).to_string();
    assert!(
        told.contains("met Xanthopoulos") && !told.contains("met [persoon"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_holds_placeholders_as_well() {
    let workplace = Workplace::new().await;
    workplace.model.set_behaviour(
        When::Always,
        answer("een contactverbod is het verbod voor [verdachte]."),
    );
    let program = workplace.open().await;
    let result = program.define(request(&input())).await.1.unwrap();
    assert_eq!(result["calls"], 2);
    for call in workplace.model.log() {
        let body = call.body.to_string();
        assert!(
            body.contains("[verdachte]") && !body.contains("Jansen"),
            "{body}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_preview_shows_before_and_after_and_what_the_user_decides_holds() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let preview = program.call("preview", input()).await;
    let privacy = &preview["privacy"];
    assert_eq!(privacy["before"], NOTES);
    let after = privacy["after"].as_str().unwrap();
    let last = preview["messages"].as_array().unwrap().last().unwrap();
    assert!(last["content"].as_str().unwrap().contains(after));
    let characters = |text: &Value, each: &Value, from: &str, to: &str| -> String {
        let place = |name: &str| usize::try_from(each[name].as_u64().unwrap()).unwrap();
        let text = text.as_str().unwrap();
        text.chars()
            .skip(place(from))
            .take(place(to) - place(from))
            .collect()
    };
    for each in privacy["replaced"].as_array().unwrap() {
        let before = characters(&privacy["before"], each, "start", "end");
        assert_eq!(each["original"], before);
        let after = characters(&privacy["after"], each, "start_after", "end_after");
        assert_eq!(each["placeholder"], after);
    }

    let mut decided = input();
    decided["privacy"]["let_out"] = json!(["xanthopoulos"]);
    decided["privacy"]["also"] = json!(["belde"]);
    let after = program.call("preview", decided).await["privacy"]["after"].clone();
    let after = after.as_str().unwrap();
    assert!(
        after.contains("[weggelaten] mevrouw Xanthopoulos"),
        "{after}"
    );
    assert_eq!(workplace.model.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_person_in_the_same_place_is_the_same_question() {
    let workplace = Workplace::new().await;
    workplace
        .model
        .set_behaviour(When::Always, answer("verbod voor [verdachte] om te bellen"));
    let program = workplace.open().await;
    let of = |name: &str| {
        request(&json!({
            "term": TERM,
            "notes": format!("{name} belde."),
            "privacy": { "parties": [format!("verdachte: {name}")] },
        }))
    };
    let _ = program.define(of("Jan Jansen")).await.1.unwrap();
    let calls = workplace.model.calls();
    let second = program.define(of("Ada Pietersen")).await.1.unwrap();
    assert_eq!(workplace.model.calls(), calls);
    assert_eq!(
        second["reply"]["definition"],
        "verbod voor Ada Pietersen om te bellen"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_term_or_label_that_identifies_somebody_is_refused_and_nothing_is_sent() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let context =
        |label: &str| json!({ "organisations": [label], "legal_areas": [], "statutory_bases": [] });
    let privacy = json!({ "parties": ["verdachte: Jan Jansen"] });
    for input in [
        json!({ "term": "zaak 111222333" }),
        json!({ "term": "verklaring van Jansen", "privacy": privacy }),
        json!({ "term": TERM, "context": context("team 06-12345678") }),
        json!({ "term": "toezicht op mevrouw Xanthopoulos" }),
        json!({ "term": "toezicht aan de Dorpsstraat 12 te 3512 JK Utrecht" }),
        json!({ "term": "persoon geboren op 12-03-1980" }),
        json!({ "term": TERM, "context": context("zaak van de heer Xanthopoulos") }),
    ] {
        assert_eq!(program.refused("preview", input.clone()).await, "BG-410");
        let refused = program.define(request(&input)).await.1.unwrap_err();
        assert_eq!(refused.code, "BG-410");
    }
    assert_eq!(workplace.model.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_related_concept_that_names_somebody_stays_behind() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    for (term, definition) in [
        (
            "contactverbod met zender",
            "verbod voor iemand als 111222333",
        ),
        (
            "contactverbod op maat",
            "verbod voor mevrouw Xanthopoulos, wonende aan de Dorpsstraat 12 te 3512 JK Utrecht",
        ),
        ("contactverbod Dorpsstraat 12", "verbod om daar te zijn"),
        ("contactverbod zonder zender", "verbod zonder meer"),
    ] {
        let fields = json!({ "term": term, "definition": definition });
        program
            .call("concept_save", json!({ "fields": fields }))
            .await;
    }
    let preview = program.call("preview", json!({ "term": TERM })).await;
    let sent = preview["messages"].to_string();
    assert!(sent.contains("verbod zonder meer"), "{sent}");
    for secret in ["111222333", "Xanthopoulos", "Dorpsstraat", "3512"] {
        assert!(!sent.contains(secret), "{secret} in {sent}");
    }
    let mut held_back: Vec<&str> = texts(&preview["held_back"]);
    held_back.sort_unstable();
    assert_eq!(
        held_back,
        [
            "contactverbod Dorpsstraat 12",
            "contactverbod met zender",
            "contactverbod op maat"
        ]
    );
}

fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|text| text.as_str().unwrap()).collect()
}

/// A decision with this as its one consideration.
pub fn decision(number: u32, text: &str) -> String {
    let whole = include_str!("../../../begrip-interchange/tests/files/uitspraak.xml");
    let (head, _) = whole.split_once("<inhoudsindicatie").unwrap();
    let head = head.replace("2026:12", &format!("2026:{number}"));
    format!(
        r#"{head}<uitspraak xmlns="http://www.rechtspraak.nl/schema/rechtspraak-1.0">
        <section><title>Overwegingen</title><para>{text}</para></section></uitspraak></open-rechtspraak>"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passage_of_a_decision_that_names_somebody_stays_behind_and_the_others_go_without_their_number()
 {
    let workplace = Workplace::new().await;
    workplace
        .model
        .set_behaviour(When::Always, answer("verbod om iemand te benaderen"));
    let program = workplace.open().await;
    let named = decision(
        7,
        "Het contactverbod is opgelegd aan Jan Xanthopoulos, BSN 111222333, wonende aan de Dorpsstraat 12.",
    );
    let party = decision(
        8,
        "Het contactverbod is aan bergman opgelegd voor de duur van twee jaren en zes maanden.",
    );
    let plain = decision(
        9,
        "Het contactverbod is een vrijheidsbeperkende maatregel die de rechter ambtshalve oplegt.",
    );
    let files = [
        ("een.xml", named.as_bytes()),
        ("twee.xml", party.as_bytes()),
        ("drie.xml", plain.as_bytes()),
    ];
    import(&program, &files).await;
    let input = json!({ "term": TERM, "privacy": { "parties": ["verdachte: Ada Bergman"] } });
    let preview = program.call("preview", input.clone()).await;
    let result = program.define(request(&input)).await.1.unwrap();
    for told in [&preview, &result] {
        let mut held_back = texts(&told["held_back"]);
        held_back.sort_unstable();
        assert_eq!(
            held_back,
            [
                "Rechtbank Proefstad, ECLI:NL:RBPRF:2026:7",
                "Rechtbank Proefstad, ECLI:NL:RBPRF:2026:8"
            ]
        );
    }
    assert_eq!(result["passages"].as_array().unwrap().len(), 1);
    let sent = workplace.model.log()[0].body.to_string();
    assert!(
        sent.contains("<bron>Rechtbank Proefstad: Het contactverbod is een vrijheids"),
        "{sent}"
    );
    for secret in [
        "Xanthopoulos",
        "111222333",
        "Dorpsstraat",
        "bergman",
        "ECLI",
    ] {
        assert!(!sent.contains(secret), "{secret} in {sent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_choices_than_anybody_makes_are_refused_and_not_read_over() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let parties = vec!["Jan Jansen"; 201];
    let request = json!({ "text": "Jansen", "privacy": { "parties": parties } });
    assert_eq!(program.refused("pseudonymise", request).await, "BG-103");
}

/// The columns of every database in a home, backups too, that have this text in them.
pub fn places(workplace: &Workplace, text: &str) -> BTreeSet<String> {
    let key = std::fs::read_to_string(workplace.home().join("begrip.key")).unwrap();
    let backups = std::fs::read_dir(workplace.home().join("backup")).unwrap();
    let mut files: Vec<_> = backups.map(|entry| entry.unwrap().path()).collect();
    assert!(!files.is_empty());
    files.extend(["begrip.db", "cache.db"].map(|name| workplace.home().join(name)));
    let mut places = BTreeSet::new();
    for file in files {
        let data = rusqlite::Connection::open(&file).unwrap();
        data.pragma_update(None, "key", format!("x'{}'", key.trim()))
            .unwrap();
        let mut tables = data
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
            .unwrap();
        let tables = tables.query_map([], |row| row.get(0)).unwrap();
        for table in tables.map(Result::<String, _>::unwrap) {
            let Ok(mut all) = data.prepare(&format!("SELECT * FROM \"{table}\"")) else {
                continue;
            };
            let columns: Vec<String> = all.column_names().iter().map(ToString::to_string).collect();
            let mut rows = all.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                for (at, column) in columns.iter().enumerate() {
                    let value = match row.get_ref(at).unwrap() {
                        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
                        _ => continue,
                    };
                    if String::from_utf8_lossy(value).contains(text) {
                        places.insert(format!("{table}.{column}"));
                    }
                }
            }
        }
    }
    places
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_replaced_is_kept_only_where_the_user_wrote_it() {
    let mut workplace = Workplace::new().await;
    workplace.model.set_behaviour(
        When::Always,
        answer("verbod om contact te hebben met [persoon 1]"),
    );
    let program = workplace.open().await;
    let drafted = program.define(request(&input())).await.1.unwrap();
    assert_eq!(
        drafted["reply"]["definition"],
        "verbod om contact te hebben met Xanthopoulos"
    );
    program.close().await;
    let next_day = |workplace: &mut Workplace| {
        workplace
            .clock
            .advance(jiff::SignedDuration::from_hours(25));
    };
    next_day(&mut workplace);
    workplace.open().await.close().await;
    for secret in ["Xanthopoulos", "Jansen"] {
        assert_eq!(places(&workplace, secret), BTreeSet::new());
    }

    // What was asked for waits with its notes, until it is removed; its answer has roles in it.
    let program = workplace.open().await;
    program.0.keep_jobs_going();
    let job = program.call("draft_queue", input()).await;
    let id = job["id"].as_str().unwrap();
    program.job_is(id, "done").await;
    let items = program.items(id).await;
    let draft = &items[0]["draft"];
    assert_eq!(draft["reply"], drafted["reply"]);
    assert_eq!(draft["put_back"], drafted["put_back"]);
    assert_eq!(draft["report"], drafted["report"]);
    program.close().await;
    next_day(&mut workplace);
    workplace.open().await.close().await;
    for secret in ["Xanthopoulos", "Jansen"] {
        let waits = BTreeSet::from(["job_item.input".to_owned()]);
        assert_eq!(places(&workplace, secret), waits);
    }

    // A concept that the user keeps is theirs, with the name; what the model wrote has the role.
    let program = workplace.open().await;
    let fields = json!({ "term": TERM, "definition": drafted["reply"]["definition"] });
    let save = json!({ "fields": fields, "draft_id": drafted["draft_id"] });
    let kept = program.call("concept_save", save).await;
    let model = &kept["view"]["concept"]["provenance"]["model"];
    assert_eq!(
        model["original_text"],
        "verbod om contact te hebben met [persoon 1]"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn parties_make_a_case_of_a_question_and_no_field_is_passed_by_in_silence() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let about = |parties: &str| {
        let privacy = json!({ "parties": [parties] });
        json!({ "request_id": "1", "input": { "term": TERM, "privacy": privacy } })
    };
    let mut beside = about("verdachte: Jan Jansen");
    beside["input"]["parties"] = json!(["Jan Jansen"]);
    let mut misnamed = about("verdachte: Jan Jansen");
    misnamed["input"]["privacy"]["party"] = json!(["Jan Jansen"]);
    for request in [beside, misnamed] {
        assert_eq!(program.draft_refused(request).await, "BG-105");
    }
    assert_eq!(workplace.model.calls(), 0);
    // Without notes too; an empty line names nobody.
    for (parties, on_disk) in [("verdachte: Jan Jansen", 0), (" ", 1)] {
        let _ = program.define(about(parties)).await.1.unwrap();
        assert_eq!(program.answers_on_disk().await, on_disk);
    }
    assert_eq!(workplace.model.calls(), 2);
}
