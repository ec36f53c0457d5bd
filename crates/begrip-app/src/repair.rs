//! A draft that breaks a blocking rule: one more call, with only the failing rules.

use std::sync::{Arc, Mutex};

use begrip_domain::{Category, Context};
use begrip_llm::{CachePolicy, CancellationToken, LlmError, Piece, Request, Validate};
use begrip_prompt::{
    Nameless, RepairInput, Reply, Tiktoken, compose_repair, mendable, read_reply, to_mend,
};
use begrip_rules::{Report, RulePack};

use crate::define::{Drafted, check_alone, subject};
use crate::open::{Core, lock};
use crate::provenance::turn;
use crate::routing::{Asked, Route};
use crate::schema::{DraftInput, ExchangeTurn};
use crate::together::WhileHeld;
use crate::{App, UserError};

/// Repairs under way, so that those who ask the same at one time share one.
#[derive(Default)]
pub(crate) struct Repairs(WhileHeld<String, Bench>);

/// What those who ask the same at one time have in common. Whoever comes second waits, and finds it done.
#[derive(Default)]
pub(crate) struct Bench {
    /// The repair.
    mended: tokio::sync::Mutex<Option<Mended>>,
    /// What the rules said last.
    judged: Mutex<Option<(Judged, Report)>>,
}

/// What the rules were asked about, by the rules of this question.
#[derive(PartialEq)]
struct Judged {
    /// The number of the latest revision: beside which concepts.
    revised: i64,
    term: String,
    context: Context,
    category: Option<Category>,
    text: String,
}

/// A repair that was made: of this reply, with this outcome.
pub(crate) struct Mended {
    faulty: Reply,
    reply: Reply,
    /// The call.
    repair: Option<ExchangeTurn>,
}

impl Repairs {
    /// The bench of a question, shared for as long as anybody holds it.
    pub fn bench(&self, question: &Request) -> Arc<Bench> {
        let texts: Vec<&str> = question
            .messages
            .iter()
            .map(|message| message.content.as_str())
            .collect();
        // The same words may be judged by other rules.
        let rules = &question.scope.pack_version;
        let name = format!("{}\0{rules}\0{}", question.model, texts.join("\0"));
        self.0.of(name)
    }
}

/// A repair that is written and fits, and the way that it goes.
pub(crate) struct Mending<'a> {
    /// What gave the faulty text.
    asked: &'a Asked,
    route: Route,
    request: Request,
}

impl Core {
    /// What the rules say of a reply beside the concepts of the store: asked once for all who asked the same at one time
    /// and have the same reply, as long as no concept changes.
    ///
    /// Errors: the store cannot be read.
    pub(crate) fn judge_on(
        &self,
        bench: &Bench,
        pack: &RulePack,
        input: &DraftInput,
        reply: &Reply,
    ) -> Result<Report, UserError> {
        let mut judged = lock(&bench.judged);
        let what = Judged {
            revised: self.store.revised()?,
            term: input.term.clone(),
            context: input.context.clone(),
            category: input.category,
            text: reply.definition.clone(),
        };
        if let Some((_, report)) = judged.as_ref().filter(|(before, _)| *before == what) {
            return Ok(report.clone());
        }
        let report = self.judge_as_of(what.revised, pack, &subject(input, reply), None)?;
        *judged = Some((what, report.clone()));
        Ok(report)
    }

    /// The repair of a draft; none when nothing can be mended, or the text is too long for it.
    #[tracing::instrument(skip_all)]
    pub(crate) fn mending<'a>(
        &self,
        pack: &RulePack,
        term: &Nameless,
        asked: &'a Asked,
        draft: &Drafted,
    ) -> Option<Mending<'a>> {
        if mendable(pack, &draft.report) == 0 {
            return None;
        }
        let question = &asked.request;
        let failing: Vec<_> = to_mend(pack, &draft.report).collect();
        let route = self.route_of_repair(question);
        let counter = Tiktoken::for_model(route.model());
        let repair = RepairInput {
            version: draft.version,
            term,
            faulty: &draft.reply,
            failing: &failing,
            budget: self.budget(),
        };
        let prompt = compose_repair(&repair, &counter).ok()?;
        let class = question.scope.data_class;
        let mut request = self.request(pack, term.as_str(), class, &prompt, "");
        request.task = route.task;
        route.model().clone_into(&mut request.model);
        request.scope = question.scope.clone();
        request.request_id = question
            .request_id
            .as_ref()
            .map(|id| format!("{id}-repair"));
        Some(Mending {
            asked,
            route,
            request,
        })
    }
}

