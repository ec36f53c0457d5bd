//! Labels and definitions in a Turtle file. Reads as much of Turtle as that takes: strings, and
//! where a statement about one subject ends.

use std::iter::Peekable;
use std::str::Chars;

use crate::Entry;

#[derive(Debug, PartialEq)]
enum Token {
    /// A name, an IRI or a number.
    Name(String),
    /// A string with its language, empty for none.
    Text(String, String),
    Mark(char),
}

/// The Dutch definition of every subject with a Dutch preferred label.
pub fn definitions(turtle: &str) -> Vec<Entry> {
    let mut out = Vec::new();
    let (mut label, mut definition) = (None, None);
    let (mut predicate, mut subject) = (String::new(), true);
    let mut depth = 0_u32;
    for token in tokens(turtle) {
        match token {
            Token::Mark('[' | '(') => depth += 1,
            Token::Mark(']' | ')') => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            Token::Mark('.') => {
                if let (Some(term), Some(text)) = (label.take(), definition.take()) {
                    out.push(Entry { term, text });
                }
                (label, definition, subject) = (None, None, true);
                predicate.clear();
            }
            Token::Mark(';') => predicate.clear(),
            Token::Mark(_) => {}
            Token::Name(_) if subject => subject = false,
            Token::Name(name) if predicate.is_empty() => predicate = name,
            Token::Name(_) => {}
            Token::Text(text, language) if language.is_empty() || language == "nl" => {
                match predicate.as_str() {
                    "skos:prefLabel" => label = label.or(Some(text)),
                    "skos:definition" => definition = definition.or(Some(text)),
                    _ => {}
                }
            }
            Token::Text(..) => {}
        }
    }
    out
}

fn tokens(turtle: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut chars = turtle.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '#' => while chars.next_if(|c| *c != '\n').is_some() {},
            '<' => {
                let name: String = chars.by_ref().take_while(|c| *c != '>').collect();
                out.push(Token::Name(name));
            }
            '"' => {
                let text = string(&mut chars);
                let mut language = String::new();
                if chars.next_if_eq(&'@').is_some() {
                    while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || *c == '-') {
                        language.push(c);
                    }
                }
                out.push(Token::Text(text, language));
            }
            '.' | ';' | ',' | '[' | ']' | '(' | ')' => out.push(Token::Mark(c)),
            '^' => {}
            c if c.is_whitespace() => {}
            c => out.push(Token::Name(name(c, &mut chars))),
        }
    }
    out
}

/// A full stop belongs to a name only when the name goes on after it.
fn name(first: char, chars: &mut Peekable<Chars<'_>>) -> String {
    let mut name = String::from(first);
    while let Some(c) = chars.peek().copied() {
        let mut ahead = chars.clone();
        ahead.next();
        let goes_on = ahead.peek().is_some_and(|c| c.is_alphanumeric());
        if c.is_whitespace() || ";,[]()\"<".contains(c) || (c == '.' && !goes_on) {
            break;
        }
        name.push(c);
        chars.next();
    }
    name
}

/// The rest of a string whose first quotation mark was read.
fn string(chars: &mut Peekable<Chars<'_>>) -> String {
    let mut marks = 1;
    while marks < 3 && chars.next_if_eq(&'"').is_some() {
        marks += 1;
    }
    if marks == 2 {
        return String::new();
    }
    let mut out = String::new();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => break,
            },
            '"' if marks == 1 => break,
            '"' if out.ends_with("\"\"") => {
                out.truncate(out.len() - 2);
                break;
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_goes_with_the_label_of_its_own_subject() {
        let turtle = r#"
            @prefix skos: <http://www.w3.org/2004/02/skos/core#> . # a comment; with "marks"
            :hof a skos:Concept ;
                skos:prefLabel "court"@en , "hof"@nl ;
                skos:definition "gerecht; in \"hoger\" beroep."@nl ;
                dct:source [ skos:prefLabel "wet"@nl ] .
            :zaak skos:prefLabel "zaak"@nl .
            :v1.2 skos:definition """geschil
"voor" een rechter"""@nl ; skos:prefLabel "geding"@nl, "proces"@nl ; :n 1.5 .
            :order skos:prefLabel "order"@en ; skos:definition "an order"@en .
        "#;
        let found = definitions(turtle);
        let found: Vec<_> = found.iter().map(|e| (&*e.term, &*e.text)).collect();
        assert_eq!(
            found,
            [
                ("hof", "gerecht; in \"hoger\" beroep."),
                ("geding", "geschil\n\"voor\" een rechter"),
            ]
        );
    }
}
