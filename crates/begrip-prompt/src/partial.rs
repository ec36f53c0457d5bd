use crate::clean::OneLine;
use crate::escapes::{Escapes, Unescaped};
use crate::reply::{Field, Reply};

/// Reads a streamed reply while it comes in, so that the definition can be shown as it grows.
///
/// Feed it the pieces in order, split anywhere. What it shows only ever grows, and equals what
/// [`crate::read_reply`] gives for the whole text when that text is valid JSON of the reply's
/// form. It judges nothing: whether a reply can be used, `read_reply` decides at the end.
#[derive(Clone, Debug, Default)]
pub struct PartialReader {
    definition: Shown,
    explanation: Shown,
    open: Vec<Container>,
    inside: Inside,
    name: String,
    field: Option<Field>,
    escapes: Escapes,
}

#[derive(Clone, Debug, Default)]
struct Shown {
    line: OneLine,
    chars: usize,
    done: bool,
}

impl Shown {
    fn push(&mut self, c: char) {
        if self.chars < Reply::MAX_DEFINITION {
            self.line.push(c);
            self.chars += 1;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

/// What the next character stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Inside {
    /// Between values, or in a number or word, or before the JSON begins.
    #[default]
    Between,
    /// A member's name, ended by this quote.
    Name(char),
    /// After a name, before its value.
    Value,
    /// A string value, ended by this quote.
    Text(char),
}

/// Names longer than this are none of ours; the rest is not kept.
const LONGEST_NAME: usize = 64;
/// Deeper nesting than this is no reply; nothing more is read.
const DEEPEST: usize = 64;

impl PartialReader {
    /// A reader at the start of a reply.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece; true when a text to be shown has grown.
    pub fn feed(&mut self, piece: &str) -> bool {
        let before = (self.definition().len(), self.explanation().len());
        for c in piece.chars() {
            self.step(c);
        }
        before != (self.definition().len(), self.explanation().len())
    }

    /// The definition so far.
    pub fn definition(&self) -> &str {
        self.definition.line.as_str()
    }

    /// The explanation so far.
    pub fn explanation(&self) -> &str {
        self.explanation.line.as_str()
    }

    /// True when the definition is complete.
    pub fn definition_is_complete(&self) -> bool {
        self.definition.done
    }

    fn step(&mut self, c: char) {
        match self.inside {
            Inside::Name(quote) | Inside::Text(quote) => self.string(c, quote),
            Inside::Between | Inside::Value => self.structure(c),
        }
    }

    fn structure(&mut self, c: char) {
        match c {
            '{' | '[' if self.open.len() < DEEPEST => {
                self.open.push(if c == '{' {
                    Container::Object
                } else {
                    Container::Array
                });
                self.inside = Inside::Between;
                self.field = None;
            }
            // Quotes in the prose before the JSON open nothing.
            _ if self.open.is_empty() => {}
            '}' | ']' => {
                self.open.pop();
                self.inside = Inside::Between;
            }
            ',' => self.inside = Inside::Between,
            ':' if self.inside == Inside::Between => {
                self.field = Field::named(&self.name);
                self.inside = Inside::Value;
            }
            '"' | '\'' => self.open_string(c),
            _ => {}
        }
    }

    fn open_string(&mut self, quote: char) {
        self.escapes = Escapes::default();
        let is_name =
            self.inside == Inside::Between && self.open.last() == Some(&Container::Object);
        if is_name {
            self.name.clear();
            self.inside = Inside::Name(quote);
        } else {
            if self.inside == Inside::Between {
                self.field = None;
            }
            self.inside = Inside::Text(quote);
        }
    }

    fn string(&mut self, c: char, quote: char) {
        if c == quote && !self.escapes.in_the_middle() {
            if let Some(owed) = self.escapes.finish() {
                self.keep(owed);
            }
            if let (Inside::Text(_), Some(shown)) = (self.inside, self.shown()) {
                // An empty text is no definition; a later one with the same name may be.
                shown.done = shown.chars > 0;
            }
            self.inside = Inside::Between;
            return;
        }
        match self.escapes.push(c) {
            Unescaped::Nothing => {}
            Unescaped::One(a) => self.keep(a),
            Unescaped::Two(a, b) => {
                self.keep(a);
                self.keep(b);
            }
        }
    }

    fn keep(&mut self, c: char) {
        match self.inside {
            Inside::Name(_) if self.name.len() < LONGEST_NAME => self.name.push(c),
            Inside::Text(_) => {
                if let Some(shown) = self.shown() {
                    shown.push(c);
                }
            }
            _ => {}
        }
    }

    /// The text that the current value belongs to. Only the first value of a name counts.
    fn shown(&mut self) -> Option<&mut Shown> {
        let shown = match self.field? {
            Field::Definition => &mut self.definition,
            Field::Explanation => &mut self.explanation,
            _ => return None,
        };
        (!shown.done).then_some(shown)
    }
}
