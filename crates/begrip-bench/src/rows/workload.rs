//! Many questions as people ask them: few terms very often, most of them hardly ever.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use begrip_llm::{
    CachePolicy, CacheUse, CancellationToken, Endpoint, Model, Request, Setup, Validate,
};
use begrip_measure::statistics::{Spread, Stat};
use begrip_mock_model::{MockConfig, MockModel, workload};
use begrip_store::Store;
use jiff::Timestamp;

use crate::bench::{Bench, ask_plainly, micros, plain_client};
use crate::row::{Row, Unit};
use crate::rows::repeated::requests;

/// The exponent of Zipf's law.
const S: f64 = 1.0;

/// Counts the calls for the same questions with and without the cache, by the model's own log.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let (keys, count) = (bench.pick(1_000, 40), bench.pick(10_000, 400));
    let asked = workload::zipf(keys, S, count, bench.seed);
    let questions = requests(keys)?;
    let config = || MockConfig {
        forget_bodies: true,
        ..MockConfig::default()
    };

    let mock = MockModel::start(config()).await?;
    let plain = plain_client(&mock)?;
    for key in &asked {
        ask_plainly(&plain, questions[*key].clone()).await?;
    }
    let old_calls = mock.calls();
    drop((plain, mock));

    let mock = MockModel::start(config()).await?;
    let (store, _) = Store::open(&bench.home("workload"), false, Timestamp::now())?;
    let disk = begrip_app::disk_tier(&Arc::new(store));
    let open = || -> Result<Model> {
        let model = Model::new(Setup {
            disk: Some(disk.clone()),
            ..Setup::default()
        });
        model.configure(Some(Endpoint::new(
            mock.url(),
            begrip_mock_model::MODEL_NAME,
        )))?;
        Ok(model)
    };
    let (mut hits, mut from_disk) = (Vec::new(), 0);
    let mut model = open()?;
    for (number, key) in asked.iter().enumerate() {
        // In the middle the program is closed and opened: what is kept outlives it.
        if number == count / 2 {
            model = open()?;
        }
        let (found, us) = ask(&model, questions[*key].clone()).await?;
        match found {
            CacheUse::Miss => continue,
            CacheUse::Disk => from_disk += 1,
            _ => {}
        }
        hits.push(us);
    }
    let calls = mock.calls();
    ensure!(calls + hits.len() == count, "an answer came from nowhere");
    let rate = hits.len() as f64 / count as f64 * 100.0;
    let p95 = Spread::of(&hits).map_or(0.0, |spread| spread.p95);
    Ok(vec![
        Row::new(
            "workload",
            &format!("calls for {} questions by Zipf's law", begrip_measure::page::figures(count as f64)),
            (Unit::Calls, Stat::Median),
            "`Model::ask` with both tiers, empty at first, opened anew half-way",
        )
        .ours(vec![calls as f64])
        .against("asks each of them", vec![old_calls as f64])
        .must("≥ 85 % without a call", |_| rate >= 85.0)
        .note(format!(
            "{keys} distinct questions, exponent {S}, seed {}, from an empty cache; {rate:.1} % without a call, {from_disk} of them from disk, hits p95 {p95:.1} µs; calls by the model's own log",
            bench.seed
        )),
    ])
}

async fn ask(model: &Model, request: Request) -> Result<(CacheUse, f64)> {
    let accept: Validate = Arc::new(|_| Ok(()));
    let cancel = CancellationToken::new();
    let sink = |piece: begrip_llm::Piece<'_>| {
        std::hint::black_box(piece.text.len());
    };
    let began = Instant::now();
    let answer = model
        .ask(request, CachePolicy::Use, accept, sink, &cancel)
        .await?;
    Ok((answer.cache, micros(began)))
}
