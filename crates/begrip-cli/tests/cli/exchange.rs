//! `concepts exchange`: what the model got and gave, to the letter.

use begrip_mock_model::{Behaviour, When};
use serde_json::Value;

use crate::support::{Desk, model};

const TERM: &str = "contactverbod";

#[test]
fn what_is_shown_is_the_models_own_log_to_the_letter() {
    let model = model();
    model.set_behaviour(When::Always, Behaviour::FaultyThenRepaired);
    let desk = Desk::with(&model);
    desk.begrip(&["define", TERM, "--keep"]).ends(0);
    let told = desk
        .begrip(&["concepts", "exchange", TERM, "--json"])
        .ends(0)
        .json();
    let text = desk.begrip(&["concepts", "exchange", TERM]).ends(0).stdout;
    assert_eq!(told["state"], "kept");
    let log = model.log();
    assert_eq!(log.len(), 2);
    let mut rest = text.as_str();
    for (turn, call) in told["turns"].as_array().unwrap().iter().zip(&log) {
        assert_eq!(turn["messages"], call.body["messages"]);
        assert_eq!(turn["request_id"].as_str(), call.request_id.as_deref());
        for message in call.body["messages"].as_array().unwrap() {
            let role = message["role"].as_str().unwrap();
            let content = message["content"].as_str().unwrap();
            let shown = format!("--- {role}\n{content}\n");
            let (_, after) = rest.split_once(&shown).unwrap_or_else(|| panic!("{shown}"));
            rest = after;
        }
        let answer = format!("--- antwoord\n{}\n", turn["answer"].as_str().unwrap());
        let (_, after) = rest
            .split_once(&answer)
            .unwrap_or_else(|| panic!("{answer}"));
        rest = after;
    }
    assert_eq!(rest, "");
}

#[test]
fn an_exchange_with_notes_is_gone_with_its_program_and_the_reason_is_told() {
    let model = model();
    let desk = Desk::with(&model);
    desk.begrip(&["define", TERM, "--keep", "--notes", "De buurman riep iets."])
        .ends(0);
    let show = ["concepts", "exchange", TERM];
    let text = desk.begrip(&show).ends(0).stdout;
    assert!(
        text.contains("gingen notities of woorden over een zaak mee"),
        "{text}"
    );
    let told = desk
        .begrip(&[&show[..], &["--json"]].concat())
        .ends(0)
        .json();
    assert_eq!(told["state"], "with_notes");
    assert_eq!(told["turns"], Value::Array(Vec::new()));
}
