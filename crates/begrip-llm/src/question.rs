//! What becomes of a question, counted and told once.

use std::sync::Arc;

use jiff::Timestamp;

use crate::answer::Usage;
use crate::counters::Fate;
use crate::model::Shared;
use crate::observe::QuestionReport;
use crate::request::Request;

/// A question, counted once: told of when it is dropped, however that comes about.
pub(crate) struct Question<'a> {
    shared: &'a Shared,
    request: Arc<Request>,
    at: Timestamp,
    fate: Option<Fate>,
    /// What it becomes when it joins another and no answer comes of that.
    pub(crate) alone: Fate,
    answered: bool,
    pub(crate) passed_on: bool,
    saved: Usage,
}

impl<'a> Question<'a> {
    /// One that was asked just now.
    pub(crate) fn new(shared: &'a Shared, request: Arc<Request>, at: Timestamp) -> Self {
        Self {
            shared,
            request,
            at,
            fate: None,
            alone: Fate::Miss,
            answered: false,
            passed_on: false,
            saved: Usage::default(),
        }
    }

    /// What has become of it; the last word holds.
    pub(crate) fn became(&mut self, fate: Fate) {
        let organisation = &self.request.scope.organisation;
        let counters = &self.shared.cache.counters;
        match self.fate.replace(fate) {
            None => counters.count(organisation, fate),
            Some(before) => counters.turn(organisation, before, fate),
        }
    }

    /// Answered without a call of its own, which saved these tokens.
    pub(crate) fn answered(&mut self, saved: Usage) {
        let organisation = &self.request.scope.organisation;
        self.shared.cache.counters.saved(organisation, saved);
        self.saved = saved;
        self.answered = true;
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        // Who joined a call that failed, or left it, was spared nothing.
        if self.fate == Some(Fate::Coalesced) && !self.answered {
            self.became(self.alone);
        }
        if let Some(fate) = self.fate {
            self.shared.rules.observer.question(&QuestionReport {
                at: self.at,
                request: &self.request,
                fate,
                saved: self.saved,
                passed_on: self.passed_on,
            });
        }
    }
}
