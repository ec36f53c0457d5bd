//! How the web view draws.

use std::path::Path;

/// What WebKitGTK reads when its processes start.
const ON_PROCESSOR: &str = "WEBKIT_SKIA_ENABLE_CPU_RENDERING";

/// Has the web view draw on the processor where there is no graphics card, as on a virtual desktop. Without this it asks Mesa
/// for one, which plays a card on the same processor: some 30 MB more, and a window that stands still longer. What a user has
/// set goes first.
///
/// To be called before anything of the window is made.
pub fn choose() {
    if std::env::var_os(ON_PROCESSOR).is_none() && !has_card(Path::new("/dev/dri")) {
        // It only fails for a name that is none.
        let _ = glib::setenv(ON_PROCESSOR, "1", false);
    }
}

/// Whether there is a card that draws: the kernel gives each a node `renderD…`.
fn has_card(nodes: &Path) -> bool {
    let nodes = std::fs::read_dir(nodes).into_iter().flatten().flatten();
    nodes.into_iter().any(|node| {
        let name = node.file_name();
        name.to_string_lossy().starts_with("renderD")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_card_is_known_by_its_node() {
        let nodes = tempfile::tempdir().unwrap();
        assert!(!has_card(&nodes.path().join("none")));
        // A server's own screen is no card that draws.
        fs::write(nodes.path().join("card0"), "").unwrap();
        assert!(!has_card(nodes.path()));
        fs::write(nodes.path().join("renderD128"), "").unwrap();
        assert!(has_card(nodes.path()));
    }
}
