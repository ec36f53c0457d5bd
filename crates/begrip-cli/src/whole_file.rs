//! A file that is there as a whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::exit::{Failure, unwritable};

/// Written under another name in the same folder until [`WholeFile::keep`]; dropped before that,
/// nothing is left and an older file stays as it was.
pub struct WholeFile {
    path: PathBuf,
    unfinished: PathBuf,
    file: BufWriter<File>,
}

impl WholeFile {
    /// Begins a file for `path`.
    pub fn begin(path: &Path) -> Result<Self, Failure> {
        let mut name = path.to_owned().into_os_string();
        name.push(format!(".{}.tmp", std::process::id()));
        let unfinished = PathBuf::from(name);
        let file = File::create(&unfinished).map_err(|error| unwritable(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            unfinished,
            file: BufWriter::new(file),
        })
    }

    /// Puts the file in its place when it was written to its end.
    pub fn keep<T>(mut self, written: Result<T, Failure>) -> Result<T, Failure> {
        let failed = |error: io::Error| unwritable(&self.path, &error);
        let written = written.map_err(|failure| match failure {
            Failure::Output(error) => failed(error).into(),
            other => other,
        })?;
        self.file.flush().map_err(failed)?;
        self.file.get_ref().sync_all().map_err(failed)?;
        std::fs::rename(&self.unfinished, &self.path).map_err(failed)?;
        Ok(written)
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        // After `keep` it is not there; the failure that is told matters more than what lies left.
        let _ = std::fs::remove_file(&self.unfinished);
    }
}
