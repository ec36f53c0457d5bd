//! Every page of the files in a home folder, deciphered past SQLite: free pages, what was overwritten and the
//! journals too. What is not found here cannot be read from the disk, also by somebody who has the key.

use std::fs;
use std::path::Path;

use aes::Aes256;
use cbc::Decryptor;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};

const PAGE: usize = 4096;
/// At the end of each page: sixteen bytes to begin with, and a fingerprint.
const RESERVE: usize = 80;
/// What stands in clear before the first page.
const SALT: usize = 16;
const JOURNAL_HEAD: usize = 32;
const FRAME_HEAD: usize = 24;

/// The names of files below a home folder that hold these bytes, deciphered with the key of the home or as they
/// are.
pub fn holding(home: &Path, secret: &[u8]) -> Vec<String> {
    let key = fs::read_to_string(home.join("begrip.key")).unwrap();
    let key: Vec<u8> = (0..64)
        .step_by(2)
        .map(|at| u8::from_str_radix(&key.trim()[at..at + 2], 16).unwrap())
        .collect();
    let mut found = Vec::new();
    let mut folders = vec![home.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(home).unwrap().display().to_string();
            let bytes = fs::read(&path).unwrap_or_default();
            let clear = |bytes: &[u8]| bytes.windows(secret.len()).any(|part| part == secret);
            if clear(&bytes) || pages(&name, &bytes).any(|page| clear(&deciphered(&key, page))) {
                found.push(name);
            }
        }
    }
    found.sort();
    found
}

/// The pages of a database or its journal.
fn pages<'b>(name: &str, bytes: &'b [u8]) -> Box<dyn Iterator<Item = &'b [u8]> + 'b> {
    match name {
        name if name.ends_with("-wal") => {
            let frames = bytes.get(JOURNAL_HEAD..).unwrap_or_default();
            let frames = frames.chunks_exact(FRAME_HEAD + PAGE);
            Box::new(frames.map(|frame| &frame[FRAME_HEAD..]))
        }
        name if name.contains(".db") => Box::new(bytes.chunks_exact(PAGE)),
        _ => Box::new(std::iter::empty()),
    }
}

/// A page as SQLCipher writes it: AES-256 in chains of blocks.
fn deciphered(key: &[u8], page: &[u8]) -> Vec<u8> {
    let start = &page[PAGE - RESERVE..][..SALT];
    let open = |from: usize| {
        let mut text = page[from..PAGE - RESERVE].to_vec();
        let cipher = Decryptor::<Aes256>::new_from_slices(key, start).unwrap();
        cipher.decrypt_padded::<NoPadding>(&mut text).unwrap();
        text
    };
    // The first page has its salt in front, and none says of itself that it is the first.
    [open(0), open(SALT)].concat()
}
