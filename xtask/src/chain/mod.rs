//! The whole chain on one machine: PostgreSQL, the central server with its gateway to the demonstration model, five
//! organisations with their users, two desks that stand open, and a definition that goes from one to the other.

mod desk;
mod keeper;
mod story;

use std::fs;
use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use begrip_postgres::{Cluster, Database, Serving};

use self::desk::{Desk, Screen};
use self::keeper::Keeper;
use crate::demonstration::Demonstration;
use crate::run::has_screen;
use crate::shell::{UNIFIED, cargo, command, read, run, target};
use crate::{screens, system};

/// The organisations of the demonstration.
const ORGANISATIONS: [(&str, &str); 5] = [
    ("OM", "Openbaar Ministerie"),
    ("Rechtspraak", "Rechtspraak"),
    ("DJI", "Dienst Justitiële Inrichtingen"),
    ("Justid", "Justitiële Informatiedienst"),
    ("CJIB", "Centraal Justitieel Incassobureau"),
];

const AUTHOR: &str = "auteur";
const REVIEWER: &str = "beoordelaar";

/// Who works at each of them, with what the server calls their role.
const USERS: [(&str, &str); 3] = [
    (AUTHOR, "author"),
    (REVIEWER, "reviewer"),
    ("beheerder", "administrator"),
];

/// The demonstration model, as the gateway and the desks know it.
const MODEL: &str = "begrip-demo-1";

/// Starts everything, walks the road from a question to an established definition, and tells how to go on. At a
/// terminal it stays until Enter or Ctrl-C; without one it ends. Nothing of it is left behind.
///
/// `windows`: two windows, on a display without a screen where there is none; else two commands stand open.
///
/// Errors: something is missing or does not start, or the definition does not come to the other desk.
pub fn chain(yes: bool, windows: bool) -> Result<()> {
    let hidden = windows && !has_screen();
    let mut needed = vec![system::BUILD, system::DATABASE];
    if hidden {
        needed.push(system::DISPLAY);
    }
    system::ensure(&needed, yes)?;
    build(windows)?;

    let folder = tempfile::Builder::new().prefix("begrip-chain-").tempdir()?;
    let mut keeper = Keeper::of(folder.path())?;
    // From here on it is the keeper's.
    let folder = folder.keep();
    let calls = folder.join("model.jsonl");
    let model = Demonstration::start(&program("begrip-mock-model"), Some(&calls))?;
    keeper.mind(&model.serving.process)?;
    let cluster = Cluster::start().context("PostgreSQL cannot be started")?;
    let database = cluster.database()?;
    people(&database)?;
    let gateway = folder.join("gateway.toml");
    let text = format!(
        "[[upstream]]\nname = 'voorbeeldmodel'\nurl = '{}'\nmodels = ['{MODEL}']\n",
        model.url
    );
    fs::write(&gateway, text)?;
    let mut serve = command(&program("begrip-server"), ["serve"]);
    serve
        .envs(database.settings())
        .env("BEGRIP_SERVER_GATEWAY", &gateway)
        .env("BEGRIP_SERVER_LOG", "warn");
    let server = Serving::start(&mut serve).context("the server")?;
    keeper.mind(&server.process)?;
    let desk = |(organisation, user): (&'static str, &str)| {
        let token = ["token", "create", user, "--organisation", organisation];
        let token = operate(&database, &token)?;
        Desk::new(&folder, (organisation, user), (&server.url, token.trim()))
    };
    let (author, reviewer) = (desk(("OM", AUTHOR))?, desk(("Rechtspraak", REVIEWER))?);
    let mut others = Vec::new();
    for (organisation, _) in ORGANISATIONS {
        for (user, _) in USERS {
            if ![("OM", AUTHOR), ("Rechtspraak", REVIEWER)].contains(&(organisation, user)) {
                others.push(desk((organisation, user))?);
            }
        }
    }
    println!(
        "\nDe server luistert op {}, het voorbeeldmodel op {}.\n\
         The server listens at the first address, the demonstration model at the second.\n\
         Het voorbeeldmodel geeft vaste voorbeeldteksten en is geen echt taalmodel.\n\
         The model's texts are fixed examples, not the work of a real model.\n",
        server.url, model.url
    );

    let screen = match (windows, hidden) {
        (false, _) => Screen::None,
        (true, false) => Screen::Own,
        (true, true) => Screen::Hidden(display(&mut keeper)?),
    };
    let mut open = Vec::new();
    for desk in [&author, &reviewer] {
        // A first sync makes the home before two programs work on it.
        desk.begrip(&["sync"])?;
        let child = desk.open(&screen)?;
        keeper.mind(&child)?;
        open.push(child);
    }
    story::say(
        match screen {
            Screen::Own => {
                "Twee vensters staan open: een auteur van OM en een beoordelaar van de Rechtspraak."
            }
            Screen::Hidden(_) => {
                "Twee vensters staan open onder Xvfb: een auteur van OM en een beoordelaar van de Rechtspraak."
            }
            Screen::None => {
                "Twee werkplekken blijven vanzelf bij (begrip sync follow): een auteur van OM en een beoordelaar van de Rechtspraak."
            }
        },
        "Two desks stand open: an author of OM and a reviewer of Rechtspraak.",
    );
    story::tell(&author, &reviewer)?;
    story::witnesses(&calls, &database)?;
    for (child, desk) in open.iter_mut().zip([&author, &reviewer]) {
        let ended = child.try_wait()?;
        ensure!(
            ended.is_none(),
            "the desk of {} closed by itself",
            desk.organisation
        );
    }

    println!(
        "\nElke organisatie heeft een auteur, een beoordelaar en een beheerder. Kies in een ander venster wie u bent.\n\
         Each organisation has an author, a reviewer and an administrator. Choose who you are in another terminal:\n"
    );
    let mut scripts: Vec<&Path> = [&author, &reviewer]
        .into_iter()
        .chain(&others)
        .map(|desk| desk.script.as_path())
        .collect();
    scripts.sort();
    for script in scripts {
        println!("  . {}", script.display());
    }
    println!(
        "\nDaarna bijvoorbeeld als auteur van OM / then for instance as the author of OM:\n  \
         begrip define gebiedsverbod --org OM --legal strafrecht --keep\n  \
         begrip sync share gebiedsverbod && begrip review propose gebiedsverbod && begrip sync\n\n\
         en als beoordelaar van een andere organisatie / and as a reviewer of another organisation:\n  \
         begrip sync && begrip review accept gebiedsverbod\n\n\
         ‘begrip-desktop’ opent een venster voor wie u bent. / ‘begrip-desktop’ opens a window for who you are.\n"
    );
    if std::io::stdin().is_terminal() {
        println!("Enter of Ctrl-C stopt alles. / Enter or Ctrl-C ends everything.");
        // A line, or the end of the input; after Ctrl-C the keeper does what is left.
        let _ = std::io::stdin().read(&mut [0])?;
    } else {
        println!("Geen terminal: alles stopt nu. / No terminal: everything ends now.");
    }
    Ok(())
}

