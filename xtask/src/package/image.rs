//! The container image of the server: one static program, the public certificate authorities and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::tell;
use crate::shell::{UNIFIED, cargo, command, has, root, run, target};
use crate::system;

/// For whom the static program is built; the Containerfile says the same.
const TARGET: &str = "x86_64-unknown-linux-musl";

/// The public certificate authorities, here as in the Containerfile's first stage.
const AUTHORITIES: &str = "etc/ssl/certs/ca-certificates.crt";

/// Builds the static program on this machine, lays it into an image by `deploy/server/Containerfile`, and tests that
/// the image serves. Needs no engine and no registry: `buildah` takes the program from here in the place of the
/// Containerfile's first stage, which would build it from the same sources. Gives the image's archive.
///
/// Errors: this is another kind of machine, a program is missing, or the image does not do what it must.
pub fn image(yes: bool) -> Result<PathBuf> {
    ensure!(
        cfg!(all(target_os = "linux", target_arch = "x86_64")),
        "the image is for Linux on x86-64"
    );
    system::ensure(&[system::IMAGE, system::DATABASE], yes)?;
    if has("rustup") {
        run(&mut command("rustup", ["target", "add", TARGET]))?;
    }
    run(&mut cargo([
        "build",
        "--locked",
        "--release",
        "--package",
        "begrip-server",
        "--target",
        TARGET,
    ]))?;
    let program = format!("{TARGET}/release/begrip-server");
    let folder = target().join("image");
    // An earlier image must not be taken for this one.
    let _ = fs::remove_dir_all(&folder);
    // As the first stage has it.
    let stage = folder.join("stage");
    let there = stage.join("begrip/target").join(&program);
    fs::create_dir_all(there.parent().context("a file stands in a folder")?)?;
    fs::copy(target().join(&program), &there).context(program)?;
    tell(&there)?;
    let authorities = stage.join(AUTHORITIES);
    fs::create_dir_all(authorities.parent().context("a file stands in a folder")?)?;
    fs::copy(Path::new("/").join(AUTHORITIES), &authorities).context(AUTHORITIES)?;
    let archive = folder.join(format!("begrip-server_{}.tar", env!("CARGO_PKG_VERSION")));
    let name = concat!("begrip-server:", env!("CARGO_PKG_VERSION"));
    let buildah = |arguments: &[&str]| {
        // Of its own, in a folder: nothing of an engine on this machine is touched.
        let mut buildah = command("buildah", ["--storage-driver", "vfs", "--root"]);
        buildah
            .arg(folder.join("storage"))
            .arg("--runroot")
            .arg(folder.join("run"));
        buildah.args(arguments);
        buildah
    };
    let context = format!("build={}", stage.display());
    let containerfile = root().join("deploy/server/Containerfile");
    let mut build = buildah(&["build", "--isolation", "chroot", "--format", "docker"]);
    build.args(["--build-context", &context, "--tag", name, "--file"]);
    run(build.arg(containerfile).arg(&stage))?;
    run(buildah(&["push", name]).arg(format!("docker-archive:{}:{name}", archive.display())))?;
    tell(&archive)?;
    let mut test = cargo(["test"]);
    test.args(UNIFIED)
        .args(["--test", "server", "image::", "--", "--nocapture"]);
    run(test.env("BEGRIP_TEST_IMAGE", &archive))?;
    match system::is_root() {
        true => {
            println!("tried: what is in the image, and that it serves as a user who may do nothing")
        }
        false => println!(
            "tried: what is in the image. NOT TRIED, because only root can: that it serves, as whom, and its health \
             check. Run `cargo xtask image` as root for that."
        ),
    }
    Ok(archive)
}
