//! Laws and decisions: import, look-up, search.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use begrip_domain::{Address, Citation, Label, dutch_day};
use begrip_interchange::{Decision, Law, Source, address_of, known_law};
use begrip_store::{Article, Change, NewArticle, NewSource, SourceKind, SourceVersion};
use jiff::civil::Date;

use crate::legal_concepts::{LAW_AUTHOR, concepts};
use crate::open::Core;
use crate::passages::fitting;
use crate::schema::{
    CitationLookup, PassageHit, PassageSearch, Removed, SourceArticle, SourceArticleRequest,
    SourceContents, SourceContentsRequest, SourceLine, SourceOutcome, SourceRef, SourceRow,
    SourceVersionRow, SourcesImport,
};
use crate::source_files::{Named, is_zip, refused, unpack};
use crate::{App, ErrorCode, UserError};

/// Characters of a hit's text.
const HIT_CHARS: usize = 600;

impl App {
    /// Keeps laws and decisions from files. Each file as a whole or not at all; one that is refused
    /// keeps no other from being read.
    ///
    /// Errors: a date that is none, a content that is no base64.
    pub async fn sources_import(
        &self,
        request: SourcesImport,
    ) -> Result<Vec<SourceOutcome>, UserError> {
        let mut files = Vec::new();
        for file in request.files {
            let content = STANDARD
                .decode(file.content)
                .map_err(|_| UserError::new(ErrorCode::BadRequest, "content"))?;
            files.push((file.name, content));
        }
        self.import_sources(files, request.valid_from).await
    }

    /// The same for files that a host has read itself: names and bytes.
    pub async fn import_sources(
        &self,
        files: Vec<(String, Vec<u8>)>,
        valid_from: Option<String>,
    ) -> Result<Vec<SourceOutcome>, UserError> {
        self.blocking(move |core| {
            let valid_from = valid_from.as_deref().map(date).transpose()?;
            let mut outcomes = Vec::new();
            for (name, bytes) in files {
                let inner = match is_zip(&bytes) {
                    true => unpack(&name, &bytes),
                    false => Ok(vec![(name.clone(), bytes)]),
                };
                match inner {
                    Ok(inner) => {
                        for file in inner {
                            outcomes.push(core.import_source(file, valid_from));
                        }
                    }
                    Err(error) => outcomes.push(refusal(name, error)),
                }
            }
            Ok(outcomes)
        })
        .await
    }

    /// Every law and decision on this computer, laws by title first.
    pub async fn sources_list(&self, (): ()) -> Result<Vec<SourceRow>, UserError> {
        self.blocking(|core| core.source_rows()).await
    }

    /// The contents of a law on a day.
    ///
    /// Errors: not on this computer, or not in force on that day; no date.
    pub async fn source_contents(
        &self,
        request: SourceContentsRequest,
    ) -> Result<SourceContents, UserError> {
        self.blocking(move |core| {
            let day = core.day(request.date.as_deref())?;
            let source = core.source(&request.source)?;
            let version = core
                .store
                .source_on(&source.id, day)?
                .ok_or_else(|| UserError::new(ErrorCode::SourceNotFound, &request.source))?;
            let articles = core.store.contents(&version)?;
            Ok(SourceContents {
                version: core.version_row(&version, &source),
                source,
                articles: articles
                    .into_iter()
                    .map(|line| SourceLine {
                        number: line.number,
                        path: line.path,
                        start: line.start,
                    })
                    .collect(),
            })
        })
        .await
    }

    /// An article as it read on a day.
    ///
    /// Errors: not on this computer, or not in force on that day; no date.
    pub async fn source_article(
        &self,
        request: SourceArticleRequest,
    ) -> Result<SourceArticle, UserError> {
        self.blocking(move |core| {
            let day = core.day(request.date.as_deref())?;
            let id = core.source_id(&request.source)?;
            core.article_view(id.as_deref(), &request.article, day)?
                .ok_or_else(|| {
                    let what = format!("{} {}", request.source, request.article);
                    UserError::new(ErrorCode::SourceNotFound, what)
                })
        })
        .await
    }

    /// The articles that fit some words best, of the laws in force on a day.
    ///
    /// Error: no date.
    pub async fn sources_search(
        &self,
        request: PassageSearch,
    ) -> Result<Vec<PassageHit>, UserError> {
        self.blocking(move |core| {
            let day = core.day(request.date.as_deref())?;
            let limit = request.limit.unwrap_or(10).clamp(1, 50);
            let query: String = request.query.chars().take(Label::MAX_CHARS).collect();
            let found = core.store.passages(&query, day, limit)?;
            let hits = found.into_iter().map(|passage| {
                let article = passage.article;
                let text = fitting(&article.text, &query, HIT_CHARS)
                    .unwrap_or_else(|| article.text.chars().take(HIT_CHARS).collect());
                hit(article, text)
            });
            hits.collect()
        })
        .await
    }

    /// The article behind a citation; none when it is not on this computer.
    ///
    /// Error: no date.
    pub async fn citation_article(
        &self,
        request: CitationLookup,
    ) -> Result<Option<SourceArticle>, UserError> {
        self.blocking(move |core| {
            let day = core.day(request.date.as_deref())?;
            core.behind(&request.citation, day)
        })
        .await
    }

