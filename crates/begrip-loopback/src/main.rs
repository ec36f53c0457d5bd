//! The host's program: `begrip-loopback [--home DIR] [--port N] [--ui DIR]`. Prints one line of
//! JSON with its address and token, then serves until it is stopped.

#[cfg(debug_assertions)]
mod program {
    use std::io::Write;
    use std::net::{Ipv4Addr, SocketAddr};
    use std::path::PathBuf;

    use anyhow::{Context, anyhow};
    use begrip_app::{App, OpenOptions};
    use begrip_loopback::{Host, router};
    use clap::Parser;

    /// Serves the screens and the command schema over loopback HTTP, for browser tests.
    #[derive(Parser)]
    struct Arguments {
        /// Folder with the data; a fresh one for each test.
        #[arg(long, env = "BEGRIP_HOME")]
        home: PathBuf,
        /// Port to listen on; 0 takes a free one.
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Folder with the built screens.
        #[arg(long, default_value = "ui/dist")]
        ui: PathBuf,
    }

    pub async fn run() -> anyhow::Result<()> {
        let arguments = Arguments::parse();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .context("listen")?;
        let port = listener.local_addr()?.port();
        let options = OpenOptions::at(&arguments.home);
        let app = tokio::task::spawn_blocking(move || App::open(options))
            .await?
            .map_err(|error| anyhow!("{error} ({})", error.detail))?;
        app.keep_jobs_going();
        let token = format!(
            "{}{}",
            uuid::Uuid::now_v7().simple(),
            uuid::Uuid::now_v7().simple()
        );
        let line = serde_json::json!({
            "url": format!("http://127.0.0.1:{port}/"),
            "token": token,
        });
        writeln!(std::io::stdout(), "{line}")?;
        let router = router(Host {
            app,
            screens: arguments.ui,
            token,
            port,
        });
        axum::serve(listener, router).await?;
        Ok(())
    }
}

#[cfg(debug_assertions)]
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    program::run().await
}

#[cfg(not(debug_assertions))]
fn main() -> std::process::ExitCode {
    eprintln!("begrip-loopback is for tests: it is not part of a release build");
    std::process::ExitCode::FAILURE
}
