//! What was spent: for an organisation by address, for the operator on the command line.
#![expect(
    clippy::print_stdout,
    reason = "the report speaks to an operator at a terminal"
)]

use std::sync::Arc;

use anyhow::{Result, bail};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use clap::Args;
use serde_json::{Value, json};
use tokio_postgres::error::SqlState;

use super::Fault;
use crate::refusal::Refusal;
use crate::routes::{Caller, Node};
use crate::settings::Settings;
use crate::{administration, database, sharing};

/// A euro, as the database counts money.
const EURO: f64 = 1_000_000.0;

/// `GET /v1/usage`: what the caller's organisation spent this month, and may spend.
pub async fn usage(State(node): State<Arc<Node>>, caller: Caller) -> Result<Response, Fault> {
    Ok(axum::Json(of_organisation(&node, &caller).await?).into_response())
}

async fn of_organisation(node: &Node, caller: &Caller) -> Result<Value, Refusal> {
    let mut client = node.pool.get().await?;
    let transaction = client.transaction().await?;
    sharing::as_organisation(&transaction, &caller.0).await?;
    let spent = "SELECT to_char(day, 'YYYY-MM-DD'), calls, tokens, micros FROM spending \
                 WHERE day >= date_trunc('month', today())::date ORDER BY day";
    let days: Vec<Value> = transaction
        .query(spent, &[])
        .await?
        .iter()
        .map(|row| {
            json!({
                "day": row.get::<_, String>(0),
                "calls": row.get::<_, i64>(1),
                "tokens": row.get::<_, i64>(2),
                "euro": euro(row.get(3)),
            })
        })
        .collect();
    let counted = "SELECT model, fate, sum(questions)::bigint, sum(tokens_saved)::bigint, \
                   sum(micros_saved)::bigint FROM question_count \
                   WHERE day >= date_trunc('month', today())::date GROUP BY 1, 2 ORDER BY 1, 2";
    let questions: Vec<Value> = transaction
        .query(counted, &[])
        .await?
        .iter()
        .map(|row| {
            json!({
                "model": row.get::<_, String>(0),
                "fate": row.get::<_, String>(1),
                "questions": row.get::<_, i64>(2),
                "tokens_saved": row.get::<_, i64>(3),
                "euro_saved": euro(row.get(4)),
            })
        })
        .collect();
    let bounds = "SELECT least(day_tokens, own_day_tokens), least(month_tokens, own_month_tokens), \
                    least(day_micros, own_day_micros), least(month_micros, own_month_micros) FROM budget";
    let budget = transaction.query_opt(bounds, &[]).await?.map(|row| {
        let tokens = |at| row.get::<_, Option<i64>>(at);
        json!({
            "day_tokens": tokens(0),
            "month_tokens": tokens(1),
            "day_euro": tokens(2).map(euro),
            "month_euro": tokens(3).map(euro),
        })
    });
    transaction.commit().await?;
    Ok(json!({
        "organisation": caller.0.organisation,
        "budget": budget,
        "days": days,
        "questions": questions,
    }))
}

/// Money as people count it.
pub fn euro(micros: i64) -> f64 {
    micros as f64 / EURO
}

/// What an organisation may spend. What is left out has no bound.
#[derive(Args)]
pub struct Budget {
    /// Organisatie
    organisation: String,
    /// Tokens op een dag
    #[arg(long, value_name = "AANTAL", value_parser = clap::value_parser!(i64).range(0..))]
    day_tokens: Option<i64>,
    /// Tokens in een maand
    #[arg(long, value_name = "AANTAL", value_parser = clap::value_parser!(i64).range(0..))]
    month_tokens: Option<i64>,
    /// Euro op een dag
    #[arg(long, value_name = "EURO")]
    day_euro: Option<f64>,
    /// Euro in een maand
    #[arg(long, value_name = "EURO")]
    month_euro: Option<f64>,
}

/// Money as the database counts it. Error: below zero, or more than there is.
pub fn micros(euro: Option<f64>) -> Result<Option<i64>> {
    match euro {
        None => Ok(None),
        Some(euro) if (0.0..=1e9).contains(&euro) => Ok(Some((euro * EURO).round() as i64)),
        Some(_) => bail!("een bedrag is 0 euro of meer"),
    }
}

/// Sets what an organisation may spend.
pub async fn set_budget(client: &mut tokio_postgres::Client, budget: Budget) -> Result<()> {
    let organisation = &budget.organisation;
    let (day, month) = (micros(budget.day_euro)?, micros(budget.month_euro)?);
    let transaction = administration::begin(client, organisation, None).await?;
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&budget.day_tokens, &budget.month_tokens, &day, &month];
    let sql = "SELECT set_budget($1, $2, $3, $4)";
    match transaction.execute(sql, &values).await {
        Ok(_) => transaction.commit().await?,
        Err(error) if error.code() == Some(&SqlState::FOREIGN_KEY_VIOLATION) => {
            bail!("de organisatie {organisation} is er niet")
        }
        Err(error) => return Err(error.into()),
    }
    println!("Het budget van {organisation} is vastgelegd.");
    Ok(())
}

/// What a report of costs is about.
#[derive(Args)]
pub struct Costs {
    /// Zoveel maanden terug, deze maand meegeteld
    #[arg(long, value_name = "AANTAL", default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=120))]
    months: i32,
}

/// Tells what each organisation spent on each model, as lines with tabs.
pub async fn report(settings: &Settings, costs: &Costs) -> Result<()> {
    let client = database::owner(settings).await?;
    let sql = "SELECT to_char(day, 'YYYY-MM'), organisation, upstream, model, count(*), \
                 count(*) FILTER (WHERE outcome NOT IN ('ok', 'under_way')), \
                 sum(tokens_in)::bigint, sum(tokens_cached)::bigint, sum(tokens_out)::bigint, \
                 sum(micros)::bigint, \
                 coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY latency_ms), 0) \
               FROM model_call \
               WHERE day >= (date_trunc('month', today()) - make_interval(months => $1 - 1))::date \
               GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4";
    println!(
        "maand\torganisatie\tbron\tmodel\tvragen\tmislukt\ttokens in\twaarvan bekend\ttokens uit\teuro\tmediaan ms"
    );
    for row in client.query(sql, &[&costs.months]).await? {
        let text = |at: usize| row.get::<_, String>(at);
        let number = |at: usize| row.get::<_, i64>(at);
        println!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{:.6}\t{}",
            text(0),
            text(1),
            text(2),
            text(3),
            number(4),
            number(5),
            number(6),
            number(7),
            number(8),
            euro(number(9)),
            row.get::<_, i32>(10),
        );
    }
    Ok(())
}
