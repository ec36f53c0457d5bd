use crate::protect::Protected;
use crate::view::key;

/// Brackets that a model may write instead of ours.
const PAIRS: [(char, char); 8] = [
    ('[', ']'),
    ('{', '}'),
    ('<', '>'),
    ('‹', '›'),
    ('«', '»'),
    ('【', '】'),
    ('⟦', '⟧'),
    ('［', '］'),
];

/// Longest placeholder that is looked for, in characters.
const LONGEST: usize = 60;

impl Protected {
    /// Puts back in an answer what the placeholders stand for. A model may change capitals, spaces
    /// and the kind of bracket; a numbered one is known without brackets too. What was put back is
    /// not looked at again.
    pub fn restore(&self, answer: &str) -> String {
        if self.values.is_empty() {
            return answer.to_owned();
        }
        let labels: Vec<(String, bool, &str)> = self
            .values
            .iter()
            .map(|(label, secret)| {
                let numbered = label.ends_with(|c: char| c.is_ascii_digit());
                (key(label), numbered, secret.reveal())
            })
            .collect();
        let mut out = String::with_capacity(answer.len());
        let mut rest = answer;
        let mut before: Option<char> = None;
        while let Some(c) = rest.chars().next() {
            let hit = bracketed(rest, c, &labels).or_else(|| {
                let opens = !before.is_some_and(|c| {
                    c.is_alphanumeric() || PAIRS.iter().any(|(open, _)| *open == c)
                });
                opens.then(|| bare(rest, &labels)).flatten()
            });
            let (taken, value) = hit.unwrap_or((c.len_utf8(), ""));
            let (this, next) = rest.split_at(taken);
            match hit {
                Some(_) => out.push_str(value),
                None => out.push_str(this),
            }
            before = this.chars().next_back();
            rest = next;
        }
        out
    }

    /// The same for a text that is still coming in: a placeholder that is not whole yet at its end is
    /// left out until it is.
    pub fn restore_so_far(&self, text: &str) -> String {
        let open = text
            .rfind(|c| PAIRS.iter().any(|(open, _)| *open == c))
            .filter(|_| !self.values.is_empty());
        let unfinished = open.filter(|at| {
            let rest = text.get(*at..).unwrap_or_default();
            let closed = rest.contains(|c| PAIRS.iter().any(|(_, close)| *close == c));
            !closed && rest.chars().count() <= LONGEST
        });
        let whole = unfinished.and_then(|at| text.get(..at));
        self.restore(whole.map_or(text, str::trim_end))
    }

    /// The placeholders and what they stand for, for the user's own screen.
    pub fn values(&self) -> impl Iterator<Item = (String, &str)> {
        self.values
            .iter()
            .map(|(label, secret)| (format!("[{label}]"), secret.reveal()))
    }
}

type Label<'a> = (String, bool, &'a str);

fn bracketed<'a>(rest: &str, open: char, labels: &[Label<'a>]) -> Option<(usize, &'a str)> {
    let round = open == '(';
    let close = match round {
        true => ')',
        false => PAIRS.iter().find(|(each, _)| *each == open)?.1,
    };
    let inner = rest.get(open.len_utf8()..)?;
    let (at, _) = inner
        .char_indices()
        .take(LONGEST)
        .find(|(_, c)| *c == close)?;
    let wanted = key(inner.get(..at)?);
    let (_, _, value) = labels
        .iter()
        // Round brackets stand around many a word that is no placeholder.
        .find(|(label, numbered, _)| *label == wanted && (*numbered || !round))?;
    Some((open.len_utf8() + at + close.len_utf8(), value))
}

/// A numbered placeholder without its brackets: *persoon 1*.
fn bare<'a>(rest: &str, labels: &[Label<'a>]) -> Option<(usize, &'a str)> {
    let first = rest.chars().next()?.to_lowercase().next()?;
    labels
        .iter()
        .filter(|(label, numbered, _)| *numbered && label.starts_with(first))
        .find_map(|(label, _, value)| {
            let mut wanted = label.chars().peekable();
            for (at, c) in rest.char_indices() {
                let lower = c.to_lowercase().next()?;
                match wanted.peek() {
                    None => {
                        return (!c.is_alphanumeric()).then_some((at, *value));
                    }
                    Some(next) if *next == lower => _ = wanted.next(),
                    Some(_) if matches!(c, ' ' | '_' | '-') => {}
                    Some(_) => return None,
                }
            }
            wanted.peek().is_none().then_some((rest.len(), *value))
        })
}

#[cfg(test)]
mod tests {
    use crate::{Choices, Party, protect};

    #[test]
    fn an_answer_gets_back_what_it_stands_for_also_when_the_model_is_careless() {
        let parties = [Party::read("verdachte: Jan Jansen").unwrap()];
        let sent = protect(
            "Jansen sloeg mevrouw Bakker in de Dorpsstraat 12.",
            &parties,
            &Choices::default(),
        );
        assert_eq!(
            sent.as_str(),
            "[verdachte] sloeg mevrouw [persoon 1] in de [adres]."
        );
        for (answer, restored) in [
            ("De [verdachte] liep.", "De Jan Jansen liep."),
            ("[Verdachte] en {VERDACHTE}", "Jan Jansen en Jan Jansen"),
            (
                "[persoon 1], [Persoon1], [ persoon_1 ]",
                "Bakker, Bakker, Bakker",
            ),
            ("(persoon 1) of Persoon 1.", "Bakker of Bakker."),
            ("een persoon (verdachte) is", "een persoon (verdachte) is"),
            (
                "persoon 12, persoon 2, [persoon 2]",
                "persoon 12, persoon 2, [persoon 2]",
            ),
            ("verdachte persoon", "verdachte persoon"),
            ("bij [adres", "bij [adres"),
        ] {
            assert_eq!(sent.restore(answer), restored);
        }
    }

    #[test]
    fn what_was_put_back_is_not_read_again() {
        let also = vec!["[adres]x".to_owned()];
        let choices = Choices {
            also,
            ..Choices::default()
        };
        let sent = protect("adresx en Dorpsstraat 12", &[], &choices);
        let back = sent.restore("[weggelaten] en [adres]");
        assert_eq!(back, "adresx en Dorpsstraat 12");
    }
}
