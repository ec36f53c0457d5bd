//! The invariants of `ARCHITECTURE.md` that a program can check by reading the repository.

mod caches;
mod egress;
mod layers;
mod purity;
mod screens;
mod sources;
mod texts;
mod tree;

use anyhow::{Result, bail};

use tree::Tree;

/// What is wrong, each with its place.
type Complaints = Vec<String>;

/// Checks every invariant; prints all that is wrong before it fails.
pub fn tidy() -> Result<()> {
    let tree = Tree::read()?;
    let packages = layers::packages()?;
    let checks: Vec<(&str, Complaints)> = vec![
        (
            "a crate knows only the crates below it",
            layers::direction(&packages),
        ),
        (
            "one crate alone knows SQLite, HTTP calls, Tauri",
            layers::monopolies(&packages, &tree),
        ),
        (
            "what is remembered is remembered in a cache",
            caches::only_caches(&tree),
        ),
        ("nothing for tests is shipped", layers::shipped(&packages)),
        (
            "no I/O, clock or threads in the pure crates",
            purity::pure(&tree),
        ),
        (
            "what goes out goes out at known places",
            egress::places(&tree),
        ),
        ("no line to elsewhere beside them", egress::sockets(&tree)),
        (
            "telemetry takes from a closed list",
            purity::telemetry(&tree),
        ),
        ("pseudonymising is called that", texts::honest(&tree)),
        ("one gate before it", purity::one_gate(&tree)),
        (
            "files fit in a head, names say what they hold",
            sources::shape(&tree),
        ),
        ("no test is switched off", sources::ignored(&tree)),
        ("every error code is used", sources::codes(&tree)),
        ("no path or host of one machine", texts::places(&tree)),
        (
            "lock files name public registries only",
            texts::registries(&tree),
        ),
        ("links in the documents lead somewhere", texts::links(&tree)),
        (
            "the screens know one way to the use cases",
            screens::one_backend(&tree),
        ),
        (
            "the screens load nothing from elsewhere",
            screens::nothing_external(&tree),
        ),
    ];
    let mut wrong = 0;
    for (promise, complaints) in &checks {
        println!(
            "{}  {promise}",
            if complaints.is_empty() { "ok " } else { "NOT" }
        );
        for complaint in complaints {
            println!("       {complaint}");
        }
        wrong += complaints.len();
    }
    if wrong > 0 {
        bail!("tidy: {wrong} things to mend");
    }
    println!(
        "tidy: {} invariants hold over {} files",
        checks.len(),
        tree.files.len()
    );
    Ok(())
}
