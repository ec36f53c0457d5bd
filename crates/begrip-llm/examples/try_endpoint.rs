//! Tries the client against a real endpoint and says what came of it.
//!
//! `BEGRIP_LLM_KEY=… cargo run -p begrip-llm --example try_endpoint -- URL MODEL`
// An example is a program for the terminal.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use begrip_llm::{
    CachePolicy, CacheScope, CallObserver, CallReport, CancellationToken, Endpoint, LlmError,
    Message, Model, Request, Role, Secret, Setup, probe,
};
use serde_json::json;

/// Shows each call.
struct Print;

impl CallObserver for Print {
    fn observe(&self, report: &CallReport) {
        let CallReport {
            attempt,
            outcome,
            status,
            usage,
            latency,
            first_piece,
            model_answered,
            ..
        } = report;
        println!(
            "    call {attempt}: {outcome}, status {status:?}, {usage:?}, {latency:.0?}, \
             first piece {first_piece:.0?}, model {model_answered:?}"
        );
    }
}

fn endpoint(url: &str, model: &str, key: Option<&str>) -> Endpoint {
    let endpoint = Endpoint::new(url, model);
    match key {
        Some(key) => endpoint.with_key(Secret::new(key)),
        None => endpoint,
    }
}

fn question(model: &str, text: &str) -> Request {
    let messages = vec![
        Message::new(Role::System, "Antwoord met JSON."),
        Message::new(Role::User, text),
    ];
    let mut request = Request::new(model, messages, CacheScope::default());
    request.temperature = Some(0.2);
    request.seed = Some(7);
    request.max_tokens = Some(400);
    request.schema = Some(json!({
        "title": "antwoord",
        "type": "object",
        "properties": {"antwoord": {"type": "string", "enum": ["ja", "nee"]}},
        "required": ["antwoord"],
        "additionalProperties": false,
    }));
    request
}

async fn ask(model: &Model, request: Request) -> Result<u32, LlmError> {
    let mut pieces = 0;
    let valid = Arc::new(|text: &str| {
        serde_json::from_str::<serde_json::Value>(text)
            .map(|_| ())
            .map_err(|e| e.to_string())
    });
    let cancel = CancellationToken::new();
    let sink = |_: begrip_llm::Piece<'_>| pieces += 1;
    let answer = model
        .ask(request, CachePolicy::Use, valid, sink, &cancel)
        .await?;
    println!(
        "    {:?}, {pieces} pieces, from {:?}, calls {}, not kept: {:?}",
        answer.text, answer.cache, answer.calls, answer.refusal
    );
    Ok(answer.calls)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(name)) = (arguments.next(), arguments.next()) else {
        return Err("give a URL and a model".into());
    };
    let key = std::env::var("BEGRIP_LLM_KEY").ok();
    let mut faults = Vec::new();
    let mut check = |what: &str, good: bool| {
        println!("{} {what}", if good { "ok  " } else { "FAIL" });
        if !good {
            faults.push(what.to_owned());
        }
    };

    let cancel = CancellationToken::new();
    let report = probe(endpoint(&url, &name, key.as_deref()), &cancel).await;
    println!("{report:#?}");
    check(
        "the test button finds nothing wrong",
        report.failed.is_none(),
    );
    if key.is_some() {
        let report = probe(endpoint(&url, &name, Some("sk-fout")), &cancel).await;
        println!("    {:?}", report.failed);
        let unauthorised = matches!(report.failed, Some((_, LlmError::Unauthorised)));
        check("a wrong key is told from other faults", unauthorised);
    }

    let model = Model::new(Setup {
        observer: Arc::new(Print),
        ..Setup::default()
    });
    model.configure(Some(endpoint(&url, &name, key.as_deref())))?;

    let first = ask(&model, question(&name, "Is een vonnis een uitspraak?")).await;
    check(
        "a streamed answer in the form of the schema",
        first.as_ref().is_ok_and(|c| *c >= 1),
    );
    let again = ask(&model, question(&name, "Is een vonnis een uitspraak?")).await;
    check("the second question makes no call", again == Ok(0));
    let mut plain = question(&name, "Is een arrest een uitspraak?");
    plain.stream = false;
    check("a plain answer", ask(&model, plain).await.is_ok());

    let mut long = question(&name, "Vertel.");
    long.schema = None;
    long.max_tokens = Some(8);
    let cut = ask(&model, long).await;
    println!("    {cut:?}");
    check(
        "an answer without a form, complete or known to be cut",
        matches!(cut, Ok(_) | Err(LlmError::Truncated | LlmError::Empty)),
    );

    let unknown = ask(&model, question("bestaat-niet", "Wie?")).await;
    println!("    unknown model: {unknown:?}");

    let too_long = ask(&model, question(&name, &"lang ".repeat(20_000))).await;
    println!("    20,000 words: {too_long:?}");

    let stop = CancellationToken::new();
    let stopper = stop.clone();
    let mut endless = question(&name, "Vertel een lang verhaal.");
    endless.schema = None;
    endless.max_tokens = Some(1_500);
    let sink = move |_: begrip_llm::Piece<'_>| stopper.cancel();
    let began = Instant::now();
    let accept = Arc::new(|_: &str| Ok(()));
    let result = model
        .ask(endless, CachePolicy::Use, accept, sink, &stop)
        .await;
    println!(
        "    {:?} after {:.0?}",
        result.map(|answer| answer.text.len()),
        began.elapsed()
    );
    let idle = tokio::time::timeout(Duration::from_secs(1), async {
        while model.stats().under_way > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    check("cancelling ends it within a second", idle.await.is_ok());

    println!("{:#?}", model.stats().counts);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("; ").into())
    }
}
