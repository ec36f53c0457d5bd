//! The same through the whole program: drafts, what the ledger says of them, stopping, asking again, and other versions.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use begrip_app::{App, ModelOverride, OpenOptions, UserError, commands};
use begrip_measure::statistics::Stat;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{PATIENCE, Real, concepts};
use crate::bench::{Bench, call, micros, refused};
use crate::row::{Row, Unit};
use crate::{corpus, question};

/// Tokens of an answer at most: a small model that runs on stops there.
const LONGEST: u32 = 400;

/// How long the server may go on after a draft was stopped.
const STOPS: Duration = Duration::from_secs(30);

/// Wishes about a definition, and the version that came of each.
const ROUNDS: [(&str, &str); 6] = [
    (
        "",
        "maatregel die iemand verplicht zich van omgang met een aangewezen persoon te onthouden",
    ),
    (
        "Noem ook dat het een rechter is die beslist.",
        "maatregel van een rechter die iemand verplicht zich van omgang met een aangewezen persoon te onthouden",
    ),
    (
        "Maak het korter.",
        "rechterlijk verbod van omgang met een aangewezen persoon",
    ),
    (
        "Vermijd het woord verbod.",
        "rechterlijke maatregel die omgang met een aangewezen persoon uitsluit",
    ),
    (
        "Zeg ook voor hoe lang.",
        "rechterlijke maatregel die omgang met een aangewezen persoon voor een bepaalde tijd uitsluit",
    ),
    (
        "Maak het begrijpelijk voor een burger.",
        "beslissing van een rechter dat iemand een bepaalde tijd niet met een ander mag omgaan",
    ),
];

/// A draft that was asked for.
struct Draft {
    /// Milliseconds until words could be shown.
    first: Option<f64>,
    whole: f64,
    result: Result<Value, UserError>,
}

/// Measures drafts and what belongs to them.
pub async fn measure(bench: &Bench, real: &Real) -> Result<Vec<Row>> {
    let app = open(bench, real).await?;
    let mut rows = drafts(bench, real, &app).await?;
    rows.push(cancel(bench, real, &app).await?);
    rows.push(turns(&app).await?);
    Ok(rows)
}

async fn open(bench: &Bench, real: &Real) -> Result<App> {
    let mut options = OpenOptions::at(bench.home("real-model"));
    options.model = ModelOverride {
        url: Some(real.url.clone()),
        model: Some(real.model.clone()),
        key: real.key.clone(),
    };
    let app = App::open(options).map_err(refused)?;
    let mut settings = call(&app, "settings_get", Value::Null).await?["settings"].take();
    for time in ["idle_timeout_s", "total_timeout_s"] {
        settings["model"][time] = PATIENCE.as_secs().into();
    }
    settings["model"]["max_reply_tokens"] = LONGEST.into();
    call(&app, "settings_save", settings).await?;
    Ok(app)
}

async fn draft(app: &App, input: Value, offline: bool) -> Draft {
    let args = json!({ "request_id": "real", "input": input, "offline": offline });
    let first = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&first);
    let began = Instant::now();
    let sink = Box::new(move |event: Value| {
        if event["event"] == "text" && event["definition"] != "" {
            let mut first = seen.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| micros(began) / 1e3);
        }
    });
    let result = commands::stream(app, "define", args, sink).await;
    let whole = micros(began) / 1e3;
    let first = *first.lock().unwrap_or_else(PoisonError::into_inner);
    Draft {
        first,
        whole,
        result,
    }
}

/// Tokens by the ledger, sent and received.
async fn ledger(app: &App, task: Option<&str>) -> Result<[f64; 2]> {
    let costs = call(app, "costs", json!({ "by": "task" })).await?;
    let row = match task {
        None => Some(&costs["total"]),
        Some(task) => costs["rows"]
            .as_array()
            .and_then(|rows| rows.iter().find(|row| row["name"] == task)),
    };
    let of = |name: &str| row.and_then(|row| row[name].as_f64()).unwrap_or(0.0);
    Ok([of("tokens_in"), of("tokens_out")])
}

/// What became of the drafts.
#[derive(Default)]
struct Ends {
    first: Vec<f64>,
    whole: Vec<f64>,
    calls: Vec<f64>,
    mended: usize,
    faulty: usize,
    errors: BTreeMap<String, usize>,
    /// Those whose answer is kept.
    kept: Vec<Value>,
}

