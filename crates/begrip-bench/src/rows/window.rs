//! The real window: start until it can be used, the memory of all its processes, how soon the
//! findings follow a key and a draft follows a click. Needs the desktop program (`--desktop`), Xvfb and WebKitWebDriver.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use begrip_measure::machine;
use begrip_measure::page::figures;
use begrip_measure::statistics::{Spread, Stat};
use begrip_mock_model::{MockConfig, MockModel};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, json};

use super::painted::{self, Painted};
use super::repeated::kept;
use super::{heartbeat, typing};
use crate::bench::{self, Bench, micros};
use crate::row::{Row, Unit};

/// Drafts by the model in the window: some three minutes.
const DRAFTS: usize = 50;

pub(super) const SEARCH: &str = "[data-testid='search-input']";
const HIT: &str = "[data-testid='search-hit']";
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Measures, or says why not.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let start = Row::new(
        "window_start",
        "start to a usable window",
        (Unit::Millis, Stat::P95),
        "",
    )
    .against_nothing("the old system's server and browser cannot be run here")
    .quoted("3.3 s first page, and the browser");
    let memory = Row::new(
        "window_memory",
        "memory with the web view's processes (PSS)",
        (Unit::Megabytes, Stat::Max),
        "",
    )
    .against_nothing("the old system's server and browser cannot be run here")
    .quoted("188 MB before any browser");
    let typing = Row::new(
        "window_typing",
        "from a key to the findings, a text of 80 words",
        (Unit::Millis, Stat::P95),
        "",
    )
    .against_nothing("the old system checks at the press of a button");
    let heart = Row::new(
        "window_heartbeat",
        "the longest that the window stands still under load",
        (Unit::Millis, Stat::Max),
        "",
    )
    .against_nothing("the old system waits for its server with each press of a button");
    let cached = Row::new(
        "window_cached",
        "from a click to a painted definition that was kept",
        (Unit::Millis, Stat::P95),
        "",
    )
    .against_nothing("the old system keeps no answers");
    let first = Row::new(
        "window_draft_first",
        "from a click to the first painted words of a draft",
        (Unit::Millis, Stat::P95),
        "",
    )
    .against_nothing("the old system's server and browser cannot be run here");
    let whole = Row::new(
        "window_draft",
        "from a click to the whole painted draft, checked",
        (Unit::Millis, Stat::P95),
        "",
    )
    .against_nothing("the old system's server and browser cannot be run here")
    .quoted("9–11 s");
    let program = match &bench.desktop {
        None => Err("not in this run: `--desktop PATH` names the desktop program".to_owned()),
        Some(path) => ready(path),
    };
    let program = match program {
        Ok(program) => program,
        Err(why) => {
            let unmeasured = |mut row: Row| {
                row.ours.does.clone_from(&why);
                row
            };
            let rows = [start, memory, typing, heart, first, whole, cached];
            return Ok(rows.map(unmeasured).into());
        }
    };
    let home = bench.generated()?;
    let (mut start_ms, mut app_mb, mut whole_mb, mut first_hit) = (vec![], vec![], vec![], vec![]);
    let mut key_ms = vec![];
    let keys = bench.pick(100, 20);
    // The first run reads the program from disk and makes the day's backup.
    for round in 0..=bench.pick(6, 1) {
        let run = run(program, home, keys).await?;
        if round > 0 {
            start_ms.push(run.usable_ms);
            first_hit.push(run.first_hit_ms);
            app_mb.push(run.app_mb);
            whole_mb.push(run.whole_mb);
            key_ms.extend(run.key_ms);
        }
    }
    let beats = {
        let model = heartbeat::model().await?;
        let window = open(program, home, &format!("{}/v1", model.url())).await?;
        heartbeat::beats(&window.client, bench.pick(200, 20), keys).await?
    };
    let painted = drafts(bench, program, home).await?;
    let concepts = figures(bench.concepts as f64);
    let mut start = start
        .ours(start_ms)
        .must("≤ 1 s, files cached", |s| s.p95 <= 1_000.0);
    start.ours.does = format!(
        "from asking WebKitWebDriver for a session to the search field on the page, {concepts} concepts, under Xvfb; the \
         driver's own time is in it"
    );
    let shown = |samples: &[f64], unit: Unit| {
        let most = samples.iter().copied().fold(0.0, f64::max);
        unit.show(most)
    };
    let start = start.note(format!(
        "A word typed into the field had its hits at most {} after that",
        shown(&first_hit, Unit::Millis)
    ));
    let mut memory = memory
        .ours(whole_mb)
        .must("≤ 320 MB, the program alone ≤ 130 MB", |s| {
            s.max <= 320.0 && app_mb.iter().all(|mb| *mb <= 130.0)
        });
    memory.ours.does = format!("all processes of the window after a look-up, {concepts} concepts");
    let memory = memory.note(format!(
        "The program's own process: at most {}",
        shown(&app_mb, Unit::Megabytes)
    ));
    let mut typing = typing.ours(key_ms).must("≤ 16 ms", |s| s.p95 <= 16.0);
    typing.ours.does = format!(
        "from the event of a key on Toetsen to findings on the page that are about the text with that key, {keys} keys in each of \
         the runs, at most one in 60 ms (200 words a minute), in whole milliseconds of the page's clock; the next frame is not in \
         it. What the rules over the text say is there; those over the store answer after them (rows `check_beside`)"
    );
    let mut heart = heart.ours(beats).must("< 50 ms", |s| s.max < 50.0);
    heart.ours.does = format!(
        "between two beats of a 10 ms timer in the page, while a batch of {} terms runs, a draft streams onto the screen and {keys} \
         keys are typed into a text that is checked, {concepts} concepts; the driver's own questions to the page are in it",
        bench.pick(200, 20)
    );
    let drafted = format!(
        "{} drafts, each from the event of the click on Opstellen until the frame that shows it was made, {concepts} concepts, a model with the \
         declared time of the row `open_loop`; real clicks, in whole milliseconds of the page's clock",
        painted.whole.len()
    );
    let mut first = first
        .ours(painted.first)
        .must("< 2 s at model time 2–3 s", |s| s.p95 < 2_000.0);
    first.ours.does.clone_from(&drafted);
    let mut whole = whole
        .ours(painted.whole)
        .must("< 5 s at model time 2–3 s", |s| s.p95 < 5_000.0);
    whole.ours.does = drafted;
    let mut cached = cached
        .ours(painted.cached)
        .must("≤ 16 ms", |s| s.p95 <= 16.0);
    cached.ours.does = format!(
        "the same for questions whose answer stands in memory, {concepts} concepts; no call, by the model's own log"
    );
    let there = Spread::of(&painted.cached_there).context("kept answers")?;
    let cached = cached.note(format!(
        "Until it stands in the page, before the next frame (one in 16.7 ms): median {}, p95 {}",
        Unit::Millis.show(there.p50),
        Unit::Millis.show(there.p95)
    ));
    let bare = Spread::of(&painted.bare).context("clicks")?;
    let cached = cached.note(format!(
        "A click that changes one word of the same page is painted after a median of {}, p95 {}: what this machine takes to draw",
        Unit::Millis.show(bare.p50),
        Unit::Millis.show(bare.p95)
    ));
    Ok(vec![start, memory, typing, heart, first, whole, cached])
}

