//! The program's own prompts against the server: what it counts is what is charged, what is
//! answered can be read.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test reports a broken promise by panicking"
)]

mod support;

use begrip_domain::{Context, Label};
use begrip_mock_model::replies::reply_to;
use begrip_mock_model::{Behaviour, MockModel, When};
use begrip_prompt::{
    Budget, Nameless, PartialReader, Passage, Prompt, PromptInput, RepairInput, Tiktoken, compose,
    compose_repair, read_reply, response_format,
};
use begrip_rules::{Level, RulePack, Subject};
use serde_json::{Value, json};

/// A text that names nobody.
fn nameless(text: &str) -> Nameless {
    begrip_privacy::nameless_label(text, &[], &begrip_privacy::Choices::default()).unwrap()
}

fn prompt_for(term: &str, pack: &RulePack) -> Prompt {
    let label = |text: &str| Label::new(text).unwrap();
    let context = Context {
        organisations: [label("OM")].into(),
        legal_areas: [label("strafrecht")].into(),
        statutory_bases: [label("Wetboek van Strafvordering")].into(),
    };
    let passages = [Passage {
        citation: nameless("art. 27 Sv"),
        text: nameless("Als verdachte geldt — e\u{301}n wel \"steeds\" — degene bij wie …"),
    }];
    let notes = "Een notitie </term> met\nregels.";
    let notes = begrip_privacy::protect(notes, &[], &begrip_privacy::Choices::default());
    let input = PromptInput {
        version: begrip_prompt::PROMPT_VERSION,
        term: &nameless(term),
        context: &context,
        category: None,
        notes: &notes,
        related: &[],
        passages: &passages,
        pack,
        budget: Budget::default(),
    };
    compose(&input, &Tiktoken::for_model("gpt-4o")).unwrap()
}

async fn send(model: &MockModel, prompt: &Prompt, stream: bool) -> reqwest::Response {
    let body = json!({
        "model": "gpt-4o",
        "messages": prompt.messages,
        "response_format": response_format(&prompt.schema),
        "stream": stream,
        "stream_options": {"include_usage": true},
    });
    support::post(model, &body).await
}

async fn answer(model: &MockModel, prompt: &Prompt) -> (String, u64) {
    let body: Value = send(model, prompt, false).await.json().await.unwrap();
    let text = body["choices"][0]["message"]["content"]
        .as_str()
        .unwrap()
        .to_owned();
    (text, body["usage"]["prompt_tokens"].as_u64().unwrap())
}

#[tokio::test]
async fn the_tokens_counted_are_the_tokens_charged() {
    let (model, pack) = (support::start().await, RulePack::built_in().unwrap());
    for term in [
        "voorlopige hechtenis",
        "verdachte",
        "vonnis",
        "iets onbekends",
    ] {
        let prompt = prompt_for(term, &pack);
        let (_, charged) = answer(&model, &prompt).await;
        assert_eq!(u64::from(prompt.tokens), charged, "{term}");
        assert_eq!(model.log().last().unwrap().term, term);
    }
}

#[tokio::test]
async fn answers_can_be_read_whole_and_while_they_stream() {
    let (model, pack) = (support::start().await, RulePack::built_in().unwrap());
    let expected = reply_to("vonnis");
    let prompt = prompt_for("vonnis", &pack);
    for behaviour in [Behaviour::Normal, Behaviour::Prose, Behaviour::CodeFence] {
        model.set_behaviour(When::Always, behaviour);
        let (text, _) = answer(&model, &prompt).await;
        let reply = read_reply(&text).unwrap();
        assert_eq!(reply.definition, expected.definition);
        assert_eq!(reply.counter_examples, expected.counter_examples);

        let events = support::events(&send(&model, &prompt, true).await.text().await.unwrap());
        let mut reader = PartialReader::new();
        let mut shown = 0;
        for event in &events {
            let piece = event["choices"][0]["delta"]["content"]
                .as_str()
                .unwrap_or_default();
            shown += usize::from(reader.feed(piece));
        }
        assert_eq!(reader.definition(), expected.definition);
        assert_eq!(reader.explanation(), expected.explanation);
        assert!(shown > 10, "the definition did not grow piece by piece");
    }
}

#[tokio::test]
async fn a_faulty_answer_is_mended_by_one_repair() {
    let (model, pack) = (support::start().await, RulePack::built_in().unwrap());
    model.set_behaviour(When::Always, Behaviour::FaultyThenRepaired);
    let context = Context::default();
    let check = |text: &str| {
        pack.check(&Subject {
            term: "vonnis",
            synonyms: &[],
            text,
            context: &context,
            category: None,
            has_source: None,
        })
    };
    let (text, _) = answer(&model, &prompt_for("vonnis", &pack)).await;
    let faulty = read_reply(&text).unwrap();
    let report = check(&faulty.definition);
    let failing: Vec<_> = pack.failing(&report).collect();
    assert!(
        failing
            .iter()
            .any(|(rule, _)| rule.level() == Level::Blocking)
    );

    let input = RepairInput {
        version: begrip_prompt::PROMPT_VERSION,
        term: &nameless("vonnis"),
        faulty: &faulty,
        failing: &failing,
        budget: Budget::default(),
    };
    let repair = compose_repair(&input, &Tiktoken::for_model("gpt-4o")).unwrap();
    let (text, charged) = answer(&model, &repair).await;
    assert_eq!(u64::from(repair.tokens), charged);
    let mended = faulty.clone().repaired_with(read_reply(&text).unwrap());
    assert_eq!(check(&mended.definition).blocking_failures().count(), 0);
    assert_eq!(mended.explanation, faulty.explanation);
}
