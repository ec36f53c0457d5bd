//! `costs` and `prices`: what calls took, and what a model costs.

use std::io::{self, Write};

use begrip_app::schema::{Costs, CostsBy, CostsRequest, CostsRow, ModelPrice, RoutingSaved};
use begrip_app::{App, ErrorCode, UserError};
use clap::{Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::exit::{Exit, Failure};
use crate::run::out_json;

/// What the rows of the costs stand for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum By {
    /// Dagen
    #[value(alias = "dag")]
    Day,
    /// Modellen
    Model,
    /// Waar een vraag voor was
    #[value(alias = "taak")]
    Task,
    /// Versies van de vraag
    Prompt,
    /// Groepen van een proef
    Arm,
}

impl From<By> for CostsBy {
    fn from(by: By) -> Self {
        match by {
            By::Day => Self::Day,
            By::Model => Self::Model,
            By::Task => Self::Task,
            By::Prompt => Self::Prompt,
            By::Arm => Self::Arm,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Prices {
    /// Toon de prijzen
    #[command(after_help = "\
Voorbeelden:
  begrip prices list
  begrip prices list --json")]
    List,
    /// Stel de prijs van een model in
    #[command(after_help = "\
Voorbeelden:
  begrip prices set gpt-4o --in 2.30 --out 9.20
  begrip prices set 'gpt-4o-mini*' --in 0.14 --out 0.55 --cached 0.07")]
    Set {
        /// Naam van het model; een ‘*’ aan het eind staat voor elk einde
        model: String,
        /// Euro per miljoen verstuurde tokens
        #[arg(long = "in", value_name = "EURO")]
        sent: f64,
        /// Euro per miljoen ontvangen tokens
        #[arg(long = "out", value_name = "EURO")]
        received: f64,
        /// Euro per miljoen verstuurde tokens die de aanbieder nog kende
        #[arg(long, value_name = "EURO")]
        cached: Option<f64>,
    },
    /// Haal de prijs van een model weg
    #[command(after_help = "\
Voorbeelden:
  begrip prices remove gpt-4o")]
    Remove {
        /// Naam van het model, zoals bij ‘begrip prices list’
        model: String,
    },
}

/// `begrip costs`.
pub async fn costs(
    app: &App,
    month: Option<String>,
    by: By,
    csv: bool,
    json: bool,
) -> Result<Exit, Failure> {
    let request = CostsRequest {
        month,
        by: by.into(),
    };
    let costs = app.costs(request).await?;
    let out = &mut io::stdout().lock();
    match (json, csv) {
        (true, _) => out_json(&costs)?,
        (false, true) => sheet(out, &costs)?,
        (false, false) => table(out, &costs)?,
    }
    Ok(Exit::Done)
}

/// One line for each row; the sum is for the reader's own program to make.
fn sheet(out: &mut impl Write, costs: &Costs) -> Result<(), Failure> {
    let mut sheet = csv::Writer::from_writer(out);
    for row in &costs.rows {
        sheet
            .serialize(row)
            .map_err(|error| io::Error::other(error.to_string()))?;
    }
    sheet.flush()?;
    Ok(())
}

fn table(out: &mut impl Write, costs: &Costs) -> io::Result<()> {
    let total = &costs.total;
    if total.questions == 0 && total.calls == 0 {
        return writeln!(out, "In {} is niets gevraagd.", month_name(&costs.month));
    }
    writeln!(
        out,
        "In {}: {} vragen, waarvan {} zonder nieuwe aanroep: € {:.2} bespaard.",
        month_name(&costs.month),
        total.questions,
        total.saved,
        total.eur_saved
    )?;
    let wide = costs
        .rows
        .iter()
        .map(|row| row.name.chars().count())
        .max()
        .unwrap_or(0)
        .max(6);
    writeln!(
        out,
        "\n{:wide$}  aanroepen  mislukt  tokens in  tokens uit    kosten  bespaard",
        title(costs.by)
    )?;
    for row in &costs.rows {
        line(out, &row.name, row, wide)?;
    }
    if costs.rows.len() > 1 {
        line(out, "samen", total, wide)?;
    }
    if total.unpriced > 0 {
        writeln!(
            out,
            "\nVan {} {} zijn de kosten niet bekend: het model heeft geen prijs (zie ‘begrip prices’).",
            total.unpriced,
            if total.unpriced == 1 {
                "aanroep"
            } else {
                "aanroepen"
            }
        )?;
    }
    routed(out, &costs.routing)?;
    for limit in &costs.limits {
        let (what, digits) = match limit.name.as_str() {
            "tokens_per_day" => ("tokens van vandaag", 0),
            "tokens_per_month" => ("tokens van deze maand", 0),
            "eur_per_day" => ("euro van vandaag", 2),
            "eur_per_month" => ("euro van deze maand", 2),
            other => (other, 2),
        };
        writeln!(
            out,
            "Budget, {what}: {:.digits$} van {:.digits$} gebruikt.",
            limit.used, limit.allowed
        )?;
    }
    Ok(())
}

/// What it saved that not every question went to the main model.
fn routed(out: &mut impl Write, routing: &RoutingSaved) -> io::Result<()> {
    let decided = routing.by_rule + routing.by_index;
    if decided > 0 {
        let saved = match routing.eur_decided {
            Some(eur) => format!(" (als kleine vragen: € {eur:.4})"),
            None => String::new(),
        };
        writeln!(
            out,
            "\nZonder taalmodel beslist: {} door een regel, {} door de begrippen op deze computer{saved}.",
            routing.by_rule, routing.by_index
        )?;
    }
    if routing.other_models > 0 {
        let saved = match routing.eur_models {
            Some(eur) => format!("€ {eur:.4} goedkoper dan met het gewone model"),
            None => "een prijs ontbreekt, dus de besparing is niet bekend".to_owned(),
        };
        writeln!(
            out,
            "\nAanroepen van andere modellen: {} ({saved}).",
            routing.other_models
        )?;
    }
    Ok(())
}

fn line(out: &mut impl Write, name: &str, row: &CostsRow, wide: usize) -> io::Result<()> {
    let name = if name.is_empty() { "-" } else { name };
    let known = row.calls == 0 || row.unpriced < row.calls;
    let cost = match known {
        true => format!("€ {:.4}", row.cost_eur),
        false => "onbekend".to_owned(),
    };
    writeln!(
        out,
        "{name:wide$}  {:9}  {:7}  {:9.0}  {:10.0}  {cost:>8}  € {:.4}",
        row.calls, row.failed, row.tokens_in, row.tokens_out, row.eur_saved
    )
}

fn title(by: CostsBy) -> &'static str {
    match by {
        CostsBy::Day => "dag",
        CostsBy::Model => "model",
        CostsBy::Task => "taak",
        CostsBy::Prompt => "vraag",
        CostsBy::Arm => "groep",
    }
}

/// `2026-11` as `november 2026`.
fn month_name(month: &str) -> String {
    let date = format!("{month}-01").parse::<Date>().ok();
    let named =
        date.map(|date| format!("{} {}", begrip_app::month_name(date.month()), date.year()));
    named.unwrap_or_else(|| month.to_owned())
}

/// `begrip prices`.
pub async fn prices(app: &App, command: Prices, json: bool) -> Result<Exit, Failure> {
    let mut settings = app.settings_get(()).await?.settings;
    let models = &mut settings.prices.models;
    let same = |known: &ModelPrice, name: &str| {
        known.model.trim().to_lowercase() == name.trim().to_lowercase()
    };
    match command {
        Prices::List => {
            match json {
                true => out_json(&settings.prices.models)?,
                false => list(&mut io::stdout().lock(), &settings.prices.models)?,
            }
            return Ok(Exit::Done);
        }
        Prices::Set {
            model,
            sent,
            received,
            cached,
        } => {
            let price = ModelPrice {
                model: model.trim().to_owned(),
                eur_per_million_in: sent,
                eur_per_million_out: received,
                eur_per_million_cached: cached,
            };
            match models.iter_mut().find(|known| same(known, &model)) {
                Some(known) => *known = price,
                None => models.push(price),
            }
        }
        Prices::Remove { model } => {
            let before = models.len();
            models.retain(|known| !same(known, &model));
            if models.len() == before {
                return Err(UserError::new(ErrorCode::PriceUnknown, model).into());
            }
        }
    }
    let kept = app.settings_save(settings).await?.settings.prices.models;
    match json {
        true => out_json(&kept)?,
        false => list(&mut io::stdout().lock(), &kept)?,
    }
    Ok(Exit::Done)
}

fn list(out: &mut impl Write, prices: &[ModelPrice]) -> io::Result<()> {
    if prices.is_empty() {
        return writeln!(out, "Er zijn geen prijzen ingesteld.");
    }
    for price in prices {
        let cached = match price.eur_per_million_cached {
            Some(eur) => format!(", bekend bij de aanbieder € {eur}"),
            None => String::new(),
        };
        writeln!(
            out,
            "{}: verstuurd € {}, ontvangen € {}{cached} per miljoen tokens",
            price.model, price.eur_per_million_in, price.eur_per_million_out
        )?;
    }
    Ok(())
}
