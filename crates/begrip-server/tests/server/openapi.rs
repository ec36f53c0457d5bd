//! The description of the addresses tells what the server does.

use std::collections::BTreeSet;

use begrip_sync::Sharing;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Site, concept, new, put};

/// What the description says of a place that it refers to.
fn resolved<'a>(description: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(place) => {
            let path = place.strip_prefix('#').unwrap();
            description
                .pointer(path)
                .unwrap_or_else(|| panic!("{place} leads nowhere"))
        }
        None => schema,
    }
}

/// What is wrong with a value by a schema of the description; only the words that stand in it are known.
fn wrong(description: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let schema = resolved(description, schema);
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = |wanted: &Value| *wanted == kind || *wanted == "number" && kind == "integer";
    let right = match &schema["type"] {
        Value::Null => true,
        Value::Array(kinds) => kinds.iter().any(fits),
        one => fits(one),
    };
    if !right {
        return Some(format!("{at} is {kind}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Some(format!("{at} is {value}"));
    }
    if let Some(only) = schema.get("const")
        && only != value
    {
        return Some(format!("{at} is {value}"));
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if value.get(name.as_str().unwrap()).is_none() {
            return Some(format!("{at} has no {name}"));
        }
    }
    let members = value.as_object().into_iter().flatten();
    let elements = value.as_array().into_iter().flatten();
    members
        .filter_map(|(name, value)| {
            let other = &schema["additionalProperties"];
            let known = schema["properties"].get(name);
            match (known, other) {
                (Some(known), _) => wrong(description, known, value, &format!("{at}.{name}")),
                (None, Value::Object(_)) => {
                    wrong(description, other, value, &format!("{at}.{name}"))
                }
                (None, Value::Bool(true)) => None,
                // Where members are named at all, one without a name was forgotten.
                (None, _) if schema["properties"].is_object() => {
                    Some(format!("{at}.{name} is not described"))
                }
                (None, _) => None,
            }
        })
        .chain(
            elements.filter_map(|value| {
                wrong(description, &schema["items"], value, &format!("{at}[]"))
            }),
        )
        .next()
}

/// Every place that a description refers to.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(name, value)| match (name.as_str(), value) {
                    ("$ref", Value::String(place)) => drop(found.insert(place.clone())),
                    (_, value) => references(value, found),
                })
        }
        Value::Array(elements) => elements.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_is_described_and_answers_as_its_description_says() {
    let site = Site::new();
    let node = site.node();
    let caller = node.caller(&site.token("OM", "author"));
    let description: Value = caller.get("/v1/openapi.json").await.json().await.unwrap();
    assert_eq!(description["openapi"], "3.1.0");
    assert_eq!(description["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut places = BTreeSet::new();
    references(&description, &mut places);
    for place in &places {
        assert!(
            description.pointer(&place[1..]).is_some(),
            "{place} leads nowhere"
        );
    }
    for name in description["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
    {
        assert!(
            places.contains(&format!("#/components/schemas/{name}")),
            "{name} is used nowhere"
        );
    }

    // What is served is what is described, with the same say on who may ask.
    let served = site.run(&["routes"]);
    let served: BTreeSet<(String, String, bool)> = served
        .lines()
        .map(|line| {
            let [method, path, need] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            (method.to_lowercase(), path.to_owned(), need == "anybody")
        })
        .collect();
    let paths = description["paths"].as_object().unwrap();
    let described = paths.iter().flat_map(|(path, operations)| {
        let operations = operations.as_object().unwrap().iter();
        operations.map(move |(method, operation)| {
            (
                method.clone(),
                path.clone(),
                operation["security"] == json!([]),
            )
        })
    });
    assert_eq!(described.collect::<BTreeSet<_>>(), served);

    // What comes back is what is described.
    let change = json!({"definition": ["tekst", "anders"]});
    let commands = [
        new(1, "term", Sharing::Chain),
        put(concept(1), 1, change.clone(), None),
        put(concept(1), 1, change, Some(Sharing::Chain)),
        put(concept(2), 7, json!({}), None),
    ];
    let id = concept(1);
    let job = "00000000-0000-0000-0000-00000000000a";
    let made = format!(
        "INSERT INTO job (id, organisation, account, name, model, digest, state, halt)
           SELECT '{job}', 'OM', id, 'x', 'groot', '', 'running', '{{\"error\": \"x\", \"message\": \"y\"}}' FROM account LIMIT 1;
         INSERT INTO job_row (job, number, organisation, term, context, follows, state, error, result) VALUES
           ('{job}', 2, 'OM', 'vonnis', '{{}}', NULL, 'done', NULL, '{{\"reply\": {{}}}}'),
           ('{job}', 3, 'OM', 'vonnis', '{{}}', 2, 'done', NULL, NULL),
           ('{job}', 4, 'OM', 'arrest', '{{}}', NULL, 'failed', '{{\"error\": \"x\", \"message\": \"y\"}}', NULL)"
    );
    site.database.sql(&made).unwrap();
    let filled = [
        (
            "get",
            "/v1/sync/hello",
            "/v1/sync/hello".to_owned(),
            json!(null),
        ),
        (
            "post",
            "/v1/sync/commands",
            "/v1/sync/commands".to_owned(),
            json!({ "commands": commands }),
        ),
        (
            "post",
            "/v1/sync/commands",
            "/v1/sync/commands".to_owned(),
            json!({ "commands": 7 }),
        ),
        (
            "get",
            "/v1/sync/changes",
            "/v1/sync/changes?after=0&closing=true".to_owned(),
            json!(null),
        ),
        (
            "get",
            "/v1/sync/changes",
            "/v1/sync/changes?after=x".to_owned(),
            json!(null),
        ),
        (
            "get",
            "/v1/sync/ranges/{range}",
            "/v1/sync/ranges/1".to_owned(),
            json!(null),
        ),
        (
            "get",
            "/v1/concepts/{concept}/trail",
            format!("/v1/concepts/{id}/trail"),
            json!(null),
        ),
        (
            "get",
            "/v1/concepts/{concept}/trail",
            format!("/v1/concepts/{}/trail", concept(9)),
            json!(null),
        ),
        (
            "post",
            "/v1/chat/completions",
            "/v1/chat/completions".to_owned(),
            json!({}),
        ),
        (
            "post",
            "/v1/embeddings",
            "/v1/embeddings".to_owned(),
            json!({}),
        ),
        ("get", "/v1/models", "/v1/models".to_owned(), json!(null)),
        ("post", "/v1/jobs", "/v1/jobs".to_owned(), json!(["vonnis"])),
        ("post", "/v1/jobs", "/v1/jobs".to_owned(), json!({})),
        ("get", "/v1/jobs", "/v1/jobs".to_owned(), json!(null)),
        (
            "get",
            "/v1/jobs/{job}",
            format!("/v1/jobs/{job}"),
            json!(null),
        ),
        (
            "get",
            "/v1/jobs/{job}",
            format!("/v1/jobs/{id}"),
            json!(null),
        ),
        (
            "get",
            "/v1/jobs/{job}/rows",
            format!("/v1/jobs/{job}/rows?limit=1"),
            json!(null),
        ),
        (
            "get",
            "/v1/jobs/{job}/rows",
            format!("/v1/jobs/{job}/rows?limit=0"),
            json!(null),
        ),
        (
            "get",
            "/v1/jobs/{job}/results",
            format!("/v1/jobs/{job}/results"),
            json!(null),
        ),
        (
            "post",
            "/v1/jobs/{job}/retry",
            format!("/v1/jobs/{job}/retry"),
            json!(null),
        ),
        (
            "post",
            "/v1/jobs/{job}/cancel",
            format!("/v1/jobs/{job}/cancel"),
            json!(null),
        ),
        ("get", "/v1/usage", "/v1/usage".to_owned(), json!(null)),
        (
            "get",
            "/v1/published",
            "/v1/published".to_owned(),
            json!(null),
        ),
        (
            "get",
            "/v1/published/{id}",
            format!("/v1/published/{id}"),
            json!(null),
        ),
        (
            "get",
            "/v1/identity",
            "/v1/identity".to_owned(),
            json!(null),
        ),
        (
            "get",
            "/health/live",
            "/health/live".to_owned(),
            json!(null),
        ),
        (
            "get",
            "/health/ready",
            "/health/ready".to_owned(),
            json!(null),
        ),
        (
            "get",
            "/metrics.json",
            "/metrics.json".to_owned(),
            json!(null),
        ),
    ];
    let administration = [
        ("get", "organisations", json!(null)),
        (
            "post",
            "users",
            json!({"name": "nieuw", "role": "reader", "email": "a@b.example"}),
        ),
        ("post", "users", json!({"name": "nieuw", "role": "reader"})),
        ("get", "users", json!(null)),
        ("post", "tokens", json!({"user": concept(9), "days": 1})),
        ("get", "tokens", json!(null)),
        ("put", "quota", json!({"day_tokens": 5, "day_euro": 0.5})),
        ("put", "quota", json!({"day_euro": "x"})),
        (
            "patch",
            "quota",
            json!({"day_tokens": null, "month_euro": 2.5}),
        ),
        ("patch", "quota", json!({"week_euro": 1})),
        ("get", "quota", json!(null)),
        ("get", "published", json!(null)),
        ("get", "log", json!(null)),
    ];
    let administration = administration.iter().map(|(method, part, body)| {
        let path = format!("/v1/admin/{part}");
        (*method, path.clone(), path, body.clone())
    });
    let administrator = node.caller(&site.token("OM", "administrator"));
    let filled = filled
        .into_iter()
        .map(|(method, path, url, body)| (method, path.to_owned(), url, body));
    for (method, path, url, body) in filled.chain(administration) {
        let path = path.as_str();
        let caller = match path.starts_with("/v1/admin/") {
            true => &administrator,
            false => &caller,
        };
        let known: Method = method.to_uppercase().parse().unwrap();
        let mut request = caller.request(known, &url);
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{url}");
        let told: Value = response.json().await.unwrap();
        let operation = &description["paths"][path][method];
        let said = &operation["responses"][status.as_str()];
        assert!(
            said.is_object(),
            "{method} {url}: {status} is not described"
        );
        let schema = &said["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{method} {url}: {status} has no form");
        let fault = wrong(&description, schema, &told, path);
        assert_eq!(fault, None, "{method} {url}: {told}");
    }
}
