//! How much gets out, and how much is replaced that hides nothing.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use begrip_privacy::{Choices, Kind, protect};

use super::{Case, Way, cases, core, words};

/// The seed and number of the texts that the published figures are of.
pub const SEED: u64 = 2026;
pub const COUNT: usize = 400;

/// What stands in `docs/privacy.md` between two of these is written: the figures of the texts that are made, and
/// of the laws that were named.
pub const MADE: &str = "<!-- cijfers -->\n";
pub const LAWS: &str = "<!-- wetten -->\n";

/// Found and planted, of a kind or a way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub found: usize,
    pub of: usize,
}

impl Share {
    fn add(&mut self, found: bool) {
        self.of += 1;
        self.found += usize::from(found);
    }

    /// In percent, with one decimal behind a comma.
    pub fn percent(self) -> String {
        let tenths = (self.found * 1000).checked_div(self.of).unwrap_or_default();
        format!("{},{} %", tenths / 10, tenths % 10)
    }
}

/// What was measured over the texts.
#[derive(Debug, Default)]
pub struct Measured {
    pub texts: usize,
    pub kinds: BTreeMap<Kind, Share>,
    pub ways: BTreeMap<Way, Share>,
    /// Replacements that cover something planted, of all.
    pub precise: Share,
    /// What got out, to be read by whoever mends it.
    pub leaks: Vec<(Kind, String, String)>,
    /// What was replaced and hides nothing.
    pub wrong: Vec<(Kind, String)>,
}

/// Whether a secret can still be read in a text that goes out.
pub fn leaks(kind: Kind, secret: &str, after: &str, words: &[String]) -> bool {
    match kind {
        // A name is a word; as a part of another word it is chance.
        Kind::Party | Kind::Person => words
            .iter()
            .any(|word| word == secret || word.strip_suffix('s') == Some(secret)),
        _ => core(after).contains(secret),
    }
}

pub fn measure(texts: &[Case]) -> Measured {
    let mut measured = Measured {
        texts: texts.len(),
        ..Measured::default()
    };
    for case in texts {
        let out = case.protect();
        // Placeholders name kinds, and no secret.
        let mut after = out.as_str().to_owned();
        for each in out.replaced() {
            after = after.replace(&each.placeholder, " | ");
        }
        let left = words(&after);
        for planted in &case.planted {
            let found = !leaks(planted.kind, &planted.core, &after, &left);
            measured.kinds.entry(planted.kind).or_default().add(found);
            if let Some(way) = planted.way {
                measured.ways.entry(way).or_default().add(found);
            }
            if !found {
                let leak = (planted.kind, planted.core.clone(), out.as_str().to_owned());
                measured.leaks.push(leak);
            }
        }
        for each in out.replaced() {
            let original = core(each.original.reveal());
            let parts = words(each.original.reveal());
            let planted = case.planted.iter().any(|planted| {
                original.contains(&planted.core)
                    || planted.core.contains(&original)
                    || parts.contains(&planted.core)
            });
            let right = planted || parts.iter().any(|part| case.beside.contains(part));
            measured.precise.add(right);
            if !right {
                let wrong = each.original.reveal().to_owned();
                measured.wrong.push((each.kind, wrong));
            }
        }
    }
    measured
}

/// Texts of law in which nothing is to be replaced: the definitions, explanations and sources of the
/// starter concepts, and the rules with their examples.
pub fn law() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut texts = Vec::new();
    for folder in ["begrip-app/starter", "begrip-rules/rules"] {
        let mut files: Vec<_> = std::fs::read_dir(root.join(folder))
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|end| end == "toml"))
            .collect();
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            // A text in quotes is a text; the rest is names of fields.
            let quoted = text
                .lines()
                .flat_map(|line| line.split('"').skip(1).step_by(2));
            texts.extend(quoted.filter(|text| text.contains(' ')).map(str::to_owned));
        }
    }
    texts
}

