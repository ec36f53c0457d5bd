//! Case texts with known secrets, made from a seed, and how much of them gets out.
//!
//! Nobody in them exists. Half of the names stand in the word lists of the crate, half do not: a
//! measurement over known names alone would say little.
#![allow(dead_code, reason = "each program uses a part of it")]

mod frames;
mod lists;
pub mod measure;
mod names;
mod numbers;

use std::collections::BTreeSet;

use begrip_privacy::{Choices, Kind, Party, Protected, protect};
use unicode_normalization::UnicodeNormalization;

use lists::*;
pub use names::Way;

/// Something in a text that may not get out.
#[derive(Clone, Debug)]
pub struct Planted {
    pub kind: Kind,
    /// Its letters and digits: what may not be read in the text that goes out.
    pub core: String,
    pub way: Option<Way>,
}

/// A case text with what it hides.
#[derive(Clone, Debug)]
pub struct Case {
    pub text: String,
    pub parties: Vec<String>,
    pub planted: Vec<Planted>,
    /// Words beside what was planted, that may be replaced with it: a given name, the town of an address.
    pub beside: BTreeSet<String>,
}

impl Case {
    pub fn protect(&self) -> Protected {
        let parties: Vec<Party> = self
            .parties
            .iter()
            .filter_map(|line| Party::read(line))
            .collect();
        protect(&self.text, &parties, &Choices::default())
    }
}

/// Letters and digits in small letters, in their plain form.
pub fn core(text: &str) -> String {
    text.nfkd()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Words, as `core` writes them.
pub fn words(text: &str) -> Vec<String> {
    let visible: String = text
        .nfkd()
        .filter(|c| !matches!(c, '\u{300}'..='\u{36F}' | '\u{200B}' | '\u{AD}'))
        .collect();
    visible
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Everything of one seed.
struct Maker {
    random: fastrand::Rng,
    planted: Vec<Planted>,
    beside: BTreeSet<String>,
}

/// `count` case texts.
pub fn cases(seed: u64, count: usize) -> Vec<Case> {
    (0..count)
        .map(|number| {
            let number = u64::try_from(number).unwrap_or_default();
            case(seed.wrapping_mul(1_000_003).wrapping_add(number))
        })
        .collect()
}

fn case(seed: u64) -> Case {
    let mut maker = Maker {
        random: fastrand::Rng::with_seed(seed),
        planted: Vec::new(),
        beside: BTreeSet::new(),
    };
    let mut parties = Vec::new();
    let mut sentences = Vec::new();
    let mut left: Vec<usize> = (0..PARTIES.len()).collect();
    for _ in 0..maker.random.usize(1..=2) {
        let (given, surname) = PARTIES[left.swap_remove(maker.random.usize(0..left.len()))];
        let role = maker.pick(&ROLES);
        let line = match (role, maker.random.bool()) {
            ("", _) => format!("{given} {surname}"),
            (role, true) => format!("{role}: {given} {surname}"),
            (role, false) => format!("{role}: {surname}, {given}"),
        };
        parties.push(line);
        for _ in 0..maker.random.usize(1..=3) {
            let sentence = maker.about_party(given, surname);
            sentences.push(sentence);
        }
    }
    for _ in 0..maker.random.usize(3..=6) {
        let sentence = maker.number();
        sentences.push(sentence);
    }
    for _ in 0..maker.random.usize(2..=4) {
        let sentence = maker.somebody();
        sentences.push(sentence);
    }
    for _ in 0..maker.random.usize(1..=3) {
        sentences.push(maker.pick(&PLAIN).to_owned());
    }
    maker.random.shuffle(&mut sentences);
    let between = maker.pick(&[" ", "\n", "\n\n"]);
    let mut text = sentences.join(between);
    if maker.random.u8(0..6) == 0 {
        text = text.nfd().collect();
    }
    Case {
        text,
        parties,
        planted: maker.planted,
        beside: maker.beside,
    }
}

impl Maker {
    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.random.usize(0..from.len())]
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| self.random.digit(10)).collect()
    }

    fn plant(&mut self, kind: Kind, text: &str, way: Option<Way>) {
        self.planted.push(Planted {
            kind,
            core: core(text),
            way,
        });
    }

    fn about_party(&mut self, given: &str, surname: &str) -> String {
        // Each word of the name by itself may not get out.
        let small = ["van", "der", "de", "el", "ten", "t", "d", "o"];
        for word in words(&format!("{given} {surname}")) {
            if !small.contains(&word.as_str()) {
                self.plant(Kind::Party, &word, None);
            }
        }
        let initial = given.chars().next().unwrap_or('X');
        let name = match self.random.u8(0..12) {
            0 => format!("{given} {surname}"),
            1 => format!("{initial}. {surname}"),
            2 => surname.to_owned(),
            3 => given.to_owned(),
            4 => format!("{given} {surname}").to_uppercase(),
            5 => format!("{given} {surname}").to_lowercase(),
            6 => format!("{surname}, {initial}."),
            7 => format!("{given}\n{surname}"),
            8 => {
                let mut capital = surname.chars();
                let first: String = capital
                    .next()
                    .into_iter()
                    .flat_map(char::to_uppercase)
                    .collect();
                format!("{first}{}", capital.as_str())
            }
            9 => format!("de heer {surname}"),
            10 => format!("{given} {surname}")
                .replace(' ', "\u{A0}")
                .replace('a', "a\u{200B}"),
            _ => format!("{given} {surname}").nfd().collect(),
        };
        let before = self.pick(&[
            "Op die dag heeft",
            "Toen zag de agent dat",
            "Volgens de verklaring is",
            "In de woning was ook",
            "Daarna heeft",
        ]);
        let after = self.pick(&[
            "de portemonnee gepakt.",
            "daar niet geweest.",
            "(die zweeg) meegenomen.",
            "- na overleg - bekend.",
            "gezien bij het station.",
        ]);
        format!("{before} {name} {after}")
    }
}
