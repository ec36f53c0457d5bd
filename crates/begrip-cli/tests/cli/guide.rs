//! The guide of the command line: every example in it is run, and its output compared.

use std::path::Path;
use std::process::Command;

use crate::support::{BEGRIP, Desk, Run, model};

const GUIDE: &str = "../../docs/opdrachtregel.md";

/// The page for whoever writes rules.
const RULES: &str = "../../docs/regels.md";

/// What the guide writes for the folder and the model of whoever reads it.
const HOME: &str = "/home/anna/.local/share/begrip";
const HOST: &str = "127.0.0.1:8899";

/// Output that the guide leaves out.
const LEFT_OUT: &str = "[...]";

/// One example: a command, which may have more lines, and what comes out of it.
struct Example {
    line: usize,
    command: String,
    output: String,
}

/// The sessions of the guide, each with its examples in order.
fn sessions(guide: &str) -> Vec<Vec<Example>> {
    let mut sessions = Vec::new();
    let mut inside = false;
    for (at, line) in guide.lines().enumerate() {
        match (inside, line) {
            (false, "```console") => {
                inside = true;
                sessions.push(Vec::<Example>::new());
            }
            (false, _) => assert!(
                !line.starts_with("$ "),
                "line {}: outside a session",
                at + 1
            ),
            (true, "```") => inside = false,
            (true, line) => {
                let session = sessions.last_mut().unwrap();
                if let Some(command) = line.strip_prefix("$ ") {
                    session.push(Example {
                        line: at + 1,
                        command: command.to_owned(),
                        output: String::new(),
                    });
                } else if let Some(more) = line.strip_prefix("> ").or((line == ">").then_some("")) {
                    let command = &mut session.last_mut().unwrap().command;
                    command.push('\n');
                    command.push_str(more);
                } else {
                    let output = &mut session.last_mut().unwrap().output;
                    output.push_str(line);
                    output.push('\n');
                }
            }
        }
    }
    sessions
}

/// Takes away what differs from run to run: ids and moments.
fn still(text: &str) -> String {
    let words = text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || "-:.".contains(c)));
    let digits = |word: &str| word.chars().filter(char::is_ascii_hexdigit).count();
    words
        .map(|word| {
            let core = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            let rest = &word[core.len()..];
            let form: String = core
                .chars()
                .map(|c| if c.is_ascii_digit() { '9' } else { c })
                .collect();
            match core {
                core if core.len() == 36 && digits(core) == 32 => format!("NUMMER{rest}"),
                _ if form.starts_with("9999-99-99T") => format!("MOMENT{rest}"),
                _ if form == "99-99-9999" => format!("DAG{rest}"),
                _ if form == "99:99" => format!("UUR{rest}"),
                _ => word.to_owned(),
            }
        })
        .collect()
}

