//! Who gets what at each address, and how much of it.

use std::collections::BTreeSet;

use begrip_sync::Sharing;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::identity::Signing;
use crate::support::{Caller, Node, Site, concept, new, told};

/// What each kind of caller gets: of the own organisation, of another, in too small a role (a reader),
/// with a token that has expired (our own, or one of an issuer), without any. Under `/v1/admin/` the first
/// two are administrators, and a reviewer is too small.
const MATRIX: [(&str, &str, [u16; 5]); 39] = [
    ("GET", "/v1/sync/hello", [200, 200, 200, 401, 401]),
    ("POST", "/v1/sync/commands", [200, 200, 403, 401, 401]),
    ("GET", "/v1/sync/changes", [200, 200, 200, 401, 401]),
    ("GET", "/v1/sync/ranges/{range}", [200, 200, 200, 401, 401]),
    ("GET", "/v1/sync/events", [200, 200, 200, 401, 401]),
    (
        "GET",
        "/v1/concepts/{concept}/trail",
        [200, 404, 200, 401, 401],
    ),
    // No model is set up here, and the question is none.
    ("POST", "/v1/chat/completions", [400, 400, 403, 401, 401]),
    ("POST", "/v1/embeddings", [400, 400, 403, 401, 401]),
    ("GET", "/v1/models", [200, 200, 200, 401, 401]),
    ("GET", "/v1/usage", [200, 200, 200, 401, 401]),
    // What is posted is no list of terms.
    ("POST", "/v1/jobs", [400, 400, 403, 401, 401]),
    ("GET", "/v1/jobs", [200, 200, 403, 401, 401]),
    ("GET", "/v1/jobs/{job}", [200, 404, 403, 401, 401]),
    ("GET", "/v1/jobs/{job}/events", [200, 404, 403, 401, 401]),
    ("GET", "/v1/jobs/{job}/rows", [200, 404, 403, 401, 401]),
    ("GET", "/v1/jobs/{job}/results", [200, 404, 403, 401, 401]),
    ("POST", "/v1/jobs/{job}/cancel", [200, 404, 403, 401, 401]),
    ("POST", "/v1/jobs/{job}/retry", [200, 404, 403, 401, 401]),
    ("GET", "/v1/published", [200, 200, 200, 401, 401]),
    ("GET", "/v1/published/{id}", [200, 404, 200, 401, 401]),
    ("GET", "/v1/admin/organisations", [200, 200, 403, 401, 401]),
    ("GET", "/v1/admin/users", [200, 200, 403, 401, 401]),
    ("POST", "/v1/admin/users", [200, 200, 403, 401, 401]),
    ("PATCH", "/v1/admin/users/{user}", [200, 404, 403, 401, 401]),
    (
        "DELETE",
        "/v1/admin/users/{user}/sign-in",
        [200, 404, 403, 401, 401],
    ),
    ("GET", "/v1/admin/tokens", [200, 200, 403, 401, 401]),
    ("POST", "/v1/admin/tokens", [200, 404, 403, 401, 401]),
    (
        "DELETE",
        "/v1/admin/tokens/{token}",
        [200, 404, 403, 401, 401],
    ),
    ("GET", "/v1/admin/quota", [200, 200, 403, 401, 401]),
    ("PUT", "/v1/admin/quota", [200, 200, 403, 401, 401]),
    ("PATCH", "/v1/admin/quota", [200, 200, 403, 401, 401]),
    ("GET", "/v1/admin/published", [200, 200, 403, 401, 401]),
    ("GET", "/v1/admin/log", [200, 200, 403, 401, 401]),
    ("GET", "/v1/identity", [200, 200, 200, 200, 200]),
    ("GET", "/v1/openapi.json", [200, 200, 200, 200, 200]),
    ("GET", "/health/live", [200, 200, 200, 200, 200]),
    ("GET", "/health/ready", [200, 200, 200, 200, 200]),
    ("GET", "/metrics", [200, 200, 200, 200, 200]),
    ("GET", "/metrics.json", [200, 200, 200, 200, 200]),
];

/// The number of a file and of a job that are for one organisation.
const PUBLISHED: &str = "00000000-0000-0000-0000-000000000001";

/// A user of the OM, and a token of theirs, whom administration is about.
const USER: &str = "00000000-0000-0000-0000-000000000002";
const TOKEN: &str = "00000000-0000-0000-0000-000000000003";

