//! What the figures were measured on, and what a process takes.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Serialize;

/// The machine and the program, as far as the system tells.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// The processor's name.
    pub cpu: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// Memory in MB (10⁶ bytes).
    pub memory_mb: f64,
    /// The system's name and version.
    pub os: String,
    /// The kernel.
    pub kernel: String,
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        let after = |path: &str, name: &str, sign: char| {
            fs::read_to_string(path).ok().and_then(|text| {
                let line = text.lines().find(|line| line.starts_with(name))?;
                Some(line.split_once(sign)?.1.trim().trim_matches('"').to_owned())
            })
        };
        let unknown = || "unknown".to_owned();
        let kilobytes =
            after("/proc/meminfo", "MemTotal", ':').and_then(|text| first_number(&text));
        Self {
            cpu: after("/proc/cpuinfo", "model name", ':').unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_mb: (kilobytes.unwrap_or(0.0) * 1.024 / 1_000.0).round(),
            os: after("/etc/os-release", "PRETTY_NAME", '=')
                .unwrap_or_else(|| std::env::consts::OS.to_owned()),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")
                .map_or_else(|_| unknown(), |text| text.trim().to_owned()),
        }
    }
}

/// How busy the machine is: processes that want to run, over 1, 5 and 15 minutes.
pub fn load() -> Option<[f64; 3]> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    let mut numbers = text.split_whitespace().map_while(|word| word.parse().ok());
    Some([numbers.next()?, numbers.next()?, numbers.next()?])
}

/// The commit that is checked out, short; and whether a source differs from it.
pub fn commit(root: &Path) -> (String, bool) {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(root)
            .output();
        output
            .ok()
            .filter(|output| output.status.success())
            .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let head = git(&["rev-parse", "--short", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    let changed = git(&[
        "status",
        "--porcelain",
        "--untracked-files=no",
        "--",
        "crates",
        "src-tauri",
        "Cargo.lock",
    ]);
    (head, changed.is_none_or(|text| !text.is_empty()))
}

/// Memory of a process in MB (10⁶ bytes): its own pages, and its share of those it shares (PSS).
pub fn pss_mb(pid: &str) -> Option<f64> {
    rolled_up(pid, "Pss:")
}

/// Memory of a process in MB (10⁶ bytes) with all that it shares (RSS).
pub fn rss_mb(pid: &str) -> Option<f64> {
    rolled_up(pid, "Rss:")
}

/// Memory of a process in MB (10⁶ bytes) that no file stands behind: heaps, stacks, what was asked of the system.
pub fn anonymous_mb(pid: &str) -> Option<f64> {
    rolled_up(pid, "Pss_Anon:")
}

fn rolled_up(pid: &str, name: &str) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    first_number(line.strip_prefix(name)?).map(|kilobytes| kilobytes * 1.024 / 1_000.0)
}

/// The time that all threads of this process have had on a processor, in seconds: waiting for other processes
/// is not counted.
pub fn cpu_s() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn first_number(text: &str) -> Option<f64> {
    text.split_whitespace().next()?.parse().ok()
}
