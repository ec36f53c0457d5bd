//! What a prompt costs over real terms in many contexts: counted here, by the program and by the model.

use fastrand::Rng;
use serde_json::{Value, json};

use crate::sources::import;
use crate::support::Workplace;

const CASES: usize = 240;
const SEED: u64 = 2026;

const ORGANISATIONS: [&str; 6] = [
    "OM",
    "DJI",
    "Raad voor de rechtspraak",
    "Reclassering Nederland",
    "CJIB",
    "politie",
];
const AREAS: [&str; 5] = [
    "strafrecht",
    "bestuursrecht",
    "jeugdrecht",
    "penitentiair recht",
    "strafprocesrecht",
];
const LAWS: [&str; 5] = [
    "Wetboek van Strafvordering",
    "Wetboek van Strafrecht",
    "Penitentiaire beginselenwet",
    "Algemene wet bestuursrecht",
    "Wet justitiële en strafvorderlijke gegevens",
];
const CATEGORIES: [&str; 4] = ["type", "particular", "process", "result"];

/// Sentences of the length that laws have; `{}` is the term.
const PARAGRAPHS: [&str; 4] = [
    "De rechter-commissaris kan, op vordering van de officier van justitie, ten aanzien van {} bevelen dat de \
     termijn ten hoogste eenmaal met dertig dagen wordt verlengd.",
    "Onze Minister stelt bij algemene maatregel van bestuur nadere regels over {} en over de wijze waarop daarvan \
     aantekening wordt gehouden.",
    "Tegen een beslissing over {} staat binnen veertien dagen beroep open bij de rechtbank van het arrondissement \
     waarin zij is genomen.",
    "De betrokkene wordt van {} onverwijld schriftelijk in kennis gesteld, onder vermelding van de gronden en van \
     de rechtsmiddelen die openstaan.",
];

/// A law with an article of four paragraphs for each term.
fn law(terms: &[&str]) -> String {
    let articles = terms.iter().enumerate().map(|(number, term)| {
        let paragraphs = PARAGRAPHS.iter().enumerate();
        let paragraphs: String = paragraphs
            .map(|(at, text)| format!("{}. {}\n", at + 1, text.replace("{}", term)))
            .collect();
        format!("### Artikel {}\n{paragraphs}", number + 1)
    });
    let articles: String = articles.collect();
    format!("---\nbwb: BWBR0099902\ntitel: Proefwet\ngeldig: 2026-01-01\n---\n{articles}")
}

/// What a provider charges, by its own rule and the library itself: three tokens around each message, its role
/// and content, three that open the reply, and the reply's form.
fn counted(body: &Value) -> usize {
    let count = |text: &str| {
        tiktoken_rs::o200k_base_singleton()
            .encode_ordinary(text)
            .len()
    };
    let messages = body["messages"].as_array().unwrap().iter();
    let messages = messages.map(|message| {
        let part = |name: &str| count(message[name].as_str().unwrap());
        3 + part("role") + part("content")
    });
    3 + messages.sum::<usize>() + count(&body["response_format"].to_string())
}

fn pick<'a>(random: &mut Rng, of: &[&'a str], most: usize) -> Vec<&'a str> {
    let many = random.usize(0..=most);
    random.choose_multiple(of.iter().copied(), many)
}

#[tokio::test(flavor = "multi_thread")]
async fn over_two_hundred_terms_in_context_cost_what_the_model_says_and_stay_compact() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let list = json!({ "filter": {}, "sort": "term", "limit": 500 });
    let starter = program.call("concept_list", list).await;
    let mut terms: Vec<&str> = starter["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["term"].as_str().unwrap())
        .collect();
    let mut random = Rng::with_seed(SEED);
    random.shuffle(&mut terms);
    terms.truncate(CASES);
    assert_eq!(terms.len(), CASES, "there are enough real terms");
    import(&program, &[("wet.md", law(&terms).as_bytes())]).await;

    let (mut tokens, mut with_passages, mut with_related) = (Vec::new(), 0, 0);
    for (number, term) in terms.iter().enumerate() {
        let mut input = json!({
            "term": term,
            "context": {
                "organisations": pick(&mut random, &ORGANISATIONS, 2),
                "legal_areas": pick(&mut random, &AREAS, 2),
                "statutory_bases": pick(&mut random, &LAWS, 2),
            },
        });
        if random.bool() {
            input["category"] = (*random.choice(CATEGORIES.iter()).unwrap()).into();
        }
        // One in four with notes.
        if number % 4 == 0 {
            let notes = PARAGRAPHS
                .map(|text| text.replace("{}", "dit begrip"))
                .join(" ");
            input["notes"] = notes.into();
        }
        let preview = program.call("preview", input.clone()).await;
        let request = json!({ "request_id": "1", "input": input });
        let draft = program.define(request).await.1.unwrap();
        with_passages += usize::from(!draft["passages"].as_array().unwrap().is_empty());
        let sections = preview["sections"].as_array().unwrap().iter();
        let mut related = sections.filter(|section| {
            let name = section["name"].as_str().unwrap();
            name.starts_with("related") && section["dropped"] == false
        });
        with_related += usize::from(related.next().is_some());

        let log = workplace.model.log();
        let call = log
            .iter()
            .rev()
            .find(|call| !call.request_id.as_deref().unwrap().ends_with("-repair"))
            .unwrap();
        assert_eq!(call.body["messages"], preview["messages"], "{term}");
        assert_eq!(
            preview["tokens"], call.tokens_in,
            "{term}: the model's usage"
        );
        assert_eq!(counted(&call.body), call.tokens_in as usize, "{term}");
        assert!(call.tokens_in < 3_000, "{term}: {}", call.tokens_in);
        tokens.push(call.tokens_in);
    }
    let mean = f64::from(tokens.iter().sum::<u32>()) / tokens.len() as f64;
    let most = tokens.iter().max().unwrap();
    let figures = format!(
        "{CASES} cases of seed {SEED}: mean {mean:.0} tokens, most {most}; {with_passages} with passages, \
         {with_related} with related concepts"
    );
    assert!(mean <= 900.0, "{figures}");
    // Or the figures are those of bare terms.
    assert!(with_passages > CASES * 9 / 10, "{figures}");
    assert!(with_related > CASES / 4, "{figures}");
}

#[tokio::test(flavor = "multi_thread")]
async fn none_is_over_the_budget_of_the_user_when_that_is_small() {
    let workplace = Workplace::new().await;
    let program = workplace.open().await;
    let terms = [
        "verdachte",
        "voorlopige hechtenis",
        "vonnis",
        "reclasseringstoezicht",
    ];
    import(&program, &[("wet.md", law(&terms).as_bytes())]).await;
    let whole = program.call("preview", json!({ "term": terms[0] })).await["tokens"]
        .as_u64()
        .unwrap();
    let mut settings = program.settings().await;
    for spare in [0, 60, 150] {
        settings["budgets"]["prompt_tokens"] = (whole - spare).into();
        program.call("settings_save", settings.clone()).await;
        for term in terms {
            let preview = program.call("preview", json!({ "term": term })).await;
            let tokens = preview["tokens"].as_u64().unwrap();
            assert!(tokens <= whole - spare, "{term}: {tokens}");
        }
    }
}
