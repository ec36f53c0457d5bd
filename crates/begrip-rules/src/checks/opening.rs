//! What a definition opens with: a broader concept and what narrows it.

use std::collections::HashSet;

use begrip_language::{
    Break, Class, Number, OpeningKind, Span, Text, Word, adjective_base, classes, is_adjective,
    is_finite_verb, is_participle, singular, term_key,
};

use super::{Scene, Verdict, mend};

fn first(scene: &Scene<'_>, words: usize) -> Span {
    scene.text.span_of(0..words.max(1))
}

fn raw<'a>(scene: &Scene<'a>, word: usize) -> &'a str {
    scene.text.words().get(word).map_or("", |word| word.raw)
}

/// ARAI-01
pub(crate) fn verb(scene: &Scene<'_>) -> Verdict {
    let opening = scene.text.opening();
    if opening.kind != OpeningKind::FiniteVerb {
        return Verdict::pass();
    }
    let verb = opening
        .copula
        .unwrap_or(usize::from(opening.article == Some(0)));
    let found = raw(scene, verb);
    Verdict::fail(
        scene.text.span_of(verb..verb + 1),
        format!(
            "De definitie begint met het werkwoord ‘{found}’. Begin met een zelfstandig naamwoord."
        ),
    )
    .with_fix(past_formula(scene))
}

/// ARAI-06
pub(crate) fn formula(scene: &Scene<'_>) -> Verdict {
    let opening = scene.text.opening();
    let words = scene.text.words();
    let term = scene.term.at(
        words,
        usize::from(words.first().is_some_and(|w| w.is(Class::Article))),
    );
    let starts_with_term = term.as_ref().is_some_and(|found| {
        words
            .get(found.end)
            .is_some_and(|word| word.is(Class::Copula))
            || scene.text.gap_after(found.end - 1).contains(':')
    });
    let (end, what) = if let Some(end) = statutory_formula(scene) {
        (end, "een inleiding")
    } else if starts_with_term {
        (term.map_or(1, |found| found.end), "de term zelf")
    } else if opening.copula.is_some_and(|at| at <= 1) {
        (opening.copula.map_or(1, |at| at + 1), "een koppelwerkwoord")
    } else if words.first().is_some_and(|word| word.is(Class::Article))
        && opening.article == Some(0)
    {
        (1, "een lidwoord")
    } else {
        return Verdict::pass();
    };
    let span = scene.text.span_of(0..end);
    let found = scene.text.text_of(span);
    Verdict::fail(
        span,
        format!("De definitie begint met {what} (‘{found}’). Begin meteen met het ruimere begrip."),
    )
    .with_fix(past_formula(scene))
}

/// The words after *onder <term> wordt verstaan*, *met <term> wordt bedoeld*.
fn statutory_formula(scene: &Scene<'_>) -> Option<usize> {
    const REACH: usize = 12;
    let words = scene.text.words();
    let word = |at: usize| words.get(at).map(|word| &*word.lower);
    if !matches!(word(0), Some("onder" | "met")) {
        return None;
    }
    let verb = (2..REACH).find(|at| matches!(word(*at), Some("wordt" | "worden")))?;
    let mut at = verb + 1;
    while matches!(word(at), Some("mede" | "hier" | "in" | "deze" | "wet")) {
        at += 1;
    }
    matches!(word(at), Some("verstaan" | "bedoeld")).then_some(at + 1)
}

/// The text without *<term> is een*, *is een*, *dit is een*, *onder <term> wordt verstaan een*, *een*.
pub(crate) fn past_formula(scene: &Scene<'_>) -> Option<crate::report::Fix> {
    let words = scene.text.words();
    let is = |at: usize, class| words.get(at).is_some_and(|word| word.is(class));
    let mut at = 0;
    if let Some(end) = statutory_formula(scene) {
        at = end;
    } else {
        if is(0, Class::Article) {
            at += 1;
        }
        if let Some(found) = scene.term.at(words, at)
            && (is(found.end, Class::Copula) || scene.text.gap_after(found.end - 1).contains(':'))
        {
            at = found.end;
        } else if at == 0
            && matches!(words.first().map(|word| &*word.lower), Some("dit" | "dat"))
            && is(1, Class::Copula)
        {
            at = 1;
        }
        if is(at, Class::Copula) {
            at += 1;
        }
    }
    if is(at, Class::Article) {
        at += 1;
    }
    let neuter = at > 0 && matches!(&*words.get(at - 1)?.lower, "het" | "'t");
    let respelled = match neuter {
        true => without_het(scene.text, at)?,
        false => Vec::new(),
    };
    let fix = mend::begin_at(scene.text, at, &respelled, "Begin met het ruimere begrip")?;
    // *betekent dat …*: what is left is no definition either.
    let kind = Text::new(&fix.text).opening().kind;
    matches!(
        kind,
        OpeningKind::NounGroup | OpeningKind::Infinitive | OpeningKind::Pronoun
    )
    .then_some(fix)
}

