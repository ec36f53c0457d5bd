//! The addresses.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Form, Query, State as With};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::state::{Code, Person, State, now};

type Shared = Arc<Mutex<State>>;

pub(crate) fn router(state: Shared) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(description))
        .route("/keys", get(keys))
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .route("/revoke", post(revoke))
        .with_state(state)
}

fn lock(state: &Shared) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn description(With(state): With<Shared>) -> Json<Value> {
    let mut state = lock(&state);
    state.counts.descriptions += 1;
    let url = &state.url;
    let mut told = json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
        "authorization_response_iss_parameter_supported": true,
    });
    if state.plan.revokes {
        told["revocation_endpoint"] = json!(format!("{url}/revoke"));
    }
    Json(told)
}

async fn keys(With(state): With<Shared>) -> Result<Json<Value>, StatusCode> {
    let mut state = lock(&state);
    state.counts.keys += 1;
    if state.plan.no_keys {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    let keys: Vec<&Value> = state.keys.iter().map(|key| key.public()).collect();
    Ok(Json(json!({"keys": keys})))
}

#[derive(Deserialize)]
struct Authorize {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    state: String,
    scope: String,
    nonce: Option<String>,
    code_challenge: String,
    code_challenge_method: String,
}

/// Signs in the person of the plan at once.
async fn authorize(
    With(state): With<Shared>,
    Query(asked): Query<Authorize>,
) -> Result<Response, StatusCode> {
    let mut state = lock(&state);
    let right = asked.response_type == "code"
        && asked.client_id == state.client
        && asked.redirect_uri.starts_with("http://127.0.0.1:")
        && asked.code_challenge_method == "S256"
        && asked.scope.split(' ').any(|scope| scope == "openid");
    if !right {
        return Err(StatusCode::BAD_REQUEST);
    }
    let back = match state.plan.other_state {
        true => "anders",
        false => &asked.state,
    };
    let issuer = state.url.replace(':', "%3A").replace('/', "%2F");
    let answer = match &state.plan.denies {
        Some(error) => format!("error={error}"),
        None => format!("code={}", give(&mut state, &asked)),
    };
    let address = format!("{}?{answer}&state={back}&iss={issuer}", asked.redirect_uri);
    Ok(Redirect::to(&address).into_response())
}

fn give(state: &mut State, asked: &Authorize) -> String {
    let name = Uuid::new_v4().simple().to_string();
    let code = Code {
        challenge: asked.code_challenge.clone(),
        nonce: asked.nonce.clone(),
        redirect: asked.redirect_uri.clone(),
        person: state.plan.person.clone(),
    };
    state.codes.insert(name.clone(), code);
    name
}

#[derive(Deserialize)]
struct Asked {
    grant_type: String,
    client_id: String,
    code: Option<String>,
    code_verifier: Option<String>,
    redirect_uri: Option<String>,
    refresh_token: Option<String>,
}

async fn token(With(state): With<Shared>, Form(asked): Form<Asked>) -> Response {
    let mut state = lock(&state);
    let given = match asked.grant_type.as_str() {
        _ if asked.client_id != state.client => None,
        "authorization_code" => exchange(&mut state, &asked),
        "refresh_token" => renew(&mut state, &asked),
        _ => None,
    };
    match given {
        Some(given) => Json(given).into_response(),
        None => {
            let told = Json(json!({"error": "invalid_grant"}));
            (StatusCode::BAD_REQUEST, told).into_response()
        }
    }
}

fn exchange(state: &mut State, asked: &Asked) -> Option<Value> {
    let code = state.codes.remove(asked.code.as_deref()?)?;
    let proof = Sha256::digest(asked.code_verifier.as_deref()?);
    let bound = BASE64.encode(proof) == code.challenge
        && asked.redirect_uri.as_deref() == Some(code.redirect.as_str());
    if !bound {
        return None;
    }
    state.counts.codes += 1;
    state.sign_ins += 1;
    let sign_in = state.sign_ins;
    let nonce = match state.plan.other_nonce {
        true => Some("anders".to_owned()),
        false => code.nonce,
    };
    let mut about = state.claims(&code.person);
    about["aud"] = json!(state.client);
    about["exp"] = json!(now() + 300);
    about["nonce"] = json!(nonce);
    let id_token = state.key().ok()?.sign(&about).ok()?;
    let mut given = tokens(state, sign_in, code.person)?;
    given["id_token"] = json!(id_token);
    Some(given)
}

/// Each refresh token once; one that comes twice ends its sign-in.
fn renew(state: &mut State, asked: &Asked) -> Option<Value> {
    let name = asked.refresh_token.as_deref()?;
    if let Some(sign_in) = state.used.get(name).copied() {
        state.ended.insert(sign_in);
        return None;
    }
    let (sign_in, person) = state.refresh.remove(name)?;
    state.used.insert(name.to_owned(), sign_in);
    if state.ended.contains(&sign_in) {
        return None;
    }
    state.counts.renewals += 1;
    tokens(state, sign_in, person)
}

fn tokens(state: &mut State, sign_in: usize, person: Person) -> Option<Value> {
    let access = state.key().ok()?.sign(&state.claims(&person)).ok()?;
    let mut given = json!({
        "token_type": "Bearer",
        "access_token": access,
        "expires_in": state.plan.access_seconds.max(0),
    });
    if state.plan.renews {
        let refresh = Uuid::new_v4().simple().to_string();
        given["refresh_token"] = json!(refresh);
        state.refresh.insert(refresh, (sign_in, person));
    }
    Some(given)
}

#[derive(Deserialize)]
struct Revoke {
    token: String,
}

async fn revoke(With(state): With<Shared>, Form(asked): Form<Revoke>) -> StatusCode {
    let mut state = lock(&state);
    if let Some((sign_in, _)) = state.refresh.remove(&asked.token) {
        state.ended.insert(sign_in);
        state.counts.revocations += 1;
    }
    StatusCode::OK
}
