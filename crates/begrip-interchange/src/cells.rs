//! The cells of a table, whatever the form of the file.

use std::borrow::Cow;
use std::io::Cursor;

use calamine::{Data, DataRef, Reader, Xlsx, XlsxError};

use crate::quotes::{OpenQuote, Quotes};

/// What a file of terms may be.
pub mod limits {
    /// The largest file, in bytes.
    pub const FILE_BYTES: usize = 10_000_000;
    /// The most that a workbook may unpack to, in bytes.
    pub const UNPACKED_BYTES: u64 = 200_000_000;
    /// The most rows with a term.
    pub const ROWS: usize = 20_000;
}

/// Why a file is no table of terms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// There is nothing in it, or nothing below its heading.
    #[error("the file has no rows")]
    Empty,
    /// More bytes or rows than [`limits`] allow; which, in Dutch.
    #[error("{0}")]
    TooLarge(String),
    /// No column has the heading of a term.
    #[error("no column with terms")]
    NoTerm,
    /// See [`OpenQuote`].
    #[error("a quote on line {0} is not closed")]
    OpenQuote(u32),
    /// Neither CSV nor XLSX; what it is, as far as known, in Dutch.
    #[error("{0}")]
    NoTable(&'static str),
}

/// A row: its number in the file, the first being 1, and its cells without white space around.
pub(crate) type Row = (u32, Vec<String>);

/// The rows that are not blank, the heading included.
pub(crate) struct Cells {
    pub rows: Vec<Row>,
    /// Empty columns before the first that was read.
    pub before: usize,
    /// A part was not UTF-8, and was read as Windows-1252.
    pub ansi: bool,
}

/// Reads the cells; the form shows from the first bytes and not from a name.
pub(crate) fn read(bytes: &[u8]) -> Result<Cells, TableError> {
    fits(bytes)?;
    let cells = match bytes {
        [b'P', b'K', 3 | 5, ..] => workbook(bytes)?,
        [0xD0, 0xCF, 0x11, 0xE0, ..] => {
            return Err(TableError::NoTable(
                "dit is een oud of versleuteld Excel-bestand; bewaar het als .xlsx zonder wachtwoord",
            ));
        }
        [b'%', b'P', b'D', b'F', ..] => return Err(TableError::NoTable("dit is een PDF")),
        _ => text(bytes)?,
    };
    // The heading is not counted.
    few_enough(cells.rows.len().saturating_sub(1))?;
    Ok(cells)
}

/// Error: more bytes than any file of terms has.
pub(crate) fn fits(bytes: &[u8]) -> Result<(), TableError> {
    let most = limits::FILE_BYTES / 1_000_000;
    match bytes.len() > limits::FILE_BYTES {
        true => Err(TableError::TooLarge(format!(
            "het bestand is groter dan {most} MB"
        ))),
        false => Ok(()),
    }
}

/// Error: more rows than any file of terms has.
pub(crate) fn few_enough(rows: usize) -> Result<(), TableError> {
    match rows > limits::ROWS {
        true => Err(TableError::TooLarge(format!(
            "het bestand heeft meer dan {} rijen",
            limits::ROWS
        ))),
        false => Ok(()),
    }
}

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

const NO_BOOK: TableError = TableError::NoTable("dit is geen leesbaar Excel-bestand (.xlsx)");

/// Cells of a sheet at most, with the empty ones between them.
const MOST_CELLS: u64 = 4_000_000;

/// Error: the parts of a workbook unpack to more than the memory holds. One that says less than is true is
/// not read to its end by `zip`.
fn unpacks(bytes: &[u8]) -> Result<(), TableError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| NO_BOOK)?;
    let mut unpacked = 0_u64;
    for at in 0..archive.len() {
        let part = archive.by_index_raw(at).map_err(|_| NO_BOOK)?;
        unpacked = unpacked.saturating_add(part.size());
    }
    match unpacked > limits::UNPACKED_BYTES {
        true => Err(TableError::TooLarge(
            "de inhoud van het bestand is te groot".to_owned(),
        )),
        false => Ok(()),
    }
}