impl Ends {
    fn note(&mut self, input: Value, draft: Draft, is_kept: bool) {
        self.first.extend(draft.first);
        let told = match draft.result {
            Ok(told) => told,
            Err(error) => {
                *self.errors.entry(error.code.to_owned()).or_default() += 1;
                return;
            }
        };
        self.whole.push(draft.whole);
        self.calls.extend(told["calls"].as_f64());
        self.mended += usize::from(told["calls"].as_u64() > Some(1));
        let mut findings = told["report"]["findings"].as_array().into_iter().flatten();
        let fails = |one: &Value| one["level"] == "blocking" && one["outcome"] == "fail";
        self.faulty += usize::from(findings.any(fails));
        if is_kept {
            self.kept.push(input);
        }
    }

    /// In words, for a reader.
    fn told(&self, asked: usize) -> String {
        let errors: Vec<String> = self
            .errors
            .iter()
            .map(|(code, times)| format!("{times} ended with {code}"))
            .collect();
        let errors = match errors.is_empty() {
            true => "none ended with an error".to_owned(),
            false => errors.join(", "),
        };
        format!(
            "Of {asked} drafts {} came back whole in the form that was asked; for {} of them a repair was asked, {} still break a \
             blocking rule, which is told; {} are kept; {errors}",
            self.whole.len(),
            self.mended,
            self.faulty,
            self.kept.len()
        )
    }
}

async fn drafts(bench: &Bench, real: &Real, app: &App) -> Result<Vec<Row>> {
    let mut ends = Ends::default();
    let before = (real.counted()?, ledger(app, None).await?);
    let asked = bench.pick(20, 3);
    for (term, context) in concepts(asked)? {
        let input = json!({ "term": term, "context": context });
        let made = draft(app, input.clone(), false).await;
        // Not asked of the model: whether the answer is there.
        let is_kept = made.result.is_ok() && draft(app, input.clone(), true).await.result.is_ok();
        ends.note(input, made, is_kept);
    }
    let told = ends.told(asked);
    let now = ledger(app, None).await?;
    let since = |old: [f64; 2], new: [f64; 2]| [new[0] - old[0], new[1] - old[1]];
    let kept_here = since(before.1, now);
    let counted = before.0.zip(real.counted()?);
    let counted = counted.map(|(old, new)| since(old, new));
    let again = again(real, app, &ends.kept).await?;
    let does = "the command `define` about a term of the starter set in its context, held to the form of the reply by the server";
    let first = Row::new(
        "real_first",
        "from a question to the first words of a definition",
        (Unit::Millis, Stat::P95),
        &format!("{does}; the server may have the unchanging part of the prompt in its own cache"),
    );
    let before_whole =
        "The whole definition is checked, and mended where a rule asks for it, before that is told";
    let whole = Row::new(
        "real_whole",
        "to the whole definition",
        (Unit::Millis, Stat::P95),
        does,
    );
    let calls = Row::new(
        "real_calls",
        "calls for a definition that came back",
        (Unit::Calls, Stat::Max),
        "one, and one more where a rule asks for a repair",
    );
    let tokens = |id, what: &str, side: usize| {
        let ours = kept_here[side];
        let theirs: Vec<f64> = counted.map(|sides| sides[side]).into_iter().collect();
        let does = match counted {
            None => "the server tells nothing of its own tokens (`/metrics`)",
            Some(_) => "by the server's own counters (`/metrics`)",
        };
        Row::new(id, what, (Unit::Tokens, Stat::Max), does)
            .ours(theirs)
            .against("by the ledger of the program", vec![ours])
            .must("the same", |server| server.max == ours)
    };
    let sent = tokens("real_ledger_sent", "tokens sent for all those drafts", 0);
    let received = tokens("real_ledger_received", "tokens received", 1);
    Ok(vec![
        first.ours(ends.first).note(told),
        whole.ours(ends.whole).note(before_whole),
        calls.ours(ends.calls).must("at most 2", |s| s.max <= 2.0),
        sent,
        received,
        again,
    ])
}

