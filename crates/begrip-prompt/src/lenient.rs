//! JSON as language models write it: in a fence, between sentences, with trailing commas, single
//! quotes, bare names, comments, or line breaks inside strings. What is cut off is not repaired.

use serde_json::{Map, Value};

use crate::escapes::{Escapes, Unescaped};

/// The values that begin at a `{` or `[` of `text`, outermost first; at most a few are tried.
pub(crate) fn values_in(text: &str) -> impl Iterator<Item = Value> {
    const MOST_TRIED: usize = 32;
    let mut from = 0;
    let mut tried = 0;
    std::iter::from_fn(move || {
        while tried < MOST_TRIED {
            from += text.get(from..)?.find(['{', '['])?;
            tried += 1;
            let mut parser = Parser {
                rest: &text[from..],
            };
            match parser.value(0) {
                Some(value) => {
                    from = text.len() - parser.rest.len();
                    return Some(value);
                }
                None => from += 1,
            }
        }
        None
    })
}

/// Deeper nesting than this is no reply, and would cost stack.
const DEEPEST: usize = 32;

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        self.skip_space();
        match self.peek()? {
            '{' => self.object(depth),
            '[' => self.array(depth),
            '"' | '\'' => self.string().map(Value::String),
            _ => self.bare_value(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        self.take('{');
        let mut members = Map::new();
        loop {
            self.skip_commas();
            if self.take('}') {
                return Some(Value::Object(members));
            }
            let name = match self.peek()? {
                '"' | '\'' => self.string()?,
                _ => self.bare_name()?,
            };
            self.skip_space();
            if !self.take(':') {
                return None;
            }
            let value = self.value(depth + 1)?;
            // Of two members with one name the first counts: it is what was shown while streaming.
            members.entry(name).or_insert(value);
            self.end_of_item('}')?;
        }
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        self.take('[');
        let mut values = Vec::new();
        loop {
            self.skip_commas();
            if self.take(']') {
                return Some(Value::Array(values));
            }
            values.push(self.value(depth + 1)?);
            self.end_of_item(']')?;
        }
    }

    /// Between two items stands a comma, unless the end follows.
    fn end_of_item(&mut self, end: char) -> Option<()> {
        self.skip_space();
        let next = self.peek()?;
        (next == ',' || next == end).then_some(())
    }

    fn string(&mut self) -> Option<String> {
        let quote = self.peek()?;
        self.take(quote);
        let mut text = String::new();
        let mut escapes = Escapes::default();
        for (at, c) in self.rest.char_indices() {
            if c == quote && !escapes.in_the_middle() {
                text.extend(escapes.finish());
                self.rest = &self.rest[at + c.len_utf8()..];
                return Some(text);
            }
            match escapes.push(c) {
                Unescaped::Nothing => {}
                Unescaped::One(a) => text.push(a),
                Unescaped::Two(a, b) => text.extend([a, b]),
            }
        }
        None
    }

    fn bare_name(&mut self) -> Option<String> {
        let end = self
            .rest
            .find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-')?;
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn bare_value(&mut self) -> Option<Value> {
        let end = self.rest.find([',', '}', ']', '\n', '\r', ' ', '\t'])?;
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "true" | "True" => Some(Value::Bool(true)),
            "false" | "False" => Some(Value::Bool(false)),
            "null" | "None" | "undefined" => Some(Value::Null),
            number => serde_json::from_str::<serde_json::Number>(number)
                .ok()
                .map(Value::Number),
        }
    }

    fn skip_commas(&mut self) {
        self.skip_space();
        while self.take(',') {
            self.skip_space();
        }
    }

    fn skip_space(&mut self) {
        loop {
            self.rest = self
                .rest
                .trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
            if self.rest.starts_with("//") {
                self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
            } else if let Some(comment) = self.rest.strip_prefix("/*") {
                self.rest = comment.split_once("*/").map_or("", |(_, rest)| rest);
            } else {
                return;
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn take(&mut self, c: char) -> bool {
        let rest = self.rest.strip_prefix(c);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}
