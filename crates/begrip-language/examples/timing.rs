//! Prints how long the analysis takes, for a definition of ordinary length and for long texts.
//!
//! `cargo run --release -p begrip-language --example timing`
#![allow(clippy::print_stdout, reason = "an example that shows its findings")]

use std::hint::black_box;
use std::time::Instant;

use begrip_language::{Text, search_words, term_key};

const DEFINITION: &str = "door de rechter opgelegde, onherroepelijk geworden vrijheidsstraf die de \
    veroordeelde in een penitentiaire inrichting ondergaat en waarvan de tenuitvoerlegging door \
    Onze Minister van Justitie en Veiligheid overeenkomstig art. 6:1:1 van het Wetboek van \
    Strafvordering wordt gelast, met dien verstande dat de tijd die hij vóór de tenuitvoerlegging \
    in voorlopige hechtenis heeft doorgebracht, geheel of gedeeltelijk in mindering wordt gebracht.";

fn main() {
    let start = Instant::now();
    black_box(term_key("vonnis"));
    println!("first use, lexicon read: {:?}", start.elapsed());
    println!("{} words", Text::new(DEFINITION).words().len());
    per_call("Text::new", || {
        drop(black_box(Text::new(black_box(DEFINITION))))
    });
    per_call("search_words", || {
        drop(black_box(search_words(black_box(DEFINITION))))
    });
    per_call("term_key", || {
        drop(black_box(term_key(black_box("voorlopige hechtenissen"))));
    });
    for piece in [
        "de ",
        "a",
        "a.",
        "a-",
        "(",
        "\u{301}",
        "opgelegde ",
        "in een ",
        "enz. De ",
    ] {
        let source = piece.repeat(1_000_000 / piece.len());
        let start = Instant::now();
        black_box(Text::new(&source));
        let analysed = start.elapsed();
        black_box((term_key(&source), search_words(&source)));
        println!(
            "1 MB of {piece:?}: {analysed:?}, with key and search words {:?}",
            start.elapsed()
        );
    }
}

fn per_call(name: &str, mut call: impl FnMut()) {
    let mut samples: Vec<f64> = (0..300)
        .map(|_| {
            let start = Instant::now();
            (0..20).for_each(|_| call());
            start.elapsed().as_secs_f64() * 1e6 / 20.0
        })
        .collect();
    samples.sort_by(f64::total_cmp);
    println!(
        "{name}: median {:.1} µs, p95 {:.1} µs",
        samples[150], samples[285]
    );
}
