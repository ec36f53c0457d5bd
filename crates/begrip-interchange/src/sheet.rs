//! A table for a spreadsheet, written as CSV or XLSX.

use rust_xlsxwriter::{Format, FormatAlign, Workbook, XlsxError};

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A text; an empty one leaves the cell empty.
    Text(String),
    /// A number.
    Number(f64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A table: headings and rows of as many cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// The name of the sheet, at most 31 characters.
    pub name: String,
    /// The headings.
    pub headings: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// Why a sheet was not written: more rows or characters than a spreadsheet holds.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SheetError(String);

impl From<XlsxError> for SheetError {
    fn from(error: XlsxError) -> Self {
        Self(error.to_string())
    }
}

/// The most characters in a cell of a spreadsheet.
const CELL_CHARS: usize = 32_767;

impl Sheet {
    /// As CSV in UTF-8 with a byte order mark, semicolons and decimal commas, as a Dutch spreadsheet opens it.
    pub fn csv(&self) -> Result<Vec<u8>, SheetError> {
        let failed = |error: csv::Error| SheetError(error.to_string());
        let mut out = csv::WriterBuilder::new()
            .delimiter(b';')
            // A spreadsheet that splits on commas must not find a cell of its own in a text.
            .quote_style(csv::QuoteStyle::Always)
            .terminator(csv::Terminator::CRLF)
            .from_writer("\u{FEFF}".as_bytes().to_vec());
        out.write_record(self.headings.iter().map(|text| harmless(text)))
            .map_err(failed)?;
        for row in &self.rows {
            out.write_record(row.iter().map(|cell| match cell {
                Cell::Text(text) => harmless(text),
                Cell::Number(number) => number.to_string().replace('.', ","),
            }))
            .map_err(failed)?;
        }
        out.into_inner()
            .map_err(|error| SheetError(error.to_string()))
    }

    /// As XLSX, with a heading that stays in view.
    pub fn xlsx(&self) -> Result<Vec<u8>, SheetError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name(&self.name)?;
        sheet.set_freeze_panes(1, 0)?;
        let bold = Format::new().set_bold();
        let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        for (at, heading) in (0..).zip(&self.headings) {
            sheet.write_string_with_format(0, at, harmless(heading), &bold)?;
            let wide = self.rows.iter().take(200).any(|row| {
                matches!(row.get(usize::from(at)), Some(Cell::Text(text)) if text.chars().count() > 40)
            });
            sheet.set_column_width(at, if wide { 60 } else { 18 })?;
        }
        for (at, row) in (1..).zip(&self.rows) {
            for (column, cell) in (0..).zip(row) {
                match cell {
                    Cell::Text(text) if text.is_empty() => {}
                    Cell::Text(text) => {
                        let text: String = harmless(text).chars().take(CELL_CHARS).collect();
                        sheet.write_string_with_format(at, column, text, &wrapped)?;
                    }
                    Cell::Number(number) => {
                        sheet.write_number_with_format(at, column, *number, &wrapped)?;
                    }
                }
            }
        }
        Ok(book.save_to_buffer()?)
    }
}

/// A text that a spreadsheet does not take for a formula: what begins as one gets an apostrophe.
fn harmless(text: &str) -> String {
    match text.trim_start().starts_with(['=', '+', '-', '@'])
        || text.starts_with(['\t', '\r', '\n'])
    {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}
