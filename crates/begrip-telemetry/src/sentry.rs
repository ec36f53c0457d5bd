//! Errors as events of the Sentry protocol, each in an envelope of its own.

use std::fmt;
use std::time::UNIX_EPOCH;

use reqwest::Url;
use serde_json::{Map, Value as Json, json};
use zeroize::Zeroizing;

use crate::allowed::Value;
use crate::layer::Fault;
use crate::{Program, Refused, VERSION, in_clear};

/// Where errors go: `https://KEY@HOST/PROJECT`. Holds a key, so it is neither shown nor copied.
#[derive(PartialEq)]
pub struct Dsn {
    pub(crate) envelopes: Url,
    key: Zeroizing<String>,
}

impl Dsn {
    /// Reads a DSN.
    ///
    /// # Errors
    /// It is no `https` address with a key, a host and a project number. `http` is for this machine alone: the key goes
    /// along with every error.
    pub fn read(text: &str) -> Result<Self, Refused> {
        let mut url = Url::parse(text.trim()).map_err(|_| Refused)?;
        let key = Zeroizing::new(url.username().to_owned());
        let whole = url.path().trim_end_matches('/').to_owned();
        let (before, project) = whole.rsplit_once('/').ok_or(Refused)?;
        let is_key = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !["http", "https"].contains(&url.scheme())
            || in_clear(&url)
            || url.host_str().is_none_or(str::is_empty)
            || key.is_empty()
            || !key.chars().all(is_key)
            || project.is_empty()
            || !project.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Err(Refused);
        }
        url.set_username("").map_err(|()| Refused)?;
        url.set_password(None).map_err(|()| Refused)?;
        url.set_query(None);
        url.set_fragment(None);
        url.set_path(&format!("{before}/api/{project}/envelope/"));
        Ok(Self {
            envelopes: url,
            key,
        })
    }

    /// The header that lets an envelope in.
    pub(crate) fn header(&self) -> Zeroizing<String> {
        let key = &*self.key;
        Zeroizing::new(format!(
            "Sentry sentry_version=7, sentry_client=begrip/{VERSION}, sentry_key={key}"
        ))
    }
}

impl fmt::Debug for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dsn(***)")
    }
}

/// The envelope of one error. Names the program, its version, the kind of system, the code and the
/// place in our sources; no machine, no user, no message.
pub fn envelope(fault: &Fault, program: Program) -> String {
    let id = format!("{:032x}", fastrand::u128(1..));
    let event = event(fault, program, &id).to_string();
    let head = json!({ "event_id": id });
    let item = json!({ "type": "event", "length": event.len() });
    format!("{head}\n{item}\n{event}\n")
}

fn event(fault: &Fault, program: Program, id: &str) -> Json {
    let code = fault.fields.word("code");
    let mut tags = Map::new();
    let mut extra = Map::new();
    for (name, value) in &fault.fields.0 {
        match value {
            Value::Word(word) => tags.insert((*name).to_owned(), json!(word)),
            Value::Int(number) => extra.insert((*name).to_owned(), json!(number)),
            Value::Float(number) => extra.insert((*name).to_owned(), json!(number)),
            Value::Bool(so) => extra.insert((*name).to_owned(), json!(so)),
        };
    }
    let mut contexts = json!({ "os": { "name": std::env::consts::OS } });
    if let Some((trace, step, name)) = fault.inside {
        tags.insert("step".to_owned(), json!(name));
        contexts["trace"] = json!({
            "trace_id": format!("{trace:032x}"),
            "span_id": format!("{step:016x}"),
        });
    }
    let kind = match (fault.panic, code) {
        (true, _) => "panic",
        (false, Some(code)) => code,
        (false, None) => "error",
    };
    let at = fault.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    json!({
        "event_id": id,
        "timestamp": at.as_secs_f64(),
        "platform": "native",
        "level": if fault.panic { "fatal" } else { "error" },
        "logger": fault.module,
        "release": format!("{}@{VERSION}", program.as_str()),
        "sdk": { "name": "begrip", "version": VERSION },
        "exception": { "values": [{
            "type": kind,
            "value": fault.place,
            "module": fault.module,
            "mechanism": { "type": if fault.panic { "panic" } else { "log" }, "handled": !fault.panic },
        }] },
        // What belongs together does so by where it happened, for there is no message to go by.
        "fingerprint": [kind, fault.place.as_deref().unwrap_or(fault.module)],
        "tags": tags,
        "extra": extra,
        "contexts": contexts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dsn_is_read_or_refused_and_never_shown() {
        let dsn = Dsn::read(" https://geheim1@meld.example:8443/pad/42 ").unwrap();
        assert_eq!(
            dsn.envelopes.as_str(),
            "https://meld.example:8443/pad/api/42/envelope/"
        );
        assert!(dsn.header().ends_with("sentry_key=geheim1"));
        assert!(!format!("{dsn:?}").contains("geheim"));
        for here in ["http://geheim@127.0.0.1:9000/42", "http://geheim@[::1]/42"] {
            assert!(Dsn::read(here).is_ok(), "{here}");
        }
        for wrong in [
            "",
            "geheim",
            "https://meld.example/42",
            "https://geheim@meld.example/",
            "https://geheim@meld.example/project",
            "ftp://geheim@meld.example/42",
            "http://geheim@meld.example/42",
            "http://geheim@127.0.0.1.meld.example/42",
            "https://gehe%0Aim@meld.example/42",
        ] {
            assert!(Dsn::read(wrong).is_err(), "{wrong}");
        }
    }
}
