//! A model server that is not ours, with a real model: whether what is shown with the mock model holds there too. How good a
//! model is, or how fast one of a useful size, no figure here says.

mod program;

use std::collections::HashMap;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use begrip_domain::Context;
use begrip_llm::{
    CachePolicy, CacheScope, CallObserver, CallReport, CancellationToken, Endpoint, Message, Model,
    Request, Secret, Setup, Validate,
};
use begrip_measure::page::figures;
use begrip_measure::statistics::{Spread, Stat};
use begrip_privacy::{Choices, protect};
use begrip_prompt::{
    Budget, PROMPT_VERSION, PrepareInput, Prompt, PromptInput, Protected, Tiktoken, Wanted,
    compose, compose_prepare, count_request, response_format,
};
use begrip_rules::RulePack;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::bench::{Bench, micros};
use crate::row::{Row, Unit};
use crate::{old_way, question};

/// Whose part of the page it is.
pub const COMMAND: &str = "cargo xtask bench --real-model";

/// How long a call may take: a model without a graphics card reads a long prompt slowly.
const PATIENCE: Duration = Duration::from_secs(600);

/// Where the server is, what it calls its model, and its key.
pub struct Real {
    /// Its address.
    pub url: String,
    /// The model's name.
    pub model: String,
    /// The key, where one is needed.
    pub key: Option<String>,
}

impl Real {
    /// What the server says at this path beside the API; none where it has no such page.
    fn page(&self, path: &str) -> Result<Option<String>> {
        let origin = self.url.trim_end_matches('/');
        let origin = origin.strip_suffix("/v1").unwrap_or(origin);
        let mut curl = Command::new("curl")
            .args(["--silent", "--show-error", "--noproxy", "*"])
            .args(["--max-time", "30", "--header", "@-"])
            .args(["--write-out", "\n%{http_code}"])
            .arg(format!("{origin}{path}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("curl")?;
        // Not as an argument: those can be read by others.
        if let (Some(mut input), Some(key)) = (curl.stdin.take(), &self.key) {
            writeln!(input, "authorization: Bearer {key}")?;
        }
        let output = curl.wait_with_output()?;
        ensure!(output.status.success(), "{origin}{path} does not answer");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let (body, status) = said.rsplit_once('\n').context("no status")?;
        Ok((status == "200").then(|| body.to_owned()))
    }

    /// The server's own count of tokens since it began, sent and received; none where it tells none.
    fn counted(&self) -> Result<Option<[f64; 2]>> {
        let Some(page) = self.page("/metrics")? else {
            return Ok(None);
        };
        let figures: HashMap<&str, f64> = page
            .lines()
            .filter_map(|line| line.split_once(' '))
            .filter_map(|(name, value)| Some((name, value.parse().ok()?)))
            .collect();
        let of = |name: &str| figures.get(format!("llamacpp:{name}").as_str()).copied();
        // What stood in the server's own cache was sent all the same.
        let cached = of("prompt_tokens_cached_total").unwrap_or(0.0);
        let sent = of("prompt_tokens_total").map(|read| read + cached);
        Ok(sent
            .zip(of("tokens_predicted_total"))
            .map(|(sent, received)| [sent, received]))
    }

    /// Whether the server says that it works at something; none where it does not say.
    fn is_working(&self) -> Result<Option<bool>> {
        let Some(page) = self.page("/slots")? else {
            return Ok(None);
        };
        let slots: Vec<Value> = serde_json::from_str(&page)?;
        Ok(Some(slots.iter().any(|slot| slot["is_processing"] == true)))
    }
}

/// Measures against the server: the rows, and what could not be measured. Error: the server does not answer at all.
pub async fn measure(bench: &Bench, real: &Real) -> Result<(Vec<Row>, Vec<String>)> {
    let asked = Asked::of(real, false)?;
    let mut rows = vec![tokens(bench, &asked).await?];
    let mut failures = Vec::new();
    let mut keep = |name: &str, measured: Result<Vec<Row>>| match measured {
        Ok(measured) => rows.extend(measured),
        Err(error) => failures.push(format!("not measured: {name}: {error:#}")),
    };
    let row = again(bench, real).await;
    keep("again", row.map(|row| vec![row]));
    keep("program", program::measure(bench, real).await);
    // The longest at the end.
    let row = prompts(bench, &asked).await;
    keep("prompts", row.map(|row| vec![row]));
    Ok((rows, failures))
}

/// Keeps what each call took, by the server's own word.
#[derive(Default)]
struct Calls(Mutex<Vec<CallReport>>);

impl CallObserver for Calls {
    fn observe(&self, report: &CallReport) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(report.clone());
    }
}

/// Our client.
struct Asked {
    model: Model,
    name: String,
    calls: Arc<Calls>,
}

impl Asked {
    /// With the cache of answers, or without.
    fn of(real: &Real, keeps: bool) -> Result<Self> {
        let calls = Arc::new(Calls::default());
        let mut setup = Setup {
            observer: calls.clone(),
            ..Setup::default()
        };
        setup.cache.enabled = keeps;
        let model = Model::new(setup);
        let mut endpoint = Endpoint::new(&real.url, &real.model);
        endpoint.timeouts.idle = PATIENCE;
        if let Some(key) = &real.key {
            endpoint = endpoint.with_key(Secret::new(key.as_str()));
        }
        model.configure(Some(endpoint))?;
        Ok(Self {
            model,
            name: real.model.clone(),
            calls,
        })
    }

