//! What a server can say of rows and jobs, read on a workstation in both languages.

use begrip_app::schema::{JobRef, ServerJobRows};
use begrip_app::{App, OpenOptions};
use serde_json::{Value, json};

use crate::support::Site;

const JOB: &str = "00000000-0000-0000-0000-0000000000aa";

/// What stands in the database for a name that the server told: a sentence of its own in Dutch.
fn kept(name: &str) -> String {
    json!({"error": name, "message": format!("Zin over {name}.")}).to_string()
}

/// In English a sentence that says something; with the server's own words only where they say more than the name.
#[track_caller]
fn both(name: &str, dutch: &str, english: &str) {
    assert_eq!(dutch, format!("Zin over {name}."));
    assert!(
        english.ends_with(['.', '’']) && english.len() > 20,
        "{name}: {english}"
    );
    let own_words = ["row", "refused"].contains(&name);
    assert_eq!(english.contains(dutch), own_words, "{name}: {english}");
    assert!(
        !english.starts_with("The server says in Dutch"),
        "{name}: {english}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_name_that_the_server_tells_of_a_row_or_a_job_has_its_english_on_a_workstation() {
    let site = Site::new();
    let node = site.node();
    let token = site.token("OM", "author");
    // The names as the server describes them; its own tests hold those against what its code can say.
    let described = node.caller(&token).get("/v1/openapi.json").await;
    let described: Value = described.json().await.unwrap();
    let names = &described["components"]["schemas"]["Told"]["properties"]["error"]["enum"];
    let names = names.as_array().unwrap().iter();
    let names: Vec<&str> = names.map(|name| name.as_str().unwrap()).collect();
    assert!(names.len() > 30, "{names:?}");
    site.database
        .sql(&format!(
            "INSERT INTO job (id, organisation, account, name, model, digest, state) \
             SELECT '{JOB}', 'OM', id, 'reeks', 'groot', '', 'running' FROM account"
        ))
        .unwrap();
    for (number, name) in (1..).zip(names.iter().chain(&["iets nieuws"])) {
        site.database
            .sql(&format!(
                "INSERT INTO job_row (job, number, organisation, term, context, state, error, ended_at) \
                 VALUES ('{JOB}', {number}, 'OM', 'term {number}', '{{}}', 'failed', '{}', now())",
                kept(name)
            ))
            .unwrap();
    }

    let folder = tempfile::tempdir().unwrap();
    let mut options = OpenOptions::at(folder.path());
    options.server.url = Some(node.url.clone());
    options.server.token = Some(token);
    let app = tokio::task::spawn_blocking(|| App::open(options)).await;
    let app = app.unwrap().unwrap();
    let page = app
        .server_job_rows(ServerJobRows {
            id: JOB.to_owned(),
            state: None,
            after: 0,
            limit: 500,
        })
        .await
        .unwrap();
    let mut errors = page.rows.iter().map(|row| row.error.as_ref().unwrap());
    for name in &names {
        let error = errors.next().unwrap();
        assert_eq!(error.error, *name);
        both(name, &error.message, &error.english);
    }
    // A newer server may have a name that this program does not know: then its words go along.
    let unknown = errors.next().unwrap();
    assert_eq!(
        unknown.english,
        "The server says in Dutch: ‘Zin over iets nieuws.’"
    );

    // The same of a job that waits, and of one that the server ended.
    for name in &names {
        let mut ended: Value = serde_json::from_str(&kept(name)).unwrap();
        ended["last"] = serde_json::from_str(&kept(name)).unwrap();
        let halt = kept(name);
        site.database
            .sql(&format!(
                "UPDATE job SET halt = '{halt}', ended_why = '{ended}' WHERE id = '{JOB}'"
            ))
            .unwrap();
        let job = app.server_job_get(JobRef { id: JOB.to_owned() });
        let job = job.await.unwrap();
        let (halt, ended) = (job.halt.unwrap(), job.ended.unwrap());
        let last = ended.last.unwrap();
        both(name, &halt.message, &halt.english);
        both(name, &ended.message, &ended.english);
        both(name, &last.message, &last.english);
    }
}
