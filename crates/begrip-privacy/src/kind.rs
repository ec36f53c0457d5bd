use serde::Serialize;

/// What kind of thing was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What the user chose by hand.
    Added,
    /// A party that the user named.
    Party,
    /// A citizen service number.
    Bsn,
    /// A bank account.
    Iban,
    /// An e-mail address.
    Email,
    /// The number of a decision.
    Ecli,
    /// A number of the public prosecutor.
    Parket,
    /// A number of a case, roll or petition.
    CaseNumber,
    /// A number of a passport, licence, foreigner's file and the like.
    Document,
    /// A telephone number.
    Phone,
    /// A licence plate.
    Plate,
    /// A street with a number, and what belongs to it.
    Address,
    /// A postcode.
    Postcode,
    /// A date of birth.
    BirthDate,
    /// A place of birth or residence.
    Place,
    /// A name that nobody told of.
    Person,
}

impl Kind {
    /// Every kind, the surest first: of two that claim the same words the first one wins.
    pub const ALL: [Self; 16] = [
        Self::Added,
        Self::Party,
        Self::Bsn,
        Self::Iban,
        Self::Email,
        Self::Ecli,
        Self::Parket,
        Self::CaseNumber,
        Self::Document,
        Self::Phone,
        Self::Plate,
        Self::Address,
        Self::Postcode,
        Self::BirthDate,
        Self::Place,
        Self::Person,
    ];

    /// The word in a placeholder of this kind; a party has its role instead.
    pub fn stem(self) -> &'static str {
        match self {
            Self::Added => "weggelaten",
            Self::Party => "partij",
            Self::Bsn => "bsn",
            Self::Iban => "rekeningnummer",
            Self::Email => "e-mailadres",
            Self::Ecli => "ecli-nummer",
            Self::Parket => "parketnummer",
            Self::CaseNumber => "zaaknummer",
            Self::Document => "documentnummer",
            Self::Phone => "telefoonnummer",
            Self::Plate => "kenteken",
            Self::Address => "adres",
            Self::Postcode => "postcode",
            Self::BirthDate => "geboortedatum",
            Self::Place => "plaats",
            Self::Person => "persoon",
        }
    }
}
