//! The index that tests hold logs against says of each fault what it is.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test says what is wrong by stopping"
)]

#[path = "support/index.rs"]
mod index;

use index::Index;
use serde_json::{Value, json};

fn line(name: &str, value: Value) -> String {
    let mut line = json!({"@timestamp": "2026-11-22T03:04:05.006Z", "message": "x", "ecs.version": "8.11.0",
        "log.level": "info", "log.logger": "x", "service.name": "x", "service.version": "1"});
    line[name] = value;
    line.to_string()
}

#[test]
fn a_field_holds_one_kind_of_value_and_what_ecs_says() {
    let mut index = Index::new();
    for (name, value) in [
        ("http.response.status_code", json!(200)),
        ("begrip.rows", json!(1)),
        ("begrip.rows", json!(2)),
        ("begrip.share", json!(0.5)),
    ] {
        index.take(&line(name, value)).unwrap();
    }
    assert_eq!(index.documents, 4);
    for (name, value, fault) in [
        ("http.response.status_code", json!("200"), "holds Long"),
        ("@timestamp", json!("gisteren"), "holds Date"),
        ("begrip.rows", json!("veel"), "holds Long"),
        ("begrip.rows.done", json!(1), "beside begrip.rows"),
        ("http.route", json!("/x"), "no field of ECS"),
        ("begrip.list", json!([1]), "cannot be"),
        ("begrip.large", json!(u64::MAX), "cannot be"),
        ("message", Value::Null, "cannot be"),
    ] {
        let told = index.take(&line(name, value)).unwrap_err();
        assert!(told.contains(fault), "{name}: {told}");
    }
    assert!(index.take("{\"message\": \"x\"}").is_err());
    assert!(index.take("geen JSON").is_err());
    assert_eq!(index.documents, 4);
}
