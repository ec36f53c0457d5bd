//! Lists the rule files, so that a legislative expert adds one without touching code, and refuses
//! a file without three good and three bad examples.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=rules");
    let folder =
        Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("rules");
    let mut names: Vec<String> = fs::read_dir(&folder)?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()?;
    // What the pack itself is stands beside its rules.
    names.retain(|name| name.ends_with(".toml") && name != "pack.toml");
    names.sort();
    let mut code = String::from(
        "/// Name and text of every built-in rule file, by name.\nconst FILES: &[(&str, &str)] = &[\n",
    );
    for name in &names {
        let path = folder.join(name);
        println!("cargo:rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path)?;
        for kind in ["[[good]]", "[[bad]]"] {
            let count = text.lines().filter(|line| line.trim() == kind).count();
            if count < 3 {
                return Err(io::Error::other(format!(
                    "{name}: {count} of {kind}, at least 3 are needed"
                )));
            }
        }
        let _ = writeln!(code, "    ({name:?}, include_str!({path:?})),");
    }
    let pack = folder.join("pack.toml");
    println!("cargo:rerun-if-changed={}", pack.display());
    let _ = writeln!(
        code,
        "];\n\n/// Version, date and changelog of the built-in pack.\nconst PACK: &str = include_str!({pack:?});"
    );
    fs::write(
        Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("rule_files.rs"),
        code,
    )
}
