//! A file of terms as the rows of a job.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use begrip_domain::Category;
use begrip_interchange::{FaultyTerm, TableError, TermRow, TermTable, read_terms, read_terms_json};
use begrip_language::asked_form;
use begrip_privacy::{Choices, nameless_label};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{shown, view};
use crate::refusal::{Refusal, RowFault};
use crate::routes::{Caller, Node};
use crate::sharing::as_organisation;

/// The longest name of a job, in characters.
const LONGEST_NAME: usize = 200;

/// Rows of one organisation that may wait at one time.
const MOST_WAITING: i64 = 100_000;

/// By which a caller names a request that may come twice.
const KEY: &str = "idempotency-key";

#[derive(Deserialize)]
pub struct Wanted {
    name: Option<String>,
    model: Option<String>,
}

/// `POST /v1/jobs`: the body is the file.
pub async fn create(
    State(node): State<Arc<Node>>,
    caller: Caller,
    query: Result<Query<Wanted>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let Query(wanted) = query.map_err(|_| Refusal::Form("name en model zijn teksten"))?;
    let read = reader(&headers)?;
    let key = key(&headers)?;
    let name = wanted.name.as_deref().map_or("reeks", str::trim);
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    if !(1..=LONGEST_NAME).contains(&name.chars().count()) {
        return Err(Refusal::Form("name heeft 1 tot en met 200 tekens"));
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
        _ => Refusal::Form("de vraag kwam niet heel aan"),
    })?;
    let mut asked = Sha256::new();
    for part in [
        name.as_bytes(),
        wanted.model.as_deref().unwrap_or_default().as_bytes(),
    ] {
        asked.update(part.len().to_le_bytes());
        asked.update(part);
    }
    asked.update(&body);
    let digest: [u8; 32] = asked.finalize().into();
    if let Some(earlier) = earlier(&node, &caller, key.as_deref(), &digest).await? {
        return Ok(Json(shown(&node, &caller, earlier).await?).into_response());
    }
    let most = node.jobs.settings.rows;
    let alone = Arc::clone(&node.jobs.files).acquire_owned().await;
    let alone = alone.map_err(|_| Refusal::Fault)?;
    let rows = tokio::task::spawn_blocking(move || {
        // Held until the file is read, also when whoever sent it is gone.
        let _alone = alone;
        rows(read, &body, most)
    });
    let rows = rows.await.map_err(|_| Refusal::Fault)??;
    if node.gateway.model_for(None).is_none() {
        return Err(Refusal::NoGateway);
    }
    let model = node.gateway.model_for(wanted.model.as_deref());
    let model = model.ok_or(Refusal::NoModel)?;
    let id = Uuid::now_v7();
    let made = {
        let mut client = node.pool.get().await?;
        let transaction = client.transaction().await?;
        as_organisation(&transaction, &caller.0).await?;
        let waiting =
            "SELECT coalesce(sum(queued), 0) FROM job WHERE state IN ('queued', 'running')";
        let waiting: i64 = transaction.query_one(waiting, &[]).await?.get(0);
        if waiting + rows.numbers.len() as i64 > MOST_WAITING {
            return Err(Refusal::Table(format!(
                "er wachten dan meer dan {MOST_WAITING} rijen van uw organisatie; wacht tot er reeksen klaar zijn, of stop er een"
            )));
        }
        let organisation = &caller.0.organisation;
        let made = transaction
            .execute(
                "INSERT INTO job (id, organisation, account, token, name, model, key, digest, state) \
                 VALUES ($1, $2, $3, $8, $4, $5, $6, $7, 'queued') \
                 ON CONFLICT (organisation, key) DO NOTHING",
                &[
                    &id,
                    organisation,
                    &caller.0.account,
                    &name,
                    &model,
                    &key,
                    &&digest[..],
                    &caller.0.by.token(),
                ],
            )
            .await?
            > 0;
        if made {
            let turn = "INSERT INTO job_turn (organisation) VALUES ($1) ON CONFLICT DO NOTHING";
            transaction.execute(turn, &[organisation]).await?;
            transaction
                .execute(
                    "INSERT INTO job_row (job, organisation, number, term, context, category, \
                       follows, faulty, state, error, ended_at) \
                     SELECT $1, $2, number, term, context, category, follows, error IS NOT NULL, \
                       CASE WHEN error IS NULL THEN 'queued' ELSE 'failed' END, error, \
                       CASE WHEN error IS NULL THEN NULL ELSE now() END \
                     FROM unnest($3::int[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[]) \
                       AS r (number, term, context, category, follows, error)",
                    &[
                        &id,
                        organisation,
                        &rows.numbers,
                        &rows.terms,
                        &rows.contexts,
                        &rows.categories,
                        &rows.follows,
                        &rows.errors,
                    ],
                )
                .await?;
            transaction
                .execute("SELECT job_went_on($1)", &[&id])
                .await?;
        }
        transaction.commit().await?;
        made
    };
    if !made && let Some(id) = earlier(&node, &caller, key.as_deref(), &digest).await? {
        return Ok(Json(shown(&node, &caller, id).await?).into_response());
    }
    tracing::info!(rows = rows.numbers.len(), "a job was made");
    let told = shown(&node, &caller, id).await?;
    Ok((StatusCode::CREATED, Json(told)).into_response())
}

