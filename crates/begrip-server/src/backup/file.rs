//! The file of a backup: frames, with a checksum over all of them at its end.
//!
//! A frame is its length (four bytes, the largest first) and its bytes. The file begins with [`MAGIC`]
//! and ends with the SHA-256 of everything before it.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::refusal::{ChoreError, ChoreFault};

/// Which kind of file this is, and of which form.
const MAGIC: &[u8] = b"begrip-server backup 1\n";

/// Bytes of the checksum.
const SUM: u64 = 32;

fn about(path: &Path, fault: ChoreFault) -> ChoreError {
    ChoreError::new(fault, path.display().to_string())
}

/// What it means that a file is not written.
fn unwritten(path: &Path, error: &io::Error) -> ChoreError {
    let fault = match error.kind() {
        ErrorKind::AlreadyExists => ChoreFault::Exists,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            ChoreFault::DiskFull
        }
        _ => ChoreFault::Unwritable,
    };
    ChoreError::new(fault, format!("{}: {error}", path.display()))
}

fn unread(path: &Path, error: &io::Error) -> ChoreError {
    ChoreError::new(
        ChoreFault::Unreadable,
        format!("{}: {error}", path.display()),
    )
}

/// A file in the making. One that is not finished is removed.
pub struct Writer {
    out: BufWriter<File>,
    sum: Sha256,
    bytes: u64,
    path: PathBuf,
    whole: bool,
}

impl Writer {
    /// Makes a file that only this user can read. Errors: it is there already, or cannot be made; the disk is full.
    pub fn new(path: &Path) -> Result<Self> {
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(path)
            .map_err(|error| unwritten(path, &error))?;
        let mut writer = Self {
            out: BufWriter::new(file),
            sum: Sha256::new(),
            bytes: 0,
            path: path.to_owned(),
            whole: false,
        };
        writer.put(MAGIC)?;
        Ok(writer)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.sum.update(bytes);
        self.bytes += bytes.len() as u64;
        let written = self.out.write_all(bytes);
        Ok(written.map_err(|error| unwritten(&self.path, &error))?)
    }

    /// Adds a frame.
    pub fn frame(&mut self, bytes: &[u8]) -> Result<()> {
        // PostgreSQL gives no row that is larger than a gigabyte.
        let length = u32::try_from(bytes.len())?;
        self.put(&length.to_be_bytes())?;
        self.put(bytes)
    }

    /// Ends the file and brings it to the disk; how many bytes it has.
    pub fn finish(mut self) -> Result<u64> {
        let sum = self.sum.finalize_reset();
        self.put(&sum)?;
        let kept = self.out.flush();
        let kept = kept.and_then(|()| self.out.get_ref().sync_all());
        kept.map_err(|error| unwritten(&self.path, &error))?;
        self.whole = true;
        Ok(self.bytes)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.whole {
            // Half a backup would be taken for one; a restore refuses it too.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// A whole file, read frame by frame.
pub struct Reader {
    from: io::Take<BufReader<File>>,
    path: PathBuf,
}

impl Reader {
    /// Reads a file to its end first: nothing is given of one whose checksum does not fit.
    ///
    /// Errors: it cannot be read, is empty or no backup, or is not whole.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |error: io::Error| unread(path, &error);
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let mut from = BufReader::with_capacity(1 << 16, file);
        let mut magic = Vec::new();
        (&mut from)
            .take(MAGIC.len() as u64)
            .read_to_end(&mut magic)
            .map_err(failed)?;
        if magic != MAGIC {
            let fault = match magic.as_slice() {
                [] => ChoreFault::Empty,
                begun if MAGIC.starts_with(begun) => ChoreFault::Damaged,
                _ => ChoreFault::Foreign,
            };
            return Err(about(path, fault).into());
        }
        let damaged = || about(path, ChoreFault::Damaged);
        let body = length
            .checked_sub(MAGIC.len() as u64 + SUM)
            .ok_or_else(damaged)?;
        let mut sum = Sha256::new();
        sum.update(magic);
        let mut rest = from.take(body);
        let mut piece = vec![0; 1 << 16];
        loop {
            match rest.read(&mut piece).map_err(failed)? {
                0 => break,
                count => sum.update(piece.get(..count).unwrap_or_default()),
            }
        }
        let mut said = Vec::new();
        rest.into_inner().read_to_end(&mut said).map_err(failed)?;
        if said != sum.finalize().as_slice() {
            return Err(damaged().into());
        }
        let mut file = File::open(path).map_err(failed)?;
        file.seek(SeekFrom::Start(MAGIC.len() as u64))
            .map_err(failed)?;
        let from = BufReader::with_capacity(1 << 16, file);
        Ok(Self {
            from: from.take(body),
            path: path.to_owned(),
        })
    }

    /// The next frame. Error: there is none.
    pub fn frame(&mut self) -> Result<Vec<u8>> {
        let mut length = [0; 4];
        let damaged = || about(&self.path, ChoreFault::Damaged);
        self.from.read_exact(&mut length).map_err(|_| damaged())?;
        let length = u64::from(u32::from_be_bytes(length));
        if length > self.from.limit() {
            return Err(damaged().into());
        }
        let mut bytes = Vec::new();
        (&mut self.from)
            .take(length)
            .read_to_end(&mut bytes)
            .map_err(|error| unread(&self.path, &error))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(path: &Path, frames: &[&[u8]]) {
        let mut writer = Writer::new(path).unwrap();
        for frame in frames {
            writer.frame(frame).unwrap();
        }
        writer.finish().unwrap();
    }

    #[test]
    fn a_file_gives_the_frames_that_went_in_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        written(&path, &[b"een", b"", b"twee"]);
        let mut reader = Reader::open(&path).unwrap();
        assert_eq!(reader.frame().unwrap(), b"een");
        assert_eq!(reader.frame().unwrap(), b"");
        assert_eq!(reader.frame().unwrap(), b"twee");
        assert!(reader.frame().is_err());
    }

    #[test]
    fn a_file_with_any_byte_changed_or_missing_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        written(&path, &[b"een", b"twee"]);
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).unwrap();
            assert!(Reader::open(&path).is_err(), "byte {at} changed");
            std::fs::write(&path, &whole[..at]).unwrap();
            assert!(Reader::open(&path).is_err(), "cut off at {at}");
        }
        std::fs::write(&path, [&whole[..], b"x"].concat()).unwrap();
        assert!(Reader::open(&path).is_err(), "a byte too many");
    }

    #[test]
    fn half_a_file_is_removed_and_one_that_is_there_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        drop(Writer::new(&path).unwrap());
        assert!(!path.exists());
        written(&path, &[b"een"]);
        assert!(Writer::new(&path).is_err());
        assert!(Reader::open(&path).is_ok());
    }
}