    /// Asks for so many tokens, whatever they say; the report of the call.
    async fn ask(&self, messages: Vec<Message>, tokens: u32, cached: bool) -> Result<CallReport> {
        let mut request = Request::new(&self.name, messages, CacheScope::default());
        request.temperature = Some(0.2);
        request.max_tokens = Some(tokens);
        request.timeout = Some(PATIENCE);
        if !cached {
            // llama.cpp's word for it; others read nothing there.
            request
                .extra
                .insert("cache_prompt".to_owned(), json!(false));
        }
        let accept: Validate = Arc::new(|_| Ok(()));
        let cancel = CancellationToken::new();
        // An answer that was cut off is one here: its words do not count.
        let _ = self
            .model
            .ask(request, CachePolicy::Refresh, accept, |_| {}, &cancel)
            .await;
        let mut calls = self.calls.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.pop().context("no call was made")
    }
}

/// The small question of what category a term is of, asked twice: the form of its reply is a name from a list, so that any model
/// ends it, and it is kept.
async fn again(bench: &Bench, real: &Real) -> Result<Row> {
    let asked = Asked::of(real, true)?;
    let counter = Tiktoken::for_model(question::MODEL);
    let (mut anew, mut took) = (Vec::new(), Vec::new());
    let mut stood_still = Some(true);
    for (term, context) in concepts(bench.pick(10, 2))? {
        let prompt = compose_prepare(
            &PrepareInput {
                term: &protect(&term, &[], &Choices::default()),
                context: &context,
                asked: Wanted {
                    category: true,
                    words: false,
                },
            },
            &counter,
        )?;
        let mut request = Request::new(&asked.name, prompt.messages, CacheScope::default());
        request.temperature = Some(0.0);
        request.max_tokens = Some(60);
        request.timeout = Some(PATIENCE);
        request.schema = Some(response_format(&prompt.schema));
        let ask = async || {
            let (accept, cancel): (Validate, _) = (Arc::new(|_| Ok(())), CancellationToken::new());
            let began = Instant::now();
            let ask = asked
                .model
                .ask(request.clone(), CachePolicy::Use, accept, |_| {}, &cancel);
            Ok::<_, anyhow::Error>((ask.await?.calls, micros(began) / 1e3))
        };
        let (calls, ms) = ask().await?;
        ensure!(calls == 1, "{term} was not asked");
        anew.push(ms);
        let before = real.counted()?;
        let (calls, ms) = ask().await?;
        ensure!(calls == 0, "{term} was asked twice");
        took.push(ms);
        let same = before.zip(real.counted()?);
        stood_still = stood_still
            .zip(same)
            .map(|(all, (then, now))| all && then == now);
    }
    let row = Row::new(
        "real_again",
        "the same small question again",
        (Unit::Millis, Stat::P95),
        "of what category a term is, held to a list of names; our client gives the answer that it keeps",
    );
    let row = row
        .ours(took)
        .against("the first time, asked of the model", anew);
    Ok(match stood_still {
        Some(same) => row.must("no call, and the server's own counters stand still", |_| {
            same
        }),
        None => row.note(
            "The server tells nothing of its own tokens (`/metrics`); the client made no call",
        ),
    })
}

/// The question for a draft, as the program writes it.
fn compact(pack: &RulePack, term: &str, context: &Context) -> Result<Prompt> {
    let (term, passages) = (question::term(term)?, question::passages()?);
    let input = PromptInput {
        version: PROMPT_VERSION,
        term: &term,
        context,
        category: None,
        notes: &Protected::default(),
        related: &[],
        passages: &passages,
        pack,
        budget: Budget::default(),
    };
    Ok(compose(&input, &Tiktoken::for_model(question::MODEL))?)
}

/// Concepts of the starter set, spread over it.
fn concepts(count: usize) -> Result<Vec<(String, Context)>> {
    let all = begrip_app::starter::concepts(Timestamp::UNIX_EPOCH)?;
    let step = (all.len() / count).max(1);
    let some = all.into_iter().step_by(step).take(count);
    Ok(some
        .map(|concept| (concept.fields.term.to_string(), concept.fields.context))
        .collect())
}

async fn tokens(bench: &Bench, asked: &Asked) -> Result<Row> {
    let pack = RulePack::built_in()?;
    let counter = Tiktoken::for_model(question::MODEL);
    let (mut theirs, mut ours, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for (term, context) in concepts(bench.pick(40, 3))? {
        let prompt = compact(&pack, &term, &context)?;
        // Without the form of the reply: whether a server shows that to its model is its own affair.
        let counted = f64::from(count_request(&prompt.messages, None, &counter));
        let report = asked.ask(prompt.messages, 1, true).await?;
        ensure!(
            !report.usage.counted_here,
            "the server does not tell its tokens: {} {:?}",
            report.outcome,
            report.status
        );
        let said = f64::from(report.usage.tokens_in);
        theirs.push(said);
        ours.push(counted);
        ratios.push(said / counted);
    }
    let ratios = Spread::of(&ratios).context("no questions")?;
    let row = Row::new(
        "real_tokens",
        "tokens of a question",
        (Unit::Tokens, Stat::Mean),
        "by the server's own `usage`, in the tokens of its model: terms of the starter set with their contexts and three passages, all messages \
         as they are sent, without the form of the reply",
    );
    Ok(row
        .ours(theirs)
        .against("our own count of the same messages, before they are sent, in o200k_base", ours)
        .must("each < 3,000", |s| s.max < 3_000.0)
        .note(format!(
            "The server's word over ours: {} in the mean, {} to {}. It is another tokenizer, which knows less Dutch",
            figures(ratios.mean),
            figures(ratios.min),
            figures(ratios.max)
        )))
}

/// The time to the first token with our prompt and with one as long as the old way's.
async fn prompts(bench: &Bench, asked: &Asked) -> Result<Row> {
    let (pack, context) = (RulePack::built_in()?, question::context()?);
    let (mut ours, mut old) = (Vec::new(), Vec::new());
    let mut tokens = [0, 0];
    let mut refused = None;
    for term in question::TERMS.iter().take(bench.pick(2, 1)) {
        let compact = compact(&pack, term, &context)?.messages;
        let passages = question::passages()?;
        let long = vec![old_way::prompt(&pack, &context, term, &passages)];
        for (side, messages) in [compact, long].into_iter().enumerate() {
            if side == 1 && refused.is_some() {
                continue;
            }
            let report = asked.ask(messages, 8, false).await?;
            match (report.first_piece, side) {
                (Some(first), _) => {
                    let samples = if side == 0 { &mut ours } else { &mut old };
                    samples.push(first.as_secs_f64() * 1e3);
                    tokens[side] = report.usage.tokens_in;
                }
                (None, 0) => anyhow::bail!("no words: {}", report.outcome),
                (None, _) => refused = Some(report.outcome),
            }
        }
    }
    let row = Row::new(
        "real_prompt",
        "from a question to the first token of its answer, by its prompt",
        (Unit::Millis, Stat::Median),
        "the program's question with full legal context and three passages; the server's own cache of prompts is off",
    )
    .ours(ours);
    Ok(match refused {
        Some(outcome) => {
            row.against_nothing(&format!("the old way's question has no answer: {outcome}"))
        }
        None => row
            .against(
                "the old way's question about the same, rebuilt; they take turns",
                old,
            )
            .note(format!(
                "By the server's word {} tokens, and {} the old way's",
                tokens[0], tokens[1]
            )),
    })
}