    /// Removes a law with all its versions, or a decision. The concepts that a law defines are
    /// withdrawn. Tells how many versions there were.
    ///
    /// Error: not on this computer.
    pub async fn source_remove(&self, request: SourceRef) -> Result<Removed, UserError> {
        self.blocking(move |core| {
            let source = core.source(&request.source)?;
            let author = core.author();
            let change = Change {
                author: &author,
                at: core.clock.now(),
                reason: "bron verwijderd",
            };
            let removed = core.store.remove_source(&source.id, &change)?;
            Ok(Removed { entries: removed })
        })
        .await
    }
}

impl Core {
    /// Today in the Netherlands: laws begin and end with days there.
    pub(crate) fn today(&self) -> Date {
        dutch_day(self.clock.now())
    }

    fn day(&self, text: Option<&str>) -> Result<Date, UserError> {
        match text.map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => date(text),
            None => Ok(self.today()),
        }
    }

    fn import_source(&self, (name, bytes): Named, valid_from: Option<Date>) -> SourceOutcome {
        match self.read_and_keep(&name, &bytes, valid_from) {
            Ok(outcome) => outcome,
            Err(error) => refusal(name, error),
        }
    }

    fn read_and_keep(
        &self,
        name: &str,
        bytes: &[u8],
        valid_from: Option<Date>,
    ) -> Result<SourceOutcome, UserError> {
        let read =
            begrip_interchange::read(name, bytes, valid_from).map_err(|error| refused(&error))?;
        let now = self.clock.now();
        let (source, concepts) = match read {
            Source::Law(law) => {
                let concepts = concepts(&law, now);
                (of_law(law), concepts)
            }
            Source::Decision(decision) => (of_decision(decision), Vec::new()),
        };
        let since = shown(source.valid_from);
        let reason = match &since {
            Some(since) => format!("{}, geldig vanaf {since}", source.title),
            None => source.title.clone(),
        };
        let change = Change {
            author: LAW_AUTHOR,
            at: now,
            reason: &reason,
        };
        let kept = self.store.keep_source(&source, &concepts, &change)?;
        Ok(SourceOutcome {
            file: name.to_owned(),
            outcome: if kept.written { "new" } else { "unchanged" }.to_owned(),
            kind: source.kind.as_str().to_owned(),
            id: source.id,
            title: source.title,
            valid_from: since,
            articles: u32::try_from(source.articles.len()).unwrap_or(u32::MAX),
            concepts_new: kept.concepts_new,
            concepts_changed: kept.concepts_changed,
            concepts_withdrawn: kept.concepts_withdrawn,
            error: None,
        })
    }

    fn source_rows(&self) -> Result<Vec<SourceRow>, UserError> {
        let mut rows: Vec<SourceRow> = Vec::new();
        let versions = self.store.sources()?;
        for version in &versions {
            if rows.iter().all(|row| row.id != version.id) {
                let own = versions.iter().filter(|other| other.id == version.id);
                rows.push(self.row(own.collect()));
            }
        }
        Ok(rows)
    }

    /// A source from its versions, the latest first.
    fn row(&self, versions: Vec<&SourceVersion>) -> SourceRow {
        let today = self.today();
        let mut later: Option<Date> = None;
        let mut open = true;
        let mut rows = Vec::new();
        for version in &versions {
            let before_next = later.and_then(|next| next.yesterday().ok());
            let valid_to = match (version.valid_to, before_next) {
                (Some(own), Some(next)) => Some(own.min(next)),
                (own, next) => own.or(next),
            };
            let begun = version.valid_from.is_none_or(|from| from <= today);
            rows.push(SourceVersionRow {
                valid_from: shown(version.valid_from),
                valid_to: match version.kind {
                    SourceKind::Law => shown(valid_to),
                    SourceKind::Decision => None,
                },
                articles: version.articles,
                in_force: open && begun && valid_to.is_none_or(|to| to >= today),
                imported_at: version.imported_at,
            });
            open &= !begun;
            later = version.valid_from;
        }
        let first = versions.first();
        SourceRow {
            id: first.map(|version| version.id.clone()).unwrap_or_default(),
            kind: first
                .map(|version| version.kind.as_str().to_owned())
                .unwrap_or_default(),
            title: first
                .map(|version| version.title.clone())
                .unwrap_or_default(),
            versions: rows,
        }
    }

    fn version_row(&self, version: &SourceVersion, source: &SourceRow) -> SourceVersionRow {
        let since = shown(version.valid_from);
        let found = source.versions.iter().find(|row| row.valid_from == since);
        found.cloned().unwrap_or_else(|| SourceVersionRow {
            valid_from: since,
            valid_to: shown(version.valid_to),
            articles: version.articles,
            in_force: false,
            imported_at: version.imported_at,
        })
    }

    /// A source on this computer by its id, title or abbreviation.
    fn source(&self, name: &str) -> Result<SourceRow, UserError> {
        let not_found = || UserError::new(ErrorCode::SourceNotFound, name);
        let id = self.source_id(name)?.ok_or_else(not_found)?;
        let versions = self.store.source_versions(&id)?;
        match versions.is_empty() {
            true => Err(not_found()),
            false => Ok(self.row(versions.iter().collect())),
        }
    }

    /// The id of what a name means: of a law that is known, or of one on this computer.
    fn source_id(&self, name: &str) -> Result<Option<String>, UserError> {
        let name = name.trim();
        if let Some(law) = known_law(name) {
            return Ok(Some(law.id.to_owned()));
        }
        let lower = name.to_lowercase();
        let sources = self.store.sources()?;
        let found = sources.into_iter().find(|source| {
            source.id.to_lowercase() == lower
                || (source.kind == SourceKind::Law && source.title.to_lowercase() == lower)
        });
        Ok(found.map(|source| source.id))
    }

    fn article_view(
        &self,
        id: Option<&str>,
        number: &str,
        day: Date,
    ) -> Result<Option<SourceArticle>, UserError> {
        let Some(id) = id else { return Ok(None) };
        let Some(article) = self.store.article(id, number, day)? else {
            return Ok(None);
        };
        let versions = self.store.source_versions(id)?;
        let source = self.row(versions.iter().collect());
        Ok(Some(SourceArticle {
            version: self.version_row(&article.version, &source),
            source,
            citation: citation(&article)?,
            number: article.number,
            path: article.path,
            text: article.text,
            address: article.address,
        }))
    }

    /// The article behind a citation: by its address, else by its law and article.
    pub(crate) fn behind(
        &self,
        citation: &Citation,
        day: Date,
    ) -> Result<Option<SourceArticle>, UserError> {
        let (id, number) = match &citation.address {
            Some(Address::Ecli(ecli)) => (Some(ecli.clone()), Some("1".to_owned())),
            Some(Address::Juriconnect(address)) => {
                let law = address
                    .split(':')
                    .nth(2)
                    .and_then(|rest| rest.split('&').next());
                let number = address
                    .split('&')
                    .find_map(|pair| pair.strip_prefix("artikel="))
                    .map(|number| number.replace('_', " "));
                (
                    law.map(str::to_owned),
                    number.or_else(|| citation.article.clone()),
                )
            }
            None => (
                self.source_id(citation.source.as_str())?,
                citation.article.clone(),
            ),
        };
        match number {
            Some(number) => self.article_view(id.as_deref(), &number, day),
            None => Ok(None),
        }
    }
}

