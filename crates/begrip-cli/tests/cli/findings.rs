//! `check --from`: a file of definitions in, findings in six forms out.

use serde_json::{Value, json};

use crate::support::{Desk, Run};

const GOOD: &str = "schriftelijke beslissing van een rechter in een strafzaak";
const BAD: &str = "de beslissing van een rechter in een strafzaak";

const FORMATS: [&str; 6] = ["table", "json", "jsonl", "csv", "sarif", "html"];

fn lines(texts: &[&str]) -> String {
    let lines = (1..).zip(texts);
    lines
        .map(|(id, text)| format!("{}\n", json!({"id": id, "term": "vonnis", "text": text})))
        .collect()
}

fn check(name: &str, bytes: impl AsRef<[u8]>, args: &[&str]) -> Run {
    let desk = Desk::new();
    desk.write(name, bytes);
    desk.begrip(&[&["check", "--from", name], args].concat())
}

#[test]
fn a_sheet_a_list_and_lines_give_the_same_findings() {
    let jsonl = check(
        "a.jsonl",
        json!({"id": "7", "term": "vonnis", "text": BAD, "org": ["OM", "DJI"]}).to_string(),
        &["--json"],
    )
    .ends(4);
    let list = json!([{"id": "7", "term": "vonnis", "text": BAD, "org": ["OM", "DJI"]}]);
    let sheets = [
        format!("id,term,text,org\n7,vonnis,{BAD},OM|DJI\n"),
        format!(
            "\u{FEFF}Nummer;Term;Definitie;Organisatie\r\n7;vonnis;\"{BAD}\";OM|DJI\r\n;;;\r\n"
        ),
        format!("sep=;\nid;term;definitie;org\n7;vonnis;{BAD};OM|DJI\n"),
    ];
    assert_eq!(
        check("a.json", list.to_string(), &["--json"])
            .ends(4)
            .stdout,
        jsonl.stdout
    );
    for sheet in sheets {
        let run = check("a.csv", &sheet, &["--json"]).ends(4);
        assert_eq!(run.stdout, jsonl.stdout, "{sheet}");
        let run = check("lijst", &sheet, &["--type", "csv", "--json"]).ends(4);
        assert_eq!(run.stdout, jsonl.stdout, "{sheet}");
    }
    check("lijst", "", &[]).ends(2);
}

#[test]
fn a_sheet_in_windows_1252_is_read_and_told() {
    let run = check(
        "a.csv",
        b"term;text\nco\xf6peratie;een co\xf6peratie\n",
        &["--format", "html"],
    )
    .ends(4);
    assert!(run.stdout.contains("coöperatie"));
    assert_eq!(run.error(), "BG-115");
}

#[test]
fn a_faulty_definition_is_told_in_every_form_and_the_others_are_checked() {
    let sheet = format!("term;text\nvonnis;{GOOD};te veel\nvonnis;\nvonnis;{BAD}\n");
    for format in FORMATS {
        let run = check("a.csv", &sheet, &["--format", format]).ends(1);
        assert_eq!(run.error(), "BG-112");
        for told in [
            "meer cellen dan kolommen",
            "‘definitie’ ontbreekt",
            "ARAI-06",
        ] {
            assert!(run.stdout.contains(told), "{format}: {told}");
        }
        assert!(run.stderr.contains("regel 2:") && run.stderr.contains("regel 3:"));
    }
    for header in ["a;b\n1;2\n", "term\nx\n"] {
        assert_eq!(check("a.csv", header, &[]).ends(1).error(), "BG-111");
    }
}

#[test]
fn a_quote_that_is_not_closed_lets_no_definition_by_unchecked() {
    let more = format!("vonnis;{GOOD}\n").repeat(2_000);
    for (sheet, line) in [
        (format!("term;text\nvonnis;\"{GOOD}\nvonnis;{BAD}\n"), 2),
        (
            format!("term;text\n{more}vonnis;\"{GOOD}\n{more}vonnis;\"{BAD}\"\n"),
            2_002,
        ),
    ] {
        let run = check("a.csv", &sheet, &[]).ends(1);
        assert_eq!(run.error(), "BG-169");
        assert!(
            run.stderr.contains(&format!("regel {line}")),
            "{}",
            run.stderr
        );
    }
    let lines = GOOD.replace(' ', "\n");
    check("a.csv", format!("term;text\nvonnis;\"{lines}\"\n"), &[]).ends(0);
}

#[test]
fn the_exit_code_tells_whether_a_blocking_rule_fails() {
    for format in FORMATS {
        check("a.jsonl", lines(&[GOOD]), &["--format", format]).ends(0);
        check("a.jsonl", lines(&[GOOD, BAD]), &["--format", format]).ends(4);
    }
}

