//! Look-up, keeping, listing and history of concepts.

use begrip_domain::{
    Concept, ConceptFields, ConceptId, FieldError, Label, Origin, Provenance, Status, limits,
};
use begrip_rules::Subject;
use begrip_store::{Change, Filter, Page, Row, Similar, SimilarKind, Sort, StoreError, Twins};
use jiff::civil::Date;
use uuid::Uuid;

use crate::open::Core;
use crate::schema::{
    ConceptGet, ConceptList, ConceptPage, ConceptRow, ConceptSort, ConceptView, Copied, CopyForm,
    CopyRequest, DuplicateHit, DuplicateKind, DuplicatesRequest, HistoryEntry, RevertConcept,
    SaveConcept, SaveOutcome, SearchHit, SearchRequest, SearchResponse, StatusChange,
};
use crate::sources::date;
use crate::validity::validity_name;
use crate::{App, ErrorCode, UserError, history};

impl App {
    /// Searches while typing. Offline; a few milliseconds.
    pub async fn search(&self, request: SearchRequest) -> Result<SearchResponse, UserError> {
        self.blocking(move |core| {
            let limit = request.limit.unwrap_or(20).clamp(1, 100);
            let query: String = request.query.chars().take(Label::MAX_CHARS).collect();
            let today = core.today();
            let own = core.own_context();
            let hits = match day_of(request.valid_on.as_deref())? {
                Some(day) => core.store.search_valid(&query, &own, day, limit)?,
                None => core.store.search(&query, &own, today, limit)?,
            };
            let hits = hits
                .into_iter()
                .map(|hit| SearchHit {
                    id: hit.row.id,
                    term: hit.row.term,
                    synonym: hit.synonym,
                    context: hit.row.context,
                    category: hit.row.category,
                    status: hit.row.status,
                    origin: hit.row.origin,
                    snippet: hit.row.snippet,
                    matched: hit.matched.as_str().to_owned(),
                    exact: hit.exact,
                    in_force: hit.row.validity.on(today),
                    validity: hit.row.validity,
                })
                .collect();
            Ok(SearchResponse {
                query: request.query,
                hits,
            })
        })
        .await
    }

    /// A concept with its findings.
    pub async fn concept_get(&self, request: ConceptGet) -> Result<ConceptView, UserError> {
        self.blocking(move |core| core.view(core.concept(request.id)?))
            .await
    }

    /// Every kept change of a concept, latest first.
    pub async fn concept_history(
        &self,
        request: ConceptGet,
    ) -> Result<Vec<HistoryEntry>, UserError> {
        self.blocking(move |core| {
            let revisions = core.store.revisions(request.id)?;
            match revisions.is_empty() {
                true => Err(UserError::new(ErrorCode::NotFound, request.id.to_string())),
                false => Ok(history::entries(&revisions)),
            }
        })
        .await
    }

    /// A page of concepts.
    pub async fn concept_list(&self, request: ConceptList) -> Result<ConceptPage, UserError> {
        self.blocking(move |core| {
            let filter = Filter {
                statuses: request.filter.statuses,
                origins: request.filter.origins,
                category: request.filter.category,
                text: request.filter.text.chars().take(Label::MAX_CHARS).collect(),
                valid_on: day_of(request.filter.valid_on.as_deref())?,
            };
            let sort = match request.sort {
                ConceptSort::Modified => Sort::Modified,
                ConceptSort::Term => Sort::Term,
                ConceptSort::Status => Sort::Status,
            };
            let limit = if request.limit == 0 {
                50
            } else {
                request.limit.min(500)
            };
            let listed = core.store.list(
                &filter,
                sort,
                Page {
                    offset: request.offset,
                    limit,
                },
            )?;
            Ok(ConceptPage {
                rows: listed
                    .rows
                    .into_iter()
                    .map(|row| core.listed(row))
                    .collect(),
                total: listed.total,
            })
        })
        .await
    }

    /// Concepts in the order in which they came in, after the row number `after` (0 to begin
    /// with), at most `limit`, with the row number to go on from; for an export.
    pub async fn concepts_after(
        &self,
        after: i64,
        limit: u32,
    ) -> Result<(Vec<Concept>, i64), UserError> {
        self.blocking(move |core| Ok(core.store.walk(after, limit)?))
            .await
    }

    /// Keeps a new or changed concept. One that would get the term and context of another is kept only
    /// when the user accepts that; until then the outcome names those that exist.
    ///
    /// Errors: a field over its limit, a concept that does not exist or is not a draft.
    pub async fn concept_save(&self, request: SaveConcept) -> Result<SaveOutcome, UserError> {
        self.blocking(move |core| core.save(request)).await
    }

