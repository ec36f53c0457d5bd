//! Servers that do not take every field: what is asked otherwise after a 400 or 422 that names it.
//!
//! Each such step is a call of its own, in the ledger and in the count, but no retry: it is made
//! once for each endpoint, remembered, and takes nothing from the retry budget.

use crate::endpoint::Structured;
use crate::error::LlmError;
use crate::request::{Bounds, Request, Wording, has_open_list};

/// The wording of the questions after one that ended so, or `None` when it stays as it is: only the lists of a form that is
/// held to can run on.
pub(crate) fn after(wording: Wording, request: &Request, error: &LlmError) -> Option<Wording> {
    let held = wording.structured == Structured::JsonSchema && wording.bounds == Bounds::NotNeeded;
    let may_run_on = || request.schema.as_ref().is_some_and(has_open_list);
    (held && matches!(error, LlmError::Truncated) && may_run_on()).then_some(Wording {
        bounds: Bounds::Needed,
        ..wording
    })
}

/// The wording to try next, or `None` when the complaint (in lower case) is about something else.
pub(crate) fn next(wording: Wording, request: &Request, complaint: &str) -> Option<Wording> {
    let says = |words: &[&str]| words.iter().any(|word| complaint.contains(word));
    if request.stream && wording.stream_options && says(&["stream_options"]) {
        return Some(Wording {
            stream_options: false,
            ..wording
        });
    }
    if request.max_tokens.is_some()
        && !wording.completion_tokens
        && says(&["max_completion_tokens"])
    {
        return Some(Wording {
            completion_tokens: true,
            ..wording
        });
    }
    let about_form = says(&[
        "maxitems",
        "response_format",
        "response format",
        "json_schema",
        "json schema",
        "json_object",
        "structured output",
        "grammar",
        // llama.cpp, when a model's tokens do not fit the grammar that it makes of a schema.
        "failed to initialize samplers",
        "guided_json",
    ]);
    // The form without bounds was taken before them.
    if about_form && wording.bounds == Bounds::Needed {
        return Some(Wording {
            bounds: Bounds::Refused,
            ..wording
        });
    }
    if request.schema.is_some() && about_form {
        let structured = wording.structured.next()?;
        return Some(Wording {
            structured,
            ..wording
        });
    }
    // Models that think first take no other temperature than their own.
    if request.temperature.is_some() && wording.temperature && says(&["temperature"]) {
        return Some(Wording {
            temperature: false,
            ..wording
        });
    }
    if request.seed.is_some() && wording.seed && says(&["seed"]) {
        return Some(Wording {
            seed: false,
            ..wording
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::CacheScope;

    fn request() -> Request {
        let mut request = Request::new("m", Vec::new(), CacheScope::default());
        request.schema = Some(serde_json::json!({"type": "object"}));
        request.temperature = Some(0.2);
        request.max_tokens = Some(100);
        request.seed = Some(1);
        request
    }

    #[test]
    fn the_field_that_is_named_is_the_one_that_changes() {
        let first = Wording::first(Structured::JsonSchema);
        for (complaint, expected) in [
            (
                "unknown field stream_options",
                Wording {
                    stream_options: false,
                    ..first
                },
            ),
            (
                "'max_tokens' is not supported, use 'max_completion_tokens' instead",
                Wording {
                    completion_tokens: true,
                    ..first
                },
            ),
            (
                "response_format: json_schema is not supported",
                Wording {
                    structured: Structured::JsonObject,
                    ..first
                },
            ),
            (
                "failed to initialize samplers: std::exception",
                Wording {
                    structured: Structured::JsonObject,
                    ..first
                },
            ),
            (
                "failed to parse grammar",
                Wording {
                    structured: Structured::JsonObject,
                    ..first
                },
            ),
            (
                "'temperature' does not support 0.2 with this model",
                Wording {
                    temperature: false,
                    ..first
                },
            ),
            (
                "seed is not allowed",
                Wording {
                    seed: false,
                    ..first
                },
            ),
        ] {
            assert_eq!(
                next(first, &request(), complaint),
                Some(expected),
                "{complaint}"
            );
        }
    }

    #[test]
    fn lists_are_bounded_after_an_answer_that_can_have_run_on_in_one() {
        let first = Wording::first(Structured::JsonSchema);
        let bounded = Wording {
            bounds: Bounds::Needed,
            ..first
        };
        let mut lists = request();
        lists.schema = Some(serde_json::json!({
            "type": "object", "properties": {"synonyms": {"type": "array", "items": {"type": "string"}}}
        }));
        assert_eq!(after(first, &lists, &LlmError::Truncated), Some(bounded));
        assert_eq!(after(bounded, &lists, &LlmError::Truncated), None);
        assert_eq!(after(first, &lists, &LlmError::ContentFilter), None);
        assert_eq!(
            after(first, &request(), &LlmError::Truncated),
            None,
            "no list"
        );
        let free = Wording::first(Structured::JsonObject);
        assert_eq!(after(free, &lists, &LlmError::Truncated), None);
        // Whatever is said of a bounded form, the same without bounds was taken before.
        for complaint in ["'maxItems' is not permitted", "failed to parse grammar"] {
            let expected = Wording {
                bounds: Bounds::Refused,
                ..first
            };
            assert_eq!(
                next(bounded, &lists, &complaint.to_lowercase()),
                Some(expected)
            );
        }
    }

    #[test]
    fn each_step_is_made_once_and_other_complaints_change_nothing() {
        let mut wording = Wording::first(Structured::JsonSchema);
        let mut steps = 0;
        while let Some(changed) = next(
            wording,
            &request(),
            "response_format and temperature and seed",
        ) {
            wording = changed;
            steps += 1;
        }
        assert_eq!(steps, 2, "json_schema → json_object → none, and no further");
        assert_eq!(
            next(wording, &request(), "the request was not accepted"),
            None
        );
        let plain = Request::new("m", Vec::new(), CacheScope::default());
        let first = Wording::first(Structured::JsonSchema);
        assert_eq!(
            next(first, &plain, "response_format temperature seed"),
            None
        );
    }
}
