//! Ends what the chain started, however the chain itself ends.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// Reads the numbers of programs until nobody holds its input any more, then kills them and removes the folder.
/// Ctrl-C reaches every program at a terminal: this one goes on, or nobody would clean up. Without a word that the
/// end was in order a command may have been under way, which writes for a moment longer: it looks again.
const KEEP: &str = r#"trap '' INT HUP QUIT TERM
while read -r said; do
  case $said in
    done) looks=2 ;;
    *) pids="$pids $said" ;;
  esac
done
[ -z "$pids" ] || kill -KILL $pids 2> /dev/null
for look in $(seq "${looks:-10}"); do
  [ "$look" = 1 ] || sleep 0.5
  rm -rf "$1"
done"#;

/// Who kills the programs that it was told of and removes a folder, when this program ends or drops it.
pub struct Keeper {
    shell: Child,
}

impl Keeper {
    /// For everything in a folder.
    pub fn of(folder: &Path) -> Result<Self> {
        let shell = Command::new("sh")
            .args(["-c", KEEP, "sh"])
            .arg(folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("sh cannot be started")?;
        Ok(Self { shell })
    }

    /// Has it end this program too.
    pub fn mind(&mut self, child: &Child) -> Result<()> {
        let input = self.shell.stdin.as_mut();
        let input = input.context("it takes no more")?;
        writeln!(input, "{}", child.id()).context("who cleans up is gone")
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some(mut input) = self.shell.stdin.take() {
            // Without it, it only takes longer.
            let _ = writeln!(input, "done");
        }
        // Whoever waits for this program finds nothing left.
        let _ = self.shell.wait();
    }
}
