//! Replies as models give them, good and bad, whole and in pieces.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test reports a broken promise by panicking"
)]

use begrip_prompt::{PartialReader, Reply, ReplyError, read_reply};
use proptest::prelude::*;
use serde_json::json;

fn full() -> Reply {
    Reply {
        definition: "handeling waarbij iemand iets doet".to_owned(),
        explanation: "Iemand doet iets.".to_owned(),
        examples: vec!["Een eerste.".to_owned(), "Een tweede.".to_owned()],
        counter_examples: vec!["Een ander.".to_owned()],
        synonyms: vec!["daad".to_owned()],
        antonyms: vec!["nalaten".to_owned()],
    }
}

/// Every form in which the same reply is understood.
#[test]
fn the_same_reply_is_read_in_whatever_form_it_comes() {
    let json = r#"{"definition": "handeling waarbij iemand iets doet",
        "examples": ["Een eerste.", "Een tweede."], "explanation": "Iemand doet iets.",
        "non_examples": ["Een ander."], "opposites": ["nalaten"], "synonyms": ["daad"]}"#;
    let forms = [
        ("as asked", json.to_owned()),
        ("byte order mark", format!("\u{FEFF}\n{json}\n")),
        ("code fence", format!("```json\n{json}\n```")),
        ("fence without name, prose after", format!("```\n{json}\n```\nSucces ermee!")),
        ("prose around", format!("Natuurlijk! Hier is de definitie:\n\n{json}\n\nLaat 't weten.")),
        ("braces in the prose", format!("In de vorm {{definition, …}} geef ik {{}}:\n{json}")),
        ("wrapped", format!(r#"{{"status": "ok", "result": {{"antwoord": {json}}}}}"#)),
        ("in a list", format!("[{json}]")),
        ("trailing commas", json.replace("]", ",]").replace("}", ",}")),
        ("single quotes", json.replace('"', "'")),
        ("bare names", json.replace(r#""definition":"#, "definition:").replace(r#""synonyms":"#, "synonyms :")),
        ("comments", json.replace(r#""examples""#, "// twee\n /* of drie */ \"examples\"")),
        ("white space in texts", json.replace("waarbij iemand", "  waarbij\n  iemand").replace("Een eerste.", " Een eerste. ")),
        ("escapes", json.replace("iets doet", r"iets\u0020doet").replace("daad", r"d\u0061ad\u200b")),
        ("Dutch names", json
            .replace("definition", "Definitie").replace("non_examples", "tegenvoorbeelden")
            .replace("examples", "voorbeelden").replace("explanation", "toelichting")
            .replace("synonyms", "synoniemen").replace("opposites", "antoniemen")),
        ("older name", json.replace("non_examples", "counter_examples")),
        ("lists of objects", json
            .replace(r#""Een eerste.""#, r#"{"tekst": "Een eerste."}"#)),
        ("lists as text", json
            .replace(r#"["Een eerste.", "Een tweede."]"#, r#""- Een eerste.\n- Een tweede.""#)
            .replace(r#"["daad"]"#, r#""daad""#)),
        ("double and empty items", json.replace(r#"["daad"]"#, r#"["daad", "", "daad", null, 3]"#)),
        ("unknown members", json.replace(r#""examples""#, r#""zekerheid": 0.8, "x": {"y": [true, null, -1e3]}, "examples""#)),
        ("the name twice", json.replace(r#""synonyms""#, r#""definition": "iets anders", "synonyms""#)),
        ("lines", "Definitie: handeling waarbij iemand iets doet\nToelichting: Iemand doet iets.\n\
            Voorbeelden:\n- Een eerste.\n- Een tweede.\nTegenvoorbeelden: Een ander.\nSynoniemen: daad\nAntoniemen: nalaten".to_owned()),
        ("lines in Markdown", "Hier is het:\n\n**Definitie:** handeling waarbij iemand iets doet\n\n**Toelichting**: Iemand doet iets.\n\
            ## Voorbeelden:\n* Een eerste.\n* Een tweede.\n\n**Tegenvoorbeeld:** Een ander.\n**Synoniem:** daad\n**Antoniem:** nalaten".to_owned()),
    ];
    for (form, text) in forms {
        assert_eq!(read_reply(&text), Ok(full()), "{form}: {text}");
    }
}

#[test]
fn what_cannot_be_used_is_refused_with_its_reason() {
    let long = format!(r#"{{"definition": "{}"}}"#, "x".repeat(4_001));
    let huge = " ".repeat(300_000);
    let deep = "[".repeat(100_000);
    for (text, error) in [
        ("", ReplyError::Empty),
        (" \n\u{FEFF}\t", ReplyError::Empty),
        ("Dat weet ik niet.", ReplyError::NotJson),
        (
            "Sorry, daar is geen definitie van: vraag een jurist.",
            ReplyError::NotJson,
        ),
        (
            r#"{"definition": "handeling waarbij ie"#,
            ReplyError::NotJson,
        ),
        (
            r#"{"definition": "handeling waarbij", "examples": ["#,
            ReplyError::NotJson,
        ),
        ("{\n  definition: 'handeling waarbij", ReplyError::NotJson),
        (
            "{\n  \"x\": 1,\n  \"definition\": \"handeling",
            ReplyError::NotJson,
        ),
        ("\u{FFFD}\u{0}{\u{FFFD}", ReplyError::NotJson),
        (
            r#"{"antwoord": 42, "definities": [{"tekst": null}]}"#,
            ReplyError::NoDefinition,
        ),
        (r#"{"definition": ""}"#, ReplyError::NoDefinition),
        (r#"{"definition": " \u200b\n"}"#, ReplyError::NoDefinition),
        (r#"{"definition": null}"#, ReplyError::NoDefinition),
        (
            r#"{"a": {"b": {"c": {"d": {"definition": "te diep"}}}}}"#,
            ReplyError::NoDefinition,
        ),
        ("[]", ReplyError::NoDefinition),
        ("Definitie:\nToelichting: niets", ReplyError::NoDefinition),
        (&long, ReplyError::TooLarge),
        (&huge, ReplyError::TooLarge),
        (&deep, ReplyError::NotJson),
    ] {
        assert_eq!(
            read_reply(text),
            Err(error),
            "{}",
            text.chars().take(80).collect::<String>()
        );
    }
}

#[test]
fn missing_parts_are_empty_and_lists_are_bounded() {
    let many: Vec<String> = (0..50).map(|i| format!("nr {i}")).collect();
    let text = json!({"definition": "iets", "synonyms": many}).to_string();
    let reply = read_reply(&text).unwrap();
    assert_eq!((reply.explanation.as_str(), reply.examples.len()), ("", 0));
    assert_eq!(reply.synonyms.len(), Reply::MAX_ITEMS);
}

#[test]
fn a_repair_changes_the_definition_and_nothing_else() {
    let repair = read_reply(r#"{"definition": "beter"}"#).unwrap();
    let mended = full().repaired_with(repair);
    assert_eq!(mended.definition, "beter");
    assert_eq!(
        Reply {
            definition: full().definition,
            ..mended
        },
        full()
    );
}

#[test]
fn the_definition_grows_on_the_screen_as_it_comes_in() {
    let mut reader = PartialReader::new();
    let mut seen = Vec::new();
    for piece in [
        "```json\n{ \"defi",
        "nition\" : \"op",
        "roep ",
        "aan ",
        "\\u",
        "00e9",
        "\\",
        "n één",
        "\", \"x\": \"",
        "definition",
    ] {
        if reader.feed(piece) {
            seen.push(reader.definition().to_owned());
        }
    }
    assert_eq!(
        seen,
        [
            "op",
            "oproep",
            "oproep aan",
            "oproep aan é",
            "oproep aan é één"
        ]
    );
    assert!(reader.definition_is_complete());
    assert!(reader.feed("\", \"toelichting\": \"Een brief."));
    assert_eq!(reader.explanation(), "Een brief.");
    assert_eq!(reader.definition(), "oproep aan é één");
}

#[test]
fn words_in_prose_names_and_other_texts_are_not_taken_for_the_definition() {
    let mut reader = PartialReader::new();
    reader.feed(
        r#"De "definition": "nee" volgt. {"voorbeelden": ["definition", {"definition": 3}], "#,
    );
    reader.feed(r#""titel": "definition", "definition": "ja"} En "definition": "nee""#);
    assert_eq!(reader.definition(), "ja");
}

#[test]
fn a_hostile_stream_costs_no_more_memory_than_a_definition() {
    let mut reader = PartialReader::new();
    reader.feed(r#"{"definition": ""#);
    for _ in 0..1_000 {
        reader.feed(&"x".repeat(1_000));
    }
    assert!(reader.definition().len() <= Reply::MAX_DEFINITION);
    let mut reader = PartialReader::new();
    reader.feed(&"[{".repeat(500_000));
    assert_eq!(reader.definition(), "");
}

/// Texts with everything that JSON escapes, and characters outside the first plane.
fn text() -> impl Strategy<Value = String> {
    let c = prop_oneof![
        8 => proptest::char::range('a', 'z'),
        2 => Just(' '),
        1 => proptest::sample::select(vec!['"', '\'', '\\', '/', '\n', '\t', '{', '}', '[', ']', ':', ',', 'é', '👩', '\u{0}', '\u{2028}', '\u{200b}']),
        1 => any::<char>(),
    ];
    proptest::collection::vec(c, 0..60).prop_map(|chars| chars.into_iter().collect())
}

/// Writes a text as JSON, with every character escaped that `choose` points at.
fn escaped(text: &str, choose: u64) -> String {
    let mut out = String::from("\"");
    for (at, c) in text.chars().enumerate() {
        if choose >> (at % 64) & 1 == 1 {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04X}"));
            }
        } else {
            let one = json!(c.to_string()).to_string();
            out.push_str(&one[1..one.len() - 1]);
        }
    }
    out + "\""
}

proptest! {
    #[test]
    fn any_split_of_any_reply_shows_the_same_in_the_end_and_never_takes_back(
        definition in text(),
        explanation in text(),
        example in text(),
        choose in any::<u64>(),
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..12),
        first in any::<bool>(),
    ) {
        let (a, b) = (escaped(&definition, choose), escaped(&explanation, !choose));
        let c = escaped(&example, choose.rotate_left(7));
        let reply = if first {
            format!(r#"{{"definition": {a}, "examples": [{c}], "explanation":{b}}}"#)
        } else {
            format!(r#"Zo: {{ "x": {{"y": {c}}}, "explanation" : {b},"definition":{a} , "synonyms":[{c}]}}"#)
        };
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(reply.len() + 1)).collect();
        ends.push(reply.len());
        ends.sort_unstable();
        let mut reader = PartialReader::new();
        let (mut from, mut shown) = (0, (String::new(), String::new()));
        for end in ends {
            let end = (end..=reply.len()).find(|end| reply.is_char_boundary(*end)).unwrap();
            reader.feed(&reply[from.min(end)..end]);
            from = from.max(end);
            prop_assert!(reader.definition().starts_with(&shown.0));
            prop_assert!(reader.explanation().starts_with(&shown.1));
            shown = (reader.definition().to_owned(), reader.explanation().to_owned());
        }
        match read_reply(&reply) {
            Ok(read) => prop_assert_eq!(shown, (read.definition, read.explanation)),
            Err(error) => {
                prop_assert_eq!(error, ReplyError::NoDefinition);
                prop_assert_eq!(shown.0, "");
            }
        }
    }

    #[test]
    fn no_text_whatever_makes_a_reader_fail(text in any::<String>(), json in "[\\[\\]{}:,\"'\\\\a-z0-9 /*\\n]{0,200}") {
        for text in [text, json] {
            let read = read_reply(&text);
            let mut reader = PartialReader::new();
            reader.feed(&text);
            if let Ok(reply) = read {
                prop_assert!(!reply.definition.is_empty());
            }
        }
    }

    #[test]
    fn a_reply_cut_anywhere_is_refused_or_whole(at in any::<proptest::sample::Index>()) {
        let whole = json!({"definition": "handeling die \"zo\" heet", "examples": ["a"], "synonyms": []}).to_string();
        let cut = &whole[..at.index(whole.len())];
        prop_assert!(read_reply(cut).is_err(), "{}", cut);
    }
}
