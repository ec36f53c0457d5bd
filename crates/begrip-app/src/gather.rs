//! What goes along with a question to the model, and what its answer rests on.

use std::time::Duration;

use begrip_domain::{Citation, InForce, Label, Status};
use begrip_interchange::cited_articles;
use begrip_prompt::{Prompt, Related, Reply, Wanted};

use crate::define::label;
use crate::environment::Gathering;
use crate::open::Core;
use crate::passages::Passages;
use crate::prepare::Small;
use crate::protect::Gate;
use crate::schema::{AssumedCategory, CitedSource, DraftInput, FirstQuestion, PassageHit};
use crate::{App, UserError};

/// Concepts with the same term whose sources are looked at.
const SAME_TERM: usize = 3;

/// Longest definition of a related concept that goes along, in characters.
const RELATED_CHARS: usize = 220;

/// How long each branch may take; a slow one is left out and named.
pub(crate) const DEADLINE: Duration = Duration::from_millis(600);

/// What goes along with a question.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub related: Vec<Related>,
    pub passages: Passages,
    /// The category that is assumed where the user chose none.
    pub assumed: Option<AssumedCategory>,
    /// Words that the passages were found with, when the term found none.
    pub searched_with: Vec<String>,
    /// The small question that would go first, for showing it.
    pub first: Option<FirstQuestion>,
    /// The small question that rules or index made needless: who answered it, and what it asked.
    pub spared: Option<(&'static str, Wanted)>,
    /// Branches that were too slow or failed, as the prompt's sections are named.
    pub left_out: Vec<String>,
    /// Terms of concepts that name somebody or a case and stay here.
    pub unrelated: Vec<String>,
}

impl Gathered {
    /// Citations and terms of what names somebody or a case and stays here.
    pub fn held_back(&self) -> Vec<String> {
        let held_back = self.passages.held_back.iter().chain(&self.unrelated);
        held_back.cloned().collect()
    }

    /// The passages that the budget left room for.
    pub fn sent(&self, prompt: &Prompt) -> Vec<PassageHit> {
        let sent = |rank: usize| {
            let name = format!("passage_{rank}");
            let mut sections = prompt.sections.iter();
            sections.any(|section| section.name == name && !section.dropped)
        };
        let ranked = (1..).zip(&self.passages.hits);
        ranked
            .filter(|(rank, _)| sent(*rank))
            .map(|(_, hit)| hit.clone())
            .collect()
    }
}

impl Gathering {
    /// The answer of a branch, or nothing and its name when it was too slow.
    pub(crate) async fn within<T: Default>(
        &self,
        name: &'static str,
        deadline: Duration,
        branch: impl Future<Output = Result<T, UserError>>,
    ) -> Result<(T, Option<String>), UserError> {
        let held_up = self.held_up.get(name).copied();
        let branch = async {
            if let Some(longer) = held_up {
                tokio::time::sleep(longer).await;
            }
            branch.await
        };
        #[cfg(test)]
        let branch = tests::watched(branch);
        match tokio::time::timeout(deadline, branch).await {
            Ok(answer) => Ok((answer?, None)),
            Err(_) => Ok((T::default(), Some(name.to_owned()))),
        }
    }

    /// Both, at one time unless it is to be in turn.
    pub(crate) async fn both<A, B>(
        &self,
        first: impl Future<Output = Result<A, UserError>>,
        second: impl Future<Output = Result<B, UserError>>,
    ) -> Result<(A, B), UserError> {
        match self.in_turn {
            true => Ok((first.await?, second.await?)),
            false => tokio::try_join!(first, second),
        }
    }
}

impl App {
    /// Related concepts, articles and category at one time, each with its own deadline; a small
    /// question, where one is needed and allowed, beside the related concepts.
    ///
    /// Errors: no term, a store that cannot be read.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn gather(
        &self,
        input: &DraftInput,
        small: Small<'_>,
    ) -> Result<Gathered, UserError> {
        let term = label(&input.term)?;
        let gate = Gate::of(&input.privacy)?;
        let related = self.blocking(move |core| core.related(&term, &gate));
        let gathering = &self.core.gathering;
        let related = gathering.within("related", DEADLINE, related);
        let (related, prepared) = gathering.both(related, self.prepare(input, small)).await?;
        Ok(Gathered {
            related: related.0.0,
            unrelated: related.0.1,
            left_out: related.1.into_iter().chain(prepared.left_out).collect(),
            ..prepared
        })
    }
}

