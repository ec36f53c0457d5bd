//! A pack's file: what is signed is accepted in every way to write it, and nothing else is.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

use begrip_rules::{
    MOST_BYTES, PackBody, PackError, PackFile, PackFileError, RulePack, SecretKey, TrustedKey,
    facts_text, parse_facts, parse_rule, rule_text,
};
use serde_json::{Value, json};

fn secret() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

fn trusted() -> Vec<TrustedKey> {
    vec![TrustedKey {
        name: "OM".to_owned(),
        key: secret().public(),
    }]
}

/// The built-in pack with its first rule alone, so that a test can go over every byte.
fn small() -> PackBody {
    let mut body = RulePack::built_in_body().unwrap();
    body.rules.truncate(1);
    body.facts.version = "2026.2-om".to_owned();
    body
}

fn signed() -> String {
    let file = PackFile::new(&small()).unwrap().signed(&secret());
    file.to_text().unwrap()
}

/// Reads a file as an import does.
fn read(text: &str) -> Result<PackBody, PackFileError> {
    let file = PackFile::parse(text)?;
    file.signer(&trusted())?;
    file.body()
}

fn changed(change: impl Fn(&mut Value)) -> Result<PackBody, PackFileError> {
    let mut value: Value = serde_json::from_str(&signed()).unwrap();
    change(&mut value);
    read(&value.to_string())
}

#[test]
fn what_was_signed_comes_back_as_it_was() {
    assert_eq!(read(&signed()).unwrap(), small());
    let all = RulePack::built_in_body().unwrap();
    let file = PackFile::new(&all).unwrap().signed(&secret());
    assert_eq!(read(&file.to_text().unwrap()).unwrap(), all);
    assert_eq!(file.rule_count().unwrap(), all.rules.len());
    assert_eq!(file.facts().unwrap(), all.facts);
}

/// Members the other way round, at every depth.
fn turned(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(turned).collect();
            format!("[\n\t{} ]", items.join(" ,\r\n"))
        }
        Value::Object(members) => {
            let mut members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{} :  {}", json!(name), turned(value)))
                .collect();
            members.reverse();
            format!("{{{}\n}}", members.join(","))
        }
        other => other.to_string(),
    }
}

#[test]
fn white_space_and_the_order_of_members_do_not_matter() {
    let value: Value = serde_json::from_str(&signed()).unwrap();
    let other_ways = [
        value.to_string(),
        turned(&value),
        format!("\u{FEFF}{}\r\n ", signed()),
        // The same letter, escaped.
        signed().replace("werkwoord", "wer\\u006bwoord"),
    ];
    for text in other_ways {
        assert_ne!(text, signed());
        assert_eq!(read(&text).unwrap(), small());
    }
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let text = signed();
    let mut accepted = Vec::new();
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        // A file that is no UTF-8 is refused by whoever reads it.
        if let Ok(text) = String::from_utf8(bytes)
            && read(&text).is_ok()
        {
            accepted.push(at);
        }
    }
    assert_eq!(accepted, Vec::<usize>::new());
}

#[test]
fn a_file_that_ends_too_early_is_refused() {
    let text = signed();
    let end = text.trim_end().len();
    for at in (0..end).filter(|at| text.is_char_boundary(*at)) {
        assert!(read(&text[..at]).is_err(), "{at}");
    }
}

#[test]
fn each_fault_is_told_by_its_own_name() {
    let fault = |change: fn(&mut Value)| changed(change).unwrap_err();
    let unsigned = PackFile::new(&small()).unwrap().to_text().unwrap();
    assert_eq!(read(&unsigned), Err(PackFileError::Unsigned));
    assert_eq!(
        fault(|file| file["signature"] = Value::Null),
        PackFileError::Unsigned
    );
    for change in [
        (|file| file["version"] = json!("2026.3")) as fn(&mut Value),
        |file| file["date"] = json!("2026-11-22"),
        |file| file["changelog"][0] = json!(""),
        |file| file["rules"][0]["level"] = json!("advice"),
        |file| file["rules"] = json!([]),
        |file| file["more"] = json!(1),
        |file| file["rules"][0]["more"] = Value::Null,
        |file| file["signature"]["value"] = json!(""),
        |file| file["signature"]["value"] = json!("AAAA"),
        |file| file["signature"] = json!("x"),
        |file| file["signature"]["more"] = json!(1),
    ] {
        assert_eq!(fault(change), PackFileError::Changed);
    }
    assert_eq!(
        fault(|file| file["format"] = json!(2)),
        PackFileError::Newer(2)
    );
    for change in [
        (|file| file["format"] = json!("1")) as fn(&mut Value),
        |file| file["format"] = json!(0),
        |file| *file = json!([]),
        |file| *file = json!({}),
    ] {
        assert!(matches!(fault(change), PackFileError::NoPack(_)));
    }
    let other = SecretKey::from_seed(&[8; 32]);
    let file = PackFile::new(&small()).unwrap().signed(&other);
    assert_eq!(
        read(&file.to_text().unwrap()),
        Err(PackFileError::UnknownKey(other.public().fingerprint()))
    );
    // Another's signature under the name of a trusted key.
    let mut value: Value = serde_json::from_str(&file.to_text().unwrap()).unwrap();
    value["signature"]["key"] = json!(secret().public().fingerprint());
    assert_eq!(read(&value.to_string()), Err(PackFileError::Changed));
    assert_eq!(
        read(&" ".repeat(MOST_BYTES + 1)),
        Err(PackFileError::TooLarge)
    );
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for text in ["", "{", "null", "\u{0}", "PK\u{3}\u{4}", &deep] {
        assert!(
            matches!(read(text), Err(PackFileError::NoPack(_))),
            "{:.9}",
            text
        );
    }
}

