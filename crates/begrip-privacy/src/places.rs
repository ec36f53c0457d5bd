//! Addresses, postcodes, places of birth and residence.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::kind::Kind;
use crate::protect::{Find, pattern};
use crate::view::{View, key};

/// How the name of a street ends.
const STREETS: &str = "straat|straatje|laan|laantje|weg|plein|kade|gracht|singel|dreef|hof|hofje|pad|steeg|dijk|markt|park|plantsoen|boulevard|baan|ring|wal|burg|haven|erf|hoek|veld|velden|horst|zoom|allee|passage|kamp|brink|donk|akker|oord|borg|oever|sloot|vaart|brug|poort|vest|loop|dal|berg|heuvel|bosch|meent|gaarde|hove|tuin|werf|wijk|rak|buurt|pleintje|kant|rade|schans|esch|enk|maat|stede";

/// Words that end so and are no street.
const NO_STREET: [&str; 14] = [
    "gerechtshof",
    "hof",
    "rechtsweg",
    "wijk",
    "kant",
    "maat",
    "dal",
    "rijksweg",
    "snelweg",
    "hofmarkt",
    "veld",
    "baan",
    "park",
    "haven",
];

const SMALL: &str = "van|de|den|der|het|ten|ter|te|'t|'s|la|le|du";
const NUMBER: &str = r"(?:nr\.?\s?|nummer\s|huisnummer\s)?\d{1,5}(?:\s?[-/]\s?\d{1,4}\b)?(?:\s?-?\s?(?:[a-zA-Z]|bis|hs|I{1,3}|IV)\b)?(?:[-\s]\d{1,3}\s?(?:hoog|etage))?";
const POSTCODE: &str = r"[1-9]\d{3}[\s.-]{0,3}[A-Za-z]{2}\b";
const TOWN: &str = r"(?:'s-|'t\s)?(?:(?:Den|De|Het|Sint|St\.|Nieuwe?|Oude?|Noord|Zuid|Oost|West|Ter|Ten|Hoek|Klein|Groot)\s)?[A-Z][\w'-]+(?:(?:\s(?:aan|den|de|der|het|op|bij|en|over|am|onder|te|van|in)){1,2}\s(?:[A-Z]|'t\s[A-Z])[\w'-]+)?";

/// A street by its ending, with its number; the name may be of more words.
static STREET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?P<name>(?:[A-Z0-9][\w'.-]*\s(?:(?:{SMALL})\s){{0,3}}){{0,4}}(?P<last>[A-Za-z][\w'-]*(?:{STREETS})))(?:,?\s+){NUMBER}"
    ))
});
/// The same from the first word: *Laan van Meerdervoort 12*, *Plein 1944 nr. 3*.
static STREET_OF: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:Laan|Plein|Straat|Weg|Kade|Hof|Pad|Park|Singel|Steeg|Dijk|Markt|Gracht|Huis|Boulevard|Prins|Koningin)\s(?:(?:{SMALL})\s){{1,3}}(?:[A-Z0-9][\w'-]*\s(?:(?:{SMALL})\s){{0,2}}){{1,3}}{NUMBER}"
    ))
});
/// Whatever stands before a number with a postcode.
static BEFORE_POSTCODE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:[A-Z][\w'.-]*\s(?:(?:{SMALL})\s){{0,3}}){{1,5}}{NUMBER}[\s,(]{{1,4}}{POSTCODE}"
    ))
});
/// Where the text says that an address follows, capitals are not asked for.
static AFTER_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)\b(?:wonende|woont|woonachtig|woonadres|adres|verblijvende|verblijft|ingeschreven|gevestigd|adresgegevens|perceel|pand|woning)\b[\s:,]{{0,3}}(?:(?:aan|op|in|is|te|het|de|adres|perceel|pand)[\s:]){{0,4}}((?:[\w'.-]+\s){{1,4}}?{NUMBER})(?:[\s,.;)]|$)"
    ))
});
static BOX: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bpostbus\s\d{1,6}\b"));
static POSTCODE_ALONE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b([1-9]\d{3})([\s.-]{0,3})([A-Za-z]{2})\b"));
/// What belongs to an address that stands before it.
static TAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"^(?:[\s,(]{{1,4}}{POSTCODE})?(?:(?:[\s,]{{1,3}}(?:te|in)\s|,\s?|\s)(?P<town>{TOWN}))?"
    ))
});
static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:(?i:geboren|geb\.|wonende|woonachtig|verblijvende|geboorteplaats|woonplaats)[\s:]{{1,3}}(?:(?:te|in|is|op\s[\d\w\s.-]{{6,20}}?\s(?:te|in))[\s:]{{1,2}})?|(?:woont|woonde|verblijft|verbleef|ingeschreven)\s(?:\w+\s){{0,3}}?(?:te|in)\s)({TOWN})"
    ))
});