    /// Takes a concept back to an earlier text, as a new version.
    ///
    /// Errors: no such version, not a draft, another concept that has its earlier term and context now.
    pub async fn concept_revert(&self, request: RevertConcept) -> Result<SaveOutcome, UserError> {
        self.blocking(move |core| {
            let revisions = core.store.revisions(request.id)?;
            let earlier = revisions
                .into_iter()
                .find(|revision| revision.concept.version == request.to_version)
                .ok_or_else(|| UserError::new(ErrorCode::NotFound, request.id.to_string()))?;
            let outcome = core.change(
                request.id,
                request.base_version,
                &format!("terug naar versie {}", request.to_version),
                Twins::Refused,
                |concept| {
                    concept.fields = earlier.concept.fields;
                    Ok(())
                },
            )?;
            no_twin(outcome)
        })
        .await
    }

    /// Withdraws a draft, or brings it back.
    pub async fn concept_status(&self, request: StatusChange) -> Result<SaveOutcome, UserError> {
        self.blocking(move |core| {
            short(&request.reason)?;
            core.change_status(
                request.id,
                request.base_version,
                request.status,
                &request.reason,
            )
        })
        .await
    }

    /// A concept as text for the clipboard.
    pub async fn concept_copy(&self, request: CopyRequest) -> Result<Copied, UserError> {
        self.blocking(move |core| {
            let concept = core.concept(request.id)?;
            Ok(Copied {
                text: copied(&concept, request.form, core.today()),
            })
        })
        .await
    }

    /// Concepts that may be the same.
    pub async fn duplicates(
        &self,
        request: DuplicatesRequest,
    ) -> Result<Vec<DuplicateHit>, UserError> {
        self.blocking(move |core| {
            if request.term.trim().is_empty() {
                return Ok(Vec::new());
            }
            let found =
                core.store
                    .similar(&request.term, &[], &request.context, &request.text, None)?;
            Ok(found
                .into_iter()
                .map(|found| core.duplicate(found))
                .collect())
        })
        .await
    }
}

/// The day on which a concept must hold; none where nothing is asked. Error: it is no day.
fn day_of(text: Option<&str>) -> Result<Option<Date>, UserError> {
    let text = text.filter(|text| !text.trim().is_empty());
    text.map(date).transpose()
}

impl Core {
    /// A line of a list, as it stands today.
    pub(crate) fn listed(&self, row: Row) -> ConceptRow {
        ConceptRow {
            id: row.id,
            term: row.term,
            context: row.context,
            category: row.category,
            status: row.status,
            origin: row.origin,
            snippet: row.snippet,
            modified_at: row.modified_at,
            version: row.version,
            in_force: row.validity.on(self.today()),
            validity: row.validity,
        }
    }

    pub(crate) fn duplicate(&self, similar: Similar) -> DuplicateHit {
        DuplicateHit {
            kind: match similar.kind {
                SimilarKind::SameConcept => DuplicateKind::SameConcept,
                SimilarKind::OtherContext => DuplicateKind::OtherContext,
                SimilarKind::Synonym => DuplicateKind::Synonym,
                SimilarKind::NearText => DuplicateKind::NearText,
            },
            similarity: similar.similarity,
            row: self.listed(similar.row),
        }
    }

    pub fn concept(&self, id: ConceptId) -> Result<Concept, UserError> {
        self.store
            .get(id)?
            .ok_or_else(|| UserError::new(ErrorCode::NotFound, id.to_string()))
    }

    fn view(&self, concept: Concept) -> Result<ConceptView, UserError> {
        let fields = &concept.fields;
        let report = self.judge(&self.pack(), &Subject::of(fields), Some(concept.id))?;
        let homonyms = self.store.with_term(fields.term.as_str())?;
        let homonyms = homonyms
            .into_iter()
            .filter(|other| other.id != concept.id)
            .map(|other| self.listed(other))
            .collect();
        let editable = concept.status.is_editable();
        Ok(ConceptView {
            in_force: concept.fields.validity.on(self.today()),
            concept,
            report,
            homonyms,
            editable,
        })
    }

    fn save(&self, request: SaveConcept) -> Result<SaveOutcome, UserError> {
        request.fields.check().map_err(unfit)?;
        short(&request.reason)?;
        let twins = match request.accept_duplicate {
            true => Twins::Accepted,
            false => Twins::Refused,
        };
        match (request.id, request.base_version) {
            (Some(id), Some(base)) => self.change(id, base, &request.reason, twins, |concept| {
                // Whoever changes a text of the starter set has made it their own.
                let provenance = &mut concept.provenance;
                if provenance.origin == Origin::StarterSet && concept.fields != request.fields {
                    provenance.origin = Origin::Person;
                    provenance.author = self.author();
                }
                concept.fields = request.fields;
                Ok(())
            }),
            (Some(_), None) => Err(UserError::new(ErrorCode::BadRequest, "base_version")),
            (None, _) => self.add(request),
        }
    }

