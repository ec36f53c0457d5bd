//! A store with generated concepts, and what a person types to find them. The same seed gives the
//! same concepts and the same keystrokes.

use std::path::Path;

use anyhow::{Context as _, Result};
use begrip_domain::{
    Category, Citation, Concept, ConceptFields, ConceptId, Context, Label, Origin, Provenance,
    Status, Validity,
};
use begrip_store::{Change, Store};
use fastrand::Rng;
use jiff::Timestamp;
use uuid::Uuid;

const QUALIFIERS: [&str; 40] = [
    "voorlopige",
    "bijzondere",
    "voorwaardelijke",
    "onvoorwaardelijke",
    "bestuurlijke",
    "gerechtelijke",
    "spoedeisende",
    "tijdelijke",
    "definitieve",
    "schriftelijke",
    "mondelinge",
    "openbare",
    "besloten",
    "internationale",
    "Europese",
    "landelijke",
    "regionale",
    "gemeentelijke",
    "ambtelijke",
    "civiele",
    "strafrechtelijke",
    "fiscale",
    "economische",
    "militaire",
    "digitale",
    "elektronische",
    "vrijwillige",
    "verplichte",
    "herhaalde",
    "aanvullende",
    "subsidiaire",
    "primaire",
    "vervangende",
    "beperkte",
    "volledige",
    "gedeeltelijke",
    "geheime",
    "gezamenlijke",
    "individuele",
    "algemene",
];

const FIRST: [&str; 50] = [
    "jeugd",
    "vreemdelingen",
    "verkeers",
    "milieu",
    "belasting",
    "handels",
    "zorg",
    "onderwijs",
    "woning",
    "arbeids",
    "huur",
    "familie",
    "vermogens",
    "executie",
    "beslag",
    "proces",
    "bewijs",
    "getuigen",
    "slachtoffer",
    "reclasserings",
    "gevangenis",
    "politie",
    "justitie",
    "griffie",
    "kanton",
    "arrondissements",
    "hof",
    "beroeps",
    "bezwaar",
    "boete",
    "dwangsom",
    "toezicht",
    "vergunning",
    "subsidie",
    "registratie",
    "identiteits",
    "gegevens",
    "privacy",
    "melding",
    "klacht",
    "schade",
    "invordering",
    "opsporings",
    "vervolgings",
    "tenuitvoerleggings",
    "overleverings",
    "rechtshulp",
    "bijstands",
    "wraking",
    "verjarings",
];

const HEADS: [(&str, &str, Category); 50] = [
    ("maatregel", "ingreep", Category::Result),
    ("procedure", "reeks van handelingen", Category::Process),
    ("beslissing", "uitspraak", Category::Result),
    ("bevoegdheid", "recht", Category::Type),
    ("termijn", "tijdvak", Category::Type),
    ("verzoek", "vraag", Category::Result),
    ("vordering", "eis", Category::Result),
    ("onderzoek", "verzameling van gegevens", Category::Process),
    ("zitting", "bijeenkomst", Category::Process),
    ("dossier", "verzameling van stukken", Category::Type),
    ("akte", "geschrift", Category::Result),
    ("bevel", "opdracht", Category::Result),
    ("machtiging", "toestemming", Category::Result),
    ("verklaring", "mededeling", Category::Result),
    ("overeenkomst", "afspraak", Category::Result),
    ("regeling", "geheel van voorschriften", Category::Type),
    ("register", "lijst", Category::Type),
    ("commissie", "groep van personen", Category::Type),
    ("kamer", "onderdeel van een gerecht", Category::Type),
    ("rapport", "verslag", Category::Result),
    ("advies", "aanbeveling", Category::Result),
    ("controle", "vergelijking", Category::Process),
    ("uitvoering", "verrichting", Category::Process),
    ("verplichting", "plicht", Category::Type),
    ("sanctie", "straf", Category::Result),
    ("voorziening", "maatregel", Category::Result),
    ("vertegenwoordiger", "persoon", Category::Type),
    ("ambtenaar", "persoon", Category::Type),
    ("instelling", "organisatie", Category::Type),
    ("kosten", "bedrag", Category::Type),
    ("schorsing", "onderbreking", Category::Process),
    ("intrekking", "handeling", Category::Process),
    ("wijziging", "verandering", Category::Process),
    ("toekenning", "verlening", Category::Process),
    ("weigering", "afwijzing", Category::Result),
    ("kennisgeving", "bericht", Category::Result),
    ("oproep", "uitnodiging", Category::Result),
    ("verhoor", "ondervraging", Category::Process),
    ("plan", "beschrijving", Category::Result),
    ("traject", "reeks van stappen", Category::Process),
    ("norm", "maatstaf", Category::Type),
    ("grond", "reden", Category::Type),
    ("recht", "aanspraak", Category::Type),
    ("zaak", "geschil", Category::Type),
    ("partij", "persoon", Category::Type),
    ("stuk", "geschrift", Category::Type),
    ("overdracht", "afgifte", Category::Process),
    ("keuring", "beoordeling", Category::Process),
    ("borg", "zekerheid", Category::Type),
    ("last", "opdracht", Category::Result),
];

