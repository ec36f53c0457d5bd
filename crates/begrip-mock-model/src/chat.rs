//! The chat protocol: a request's body read, an answer's content chosen.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::behaviour::Behaviour;
use crate::replies::{self, Reply};
use crate::{tokens, workload};

/// What a request asks, as far as the mock looks at it.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) messages: Vec<(String, String)>,
    pub(crate) stream: bool,
    pub(crate) include_usage: bool,
    pub(crate) schema: Option<Value>,
    pub(crate) wants_json: bool,
    pub(crate) max_tokens: Option<u32>,
    pub(crate) tokens_in: u32,
}

impl Ask {
    /// Reads a request's body; the error is a sentence for the 400 answer.
    pub(crate) fn read(body: &Value) -> Result<Self, String> {
        let messages = body["messages"]
            .as_array()
            .filter(|messages| !messages.is_empty())
            .ok_or("'messages' must be a list with at least one message")?
            .iter()
            .map(message)
            .collect::<Result<Vec<_>, _>>()?;
        let format = body.get("response_format").filter(|form| !form.is_null());
        let says_json = messages.iter().any(|(_, text)| text.contains("JSON"));
        let limit = ["max_completion_tokens", "max_tokens"]
            .iter()
            .find_map(|name| body[name].as_u64());
        Ok(Self {
            tokens_in: tokens::of_request(&messages, format),
            stream: body["stream"].as_bool().unwrap_or(false),
            include_usage: body["stream_options"]["include_usage"] == json!(true),
            schema: format.map(|form| form["json_schema"]["schema"].clone()),
            wants_json: says_json || format.is_some_and(|form| form["type"] != "text"),
            max_tokens: limit.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX)),
            messages,
        })
    }

    fn question(&self) -> &str {
        let last_user = self.messages.iter().rev().find(|(role, _)| role == "user");
        last_user.map_or("", |(_, text)| text)
    }

    /// The term that is asked about; see [`replies::term_in`].
    pub(crate) fn term(&self) -> String {
        replies::term_in(self.question())
    }

    /// True when the question brings a faulty text along to be repaired.
    pub(crate) fn asks_repair(&self) -> bool {
        self.question().contains("<tekst>")
    }
}

fn message(message: &Value) -> Result<(String, String), String> {
    let role = message["role"].as_str().ok_or("a message has no 'role'")?;
    let content = match &message["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|p| p["text"].as_str()).collect(),
        _ => return Err("a message has no 'content'".to_owned()),
    };
    Ok((role.to_owned(), content))
}

/// The content of an answer and why it ends.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) pieces: Vec<(String, u32)>,
    pub(crate) finish_reason: &'static str,
}

impl Answer {
    /// The answer to `ask` under `behaviour`.
    pub(crate) fn to(ask: &Ask, behaviour: &Behaviour) -> Self {
        let mut pieces = tokens::pieces(&content(ask, behaviour));
        let mut finish_reason = "stop";
        if let Behaviour::ContentFilter = behaviour {
            pieces.truncate(4);
            finish_reason = "content_filter";
        }
        let cut = match behaviour {
            Behaviour::Truncated { after } => Some(*after),
            _ => ask.max_tokens,
        };
        if let Some(limit) = cut.map(|limit| limit as usize)
            && pieces.len() > limit
        {
            pieces.truncate(limit);
            finish_reason = "length";
        }
        Self {
            pieces,
            finish_reason,
        }
    }

    pub(crate) fn text(&self) -> String {
        self.pieces
            .iter()
            .map(|(piece, _)| piece.as_str())
            .collect()
    }

    pub(crate) fn tokens(&self) -> u32 {
        self.pieces.iter().map(|(_, tokens)| tokens).sum()
    }
}

fn content(ask: &Ask, behaviour: &Behaviour) -> String {
    let term = ask.term();
    let good = || replies::reply_to(&term);
    match behaviour {
        Behaviour::Empty | Behaviour::Huge { .. } => String::new(),
        Behaviour::Text { text } => text.clone(),
        Behaviour::WrongJson => r#"{"antwoord": 42, "definities": [{"tekst": null}]}"#.to_owned(),
        Behaviour::Prose => format!(
            "Natuurlijk, hier is de gevraagde definitie:\n\n{}\n\nLaat het me weten als u nog iets wilt wijzigen.",
            form(ask, &good())
        ),
        Behaviour::RunsOn => run_on(ask, form(ask, &good())),
        Behaviour::CodeFence => format!("```json\n{}\n```", form(ask, &good())),
        Behaviour::Judges { names, wrong, seed } => judged(
            ask,
            form(ask, &good()),
            names,
            f64::from(*wrong) / 100.0,
            *seed,
        ),
        Behaviour::Faulty => form(ask, &replies::faulty_reply_to(&term)),
        Behaviour::FaultyThenRepaired if !ask.asks_repair() => {
            form(ask, &replies::faulty_reply_to(&term))
        }
        _ => form(ask, &good()),
    }
}

