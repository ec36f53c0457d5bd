//! Proposing a text and deciding upon it. Every step goes through the outbox; what was decided shows
//! when the server has said so.

use begrip_domain::{Concept, ConceptId, Status};
use begrip_rules::{Level, Subject};
use begrip_store::{Change, News, NewsKind, OwnAccount, OwnStep};
use begrip_sync::{
    Act, Asks, Checked, Drafter, Failing, Item, Outcome, Proposal, Refusal, Role, Signature, Texts,
};

use crate::concepts::{new_id, short};
use crate::open::Core;
use crate::protect::Gate;
use crate::schema::{
    CommentView, ConceptGet, ConceptView, MayDecide, PrivacyChoices, ProposalView, ReviewAct,
    ReviewAsks, ReviewFinding, ReviewInbox, ReviewNews, ReviewNewsKind, ReviewProblem, ReviewSeen,
    ReviewStep, SignatureView, StepView, SyncRequest, SyncStatus,
};
use crate::{App, ErrorCode, UserError};

impl App {
    /// What waits for a reviewer, what was sent back, and what became of the user's own steps. By the
    /// latest sync; makes no connection.
    pub async fn review_inbox(&self, (): ()) -> Result<ReviewInbox, UserError> {
        self.blocking(Core::inbox).await
    }

    /// Proposes, decides, comments or takes a proposal back. A decision is sent at once; the other
    /// steps go with the next sync.
    ///
    /// Errors: the concept is not shared, the text has changed since the user saw it, a text of the
    /// user's is missing or points to a person or case; of a decision also what the server refuses
    /// and, while it waits, that the server cannot be reached.
    pub async fn review_act(&self, request: ReviewAct) -> Result<SyncStatus, UserError> {
        let (id, step) = (request.id, request.step);
        let status = self
            .changing(move |core, change| core.step(&request, change))
            .await?;
        if !matches!(step, ReviewStep::Accept | ReviewStep::Reject) {
            return Ok(status);
        }
        let report = self.sync_now(SyncRequest::default()).await?;
        self.blocking(move |core| {
            let steps = core.store.own_steps()?;
            let refused = steps.iter().rev().find(|own| own.command.concept == id);
            match refused.and_then(|own| own.outcome.as_ref()) {
                Some(outcome) => Err(refusal(outcome)),
                None => Ok(report.status),
            }
        })
        .await
    }

    /// Forgets what became of own proposals, once the user has seen it. Makes no connection.
    pub async fn review_seen(&self, request: ReviewSeen) -> Result<SyncStatus, UserError> {
        self.blocking(move |core| {
            core.store.forget_news(&request.numbers)?;
            core.sync_status()
        })
        .await
    }

    /// Begins a new text that is to take the place of an established one; the established one stays
    /// as it is.
    ///
    /// Errors: the concept is not established, or not shared by the server.
    pub async fn review_revise(&self, request: ConceptGet) -> Result<ConceptView, UserError> {
        let at = self.core.clock.now();
        let id = new_id(at);
        self.changing(move |core, change| {
            let concept = core.concept(request.id)?;
            if core.store.shared(request.id)?.is_none() {
                return Err(UserError::new(ErrorCode::NotShared, ""));
            }
            if concept.status != Status::Established {
                let status = concept.status.as_str();
                return Err(UserError::new(ErrorCode::ReviewNotNow, status));
            }
            let draft = Concept {
                id,
                status: Status::InPreparation,
                version: 1,
                created_at: change.at,
                modified_at: change.at,
                ..concept
            };
            let change = Change {
                reason: "herziening begonnen",
                ..*change
            };
            Ok(core.store.revise(request.id, &draft, &change)?)
        })
        .await?;
        self.concept_get(ConceptGet { id }).await
    }
}

impl Core {
    fn step(&self, request: &ReviewAct, change: &Change<'_>) -> Result<(), UserError> {
        let concept = self.concept(request.id)?;
        if !self.store.is_shared(request.id)? {
            return Err(UserError::new(ErrorCode::NotShared, ""));
        }
        let said = request.reason.trim();
        short(said)?;
        if Gate::of(&PrivacyChoices::default())?
            .nameless(said)
            .is_none()
        {
            return Err(UserError::new(ErrorCode::ShareIdentifies, "reason"));
        }
        let needs_words = matches!(request.step, ReviewStep::Reject | ReviewStep::Comment);
        if needs_words && said.is_empty() {
            return Err(UserError::new(ErrorCode::ReviewReason, ""));
        }
        let text = Texts::of(&concept.fields, concept.status).wording();
        if request.seen.as_ref().is_some_and(|seen| *seen != text) {
            return Err(UserError::new(ErrorCode::ReviewTextChanged, ""));
        }
        let act = match request.step {
            ReviewStep::Propose | ReviewStep::ProposeWithdrawal => {
                let withdrawal = request.step == ReviewStep::ProposeWithdrawal;
                let begins = match withdrawal {
                    true => Status::Established,
                    false => Status::InPreparation,
                };
                if concept.status != begins {
                    let status = concept.status.as_str();
                    return Err(UserError::new(ErrorCode::ReviewNotNow, status));
                }
                let drafter = concept.provenance.model.as_ref().map(|model| Drafter {
                    model: model.model.clone(),
                    prompt_version: model.prompt_version.clone(),
                    pack_version: model.pack_version.clone(),
                    answered_at: model.answered_at,
                });
                Act::Propose {
                    checked: self.checked(&concept, text)?,
                    drafter,
                    withdrawal,
                }
            }
            ReviewStep::Retract => Act::Retract,
            ReviewStep::Accept => Act::Accept {
                checked: self.checked(&concept, text)?,
            },
            ReviewStep::Reject => Act::Reject { text },
            ReviewStep::Comment => Act::Comment {
                field: request
                    .field
                    .clone()
                    .unwrap_or_else(|| "definition".to_owned()),
            },
            // Has an answer of its own: `review_revise`.
            ReviewStep::Revise => return Err(UserError::new(ErrorCode::BadRequest, "revise")),
        };
        let change = Change {
            reason: said,
            ..*change
        };
        Ok(self.store.review(request.id, act, &change)?)
    }

