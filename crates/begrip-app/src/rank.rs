//! Which of the articles that the index found go first, by what a model of embeddings makes of them.
//! Off unless the user wants it; without an answer in time the order of the index stands.

use std::time::Duration;

use begrip_llm::{CacheScope, CancellationToken, DataClass, Request};
use begrip_prompt::{Message, embed_passage, embed_question};

use crate::passages::Candidates;
use crate::prepare::Small;
use crate::protect::Gate;
use crate::schema::{DraftInput, PassageHit};
use crate::{App, UserError};

/// Its name in the ledger.
const TASK: &str = "embed";

/// How long the model may take in all. A draft does not wait for it that long, but the next one has
/// what was answered late.
const LONGEST: Duration = Duration::from_secs(10);

impl App {
    /// The candidates in the order of index and embeddings together; as they were when that is off,
    /// fails or takes too long.
    #[tracing::instrument(name = "rank", skip_all)]
    pub(crate) async fn ranked(
        &self,
        input: &DraftInput,
        candidates: Candidates,
        small: Small<'_>,
        deadline: Duration,
    ) -> Candidates {
        let settings = self.core.settings().gather;
        let passages = candidates.passages();
        if !settings.rerank || settings.passages == 0 || passages.len() < 2 {
            return candidates;
        }
        let model = settings.rerank_model.trim().to_owned();
        // Who may not be asked about is not drafted either: the draft itself says why.
        let Ok(term) = Gate::outgoing_term(input) else {
            return candidates;
        };
        let question = embed_question(&model, &term, &input.context);
        let passages = passages
            .into_iter()
            .map(|passage| embed_passage(&model, passage));
        let texts = std::iter::once(question).chain(passages).collect();
        let ask_as = match small {
            Small::Ask {
                request_id,
                offline: false,
                ..
            } => Some(format!("{request_id}-{TASK}")),
            Small::Ask { .. } | Small::Never => None,
        };
        let app = self.clone();
        let vectors = tokio::spawn(async move { app.vectors(&model, texts, ask_as).await });
        match tokio::time::timeout(deadline, vectors).await {
            Ok(Ok(Ok(Some(vectors)))) => match vectors.split_first() {
                Some((question, passages)) => {
                    let near: Vec<f64> = passages.iter().map(|one| cosine(question, one)).collect();
                    candidates.ordered_by(&near)
                }
                None => candidates,
            },
            Ok(Ok(Ok(None))) => candidates,
            Ok(Ok(Err(error))) => {
                tracing::warn!(code = error.code, "articles stay in the order of the index");
                candidates
            }
            Ok(Err(_)) | Err(_) => {
                tracing::warn!("articles stay in the order of the index: no answer in time");
                candidates
            }
        }
    }

    /// The articles that go along with a draft, when embeddings have all the time that they need; for
    /// measuring how often the right one is among them.
    ///
    /// Error: a store that cannot be read.
    pub async fn passages_for(&self, input: DraftInput) -> Result<Vec<PassageHit>, UserError> {
        let (question, cancel) = (input.clone(), CancellationToken::new());
        let candidates = self
            .blocking(move |core| core.candidates(&question, &question.term))
            .await?;
        let small = Small::Ask {
            request_id: "measure",
            offline: false,
            cancel: &cancel,
        };
        let candidates = self.ranked(&input, candidates, small, LONGEST * 2).await;
        let most = self.core.settings().gather.passages as usize;
        Ok(candidates.choose(most).hits)
    }

    /// A vector for each text: kept ones, and one call for all that are not. None when there are such
    /// and nothing may be asked.
    async fn vectors(
        &self,
        model: &str,
        texts: Vec<Message>,
        ask_as: Option<String>,
    ) -> Result<Option<Vec<Vec<f32>>>, UserError> {
        let known = self.kept_vectors(model, &texts).await?;
        let unknown = texts
            .iter()
            .zip(&known)
            .filter(|(_, known)| known.is_none());
        let missing: Vec<Message> = unknown.map(|(text, _)| text.clone()).collect();
        if missing.is_empty() {
            return Ok(known.into_iter().collect());
        }
        let Some(request_id) = ask_as else {
            return Ok(None);
        };
        let scope = CacheScope {
            // A term, its context and the law: no word of a case.
            data_class: DataClass::General,
            organisation: self.core.organisation(),
            ..CacheScope::default()
        };
        let mut request = Request::new(model, missing.clone(), scope);
        request.task = TASK;
        request.request_id = Some(request_id);
        request.timeout = Some(LONGEST);
        // It answers with numbers alone.
        request.max_tokens = Some(0);
        let made = self.core.model.embed(request).await?;
        let own = model.to_owned();
        self.blocking(move |core| {
            let texts = missing.iter().map(|text| text.content.as_str());
            let rows: Vec<(&str, Vec<f32>)> = texts.zip(made).collect();
            Ok(core.store.keep_embeddings(&own, &rows)?)
        })
        .await?;
        // As they are kept, so that the order is the same the next time.
        let known = self.kept_vectors(model, &texts).await?;
        Ok(known.into_iter().collect())
    }

    async fn kept_vectors(
        &self,
        model: &str,
        texts: &[Message],
    ) -> Result<Vec<Option<Vec<f32>>>, UserError> {
        let (model, texts) = (model.to_owned(), texts.to_vec());
        self.blocking(move |core| {
            let texts: Vec<&str> = texts.iter().map(|text| text.content.as_str()).collect();
            Ok(core.store.embeddings(&model, &texts)?)
        })
        .await
    }
}

/// How much two vectors point the same way, -1 to 1; 0 where one has no direction or another length.
fn cosine(one: &[f32], other: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        let products = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b));
        products.sum()
    };
    let lengths = dot(one, one).sqrt() * dot(other, other).sqrt();
    match lengths > 0.0 && one.len() == other.len() {
        true => dot(one, other) / lengths,
        false => 0.0,
    }
}
