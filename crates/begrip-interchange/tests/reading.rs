//! What a file gives, and what is said of one that gives nothing.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test may fail loudly"
)]

use begrip_interchange::{
    Decision, Law, ReadError, Source, address_of, cited_articles, definitions, known_law, read,
};
use jiff::civil::date;

const XML: &str = include_str!("files/BWBR0099901_2026-01-01_0.xml");
const MARKDOWN: &str = include_str!("files/proefzakenwet.md");
const DECISION: &str = include_str!("files/uitspraak.xml");

fn law(name: &str, bytes: &[u8]) -> Law {
    match read(name, bytes, None).unwrap() {
        Source::Law(law) => law,
        Source::Decision(_) => panic!("a decision"),
    }
}

fn decision() -> Decision {
    match read("uitspraak.xml", DECISION.as_bytes(), None).unwrap() {
        Source::Decision(decision) => decision,
        Source::Law(_) => panic!("a law"),
    }
}

/// Term, place and text of each definition.
fn defined(law: &Law) -> Vec<(String, String, String)> {
    definitions(law)
        .into_iter()
        .map(|definition| {
            let address = definition.address.unwrap().as_str().to_owned();
            let place = address.split_once("BWBR0099901&").unwrap().1.to_owned();
            (definition.term.to_string(), place, definition.text)
        })
        .collect()
}

fn triple(term: &str, place: &str, text: &str) -> (String, String, String) {
    (term.to_owned(), place.to_owned(), text.to_owned())
}

#[test]
fn a_law_in_xml_gives_its_articles_with_place_and_day() {
    let law = law("wet.xml", XML.as_bytes());
    assert_eq!(law.id, "BWBR0099901");
    assert_eq!(law.title.as_str(), "Proefzakenwet");
    assert_eq!(law.valid_from, Some(date(2026, 1, 1)));
    let numbers: Vec<&str> = law.articles.iter().map(|a| a.number.as_str()).collect();
    assert_eq!(
        numbers,
        ["1", "2", "3a"],
        "neither lapsed nor of an appendix"
    );
    assert_eq!(
        law.articles[1].path,
        ["Hoofdstuk 2 De zitting", "§ 2.1 Aanwijzing"]
    );
    let text = law.articles[0].text();
    assert!(text.starts_with("1. In deze wet"), "{text}");
    assert!(text.contains("\n  a. proefzaak: de zaak"), "{text}");
    assert!(text.contains("\n    1°. de proefzaak leidt; en"), "{text}");
    assert!(text.contains("\n2. Onder een proefzaak"), "{text}");
    assert!(text.contains("bedoeld in artikel 2;"), "{text}");
}

#[test]
fn a_law_in_markdown_gives_the_same_shape() {
    let law = law("wet.md", MARKDOWN.as_bytes());
    assert_eq!(
        (law.id.as_str(), law.title.as_str()),
        ("BWBR0099901", "Proefzakenwet")
    );
    assert_eq!(law.valid_from, Some(date(2025, 6, 1)));
    let numbers: Vec<&str> = law.articles.iter().map(|a| a.number.as_str()).collect();
    assert_eq!(numbers, ["1", "2", "3a", "3b", "5"]);
    assert_eq!(
        law.articles[1].path,
        ["Hoofdstuk 2 De zitting", "Eerste afdeling Aanwijzing"]
    );
    assert_eq!(law.articles[0].blocks.len(), 2);
}

#[test]
fn the_definitions_of_lettered_unnumbered_and_running_texts_are_found() {
    assert_eq!(
        defined(&law("wet.xml", XML.as_bytes())),
        [
            triple(
                "proefzaak",
                "artikel=1&lid=1&o=a",
                "de zaak waarmee een rechtsvraag wordt beproefd, bedoeld in artikel 2"
            ),
            triple(
                "proefrechter",
                "artikel=1&lid=1&o=b",
                "de rechter die: 1°. de proefzaak leidt; en 2°. daarvan verslag doet"
            ),
            triple(
                "zittingsrooster",
                "artikel=1&lid=1&o=c",
                "het rooster van de zittingen"
            ),
            triple(
                "tussenvonnis",
                "artikel=2",
                "de beslissing die de proefzaak niet beëindigt"
            ),
            triple("zittingsrooster", "artikel=3a", "het rooster van één kamer"),
            triple("kamer", "artikel=3a", "de kamer van de rechtbank"),
        ]
    );
    let second = &definitions(&law("wet.xml", XML.as_bytes()))[1];
    assert_eq!(second.synonyms[0].as_str(), "proefraadsheer");
}

