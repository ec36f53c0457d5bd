//! What is said above a wish, in every version of the prompts: a change here is a new version of each.

/// Stands outside the tags, for a wish between tags is information alone.
pub(crate) const REFINE: &str = "\
Schrijf een nieuwe versie van de laatste <versie>, zoals de laatste <wens> vraagt. Geef alle velden.";
