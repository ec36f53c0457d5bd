//! `check --jsonl`: the form that other programs rely upon.

use begrip_rules::{RulePack, Subject};
use serde_json::{Value, json};

use crate::support::{Desk, Run, has_exactly};

fn check(input: impl AsRef<[u8]>) -> Run {
    Desk::new().begrip_reading(&["check", "--jsonl", "-"], input)
}

fn rows(lines: &[Value]) -> Vec<Value> {
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    check(input).ends(0).lines()
}

/// The finding of one rule.
#[track_caller]
fn finding<'r>(row: &'r Value, rule: &str) -> &'r Value {
    let findings = row["findings"].as_array().unwrap();
    findings.iter().find(|f| f["rule"] == rule).unwrap()
}

#[test]
fn every_line_gets_one_finding_for_each_rule_in_the_order_of_lines_and_rules() {
    let pack = RulePack::built_in().unwrap();
    let rules: Vec<&str> = pack.rules().iter().map(|rule| rule.id().as_str()).collect();
    let lines: Vec<Value> = (0..25)
        .map(|n| json!({"id": n, "term": format!("term{n}"), "text": format!("handeling nummer {n}")}))
        .collect();
    let rows = rows(&lines);
    assert_eq!(rows.len(), 25);
    for (n, row) in rows.iter().enumerate() {
        has_exactly(row, ["id", "findings"]);
        assert_eq!(row["id"], n);
        let told: Vec<&str> = row["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["rule"].as_str().unwrap())
            .collect();
        assert_eq!(told, rules);
    }
}

#[test]
fn a_finding_has_exactly_the_promised_fields_and_values() {
    let texts = [
        "Het vonnis is een beslissing",
        "beslissing van een rechter in een strafzaak",
        "schriftelijk stuk dat bijvoorbeeld een straf bevat, zoals de tenuitvoerlegging",
        "",
        "niet een arrest",
    ];
    let lines: Vec<Value> = texts
        .iter()
        .map(|text| json!({"term": "vonnis", "text": text}))
        .collect();
    let mut outcomes = std::collections::BTreeSet::new();
    for (row, text) in rows(&lines).iter().zip(texts) {
        for finding in row["findings"].as_array().unwrap() {
            let fields = ["rule", "outcome", "level", "span", "reason", "fix"];
            has_exactly(finding, fields);
            let outcome = finding["outcome"].as_str().unwrap();
            assert!(["fail", "needs_person", "pass"].contains(&outcome));
            outcomes.insert(outcome.to_owned());
            let level = finding["level"].as_str().unwrap();
            assert!(["blocking", "serious", "advice"].contains(&level));
            assert!(finding["fix"].is_string() || finding["fix"].is_null());
            let reason = finding["reason"].as_str().unwrap();
            assert_eq!(reason.is_empty(), outcome == "pass", "{finding}");
            if !finding["span"].is_null() {
                let span: [usize; 2] = serde_json::from_value(finding["span"].clone()).unwrap();
                assert!(
                    span[0] < span[1] && span[1] <= text.chars().count(),
                    "{finding}"
                );
            }
        }
    }
    assert!(
        outcomes.contains("fail") && outcomes.contains("pass"),
        "{outcomes:?}"
    );
}

#[test]
fn the_findings_are_those_of_the_rules_themselves() {
    let pack = RulePack::built_in().unwrap();
    let text = "Een beslissing van het OM die belangrijk is";
    let context = serde_json::from_value(json!({"organisations": ["OM"]})).unwrap();
    let report = pack.check(&Subject {
        term: "vonnis",
        synonyms: &[],
        text,
        context: &context,
        category: begrip_domain::Category::parse("resultaat"),
        has_source: None,
    });
    let row =
        &rows(&[json!({"term": "vonnis", "text": text, "org": ["OM"], "category": "resultaat"})])
            [0];
    for (told, own) in row["findings"]
        .as_array()
        .unwrap()
        .iter()
        .zip(&report.findings)
    {
        assert_eq!(told["rule"], own.rule.as_str());
        assert_eq!(told["outcome"], json!(own.outcome));
        assert_eq!(told["level"], json!(own.level));
        assert_eq!(told["span"], json!(own.span));
        assert_eq!(told["reason"], own.reason);
        assert_eq!(told["fix"], json!(own.fix.as_ref().map(|fix| &fix.text)));
    }
}

#[test]
fn a_context_may_be_a_text_a_list_null_or_left_out() {
    // CON-01 fails when the text names the context.
    let text = "beslissing van het OM over een strafzaak";
    let line = |extra: Value| {
        let mut line = json!({"term": "vonnis", "text": text});
        line.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        line
    };
    let cases = [
        (json!({"org": "OM"}), "fail"),
        (json!({"org": ["OM"]}), "fail"),
        (json!({"org": ["DJI", "OM"]}), "fail"),
        (json!({"org": ["DJI", null, " om "]}), "fail"),
        (json!({"legal": "OM"}), "fail"),
        (json!({"basis": ["OM"]}), "fail"),
        (json!({"org": "DJI"}), "pass"),
        (
            json!({"org": null, "legal": null, "basis": null, "category": null}),
            "pass",
        ),
        (
            json!({"org": [], "legal": "", "basis": [""], "category": ""}),
            "pass",
        ),
        (json!({}), "pass"),
    ];
    let lines: Vec<Value> = cases.iter().map(|(extra, _)| line(extra.clone())).collect();
    for (row, (extra, outcome)) in rows(&lines).iter().zip(&cases) {
        assert_eq!(finding(row, "CON-01")["outcome"], *outcome, "{extra}");
    }
}

#[test]
fn fields_that_are_not_known_are_passed_over_however_deep() {
    let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    let plain = r#"{"id":1,"term":"vonnis","text":"beslissing"}"#;
    let rich = format!(
        r#"{{"zaak":{{"a":[1,2]}},"id":1,"x":null,"term":"vonnis","diep":{deep},"text":"beslissing","findings":3}}"#
    );
    let run = check(format!("{plain}\n{rich}\n")).ends(0);
    let (first, second) = run.stdout.trim_end().split_once('\n').unwrap();
    assert_eq!(first, second);
}

#[test]
fn an_id_comes_back_as_it_was_written() {
    for id in [
        "1",
        "1.0",
        "1e3",
        "123456789012345678901234567890",
        "\"a\\u00e9\\n\"",
        "null",
        "[1, {\"b\":2}]",
        "true",
    ] {
        let run = check(format!(r#"{{"term":"t","text":"x","id":{id}}}"#)).ends(0);
        assert!(
            run.stdout.starts_with(&format!("{{\"id\":{id},")),
            "{id}: {}",
            run.stdout
        );
    }
    let without = check(r#"{"term":"t","text":"x"}"#).ends(0);
    assert!(
        without.stdout.starts_with("{\"id\":null,"),
        "{}",
        without.stdout
    );
}

#[test]
fn a_span_counts_characters_and_not_bytes_or_halves_of_them() {
    let before = "persoon 😀é𝄞 ";
    let text = format!("{before}vonnis");
    let row = &rows(&[json!({"term": "vonnis", "text": text})])[0];
    let start = before.chars().count();
    assert_eq!(
        finding(row, "CON-CIRC-001")["span"],
        json!([start, start + 6])
    );
}

#[test]
fn a_fix_is_the_new_text_or_null() {
    let row = &rows(&[
        json!({"term": "vonnis", "text": "de beslissing van een rechter in een strafzaak"}),
    ])[0];
    let fixes: Vec<&str> = row["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| finding["fix"].as_str())
        .collect();
    assert!(
        fixes.contains(&"beslissing van een rechter in een strafzaak"),
        "{fixes:?}"
    );
}

#[test]
fn byte_order_mark_windows_line_ends_and_empty_lines_make_no_difference() {
    let line = r#"{"id":7,"term":"vonnis","text":"beslissing van een rechter"}"#;
    let plain = check(format!("{line}\n{line}\n")).ends(0);
    assert_eq!(plain.lines().len(), 2);
    let forms = [
        format!("\u{FEFF}{line}\r\n{line}\r\n"),
        format!("{line}\n{line}"),
        format!("\n\n{line}\n   \n{line}\n\n"),
        format!("\u{FEFF}\r\n{line}\r\n\r\n{line}\r\n"),
    ];
    for form in forms {
        assert_eq!(check(&form).ends(0).stdout, plain.stdout, "{form:?}");
    }
}

#[test]
fn nothing_in_gives_nothing_out() {
    for input in ["", "\n", "\u{FEFF}", " \r\n\n"] {
        let run = check(input).ends(0);
        assert_eq!(
            (run.stdout.as_str(), run.stderr.as_str()),
            ("", ""),
            "{input:?}"
        );
    }
}

#[test]
fn a_faulty_line_is_told_in_its_place_and_the_others_are_checked() {
    let long = "x".repeat(201);
    let faults = [
        (
            "{\"id\":1,\"term\":\"vonnis\"",
            "de JSON houdt te vroeg op",
            json!(null),
        ),
        ("{\"term\":\"vonnis\",}", "geen geldige JSON", json!(null)),
        ("geen json", "geen JSON-object", json!(null)),
        ("[\"id\",\"term\"]", "geen JSON-object", json!(null)),
        ("{\"id\":5,\"text\":\"x\"}", "‘term’ ontbreekt", json!(5)),
        ("{\"id\":6,\"term\":\"x\"}", "‘text’ ontbreekt", json!(6)),
        (
            "{\"id\":7,\"term\":\"x\",\"text\":3}",
            "‘text’ is geen tekst",
            json!(7),
        ),
        (
            "{\"id\":8,\"term\":\"x\",\"text\":\"y\",\"org\":4}",
            "‘org’ is geen tekst",
            json!(8),
        ),
        (
            "{\"id\":9,\"term\":\"x\",\"text\":\"y\",\"text\":\"z\"}",
            "twee keer",
            json!(null),
        ),
        (
            &format!("{{\"id\":10,\"term\":\"x\",\"text\":\"y\",\"legal\":\"{long}\"}}"),
            "‘legal’ is langer dan 200 tekens",
            json!(10),
        ),
    ];
    for (line, fault, id) in faults {
        let good = r#"{"id":"goed","term":"vonnis","text":"beslissing"}"#;
        let run = check(format!("{good}\n\n{line}\n{good}\n")).ends(1);
        let rows = run.lines();
        assert_eq!(rows.len(), 3, "{line}");
        assert_eq!(
            (&rows[0]["id"], &rows[2]["id"]),
            (&json!("goed"), &json!("goed"))
        );
        has_exactly(&rows[1], ["id", "line", "error"]);
        assert_eq!(rows[1]["id"], id, "{line}");
        // Lines are counted as an editor counts them, empty ones too.
        assert_eq!(rows[1]["line"], 3);
        assert_eq!(rows[1]["error"]["code"], "BG-112");
        let detail = rows[1]["error"]["detail"].as_str().unwrap();
        assert!(
            detail.starts_with("regel 3: ") && detail.contains(fault),
            "{detail}"
        );
        assert_eq!(run.error(), "BG-112");
        assert!(run.stderr.contains(detail), "{}", run.stderr);
    }
}

#[test]
fn many_faulty_lines_are_counted_and_a_few_are_named() {
    let run = check("{\n".repeat(500)).ends(1);
    assert_eq!(run.lines().len(), 500);
    assert!(run.stderr.contains("regel 5:") && run.stderr.contains("en nog 495"));
    assert!(run.stderr.len() < 1_000);
}

#[test]
fn the_text_of_a_line_is_not_repeated_in_a_message() {
    let secret = "Jan Jansen, Dorpsstraat 1";
    for line in [
        format!("{{\"term\":\"x\",\"text\":[\"{secret}\"]}}"),
        format!("{{\"term\":\"x\",\"text\":\"{secret}\","),
        format!("{{\"term\":{{\"{secret}\":1}},\"text\":\"x\"}}"),
        secret.to_owned(),
    ] {
        let run = check(&line).ends(1);
        assert!(
            !run.stderr.contains("Jansen") && !run.stdout.contains("Jansen"),
            "{run:#?}"
        );
    }
}

#[test]
fn another_encoding_is_named_in_dutch_with_a_code() {
    let line = "{\"term\":\"coöperatie\",\"text\":\"vereniging\"}\n";
    let utf16 = |mark: bool, little: bool| -> Vec<u8> {
        let mark = mark.then_some(0xFEFF);
        let units = mark.into_iter().chain(line.encode_utf16());
        units
            .flat_map(|unit| match little {
                true => unit.to_le_bytes(),
                false => unit.to_be_bytes(),
            })
            .collect()
    };
    for input in [
        utf16(true, true),
        utf16(true, false),
        utf16(false, true),
        utf16(false, false),
    ] {
        let run = check(input).ends(1);
        assert_eq!((run.error().as_str(), run.stdout.as_str()), ("BG-111", ""));
        assert!(run.stderr.contains("UTF-16"), "{}", run.stderr);
    }
    // In Latin-1 the lines without accents are the same as in UTF-8, and are checked.
    let mut latin: Vec<u8> = line
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    latin.extend(b"{\"id\":2,\"term\":\"vonnis\",\"text\":\"beslissing\"}\n");
    let run = check(latin).ends(1);
    assert_eq!(run.error(), "BG-112");
    assert!(run.stderr.contains("regel 1: geen UTF-8"), "{}", run.stderr);
    assert_eq!(run.lines()[1]["id"], 2);
}

#[test]
fn a_file_that_cannot_be_read_is_named_in_dutch_with_a_code() {
    let desk = Desk::new();
    let missing = desk.begrip(&["check", "--jsonl", "weg.jsonl"]).ends(1);
    assert_eq!(
        (missing.error().as_str(), missing.stdout.as_str()),
        ("BG-111", "")
    );
    assert!(
        missing.stderr.contains("weg.jsonl: bestaat niet"),
        "{}",
        missing.stderr
    );
    let folder = desk.folder().to_str().unwrap().to_owned();
    let folder = desk.begrip(&["check", "--jsonl", &folder]).ends(1);
    assert_eq!(
        (folder.error().as_str(), folder.stdout.as_str()),
        ("BG-111", "")
    );
    assert!(folder.stderr.contains("is een map"), "{}", folder.stderr);
}

#[test]
fn a_file_and_standard_input_give_the_same() {
    let desk = Desk::new();
    let line = "{\"id\":1,\"term\":\"vonnis\",\"text\":\"beslissing van een rechter\"}\n";
    desk.write("in.jsonl", line);
    let file = desk.begrip(&["check", "--jsonl", "in.jsonl"]).ends(0);
    assert_eq!(file.stdout, check(line).stdout);
    let with_json = desk
        .begrip(&["check", "--jsonl", "in.jsonl", "--json"])
        .ends(0);
    assert_eq!(file.stdout, with_json.stdout);
    assert!(!desk.home().exists(), "checking a file keeps nothing");
}

#[test]
fn failing_rules_do_not_make_a_failing_run() {
    let run = check("{\"term\":\"vonnis\",\"text\":\"het vonnis\"}").ends(0);
    assert_eq!(finding(&run.lines()[0], "CON-CIRC-001")["outcome"], "fail");
}
