//! Shows what the analysis makes of texts: one text a line on standard input.
//!
//! `echo 'door de rechter opgelegde straf' | cargo run -p begrip-language --example analyse`
#![allow(clippy::print_stdout, reason = "an example that shows its findings")]

use std::io::{BufRead, stdin};

use begrip_language::{Text, search_words, term_key};

fn main() -> std::io::Result<()> {
    for line in stdin().lock().lines() {
        let line = line?;
        let text = Text::new(&line);
        let opening = text.opening();
        let head = opening.head.and_then(|h| text.words().get(h));
        println!(
            "{:?} {:?} head={} sentences={} key={:?} search={:?}\n    {line}",
            opening.kind,
            opening.number,
            head.map_or("-", |w| w.raw),
            text.sentences().len(),
            term_key(&line).as_str(),
            search_words(&line).join(" "),
        );
    }
    Ok(())
}
