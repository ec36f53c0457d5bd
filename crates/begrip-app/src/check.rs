//! Checking a text: at once, locally, nothing kept.

use begrip_domain::limits;
use begrip_rules::{Report, Subject};

use crate::schema::CheckRequest;
use crate::{App, ErrorCode, UserError};

impl App {
    /// Checks a text with every rule.
    ///
    /// Errors: a text longer than [`limits::TEXT_CHARS`] characters.
    pub async fn check(&self, request: CheckRequest) -> Result<Report, UserError> {
        if request.text.chars().count() > limits::TEXT_CHARS {
            return Err(UserError::new(ErrorCode::TextTooLong, "text"));
        }
        Ok(self.core.pack().check(&Subject {
            term: &request.term,
            synonyms: &[],
            text: &request.text,
            context: &request.context,
            category: request.category,
            has_source: request.has_source,
        }))
    }
}