#[test]
fn an_output_file_holds_what_standard_output_would_and_is_there_whole_or_not_at_all() {
    let desk = Desk::new();
    desk.write("a.jsonl", lines(&[GOOD, BAD]));
    desk.write("uit.csv", "oud");
    let args = ["check", "--from", "a.jsonl", "--format", "csv"];
    let told = desk.begrip(&args).ends(4);
    let run = desk
        .begrip(&[&args[..], &["--output", "uit.csv"]].concat())
        .ends(4);
    assert_eq!(run.stdout, "");
    let file = desk.folder().join("uit.csv");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), told.stdout);
    // What cannot be read leaves the older file as it was, and nothing beside it.
    desk.write("b.json", "[{}");
    let args = ["check", "--from", "b.json", "--output", "uit.csv"];
    assert_eq!(desk.begrip(&args).ends(1).error(), "BG-111");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), told.stdout);
    assert_eq!(std::fs::read_dir(desk.folder()).unwrap().count(), 3);
}

#[test]
fn a_sheet_of_findings_holds_no_formula() {
    for text in ["=1+1", "+31", "-2", "@a", "\t=1", "recht a,=1+1"] {
        let line = json!({"id": text, "term": text, "text": text}).to_string();
        let run = check("a.jsonl", line, &["--format", "csv"]);
        assert!(run.stdout.starts_with('\u{FEFF}'));
        for row in run.stdout.lines().skip(1) {
            let cells = row.split(';').map(|cell| cell.trim_matches('"'));
            // However a spreadsheet splits: every cell is within quotation marks.
            assert_eq!(row.matches("\";\"").count(), 12, "{row}");
            assert!(
                !cells
                    .clone()
                    .any(|cell| cell.starts_with(['=', '+', '-', '@', '\t'])),
                "{row}"
            );
        }
        assert!(run.stdout.contains(&format!("'{text}")) != text.starts_with('r'));
    }
}

#[test]
fn the_sarif_log_has_what_the_standard_requires() {
    let text = "de 😀 beslissing van een rechter in een strafzaak";
    let log = check(
        "een map.jsonl",
        lines(&[GOOD, text]),
        &["--format", "sarif"],
    )
    .ends(4)
    .json();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "Begrip");
    assert!(driver["properties"]["rulePackVersion"].is_string());
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let artifacts = run["artifacts"].as_array().unwrap();
    assert_eq!(artifacts[0]["location"]["uri"], "een%20map.jsonl");
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let rule = &driver["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["shortDescription"]["text"].is_string());
        let level = rule["defaultConfiguration"]["level"].as_str().unwrap();
        match result["kind"].as_str().unwrap() {
            "fail" => assert_eq!(result["level"], level),
            "review" => assert_eq!(result["level"], "none"),
            other => panic!("{other}"),
        }
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["index"], 0);
        assert!([1, 2].contains(&place["region"]["startLine"].as_u64().unwrap()));
        let within = &result["relatedLocations"][0]["physicalLocation"];
        let own = &artifacts[within["artifactLocation"]["index"].as_u64().unwrap() as usize];
        assert_eq!(own["parentIndex"], 0);
        if let Some(from) = within["region"]["charOffset"].as_u64() {
            let long = within["region"]["charLength"].as_u64().unwrap();
            let text: Vec<char> = own["contents"]["text"].as_str().unwrap().chars().collect();
            let part: String = text[from as usize..(from + long) as usize].iter().collect();
            assert_eq!(place["region"]["snippet"]["text"], part);
        }
    }
    let faulty = check("a.jsonl", "{\n", &["--format", "sarif"])
        .ends(1)
        .json();
    let invocation = &faulty["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(
        invocation["toolExecutionNotifications"][0]["descriptor"]["id"],
        Value::from("BG-112")
    );
}

#[test]
fn the_page_loads_nothing_runs_nothing_and_shows_markup_as_text() {
    let text = "<script>alert(1)</script> & de \"beslissing\" <img src=x onerror=y>";
    let page = check("a.jsonl", lines(&[text, GOOD]), &["--format", "html"]).stdout;
    for outside in ["<script", "<img", "://", "url(", "@import", "<link", "src="] {
        assert!(
            !page.replace("&lt;img src=x", "").contains(outside),
            "{outside}"
        );
    }
    assert!(page.contains("&lt;script&gt;") && page.contains("lang=\"nl\""));
    assert_eq!(page.matches("<article").count(), 2);
    assert!(page.contains("default-src 'none'") && page.contains("@page"));
}
