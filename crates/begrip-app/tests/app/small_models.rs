//! What a cheap model loses beside a strong one on the small question, and what it saves: a part of
//! `docs/routing.md`, which `cargo xtask routing` writes.
//!
//! The models are the mock's: each knows every answer and is wrong about its own share of the terms. What is
//! shown is that the program asks the one that it should, takes its answer, and counts it; a model of
//! flesh and blood may do better or worse.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use begrip_domain::Category;
use begrip_mock_model::{Behaviour, When};
use serde_json::json;

use crate::categories::{hold, percent};
use crate::support::{Workplace, question};

/// Terms of which neither rules nor concepts tell the category, with what a lawyer chose.
const UNTOLD: &str = include_str!("../../../begrip-language/tests/terms_untold.toml");

const STRONG: &str = begrip_mock_model::MODEL_NAME;
const CHEAP: &str = "klein";

/// Points of a hundred that a cheap model may be right less often, with 95 % certainty.
const MARGIN: f64 = 10.0;

/// Euros for a million tokens that are sent, and that are received.
const PRICES: [(&str, f64, f64); 2] = [(STRONG, 2.5, 10.0), (CHEAP, 0.15, 0.6)];

/// One model on every term.
struct Arm {
    /// For each term, whether it was right.
    right: Vec<bool>,
    tokens: u32,
    eur: f64,
}

impl Arm {
    fn accuracy(&self) -> f64 {
        percent(
            self.right.iter().filter(|right| **right).count(),
            self.right.len(),
        )
    }
}

/// How many points less often right than `strong`, and the ends of the interval of 95 % around that, for
/// answers to the same questions (A. Wald's interval for paired shares).
fn less_than(strong: &Arm, cheap: &Arm) -> (f64, f64, f64) {
    let pairs = strong.right.iter().zip(&cheap.right);
    let lost = pairs
        .clone()
        .filter(|(strong, cheap)| **strong && !**cheap)
        .count() as f64;
    let won = pairs.filter(|(strong, cheap)| !**strong && **cheap).count() as f64;
    let n = strong.right.len() as f64;
    let less = (lost - won) / n;
    let half = 1.959_964 * (lost + won - (lost - won).powi(2) / n).sqrt() / n;
    (100.0 * less, 100.0 * (less - half), 100.0 * (less + half))
}

fn terms() -> Vec<(String, Category)> {
    let sets: BTreeMap<String, Vec<String>> = toml::from_str(UNTOLD).unwrap();
    let labelled = |(name, terms): (String, Vec<String>)| {
        let category = Category::parse(&name).unwrap();
        terms.into_iter().map(move |term| (term, category))
    };
    sets.into_iter().flat_map(labelled).collect()
}

