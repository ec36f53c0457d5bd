//! What those who ask the same at one time have in common, up to the question itself: it is gathered and composed once.
//!
//! Nothing is remembered for who asks later: it is held as long as anybody of them is at it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, Weak};

use begrip_llm::{CancellationToken, LlmError};
use begrip_prompt::Prompt;
use begrip_rules::RulePack;
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use crate::experiments::Assigned;
use crate::gather::Gathered;
use crate::open::{Core, lock};
use crate::prepare::Small;
use crate::protect::{Gate, Outgoing};
use crate::schema::{DefineRequest, DraftInput};
use crate::{App, ErrorCode, UserError};

/// A question that is ready to be asked.
pub(crate) struct Prepared {
    pub gathered: Arc<Gathered>,
    /// What was asked for, with the category that is assumed where none was chosen.
    pub input: DraftInput,
    /// One for the whole draft: what is asked, kept and checked goes by the same rules.
    pub pack: Arc<RulePack>,
    pub assigned: Assigned,
    pub own: Arc<Outgoing>,
    pub prompt: Prompt,
}

/// Where one question is made ready; another one of the same waits for it.
pub(crate) type Place = OnceCell<Arc<Prepared>>;

/// Questions that are being made ready.
pub(crate) type Preparing = WhileHeld<[u8; 32], Place>;

/// What has a name for as long as anybody holds it: whoever asks for it meanwhile gets the same one.
#[derive(Debug)]
pub(crate) struct WhileHeld<K, T>(Mutex<HashMap<K, Weak<T>>>);

impl<K, T> Default for WhileHeld<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, T: Default> WhileHeld<K, T> {
    /// What has this name; a new one when nobody holds it.
    pub fn of(&self, name: K) -> Arc<T> {
        let mut held = lock(&self.0);
        held.retain(|_, one| one.strong_count() > 0);
        if let Some(one) = held.get(&name).and_then(Weak::upgrade) {
            return one;
        }
        let one = Arc::default();
        held.insert(name, Arc::downgrade(&one));
        one
    }
}

impl App {
    /// Gathers and composes a question, once for all who ask the same before anything in the store changes.
    ///
    /// Errors: as of gathering and composing; the user stopped it.
    pub(crate) async fn prepared(
        &self,
        request_id: &str,
        request: &DefineRequest,
        cancel: &CancellationToken,
    ) -> Result<Arc<Prepared>, UserError> {
        let asked = request.clone();
        let name = self.blocking(move |core| core.name_of(&asked)).await?;
        let place = self.core.preparing.of(name);
        let small = Small::Ask {
            request_id,
            offline: request.offline,
            cancel,
        };
        let ready = place.get_or_try_init(|| self.prepare_question(&request.input, small));
        tokio::select! {
            // In this order: whoever stopped it is not to be asked for just because it became ready at the same moment,
            // and then a call would be made that nobody waits for.
            biased;
            () = cancel.cancelled() => Err(LlmError::Cancelled.into()),
            ready = ready => ready.map(Arc::clone),
        }
    }

    async fn prepare_question(
        &self,
        input: &DraftInput,
        small: Small<'_>,
    ) -> Result<Arc<Prepared>, UserError> {
        let gathered = Arc::new(self.gather(input, small).await?);
        let input = gathered.settle(input);
        self.blocking(move |core| {
            let pack = core.pack();
            let own = Gate::outgoing(&input)?;
            let assigned = core.assigned();
            let prompt = core.compose(assigned.version, &pack, &input, &own, &gathered)?;
            Ok(Arc::new(Prepared {
                gathered,
                input,
                pack,
                assigned,
                own,
                prompt,
            }))
        })
        .await
    }
}

impl Core {
    /// What two have in common who ask the same of the same store. Settings, rules and flags stand in the store too.
    fn name_of(&self, request: &DefineRequest) -> Result<[u8; 32], UserError> {
        // Without it, questions that differ would be taken for one.
        let asked = serde_json::to_vec(&(&request.input, request.offline))
            .map_err(|error| UserError::new(ErrorCode::BadRequest, error.to_string()))?;
        let mut name = Sha256::new_with_prefix(self.store.changes()?.to_le_bytes());
        name.update(asked);
        Ok(name.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_serves_the_same_question_for_as_long_as_anybody_is_at_it() {
        let preparing = Preparing::default();
        let (one, other) = (preparing.of([1; 32]), preparing.of([2; 32]));
        assert!(Arc::ptr_eq(&one, &preparing.of([1; 32])));
        assert!(!Arc::ptr_eq(&one, &other));
        drop(one);
        preparing.of([3; 32]);
        assert_eq!(
            lock(&preparing.0).len(),
            2,
            "what nobody is at is forgotten"
        );
    }
}