/// The reply in the form asked for: the schema's properties, JSON, or plain text.
fn form(ask: &Ask, reply: &Reply) -> String {
    let whole = json!(reply);
    let properties = ask
        .schema
        .as_ref()
        .and_then(|s| s["properties"].as_object());
    if let Some(properties) = properties {
        let mut object = serde_json::Map::new();
        // The definition first, as a model writes it, so that it can be shown while it streams.
        let known = Reply::FIELDS.iter().map(|name| (*name).to_owned());
        let others = properties.keys().cloned();
        for name in known.chain(others) {
            if let Some(property) = properties.get(&name) {
                // Both names are in use for it.
                let ours = match name.as_str() {
                    "non_examples" => "counter_examples",
                    "opposites" => "antonyms",
                    other => other,
                };
                let value = whole.get(ours).cloned();
                let value = value.or_else(|| small_answer(&name, property, &ask.term(), reply));
                object.insert(name, value.unwrap_or_else(|| empty_of(property)));
            }
        }
        return ordered(&object);
    }
    if ask.wants_json {
        return whole.as_object().map(ordered).unwrap_or_default();
    }
    format!(
        "Definitie: {}\nToelichting: {}",
        reply.definition, reply.explanation
    )
}

/// What is asked before a definition: a name from a list, by how the term ends, and words to search
/// with, which the definition has.
fn small_answer(name: &str, property: &Value, term: &str, reply: &Reply) -> Option<Value> {
    let names = property["enum"].as_array();
    match (name, names) {
        (_, Some(names)) => {
            let wanted = if term.ends_with("ing") {
                "proces"
            } else {
                "type"
            };
            let found = names.iter().find(|name| *name == wanted);
            found.or(names.first()).cloned()
        }
        ("words", None) => {
            let words = reply.definition.split(|c: char| !c.is_alphanumeric());
            let long = words.filter(|word| word.chars().count() > 6).take(5);
            Some(long.collect::<Vec<_>>().into())
        }
        _ => None,
    }
}

/// An answer in which each name from a list is the one that `names` has for the term, or in the share `wrong` of
/// all terms another one.
fn judged(
    ask: &Ask,
    answer: String,
    names: &BTreeMap<String, String>,
    wrong: f64,
    seed: u64,
) -> String {
    let properties = ask
        .schema
        .as_ref()
        .and_then(|schema| schema["properties"].as_object());
    let lists: Vec<(&String, &Vec<Value>)> = properties
        .into_iter()
        .flatten()
        .filter_map(|(name, property)| Some((name, property["enum"].as_array()?)))
        .collect();
    let Ok(mut object) = serde_json::from_str::<serde_json::Map<String, Value>>(&answer) else {
        return answer;
    };
    let term = ask.term().to_lowercase();
    // FNV-1a: the same on every machine.
    let mut state = term
        .bytes()
        .fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    for (name, list) in lists {
        let known = names.get(&term).map(String::as_str);
        let others: Vec<&Value> = list.iter().filter(|one| one.as_str() != known).collect();
        let errs = workload::unit(&mut state) < wrong || known.is_none();
        let at = (workload::unit(&mut state) * others.len() as f64) as usize;
        let chosen = match known.filter(|_| !errs) {
            Some(known) => known.into(),
            None => others.get(at).map_or(Value::Null, |other| (*other).clone()),
        };
        object.insert(name.clone(), chosen);
    }
    ordered(&object)
}

/// Items of a list that no form ends: far over any token limit.
const ENDLESS: u64 = 2_000;

/// An answer whose lists go on for as long as the form lets them.
fn run_on(ask: &Ask, answer: String) -> String {
    let Ok(mut object) = serde_json::from_str::<serde_json::Map<String, Value>>(&answer) else {
        return answer;
    };
    for (name, value) in &mut object {
        if let Value::Array(items) = value {
            let form = ask
                .schema
                .as_ref()
                .map(|schema| &schema["properties"][name]);
            let most = form.and_then(|form| form["maxItems"].as_u64());
            let most = usize::try_from(most.unwrap_or(ENDLESS)).unwrap_or_default();
            items.resize(most, json!("steeds hetzelfde geval"));
        }
    }
    ordered(&object)
}

