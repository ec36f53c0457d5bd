//! `define` and `cache`: asking the language model, and what is kept of its answers.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use begrip_app::schema::{
    CancelRequest, ConceptView, DefineEvent, DefineRequest, DefineResult, DraftInput, DraftTurn,
    Refinement,
};
use begrip_app::{App, ErrorCode, UserError};
use begrip_domain::{ConceptFields, Label, limits};
use serde::Serialize;
use serde_json::{Value, json};

use crate::args::{Input, Place, label};
use crate::args_cache::Cache;
use crate::concepts::{new_concept, save};
use crate::exit::{Exit, Failure, tell};
use crate::findings::Out;
use crate::print;
use crate::run::out_json;

/// The one request of a run.
const REQUEST: &str = "begrip";

/// How long a stopped draft may take to close its connection.
const CLOSING: Duration = Duration::from_secs(2);

/// What may be done for a draft.
#[derive(Clone, Copy, Default)]
pub struct Ways {
    /// Ask again although there is an answer.
    pub fresh: bool,
    /// Make no connection.
    pub offline: bool,
    /// Keep the draft as a concept.
    pub keep: bool,
}

/// `begrip define`: a draft, and then another version for each wish in turn.
pub async fn define(
    app: &App,
    input: &Input,
    wishes: &[String],
    ways: Ways,
    json: bool,
) -> Result<Exit, Failure> {
    let mut draft = input.draft()?;
    let show = !json && io::stderr().is_terminal();
    let mut versions: Vec<DraftTurn> = Vec::new();
    let first = String::new();
    let all: Vec<&String> = std::iter::once(&first).chain(wishes).collect();
    let mut last = None;
    for (at, wish) in all.iter().enumerate() {
        if at > 0 {
            draft.refine = Some(Refinement {
                turns: versions.clone(),
                wish: (*wish).clone(),
            });
        }
        // What a version is made from is asked for as ever: it is the last one that is made anew.
        let fresh = ways.fresh && at + 1 == all.len();
        let result = ask(app, &draft, Ways { fresh, ..ways }, show).await?;
        versions.push(DraftTurn {
            wish: (*wish).clone(),
            definition: result.reply.definition.clone(),
        });
        last = Some(result);
    }
    let Some(result) = last else {
        return Ok(Exit::Done);
    };
    // What was paid for is shown, whatever keeps it from being kept.
    let kept = match ways.keep {
        false => Ok(None),
        true => keep(app, draft, &result, json).await.map(Some),
    };
    let concept = kept.as_ref().ok().and_then(Option::as_deref);
    if json {
        let mut value = as_json(&input.term, &result);
        if let Value::Object(map) = &mut value
            && !wishes.is_empty()
        {
            map.insert("versions".to_owned(), json!(versions));
        }
        if let (Value::Object(map), Some(kept)) = (&mut value, concept) {
            map.insert("id".to_owned(), json!(kept.concept.id));
        }
        out_json(&value)?;
    } else {
        if !wishes.is_empty() {
            print::versions(&mut io::stdout().lock(), &versions)?;
        }
        print::definition(&mut io::stdout().lock(), &input.term, &result, concept)?;
    }
    kept?;
    Ok(Exit::Done)
}

/// Keeps a draft as a concept. What a model wrote beside the definition and does not fit in one is left out
/// and told.
async fn keep(
    app: &App,
    draft: DraftInput,
    result: &DefineResult,
    json: bool,
) -> Result<Box<ConceptView>, UserError> {
    let reply = &result.reply;
    let mut left: Vec<&str> = Vec::new();
    let fields = ConceptFields {
        synonyms: fitting(&reply.synonyms, &mut left, |text| Label::new(text).ok()),
        antonyms: fitting(&reply.antonyms, &mut left, |text| Label::new(text).ok()),
        context: draft.context,
        category: draft.category,
        definition: reply.definition.clone(),
        explanation: reply.explanation.clone(),
        examples: fitting(&reply.examples, &mut left, example),
        counter_examples: fitting(&reply.counter_examples, &mut left, example),
        citations: result.sources.clone(),
        notes: draft.notes,
        ..ConceptFields::of_term(label(&draft.term)?)
    };
    let view = save(app, new_concept(fields, Some(result.draft_id.clone()))).await?;
    if !left.is_empty() {
        let cut: Vec<String> = left.iter().map(|text| beginning(text)).collect();
        let notice = UserError::new(ErrorCode::PartNotKept, cut.join("; "));
        tell("notice", &notice, json);
    }
    Ok(view)
}

/// The entries of a list that fit in a concept; the others go to `left`.
fn fitting<'a, T>(
    texts: &'a [String],
    left: &mut Vec<&'a str>,
    fit: impl Fn(&str) -> Option<T>,
) -> Vec<T> {
    let mut fitting = Vec::new();
    for text in texts {
        match fit(text).filter(|_| fitting.len() < limits::LIST_ENTRIES) {
            Some(fit) => fitting.push(fit),
            None => left.push(text),
        }
    }
    fitting
}

fn example(text: &str) -> Option<String> {
    (text.chars().count() <= limits::EXAMPLE_CHARS).then(|| text.to_owned())
}

/// Enough of a text to know it by.
fn beginning(text: &str) -> String {
    match text.chars().count() > 60 {
        true => format!("{}…", text.chars().take(60).collect::<String>()),
        false => text.to_owned(),
    }
}

