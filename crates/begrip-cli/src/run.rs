//! One function for each command. Each asks `begrip-app` and hands the answer to `print`.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use begrip_app::schema::{
    CacheClear, CheckRequest, ConceptFilter, ConceptGet, ConceptList, ConceptSort, ConceptView,
    DefineRequest, DefineResult, SaveConcept, SaveOutcome, SearchRequest,
};
use begrip_app::{App, ErrorCode, OpenOptions, UserError};
use begrip_domain::{Category, ConceptFields, ConceptId, Status};
use serde_json::{Value, json};

use crate::args::{Args, Cache, Command, Concepts, Input, Place, Texts, label, labels};
use crate::exit::{Exit, Failure};
use crate::{jsonl, print};

/// Runs the command line to its end.
pub fn run(args: Args) -> Result<Exit, Failure> {
    // Needs no store, no settings and no network: usable in a pipe of 10,000 definitions.
    if let Command::Check {
        jsonl: Some(path), ..
    } = &args.command
    {
        return check_lines(path);
    }
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let options = OpenOptions::from_environment(args.home.clone())?;
        let app = tokio::task::spawn_blocking(move || App::open(options))
            .await
            .map_err(io::Error::other)??;
        let exit = command(&app, args).await;
        app.close().await;
        exit
    })
}

async fn command(app: &App, args: Args) -> Result<Exit, Failure> {
    let json = args.json;
    match args.command {
        Command::Lookup { term, limit } => lookup(app, term, limit, json).await,
        Command::Define {
            input,
            fresh,
            offline,
            keep,
        } => define(app, &input, fresh, offline, keep, json).await,
        Command::Check {
            text, term, place, ..
        } => check(app, text.unwrap_or_default(), term, &place, json).await,
        Command::Prompt { input } => {
            let preview = app.preview(input.draft()?).await?;
            if json {
                out_json(&json!({
                    "messages": preview.messages,
                    "tokens": preview.tokens,
                    "budget": preview.budget,
                    "sections": preview.sections,
                }))?;
            } else {
                print::preview(&mut io::stdout().lock(), &preview)?;
            }
            Ok(Exit::Done)
        }
        Command::Concepts(command) => concepts(app, command, json).await,
        Command::Cache(command) => cache(app, command, json).await,
        Command::Doctor => {
            let report = app.doctor(()).await?;
            match json {
                true => out_json(&report)?,
                false => print::doctor(&mut io::stdout().lock(), &report)?,
            }
            Ok(if report.healthy {
                Exit::Done
            } else {
                Exit::Failed
            })
        }
    }
}

async fn lookup(app: &App, query: String, limit: u32, json: bool) -> Result<Exit, Failure> {
    let found = app
        .search(SearchRequest {
            query,
            limit: Some(limit),
        })
        .await?;
    match json {
        true => out_json(&found.hits)?,
        false => print::hits(&mut io::stdout().lock(), &found.hits)?,
    }
    Ok(if found.hits.is_empty() {
        Exit::NotFound
    } else {
        Exit::Done
    })
}

async fn define(
    app: &App,
    input: &Input,
    fresh: bool,
    offline: bool,
    keep: bool,
    json: bool,
) -> Result<Exit, Failure> {
    let draft = input.draft()?;
    let result = app
        .define(
            DefineRequest {
                request_id: "begrip".to_owned(),
                input: draft.clone(),
                regenerate: fresh,
                offline,
            },
            progress(json),
        )
        .await?;
    let kept = match keep {
        false => None,
        true => {
            let fields = ConceptFields {
                synonyms: labels(&result.reply.synonyms)?,
                context: draft.context,
                category: draft.category,
                definition: result.reply.definition.clone(),
                explanation: result.reply.explanation.clone(),
                examples: result.reply.examples.clone(),
                counter_examples: result.reply.counter_examples.clone(),
                citations: result.sources.clone(),
                notes: draft.notes,
                ..ConceptFields::of_term(label(&draft.term)?)
            };
            Some(save(app, new_concept(fields, Some(result.draft_id.clone()))).await?)
        }
    };
    if json {
        let mut value = define_json(&input.term, &result);
        if let (Value::Object(map), Some(kept)) = (&mut value, &kept) {
            map.insert("id".to_owned(), json!(kept.concept.id));
        }
        out_json(&value)?;
    } else {
        print::definition(
            &mut io::stdout().lock(),
            &input.term,
            &result,
            kept.as_deref(),
        )?;
    }
    Ok(Exit::Done)
}

