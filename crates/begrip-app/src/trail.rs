//! Who did what to a shared concept, when, by which rules and with which model; as a list, as JSON and
//! as a page.

use std::collections::BTreeSet;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use begrip_domain::{ConceptId, Status};
use begrip_sync::{Checked, Link, Signature, Trail};

use crate::concepts::{field_name, status_name};
use crate::review::{file_stem, finding, signature};
use crate::schema::{ConceptGet, JobFileOut, ReviewFinding, TrailEntry, TrailExport, TrailFormat};
use crate::{App, ErrorCode, UserError};

impl App {
    /// Who did what to a shared concept, the first text first. Asks the server.
    ///
    /// Errors: the concept is not shared, or the server cannot be asked.
    pub async fn review_trail(&self, request: ConceptGet) -> Result<Vec<TrailEntry>, UserError> {
        let trail = self.trail(request.id).await?;
        Ok(trail.links.iter().map(entry).collect())
    }

    /// The same as a file.
    ///
    /// Errors: as for [`App::review_trail`].
    pub async fn review_trail_export(&self, request: TrailExport) -> Result<JobFileOut, UserError> {
        let trail = self.trail(request.id).await?;
        let stem = self
            .blocking(move |core| file_stem(core, request.id))
            .await?;
        let (ending, media_type, text) = match request.format {
            TrailFormat::Json => {
                let text = serde_json::to_string_pretty(&trail)
                    .map_err(|error| UserError::new(ErrorCode::ServerFailed, error.to_string()))?;
                ("json", "application/json", text)
            }
            TrailFormat::Html => ("html", "text/html", page(&stem, &trail)),
        };
        Ok(JobFileOut {
            name: format!("{stem}-logboek.{ending}"),
            media_type: media_type.to_owned(),
            content: BASE64.encode(text),
        })
    }

    async fn trail(&self, id: ConceptId) -> Result<Trail, UserError> {
        self.blocking(move |core| {
            core.concept(id)?;
            match core.store.shared(id)? {
                Some(_) => Ok(()),
                None => Err(UserError::new(ErrorCode::NotShared, "")),
            }
        })
        .await?;
        let server = self.server().await?;
        match server.trail(id).await {
            Ok(trail) => Ok(trail),
            Err(refused) => Ok(self.server_anew(refused).await?.trail(id).await?),
        }
    }
}

fn entry(link: &Link) -> TrailEntry {
    let entry = &link.entry;
    let checks = || entry.checked.iter().chain(&entry.server_checked);
    let packs: BTreeSet<&String> = checks().map(|checked| &checked.pack).collect();
    TrailEntry {
        version: entry.version,
        act: name(entry.act),
        signature: signature(&Signature {
            by: entry.by.clone(),
            organisation: entry.organisation.clone(),
            at: entry.at,
            reason: entry.reason.clone(),
        }),
        role: entry.role.clone(),
        from: entry.from.clone(),
        to: entry.to.clone(),
        fields: entry.fields.clone(),
        packs: packs.into_iter().cloned().collect(),
        failing: failing(checks()),
        model: entry
            .drafter
            .as_ref()
            .map(|drafter| format!("{} (prompt {})", drafter.model, drafter.prompt_version))
            .unwrap_or_default(),
        hash: link.hash.clone(),
    }
}

/// What either check found, each rule once.
fn failing<'a>(checks: impl Iterator<Item = &'a Checked>) -> Vec<ReviewFinding> {
    let mut seen = BTreeSet::new();
    checks
        .flat_map(|checked| &checked.failing)
        .filter(|failing| seen.insert(failing.rule.clone()))
        .map(finding)
        .collect()
}

fn name(value: impl serde::Serialize) -> String {
    let name = serde_json::to_value(value).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}

/// A page of its own for people: nothing in it is loaded from elsewhere.
fn page(term: &str, trail: &Trail) -> String {
    let mut out = String::from(
        "<!doctype html>\n<html lang=\"nl\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n",
    );
    let term = safe(term);
    // Writing into a text cannot fail.
    let _ = write!(
        out,
        "<title>Logboek van {term}</title>\n<style>body{{font-family:sans-serif;margin:2rem}}\
         table{{border-collapse:collapse}}th,td{{border:1px solid #767676;padding:.4rem;\
         text-align:left;vertical-align:top}}code{{overflow-wrap:anywhere}}\
         tr{{break-inside:avoid}}@page{{size:A4 landscape;margin:1.5cm}}\
         @media print{{body{{margin:0}}th,td{{font-size:8pt}}}}</style>\n</head>\n\
         <body>\n<main>\n<h1>Logboek van {term}</h1>\n<table>\n<thead><tr>"
    );
    for head in [
        "Wanneer",
        "Wie",
        "Wat",
        "Status",
        "Regels",
        "Model",
        "Toelichting",
        "Controlegetal",
    ] {
        let _ = write!(out, "<th scope=\"col\">{head}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in trail.links.iter().map(entry) {
        let said = &row.signature;
        let mut rules = row.packs.join(", ");
        for failing in &row.failing {
            let _ = write!(rules, "; {}: {}", failing.rule, failing.reason);
        }
        let fields: Vec<&str> = row.fields.iter().map(|name| field_name(name)).collect();
        let cells = [
            said.at.strftime("%d-%m-%Y %H:%M:%S UTC").to_string(),
            format!(
                "{} ({}, {})",
                said.by,
                said.organisation,
                role_name(&row.role)
            ),
            format!("{} {}", deed_name(&row.act), fields.join(", ")),
            format!("{} → {}", status(&row.from), status(&row.to)),
            rules,
            row.model.clone(),
            said.reason.clone(),
        ];
        out.push_str("<tr>");
        for cell in cells {
            let _ = write!(out, "<td>{}</td>", safe(cell.trim()));
        }
        let _ = writeln!(out, "<td><code>{}</code></td></tr>", safe(&row.hash));
    }
    out.push_str("</tbody>\n</table>\n</main>\n</body>\n</html>\n");
    out
}

/// What happened in Dutch, from [`TrailEntry::act`].
pub fn deed_name(act: &str) -> &'static str {
    match act {
        "made" => "Gemaakt",
        "changed" => "Gewijzigd",
        "withdrawn" => "Vervallen",
        "revised" => "Herziening begonnen",
        "proposed" => "Voorgesteld",
        "retracted" => "Voorstel ingetrokken",
        "accepted" => "Akkoord",
        "rejected" => "Teruggestuurd",
        "commented" => "Opmerking bij",
        "replaced" => "Andere tekst in de plaats",
        _ => "Onbekend",
    }
}

fn status(name: &str) -> &str {
    match Status::parse(name) {
        Some(status) => status_name(status),
        None => name,
    }
}

/// A role in Dutch, from its name.
pub fn role_name(name: &str) -> &str {
    match name {
        "reader" => "lezer",
        "author" => "auteur",
        "reviewer" => "beoordelaar",
        "administrator" => "beheerder",
        other => other,
    }
}

fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_somebody_else_is_no_markup_on_the_page() {
        let page = page("<b>\"vonnis\"</b> & zo", &Trail { links: Vec::new() });
        assert!(!page.contains("<b>"), "{page}");
        assert!(page.contains("&lt;b&gt;&quot;vonnis&quot;&lt;/b&gt; &amp; zo"));
    }
}
