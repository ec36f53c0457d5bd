//! Replies as servers, gateways and proxies really send them.

use begrip_llm::{BadReply, Limits, LlmError};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{
    Act, DONE, RawServer, ask, delta, events, head, question, raw_model, send, stop,
};

async fn reply_to(script: Vec<Act>) -> Result<String, LlmError> {
    let server = RawServer::start(vec![script]).await;
    let model = raw_model(&server.url, |_| {});
    ask(&model, question("x")).await.map(|answer| answer.text)
}

#[tokio::test]
async fn odd_but_whole_replies_are_understood() {
    let crlf = (delta("é") + &delta("én") + &stop("stop") + DONE).replace('\n', "\r\n");
    let cr = (delta("één") + &stop("stop") + DONE).replace('\n', "\r");
    let split = delta("é€😀één");
    let multi = "data: {\"choices\":\ndata: [{\"delta\": {\"content\": \"één\"}, \"finish_reason\": \"stop\"}]}\n\n";
    let parts = json!({"choices": [{"message": {"content": [{"type": "text", "text": "één"}]}, "finish_reason": "stop"}]});
    let plain =
        json!({"choices": [{"message": {"content": "één"}, "finish_reason": "stop"}]}).to_string();
    let legacy = json!({"choices": [{"text": "één", "finish_reason": "stop"}]}).to_string();
    let usage_first = "data: {\"choices\": [], \"prompt_filter_results\": []}\n\n".to_owned();
    let other_choice =
        "data: {\"choices\": [{\"index\": 1, \"delta\": {\"content\": \"anders\"}}]}\n\n";
    for (name, script, text) in [
        ("CRLF", vec![events(), send(crlf)], "één"),
        ("CR", vec![events(), send(cr)], "één"),
        (
            "each byte by itself",
            [events()]
                .into_iter()
                .chain(split.bytes().map(|byte| send([byte])))
                .chain([send(stop("stop") + DONE)])
                .collect(),
            "é€😀één",
        ),
        (
            "byte order mark",
            vec![
                events(),
                send("\u{FEFF}".to_owned() + &delta("één") + &stop("stop")),
            ],
            "één",
        ),
        (
            "comments and blank lines first",
            vec![events(), send("\n: hallo\n\n\n"), send(delta("één") + DONE)],
            "één",
        ),
        ("several data lines", vec![events(), send(multi)], "één"),
        (
            "no [DONE]",
            vec![events(), send(delta("één") + &stop("stop"))],
            "één",
        ),
        (
            "[DONE] without a reason",
            vec![events(), send(delta("één") + DONE)],
            "één",
        ),
        (
            "no last blank line",
            vec![events(), send((delta("één") + &stop("stop")).trim_end())],
            "één",
        ),
        (
            "text after [DONE]",
            vec![events(), send(delta("één") + DONE + &delta("meer"))],
            "één",
        ),
        (
            "plain JSON instead of a stream",
            vec![head("application/json"), send(plain.clone())],
            "één",
        ),
        (
            "plain JSON called a stream",
            vec![events(), send(format!(" \n{plain}"))],
            "één",
        ),
        (
            "a stream called plain text",
            vec![head("text/plain"), send(delta("één") + &stop("stop"))],
            "één",
        ),
        (
            "content in parts",
            vec![head("application/json"), send(parts.to_string())],
            "één",
        ),
        (
            "legacy text",
            vec![head("application/json"), send(legacy)],
            "één",
        ),
        (
            "an event without choices",
            vec![events(), send(usage_first + &delta("één") + DONE)],
            "één",
        ),
        (
            "another choice is left out",
            vec![events(), send(delta("één") + other_choice + DONE)],
            "één",
        ),
    ] {
        assert_eq!(reply_to(script).await, Ok(text.to_owned()), "{name}");
    }
}

