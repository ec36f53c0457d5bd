//! A pack's file: what is signed is accepted in every way to write it, and nothing else is.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

use begrip_rules::{
    FileError, FileKind, Finding, MOST_BYTES, Outcome, PackBody, PackError, PackFile,
    PackFileError, RuleFile, RulePack, SecretKey, SignedFile, Subject, TrustedKey, facts_text,
    parse_facts, parse_rule, rule_text,
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
        serde_json::to_string_pretty(&value).unwrap(),
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
    assert_eq!(
        read(&unsigned),
        Err(PackFileError::File(FileError::Unsigned))
    );
    assert_eq!(
        fault(|file| file["signature"] = Value::Null),
        PackFileError::File(FileError::Unsigned)
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
        assert_eq!(fault(change), PackFileError::File(FileError::Changed));
    }
    assert_eq!(
        fault(|file| file["format"] = json!(2)),
        PackFileError::File(FileError::Newer(2))
    );
    for change in [
        (|file| file["format"] = json!("1")) as fn(&mut Value),
        |file| file["format"] = json!(0),
        |file| *file = json!([]),
        |file| *file = json!({}),
    ] {
        assert!(matches!(
            fault(change),
            PackFileError::File(FileError::Unreadable(_))
        ));
    }
    let other = SecretKey::from_seed(&[8; 32]);
    let file = PackFile::new(&small()).unwrap().signed(&other);
    assert_eq!(
        read(&file.to_text().unwrap()),
        Err(PackFileError::File(FileError::UnknownKey(
            other.public().fingerprint()
        )))
    );
    // Another's signature under the name of a trusted key.
    let mut value: Value = serde_json::from_str(&file.to_text().unwrap()).unwrap();
    value["signature"]["key"] = json!(secret().public().fingerprint());
    assert_eq!(
        read(&value.to_string()),
        Err(PackFileError::File(FileError::Changed))
    );
    assert_eq!(
        read(&" ".repeat(MOST_BYTES + 1)),
        Err(PackFileError::File(FileError::TooLarge))
    );
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for text in ["", "{", "null", "\u{0}", "PK\u{3}\u{4}", &deep] {
        assert!(
            matches!(
                read(text),
                Err(PackFileError::File(FileError::Unreadable(_)))
            ),
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
            |body| {
                body.rules.push(body.rules[0].clone());
                body.rules[1].id.0 = body.rules[0].id.as_str().to_lowercase();
            },
            &format!("{} staat er twee keer", id.to_lowercase()),
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
fn no_rule_has_an_id_that_is_another_file() {
    for (id, accepted) in [
        ("pack", false),
        ("PACK", false),
        ("con", false),
        ("Nul", false),
        ("COM1", false),
        ("lpt9", false),
        ("OM_01", false),
        ("-01", false),
        ("", false),
        ("COM-1", true),
        ("compact", true),
        ("com12", true),
    ] {
        let mut body = small();
        body.rules[0].id.0 = id.to_owned();
        let compiled = RulePack::compile(body);
        assert_eq!(compiled.is_ok(), accepted, "{id}");
        let refused = matches!(compiled, Err(PackError::Id(_)));
        assert_ne!(refused, accepted, "{id}");
    }
}

#[test]
fn what_is_written_can_be_read_again_or_is_refused_as_too_large() {
    let mut body = small();
    body.facts.changelog = vec!["x".to_owned(); MOST_BYTES / 4 - 10_000];
    let file = PackFile::new(&body).unwrap().signed(&secret());
    let text = file.to_text().unwrap();
    assert_eq!(PackFile::parse(&text).unwrap().digest(), file.digest());
    body.facts.changelog = vec!["x".repeat(MOST_BYTES)];
    let file = PackFile::new(&body).unwrap().signed(&secret());
    assert_eq!(
        file.to_text(),
        Err(PackFileError::File(FileError::TooLarge))
    );
}

/// A rule that finds these phrases.
fn finding(phrases: &[&str], reason: &str) -> RuleFile {
    let mut rule = small().rules.remove(0);
    rule.categories.clear();
    rule.check = serde_json::from_value(json!({
        "kind": "phrases", "phrases": phrases, "reason": reason
    }))
    .unwrap();
    rule
}

type Change<'a> = &'a dyn Fn(&mut PackBody);

#[test]
fn a_pack_that_holds_too_much_is_refused() {
    let many = |count: usize| -> Vec<String> { (0..count).map(|n| format!("w{n}*")).collect() };
    let check = |of: &Value| serde_json::from_value(of.clone()).unwrap();
    let large = json!({ "kind": "phrases", "phrases": many(2001), "reason": "x" });
    let full = json!({ "kind": "phrases", "phrases": many(1990), "reason": "x" });
    let wordy = json!({
        "kind": "phrases", "phrases": ["w"], "reason": "x", "replace": { "x": "y".repeat(501) }
    });
    let copies = |body: &mut PackBody, count: usize| {
        let first = body.rules[0].clone();
        for number in body.rules.len()..count {
            let mut rule = first.clone();
            rule.id.0 = format!("X-{number}");
            body.rules.push(rule);
        }
    };
    let cases: [(Change<'_>, &str); 10] = [
        (&|body| copies(body, 501), "meer dan 500 regels"),
        (&|body| body.rules[0].check = check(&large), "meer dan 2000"),
        (&|body| body.rules[0].check = check(&wordy), "500 tekens"),
        (
            &|body| {
                body.rules[0].check = check(&full);
                copies(body, 11);
            },
            "meer dan 20000 woorden",
        ),
        (
            &|body| body.rules[0] = finding(&["a*"], &"{found}".repeat(400_000)),
            "500 tekens",
        ),
        (
            &|body| body.rules[0].instruction = "x".repeat(501),
            "instruction: een tekst is langer dan 500",
        ),
        (&|body| body.rules[0].why = "x".repeat(10_001), "10000"),
        (
            &|body| body.rules[0].title = "\u{1b}[2J".to_owned(),
            "stuurteken",
        ),
        (
            &|body| body.facts.changelog = vec!["\u{9b}2J".to_owned()],
            "wijzigingen",
        ),
        (
            &|body| body.facts.changelog = vec![String::new(); 2001],
            "wijzigingen",
        ),
    ];
    for (change, told) in cases {
        let mut body = small();
        change(&mut body);
        let refused = RulePack::compile(body).unwrap_err().to_string();
        assert!(refused.contains(told), "{refused:.200}");
    }
    // As large as it may be.
    let mut body = small();
    body.rules[0].check = check(&full);
    copies(&mut body, 10);
    RulePack::compile(body).unwrap();
}

fn found(rule: RuleFile, text: &str) -> Finding {
    let pack = RulePack::from_rules("proef", vec![rule]).unwrap();
    let context = begrip_domain::Context::default();
    let subject = Subject {
        term: "",
        synonyms: &[],
        text,
        context: &context,
        category: None,
        has_source: None,
    };
    pack.rules()[0].check(&subject)
}

#[test]
fn a_reason_shows_the_beginning_of_a_very_long_word() {
    let reason = "{found}".repeat(71);
    let word = "é".repeat(19_000).replacen('é', "a", 1);
    let reason = found(finding(&["a*"], &reason), &word).reason;
    let shown = reason.split('…').next().unwrap();
    assert_eq!(shown.chars().count(), 200);
    assert_eq!(reason.chars().count(), 71 * 201);
    let reason = found(finding(&["a*"], "‘{found}’"), "één appel").reason;
    assert_eq!(reason, "‘appel’");
}

#[test]
fn a_better_spelling_that_holds_the_wrong_one_does_not_grow_without_end() {
    let mut rule = finding(&[], "x");
    let many = "a ".repeat(200);
    rule.check = serde_json::from_value(json!({
        "kind": "phrases", "reason": "x", "replace": { "a": many.trim() }
    }))
    .unwrap();
    let finding = found(rule, "a a a a");
    assert_eq!((finding.outcome, finding.fix), (Outcome::Fail, None));
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

#[test]
fn a_signature_over_one_kind_of_file_is_none_over_another() {
    let file = SignedFile::parse(FileKind::Flags, &signed()).unwrap();
    assert_eq!(file.signer(&trusted()), Err(FileError::Changed));
    let file = file.signed(&secret());
    assert!(file.signer(&trusted()).is_ok());
    let back = PackFile::parse(&file.to_text().unwrap()).unwrap();
    assert_eq!(
        back.signer(&trusted()).unwrap_err(),
        PackFileError::File(FileError::Changed)
    );
}