/// Has every term drafted with the small question at this model, which is wrong about so many of a hundred.
async fn arm(model: &str, wrong: u32, seed: u64) -> Arm {
    let terms = terms();
    let workplace = Workplace::new().await;
    let knows = |(term, category): &(String, Category)| {
        let name = match category {
            Category::Type => "type",
            Category::Particular => "exemplaar",
            Category::Process => "proces",
            Category::Result => "resultaat",
        };
        (term.to_lowercase(), name.to_owned())
    };
    let names = terms.iter().map(knows).collect();
    let judges = Behaviour::Judges { names, wrong, seed };
    workplace.model.set_behaviour(When::Always, judges);
    let program = workplace.open().await;
    let mut settings = program.settings().await;
    settings["routing"]["small_calls"] = json!(true);
    settings["routing"]["prepare"]["model"] = json!(model);
    let price = |(model, sent, received): (&str, f64, f64)| json!({ "model": model, "eur_per_million_in": sent, "eur_per_million_out": received });
    settings["prices"]["models"] = PRICES.map(price).to_vec().into();
    let _ = program.call("settings_save", settings).await;
    let (mut right, mut decided) = (Vec::new(), Vec::new());
    for (term, category) in &terms {
        let (_, result) = program.define(question(term)).await;
        let assumed = &result.unwrap()["assumed"];
        // What a model does not know, nobody assumed.
        if !assumed.is_null() && (assumed["by"] != "model" || assumed["because"] != model) {
            decided.push((term, assumed["because"].clone()));
        }
        right.push(assumed["category"] == category.as_str());
    }
    assert!(decided.is_empty(), "no model was needed: {decided:?}");
    // One small question for each term, by the model's own log, and what the ledger says of them.
    let asks = |call: &begrip_mock_model::Call| {
        call.body["response_format"]
            .to_string()
            .contains("onbekend")
    };
    let small: Vec<_> = workplace.model.log().into_iter().filter(asks).collect();
    assert_eq!(small.len(), terms.len());
    assert!(small.iter().all(|call| call.model == model));
    let costs = program.call("costs", json!({ "by": "task" })).await;
    let rows = costs["rows"].as_array().unwrap();
    let prepare = rows.iter().find(|row| row["name"] == "prepare").unwrap();
    let sum = |tokens: fn(&begrip_mock_model::Call) -> u32| small.iter().map(tokens).sum::<u32>();
    let (sent, received) = (sum(|call| call.tokens_in), sum(|call| call.tokens_out));
    assert_eq!(prepare["tokens_in"], f64::from(sent));
    assert_eq!(prepare["tokens_out"], f64::from(received));
    let (_, per_in, per_out) = PRICES
        .into_iter()
        .find(|(name, ..)| *name == model)
        .unwrap();
    let eur = (f64::from(sent) * per_in + f64::from(received) * per_out) / 1e6;
    let told = prepare["cost_eur"].as_f64().unwrap();
    // Each call is kept in millionths of a euro.
    assert!(
        (told - eur).abs() < 1e-6 * terms.len() as f64,
        "{told} and {eur}"
    );
    Arm {
        right,
        tokens: sent + received,
        eur: told,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cheap_model_settles_what_no_rule_tells_nearly_as_well_as_the_strong_one_for_less() {
    const NAMES: [&str; 3] = ["strong", "cheap", "cheap, and too often wrong"];
    const WRONG: [u32; 3] = [4, 6, 35];
    let terms = terms();
    assert!(terms.len() >= 100, "{}", terms.len());
    let strong = arm(STRONG, WRONG[0], 11).await;
    let cheap = arm(CHEAP, WRONG[1], 12).await;
    let poor = arm(CHEAP, WRONG[2], 13).await;
    let mut part = format!(
        "## How much a cheap model loses on what the rule does not tell\n\n\
         {} other legal terms (`crates/begrip-language/tests/terms_untold.toml`) of which neither rule nor concept tells the category,\n\
         each drafted with the small question at one model. The models are scripted: each knows every category and is wrong about\n\
         its own share of the terms. So this shows that the small question goes where it should, that its answer is used and that it is counted;\n\
         what a real model does must be measured with that model. *Less* is how many points of a hundred a model is right less often than the\n\
         strong one, with the interval of 95 %; it counts as good enough when all of that lies below {MARGIN:.0} points. Cost is that of the small\n\
         questions alone, by the ledger, at € {} and {} (strong) or € {} and {} (cheap) for a million tokens sent and received.\n\n\
         | model | scripted: wrong | right | less | good enough | tokens each | € for 1,000 | saves |\n\
         |---|--:|--:|--:|---|--:|--:|--:|\n",
        terms.len(),
        PRICES[0].1,
        PRICES[0].2,
        PRICES[1].1,
        PRICES[1].2,
    );
    for ((name, wrong), arm) in NAMES.into_iter().zip(WRONG).zip([&strong, &cheap, &poor]) {
        let n = arm.right.len() as f64;
        let (less, low, high) = less_than(&strong, arm);
        let good = if high < MARGIN { "yes" } else { "no" };
        writeln!(
            part,
            "| {name} | {wrong} % | {:.0} % | {less:.1} ({low:.1} to {high:.1}) | {good} | {:.0} | {:.3} | {:.0} % |",
            arm.accuracy(),
            f64::from(arm.tokens) / n,
            1_000.0 * arm.eur / n,
            100.0 * (1.0 - arm.eur / strong.eur),
        )
        .unwrap();
    }
    hold("small", &part);
    assert!(
        less_than(&strong, &cheap).2 < MARGIN,
        "{:?}",
        less_than(&strong, &cheap)
    );
    assert!(
        less_than(&strong, &poor).2 > MARGIN,
        "a model that is often wrong is not good enough"
    );
    // They are wrong about some, and not about the same.
    assert!(strong.accuracy() < 100.0 && strong.right != cheap.right);
    assert!(
        cheap.eur < 0.125 * strong.eur,
        "{} and {}",
        cheap.eur,
        strong.eur
    );
}
