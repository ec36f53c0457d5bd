//! A sheet with a header, as a spreadsheet saves it. Memory does not grow with the file.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use begrip_app::{ErrorCode, OpenQuote, Quotes, UserError};
use begrip_domain::{Category, Context, limits};
use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{Definition, Entry, Faulty, Source, is_wide, labels, wide};
use crate::exit::{Failure, unreadable};

/// Between the labels in one cell.
const BETWEEN_LABELS: char = '|';

/// The columns, by the names that a header may give them.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("id", &["id", "nummer"]),
    ("term", &["term", "begrip"]),
    ("text", &["text", "tekst", "definitie", "definition"]),
    ("org", &["org", "organisatie"]),
    ("legal", &["legal", "rechtsgebied"]),
    ("basis", &["basis", "wet"]),
    ("category", &["category", "categorie"]),
];

/// What goes by on its way to the rows.
struct Watched<R> {
    input: R,
    quotes: Quotes,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let many = self.input.read(into)?;
        let seen = match into.get(..many) {
            Some(bytes) if many > 0 => self.quotes.see(bytes),
            _ => self.quotes.end(),
        };
        seen.map_err(|open| io::Error::new(io::ErrorKind::InvalidData, open))?;
        Ok(many)
    }
}

/// The rows of a sheet.
pub struct Sheet<R> {
    path: PathBuf,
    rows: Reader<Watched<R>>,
    record: ByteRecord,
    /// Where each of [`COLUMNS`] stands.
    places: [Option<usize>; 7],
    width: usize,
    /// Whether a row was not UTF-8.
    ansi: bool,
}

impl<R: BufRead> Sheet<R> {
    /// Reads the header of `input`, which stands at `path`.
    pub fn open(path: PathBuf, mut input: R) -> Result<Self, Failure> {
        let beginning = input
            .fill_buf()
            .map_err(|error| unreadable(&path, &error))?;
        if is_wide(beginning) {
            return Err(wide());
        }
        let delimiter = delimiter(beginning);
        let rows = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(Watched {
                input,
                quotes: Quotes::new(delimiter),
            });
        let mut sheet = Self {
            path,
            rows,
            record: ByteRecord::new(),
            places: [None; 7],
            width: 0,
            ansi: false,
        };
        // Excel can put ‘sep=;’ on a line of its own before the header.
        while sheet.next_row()? && sheet.record.get(0).is_some_and(|c| c.starts_with(b"sep=")) {}
        sheet.take_header()?;
        Ok(sheet)
    }

    fn take_header(&mut self) -> Result<(), Failure> {
        if self.record.is_empty() {
            return Ok(());
        }
        self.width = self.record.len();
        for (at, cell) in self.record.iter().enumerate() {
            let name = String::from_utf8_lossy(cell).trim().to_lowercase();
            for ((_, names), place) in COLUMNS.iter().zip(&mut self.places) {
                if place.is_none() && names.contains(&name.as_str()) {
                    *place = Some(at);
                }
            }
        }
        for (needed, place) in [("term", self.places[1]), ("definitie", self.places[2])] {
            if place.is_none() {
                return Err(UserError::new(
                    ErrorCode::FileUnreadable,
                    format!(
                        "de kop heeft geen kolom ‘{needed}’; op de eerste regel horen de namen van de kolommen"
                    ),
                )
                .into());
            }
        }
        Ok(())
    }

    /// Reads the next row that is not blank; false at the end.
    fn next_row(&mut self) -> Result<bool, Failure> {
        loop {
            match self.rows.read_byte_record(&mut self.record) {
                Ok(false) => return Ok(false),
                Ok(true) if self.record.iter().all(<[u8]>::is_empty) => {}
                Ok(true) => return Ok(true),
                Err(error) => return Err(unread(&self.path, error)),
            }
        }
    }

    fn row(&mut self, line: usize) -> Entry {
        let faulty = |fault: String| Faulty {
            line,
            id: None,
            fault,
        };
        if self.record.len() > self.width {
            return Err(faulty(
                "meer cellen dan kolommen; zet een tekst met een scheidingsteken tussen aanhalingstekens"
                    .to_owned(),
            ));
        }
        let record = &self.record;
        let ansi = record.iter().any(|cell| std::str::from_utf8(cell).is_err());
        self.ansi |= ansi;
        let cells = self.places.map(|place| {
            let bytes = place.and_then(|at| record.get(at)).unwrap_or_default();
            match ansi {
                true => encoding_rs::WINDOWS_1252.decode(bytes).0,
                false => String::from_utf8_lossy(bytes),
            }
        });
        let [id, term, text, org, legal, basis, category] = cells;
        let id = match id.trim() {
            "" => None,
            // A text, whatever it looks like: 007 must come back as 007.
            id => serde_json::value::to_raw_value(id).ok(),
        };
        let read = || -> Result<Definition, String> {
            let set = |name, cell: &Cow<'_, str>| labels(name, cell.split(BETWEEN_LABELS));
            if text.chars().count() > limits::TEXT_CHARS {
                return Err(
                    "een cel met meer dan 20.000 tekens; staat er een aanhalingsteken te veel?"
                        .to_owned(),
                );
            }
            Ok(Definition {
                line,
                id: None,
                term: filled("term", &term)?,
                text: filled("definitie", &text)?,
                context: Context {
                    organisations: set("org", &org)?,
                    legal_areas: set("legal", &legal)?,
                    statutory_bases: set("basis", &basis)?,
                },
                category: Category::parse(category.trim()),
            })
        };
        match read() {
            Ok(definition) => Ok(Definition { id, ..definition }),
            Err(fault) => Err(Faulty {
                id,
                ..faulty(fault)
            }),
        }
    }
}

impl<R: BufRead> Source for Sheet<R> {
    fn read(&mut self) -> Result<Option<Entry>, Failure> {
        if !self.next_row()? {
            return Ok(None);
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        Ok(Some(self.row(usize::try_from(line).unwrap_or(usize::MAX))))
    }

    fn notice(&self) -> Option<UserError> {
        self.ansi
            .then(|| UserError::new(ErrorCode::FileNotUtf8, self.path.display().to_string()))
    }
}

/// The sign between the cells: the one that the first line has most of.
fn delimiter(beginning: &[u8]) -> u8 {
    let line = beginning
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .next()
        .unwrap_or_default();
    let count = |sign: u8| line.iter().filter(|byte| **byte == sign).count();
    [b'\t', b',', b';']
        .into_iter()
        .max_by_key(|sign| count(*sign))
        .unwrap_or(b';')
}

fn filled(name: &str, cell: &str) -> Result<String, String> {
    match cell.trim() {
        "" => Err(format!("‘{name}’ ontbreekt")),
        _ => Ok(cell.to_owned()),
    }
}

fn unread(path: &Path, error: csv::Error) -> Failure {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => {
            let inner = error.get_ref();
            let open = inner.and_then(|inner| inner.downcast_ref::<OpenQuote>());
            match open {
                Some(OpenQuote(line)) => {
                    UserError::new(ErrorCode::TableQuote, format!("regel {line}")).into()
                }
                None => unreadable(path, &error).into(),
            }
        }
        other => UserError::new(ErrorCode::FileUnreadable, format!("{other:?}")).into(),
    }
}
