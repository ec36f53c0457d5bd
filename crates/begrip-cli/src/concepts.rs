//! `concepts`: list, show, add, edit and export.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use begrip_app::schema::{
    ConceptFilter, ConceptGet, ConceptList, ConceptSort, ConceptView, SaveConcept, SaveOutcome,
    SearchHit, SearchRequest,
};
use begrip_app::{App, ErrorCode, UserError};
use begrip_domain::{ConceptFields, ConceptId, Status};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::args::{Concepts, Place, Texts, label, labels};
use crate::exit::{Exit, Failure, unreadable};
use crate::run::{ReportOut, out_json};
use crate::whole_file::WholeFile;
use crate::{exchange, print};

/// Concepts read at once for an export.
const PAGE: u32 = 200;

/// `begrip concepts`.
pub async fn run(app: &App, command: Concepts, json: bool) -> Result<Exit, Failure> {
    match command {
        Concepts::List {
            text,
            status,
            on: valid_on,
            limit,
            offset,
        } => {
            let filter = ConceptFilter {
                statuses: status
                    .as_deref()
                    .and_then(Status::parse)
                    .into_iter()
                    .collect(),
                text,
                valid_on,
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
        Concepts::Show { concept, history } => show(app, &concept, history, json).await?,
        Concepts::Exchange { concept } => {
            let id = find(app, &concept).await?.concept.id;
            let exchange = app.concept_exchange(ConceptGet { id }).await?;
            match json {
                true => out_json(&exchange)?,
                false => exchange::show(&mut io::stdout().lock(), &exchange)?,
            }
        }
        Concepts::Add {
            term,
            place,
            texts,
            from,
            skip_existing,
        } => match (from, term) {
            (Some(path), _) => add_from(app, &path, skip_existing, json).await?,
            (None, term) => {
                let mut fields = ConceptFields::of_term(label(&term.unwrap_or_default())?);
                lay_over(&mut fields, place, texts)?;
                let view = save(app, new_concept(fields, None)).await?;
                kept(&view, json)?;
            }
        },
        Concepts::Edit {
            concept,
            place,
            texts,
            from,
            base_version,
            reason,
        } => {
            let id = the_one(app, &concept).await?;
            let view = app.concept_get(ConceptGet { id }).await?;
            let mut fields = view.concept.fields.clone();
            let mut seen = base_version;
            match from {
                None => lay_over(&mut fields, place, texts)?,
                Some(path) => {
                    let given = one(&path, read(&path)?)?;
                    fields = given.fields;
                    seen = seen.or(given.version);
                }
            }
            let request = SaveConcept {
                id: Some(id),
                base_version: Some(seen.unwrap_or(view.concept.version)),
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

async fn show(app: &App, name: &str, history: bool, json: bool) -> Result<(), Failure> {
    let view = find(app, name).await?;
    let id = view.concept.id;
    let history = match history {
        true => app.concept_history(ConceptGet { id }).await?,
        false => Vec::new(),
    };
    match json {
        true => out_json(&json!({
            "concept": view.concept,
            "report": ReportOut::from(&view.report),
            "homonyms": view.homonyms,
            "history": history,
        })),
        false => Ok(print::concept(&mut io::stdout().lock(), &view, &history)?),
    }
}

/// Puts what was given in the place of what stands there; a list of empty texts empties the list.
fn lay_over(fields: &mut ConceptFields, place: Place, texts: Texts) -> Result<(), UserError> {
    let context = &mut fields.context;
    for (given, set) in [
        (&place.org, &mut context.organisations),
        (&place.legal, &mut context.legal_areas),
        (&place.basis, &mut context.statutory_bases),
    ] {
        if !given.is_empty() {
            *set = labels(&not_empty(given))?;
        }
    }
    if let Some(category) = place.category {
        fields.category = Some(category.into());
    }
    for (given, text) in [
        (texts.definition, &mut fields.definition),
        (texts.explanation, &mut fields.explanation),
        (texts.notes, &mut fields.notes),
    ] {
        if let Some(given) = given {
            *text = given;
        }
    }
    let validity = &mut fields.validity;
    for (given, day) in [
        (texts.valid_from, &mut validity.from),
        (texts.valid_until, &mut validity.until),
    ] {
        if let Some(given) = given {
            let given = Some(given).filter(|given| !given.trim().is_empty());
            *day = given.as_deref().map(begrip_app::date).transpose()?;
        }
    }
    if !texts.example.is_empty() {
        fields.examples = not_empty(&texts.example);
    }
    if !texts.synonym.is_empty() {
        fields.synonyms = labels(&not_empty(&texts.synonym))?;
    }
    if !texts.antonym.is_empty() {
        fields.antonyms = labels(&not_empty(&texts.antonym))?;
    }
    Ok(())
}

fn not_empty(texts: &[String]) -> Vec<String> {
    texts
        .iter()
        .filter(|text| !text.trim().is_empty())
        .cloned()
        .collect()
}

/// A request to keep these fields as a new concept.
pub fn new_concept(fields: ConceptFields, draft_id: Option<String>) -> SaveConcept {
    SaveConcept {
        id: None,
        base_version: None,
        fields,
        reason: String::new(),
        draft_id,
        accept_duplicate: false,
    }
}

/// Keeps a concept; what stands in the way is an error.
pub async fn save(app: &App, request: SaveConcept) -> Result<Box<ConceptView>, UserError> {
    match app.concept_save(request).await? {
        SaveOutcome::Kept { view } => Ok(view),
        SaveOutcome::Stale { current } => Err(UserError::new(
            ErrorCode::Stale,
            format!("{}: nu versie {}", current.fields.term, current.version),
        )),
        SaveOutcome::Duplicate { hits } => {
            let id = hits
                .first()
                .map(|hit| hit.row.id.to_string())
                .unwrap_or_default();
            Err(UserError::new(ErrorCode::AlreadyThere, id))
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

/// The concept with this id, or the best hit whose term or synonym is exactly this one.
async fn find(app: &App, name: &str) -> Result<ConceptView, Failure> {
    let id = match name.parse::<ConceptId>() {
        Ok(id) => Some(id),
        Err(_) => exact(app, name).await?.first().map(|hit| hit.id),
    };
    let id = id.ok_or_else(|| UserError::new(ErrorCode::NotFound, name))?;
    Ok(app.concept_get(ConceptGet { id }).await?)
}

/// The one concept that a change can be meant for: by its id, or by a term that no other concept
/// has.
pub async fn the_one(app: &App, name: &str) -> Result<ConceptId, Failure> {
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let mut hits = exact(app, name).await?;
    hits.retain(|hit| hit.synonym.is_none());
    match hits.as_slice() {
        [] => Err(UserError::new(ErrorCode::NotFound, name).into()),
        [hit] => Ok(hit.id),
        _ => {
            let ids: Vec<String> = hits.iter().map(|hit| hit.id.to_string()).collect();
            Err(Failure::Usage(format!(
                "‘{name}’ past op {} begrippen; noem het nummer: {}",
                ids.len(),
                ids.join(", ")
            )))
        }
    }
}

async fn exact(app: &App, name: &str) -> Result<Vec<SearchHit>, UserError> {
    label(name)?;
    let found = app
        .search(SearchRequest {
            query: name.to_owned(),
            limit: Some(100),
            valid_on: None,
        })
        .await?;
    Ok(found.hits.into_iter().filter(|hit| hit.exact).collect())
}

/// A concept as a file gives it: the fields of an export; the version is the one it was read at.
#[derive(Deserialize)]
struct Given {
    #[serde(flatten)]
    fields: ConceptFields,
    version: Option<u32>,
}

/// The values in a JSON file: those of a list, or the one.
fn read(path: &Path) -> Result<Vec<Value>, UserError> {
    let failed = |error: io::Error| unreadable(path, &error);
    let mut bytes = Vec::new();
    match path == Path::new("-") {
        true => io::stdin().lock().read_to_end(&mut bytes),
        false => File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)),
    }
    .map_err(failed)?;
    let text =
        std::str::from_utf8(&bytes).map_err(|_| failed(io::ErrorKind::InvalidData.into()))?;
    let value = serde_json::from_str(text.trim_start_matches('\u{FEFF}')).map_err(|error| {
        let place = format!("regel {}, teken {}", error.line(), error.column());
        UserError::new(
            ErrorCode::FileUnreadable,
            format!("{}: geen geldige JSON ({place})", path.display()),
        )
    })?;
    Ok(match value {
        Value::Array(values) => values,
        value => vec![value],
    })
}

/// The concept in this value; `number` counts from 1.
fn given(number: usize, value: Value) -> Result<Given, UserError> {
    let unfit =
        |fault: String| UserError::new(ErrorCode::LineInvalid, format!("begrip {number}: {fault}"));
    // As `concepts show --json` gives it.
    let value = match value {
        Value::Object(mut map) if map.contains_key("concept") => {
            map.remove("concept").unwrap_or_default()
        }
        value => value,
    };
    if !value.is_object() {
        return Err(unfit("geen JSON-object".to_owned()));
    }
    // Says the field and the kind, and may quote the value: it is the user's own file.
    serde_json::from_value(value).map_err(|error| unfit(error.to_string()))
}

fn one(path: &Path, values: Vec<Value>) -> Result<Given, Failure> {
    match <[Value; 1]>::try_from(values) {
        Ok([value]) => Ok(given(1, value)?),
        Err(values) => Err(Failure::Usage(format!(
            "{} bevat {} begrippen; er moet er één in staan",
            path.display(),
            values.len()
        ))),
    }
}

/// Adds every concept of a file. The whole file is read and judged before the first is kept.
async fn add_from(app: &App, path: &Path, skip: bool, json: bool) -> Result<(), Failure> {
    let mut all = Vec::new();
    for (index, value) in read(path)?.into_iter().enumerate() {
        let fields = given(index + 1, value)?.fields;
        if let Err(fault) = fields.check() {
            let detail = format!("begrip {}: {fault}", index + 1);
            return Err(UserError::new(ErrorCode::LineInvalid, detail).into());
        }
        all.push(fields);
    }
    let (mut added, mut skipped) = (0_u32, 0_u32);
    for fields in all {
        let term = fields.term.clone();
        match save(app, new_concept(fields, None)).await {
            Ok(view) => {
                added += 1;
                kept(&view, json)?;
            }
            Err(error) if skip && error.is(ErrorCode::AlreadyThere) => skipped += 1,
            Err(mut error) => {
                error.detail = format!("{term}: {}; {added} toegevoegd", error.detail);
                return Err(error.into());
            }
        }
    }
    if !json {
        writeln!(
            io::stdout().lock(),
            "{added} toegevoegd, {skipped} overgeslagen"
        )?;
    }
    Ok(())
}

/// Writes one JSON array, a concept a line, page by page, so that memory does not grow.
///
/// A file gets its name when it is whole: a full disk leaves the earlier export as it was.
async fn export(app: &App, output: Option<PathBuf>) -> Result<(), Failure> {
    let Some(path) = output else {
        return write_all(app, &mut BufWriter::new(io::stdout())).await;
    };
    let mut file = WholeFile::begin(&path)?;
    let written = write_all(app, &mut file).await;
    file.keep(written)
}

async fn write_all(app: &App, out: &mut impl Write) -> Result<(), Failure> {
    let mut separator = "[\n";
    let mut after = 0;
    loop {
        let (concepts, last) = app.concepts_after(after, PAGE).await?;
        after = last;
        for concept in &concepts {
            out.write_all(separator.as_bytes())?;
            write_one(out, concept)?;
            separator = ",\n";
        }
        if concepts.len() < PAGE as usize {
            break;
        }
    }
    let end = if separator == "[\n" { "[]\n" } else { "\n]\n" };
    out.write_all(end.as_bytes())?;
    Ok(out.flush()?)
}

fn write_one(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    Ok(serde_json::to_writer(out, value)?)
}
