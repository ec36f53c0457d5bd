//! The container image: what is in it, as whom it runs, and that it serves.
//!
//! `cargo xtask image` makes it and names its archive in `BEGRIP_TEST_IMAGE`; without that variable there is nothing
//! to test, and the test says so.
#![allow(
    clippy::print_stdout,
    reason = "a test that has nothing to test says why"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::homes::Running;
use crate::support::{Site, cluster, wait_for};

/// Nobody in particular.
const USER: &str = "65532:65532";

/// The public certificate authorities.
const AUTHORITIES: &str = "etc/ssl/certs/ca-certificates.crt";

/// Where models are said to be. Without authorities a server that may ask one could not start, not even for one nearby.
const GATEWAY: &str = "run/gateway.toml";

/// Where PostgreSQL's socket is for whoever lives in the image.
const SOCKET: &str = "run/.s.PGSQL.5432";

/// An image, unpacked.
struct Image {
    root: PathBuf,
    config: Value,
}

fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

impl Image {
    fn unpack(archive: &Path, folder: &Path) -> Self {
        let unpack = |archive: &Path, into: &Path| {
            fs::create_dir_all(into).unwrap();
            done(
                Command::new("tar")
                    .arg("-xf")
                    .arg(archive)
                    .arg("-C")
                    .arg(into),
            );
        };
        let parts = folder.join("parts");
        unpack(archive, &parts);
        let manifest = read(&parts.join("manifest.json"))[0].take();
        let root = folder.join("root");
        for layer in manifest["Layers"].as_array().unwrap() {
            unpack(&parts.join(layer.as_str().unwrap()), &root);
        }
        let config = read(&parts.join(manifest["Config"].as_str().unwrap()));
        Self {
            root,
            config: config["config"].clone(),
        }
    }

    fn words(&self, of: &Value) -> Vec<String> {
        let words = of.as_array().unwrap().iter();
        words
            .map(|word| word.as_str().unwrap().to_owned())
            .collect()
    }

    /// A command inside, as an engine would start it: with the image's environment, and what the operator adds.
    fn inside(&self, database: &str, port: u16, words: &[String]) -> Command {
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--propagation", "private", "sh", "-c"])
            .arg(r#"mount --bind "$1" "$2" && shift 2 && exec "$@""#)
            .arg("sh")
            .arg(cluster().socket().join(".s.PGSQL.5432"))
            .arg(self.root.join(SOCKET))
            .args(["chroot", "--userspec", USER])
            .arg(&self.root)
            .args(words);
        let path = std::env::var_os("PATH").unwrap();
        command.env_clear().env("PATH", path);
        for set in self.words(&self.config["Env"]) {
            let (name, value) = set.split_once('=').unwrap();
            if name != "PATH" {
                command.env(name, value);
            }
        }
        command
            .env(
                "BEGRIP_SERVER_DATABASE_URL",
                format!("postgresql://begrip_server@%2Frun/{database}"),
            )
            .env("BEGRIP_SERVER_LISTEN", format!("127.0.0.1:{port}"))
            .env("BEGRIP_SERVER_GATEWAY", format!("/{GATEWAY}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_image_holds_one_static_program_that_serves_as_nobody_in_particular() {
    let Some(archive) = std::env::var_os("BEGRIP_TEST_IMAGE") else {
        println!("skipped: BEGRIP_TEST_IMAGE names no image (`cargo xtask image` makes one)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let image = Image::unpack(Path::new(&archive), folder.path());
    let files = done(Command::new("find").arg(&image.root).args(["-type", "f"]));
    let mut files: Vec<&str> = files.lines().collect();
    files.sort_unstable();
    let program = image.root.join("begrip-server");
    let both =
        [&program, &image.root.join(AUTHORITIES)].map(|path| path.to_str().unwrap().to_owned());
    assert_eq!(files, both, "and nothing else");
    let ldd = Command::new("ldd").arg(&program).output().unwrap();
    let told = format!(
        "{:?} {:?}",
        ldd.stdout.escape_ascii().to_string(),
        ldd.stderr.escape_ascii().to_string()
    );
    let is_static = ["statically linked", "not a dynamic executable"];
    assert!(is_static.iter().any(|words| told.contains(words)), "{told}");
    assert_eq!(image.config["User"], USER);
    if done(Command::new("id").arg("-u")).trim() != "0" {
        println!("NOT TRIED: that it serves. Only root can start a program in another root.");
        return;
    }

    // An engine mounts what it is told to; here the socket of the database.
    fs::set_permissions(&image.root, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(image.root.join("run")).unwrap();
    fs::write(image.root.join(SOCKET), "").unwrap();
    let gateway = "[[upstream]]\nname = 'een'\nurl = 'http://127.0.0.1:9/v1'\nmodels = ['groot']\n";
    fs::write(image.root.join(GATEWAY), gateway).unwrap();
    let (site, port) = (Site::new(), begrip_postgres::free_port().unwrap());
    let words = |of: &str| image.words(&image.config[of]);
    let serve = [words("Entrypoint"), words("Cmd")].concat();
    let inside = |words: &[String]| image.inside(&site.database.name, port, words);
    let running = Running(inside(&serve).spawn().unwrap());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let ready = format!("http://127.0.0.1:{port}/health/ready");
    wait_for("the server in the image", || async {
        let asked = http.get(&ready).send().await;
        asked.is_ok_and(|told| told.status() == 200)
    })
    .await;
    let status = fs::read_to_string(format!("/proc/{}/status", running.0.id())).unwrap();
    let user = status
        .lines()
        .find(|line| line.starts_with("Uid:"))
        .unwrap();
    assert_eq!(user, "Uid:\t65532\t65532\t65532\t65532");
    // `CMD`, and the words of the health check.
    let check = image.words(&image.config["Healthcheck"]["Test"]);
    assert_eq!(check[0], "CMD");
    assert!(inside(&check[1..]).status().unwrap().success());
    drop(running);
    assert!(
        !inside(&check[1..]).status().unwrap().success(),
        "nobody answers any more"
    );
}
