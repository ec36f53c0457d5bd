//! The same question again: from memory, from disk, and through the whole command.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use begrip_app::App;
use begrip_llm::tier::{DiskTier, Stored, Tags};
use begrip_llm::{
    CachePolicy, CacheScope, CacheUse, CancellationToken, DataClass, Endpoint, Model, Request,
    Setup, Usage, Validate, key_of,
};
use begrip_measure::statistics::{Spread, Stat};
use begrip_mock_model::{MockConfig, MockModel, replies};
use begrip_prompt::{reply_schema, response_format};
use begrip_rules::RulePack;
use begrip_store::Store;
use jiff::Timestamp;

use crate::bench::{Bench, ask_plainly, define, micros, open, plain_client};
use crate::question;
use crate::row::{Row, Unit};

/// Hits that follow each other, between the calls of the old way. The first of them finds the processor busy with
/// the ends of those calls; the tiers of peers were measured without such company, so it is told apart.
const BLOCK: usize = 100;

/// Measures both levels.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let mut rows = tiers(bench).await?;
    rows.extend(command(bench).await?);
    Ok(rows)
}

/// A question of the size that the program asks: about 900 tokens and the reply's form.
pub(crate) fn request(pack: &RulePack, number: usize) -> Result<Request> {
    let term = question::term(&format!("begrip {number}"))?;
    let context = question::context()?;
    let passages = question::passages()?;
    let input = begrip_prompt::PromptInput {
        version: begrip_prompt::PROMPT_VERSION,
        term: &term,
        context: &context,
        category: None,
        notes: &begrip_prompt::Protected::default(),
        related: &[],
        passages: &passages,
        pack,
        budget: begrip_prompt::Budget::default(),
    };
    let counter = begrip_prompt::Tiktoken::for_model(question::MODEL);
    let prompt = begrip_prompt::compose(&input, &counter)?;
    let scope = CacheScope {
        data_class: DataClass::General,
        prompt_version: prompt.version.to_string(),
        pack_version: pack.version().to_owned(),
        ..CacheScope::default()
    };
    let mut request = Request::new(begrip_mock_model::MODEL_NAME, prompt.messages, scope);
    request.temperature = Some(0.2);
    request.max_tokens = Some(900);
    request.schema = Some(response_format(&reply_schema()));
    request.prompt_tokens = Some(prompt.tokens);
    request.term = Some(term.to_string());
    Ok(request)
}

/// The questions: the first is composed, the others differ from it in their term alone.
pub(crate) fn requests(count: usize) -> Result<Vec<Request>> {
    let pack = RulePack::built_in()?;
    let first = request(&pack, 0)?;
    let one = |number: usize| {
        let mut request = first.clone();
        for message in &mut request.messages {
            message.content = message
                .content
                .replace("begrip 0", &format!("begrip {number}"));
        }
        request.term = Some(format!("begrip {number}"));
        request
    };
    Ok((0..count).map(one).collect())
}

/// An answer as it is kept, in pieces of a few characters as it was streamed.
fn stored(request: &Request) -> Result<Stored> {
    let text = serde_json::to_string(&replies::reply_to("verdachte"))?;
    let mut piece_ends: Vec<u32> = Vec::new();
    for (at, _) in text.char_indices().step_by(6).skip(1) {
        piece_ends.push(u32::try_from(at)?);
    }
    piece_ends.push(u32::try_from(text.len())?);
    Ok(Stored {
        text,
        piece_ends,
        model: begrip_mock_model::MODEL_NAME.to_owned(),
        usage: Usage::default(),
        answered_at: Timestamp::now(),
        request_id: request.request_id.clone(),
        tags: Tags {
            term: request.term.clone(),
            model: request.model.clone(),
            prompt_version: request.scope.prompt_version.clone(),
            pack_version: request.scope.pack_version.clone(),
            organisation: String::new(),
            data_class: DataClass::General,
        },
    })
}

