//! Sentences about somebody whom nobody told of.

use begrip_privacy::Kind;

use super::frames::*;
use super::lists::*;
use super::{Maker, words};

/// How a free name stands in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// After a title or role: *mevrouw X*, *getuige X*.
    Titled,
    /// After somebody's relation or a word for naming: *zijn broer X*, *ene X*.
    Related,
    /// With initials: *J.P. X*.
    Initials,
    /// A given name of the lists, with a surname.
    KnownGiven,
    /// A given name and a surname that stand in no list.
    UnknownBoth,
    /// A surname of the lists by itself.
    KnownSurname,
    /// A surname that is a common word, with a given name or a title.
    CommonWord,
    /// A name that stands elsewhere in the text with a title.
    Again,
    /// One of three names in a row.
    InARow,
    /// A given name of no list, by itself.
    UnknownGiven,
    /// A surname of no list by itself, never introduced.
    UnknownSurname,
    /// The same at the beginning of a sentence.
    AtTheStart,
    /// A name in small letters, after a title and then once more without one.
    SmallLetters,
}

impl Way {
    pub const ALL: [Self; 13] = [
        Self::Titled,
        Self::Related,
        Self::Initials,
        Self::KnownGiven,
        Self::UnknownBoth,
        Self::KnownSurname,
        Self::CommonWord,
        Self::Again,
        Self::InARow,
        Self::UnknownGiven,
        Self::UnknownSurname,
        Self::AtTheStart,
        Self::SmallLetters,
    ];

    pub fn told(self) -> &'static str {
        match self {
            Self::Titled => "na aanspreking of rol (‘mevrouw X’, ‘getuige X’)",
            Self::Related => "na een verwant of een woord als ‘ene’ (‘zijn broer X’)",
            Self::Initials => "met voorletters (‘J.P. X’)",
            Self::KnownGiven => "voornaam uit de lijst, met achternaam",
            Self::UnknownBoth => "voor- en achternaam die in geen lijst staan",
            Self::KnownSurname => "achternaam uit de lijst, alleen",
            Self::CommonWord => "achternaam die een gewoon woord is, met voornaam of aanspreking",
            Self::Again => "naam die eerder in de tekst is ingeleid",
            Self::InARow => "een van drie namen achter elkaar",
            Self::UnknownGiven => "voornaam uit geen lijst, alleen",
            Self::UnknownSurname => "achternaam uit geen lijst, alleen en nooit ingeleid",
            Self::AtTheStart => "dezelfde, aan het begin van een zin",
            Self::SmallLetters => {
                "naam zonder hoofdletter, na een aanspreking en daarna nog eens zonder"
            }
        }
    }
}

impl Maker {
    /// A sentence or two about somebody whom nobody told of.
    pub fn somebody(&mut self) -> String {
        let way = Way::ALL[self.random.usize(0..Way::ALL.len())];
        let unknown = self.pick(&UNKNOWN_SURNAMES);
        let surname = match (way, self.random.bool()) {
            (Way::KnownSurname, _) => self.pick(&KNOWN_SURNAMES),
            (Way::Titled | Way::Related | Way::Initials | Way::KnownGiven, true) => {
                self.pick(&KNOWN_SURNAMES)
            }
            (Way::CommonWord, _) => self.pick(&COMMON_SURNAMES),
            (Way::UnknownGiven, _) => self.pick(&UNKNOWN_GIVEN),
            _ => unknown,
        };
        let title = self.pick(&TITLES);
        let small = self.pick(&["", "", "", "van der ", "de ", "van "]);
        let middle = self.pick(&MIDDLE);
        match way {
            Way::InARow => return self.row(),
            Way::SmallLetters => self.plant(Kind::Person, &surname.to_lowercase(), Some(way)),
            _ => self.plant(Kind::Person, surname, Some(way)),
        }
        match way {
            Way::Titled => fill(
                self.pick(&AFTER_TITLE),
                &format!("{title} {small}{surname}"),
            ),
            Way::Related => {
                let relation = self.pick(&RELATIONS);
                fill(middle, &format!("{relation} {small}{surname}"))
            }
            Way::Initials => {
                let first = self.random.char('A'..='Z');
                let second = self.random.char('A'..='Z');
                let initials = match self.random.u8(0..3) {
                    0 => format!("{first}.{second}."),
                    1 => format!("{first}. {second}."),
                    _ => format!("{first}."),
                };
                fill(middle, &format!("{initials} {small}{surname}"))
            }
            Way::KnownGiven => {
                let given = self.pick(&KNOWN_GIVEN);
                self.beside(given);
                fill(middle, &format!("{given} {small}{surname}"))
            }
            Way::UnknownBoth => {
                let given = self.pick(&UNKNOWN_GIVEN);
                self.beside(given);
                fill(middle, &format!("{given} {surname}"))
            }
            Way::CommonWord if self.random.bool() => {
                let given = self.pick(&KNOWN_GIVEN);
                self.beside(given);
                fill(middle, &format!("{given} {surname}"))
            }
            Way::CommonWord => fill(self.pick(&AFTER_TITLE), &format!("{title} {surname}")),
            Way::KnownSurname | Way::UnknownSurname | Way::UnknownGiven => fill(middle, surname),
            Way::AtTheStart => fill(self.pick(&START), surname),
            Way::Again => {
                // The second time is what is measured; the first is a title.
                let again = self.pick(&MIDDLE);
                format!(
                    "Er is gesproken met {title} {surname}. {}",
                    fill(again, surname)
                )
            }
            Way::SmallLetters => {
                let title = self.pick(&["de heer", "mevrouw", "getuige", "aangever"]);
                let name = surname.to_lowercase();
                let first = fill(self.pick(&AFTER_TITLE), &format!("{title} {name}"));
                format!("{first} {}", fill(middle, &name))
            }
            Way::InARow => String::new(),
        }
    }

    fn row(&mut self) -> String {
        let names: Vec<&str> = (0..3)
            .map(|at| match at {
                0 => self.pick(&KNOWN_SURNAMES),
                _ => self.pick(&UNKNOWN_SURNAMES),
            })
            .collect();
        for name in &names {
            self.plant(Kind::Person, name, Some(Way::InARow));
        }
        let [one, two, three] = [names[0], names[1], names[2]];
        match self.random.u8(0..3) {
            0 => format!("Aanwezig waren {one}, {two} en {three}."),
            1 => format!("Gehoord zijn achtereenvolgens {one}, {two} en {three}."),
            _ => format!("De buit is gedeeld door {one}, {two} en {three} samen."),
        }
    }

    /// What belongs to a planted name and may be replaced with it.
    pub fn beside(&mut self, name: &str) {
        self.beside.extend(words(name));
    }
}

fn fill(frame: &str, name: &str) -> String {
    frame.replace("{}", name)
}