/// Whether the text is what the guide says, with anything in the place of what it leaves out.
fn is_so(told: &str, text: &str) -> bool {
    let mut pieces = told.trim_end().split(LEFT_OUT);
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.trim_end().strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Runs the examples of one session in one shell.
fn play(desk: &Desk, url: &str, session: &[Example]) -> Vec<String> {
    let mark = "=====";
    let mut script = "(exit 0)\n".to_owned();
    for example in session {
        let command = example.command.replace(&format!("http://{HOST}"), url);
        // The code of each command is still there for the next one to ask.
        script.push_str(&format!("{command}\nc=$?; echo '{mark}'; (exit $c)\n"));
    }
    let mut shell = Command::new("sh");
    desk.surround(&mut shell);
    let programs = Path::new(BEGRIP).parent().unwrap().to_str().unwrap();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
    let output = shell
        .arg("-c")
        .arg(format!("exec 2>&1\n{script}"))
        .env("PATH", path)
        .env("USER", "anna")
        .output()
        .unwrap();
    let run = Run::from(output);
    let home = desk.home();
    let text = run
        .stdout
        .replace(home.to_str().unwrap(), HOME)
        .replace(url, &format!("http://{HOST}"));
    let mut outputs: Vec<String> = Vec::new();
    let mut output = String::new();
    for line in text.split_inclusive('\n') {
        // What comes before it may lack its line end.
        if let Some(before) = line.strip_suffix(&format!("{mark}\n")) {
            output.push_str(before);
            outputs.push(std::mem::take(&mut output));
        } else {
            output.push_str(line);
        }
    }
    assert_eq!(outputs.len(), session.len(), "{text}");
    outputs
}

fn guide() -> String {
    page(GUIDE)
}

fn page(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(path).unwrap()
}

#[test]
#[cfg(unix)]
fn every_example_in_the_guide_runs_and_gives_what_the_guide_says() {
    runs_as_told(&guide());
}

#[test]
#[cfg(unix)]
fn every_example_for_writers_of_rules_runs_and_gives_what_the_page_says() {
    runs_as_told(&page(RULES));
}

#[cfg(unix)]
fn runs_as_told(page: &str) {
    let model = model();
    let desk = Desk::with(&model);
    let mut wrong = Vec::new();
    for session in sessions(page) {
        let outputs = play(&desk, &model.url(), &session);
        for (example, output) in session.iter().zip(outputs) {
            if !is_so(&still(&example.output), &still(&output)) {
                let line = example.line;
                wrong.push(format!(
                    "line {line}: {}\n--- told:\n{}--- is:\n{output}",
                    example.command, example.output
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_guide_has_an_example_of_every_command_and_names_every_option() {
    let guide = guide();
    let desk = Desk::new();
    let commands: Vec<String> = sessions(&guide)
        .into_iter()
        .flatten()
        .map(|example| example.command)
        .collect();
    for name in crate::help::paths() {
        let call = format!("begrip {}", name.join(" "));
        assert!(
            commands.iter().any(|c| c.contains(&call)),
            "no example of {call}"
        );
        let args: Vec<&str> = name.iter().copied().chain(["-h"]).collect();
        let help = desk.begrip(&args).ends(0).stdout;
        let options = help
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("--"));
        for option in options {
            let option = option.split_whitespace().next().unwrap();
            assert!(guide.contains(&format!("--{option}")), "{call}: --{option}");
        }
    }
}

#[test]
fn the_guide_and_the_help_tell_the_same_exit_codes_and_variables() {
    let (guide, help) = (guide(), Desk::new().begrip(&["--help"]).ends(0).stdout);
    for code in ["0", "1", "2", "3", "4", "5", "130"] {
        let start = format!("| {code} | ");
        let line = guide.lines().find(|line| line.starts_with(&start)).unwrap();
        let meaning = line.strip_prefix(&start).unwrap().trim_end_matches(" |");
        let told = help
            .lines()
            .find(|line| line.starts_with(&format!("  {code} ")));
        assert!(told.unwrap().ends_with(meaning), "{code}: {meaning}");
    }
    let variables = help
        .lines()
        .filter_map(|line| line.trim_start().split(' ').next());
    for name in variables.filter(|name| name.starts_with("BEGRIP_") || *name == "NO_COLOR") {
        assert!(guide.contains(&format!("| `{name}` |")), "{name}");
    }
}

#[test]
fn the_comparison_can_fail() {
    assert!(is_so("a[...]c\n", "abc\n") && is_so("a\n", "a\n") && is_so("[...]b[...]", "xby"));
    assert!(!is_so("a[...]c", "abd") && !is_so("a", "ab") && !is_so("[...]z[...]", "xby"));
    assert!(!is_so("", "iets"));
    let told = still("op 21-11-2026 10:42 UTC (01a1fdb3-b448-7906-b591-5793775f7e31, versie 1)");
    assert_eq!(told, "op DAG UUR UTC (NUMMER, versie 1)");
    assert_eq!(
        still("\"at\":\"2026-11-21T10:42:46.75Z\","),
        "\"at\":\"MOMENT\","
    );
}
