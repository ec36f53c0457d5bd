//! From a fresh clone to the window.

use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::demonstration::Demonstration;
use crate::shell::{UNIFIED, cargo, command, run as shell_run, target};
use crate::{screens, system};

/// What the newcomer asked for.
pub struct Wishes {
    /// Install system packages without asking.
    pub yes: bool,
    /// Under Xvfb, also when there is a screen.
    pub headless: bool,
    /// An optimised build.
    pub release: bool,
}

/// Installs what is missing, builds, and opens the window or walks the main road without one.
pub fn run(wishes: Wishes) -> Result<()> {
    let headless = wishes.headless || !has_screen();
    let needed: &[&[&str]] = if headless {
        &[system::BUILD, system::DRIVE]
    } else {
        &[system::BUILD]
    };
    system::ensure(needed, wishes.yes)?;
    screens::build()?;
    if headless {
        walk(wishes.release)
    } else {
        open(wishes.release)
    }
}

/// Whether whoever runs this sees windows.
pub fn has_screen() -> bool {
    cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// The window, with a demonstration model when none is configured.
fn open(release: bool) -> Result<()> {
    let mut build = cargo(["build"]);
    build.args(UNIFIED);
    for name in ["begrip-desktop", "begrip", "begrip-mock-model"] {
        build.args(["--bin", name]);
    }
    let folder = if release {
        build.arg("--release");
        "release"
    } else {
        "debug"
    };
    shell_run(&mut build)?;
    let program = |name: &str| {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        target()
            .join(folder)
            .join(name)
            .to_string_lossy()
            .into_owned()
    };

    let mut window = command(&program("begrip-desktop"), [""; 0]);
    let mut _demonstration = None;
    if model_is_configured(&program("begrip")) {
        println!("Taalmodel: zoals ingesteld. / Language model: as configured.");
    } else {
        let started = Demonstration::start(&program("begrip-mock-model"), None)?;
        println!(
            "Er is geen taalmodel ingesteld: Begrip gebruikt het demonstratiemodel op {}.\n\
             Dat geeft vaste voorbeeldteksten en is geen echt taalmodel.\n\
             No language model is configured: Begrip uses the demonstration at that address.\n\
             Its texts are fixed examples, not the work of a real model.",
            started.url
        );
        window
            .env("BEGRIP_LLM_URL", &started.url)
            .env("BEGRIP_LLM_MODEL", "begrip-demo-1");
        _demonstration = Some(started);
    }
    println!("Het venster gaat open; sluit het om te stoppen. / Close the window to stop.");
    let status = window
        .stdin(Stdio::null())
        .status()
        .context("the window cannot be opened")?;
    if !status.success() {
        bail!("the window ended with {status}");
    }
    Ok(())
}

/// True when the environment or the settings name a model.
fn model_is_configured(begrip: &str) -> bool {
    if std::env::var("BEGRIP_LLM_URL").is_ok_and(|url| !url.trim().is_empty()) {
        return true;
    }
    // `doctor` names the code of "no model is configured". A workplace that it cannot read gets
    // no demonstration laid over it: the window will say what is wrong.
    let Ok(output) = command(begrip, ["doctor", "--json"])
        .stderr(Stdio::null())
        .output()
    else {
        return true;
    };
    !String::from_utf8_lossy(&output.stdout).contains("\"BG-501\"")
}

/// The main road under Xvfb, driven through WebDriver.
fn walk(release: bool) -> Result<()> {
    println!(
        "Geen scherm gevonden: Begrip loopt de hoofdweg onder Xvfb.\n\
         No screen found: Begrip walks the main road under Xvfb."
    );
    let mut test = cargo(["test", "--quiet"]);
    test.args(UNIFIED).args(["--test", "main_road"]);
    if release {
        test.arg("--release");
    }
    test.args(["--", "--nocapture"]);
    shell_run(&mut test)?;
    let folder = target().join("screenshots");
    println!("Schermafdrukken / screenshots: {}", folder.display());
    Ok(())
}
