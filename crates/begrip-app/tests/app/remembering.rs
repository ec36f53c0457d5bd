//! Concepts that texts are judged beside are remembered; what counts is what they say now.

use serde_json::{Value, json};

use crate::support::{Program, Workplace, fields};

const TEXTS: [&str; 5] = [
    "besluit van een rechter over een termijn",
    "besluit van een rechter over een boete",
    "verklaring van een getuige in een dossier",
    "boete die een rechter oplegt binnen een termijn",
    "lijst van getuigen bij een dossier van een rechter",
];

/// The same for all, so that they are of one thing.
fn context() -> Value {
    json!({ "organisations": [], "legal_areas": ["proefrecht"], "statutory_bases": [] })
}

fn with_text(term: &str, text: &str) -> Value {
    let mut fields = fields(term, text);
    fields["context"] = context();
    fields
}

/// The same plan each time.
struct Plan(fastrand::Rng);

impl Plan {
    fn text(&mut self) -> String {
        let text = TEXTS[self.0.usize(..TEXTS.len())];
        match self.0.u8(..3) {
            0 => format!("overlegging van een {text} op een zitting"),
            _ => text.to_owned(),
        }
    }

    /// Adds a concept, changes one or withdraws one.
    async fn change(&mut self, program: &Program, concepts: &mut Vec<Value>) {
        let one = self.0.usize(..=concepts.len());
        match concepts.get_mut(one) {
            Some(concept) if self.0.bool() => {
                let request = json!({
                    "id": concept["id"], "base_version": concept["version"], "accept_duplicate": true,
                    "fields": with_text(concept["term"].as_str().unwrap(), &self.text()),
                });
                let saved = program.call("concept_save", request).await;
                *concept = saved["view"]["concept"].clone();
            }
            Some(concept) => {
                let request = json!({
                    "id": concept["id"], "base_version": concept["version"], "status": "withdrawn", "reason": "",
                });
                program.call("concept_status", request).await;
                concepts.remove(one);
            }
            None => {
                let term = format!("zeldzaam {}", concepts.len());
                let mut fields = with_text(&term, &self.text());
                fields["synonyms"] = json!([format!("zeldzaamheid {}", concepts.len())]);
                let request = json!({ "fields": fields, "accept_duplicate": true });
                let saved = program.call("concept_save", request).await;
                concepts.push(saved["view"]["concept"].clone());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_any_change_by_any_program_a_report_is_that_of_a_program_that_remembers_nothing() {
    let workplace = Workplace::new().await;
    let (own, other) = (
        workplace.open_without_model().await,
        workplace.open_without_model().await,
    );
    let mut plan = Plan(fastrand::Rng::with_seed(7));
    let (mut concepts, mut failing) = (Vec::new(), 0);
    let texts: Vec<String> = (0..4).map(|_| plan.text()).collect();
    for step in 0..40 {
        let program = if step % 2 == 0 { &own } else { &other };
        plan.change(program, &mut concepts).await;
        let fresh = workplace.open_without_model().await;
        for text in texts.iter().chain(&[plan.text()]) {
            let request = json!({ "term": "zaakje", "text": text, "context": context() });
            let report = own.call("check", request.clone()).await;
            assert_eq!(report, fresh.call("check", request).await, "{step}: {text}");
            let findings = report["findings"].as_array().unwrap();
            let beside = findings.iter().filter(|finding| {
                let rule = finding["rule"].as_str().unwrap();
                ["DUP-01", "ESS-05", "SAM-03"].contains(&rule) && finding["outcome"] != "pass"
            });
            failing += beside.count();
        }
    }
    assert!(failing > 40, "the concepts had a say {failing} times");
}