/// How an article, or a decision, is cited.
pub(crate) fn citation(article: &Article) -> Result<Citation, UserError> {
    let source = Label::new(&article.version.title)
        .map_err(|error| UserError::new(ErrorCode::StoreFailed, error.to_string()))?;
    let is_law = article.version.kind == SourceKind::Law;
    Ok(Citation {
        source,
        article: is_law.then(|| article.number.clone()),
        paragraph: None,
        address: Address::parse(&article.address).ok(),
    })
}

/// An article with the part of it that is shown.
pub(crate) fn hit(article: Article, text: String) -> Result<PassageHit, UserError> {
    Ok(PassageHit {
        text,
        citation: citation(&article)?,
        valid_from: shown(article.version.valid_from),
        id: article.version.id,
        kind: article.version.kind.as_str().to_owned(),
        title: article.version.title,
        number: article.number,
        path: article.path,
        address: article.address,
    })
}

fn of_law(law: Law) -> NewSource {
    NewSource {
        kind: SourceKind::Law,
        title: law.title.to_string(),
        valid_from: law.valid_from,
        valid_to: law.valid_to,
        articles: law
            .articles
            .iter()
            .map(|article| NewArticle {
                number: article.number.clone(),
                path: article.path.join(" › "),
                text: article.text(),
                address: address_of(&law.id, &article.number, None, None, law.valid_from)
                    .map(|address| address.as_str().to_owned())
                    .unwrap_or_default(),
            })
            .collect(),
        id: law.id,
    }
}

fn of_decision(decision: Decision) -> NewSource {
    NewSource {
        kind: SourceKind::Decision,
        title: decision.court.to_string(),
        valid_from: Some(decision.date),
        valid_to: None,
        articles: (1..)
            .zip(decision.passages)
            .map(|(number, (path, text))| NewArticle {
                number: u32::to_string(&number),
                path,
                text,
                address: decision.ecli.clone(),
            })
            .collect(),
        id: decision.ecli,
    }
}

fn refusal(file: String, error: UserError) -> SourceOutcome {
    SourceOutcome {
        file,
        outcome: "refused".to_owned(),
        error: Some(error),
        ..SourceOutcome::default()
    }
}

/// A day as written: `2026-01-31`. Error: it is none.
pub fn date(text: &str) -> Result<Date, UserError> {
    let text = text.trim();
    text.parse().map_err(|_| {
        UserError::new(
            ErrorCode::DateInvalid,
            text.chars().take(40).collect::<String>(),
        )
    })
}

fn shown(date: Option<Date>) -> Option<String> {
    date.map(|date| date.to_string())
}
