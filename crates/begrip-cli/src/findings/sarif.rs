//! SARIF 2.1.0 (OASIS standard): one run, a result for each finding that asks for a look.
//!
//! A place in the file is told by its line. The place within the definition is told exactly, in a
//! nested artifact that holds the definition's own text: in the file the text may be escaped.

use std::collections::HashMap;
use std::io::{self, Write};

use begrip_app::UserError;
use begrip_rules::{Finding, Level, Outcome, Report, RulePack};
use serde_json::{Value, json};

use super::{About, Form, part, to_see};
use crate::definitions::{Definition, Faulty};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A log that is written while the file is read; what SARIF lists apart is held until the end.
pub struct Log<'a, W> {
    out: W,
    about: About<'a>,
    uri: String,
    /// Where each rule stands in the list of rules.
    places: HashMap<&'a str, usize>,
    /// The file, and after it the definitions that have a result.
    artifacts: Vec<Value>,
    notifications: Vec<Value>,
    separator: &'static [u8],
}

impl<'a, W: Write> Log<'a, W> {
    pub fn new(about: About<'a>, out: W) -> Self {
        let uri = uri(about.file);
        let rules = about.pack.rules().iter().enumerate();
        Self {
            out,
            places: rules.map(|(at, rule)| (rule.id().as_str(), at)).collect(),
            artifacts: vec![json!({
                "location": { "uri": uri },
                "roles": ["analysisTarget"],
            })],
            uri,
            about,
            notifications: Vec::new(),
            separator: b"\n",
        }
    }

    fn result(&mut self, definition: &Definition, finding: &Finding, artifact: usize) -> Value {
        let (kind, level) = match finding.outcome {
            // A result that is no failure has no level.
            Outcome::NeedsPerson => ("review", "none"),
            _ => ("fail", sarif_level(finding.level)),
        };
        let mut region = json!({ "startLine": definition.line });
        let mut within = json!({});
        if let Some([from, to]) = finding.span {
            region["snippet"] = json!({ "text": part(&definition.text, [from, to]) });
            within = json!({ "charOffset": from, "charLength": to - from });
        }
        let mut related = json!({ "id": 0, "physicalLocation": {
            "artifactLocation": { "index": artifact },
        } });
        if finding.span.is_some() {
            related["physicalLocation"]["region"] = within;
        }
        let mut result = json!({
            "ruleId": finding.rule,
            "kind": kind,
            "level": level,
            "message": { "text": finding.reason },
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": { "uri": self.uri, "index": 0 },
                    "region": region,
                },
                "logicalLocations": [{ "name": definition.term, "kind": "definition" }],
            }],
            "relatedLocations": [related],
        });
        if let Some(at) = self.places.get(finding.rule.as_str()) {
            result["ruleIndex"] = json!(at);
        }
        let mut properties = serde_json::Map::new();
        if let Some(id) = &definition.id {
            let id = serde_json::from_str(id.get()).unwrap_or(Value::Null);
            properties.insert("id".to_owned(), id);
        }
        if let Some(fix) = &finding.fix {
            properties.insert("fix".to_owned(), json!(fix.text));
        }
        if !properties.is_empty() {
            result["properties"] = Value::Object(properties);
        }
        result
    }
}

impl<W: Write> Form for Log<'_, W> {
    fn begin(&mut self) -> io::Result<()> {
        write!(
            self.out,
            "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{},\n\
             \"language\":\"nl\",\"columnKind\":\"unicodeCodePoints\",\"results\":[",
            json!({ "driver": driver(self.about.pack) })
        )
    }

    fn checked(&mut self, definition: &Definition, report: &Report) -> io::Result<()> {
        if to_see(report).next().is_none() {
            return Ok(());
        }
        let artifact = self.artifacts.len();
        self.artifacts.push(json!({
            "location": { "uri": format!("/{}", definition.line) },
            "parentIndex": 0,
            "contents": { "text": definition.text },
        }));
        for finding in to_see(report) {
            let result = self.result(definition, finding, artifact);
            self.out.write_all(self.separator)?;
            self.separator = b",\n";
            serde_json::to_writer(&mut self.out, &result)?;
        }
        Ok(())
    }

    fn faulty(&mut self, faulty: &Faulty, error: &UserError) -> io::Result<()> {
        self.notifications.push(json!({
            "descriptor": { "id": error.code },
            "level": "error",
            "message": { "text": format!("{} {}", error.message.nl, error.detail) },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": self.uri, "index": 0 },
                "region": { "startLine": faulty.line },
            } }],
        }));
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        let invocation = json!({
            "executionSuccessful": self.notifications.is_empty(),
            "startTimeUtc": self.about.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "toolExecutionNotifications": self.notifications,
        });
        writeln!(
            self.out,
            "\n],\n\"artifacts\":{},\n\"invocations\":[{invocation}]}}]}}",
            json!(self.artifacts)
        )?;
        self.out.flush()
    }
}

/// Begrip, with the rules that were asked.
fn driver(pack: &RulePack) -> Value {
    let rules: Vec<Value> = pack
        .rules()
        .iter()
        .map(|rule| {
            let file = rule.file();
            json!({
                "id": file.id,
                "shortDescription": { "text": file.title },
                "fullDescription": { "text": file.why },
                "help": { "text": file.question },
                "defaultConfiguration": { "level": sarif_level(file.level) },
            })
        })
        .collect();
    json!({
        "name": "Begrip",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "language": "nl",
        "rules": rules,
        "properties": { "rulePackVersion": pack.version() },
    })
}

fn sarif_level(level: Level) -> &'static str {
    match level {
        Level::Blocking => "error",
        Level::Serious => "warning",
        Level::Advice => "note",
    }
}

/// The file as a URI: relative where the user named it so.
fn uri(file: &str) -> String {
    if file == "-" {
        return "standaardinvoer".to_owned();
    }
    let path = file.replace('\\', "/");
    let mut uri = String::new();
    // A Windows path with a drive is absolute too.
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.starts_with('/') || drive {
        uri.push_str(if drive { "file:///" } else { "file://" });
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_file_is_named_by_a_valid_uri() {
        for (file, named) in [
            ("-", "standaardinvoer"),
            ("map/a b.jsonl", "map/a%20b.jsonl"),
            ("/tmp/één#1.csv", "file:///tmp/%C3%A9%C3%A9n%231.csv"),
            ("C:\\map\\a.csv", "file:///C%3A/map/a.csv"),
            ("a:b", "file:///a%3Ab"),
        ] {
            assert_eq!(uri(file), named);
        }
    }
}
