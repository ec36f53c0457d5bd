//! Files that follow from the command schema.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::shell::{UNIFIED, cargo, read, root, run, target};

/// The TypeScript types that the screens use.
const TYPES: &str = "ui/src/lib/backend/generated.ts";

/// Writes the TypeScript types, or fails when they are stale.
pub fn generate(check: bool) -> Result<()> {
    run(cargo(["build", "--quiet", "--example", "generate_typescript"]).args(UNIFIED))?;
    settle(&built()?, check)
}

/// The same check with a program that a build of the whole workspace made already.
pub fn check_built() -> Result<()> {
    settle(&built()?, true)
}

fn built() -> Result<String> {
    read(&mut Command::new(
        target().join("debug/examples/generate_typescript"),
    ))
}

fn settle(fresh: &str, check: bool) -> Result<()> {
    let path = root().join(TYPES);
    let committed = fs::read_to_string(&path).unwrap_or_default();
    if committed == fresh {
        println!("{TYPES}: fresh");
        return Ok(());
    }
    if check {
        bail!("{TYPES} is stale: run `cargo xtask generate` and commit the file");
    }
    if let Some(folder) = Path::new(&path).parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, fresh)?;
    println!("{TYPES}: written");
    Ok(())
}
