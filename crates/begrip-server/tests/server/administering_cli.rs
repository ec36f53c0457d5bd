//! What an administrator does on the command line, seen from the other side: by whom it touches, and in the log.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::administering::log;
use crate::homes::Home;
use crate::models::{Models, answered, asking, question};
use crate::support::{Site, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_adds_a_program_gives_it_a_token_and_takes_it_back_on_the_command_line() {
    let site = Site::new();
    site.run(&["organisation", "domains", "OM", "add", "om.example"]);
    let node = site.node();
    let token = site.token("OM", "administrator");
    let chief = Home::new(&node, &token, "Chef");
    chief.good(&["admin", "add-user", "nachtrun", "--role", "reader"]);
    let anna = [
        "admin",
        "add-user",
        "anna",
        "--role",
        "author",
        "--email",
        "anna@om.example",
    ];
    assert_eq!(chief.good(&anna)["email"], "anna@om.example");
    let (_, _, error) = chief.run(&[
        "admin",
        "add-user",
        "x",
        "--role",
        "author",
        "--email",
        "x@dji.example",
    ]);
    assert!(
        error.contains("BG-8"),
        "an address of another organisation: {error}"
    );

    let made = chief.good(&["admin", "make-token", "nachtrun", "--days", "30"]);
    let program = node.caller(made["secret"].as_str().unwrap());
    let hello: Value = program.get("/v1/sync/hello").await.json().await.unwrap();
    assert_eq!([&hello["account"], &hello["role"]], ["nachtrun", "reader"]);
    // Another role holds with the next question.
    chief.good(&["admin", "change-user", "nachtrun", "--role", "author"]);
    wait_for("the role", || async {
        let hello: Value = program.get("/v1/sync/hello").await.json().await.unwrap();
        hello["role"] == "author"
    })
    .await;
    let tokens = chief.good(&["admin", "tokens"]);
    let of = tokens
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["user"] == "nachtrun");
    let number = of.unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(json!(number), made["id"]);
    chief.good(&["admin", "revoke-token", &number]);
    wait_for("the end of the token", || async {
        program.get("/v1/sync/hello").await.status() == StatusCode::UNAUTHORIZED
    })
    .await;
    chief.good(&["admin", "change-user", "anna", "--close"]);
    let users = chief.good(&["admin", "users"]);
    let closed = |name: &str| {
        let mut users = users.as_array().unwrap().iter();
        users.find(|user| user["name"] == name).unwrap()["closed"].clone()
    };
    assert_eq!(
        (closed("anna"), closed("nachtrun")),
        (json!(true), json!(false))
    );
    chief.good(&["admin", "unlink-user", "anna"]);
    // For people, too.
    let output = chief.command(&["admin", "users"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("nachtrun (auteur)") && said.contains("afgesloten"),
        "{said}"
    );

    // All of it stands in the books, by whoever did it; and nobody else may.
    let acts = log(&node.caller(&token)).await;
    for act in ["user_added", "token_made", "token_revoked"] {
        let by = format!("administrator van OM | {act} | nachtrun");
        assert!(
            acts.iter().any(|line| line.starts_with(&by)),
            "{by}: {acts:?}"
        );
    }
    let told = chief.good(&["admin", "log"]);
    assert_eq!(told["records"].as_array().unwrap().len(), acts.len());
    let author = Home::new(&node, &site.token("OM", "author"), "Anna");
    let (code, _, error) = author.run(&["admin", "users"]);
    assert!(code == 1 && error.contains("BG-840"), "{error}");
    let (_, _, error) = chief.run(&["admin", "unlink-user", "niemand"]);
    assert!(error.contains("BG-842"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_of_the_command_line_stops_the_next_question_and_one_that_is_not_named_stays() {
    let models = Models::new().await;
    let node = models.node();
    let chief = Home::new(&node, &models.site.token("OM", "administrator"), "Chef");
    let author = node.caller(&models.site.token("OM", "author"));
    assert_eq!(answered(asking(&author, &question("vonnis"))).await.0, 200);
    let first = chief.good(&["admin", "quota", "--day-tokens", "1", "--month-euro", "25"]);
    assert_eq!(
        [
            &first["own"]["day_tokens"],
            &first["own"]["month_euro"],
            &first["own"]["day_euro"]
        ],
        [&json!(1), &json!(25.0), &Value::Null]
    );
    wait_for("the bound", || async {
        let (status, ..) = answered(asking(&author, &question("arrest"))).await;
        status == 429
    })
    .await;
    let calls = models.calls();
    let then = chief.good(&["admin", "quota", "--day-tokens", "geen"]);
    assert_eq!(
        [&then["own"]["day_tokens"], &then["own"]["month_euro"]],
        [&Value::Null, &json!(25.0)]
    );
    wait_for("the end of the bound", || async {
        let (status, ..) = answered(asking(&author, &question("beschikking"))).await;
        status == 200
    })
    .await;
    assert_eq!(models.calls(), calls + 1);
    let output = chief.command(&["admin", "quota"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("euro op een dag geen, in een maand 25.00"),
        "{said}"
    );
    for odd in ["veel", "nan", "inf", "-1"] {
        let (code, _, error) = chief.run(&["admin", "quota", &format!("--day-euro={odd}")]);
        assert_eq!(code, 2, "{odd}: {error}");
    }
}
