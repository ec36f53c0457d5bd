//! Words that are names, and words behind which one stands.

use std::collections::HashSet;
use std::sync::LazyLock;

fn list(text: &'static str) -> HashSet<&'static str> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect()
}

pub(crate) static GIVEN: LazyLock<HashSet<&str>> =
    LazyLock::new(|| list(include_str!("../lexicon/given.txt")));
pub(crate) static GIVEN_WORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| list(include_str!("../lexicon/given-words.txt")));
pub(crate) static SURNAMES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| list(include_str!("../lexicon/surnames.txt")));
pub(crate) static NOT_NAMES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| list(include_str!("../lexicon/not-names.txt")));

/// After these a name follows.
pub(crate) static TITLES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    list(
        "heer dhr hr mevrouw mevr mw mej juffrouw meneer mr mrs meester dr drs ing ir prof professor
        verdachte medeverdachte verdachten medeverdachten getuige getuigen slachtoffer slachtoffers
        aangever aangeefster aangevers benadeelde partij melder verbalisant verbalisanten agent agente
        hoofdagent brigadier rechercheur deskundige psycholoog psychiater arts huisarts advocaat
        advocate raadsman raadsvrouw reclasseringswerker betrokkene veroordeelde gedetineerde client
        clienten eiser eiseres gedaagde gedaagden verzoeker verzoekster verweerder verweerster appellant
        appellante geintimeerde curator bewindvoerder mentor voogd gezinsvoogd notaris tolk vader moeder
        ouder ouders broer broertje zus zusje zuster zoon zoontje dochter dochtertje partner echtgenoot
        echtgenote vriend vriendin buurman buurvrouw collega minderjarige kinderen kind neef nicht oom
        tante opa oma genaamd geheten heet heette alias bijgenaamd roepnaam genoemd officier rechter
        raadsheer inspecteur wijkagent familie gezin weduwe baas chauffeur bestuurder eigenaar bewoner
        docent leraar lerares",
    )
});

/// Titles behind which nothing but a name stands.
pub(crate) const ADDRESSED: [&str; 10] = [
    "heer", "dhr", "mevrouw", "mevr", "mw", "mej", "juffrouw", "meneer", "genaamd", "geheten",
];

/// Titles that are written with a stop.
pub(crate) const SHORT_TITLES: [&str; 12] = [
    "dhr", "hr", "mevr", "mw", "mej", "mr", "mrs", "dr", "drs", "ing", "ir", "prof",
];

/// After these a comma may stand before the name.
pub(crate) static ROLES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    list(
        "verdachte medeverdachte getuige slachtoffer aangever aangeefster benadeelde betrokkene minderjarige",
    )
});
