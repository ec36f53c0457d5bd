//! Sentences with a number, an address, a date or a place that may not get out.

use begrip_privacy::Kind;

use super::Maker;
use super::frames::*;
use super::lists::*;

impl Maker {
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
    pub fn number(&mut self) -> String {
        match self.random.u8(0..17) {
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
                self.beside(town);
                let code = self.postcode();
                let tail = match self.random.u8(0..3) {
                    0 => String::new(),
                    1 => {
                        self.plant(Kind::Postcode, &code, None);
                        format!(", {code} {town}")
                    }
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
                self.beside(town);
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
            12 => {
                let number = self.digits(4);
                let court = self.pick(&["HR", "RBAMS", "GHARL", "RVS"]);
                let ecli = format!("ECLI:NL:{court}:2019:{number}");
                self.plant(Kind::Ecli, &ecli, None);
                format!("De uitspraak in eerste aanleg is {ecli}.")
            }
            13 => self.postcode_alone(),
            14 => self.place(),
            _ => self.document(),
        }
    }

    fn postcode(&mut self) -> String {
        let letters: String = (0..2).map(|_| self.random.char('A'..='Z')).collect();
        let letters = letters.replace('S', "T");
        let between = self.pick(&["", " ", "  ", "\u{A0}"]);
        format!(
            "{}{}{between}{letters}",
            self.random.u8(1..=9),
            self.digits(3)
        )
    }

    fn postcode_alone(&mut self) -> String {
        let code = self.postcode();
        self.plant(Kind::Postcode, &code, None);
        self.pick(&POSTCODE).replace("{}", &code)
    }

    fn place(&mut self) -> String {
        let town = self.pick(&TOWNS);
        self.plant(Kind::Place, town, None);
        self.pick(&PLACE).replace("{}", town)
    }

    fn document(&mut self) -> String {
        let (name, form) = DOCUMENTS[self.random.usize(0..DOCUMENTS.len())];
        let number: String = form
            .chars()
            .map(|c| match c {
                'L' => self.random.char('A'..='N'),
                '9' => self.random.digit(10),
                other => other,
            })
            .collect();
        self.plant(Kind::Document, &number, None);
        let written = format!("{name} {number}");
        self.pick(&DOCUMENT).replace("{}", &written)
    }
}