#[tokio::test]
async fn replies_that_are_none_are_told_apart() {
    let html = "<!DOCTYPE html><html><title>Aanmelden</title></html>";
    let error = json!({"error": {"message": "x", "code": 503}}).to_string();
    for (name, script, code) in [
        (
            "sign-in page",
            vec![head("text/html; charset=utf-8"), send(html)],
            "bad_reply",
        ),
        (
            "web page without a type",
            vec![head("text/plain"), send(html)],
            "bad_reply",
        ),
        (
            "other JSON",
            vec![head("application/json"), send(r#"{"ok": true}"#)],
            "bad_reply",
        ),
        (
            "a list",
            vec![head("application/json"), send("[]")],
            "bad_reply",
        ),
        (
            "JSON of the wrong types",
            vec![head("application/json"), send(r#"{"choices": 1}"#)],
            "bad_reply",
        ),
        (
            "cut JSON",
            vec![head("application/json"), send(r#"{"choices": [{"mess"#)],
            "broken_stream",
        ),
        (
            "noise",
            vec![
                head("application/octet-stream"),
                send([0xFF, 0x00, 0xC0, 0x7B]),
            ],
            "bad_reply",
        ),
        (
            "noise in an event",
            vec![events(), send("data: \u{0}{{\n\n")],
            "bad_reply",
        ),
        ("nothing", vec![events()], "broken_stream"),
        (
            "comments alone",
            vec![events(), send(": hallo\n\n")],
            "bad_reply",
        ),
        (
            "cut after a piece",
            vec![events(), send(delta("één"))],
            "broken_stream",
        ),
        (
            "error object as the reply",
            vec![head("application/json"), send(error.clone())],
            "server",
        ),
        (
            "error object in the stream",
            vec![events(), send(format!("data: {error}\n\n"))],
            "server",
        ),
        (
            "cut off",
            vec![events(), send(delta("één") + &stop("length"))],
            "truncated",
        ),
        (
            "withheld",
            vec![events(), send(delta("één") + &stop("content_filter"))],
            "content_filter",
        ),
        (
            "refused by the model",
            vec![
                events(),
                send(
                    "data: {\"choices\": [{\"delta\": {\"refusal\": \"Nee.\"}}]}\n\n".to_owned()
                        + DONE,
                ),
            ],
            "content_filter",
        ),
        (
            "no text",
            vec![events(), send(stop("stop") + DONE)],
            "empty",
        ),
        (
            "white space alone",
            vec![events(), send(delta(" \n ") + &stop("stop"))],
            "empty",
        ),
        (
            "not HTTP",
            vec![send("SSH-2.0-OpenSSH_9.2\r\n")],
            "broken_stream",
        ),
        ("closed at once", vec![], "broken_stream"),
        (
            "shorter than announced",
            vec![send(
                "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"choices\"",
            )],
            "broken_stream",
        ),
    ] {
        let error = reply_to(script).await.unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
    }
    let page = reply_to(vec![head("text/plain"), send(html)]).await;
    assert_eq!(page, Err(LlmError::BadReply(BadReply::Html)));
}

#[tokio::test]
async fn a_reply_without_end_is_cut_off_at_the_limit() {
    let small = Limits {
        text_bytes: 1_000,
        wire_bytes: 20_000,
    };
    let endless_text: String = (0..1_000).map(|_| delta("lang ")).collect();
    let endless_line = "data: ".to_owned() + &"x".repeat(30_000);
    let endless_json = r#"{"choices": [{"message": {"content": ""#.to_owned() + &"x".repeat(30_000);
    let large_json = json!({"choices": [{"message": {"content": "x".repeat(1_001)}}]}).to_string();
    for (name, script, limit) in [
        (
            "many pieces",
            vec![events(), send(endless_text), Act::Hang],
            1_000,
        ),
        (
            "one line",
            vec![events(), send(endless_line), Act::Hang],
            20_000,
        ),
        (
            "comments",
            vec![events(), send(": hallo\n".repeat(4_000)), Act::Hang],
            20_000,
        ),
        (
            "plain JSON",
            vec![head("application/json"), send(endless_json), Act::Hang],
            20_000,
        ),
        (
            "too much text",
            vec![head("application/json"), send(large_json)],
            1_000,
        ),
    ] {
        let server = RawServer::start(vec![script]).await;
        let model = raw_model(&server.url, |endpoint| endpoint.limits = small);
        // `ask` compares pieces with the answer only when there is one.
        let result = ask(&model, question("x")).await;
        assert_eq!(result, Err(LlmError::TooLarge { limit }), "{name}");
        assert_eq!(model.stats().memory.entries, 0, "{name}");
    }
}

#[tokio::test]
async fn a_break_after_the_reason_to_stop_loses_nothing() {
    // Announces more than it sends: the connection breaks where usage and [DONE] would come.
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 9999\r\n\r\n";
    let script = vec![send(head), send(delta("één") + &stop("stop"))];
    assert_eq!(reply_to(script).await, Ok("één".to_owned()));
}

#[tokio::test]
async fn usage_comes_from_the_server_or_is_counted_here() {
    let usage = r#"{"prompt_tokens": 11, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 8}}"#;
    let last = format!("data: {{\"choices\": [], \"usage\": {usage}}}\n\n");
    let server = RawServer::start(vec![vec![
        events(),
        send(delta("één") + &stop("stop") + &last + DONE),
    ]])
    .await;
    let answer = ask(&raw_model(&server.url, |_| {}), question("x"))
        .await
        .unwrap();
    let seen = (
        answer.usage.tokens_in,
        answer.usage.tokens_out,
        answer.usage.tokens_cached,
    );
    assert_eq!((seen, answer.usage.counted_here), ((11, 5, 8), false));
    let server = RawServer::start(vec![vec![events(), send(delta("één") + DONE)]]).await;
    let mut request = question("x");
    request.prompt_tokens = Some(77);
    let answer = ask(&raw_model(&server.url, |_| {}), request).await.unwrap();
    assert!(answer.usage.counted_here);
    assert_eq!(
        (answer.usage.tokens_in, answer.usage.tokens_out),
        (77, 2),
        "5 bytes at 4 each"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_split_of_a_streamed_reply_gives_the_same_pieces(
        pieces in prop::collection::vec("[a-zé€😀 \"\\\\]{1,6}", 1..8),
        cuts in prop::collection::vec(1usize..40, 1..12),
        crlf in any::<bool>(),
    ) {
        let mut stream: String = pieces.iter().map(|piece| delta(piece)).collect();
        stream.push_str(": keep-alive\n\n");
        stream += &(stop("stop") + DONE);
        if crlf {
            stream = stream.replace('\n', "\r\n");
        }
        let mut script = vec![events()];
        let (mut rest, mut cuts) = (stream.as_bytes(), cuts.into_iter().cycle());
        while !rest.is_empty() {
            let (part, after) = rest.split_at(cuts.next().unwrap().min(rest.len()));
            script.push(send(part));
            rest = after;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let seen = runtime.block_on(async {
            let server = RawServer::start(vec![script]).await;
            let model = raw_model(&server.url, |_| {});
            let mut seen = Vec::new();
            let sink = |piece: begrip_llm::Piece<'_>| seen.push(piece.text.to_owned());
            let cancel = begrip_llm::CancellationToken::new();
            let policy = begrip_llm::CachePolicy::Use;
            // Pieces of white space alone are an empty reply, which has its own test.
            let mut request = question("x");
            request.extra.insert("proptest".to_owned(), json!(true));
            let answer = model.ask(request, policy, crate::support::any(), sink, &cancel).await;
            (seen, answer)
        });
        if pieces.concat().trim().is_empty() {
            prop_assert_eq!(seen.1, Err(LlmError::Empty));
        } else {
            prop_assert_eq!(seen.0, pieces);
        }
    }
}
