//! The whole chain on one machine: PostgreSQL, the central server, the demonstration model, and a
//! home for each of five organisations.

use std::fs;
use std::io::Read;

use anyhow::{Context, Result};
use begrip_postgres::{Cluster, Database, Serving};

use crate::demonstration::Demonstration;
use crate::shell::{UNIFIED, cargo, command, read, run, target};
use crate::system;

/// The organisations of the demonstration.
const ORGANISATIONS: [(&str, &str); 5] = [
    ("OM", "Openbaar Ministerie"),
    ("Rechtspraak", "Rechtspraak"),
    ("DJI", "Dienst Justitiële Inrichtingen"),
    ("Justid", "Justitiële Informatiedienst"),
    ("CJIB", "Centraal Justitieel Incassobureau"),
];

/// Starts everything, tells how to use it, and ends it when the input ends.
pub fn chain(yes: bool) -> Result<()> {
    system::ensure(&[system::BUILD, system::DATABASE], yes)?;
    let mut build = cargo(["build"]);
    build.args(UNIFIED);
    for name in ["begrip", "begrip-server", "begrip-mock-model"] {
        build.args(["--bin", name]);
    }
    run(&mut build)?;
    let model = Demonstration::start(&program("begrip-mock-model"))?;
    let cluster = Cluster::start().context("PostgreSQL cannot be started")?;
    let database = cluster.database()?;
    operate(&database, &["migrate"])?;
    for (name, title) in ORGANISATIONS {
        operate(&database, &["organisation", "add", name, "--title", title])?;
        operate(
            &database,
            &[
                "user",
                "add",
                "medewerker",
                "--role",
                // Does what an author does, and judges the texts of others.
                "reviewer",
                "--organisation",
                name,
            ],
        )?;
    }
    let mut serve = command(&program("begrip-server"), ["serve"]);
    serve
        .envs(database.settings())
        .env("BEGRIP_SERVER_LOG", "warn");
    let server = Serving::start(&mut serve).context("the server")?;
    println!(
        "\nDe server luistert op {}, het voorbeeldmodel op {}.\n\
         The server listens at the first address, the demonstration model at the second.\n\n\
         Kies in een ander venster een organisatie / choose an organisation in another terminal:\n",
        server.url, model.url
    );
    let homes = target().join("chain");
    // The server begins anew, and so does whoever works with it.
    if homes.exists() {
        fs::remove_dir_all(&homes)?;
    }
    for (name, _) in ORGANISATIONS {
        let token = operate(
            &database,
            &["token", "create", "medewerker", "--organisation", name],
        )?;
        let home = homes.join(name);
        fs::create_dir_all(&home)?;
        let script = home.join("begrip.sh");
        let text = format!(
            "export BEGRIP_HOME='{}' BEGRIP_KEYRING=off USER=medewerker \\\n  \
             BEGRIP_SERVER_URL='{}' BEGRIP_SERVER_TOKEN='{}' \\\n  \
             BEGRIP_LLM_URL='{}' BEGRIP_LLM_MODEL=begrip-demo-1\nalias begrip='{}'\n",
            home.join("home").display(),
            server.url,
            token.trim(),
            model.url,
            program("begrip")
        );
        fs::write(&script, text)?;
        println!("  {name:<12} . {}", script.display());
    }
    println!(
        "\nDaarna bijvoorbeeld / then for instance:\n  \
         begrip concepts add gebiedsgebod --definition \
         'gebod van de rechter om zich in een bepaald gebied te bevinden'\n  \
         begrip sync share gebiedsgebod && begrip review propose gebiedsgebod && begrip sync\n\n\
         en voor een andere organisatie / and for another organisation:\n  \
         begrip sync && begrip review accept gebiedsgebod\n\n\
         Enter of Ctrl-C stopt alles. / Enter or Ctrl-C ends everything."
    );
    // A line, or the end of the input; Ctrl-C ends this program and so whatever it started.
    let _ = std::io::stdin().read(&mut [0])?;
    Ok(())
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