pub(crate) fn find(view: &View<'_>, found: &mut Vec<Find>) {
    let text = &view.text;
    let mut addresses: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    while let Some(hit) = STREET.captures_at(text, from) {
        let (Some(whole), Some(last)) = (hit.get(0), hit.name("last")) else {
            break;
        };
        from = last.end();
        if is_street(last.as_str()) {
            addresses.push(whole.range());
        }
    }
    for written in [&*STREET_OF, &*BEFORE_POSTCODE, &*BOX] {
        addresses.extend(written.find_iter(text).map(|hit| hit.range()));
    }
    for hit in AFTER_LABEL.captures_iter(text) {
        if let Some(address) = hit.get(1)
            && !is_other(address.as_str())
        {
            addresses.push(address.range());
        }
    }
    for address in addresses {
        let tail = tail(view, address.end);
        found.push(Find::new(
            address.start..address.end + tail,
            Kind::Address,
            // The street with its number is who lives there; the town may be left out elsewhere.
            key(view.get(address.clone())),
        ));
    }
    for hit in POSTCODE_ALONE.captures_iter(text) {
        let groups = [1, 2, 3].map(|at| hit.get(at).map_or("", |group| group.as_str()));
        if let Some(whole) = hit.get(0)
            && is_postcode(view, whole.start(), groups)
        {
            let end = whole.end() + town(view, whole.end());
            found.push(Find::new(
                whole.start()..end,
                Kind::Postcode,
                key(whole.as_str()),
            ));
        }
    }
    for hit in PLACE.captures_iter(text) {
        if let Some(place) = hit.get(1)
            && is_town(place.as_str())
            && !COUNTRIES.contains(&place.as_str())
        {
            found.push(Find::new(place.range(), Kind::Place, key(place.as_str())));
        }
    }
}

/// A street has a name before its ending, and a capital.
fn is_street(last: &str) -> bool {
    let lower = last.to_lowercase();
    let named = !STREETS.split('|').any(|street| street == lower);
    let capital = last.starts_with(char::is_uppercase);
    named && capital && !NO_STREET.contains(&lower.as_str())
}

/// What follows *wonende* and has a number may be a date or an article as well.
fn is_other(address: &str) -> bool {
    static OTHER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:artikel|artikelen|art|lid|boek|titel|sinds|vanaf|tot|januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|van|met|jaar|maanden|weken|dagen|binnen|ten|om|die|dat|en|of|onder|nummer|geboren|op|bsn|burgerservicenummer|bekend)\b",
        )
    });
    OTHER.is_match(address)
}

/// How many bytes after an address belong to it.
fn tail(view: &View<'_>, at: usize) -> usize {
    let Some(hit) = TAIL.captures(view.get(at..view.text.len())) else {
        return 0;
    };
    let whole = hit.get(0).map_or(0, |whole| whole.end());
    match hit.name("town") {
        // The next sentence is no town.
        Some(town) if !is_town(town.as_str()) => town_start(view.get(at..at + town.start())),
        _ => whole,
    }
}

fn town_start(before: &str) -> usize {
    let kept = before.trim_end_matches(|c: char| !c.is_alphanumeric());
    match kept.strip_suffix("te").or_else(|| kept.strip_suffix("in")) {
        Some(rest) if rest.ends_with(char::is_whitespace) => {
            rest.trim_end().trim_end_matches(',').len()
        }
        _ => kept.len(),
    }
}

fn town(view: &View<'_>, at: usize) -> usize {
    static AFTER: LazyLock<Regex> =
        LazyLock::new(|| pattern(&format!(r"^,?\s(?:te\s|in\s)?(?P<town>{TOWN})")));
    let rest = view.get(at..view.text.len());
    let hit = AFTER.captures(rest).and_then(|hit| hit.name("town"));
    hit.filter(|town| is_town(town.as_str()))
        .map_or(0, |town| town.end())
}

fn is_town(word: &str) -> bool {
    let first = word
        .split([' ', '-'])
        .next()
        .unwrap_or_default()
        .to_lowercase();
    !matches!(
        first.as_str(),
        "de" | "het"
            | "een"
            | "hij"
            | "zij"
            | "ze"
            | "er"
            | "dit"
            | "dat"
            | "deze"
            | "die"
            | "in"
            | "op"
            | "bij"
            | "na"
            | "toen"
            | "daar"
            | "verdachte"
            | "getuige"
            | "aangever"
            | "volgens"
            | "zijn"
            | "haar"
            | "hun"
            | "telefoon"
            | "tel"
            | "bsn"
            | "mobiel"
            | "e"
            | "email"
            | "slachtoffer"
            | "artikel"
            | "kenteken"
            | "geboren"
            | "tegen"
            | "onder"
            | "zo"
            | "met"
    )
}

