//! `begrip rules`: reading, trying, changing and sharing rules.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use begrip_app::schema::{PackCompare, PackImport, PackRef};
use begrip_app::{App, ErrorCode, UserError, pack_file_refused};
use begrip_domain::{Category, Context};
use begrip_rules::{
    Finding, Level, MOST_BYTES, Outcome, PackBody, PackError, PackFile, RulePack, SecretKey,
    Subject, facts_text, parse_facts, parse_rule, rule_text,
};
use serde::Serialize;

use crate::args::Place;
use crate::args_rules::Rules;
use crate::exit::{Exit, Failure, unreadable, unwritable};
use crate::findings::Out;
use crate::print_rules;
use crate::run::out_json;
use crate::whole_file::WholeFile;

/// Runs a command that needs no workplace; none for one that does.
pub fn without_workplace(command: &Rules, json: bool) -> Option<Result<Exit, Failure>> {
    match command {
        Rules::Test {
            from: Some(from),
            rule,
            text,
            term,
            place,
            ..
        } => Some(body_of(from).and_then(|body| {
            let wanted = Wanted {
                rule: rule.as_deref(),
                text: text.as_deref(),
                term,
                place,
            };
            test(body, &wanted, json)
        })),
        Rules::Pack { dir, sign, output } => Some(pack(dir, sign, output.as_deref())),
        Rules::Keygen { name } => Some(keygen(name)),
        _ => None,
    }
}

/// Runs a command on the workplace.
pub async fn run(app: &App, command: Rules, json: bool) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    match command {
        Rules::List { text, version } => {
            let mut rules = app.rules_list(PackRef { version }).await?;
            let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
            rules.retain(|rule| {
                let text = [rule.id.as_str(), &rule.title, &rule.why, &rule.question].join(" ");
                let text = text.to_lowercase();
                words.iter().all(|word| text.contains(word))
            });
            match json {
                true => out_json(&rules)?,
                false => print_rules::list(&mut out, &rules)?,
            }
            Ok(match rules.is_empty() {
                true => Exit::NotFound,
                false => Exit::Done,
            })
        }
        Rules::Show { rule, version } => {
            let rules = app.rules_list(PackRef { version }).await?;
            let found = rules
                .into_iter()
                .find(|known| known.id.as_str().eq_ignore_ascii_case(&rule))
                .ok_or_else(|| unknown(&rule))?;
            match json {
                true => out_json(&found)?,
                false => print_rules::rule(&mut out, &found)?,
            }
            Ok(Exit::Done)
        }
        Rules::Test {
            rule,
            text,
            term,
            place,
            version,
            ..
        } => {
            let file = app.pack_export(PackRef { version }).await?;
            let body = parse(&file.content)?.body().map_err(pack_file_refused)?;
            let wanted = Wanted {
                rule: rule.as_deref(),
                text: text.as_deref(),
                term: &term,
                place: &place,
            };
            test(body, &wanted, json)
        }
        Rules::Diff { mut versions } => {
            let to = versions.pop().unwrap_or_default();
            let from = match versions.pop() {
                Some(from) => from,
                None => app.app_info(()).await?.pack_version,
            };
            let diff = app.pack_compare(PackCompare { from, to }).await?;
            match json {
                true => out_json(&diff)?,
                false => print_rules::diff(&mut out, &diff)?,
            }
            Ok(Exit::Done)
        }
        Rules::Versions => {
            let packs = app.packs_list(()).await?;
            match json {
                true => out_json(&packs)?,
                false => print_rules::versions(&mut out, &packs)?,
            }
            Ok(Exit::Done)
        }
        Rules::Activate { version, dry_run } => {
            let meant = PackRef {
                version: Some(version),
            };
            if dry_run {
                let impact = app.pack_impact(meant).await?;
                match json {
                    true => out_json(&impact)?,
                    false => print_rules::impact(&mut out, &impact)?,
                }
                return Ok(Exit::Done);
            }
            let pack = app.pack_activate(meant).await?;
            match json {
                true => out_json(&pack)?,
                false => writeln!(
                    out,
                    "Deze regels gelden nu: {} ({} regels)",
                    pack.version, pack.rules
                )?,
            }
            Ok(Exit::Done)
        }
        Rules::Import { file } => {
            let content = read(&file)?;
            let pack = app.pack_import(PackImport { content }).await?;
            match json {
                true => out_json(&pack)?,
                false => print_rules::imported(&mut out, &pack)?,
            }
            Ok(Exit::Done)
        }
        Rules::Export {
            version,
            output,
            dir,
            sign,
        } => {
            let file = app.pack_export(PackRef { version }).await?;
            if let Some(dir) = dir {
                let body = parse(&file.content)?.body().map_err(pack_file_refused)?;
                unpack(&body, &dir)?;
                writeln!(
                    out,
                    "{} regels geschreven in {}",
                    body.rules.len(),
                    dir.display()
                )?;
                return Ok(Exit::Done);
            }
            let content = match sign {
                Some(key) => signed(parse(&file.content)?, &key)?,
                None => file.content,
            };
            drop(out);
            write(output.as_deref(), &content)
        }
        Rules::Trust { file } => {
            let name = file
                .file_stem()
                .map(|name| name.to_string_lossy().into_owned());
            let (name, fingerprint) = app
                .trust_key(&name.unwrap_or_default(), &read(&file)?)
                .await?;
            writeln!(out, "Vertrouwd: {name} (kenmerk {fingerprint})")?;
            Ok(Exit::Done)
        }
        Rules::Pack { .. } | Rules::Keygen { .. } => Ok(Exit::Done),
    }
}

