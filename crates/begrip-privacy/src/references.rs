//! Numbers by which a case, a decision or a document is found, and e-mail addresses.

use std::sync::LazyLock;

use regex::Regex;

use crate::kind::Kind;
use crate::protect::{Find, pattern};
use crate::view::{View, key};

/// A kind, and how it is written. Where the pattern has a group, that is the number, and what
/// stands around it stays.
static PATTERNS: LazyLock<Vec<(Kind, Regex)>> = LazyLock::new(|| {
    [
        (
            Kind::Email,
            r"(?i)[a-z0-9][a-z0-9._%+'-]*\s?(?:@|\[at\]|\(at\))\s?(?:[a-z0-9-]+\s?(?:\.|\[dot\]|\(dot\)|\[punt\])\s?)+[a-z]{2,}",
        ),
        (
            Kind::Ecli,
            r"(?i)\becli\s?:\s?[a-z]{2}\s?:\s?[a-z0-9]{1,7}\s?:\s?\d{4}\s?:\s?[a-z0-9][a-z0-9.]{0,24}",
        ),
        (Kind::Ecli, r"(?i)\bljn[\s:]{1,3}[a-z]{2}\s?\d{4}\b"),
        (
            Kind::Parket,
            r"\b\d{2}\s?[-/.]\s?\d{6}\s?[-/.]\s?\d{2}\b",
        ),
        (
            Kind::Parket,
            r"(?i)\bparket(?:nummer|nr\.?|-?nummers|\s(?:nummer|nr\.?))?[\s:]{1,3}(\d[\d/.\s-]{6,12}\d)",
        ),
        // The number of a court of appeal, with its leading part for the court.
        (
            Kind::CaseNumber,
            r"\b200[. ]\d{3}[. ]\d{3}(?:\s?[/-]\s?\d{2})?\b",
        ),
        // The Supreme Court: two digits of the year and five of the case.
        (Kind::CaseNumber, r"\b\d{2}/\d{5}\b"),
        (
            Kind::CaseNumber,
            r"(?i)(?:\b\d{6,8}\s?[/\\]\s?)?(?:\bC[/\s-]\s?\d{2}[/\s-]\s?\d{5,7}(?:\s?[/-]\s?)?\s?)?\b(?:HA\s?ZA|HA\s?RK|HA\s?VERZ|KG\s?ZA|KG\s?RK|FA\s?RK|JE\s?RK|BM\s?VERZ|EA\s?VERZ|CV\s?EXPL|EJ\s?VERZ|AO\s?VERZ|VV\s?EXPL|FT\s?RK|FT\s?EA|HO\s?RK|OK\s?RK|KK|UTL-I|RK)\s?\d{2}\s?[-/]\s?\d{1,6}",
        ),
        (Kind::CaseNumber, r"(?i)\bC\s?/\s?\d{2}\s?/\s?\d{5,7}\b"),
        (
            Kind::CaseNumber,
            r"\b(?i:AWB|AMS|ARN|ASS|BRE|DOR|GRO|HAA|LEE|MID|ROE|ROT|SBR|SGR|SHE|UTR|ZUT|ZWO|ALK|ALM|LIM|OBR|MNE|NNE|GEL|OVE|BK|CRV|RVS|VK)[\s-]\d{2}\s?/\s?\d{1,6}(?:\s[A-Z]{2,6}\b)?",
        ),
        (Kind::CaseNumber, r"\b(?i:NL)\s?\d{2}\.\d{3,6}\b"),
        (
            Kind::CaseNumber,
            r"(?i)\b(?:zaaks?|rol|zaak-\s?/\s?rol|zaak-\s?en\s?rol|rekest|dossier|griffie|insolventie|proces-?verbaal|pv|bvh|mutatie|registratie|volg|beschikkings?|raadkamer|klacht|cjib|beklag)(?:-?\s?(?:nummers?|nrs?\.?))[\s:]{0,3}(?:(?:is|van|met|luidt)\s)?((?:[A-Z]{1,5}[\s/.-]?){0,3}\d[\dA-Z/.\\-]*(?:\s?[/.\\-]\s?[\dA-Z]+|\s\d+)*)",
        ),
        (
            Kind::Document,
            r"(?i)\b(?:paspoort|rijbewijs|identiteits(?:kaart|bewijs)|id-?kaart|id-?bewijs|verblijfs?(?:document|kaart)|reisdocument|document|v|vreemdelingen|vreemdelings|skn|strafrechtsketen|big|polis|cli[e]nt|pati[e]nt|gedetineerden|registratie|crv|a)-?\s?(?:nummer|nr\.?)[\s:(]{0,4}(?:(?:is|van|met|luidt)\s)?([a-z]{0,4}[\s.-]?\d[\da-z.-]{3,14}(?:\s\d{2,6}){0,3})",
        ),
        (
            Kind::Document,
            r"(?i)\b(?:paspoort|rijbewijs|identiteitskaart|id-?kaart|skn|v-?nr\.?)[\s:(]{1,4}(?:(?:nummer|nr\.?|met|is)\s){0,2}([a-z]{0,3}\d[\da-z]{5,11})\b",
        ),
    ]
    .into_iter()
    .map(|(kind, written)| (kind, pattern(written)))
    .collect()
});

