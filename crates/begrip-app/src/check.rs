//! Checking a text: at once, locally, nothing kept.

use std::sync::Arc;

use begrip_domain::limits;
use begrip_rules::{Report, RulePack, Subject};

use crate::schema::CheckRequest;
use crate::{App, ErrorCode, UserError};

impl App {
    /// The rules in force, for a host that checks many texts with the same ones.
    pub fn rules_in_force(&self) -> Arc<RulePack> {
        self.core.pack()
    }

    /// Checks a text with every rule, beside the other concepts of the store.
    ///
    /// Errors: a text longer than [`limits::TEXT_CHARS`] characters.
    pub async fn check(&self, request: CheckRequest) -> Result<Report, UserError> {
        not_too_long(&request)?;
        self.blocking(move |core| core.judge(&core.pack(), &subject(&request), request.id))
            .await
    }

    /// Checks a text with the rules that look at the text alone: much sooner ready than [`App::check`],
    /// whatever the store holds. The report leaves the other rules out.
    ///
    /// Errors: a text longer than [`limits::TEXT_CHARS`] characters.
    pub async fn check_text(&self, request: CheckRequest) -> Result<Report, UserError> {
        not_too_long(&request)?;
        self.blocking(move |core| Ok(core.pack().check_text(&subject(&request))))
            .await
    }
}

fn not_too_long(request: &CheckRequest) -> Result<(), UserError> {
    match request.text.chars().count() > limits::TEXT_CHARS {
        true => Err(UserError::new(ErrorCode::TextTooLong, "text")),
        false => Ok(()),
    }
}

fn subject(request: &CheckRequest) -> Subject<'_> {
    Subject {
        term: &request.term,
        synonyms: &request.synonyms,
        text: &request.text,
        context: &request.context,
        category: request.category,
        has_source: request.has_source,
    }
}
