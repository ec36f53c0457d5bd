//! One running program a home folder. Works without D-Bus: a lock file says who is first, a
//! local socket beside it lets a second start ask for the window.

use std::fs::{self, File, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use interprocess::local_socket::{
    ConnectOptions, GenericFilePath, GenericNamespaced, Listener, ListenerOptions, Name, ToFsName,
    ToNsName, traits::ListenerExt,
};

/// What a second start says. The first answers with the same word.
const SHOW: &[u8; 5] = b"show\n";

/// How long a second start waits for the first, in tenths of a second: the first may hold the
/// lock and still be on its way to its window.
const PATIENCE: u32 = 50;

/// A Unix socket's path has room for about a hundred bytes.
const LONGEST_SOCKET_PATH: usize = 100;

/// Which start this is.
pub enum Claim {
    /// No other program runs on this folder.
    First(First),
    /// Another one does, and shows its window now.
    Second,
    /// Another one does, and did not answer for five seconds.
    Silent(io::Error),
}

/// Holds the folder until it is dropped; the system drops it too when the program is killed.
pub struct First {
    _lock: File,
    listener: std::sync::Mutex<Option<Listener>>,
}

/// Claims `home`, making the folder when it is missing; where another program holds it, asks that
/// one to show its window. Waits at most five seconds for a program that is on its way to its window,
/// or out of it: what was killed lets its lock go last of all.
///
/// Errors: the folder or the lock file cannot be made. A socket that cannot be made is no error:
/// the program then runs, and only a second start is less helpful.
pub fn claim(home: &Path) -> io::Result<Claim> {
    fs::create_dir_all(home)?;
    let mut tries = 0;
    loop {
        if let Some(first) = hold(home)? {
            return Ok(Claim::First(first));
        }
        match ask(home) {
            Ok(()) => return Ok(Claim::Second),
            Err(error) if tries >= PATIENCE => return Ok(Claim::Silent(error)),
            Err(_) => {
                tries += 1;
                thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

/// Takes the lock, and with it the socket; nothing where another program has it.
fn hold(home: &Path) -> io::Result<Option<First>> {
    let lock = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(home.join("window.lock"))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Who holds the lock may sweep away the socket of a program that was killed.
    let _ = fs::remove_file(home.join("window.sock"));
    let listener = name(home)
        .and_then(|name| ListenerOptions::new().name(name).create_sync())
        .ok();
    Ok(Some(First {
        _lock: lock,
        listener: std::sync::Mutex::new(listener),
    }))
}

impl First {
    /// Calls `show` each time that a second start asks for the window. Works once; without a
    /// socket it does nothing.
    pub fn listen(&self, show: impl Fn() + Send + 'static) {
        let Some(listener) = self.listener.lock().ok().and_then(|mut slot| slot.take()) else {
            tracing::warn!("a second start cannot reach this window: no local socket");
            return;
        };
        let spawned = thread::Builder::new()
            .name("second-start".to_owned())
            .spawn(move || {
                for stream in listener.incoming() {
                    let Ok(mut stream) = stream else { continue };
                    let mut word = [0; SHOW.len()];
                    if stream.read_exact(&mut word).is_ok() && &word == SHOW {
                        tracing::info!("second start: the window comes to the front");
                        show();
                        let _ = stream.write_all(SHOW);
                    }
                }
            });
        if let Err(error) = spawned {
            tracing::warn!(%error, "a second start cannot reach this window");
        }
    }
}

/// Asks the program that holds `home` to show its window.
fn ask(home: &Path) -> io::Result<()> {
    let mut stream = ConnectOptions::new().name(name(home)?).connect_sync()?;
    stream.write_all(SHOW)?;
    let mut answer = [0; SHOW.len()];
    stream.read_exact(&mut answer)
}

/// The socket stands in the home folder, where only the user comes. Where a path is no name for
/// a socket (Windows) or too long, a name made from the path takes its place.
fn name(home: &Path) -> io::Result<Name<'static>> {
    let path = home.join("window.sock");
    if cfg!(unix) && path.as_os_str().len() <= LONGEST_SOCKET_PATH {
        return path.to_fs_name::<GenericFilePath>();
    }
    let mut hasher = DefaultHasher::new();
    home.hash(&mut hasher);
    format!("nl.begrip.desktop.{:016x}", hasher.finish()).to_ns_name::<GenericNamespaced>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_second_start_shows_the_first_ones_window() {
        let home = tempfile::tempdir().unwrap();
        let Claim::First(first) = claim(home.path()).unwrap() else {
            panic!("nobody else runs here")
        };
        let (shown, asked) = mpsc::channel();
        first.listen(move || shown.send(()).unwrap());

        assert!(matches!(claim(home.path()).unwrap(), Claim::Second));
        asked.recv_timeout(Duration::from_secs(10)).unwrap();
    }

    #[test]
    fn a_killed_program_leaves_nothing_that_keeps_the_next_one_out() {
        let home = tempfile::tempdir().unwrap();
        // What a killed program leaves behind: a lock file that nobody holds, a dead socket.
        fs::write(home.path().join("window.lock"), "").unwrap();
        fs::write(home.path().join("window.sock"), "").unwrap();
        let Claim::First(first) = claim(home.path()).unwrap() else {
            panic!("the dead program still holds the folder")
        };
        let (shown, asked) = mpsc::channel();
        first.listen(move || shown.send(()).unwrap());
        ask(home.path()).unwrap();
        asked.recv_timeout(Duration::from_secs(10)).unwrap();
    }

    #[test]
    fn who_starts_while_the_one_before_is_on_its_way_out_comes_in_after_it() {
        let home = tempfile::tempdir().unwrap();
        let Claim::First(first) = claim(home.path()).unwrap() else {
            panic!("nobody else runs here")
        };
        // It listens no more, and lets go a moment later: as a program does that was killed.
        drop(first.listener.lock().unwrap().take());
        let leaving = thread::spawn(move || {
            thread::sleep(Duration::from_millis(300));
            drop(first);
        });
        assert!(matches!(claim(home.path()).unwrap(), Claim::First(_)));
        leaving.join().unwrap();
    }

    #[test]
    fn a_long_path_still_has_a_name() {
        let home = tempfile::tempdir().unwrap();
        let deep = home.path().join("x".repeat(120));
        let Claim::First(first) = claim(&deep).unwrap() else {
            panic!("nobody else runs here")
        };
        let (shown, asked) = mpsc::channel();
        first.listen(move || shown.send(()).unwrap());
        ask(&deep).unwrap();
        asked.recv_timeout(Duration::from_secs(10)).unwrap();
    }

    #[test]
    fn two_homes_do_not_know_each_other() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = claim(one.path()).unwrap();
        assert!(matches!(first, Claim::First(_)));
        assert!(matches!(claim(two.path()).unwrap(), Claim::First(_)));
    }
}
