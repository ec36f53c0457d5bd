//! What an administrator asks by address. Who asks was let in by the role of the token; the database looks
//! again, at this moment.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use begrip_sync::Role;
use begrip_sync::administration::{
    Bounds, BoundsChange, Log, MadeToken, NewToken, NewUser, Organisation, Quota, Record, Release,
    Spent, Token, User, UserChange, UserSpent, Why,
};
use deadpool_postgres::Object;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use super::{add_token, add_user, address, begin, change_user, revoke_token, unlink_user};
use crate::gateway::usage::{euro, micros};
use crate::refusal::Refusal;
use crate::routes::{Caller, Node, read};
use crate::sharing::whole;
use crate::token as tokens;

type Asked = State<Arc<Node>>;
type Body = Result<Bytes, BytesRejection>;
type Named = Result<Path<Uuid>, PathRejection>;

/// Acts in a page of the log.
const PAGE: i32 = 100;

/// A token of an administrator ends after so many days at most.
const DAYS: u16 = 365;

async fn act<'a>(client: &'a mut Object, caller: &Caller) -> Result<Transaction<'a>, Refusal> {
    let holder = &caller.0;
    Ok(begin(client, &holder.organisation, Some(holder.account)).await?)
}

fn named(path: Named, what: &'static str) -> Result<Uuid, Refusal> {
    path.map(|Path(id)| id).map_err(|_| Refusal::Form(what))
}

/// `GET /v1/admin/organisations`: the organisations of the chain.
pub async fn organisations(
    State(node): Asked,
    caller: Caller,
) -> Result<Json<Vec<Organisation>>, Refusal> {
    let mut client = node.pool.get().await?;
    let transaction = act(&mut client, &caller).await?;
    let sql = "SELECT name, title FROM list_organisations()";
    let rows = transaction.query(sql, &[]).await?;
    transaction.commit().await?;
    let organisation = |row: &Row| Organisation {
        name: row.get(0),
        title: row.get(1),
    };
    Ok(Json(rows.iter().map(organisation).collect()))
}

/// `GET /v1/admin/users`: who may ask for the organisation.
pub async fn users(State(node): Asked, caller: Caller) -> Result<Json<Vec<User>>, Refusal> {
    let mut client = node.pool.get().await?;
    let transaction = act(&mut client, &caller).await?;
    let users = list(&transaction, &caller).await?;
    transaction.commit().await?;
    Ok(Json(users))
}

async fn list(transaction: &Transaction<'_>, caller: &Caller) -> Result<Vec<User>, Refusal> {
    let sql = "SELECT id, name, role, email, signs_in, person, tokens, closed, created_at FROM list_users()";
    let rows = transaction.query(sql, &[]).await?;
    let user = |row: &Row| {
        let id: Uuid = row.get(0);
        Ok(User {
            id,
            name: row.get(1),
            role: Role::parse(row.get(2)).ok_or(Refusal::Fault)?,
            email: row.get(3),
            signs_in: row.get(4),
            person: row.get(5),
            tokens: u32::try_from(row.get::<_, i64>(6)).unwrap_or(u32::MAX),
            closed: row.get(7),
            oneself: id == caller.0.account,
            since: row.get(8),
        })
    };
    rows.iter().map(user).collect()
}

/// Ends an act upon a user; how they stand now.
async fn told(
    transaction: Transaction<'_>,
    caller: &Caller,
    id: Uuid,
) -> Result<Json<User>, Refusal> {
    let users = list(&transaction, caller).await?;
    transaction.commit().await?;
    let user = users.into_iter().find(|user| user.id == id);
    user.map(Json).ok_or(Refusal::Administration(Why::NoUser))
}

