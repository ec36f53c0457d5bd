//! How the web view draws.

use std::path::Path;

/// What WebKitGTK reads when its processes start: pages are painted on the processor, and are not put together by a card
/// from layers that the processes share.
const ON_PROCESSOR: [&str; 2] = [
    "WEBKIT_SKIA_ENABLE_CPU_RENDERING",
    "WEBKIT_DISABLE_DMABUF_RENDERER",
];

/// Has the web view draw on the processor where there is no graphics card, as on a virtual desktop. Without this it asks Mesa
/// for one, which plays a card on the same processor: some 100 MB more, and a window that stands still longer. What a user has
/// set goes first.
///
/// To be called before anything of the window is made.
pub fn choose() {
    if has_card(Path::new("/dev/dri")) {
        return;
    }
    for variable in ON_PROCESSOR {
        // It only fails for a name that is none.
        let _ = glib::setenv(variable, "1", false);
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