const WHO: [&str; 12] = [
    "een rechter",
    "een officier van justitie",
    "een bestuursorgaan",
    "een griffier",
    "een deurwaarder",
    "een advocaat",
    "een reclasseringswerker",
    "een gemeente",
    "een inspecteur",
    "een directeur van een inrichting",
    "een opsporingsambtenaar",
    "een notaris",
];

const WHAT: [&str; 12] = [
    "wegens een overtreding",
    "op verzoek van een belanghebbende",
    "in afwachting van een uitspraak",
    "na afloop van een geding",
    "ten laste van een veroordeelde",
    "ten behoeve van een minderjarige",
    "binnen een lopende strafzaak",
    "in een geschil over geld",
    "voor de duur van een onderzoek",
    "bij gebrek aan bewijs",
    "ter bescherming van een getuige",
    "onder toezicht van een gerecht",
];

const LAWS: [&str; 8] = [
    "Wetboek van Strafvordering",
    "Wetboek van Strafrecht",
    "Algemene wet bestuursrecht",
    "Burgerlijk Wetboek",
    "Penitentiaire beginselenwet",
    "Wet justitiële en strafvorderlijke gegevens",
    "Wegenverkeerswet 1994",
    "Wetboek van Burgerlijke Rechtsvordering",
];

const ORGANISATIONS: [&str; 5] = ["OM", "Rechtspraak", "DJI", "CJIB", "Justid"];

const AREAS: [&str; 4] = ["strafrecht", "bestuursrecht", "civiel recht", "jeugdrecht"];

/// How many concepts there can be.
pub const MOST: usize = QUALIFIERS.len() * FIRST.len() * HEADS.len();

/// The term of the concept with this number; each number has another term.
pub fn term(number: usize) -> String {
    // Numbers that follow each other differ in every part, as in a store that grew over years.
    let number = (number * 7_919) % MOST;
    let (qualifier, rest) = (number % QUALIFIERS.len(), number / QUALIFIERS.len());
    let (first, head) = (rest % FIRST.len(), rest / FIRST.len());
    format!(
        "{} {}{}",
        QUALIFIERS[qualifier], FIRST[first], HEADS[head].0
    )
}

