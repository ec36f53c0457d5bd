//! Case texts with known secrets, made from a seed, and how much of them gets out.
//!
//! Nobody in them exists. Half of the names stand in the word lists of the crate, half do not: a
//! measurement over known names alone would say little.
#![allow(dead_code, reason = "each program uses a part of it")]

mod lists;
pub mod measure;

use begrip_privacy::{Choices, Kind, Party, Protected, protect};
use unicode_normalization::UnicodeNormalization;

use lists::*;

/// How a free name stands in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// After a title or role: *mevrouw X*, *getuige X*.
    Titled,
    /// With initials: *J.P. X*.
    Initials,
    /// A given name of the lists, with a surname.
    KnownGiven,
    /// A given name and a surname that stand in no list.
    UnknownBoth,
    /// A surname of the lists by itself.
    KnownSurname,
    /// A name that stands elsewhere in the text with a title.
    Again,
    /// A surname of no list by itself, never introduced.
    UnknownSurname,
}

impl Way {
    pub const ALL: [Self; 7] = [
        Self::Titled,
        Self::Initials,
        Self::KnownGiven,
        Self::UnknownBoth,
        Self::KnownSurname,
        Self::Again,
        Self::UnknownSurname,
    ];

    pub fn told(self) -> &'static str {
        match self {
            Self::Titled => "na aanspreking of rol (‘mevrouw X’, ‘getuige X’)",
            Self::Initials => "met voorletters (‘J.P. X’)",
            Self::KnownGiven => "voornaam uit de lijst, met achternaam",
            Self::UnknownBoth => "voor- en achternaam die in geen lijst staan",
            Self::KnownSurname => "achternaam uit de lijst, alleen",
            Self::Again => "naam die eerder in de tekst is ingeleid",
            Self::UnknownSurname => "achternaam uit geen lijst, alleen en nooit ingeleid",
        }
    }
}

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
    for _ in 0..maker.random.usize(2..=4) {
        let sentence = maker.number();
        sentences.push(sentence);
    }
    for _ in 0..maker.random.usize(1..=2) {
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

    fn written(&mut self, digits: &str, groups: &[usize]) -> String {
        let between = self.pick(&[
            "", "", ".", " ", "-", "\u{A0}", "\u{2009}", "\u{2011}", " - ", "\n",
        ]);
        let mut out = String::new();
        let mut rest = digits.chars();
        for (at, size) in groups.iter().enumerate() {
            if at > 0 {
                out.push_str(between);
            }
            out.extend(rest.by_ref().take(*size));
        }
        match self.random.u8(0..10) {
            0 => out
                .chars()
                .map(|c| match c.to_digit(10) {
                    Some(digit) => char::from_u32(0xFF10 + digit).unwrap_or(c),
                    None => c,
                })
                .collect(),
            1 => out.chars().flat_map(|c| [c, '\u{200B}']).collect(),
            _ => out,
        }
    }

    fn bsn(&mut self) -> String {
        loop {
            let first = self.digits(8);
            let values = first.chars().filter_map(|c| c.to_digit(10));
            let sum: u32 = values
                .zip((2..=9).rev())
                .map(|(value, weight)| value * weight)
                .sum();
            if sum % 11 < 10 && sum > 0 {
                return format!("{first}{}", sum % 11);
            }
        }
    }

    fn iban(&mut self) -> String {
        let bank = self.pick(&["ABNA", "INGB", "RABO", "TRIO", "KNAB"]);
        let account = self.digits(10);
        let mut remainder = 0;
        for c in format!("{bank}{account}NL00").chars() {
            let value = c.to_digit(36).unwrap_or_default();
            let shift = if value < 10 { 10 } else { 100 };
            remainder = (remainder * shift + value) % 97;
        }
        format!("NL{:02}{bank}{account}", 98 - remainder)
    }

    /// A sentence with a number or address.
    fn number(&mut self) -> String {
        match self.random.u8(0..13) {
            0..3 => {
                let bsn = self.bsn();
                self.plant(Kind::Bsn, &bsn, None);
                let groups: &[usize] = match self.random.u8(0..5) {
                    0 => &[9],
                    1 => &[3, 3, 3],
                    2 => &[4, 2, 3],
                    3 => &[2, 2, 2, 3],
                    _ => &[1, 1, 1, 1, 1, 1, 1, 1, 1],
                };
                let written = self.written(&bsn, groups);
                let before = self.pick(&[
                    "BSN",
                    "Burgerservicenummer:",
                    "bekend onder nummer",
                    "bsn-nummer",
                    "met",
                ]);
                format!("De betrokkene staat ingeschreven, {before} {written}.")
            }
            3 | 4 => {
                let iban = self.iban();
                self.plant(Kind::Iban, &iban, None);
                let written = match self.random.u8(0..4) {
                    0 => iban.clone(),
                    1 => iban.to_lowercase(),
                    _ => self.written(&iban, &[4, 4, 4, 4, 2]),
                };
                format!("Het geld ging naar rekening {written} op naam van een ander.")
            }
            5 => {
                let rest = self.digits(8);
                self.plant(Kind::Phone, &rest, None);
                let written = match self.random.u8(0..5) {
                    0 => format!("06-{rest}"),
                    1 => format!("+31 6 {rest}"),
                    2 => format!(
                        "06 {} {} {} {}",
                        &rest[..2],
                        &rest[2..4],
                        &rest[4..6],
                        &rest[6..]
                    ),
                    3 => format!("+31(0)6-{rest}"),
                    _ => format!("06{rest}"),
                };
                format!("Er is gebeld met {written} in de nacht.")
            }
            6 => {
                let number = self.digits(3);
                let email = format!("postvak{number}@voorbeeld.nl");
                self.plant(Kind::Email, &format!("postvak{number}"), None);
                let written = match self.random.u8(0..3) {
                    0 => email.replace('@', " @ "),
                    1 => email.replace('@', "[at]"),
                    _ => email,
                };
                format!("De dreiging kwam van {written} en is bewaard.")
            }
            7 => {
                let street = self.pick(&STREETS);
                let house = self.random.u16(1..400);
                self.plant(Kind::Address, &format!("{street}{house}"), None);
                let town = self.pick(&TOWNS);
                let letters: String = (0..2).map(|_| self.random.char('A'..='Z')).collect();
                let code = format!(
                    "{}{} {}",
                    self.random.u8(1..=9),
                    self.digits(3),
                    letters.replace('S', "T")
                );
                let tail = match self.random.u8(0..3) {
                    0 => String::new(),
                    1 => format!(", {code} {town}"),
                    _ => format!(" te {town}"),
                };
                format!("De woning aan de {street} {house}{tail} is doorzocht.")
            }
            8 => {
                let (day, month, year) = (
                    self.random.usize(1..=28),
                    self.random.usize(1..=12),
                    self.random.usize(1940..=2009),
                );
                let written = match self.random.u8(0..4) {
                    0 => format!("{day:02}-{month:02}-{year}"),
                    1 => format!("{day} {} {year}", MONTHS[month - 1]),
                    2 => format!("{day}/{month}/{year}"),
                    _ => format!("{year}-{month:02}-{day:02}"),
                };
                self.plant(Kind::BirthDate, &written, None);
                let town = self.pick(&TOWNS);
                match self.random.u8(0..3) {
                    0 => format!(
                        "De betrokkene, geboren op {written} te {town}, is niet verschenen."
                    ),
                    1 => format!("Geboortedatum: {written}."),
                    _ => format!("Hij is geboren te {town} op {written} en woont hier."),
                }
            }
            9 => {
                let letters = |maker: &mut Self, count: usize| -> String {
                    (0..count)
                        .map(|_| maker.pick(&["B", "D", "F", "G", "K", "N", "P", "R", "T", "Z"]))
                        .collect()
                };
                let (two, three) = (letters(self, 2), letters(self, 3));
                let plate = match self.random.u8(0..4) {
                    0 => format!("{two}-{}-{}", self.digits(2), self.digits(2)),
                    1 => format!("{}-{three}-{}", self.digits(2), self.digits(1)),
                    2 => format!("{two}-{}-{}", self.digits(3), letters(self, 1)),
                    _ => format!("{}-{two}-{}", self.digits(2), self.digits(2)),
                };
                self.plant(Kind::Plate, &plate, None);
                format!("Een grijze bestelauto, {plate}, reed weg.")
            }
            10 => {
                let (court, number, year) = (self.digits(2), self.digits(6), self.digits(2));
                self.plant(Kind::Parket, &format!("{court}{number}{year}"), None);
                let written = match self.random.u8(0..3) {
                    0 => format!("{court}/{number}-{year}"),
                    1 => format!("{court}-{number}-{year}"),
                    _ => format!("{court}.{number}.{year}"),
                };
                format!("De zaak met parketnummer {written} is gevoegd.")
            }
            11 => {
                let (court, number) = (self.random.u8(10..30), self.digits(5));
                let written = match self.random.u8(0..4) {
                    0 => format!("C/{court}/4{number} / HA ZA 20-{}", &number[..3]),
                    1 => format!("200.3{}.{}/01", &number[..2], &number[2..]),
                    2 => format!("AWB 20/{number}"),
                    _ => format!("rolnummer 22-0{number}-19"),
                };
                self.plant(
                    Kind::CaseNumber,
                    written.trim_start_matches("rolnummer "),
                    None,
                );
                format!("Zie ook de stukken in {written} van de rechtbank.")
            }
            _ => {
                let number = self.digits(4);
                let court = self.pick(&["HR", "RBAMS", "GHARL", "RVS"]);
                let ecli = format!("ECLI:NL:{court}:2019:{number}");
                self.plant(Kind::Ecli, &ecli, None);
                format!("De uitspraak in eerste aanleg is {ecli}.")
            }
        }
    }

    /// A sentence or two about somebody whom nobody told of.
    fn somebody(&mut self) -> String {
        let way = Way::ALL[self.random.usize(0..Way::ALL.len())];
        let unknown = self.pick(&UNKNOWN_SURNAMES);
        let surname = match (way, self.random.bool()) {
            (Way::KnownSurname, _) | (Way::Titled | Way::Initials | Way::KnownGiven, true) => {
                self.pick(&KNOWN_SURNAMES)
            }
            _ => unknown,
        };
        let title = self.pick(&TITLES);
        let small = self.pick(&["", "", "", "van der ", "de ", "van "]);
        self.plant(Kind::Person, surname, Some(way));
        let after = self.pick(&[
            "het gezien",
            "niets gehoord",
            "de auto herkend",
            "geen verklaring gegeven",
        ]);
        match way {
            Way::Titled => format!("Daarover heeft {title} {small}{surname} {after}."),
            Way::Initials => {
                let first = self.random.char('A'..='Z');
                let second = self.random.char('A'..='Z');
                format!("Daarover heeft {first}.{second}. {small}{surname} {after}.")
            }
            Way::KnownGiven => {
                let given = self.pick(&KNOWN_GIVEN);
                format!("Daarover heeft {given} {small}{surname} {after}.")
            }
            Way::UnknownBoth => {
                let given = self.pick(&UNKNOWN_GIVEN);
                format!("Daarover heeft {given} {surname} {after}.")
            }
            Way::KnownSurname => format!("Daarover heeft {surname} {after}."),
            Way::Again => {
                // The second time is what is measured; the first is a title.
                format!("Er is gesproken met {title} {surname}. Later heeft {surname} {after}.")
            }
            Way::UnknownSurname => format!("Daarover heeft {surname} {after}."),
        }
    }
}