/// Asks for a draft; Ctrl-C stops it and closes the connection with the model.
pub async fn ask(
    app: &App,
    input: &DraftInput,
    ways: Ways,
    show: bool,
) -> Result<DefineResult, Failure> {
    let request = DefineRequest {
        request_id: REQUEST.to_owned(),
        input: input.clone(),
        regenerate: ways.fresh,
        offline: ways.offline,
    };
    let mut asked = std::pin::pin!(app.define(request, progress(show)));
    tokio::select! {
        result = &mut asked => Ok(result?),
        stop = tokio::signal::ctrl_c() => {
            stop?;
            let request_id = REQUEST.to_owned();
            app.define_cancel(CancelRequest { request_id }).await?;
            match tokio::time::timeout(CLOSING, asked).await {
                // It was ready in the same moment.
                Ok(Ok(result)) => Ok(result),
                Ok(Err(error)) => Err(error.into()),
                Err(_) => Err(UserError::new(ErrorCode::Cancelled, "").into()),
            }
        }
    }
}

/// Shows how the draft goes on, where there is somebody to see it.
fn progress(show: bool) -> impl FnMut(DefineEvent) + Send + 'static {
    let mut progress = show.then(print::Progress::default);
    move |event| {
        if let Some(progress) = &mut progress {
            progress.tell(&event);
        }
    }
}

/// The stable form of `define --json`.
fn as_json(term: &str, result: &DefineResult) -> Value {
    json!({
        "term": term,
        "definition": result.reply.definition,
        "explanation": result.reply.explanation,
        "examples": result.reply.examples,
        "counter_examples": result.reply.counter_examples,
        "synonyms": result.reply.synonyms,
        "antonyms": result.reply.antonyms,
        "findings": result.report.findings.iter().map(Out::from).collect::<Vec<_>>(),
        "sources": result.sources,
        "passages": result.passages,
        "cited": result.cited,
        "left_out": result.left_out,
        "assumed": result.assumed,
        "searched_with": result.searched_with,
        "held_back": result.held_back,
        "cache": result.cache,
        "reason": result.reason,
        "age_s": result.age_s,
        "entry": result.entry,
        "calls": result.calls,
        "tokens_in": result.tokens_in,
        "tokens_out": result.tokens_out,
        "cost_eur": result.cost_eur,
        "model": result.model,
        "instead_of": result.instead_of,
        "demonstration": result.demonstration,
        "answered_at": result.answered_at,
        "dropped": result.dropped,
    })
}

/// `begrip cache`.
pub async fn cache(app: &App, command: Cache, json: bool) -> Result<Exit, Failure> {
    match command {
        Cache::Stats => {
            let stats = app.cache_stats(()).await?;
            match json {
                true => out_json(&stats)?,
                false => print::cache(&mut io::stdout().lock(), &stats)?,
            }
            Ok(Exit::Done)
        }
        Cache::Clear(clear) => {
            let removed = app.cache_clear(clear.into()).await?;
            match json {
                true => out_json(&removed)?,
                false => print::removed(&mut io::stdout().lock(), removed.entries)?,
            }
            Ok(Exit::Done)
        }
        Cache::Warm { terms, place } => warm(app, &terms, &place, json).await,
    }
}

/// One line of `cache warm --json`.
#[derive(Serialize)]
struct Warmed<'a> {
    term: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache: Option<begrip_app::schema::CacheSource>,
    calls: u32,
    tokens_in: u32,
    tokens_out: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a UserError>,
}

/// Asks for each term in turn. A term that fails does not keep the others from being asked for,
/// unless the cause holds for all; the exit code is that of the last failure.
async fn warm(app: &App, terms: &[String], place: &Place, json: bool) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    let mut out = io::stdout();
    for term in terms {
        let input = DraftInput {
            term: term.clone(),
            context: place.context()?,
            category: place.category.map(Into::into),
            ..DraftInput::default()
        };
        match ask(app, &input, Ways::default(), false).await {
            Ok(result) if json => out_json(&Warmed {
                term,
                cache: Some(result.cache),
                calls: result.calls,
                tokens_in: result.tokens_in,
                tokens_out: result.tokens_out,
                error: None,
            })?,
            Ok(result) => print::warmed(&mut out, term, &result)?,
            Err(Failure::User(error)) if !ends_all(&error) => {
                match json {
                    true => out_json(&Warmed {
                        term,
                        cache: None,
                        calls: 0,
                        tokens_in: 0,
                        tokens_out: 0,
                        error: Some(&error),
                    })?,
                    false => writeln!(out, "{term}: mislukt ({})", error.code)?,
                }
                tell("error", &error, json);
                exit = Failure::User(error).code();
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(exit)
}

/// Whether the next term will fail for the same cause.
fn ends_all(error: &UserError) -> bool {
    use ErrorCode::{
        BudgetSpent, Cancelled, ModelKeyRefused, ModelNotConfigured, ModelPaused, ModelTls,
        ModelUnknown, ModelUnreachable,
    };
    [
        BudgetSpent,
        Cancelled,
        ModelKeyRefused,
        ModelNotConfigured,
        ModelPaused,
        ModelTls,
        ModelUnknown,
        ModelUnreachable,
    ]
    .into_iter()
    .any(|code| error.is(code))
}