/// What `rules test` is asked for.
struct Wanted<'a> {
    rule: Option<&'a str>,
    text: Option<&'a str>,
    term: &'a str,
    place: &'a Place,
}

/// The form of `rules test --json`.
#[derive(Serialize)]
pub struct Tested {
    /// The version of the rules.
    pub version: String,
    /// Rules that were tested.
    pub rules: u32,
    /// Their examples.
    pub examples: u32,
    /// Examples with another outcome than their rule says.
    pub wrong: Vec<WrongExample>,
}

/// An example with another outcome than its rule says.
#[derive(Serialize)]
pub struct WrongExample {
    /// The rule.
    pub rule: String,
    /// `good` or `bad`: where it stands.
    pub kind: &'static str,
    /// The example's term.
    pub term: String,
    /// The example's text.
    pub text: String,
    /// What the rule says of it.
    pub reason: String,
}

fn test(body: PackBody, wanted: &Wanted<'_>, json: bool) -> Result<Exit, Failure> {
    let pack = RulePack::compile(body).map_err(wrong_rule)?;
    let rule = match wanted.rule {
        None => None,
        Some(id) => {
            let same = |rule: &&begrip_rules::Rule| rule.id().as_str().eq_ignore_ascii_case(id);
            Some(pack.rules().iter().find(same).ok_or_else(|| unknown(id))?)
        }
    };
    if let (Some(rule), Some(text)) = (rule, wanted.text) {
        let context: Context = wanted.place.context()?;
        let finding = rule.check(&Subject {
            term: wanted.term,
            synonyms: &[],
            text,
            context: &context,
            category: wanted.place.category.map(Category::from),
            has_source: None,
        });
        return tried(&finding, json);
    }
    let mut tested = Tested {
        version: pack.version().to_owned(),
        rules: 0,
        examples: 0,
        wrong: Vec::new(),
    };
    for rule in pack.rules() {
        if wanted
            .rule
            .is_some_and(|id| !rule.id().as_str().eq_ignore_ascii_case(id))
        {
            continue;
        }
        tested.rules += 1;
        let file = rule.file();
        for (kind, examples) in [("good", &file.good), ("bad", &file.bad)] {
            for example in examples {
                tested.examples += 1;
                let context = example.context();
                let finding = rule.check_with(&example.subject(&context), &example.shelf());
                if (finding.outcome == Outcome::Pass) != (kind == "good") {
                    tested.wrong.push(WrongExample {
                        rule: rule.id().to_string(),
                        kind,
                        term: example.term.clone(),
                        text: example.text.clone(),
                        reason: finding.reason,
                    });
                }
            }
        }
    }
    match json {
        true => out_json(&tested)?,
        false => print_rules::tested(&mut io::stdout().lock(), &tested)?,
    }
    Ok(match tested.wrong.is_empty() {
        true => Exit::Done,
        false => Exit::Failed,
    })
}

fn tried(finding: &Finding, json: bool) -> Result<Exit, Failure> {
    match json {
        true => out_json(&Out::from(finding))?,
        false => print_rules::finding(&mut io::stdout().lock(), finding)?,
    }
    Ok(match (finding.outcome, finding.level) {
        (Outcome::Fail, Level::Blocking) => Exit::Blocked,
        _ => Exit::Done,
    })
}

/// The rules of a folder, of one rule file, or of a pack's file, trusted or not: they are only tried.
fn body_of(path: &Path) -> Result<PackBody, Failure> {
    if path.is_dir() {
        return gather(path);
    }
    let text = read(path)?;
    if path
        .extension()
        .is_some_and(|extension| extension == "toml")
    {
        let rule = parse_rule(&name(path), &text).map_err(wrong_rule)?;
        return Ok(PackBody {
            facts: parse_facts("version = \"proef\"\ndate = \"2000-01-01\"").map_err(wrong_rule)?,
            rules: vec![rule],
        });
    }
    Ok(parse(&text)?.body().map_err(pack_file_refused)?)
}

/// The rules of a folder, as `export --dir` writes it.
fn gather(dir: &Path) -> Result<PackBody, Failure> {
    let entries = fs::read_dir(dir).map_err(|error| unreadable(dir, &error))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    paths.sort();
    let (facts, rules): (Vec<_>, Vec<_>) = paths
        .into_iter()
        .partition(|path| name(path) == "pack.toml");
    let facts = match facts.first() {
        Some(path) => parse_facts(&read(path)?).map_err(wrong_rule)?,
        None => {
            return Err(unreadable(&dir.join("pack.toml"), &io::ErrorKind::NotFound.into()).into());
        }
    };
    let rules = rules
        .iter()
        .map(|path| Ok(parse_rule(&name(path), &read(path)?).map_err(wrong_rule)?))
        .collect::<Result<_, Failure>>()?;
    Ok(PackBody { facts, rules })
}