/// Where somebody lives says little of who it is, and definitions and laws say it too.
const COUNTRIES: [&str; 16] = [
    "Nederland",
    "Nederlandse",
    "België",
    "Duitsland",
    "Frankrijk",
    "Luxemburg",
    "Spanje",
    "Italië",
    "Polen",
    "Turkije",
    "Marokko",
    "Suriname",
    "Aruba",
    "Curaçao",
    "Europa",
    "Europese",
];

/// Letters that a postcode never has.
const NEVER: [&str; 3] = ["SA", "SD", "SS"];

/// What stands after the number of an article or a year.
const LAWS: [&str; 24] = [
    "BW", "SR", "SV", "RV", "EU", "EG", "RO", "FW", "WW", "IW", "AW", "WA", "OM", "HR", "NJ", "AB",
    "GW", "VW", "RB", "CV", "JO", "AP", "AN", "PB",
];

/// Words that are no letters of a postcode.
const SMALL_WORDS: [&str; 40] = [
    "in", "en", "is", "op", "te", "de", "of", "om", "nr", "er", "ze", "we", "je", "al", "na", "km",
    "kg", "cm", "mm", "ha", "bv", "nv", "no", "zo", "af", "mg", "ml", "st", "nd", "st", "ex", "jo",
    "bw", "sr", "sv", "rv", "ho", "eu", "eg", "dd",
];

fn is_postcode(view: &View<'_>, at: usize, [digits, gap, letters]: [&str; 3]) -> bool {
    static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)(?:\bart(?:ikel(?:en)?|t)?\.?|\blid|\bboek|\bnr\.?|[:,.€/-])\s?$")
    });
    let capitals = letters.to_uppercase() == letters;
    let year = digits.starts_with("19") || digits.starts_with("20");
    let upper = letters.to_uppercase();
    let law = LAWS.contains(&upper.as_str());
    let numbered = NUMBERED.is_match(view.before(at, 12));
    let labelled = view.before(at, 14).to_lowercase().contains("postcode");
    let sure = match capitals {
        true => !(law && (numbered || year)),
        // *in 2016 en daarna* is no postcode; a street before it makes an address of it elsewhere.
        false => !numbered && !SMALL_WORDS.contains(&letters) && (gap.is_empty() || labelled),
    };
    sure && (!NEVER.contains(&upper.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, kind: Kind, expected: Option<&str>) {
        let view = View::of(text);
        let mut found = Vec::new();
        find(&view, &mut found);
        let longest = found
            .iter()
            .filter(|find| find.kind == kind)
            .max_by_key(|find| find.at.len());
        let words = longest.map(|find| view.get(find.at.clone()));
        assert_eq!(words, expected, "{text}");
    }

    #[test]
    fn an_address_is_found_whole() {
        for (before, address, after) in [
            ("Hij woont aan de ", "Dorpsstraat 12", "."),
            (
                "Hij woont aan de ",
                "Dorpsstraat 12a, 1234 AB Utrecht",
                " en",
            ),
            (
                "Hij woont aan de ",
                "Burgemeester de Vlugtlaan 123-2",
                " met",
            ),
            ("Hij woont aan de ", "Laan van Meerdervoort 45", "."),
            ("Adres: ", "Van der Helstplein 3 bis, 3512 JK Den Haag", "."),
            ("wonende te ", "Kerkweg 7 te Amersfoort", "."),
            ("adres: ", "Het Zand 4, 1811 AA Alkmaar", "."),
            ("Post naar ", "Postbus 20301", " graag"),
            ("wonende aan de ", "dorpsstraat 12", ", zegt"),
            ("Hij woont in de ", "Dorpsstraat 12", ". Hij zwijgt."),
            ("Hij woont ", "Dorpsstraat 12", ", De buren klagen."),
        ] {
            check(
                &format!("{before}{address}{after}"),
                Kind::Address,
                Some(address),
            );
        }
    }

    #[test]
    fn a_postcode_is_no_article_and_no_year() {
        check("postcode 1234 AB", Kind::Postcode, Some("1234 AB"));
        check("postcode 1234ab", Kind::Postcode, Some("1234ab"));
        check(
            "1012 NX Amsterdam",
            Kind::Postcode,
            Some("1012 NX Amsterdam"),
        );
        for text in [
            "artikel 1019 RV",
            "in 2016 en daarna",
            "Verordening 2016 EU",
            "in 2019 OM",
        ] {
            check(text, Kind::Postcode, None);
        }
    }

    #[test]
    fn law_has_no_address() {
        for text in [
            "Het Gerechtshof 12 maart 2020",
            "artikel 12 van het Wetboek van Strafrecht",
            "wonende of verblijvende in Nederland voor een periode van 12 maanden",
            "Langs de rechtsweg 3 keer",
        ] {
            check(text, Kind::Address, None);
        }
    }
}
