use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;

use super::Complaints;
use super::tree::{Tree, program_lines};
use crate::shell::{cargo, read};

/// Which of our crates each crate may know, in the program proper (tests may know more).
/// A new crate gets a row here, and in `ARCHITECTURE.md`.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("begrip-domain", &[]),
    ("begrip-language", &["begrip-domain"]),
    ("begrip-rules", &["begrip-domain", "begrip-language"]),
    ("begrip-privacy", &["begrip-domain", "begrip-language"]),
    (
        "begrip-prompt",
        &["begrip-domain", "begrip-rules", "begrip-privacy"],
    ),
    (
        "begrip-store",
        &[
            "begrip-cache",
            "begrip-domain",
            "begrip-language",
            "begrip-sync",
        ],
    ),
    (
        "begrip-llm",
        &[
            "begrip-cache",
            "begrip-domain",
            "begrip-prompt",
            "begrip-wire",
        ],
    ),
    ("begrip-interchange", &["begrip-domain"]),
    ("begrip-cache", &[]),
    // Knows none of ours that has a text of a user, so that it cannot hold one.
    ("begrip-telemetry", &["begrip-wire"]),
    // Knows none of ours, for the same reason.
    ("begrip-journal", &[]),
    ("begrip-sync", &["begrip-domain"]),
    ("begrip-wire", &[]),
    ("begrip-openid", &["begrip-wire"]),
    ("begrip-mock-issuer", &[]),
    (
        "begrip-link",
        &["begrip-domain", "begrip-sync", "begrip-wire"],
    ),
    (
        "begrip-app",
        &[
            "begrip-cache",
            "begrip-domain",
            "begrip-language",
            "begrip-rules",
            "begrip-privacy",
            "begrip-prompt",
            "begrip-store",
            "begrip-llm",
            "begrip-interchange",
            "begrip-telemetry",
            "begrip-sync",
            "begrip-link",
            "begrip-openid",
        ],
    ),
    (
        "begrip-cli",
        &["begrip-app", "begrip-domain", "begrip-rules"],
    ),
    ("begrip", &["begrip-app", "begrip-journal"]),
    ("begrip-loopback", &["begrip-app"]),
    ("begrip-mock-model", &[]),
    (
        "begrip-server",
        &[
            "begrip-cache",
            "begrip-domain",
            "begrip-interchange",
            "begrip-journal",
            "begrip-language",
            "begrip-llm",
            "begrip-openid",
            "begrip-privacy",
            "begrip-prompt",
            "begrip-rules",
            "begrip-sync",
            "begrip-telemetry",
            "begrip-wire",
        ],
    ),
    ("begrip-measure", &[]),
    ("begrip-postgres", &[]),
    ("xtask", &["begrip-postgres"]),
];

/// Crates that measure may know everything, because nothing knows them.
const KNOWS_ALL: &[&str] = &["begrip-bench"];

/// What users get.
const SHIPPED: &[&str] = &["begrip", "begrip-cli", "begrip-server"];

/// What they never get.
const NEVER_SHIPPED: &[&str] = &[
    "begrip-loopback",
    "begrip-measure",
    "begrip-mock-issuer",
    "begrip-mock-model",
    "begrip-postgres",
    "begrip-bench",
    "xtask",
];

/// Outside crates that only these may depend on: in the program proper, and in its sources.
const MONOPOLIES: &[(&str, &[&str])] = &[
    ("rusqlite", &["begrip-store"]),
    ("rusqlite_migration", &["begrip-store"]),
    (
        "reqwest",
        &[
            "begrip-link",
            "begrip-llm",
            // To the issuer alone, and with no text of a concept.
            "begrip-openid",
            "begrip-telemetry",
            // Sends nothing itself.
            "begrip-wire",
        ],
    ),
    // Other ways to call out: nobody's, so that `egress.rs` sees all that leaves. `begrip-bench` measures.
    // The server listens with them.
    ("hyper", &["begrip-server"]),
    ("hyper-util", &["begrip-bench", "begrip-server"]),
    ("ureq", &[]),
    ("curl", &[]),
    ("isahc", &[]),
    ("attohttpc", &[]),
    ("minreq", &[]),
    ("tungstenite", &[]),
    ("tokio-tungstenite", &[]),
    ("tonic", &[]),
    ("lettre", &[]),
    ("socket2", &[]),
    ("tauri-plugin-http", &[]),
    ("tauri-plugin-shell", &[]),
    ("moka", &["begrip-cache"]),
    ("begrip-telemetry", &["begrip-app", "begrip-server"]),
    ("jsonwebtoken", &["begrip-openid", "begrip-mock-issuer"]),
    ("oauth2", &["begrip-openid"]),
    ("tauri", &["begrip"]),
    (
        "axum",
        &[
            "begrip-loopback",
            "begrip-mock-issuer",
            "begrip-mock-model",
            "begrip-server",
        ],
    ),
    ("tokio-postgres", &["begrip-server"]),
    (
        "clap",
        &[
            "begrip-cli",
            "begrip-loopback",
            "begrip-mock-model",
            "begrip-server",
            "begrip-bench",
        ],
    ),
    (
        "tiktoken-rs",
        &["begrip-prompt", "begrip-mock-model", "begrip-bench"],
    ),
    ("quick-xml", &["begrip-interchange"]),
    ("keyring", &["begrip-store", "begrip-app"]),
];

