//! `prompt`: what would be sent, and that nothing is.

use serde_json::Value;

use crate::support::{Desk, has_exactly, model};

const TERMS: [&str; 5] = [
    "voorlopige hechtenis",
    "verdachte",
    "vonnis",
    "reclasseringstoezicht",
    "biometrisch identiteitskenmerk",
];

/// The full context of the measurements.
const PLACE: [&str; 6] = [
    "--org",
    "OM",
    "--legal",
    "strafrecht",
    "--basis",
    "Wetboek van Strafvordering",
];

fn args<'a>(command: &'a str, term: &'a str) -> Vec<&'a str> {
    let mut args = vec![command, term];
    args.extend(PLACE);
    args.push("--json");
    args
}

/// Tokens around each message (its role is one), and those that open the reply: OpenAI's cookbook.
const AROUND: usize = 4;
const BEFORE_REPLY: usize = 3;

fn count(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton()
        .encode_ordinary(text)
        .len()
}

/// A count of a request's tokens by the library itself.
fn recount(messages: &Value, form: &str) -> usize {
    let messages = messages.as_array().unwrap().iter();
    let contents = messages.map(|message| AROUND + count(message["content"].as_str().unwrap()));
    BEFORE_REPLY + contents.sum::<usize>() + count(form)
}

#[test]
fn the_form_is_the_promised_one_and_no_call_is_made() {
    let model = model();
    let desk = Desk::with(&model);
    let run = desk.begrip(&args("prompt", "vonnis")).ends(0);
    let prompt = run.json();
    has_exactly(
        &prompt,
        ["messages", "tokens", "budget", "sections", "assumed"],
    );
    assert_eq!(prompt["budget"], 3_000);
    for message in prompt["messages"].as_array().unwrap() {
        has_exactly(message, ["role", "content"]);
    }
    let sections = prompt["sections"].as_array().unwrap();
    for section in sections {
        has_exactly(section, ["name", "tokens", "dropped"]);
        assert!(section["name"].is_string() && section["tokens"].is_u64());
        assert!(section["dropped"].is_boolean());
    }
    for name in ["head", "rules", "context", "term", "schema"] {
        assert!(
            sections.iter().any(|section| section["name"] == name),
            "{name}"
        );
    }
    let text = prompt["messages"].to_string();
    for part in ["OM", "strafrecht", "Wetboek van Strafvordering"] {
        assert!(text.contains(part), "{part}");
    }
    assert_eq!(model.calls(), 0);
    assert_eq!(run.stderr, "");
}

#[test]
fn the_five_terms_stay_under_900_tokens_and_share_their_first_message() {
    let desk = Desk::new();
    let prompts = TERMS.map(|term| desk.begrip(&args("prompt", term)).ends(0).json());
    for (prompt, term) in prompts.iter().zip(TERMS) {
        let tokens = prompt["tokens"].as_u64().unwrap();
        assert!(tokens < 900, "{term}: {tokens}");
        let messages = prompt["messages"].as_array().unwrap();
        assert_eq!(messages[0]["role"], "system");
        assert_eq!(messages[0], prompts[0]["messages"][0], "{term}");
        let last = messages.last().unwrap();
        assert_eq!(last["role"], "user");
        assert!(last["content"].as_str().unwrap().contains(term));
    }
}

#[test]
fn the_tokens_are_those_of_what_is_really_sent() {
    for term in TERMS {
        let model = model();
        let desk = Desk::with(&model);
        let prompt = desk.begrip(&args("prompt", term)).ends(0).json();
        desk.begrip(&args("define", term)).ends(0);
        let body = &model.log()[0].body;
        assert_eq!(
            body["messages"], prompt["messages"],
            "what was shown is what was sent"
        );
        let recounted = recount(&body["messages"], &body["response_format"].to_string());
        let told = usize::try_from(prompt["tokens"].as_u64().unwrap()).unwrap();
        assert!(
            told.abs_diff(recounted) <= 2,
            "{term}: {told} told, {recounted} counted"
        );
    }
}

#[test]
fn what_does_not_fit_is_dropped_by_name_or_refused_and_never_over_the_budget() {
    let desk = Desk::new();
    let notes = "De zaak gaat over een woninginbraak met een bijl. ".repeat(120);
    let mut some = args("prompt", "vonnis");
    some.extend(["--notes", &notes]);
    let prompt = desk.begrip(&some).ends(0).json();
    assert!(prompt["tokens"].as_u64().unwrap() <= 3_000);
    assert!(prompt["messages"].to_string().contains("woninginbraak"));

    let far_too_much = notes.repeat(16);
    let mut all = args("prompt", "vonnis");
    all.extend(["--notes", &far_too_much]);
    let run = desk.begrip(&all);
    match run.code {
        0 => {
            let prompt = run.json();
            assert!(prompt["tokens"].as_u64().unwrap() <= 3_000);
            let sections = prompt["sections"].as_array().unwrap();
            assert!(sections.iter().any(|section| section["dropped"] == true));
        }
        code => assert_eq!((code, run.error().as_str()), (1, "BG-401")),
    }
}

#[test]
fn a_person_sees_the_messages_and_the_sum() {
    let run = Desk::new()
        .begrip(&["prompt", "vonnis", "--org", "OM"])
        .ends(0);
    for part in ["van 3000 tokens", "head", "vonnis", "OM"] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
}

#[test]
fn a_term_that_cannot_be_is_refused_with_a_code() {
    let desk = Desk::new();
    let long = "x".repeat(201);
    for (term, code) in [("", "BG-101"), (" \t", "BG-101"), (long.as_str(), "BG-102")] {
        let run = desk.begrip(&["prompt", term, "--json"]).ends(1);
        assert_eq!((run.error().as_str(), run.stdout.as_str()), (code, ""));
    }
}
