//! Steps as OpenTelemetry's spans: OTLP 1.x over HTTP, in its JSON form.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value as Json, json};

use crate::allowed::Value;
use crate::layer::Step;
use crate::{Program, VERSION};

/// One request with these steps. The resource says which program and which kind of system it is, and
/// neither the machine's name nor the user's.
pub fn request(steps: &[Step], program: Program) -> Json {
    let spans: Vec<Json> = steps.iter().map(span).collect();
    json!({
        "resourceSpans": [{
            "resource": { "attributes": [
                text("service.name", program.as_str()),
                text("service.version", VERSION),
                text("os.type", std::env::consts::OS),
            ] },
            "scopeSpans": [{
                "scope": { "name": "begrip", "version": VERSION },
                "spans": spans,
            }],
        }],
    })
}

fn span(step: &Step) -> Json {
    let attributes: Vec<Json> = step
        .fields
        .0
        .iter()
        .map(|(name, value)| {
            // A name with a point is one of OpenTelemetry's own.
            let key = match name.contains('.') {
                true => (*name).to_owned(),
                false => format!("begrip.{name}"),
            };
            json!({ "key": key, "value": any(value) })
        })
        .collect();
    json!({
        "traceId": format!("{:032x}", step.trace),
        "spanId": format!("{:016x}", step.id),
        "parentSpanId": step.parent.map_or_else(String::new, |id| format!("{id:016x}")),
        "name": step.name,
        "kind": 1,
        "startTimeUnixNano": nanos(step.began),
        "endTimeUnixNano": nanos(step.ended),
        "attributes": attributes,
        "status": { "code": if step.failed { 2 } else { 0 } },
    })
}

fn text(key: &str, value: &str) -> Json {
    json!({ "key": key, "value": { "stringValue": value } })
}

fn any(value: &Value) -> Json {
    match value {
        // 64 bits do not fit into a number of JSON.
        Value::Int(number) => json!({ "intValue": number.to_string() }),
        Value::Float(number) => json!({ "doubleValue": number }),
        Value::Bool(so) => json!({ "boolValue": so }),
        Value::Word(word) => json!({ "stringValue": word }),
    }
}

fn nanos(at: SystemTime) -> String {
    at.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos()
        .to_string()
}
