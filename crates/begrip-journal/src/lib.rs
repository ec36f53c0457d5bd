//! The form of a line in a log: JSON with the field names of the Elastic Common Schema (ECS), so that the
//! lines of a workstation and of a server can be read together by whatever reads ECS.
//!
//! ```text
//! {"@timestamp":"2026-11-22T03:04:05.006Z","log.level":"info","message":"answered","ecs.version":"8.11.0",
//!  "service.name":"begrip-server","service.version":"0.1.0","log.logger":"begrip_server::around",
//!  "http.request.id":"…","http.response.status_code":200}
//! ```

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// The version of ECS whose names are used.
const ECS: &str = "8.11.0";

/// What a field of ECS holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A time in ISO 8601.
    Date,
    /// A text: `keyword`, `wildcard` or `match_only_text` in ECS.
    Text,
    /// A whole number of 64 bits.
    Long,
}

/// The fields of ECS that lines may have, each with what it holds. Any other is the program's own and stands under
/// `begrip.`: ECS has no such field, or another meaning for it.
pub const FIELDS: [(&str, Kind); 15] = [
    ("@timestamp", Kind::Date),
    ("message", Kind::Text),
    ("ecs.version", Kind::Text),
    ("error.code", Kind::Text),
    ("error.message", Kind::Text),
    ("event.duration", Kind::Long),
    ("http.request.id", Kind::Text),
    ("http.request.method", Kind::Text),
    ("http.response.status_code", Kind::Long),
    ("log.level", Kind::Text),
    ("log.logger", Kind::Text),
    ("service.name", Kind::Text),
    ("service.version", Kind::Text),
    ("trace.id", Kind::Text),
    ("url.path", Kind::Text),
];

/// Before the name of a field that is the program's own.
pub const OWN: &str = "begrip.";

/// Writes each event as one line, with the fields of the spans around it.
pub struct Journal<W> {
    service: &'static str,
    version: &'static str,
    writer: W,
}

impl<W> Journal<W> {
    /// `service` and `version` name the program in each line; lines go to `writer`.
    pub fn new(service: &'static str, version: &'static str, writer: W) -> Self {
        Self {
            service,
            version,
            writer,
        }
    }
}

/// What a span adds to the lines within it.
struct Around(Map<String, Value>);

impl<S, W> Layer<S> for Journal<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(Around(fields.0));
        }
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(Around(known)) = span.extensions_mut().get_mut()
        {
            let mut fields = Fields::default();
            record.record(&mut fields);
            known.extend(fields.0);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        if let Some(scope) = context.event_scope(event) {
            for span in scope.from_root() {
                if let Some(Around(known)) = span.extensions().get() {
                    fields.0.extend(known.clone());
                }
            }
        }
        event.record(&mut fields);
        let mut line = Map::new();
        let mut put = |name: &str, value: Value| line.insert(name.to_owned(), value);
        put("@timestamp", format!("{:.3}", Timestamp::now()).into());
        let level = event.metadata().level().as_str().to_ascii_lowercase();
        put("log.level", level.into());
        let message = fields.0.remove("message");
        put("message", message.unwrap_or_else(|| "".into()));
        put("ecs.version", ECS.into());
        put("service.name", self.service.into());
        put("service.version", self.version.into());
        put("log.logger", event.metadata().target().into());
        for (name, value) in fields.0 {
            line.entry(name).or_insert(value);
        }
        let text = format!("{}\n", Value::Object(line));
        let mut writer = self.writer.make_writer_for(event.metadata());
        // A log that cannot be written is no reason to stop.
        let _ = std::io::Write::write_all(&mut writer, text.as_bytes());
    }
}

/// The fields of an event or a span, by the names of ECS where our own are shorter.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        let name = match field.name() {
            "error" => "error.message",
            "code" => "error.code",
            name if FIELDS.iter().any(|(known, _)| *known == name) => name,
            // ECS has no place for the rest; what is the program's own stands under its name.
            name => return self.own(name, value),
        };
        // A code is a word in ECS, whatever it was here.
        let value = match (name, value) {
            ("error.code", Value::Number(code)) => code.to_string().into(),
            (_, value) => value,
        };
        self.0.insert(name.to_owned(), value);
    }

    fn own(&mut self, name: &str, value: Value) {
        self.0.insert(format!("{OWN}{name}"), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// The lines of what `work` tells.
    fn lines(work: impl FnOnce()) -> Vec<Map<String, Value>> {
        let kept = Kept::default();
        let writer = kept.clone();
        let journal = Journal::new("proef", "1.2", move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(journal), work);
        let bytes = kept.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_line_has_the_names_of_ecs_and_the_fields_of_the_spans_around_it() {
        let told = lines(|| {
            let span = tracing::info_span!("request", http.request.id = "7", late = "");
            span.record("late", "kwam later");
            span.in_scope(|| {
                tracing::warn!(
                    http.response.status_code = 503,
                    code = 9,
                    rows = 2,
                    http.route = "/v1/x",
                    "niet \"goed\"\n"
                );
            });
        });
        let [line] = told.as_slice() else {
            panic!("{told:?}")
        };
        for (name, value) in [
            ("log.level", Value::from("warn")),
            ("message", "niet \"goed\"\n".into()),
            ("service.name", "proef".into()),
            ("service.version", "1.2".into()),
            ("log.logger", module_path!().into()),
            ("http.request.id", "7".into()),
            ("http.response.status_code", 503.into()),
            ("error.code", "9".into()),
            ("begrip.rows", 2.into()),
            ("begrip.late", "kwam later".into()),
            // OpenTelemetry's name, and none of ECS.
            ("begrip.http.route", "/v1/x".into()),
        ] {
            assert_eq!(line.get(name), Some(&value), "{name}");
        }
        let at = line["@timestamp"].as_str().unwrap();
        assert!(at.parse::<Timestamp>().is_ok() && at.ends_with('Z'), "{at}");
    }

    #[test]
    fn a_field_never_replaces_what_every_line_has() {
        let told = lines(|| tracing::info!(service.name = "een ander", "goed"));
        assert_eq!(told[0]["service.name"], "proef");
    }
}
