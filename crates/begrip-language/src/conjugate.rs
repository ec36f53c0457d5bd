//! The forms of a verb, made from its infinitive.

use crate::classes::Class;
use crate::spelling::{close_syllable, is_vowel, open_syllable, tail};

/// Prefixes that never leave their verb and take no *ge-* in the participle.
const INSEPARABLE: [&str; 7] = ["be", "ge", "her", "ont", "ver", "er", "mis"];

/// All forms of a weak verb; the first is the infinitive.
///
/// `entry` is the infinitive, with `!` after it when its last-but-one *e* is long against the rule
/// (*verdelen!* → *verdeelt*), `~` when it is unstressed against the rule (*veranderen~* →
/// *verandert*), and after that `=` when the participle takes no *ge-* for another reason
/// (*overtuigen=*, *ondertekenen~=*).
pub(crate) fn weak(entry: &str) -> Vec<(String, Class)> {
    let infinitive = entry.trim_end_matches(['!', '~', '=']);
    let Some(open) = infinitive.strip_suffix("en") else {
        return Vec::new();
    };
    let marks = &entry[infinitive.len()..];
    let stem = stem_of(open, marks);
    let [last, before, ..] = tail(open);
    let voiceless =
        matches!(last, 't' | 'k' | 'f' | 's' | 'p' | 'x') || (last == 'h' && before == 'c');
    let (past, participle_end) = if voiceless { ("te", 't') } else { ("de", 'd') };
    let mut third = stem.clone();
    if !third.ends_with('t') {
        third.push('t');
    }
    let mut participle = String::new();
    if !marks.contains('=') && !is_inseparable(infinitive) {
        participle.push_str("ge");
    }
    match stem.strip_prefix(['e', 'i']) {
        // A diaeresis keeps the syllables apart: *geëist*, *geïnd*.
        Some(rest) if !participle.is_empty() => {
            participle.push(if stem.starts_with('e') { 'ë' } else { 'ï' });
            participle.push_str(rest);
        }
        _ => participle.push_str(&stem),
    }
    if !participle.ends_with(['t', 'd']) {
        participle.push(participle_end);
    }
    let attribute = open_syllable(&participle, "e");
    vec![
        (infinitive.to_owned(), Class::Infinitive),
        (third, Class::Finite),
        (format!("{stem}{past}"), Class::Finite),
        (format!("{stem}{past}n"), Class::Finite),
        (participle, Class::Participle),
        (format!("{infinitive}d"), Class::PresentParticiple),
        (attribute, Class::Inflected),
        (format!("{infinitive}de"), Class::Inflected),
    ]
}

/// All forms of a strong or irregular verb. `line` holds infinitive, third person singular,
/// past singular, past plural and participle; `-` stands for a form that is not used.
pub(crate) fn strong(line: &str) -> Vec<(String, Class)> {
    const CLASSES: [Class; 5] = [
        Class::Infinitive,
        Class::Finite,
        Class::Finite,
        Class::Finite,
        Class::Participle,
    ];
    let mut forms: Vec<(String, Class)> = line
        .split_whitespace()
        .zip(CLASSES)
        .filter(|(form, _)| *form != "-")
        .map(|(form, class)| (form.to_owned(), class))
        .collect();
    if let Some((participle, Class::Participle)) = forms.last()
        && participle.ends_with(['d', 't'])
    {
        forms.push((open_syllable(participle, "e"), Class::Inflected));
    }
    if let Some((infinitive, _)) = forms.first() {
        let infinitive = infinitive.clone();
        forms.push((format!("{infinitive}d"), Class::PresentParticiple));
        forms.push((format!("{infinitive}de"), Class::Inflected));
    }
    forms
}

fn is_inseparable(infinitive: &str) -> bool {
    INSEPARABLE.iter().any(|prefix| {
        infinitive
            .strip_prefix(prefix)
            // *geven*, *eren*, *beven*: what is left must be a verb of its own: a syllable and *-en*.
            .and_then(|rest| rest.strip_suffix("en"))
            .is_some_and(|rest| rest.chars().any(is_vowel) && !rest.starts_with("en"))
    })
}

fn stem_of(open: &str, marks: &str) -> String {
    let [last, before, third, _] = tail(open);
    let single_e = before == 'e' && !is_vowel(third) && !is_vowel(last);
    let one_syllable = open.chars().filter(|c| is_vowel(*c)).count() == 1;
    let long_e = single_e
        && match marks.chars().next() {
            Some('!') => true,
            Some('~') => false,
            _ => one_syllable || !matches!(last, 'l' | 'n' | 'm'),
        };
    close_syllable(open, long_e)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(entry: &str) -> String {
        weak(entry)
            .into_iter()
            .take(6)
            .map(|(form, _)| form)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn weak_verbs_follow_the_rules_of_dutch_spelling() {
        for (entry, expected) in [
            (
                "straffen",
                "straffen straft strafte straften gestraft straffend",
            ),
            (
                "regelen",
                "regelen regelt regelde regelden geregeld regelend",
            ),
            ("delen", "delen deelt deelde deelden gedeeld delend"),
            (
                "verdelen!",
                "verdelen verdeelt verdeelde verdeelden verdeeld verdelend",
            ),
            (
                "vestigen",
                "vestigen vestigt vestigde vestigden gevestigd vestigend",
            ),
            (
                "veranderen~",
                "veranderen verandert veranderde veranderden veranderd veranderend",
            ),
            (
                "beoordelen!",
                "beoordelen beoordeelt beoordeelde beoordeelden beoordeeld beoordelend",
            ),
            (
                "controleren",
                "controleren controleert controleerde controleerden gecontroleerd controlerend",
            ),
            ("maken", "maken maakt maakte maakten gemaakt makend"),
            ("beven", "beven beeft beefde beefden gebeefd bevend"),
            ("eisen", "eisen eist eiste eisten geëist eisend"),
            ("rusten", "rusten rust rustte rustten gerust rustend"),
            ("leiden", "leiden leidt leidde leidden geleid leidend"),
            ("reizen", "reizen reist reisde reisden gereisd reizend"),
            (
                "ondertekenen~=",
                "ondertekenen ondertekent ondertekende ondertekenden ondertekend ondertekenend",
            ),
            (
                "erkennen",
                "erkennen erkent erkende erkenden erkend erkennend",
            ),
        ] {
            assert_eq!(forms(entry), expected);
        }
    }
}
