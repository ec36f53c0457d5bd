//! What a term's own form tells of its category: how its head noun ends.

use begrip_domain::Category;

use crate::nouns::singular;
use crate::opening::OpeningKind;
use crate::text::Text;

/// Endings of head nouns: the longest that fits decides, and `None` says that it does not tell.
/// A noun is of its own ending too.
const ENDINGS: &[(Option<Category>, &[&str])] = &[
    (
        Some(Category::Type),
        &[
            // Who somebody is.
            "persoon",
            "ambtenaar",
            "rechter",
            "griffier",
            "officier",
            "advocaat",
            "notaris",
            "curator",
            "deurwaarder",
            "tolk",
            "deskundige",
            "getuige",
            "verdachte",
            "veroordeelde",
            "gedetineerde",
            "minderjarige",
            "meerderjarige",
            "jeugdige",
            "volwassene",
            "betrokkene",
            "gemachtigde",
            "gerechtigde",
            "rechthebbende",
            "belanghebbende",
            "nabestaande",
            "benadeelde",
            "slachtoffer",
            "dader",
            "pleger",
            "raadsman",
            "raadsvrouw",
            "burger",
            "ouder",
            "arts",
            "werker",
            "medewerker",
            "werknemer",
            "werkgever",
            "houder",
            "gever",
            "vreemdeling",
            "jongere",
            "kind",
            "eiser",
            "verzoeker",
            "gedaagde",
            "klager",
            "functionaris",
            "commissaris",
            "voorzitter",
            "president",
            "generaal",
            "infiltrant",
            "ombudsman",
            "voogd",
            "bewindvoerder",
            "toezichthouder",
            "overtreder",
            "erfgenaam",
            "eigenaar",
            "partij",
            "bestuurder",
            // What an organisation or a place is.
            "orgaan",
            "instelling",
            "inrichting",
            "organisatie",
            "commissie",
            "kamer",
            "college",
            "raad",
            "rechtbank",
            "hof",
            "gerecht",
            "instantie",
            "dienst",
            "bureau",
            "stichting",
            "vereniging",
            "vennootschap",
            "onderneming",
            "gevangenis",
            "autoriteit",
            "woning",
            "huis",
            "gebouw",
            "ruimte",
            // What a thing is.
            "gegeven",
            "dossier",
            "register",
            "documentatie",
            "informatie",
            "voertuig",
            "wapen",
            "voorwerp",
            "goed",
            "middel",
            "stof",
            "materiaal",
            "rekening",
            "nummer",
            "bestand",
            // What the law knows as a norm, a right, a sanction or a state.
            "beginsel",
            "plicht",
            "recht",
            "bevoegdheid",
            "verbod",
            "gebod",
            "maatregel",
            "straf",
            "sanctie",
            "boete",
            "dwangsom",
            "termijn",
            "tijd",
            "voorwaarde",
            "stelsel",
            "regeling",
            "regime",
            "delict",
            "misdrijf",
            "overtreding",
            "feit",
            "grond",
            "belang",
            "taak",
            "vereiste",
            "minimum",
            "geheim",
            "heid",
            "aansprakelijkheid",
            "programma",
            "kosten",
            "schuld",
            "voordeel",
            "overeenkomst",
            "verzekering",
            "rechtsmiddel",
        ],
    ),
    (
        Some(Category::Result),
        &[
            "besluit",
            "beschikking",
            "bevel",
            "vonnis",
            "arrest",
            "beslissing",
            "uitspraak",
            "verklaring",
            "schrift",
            "geschrift",
            "schriftuur",
            "akte",
            "rapport",
            "verslag",
            "brief",
            "proces-verbaal",
            "nota",
            "advies",
            "vergunning",
            "ontheffing",
            "vrijstelling",
            "machtiging",
            "dagvaarding",
            "tenlastelegging",
            "kennisgeving",
            "aanmaning",
            "aanwijzing",
            "veroordeling",
            "vrijspraak",
            "sepot",
            "oordeel",
            "voorschrift",
            "testament",
            "convenant",
            "aanvraag",
            "requisitoir",
            "certificaat",
            "document",
            "mededeling",
            "goedkeuring",
            "ingebrekestelling",
            "verordening",
        ],
    ),
    (
        Some(Category::Process),
        &[
            "ing",
            "atie",
            "onderzoek",
            "procedure",
            "proces",
            "verhoor",
            "toezicht",
            "controle",
            "executie",
            "operatie",
            "infiltratie",
            "mediation",
            "arbitrage",
            "zitting",
            "geding",
            "poging",
            "overdracht",
            "afdoening",
            "diefstal",
            "koop",
            "bijstand",
            "name",
            "tap",
            "aanhouding",
            "optreden",
            "gebruik",
            "overleg",
            "vervoer",
        ],
    ),
    (
        // One and the same form for what is done and for what comes of it, or for a kind of thing.
        None,
        &[
            "voorziening",
            "vordering",
            "vergoeding",
            "schikking",
            "verlenging",
            "betaling",
            "leiding",
            "verhouding",
            "betrekking",
            "melding",
            "relatie",
            "situatie",
            "verraad",
            "inhoud",
            "onrecht",
            "ontslag",
            "beroep",
        ],
    ),
];