    /// What the rules in force here say of a text, beside the concepts of this computer.
    fn checked(&self, concept: &Concept, text: String) -> Result<Checked, UserError> {
        let report = self.judge(
            &self.pack(),
            &Subject::of(&concept.fields),
            Some(concept.id),
        )?;
        let failing = report.failures().map(|finding| Failing {
            rule: finding.rule.to_string(),
            blocking: finding.level == Level::Blocking,
            reason: finding.reason.clone(),
        });
        Ok(Checked {
            text,
            failing: failing.collect(),
            pack: report.pack_version.clone(),
        })
    }

    fn inbox(&self) -> Result<ReviewInbox, UserError> {
        let account = self.store.own_account()?;
        let steps = self.store.own_steps()?;
        let (mut waiting, mut returned) = (Vec::new(), Vec::new());
        for item in self.store.proposals()? {
            let Some(view) = self.proposal(&item, &account, &steps)? else {
                continue;
            };
            match (&view.returned, view.own) {
                (None, _) => waiting.push(view),
                (Some(_), true) => returned.push(view),
                (Some(_), false) => {}
            }
        }
        let told = steps.iter().map(|own| self.told(own));
        Ok(ReviewInbox {
            configured: self.sync_status()?.configured,
            steps: told.collect::<Result<_, _>>()?,
            account: account.name,
            organisation: account.organisation,
            role: account.role,
            waiting,
            returned,
        })
    }

    /// A proposal as it is shown; `None` for one of a newer program.
    fn proposal(
        &self,
        item: &Item,
        account: &OwnAccount,
        steps: &[OwnStep],
    ) -> Result<Option<ProposalView>, UserError> {
        let Some(concept) = self.store.get(item.id)? else {
            return Ok(None);
        };
        let (Some((fields, _)), Some(proposal)) = (item.texts.read(), &item.review.proposal) else {
            return Ok(None);
        };
        let before = match item.review.replaces {
            Some(id) => self.store.get(id)?.map(|old| old.fields),
            None => None,
        };
        let told = Concept { fields, ..concept };
        let checked = self.checked(&told, item.texts.wording())?;
        let fields = told.fields;
        Ok(Some(ProposalView {
            id: item.id,
            asks: match proposal.asks {
                Asks::Establish => ReviewAsks::Establish,
                Asks::Replace => ReviewAsks::Replace,
                Asks::Withdraw => ReviewAsks::Withdraw,
            },
            text: checked.text,
            term: fields.term.to_string(),
            context: fields.context,
            category: fields.category,
            definition: fields.definition,
            explanation: fields.explanation,
            validity: fields.validity,
            validity_before: before.as_ref().map(|before| before.validity),
            before: before.map(|before| before.definition),
            proposed: signature(&proposal.proposed),
            pack: checked.pack,
            failing: checked.failing.iter().map(finding).collect(),
            model: proposal
                .drafter
                .as_ref()
                .map(|drafter| drafter.model.clone())
                .unwrap_or_default(),
            comments: item
                .review
                .comments
                .iter()
                .map(|comment| CommentView {
                    field: comment.field.clone(),
                    said: signature(&comment.said),
                })
                .collect(),
            returned: proposal
                .verdict
                .as_ref()
                .map(|verdict| signature(&verdict.signature)),
            own: item.owner == account.organisation,
            decide: may_decide(item, proposal, account, steps),
        }))
    }

