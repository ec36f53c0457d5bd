//! Which model a task goes to, how long it may take, and which model stands in.

use std::time::Duration;

use begrip_llm::{
    Answer, CachePolicy, CancellationToken, LlmError, Piece, Refusal, Request, Validate,
};

use crate::open::Core;
use crate::schema::TaskRoute;

/// What a question to a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// A definition with what goes with it.
    Define,
    /// Another version of a draft, by the user's wish.
    Refine,
    /// A definition that breaks blocking rules, mended.
    Repair,
    /// What is not known yet before a definition is asked for: the category, words to search with.
    Prepare,
}

impl Task {
    /// Its name in the ledger.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Define => "define",
            Self::Refine => "refine",
            Self::Repair => "repair",
            Self::Prepare => "prepare",
        }
    }
}

/// The way of a task.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Route {
    /// Its name in the ledger.
    pub task: &'static str,
    /// The models, each asked when the one before it does not answer; never empty.
    models: Vec<String>,
    /// How long one model may take; the endpoint's own time when there is none.
    timeout: Option<Duration>,
    /// An answer that is not valid is no answer.
    strict: bool,
}

impl Route {
    /// The model that is asked first.
    pub fn model(&self) -> &str {
        self.models.first().map_or("", String::as_str)
    }

    /// All of them, in the order in which they are asked.
    pub fn models(&self) -> &[String] {
        &self.models
    }

    /// Passes the models before this one by.
    pub fn begin_at(&mut self, at: usize) {
        self.models
            .drain(..at.min(self.models.len().saturating_sub(1)));
    }
}

/// An answer, and the question as it was put to the model that gave it.
#[derive(Clone)]
pub(crate) struct Asked {
    pub answer: Answer,
    pub request: Request,
    /// The model that should have answered, when another did.
    pub instead_of: Option<String>,
}

impl Core {
    /// The way of a task by the settings.
    pub(crate) fn route(&self, task: Task) -> Route {
        let routing = self.settings().routing;
        let main = self.effective_model().model.trim().to_owned();
        let chosen = |route: &TaskRoute| match route.model.trim() {
            "" => main.clone(),
            named => named.to_owned(),
        };
        let (settings, stands_in) = match task {
            // Another version is as much work as the first.
            Task::Define | Task::Refine => {
                (&routing.define, routing.fallback_model.trim().to_owned())
            }
            // Who stands in depends on who wrote the text: `route_of_repair`.
            Task::Repair => (&routing.repair, String::new()),
            Task::Prepare => (&routing.prepare, main.clone()),
        };
        let mut models = vec![chosen(settings)];
        if !stands_in.is_empty() && !models.contains(&stands_in) {
            models.push(stands_in);
        }
        Route {
            task: task.name(),
            models,
            timeout: (settings.timeout_s > 0)
                .then(|| Duration::from_secs(settings.timeout_s.into())),
            strict: task == Task::Prepare,
        }
    }

    /// The way of a repair: the model of that task, and when it does not answer the one whose text is
    /// repaired; where that one is to do it anyway, the one that stands in for drafting.
    pub(crate) fn route_of_repair(&self, question: &Request) -> Route {
        let mut route = self.route(Task::Repair);
        let routing = self.settings().routing;
        let writer = &question.model;
        let first = match routing.repair.model.trim() {
            "" => writer.as_str(),
            named => named,
        };
        let stands_in = match first == writer {
            true => routing.fallback_model.trim(),
            false => writer,
        };
        route.models = vec![first.to_owned()];
        if !stands_in.is_empty() && stands_in != first {
            route.models.push(stands_in.to_owned());
        }
        route
    }

    /// Asks along a route: the next model when one is not known, fails or takes too long before any
    /// text has come. A kept answer of a later model is only looked at then, so that the best model
    /// is never passed by for an answer of a lesser one.
    ///
    /// Error: that of the first model, when none answers.
    pub(crate) async fn ask(
        &self,
        route: &Route,
        question: &Request,
        policy: CachePolicy,
        validate: &Validate,
        mut sink: impl FnMut(Piece<'_>) + Send,
        cancel: &CancellationToken,
    ) -> Result<Asked, LlmError> {
        let mut failure = None;
        for (at, model) in route.models.iter().enumerate() {
            let is_last = at + 1 == route.models.len();
            let mut request = question.clone();
            request.model.clone_from(model);
            request.task = route.task;
            request.timeout = route.timeout;
            // What is only of help is not tried again.
            request.once = !is_last || route.strict;
            let mut shown = false;
            let give = |piece: Piece<'_>| {
                shown = true;
                sink(piece);
            };
            let asked = self
                .model
                .ask(request.clone(), policy, validate.clone(), give, cancel)
                .await;
            let error = match asked {
                Ok(answer) => {
                    let of_no_use = matches!(answer.refusal, Some(Refusal::NotValid(_)));
                    if is_last || !(route.strict && of_no_use) {
                        return Ok(Asked {
                            answer,
                            request,
                            instead_of: (at > 0).then(|| route.model().to_owned()),
                        });
                    }
                    LlmError::Empty
                }
                Err(error) => error,
            };
            let next = error.asks_for_another_model() || (route.strict && error.is_of_no_use());
            tracing::warn!(
                task = route.task,
                model,
                code = error.code(),
                "no answer from a model"
            );
            // What nobody sees can be asked anew.
            let goes_on = next && (route.strict || !shown);
            let first = failure.get_or_insert(error);
            if is_last || !goes_on {
                return Err(first.clone());
            }
        }
        Err(failure.unwrap_or(LlmError::NotConfigured))
    }
}