/// Without *het* the adjectives lose their *-e*: *(het) schriftelijke besluit*, *schriftelijk besluit*.
/// The better spellings of those that stand right before the head, and of those that open the group;
/// those between belong to another noun (*door de hoogste rechter*). `None` when a form cannot be told.
fn without_het(text: &Text<'_>, from: usize) -> Option<Vec<(Span, String)>> {
    let words = text.words();
    let Some(head) = text.opening().head.filter(|head| *head >= from) else {
        return Some(Vec::new());
    };
    let group = words.get(from..head)?;
    let agrees = |word: &&Word<'_>| {
        word.lower.ends_with('e')
            && (word.is(Class::Inflected) || word.classes.is_unknown())
            && !word.classes.any(&[Class::Numeral, Class::Preposition])
            || word.classes.any(&[Class::Adjective, Class::Participle])
            || word.is(Class::Conjunction)
    };
    let last = group.iter().rev().take_while(agrees).count();
    let first = match group.iter().take_while(agrees).count() {
        // *het schriftelijke, door de rechter ondertekende besluit*
        first
            if group
                .get(first)
                .is_some_and(|word| word.is(Class::Preposition)) =>
        {
            first
        }
        _ => 0,
    };
    let mut better = Vec::new();
    for at in (0..first).chain(group.len() - last..group.len()) {
        let word = &group[at];
        // *hoogste bedrag* is right as it is.
        if !word.lower.ends_with('e') || word.lower.ends_with("ste") {
            continue;
        }
        let base = adjective_base(&word.lower).filter(|base| is_adjective(base))?;
        let raw = match word.raw.chars().next() {
            Some(first) if first.is_uppercase() => {
                let mut chars = base.chars();
                chars
                    .next()
                    .into_iter()
                    .flat_map(char::to_uppercase)
                    .chain(chars)
                    .collect()
            }
            _ => base,
        };
        better.push((text.span_of(from + at..from + at + 1), raw));
    }
    Some(better)
}

/// STR-01
pub(crate) fn no_noun(scene: &Scene<'_>) -> Verdict {
    let opening = scene.text.opening();
    let why = match opening.kind {
        OpeningKind::NounGroup | OpeningKind::Infinitive | OpeningKind::Empty => {
            return Verdict::pass();
        }
        OpeningKind::Pronoun if names_somebody(scene) => return Verdict::pass(),
        OpeningKind::Pronoun => "een voornaamwoord",
        OpeningKind::FiniteVerb => "een werkwoord",
        OpeningKind::Clause => "een bijzin",
        OpeningKind::Adjective => "een bijvoeglijk naamwoord zonder zelfstandig naamwoord",
        OpeningKind::Preposition if leads_to_noun(scene) => {
            return Verdict::needs_person(
                first(scene, opening.end),
                "De definitie begint met een voorzetsel. Ga na of het bij het zelfstandig naamwoord voor het ruimere begrip hoort.",
            );
        }
        OpeningKind::Preposition => "een voorzetsel",
        OpeningKind::Other => "iets anders dan een zelfstandig naamwoord",
    };
    Verdict::fail(
        first(scene, opening.end),
        format!(
            "De definitie begint met {why}. Begin met het zelfstandig naamwoord voor het ruimere begrip."
        ),
    )
    .with_fix(past_formula(scene))
}

