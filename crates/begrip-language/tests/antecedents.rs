//! What pronouns point back to, as data: `tests/data/antecedents.txt`.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests may fail loudly")]

use begrip_language::Text;

#[test]
fn a_pronoun_points_back_to_the_noun_that_a_reader_means() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    let lines = include_str!("data/antecedents.txt").lines();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let [pronoun, antecedent, source] =
            line.splitn(3, '|').map(str::trim).collect::<Vec<_>>()[..]
        else {
            panic!("{line}");
        };
        cases += 1;
        let text = Text::new(source);
        let at = text.words().iter().rposition(|word| word.lower == pronoun);
        let found = text.antecedent(at.unwrap());
        let found = found.map_or("-", |index| text.words()[index].raw);
        if found != antecedent {
            wrong.push(format!("{line}\n    found {found}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {cases}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(cases >= 30, "{cases}");
}

/// Only a few words point back, and none points forward or past the text.
#[test]
fn no_word_points_at_itself_or_past_the_text() {
    let text = Text::new("die dat het deze hij hun waarin daarvan hiermee");
    for at in 0..text.words().len() + 2 {
        assert_eq!(text.antecedent(at), None, "{at}");
    }
}
