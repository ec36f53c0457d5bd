//! `begrip settings`: what can be set, by name.

use std::io::{self, Write};

use begrip_app::schema::Settings as Kept;
use begrip_app::{App, ErrorCode, UserError};
use clap::Args;
use serde_json::Value;

use crate::exit::{Exit, Failure};
use crate::run::out_json;

pub const EXAMPLES: &str = "\
Voorbeelden:
  begrip settings
  begrip settings gather.passages
  begrip settings gather.passages 5

Sleutels staan hier niet bij: die bewaart de sleutelbos.";

/// `begrip settings`.
#[derive(Debug, Args)]
pub struct Settings {
    /// Alleen deze instelling, of deze groep
    #[arg(value_name = "NAAM")]
    name: Option<String>,
    /// Zet de instelling op deze waarde
    #[arg(value_name = "WAARDE", requires = "name", allow_hyphen_values = true)]
    value: Option<String>,
}

/// Shows settings, or sets one.
pub async fn run(app: &App, command: Settings, json: bool) -> Result<Exit, Failure> {
    let wrong = |name: &str| Failure::from(UserError::new(ErrorCode::SettingInvalid, name));
    let mut all =
        serde_json::to_value(app.settings_get(()).await?.settings).map_err(io::Error::from)?;
    let name = command.name.unwrap_or_default();
    let pointer = match name.as_str() {
        "" => String::new(),
        name => format!("/{}", name.replace('.', "/")),
    };
    let place = all.pointer_mut(&pointer).ok_or_else(|| wrong(&name))?;
    if let Some(value) = command.value {
        *place = match place {
            Value::String(_) => Value::String(value),
            // Lists and groups have commands and screens of their own.
            Value::Bool(_) | Value::Number(_) => {
                serde_json::from_str(&value).map_err(|_| wrong(&name))?
            }
            _ => return Err(wrong(&name)),
        };
        let kept: Kept = serde_json::from_value(all).map_err(|_| wrong(&name))?;
        all = serde_json::to_value(app.settings_save(kept).await?.settings)
            .map_err(io::Error::from)?;
    }
    let shown = all.pointer(&pointer).unwrap_or(&Value::Null);
    match json {
        true => out_json(shown)?,
        false => lines(&mut io::stdout().lock(), &name, shown)?,
    }
    Ok(Exit::Done)
}

/// One line for each setting: `name = value`.
fn lines(out: &mut impl Write, name: &str, value: &Value) -> io::Result<()> {
    let Value::Object(group) = value else {
        return writeln!(out, "{name} = {value}");
    };
    let mut parts: Vec<_> = group.iter().collect();
    parts.sort_by_key(|(part, _)| *part);
    for (part, value) in parts {
        let below = match name {
            "" => part.to_owned(),
            name => format!("{name}.{part}"),
        };
        lines(out, &below, value)?;
    }
    Ok(())
}
