//! A PostgreSQL of the project's own and the programs that serve on it, for tests and development; never shipped.
//!
//! A [`Cluster`] lives in a temporary folder, listens on a socket in that folder alone, and ends with
//! the program that started it, however that ends: a shell stands between the two and waits for the
//! end of its standard input. As root, PostgreSQL runs as another user, because it refuses root.

mod serving;

use std::io::{self, Error};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub use serving::Serving;

/// Names a running cluster to the programs that a chore starts: the folder of its socket.
pub const VARIABLE: &str = "BEGRIP_TEST_POSTGRES";

/// How long PostgreSQL may take to start again after it was killed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until nobody holds its input any more, then stops PostgreSQL (`$@`) and removes its folder. Ctrl-C reaches
/// every program at a terminal but not PostgreSQL, which would go on for good without this one.
const BETWEEN: &str = r#"trap '' INT HUP QUIT TERM
folder=$1; shift; cat > /dev/null; "$@" > /dev/null 2>&1; rm -rf "$folder""#;

/// A running PostgreSQL.
#[derive(Debug)]
pub struct Cluster {
    socket: PathBuf,
    port: u16,
    /// What this program started itself; nothing when another one did.
    own: Option<Own>,
}

#[derive(Debug)]
struct Own {
    between: Child,
    folder: TempDir,
    /// With what it is started each time.
    options: String,
}

/// What a cluster shows to whoever connects by TLS, as PEM.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// Its certificate.
    pub certificate: &'a str,
    /// The key of that.
    pub key: &'a str,
}

/// The port of a cluster that nobody reaches by the network: only its socket's name has it.
const PORT: u16 = 5432;

/// A database for one test; removed when it is dropped.
#[derive(Debug)]
pub struct Database<'a> {
    cluster: &'a Cluster,
    /// Its name.
    pub name: String,
}

/// Whether there is a PostgreSQL on this machine to start.
pub fn is_installed() -> bool {
    ["initdb", "pg_ctl", "postgres", "psql"]
        .iter()
        .all(|name| program(name).is_ok())
}

/// A port of this machine that nobody gets by asking for any: it may be taken some seconds from now. `None` when
/// all that are looked at are taken.
pub fn free_port() -> Option<u16> {
    let begin = std::process::id();
    (0..10_000)
        .map(|more| 20_000 + ((begin + more) % 10_000) as u16)
        .find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
}

impl Cluster {
    /// The cluster that [`VARIABLE`] names, or else a new one.
    ///
    /// Errors: PostgreSQL is not installed, or does not start.
    pub fn at_hand() -> io::Result<Self> {
        match std::env::var_os(VARIABLE) {
            Some(socket) => Ok(Self::of(socket.into())),
            None => Self::start(),
        }
    }

    /// The cluster of another program, by the folder of its socket.
    pub fn of(socket: PathBuf) -> Self {
        Self {
            socket,
            port: PORT,
            own: None,
        }
    }

    /// The same, which can be reached at `localhost` too, by TLS alone with this certificate.
    ///
    /// Errors: PostgreSQL is not installed, or does not start.
    pub fn start_with_tls(identity: Identity<'_>) -> io::Result<Self> {
        let free = free_port().ok_or_else(|| io::Error::other("no port is free"))?;
        Self::begin(free, Some(identity))
    }

    /// Starts a new cluster with the roles `begrip_owner` and `begrip_server`.
    ///
    /// Errors: PostgreSQL is not installed, or does not start.
    pub fn start() -> io::Result<Self> {
        Self::begin(PORT, None)
    }

    fn begin(port: u16, identity: Option<Identity<'_>>) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("begrip-pg-").tempdir()?;
        let data = folder.path().join("data");
        if is_root() {
            run(Command::new("chown").arg(unprivileged()).arg(folder.path()))?;
        }
        run(as_user("initdb")?
            .arg("--pgdata")
            .arg(&data)
            .args([
                "--username",
                "postgres",
                "--auth",
                "trust",
                "--encoding",
                "UTF8",
            ])
            .args(["--locale", "C", "--no-sync"]))?;
        let mut options = format!(
            "-c unix_socket_directories={} -c port={port} -c fsync=off -c max_connections=200",
            folder.path().display()
        );
        match identity {
            None => options.push_str(" -c listen_addresses="),
            Some(identity) => {
                put(&data.join("server.crt"), identity.certificate)?;
                put(&data.join("server.key"), identity.key)?;
                // Nobody comes in over the network without TLS.
                let who = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
                put(&data.join("pg_hba.conf"), who)?;
                options.push_str(" -c listen_addresses=127.0.0.1 -c ssl=on");
            }
        }
        start_on(folder.path(), &options)?;
        let cluster = Self {
            socket: folder.path().to_owned(),
            port,
            own: Some(Own {
                between: stop_at_the_end(folder.path())?,
                folder,
                options,
            }),
        };
        cluster.sql(
            "postgres",
            "CREATE ROLE begrip_owner LOGIN; CREATE ROLE begrip_server LOGIN",
        )?;
        Ok(cluster)
    }

