//! From start to an orderly end.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use begrip_journal::Journal;
use begrip_telemetry::Telemetry;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::events::{self, Events};
use crate::figures::Figures;
use crate::gateway::Gateway;
use crate::health::{self, Health};
use crate::identity::Identity;
use crate::jobs::Jobs;
use crate::pace::Pace;
use crate::routes::{Node, router};
use crate::rules::Rules;
use crate::settings::Settings;
use crate::token::Tokens;
use crate::{connections, database, jobs, lines, migrate, panics};

/// How long the last steps and errors have to leave.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// Serves until the program is told to stop; then lets whoever is busy finish.
pub async fn serve(mut settings: Settings) -> Result<()> {
    let filter = EnvFilter::new(format!("begrip_server={0},begrip_openid={0}", settings.log));
    let journal = Journal::new("begrip-server", env!("CARGO_PKG_VERSION"), std::io::stderr);
    let telemetry = Telemetry::default();
    tracing_subscriber::registry()
        .with(journal.with_filter(filter))
        .with((!settings.telemetry.none()).then(|| telemetry.listen()))
        .init();
    let figures = Arc::new(Figures::new()?);
    let told = (!settings.telemetry.none()).then(|| telemetry.clone());
    panics::count(figures.panics.clone(), told);
    telemetry.send_to(std::mem::take(&mut settings.telemetry));
    let pool = database::pool(&settings)?;
    {
        let client = pool
            .get()
            .await
            .context("de database is niet bereikbaar (database_url)")?;
        migrate::check(&client).await?;
        database::check_role(&client).await?;
    }
    let tls = settings.certificate.as_ref();
    let tls = tls.map(connections::tls).transpose()?;
    // A node that cannot be reached takes up no work.
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("listen: {} kan niet worden gebruikt", settings.listen))?;
    let identity = settings.openid.as_ref().map(Identity::new).transpose()?;
    let settings = Arc::new(settings);
    let stop = CancellationToken::new();
    let gateway = Gateway::open(&settings, &pool, &stop)?;
    let node = Arc::new(Node {
        pool,
        tokens: Arc::new(Tokens::new(identity)),
        events: Arc::new(Events::default()),
        figures,
        health: Health::default(),
        pace: Pace::new(settings.rate_user, settings.rate_organisation),
        lines: Arc::default(),
        gateway,
        jobs: Jobs::new(settings.jobs),
        rules: Rules::new(),
        stop,
    });
    let hearing = tokio::spawn(events::hear(
        Arc::clone(&settings),
        Arc::clone(&node.events),
        Arc::clone(&node.tokens),
        node.stop.clone(),
    ));
    let watching = tokio::spawn(health::watch(Arc::clone(&node)));
    let working = tokio::spawn(jobs::work(Arc::clone(&node), settings.stop));
    let keeping = tokio::spawn(jobs::keep(Arc::clone(&node)));
    let looking = tokio::spawn(lines::keep(Arc::clone(&node)));
    tell_address(&listener, tls.is_some())?;
    let app = router(Arc::clone(&node), &settings);
    let stop = node.stop.clone();
    tokio::spawn(async move {
        asked_to_stop().await;
        tracing::info!("stopping");
        stop.cancel();
    });
    let open = node.figures.callers.clone();
    let beyond = node.figures.beyond.clone();
    let stop = node.stop.clone();
    let serving = connections::serve(listener, settings.doors, tls, app, open, beyond, stop);
    tokio::select! {
        () = serving => {}
        () = patience(&node.stop, settings.stop) => tracing::warn!("somebody was still busy"),
    }
    // Rows of jobs have their time to end first.
    working.await?;
    node.gateway.close().await;
    hearing.await?;
    watching.await?;
    keeping.await?;
    looking.await?;
    // Blocks for a moment at most, when nothing else is left to do.
    telemetry.finish(LAST_WORDS);
    Ok(())
}

/// Ends a while after the program was told to stop.
async fn patience(stop: &CancellationToken, patience: Duration) {
    stop.cancelled().await;
    tokio::time::sleep(patience).await;
}

/// One line on standard output: where it listens, for whoever chose port 0.
fn tell_address(listener: &TcpListener, tls: bool) -> Result<()> {
    let scheme = if tls { "https" } else { "http" };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{scheme}://{}", listener.local_addr()?)?;
    Ok(out.flush()?)
}

async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminate) = terminate {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