/// Whether a participle with a noun after it stands before any verb or clause: a machine may have lost
/// its way in what stands before the noun.
fn leads_to_noun(scene: &Scene<'_>) -> bool {
    let words = scene.text.words();
    let end = words
        .iter()
        .position(|word| {
            is_finite_verb(&word.lower)
                || word.classes.any(&[Class::Relative, Class::Subordinator])
                    && !word.classes.any(&[Class::Determiner, Class::Adverb])
        })
        .unwrap_or(words.len());
    words[..end].windows(2).any(|pair| {
        is_participle(&pair[0].lower)
            && !pair[0].is(Class::Adverb)
            && pair[0].after == Break::Space
            && pair[1].is(Class::Noun)
    })
}

/// *degene die …* and the statutes' *ieder die …* name a person as *persoon die …* does; *iets dat*
/// is for ARAI-02SUB1.
fn names_somebody(scene: &Scene<'_>) -> bool {
    const NAMES: [&str; 10] = [
        "degene", "diegene", "degenen", "iemand", "hetgeen", "datgene", "iets", "ieder",
        "eenieder", "hij",
    ];
    let words = scene.text.words();
    scene.text.opening().head.is_some_and(|head| {
        words.get(head).is_some_and(|word| {
            NAMES.contains(&&*word.lower)
                && (word.lower != "hij"
                    || words.get(head + 1).is_some_and(|next| next.lower == "die"))
        })
    })
}

/// STR-02
pub(crate) fn is_term(scene: &Scene<'_>) -> Verdict {
    if scene.subject.term.trim().is_empty() {
        return Verdict::pass();
    }
    let opening = scene.text.opening();
    let Some(head) = opening.head else {
        return Verdict::pass();
    };
    let words = scene.text.words();
    // The whole term at the head (*voorlopige hechtenis*), or its one word.
    let whole =
        (0..=head).find_map(|start| scene.term.at(words, start).filter(|found| found.end > head));
    let found = match whole {
        Some(found) => found,
        None if term_key(raw(scene, head)) == term_key(scene.subject.term) => head..head + 1,
        None => return Verdict::pass(),
    };
    Verdict::fail(
        scene.text.span_of(found),
        "Het eerste zelfstandig naamwoord is de term zelf. Kies een ruimer begrip.",
    )
}

/// STR-03
pub(crate) fn only_synonym(scene: &Scene<'_>) -> Verdict {
    let words = scene.text.words();
    let outside = words
        .iter()
        .filter(|word| word.depth == 0 && !word.is(Class::Article))
        .count();
    let inside = words.iter().filter(|word| word.depth > 0).count();
    // *straf straf straf*: however often, no more than a word or two.
    let mut different: HashSet<&str> = HashSet::new();
    let repeated = words.len() >= 2
        && words.iter().all(|word| {
            different.insert(&word.lower);
            different.len() <= if words.len() > 4 { 2 } else { 1 }
        });
    let bare = outside == 1 && inside <= 2 || repeated;
    // *verzoek of vraag*, *straf, sanctie*
    let pair = inside == 0
        && words.len() <= 5
        && words.iter().enumerate().all(|(at, word)| {
            // *eiser of gedaagde*: a person, told by an adjective that no noun follows.
            let person = word.is(Class::Inflected)
                && words
                    .get(at + 1)
                    .is_none_or(|next| next.is(Class::Conjunction));
            person
                || (word.classes.is_unknown() && !word.lower.ends_with('e'))
                || word.classes.any(&[Class::Noun, Class::Article])
                || matches!(&*word.lower, "of" | "oftewel" | "ofwel" | "dan" | "wel")
        })
        && words
            .iter()
            .any(|word| matches!(&*word.lower, "of" | "oftewel" | "ofwel"))
        || (words.len() == 2 && inside == 0 && scene.text.gap_after(0).contains([',', '/']));
    if !bare && !pair {
        return match only_lists(words) {
            false => Verdict::pass(),
            true => Verdict::needs_person(
                scene.text.span_of(0..words.len()),
                "Dit lijkt een opsomming zonder ruimer begrip. Ga na of te zeggen is wat de leden gemeen hebben.",
            ),
        };
    }
    Verdict::fail(
        scene.text.span_of(0..words.len()),
        match bare {
            true => {
                "Dit is alleen een ander woord voor de term. Zeg waarin het begrip zich onderscheidt."
            }
            false => "Dit is een opsomming. Noem het ruimere begrip en wat de leden gemeen hebben.",
        },
    )
}