    /// The folder of the socket, for [`VARIABLE`].
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The address of a database for a role.
    pub fn url(&self, role: &str, database: &str) -> String {
        let socket = self.socket.to_string_lossy().replace('/', "%2F");
        format!("postgresql://{role}@{socket}:{}/{database}", self.port)
    }

    /// The port of a cluster that [`Cluster::start_with_tls`] made.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it wrote into its log so far.
    ///
    /// Error: another program's cluster has its log elsewhere.
    pub fn log(&self) -> io::Result<String> {
        let bytes = std::fs::read(self.own()?.folder.path().join("log"))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Runs SQL as the administrator of PostgreSQL; what it gives, a row a line.
    ///
    /// Error: what PostgreSQL says of it.
    pub fn sql(&self, database: &str, sql: &str) -> io::Result<String> {
        self.sql_as("postgres", database, sql)
    }

    fn sql_as(&self, role: &str, database: &str, sql: &str) -> io::Result<String> {
        let output = run(Command::new(program("psql")?)
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--set", "ON_ERROR_STOP=1", "--username", role])
            .arg("--host")
            .arg(&self.socket)
            .args(["--port", &self.port.to_string()])
            .args(["--dbname", database, "--command", sql]))?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// A new, empty database that belongs to `begrip_owner`.
    ///
    /// Error: what PostgreSQL says of it.
    pub fn database(&self) -> io::Result<Database<'_>> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        self.sql(
            "postgres",
            &format!("CREATE DATABASE {name} OWNER begrip_owner"),
        )?;
        Ok(Database {
            cluster: self,
            name,
        })
    }

    /// Stops PostgreSQL; [`Cluster::go_on`] starts it again.
    ///
    /// Error: another program's cluster is not ours to stop.
    pub fn stop(&self) -> io::Result<()> {
        run(&mut stop_on(self.own()?.folder.path())?).map(drop)
    }

    /// Starts PostgreSQL again on the same data.
    ///
    /// Errors: another program's cluster; it does not start.
    pub fn go_on(&self) -> io::Result<()> {
        let own = self.own()?;
        start_on(own.folder.path(), &own.options)
    }

    fn own(&self) -> io::Result<&Own> {
        let own = self.own.as_ref();
        own.ok_or_else(|| Error::other("this cluster belongs to another program"))
    }