/// Builds what the chain starts.
fn build(windows: bool) -> Result<()> {
    let mut build = cargo(["build"]);
    build.args(UNIFIED);
    for name in ["begrip", "begrip-server", "begrip-mock-model"] {
        build.args(["--bin", name]);
    }
    if windows {
        // The window embeds them.
        screens::build()?;
        build.args(["--bin", "begrip-desktop"]);
    }
    run(&mut build)
}

/// Makes the tables, the organisations and who works there.
fn people(database: &Database<'_>) -> Result<()> {
    operate(database, &["migrate"])?;
    for (name, title) in ORGANISATIONS {
        operate(database, &["organisation", "add", name, "--title", title])?;
        for (user, role) in USERS {
            let of = ["--role", role, "--organisation", name];
            operate(database, &[&["user", "add", user][..], &of].concat())?;
        }
    }
    Ok(())
}

/// A display without a screen; its name.
fn display(keeper: &mut Keeper) -> Result<String> {
    let arguments = "-displayfd 1 -screen 0 1280x800x24 -nolisten tcp";
    let mut child = Command::new("Xvfb")
        .args(arguments.split(' '))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("Xvfb cannot be started")?;
    keeper.mind(&child)?;
    let mut number = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut number)?;
    }
    ensure!(!number.trim().is_empty(), "Xvfb does not start");
    Ok(format!(":{}", number.trim()))
}

fn program(name: &str) -> String {
    let path = target().join("debug").join(name);
    path.to_string_lossy().into_owned()
}

/// Runs a chore of the server; what it says.
fn operate(database: &Database<'_>, arguments: &[&str]) -> Result<String> {
    let mut chore = command(&program("begrip-server"), arguments);
    read(chore.envs(database.settings()))
}
