//! Two administrators who set bounds of one organisation at one time: neither undoes what the other did.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use begrip_app::{App, OpenOptions, commands};
use reqwest::Method;
use serde_json::{Value, json};

use crate::administering::{ask, get, good, log, refused};
use crate::homes::Home;
use crate::polling::pass_on;
use crate::support::{Caller, Site, listening};

/// The token of another administrator of the OM.
fn deputy(site: &Site<'_>) -> String {
    let of = ["--organisation", "OM"];
    site.run(
        &[
            &["user", "add", "plaatsvervanger", "--role", "administrator"][..],
            &of[..],
        ]
        .concat(),
    );
    site.run(&[&["token", "create", "plaatsvervanger"][..], &of[..]].concat())
}

async fn patch(caller: &Caller, change: Value) -> (u16, Value) {
    ask(caller, Method::PATCH, "quota", change).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_that_is_not_named_stays_whoever_set_it_and_each_change_stands_in_the_log() {
    let site = Site::new();
    let nodes = [site.node(), site.node()];
    let chief = nodes[0].caller(&site.token("OM", "administrator"));
    let deputy = nodes[1].caller(&deputy(&site));
    good(patch(&chief, json!({"day_tokens": 500, "month_euro": 10})).await);
    // Each writes what the other has not seen.
    good(patch(&deputy, json!({"month_tokens": 9_000})).await);
    let stands = good(patch(&chief, json!({"day_euro": 1.25, "month_euro": null})).await);
    let own =
        json!({"day_tokens": 500, "month_tokens": 9_000, "day_euro": 1.25, "month_euro": null});
    assert_eq!(stands["own"], own);
    assert_eq!(get(&deputy, "quota").await["own"], own);
    // An operator who allows less now is no reason to refuse another bound, only one that is named.
    site.run(&["organisation", "budget", "OM", "--day-tokens", "100"]);
    let stands = good(patch(&deputy, json!({"month_tokens": 8_000})).await);
    assert_eq!(
        [&stands["own"]["day_tokens"], &stands["own"]["month_tokens"]],
        [&json!(500), &json!(8_000)]
    );
    let said = refused(patch(&deputy, json!({"day_tokens": 101})).await);
    assert_eq!(said, (409, "above_budget".to_owned()));
    for odd in [
        json!({"day_euro": -1}),
        json!({"week_euro": 1}),
        json!({"day_tokens": "5"}),
        // The operator's column: it is none of theirs to name.
        json!({"own_day_tokens": 5}),
    ] {
        let said = refused(patch(&deputy, odd).await);
        assert_eq!(said, (400, "form".to_owned()));
    }
    // Nothing named, nothing changed, nothing in the log.
    let before = log(&chief).await;
    good(patch(&chief, json!({})).await);
    assert_eq!(log(&chief).await, before);
    let by_both = before
        .iter()
        .filter(|line| line.contains(" | own_bound | "));
    let by_both: Vec<&str> = by_both.map(String::as_str).collect();
    assert_eq!(
        by_both,
        [
            "administrator van OM | own_bound | day_tokens | - | 500",
            "administrator van OM | own_bound | month_euro | - | 10",
            "plaatsvervanger | own_bound | month_tokens | - | 9000",
            "administrator van OM | own_bound | day_euro | - | 1.25",
            "administrator van OM | own_bound | month_euro | 10 | -",
            "plaatsvervanger | own_bound | month_tokens | 9000 | 8000",
        ]
    );
    // Whoever says all of it at once has that: what is left out has no bound then.
    let stands = good(ask(&chief, Method::PUT, "quota", json!({"day_euro": 3})).await);
    assert_eq!(
        stands["own"],
        json!({"day_tokens": null, "month_tokens": null, "day_euro": 3.0, "month_euro": null})
    );
}

/// Stands between the chief's workstation and the server: just before anything is written, the deputy writes.
#[derive(Clone)]
struct Between {
    server: String,
    http: reqwest::Client,
    deputy: Caller,
}

async fn pass(State(between): State<Between>, request: Request) -> Response {
    if request.uri().path() == "/v1/admin/quota" && request.method() != Method::GET {
        good(patch(&between.deputy, json!({"month_euro": 25})).await);
    }
    pass_on(&between.http, &between.server, request, |_| ()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_and_the_screen_leave_what_a_colleague_set_just_before() {
    let site = Site::new();
    let node = site.node();
    let token = site.token("OM", "administrator");
    let between = Between {
        server: node.url.clone(),
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
        deputy: node.caller(&deputy(&site)),
    };
    let router = Router::new().fallback(pass).with_state(between.clone());
    let line = listening(router).await;

    let mut chief = Home::new(&node, &token, "Chef");
    chief.url.clone_from(&line);
    let first = chief.good(&["admin", "quota", "--day-tokens", "700"]);
    let then = chief.good(&["admin", "quota", "--day-tokens", "geen"]);
    let bounds = |day: Value, month: Value| json!({"day_tokens": day, "month_tokens": null, "day_euro": null, "month_euro": month});
    assert_eq!(first["own"], bounds(json!(700), json!(25.0)));
    assert_eq!(then["own"], bounds(Value::Null, json!(25.0)));

    // The screen shows what it was told, and sends what the user changed of it.
    good(patch(&between.deputy, json!({"month_euro": null})).await);
    let folder = tempfile::tempdir().unwrap();
    let mut options = OpenOptions::at(folder.path());
    options.server.url = Some(line);
    options.server.token = Some(token);
    let app = tokio::task::spawn_blocking(|| App::open(options)).await;
    let app = app.unwrap().unwrap();
    let call =
        async |command: &str, args: Value| commands::call(&app, command, args).await.unwrap();
    let shown = call("admin_quota", Value::Null).await;
    assert_eq!(shown["own"], bounds(Value::Null, Value::Null));
    let kept = call("admin_quota_set", json!({"day_tokens": 300})).await;
    assert_eq!(kept["own"], bounds(json!(300), json!(25.0)));
}