/// The category that the form of a term tells, and the ending that tells it; `None` when the form
/// does not tell. A guess that is right for most terms: who uses it says so.
pub fn category_of(term: &str) -> Option<(Category, String)> {
    let text = Text::new(term);
    let words = text.words();
    if is_name(&words.iter().map(|word| word.raw).collect::<Vec<_>>()) {
        return Some((Category::Particular, term.trim().to_owned()));
    }
    let opening = text.opening();
    let head = match opening.head.and_then(|at| words.get(at)) {
        Some(head) => head,
        // A word that is read as something else, and the only one: *verdachte*.
        None if words.len() == 1 => words.first()?,
        None => return None,
    };
    let noun = singular(&head.lower).unwrap_or_else(|| head.lower.to_string());
    let fitting = ENDINGS
        .iter()
        .flat_map(|(category, endings)| endings.iter().map(move |ending| (*category, *ending)))
        .filter(|(_, ending)| noun.ends_with(ending))
        .max_by_key(|(_, ending)| ending.len());
    match fitting {
        Some((category, ending)) => category.map(|category| (category, ending.to_owned())),
        // *opnemen van vertrouwelijke communicatie*
        None => (opening.kind == OpeningKind::Infinitive && words.len() > 1)
            .then(|| (Category::Process, head.lower.to_string())),
    }
}

/// Whether words are the name of one thing: *Hoge Raad der Nederlanden*, *Raad van State*.
fn is_name(words: &[&str]) -> bool {
    let capitals = |word: &&&str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.all(char::is_lowercase)
    };
    words.first().is_some_and(|first| capitals(&first)) && words.iter().filter(capitals).count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_ending_of_the_head_noun_decides() {
        for (term, category) in [
            ("getuigenverhoor", Some(Category::Process)),
            ("getuigenverhoren", Some(Category::Process)),
            ("penitentiaire inrichting", Some(Category::Type)),
            ("last van een inrichting", None),
            ("bevel tot voorlopige hechtenis", Some(Category::Result)),
            ("aanhouding", Some(Category::Process)),
            ("dwangmaatregelen", Some(Category::Type)),
            ("voorlopige voorziening", None),
            (
                "opnemen van vertrouwelijke communicatie",
                Some(Category::Process),
            ),
            ("Raad van State", Some(Category::Particular)),
            ("Verdachte", Some(Category::Type)),
            ("DNA-onderzoek", Some(Category::Process)),
            ("", None),
            ("xyz", None),
        ] {
            let told = category_of(term).map(|(category, _)| category);
            assert_eq!(told, category, "{term}");
        }
    }
}