async fn tiers(bench: &Bench) -> Result<Vec<Row>> {
    let mock = MockModel::start(MockConfig {
        forget_bodies: true,
        ..MockConfig::default()
    })
    .await?;
    let requests = requests(bench.pick(1_000, 50))?;
    let (store, _) = Store::open(&bench.home("tiers"), false, Timestamp::now())?;
    let disk = begrip_app::disk_tier(&Arc::new(store));
    keep_all(&disk, &requests)?;
    let plain = plain_client(&mock)?;
    let client = || -> Result<Model> {
        let model = Model::new(Setup {
            disk: Some(Arc::clone(&disk)),
            ..Setup::default()
        });
        model.configure(Some(Endpoint::new(
            mock.url(),
            begrip_mock_model::MODEL_NAME,
        )))?;
        Ok(model)
    };
    let (mut calls, mut from_disk, mut from_memory) = (vec![], vec![], vec![]);
    let (mut first_piece, mut after_calls) = (vec![], vec![]);
    let mut hits_called = 0;
    for _ in 0..bench.pick(3, 1) {
        // Nothing in memory at first: the first question finds the disk, the second memory.
        let model = client()?;
        for (block, some) in requests.chunks(BLOCK).enumerate() {
            for request in some.iter().take(bench.pick(10, 2)) {
                let mut again = request.clone();
                again.scope.arm = "again".to_owned();
                // As in `old_way::request`.
                again.stream = false;
                let began = Instant::now();
                ask_plainly(&plain, again).await?;
                calls.push(micros(began));
            }
            let before = mock.calls();
            let turns = [
                (CacheUse::Disk, &mut from_disk),
                (CacheUse::Memory, &mut from_memory),
            ];
            for (expected, samples) in turns {
                for (number, request) in some.iter().enumerate() {
                    let (first, whole) = hit(&model, request, expected).await?;
                    samples.push(whole);
                    if expected == CacheUse::Disk {
                        first_piece.push(first);
                        if number == 0 {
                            after_calls.push(whole);
                        }
                    }
                }
            }
            hits_called += mock.calls() - before;
            ensure!(hits_called == 0, "a hit made a call (block {block})");
        }
    }
    let old_does = "asks the mock model anew each time, which answers at once (its `fast` profile): no model is that fast";
    let note = format!(
        "{} distinct questions of about 900 tokens; {hits_called} calls during the hits, by the model's own log",
        requests.len()
    );
    let unit = (Unit::Micros, Stat::P95);
    let first = Spread::of(&first_piece).context("hits")?;
    let after = Spread::of(&after_calls).context("hits")?;
    let pieces = stored(requests.first().context("questions")?)?
        .piece_ends
        .len();
    ensure!(pieces >= 90, "{pieces} pieces");
    Ok(vec![
        Row::new(
            "hit_memory",
            "repeated question: memory tier, key included",
            unit,
            "`Model::ask`: canonical key over the whole request, look-up, replay of all pieces",
        )
        .ours(from_memory)
        .against(old_does, calls.clone())
        .must("p95 ≤ 20 µs, 0 calls", |s| s.p95 <= 20.0 && hits_called == 0)
        .quoted("a new call each time")
        .note(note.clone()),
        Row::new(
            "hit_disk",
            "repeated question: encrypted disk tier, key included",
            unit,
            "the same with an empty memory: read from the encrypted file, checked, put into memory, replayed",
        )
        .ours(from_disk.clone())
        .against(old_does, calls.clone())
        .must("p95 ≤ 50 µs, 0 calls", |s| s.p95 <= 50.0 && hits_called == 0)
        .quoted("a new call each time; best peer library 13–38 µs, unencrypted")
        .note(note)
        .note(format!(
            "{BLOCK} hits follow each other; the first of them, just after calls of the old way, takes {} (median)",
            Unit::Micros.show(after.p50)
        )),
        Row::new(
            "hit_stream",
            "repeated question: all pieces of a kept stream, from disk",
            unit,
            "the same hits: the answer was streamed in pieces of six characters and is handed on in the same pieces",
        )
        .ours(from_disk)
        .against(old_does, calls)
        .must("first piece and whole p95 ≤ 5 ms", |s| {
            s.p95 <= 5_000.0 && first.p95 <= 5_000.0
        })
        .note(format!(
            "{pieces} pieces; the first after {} (p95)",
            Unit::Micros.show(first.p95)
        )),
    ])
}

/// Many at once, as the tier writes what comes together in one commit.
fn keep_all(disk: &Arc<dyn DiskTier>, requests: &[Request]) -> Result<()> {
    let keep = |some: &[Request]| -> Result<()> {
        for request in some {
            disk.put(&key_of(request), &stored(request)?)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let size = requests.len().div_ceil(32).max(1);
        let threads: Vec<_> = requests
            .chunks(size)
            .map(|some| scope.spawn(|| keep(some)))
            .collect();
        for thread in threads {
            thread
                .join()
                .map_err(|_| anyhow::anyhow!("a writer died"))??;
        }
        Ok(())
    })
}