/// `serde_json` sorts keys; a reply keeps the order of [`Reply::FIELDS`], others after those.
fn ordered(object: &serde_json::Map<String, Value>) -> String {
    let known = Reply::FIELDS.iter().copied();
    let others = object.keys().map(String::as_str);
    let names = known.chain(others.filter(|name| !Reply::FIELDS.contains(name)));
    let members = names.filter_map(|name| {
        let value = object.get(name)?;
        Some(format!("{}: {value}", json!(name)))
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

fn empty_of(property: &Value) -> Value {
    match property["type"].as_str() {
        Some("array") => json!([]),
        Some("object") => json!({}),
        Some("boolean") => json!(false),
        Some("integer" | "number") => json!(0),
        _ => json!(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(body: Value) -> Ask {
        Ask::read(&body).unwrap()
    }

    fn text(body: Value, behaviour: &Behaviour) -> String {
        Answer::to(&ask(body), behaviour).text()
    }

    #[test]
    fn without_a_form_the_answer_is_plain_text() {
        let body = json!({"messages": [{"role": "user", "content": "vonnis"}]});
        assert!(text(body, &Behaviour::Normal).starts_with("Definitie: "));
    }

    #[test]
    fn json_is_given_when_the_prompt_asks_it_and_begins_with_the_definition() {
        let body = json!({"messages": [
            {"role": "system", "content": "Antwoord met JSON."},
            {"role": "user", "content": [{"type": "text", "text": "vonnis"}]},
        ]});
        let text = text(body, &Behaviour::Normal);
        assert!(text.starts_with(r#"{"definition": "#), "{text}");
        assert!(serde_json::from_str::<Value>(&text).unwrap()["synonyms"].is_array());
    }

    #[test]
    fn a_schema_decides_which_properties_the_answer_has() {
        let list = json!({"type": "array"});
        let schema = json!({"properties": {"x": list, "non_examples": list, "definition": {}}});
        let body = json!({
            "messages": [{"role": "user", "content": "vonnis"}],
            "response_format": {"type": "json_schema", "json_schema": {"schema": schema}},
        });
        let answer: Value = serde_json::from_str(&text(body, &Behaviour::Normal)).unwrap();
        let names: Vec<_> = answer.as_object().unwrap().keys().collect();
        assert_eq!(names, ["definition", "non_examples", "x"]);
        assert_eq!(
            answer["non_examples"],
            json!(replies::reply_to("vonnis").counter_examples)
        );
    }

    #[test]
    fn a_model_that_judges_is_wrong_about_as_often_as_it_is_told_and_about_the_same_terms() {
        let schema = json!({"properties": {"category": {"enum": ["type", "proces", "resultaat"]}}});
        let terms: Vec<String> = (0..400).map(|number| format!("begrip{number}")).collect();
        let names: BTreeMap<String, String> = terms
            .iter()
            .map(|term| (term.clone(), "proces".to_owned()))
            .collect();
        let right = |wrong: u32, seed: u64| -> Vec<bool> {
            let behaviour = Behaviour::Judges {
                names: names.clone(),
                wrong,
                seed,
            };
            let asked = terms.iter().map(|term| {
                let body = json!({
                    "messages": [{"role": "user", "content": format!("<term>{term}</term>")}],
                    "response_format": {"type": "json_schema", "json_schema": {"schema": schema}},
                });
                let answer: Value = serde_json::from_str(&text(body, &behaviour)).unwrap();
                answer["category"] == "proces"
            });
            asked.collect()
        };
        assert!(right(0, 1).iter().all(|right| *right));
        assert!(right(100, 1).iter().all(|right| !right));
        let wrong = right(20, 1).iter().filter(|right| !**right).count();
        // 80 on average; five standard deviations of a binomial are 40.
        assert!((40..=120).contains(&wrong), "{wrong}");
        assert_eq!(right(20, 1), right(20, 1));
        assert_ne!(right(20, 1), right(20, 2));
    }

    #[test]
    fn a_token_limit_cuts_the_answer_and_says_so() {
        let body = json!({"messages": [{"role": "user", "content": "vonnis"}], "max_tokens": 5});
        let answer = Answer::to(&ask(body), &Behaviour::Normal);
        assert_eq!((answer.pieces.len(), answer.finish_reason), (5, "length"));
    }

    #[test]
    fn a_list_that_runs_on_is_ended_by_the_form_or_else_by_the_token_limit() {
        for (list, items, ends) in [
            (json!({"type": "array", "maxItems": 4}), Some(4), "stop"),
            (json!({"type": "array"}), None, "length"),
        ] {
            let schema = json!({"properties": {"definition": {}, "synonyms": list}});
            let answer = Answer::to(
                &ask(json!({
                    "messages": [{"role": "user", "content": "vonnis"}],
                    "max_tokens": 900,
                    "response_format": {"type": "json_schema", "json_schema": {"schema": schema}},
                })),
                &Behaviour::RunsOn,
            );
            let read: Option<Value> = serde_json::from_str(&answer.text()).ok();
            let found = read.and_then(|read| Some(read["synonyms"].as_array()?.len()));
            assert_eq!((found, answer.finish_reason), (items, ends));
        }
    }

    #[test]
    fn a_faulty_answer_is_mended_when_repair_is_asked() {
        let first = json!({"messages": [{"role": "user", "content": "<term>vonnis</term>"}]});
        let repair = json!({"messages": [
            {"role": "user", "content": "<term>vonnis</term><tekst>Een vonnis is een vonnis</tekst>"},
        ]});
        let behaviour = Behaviour::FaultyThenRepaired;
        assert_ne!(
            text(first.clone(), &behaviour),
            text(first, &Behaviour::Normal)
        );
        assert_eq!(
            text(repair.clone(), &behaviour),
            text(repair, &Behaviour::Normal)
        );
    }

    #[test]
    fn a_body_that_is_no_chat_request_is_refused_with_a_reason() {
        for body in [
            json!({}),
            json!({"messages": []}),
            json!({"messages": [{"content": "x"}]}),
            json!({"messages": [{"role": "user"}]}),
            json!([]),
        ] {
            assert!(Ask::read(&body).is_err(), "{body}");
        }
    }
}
