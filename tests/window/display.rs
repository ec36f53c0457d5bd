//! A display without a screen, and what a window manager would do on it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, CLIENT_MESSAGE_EVENT, ClientMessageData, ClientMessageEvent, ConnectionExt, EventMask,
};
use x11rb::rust_connection::RustConnection;

/// A running Xvfb; ends when dropped.
pub struct Display {
    child: Child,
    /// `:99` and the like.
    pub name: String,
}

impl Display {
    /// A display of 1280 × 800.
    pub fn start() -> Self {
        let mut child = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x800x24",
                "-nolisten",
                "tcp",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb");
        let mut number = String::new();
        let out = child.stdout.take().expect("its output");
        BufReader::new(out)
            .read_line(&mut number)
            .expect("the number of its display");
        assert!(!number.trim().is_empty(), "Xvfb could not start");
        Self {
            child,
            name: format!(":{}", number.trim()),
        }
    }

    /// Asks every window of the program to close, as the cross in its title bar does. Gives how
    /// many were asked.
    pub fn close_windows(&self, title: &str) -> usize {
        let (connection, screen) = RustConnection::connect(Some(&self.name)).expect("display");
        let root = connection.setup().roots[screen].root;
        let atom = |name: &str| {
            let cookie = connection
                .intern_atom(false, name.as_bytes())
                .expect("atom");
            cookie.reply().expect("atom").atom
        };
        let (protocols, delete) = (atom("WM_PROTOCOLS"), atom("WM_DELETE_WINDOW"));
        let tree = connection
            .query_tree(root)
            .expect("tree")
            .reply()
            .expect("tree");
        let mut asked = 0;
        for window in tree.children {
            let name = connection
                .get_property(false, window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 1024)
                .expect("name")
                .reply()
                .map(|reply| String::from_utf8_lossy(&reply.value).into_owned());
            let takes = connection
                .get_property(false, window, protocols, AtomEnum::ATOM, 0, 32)
                .expect("protocols")
                .reply()
                .is_ok_and(|reply| {
                    reply
                        .value32()
                        .is_some_and(|mut atoms| atoms.any(|atom| atom == delete))
                });
            if !takes || !name.is_ok_and(|name| name.contains(title)) {
                continue;
            }
            let event = ClientMessageEvent {
                response_type: CLIENT_MESSAGE_EVENT,
                format: 32,
                sequence: 0,
                window,
                type_: protocols,
                data: ClientMessageData::from([delete, 0, 0, 0, 0]),
            };
            connection
                .send_event(false, window, EventMask::NO_EVENT, event)
                .expect("close");
            asked += 1;
        }
        connection.flush().expect("display");
        asked
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