    /// Concepts with this term in this context, other than `except`, that were not withdrawn.
    fn same(
        &self,
        fields: &ConceptFields,
        except: Option<ConceptId>,
    ) -> Result<Vec<DuplicateHit>, UserError> {
        let term = fields.term.as_str();
        let similar = self
            .store
            .similar(term, &[], &fields.context, "", except)?
            .into_iter();
        let same = similar.filter(|similar| {
            similar.kind == SimilarKind::SameConcept && similar.row.status != Status::Withdrawn
        });
        Ok(same.map(|similar| self.duplicate(similar)).collect())
    }

    fn add(&self, request: SaveConcept) -> Result<SaveOutcome, UserError> {
        let fields = request.fields;
        if !request.accept_duplicate {
            let hits = self.same(&fields, None)?;
            if !hits.is_empty() {
                return Ok(SaveOutcome::Duplicate { hits });
            }
        }
        let now = self.clock.now();
        let author = self.author();
        let model = match &request.draft_id {
            Some(draft) => self.draft_provenance(draft)?,
            None => None,
        };
        let original = model.as_ref().map(|model| model.original_text.clone());
        let origin = if model.is_some() {
            Origin::Model
        } else {
            Origin::Person
        };
        let concept = Concept {
            id: new_id(now),
            fields,
            status: Status::InPreparation,
            version: 1,
            provenance: Provenance {
                origin,
                author: author.clone(),
                model,
            },
            created_at: now,
            modified_at: now,
        };
        self.store.insert(
            &concept,
            &Change {
                author: &author,
                at: now,
                reason: &request.reason,
            },
        )?;
        if let Some(draft) = &request.draft_id {
            if let Some(original) = original {
                self.note_kept(draft, &original, &concept.fields.definition);
            }
            self.forget_draft(draft)?;
        }
        Ok(SaveOutcome::Kept {
            view: Box::new(self.view(concept)?),
        })
    }

    /// Changes a draft, if it still stands at `base`.
    fn change(
        &self,
        id: ConceptId,
        base: u32,
        reason: &str,
        twins: Twins,
        edit: impl FnOnce(&mut Concept) -> Result<(), UserError>,
    ) -> Result<SaveOutcome, UserError> {
        let current = self.concept(id)?;
        if !current.status.is_editable() {
            return Err(UserError::new(
                ErrorCode::NotEditable,
                current.status.as_str(),
            ));
        }
        self.write(current, base, reason, twins, edit)
    }

    fn change_status(
        &self,
        id: ConceptId,
        base: u32,
        status: Status,
        reason: &str,
    ) -> Result<SaveOutcome, UserError> {
        let current = self.concept(id)?;
        match (current.status, status) {
            (Status::InPreparation, Status::Withdrawn)
            | (Status::Withdrawn, Status::InPreparation) => {
                let term = current.fields.term.clone();
                let twins = match status {
                    Status::Withdrawn => Twins::Accepted,
                    _ => Twins::Refused,
                };
                let outcome = no_twin(self.write(current, base, reason, twins, |concept| {
                    concept.status = status;
                    Ok(())
                })?)?;
                if matches!(outcome, SaveOutcome::Kept { .. }) {
                    self.forget_about(&term)?;
                }
                Ok(outcome)
            }
            // Every other step belongs to the review.
            _ => Err(UserError::new(ErrorCode::StatusNotAllowed, status.as_str())),
        }
    }

    fn write(
        &self,
        mut concept: Concept,
        base: u32,
        reason: &str,
        twins: Twins,
        edit: impl FnOnce(&mut Concept) -> Result<(), UserError>,
    ) -> Result<SaveOutcome, UserError> {
        if concept.version != base {
            return Ok(SaveOutcome::Stale {
                current: Box::new(concept),
            });
        }
        edit(&mut concept)?;
        self.may_leave(concept.id, &concept.fields)?;
        let (author, now) = (self.author(), self.clock.now());
        concept.version = base + 1;
        concept.modified_at = now;
        let change = Change {
            author: &author,
            at: now,
            reason,
        };
        match self.store.update(base, &concept, &change, twins) {
            Err(StoreError::Twin(_)) => Ok(SaveOutcome::Duplicate {
                hits: self.same(&concept.fields, Some(concept.id))?,
            }),
            Err(error) => Err(error.into()),
            Ok(Some(current)) => Ok(SaveOutcome::Stale {
                current: Box::new(current),
            }),
            Ok(None) => {
                self.shared_changed.notify_one();
                Ok(SaveOutcome::Kept {
                    view: Box::new(self.view(concept)?),
                })
            }
        }
    }
}