/// Words in these texts, and what is replaced in them.
pub fn in_law(texts: &[String]) -> (usize, Vec<(Kind, String)>) {
    let mut count = 0;
    let mut wrong = Vec::new();
    for text in texts {
        count += text.split_whitespace().count();
        let out = protect(text, &[], &Choices::default());
        for each in out.replaced() {
            wrong.push((each.kind, each.original.reveal().to_owned()));
        }
    }
    (count, wrong)
}

/// Words of a file, and what is replaced in it.
pub fn in_file(file: &Path) -> (usize, Vec<(Kind, String)>) {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let texts: Vec<String> = text.lines().map(str::to_owned).collect();
    in_law(&texts)
}

/// How much is replaced in laws, by file.
pub fn laws(files: &[PathBuf]) -> String {
    let mut rows = String::from("| wet | woorden | vervangen |\n|---|---:|---:|\n");
    for file in files {
        let name = file.file_stem().unwrap_or_default();
        let (count, wrong) = in_file(file);
        rows += &format!(
            "| {} | {count} | {} |\n",
            name.to_string_lossy(),
            wrong.len()
        );
    }
    rows
}

/// The figures as they stand in the documentation.
pub fn table() -> String {
    let measured = measure(&cases(SEED, COUNT));
    let (count, wrong) = in_law(&law());
    let mut out = String::new();
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    line(format!(
        "Gemeten over {} gemaakte zaakteksten (zaad {SEED}) waarin bekend is wat niet naar buiten mag.",
        measured.texts
    ));
    line(String::new());
    line("| wat | verborgen | gevonden | |".to_owned());
    line("|---|---:|---:|---:|".to_owned());
    for (kind, share) in &measured.kinds {
        if *kind != Kind::Person {
            line(format!(
                "| {} | {} | {} | {} |",
                told(*kind),
                share.of,
                share.found,
                share.percent()
            ));
        }
    }
    line(String::new());
    line("| naam die niemand heeft opgegeven | verborgen | gevonden | |".to_owned());
    line("|---|---:|---:|---:|".to_owned());
    for (way, share) in &measured.ways {
        line(format!(
            "| {} | {} | {} | {} |",
            way.told(),
            share.of,
            share.found,
            share.percent()
        ));
    }
    let all = measured
        .kinds
        .get(&Kind::Person)
        .copied()
        .unwrap_or_default();
    line(format!(
        "| samen | {} | {} | {} |",
        all.of,
        all.found,
        all.percent()
    ));
    line(String::new());
    line("| te veel vervangen | aantal | van | |".to_owned());
    line("|---|---:|---:|---:|".to_owned());
    let over = Share {
        found: measured.precise.of - measured.precise.found,
        of: measured.precise.of,
    };
    line(format!(
        "| vervangingen in de zaakteksten die niets verborgen | {} | {} | {} |",
        over.found,
        over.of,
        over.percent()
    ));
    line(format!(
        "| vervangingen in teksten over recht zonder persoon (woorden) | {} | {count} | {} |",
        wrong.len(),
        Share {
            found: wrong.len(),
            of: count
        }
        .percent()
    ));
    out
}

fn told(kind: Kind) -> &'static str {
    match kind {
        Kind::Party => "bekende partij (woorden van de naam, in alle vormen)",
        Kind::Bsn => "BSN (elfproef)",
        Kind::Iban => "IBAN (controlegetal)",
        Kind::Email => "e-mailadres",
        Kind::Ecli => "ECLI-nummer",
        Kind::Parket => "parketnummer",
        Kind::CaseNumber => "zaak-, rol- of rekestnummer",
        Kind::Phone => "telefoonnummer",
        Kind::Plate => "kenteken",
        Kind::Address => "adres",
        Kind::Postcode => "postcode",
        Kind::BirthDate => "geboortedatum",
        Kind::Place => "geboorte- of woonplaats",
        Kind::Document => "nummer van paspoort, rijbewijs, v-nummer en andere documenten",
        other => other.stem(),
    }
}