    /// Kills PostgreSQL as a power cut would, and starts it again on the same data.
    ///
    /// Errors: another program's cluster is not ours to kill; it does not start again.
    pub fn kill_and_restart(&self) -> io::Result<()> {
        let own = self.own()?;
        let pids = std::fs::read_to_string(own.folder.path().join("data/postmaster.pid"))?;
        let pid = pids.lines().next().unwrap_or_default();
        run(Command::new("kill").args(["-KILL", pid]))?;
        let begun = Instant::now();
        // What it leaves behind ends by itself, and is in the way until then.
        loop {
            match start_on(own.folder.path(), &own.options) {
                Err(error) if begun.elapsed() > PATIENCE => return Err(error),
                Ok(()) => return Ok(()),
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        drop(self.between.stdin.take());
        // It removes the folder as well.
        let _ = self.between.wait();
    }
}

impl Database<'_> {
    /// Its address for a role.
    pub fn url(&self, role: &str) -> String {
        self.cluster.url(role, &self.name)
    }

    /// A copy of it as it stands, as a backup would be. Nobody may be connected to it.
    ///
    /// Error: what PostgreSQL says of it.
    pub fn copy(&self) -> io::Result<Self> {
        let name = format!("{}_copy", self.name);
        let sql = format!(
            "CREATE DATABASE {name} TEMPLATE {} OWNER begrip_owner",
            self.name
        );
        self.cluster.sql("postgres", &sql)?;
        Ok(Self {
            cluster: self.cluster,
            name,
        })
    }

    /// Runs SQL in it as the administrator of PostgreSQL; what it gives, a row a line.
    ///
    /// Error: what PostgreSQL says of it.
    pub fn sql(&self, sql: &str) -> io::Result<String> {
        self.cluster.sql(&self.name, sql)
    }

    /// Runs SQL in it with a role.
    ///
    /// Error: what PostgreSQL says of it.
    pub fn sql_as(&self, role: &str, sql: &str) -> io::Result<String> {
        self.cluster.sql_as(role, &self.name, sql)
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A cluster that is gone took it along.
        let _ = self.cluster.sql("postgres", &sql);
    }
}

/// Writes a file that is PostgreSQL's alone.
fn put(path: &Path, text: &str) -> io::Result<()> {
    std::fs::write(path, text)?;
    run(Command::new("chmod").arg("600").arg(path))?;
    if is_root() {
        run(Command::new("chown").arg(unprivileged()).arg(path))?;
    }
    Ok(())
}

fn start_on(folder: &Path, options: &str) -> io::Result<()> {
    run(as_user("pg_ctl")?
        .arg("--pgdata")
        .arg(folder.join("data"))
        .args(["--wait", "--silent", "--options", options, "--log"])
        .arg(folder.join("log"))
        .arg("start")
        // It goes on in the background and would hold them.
        .stdout(Stdio::null())
        .stderr(Stdio::null()))
    .map(drop)
}

fn stop_on(folder: &Path) -> io::Result<Command> {
    let mut stop = as_user("pg_ctl")?;
    stop.arg("--pgdata")
        .arg(folder.join("data"))
        .args(["--mode", "immediate", "stop"]);
    Ok(stop)
}

fn stop_at_the_end(folder: &Path) -> io::Result<Child> {
    let stop = stop_on(folder)?;
    Command::new("sh")
        .args(["-c", BETWEEN, "sh"])
        .arg(folder)
        .arg(stop.get_program())
        .args(stop.get_args())
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// Runs a program to its end. Error: it fails; what it says goes along.
fn run(command: &mut Command) -> io::Result<Output> {
    let output = command.stdin(Stdio::null()).current_dir("/").output()?;
    match output.status.success() {
        true => Ok(output),
        false => Err(Error::other(format!(
            "{}: {}{}",
            command.get_program().to_string_lossy(),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ))),
    }
}

/// A program of PostgreSQL, run as somebody who is not root.
fn as_user(name: &str) -> io::Result<Command> {
    let program = program(name)?;
    if !is_root() {
        return Ok(Command::new(program));
    }
    let user = unprivileged();
    let mut command = Command::new("setpriv");
    let group = run(Command::new("id").args(["-g", user]))?.stdout;
    let group = String::from_utf8_lossy(group.trim_ascii()).into_owned();
    command.args(["--reuid", user, "--regid", &group, "--clear-groups"]);
    command.arg(program);
    Ok(command)
}

/// Where Debian puts the programs of a version that are not on the path.
const DEBIAN: &str = "/usr/lib/postgresql";

fn program(name: &str) -> io::Result<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    let versions = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    places.extend(versions.map(|version| version.path().join("bin")));
    let found = places
        .into_iter()
        .map(|place| place.join(name))
        .find(|path| path.is_file());
    found.ok_or_else(|| {
        Error::new(
            io::ErrorKind::NotFound,
            format!("{name} is not installed; on Debian and Ubuntu: apt-get install postgresql"),
        )
    })
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Debian's package makes the user `postgres`; `nobody` is everywhere.
fn unprivileged() -> &'static str {
    let known = |user: &str| {
        let output = Command::new("id").args(["-g", user]).output();
        output.is_ok_and(|output| output.status.success())
    };
    if known("postgres") {
        "postgres"
    } else {
        "nobody"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_there_while_it_is_held_and_outlives_a_kill() {
        let cluster = Cluster::start().unwrap();
        let database = cluster.database().unwrap();
        database
            .sql("CREATE TABLE t (n integer); INSERT INTO t VALUES (7)")
            .unwrap();
        cluster.kill_and_restart().unwrap();
        assert_eq!(database.sql("SELECT n FROM t").unwrap().trim(), "7");
        assert!(database.sql("SELECT nonsense").is_err());
        let (name, socket) = (database.name.clone(), cluster.socket().to_owned());
        drop(database);
        let count = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
        assert_eq!(cluster.sql("postgres", &count).unwrap().trim(), "0");
        drop(cluster);
        assert!(!socket.exists(), "it leaves nothing behind");
    }
}
