//! A keyring of the test's own: the Secret Service of gnome-keyring, on a session bus that nobody else is on.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use super::PATIENCE;

/// A bus that starts no program by itself: the first to ask would get a keyring that nobody unlocked.
const CONFIGURATION: &str = "<busconfig><type>session</type><listen/><auth>EXTERNAL</auth>\
    <policy context='default'><allow send_destination='*' eavesdrop='true'/>\
    <allow eavesdrop='true'/><allow own='*'/></policy></busconfig>";

/// A running keyring that is unlocked; ends when dropped.
pub struct Keyring {
    bus: Child,
    daemon: Child,
    /// Where its bus listens.
    pub address: String,
    _folder: TempDir,
}

impl Keyring {
    /// Says why there is none here, or nothing when there is one.
    pub fn missing() -> Option<String> {
        super::missing(&["dbus-daemon", "gnome-keyring-daemon", "gdbus"])
    }

    /// Starts one without a secret in it.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let own = |name: &str| folder.path().join(name);
        fs::create_dir(own("run")).expect("a folder");
        // The daemon speaks to nobody whose folder others can enter.
        fs::set_permissions(own("run"), fs::Permissions::from_mode(0o700)).expect("its rights");
        let listen = format!("<listen>unix:path={}</listen>", own("bus").display());
        fs::write(own("bus.conf"), CONFIGURATION.replace("<listen/>", &listen)).expect("a file");
        let mut bus = Command::new("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .arg(format!("--config-file={}", own("bus.conf").display()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().expect("its output"))
            .read_line(&mut address)
            .expect("the address of the bus");
        let address = address.trim().to_owned();
        let mut daemon = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .env("HOME", folder.path())
            .env("XDG_DATA_HOME", own("data"))
            .env("XDG_RUNTIME_DIR", own("run"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon");
        // It reads the password of the keyring that it makes to the end.
        let mut input = daemon.stdin.take().expect("its input");
        input.write_all(b"wachtwoord").expect("a password");
        drop(input);
        let keyring = Self {
            bus,
            daemon,
            address,
            _folder: folder,
        };
        let begun = Instant::now();
        while !keyring
            .ask(
                SERVICE,
                "org.freedesktop.Secret.Service.ReadAlias",
                "default",
            )
            .is_some_and(|said| said.contains("collection"))
        {
            assert!(begun.elapsed() < PATIENCE, "the keyring does not unlock");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        keyring
    }

    /// Where a secret of this name stands, whoever asks; `None` when there is none.
    pub fn item(&self, name: &str) -> Option<String> {
        let which = format!("{{'username': '{name}'}}");
        let said = self.ask(
            SERVICE,
            "org.freedesktop.Secret.Service.SearchItems",
            &which,
        );
        let said = said.expect("an answer of the keyring");
        let place = said.split('\'').find(|part| part.contains("/collection/"));
        place.map(str::to_owned)
    }

    /// Takes a secret out, past the program.
    pub fn lose(&self, name: &str) {
        let item = self.item(name).expect("a secret to lose");
        let mut command = self.call(&item, "org.freedesktop.Secret.Item.Delete");
        let done = command.output().expect("gdbus");
        assert!(done.status.success(), "{done:?}");
        assert_eq!(self.item(name), None);
    }

    fn ask(&self, path: &str, method: &str, word: &str) -> Option<String> {
        let output = self.call(path, method).arg(word).output().expect("gdbus");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success().then_some(said)
    }

    fn call(&self, path: &str, method: &str) -> Command {
        let mut command = Command::new("gdbus");
        command
            .args(["call", "--session", "--dest", "org.freedesktop.secrets"])
            .args(["--object-path", path, "--method", method])
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

const SERVICE: &str = "/org/freedesktop/secrets";

impl Drop for Keyring {
    fn drop(&mut self) {
        for child in [&mut self.daemon, &mut self.bus] {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
