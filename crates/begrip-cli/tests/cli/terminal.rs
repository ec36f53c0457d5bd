//! Colours and progress: on a terminal, and only there.

use std::fs::File;
use std::io::Read;
use std::process::Stdio;

use begrip_mock_model::{Behaviour, When};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::{Desk, code, model};

/// Runs the program with a terminal as its output and messages; gives what came on the screen.
fn on_terminal(desk: &Desk, args: &[&str], variables: &[(&str, &str)]) -> (i32, String) {
    let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&screen).unwrap();
    unlockpt(&screen).unwrap();
    let name = ptsname(&screen, Vec::new()).unwrap();
    let side = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    let mut command = desk.command(args);
    command
        .env("TERM", "xterm-256color")
        .envs(variables.iter().copied());
    command
        .stdout(Stdio::from(side.try_clone().unwrap()))
        .stderr(Stdio::from(side));
    let mut child = command.spawn().unwrap();
    // The command holds the terminal's other side open.
    drop(command);
    let mut seen = Vec::new();
    let mut screen = File::from(screen);
    let mut piece = [0; 4_096];
    // Linux says EIO when the last program has closed its side.
    while let Ok(count @ 1..) = screen.read(&mut piece) {
        seen.extend_from_slice(&piece[..count]);
    }
    let code = code(child.wait().unwrap());
    (code, String::from_utf8_lossy(&seen).replace("\r\n", "\n"))
}

const BOLD: &str = "\u{1b}[1m";

#[test]
fn bold_only_on_a_terminal_that_wants_it() {
    let desk = Desk::new();
    let args = ["lookup", "verdachte", "--limit", "1"];
    let (code, seen) = on_terminal(&desk, &args, &[]);
    assert_eq!(code, 0);
    assert!(
        seen.starts_with(&format!("{BOLD}verdachte\u{1b}[0m")),
        "{seen:?}"
    );
    for plain in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let (_, seen) = on_terminal(&desk, &args, &[plain]);
        assert!(
            seen.starts_with("verdachte") && !seen.contains('\u{1b}'),
            "{plain:?} {seen:?}"
        );
    }
    let piped = desk.begrip(&args).ends(0);
    assert!(piped.stdout.starts_with("verdachte") && !piped.stdout.contains('\u{1b}'));
}

#[test]
fn help_has_no_escapes_when_they_are_not_wanted() {
    let desk = Desk::new();
    let (_, seen) = on_terminal(&desk, &["--help"], &[]);
    assert!(
        seen.contains('\u{1b}') && seen.contains("Gebruik:"),
        "{seen:?}"
    );
    for args in [&["--help"][..], &["lookp"]] {
        let (_, seen) = on_terminal(&desk, args, &[("NO_COLOR", "1")]);
        assert!(!seen.contains('\u{1b}'), "{seen:?}");
        let run = desk.begrip(args);
        assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'));
    }
}

#[test]
fn the_text_comes_in_on_a_terminal_and_never_with_json() {
    let model = model();
    let desk = Desk::with(&model);
    model.set_behaviour(When::Always, Behaviour::SlowDrip { delay_ms: 2 });
    let (code, seen) = on_terminal(&desk, &["define", "contactverbod"], &[]);
    assert_eq!(code, 0, "{seen}");
    assert!(seen.starts_with("Het model denkt na"), "{seen:?}");
    let definition = desk
        .begrip(&["define", "contactverbod", "--json"])
        .ends(0)
        .json();
    let definition = definition["definition"].as_str().unwrap();
    let plain = seen.replace(BOLD, "").replace("\u{1b}[0m", "");
    let own_lines = format!("{definition}\n\ncontactverbod\n{definition}\n");
    assert!(plain.contains(&own_lines), "{plain}");
    assert_eq!(
        seen.matches(definition).count(),
        2,
        "as it came in, and in the answer: {seen}"
    );

    let (code, seen) = on_terminal(&desk, &["define", "gebiedsgebod", "--json"], &[]);
    assert_eq!(code, 0);
    assert!(
        seen.starts_with('{') && seen.trim_end().lines().count() == 1,
        "{seen:?}"
    );
}

#[test]
fn an_error_after_half_a_text_begins_on_a_line_of_its_own() {
    for behaviour in [
        Behaviour::Truncated { after: 40 },
        Behaviour::FaultyThenRepaired,
    ] {
        let model = model();
        model.set_behaviour(When::Always, behaviour.clone());
        let desk = Desk::with(&model);
        let (code, seen) = on_terminal(&desk, &["define", "contactverbod"], &[]);
        let (wanted, next) = match behaviour {
            Behaviour::FaultyThenRepaired => (0, "Het model verbetert …\n"),
            _ => (5, "BG-510: "),
        };
        assert_eq!(code, wanted, "{seen}");
        assert!(seen.contains(&format!("\n{next}")), "{seen:?}");
    }
}

#[test]
fn messages_for_the_administrator_have_no_escapes_in_a_pipe() {
    let desk = Desk::new();
    let mut command = desk.command(["lookup", "vonnis"]);
    let output = command.env("BEGRIP_LOG", "debug").output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("DEBUG") || told.contains("INFO"), "{told}");
    assert!(!told.contains('\u{1b}'), "{told}");
}
