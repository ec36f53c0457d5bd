//! The system packages that a build or a test needs, on Debian and Ubuntu.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::shell::{command, has, run};

/// What building and running the window needs.
pub const BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libssl-dev",
    "libwebkit2gtk-4.1-dev",
    "fonts-dejavu-core",
];

/// What the tests of the central server need.
pub const DATABASE: &[&str] = &["postgresql"];

/// What the tests of the server's figures and alerts need.
pub const WATCH: &[&str] = &["prometheus"];

/// What programs of others need with which the tests try ours.
pub const FOREIGN: &[&str] = &["python3", "python3-venv"];

/// What the static program and the image of the server need.
pub const IMAGE: &[&str] = &["musl-tools", "buildah", "ca-certificates"];

/// What counting instructions needs.
pub const COUNT: &[&str] = &["valgrind"];

/// What a window needs without a screen.
pub const DISPLAY: &[&str] = &["xvfb"];

/// What driving the window and a browser needs, without a screen.
pub const DRIVE: &[&str] = &["webkit2gtk-driver", "xvfb", "curl"];

/// What a keyring of the tests' own needs.
pub const KEYRING: &[&str] = &["dbus-daemon", "gnome-keyring", "libglib2.0-bin"];

/// What the browser tests need.
pub const BROWSER: &[&str] = &["chromium"];

/// Installs what is missing of these packages. Asks first, unless `yes`, in continuous
/// integration, or as root without a terminal.
///
/// Errors: a package is missing and this is no machine with apt, or the user said no.
pub fn ensure(groups: &[&[&str]], yes: bool) -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!("Systeempakketten: niet nagekeken (geen Linux); zie README.md.");
        return Ok(());
    }
    let missing: Vec<&str> = groups
        .iter()
        .flat_map(|group| group.iter())
        .copied()
        .filter(|name| !there(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !has("apt-get") {
        bail!("these packages (Debian's names) are missing; install them first: {list}");
    }
    let root = is_root();
    println!("Deze systeempakketten ontbreken / missing system packages:\n  {list}");
    if !yes && std::env::var_os("CI").is_none() && !agreed(root)? {
        bail!("install them yourself: sudo apt-get install {list}");
    }
    apt(root, &["update", "-q"])?;
    let mut arguments = vec!["install", "-y", "-q", "--no-install-recommends"];
    arguments.extend(&missing);
    apt(root, &arguments).context("the packages could not be installed")
}

fn apt(root: bool, arguments: &[&str]) -> Result<()> {
    let mut apt = if root {
        command("apt-get", arguments)
    } else if has("sudo") {
        let mut apt = command("sudo", ["apt-get"]);
        apt.args(arguments);
        apt
    } else {
        bail!("run as root: apt-get {}", arguments.join(" "));
    };
    run(apt.env("DEBIAN_FRONTEND", "noninteractive"))
}

fn there(package: &str) -> bool {
    // Any version will do, from wherever it came.
    if package == "postgresql" {
        return begrip_postgres::is_installed();
    }
    let status = command("dpkg-query", ["-W", "-f=${Status}", package])
        .stderr(Stdio::null())
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).contains("ok installed"));
    // A machine without dpkg: look for what the packages bring.
    status.unwrap_or_else(|_| match package {
        "webkit2gtk-driver" => has("WebKitWebDriver"),
        "xvfb" => has("Xvfb"),
        "build-essential" => has("cc") && has("make"),
        name => has(name) || Path::new("/usr/share").join(name).exists(),
    })
}

/// True for whoever may do everything on this machine.
pub fn is_root() -> bool {
    command("id", ["-u"])
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn agreed(root: bool) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(root);
    }
    print!("Nu installeren met apt-get? / Install now with apt-get? [J/n] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(
        answer.trim().to_lowercase().as_str(),
        "" | "j" | "ja" | "y" | "yes"
    ))
}