/// The drafts that are kept, asked again.
async fn again(real: &Real, app: &App, kept: &[Value]) -> Result<Row> {
    let before = real.counted()?;
    let mut took = Vec::new();
    for input in kept {
        let draft = draft(app, input.clone(), false).await;
        let told = draft.result.map_err(refused)?;
        ensure!(told["cache"] == "memory", "asked anew: {input}");
        took.push(draft.whole);
    }
    let does = match took.is_empty() {
        true => "the model gave no draft that may be kept",
        false => "the command `define` once more about each term whose answer is kept",
    };
    let row = Row::new(
        "real_draft_again",
        "the same draft again",
        (Unit::Millis, Stat::P95),
        does,
    );
    let row = row.ours(took);
    Ok(match (before, real.counted()?) {
        (Some(before), Some(after)) => {
            row.must("the server's own counters stand still", |_| before == after)
        }
        _ => row.note(
            "The server tells nothing of itself (`/metrics`); by the answer's own word it was kept",
        ),
    })
}

/// A draft is stopped at its first words.
async fn cancel(bench: &Bench, real: &Real, app: &App) -> Result<Row> {
    let mut took = Vec::new();
    let row = |does| {
        Row::new(
            "real_cancel",
            "from stopping a draft until the server works at nothing",
            (Unit::Millis, Stat::P95),
            does,
        )
    };
    if real.is_working()?.is_none() {
        return Ok(row("the server does not tell what it works at (`/slots`)"));
    }
    for number in 0..bench.pick(10, 2) {
        let words = Arc::new(Notify::new());
        let told = Arc::clone(&words);
        let sink = Box::new(move |event: Value| {
            if event["event"] == "text" {
                told.notify_one();
            }
        });
        let term = corpus::term(number);
        let args = json!({ "request_id": term, "input": question::draft(&term)? });
        let mut drafting = tokio::spawn({
            let app = app.clone();
            async move { commands::stream(&app, "define", args, sink).await }
        });
        tokio::select! {
            () = words.notified() => {}
            // An answer without words: there is nothing to be stopped.
            _ = &mut drafting => continue,
        }
        let began = Instant::now();
        call(app, "define_cancel", json!({ "request_id": term })).await?;
        let stopped = drafting.await?.is_err();
        while real.is_working()? == Some(true) {
            ensure!(began.elapsed() < STOPS, "the server goes on");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if stopped {
            took.push(micros(began) / 1e3);
        }
    }
    Ok(row(
        "the command `define_cancel` at the first words; until the server says of itself (`/slots`) that it works at nothing, \
         asked with a program of its own, which takes some milliseconds each time",
    )
    .ours(took)
    .must("≤ 1 s", |s| s.max <= 1_000.0))
}

/// A conversation: each round asks for another version.
async fn turns(app: &App) -> Result<Row> {
    let (mut sent, mut counted) = (Vec::new(), Vec::new());
    let before: Vec<Value> = ROUNDS
        .iter()
        .map(|(wish, definition)| json!({ "wish": wish, "definition": definition }))
        .collect();
    for round in 0..ROUNDS.len() {
        let mut input = json!(question::draft("contactverbod")?);
        let task = match round {
            0 => "define",
            _ => "refine",
        };
        if round > 0 {
            input["refine"] = json!({
                "turns": before[..round],
                "wish": ROUNDS.get(round).map_or("", |(wish, _)| wish),
            });
        }
        let preview = call(app, "preview", input.clone()).await?;
        counted.push(preview["tokens"].as_f64().context("tokens of a preview")?);
        let was = ledger(app, Some(task)).await?;
        // What the model makes of it is not told: the rounds are given.
        let _ = draft(app, input, false).await;
        sent.push(ledger(app, Some(task)).await?[0] - was[0]);
    }
    let row = Row::new(
        "real_turns",
        "tokens of a question for another version, round after round",
        (Unit::Tokens, Stat::Max),
        "by the server's own `usage`, as the ledger has it: the first question, the last three rounds with their wish, and the new wish",
    );
    let by_round: Vec<String> = sent.iter().map(f64::to_string).collect();
    let grows = sent
        .last()
        .zip(sent.get(4))
        .map_or(0.0, |(last, fifth)| last / fifth);
    Ok(row
        .ours(sent)
        .against(
            "our own count, form of the reply included, before it is sent",
            counted,
        )
        .must(
            "each < 3,000, and none grows after the fourth by more than a tenth",
            |s| s.max < 3_000.0 && grows > 0.0 && grows <= 1.1,
        )
        .note(format!("By round: {}", by_round.join(", "))))
}