impl Core {
    /// Concepts that stand near the term, for the model to keep in step with; and the terms of those
    /// that name somebody.
    #[tracing::instrument(skip_all)]
    fn related(&self, term: &Label, gate: &Gate) -> Result<(Vec<Related>, Vec<String>), UserError> {
        let own = begrip_language::term_key(term.as_str());
        let (mut related, mut held_back) = (Vec::new(), Vec::new());
        let most = self.settings().gather.related as usize;
        let (own_context, today) = (self.own_context(), self.today());
        for hit in self.store.search(term.as_str(), &own_context, today, 10)? {
            if related.len() == most {
                break;
            }
            let same = begrip_language::term_key(hit.row.term.as_str()) == own;
            let gone = matches!(hit.row.status, Status::Withdrawn | Status::Superseded)
                || hit.row.validity.on(today) == InForce::NoLonger;
            if same || gone {
                continue;
            }
            let definition = match hit.row.whole_definition() {
                Some(whole) => whole.to_owned(),
                None => match self.store.get(hit.row.id)? {
                    Some(concept) => concept.fields.definition,
                    None => continue,
                },
            };
            // Whole or not at all: half a sentence would say something else.
            if definition.is_empty() || definition.chars().count() > RELATED_CHARS {
                continue;
            }
            let term = hit.row.term.as_str();
            match (gate.nameless_label(term), gate.nameless(&definition)) {
                (Some(term), Some(definition)) => related.push(Related { term, definition }),
                _ => held_back.push(term.to_owned()),
            }
        }
        Ok((related, held_back))
    }

    /// Sources that were looked up: those of concepts with the same term in another context.
    pub(crate) fn sources_of_term(&self, term: &str) -> Result<Vec<Citation>, UserError> {
        let mut sources: Vec<Citation> = Vec::new();
        for row in self.store.with_term(term)?.into_iter().take(SAME_TERM) {
            let Some(concept) = self.store.get(row.id)? else {
                continue;
            };
            for citation in concept.fields.citations {
                if !sources.contains(&citation) {
                    sources.push(citation);
                }
            }
        }
        Ok(sources)
    }

    /// The articles that a reply names, each looked up among the laws on this computer.
    pub(crate) fn cited(&self, reply: &Reply) -> Result<Vec<CitedSource>, UserError> {
        let mut texts = vec![reply.definition.clone(), reply.explanation.clone()];
        texts.extend_from_slice(&reply.examples);
        texts.extend_from_slice(&reply.counter_examples);
        self.look_up_cited(&texts.join("\n"))
    }