/// Error: two cells are so far apart, or one text stands in so many, that the sheet takes more than the memory
/// holds: every cell between the first and the last has its place there.
fn lies_together(book: &mut Book<'_>, name: &str) -> Result<(), TableError> {
    let too_large = |what: &str| Err(TableError::TooLarge(what.to_owned()));
    let mut cells = match book.worksheet_cells_reader(name) {
        // A chart, which is read as a sheet without cells.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(()),
        cells => cells.map_err(|_| NO_BOOK)?,
    };
    let ((mut top, mut left), (mut bottom, mut right)) = ((u32::MAX, u32::MAX), (0, 0));
    let mut bytes = 0;
    while let Some(cell) = cells.next_cell().map_err(|_| NO_BOOK)? {
        bytes += match cell.get_value() {
            DataRef::Empty => continue,
            DataRef::String(text) => text.len() as u64,
            DataRef::SharedString(text) => text.len() as u64,
            _ => 0,
        };
        let (row, column) = cell.get_position();
        (top, left) = (top.min(row), left.min(column));
        (bottom, right) = (bottom.max(row), right.max(column));
        let long = |from: u32, to: u32| u64::from(to - from) + 1;
        if long(top, bottom) * long(left, right) > MOST_CELLS {
            return too_large("er staan cellen ver buiten de tabel");
        }
        if bytes > limits::UNPACKED_BYTES {
            return too_large("de teksten in het bestand zijn samen te lang");
        }
    }
    Ok(())
}

fn workbook(bytes: &[u8]) -> Result<Cells, TableError> {
    unpacks(bytes)?;
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| NO_BOOK)?;
    let name = book.sheet_names().first().cloned();
    let name = name.ok_or(TableError::Empty)?;
    lies_together(&mut book, &name)?;
    let sheet = book.worksheet_range(&name).map_err(|_| NO_BOOK)?;
    let (first, before) = sheet.start().unwrap_or_default();
    let rows = (first + 1..)
        .zip(sheet.rows())
        .map(|(number, row)| (number, row.iter().map(cell).collect::<Vec<_>>()))
        .filter(|(_, row)| row.iter().any(|cell| !cell.is_empty()))
        .collect();
    Ok(Cells {
        rows,
        before: before as usize,
        ansi: false,
    })
}

fn cell(data: &Data) -> String {
    match data {
        Data::Empty | Data::Error(_) => String::new(),
        other => other.to_string().trim().to_owned(),
    }
}

fn text(bytes: &[u8]) -> Result<Cells, TableError> {
    let (text, ansi): (Cow<'_, str>, bool) = match bytes {
        [0xFF, 0xFE, ..] => (encoding_rs::UTF_16LE.decode(bytes).0, false),
        [0xFE, 0xFF, ..] => (encoding_rs::UTF_16BE.decode(bytes).0, false),
        _ if bytes.contains(&0) => {
            return Err(TableError::NoTable("dit is geen CSV- of Excel-bestand"));
        }
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text), false),
            Err(_) => (encoding_rs::WINDOWS_1252.decode(bytes).0, true),
        },
    };
    let text = text.trim_start_matches('\u{FEFF}');
    // Excel can put ‘sep=;’ on a line of its own before the heading.
    let (skipped, text) = match text.split_once('\n') {
        Some((line, rest)) if line.starts_with("sep=") => (1, rest),
        _ => (0, text),
    };
    let delimiter = delimiter(text);
    let mut quotes = Quotes::new(delimiter);
    let closed = quotes.see(text.as_bytes()).and_then(|()| quotes.end());
    closed.map_err(|OpenQuote(line)| TableError::OpenQuote(line + skipped))?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let (mut line, mut counted) = (skipped + 1, 0);
    for record in reader.records() {
        // The text is UTF-8 and rows may differ in length: nothing is left to go wrong.
        let record = record.map_err(|_| TableError::NoTable("dit is geen leesbare CSV"))?;
        // The reader's own count is behind where lines end in CR LF or a cell has more lines.
        let begin = record.position().map_or(counted, |at| {
            let begin = usize::try_from(at.byte()).unwrap_or(counted);
            let rest = text.as_bytes().get(begin..).unwrap_or_default();
            let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
            begin + ends.count()
        });
        let between = text.as_bytes().get(counted..begin).unwrap_or_default();
        let lines = between.iter().filter(|byte| **byte == b'\n').count();
        line += u32::try_from(lines).unwrap_or(u32::MAX);
        counted = begin;
        let row: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
        if row.iter().any(|cell| !cell.is_empty()) {
            rows.push((line, row));
        }
        if rows.len() > limits::ROWS + 1 {
            break;
        }
    }
    Ok(Cells {
        rows,
        before: 0,
        ansi,
    })
}

/// The sign between the cells: the one that the first line has most of.
fn delimiter(text: &str) -> u8 {
    let line = text.lines().find(|line| !line.trim().is_empty());
    let count = |sign: u8| line.map_or(0, |line| line.bytes().filter(|byte| *byte == sign).count());
    [b'\t', b',', b';']
        .into_iter()
        .max_by_key(|sign| count(*sign))
        .unwrap_or(b';')
}
