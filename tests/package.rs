//! The Debian package: what is in it, and that the installed program works.
//!
//! `cargo xtask test` makes the package first and names it in `BEGRIP_TEST_DEB`; without that
//! variable there is nothing to test, and the tests say so.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod debian;
mod window;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use debian::{Installed, package, said};
use serde_json::Value;
use window::{Session, Workplace};

/// What the package brings.
const PROGRAMS: [&str; 2] = ["usr/bin/begrip-desktop", "usr/bin/begrip"];

#[test]
fn the_package_names_its_maker_its_licence_and_what_it_needs() {
    let Some(deb) = package("BEGRIP_TEST_DEB") else {
        return;
    };
    let control = said("dpkg-deb", &["--info", &deb]);
    for wanted in [
        "Package: begrip",
        "Maintainer: Begrip",
        "libwebkit2gtk-4.1-0",
        "libgtk-3-0",
        "libssl3",
    ] {
        assert!(control.contains(wanted), "{wanted}: {control}");
    }
    let files = said("dpkg-deb", &["--contents", &deb]);
    for wanted in [
        "usr/bin/begrip-desktop\n",
        "usr/bin/begrip\n",
        "usr/share/applications/",
        "usr/share/doc/begrip/copyright",
        "usr/share/icons/hicolor/128x128/apps/",
    ] {
        assert!(files.contains(wanted), "{wanted}: {files}");
    }
    assert!(
        !files.contains("loopback") && !files.contains("mock"),
        "{files}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_installed_program_looks_a_term_up_and_goes_away_again() {
    let Some(deb) = package("BEGRIP_TEST_DEB") else {
        return;
    };
    needs_window!();
    let installed = Installed::new(&deb, "begrip", PROGRAMS[0]);

    let desktop = fs::read_dir(installed.file("usr/share/applications")).unwrap();
    let names: Vec<String> = desktop
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        names
            .iter()
            .any(|name| name.to_lowercase().contains("begrip")),
        "{names:?}"
    );

    let workplace = Workplace::offline();
    let session =
        Session::start_program(installed.file("usr/bin/begrip-desktop"), &workplace).await;
    window::road::look_up(&session.page, "verdachte").await;
    session.page.screenshot("installed").await;
    session.close().await;

    // The command of the same package finds the same on the same workplace.
    let begrip = Command::new(installed.file("usr/bin/begrip"))
        .args(["lookup", "verdachte", "--json"])
        .envs(workplace.environment())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let hits: Value = serde_json::from_slice(&begrip.stdout).unwrap();
    assert!(hits.to_string().contains("verdachte"), "{hits}");

    // And says of itself which version it is, and that nothing is wrong there.
    let begrip = |arguments: &[&str]| {
        let output = Command::new(installed.file("usr/bin/begrip"))
            .args(arguments)
            .envs(workplace.environment())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let version = begrip(&["--version"]);
    assert_eq!(
        version.trim(),
        format!("begrip {}", env!("CARGO_PKG_VERSION"))
    );
    let doctor: Value = serde_json::from_str(&begrip(&["doctor", "--json"])).unwrap();
    assert_eq!(doctor["healthy"], true, "{doctor}");

    assert_eq!(installed.remove(&PROGRAMS), Vec::<PathBuf>::new());
}
