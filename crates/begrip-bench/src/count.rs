//! How many instructions a check, a prompt, a hit of the cache and a draft take: a figure that a busy machine does
//! not change. Valgrind counts them over this program itself.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use begrip_app::App;
use begrip_llm::{
    CachePolicy, CacheUse, CancellationToken, Endpoint, Model, Request, Setup, Validate,
};
use begrip_mock_model::{MockConfig, MockModel};
use begrip_prompt::read_reply;
use begrip_rules::{RulePack, Subject};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::bench::{ask_plainly, call, open};
use crate::rows::prompt::build_anew;
use crate::rows::repeated::{hit, request, requests};
use crate::{old_way, question};

/// What is counted, in the order in which it is done, and how often for one count.
pub const COUNTED: [(&str, usize); 4] = [("check", 10), ("prompt", 5), ("hit", 50), ("draft", 10)];

/// The function whose instructions count, by its whole name.
const MARK: &str = "begrip_bench::count::counted";

/// More than this share of what is written down is too much.
const TOO_MUCH: f64 = 1.1;

/// The most that may be taken of what took so many.
pub fn most(known: u64) -> f64 {
    known as f64 * TOO_MUCH
}

/// The file of counts in a folder of results.
pub const FILE: &str = "counts.json";

/// Instructions for one of each kind.
pub type Counts = BTreeMap<String, u64>;

/// Counts, and compares with what stands in `file`, or writes it there; keeps the counts in `folder` too. Error:
/// something takes more than a tenth more instructions than is written down.
pub fn run(file: &Path, write: bool, folder: Option<&Path>) -> Result<()> {
    let counts = count()?;
    if let Some(folder) = folder {
        fs::create_dir_all(folder)?;
        fs::write(
            folder.join(FILE),
            serde_json::to_string_pretty(&counts)? + "\n",
        )?;
    }
    if write {
        fs::write(file, serde_json::to_string_pretty(&counts)? + "\n")?;
    }
    let known: Counts = serde_json::from_str(
        &fs::read_to_string(file).with_context(|| file.display().to_string())?,
    )?;
    for (kind, now) in &counts {
        let before = known.get(kind).copied().unwrap_or(0);
        println!("{kind}: {now} instructions, {before} written down");
    }
    let more = too_many(&known, &counts);
    ensure!(
        more.is_empty(),
        "more than 10 % above what is written down: {}. If it is meant so: `cargo xtask count --write`",
        more.join(", ")
    );
    Ok(())
}

/// What takes too much more than is known, or is not known at all.
fn too_many<'a>(known: &Counts, now: &'a Counts) -> Vec<&'a str> {
    now.iter()
        .filter(|(kind, now)| {
            let before = known.get(*kind).copied().unwrap_or(0);
            **now as f64 > most(before)
        })
        .map(|(kind, _)| kind.as_str())
        .collect()
}

fn count() -> Result<Counts> {
    let counted = COUNTED.into_iter().zip(dumps("count", &COUNTED)?);
    counted
        .map(|((kind, times), text)| {
            let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
            let total: u64 = total.context("no total")?.trim().parse()?;
            Ok((kind.to_owned(), total / times as u64))
        })
        .collect()
}

/// Runs this program under Callgrind as this child, which counts these kinds; what it wrote of each.
pub fn dumps(child: &str, kinds: &[(&str, usize)]) -> Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let home = folder.path().join("home");
    // The first opening adds the starter set, the second makes the day's backup.
    for _ in 0..2 {
        drop(open(&home, None)?);
    }
    let out = folder.path().join("out");
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--zero-before={MARK}"))
        .arg(format!("--dump-after={MARK}"))
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe()?)
        .args(["--child", child, "--home"])
        .arg(&home)
        .output()
        .context("valgrind cannot be started")?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    (1..=kinds.len())
        .map(|part| Ok(fs::read_to_string(format!("{}.{part}", out.display()))?))
        .collect()
}

/// What is counted over: it works on one thread as far as it can, with its model in another process.
pub fn be_counted(home: &Path, kinds: &[(&str, usize)]) -> Result<()> {
    let mock = Mock::start(home)?;
    let model = Model::new(Setup::default());
    let mut plain = Setup::default();
    plain.cache.enabled = false;
    let plain = Model::new(plain);
    for model in [&model, &plain] {
        let endpoint = Endpoint::new(&mock.url, begrip_mock_model::MODEL_NAME);
        model.configure(Some(endpoint))?;
    }
    let bench = Counted {
        runtime: tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?,
        app: open(home, None)?,
        pack: RulePack::built_in()?,
        requests: requests(1 + kinds.iter().map(|(_, times)| times).sum::<usize>())?,
        model,
        plain,
    };
    // What is done once in a process is done before.
    bench.runtime.block_on(async {
        check(&bench.app).await?;
        bench.ask_as_of_old("vonnis").await?;
        bench.draft(0).await
    })?;
    for (kind, times) in kinds {
        counted(&bench, kind, *times)?;
    }
    Ok(())
}