/// Whether the text is no more than a list of bare nouns, and nothing tells what they have in common.
fn only_lists(words: &[Word<'_>]) -> bool {
    let joins = |word: &Word<'_>| matches!(&*word.lower, "en" | "of" | "alsmede");
    let bare = |word: &Word<'_>| {
        (word.is(Class::Noun) || word.classes.is_unknown())
            && !word
                .classes
                .any(&[Class::Inflected, Class::Adjective, Class::Determiner])
    };
    let apart =
        |pair: &[Word<'_>]| pair[0].after == Break::Comma || joins(&pair[0]) || joins(&pair[1]);
    words.len() > 5
        && words.iter().all(|word| joins(word) || bare(word))
        && words.windows(2).all(apart)
}

/// STR-04
pub(crate) fn no_narrowing(scene: &Scene<'_>) -> Verdict {
    let opening = scene.text.opening();
    if !opening.is_noun_group() {
        return Verdict::pass();
    }
    let Some(head) = opening.head else {
        return Verdict::pass();
    };
    let words = scene.text.words();
    let narrowed_before = words.iter().take(head).any(|word| {
        word.classes.any(&[
            Class::Adjective,
            Class::Inflected,
            Class::Participle,
            Class::PresentParticiple,
            Class::Preposition,
            Class::Noun,
        ]) || word.classes.is_unknown()
    });
    let after = words.get(head + 1..).unwrap_or_default();
    let narrowed_after = after.iter().any(|word| {
        word.classes.any(&[
            Class::Noun,
            Class::Inflected,
            Class::Participle,
            Class::Finite,
            Class::Infinitive,
        ]) || word.classes.is_unknown()
    });
    if narrowed_after || (narrowed_before && words.len() >= 3) {
        return Verdict::pass();
    }
    Verdict::fail(
        scene.text.span_of(0..words.len()),
        format!(
            "Na ‘{}’ volgt niets dat het begrip afbakent. Voeg toe waarin het zich onderscheidt van andere.",
            raw(scene, head)
        ),
    )
}

/// VER-02
pub(crate) fn plural(scene: &Scene<'_>) -> Verdict {
    let opening = scene.text.opening();
    let Some(head) = opening.head else {
        return Verdict::pass();
    };
    let term = scene.term.number();
    if opening.number != Number::Plural
        || scene.term.is_empty()
        || term == Number::Plural
        || says_one_or_more(scene, head)
        || reads_as_infinitive(scene, head)
    {
        return Verdict::pass();
    }
    Verdict::fail(
        scene.text.span_of(head..head + 1),
        format!(
            "‘{}’ is meervoud, maar de term is enkelvoud. Gebruik het enkelvoud, of begin met een verzamelwoord (groep, geheel, samenstel).",
            raw(scene, head)
        ),
    )
}

/// *een of meer personen die …*: one will do.
fn says_one_or_more(scene: &Scene<'_>, head: usize) -> bool {
    let words = scene.text.words().get(..head).unwrap_or_default();
    words.windows(3).any(|three| {
        let [one, or, more] = three else {
            return false;
        };
        matches!(&*one.lower, "een" | "één" | "1")
            && or.lower == "of"
            && matches!(&*more.lower, "meer" | "meerdere")
    })
}

/// *zakken van de bodem*: the plural of a noun, or an infinitive used as one. A relative clause, an
/// adjective or a numeral tells that it is a plural.
fn reads_as_infinitive(scene: &Scene<'_>, head: usize) -> bool {
    let words = scene.text.words();
    let may_be = words.get(head).is_some_and(|word| {
        begrip_language::is_infinitive(&word.lower)
            || word.classes.is_unknown()
                && word.lower.ends_with("en")
                && !singular(&word.lower).is_some_and(|one| classes(&one).has(Class::Noun))
    });
    let told = words.get(head + 1).is_some_and(|word| {
        word.is(Class::Relative) && !word.is(Class::Preposition)
            || word.classes.any(&[Class::Copula, Class::Modal])
            || matches!(&*word.lower, "die" | "en" | "of")
    }) || words.get(..head).unwrap_or_default().iter().any(|word| {
        word.classes
            .any(&[Class::Numeral, Class::Determiner, Class::Inflected])
    });
    may_be && !told
}
