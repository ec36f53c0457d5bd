//! The forms in which an adjective stands in a text.

/// The forms of an adjective: with *-e*, comparative and superlative, spelled the Dutch way.
pub(crate) fn forms_of_adjective(base: &str) -> Vec<String> {
    let chars: Vec<char> = base.chars().collect();
    let vowel = |c: char| "aeiou".contains(c);
    let stem = match chars.as_slice() {
        // adequaat → adequat(e): a long vowel in a syllable that opens.
        [.., a, b, last] if a == b && vowel(*a) && !vowel(*last) => {
            let mut stem: String = chars[..chars.len() - 2].iter().collect();
            stem.push(voiced(*last));
            stem
        }
        // fit → fitt(e): a short vowel in a stressed last syllable, which a short word has.
        [.., a, last]
            if vowel(*a) && !vowel(*last) && chars.len() <= 4 && !ends_in_two_vowels(&chars) =>
        {
            format!("{base}{last}")
        }
        // effectief → effectiev(e), serieus → serieuz(e)
        [.., a, last] if vowel(*a) => {
            let mut stem: String = chars[..chars.len() - 1].iter().collect();
            stem.push(if ends_in_two_vowels(&chars) {
                voiced(*last)
            } else {
                *last
            });
            stem
        }
        _ => base.to_owned(),
    };
    vec![
        base.to_owned(),
        format!("{stem}e"),
        format!("{stem}er"),
        format!("{stem}ere"),
        format!("{base}st"),
        format!("{base}ste"),
    ]
}

fn ends_in_two_vowels(chars: &[char]) -> bool {
    matches!(chars, [.., a, b, _] if "aeiou".contains(*a) && "aeiou".contains(*b))
}

fn voiced(last: char) -> char {
    match last {
        'f' => 'v',
        's' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjectives_are_found_in_every_form() {
        for (base, inflected) in [
            ("belangrijk", "belangrijke"),
            ("adequaat", "adequate"),
            ("effectief", "effectieve"),
            ("passend", "passende"),
            ("serieus", "serieuze"),
            ("groot", "grote"),
            ("snel", "snelle"),
            ("redelijk", "redelijke"),
            ("zorgvuldig", "zorgvuldige"),
            ("goed", "goede"),
        ] {
            assert!(
                forms_of_adjective(base).contains(&inflected.to_owned()),
                "{base}: {:?}",
                forms_of_adjective(base)
            );
        }
    }
}
