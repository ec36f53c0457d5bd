//! A row whose question falls over.

use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use begrip_mock_model::{MockConfig, MockModel};

use crate::schema::{JobAct, JobAction, JobCreate, JobItems, JobRef, JobState};
use crate::{App, ModelOverride, OpenOptions};

fn app(home: &std::path::Path, model: &MockModel) -> App {
    let mut options = OpenOptions::at(home);
    options.model = ModelOverride {
        url: Some(format!("{}/v1", model.url())),
        model: Some(begrip_mock_model::MODEL_NAME.to_owned()),
        key: None,
    };
    App::open(options).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_whose_question_falls_over_has_failed_and_the_job_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let model = MockModel::start(MockConfig::default()).await.unwrap();
    let app = app(home.path(), &model);
    let text = "term\nproefterm1\nproefterm2\nproefterm3\nproefterm2\n";
    let job: JobCreate = serde_json::from_value(serde_json::json!({
        "file": { "name": "termen.csv", "content": BASE64.encode(text) },
        "start": false,
    }))
    .unwrap();
    let job = app.job_create(job).await.unwrap();
    let all_rows = || JobItems {
        id: job.id.clone(),
        state: None,
        offset: 0,
        limit: 500,
    };
    let items = app.job_items(all_rows()).await.unwrap().items;
    let second = items
        .iter()
        .find(|item| item.input.term == "proefterm2")
        .unwrap();
    app.core
        .jobs
        .breaks_at
        .store(second.number, Ordering::SeqCst);
    let named = || JobRef { id: job.id.clone() };
    let ran = app.job_run(named(), Some(1)).await.unwrap();
    assert_eq!(ran.state, JobState::Done);
    let items = app.job_items(all_rows()).await.unwrap().items;
    let told: Vec<_> = items
        .iter()
        .map(|item| {
            (
                item.input.term.as_str(),
                item.error.as_ref().map(|error| error.code.as_str()),
            )
        })
        .collect();
    let broke = Some("BG-170");
    let all = [
        ("proefterm1", None),
        ("proefterm2", broke),
        ("proefterm3", None),
        // Whoever asks the same ends with it.
        ("proefterm2", broke),
    ];
    assert_eq!(told, all);
    assert_eq!(model.calls(), 2);
    // Once nothing falls over any more, it is asked like any failed row.
    app.core.jobs.breaks_at.store(0, Ordering::SeqCst);
    let again: JobAct =
        serde_json::from_value(serde_json::json!({ "id": job.id, "action": "retry" })).unwrap();
    assert_eq!(again.action, JobAction::Retry);
    app.job_act(again).await.unwrap();
    // It may have begun by itself.
    app.job_run(named(), Some(1)).await.ok();
    let done = async {
        while app.job_get(named()).await.unwrap().state != JobState::Done {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), done)
        .await
        .expect("the job is done");
    let items = app.job_items(all_rows()).await.unwrap().items;
    assert!(items.iter().all(|item| item.error.is_none()));
    assert_eq!(model.calls(), 3);
}
