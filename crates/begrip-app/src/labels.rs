//! Labels to choose a context from: what the justice chain uses, then what stands in the store.

use crate::schema::ContextKind;

/// The most usual labels of a kind, most usual first.
pub(crate) fn usual(kind: ContextKind) -> &'static [&'static str] {
    match kind {
        ContextKind::Organisation => &[
            "OM",
            "Rechtspraak",
            "DJI",
            "Justid",
            "CJIB",
            "Politie",
            "Reclassering",
            "Raad voor de Kinderbescherming",
            "NFI",
            "IND",
            "KMar",
            "Slachtofferhulp Nederland",
            "Ministerie van Justitie en Veiligheid",
        ],
        ContextKind::LegalArea => &[
            "strafrecht",
            "strafprocesrecht",
            "penitentiair recht",
            "jeugdstrafrecht",
            "bestuursrecht",
            "bestuursprocesrecht",
            "civiel recht",
            "burgerlijk procesrecht",
            "vreemdelingenrecht",
            "gegevensbescherming",
            "staatsrecht",
        ],
        ContextKind::StatutoryBasis => &[
            "Wetboek van Strafvordering",
            "Wetboek van Strafrecht",
            "Algemene wet bestuursrecht",
            "Penitentiaire beginselenwet",
            "Beginselenwet justitiële jeugdinrichtingen",
            "Beginselenwet verpleging ter beschikking gestelden",
            "Wet justitiële en strafvorderlijke gegevens",
            "Wet politiegegevens",
            "Wet administratiefrechtelijke handhaving verkeersvoorschriften",
            "Wet op de rechterlijke organisatie",
            "Opiumwet",
            "Wegenverkeerswet 1994",
            "Wet wapens en munitie",
            "Gratiewet",
            "Politiewet 2012",
            "Burgerlijk Wetboek",
            "Wetboek van Burgerlijke Rechtsvordering",
            "Vreemdelingenwet 2000",
            "Grondwet",
            "Europees Verdrag voor de Rechten van de Mens",
        ],
    }
}

/// Labels of `known` that hold every word of `query`, those that begin with it first.
///
/// Case and diacritics do not matter. At most `limit` labels; each label once.
pub(crate) fn suggest<'a>(
    known: impl Iterator<Item = &'a str>,
    query: &str,
    limit: usize,
) -> Vec<String> {
    let query = begrip_language::fold(query.trim());
    let words: Vec<&str> = query.split_whitespace().collect();
    let mut seen = std::collections::HashSet::new();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for label in known {
        let folded = begrip_language::fold(label);
        if !words.iter().all(|word| folded.contains(word)) || !seen.insert(folded.clone()) {
            continue;
        }
        let found = if folded.starts_with(&query) {
            &mut first
        } else {
            &mut second
        };
        found.push(label.to_owned());
    }
    first.append(&mut second);
    first.truncate(limit);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_the_query_comes_first_and_nothing_comes_twice() {
        let known = [
            "burgerlijk procesrecht",
            "Procesrecht",
            "procesrecht",
            "strafrecht",
        ];
        assert_eq!(
            suggest(known.into_iter(), "PROC", 9),
            ["Procesrecht", "burgerlijk procesrecht"]
        );
        assert_eq!(suggest(known.into_iter(), "", 2).len(), 2);
    }
}