/// One of our packages.
pub struct Package {
    name: String,
    /// What the program proper depends on, optional dependencies included.
    knows: BTreeSet<String>,
}

/// Our packages, as cargo sees them.
pub fn packages() -> Result<Vec<Package>> {
    let text = read(&mut cargo([
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
    ]))?;
    let metadata: Value = serde_json::from_str(&text)?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata has no packages")?;
    Ok(packages
        .iter()
        .map(|package| Package {
            name: package["name"].as_str().unwrap_or_default().to_owned(),
            knows: package["dependencies"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
                .filter_map(|dependency| dependency["name"].as_str().map(str::to_owned))
                .collect(),
        })
        .collect())
}

/// No crate knows a crate above or beside it.
pub fn direction(packages: &[Package]) -> Complaints {
    let own: BTreeSet<&str> = packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let mut wrong = Complaints::new();
    for package in packages
        .iter()
        .filter(|package| !KNOWS_ALL.contains(&package.name.as_str()))
    {
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(name, _)| *name == package.name) else {
            wrong.push(format!(
                "{}: no row in xtask/src/tidy/layers.rs",
                package.name
            ));
            continue;
        };
        let ours = package
            .knows
            .iter()
            .filter(|name| own.contains(name.as_str()));
        for name in ours.filter(|name| !allowed.contains(&name.as_str())) {
            wrong.push(format!("{} knows {name}", package.name));
        }
    }
    wrong
}

/// An outside crate that stands for a decision is known in one place.
pub fn monopolies(packages: &[Package], tree: &Tree) -> Complaints {
    let mut wrong = Complaints::new();
    for (outside, owners) in MONOPOLIES {
        for package in packages {
            if package.knows.contains(*outside) && !owners.contains(&package.name.as_str()) {
                wrong.push(format!("{} depends on {outside}", package.name));
            }
        }
    }
    for (word, owners) in [
        ("rusqlite::", &["crates/begrip-store/"][..]),
        (
            "reqwest::",
            &[
                "crates/begrip-link/",
                "crates/begrip-llm/",
                // To the issuer alone, see above.
                "crates/begrip-openid/",
                "crates/begrip-telemetry/",
                "crates/begrip-wire/",
            ],
        ),
        ("tokio_postgres::", &["crates/begrip-server/"]),
    ] {
        for (path, text) in tree.rust("").filter(|(path, _)| path.contains("/src/")) {
            let said = program_lines(text).find(|(_, line)| line.contains(word));
            if let Some((number, _)) = said
                && !owners.iter().any(|owner| path.starts_with(owner))
                && !path.starts_with("xtask/")
            {
                wrong.push(format!("{path}:{number} mentions {word}"));
            }
        }
    }
    wrong
}

/// What is shipped reaches nothing that is made for tests.
pub fn shipped(packages: &[Package]) -> Complaints {
    let by_name: BTreeMap<&str, &Package> = packages
        .iter()
        .map(|package| (package.name.as_str(), package))
        .collect();
    let mut wrong = Complaints::new();
    for start in SHIPPED {
        let mut seen = BTreeSet::new();
        let mut queue = vec![*start];
        while let Some(name) = queue.pop() {
            let Some(package) = by_name.get(name).filter(|_| seen.insert(name)) else {
                continue;
            };
            queue.extend(package.knows.iter().map(String::as_str));
        }
        let reached = NEVER_SHIPPED.iter().filter(|name| seen.contains(**name));
        wrong.extend(reached.map(|name| format!("{start} reaches {name}")));
        if !by_name.contains_key(start) {
            wrong.push(format!("{start} is no package any more"));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, knows: &[&str]) -> Package {
        Package {
            name: name.to_owned(),
            knows: knows.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    #[test]
    fn an_upward_dependency_is_caught() {
        let packages = [
            package("begrip-domain", &["begrip-app"]),
            package("begrip-app", &[]),
        ];
        assert_eq!(direction(&packages), ["begrip-domain knows begrip-app"]);
    }

    #[test]
    fn a_crate_without_a_row_is_caught() {
        assert_eq!(direction(&[package("begrip-new", &[])]).len(), 1);
    }

    #[test]
    fn a_second_owner_of_sqlite_is_caught() {
        let packages = [
            package("begrip-app", &["rusqlite"]),
            package("begrip-store", &["rusqlite"]),
        ];
        let tree = Tree { files: vec![] };
        assert_eq!(
            monopolies(&packages, &tree),
            ["begrip-app depends on rusqlite"]
        );
    }

    #[test]
    fn the_loopback_host_in_a_package_is_caught_at_any_depth() {
        let packages = [
            package("begrip", &["begrip-app"]),
            package("begrip-app", &["begrip-loopback"]),
            package("begrip-loopback", &[]),
            package("begrip-cli", &[]),
            package("begrip-server", &[]),
        ];
        assert_eq!(shipped(&packages), ["begrip reaches begrip-loopback"]);
    }
}
