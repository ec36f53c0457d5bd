//! Dutch spelling of open and closed syllables.
//!
//! A long vowel is written double in a closed syllable and single in an open one (*zaak*, *za-ken*);
//! a short vowel is kept short by doubling the consonant (*straf*, *straf-fen*); a final *f* or *s*
//! may stand for *v* or *z* before a vowel (*brief*, *brie-ven*; *huis*, *hui-zen*).

/// Whether `c` is a vowel letter; *y* counts, *j* does not.
pub(crate) fn is_vowel(c: char) -> bool {
    matches!(
        c,
        'a' | 'e'
            | 'i'
            | 'o'
            | 'u'
            | 'y'
            | 'á'
            | 'à'
            | 'ä'
            | 'â'
            | 'é'
            | 'è'
            | 'ë'
            | 'ê'
            | 'í'
            | 'ï'
            | 'î'
            | 'ó'
            | 'ö'
            | 'ô'
            | 'ú'
            | 'ü'
            | 'û'
    )
}

/// Whether two letters write one vowel, long as it stands: *ie, oe, ui*; not *eo* in *beogen*.
fn is_digraph(first: char, second: char) -> bool {
    (first == second && is_vowel(first))
        || matches!(
            (first, second),
            ('i' | 'o', 'e') | ('e' | 'o' | 'a', 'u') | ('u' | 'e' | 'a' | 'o', 'i') | ('i', 'j')
        )
}

/// The last letters of a word, last first, as far as the rules look back.
pub(crate) fn tail(word: &str) -> [char; 4] {
    let mut out = ['\0'; 4];
    for (slot, c) in out.iter_mut().zip(word.chars().rev()) {
        *slot = c;
    }
    out
}

/// What is left when an ending that begins with a vowel (*-en*, *-e*) has been cut off, spelled as
/// a word of its own: `zak` → `zaak`, `straff` → `straf`, `briev` → `brief`.
///
/// `long_e` says whether a single *e* before the last consonant is long (`problem` → `probleem`)
/// or unstressed (`artikel` stays).
pub(crate) fn close_syllable(open: &str, long_e: bool) -> String {
    let mut out = String::with_capacity(open.len() + 1);
    out.push_str(open);
    let [last, before, third, _] = tail(open);
    if is_vowel(last) || last == '\0' {
        return out;
    }
    if last == before {
        out.pop();
        return out;
    }
    if before == 'ë' && long_e {
        // *reële* → *reëel*, *financiële* → *financieel*
        out.truncate(out.len() - last.len_utf8() - before.len_utf8());
        out.push_str(if third == 'i' { "ee" } else { "ëe" });
        out.push(last);
        return out;
    }
    let lengthens = matches!(before, 'a' | 'o' | 'u') || (before == 'e' && long_e);
    if lengthens && last != 'w' && last != 'x' && !is_digraph(third, before) {
        out.pop();
        out.push(before);
        out.push(last);
    }
    soften(&mut out);
    out
}

/// Writes a final *v* as *f* and a final *z* as *s*: no Dutch word ends in them.
pub(crate) fn soften(word: &mut String) {
    let replacement = match word.chars().next_back() {
        Some('v') => 'f',
        Some('z') => 's',
        _ => return,
    };
    word.pop();
    word.push(replacement);
}

/// Adds *-en* or *-e* to a word in closed spelling: `zaak` → `zaken`, `straf` → `straffen`,
/// `brief` → `brieven`, `huis` → `huizen`.
pub(crate) fn open_syllable(closed: &str, ending: &str) -> String {
    let mut out = String::with_capacity(closed.len() + ending.len() + 1);
    out.push_str(closed);
    let [last, before, third, _] = tail(closed);
    if last == '\0' || is_vowel(last) {
        out.push_str(ending);
        return out;
    }
    let long = before == third && matches!(before, 'a' | 'e' | 'o' | 'u');
    let diphthong = !long && is_digraph(third, before) || (last == 'j' && before == 'i');
    let voiced = match last {
        'f' if long || diphthong => 'v',
        's' if long || diphthong => 'z',
        other => other,
    };
    out.pop();
    if long {
        out.pop();
    } else if is_vowel(before) && !diphthong && last != 'w' && last != 'x' {
        out.push(last);
    }
    out.push(voiced);
    out.push_str(ending);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_cut_off_leaves_a_word_in_closed_spelling() {
        for (open, closed) in [
            ("zak", "zaak"),
            ("zakk", "zak"),
            ("straff", "straf"),
            ("briev", "brief"),
            ("huiz", "huis"),
            ("person", "persoon"),
            ("boek", "boek"),
            ("prijz", "prijs"),
            ("vrouw", "vrouw"),
            ("recht", "recht"),
            ("uur", "uur"),
        ] {
            assert_eq!(close_syllable(open, false), closed, "{open}");
        }
        assert_eq!(close_syllable("problem", true), "probleem");
        assert_eq!(close_syllable("artikel", false), "artikel");
    }

    #[test]
    fn an_ending_put_on_opens_the_syllable() {
        for (closed, open) in [
            ("zaak", "zaken"),
            ("straf", "straffen"),
            ("brief", "brieven"),
            ("huis", "huizen"),
            ("prijs", "prijzen"),
            ("recht", "rechten"),
            ("besluit", "besluiten"),
            ("vrouw", "vrouwen"),
        ] {
            assert_eq!(open_syllable(closed, "en"), open, "{closed}");
        }
    }
}