/// Writes each rule as a file, into a folder that is not there yet: nobody's work is overwritten.
fn unpack(body: &PackBody, dir: &Path) -> Result<(), Failure> {
    fs::create_dir(dir).map_err(|error| unwritable(dir, &error))?;
    let put = |name: &str, text: String| {
        let path = dir.join(name);
        fs::write(&path, text).map_err(|error| unwritable(&path, &error))
    };
    let all = || {
        put("pack.toml", facts_text(&body.facts).map_err(wrong_rule)?)?;
        for rule in &body.rules {
            let text = rule_text(rule).map_err(wrong_rule)?;
            put(&format!("{}.toml", rule.id), text)?;
        }
        Ok(())
    };
    // Half a folder would pass for a smaller pack.
    all().inspect_err(|_: &Failure| drop(fs::remove_dir_all(dir)))
}

fn pack(dir: &Path, key: &Path, output: Option<&Path>) -> Result<Exit, Failure> {
    let body = gather(dir)?;
    let file = PackFile::new(&body).map_err(pack_file_refused)?;
    let rules = RulePack::compile(body).map_err(wrong_rule)?;
    for rule in rules.rules() {
        for (wanted, examples) in [(true, &rule.file().good), (false, &rule.file().bad)] {
            for example in examples {
                let context = example.context();
                let finding = rule.check_with(&example.subject(&context), &example.shelf());
                let passes = finding.outcome == Outcome::Pass;
                if passes != wanted {
                    let what = format!(
                        "regel {}: ‘{}’. Zie ‘begrip rules test’.",
                        rule.id(),
                        example.text
                    );
                    return Err(UserError::new(ErrorCode::PackRules, what).into());
                }
            }
        }
    }
    write(output, &signed(file, key)?)
}

fn signed(file: PackFile, key: &Path) -> Result<String, Failure> {
    let file = file.signed(&secret(key)?);
    Ok(file.to_text().map_err(pack_file_refused)?)
}

/// The secret key in a file.
pub fn secret(path: &Path) -> Result<SecretKey, UserError> {
    SecretKey::parse(&read(path)?)
        .map_err(|error| UserError::new(ErrorCode::KeyUnreadable, error.to_string()))
}

fn keygen(name: &str) -> Result<Exit, Failure> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| io::Error::other(error.to_string()))?;
    let secret = SecretKey::from_seed(&seed);
    let public = secret.public();
    let (secret_path, public_path) = (format!("{name}.key"), format!("{name}.pub"));
    // Neither or both.
    for path in [&secret_path, &public_path].map(Path::new) {
        if path.exists() {
            return Err(unwritable(path, &io::ErrorKind::AlreadyExists.into()).into());
        }
    }
    put_new(Path::new(&secret_path), &secret.to_line(), true)?;
    put_new(Path::new(&public_path), &public.to_line(), false)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{secret_path}: geheim, geef dit bestand aan niemand")?;
    writeln!(
        out,
        "{public_path}: openbaar, kenmerk {}",
        public.fingerprint()
    )?;
    Ok(Exit::Done)
}

/// Writes a file that is not there yet; a secret one only its owner can read.
fn put_new(path: &Path, line: &str, secret: bool) -> Result<(), UserError> {
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if secret {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = secret;
    options
        .open(path)
        .and_then(|mut file| writeln!(file, "{line}"))
        .map_err(|error| unwritable(path, &error))
}

fn parse(text: &str) -> Result<PackFile, Failure> {
    Ok(PackFile::parse(text).map_err(pack_file_refused)?)
}

fn wrong_rule(error: PackError) -> UserError {
    pack_file_refused(error.into())
}

fn unknown(rule: &str) -> UserError {
    UserError::new(ErrorCode::RuleUnknown, rule)
}

fn name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// A text file, or standard input (`-`); no more of it than a pack can be.
pub fn read(path: &Path) -> Result<String, UserError> {
    let mut bytes = Vec::new();
    let most = MOST_BYTES as u64 + 1;
    let done = match path == Path::new("-") {
        true => io::stdin().lock().take(most).read_to_end(&mut bytes),
        false => fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)),
    };
    done.map_err(|error| unreadable(path, &error))?;
    if bytes.len() > MOST_BYTES {
        return Err(UserError::new(ErrorCode::PackTooLarge, name(path)));
    }
    String::from_utf8(bytes).map_err(|_| unreadable(path, &io::ErrorKind::InvalidData.into()))
}

pub fn write(output: Option<&Path>, content: &str) -> Result<Exit, Failure> {
    match output {
        Some(path) => {
            let mut file = WholeFile::begin(path)?;
            let written = file.write_all(content.as_bytes());
            file.keep(written.map_err(Failure::from))?;
        }
        None => io::stdout().lock().write_all(content.as_bytes())?,
    }
    Ok(Exit::Done)
}
