//! A small tree of an XML file.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::ReadError;
use crate::source::folded;

/// Elements within elements, at most.
const DEEPEST: usize = 100;

/// What is about the text and not of it.
const SKIPPED: &[&str] = &["meta-data", "bwb-wijzigingen", "redactionele-correcties"];

/// An element.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// Its name without prefix.
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Child>,
}

#[derive(Clone, Debug)]
pub(crate) enum Child {
    Node(Node),
    Text(String),
}

impl Node {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn nodes(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Child::Node(node) => Some(node),
            Child::Text(_) => None,
        })
    }

    pub fn child(&self, name: &str) -> Option<&Self> {
        self.nodes().find(|node| node.name == name)
    }

    /// The first element with this name at any depth, this one included.
    pub fn find(&self, name: &str) -> Option<&Self> {
        if self.name == name {
            return Some(self);
        }
        self.nodes().find_map(|node| node.find(name))
    }

    /// All text in it, white space folded, without notes and editor's remarks.
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.collect(&mut out);
        folded(&out)
    }

    fn collect(&self, out: &mut String) {
        for child in &self.children {
            match child {
                Child::Text(text) => out.push_str(text),
                Child::Node(node) if matches!(node.name.as_str(), "noot" | "redactie") => {}
                Child::Node(node) => {
                    let apart =
                        matches!(node.name.as_str(), "al" | "entry" | "row" | "para" | "br");
                    if apart {
                        out.push(' ');
                    }
                    node.collect(out);
                    if apart {
                        out.push(' ');
                    }
                }
            }
        }
    }
}

/// The root element of a file.
///
/// # Errors
/// Not well-formed, truncated, a DTD or own entities, nested too deeply.
pub(crate) fn parse(text: &str) -> Result<Node, ReadError> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Node> = Vec::new();
    // How many elements of a skipped one are open.
    let mut skipping = 0_usize;
    let mut root = None;
    loop {
        let event = reader
            .read_event()
            .map_err(|error| fault(&error, reader.buffer_position(), open.is_empty()))?;
        match event {
            Event::Eof if open.is_empty() => return root.ok_or(ReadError::Truncated),
            Event::Eof => return Err(ReadError::Truncated),
            Event::DocType(_) => return Err(ReadError::Entities),
            Event::Start(_) if skipping > 0 => skipping += 1,
            Event::End(_) if skipping > 0 => skipping -= 1,
            _ if skipping > 0 => {}
            Event::Start(start) if SKIPPED.contains(&start.local_name().as_ref()) => skipping = 1,
            Event::Start(start) => {
                if root.is_some() && open.is_empty() {
                    return Err(ReadError::NotXml(reader.buffer_position()));
                }
                if open.len() >= DEEPEST {
                    return Err(ReadError::TooDeep);
                }
                open.push(node(&start)?);
            }
            Event::Empty(start) => {
                let node = node(&start)?;
                close(node, &mut open, &mut root);
            }
            Event::End(_) => {
                if let Some(node) = open.pop() {
                    close(node, &mut open, &mut root);
                }
            }
            Event::Text(part) => push_text(&mut open, &part.xml10_content()),
            Event::CData(part) => push_text(&mut open, &part.xml10_content()),
            Event::GeneralRef(reference) => {
                let text = match reference.resolve_char_ref() {
                    Ok(Some(c)) => c.to_string(),
                    Ok(None) => predefined(&reference)?.to_owned(),
                    Err(_) => return Err(ReadError::NotXml(reader.buffer_position())),
                };
                push_text(&mut open, &text);
            }
            Event::PI(_) => push_text(&mut open, " "),
            Event::Comment(_) | Event::Decl(_) => {}
        }
    }
}

fn fault(error: &quick_xml::Error, at: u64, nothing_open: bool) -> ReadError {
    match error {
        quick_xml::Error::Syntax(_) if !nothing_open => ReadError::Truncated,
        _ => ReadError::NotXml(at),
    }
}

fn predefined(name: &str) -> Result<&'static str, ReadError> {
    match name {
        "amp" => Ok("&"),
        "lt" => Ok("<"),
        "gt" => Ok(">"),
        "quot" => Ok("\""),
        "apos" => Ok("'"),
        _ => Err(ReadError::Entities),
    }
}

fn node(start: &BytesStart<'_>) -> Result<Node, ReadError> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| ReadError::NotXml(0))?;
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_err(|_| ReadError::Entities)?
            .into_owned();
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
    }
    Ok(Node {
        name: start.local_name().as_ref().to_owned(),
        attributes,
        children: Vec::new(),
    })
}

fn close(node: Node, open: &mut [Node], root: &mut Option<Node>) {
    match open.last_mut() {
        Some(parent) => parent.children.push(Child::Node(node)),
        None => *root = Some(node),
    }
}

fn push_text(open: &mut [Node], text: &str) {
    let Some(parent) = open.last_mut() else {
        return;
    };
    match parent.children.last_mut() {
        Some(Child::Text(own)) => own.push_str(text),
        _ => parent.children.push(Child::Text(text.to_owned())),
    }
}
