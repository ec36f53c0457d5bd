//! Server-sent events, read piece by piece, cut anywhere.
//!
//! Follows the event stream format of the HTML standard as far as chat replies need it: lines end
//! with LF, CRLF or CR; comments, `event`, `id` and `retry` are skipped; several `data` lines of
//! one event are joined with a line break; a byte order mark at the start is skipped. Beyond the
//! standard, an event that the end of the stream leaves unfinished is given too, since servers
//! exist that leave out the last blank line.

/// Reads an event stream as its bytes arrive. Works on bytes, so that a cut inside a character
/// does no harm.
#[derive(Debug, Default)]
pub struct EventReader {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    after_cr: bool,
    begun: bool,
}

impl EventReader {
    /// A reader at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes and gives the data of each event that they complete to `event`.
    pub fn feed(&mut self, bytes: &[u8], mut event: impl FnMut(&[u8])) {
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            if std::mem::take(&mut self.after_cr) && first == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let Some(end) = rest.iter().position(|b| matches!(b, b'\n' | b'\r')) else {
                self.line.extend_from_slice(rest);
                return;
            };
            self.line.extend_from_slice(&rest[..end]);
            self.after_cr = rest[end] == b'\r';
            rest = &rest[end + 1..];
            self.end_line(&mut event);
        }
    }

    /// Takes the end of the stream: gives the event that has no blank line after it, if any.
    pub fn finish(mut self, mut event: impl FnMut(&[u8])) {
        if !self.line.is_empty() {
            self.end_line(&mut event);
        }
        self.end_event(&mut event);
    }

    /// How many bytes are held for events that are not complete yet.
    pub fn held(&self) -> usize {
        self.line.len() + self.data.len()
    }

    fn end_line(&mut self, event: &mut impl FnMut(&[u8])) {
        let line = std::mem::take(&mut self.line);
        let mut text = line.as_slice();
        if !std::mem::replace(&mut self.begun, true) {
            text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        }
        if text.is_empty() {
            self.end_event(event);
        } else if let Some(value) = text.strip_prefix(b"data")
            && let Some(value) = match value {
                [] => Some(value),
                [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
                // A field whose name only begins with "data".
                _ => None,
            }
        {
            if std::mem::replace(&mut self.has_data, true) {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(value);
        }
        // The buffer is used again for the next line.
        self.line = line;
        self.line.clear();
    }

    fn end_event(&mut self, event: &mut impl FnMut(&[u8])) {
        if std::mem::take(&mut self.has_data) {
            event(&self.data);
            self.data.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(parts: &[&[u8]]) -> Vec<String> {
        let mut events = Vec::new();
        let mut push = |data: &[u8]| events.push(String::from_utf8_lossy(data).into_owned());
        let mut reader = EventReader::new();
        for part in parts {
            reader.feed(part, &mut push);
        }
        reader.finish(&mut push);
        events
    }

    #[test]
    fn streams_in_the_wild_are_read_as_the_standard_says() {
        for (stream, events) in [
            ("data: a\n\ndata: b\n\n", vec!["a", "b"]),
            ("data: a\r\n\r\ndata: b\r\n\r\n", vec!["a", "b"]),
            ("data: a\r\rdata: b\r\r", vec!["a", "b"]),
            ("\u{FEFF}data: a\n\n", vec!["a"]),
            (": hallo\n\ndata: a\n\n:\n\n", vec!["a"]),
            ("event: x\nid: 1\nretry: 5\ndata:a\n\n", vec!["a"]),
            ("data: a\ndata: b\n\n", vec!["a\nb"]),
            ("data:  a\n\n", vec![" a"]),
            ("data\n\n", vec![""]),
            ("data:\n\n", vec![""]),
            ("database: a\n\n", vec![]),
            ("\n\n\n\ndata: a\n\n\n\n", vec!["a"]),
            ("data: a\n\ndata: b\n", vec!["a", "b"]),
            ("data: a\n\ndata: b", vec!["a", "b"]),
            ("data: é€😀\n\n", vec!["é€😀"]),
            ("", vec![]),
        ] {
            assert_eq!(read(&[stream.as_bytes()]), events, "{stream:?}");
        }
    }

    #[test]
    fn a_carriage_return_at_the_end_of_a_piece_ends_one_line_only() {
        assert_eq!(
            read(&[b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n"]),
            ["a\nb"]
        );
    }

    fn stream() -> impl Strategy<Value = String> {
        let line_end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
        let line = prop_oneof![
            4 => "[ -~é€😀]{0,12}".prop_map(|text| format!("data: {text}")),
            1 => "[ -~]{0,5}".prop_map(|text| format!(": {text}")),
            1 => Just("event: message".to_owned()),
            2 => Just(String::new()),
        ];
        prop::collection::vec((line, line_end), 0..30)
            .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
    }

    proptest! {
        #[test]
        fn any_split_of_a_stream_gives_the_same_events(
            stream in stream(),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            let bytes = stream.as_bytes();
            let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            places.extend([0, bytes.len()]);
            places.sort_unstable();
            let parts: Vec<_> = places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            let single: Vec<_> = bytes.chunks(1).collect();
            let whole = read(&[bytes]);
            prop_assert_eq!(&read(&parts), &whole);
            prop_assert_eq!(&read(&single), &whole);
        }
    }
}
