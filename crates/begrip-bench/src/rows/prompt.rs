//! What a prompt costs in tokens, and how long it takes to build.

use anyhow::{Context as _, Result};
use begrip_measure::statistics::Stat;
use begrip_prompt::{
    Budget, Passage, Prompt, PromptInput, Tiktoken, TokenCounter, compose, count_request,
};
use begrip_rules::RulePack;
use serde_json::json;
use tiktoken_rs::CoreBPE;

use crate::bench::{Bench, call, open, timed};
use crate::row::{Row, Unit};
use crate::{old_way, question};

fn prompt(
    term: &str,
    passages: &[Passage],
    pack: &RulePack,
    counter: &dyn TokenCounter,
) -> Result<Prompt> {
    let (context, term) = (question::context()?, question::term(term)?);
    let input = PromptInput {
        version: begrip_prompt::PROMPT_VERSION,
        term: &term,
        context: &context,
        category: None,
        notes: &begrip_prompt::Protected::default(),
        related: &[],
        passages,
        pack,
        budget: Budget::default(),
    };
    Ok(compose(&input, counter)?)
}

/// Tokens of the whole request for the five terms: with three passages, without, and as the
/// program sends it today.
pub async fn tokens(bench: &Bench) -> Result<Vec<Row>> {
    let counter = Tiktoken::for_model(question::MODEL);
    let pack = RulePack::built_in()?;
    let context = question::context()?;
    let passages = question::passages()?;
    let old = |passages: &[Passage]| -> Vec<f64> {
        let count = |term: &&str| {
            let message = old_way::prompt(&pack, &context, term, passages);
            f64::from(count_request(&[message], None, &counter))
        };
        question::TERMS.iter().map(count).collect()
    };
    let ours = |passages: &[Passage]| -> Result<Vec<f64>> {
        let count = |term: &&str| Ok(f64::from(prompt(term, passages, &pack, &counter)?.tokens));
        question::TERMS.iter().map(count).collect()
    };
    let app = open(&bench.home("preview"), None)?;
    let mut sent = Vec::new();
    for term in question::TERMS {
        let preview = call(&app, "preview", json!(question::draft(term)?)).await?;
        sent.push(preview["tokens"].as_f64().context("tokens of a preview")?);
    }
    let unit = (Unit::Tokens, Stat::Mean);
    let parts = old_way::sections(&pack, &context, question::TERMS[0], &[]);
    let parts: Vec<String> = parts
        .iter()
        .map(|(name, text)| format!("{name} {}", counter.count(text)))
        .collect();
    let old_does = format!(
        "reconstruction of its prompt as one message, from the parts that it had and with our {} rules in the place of its own, counted \
         in {}; tokens of each part: {}",
        pack.rules().len(),
        counter.encoding(),
        parts.join(", ")
    );
    let does = "the whole request as it is sent, reply form included";
    let row = |id, what: &str, old: Vec<f64>, ours: Vec<f64>, does: &str| {
        let by_term = question::TERMS.iter().zip(&ours);
        let by_term: Vec<String> = by_term.map(|(term, n)| format!("{term} {n}")).collect();
        Row::new(id, what, unit, does)
            .ours(ours)
            .against(&old_does, old)
            .must("mean ≤ 900, each < 3,000", |s| {
                s.mean <= 900.0 && s.max < 3_000.0
            })
            .note(format!("By term: {}", by_term.join(", ")))
    };
    Ok(vec![
        row(
            "prompt_tokens_with_passages",
            "prompt tokens, full legal context and three passages",
            old(&passages),
            ours(&passages)?,
            does,
        )
        .quoted("6,753 tokens, mean"),
        row(
            "prompt_tokens",
            "prompt tokens, full legal context, no passages",
            old(&[]),
            ours(&[])?,
            does,
        ),
        row(
            "prompt_tokens_sent",
            "prompt tokens as the program sends them on a fresh installation",
            old(&[]),
            sent,
            "what the command `preview` says will leave the machine, related concepts of the starter set included",
        ),
    ])
}

/// A tokenizer of one's own, made for one prompt.
struct Fresh(CoreBPE);

impl TokenCounter for Fresh {
    fn count(&self, text: &str) -> u32 {
        u32::try_from(self.0.count_ordinary(text)).unwrap_or(u32::MAX)
    }

    fn encoding(&self) -> &str {
        "o200k_base"
    }
}

/// Builds a prompt with a tokenizer that is made for it; its tokens.
pub(crate) fn build_anew(pack: &RulePack, term: &str) -> Result<u32> {
    let fresh = Fresh(tiktoken_rs::o200k_base()?);
    Ok(prompt(term, &question::passages()?, pack, &fresh)?.tokens)
}

/// How long a prompt takes to build.
pub fn build(bench: &Bench) -> Result<Vec<Row>> {
    let counter = Tiktoken::for_model(question::MODEL);
    // Made ready before the clock runs, as at a start.
    counter.count("");
    let pack = RulePack::built_in()?;
    let passages = question::passages()?;
    let (mut old, mut ours) = (Vec::new(), Vec::new());
    for round in 0..bench.pick(20, 3) {
        let term = question::TERMS[round % question::TERMS.len()];
        let (us, built) = timed(|| {
            let fresh = Fresh(tiktoken_rs::o200k_base()?);
            prompt(term, &passages, &pack, &fresh)
        });
        let expected = built?.tokens;
        old.push(us);
        for turn in 0..bench.pick(100, 10) {
            let term = question::TERMS[(round + turn) % question::TERMS.len()];
            let (us, built) = timed(|| prompt(term, &passages, &pack, &counter));
            ours.push(us);
            let tokens = built?.tokens;
            anyhow::ensure!(
                turn > 0 || tokens == expected,
                "both ways build the same prompt"
            );
        }
    }
    Ok(vec![
        Row::new(
            "prompt_build",
            "prompt build, three passages",
            (Unit::Micros, Stat::P95),
            "counts in the tables of the program's file",
        )
        .ours(ours)
        .against(
            "builds the same prompt, with a tokenizer made anew each time",
            old,
        )
        .must("p95 ≤ 2 ms", |s| s.p95 <= 2_000.0)
        .quoted("4–12 ms")
        .note("Making the tokenizer is nearly all of the old way's time; ours makes none"),
    ])
}
