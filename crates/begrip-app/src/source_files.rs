//! Files with laws and decisions, those in zip files among them.

use std::io::{Cursor, Read};

use begrip_interchange::{MOST_BYTES, ReadError};

use crate::{ErrorCode, UserError};

/// Bytes that the files of one zip may have together when unpacked.
const MOST_UNPACKED: usize = 256 << 20;

/// Files in one zip.
const MOST_FILES: usize = 5_000;

/// A file by its name and bytes.
pub(crate) type Named = (String, Vec<u8>);

/// The files in a zip that may be laws or decisions: XML and Markdown. Nothing is read beyond the
/// bounds, whatever the zip says of the sizes of its files.
///
/// Errors: no sound zip, too much in it, nothing in it that can be read.
pub(crate) fn unpack(name: &str, bytes: &[u8]) -> Result<Vec<Named>, UserError> {
    let damaged = |_| UserError::new(ErrorCode::SourceTruncated, name);
    let too_large = || UserError::new(ErrorCode::SourceTooLarge, name);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MOST_FILES {
        return Err(too_large());
    }
    let mut files = Vec::new();
    let mut left = MOST_UNPACKED;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(damaged)?;
        let inner = entry.name().map_err(damaged)?.into_owned();
        if entry.is_dir() || !is_source(&inner) {
            continue;
        }
        let most = left.min(MOST_BYTES);
        let mut content = Vec::new();
        entry
            .take(most as u64 + 1)
            .read_to_end(&mut content)
            .map_err(|_| UserError::new(ErrorCode::SourceTruncated, name))?;
        if content.len() > most {
            return Err(too_large());
        }
        left -= content.len();
        files.push((format!("{name}/{inner}"), content));
    }
    match files.is_empty() {
        true => Err(UserError::new(ErrorCode::SourceUnreadable, name)),
        false => Ok(files),
    }
}

/// Whether a file begins as a zip does.
pub(crate) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Whether a file may be a law or decision by its name; hidden ones, such as those that macOS puts
/// into each zip, are none.
fn is_source(name: &str) -> bool {
    let name = name.to_lowercase();
    let hidden = name
        .split('/')
        .any(|part| part.starts_with('.') || part == "__macosx");
    !hidden && [".xml", ".md"].iter().any(|ending| name.ends_with(ending))
}

/// What a file that cannot be read is told as.
pub(crate) fn refused(error: &ReadError) -> UserError {
    let code = match error {
        ReadError::Empty | ReadError::NoArticles => ErrorCode::SourceEmpty,
        ReadError::TooLarge => ErrorCode::SourceTooLarge,
        ReadError::Truncated => ErrorCode::SourceTruncated,
        ReadError::Entities | ReadError::TooDeep => ErrorCode::SourceUnsafe,
        ReadError::UnknownLaw => ErrorCode::SourceUnknownLaw,
        ReadError::NotText
        | ReadError::NotXml(_)
        | ReadError::OtherForm(_)
        | ReadError::Incomplete(_) => ErrorCode::SourceUnreadable,
    };
    UserError::new(code, error.to_string())
}
