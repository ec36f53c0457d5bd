//! The quotes of a CSV text, watched as its bytes go by.

/// A cell begins with a quote on this line and does not end as such a cell does. A CSV reader takes all that follows
/// for one cell, and rows disappear into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a quote on line {0} is not closed")]
pub struct OpenQuote(pub u32);

/// Watches the quotes of one text.
#[derive(Clone, Debug)]
pub struct Quotes {
    delimiter: u8,
    /// The line of the next byte; the first is 1.
    line: u32,
    at: At,
}

/// Where the next byte stands.
#[derive(Clone, Copy, Debug)]
enum At {
    /// At the beginning of a cell.
    Begin,
    /// In a cell without quotes, or behind them.
    Plain,
    /// Within the quotes that began on this line.
    Quoted(u32),
    /// Behind a quote within those: it closes them, or stands for one.
    Quote(u32),
}

impl Quotes {
    /// Of a text in which this sign stands between the cells.
    pub fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            line: 1,
            at: At::Begin,
        }
    }

    /// The next bytes of the text.
    ///
    /// Error: quotes that were opened on an earlier line end in the middle of a text, so that they were most likely
    /// meant to begin a cell.
    pub fn see(&mut self, bytes: &[u8]) -> Result<(), OpenQuote> {
        for byte in bytes.iter().copied() {
            let ends = byte == self.delimiter || matches!(byte, b'\r' | b'\n');
            self.at = match (self.at, byte) {
                (At::Begin, b'"') => At::Quoted(self.line),
                (At::Quoted(since), b'"') => At::Quote(since),
                (At::Quoted(since), _) | (At::Quote(since), b'"') => At::Quoted(since),
                (At::Quote(since), _) if !ends && self.line > since => {
                    return Err(OpenQuote(since));
                }
                _ if ends => At::Begin,
                _ => At::Plain,
            };
            self.line += u32::from(byte == b'\n');
        }
        Ok(())
    }

    /// The text is over. Error: quotes are open.
    pub fn end(&self) -> Result<(), OpenQuote> {
        match self.at {
            At::Quoted(since) => Err(OpenQuote(since)),
            _ => Ok(()),
        }
    }
}