/// Microseconds to the first piece and to the whole answer.
pub(crate) async fn hit(
    model: &Model,
    request: &Request,
    expected: CacheUse,
) -> Result<(f64, f64)> {
    let accept: Validate = Arc::new(|_| Ok(()));
    let cancel = CancellationToken::new();
    let request = request.clone();
    let mut first = None;
    let began = Instant::now();
    let sink = |piece: begrip_llm::Piece<'_>| {
        first.get_or_insert_with(|| micros(began));
        std::hint::black_box(piece.text.len());
    };
    let answer = model
        .ask(request, CachePolicy::Use, accept, sink, &cancel)
        .await?;
    let us = micros(began);
    ensure!(
        answer.cache == expected,
        "{:?} for {expected:?}",
        answer.cache
    );
    Ok((first.context("no piece came")?, us))
}

/// The whole command, as the window calls it: look-up of related concepts, prompt, cache, reading
/// the reply, all rules, provenance kept on disk, JSON.
async fn command(bench: &Bench) -> Result<Vec<Row>> {
    let mock = MockModel::start(MockConfig::default()).await?;
    let home = bench.home("repeated");
    let app = open(&home, Some(&mock))?;
    let terms = kept(&app, bench.pick(40, 4)).await?;
    let other = *terms.first().context("no answer was kept")?;
    let (mut anew, mut memory, mut disk) = (vec![], vec![], vec![]);
    let mut hits_called = 0;
    drop(app);
    for _ in 0..bench.pick(5, 1) {
        let app = open(&home, Some(&mock))?;
        // The tokenizer and the first connection are there before the clock runs.
        define(&app, other, "warm", true).await?;
        for turn in ["disk", "memory"] {
            for term in terms.iter().skip(1) {
                anew.push(through(&app, other, true, "miss").await?);
                let before = mock.calls();
                let ms = through(&app, term, false, turn).await?;
                hits_called += mock.calls() - before;
                if turn == "disk" {
                    &mut disk
                } else {
                    &mut memory
                }
                .push(ms);
            }
        }
    }
    let does = |tier: &str| {
        format!(
            "the command `define` from JSON to JSON with the answer in {tier}: related concepts, prompt, cache, every rule, provenance written to disk"
        )
    };
    let old_does = "the same command, told to ask the model again (its `fast` profile answers at once, but the end of a \
                    stream may wait some 40 ms for a delayed acknowledgement: do not rely on this ratio)";
    let row = |id, what, tier: &str, ours| {
        Row::new(id, what, (Unit::Millis, Stat::P95), &does(tier))
            .ours(ours)
            .against(old_does, anew.clone())
            .must("p95 ≤ 16 ms, 0 calls", |s| {
                s.p95 <= 16.0 && hits_called == 0
            })
            .note(format!(
                "{hits_called} calls during the hits; up to the window's bridge, without painting"
            ))
    };
    Ok(vec![
        row(
            "again_memory",
            "repeated question through the whole program, from memory",
            "memory",
            memory.clone(),
        ),
        row(
            "again_disk",
            "repeated question through the whole program, after a restart",
            "the encrypted file",
            disk.clone(),
        ),
    ])
}

/// Terms whose first answer is kept; one that a blocking rule refuses is asked anew. They are asked now.
pub(super) async fn kept(app: &App, count: usize) -> Result<Vec<&'static str>> {
    let mut terms: Vec<&str> = Vec::new();
    for term in replies::known_terms() {
        if terms.len() == count {
            break;
        }
        let id = format!("first {term}");
        // One that is written another way asks for what is kept already.
        let is_new = define(app, term, &id, false).await?["cache"] == "miss";
        if is_new && define(app, term, &id, false).await?["cache"] == "memory" {
            terms.push(term);
        }
    }
    Ok(terms)
}

async fn through(app: &App, term: &str, again: bool, from: &str) -> Result<f64> {
    let began = Instant::now();
    let result = define(app, term, "measured", again).await?;
    let ms = micros(began) / 1e3;
    ensure!(
        result["cache"] == from,
        "{term}: {} instead of {from}",
        result["cache"]
    );
    Ok(ms)
}
