//! What of a file leaves a workstation.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use begrip_app::schema::{JobFile, ServerJobCreate, ServerJobRows};
use begrip_app::{App, OpenOptions};
use begrip_interchange::Sheet;
use serde_json::json;

use crate::homes::Home;
use crate::jobs::rows;
use crate::models::Models;
use crate::polling::pass_on;
use crate::support::listening;

/// Stands between a workstation and the server, and keeps what came by on its way to a batch.
#[derive(Clone)]
struct Line {
    server: String,
    http: reqwest::Client,
    seen: Arc<Mutex<Vec<String>>>,
}

async fn pass(State(line): State<Line>, request: Request) -> Response {
    let (head, seen) = (format!("{} {}", request.method(), request.uri()), line.seen);
    pass_on(&line.http, &line.server, request, |body| {
        if head.starts_with("POST") {
            let body = String::from_utf8_lossy(body);
            seen.lock().unwrap().push(format!("{head}\n{body}"));
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_a_workstation_but_the_terms_with_their_context_and_category() {
    let models = Models::new().await;
    let node = models.node();
    let token = models.site.token("OM", "author");
    let line = Line {
        server: node.url.clone(),
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
        seen: Arc::default(),
    };
    let router = Router::new().fallback(pass).with_state(line.clone());
    let url = listening(router).await;

    // Of a terminal: a cell beyond the heading, a category and a term that are texts.
    let mut home = Home::new(&node, &token, "Anna");
    home.url = url.clone();
    let file = models.folder().join("zaak Pietersen.csv");
    let path = file.to_str().unwrap();
    let long = "Pietersen ".repeat(40);
    let text = format!(
        "term;categorie\ncontactverbod;proces\n\nvonnis;;Pietersen belde\narrest;over Pietersen\n{long};\n"
    );
    std::fs::write(&file, text).unwrap();
    let (_, job, error) = home.run(&["batch", "--server", path]);
    assert_eq!(
        (&job["name"], &job["done"], &job["failed"]),
        (&json!("reeks van 4 rijen"), &json!(1), &json!(3)),
        "{error}"
    );
    let caller = node.caller(&token);
    let there = rows(&caller, job["id"].as_str().unwrap()).await;
    let told: Vec<String> = there
        .iter()
        .map(|row| format!("{} {}", row["number"], row["error"]["message"]))
        .collect();
    let expected = [
        ("2 ", "null"),
        ("4 ", "meer cellen dan kolommen"),
        ("5 ", "deze categorie bestaat niet"),
        ("6 ", "de term is langer"),
    ];
    assert_eq!(told.len(), expected.len());
    for (told, (number, why)) in told.iter().zip(expected) {
        assert!(told.starts_with(number) && told.contains(why), "{told}");
    }
    std::fs::write(&file, "term;\nvonnis;Pietersen belde\n").unwrap();
    let (_, _, error) = home.run(&["batch", "--server", path]);
    assert!(error.contains("kolom 2"), "{error}");

    // Of the window: a workbook, and the same wish again.
    let folder = tempfile::tempdir().unwrap();
    let mut options = OpenOptions::at(folder.path());
    options.server.url = Some(url);
    options.server.token = Some(token);
    let app = tokio::task::spawn_blocking(|| App::open(options))
        .await
        .unwrap()
        .unwrap();
    let sheet = Sheet {
        name: "Pietersen".to_owned(),
        headings: vec!["Term".to_owned()],
        rows: vec![vec!["gebiedsgebod".into()]],
    };
    let wish = ServerJobCreate {
        file: JobFile {
            name: "zaak Pietersen.xlsx".to_owned(),
            content: BASE64.encode(sheet.xlsx().unwrap()),
        },
        key: Some("een keuze".to_owned()),
    };
    let made = app.server_job_create(wish.clone()).await.unwrap();
    let again = app.server_job_create(wish).await.unwrap();
    assert_eq!((&made.id, made.total), (&again.id, 1));
    assert_eq!(made.name, "reeks van 1 rij");

    // A screen in English tells in English why a row failed, with what only the server can say.
    let failed = ServerJobRows {
        id: job["id"].as_str().unwrap().to_owned(),
        state: None,
        after: 0,
        limit: 500,
    };
    let page = app.server_job_rows(failed).await.unwrap();
    let errors: Vec<_> = page
        .rows
        .iter()
        .filter_map(|row| row.error.as_ref())
        .collect();
    assert_eq!(errors.len(), 3);
    for error in errors {
        let (english, dutch) = (&error.english, &error.message);
        assert!(
            english.starts_with("This row cannot be asked."),
            "{english}"
        );
        assert!(english.contains(dutch.as_str()), "{english}");
    }

    let seen = line.seen.lock().unwrap().clone();
    let made: Vec<&String> = seen
        .iter()
        .filter(|asked| asked.contains("/v1/jobs?"))
        .collect();
    assert_eq!(
        made.len(),
        3,
        "a file with another column is not sent: {seen:?}"
    );
    for asked in &seen {
        assert!(
            !asked.contains("Pietersen") && !asked.contains("PK"),
            "{asked}"
        );
    }
    assert!(made[2].ends_with("\nterm\ngebiedsgebod\n"), "{}", made[2]);
}
