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
        if request.text.chars().count() > limits::TEXT_CHARS {
            return Err(UserError::new(ErrorCode::TextTooLong, "text"));
        }
        self.blocking(move |core| {
            let subject = Subject {
                term: &request.term,
                synonyms: &request.synonyms,
                text: &request.text,
                context: &request.context,
                category: request.category,
                has_source: request.has_source,
            };
            core.judge(&core.pack(), &subject, request.id)
        })
        .await
    }
}
