//! What became of the drafts of an experiment. Nothing of a draft's text is written down here.

use begrip_llm::{Answer, Request};
use begrip_prompt::Reply;
use begrip_rules::{Level, RulePack};
use begrip_store::{Decision, Trial, TrialState};

use super::{Assigned, By};
use crate::define::check_alone;
use crate::jobs::is_of_a_job;
use crate::open::Core;
use crate::schema::{DefineRequest, DraftInput, DraftRef};
use crate::{App, UserError};

impl Assigned {
    /// The draft of an answer, when it is one of an experiment. Only an answer that took a call: what
    /// was asked before says nothing new of the version.
    pub fn trial(&self, question: &Request, answer: &Answer) -> Option<Trial> {
        let By::Experiment { name, arm } = &self.by else {
            return None;
        };
        let request_id = question.request_id.clone()?;
        (answer.calls > 0).then(|| Trial {
            draft: request_id.clone(),
            request_id,
            at: answer.answered_at,
            experiment: name.clone(),
            arm: arm.clone(),
            prompt_version: self.version.to_string(),
            passed: false,
            state: TrialState::Undecidable,
        })
    }
}

/// Whether a reply keeps every blocking and serious rule by itself.
pub(crate) fn passes(pack: &RulePack, input: &DraftInput, reply: &Reply) -> bool {
    let report = check_alone(pack, input, reply);
    report
        .failures()
        .all(|finding| finding.level == Level::Advice)
}

/// A draft that somebody is shown and can decide on.
pub(crate) fn of_a_draft(mut trial: Trial, draft_id: &str, request: &DefineRequest) -> Trial {
    draft_id.clone_into(&mut trial.draft);
    if !is_of_a_job(&request.request_id) {
        trial.state = TrialState::Open;
    }
    trial
}

impl App {
    /// Writes down a draft of an experiment. What cannot be written keeps nobody from the draft.
    pub(crate) async fn note_trial(&self, trial: Trial) {
        let noted = self
            .blocking(move |core| Ok(core.store.add_trial(&trial)?))
            .await;
        if let Err(error) = noted {
            tracing::error!(
                code = error.code,
                "a draft of an experiment was not written down"
            );
        }
    }

    /// Told when the user throws a draft away; an unknown one is no error.
    pub async fn draft_discard(&self, draft: DraftRef) -> Result<(), UserError> {
        self.blocking(move |core| {
            Ok(core
                .store
                .decide_trial(&draft.draft_id, Decision::Discarded)?)
        })
        .await
    }
}

impl Core {
    /// Writes down that a draft was kept with this definition.
    pub(crate) fn note_kept(&self, draft: &str, original: &str, kept: &str) {
        let decision = match is_same(original, kept) {
            true => Decision::Kept,
            false => Decision::Edited,
        };
        if let Err(error) = self.store.decide_trial(draft, decision) {
            tracing::error!(%error, "what became of a draft was not written down");
        }
    }
}

/// Whether a text is the draft's, white space apart, whatever stands for its placeholders.
fn is_same(original: &str, kept: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (original, kept) = (words(original), words(kept));
    let mut parts = original.split('[').peekable();
    let Some(mut rest) = kept.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    while let Some(part) = parts.next() {
        let text = part.split_once(']').map_or(part, |(_, text)| text);
        if parts.peek().is_none() {
            return rest.ends_with(text);
        }
        match rest.split_once(text) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_drafts_whatever_stands_for_its_placeholders() {
        for (original, kept, same) in [
            ("verbod voor iemand", "verbod  voor\niemand", true),
            ("verbod voor iemand", "verbod voor iemand anders", false),
            ("verbod voor [verdachte]", "verbod voor Jan Jansen", true),
            (
                "verbod voor [verdachte] nu",
                "verbod voor Jan Jansen",
                false,
            ),
            (
                "verbod voor [a] of [b] nu",
                "verbod voor Jan of Ada nu",
                true,
            ),
            (
                "verbod voor [a] of [b] nu",
                "verbod voor Jan en Ada nu",
                false,
            ),
            ("[a][b] mag", "Jan mag", true),
        ] {
            assert_eq!(is_same(original, kept), same, "{original}: {kept}");
        }
    }
}
