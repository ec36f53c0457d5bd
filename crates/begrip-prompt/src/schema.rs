use serde_json::{Map, Value, json};

use crate::prepare::{UNKNOWN, Wanted};

/// The JSON schema of a reply, in the strict form that structured output asks for.
///
/// Models write the properties in the order of the schema, and `serde_json` sorts them: the
/// names are chosen so that `definition` comes first and can be shown while the rest streams in.
pub fn reply_schema() -> Value {
    let text = json!({"type": "string"});
    let list = json!({"type": "array", "items": text});
    strict(json!({
        "definition": text,
        "examples": list,
        "explanation": text,
        "non_examples": list,
        "opposites": list,
        "synonyms": list,
    }))
}

/// The schema of a repair's reply: the definition alone.
pub fn repair_schema() -> Value {
    strict(json!({"definition": {"type": "string"}}))
}

/// The schema of the reply to a small question: a name from a list, and words.
pub fn prepare_schema(wanted: Wanted) -> Value {
    let mut properties = Map::new();
    if wanted.category {
        let names = ["type", "exemplaar", "proces", "resultaat", UNKNOWN];
        properties.insert(
            "category".to_owned(),
            json!({"type": "string", "enum": names}),
        );
    }
    if wanted.words {
        let list = json!({"type": "array", "items": {"type": "string"}});
        properties.insert("words".to_owned(), list);
    }
    strict(Value::Object(properties))
}

fn strict(properties: Value) -> Value {
    let names: Vec<_> = properties
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
        .collect();
    let required = json!(names);
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The request's `response_format` around a schema. [`crate::Prompt::tokens`] counts exactly this,
/// serialised.
pub fn response_format(schema: &Value) -> Value {
    json!({
        "type": "json_schema",
        "json_schema": {"name": "reply", "strict": true, "schema": schema},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_asked_for_the_definition_before_all_else() {
        let text = reply_schema()["properties"].to_string();
        assert!(text.starts_with(r#"{"definition":"#), "{text}");
    }

    #[test]
    fn strict_output_requires_every_property_and_allows_no_other() {
        for schema in [reply_schema(), repair_schema()] {
            let properties = schema["properties"].as_object().unwrap();
            let names: Vec<_> = properties.keys().collect();
            assert_eq!(schema["required"], json!(names));
            assert_eq!(schema["additionalProperties"], json!(false));
        }
    }
}