/// An address with values in it.
fn filled(path: &str) -> String {
    let path = path.replace("{user}", USER).replace("{token}", TOKEN);
    let path = path.replace("{range}", "1");
    let path = path.replace("{concept}", &concept(1).to_string());
    let path = path.replace("{id}", PUBLISHED);
    let path = path.replace("{job}", PUBLISHED);
    match path.as_str() {
        "/v1/sync/changes" => format!("{path}?after=0"),
        _ => path,
    }
}

/// What is sent to an address that takes something.
fn body(method: &Method, path: &str) -> Option<Value> {
    match (method, path) {
        (&Method::POST, "/v1/admin/users") => Some(json!({"name": "nieuw", "role": "reader"})),
        (&Method::POST, "/v1/admin/tokens") => Some(json!({"user": USER, "days": 1})),
        (&Method::PATCH | &Method::PUT, _) => Some(json!({})),
        (&Method::POST, _) => Some(json!({"commands": []})),
        _ => None,
    }
}

#[tokio::test]
async fn every_address_answers_each_kind_of_caller_as_the_matrix_says() {
    let signing = Signing::new();
    let (site, node) = (&signing.site, signing.node());
    // What the program serves is what stands in the matrix, no more and no less.
    let served = site.run(&["routes"]);
    let served: BTreeSet<(&str, &str, bool)> = served
        .lines()
        .map(|line| {
            let mut parts = line.split('\t');
            let mut part = || parts.next().unwrap();
            (part(), part(), part() == "anybody")
        })
        .collect();
    let listed = MATRIX.map(|(method, path, codes)| (method, path, codes[4] == 200));
    assert_eq!(served, BTreeSet::from(listed));

    site.database
        .sql(&format!("INSERT INTO account (id, organisation, name, role) VALUES ('{USER}', 'OM', 'machine', 'author'); INSERT INTO token (id, account, hash) VALUES ('{TOKEN}', '{USER}', '')"))
        .unwrap();
    let own = node.caller(&site.token("OM", "author"));
    own.push(&[new(1, "eigen", Sharing::Organisation)]).await;
    site.database
        .sql(&format!("INSERT INTO published (id, kind, version, document, signer, organisations, percent) VALUES ('{PUBLISHED}', 'pack', '1', '{{}}', '', '{{OM}}', 100)"))
        .unwrap();
    site.database
        .sql(&format!("INSERT INTO job (id, organisation, account, name, model, digest, state) SELECT '{PUBLISHED}', 'OM', id, 'x', 'x', '', 'done' FROM account WHERE organisation = 'OM' LIMIT 1"))
        .unwrap();
    let expired = node.caller(&site.token("Rechtspraak", "administrator"));
    site.database.sql("UPDATE token SET expires_at = now() - interval '1 second' WHERE account IN (SELECT id FROM account WHERE organisation = 'Rechtspraak')").unwrap();
    let callers = [
        own.clone(),
        node.caller(&site.token("DJI", "administrator")),
        node.caller(&site.token("OM", "reader")),
        expired,
    ]
    .map(|caller| Some(caller.token));
    signing.anna("administrator", &["--subject", "anna-1"]);
    let mut claims = signing.issuer.claims();
    claims["exp"] = json!(signing.issuer.now() - 90);
    let signed = signing.issuer.sign(&claims).unwrap();
    // Whoever signed in too long ago gets what any expired token gets.
    let tokens = callers.into_iter().chain([None, Some(signed)]);
    let tokens: Vec<Option<String>> = tokens.collect();
    let mut administering = tokens.clone();
    administering[0] = Some(site.token("OM", "administrator"));
    administering[2] = Some(site.token("OM", "reviewer"));
    for (method, path, codes) in MATRIX {
        let method: Method = method.parse().unwrap();
        let url = format!("{}{}", node.url, filled(path));
        let codes = codes.into_iter().chain([codes[3]]);
        let tokens = match path.starts_with("/v1/admin/") {
            true => &administering,
            false => &tokens,
        };
        for (kind, (code, token)) in codes.zip(tokens).enumerate() {
            let request = own.http.request(method.clone(), &url);
            let mut request = request.header("begrip-protocol", "1");
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            if let Some(body) = body(&method, path) {
                request = request.json(&body);
            }
            let response = request.send().await.unwrap();
            let status = response.status();
            // A line of events has no end.
            let said = match status.is_success() {
                true => String::new(),
                false => response.text().await.unwrap(),
            };
            assert_eq!(
                status.as_u16(),
                code,
                "{method} {path}, caller {kind}: {said}"
            );
        }
    }
}

