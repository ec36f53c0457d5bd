//! What an administrator does by address: users, tokens, limits, and what is told of it.

use begrip_app::{App, OpenOptions, commands};
use begrip_sync::Sharing;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::identity::Signing;
use crate::models::{Models, answered, asking, question};
use crate::support::{Caller, Site, new, told, wait_for};

/// Asks, and what is answered to it.
pub async fn ask(caller: &Caller, method: Method, path: &str, body: Value) -> (u16, Value) {
    let mut request = caller.request(method, &format!("/v1/admin/{path}"));
    if !body.is_null() {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    (
        response.status().as_u16(),
        response.json().await.unwrap_or_default(),
    )
}

#[track_caller]
pub fn good((status, said): (u16, Value)) -> Value {
    assert_eq!(status, 200, "{said}");
    said
}

/// The name of a refusal, whose sentence ends as one.
#[track_caller]
pub fn refused((status, said): (u16, Value)) -> (u16, String) {
    assert!(said["message"].as_str().unwrap().ends_with('.'), "{said}");
    (status, said["error"].as_str().unwrap().to_owned())
}

pub async fn get(caller: &Caller, path: &str) -> Value {
    good(ask(caller, Method::GET, path, Value::Null).await)
}

pub async fn add(caller: &Caller, user: Value) -> String {
    let user = good(ask(caller, Method::POST, "users", user).await);
    format!("users/{}", user["id"].as_str().unwrap())
}

/// The acts in the log, the first first: who, what, about whom, from and to.
pub async fn log(caller: &Caller) -> Vec<String> {
    let log = get(caller, "log").await;
    let records = log["records"].as_array().unwrap().iter().rev();
    let word = |record: &Value, name: &str| record[name].as_str().unwrap_or("-").to_owned();
    records
        .map(|record| {
            ["by", "act", "about", "was", "became"]
                .map(|name| word(record, name))
                .join(" | ")
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_invited_gets_another_role_is_closed_on_every_node_and_comes_back() {
    let signing = Signing::new();
    let nodes = [signing.node(), signing.node()];
    let token = signing.site.token("OM", "administrator");
    signing
        .site
        .run(&["organisation", "domains", "OM", "add", "om.example"]);
    let admin = nodes[0].caller(&token);
    let anna = add(
        &admin,
        json!({"name": " anna ", "role": "reader", "email": "Anna@OM.example"}),
    )
    .await;
    let mut claims = signing.issuer.claims();
    claims["email_verified"] = json!(true);
    let hers = signing.issuer.sign(&claims).unwrap();
    let there = nodes[1].caller(&hers);
    let push = [new(1, "eigen", Sharing::Organisation)];
    assert!(there.try_push(&push).await.unwrap_err().starts_with("403"));
    let users = get(&admin, "users").await;
    let shown = users.as_array().unwrap().iter();
    let shown: Vec<_> = shown
        .map(|user| {
            json!([
                user["name"],
                user["email"],
                user["signs_in"],
                user["oneself"]
            ])
        })
        .collect();
    assert_eq!(
        json!(shown),
        json!([
            ["administrator van OM", null, false, true],
            ["anna", "anna@om.example", true, false]
        ])
    );
    let patch = async |change: Value| good(ask(&admin, Method::PATCH, &anna, change).await);
    assert_eq!(patch(json!({"role": "author"})).await["role"], "author");
    wait_for("the role on the other node", || async {
        there.try_push(&push).await.is_ok()
    })
    .await;
    assert_eq!(patch(json!({"closed": true})).await["closed"], true);
    wait_for("the account to close on the other node", || async {
        let response = there.get("/v1/sync/hello").await;
        response.status() != StatusCode::OK
            && told(response).await == (403, "account_closed".to_owned())
    })
    .await;
    patch(json!({"closed": false})).await;
    wait_for("her to be let in again", || async {
        there.get("/v1/sync/hello").await.status() == StatusCode::OK
    })
    .await;
    let unlinked = good(
        ask(
            &admin,
            Method::DELETE,
            &format!("{anna}/sign-in"),
            json!(null),
        )
        .await,
    );
    assert_eq!(
        [&unlinked["email"], &unlinked["signs_in"]],
        [&json!(null), &json!(false)]
    );
    wait_for("nobody to sign in as her", || async {
        there.get("/v1/sync/hello").await.status() == StatusCode::FORBIDDEN
    })
    .await;
    let by = "administrator van OM";
    assert_eq!(
        log(&admin).await[4..],
        [
            format!("{by} | user_added | anna | - | reader"),
            format!("{by} | invited | anna | - | anna@om.example"),
            format!("{by} | role_changed | anna | reader | author"),
            format!("{by} | closed | anna | - | -"),
            format!("{by} | reopened | anna | - | -"),
            format!("{by} | unlinked | anna | anna@om.example | -"),
        ]
    );
    // The operator reads the same, and their own acts stand there too.
    let report = signing
        .site
        .run(&["report", "administration", "--organisation", "OM"]);
    assert!(
        report.contains("(bediening)\torganisation_added\tOM"),
        "{report}"
    );
    assert!(
        report.contains("\tadministrator van OM\tclosed\tanna"),
        "{report}"
    );
    let other = nodes[1].caller(&signing.site.token("DJI", "administrator"));
    assert!(!json!(log(&other).await).to_string().contains("anna"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_told_once_holds_for_a_machine_alone_and_ends_at_once() {
    let site = Site::new();
    let nodes = [site.node(), site.node()];
    site.run(&["organisation", "domains", "OM", "add", "om.example"]);
    let admin = nodes[0].caller(&site.token("OM", "administrator"));
    let make = async |user: &str, days: u32| {
        let body = json!({"user": user.strip_prefix("users/").unwrap(), "days": days});
        ask(&admin, Method::POST, "tokens", body).await
    };
    let machine = add(&admin, json!({"name": "koppeling", "role": "author"})).await;
    let made = good(make(&machine, 30).await);
    let secret = made["secret"].as_str().unwrap();
    let there = nodes[1].caller(secret);
    assert_eq!(there.get("/v1/sync/hello").await.status(), StatusCode::OK);
    let listed = get(&admin, "tokens").await;
    assert!(!listed.to_string().contains(&secret[40..]), "{listed}");
    let row = &listed[1];
    assert_eq!(
        [&row["user"], &row["by"], &row["holds"]],
        [
            &json!("koppeling"),
            &json!("administrator van OM"),
            &json!(true)
        ]
    );
    assert!(row["until"].is_string(), "it ends by itself: {row}");

    // Whoever has a token of an account can act as it: no person's, and none that decides.
    let person = json!({"name": "anna", "role": "author", "email": "anna@om.example"});
    let person = add(&admin, person).await;
    assert_eq!(refused(make(&person, 1).await), (409, "person".to_owned()));
    good(
        ask(
            &admin,
            Method::DELETE,
            &format!("{person}/sign-in"),
            json!(null),
        )
        .await,
    );
    let still = refused(make(&person, 1).await);
    assert_eq!(
        still,
        (409, "person".to_owned()),
        "also after she is let go"
    );
    for role in ["reviewer", "administrator"] {
        let decides = add(&admin, json!({"name": role, "role": role})).await;
        assert_eq!(
            refused(make(&decides, 1).await),
            (409, "decides".to_owned())
        );
        let later = ask(&admin, Method::PATCH, &machine, json!({"role": role})).await;
        assert_eq!(refused(later), (409, "holds_token".to_owned()));
    }
    let invited = ask(
        &admin,
        Method::PATCH,
        &machine,
        json!({"email": "b@om.example"}),
    )
    .await;
    assert_eq!(refused(invited), (409, "holds_token".to_owned()));
    for days in [0, 366] {
        assert_eq!(
            refused(make(&machine, days).await),
            (400, "form".to_owned())
        );
    }

    let token = format!("tokens/{}", made["id"].as_str().unwrap());
    let revoked = good(ask(&admin, Method::DELETE, &token, json!(null)).await);
    assert_eq!([&revoked["holds"], &revoked["revoked"]], [false, true]);
    wait_for("the token to end on the other node", || async {
        there.get("/v1/sync/hello").await.status() == StatusCode::UNAUTHORIZED
    })
    .await;
    good(ask(&admin, Method::PATCH, &machine, json!({"role": "reviewer"})).await);
    good(
        ask(
            &admin,
            Method::PATCH,
            &machine,
            json!({"role": "reader", "closed": true}),
        )
        .await,
    );
    assert_eq!(refused(make(&machine, 1).await), (409, "closed".to_owned()));
    let said = log(&admin).await.join("\n");
    let id = made["id"].as_str().unwrap();
    for act in ["token_made | koppeling | -", "token_revoked | koppeling"] {
        assert!(said.contains(act) && said.contains(id), "{said}");
    }
    assert!(!said.contains(&secret[40..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_closes_demotes_or_unlinks_themselves_and_one_administrator_always_stays() {
    let site = Site::new();
    let nodes = [site.node(), site.node()];
    let first = nodes[0].caller(&site.token("OM", "administrator"));
    let of = ["--organisation", "OM", "--role", "administrator"];
    site.run(&[&["user", "add", "tweede"], &of[..]].concat());
    let second = site.run(&["token", "create", "tweede", "--organisation", "OM"]);
    let second = nodes[1].caller(&second);
    let users = get(&first, "users").await;
    let ids = [0, 1].map(|at| format!("users/{}", users[at]["id"].as_str().unwrap()));
    for change in [json!({"closed": true}), json!({"role": "reader"})] {
        let said = ask(&first, Method::PATCH, &ids[0], change).await;
        assert_eq!(refused(said), (409, "oneself".to_owned()));
    }
    let said = ask(
        &first,
        Method::DELETE,
        &format!("{}/sign-in", ids[0]),
        json!(null),
    )
    .await;
    assert_eq!(refused(said), (409, "oneself".to_owned()));
    for round in 0..6 {
        let change = match round % 2 {
            0 => json!({"role": "reader"}),
            _ => json!({"closed": true}),
        };
        let (one, other) = tokio::join!(
            ask(&first, Method::PATCH, &ids[1], change.clone()),
            ask(&second, Method::PATCH, &ids[0], change)
        );
        let done = [&one, &other].iter().filter(|said| said.0 == 200).count();
        assert_eq!(done, 1, "{one:?} {other:?}");
        let left = "SELECT count(*) FROM account WHERE organisation = 'OM' AND role = 'administrator' AND disabled_at IS NULL";
        assert_eq!(site.database.sql(left).unwrap().trim(), "1");
        for name in ["administrator van OM", "tweede"] {
            site.run(&[
                "user",
                "add",
                name,
                "--organisation",
                "OM",
                "--role",
                "administrator",
            ]);
        }
        for caller in [&first, &second] {
            wait_for("both to be administrators again", || async {
                ask(caller, Method::GET, "users", json!(null)).await.0 == 200
            })
            .await;
        }
    }
    for (user, why) in [
        (
            json!({"name": "tweede", "role": "reader"}),
            (409, "name_taken"),
        ),
        (json!({"name": " ", "role": "reader"}), (400, "form")),
        (json!({"name": "a\u{0}b", "role": "reader"}), (400, "form")),
        (json!({"name": "x", "role": "baas"}), (400, "form")),
        (
            json!({"name": "x", "role": "reader", "email": "geen adres"}),
            (400, "form"),
        ),
        (
            json!({"name": "x", "role": "reader", "organisation": "DJI"}),
            (400, "form"),
        ),
    ] {
        let (status, name) = refused(ask(&first, Method::POST, "users", user.clone()).await);
        assert_eq!((status, name.as_str()), why, "{user}");
    }
    site.run(&["organisation", "domains", "OM", "add", "om.example"]);
    let twice = |name: &str| json!({"name": name, "role": "reader", "email": "a@om.example"});
    add(&first, twice("x")).await;
    let said = refused(ask(&first, Method::POST, "users", twice("y")).await);
    assert_eq!(said, (409, "email_taken".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_allows_itself_less_than_the_operator_does_and_never_more() {
    let models = Models::new().await;
    let nodes = [models.node(), models.node()];
    let token = models.site.token("OM", "administrator");
    let admin = nodes[0].caller(&token);
    answered(asking(&admin, &question("vonnis"))).await;
    let quota = get(&admin, "quota").await;
    assert_eq!(
        [&quota["budget"], &quota["own"]],
        [&json!({"day_tokens": null, "month_tokens": null, "day_euro": null, "month_euro": null});
            2]
    );
    // What the call took, by the model's own log, is told of the organisation and of who asked.
    let call = &models.first.log()[0];
    let took = u64::from(call.tokens_in + call.tokens_out);
    wait_for("the call to be settled", || async {
        get(&admin, "quota").await["day"]["tokens"] == took
    })
    .await;
    let quota = get(&admin, "quota").await;
    let user = &quota["users"][0];
    assert_eq!(user["name"], "administrator van OM");
    for spent in ["day", "month"] {
        assert_eq!(user[spent], quota[spent]);
        assert_eq!(user[spent]["calls"], 1);
    }
    // Less than the operator allows holds on every node, and more is refused.
    let operator = ["organisation", "budget", "OM", "--day-tokens", "100000"];
    models.site.run(&operator);
    let set = async |bounds: Value| ask(&admin, Method::PUT, "quota", bounds).await;
    let said = refused(set(json!({"day_tokens": 100_001})).await);
    assert_eq!(said, (409, "above_budget".to_owned()));
    let said = refused(set(json!({"day_euro": -1})).await);
    assert_eq!(said, (400, "form".to_owned()));
    let quota = good(set(json!({"day_tokens": took, "month_euro": 2.5})).await);
    assert_eq!(
        [
            &quota["own"]["day_tokens"],
            &quota["own"]["month_euro"],
            &quota["budget"]["day_tokens"]
        ],
        [&json!(took), &json!(2.5), &json!(100_000)]
    );
    let there = nodes[1].caller(&token);
    assert_eq!(answered(asking(&there, &question("arrest"))).await.0, 429);
    good(set(json!({})).await);
    assert_eq!(answered(asking(&there, &question("arrest"))).await.0, 200);
    // An operator who allows less after that is heard too.
    good(set(json!({"day_tokens": 90_000})).await);
    models
        .site
        .run(&["organisation", "budget", "OM", "--day-tokens", "0"]);
    assert_eq!(answered(asking(&there, &question("beslag"))).await.0, 429);
    let by = "administrator van OM";
    let said = log(&admin).await;
    for line in [
        " | budget | day_tokens | - | 100000".to_owned(),
        format!("{by} | own_bound | month_euro | - | 2.5"),
        format!("{by} | own_bound | month_euro | 2.5 | -"),
        " | budget | day_tokens | 100000 | 0".to_owned(),
    ] {
        assert!(said.contains(&line), "{line}: {said:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_force_is_told_for_the_own_organisation_and_the_chain_by_name() {
    let site = Site::new();
    let node = site.node();
    site.database
        .sql(
            "INSERT INTO published (id, kind, version, document, signer, organisations, percent) VALUES \
             (gen_random_uuid(), 'pack', '7', '{}', 'onderhoud', '{}', 25), \
             (gen_random_uuid(), 'flags', '3', '{}', 'OM', '{OM}', 0), \
             (gen_random_uuid(), 'pack', '8', '{}', 'DJI', '{DJI}', 100)",
        )
        .unwrap();
    let om = node.caller(&site.token("OM", "administrator"));
    let releases = get(&om, "published").await;
    let releases = releases.as_array().unwrap().iter();
    let shown: Vec<_> = releases
        .map(|one| {
            ["kind", "version", "percent", "signer", "everyone"].map(|name| one[name].clone())
        })
        .collect();
    assert_eq!(
        json!(shown),
        json!([
            ["flags", "3", 0, "OM", false],
            ["pack", "7", 25, "onderhoud", true]
        ])
    );
    let organisations = get(&om, "organisations").await;
    assert_eq!(
        organisations,
        json!([
            {"name": "DJI", "title": "DJI"},
            {"name": "OM", "title": "OM"},
            {"name": "Rechtspraak", "title": "Rechtspraak"}
        ])
    );
    // The log comes in pages, and none is told twice.
    for number in 0..120 {
        add(
            &om,
            json!({"name": format!("gebruiker {number}"), "role": "reader"}),
        )
        .await;
    }
    let first = get(&om, "log").await;
    let records = first["records"].as_array().unwrap();
    assert_eq!((records.len(), &first["more"]), (100, &json!(true)));
    let before = &records[99]["id"];
    let rest = get(&om, &format!("log?before={before}")).await;
    assert_eq!(rest["more"], false);
    let rest = rest["records"].as_array().unwrap();
    assert_eq!(rest.len(), 120 + 3 - 100);
    assert!(rest[0]["id"].as_i64() < before.as_i64());
}

/// A workstation with a token, as its window and its scripts use it: by name and JSON.
struct Desk {
    _folder: tempfile::TempDir,
    app: App,
}

impl Desk {
    async fn new(url: &str, token: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = OpenOptions::at(folder.path());
        options.server.url = Some(url.to_owned());
        options.server.token = Some(token.to_owned());
        let app = tokio::task::spawn_blocking(|| App::open(options)).await;
        Self {
            _folder: folder,
            app: app.unwrap().unwrap(),
        }
    }

    async fn call(&self, command: &str, args: Value) -> Result<Value, String> {
        let called = commands::call(&self.app, command, args).await;
        called.map_err(|error| error.code)
    }

    async fn good(&self, command: &str, args: Value) -> Value {
        self.call(command, args).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workstation_administers_by_its_commands_and_is_told_what_is_not_done() {
    let site = Site::new();
    let nodes = [site.node(), site.node()];
    let desk = Desk::new(&nodes[0].url, &site.token("OM", "administrator")).await;
    let none = || Value::Null;
    assert_eq!(desk.good("sync_status", none()).await["administers"], false);
    // The server says with a sync who that is.
    desk.good("sync_now", json!({})).await;
    assert_eq!(desk.good("sync_status", none()).await["administers"], true);
    let new = json!({"name": "koppeling", "role": "author", "email": null});
    let machine = desk.good("admin_user_add", new.clone()).await;
    assert_eq!(
        desk.call("admin_user_add", new).await,
        Err("BG-843".to_owned())
    );
    let made = json!({"user": machine["id"], "days": 7});
    let made = desk.good("admin_token_make", made).await;
    let secret = made["secret"].as_str().unwrap();
    let there = nodes[1].caller(secret);
    assert_eq!(there.get("/v1/sync/hello").await.status(), StatusCode::OK);
    let tokens = desk.good("admin_tokens", none()).await;
    assert!(!tokens.to_string().contains(&secret[40..]));
    let close = json!({"role": null, "closed": true, "email": null});
    let close = |id: &Value| json!({"id": id, "change": close});
    desk.good("admin_user_change", close(&machine["id"])).await;
    wait_for("the machine to be let in nowhere", || async {
        there.get("/v1/sync/hello").await.status() == StatusCode::UNAUTHORIZED
    })
    .await;
    desk.good("admin_token_revoke", json!({"id": made["id"]}))
        .await;
    let users = desk.good("admin_users", none()).await;
    let own = &users[0]["id"];
    for (command, args, code) in [
        ("admin_user_change", close(own), "BG-841"),
        ("admin_user_unlink", json!({"id": own}), "BG-841"),
        ("admin_user_unlink", json!({"id": made["id"]}), "BG-842"),
        ("admin_token_revoke", json!({"id": own}), "BG-842"),
        (
            "admin_user_add",
            json!({"name": "x", "role": "reader", "email": "x"}),
            "BG-850",
        ),
        (
            "admin_user_add",
            json!({"name": "x", "role": "reader", "email": "x@dji.example"}),
            "BG-851",
        ),
        (
            "admin_token_make",
            json!({"user": own, "days": 7}),
            "BG-846",
        ),
        (
            "admin_token_make",
            json!({"user": machine["id"], "days": 7}),
            "BG-848",
        ),
    ] {
        let said = desk.call(command, args).await;
        assert_eq!(said, Err(code.to_owned()), "{command}");
    }
    site.run(&["organisation", "budget", "OM", "--day-tokens", "10"]);
    let above =
        json!({"day_tokens": 11, "month_tokens": null, "day_euro": null, "month_euro": null});
    let said = desk.call("admin_quota_set", above.clone()).await;
    assert_eq!(said, Err("BG-849".to_owned()));
    let mut below = above;
    below["day_tokens"] = json!(9);
    assert_eq!(
        desk.good("admin_quota_set", below).await["own"]["day_tokens"],
        9
    );
    assert_eq!(
        desk.good("admin_quota", none()).await["budget"]["day_tokens"],
        10
    );
    assert_eq!(desk.good("admin_published", none()).await, json!([]));
    assert_eq!(
        desk.good("admin_organisations", none()).await[1]["name"],
        "OM"
    );
    let log = desk.good("admin_log", json!({"before": null})).await;
    assert_eq!(log["records"][0]["act"], "own_bound");
    let second = &log["records"][1]["id"];
    let earlier = desk.good("admin_log", json!({"before": second})).await;
    assert_eq!(earlier["records"][0]["act"], "token_revoked");
    // Whoever is no administrator any more is told so at the next act.
    site.run(&[
        "user",
        "add",
        "administrator van OM",
        "--organisation",
        "OM",
        "--role",
        "reviewer",
    ]);
    wait_for("the role to end", || async {
        desk.call("admin_users", none()).await == Err("BG-840".to_owned())
    })
    .await;
    desk.good("sync_now", json!({})).await;
    assert_eq!(desk.good("sync_status", none()).await["administers"], false);
}