/// `POST /v1/admin/users`: adds a user.
pub async fn user_add(
    State(node): Asked,
    caller: Caller,
    body: Body,
) -> Result<Json<User>, Refusal> {
    let mut user: NewUser = read(body, "geen nieuwe gebruiker")?;
    user.name = user.name.trim().to_owned();
    if user.name.is_empty()
        || user.name.chars().count() > 200
        || user.name.contains(char::is_control)
    {
        return Err(Refusal::Form("een naam heeft 1 tot en met 200 tekens"));
    }
    user.email = user.email.as_deref().map(email).transpose()?;
    let mut client = node.pool.get().await?;
    let transaction = act(&mut client, &caller).await?;
    let id = add_user(&transaction, &user).await?;
    told(transaction, &caller, id).await
}

fn email(text: &str) -> Result<String, Refusal> {
    address::email(text).ok_or(Refusal::Form("dit is geen e-mailadres"))
}

/// `PATCH /v1/admin/users/{user}`: another role, closed or open again, an invitation.
pub async fn user_change(
    State(node): Asked,
    caller: Caller,
    path: Named,
    body: Body,
) -> Result<Json<User>, Refusal> {
    let id = named(path, "een gebruiker heeft een nummer")?;
    let mut change: UserChange = read(body, "geen wijziging van een gebruiker")?;
    change.email = change.email.as_deref().map(email).transpose()?;
    let mut client = node.pool.get().await?;
    let transaction = act(&mut client, &caller).await?;
    change_user(&transaction, id, &change).await?;
    told(transaction, &caller, id).await
}

/// `DELETE /v1/admin/users/{user}/sign-in`: nobody signs in as this user any more.
pub async fn user_unlink(
    State(node): Asked,
    caller: Caller,
    path: Named,
) -> Result<Json<User>, Refusal> {
    let id = named(path, "een gebruiker heeft een nummer")?;
    let mut client = node.pool.get().await?;
    let transaction = act(&mut client, &caller).await?;
    unlink_user(&transaction, id).await?;
    told(transaction, &caller, id).await
}

/// `GET /v1/admin/tokens`: tokens of the organisation, without their secrets.
pub async fn tokens(State(node): Asked, caller: Caller) -> Result<Json<Vec<Token>>, Refusal> {
    let mut client = node.pool.get().await?;
    let transaction = act(&mut client, &caller).await?;
    let rows = transaction.query(TOKENS, &[]).await?;
    transaction.commit().await?;
    Ok(Json(rows.iter().map(token).collect()))
}

const TOKENS: &str =
    "SELECT id, name, by_name, created_at, expires_at, holds, revoked FROM list_tokens()";

fn token(row: &Row) -> Token {
    Token {
        id: row.get(0),
        user: row.get(1),
        by: row.get(2),
        since: row.get(3),
        until: row.get(4),
        holds: row.get(5),
        revoked: row.get(6),
    }
}

/// `POST /v1/admin/tokens`: makes a token, which is told here and never again.
pub async fn token_make(
    State(node): Asked,
    caller: Caller,
    body: Body,
) -> Result<Response, Refusal> {
    let wanted: NewToken = read(body, "geen nieuwe toegangssleutel")?;
    if !(1..=DAYS).contains(&wanted.days) {
        return Err(Refusal::Form(
            "een toegangssleutel geldt 1 tot en met 365 dagen",
        ));
    }
    let made = tokio::task::spawn_blocking(tokens::make).await;
    let (id, secret, hash) = made
        .map_err(|_| Refusal::Stopping)?
        .map_err(|_| Refusal::Fault)?;
    let mut client = node.pool.get().await?;
    let transaction = act(&mut client, &caller).await?;
    add_token(
        &transaction,
        id,
        wanted.user,
        &hash,
        Some(wanted.days.into()),
    )
    .await?;
    transaction.commit().await?;
    // Nothing on the way keeps it.
    let once = [(header::CACHE_CONTROL, "no-store")];
    Ok((once, Json(MadeToken { id, secret })).into_response())
}

