//! From an HTTP status and what comes with it to what went wrong.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde_json::Value;

use crate::error::LlmError;

/// The error for a status outside 200 to 299. `body` is the start of the reply's body.
pub(crate) fn from_status(status: u16, body: &str, retry_after: Option<Duration>) -> LlmError {
    let error = serde_json::from_str::<Value>(body).unwrap_or_default();
    let code = code_of(&error);
    let detail = detail_of(&error, body);
    let lower = format!("{code} {detail}").to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    match status {
        300..=399 => LlmError::Redirected(String::new()),
        // Not with what the server says: some repeat a part of the key.
        401 => LlmError::Unauthorised,
        // LiteLLM without a database, for a key that it does not know.
        400 if says(&["no_db_connection"]) => LlmError::Unauthorised,
        402 => LlmError::QuotaExhausted(detail),
        403 => LlmError::Forbidden(detail),
        404 if says(&["model", "deployment"]) => LlmError::ModelNotFound(detail),
        404 | 405 => LlmError::PathNotFound,
        407 => LlmError::Proxy("it asks for a user name and password".to_owned()),
        413 => LlmError::PromptTooLong(detail),
        429 if says(&["insufficient_quota", "billing", "credit balance"]) => {
            LlmError::QuotaExhausted(detail)
        }
        429 => LlmError::RateLimited { retry_after },
        400 | 422
            if says(&[
                "context_length",
                "maximum context",
                "context window",
                "context size",
                "exceeds the available context",
                "prompt is too long",
            ]) =>
        {
            LlmError::PromptTooLong(detail)
        }
        // Azure withholds questions with 400.
        400 if says(&["content_filter", "content management policy"]) => LlmError::ContentFilter,
        400 if says(&["model_not_found", "model not found", "invalid model"]) => {
            LlmError::ModelNotFound(detail)
        }
        500.. => LlmError::Server { status, detail },
        _ => LlmError::Refused { status, detail },
    }
}

/// The error for an `error` object in a reply with status 200.
pub(crate) fn inside_a_reply(error: &Value) -> LlmError {
    let whole = serde_json::json!({ "error": error });
    let code = code_of(&whole).to_lowercase();
    let detail = detail_of(&whole, "");
    let status = error["code"].as_u64().or_else(|| error["status"].as_u64());
    if let Some(status) = status.and_then(|s| u16::try_from(s).ok())
        && (400..600).contains(&status)
    {
        return from_status(status, &whole.to_string(), None);
    }
    if code.contains("rate_limit") {
        LlmError::RateLimited { retry_after: None }
    } else if code.contains("content_filter") {
        LlmError::ContentFilter
    } else if code.contains("context_length") {
        LlmError::PromptTooLong(detail)
    } else {
        LlmError::Server {
            status: 200,
            detail,
        }
    }
}

fn code_of(body: &Value) -> String {
    let error = &body["error"];
    let parts = [&error["code"], &error["type"]];
    let texts = parts.iter().filter_map(|part| part.as_str());
    texts.collect::<Vec<_>>().join(" ")
}

/// What a server says, made fit for a log line: one line of at most 300 characters. A web page is
/// not repeated.
fn detail_of(json: &Value, body: &str) -> String {
    let candidates = [
        &json["error"]["message"],
        &json["error"],
        &json["message"],
        &json["detail"],
    ];
    let text = candidates.iter().find_map(|value| value.as_str());
    let text = match text {
        Some(text) => text.to_owned(),
        None if json.is_null() && body.trim_start().starts_with('<') => "a web page".to_owned(),
        None if json.is_null() => body.to_owned(),
        // A list of faults per field, as some frameworks give.
        None => json.to_string(),
    };
    one_line(&text)
}

/// One line of at most 300 characters.
pub(crate) fn one_line(text: &str) -> String {
    const LONGEST: usize = 300;
    let words: Vec<_> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .collect();
    let line = words
        .into_iter()
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Reads a `Retry-After` header: seconds, also with a fraction, or an HTTP date.
pub(crate) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_is_told_apart() {
        let openai = |code: &str, message: &str| {
            serde_json::json!({"error": {"code": code, "message": message}}).to_string()
        };
        for (status, body, code) in [
            (301, String::new(), "redirected"),
            (401, openai("invalid_api_key", "sk-1"), "unauthorised"),
            (402, String::new(), "quota_exhausted"),
            (403, String::new(), "forbidden"),
            (404, openai("model_not_found", "no such"), "model_not_found"),
            (
                404,
                r#"{"error": "model 'x' not found"}"#.to_owned(),
                "model_not_found",
            ),
            (404, openai("DeploymentNotFound", ""), "model_not_found"),
            (404, "<html>not here</html>".to_owned(), "path_not_found"),
            (405, String::new(), "path_not_found"),
            (407, String::new(), "proxy"),
            (413, String::new(), "prompt_too_long"),
            (
                400,
                openai("context_length_exceeded", "x"),
                "prompt_too_long",
            ),
            (400, openai("content_filter", "x"), "content_filter"),
            (400, openai("no_db_connection", "x"), "unauthorised"),
            (400, openai("", "other"), "refused"),
            (
                422,
                r#"{"detail": [{"loc": ["seed"]}]}"#.to_owned(),
                "refused",
            ),
            (429, openai("rate_limit_exceeded", "x"), "rate_limited"),
            (429, openai("insufficient_quota", "x"), "quota_exhausted"),
            (500, String::new(), "server"),
            (502, "<html>proxy</html>".to_owned(), "server"),
            (503, openai("", "loading model"), "server"),
        ] {
            assert_eq!(
                from_status(status, &body, None).code(),
                code,
                "{status} {body}"
            );
        }
    }

    #[test]
    fn errors_inside_a_reply_are_told_apart() {
        for (error, code) in [
            (
                serde_json::json!({"message": "x", "type": "server_error"}),
                "server",
            ),
            (serde_json::json!("x"), "server"),
            (
                serde_json::json!({"message": "x", "code": 429}),
                "rate_limited",
            ),
            (
                serde_json::json!({"type": "rate_limit_exceeded"}),
                "rate_limited",
            ),
            (
                serde_json::json!({"code": "content_filter"}),
                "content_filter",
            ),
        ] {
            assert_eq!(inside_a_reply(&error).code(), code, "{error}");
        }
    }

    #[test]
    fn a_web_page_and_a_long_text_do_not_fill_the_log() {
        let shown = from_status(502, "<html><script>…", None).to_string();
        assert!(
            shown.contains("a web page") && !shown.contains("script"),
            "{shown}"
        );
        let long = from_status(500, &"x\n\u{7} ".repeat(10_000), None).to_string();
        assert!(long.chars().count() < 400 && !long.contains('\n'), "{long}");
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let now: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        for (value, seconds) in [
            ("3", Some(3)),
            (" 0 ", Some(0)),
            ("Sat, 21 Nov 2026 08:00:07 GMT", Some(7)),
            ("Sat, 21 Nov 2026 07:00:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
            ("1e300", None),
        ] {
            assert_eq!(
                retry_after(value, now),
                seconds.map(Duration::from_secs),
                "{value}"
            );
        }
    }
}
