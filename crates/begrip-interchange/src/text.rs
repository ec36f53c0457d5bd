//! Bytes to text.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::ReadError;

/// The text of a file: by its byte order mark, as UTF-16 without one, as UTF-8, or as what its XML
/// declaration says; what is none of these is read as Latin-1.
///
/// # Errors
/// [`ReadError::NotText`] for a file with bytes that no text has.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, ReadError> {
    let (encoding, skip) = match (Encoding::for_bom(bytes), bytes) {
        (Some(found), _) => found,
        (None, [b'<', 0, ..]) => (UTF_16LE, 0),
        (None, [0, b'<', ..]) => (UTF_16BE, 0),
        (None, _) => (declared(bytes), 0),
    };
    let rest = bytes.get(skip..).unwrap_or_default();
    let (text, faulty) = encoding.decode_without_bom_handling(rest);
    if faulty || text.contains('\0') || is_binary(&text) {
        return Err(ReadError::NotText);
    }
    Ok(text.into_owned())
}

fn declared(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let head = String::from_utf8_lossy(bytes.get(..200).unwrap_or(bytes)).into_owned();
    let name = head
        .strip_prefix("<?xml")
        .and_then(|head| head.split_once("?>"))
        .and_then(|(head, _)| head.split_once("encoding="))
        .and_then(|(_, rest)| rest.get(1..))
        .and_then(|rest| rest.split(['"', '\'']).next());
    match name.and_then(|name| Encoding::for_label(name.as_bytes())) {
        // It says so, and it is not: faulty, and told as that.
        Some(encoding) => encoding,
        None => WINDOWS_1252,
    }
}

/// Whether there are more control characters than a text has.
fn is_binary(text: &str) -> bool {
    let odd = |c: char| c.is_control() && !c.is_whitespace();
    text.chars().take(4_096).filter(|c| odd(*c)).count() > 8
}