/// `DELETE /v1/admin/tokens/{token}`: revokes a token.
pub async fn token_revoke(
    State(node): Asked,
    caller: Caller,
    path: Named,
) -> Result<Json<Token>, Refusal> {
    let id = named(path, "een toegangssleutel heeft een nummer")?;
    let mut client = node.pool.get().await?;
    let transaction = act(&mut client, &caller).await?;
    revoke_token(&transaction, id).await?;
    let rows = transaction.query(TOKENS, &[]).await?;
    transaction.commit().await?;
    let revoked = rows.iter().map(token).find(|token| token.id == id);
    revoked
        .map(Json)
        .ok_or(Refusal::Administration(Why::NoToken))
}

/// `GET /v1/admin/quota`: what the organisation spent and may spend.
pub async fn quota(State(node): Asked, caller: Caller) -> Result<Json<Quota>, Refusal> {
    let mut client = node.pool.get().await?;
    let transaction = act(&mut client, &caller).await?;
    let quota = stands(&transaction).await?;
    transaction.commit().await?;
    Ok(Json(quota))
}

/// `PUT /v1/admin/quota`: all that the organisation allows itself; what is left out has no bound of its own.
pub async fn quota_set(
    State(node): Asked,
    caller: Caller,
    body: Body,
) -> Result<Json<Quota>, Refusal> {
    let bounds: Bounds = read(body, "geen grenzen")?;
    let all = BoundsChange {
        day_tokens: Some(bounds.day_tokens),
        month_tokens: Some(bounds.month_tokens),
        day_euro: Some(bounds.day_euro),
        month_euro: Some(bounds.month_euro),
    };
    change_bounds(&node, &caller, &all).await
}

/// `PATCH /v1/admin/quota`: what the organisation allows itself, as far as it is named; the rest stays as it is then.
pub async fn quota_change(
    State(node): Asked,
    caller: Caller,
    body: Body,
) -> Result<Json<Quota>, Refusal> {
    let change: BoundsChange = read(body, "geen grenzen")?;
    change_bounds(&node, &caller, &change).await
}

async fn change_bounds(
    node: &Node,
    caller: &Caller,
    change: &BoundsChange,
) -> Result<Json<Quota>, Refusal> {
    let changed = columns(change)?;
    let mut client = node.pool.get().await?;
    let transaction = act(&mut client, caller).await?;
    let sql = "SELECT change_own_bounds($1)";
    transaction.execute(sql, &[&changed]).await?;
    let quota = stands(&transaction).await?;
    transaction.commit().await?;
    Ok(Json(quota))
}

/// The bounds that are named, by the names and in the units of the database.
fn columns(change: &BoundsChange) -> Result<Value, Refusal> {
    let mut named = Map::new();
    for (name, bound) in [
        ("own_day_tokens", change.day_tokens),
        ("own_month_tokens", change.month_tokens),
    ] {
        if let Some(tokens) = bound {
            let signed = tokens.map(i64::try_from).transpose();
            let signed = signed.map_err(|_| Refusal::Form("zo veel tokens zijn er niet"))?;
            named.insert(name.to_owned(), json!(signed));
        }
    }
    for (name, bound) in [
        ("own_day_micros", change.day_euro),
        ("own_month_micros", change.month_euro),
    ] {
        if let Some(euro) = bound {
            let micros = micros(euro).map_err(|_| Refusal::Form("een bedrag is 0 euro of meer"))?;
            named.insert(name.to_owned(), json!(micros));
        }
    }
    Ok(Value::Object(named))
}

