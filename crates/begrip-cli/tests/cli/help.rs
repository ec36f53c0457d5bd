//! Help and faults of the command line: in Dutch, with examples, and with the exit code.

use crate::support::Desk;

/// Every command that does something.
const COMMANDS: [&[&str]; 74] = [
    &["lookup"],
    &["define"],
    &["trace"],
    &["check"],
    &["batch"],
    &["batch", "list"],
    &["batch", "show"],
    &["batch", "cancel"],
    &["prompt"],
    &["privacy"],
    &["concepts", "list"],
    &["concepts", "show"],
    &["concepts", "exchange"],
    &["concepts", "add"],
    &["concepts", "edit"],
    &["concepts", "export"],
    &["rules", "list"],
    &["rules", "show"],
    &["rules", "test"],
    &["rules", "diff"],
    &["rules", "versions"],
    &["rules", "activate"],
    &["rules", "import"],
    &["rules", "export"],
    &["rules", "pack"],
    &["rules", "keygen"],
    &["rules", "trust"],
    &["sources", "import"],
    &["sources", "list"],
    &["sources", "show"],
    &["sources", "search"],
    &["sources", "remove"],
    &["cache", "stats"],
    &["cache", "clear"],
    &["cache", "warm"],
    &["costs"],
    &["prices", "list"],
    &["prices", "set"],
    &["prices", "remove"],
    &["experiment", "run"],
    &["experiment", "report"],
    &["flags", "import"],
    &["flags", "show"],
    &["flags", "sign"],
    &["sync"],
    &["sync", "status"],
    &["sync", "share"],
    &["sync", "withdraw"],
    &["sync", "conflicts"],
    &["sync", "settle"],
    &["sync", "follow"],
    &["sync", "sign-in"],
    &["sync", "sign-out"],
    &["sync", "who"],
    &["review", "inbox"],
    &["review", "propose"],
    &["review", "retract"],
    &["review", "accept"],
    &["review", "reject"],
    &["review", "comment"],
    &["review", "revise"],
    &["review", "history"],
    &["admin", "users"],
    &["admin", "add-user"],
    &["admin", "change-user"],
    &["admin", "unlink-user"],
    &["admin", "tokens"],
    &["admin", "make-token"],
    &["admin", "revoke-token"],
    &["admin", "quota"],
    &["admin", "log"],
    &["settings"],
    &["upkeep"],
    &["doctor"],
];

/// Every command that does something, as it is called.
pub fn paths() -> impl Iterator<Item = &'static [&'static str]> {
    COMMANDS.into_iter()
}

fn help(command: &[&str]) -> String {
    let run = Desk::new().begrip(&[command, &["--help"]].concat()).ends(0);
    assert_eq!(run.stderr, "");
    run.stdout
}

/// The names under "Opdrachten:".
fn listed(help: &str) -> Vec<String> {
    let lines = help
        .lines()
        .skip_while(|line| *line != "Opdrachten:")
        .skip(1);
    lines
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .filter(|name| name != "help")
        .collect()
}

#[test]
fn every_command_has_help_in_dutch_with_examples_of_itself() {
    let groups: [&[&str]; 9] = [
        &["admin"],
        &["concepts"],
        &["review"],
        &["rules"],
        &["sources"],
        &["cache"],
        &["prices"],
        &["experiment"],
        &["flags"],
    ];
    // No command is left out of this test.
    let mut seen = 0;
    // `batch` and `sync` do something by themselves and have commands below them.
    let above = [&[][..], &["batch"], &["sync"]];
    for parent in above.into_iter().chain(groups) {
        for name in listed(&help(parent)) {
            let path: Vec<&str> = parent.iter().copied().chain([name.as_str()]).collect();
            let known = paths().chain(groups).any(|known| known == path);
            assert!(known, "{path:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, COMMANDS.len() + groups.len());
    for path in paths().chain(groups) {
        let text = help(path);
        let (_, examples) = text
            .split_once("Voorbeelden:")
            .unwrap_or_else(|| panic!("{path:?}"));
        assert!(
            examples.contains(&format!("begrip {}", path.join(" "))),
            "{path:?}"
        );
        for english in [
            "Usage",
            "Options",
            "Commands",
            "Print ",
            "default",
            "possible",
            "Arguments",
        ] {
            assert!(!text.contains(english), "{path:?}: {english}");
        }
        assert!(text.contains("Gebruik: begrip"), "{path:?}");
    }
}

#[test]
fn the_exit_codes_and_variables_are_told() {
    let text = help(&[]);
    for part in [
        "Uitgangscodes",
        "  0 ",
        "  1 ",
        "  2 ",
        "  3 ",
        "  4 ",
        "  5 ",
        "  130 ",
        "BEGRIP_HOME",
        "BEGRIP_LLM_URL",
        "BEGRIP_LLM_MODEL",
        "BEGRIP_LLM_KEY",
        "BEGRIP_LOG",
        "NO_COLOR",
    ] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn a_wrong_command_line_is_told_in_dutch_and_ends_with_two() {
    let desk = Desk::new();
    for (args, fault) in [
        (&["lookup"][..], "er ontbreekt iets: <TERM>"),
        (&["lookp", "x"], "bedoelt u ‘lookup’?"),
        (&["lookup", "x", "--limt", "3"], "bedoelt u ‘--limit’?"),
        (&["lookup", "x", "--limit"], "ontbreekt een waarde"),
        (
            &["lookup", "x", "--limit", "veel"],
            "‘veel’ kan niet bij ‘--limit <AANTAL>’",
        ),
        (
            &["define", "x", "--category", "iets"],
            "mogelijk zijn: type, particular, process, result",
        ),
        (&["check", "x", "--jsonl", "y"], "gaat niet samen met"),
        (&["check"], "er ontbreekt iets"),
        (
            &["concepts", "add", "x", "--from", "y"],
            "gaat niet samen met",
        ),
        (
            &["concepts", "add", "--from", "y", "--org", "OM"],
            "gaat niet samen met",
        ),
        (&["cache", "warm"], "er ontbreekt iets"),
        (&["rules", "show"], "er ontbreekt iets: <REGEL>"),
        (
            &["rules", "test", "--from", "x", "--version", "y"],
            "gaat niet samen met",
        ),
        (
            &["rules", "export", "--dir", "x", "--output", "y"],
            "gaat niet samen met",
        ),
        (&["rules", "pack", "x"], "er ontbreekt iets"),
    ] {
        let run = desk.begrip(args).ends(2);
        assert!(
            run.stderr.starts_with("fout: ") && run.stderr.contains(fault),
            "{}",
            run.stderr
        );
        assert!(
            !run.stderr.contains("error:") && !run.stderr.contains("Usage"),
            "{}",
            run.stderr
        );
        assert_eq!(run.stdout, "");
    }
    for args in [&[][..], &["concepts"], &["rules"], &["cache"]] {
        let run = desk.begrip(args).ends(2);
        assert!(run.stderr.contains("Gebruik: begrip"), "{}", run.stderr);
    }
    assert!(!desk.home().exists());
}

#[test]
fn the_version_is_told() {
    let run = Desk::new().begrip(&["--version"]).ends(0);
    assert_eq!(
        run.stdout,
        format!("begrip {}\n", env!("CARGO_PKG_VERSION"))
    );
}