#[test]
fn the_definitions_of_a_list_of_terms_are_found() {
    let list = "<definitielijst><definitie-item><term>proefzaak</term><definitie><al>zaak met een vraag;</al></definitie></definitie-item>\
                <definitie-item><term>kamer</term><definitie><al>kamer van de rechtbank.</al></definitie></definitie-item></definitielijst>";
    let text = format!(
        "<toestand bwb-id=\"BWBR0099901\"><wettekst><artikel><kop><nr>1</nr></kop>\
         <al>In deze wet wordt verstaan onder:</al>{list}</artikel></wettekst></toestand>"
    );
    assert_eq!(
        defined(&law("wet.xml", text.as_bytes())),
        [
            triple("proefzaak", "artikel=1", "zaak met een vraag"),
            triple("kamer", "artikel=1", "kamer van de rechtbank"),
        ]
    );
}

#[test]
fn the_definitions_of_numbered_lists_are_found() {
    assert_eq!(
        defined(&law("wet.md", MARKDOWN.as_bytes())),
        [
            triple(
                "proefzaak",
                "artikel=1&lid=1&o=a",
                "de zaak waarmee een rechtsvraag wordt beproefd"
            ),
            triple(
                "zittingsrooster",
                "artikel=1&lid=1&o=b",
                "het rooster van de zittingen"
            ),
            triple(
                "beraad",
                "artikel=3a",
                "1°. het overleg van de kamer; 2°. het overleg van de voltallige rechtbank"
            ),
            triple(
                "gevaar",
                "artikel=3b",
                "1. gevaar voor anderen; 2. gevaar voor de zaak zelf"
            ),
            triple("griffier", "artikel=5&lid=1", "degene die de griffie leidt"),
            triple(
                "bode",
                "artikel=5&lid=1",
                "ieder ander die de zitting bijstaat"
            ),
        ]
    );
}

#[test]
fn a_decision_gives_its_paragraphs_and_leaves_names_and_headings_out() {
    let decision = decision();
    assert_eq!(decision.ecli, "ECLI:NL:RBPRF:2026:12");
    assert_eq!(decision.court.as_str(), "Rechtbank Proefstad");
    assert_eq!(decision.date, date(2026, 2, 3));
    assert_eq!(decision.passages.len(), 2);
    assert_eq!(decision.passages[1].0, "1 Overwegingen");
    assert!(
        decision.passages[1]
            .1
            .ends_with("proefzaak is, omdat er een rechtsvraag in wordt beproefd.")
    );
}

#[test]
fn a_known_law_is_known_by_its_title_alone() {
    let text = "## Wet van 18 juni 1998 (Penitentiaire beginselenwet)\n### Artikel 1\nEen regel.";
    assert_eq!(law("x.md", text.as_bytes()).id, "BWBR0009709");
    let text =
        "##Wet van 3 maart\nvast te stellen het Wetboek van Strafrecht.\n### Artikel 1\nEen regel.";
    assert_eq!(law("x.md", text.as_bytes()).id, "BWBR0001854");
    assert_eq!(known_law("sv").unwrap().id, "BWBR0001903");
}