impl App {
    /// One more call, with only the failing rules. A repair that fails or does not help leaves the
    /// draft as it was: the user sees the findings.
    ///
    /// Error: the user stopped it.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn repair(
        &self,
        pack: &Arc<RulePack>,
        input: &DraftInput,
        mending: &Mending<'_>,
        draft: Drafted,
        bench: &Arc<Bench>,
        cancel: &CancellationToken,
    ) -> Result<Drafted, UserError> {
        let mut done = tokio::select! {
            done = bench.mended.lock() => done,
            () = cancel.cancelled() => return Err(LlmError::Cancelled.into()),
        };
        if let Some(mended) = done.as_ref().filter(|mended| mended.faulty == draft.reply) {
            let (reply, repair) = (mended.reply.clone(), mended.repair.clone());
            return Ok(Drafted {
                report: self.check_reply(pack, input, &reply, bench).await?,
                reply,
                repair,
                ..draft
            });
        }
        let faulty = draft.reply.clone();
        let drafted = self
            .ask_repair(pack, input, mending, draft, bench, cancel)
            .await?;
        *done = Some(Mended {
            faulty,
            reply: drafted.reply.clone(),
            repair: drafted.repair.clone(),
        });
        Ok(drafted)
    }

    async fn ask_repair(
        &self,
        pack: &Arc<RulePack>,
        input: &DraftInput,
        mending: &Mending<'_>,
        mut draft: Drafted,
        bench: &Arc<Bench>,
        cancel: &CancellationToken,
    ) -> Result<Drafted, UserError> {
        let Mending {
            asked,
            route,
            request,
        } = mending;
        // A repair is no answer to a question that is asked again: it is not kept by itself.
        let never: Validate = Arc::new(|_| Err("repair".to_owned()));
        let repair = self
            .core
            .ask(
                route,
                request,
                CachePolicy::Refresh,
                &never,
                |_: Piece<'_>| {},
                cancel,
            )
            .await;
        let Asked {
            answer: repair,
            request,
            ..
        } = match repair {
            Ok(repair) => repair,
            Err(LlmError::Cancelled) => return Err(LlmError::Cancelled.into()),
            Err(_) => {
                draft.repair = Some(turn(request, None, false));
                return Ok(draft);
            }
        };
        draft.repair = Some(turn(&request, Some(&repair), false));
        let Ok(repaired) = read_reply(&repair.text) else {
            return Ok(draft);
        };
        let reply = draft.reply.clone().repaired_with(repaired);
        let report = self.check_reply(pack, input, &reply, bench).await?;
        if mendable(pack, &report) >= mendable(pack, &draft.report) {
            return Ok(draft);
        }
        // As for any answer that is kept: what it is by itself counts.
        if check_alone(pack, input, &reply)
            .blocking_failures()
            .next()
            .is_none()
            && let Ok(text) = serde_json::to_string(&reply)
        {
            self.core
                .model
                .keep_repaired(&asked.request, text, &asked.answer, &repair)
                .await;
        }
        Ok(Drafted {
            version: draft.version,
            reply,
            report,
            repair: Some(turn(&request, Some(&repair), true)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use begrip_llm::{CacheScope, Message, Role};

    #[test]
    fn one_bench_serves_the_same_question_under_the_same_rules() {
        let question = |version: &str| {
            let scope = CacheScope {
                pack_version: version.to_owned(),
                ..CacheScope::default()
            };
            Request::new("m", vec![Message::new(Role::User, "v")], scope)
        };
        let repairs = Repairs::default();
        let bench = repairs.bench(&question("2026.1"));
        assert!(Arc::ptr_eq(&bench, &repairs.bench(&question("2026.1"))));
        assert!(!Arc::ptr_eq(&bench, &repairs.bench(&question("2026.2"))));
    }
}