/// Drafts in a window of their own.
async fn drafts(bench: &Bench, program: &Path, home: &Path) -> Result<Painted> {
    // Which answers are kept is the same with a model that answers at once.
    let quick = MockModel::start(MockConfig::default()).await?;
    let other = bench::open(&bench.home("window_terms"), Some(&quick))?;
    // The one that was drafted beside the beats is kept by now.
    let mut terms = kept(&other, bench.pick(DRAFTS, 2) + 1).await?;
    terms.retain(|term| *term != heartbeat::TERM);
    terms.truncate(bench.pick(DRAFTS, 2));
    let model = painted::model(bench).await?;
    let window = open(program, home, &format!("{}/v1", model.url())).await?;
    painted::drafts(&window.client, &model, &terms, bench.pick(2, 1)).await
}

fn ready(program: &Path) -> Result<&Path, String> {
    if !program.is_file() {
        return Err(format!(
            "not in this run: {} is no program",
            program.display()
        ));
    }
    let on_path = |name: &&str| {
        std::env::var_os("PATH")
            .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(name).is_file()))
    };
    match ["Xvfb", "WebKitWebDriver"]
        .iter()
        .find(|name| !on_path(name))
    {
        Some(missing) => Err(format!("not in this run: {missing} is not installed")),
        None => Ok(program),
    }
}

struct Run {
    usable_ms: f64,
    first_hit_ms: f64,
    app_mb: f64,
    whole_mb: f64,
    key_ms: Vec<f64>,
}