#[test]
fn a_signed_pack_with_a_broken_rule_is_refused_with_the_rule_and_the_reason() {
    let refused = |change: &dyn Fn(&mut PackBody)| {
        let mut body = small();
        change(&mut body);
        let text = PackFile::new(&body).unwrap().signed(&secret()).to_text();
        let read = read(&text.unwrap()).map(RulePack::compile);
        read.unwrap().unwrap_err().to_string()
    };
    let id = small().rules[0].id.to_string();
    for (change, told) in [
        (
            (|body| body.rules.clear()) as fn(&mut PackBody),
            "geen regels",
        ),
        (
            |body| body.rules.push(body.rules[0].clone()),
            &format!("{id} staat er twee keer"),
        ),
        (
            |body| body.rules[0].bad.truncate(2),
            &format!("{id} heeft minder dan drie"),
        ),
        (
            |body| body.rules[0].id.0 = "../x".to_owned(),
            "‘../x’ kan geen nummer",
        ),
        (
            |body| body.facts.version = "a b".to_owned(),
            "‘a b’ kan geen versie",
        ),
        (
            |body| body.facts.version = "v".repeat(65),
            "kan geen versie",
        ),
    ] {
        let text = refused(&change);
        assert!(text.contains(told), "{text}");
    }
    // A check that this program does not know, as a newer one may write it.
    let mut value: Value = serde_json::from_str(&signed()).unwrap();
    value["rules"][0]["check"] = json!({ "kind": "reads_minds" });
    let mut bare = value.clone();
    bare.as_object_mut().unwrap().remove("signature");
    let text = PackFile::parse(&bare.to_string())
        .unwrap()
        .signed(&secret());
    match read(&text.to_text().unwrap()).unwrap_err() {
        PackFileError::Rules(PackError::File { file, fault }) => {
            assert_eq!(file, id);
            assert!(fault.contains("reads_minds"), "{fault}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_built_in_rule_comes_back_from_its_text() {
    let body = RulePack::built_in_body().unwrap();
    for rule in &body.rules {
        let text = rule_text(rule).unwrap();
        assert_eq!(&parse_rule("x", &text).unwrap(), rule, "{text}");
        assert!(!text.contains("note = \"\"") && !text.contains("organisations = []"));
        // In the order in which people read a rule.
        assert!(
            text.starts_with(&format!("id = \"{}\"\nlevel = ", rule.id)),
            "{text}"
        );
    }
    let text = facts_text(&body.facts).unwrap();
    assert_eq!(parse_facts(&text).unwrap(), body.facts);
}

#[test]
fn a_pack_is_newer_by_its_date_and_then_by_its_number() {
    let facts = |version: &str, date: &str| {
        parse_facts(&format!("version = \"{version}\"\ndate = \"{date}\"")).unwrap()
    };
    let ordered = [
        facts("2026.9", "2026-01-01"),
        facts("2026.10+aaaaaa", "2026-01-01"),
        facts("2025.1", "2026-01-02"),
    ];
    for (at, older) in ordered.iter().enumerate() {
        for newer in &ordered[at + 1..] {
            assert!(newer.is_newer_than(older) && !older.is_newer_than(newer));
        }
        // What stands behind the plus sign says nothing of age.
        let twin = facts(
            &format!("{}+ffffff", older.version.split('+').next().unwrap()),
            &older.date.to_string(),
        );
        assert!(!twin.is_newer_than(older) && !older.is_newer_than(&twin));
    }
}

#[test]
fn each_compilation_is_counted_under_its_version() {
    let mut body = small();
    body.facts.version = "geteld".to_owned();
    assert_eq!(RulePack::times_read("geteld"), 0);
    RulePack::compile(body.clone()).unwrap();
    RulePack::compile(body).unwrap();
    assert_eq!(RulePack::times_read("geteld"), 2);
    assert_eq!(RulePack::times_read("nooit"), 0);
}