fn node_with(site: &Site<'_>, set: &[(&str, &str)]) -> Node {
    let mut command = site.command(&["serve"]);
    command.envs(set.iter().copied());
    Node::of(command)
}

/// Asks until somebody is told to wait; fails when nobody is.
async fn until_told(caller: &Caller) -> reqwest::Response {
    for _ in 0..40 {
        let response = caller.get("/v1/sync/hello").await;
        if response.status() != StatusCode::OK {
            return response;
        }
    }
    panic!("asked without end")
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_when_to_come_back_and_others_are_served() {
    let site = Site::new();
    let node = node_with(
        &site,
        &[
            ("BEGRIP_SERVER_RATE_USER", "6"),
            ("BEGRIP_SERVER_RATE_ORGANISATION", "10"),
        ],
    );
    let [first, second] = ["author", "reader"].map(|role| node.caller(&site.token("OM", role)));
    let other = node.caller(&site.token("DJI", "author"));
    // One user is stopped by the own bound, the colleague by that of the organisation.
    for caller in [&first, &second] {
        let response = until_told(caller).await;
        let after = response.headers()["retry-after"].to_str().unwrap();
        assert!(after.parse::<u32>().unwrap() >= 1);
        // Whoever comes again after that is welcome.
        assert!(!response.headers().contains_key("x-should-retry"));
        assert_eq!(told(response).await, (429, "too_often".to_owned()));
    }
    assert_eq!(other.get("/v1/sync/hello").await.status(), StatusCode::OK);
    assert_eq!(other.get("/health/live").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_request_that_is_too_large_or_compressed_is_not_read() {
    let site = Site::new();
    let node = node_with(&site, &[("BEGRIP_SERVER_BODY_KB", "16")]);
    let token = site.token("OM", "author");
    for (coding, bytes, expected) in [
        (None, 17 << 10, (413, "too_large")),
        // A few bytes may unpack to gigabytes: nothing is unpacked.
        (Some("gzip"), 100, (415, "compressed")),
        (Some("br"), 17 << 10, (415, "compressed")),
    ] {
        // On a line of its own: the server hangs up on what it does not read.
        let caller = node.caller(&token);
        let mut request = caller.request(Method::POST, "/v1/sync/commands");
        if let Some(coding) = coding {
            request = request.header("content-encoding", coding);
        }
        let response = request.body("x".repeat(bytes)).send().await.unwrap();
        let (status, name) = told(response).await;
        assert_eq!((status, name.as_str()), expected, "{coding:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_served_in_time_is_told_to_come_back_and_the_server_goes_on() {
    let site = Site::new();
    let node = node_with(
        &site,
        &[
            ("BEGRIP_SERVER_POOL", "1"),
            ("BEGRIP_SERVER_TIMEOUT_S", "5"),
        ],
    );
    let caller = node.caller(&site.token("OM", "author"));
    assert_eq!(caller.get("/v1/sync/hello").await.status(), StatusCode::OK);
    // Somebody holds the lock on all changes.
    let url = site.database.url("begrip_owner");
    let (holder, line) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(line);
    let lock = "BEGIN; SELECT 1 FROM server FOR UPDATE";
    holder.batch_execute(lock).await.unwrap();
    let push = caller
        .request(Method::POST, "/v1/sync/commands")
        .json(&json!({"commands": []}));
    let slow = tokio::spawn(async { told(push.send().await.unwrap()).await });
    let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    crate::support::wait_for("a push to wait", || async {
        site.database.sql(waits).unwrap().trim() != "0"
    })
    .await;
    // The only connection with the database is in use.
    let response = caller.get("/v1/sync/hello").await;
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(told(response).await, (503, "busy".to_owned()));
    assert_eq!(slow.await.unwrap(), (503, "too_long".to_owned()));
    holder.batch_execute("ROLLBACK").await.unwrap();
    crate::support::wait_for("the server to go on", || async {
        caller.get("/v1/sync/hello").await.status() == StatusCode::OK
    })
    .await;
}