    fn look_up_cited(&self, text: &str) -> Result<Vec<CitedSource>, UserError> {
        let laws: Vec<(String, String)> = self
            .store
            .sources()?
            .into_iter()
            .map(|source| (source.id, source.title))
            .collect();
        let today = self.today();
        let mut cited = Vec::new();
        for found in cited_articles(text, &laws) {
            let article = match &found.law {
                Some(law) => self.store.article(law, &found.article, today)?,
                None => None,
            };
            cited.push(CitedSource {
                text: found.text,
                citation: article.as_ref().map(crate::sources::citation).transpose()?,
            });
        }
        Ok(cited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::lock;
    use std::sync::{Arc, Mutex};
    use tokio::sync::Barrier;

    tokio::task_local! {
        static WATCH: Arc<Watch>;
    }

    /// Keeps each branch from its work until all have begun, and writes down how they begin and end.
    struct Watch {
        told: Mutex<Vec<Told>>,
        all: Barrier,
        /// How long each takes beside its work, in milliseconds, the last first.
        delays: Mutex<Vec<u64>>,
    }

    struct Begun(Arc<Watch>, u64);

    impl Drop for Begun {
        fn drop(&mut self) {
            lock(&self.0.told).push(Told::Ended(self.1));
        }
    }

    /// What a branch with this delay did.
    #[derive(Debug, PartialEq)]
    enum Told {
        Begun(u64),
        Ended(u64),
    }

    /// The branch, held up when a test watches; it ends also when it is given up at its deadline.
    pub(super) async fn watched<T>(branch: impl Future<Output = T>) -> T {
        let Ok(watch) = WATCH.try_with(Arc::clone) else {
            return branch.await;
        };
        let delay = lock(&watch.delays).pop().unwrap_or_default();
        lock(&watch.told).push(Told::Begun(delay));
        let _begun = Begun(Arc::clone(&watch), delay);
        watch.all.wait().await;
        tokio::time::sleep(Duration::from_millis(delay)).await;
        branch.await
    }

    /// What the branches of a question did, each with its delay.
    async fn gathered(delays: [u64; 3], in_turn: bool) -> (Arc<Watch>, Gathered) {
        let home = tempfile::tempdir().unwrap();
        let mut options = crate::OpenOptions::at(home.path().to_owned());
        options.gathering.in_turn = in_turn;
        let app = tokio::task::spawn_blocking(move || App::open(options))
            .await
            .unwrap()
            .unwrap();
        let watch = Arc::new(Watch {
            told: Mutex::default(),
            all: Barrier::new(if in_turn { 1 } else { 3 }),
            delays: Mutex::new(delays.to_vec()),
        });
        let input = DraftInput {
            term: "contactverbod".to_owned(),
            ..DraftInput::default()
        };
        let gathering = app.gather(&input, Small::Never);
        let gathered = WATCH.scope(Arc::clone(&watch), gathering).await.unwrap();
        (watch, gathered)
    }

    #[tokio::test]
    async fn concepts_articles_and_category_are_gathered_at_one_time() {
        // One after the other, the first would be given up before the second begins.
        let (watch, gathered) = gathered([300, 500, 200], false).await;
        let told = lock(&watch.told);
        assert!(matches!(
            told[..3],
            [Told::Begun(_), Told::Begun(_), Told::Begun(_)]
        ));
        assert_eq!(told[3..], [200, 300, 500].map(Told::Ended));
        assert_eq!(gathered.left_out, Vec::<String>::new());
    }

    #[tokio::test]
    async fn in_turn_each_branch_begins_when_the_one_before_has_ended() {
        let (watch, gathered) = gathered([1, 2, 3], true).await;
        let told = lock(&watch.told);
        let pairs: Vec<&[Told]> = told.chunks(2).collect();
        let alone = |pair: &&[Told]| matches!(pair, [Told::Begun(a), Told::Ended(b)] if a == b);
        assert!(pairs.len() == 3 && pairs.iter().all(alone), "{told:?}");
        assert_eq!(gathered.left_out, Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_branch_that_is_held_up_beyond_the_deadline_is_left_out() {
        let mut gathering = Gathering::default();
        gathering
            .held_up
            .insert("passage", Duration::from_secs(3_600));
        let deadline = Duration::from_millis(1);
        let branch = std::future::pending::<Result<u32, UserError>>();
        let late = gathering.within("passage", deadline, branch).await;
        assert_eq!(late.unwrap(), (0, Some("passage".to_owned())));
    }

    #[tokio::test]
    async fn a_branch_beyond_the_deadline_holds_nobody_up_and_is_named() {
        let (watch, gathered) = gathered([300, 3_600_000, 200], false).await;
        let told = lock(&watch.told);
        assert_eq!(told[3..], [200, 300, 3_600_000].map(Told::Ended));
        assert_eq!(gathered.left_out.len(), 1);
    }

    #[tokio::test]
    async fn a_slow_branch_is_left_out_and_named_and_the_others_stay() {
        let gathering = Gathering::default();
        let quick = gathering.within("related", Duration::from_secs(60), async { Ok(7) });
        let late = gathering.within(
            "passage",
            Duration::from_millis(1),
            std::future::pending::<Result<u32, UserError>>(),
        );
        let (quick, late) = gathering.both(quick, late).await.unwrap();
        assert_eq!(quick, (7, None));
        assert_eq!(late, (0, Some("passage".to_owned())));
    }
}
