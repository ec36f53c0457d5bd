//! Laws that are cited much, by all their names.

/// A law that is cited much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownLaw {
    /// Its BWB id.
    pub id: &'static str,
    /// The title by which it is cited.
    pub title: &'static str,
    /// How lawyers shorten it.
    pub short: &'static str,
}

const KNOWN: &[(&str, &str, &str)] = &[
    ("BWBR0001854", "Wetboek van Strafrecht", "Sr"),
    ("BWBR0001903", "Wetboek van Strafvordering", "Sv"),
    ("BWBR0009709", "Penitentiaire beginselenwet", "Pbw"),
    ("BWBR0005537", "Algemene wet bestuursrecht", "Awb"),
    ("BWBR0001840", "Grondwet", "Gw"),
    ("BWBR0001830", "Wet op de rechterlijke organisatie", "RO"),
    (
        "BWBR0014194",
        "Wet justitiële en strafvorderlijke gegevens",
        "Wjsg",
    ),
    (
        "BWBR0004581",
        "Wet administratiefrechtelijke handhaving verkeersvoorschriften",
        "Wahv",
    ),
    ("BWBR0006622", "Wegenverkeerswet 1994", "WVW 1994"),
    ("BWBR0031788", "Politiewet 2012", "Polw"),
    (
        "BWBR0017212",
        "Wet DNA-onderzoek bij veroordeelden",
        "Wet DNA-V",
    ),
    ("BWBR0022463", "Wet politiegegevens", "Wpg"),
    ("BWBR0011823", "Vreemdelingenwet 2000", "Vw 2000"),
    (
        "BWBR0011756",
        "Beginselenwet justitiële jeugdinrichtingen",
        "Bjj",
    ),
    (
        "BWBR0008765",
        "Beginselenwet verpleging ter beschikking gestelden",
        "Bvt",
    ),
    ("BWBR0004257", "Gratiewet", "Gratiewet"),
    ("BWBR0001941", "Opiumwet", "Opw"),
    ("BWBR0008804", "Wet wapens en munitie", "WWM"),
    ("BWBR0002063", "Wet op de economische delicten", "WED"),
];

/// The law with this BWB id, title or abbreviation, whatever the case of the letters.
pub fn known_law(name: &str) -> Option<KnownLaw> {
    let name = name.trim().to_lowercase();
    KNOWN
        .iter()
        .find(|(id, title, short)| {
            [id, title, short]
                .into_iter()
                .any(|own| own.to_lowercase() == name)
        })
        .map(|(id, title, short)| KnownLaw { id, title, short })
}

/// Every such law.
pub(crate) fn all() -> impl Iterator<Item = KnownLaw> {
    KNOWN
        .iter()
        .map(|(id, title, short)| KnownLaw { id, title, short })
}
