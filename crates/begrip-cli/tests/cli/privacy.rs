//! `privacy`, and what of the notes goes out with `prompt` and `define`.

use serde_json::Value;

use crate::support::{Desk, has_exactly, model};

const NOTES: &str = "Jan Jansen (BSN 111.222.333) belde op 06-12345678 vanuit de Dorpsstraat 12.";
const SECRETS: [&str; 5] = [
    "Jansen",
    "111.222.333",
    "111222333",
    "12345678",
    "Dorpsstraat",
];

#[test]
fn no_secret_is_in_any_request_and_the_prompt_shows_what_is_sent() {
    let model = model();
    let desk = Desk::with(&model);
    let with = |command: &str| {
        let party = "verdachte: Jan Jansen";
        let args = [
            command,
            "contactverbod",
            "--notes",
            NOTES,
            "--party",
            party,
            "--json",
        ];
        desk.begrip(&args).ends(0).json()
    };
    let shown = with("prompt");
    with("define");
    let log = model.log();
    assert!(!log.is_empty());
    for call in &log {
        let body = call.body.to_string();
        for secret in SECRETS {
            assert!(!body.contains(secret), "{secret} in {body}");
        }
    }
    assert_eq!(log[0].body["messages"], shown["messages"]);
    assert!(
        shown["messages"]
            .to_string()
            .contains("[verdachte] (BSN [bsn]) belde")
    );
}

#[test]
fn a_file_and_the_standard_input_give_the_same() {
    let desk = Desk::new();
    let file = desk.write("zaak.txt", format!("\u{FEFF}{NOTES}\r\n"));
    let from_file: Value = desk.begrip(&["privacy", &file, "--json"]).ends(0).json();
    has_exactly(&from_file, ["before", "after", "replaced"]);
    assert_eq!(from_file["before"], NOTES);
    for each in from_file["replaced"].as_array().unwrap() {
        has_exactly(
            each,
            [
                "start",
                "end",
                "start_after",
                "end_after",
                "kind",
                "original",
                "placeholder",
            ],
        );
    }
    let kinds: Vec<&str> = from_file["replaced"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["person", "bsn", "phone", "address"]);
}

#[test]
fn what_the_user_adds_and_lets_out_holds() {
    let desk = Desk::new();
    let file = desk.write(
        "zaak.txt",
        "Hij heet Xander en rijdt in een rode bestelbus.",
    );
    let args = [
        "privacy",
        &file,
        "--also",
        "rode bestelbus",
        "--leave",
        "Xander",
    ];
    let run = desk.begrip(&args).ends(0);
    assert!(
        run.stdout
            .starts_with("Hij heet Xander en rijdt in een [weggelaten].\n"),
        "{}",
        run.stdout
    );
    let gone = desk
        .begrip(&["privacy", "bestaat-niet.txt", "--json"])
        .ends(1);
    assert_eq!(gone.error(), "BG-111");
}