fn concept(number: usize, rng: &mut Rng, at: Timestamp) -> Result<Concept> {
    let term = term(number);
    let (head, broader, category) = HEADS
        .into_iter()
        .filter(|(head, ..)| term.ends_with(head))
        .max_by_key(|(head, ..)| head.len())
        .context("a term has a head")?;
    let pick = |rng: &mut Rng, from: &[&'static str]| from[rng.usize(..from.len())];
    let label = |text: &str| Label::new(text);
    let law = pick(rng, &LAWS);
    let (who, what) = (pick(rng, &WHO), pick(rng, &WHAT));
    let (other_who, other_what) = (pick(rng, &WHO), pick(rng, &WHAT));
    let article = rng.u32(1..600).to_string();
    let synonyms = match rng.u8(..5) {
        0 => vec![label(&format!("{head} {} {number}", pick(rng, &FIRST)))?],
        _ => Vec::new(),
    };
    let context = Context {
        organisations: [label(pick(rng, &ORGANISATIONS))?].into(),
        legal_areas: [label(pick(rng, &AREAS))?].into(),
        statutory_bases: [label(law)?].into(),
    };
    let statuses = [
        Status::Established,
        Status::Established,
        Status::Proposed,
        Status::InPreparation,
    ];
    Ok(Concept {
        id: ConceptId(Uuid::from_u128(
            (u128::from(rng.u64(..)) << 64) | number as u128,
        )),
        fields: ConceptFields {
            term: label(&term)?,
            synonyms,
            antonyms: Vec::new(),
            context,
            category: Some(category),
            definition: format!(
                "{broader} die {who} {what} vaststelt en die {other_who} {other_what} uitvoert"
            ),
            explanation: format!(
                "Deze {head} komt van {who}. Zij geldt {other_what} en eindigt met een bericht aan {other_who}."
            ),
            examples: vec![format!("Een zaak waarin {who} {what} een {head} geeft.")],
            counter_examples: Vec::new(),
            citations: vec![Citation {
                source: label(law)?,
                article: Some(article),
                paragraph: None,
                address: None,
            }],
            validity: Validity::default(),
            notes: String::new(),
        },
        status: statuses[rng.usize(..statuses.len())],
        version: 1,
        provenance: Provenance {
            origin: Origin::Import,
            author: "begrip-bench".to_owned(),
            model: None,
        },
        created_at: at,
        modified_at: at,
    })
}

/// `count` generated concepts (at most [`MOST`]).
pub fn concepts(count: usize, seed: u64, at: Timestamp) -> impl Iterator<Item = Result<Concept>> {
    let mut rng = Rng::with_seed(seed);
    (0..count.min(MOST)).map(move |number| concept(number, &mut rng, at))
}

/// Makes a store with `count` generated concepts (at most [`MOST`]) in `home`.
pub fn make(home: &Path, count: usize, seed: u64) -> Result<()> {
    let at: Timestamp = "2026-01-01T12:00:00Z".parse()?;
    let (store, _) = Store::open(home, false, at)?;
    let change = Change {
        author: "begrip-bench",
        at,
        reason: "generated",
    };
    let mut generated = concepts(count, seed, at);
    // One transaction a chunk: as an import does it.
    for chunk in 0.. {
        let concepts = generated
            .by_ref()
            .take(10_000)
            .collect::<Result<Vec<_>>>()?;
        if concepts.is_empty() {
            break;
        }
        store.install_starter(&format!("generated, part {chunk}"), &concepts, &change)?;
    }
    Ok(())
}

/// What stands in the search field after each of `count` keystrokes: terms typed letter by
/// letter from their beginning, a word from the middle now and then.
pub fn keystrokes(count: usize, concepts: usize, seed: u64) -> Vec<String> {
    let mut rng = Rng::with_seed(seed ^ 0x5eed);
    let mut typed = Vec::with_capacity(count);
    while typed.len() < count {
        let whole = term(rng.usize(..concepts.clamp(1, MOST)));
        let wanted = match (rng.u8(..4), whole.split_once(' ')) {
            (0, Some((_, second))) => second.to_owned(),
            _ => whole,
        };
        for end in wanted.char_indices().map(|(at, c)| at + c.len_utf8()) {
            // A space alone changes nothing on the screen.
            if !wanted[..end].ends_with(' ') && typed.len() < count {
                typed.push(wanted[..end].to_owned());
            }
        }
    }
    typed
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_concept_has_a_term_of_its_own() {
        let terms: HashSet<String> = (0..MOST).map(term).collect();
        assert_eq!(terms.len(), MOST);
        const { assert!(MOST >= 100_000) };
    }

    #[test]
    fn the_same_seed_gives_the_same_concepts_and_keystrokes() {
        let make = |seed| {
            let mut rng = Rng::with_seed(seed);
            concept(17, &mut rng, Timestamp::UNIX_EPOCH).unwrap()
        };
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
        assert_eq!(keystrokes(50, 1_000, 1), keystrokes(50, 1_000, 1));
        assert_ne!(keystrokes(50, 1_000, 1), keystrokes(50, 1_000, 2));
    }

    #[test]
    fn keystrokes_grow_letter_by_letter() {
        let typed = keystrokes(200, 1_000, 3);
        assert_eq!(typed.len(), 200);
        let grows = typed
            .windows(2)
            .filter(|pair| pair[1].starts_with(&pair[0]))
            .count();
        assert!(grows > 150, "{grows}");
    }

    #[test]
    fn a_made_store_can_be_searched() {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path(), 300, 1).unwrap();
        let (store, _) = Store::open(folder.path(), false, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(store.count().unwrap(), 300);
        let hits = store
            .search(
                &term(5),
                &Context::default(),
                jiff::civil::date(2026, 1, 1),
                5,
            )
            .unwrap();
        assert_eq!(hits[0].row.term.as_str(), term(5));
    }
}
