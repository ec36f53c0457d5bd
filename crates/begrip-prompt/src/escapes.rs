//! The escapes of a JSON string, read character by character, wherever the text is split.

/// What one character of a string's source yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unescaped {
    Nothing,
    One(char),
    /// A lone surrogate, given as U+FFFD, and what came after it.
    Two(char, char),
}

/// Where the reading of an escape stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Escapes {
    state: State,
    /// The first half of a surrogate pair whose second half has yet to come.
    high: Option<u16>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Plain,
    Backslash,
    Unicode {
        digits: u8,
        value: u16,
    },
}

impl Escapes {
    /// True when the next character belongs to an escape, so that a quote does not end the string.
    pub(crate) fn in_the_middle(&self) -> bool {
        self.state != State::Plain
    }

    /// Takes the next character of the string's source. Wrong escapes stand for themselves.
    pub(crate) fn push(&mut self, c: char) -> Unescaped {
        match self.state {
            State::Plain if c == '\\' => {
                self.state = State::Backslash;
                Unescaped::Nothing
            }
            State::Plain => self.give(c),
            State::Backslash => {
                self.state = State::Plain;
                match c {
                    'n' => self.give('\n'),
                    't' => self.give('\t'),
                    'r' => self.give('\r'),
                    'b' => self.give('\u{8}'),
                    'f' => self.give('\u{C}'),
                    'u' => {
                        self.state = State::Unicode {
                            digits: 0,
                            value: 0,
                        };
                        Unescaped::Nothing
                    }
                    other => self.give(other),
                }
            }
            State::Unicode { digits, value } => self.digit(c, digits, value),
        }
    }

    /// What is owed at the end of the string: a first half of a pair that stayed alone.
    pub(crate) fn finish(&mut self) -> Option<char> {
        self.state = State::Plain;
        self.high.take().map(|_| char::REPLACEMENT_CHARACTER)
    }

    fn digit(&mut self, c: char, digits: u8, value: u16) -> Unescaped {
        let Some(digit) = c.to_digit(16).and_then(|digit| u16::try_from(digit).ok()) else {
            self.state = State::Plain;
            return self.give(c);
        };
        let value = value << 4 | digit;
        if digits < 3 {
            self.state = State::Unicode {
                digits: digits + 1,
                value,
            };
            return Unescaped::Nothing;
        }
        self.state = State::Plain;
        match value {
            0xD800..=0xDBFF => match self.high.replace(value) {
                Some(_) => Unescaped::One(char::REPLACEMENT_CHARACTER),
                None => Unescaped::Nothing,
            },
            0xDC00..=0xDFFF => match self.high.take() {
                Some(high) => {
                    let high = u32::from(high - 0xD800) << 10;
                    let both = 0x10000 + high + u32::from(value - 0xDC00);
                    Unescaped::One(char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER))
                }
                None => Unescaped::One(char::REPLACEMENT_CHARACTER),
            },
            other => {
                let c = char::from_u32(u32::from(other));
                self.give(c.unwrap_or(char::REPLACEMENT_CHARACTER))
            }
        }
    }

    fn give(&mut self, c: char) -> Unescaped {
        match self.high.take() {
            Some(_) => Unescaped::Two(char::REPLACEMENT_CHARACTER, c),
            None => Unescaped::One(c),
        }
    }
}
