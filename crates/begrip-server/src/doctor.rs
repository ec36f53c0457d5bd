//! Looking everything over.
#![expect(clippy::print_stdout, reason = "speaks to an operator at a terminal")]

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::refusal::told;
use crate::settings::Settings;
use crate::{database, migrate, trail};

/// Checks what a start checks and prints what it finds; fails when something is not in order.
pub async fn doctor(settings: &Settings) -> Result<ExitCode> {
    let mut sound = true;
    let mut tell = |name: &str, found: Result<String>| match found {
        Ok(found) => println!("goed  {name}: {found}"),
        Err(error) => {
            sound = false;
            println!("FOUT  {name}: {}", told(&error));
        }
    };
    let pool = database::pool(settings)?;
    match pool.get().await.context("niet bereikbaar (database_url)") {
        Err(error) => tell("database", Err(error)),
        Ok(client) => {
            let version = client.query_one("SHOW server_version", &[]).await?;
            tell(
                "database",
                Ok(format!("PostgreSQL {}", version.get::<_, &str>(0))),
            );
            let tables = migrate::check(&client).await;
            let there = tables.is_ok();
            tell("tabellen", tables.map(|()| "bij".to_owned()));
            let role = database::check_role(&client).await;
            tell(
                "rol",
                role.map(|()| "ziet alleen wat een organisatie mag zien".to_owned()),
            );
            if there {
                let row = client
                    .query_one("SELECT epoch, sequence FROM server", &[])
                    .await?;
                let (epoch, sequence): (uuid::Uuid, i64) = (row.get(0), row.get(1));
                tell("wijzigingen", Ok(format!("{sequence} (tijdperk {epoch})")));
                let found = trail::check(&client).await;
                let whole = found.map(|(count, hash)| format!("{count} regels, tot {hash}"));
                tell("logboek", whole);
            }
        }
    }
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
