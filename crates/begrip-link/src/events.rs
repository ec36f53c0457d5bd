//! The line on which the server tells of changes.

use std::time::Duration;

use reqwest::Response;

use crate::error::LinkError;
use crate::server::{Server, failed, good};

/// The server says at least this often that it is still there.
const QUIET: Duration = Duration::from_secs(45);

/// A line that has been opened.
pub struct Events {
    response: Response,
    read: Vec<u8>,
}

impl Server {
    /// Opens the line.
    ///
    /// Errors: as with any question.
    pub async fn listen(&self) -> Result<Events, LinkError> {
        let opening = self.http.get(self.at("v1/sync/events")?).send();
        let response = tokio::time::timeout(QUIET, opening)
            .await
            .map_err(|_| LinkError::Timeout)?
            .map_err(|error| failed(&error))?;
        Ok(Events {
            response: good(response).await?,
            read: Vec::new(),
        })
    }
}

impl Events {
    /// Waits for the next change and gives its sequence. The first comes at once.
    ///
    /// Errors: the line is lost, or quiet for too long.
    pub async fn next(&mut self) -> Result<u64, LinkError> {
        loop {
            if let Some(sequence) = taken(&mut self.read) {
                return Ok(sequence);
            }
            let piece = tokio::time::timeout(QUIET, self.response.chunk())
                .await
                .map_err(|_| LinkError::Timeout)?
                .map_err(|error| failed(&error))?;
            match piece {
                Some(piece) => self.read.extend_from_slice(&piece),
                None => return Err(LinkError::Unreachable("the line was closed".to_owned())),
            }
        }
    }
}

/// Takes whole lines off the front until one of them tells a sequence; the last of several.
fn taken(read: &mut Vec<u8>) -> Option<u64> {
    let end = read.iter().rposition(|byte| *byte == b'\n')? + 1;
    let rest = read.split_off(end);
    let lines = String::from_utf8_lossy(read).into_owned();
    *read = rest;
    lines
        .lines()
        .filter_map(|line| line.strip_prefix("data:")?.trim().parse().ok())
        .next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_is_read_however_the_line_is_cut() {
        let mut read = b"event: changed\nda".to_vec();
        assert_eq!(taken(&mut read), None);
        read.extend_from_slice(b"ta: 12\n\n: still here\n\nevent: changed\ndata: 13\n\ndata: 1");
        assert_eq!(taken(&mut read), Some(13));
        read.extend_from_slice(b"4\n");
        assert_eq!(taken(&mut read), Some(14));
    }
}
