//! A workstation of the demonstration: its home, its user, and the program that stands open on it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::program;
use crate::shell::command;

/// How long a change may take from desk to desk on a busy machine; only reached when it never comes.
const PATIENCE: Duration = Duration::from_secs(90);

/// Where the desk stands open.
pub enum Screen {
    /// In a window on the screen of whoever started this.
    Own,
    /// In a window on a display without a screen, such as `:99`.
    Hidden(String),
    /// As a command that stays up to date.
    None,
}

/// A user's place of work.
pub struct Desk {
    /// The organisation's name.
    pub organisation: &'static str,
    /// What a shell reads to work here too.
    pub script: PathBuf,
    folder: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl Desk {
    /// In `folder`, for the holder of a token of the server at this address, which also asks the model.
    pub fn new(
        folder: &Path,
        (organisation, user): (&'static str, &str),
        (server, token): (&str, &str),
    ) -> Result<Self> {
        let name = format!("{organisation}-{user}");
        let home = folder.join(&name);
        fs::create_dir_all(&home)?;
        let own = |part: &str| home.join(part).to_string_lossy().into_owned();
        let environment = vec![
            ("BEGRIP_HOME", own("home")),
            ("BEGRIP_KEYRING", "off".to_owned()),
            ("USER", user.to_owned()),
            ("BEGRIP_SERVER_URL", server.to_owned()),
            ("BEGRIP_SERVER_TOKEN", token.to_owned()),
            ("BEGRIP_LLM_URL", "server".to_owned()),
            ("BEGRIP_LLM_MODEL", super::MODEL.to_owned()),
        ];
        let script = folder.join(format!("{name}.sh"));
        let pairs = environment.iter();
        let mut text: String = pairs
            .map(|(name, value)| format!("export {name}='{value}'\n"))
            .collect();
        for name in ["begrip", "begrip-desktop"] {
            text.push_str(&format!("alias {name}='{}'\n", program(name)));
        }
        fs::write(&script, text)?;
        Ok(Self {
            organisation,
            script,
            folder: home,
            environment,
        })
    }

    /// Opens it, to be ended by whoever gets it. It keeps up to date by itself from now on.
    pub fn open(&self, screen: &Screen) -> Result<Child> {
        let mut open = match screen {
            Screen::None => self.command("begrip", &["sync", "follow"]),
            Screen::Own => self.command("begrip-desktop", &[]),
            Screen::Hidden(display) => {
                let mut window = self.command("begrip-desktop", &[]);
                window.env("DISPLAY", display).env("NO_AT_BRIDGE", "1");
                window.env_remove("WAYLAND_DISPLAY");
                window.env_remove("DBUS_SESSION_BUS_ADDRESS");
                window
            }
        };
        // What the web view keeps for itself stays out of the folders of whoever started this.
        for name in ["XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"] {
            open.env(name, self.folder.join(name.to_lowercase()));
        }
        let log = File::create(self.log())?;
        open.stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("the desk of {} cannot be opened", self.organisation))
    }

    /// What `begrip` says here. Error: it fails; what it says of that goes along.
    pub fn begrip(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command("begrip", arguments).output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            bail!("begrip {}: {}", arguments.join(" "), said.trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Waits until a concept stands here with this status, by the program that stands open alone; its definition.
    ///
    /// Error: it never comes.
    pub fn comes(&self, term: &str, status: &str) -> Result<String> {
        let begun = Instant::now();
        loop {
            let shown = self.begrip(&["concepts", "show", term, "--json"]);
            let shown = shown.unwrap_or_default();
            let shown: Value = serde_json::from_str(&shown).unwrap_or_default();
            let concept = &shown["concept"];
            if concept["status"] == status {
                return Ok(concept["definition"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned());
            }
            if begun.elapsed() > PATIENCE {
                let said = fs::read_to_string(self.log()).unwrap_or_default();
                bail!("`{term}` never came to {}: {said}", self.organisation);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.join("open.log")
    }

    fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut begrip = command(&program(name), arguments);
        begrip
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null());
        begrip
    }
}