/// Error: what is brought back has the name of another by now; who wants both changes the text by hand.
fn no_twin(outcome: SaveOutcome) -> Result<SaveOutcome, UserError> {
    match outcome {
        SaveOutcome::Duplicate { hits } => {
            let id = hits.first().map(|hit| hit.row.id.to_string());
            Err(UserError::new(
                ErrorCode::AlreadyThere,
                id.unwrap_or_default(),
            ))
        }
        other => Ok(other),
    }
}

/// A new identity. Version 7 holds the time only to keep neighbours together on disk.
pub(crate) fn new_id(now: jiff::Timestamp) -> ConceptId {
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
    ConceptId(Uuid::new_v7(uuid::Timestamp::from_unix(
        uuid::NoContext,
        seconds,
        nanos,
    )))
}

/// A reason is a sentence: it stands in the history at every version.
pub(crate) fn short(reason: &str) -> Result<(), UserError> {
    match reason.chars().count() > limits::EXAMPLE_CHARS {
        true => Err(UserError::new(ErrorCode::TextTooLong, "reason")),
        false => Ok(()),
    }
}

pub(crate) fn unfit(error: FieldError) -> UserError {
    let code = match error {
        FieldError::TooLong { .. } => ErrorCode::TextTooLong,
        FieldError::TooMany { .. } => ErrorCode::TooManyEntries,
        FieldError::Reversed { .. } => ErrorCode::ValidityReversed,
    };
    UserError::new(code, error.to_string())
}

/// A status in Dutch.
pub fn status_name(status: Status) -> &'static str {
    match status {
        Status::InPreparation => "in voorbereiding",
        Status::Proposed => "voorgesteld",
        Status::Established => "vastgesteld",
        Status::EstablishedInRevision => "vastgesteld en in herziening",
        Status::RevisedProposed => "herzien en opnieuw voorgesteld",
        Status::Superseded => "vervangen",
        Status::Withdrawn => "vervallen",
    }
}

/// A field of a concept in Dutch, from its name; an unknown one stays as it is.
pub fn field_name(name: &str) -> &str {
    match name {
        "term" => "term",
        "definition" => "definitie",
        "explanation" => "toelichting",
        "examples" => "voorbeelden",
        "counter_examples" => "geen voorbeelden",
        "synonyms" => "synoniemen",
        "antonyms" => "tegengestelden",
        "citations" => "bronnen",
        "validity" => "geldigheid",
        "context" => "context",
        "category" => "categorie",
        "notes" => "notities",
        "status" => "status",
        other => other,
    }
}

/// The concept as plain text. Both forms say the status and whether it holds: a draft, or what is over,
/// must not pass for more.
fn copied(concept: &Concept, form: CopyForm, today: Date) -> String {
    let ConceptFields {
        term,
        definition,
        explanation,
        examples,
        citations,
        ..
    } = &concept.fields;
    let sources: Vec<String> = citations.iter().map(ToString::to_string).collect();
    let status = match concept.provenance.origin {
        Origin::StarterSet if concept.status == Status::InPreparation => {
            "in voorbereiding; startset, niet vastgesteld"
        }
        _ => status_name(concept.status),
    };
    let validity = validity_name(&concept.fields.validity, concept.fields.validity.on(today));
    match form {
        CopyForm::Text => {
            let mut text = format!("{term}: {definition}\n");
            if !explanation.is_empty() {
                text.push_str(&format!("\nToelichting: {explanation}\n"));
            }
            for example in examples {
                text.push_str(&format!("\nVoorbeeld: {example}\n"));
            }
            if !sources.is_empty() {
                text.push_str(&format!("\nBronnen: {}\n", sources.join("; ")));
            }
            text.push_str(&format!("\nStatus: {status}\n"));
            if !validity.is_empty() {
                text.push_str(&format!("\nGeldigheid: {validity}\n"));
            }
            text
        }
        CopyForm::Citation => {
            let sources = if sources.is_empty() {
                String::new()
            } else {
                format!(" ({})", sources.join("; "))
            };
            let validity = match validity.as_str() {
                "" => String::new(),
                validity => format!("; {validity}"),
            };
            format!(
                "‘{term}’: {definition}{sources}. Begrip, versie {}, {}, {status}{validity}.",
                concept.version,
                concept.modified_at.strftime("%d-%m-%Y"),
            )
        }
    }
}