static PASSPORT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[A-NP-Z]{2}[A-NP-Z0-9]{6}[0-9]\b"));

/// Digits that a passport's number has at least where nothing says that it is one.
const PASSPORT_DIGITS: usize = 4;

pub(crate) fn find(view: &View<'_>, found: &mut Vec<Find>) {
    for (kind, written) in PATTERNS.iter() {
        for hit in written.captures_iter(&view.text) {
            let Some(number) = hit.get(1).or_else(|| hit.get(0)) else {
                continue;
            };
            let trimmed = number
                .as_str()
                .trim_end_matches([' ', '\n', '.', '-', '/', '\\']);
            let range = number.start()..number.start() + trimmed.len();
            found.push(Find::new(range, *kind, key(trimmed)));
        }
    }
    for hit in PASSPORT.find_iter(&view.text) {
        let digits = hit.as_str().chars().filter(char::is_ascii_digit).count();
        if digits >= PASSPORT_DIGITS {
            found.push(Find::new(hit.range(), Kind::Document, key(hit.as_str())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_found_with_nothing_around_it() {
        for (kind, before, number, after) in [
            (Kind::Email, "mail ", "jan.de.vries@voorbeeld.nl", " graag"),
            (Kind::Email, "mail ", "jan [at] voorbeeld.nl", "."),
            (Kind::Ecli, "zie ", "ECLI:NL:HR:2019:1234", ", r.o. 3"),
            (Kind::Ecli, "zie ", "ecli:nl:rbams:2020:55", "."),
            (Kind::Parket, "zaak ", "16/123456-20", "."),
            (Kind::Parket, "zaak ", "16-123456-20", " van"),
            (Kind::Parket, "parketnummer: ", "16.123456.20", ","),
            (Kind::CaseNumber, "zaak ", "200.123.456/01", "."),
            (Kind::CaseNumber, "zaak ", "20/01234", "."),
            (Kind::CaseNumber, "nr ", "C/13/678901 / HA ZA 20-123", "."),
            (Kind::CaseNumber, "nr ", "AWB 20/1234", "."),
            (Kind::CaseNumber, "rekestnummer ", "FA RK 19-4567", "."),
            (Kind::CaseNumber, "zaaknummer ", "8123456", " van"),
            (Kind::CaseNumber, "rolnummer: ", "22-001234-19", "."),
            (Kind::CaseNumber, "zaak ", "NL20.12345", "."),
            (Kind::Document, "met ", "NX12K45L6", "."),
            (Kind::Document, "v-nummer ", "2801234567", "."),
            (Kind::Document, "rijbewijsnummer ", "5012345678", "."),
        ] {
            let text = format!("{before}{number}{after}");
            let view = View::of(&text);
            let mut found = Vec::new();
            find(&view, &mut found);
            let hit = found
                .iter()
                .any(|find| find.kind == kind && view.get(find.at.clone()) == number);
            let all: Vec<_> = found
                .iter()
                .map(|find| (find.kind, view.get(find.at.clone())))
                .collect();
            assert!(hit, "{text}: {all:?}");
        }
    }

    #[test]
    fn law_has_no_case_number() {
        for text in [
            "Richtlijn 2016/343/EU en Verordening (EU) 2016/679",
            "artikel 6:162, eerste lid, BW",
            "het zaaknummer en het rolnummer staan in het vonnis",
            "ARTIKEL12 en HOOFDSTUK3",
            "Kamerstukken II 2003/04, 29 452, nr. 3",
        ] {
            let view = View::of(text);
            let mut found = Vec::new();
            find(&view, &mut found);
            assert!(found.is_empty(), "{text}: {:?}", found[0].at);
        }
    }
}
