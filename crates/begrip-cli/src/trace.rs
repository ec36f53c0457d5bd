//! `trace`: how long each step takes from a term to a definition.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use begrip_app::App;
use begrip_app::schema::DefineResult;
use serde::Serialize;
use serde_json::json;
use tracing::span::{Attributes, Id};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::args::Input;
use crate::draft::{Ways, ask};
use crate::exit::{Exit, Failure};
use crate::run::out_json;

/// One step of the program, as it told it itself.
#[derive(Clone, Debug, Serialize)]
struct Step {
    name: &'static str,
    /// How many steps it is inside of.
    depth: usize,
    /// Milliseconds from the start of the program.
    start_ms: f64,
    /// How long it took in milliseconds; none for one that had not ended.
    ms: Option<f64>,
}

/// The steps so far, in the order in which they began.
#[derive(Clone)]
pub struct Steps {
    began: Instant,
    steps: Arc<Mutex<Vec<Step>>>,
}

impl Steps {
    /// None yet; the clock runs from here.
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            steps: Arc::default(),
        }
    }

    /// What listens to the program's own steps: they carry names and times, and nothing that was typed.
    pub fn layer<S>(&self) -> impl Layer<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let own = |about: &Metadata<'_>| {
            about.is_span()
                && about.target().starts_with("begrip")
                && *about.level() <= Level::DEBUG
        };
        Recorder(self.clone()).with_filter(filter_fn(own))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Step>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Recorder(Steps);

/// Where a span stands among the steps.
struct Place(usize);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut steps = self.0.lock();
        span.extensions_mut().insert(Place(steps.len()));
        steps.push(Step {
            name: span.name(),
            depth: span.scope().skip(1).count(),
            start_ms: millis(self.0.began.elapsed()),
            ms: None,
        });
    }

    // The last time that it was left, and not when it is closed: a step that goes on in the background,
    // as keeping an answer, keeps those around it open.
    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else {
            return;
        };
        let place = span.extensions().get::<Place>().map(|place| place.0);
        let now = millis(self.0.began.elapsed());
        let mut steps = self.0.lock();
        if let Some(step) = place.and_then(|place| steps.get_mut(place)) {
            step.ms = Some(now - step.start_ms);
        }
    }
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// `begrip trace`: a draft like `begrip define`, and what took how long.
pub async fn trace(
    app: &App,
    input: &Input,
    ways: Ways,
    steps: &Steps,
    json: bool,
) -> Result<Exit, Failure> {
    let draft = input.draft()?;
    let result = ask(app, &draft, ways, false).await?;
    let steps = steps.lock().clone();
    if json {
        out_json(&json!({
            "term": input.term,
            "cache": result.cache,
            "calls": result.calls,
            "tokens_in": result.tokens_in,
            "tokens_out": result.tokens_out,
            "steps": steps,
        }))?;
    } else {
        table(&mut io::stdout().lock(), &steps, &result)?;
    }
    Ok(Exit::Done)
}

fn table(out: &mut impl Write, steps: &[Step], result: &DefineResult) -> io::Result<()> {
    let named: Vec<String> = steps
        .iter()
        .map(|step| format!("{}{}", "  ".repeat(step.depth), in_words(step.name)))
        .collect();
    let width = named
        .iter()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0);
    writeln!(
        out,
        "{:width$}  {:>12}  {:>12}",
        "Stap", "begint na", "duurt"
    )?;
    for (step, name) in steps.iter().zip(&named) {
        let took = step.ms.map_or_else(|| "–".to_owned(), shown);
        writeln!(
            out,
            "{name:width$}  {:>12}  {took:>12}",
            shown(step.start_ms)
        )?;
    }
    writeln!(
        out,
        "\nVragen aan het model: {}. Tokens: {} heen, {} terug.",
        result.calls, result.tokens_in, result.tokens_out
    )
}

fn shown(ms: f64) -> String {
    format!("{ms:.2} ms").replace('.', ",")
}

/// What a step does, in Dutch; a step without words of its own goes by its name.
fn in_words(name: &str) -> &str {
    match name {
        "open" => "werkplek openen",
        "define" => "definitie opstellen",
        "gather" => "gegevens verzamelen",
        "prepare" => "voorbereiden",
        "related" => "verwante begrippen",
        "passages" => "wetsartikelen",
        "rank" => "artikelen ordenen",
        "compose" => "vraag opstellen",
        "ask" => "antwoord krijgen",
        "look_up" => "bewaarde antwoorden",
        "fetch" => "antwoord ophalen",
        "call" => "vraag aan het model",
        "keep" => "antwoord bewaren",
        "check" => "toetsen",
        "repair" => "laten verbeteren",
        "result" => "bronnen opzoeken",
        other => other,
    }
}