    /// How many proposals wait for this user: to decide upon, or sent back to them.
    pub(crate) fn to_review(&self) -> Result<u32, UserError> {
        let account = self.store.own_account()?;
        let steps = self.store.own_steps()?;
        let waits = |item: &Item| {
            let proposal = item.review.proposal.as_ref();
            proposal.is_some_and(|proposal| match proposal.verdict {
                None => may_decide(item, proposal, &account, &steps) == MayDecide::Yes,
                Some(_) => is_by(proposal, &account),
            })
        };
        let count = self
            .store
            .proposals()?
            .iter()
            .filter(|item| waits(item))
            .count();
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// What became of own proposals and was not seen yet.
    pub(crate) fn review_news(&self) -> Result<Vec<ReviewNews>, UserError> {
        let told = |news: News| ReviewNews {
            number: news.number,
            id: news.concept,
            term: news.term,
            kind: match news.kind {
                NewsKind::Established => ReviewNewsKind::Established,
                NewsKind::Withdrawn => ReviewNewsKind::Withdrawn,
                NewsKind::Returned => ReviewNewsKind::Returned,
                NewsKind::Commented => ReviewNewsKind::Commented,
            },
        };
        Ok(self.store.news()?.into_iter().map(told).collect())
    }

    fn told(&self, own: &OwnStep) -> Result<StepView, UserError> {
        let command = &own.command;
        let term = self.store.get(command.concept)?;
        Ok(StepView {
            id: command.concept,
            term: term
                .map(|concept| concept.fields.term.to_string())
                .unwrap_or_default(),
            step: step_of(&command.act),
            at: command.at,
            problem: own.outcome.as_ref().map(problem),
            rules: match &own.outcome {
                Some(Outcome::Refused { rules, .. }) => rules.clone(),
                _ => Vec::new(),
            },
        })
    }
}

fn is_by(proposal: &Proposal, account: &OwnAccount) -> bool {
    let proposed = &proposal.proposed;
    proposed.by == account.name && proposed.organisation == account.organisation
}

/// Whether this user may decide upon a proposal. The server has the last word.
fn may_decide(
    item: &Item,
    proposal: &Proposal,
    account: &OwnAccount,
    steps: &[OwnStep],
) -> MayDecide {
    let sent = steps.iter().any(|own| {
        let decision = matches!(own.command.act, Act::Accept { .. } | Act::Reject { .. });
        own.command.concept == item.id && decision && own.outcome.is_none()
    });
    let reviews = Role::parse(&account.role).is_some_and(|role| role >= Role::Reviewer);
    match () {
        () if sent => MayDecide::Sent,
        () if is_by(proposal, account) => MayDecide::Own,
        () if reviews => MayDecide::Yes,
        () => MayDecide::Role,
    }
}

/// A step of a review as the user knows it. Other commands are none.
fn step_of(act: &Act) -> ReviewStep {
    match act {
        Act::Propose {
            withdrawal: true, ..
        } => ReviewStep::ProposeWithdrawal,
        Act::Propose { .. } => ReviewStep::Propose,
        Act::Retract => ReviewStep::Retract,
        Act::Accept { .. } => ReviewStep::Accept,
        Act::Reject { .. } => ReviewStep::Reject,
        Act::Comment { .. } => ReviewStep::Comment,
        Act::Revise { .. } | Act::Put { .. } | Act::Delete | Act::Unknown => ReviewStep::Revise,
    }
}

fn problem(outcome: &Outcome) -> ReviewProblem {
    match outcome {
        Outcome::Stale { .. } => ReviewProblem::TextChanged,
        Outcome::Refused { why, .. } => match why {
            Refusal::OwnText => ReviewProblem::OwnText,
            Refusal::Blocking => ReviewProblem::Blocking,
            Refusal::OtherRules => ReviewProblem::OtherRules,
            Refusal::WrongStatus | Refusal::UnderReview | Refusal::Deleted => ReviewProblem::NotNow,
            Refusal::NotAllowed => ReviewProblem::NotAllowed,
            _ => ReviewProblem::Unknown,
        },
        Outcome::Accepted { .. } | Outcome::Same { .. } => ReviewProblem::Unknown,
    }
}

fn refusal(outcome: &Outcome) -> UserError {
    let code = match problem(outcome) {
        ReviewProblem::OwnText => ErrorCode::ReviewOwnText,
        ReviewProblem::Blocking => ErrorCode::ReviewBlocking,
        ReviewProblem::OtherRules => ErrorCode::ReviewOtherRules,
        ReviewProblem::TextChanged => ErrorCode::ReviewTextChanged,
        ReviewProblem::NotNow => ErrorCode::ReviewNotNow,
        ReviewProblem::NotAllowed => ErrorCode::ReviewNotAllowed,
        ReviewProblem::Unknown => ErrorCode::ServerFailed,
    };
    let rules = match outcome {
        Outcome::Refused { rules, .. } => rules.join(", "),
        _ => String::new(),
    };
    UserError::new(code, rules)
}

pub(crate) fn signature(signature: &Signature) -> SignatureView {
    SignatureView {
        by: signature.by.clone(),
        organisation: signature.organisation.clone(),
        at: signature.at,
        reason: signature.reason.clone(),
    }
}

pub(crate) fn finding(failing: &Failing) -> ReviewFinding {
    ReviewFinding {
        rule: failing.rule.clone(),
        blocking: failing.blocking,
        reason: failing.reason.clone(),
    }
}

/// What is shared of a concept, by its identity, for a file's name.
pub(crate) fn file_stem(core: &Core, id: ConceptId) -> Result<String, UserError> {
    let term = core.concept(id)?.fields.term.to_string();
    let kept = |c: char| if c.is_alphanumeric() { c } else { '-' };
    Ok(term.chars().map(kept).collect())
}