/// Shows the text as it comes in, on a terminal only.
fn progress(json: bool) -> impl FnMut(begrip_app::schema::DefineEvent) + Send + 'static {
    let show = !json && io::stderr().is_terminal();
    let mut shown = String::new();
    move |event| {
        if show {
            print::progress(&mut io::stderr().lock(), &event, &mut shown);
        }
    }
}

/// The stable form of `define --json`.
fn define_json(term: &str, result: &DefineResult) -> Value {
    json!({
        "term": term,
        "definition": result.reply.definition,
        "explanation": result.reply.explanation,
        "examples": result.reply.examples,
        "counter_examples": result.reply.counter_examples,
        "synonyms": result.reply.synonyms,
        "findings": result.report.findings.iter().map(jsonl::Out::from).collect::<Vec<_>>(),
        "sources": result.sources,
        "cache": result.cache,
        "calls": result.calls,
        "tokens_in": result.tokens_in,
        "tokens_out": result.tokens_out,
        "cost_eur": result.cost_eur,
        "model": result.model,
        "demonstration": result.demonstration,
        "answered_at": result.answered_at,
        "dropped": result.dropped,
    })
}

async fn check(
    app: &App,
    text: String,
    term: String,
    place: &Place,
    json: bool,
) -> Result<Exit, Failure> {
    let text = match text.as_str() {
        "-" => {
            let mut text = String::new();
            io::stdin().lock().read_to_string(&mut text)?;
            text
        }
        _ => text,
    };
    let report = app
        .check(CheckRequest {
            term,
            text: text.trim_end_matches(['\r', '\n']).to_owned(),
            context: place.context()?,
            category: place.category.map(Category::from),
            has_source: None,
        })
        .await?;
    let blocked = report.blocking_failures().next().is_some();
    match json {
        true => out_json(&json!({
            "pack_version": report.pack_version,
            "score": report.score,
            "findings": report.findings.iter().map(jsonl::Out::from).collect::<Vec<_>>(),
        }))?,
        false => print::report(&mut io::stdout().lock(), &report)?,
    }
    Ok(if blocked { Exit::Blocked } else { Exit::Done })
}

fn check_lines(path: &Path) -> Result<Exit, Failure> {
    let pack = begrip_app::built_in_pack()?;
    let output = BufWriter::new(io::stdout().lock());
    if path == Path::new("-") {
        jsonl::check(&pack, io::stdin().lock(), output)?;
    } else {
        let file = File::open(path).map_err(|error| unreadable(path, &error))?;
        jsonl::check(&pack, BufReader::new(file), output)?;
    }
    Ok(Exit::Done)
}

async fn concepts(app: &App, command: Concepts, json: bool) -> Result<Exit, Failure> {
    match command {
        Concepts::List {
            text,
            status,
            limit,
            offset,
        } => {
            let statuses = match status {
                None => Vec::new(),
                Some(name) => vec![
                    Status::parse(&name)
                        .ok_or_else(|| UserError::new(ErrorCode::StatusNotAllowed, name.clone()))?,
                ],
            };
            let filter = ConceptFilter {
                statuses,
                text,
                ..ConceptFilter::default()
            };
            let page = app
                .concept_list(ConceptList {
                    filter,
                    sort: ConceptSort::Term,
                    offset,
                    limit,
                })
                .await?;
            match json {
                true => out_json(&page)?,
                false => print::page(&mut io::stdout().lock(), &page)?,
            }
        }
        Concepts::Show { concept, history } => {
            let view = find(app, &concept).await?;
            let history = match history {
                true => {
                    app.concept_history(ConceptGet {
                        id: view.concept.id,
                    })
                    .await?
                }
                false => Vec::new(),
            };
            match json {
                true => out_json(&json!({ "concept": view.concept, "report": view.report,
                    "homonyms": view.homonyms, "history": history }))?,
                false => print::concept(&mut io::stdout().lock(), &view, &history)?,
            }
        }
        Concepts::Add { term, place, texts } => {
            let mut fields = ConceptFields::of_term(label(&term)?);
            fields.context = place.context()?;
            fields.category = place.category.map(Category::from);
            texts.lay_over(&mut fields)?;
            let view = save(app, new_concept(fields, None)).await?;
            kept(&view, json)?;
        }
        Concepts::Edit {
            concept,
            texts,
            reason,
        } => {
            let view = find(app, &concept).await?;
            let mut fields = view.concept.fields.clone();
            texts.lay_over(&mut fields)?;
            let request = SaveConcept {
                id: Some(view.concept.id),
                base_version: Some(view.concept.version),
                reason,
                ..new_concept(fields, None)
            };
            let view = save(app, request).await?;
            kept(&view, json)?;
        }
        Concepts::Export { output } => export(app, output).await?,
    }
    Ok(Exit::Done)
}

