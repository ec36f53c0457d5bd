//! One JSON list of objects. The file is held in memory as a whole.

use std::io::BufRead;
use std::path::Path;

use begrip_app::{ErrorCode, UserError};
use serde_json::value::RawValue;

use super::{Entry, Source, entry, is_wide, wide};
use crate::exit::{Failure, unreadable};

/// The objects of a list, each with the line on which it begins.
pub struct List {
    entries: std::vec::IntoIter<(usize, Box<RawValue>)>,
}

impl List {
    /// Reads the list in `input`, which stands at `path`.
    pub fn read(path: &Path, mut input: impl BufRead) -> Result<Self, Failure> {
        let mut bytes = Vec::new();
        input
            .read_to_end(&mut bytes)
            .map_err(|error| unreadable(path, &error))?;
        if is_wide(&bytes) {
            return Err(wide());
        }
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            let at = error.valid_up_to() + 1;
            refused(format!("geen UTF-8 (byte {at})"))
        })?;
        let text = text.trim_start_matches('\u{FEFF}');
        let objects: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| {
            refused(match error.classify() {
                serde_json::error::Category::Data => "geen JSON-lijst".to_owned(),
                serde_json::error::Category::Eof => "de JSON houdt te vroeg op".to_owned(),
                _ => format!(
                    "geen geldige JSON (regel {}, teken {})",
                    error.line(),
                    error.column()
                ),
            })
        })?;
        let (mut line, mut from) = (1, 0);
        let mut entries = Vec::with_capacity(objects.len());
        for object in objects {
            // The objects are slices of the text: where one begins tells its line.
            let at = object.get().as_ptr() as usize - text.as_ptr() as usize;
            line += text.as_bytes().get(from..at).map_or(0, line_ends);
            from = at;
            entries.push((line, object.to_owned()));
        }
        Ok(Self {
            entries: entries.into_iter(),
        })
    }
}

impl Source for List {
    fn read(&mut self) -> Result<Option<Entry>, Failure> {
        let next = self.entries.next();
        Ok(next.map(|(line, object)| entry(line, Ok(object.get()))))
    }
}

fn line_ends(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

fn refused(fault: String) -> Failure {
    UserError::new(ErrorCode::FileUnreadable, fault).into()
}
