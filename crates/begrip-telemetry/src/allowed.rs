//! What of a span or an event may leave: a closed list of names, and for each the only values that
//! it may have. Everything else is dropped before it is put anywhere.

use std::fmt;

use tracing::field::{Field, Visit};

/// Which values a field may have.
enum May {
    /// A number or a truth value.
    Number,
    /// `BG-` and three digits.
    Code,
    /// A UUID as the program makes them.
    RequestId,
    /// The pattern of an address of a server, such as `/v1/sync/ranges/{range}`: what the program itself
    /// says of it, and never the path that somebody asked for.
    Route,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// The list. A field that is not in it does not leave, whatever it holds.
const FIELDS: &[(&str, May)] = &[
    ("attempt", May::Number),
    ("calls", May::Number),
    ("count", May::Number),
    ("lost", May::Number),
    ("ms", May::Number),
    ("status", May::Number),
    ("tokens_in", May::Number),
    ("tokens_out", May::Number),
    ("warmed", May::Number),
    ("written", May::Number),
    ("code", May::Code),
    ("request_id", May::RequestId),
    // By the names of ECS and OpenTelemetry, where a server tells of a request.
    ("http.request.id", May::RequestId),
    ("http.response.status_code", May::Number),
    ("http.route", May::Route),
    (
        "task",
        May::OneOf(&[
            "define",
            "refine",
            "repair",
            "prepare",
            "embed",
            "probe",
            "experiment",
        ]),
    ),
    (
        "service",
        May::OneOf(&["store", "rules", "settings", "model"]),
    ),
];

/// A value that may leave.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A code, a request id or a word of a closed list.
    Word(String),
}

/// The fields of a span or an event that may leave.
#[derive(Clone, Debug, Default)]
pub struct Fields(pub Vec<(&'static str, Value)>);

impl Fields {
    /// The value of a field that is there as a word.
    pub fn word(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|(known, value)| match value {
            Value::Word(word) if *known == name => Some(word.as_str()),
            _ => None,
        })
    }

    fn number(&mut self, field: &Field, value: Value) {
        if let Some((name, May::Number)) = row(field) {
            self.put(name, value);
        }
    }

    fn put(&mut self, name: &'static str, value: Value) {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value));
    }
}

fn row(field: &Field) -> Option<&'static (&'static str, May)> {
    FIELDS.iter().find(|(name, _)| *name == field.name())
}

fn fits(may: &May, text: &str) -> bool {
    match may {
        May::Number => false,
        May::Code => text
            .strip_prefix("BG-")
            .is_some_and(|digits| digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit())),
        May::RequestId => {
            let parts: Vec<&str> = text.split('-').collect();
            let hex = |part: &&str| part.bytes().all(|b| b.is_ascii_hexdigit());
            parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(hex)
        }
        May::Route => {
            let plain = |b: u8| b.is_ascii_lowercase() || b"/_-.{}".contains(&b);
            let rest = text.strip_prefix("/v1").unwrap_or(text);
            rest.starts_with('/') && rest.len() <= 64 && rest.bytes().all(plain)
        }
        May::OneOf(words) => words.contains(&text),
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.number(field, Value::Float(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, Value::Int(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, Value::Int(i64::try_from(value).unwrap_or(i64::MAX)));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.number(field, Value::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if let Some((name, _)) = row(field).filter(|(_, may)| fits(may, value)) {
            self.put(name, Value::Word(value.to_owned()));
        }
    }

    // What `tracing` hands over as a debug form may be anything: messages, errors, texts.
    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// Where in the program something happened, if that place is one of our own files. A path that the
/// compiler saw elsewhere may name a user or a folder of the machine that built the program.
pub fn place(file: &str, line: u32) -> Option<String> {
    let file = file.replace('\\', "/");
    let ours = file.starts_with("crates/begrip-") || file.starts_with("src-tauri/src/");
    ours.then(|| format!("{file}:{line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_values_of_the_list_are_words() {
        let id = "0193f2c0-1111-7abc-8def-0123456789ab";
        for (may, text, so) in [
            (May::Code, "BG-503", true),
            (May::Code, "BG-50a", false),
            (May::Code, "BG-503 Jansen", false),
            (May::RequestId, id, true),
            (May::RequestId, "contactverbod", false),
            (May::RequestId, "Jansen-0000-0000-0000-000000000000", false),
            (May::Route, "/v1/sync/ranges/{range}", true),
            (May::Route, "/metrics.json", true),
            (
                May::Route,
                "/v1/concepts/0193f2c0-1111-7abc-8def-0123456789ab",
                false,
            ),
            (May::Route, "/v1/zoek?term=Jansen", false),
            (May::OneOf(&["define"]), "define", true),
            (May::OneOf(&["define"]), "contactverbod", false),
            (May::Number, "12", false),
        ] {
            assert_eq!(fits(&may, text), so, "{text}");
        }
    }

    #[test]
    fn a_place_in_somebodys_home_is_not_told() {
        assert_eq!(
            place("crates/begrip-app/src/define.rs", 3).as_deref(),
            Some("crates/begrip-app/src/define.rs:3")
        );
        assert_eq!(
            place("src-tauri\\src\\bridge.rs", 3).as_deref(),
            Some("src-tauri/src/bridge.rs:3")
        );
        assert_eq!(
            place("/home/jansen/.cargo/registry/src/x/tokio-1/src/a.rs", 3),
            None
        );
    }
}