impl Texts {
    /// Puts the texts that were given in the place of those that stand there.
    fn lay_over(self, fields: &mut ConceptFields) -> Result<(), UserError> {
        if let Some(text) = self.definition {
            fields.definition = text;
        }
        if let Some(text) = self.explanation {
            fields.explanation = text;
        }
        if !self.example.is_empty() {
            fields.examples = self.example;
        }
        if !self.synonym.is_empty() {
            fields.synonyms = labels(&self.synonym)?;
        }
        Ok(())
    }
}

fn new_concept(fields: ConceptFields, draft_id: Option<String>) -> SaveConcept {
    SaveConcept {
        id: None,
        base_version: None,
        fields,
        reason: String::new(),
        draft_id,
        accept_duplicate: false,
    }
}

async fn save(app: &App, request: SaveConcept) -> Result<Box<ConceptView>, Failure> {
    match app.concept_save(request).await? {
        SaveOutcome::Kept { view } => Ok(view),
        SaveOutcome::Stale { current } => {
            Err(UserError::new(ErrorCode::Stale, current.fields.term.to_string()).into())
        }
        SaveOutcome::Duplicate { hits } => {
            let id = hits
                .first()
                .map(|hit| hit.row.id.to_string())
                .unwrap_or_default();
            Err(UserError::new(ErrorCode::AlreadyThere, id).into())
        }
    }
}

fn kept(view: &ConceptView, json: bool) -> Result<(), Failure> {
    match json {
        true => out_json(&view.concept)?,
        false => writeln!(
            io::stdout().lock(),
            "Bewaard: {} ({}, versie {})",
            view.concept.fields.term,
            view.concept.id,
            view.concept.version
        )?,
    }
    Ok(())
}

/// The concept with this id, or the best hit whose term is exactly this one.
async fn find(app: &App, name: &str) -> Result<ConceptView, Failure> {
    let id = match name.parse::<ConceptId>() {
        Ok(id) => Some(id),
        Err(_) => app
            .search(SearchRequest {
                query: name.to_owned(),
                limit: Some(5),
            })
            .await?
            .hits
            .into_iter()
            .find(|hit| hit.exact)
            .map(|hit| hit.id),
    };
    let id = id.ok_or_else(|| UserError::new(ErrorCode::NotFound, name))?;
    Ok(app.concept_get(ConceptGet { id }).await?)
}

/// Writes one JSON array, a concept a line, page by page, so that memory does not grow.
async fn export(app: &App, output: Option<PathBuf>) -> Result<(), Failure> {
    let mut file: Box<dyn Write> = match &output {
        Some(path) => Box::new(File::create(path).map_err(|error| unreadable(path, &error))?),
        None => Box::new(io::stdout().lock()),
    };
    const PAGE: u32 = 200;
    let mut separator = "[\n";
    let mut after = 0;
    loop {
        let (concepts, last) = app.concepts_after(after, PAGE).await?;
        after = last;
        for concept in &concepts {
            write!(
                file,
                "{separator}{}",
                serde_json::to_string(concept).map_err(io::Error::from)?
            )?;
            separator = ",\n";
        }
        if concepts.len() < PAGE as usize {
            break;
        }
    }
    let end = if separator == "[\n" { "[]\n" } else { "\n]\n" };
    file.write_all(end.as_bytes())?;
    file.flush()?;
    Ok(())
}

async fn cache(app: &App, command: Cache, json: bool) -> Result<Exit, Failure> {
    match command {
        Cache::Stats => {
            let stats = app.cache_stats(()).await?;
            match json {
                true => out_json(&stats)?,
                false => print::cache(&mut io::stdout().lock(), &stats)?,
            }
        }
        Cache::Clear { term } => {
            let removed = app.cache_clear(CacheClear { term }).await?;
            match json {
                true => out_json(&removed)?,
                false => writeln!(
                    io::stdout().lock(),
                    "{} antwoorden verwijderd",
                    removed.entries
                )?,
            }
        }
        Cache::Warm { terms, place } => {
            for term in terms {
                let input = Input {
                    term,
                    place: place.clone(),
                    notes: String::new(),
                };
                define(app, &input, false, false, false, json).await?;
            }
        }
    }
    Ok(Exit::Done)
}

fn unreadable(path: &Path, error: &io::Error) -> UserError {
    UserError::new(
        ErrorCode::FileUnreadable,
        format!("{}: {error}", path.display()),
    )
}

fn out_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, value).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}
