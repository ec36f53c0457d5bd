//! Reads the desktop's configuration, capabilities and screens at compile time.

use std::error::Error;
use std::fs;
use std::path::Path;

/// Shown by a program that was built before its screens were.
const PLACEHOLDER: &str = "<!doctype html><html lang=\"nl\"><meta charset=\"utf-8\">\
<title>Begrip</title><h1>Begrip</h1>\
<p>De schermen zijn nog niet gebouwd. Voer uit: <code>cargo xtask run</code></p></html>\n";

fn main() -> Result<(), Box<dyn Error>> {
    // With custom patterns Tauri leaves the watching to us.
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=src-tauri/permissions");
    println!("cargo:rerun-if-changed=tauri.conf.json");

    // Embedding needs the folder to exist, so that `cargo check` works in a fresh clone.
    let screens = Path::new("ui/dist");
    if !screens.join("index.html").exists() {
        fs::create_dir_all(screens)?;
        fs::write(screens.join("index.html"), PLACEHOLDER)?;
    }
    // Without this a new file in the folder would not be embedded.
    watch(screens)?;

    tauri_build::try_build(
        tauri_build::Attributes::new()
            .capabilities_path_pattern("./src-tauri/capabilities/**/*")
            .app_manifest(
                tauri_build::AppManifest::new()
                    .permissions_path_pattern("./src-tauri/permissions/**/*"),
            ),
    )?;
    Ok(())
}

/// Cargo watches a folder by its own date only; each folder below is named too.
fn watch(folder: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            watch(&path)?;
        }
    }
    Ok(())
}