struct Counted {
    runtime: Runtime,
    app: App,
    pack: Arc<RulePack>,
    model: Model,
    /// Without a cache, as the old way has none.
    plain: Model,
    requests: Vec<Request>,
}

/// See [`MARK`].
#[inline(never)]
fn counted(bench: &Counted, kind: &str, times: usize) -> Result<()> {
    bench.runtime.block_on(async {
        for number in 1..=times {
            match kind {
                "check" => check(&bench.app).await?,
                "prompt" => drop(request(&bench.pack, number)?),
                "hit" => drop(hit(&bench.model, bench.request(0)?, CacheUse::Memory).await?),
                "draft" => bench.draft(number).await?,
                "old_check" => bench.check_as_of_old()?,
                "old_prompt" => drop(build_anew(&bench.pack, "vonnis")?),
                "old_look_up" => bench.ask_as_of_old("vonnis").await?,
                other => bail!("nothing is called {other}"),
            }
        }
        Ok(())
    })
}

impl Counted {
    fn request(&self, number: usize) -> Result<&Request> {
        self.requests.get(number).context("a question")
    }

    /// Reads and compiles every rule for one text.
    fn check_as_of_old(&self) -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let report = old_way::Checker::new(&root).check(&Subject {
            term: DEFINED.0,
            synonyms: &[],
            text: DEFINED.1,
            context: &question::context()?,
            category: None,
            has_source: None,
        })?;
        ensure!(!report.findings.is_empty(), "not checked");
        Ok(())
    }

    /// The long prompt and the seven calls, for a question that was answered before.
    async fn ask_as_of_old(&self, term: &str) -> Result<()> {
        let (context, passages) = (question::context()?, question::passages()?);
        let message = old_way::prompt(&self.pack, &context, term, &passages);
        let definition = ask_plainly(&self.plain, old_way::request(message, "0")).await?;
        let reply = begrip_mock_model::replies::reply_to(term);
        for part in old_way::parts(&reply).iter().skip(1) {
            let message = old_way::ask_for(part, term, &context, &definition);
            ask_plainly(&self.plain, old_way::request(message, part.asks)).await?;
        }
        Ok(())
    }

    /// From the question to a checked definition; what is gathered for it has deadlines and is left out.
    async fn draft(&self, number: usize) -> Result<()> {
        let request = self.request(number)?;
        let accept: Validate = Arc::new(|_| Ok(()));
        let cancel = CancellationToken::new();
        let sink = |piece: begrip_llm::Piece<'_>| {
            std::hint::black_box(piece.text.len());
        };
        let answer = self
            .model
            .ask(request.clone(), CachePolicy::Use, accept, sink, &cancel)
            .await?;
        ensure!(answer.cache == CacheUse::Miss, "not from the model");
        let reply = read_reply(&answer.text)?;
        let report = self.pack.check(&Subject {
            term: request.term.as_deref().unwrap_or_default(),
            synonyms: &[],
            text: &reply.definition,
            context: &question::context()?,
            category: None,
            has_source: None,
        });
        ensure!(!report.findings.is_empty(), "not checked");
        Ok(())
    }
}

/// What is checked.
const DEFINED: (&str, &str) = (
    "dwangsom",
    "bedrag dat iemand op grond van een bevel betaalt zolang hij een omschreven gedraging niet verricht",
);

async fn check(app: &App) -> Result<()> {
    let args = json!({
        "term": DEFINED.0,
        "text": DEFINED.1,
        "context": question::context()?,
    });
    let report = call(app, "check", args).await?;
    ensure!(report["findings"].is_array(), "a check without findings");
    Ok(())
}

/// A mock model in a process of its own, which ends with this one.
pub struct Mock {
    child: Child,
    url: String,
}

impl Mock {
    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Starts it.
    pub fn start(home: &Path) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--child", "model", "--home"])
            .arg(home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().context("its output")?;
        let mut url = String::new();
        BufReader::new(out).read_line(&mut url)?;
        let url = url.trim().to_owned();
        Ok(Self { child, url })
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Says where it listens, and answers until nobody holds its input any more.
pub async fn be_model() -> Result<()> {
    let model = MockModel::start(MockConfig {
        forget_bodies: true,
        ..MockConfig::default()
    })
    .await?;
    println!("{}", model.url());
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_more_passes_and_what_is_above_that_or_not_written_down_does_not() {
        let counts = |some: &[(&str, u64)]| -> Counts {
            let owned = some
                .iter()
                .map(|(kind, count)| ((*kind).to_owned(), *count));
            owned.collect()
        };
        let known = counts(&[("check", 1_000), ("hit", 1_000)]);
        for (now, expected) in [
            (counts(&[("check", 900), ("hit", 1_100)]), vec![]),
            (counts(&[("check", 1_101), ("hit", 1)]), vec!["check"]),
            (counts(&[("check", 1_000), ("draft", 1)]), vec!["draft"]),
        ] {
            assert_eq!(too_many(&known, &now), expected, "{now:?}");
        }
    }
}