#[test]
fn other_encodings_are_read() {
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(XML.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let big: Vec<u8> = XML.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let latin = XML.replace("UTF-8", "ISO-8859-1").replace('–', "-");
    let latin: Vec<u8> = latin
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let marked = format!("\u{FEFF}{XML}");
    for (name, bytes) in [
        ("UTF-16 with a mark", utf16),
        ("UTF-16 without", big),
        ("Latin-1", latin),
        ("UTF-8 with a mark", marked.into_bytes()),
    ] {
        let law = law("wet.xml", &bytes);
        assert_eq!(law.articles.len(), 3, "{name}");
        assert!(law.articles[1].text().contains("beëindigt"), "{name}");
    }
}

#[test]
fn a_bad_file_gives_its_own_error_and_nothing_else() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE toestand [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><toestand>&b;</toestand>";
    let entity = XML.replace("De gevangenisstraf", "De &gevangenisstraf;");
    let deep = format!("<toestand>{}", "<x>".repeat(5_000));
    let half = &XML[..XML.len() / 2];
    let cut = &XML[..XML.len() - 4];
    let other = "<html><body>Wet</body></html>";
    let no_id = XML.replace("bwb-id=\"BWBR0099901\"", "bwb-id=\"x\"");
    let bare = "<toestand bwb-id=\"BWBR0099901\" inwerkingtreding=\"2026-01-01\"/>";
    let unknown = "## Een wet\n### Artikel 1\nEen regel.";
    let dateless = DECISION.replace("2026-02-03", "gisteren");
    let nameless = DECISION.replace("ECLI:NL:RBPRF:2026:12", "12");
    let cases: [(&str, &[u8], ReadError); 15] = [
        ("x.xml", b"", ReadError::Empty),
        ("x.xml", b" \r\n\t", ReadError::Empty),
        ("x.xml", bomb.as_bytes(), ReadError::Entities),
        ("x.xml", entity.as_bytes(), ReadError::Entities),
        ("x.xml", deep.as_bytes(), ReadError::TooDeep),
        ("x.xml", half.as_bytes(), ReadError::Truncated),
        ("x.xml", cut.as_bytes(), ReadError::Truncated),
        (
            "x.xml",
            other.as_bytes(),
            ReadError::OtherForm("html".to_owned()),
        ),
        ("x.xml", no_id.as_bytes(), ReadError::UnknownLaw),
        ("x.xml", bare.as_bytes(), ReadError::NoArticles),
        ("x.md", unknown.as_bytes(), ReadError::UnknownLaw),
        ("x.md", b"Zomaar een tekst.", ReadError::NoArticles),
        ("x.xml", dateless.as_bytes(), ReadError::Incomplete("date")),
        ("x.xml", nameless.as_bytes(), ReadError::Incomplete("ECLI")),
        ("x.pdf", b"%PDF-1.7\x00\x01\x02\x03\x00", ReadError::NotText),
    ];
    for (name, bytes, error) in cases {
        let start: String = String::from_utf8_lossy(bytes).chars().take(60).collect();
        assert_eq!(read(name, bytes, None), Err(error), "{name}: {start}");
    }
    let mixed = XML.replace("</hoofdstuk>", "</paragraaf>");
    assert!(read("x.xml", mixed.as_bytes(), None).is_err());
    let huge = vec![b' '; begrip_interchange::MOST_BYTES + 1];
    assert_eq!(read("x.xml", &huge, None), Err(ReadError::TooLarge));
}

#[test]
fn no_prefix_of_a_file_is_taken_for_a_whole_one() {
    let whole = XML.trim_end();
    for end in (0..whole.len())
        .step_by(7)
        .filter(|end| whole.is_char_boundary(*end))
    {
        assert!(
            read("x.xml", &whole.as_bytes()[..end], None).is_err(),
            "{end}"
        );
    }
}

#[test]
fn an_address_names_law_article_paragraph_and_day() {
    let address = |day| address_of("BWBR0099901", "3a", Some("1"), Some("b"), day).unwrap();
    assert_eq!(
        address(None).as_str(),
        "jci1.31:c:BWBR0099901&artikel=3a&lid=1&o=b"
    );
    assert_eq!(
        address(Some(date(2026, 1, 1))).as_str(),
        "jci1.31:c:BWBR0099901&artikel=3a&lid=1&o=b&z=2026-01-01&g=2026-01-01"
    );
}

#[test]
fn articles_that_a_text_names_are_found_with_their_law() {
    let laws = [("BWBR0099901".to_owned(), "Proefzakenwet".to_owned())];
    let cited = |text: &str| -> Vec<(String, Option<String>)> {
        cited_articles(text, &laws)
            .into_iter()
            .map(|cited| (cited.article, cited.law))
            .collect()
    };
    let sv = Some("BWBR0001903".to_owned());
    let sr = Some("BWBR0001854".to_owned());
    let own = Some("BWBR0099901".to_owned());
    for (text, found) in [
        ("als bedoeld in artikel 67 Sv", vec![("67", sv.clone())]),
        (
            "op grond van artikel 67, eerste lid, onder b, van het Wetboek van Strafvordering.",
            vec![("67", sv.clone())],
        ),
        ("art. 3a lid 1 Proefzakenwet", vec![("3a", own)]),
        (
            "artikel 1 van de Wet op de droomzaken, en artikel 310 Wetboek van Strafrecht",
            vec![("1", None), ("310", sr)],
        ),
        ("artikel 67 is van belang", vec![]),
        ("een artikel in de krant", vec![]),
        ("", vec![]),
    ] {
        let found: Vec<(String, Option<String>)> = found
            .into_iter()
            .map(|(article, law)| (article.to_owned(), law))
            .collect();
        assert_eq!(cited(text), found, "{text}");
    }
}
