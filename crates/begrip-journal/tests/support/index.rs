//! An index as a search engine keeps one of lines in ECS: a field holds one kind of value for good, what ECS knows holds
//! what ECS says, and nothing stands below a field that has a value itself. Tests of the server and of the window use it.

use std::collections::BTreeMap;

use begrip_journal::{FIELDS, Kind, OWN};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// What every line has.
const ALWAYS: [&str; 7] = [
    "@timestamp",
    "message",
    "ecs.version",
    "log.level",
    "log.logger",
    "service.name",
    "service.version",
];

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Date,
    Text,
    Long,
    Double,
    Truth,
}

impl Holds {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(_) => Some(Self::Text),
            Value::Bool(_) => Some(Self::Truth),
            Value::Number(number) if number.is_i64() => Some(Self::Long),
            Value::Number(number) if number.is_f64() => Some(Self::Double),
            // Larger than a field can hold, a part with members of its own, or nothing.
            _ => None,
        }
    }
}

/// The index, with the kinds of all fields that it has seen.
pub struct Index {
    fields: BTreeMap<String, Holds>,
    /// Documents that it holds.
    pub documents: usize,
}

impl Index {
    /// An empty one that knows ECS.
    pub fn new() -> Self {
        let known = FIELDS.iter().map(|(name, kind)| {
            let holds = match kind {
                Kind::Date => Holds::Date,
                Kind::Text => Holds::Text,
                Kind::Long => Holds::Long,
            };
            ((*name).to_owned(), holds)
        });
        Self {
            fields: known.collect(),
            documents: 0,
        }
    }

    /// Takes a line of a log. Error: why it cannot.
    pub fn take(&mut self, line: &str) -> Result<(), String> {
        let line: Map<String, Value> =
            serde_json::from_str(line).map_err(|error| format!("no object: {error}"))?;
        if let Some(missing) = ALWAYS.iter().find(|name| !line.contains_key(**name)) {
            return Err(format!("{missing} is missing"));
        }
        for (name, value) in &line {
            self.field(name, value)?;
        }
        self.documents += 1;
        Ok(())
    }

    fn field(&mut self, name: &str, value: &Value) -> Result<(), String> {
        let holds = Holds::of(value).ok_or_else(|| format!("{name} cannot be {value}"))?;
        let Some(known) = self.fields.get(name).copied() else {
            return self.new_field(name, holds);
        };
        let fits = match (known, holds) {
            (Holds::Date, Holds::Text) => value
                .as_str()
                .is_some_and(|text| text.parse::<Timestamp>().is_ok()),
            (known, holds) => known == holds,
        };
        match fits {
            true => Ok(()),
            false => Err(format!("{name} holds {known:?} and is {value}")),
        }
    }

    fn new_field(&mut self, name: &str, holds: Holds) -> Result<(), String> {
        if !name.starts_with(OWN) {
            return Err(format!("{name} is no field of ECS"));
        }
        let below = |one: &str, other: &str| {
            one.strip_prefix(other)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        let clash = self
            .fields
            .keys()
            .find(|known| below(known, name) || below(name, known));
        if let Some(clash) = clash {
            return Err(format!("{name} cannot stand beside {clash}"));
        }
        self.fields.insert(name.to_owned(), holds);
        Ok(())
    }
}