async fn stands(transaction: &Transaction<'_>) -> Result<Quota, Refusal> {
    let sql = "SELECT name, day_calls, day_tokens, day_micros, month_calls, month_tokens, month_micros \
               FROM spent_by_user()";
    let users = transaction.query(sql, &[]).await?;
    let users = users.iter().map(|row| UserSpent {
        name: row.get(0),
        day: spent(row, 1),
        month: spent(row, 4),
    });
    let sql = "SELECT coalesce(sum(calls) FILTER (WHERE day = today()), 0)::bigint, \
                 coalesce(sum(tokens) FILTER (WHERE day = today()), 0)::bigint, \
                 coalesce(sum(micros) FILTER (WHERE day = today()), 0)::bigint, \
                 coalesce(sum(calls), 0)::bigint, coalesce(sum(tokens), 0)::bigint, \
                 coalesce(sum(micros), 0)::bigint \
               FROM spending WHERE day >= date_trunc('month', today())::date";
    let all = transaction.query_one(sql, &[]).await?;
    let sql = "SELECT day_tokens, month_tokens, day_micros, month_micros, \
                 own_day_tokens, own_month_tokens, own_day_micros, own_month_micros FROM budget";
    let row = transaction.query_opt(sql, &[]).await?;
    let bounds = |at| row.as_ref().map(|row| bounds(row, at)).unwrap_or_default();
    Ok(Quota {
        budget: bounds(0),
        own: bounds(4),
        day: spent(&all, 0),
        month: spent(&all, 3),
        users: users.collect(),
    })
}

/// Calls, tokens and money, from this column on.
fn spent(row: &Row, at: usize) -> Spent {
    Spent {
        calls: whole(row.get(at)),
        tokens: whole(row.get(at + 1)),
        euro: euro(row.get(at + 2)),
    }
}

/// Four bounds, from this column on.
fn bounds(row: &Row, at: usize) -> Bounds {
    let tokens = |at: usize| row.get::<_, Option<i64>>(at).map(whole);
    let money = |at: usize| row.get::<_, Option<i64>>(at).map(euro);
    Bounds {
        day_tokens: tokens(at),
        month_tokens: tokens(at + 1),
        day_euro: money(at + 2),
        month_euro: money(at + 3),
    }
}

/// `GET /v1/admin/published`: rules and experiments that are meant for the organisation, the latest first.
pub async fn published(State(node): Asked, caller: Caller) -> Result<Json<Vec<Release>>, Refusal> {
    let mut client = node.pool.get().await?;
    let transaction = act(&mut client, &caller).await?;
    let sql = "SELECT kind, version, percent, signer, organisations = '{}', published_at \
               FROM published ORDER BY place DESC LIMIT 200";
    let rows = transaction.query(sql, &[]).await?;
    transaction.commit().await?;
    let release = |row: &Row| Release {
        kind: row.get(0),
        version: row.get(1),
        percent: u8::try_from(row.get::<_, i16>(2)).unwrap_or_default(),
        signer: row.get(3),
        everyone: row.get(4),
        since: row.get(5),
    };
    Ok(Json(rows.iter().map(release).collect()))
}

/// Which page of the log.
#[derive(Deserialize)]
pub struct Page {
    /// Acts before this one.
    before: Option<i64>,
}

/// `GET /v1/admin/log`: what was done in administration, the latest first.
pub async fn log(
    State(node): Asked,
    caller: Caller,
    query: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Log>, Refusal> {
    let Query(page) = query.map_err(|_| Refusal::Form("before moet een getal zijn"))?;
    let before = page.before.unwrap_or(i64::MAX);
    let mut client = node.pool.get().await?;
    let transaction = act(&mut client, &caller).await?;
    let sql = "SELECT id, at, name, act, about, was, became FROM list_administration($1, $2)";
    let rows = transaction.query(sql, &[&before, &(PAGE + 1)]).await?;
    transaction.commit().await?;
    let record = |row: &Row| Record {
        id: row.get(0),
        at: row.get(1),
        by: row.get(2),
        act: row.get(3),
        about: row.get(4),
        was: row.get(5),
        became: row.get(6),
    };
    let most = usize::try_from(PAGE).unwrap_or_default();
    Ok(Json(Log {
        records: rows.iter().take(most).map(record).collect(),
        more: rows.len() > most,
    }))
}