/// A child that ends when dropped.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Processes of the window on this home, which the driver leaves running.
struct Window<'a>(&'a Path);

impl Window<'_> {
    /// Process ids; the program's own first.
    fn pids(&self) -> Vec<(u32, bool)> {
        let mark = format!("BEGRIP_HOME={}", self.0.display());
        let mut found: Vec<(u32, bool)> = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter_map(|pid: u32| {
                let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
                let ours = environment
                    .split(|byte| *byte == 0)
                    .any(|pair| pair == mark.as_bytes());
                let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
                let driver = name.starts_with("WebKitWebDriver");
                (ours && !driver).then(|| (pid, name.starts_with("begrip-desktop")))
            })
            .collect();
        found.sort_by_key(|(_, own)| !own);
        found
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        for (pid, _) in self.pids() {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
        }
    }
}

/// A window that is driven; what it needs ends with it, the driver first.
struct Opened<'a> {
    client: Client,
    usable_ms: f64,
    _driver: Guard,
    window: Window<'a>,
    _display: Guard,
}

/// Opens a window on this home, with the model at this address or none, until it can be used.
async fn open<'a>(program: &Path, home: &'a Path, model: &str) -> Result<Opened<'a>> {
    let (display, name) = display()?;
    let window = Window(home);
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let own = home.join("web");
    let driver = Command::new("WebKitWebDriver")
        .arg(format!("--port={port}"))
        // The driver gives its own environment to the program that it starts.
        .env("BEGRIP_HOME", home)
        .env("BEGRIP_KEYRING", "off")
        .env("BEGRIP_LLM_URL", model)
        .env("BEGRIP_LLM_MODEL", begrip_mock_model::MODEL_NAME)
        .env("XDG_DATA_HOME", own.join("data"))
        .env("XDG_CACHE_HOME", own.join("cache"))
        .env("XDG_CONFIG_HOME", own.join("config"))
        .env("NO_AT_BRIDGE", "1")
        .env("DISPLAY", &name)
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("WebKitWebDriver")?;
    let driver = Guard(driver);
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if begun.elapsed() > PATIENCE {
            bail!("WebKitWebDriver does not listen");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut capabilities = Map::new();
    let options = json!({ "binary": program, "args": [] });
    capabilities.insert("webkitgtk:browserOptions".to_owned(), options);
    let began = Instant::now();
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await
        .context("no window to drive")?;
    appears(&client, SEARCH).await?;
    Ok(Opened {
        client,
        usable_ms: micros(began) / 1e3,
        _driver: driver,
        window,
        _display: display,
    })
}

async fn run(program: &Path, home: &Path, keys: usize) -> Result<Run> {
    let opened = open(program, home, "").await?;
    let (client, window) = (&opened.client, &opened.window);
    let typed = Instant::now();
    let field = client.find(Locator::Css(SEARCH)).await?;
    field.send_keys("voorlopige").await?;
    appears(client, HIT).await?;
    let first_hit_ms = micros(typed) / 1e3;
    // What a start leaves behind for a moment is no memory of a window at work.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (mut app_mb, mut whole_mb) = (0.0, 0.0);
    for (pid, own) in window.pids() {
        let mb = machine::pss_mb(&pid.to_string()).unwrap_or(0.0);
        whole_mb += mb;
        app_mb += if own { mb } else { 0.0 };
    }
    if app_mb == 0.0 {
        bail!("the program's process was not found");
    }
    let key_ms = typing::keys(client, keys).await?;
    Ok(Run {
        usable_ms: opened.usable_ms,
        first_hit_ms,
        app_mb,
        whole_mb,
        key_ms,
    })
}

pub(super) async fn appears(client: &Client, selector: &str) -> Result<()> {
    let begun = Instant::now();
    while client.find(Locator::Css(selector)).await.is_err() {
        if begun.elapsed() > PATIENCE {
            bail!("`{selector}` never came");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// A display without a screen, and its name.
fn display() -> Result<(Guard, String)> {
    let mut child = Command::new("Xvfb")
        .args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1280x800x24",
            "-nolisten",
            "tcp",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("Xvfb")?;
    let out = child.stdout.take().context("its output")?;
    let guard = Guard(child);
    let mut number = String::new();
    BufReader::new(out).read_line(&mut number)?;
    if number.trim().is_empty() {
        bail!("Xvfb could not start");
    }
    Ok((guard, format!(":{}", number.trim())))
}
