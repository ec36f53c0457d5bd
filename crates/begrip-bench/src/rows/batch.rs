//! Who works while a batch of a thousand terms runs: whether the batch takes the time of a person.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use begrip_app::App;
use begrip_app::schema::JobRef;
use begrip_measure::page::figures;
use begrip_measure::statistics::{Spread, Stat};
use begrip_mock_model::{MockConfig, MockModel};
use serde_json::json;

use super::drafting::asked;
use super::open_loop::model_time;
use crate::bench::{Bench, call, define, micros, open, refused};
use crate::row::{Row, Unit};
use crate::{corpus, question};

/// Questions of the batch under way at one time, the most that there can be.
const AT_ONCE: u32 = 16;

/// What a person waited for.
#[derive(Default)]
struct Waited {
    drafts_ms: Vec<f64>,
    checks_us: Vec<f64>,
}

/// Measures in turn with the batch running and with the batch paused.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let mock = MockModel::start(MockConfig {
        latency: model_time(bench),
        forget_bodies: true,
        ..MockConfig::default()
    })
    .await?;
    let app = open(&bench.home("batch"), Some(&mock))?;
    define(&app, "contactverbod", "warm", false).await?;
    let rows = bench.pick(1_000, 40);
    let job = batch(&app, rows).await?;
    let (mut without, mut during) = (Waited::default(), Waited::default());
    let mut terms = (0..).map(corpus::term);
    let (rounds, drafts) = (bench.pick(8, 1), bench.pick(10, 2));
    let checks = bench.pick(40, 4);
    for _ in 0..rounds {
        let some: Vec<String> = terms.by_ref().take(2 * drafts).collect();
        let (first, second) = some.split_at(drafts);
        work(&app, first, checks, &mut without).await?;
        let running = tokio::spawn({
            let (app, job) = (app.clone(), job.clone());
            async move { app.job_run(job, Some(AT_ONCE)).await.map_err(refused) }
        });
        let before = mock.calls();
        while mock.calls() < before + AT_ONCE as usize && !running.is_finished() {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        work(&app, second, checks, &mut during).await?;
        app.job_interrupt(job.clone()).await.map_err(refused)?;
        running.await??;
    }
    let done = call(&app, "job_get", json!(job)).await?["done"]
        .as_u64()
        .context("rows that are done")?;
    let most = 1.1 * Spread::of(&without.drafts_ms).map_or(0.0, |spread| spread.p95);
    let p95 = |samples: &[f64]| Spread::of(samples).map_or(0.0, |spread| spread.p95);
    Ok(vec![
        Row::new(
            "batch_draft",
            &format!(
                "a draft for a person while a batch of {} terms runs",
                figures(rows as f64)
            ),
            (Unit::Millis, Stat::P95),
            "the command `define` beside the batch, which has 16 questions under way",
        )
        .ours(during.drafts_ms)
        .against("the same with the batch paused; they take turns", without.drafts_ms)
        .must("p95 within 10 % of without the batch", |s| s.p95 <= most)
        .note(format!(
            "{done} rows of the batch were done meanwhile. The command `check`, p95: {} beside the batch, {} without it",
            Unit::Micros.show(p95(&during.checks_us)),
            Unit::Micros.show(p95(&without.checks_us))
        )),
    ])
}

/// A batch that has not begun; none of its terms is asked for otherwise.
async fn batch(app: &App, rows: usize) -> Result<JobRef> {
    let mut table = String::from("term\n");
    for row in 0..rows {
        writeln!(table, "{}", corpus::term(10_000 + row))?;
    }
    let file = json!({ "name": "reeks.csv", "content": STANDARD.encode(table) });
    let job = call(app, "job_create", json!({ "file": file })).await?;
    let id = job["id"].as_str().context("an id")?.to_owned();
    Ok(JobRef { id })
}

/// A person who has these terms drafted, all at one time, and meanwhile has a text checked again and again.
async fn work(app: &App, terms: &[String], checks: usize, waited: &mut Waited) -> Result<()> {
    let drafts = futures_util::future::try_join_all(terms.iter().map(|term| asked(app, term)));
    let checked = async {
        let mut took = Vec::new();
        for _ in 0..checks {
            let args = json!({
                "term": "dwangsom",
                "text": "bedrag dat iemand betaalt zolang hij een bevel niet nakomt",
                "context": question::context()?,
            });
            let began = std::time::Instant::now();
            let report = call(app, "check", args).await?;
            took.push(micros(began));
            ensure!(report["findings"].is_array(), "a check without findings");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        Ok(took)
    };
    let (drafts, took) = tokio::try_join!(drafts, checked)?;
    waited
        .drafts_ms
        .extend(drafts.iter().map(|(_, whole, _)| whole));
    waited.checks_us.extend(took);
    Ok(())
}
