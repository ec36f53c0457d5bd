//! One JSON object a line. Memory does not grow with the file.

use std::io::{self, BufRead, Read};
use std::path::PathBuf;

use super::{Entry, Source, entry, is_wide, wide};
use crate::exit::{Failure, unreadable};

/// Bytes of one line. Far above any real definition; keeps a file without line ends out of memory.
const LONGEST_LINE: usize = 4_000_000;

/// The lines of a file.
pub struct Lines<R> {
    path: PathBuf,
    input: R,
    bytes: Vec<u8>,
    line: usize,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `input`, which stands at `path`.
    pub fn new(path: PathBuf, input: R) -> Self {
        Self {
            path,
            input,
            bytes: Vec::new(),
            line: 0,
        }
    }
}

impl<R: BufRead> Source for Lines<R> {
    fn read(&mut self) -> Result<Option<Entry>, Failure> {
        loop {
            self.line += 1;
            let whole = read_line(&mut self.input, &mut self.bytes)
                .map_err(|error| unreadable(&self.path, &error))?;
            if self.bytes.is_empty() {
                return Ok(None);
            }
            if self.line == 1 && is_wide(&self.bytes) {
                return Err(wide());
            }
            let text = match (whole, std::str::from_utf8(&self.bytes)) {
                (false, _) => Err(format!("langer dan {} MB", LONGEST_LINE / 1_000_000)),
                (true, Err(error)) => {
                    let at = error.valid_up_to() + 1;
                    Err(format!("geen UTF-8 (byte {at})"))
                }
                // A byte order mark comes along from Windows programs.
                (true, Ok(text)) => Ok(text.trim_start_matches('\u{FEFF}').trim()),
            };
            if text != Ok("") {
                return Ok(Some(entry(self.line, text)));
            }
        }
    }
}

/// Reads a line with its end into `bytes`; nothing at the end of the input. False when the line
/// is too long: `bytes` then holds its beginning, and the rest is passed over.
fn read_line(input: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<bool> {
    bytes.clear();
    input
        .by_ref()
        .take(LONGEST_LINE as u64)
        .read_until(b'\n', bytes)?;
    if bytes.len() < LONGEST_LINE || bytes.ends_with(b"\n") {
        return Ok(true);
    }
    loop {
        let ahead = input.fill_buf()?;
        let end = ahead.iter().position(|byte| *byte == b'\n');
        let (used, done) = match end {
            Some(at) => (at + 1, true),
            None => (ahead.len(), ahead.is_empty()),
        };
        input.consume(used);
        if done {
            return Ok(false);
        }
    }
}
