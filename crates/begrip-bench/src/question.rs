//! The questions that drafts are measured with: five terms in one full legal context.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use begrip_app::schema::DraftInput;
use begrip_domain::{Context, Label};
use begrip_privacy::{Choices, nameless_label};
use begrip_prompt::{Nameless, Passage};

/// The terms.
pub const TERMS: [&str; 5] = [
    "voorlopige hechtenis",
    "verdachte",
    "vonnis",
    "reclasseringstoezicht",
    "biometrisch identiteitskenmerk",
];

/// The model whose encoding counts (`o200k_base`).
pub const MODEL: &str = "gpt-4o";

const PASSAGES: [(&str, &str); 3] = [
    (
        "art. 27 Wetboek van Strafvordering",
        "Voordat de vervolging is begonnen, geldt als verdachte degene bij wie uit feiten \
         of omstandigheden een redelijk vermoeden van schuld aan een strafbaar feit \
         voortvloeit. Daarna is dat degene tegen wie de vervolging zich richt. De \
         verdachte wordt in alle gevallen behandeld als iemand van wie de schuld nog niet \
         vaststaat.",
    ),
    (
        "art. 67 Wetboek van Strafvordering",
        "Een bevel kan worden gegeven bij verdenking van een misdrijf waarop naar de \
         wettelijke omschrijving een gevangenisstraf van vier jaar of meer is gesteld, en \
         bij enkele met name genoemde andere misdrijven. Het bevel vereist dat uit feiten \
         of omstandigheden blijkt van ernstige bezwaren tegen de verdachte.",
    ),
    (
        "art. 138 Wetboek van Strafvordering",
        "Onder een einduitspraak wordt de beslissing verstaan waarmee de rechter na de \
         behandeling op de zitting de zaak bij zijn gerecht afsluit, met de gronden \
         waarop die beslissing steunt. Zij wordt uitgesproken in het openbaar, op een \
         zitting binnen veertien dagen na de sluiting van het onderzoek.",
    ),
];

/// A term as it may go out.
///
/// Error: it names somebody.
pub fn term(text: &str) -> Result<Nameless> {
    nameless_label(text, &[], &Choices::default()).context("a term names somebody")
}

/// Three passages, of the length that passages from the law have.
///
/// Error: one of them names somebody.
pub fn passages() -> Result<Vec<Passage>> {
    let nameless =
        |text| nameless_label(text, &[], &Choices::default()).context("a passage names somebody");
    PASSAGES
        .iter()
        .map(|(citation, text)| {
            Ok(Passage {
                citation: nameless(citation)?,
                text: nameless(text)?,
            })
        })
        .collect()
}

/// OM, strafrecht, Wetboek van Strafvordering.
pub fn context() -> Result<Context> {
    let one = |label: &str| Label::new(label).map(|label| BTreeSet::from([label]));
    Ok(Context {
        organisations: one("OM")?,
        legal_areas: one("strafrecht")?,
        statutory_bases: one("Wetboek van Strafvordering")?,
    })
}

/// A draft of this term in that context.
pub fn draft(term: &str) -> Result<DraftInput> {
    Ok(DraftInput {
        term: term.to_owned(),
        context: context()?,
        category: None,
        ..DraftInput::default()
    })
}
