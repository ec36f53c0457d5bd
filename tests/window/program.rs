//! The program in its window, driven through WebDriver.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};

use super::PATIENCE;
use super::display::Display;
use super::page::Page;
use super::workplace::Workplace;

/// The window's program as cargo built it for the tests.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_begrip-desktop");

/// One run of the program, from start to close or kill.
pub struct Session {
    /// The page in the window.
    pub page: Page,
    display: Display,
    driver: Driver,
    program: PathBuf,
    home: PathBuf,
}

/// A running WebKitWebDriver; ends when dropped.
struct Driver {
    child: Child,
    port: u16,
}

impl Session {
    /// Starts the program on a workplace and waits until its page can be spoken to.
    pub async fn start(workplace: &Workplace) -> Self {
        Self::start_program(PROGRAM.into(), workplace).await
    }

    /// The same with another build of the program, such as an installed one.
    pub async fn start_program(program: PathBuf, workplace: &Workplace) -> Self {
        let display = Display::start();
        let driver = Driver::start(&display, workplace);
        let client = driver.connect(&program).await;
        let page = Page { client };
        Self {
            page,
            display,
            driver,
            program,
            home: workplace.home(),
        }
    }

    /// Closes the window as the cross in its title bar does, and waits until the program ended.
    pub async fn close(self) {
        let begun = Instant::now();
        let mut asked = 0;
        while !pids(&self.home).is_empty() {
            // As a person does who sees that nothing happened: a busy machine may let the first
            // request go by while the window is still being laid out. One that was heard all the same closes
            // in the same way as the first, and waits for the same calls.
            if begun.elapsed() >= Duration::from_secs(3 * asked) {
                self.display.close_windows("Begrip");
                asked += 1;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "the program does not end after its window was closed {asked} times: {}",
                super::workplace::log_of(&self.home)
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(asked > 0, "no program to close");
    }

    /// Ends the program as a power cut would, in whatever it is doing.
    pub async fn kill(self) {
        let found = pids(&self.home);
        assert!(!found.is_empty(), "no running program to kill");
        for pid in found {
            let status = Command::new("kill").args(["-9", &pid.to_string()]).status();
            assert!(status.expect("kill").success());
        }
        let home = self.home.clone();
        wait("the program is gone", || pids(&home).is_empty()).await;
    }

    /// Fails unless the program finds its own file undamaged.
    pub async fn has_a_sound_store(&self) {
        let report = self.page.call("doctor", Value::Null).await;
        let checks = report["checks"].as_array().expect("checks");
        let store = checks.iter().find(|check| check["name"] == "store");
        assert_eq!(store.expect("a check of the store")["ok"], true, "{report}");
    }

    /// Starts the program a second time on the same workplace and display; gives its exit code.
    pub async fn start_again(&self, workplace: &Workplace) -> Option<i32> {
        let mut second = Command::new(&self.program)
            .envs(workplace.environment())
            .env("DISPLAY", &self.display.name)
            .stdin(Stdio::null())
            .spawn()
            .expect("a second start");
        let begun = Instant::now();
        loop {
            if let Some(status) = second.try_wait().expect("a second start") {
                return status.code();
            }
            if begun.elapsed() > PATIENCE {
                let _ = second.kill();
                let _ = second.wait();
                panic!("the second start goes on as a program of its own");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A variable of the environment in which the process of the page began.
    pub fn variable_of_the_page(&self, name: &str) -> Option<String> {
        let home = format!("BEGRIP_HOME={}", self.home.display());
        let begins = format!("{name}=");
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let environment = processes
            .filter(|process| {
                let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
                name.starts_with("WebKitWebProc")
            })
            .filter_map(|process| fs::read(process.path().join("environ")).ok())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .find(|environment| environment.split('\0').any(|pair| pair == home))
            .expect("the page has a process");
        let mut pairs = environment.split('\0');
        pairs.find_map(|pair| pair.strip_prefix(&begins).map(ToOwned::to_owned))
    }

    /// How many programs run on this workplace.
    pub fn programs(&self) -> usize {
        pids(&self.home).len()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The driver leaves the program running when it ends itself.
        for pid in pids(&self.home) {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
        }
    }
}

impl Driver {
    fn start(display: &Display, workplace: &Workplace) -> Self {
        let port = begrip_postgres::free_port().expect("a port");
        let child = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            // The keyring and the bus of whoever runs the tests are none of theirs.
            .env_remove("BEGRIP_KEYRING")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env_remove("WAYLAND_DISPLAY")
            // The driver gives its own environment to the program that it starts.
            .envs(workplace.environment())
            .env("DISPLAY", &display.name)
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("WebKitWebDriver");
        Self { child, port }
    }

    async fn connect(&self, program: &std::path::Path) -> Client {
        let mut capabilities = Map::new();
        let options = json!({ "binary": program, "args": [] });
        capabilities.insert("webkitgtk:browserOptions".to_owned(), options);
        let address = format!("http://127.0.0.1:{}", self.port);
        let begun = Instant::now();
        // The driver needs a moment before it listens.
        loop {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.clone());
            // A driver whose program ended before it could be driven never answers.
            match tokio::time::timeout(PATIENCE, builder.connect(&address)).await {
                Ok(Ok(client)) => return client,
                Ok(Err(error)) if begun.elapsed() > PATIENCE => {
                    panic!("no window to drive: {error}")
                }
                Ok(Err(_)) => tokio::time::sleep(Duration::from_millis(100)).await,
                Err(_) => panic!("no window to drive: the program ended, or never came"),
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something is so; fails with what was waited for.
pub async fn wait(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Processes of the window's program that run on this home folder.
fn pids(home: &std::path::Path) -> Vec<u32> {
    let mark = format!("BEGRIP_HOME={}", home.display());
    fs::read_dir("/proc")
        .expect("/proc")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid: &u32| {
            let name = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
            let name = name
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            name.starts_with("begrip-desktop")
                && environment
                    .split(|byte| *byte == 0)
                    .any(|pair| pair == mark.as_bytes())
        })
        .collect()
}