/// The job that an earlier request with this key made. Error: it asked for something else.
async fn earlier(
    node: &Node,
    caller: &Caller,
    key: Option<&str>,
    digest: &[u8],
) -> Result<Option<Uuid>, Refusal> {
    let Some(key) = key else { return Ok(None) };
    let mut client = node.pool.get().await?;
    match view::by_key(&mut client, &caller.0, key).await? {
        None => Ok(None),
        Some((id, known)) if known == digest => Ok(Some(id)),
        Some(_) => Err(Refusal::KeyReused),
    }
}

type Read = fn(&[u8]) -> Result<TermTable, TableError>;

/// How a body is read, by its type.
fn reader(headers: &HeaderMap) -> Result<Read, Refusal> {
    let said = headers.get(header::CONTENT_TYPE);
    let said = said
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = said.split(';').next().unwrap_or_default().trim();
    match kind.to_ascii_lowercase().as_str() {
        "application/json" => Ok(read_terms_json),
        "text/csv" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => {
            Ok(read_terms)
        }
        _ => Err(Refusal::ContentType),
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get(KEY) else {
        return Ok(None);
    };
    let key = value.to_str().ok().map(str::trim);
    let key = key.filter(|key| (1..=200).contains(&key.len()));
    let key = key.ok_or(Refusal::Form(
        "Idempotency-Key heeft 1 tot en met 200 tekens",
    ))?;
    Ok(Some(key.to_owned()))
}

/// Rows as PostgreSQL takes them: a column at a time.
#[derive(Default)]
struct Rows {
    numbers: Vec<i32>,
    terms: Vec<String>,
    contexts: Vec<String>,
    categories: Vec<Option<&'static str>>,
    follows: Vec<Option<i32>>,
    errors: Vec<Option<String>>,
}

/// The rows of a file. Those with a fault are there too, with the fault.
fn rows(read: Read, body: &[u8], most: usize) -> Result<Rows, Refusal> {
    let table = read(body).map_err(|error| match error {
        TableError::Empty => Refusal::Table("er staan geen rijen in".to_owned()),
        TableError::NoTerm => Refusal::Table("er is geen kolom ‘term’".to_owned()),
        TableError::TooLarge(why) => Refusal::Table(why),
        TableError::OpenQuote(line) => Refusal::Table(format!(
            "het aanhalingsteken op regel {line} wordt niet gesloten"
        )),
        TableError::NoTable(why) => Refusal::Table(why.to_owned()),
    })?;
    if !table.unknown.is_empty() {
        return Err(Refusal::Columns(table.unknown));
    }
    if table.rows.len() > most {
        return Err(Refusal::Table(format!("het heeft meer dan {most} rijen")));
    }
    let mut rows = Rows::default();
    let mut first: HashMap<String, i32> = HashMap::new();
    for row in table.rows {
        let (number, asked) = match row {
            Ok(row) => (row.number, accepted(row)),
            Err(FaultyTerm {
                number,
                term,
                fault,
            }) => {
                // As it stood in the file; the database knows no NUL.
                let term: String = term.chars().filter(|c| !c.is_control()).collect();
                let term = match is_nameless(&term) {
                    true => term,
                    false => String::new(),
                };
                (number, Err((term, RowFault::Row(fault))))
            }
        };
        let number = i32::try_from(number).unwrap_or(i32::MAX);
        rows.numbers.push(number);
        match asked {
            Ok(row) => {
                let earlier = *first.entry(question(&row)).or_insert(number);
                rows.follows.push((earlier != number).then_some(earlier));
                rows.contexts.push(serde_json::to_string(&row.context)?);
                rows.categories.push(row.category.map(Category::as_str));
                rows.terms.push(row.term.to_string());
                rows.errors.push(None);
            }
            Err((term, fault)) => {
                rows.follows.push(None);
                rows.contexts.push("{}".to_owned());
                rows.categories.push(None);
                rows.terms.push(term);
                rows.errors.push(Some(fault.told()));
            }
        }
    }
    Ok(rows)
}

/// The row, when nothing in it tells who somebody is; else none of it is kept.
fn accepted(row: TermRow) -> Result<TermRow, (String, RowFault)> {
    let of = &row.context;
    let sets = [&of.organisations, &of.legal_areas, &of.statutory_bases];
    let mut labels = sets.iter().flat_map(|set| set.iter());
    let nameless = is_nameless(row.term.as_str()) && labels.all(|l| is_nameless(l.as_str()));
    match nameless {
        true => Ok(row),
        false => Err((String::new(), RowFault::Identifies)),
    }
}

fn is_nameless(text: &str) -> bool {
    nameless_label(text, &[], &Choices::default()).is_some()
}

/// Equal for rows that ask the model the same.
fn question(row: &TermRow) -> String {
    // Neither the category nor the context's key has a line end.
    let category = row.category.map_or("", Category::as_str);
    format!(
        "{category}\n{}\n{}",
        row.context.key(),
        asked_form(row.term.as_str())
    )
}
