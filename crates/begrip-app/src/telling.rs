//! What is told of a draft while its text comes in.

use std::sync::Arc;

use begrip_llm::Piece;
use begrip_prompt::PartialReader;

use crate::protect::Outgoing;
use crate::schema::{DefineEvent, DefineStage};

/// Turns pieces of JSON into the text so far.
pub(crate) struct Teller {
    reader: PartialReader,
    /// What the pieces are given back from.
    sent: Arc<Outgoing>,
    writing: bool,
    /// The text has grown since it was told.
    owed: bool,
}

impl Teller {
    /// Nothing was told yet; `sent` is what went out.
    pub fn new(sent: &Arc<Outgoing>) -> Self {
        Self {
            reader: PartialReader::new(),
            sent: Arc::clone(sent),
            writing: false,
            owed: false,
        }
    }

    /// Takes the next piece of an answer. Those of a kept one come all in one moment, and nobody sees it grow: it is told
    /// once, by [`Teller::tell_owed`].
    pub fn tell(&mut self, piece: Piece<'_>, events: &mut impl FnMut(DefineEvent)) {
        self.owed |= self.reader.feed(piece.text);
        if !piece.replayed {
            self.tell_owed(events);
        }
    }

    /// Tells the text so far, if it has grown since it was told.
    pub fn tell_owed(&mut self, events: &mut impl FnMut(DefineEvent)) {
        if !std::mem::take(&mut self.owed) {
            return;
        }
        if !self.writing {
            self.writing = true;
            events(DefineEvent::Stage {
                stage: DefineStage::Writing,
                left_out: Vec::new(),
            });
        }
        let notes = &self.sent.notes;
        events(DefineEvent::Text {
            definition: notes.restore_so_far(self.reader.definition()),
            explanation: notes.restore_so_far(self.reader.explanation()),
        });
    }
}
