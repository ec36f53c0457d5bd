//! The Debian package of the server: what is in it, and that the installed program works.
//!
//! `cargo xtask test` makes the package first and names it in `BEGRIP_TEST_SERVER_DEB`; without that
//! variable there is nothing to test, and the tests say so.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod debian;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};

use begrip_postgres::{Cluster, Serving};
use debian::{Installed, output, package, said};

const PROGRAM: &str = "usr/bin/begrip-server";

fn installed(deb: &str) -> Installed {
    Installed::new(deb, "begrip-server", PROGRAM)
}

/// The installed program with nothing of this test's surroundings.
fn command(installed: &Installed, arguments: &[&str]) -> Command {
    let mut command = Command::new(installed.file(PROGRAM));
    command.env_clear().args(arguments).stdin(Stdio::null());
    command
}

#[test]
fn the_package_holds_the_program_its_unit_and_its_settings_and_nothing_for_tests() {
    let Some(deb) = package("BEGRIP_TEST_SERVER_DEB") else {
        return;
    };
    let control = said("dpkg-deb", &["--info", &deb]);
    for wanted in [
        "Package: begrip-server",
        "Maintainer: Begrip",
        "libc6 (>= 2.",
        "conffiles",
        "postinst",
    ] {
        assert!(control.contains(wanted), "{wanted}: {control}");
    }
    let contents = said("dpkg-deb", &["--contents", &deb]);
    for (mode, path) in [
        ("-rwxr-xr-x", "./usr/bin/begrip-server"),
        (
            "-rw-r--r--",
            "./usr/lib/systemd/system/begrip-server.service",
        ),
        ("-rw-r-----", "./etc/begrip-server/server.toml"),
        ("-rw-r--r--", "./usr/share/doc/begrip-server/copyright"),
        (
            "-rw-r--r--",
            "./usr/share/doc/begrip-server/operator-guide.md",
        ),
        (
            "-rw-r--r--",
            "./usr/share/doc/begrip-server/examples/grafana.json",
        ),
    ] {
        let line = contents.lines().find(|line| line.ends_with(path));
        let line = line.unwrap_or_else(|| panic!("{path}: {contents}"));
        assert!(line.starts_with(mode), "{line}");
    }
    for line in contents.lines() {
        assert!(line.contains(" root/root "), "{line}");
        assert!(
            !line.starts_with('d') || line.starts_with("drwxr-xr-x"),
            "{line}"
        );
        assert!(
            !["mock", "loopback", "postgres"]
                .iter()
                .any(|word| line.contains(word)),
            "{line}"
        );
    }
}

#[test]
fn the_unit_runs_as_nobody_in_particular_and_exposes_little() {
    let Some(deb) = package("BEGRIP_TEST_SERVER_DEB") else {
        return;
    };
    let installed = installed(&deb);
    let unit = installed.file("usr/lib/systemd/system/begrip-server.service");
    let text = fs::read_to_string(&unit).unwrap();
    for wanted in [
        "\nUser=begrip-server\n",
        "\nNoNewPrivileges=yes\n",
        "\nProtectSystem=strict\n",
        "\nCapabilityBoundingSet=\n",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    if !installed.by_dpkg() {
        return;
    }
    let settings = fs::metadata("/etc/begrip-server/server.toml").unwrap();
    assert_eq!(settings.permissions().mode() & 0o777, 0o640);
    let group = said("getent", &["group", "begrip-server"]);
    let group: u32 = group.split(':').nth(2).unwrap().parse().unwrap();
    assert_eq!((settings.uid(), settings.gid()), (0, group));
    let user = said("getent", &["passwd", "begrip-server"]);
    assert!(user.trim().ends_with("/nologin"), "{user}");
    // Where systemd is: it takes every line of the unit, and thinks that little can go wrong by it.
    if Path::new("/usr/bin/systemd-analyze").exists() {
        let unit = unit.to_str().unwrap();
        let verified = output("systemd-analyze", &["verify", unit]);
        let told = String::from_utf8(verified.stderr).unwrap();
        assert!(!told.contains("begrip-server.service"), "{told}");
        said(
            "systemd-analyze",
            &["security", "--offline=true", "--threshold=20", unit],
        );
    }
}

/// Status and body of an address, as anything on this machine asks for it.
fn got(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

#[test]
fn the_installed_program_serves_with_its_own_settings_and_refuses_a_wrong_one_by_name() {
    let Some(deb) = package("BEGRIP_TEST_SERVER_DEB") else {
        return;
    };
    let installed = installed(&deb);
    let help = command(&installed, &["--help"]).output().unwrap();
    assert!(help.status.success());
    assert!(
        String::from_utf8(help.stdout)
            .unwrap()
            .contains("BEGRIP_SERVER_LISTEN")
    );

    let cluster = Cluster::at_hand().unwrap();
    let database = cluster.database().unwrap();
    let config = installed.file("etc/begrip-server/server.toml");
    let config = config.to_str().unwrap();
    let with = |arguments: &[&str]| {
        let mut command = command(&installed, &[&["--config", config][..], arguments].concat());
        command.envs(database.settings());
        command
    };
    let wrong = with(&["serve", "--pool", "0"]).output().unwrap();
    let told = String::from_utf8(wrong.stderr).unwrap();
    assert!(!wrong.status.success() && told.contains("pool"), "{told}");

    assert!(with(&["migrate"]).output().unwrap().status.success());
    let mut serve = with(&["serve"]);
    let server = Serving::start(serve.stderr(Stdio::null())).unwrap();
    let address = server.url.clone();
    let address = address.strip_prefix("http://").unwrap();
    // It may not have looked at the database yet.
    let healthy = (0..100).any(|_| {
        let asked = with(&["health", "--listen", address]).output().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
        asked.status.success()
    });
    assert!(healthy);
    // What whoever watches it will ask.
    let (status, ready) = got(address, "/health/ready");
    assert_eq!(status, 200, "{ready}");
    let ready: serde_json::Value = serde_json::from_str(&ready).unwrap();
    assert_eq!(ready["components"]["database"], "ok", "{ready}");
    let (status, figures) = got(address, "/metrics");
    assert_eq!(status, 200);
    for wanted in [
        "begrip_component_up{component=\"database\"} 1",
        "begrip_http_request_duration_seconds_count",
        "process_resident_memory_bytes",
    ] {
        assert!(figures.contains(wanted), "{wanted}: {figures}");
    }
    drop(server);
    let asked = with(&["health", "--listen", address]).output().unwrap();
    assert!(!asked.status.success(), "nobody answers any more");
}
