//! Case texts with known secrets in decisions, related concepts and terms: the model's own log is
//! read for them.

#[path = "../../../begrip-privacy/tests/support/mod.rs"]
mod cases;

use begrip_privacy::Kind;
use cases::measure::leaks;
use cases::{Case, cases, words};
use serde_json::{Value, json};

use crate::privacy::decision;
use crate::sources::import;
use crate::support::{Program, Workplace};

/// Kinds of which not one may get out: they prove themselves, or the user named them.
const SURE: [Kind; 3] = [Kind::Bsn, Kind::Iban, Kind::Party];

/// A word that no case text has, and that is one word more for each case.
fn term(number: usize) -> String {
    let letters = ["ba", "de", "fi", "go", "lu", "ka", "me", "no", "pi", "ru"];
    format!(
        "proefterm{}{}",
        letters[number / 10 % 10],
        letters[number % 10]
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The lines and sentences of a case, whole where a sign stands oddly.
fn parts(case: &Case) -> Vec<String> {
    let mut parts: Vec<String> = case.text.split_inclusive(". ").map(str::to_owned).collect();
    parts.push(case.text.clone());
    parts
}

async fn ask(program: &Program, term: &str, case: &Case) -> bool {
    let privacy = json!({ "parties": case.parties });
    let input = json!({ "term": term, "privacy": privacy });
    let request = json!({ "request_id": "1", "input": input });
    program.define(request).await.1.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_proves_itself_or_was_named_leaves_in_a_decision_a_related_concept_or_a_term()
{
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let (mut asked, mut held_back, mut went_along) = (0, 0, 0);
    for (number, case) in cases(11, 40).iter().enumerate() {
        let term = term(number);
        let mut files = Vec::new();
        for (at, part) in parts(case).iter().enumerate() {
            let text = format!("Het {term} is hier aan de orde. {part}");
            let ecli = u32::try_from(1_000 + number * 50 + at).unwrap();
            files.push((format!("{ecli}.xml"), decision(ecli, &escaped(&text))));
            let mut definition = format!("geval: {part}");
            definition.retain(|c| c != '\n');
            let definition: String = definition.chars().take(290).collect();
            let fields = json!({ "term": format!("{term} nummer {at}"), "definition": definition });
            let save = json!({ "fields": fields, "force": true });
            let _ = program.try_call("concept_save", save).await;
        }
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_bytes()))
            .collect();
        import(&program, &files).await;
        let preview = json!({ "term": term, "privacy": { "parties": case.parties } });
        let preview = program.call("preview", preview).await;
        held_back += preview["held_back"].as_array().unwrap().len();
        let before = workplace.model.log().len();
        assert!(ask(&program, &term, case).await);
        for part in parts(case) {
            let part: String = part.split_whitespace().collect::<Vec<_>>().join(" ");
            let part: String = part.chars().take(150).collect();
            asked += usize::from(ask(&program, &part, case).await);
        }
        for call in &workplace.model.log()[before..] {
            let messages = call.body["messages"].as_array().unwrap();
            let said: Vec<&str> = messages.iter().map(|one| text(&one["content"])).collect();
            let said = said.join("\n");
            went_along += said.matches("<bron>").count() + said.matches("<verwant>").count();
            // Our own fixed words are no secrets: only what stands between the user's tags counts.
            let (_, said) = said.split_once("\n<").unwrap_or(("", &said));
            let left = words(said);
            for planted in case.planted.iter().filter(|one| SURE.contains(&one.kind)) {
                let out = leaks(planted.kind, &planted.core, said, &left);
                assert!(!out, "{:?} {} in {said}", planted.kind, planted.core);
            }
        }
    }
    // All three roads were gone, and not one of them was closed altogether.
    assert!(
        held_back > 100 && went_along > 20 && asked > 20,
        "{held_back} {went_along} {asked}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_proves_itself_or_was_named_leaves_in_the_notes_of_a_draft() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let (mut planted, mut replaced) = (0, 0);
    for (number, case) in cases(23, 60).iter().enumerate() {
        let privacy = json!({ "parties": case.parties });
        let input = json!({ "term": term(number), "notes": case.text, "privacy": privacy });
        let before = workplace.model.log().len();
        let request = json!({ "request_id": "1", "input": input });
        assert!(program.define(request).await.1.is_ok(), "{}", case.text);
        let log = workplace.model.log();
        assert!(log.len() > before, "it was asked");
        for call in &log[before..] {
            let messages = call.body["messages"].as_array().unwrap();
            let said: Vec<&str> = messages.iter().map(|one| text(&one["content"])).collect();
            let said = said.join("\n");
            // Our own fixed words are no secrets, and placeholders name roles.
            let (_, said) = said.split_once("\n<").unwrap_or(("", &said));
            let mut bare = String::new();
            for (at, part) in said.split('[').enumerate() {
                match part.split_once(']').filter(|_| at > 0) {
                    Some((_, rest)) => {
                        replaced += 1;
                        bare.push_str(" | ");
                        bare.push_str(rest);
                    }
                    None => bare.push_str(part),
                }
            }
            let left = words(&bare);
            for secret in case.planted.iter().filter(|one| SURE.contains(&one.kind)) {
                planted += 1;
                let out = leaks(secret.kind, &secret.core, &bare, &left);
                assert!(!out, "{:?} {} in {said}", secret.kind, secret.core);
            }
        }
    }
    assert!(planted > 60 && replaced > 60, "{planted} {replaced}");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
