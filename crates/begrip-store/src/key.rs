//! Where the key is kept: the operating system's keyring, else a file that only the user can read.
//!
//! The key is 32 random bytes and goes to SQLCipher as it is, so that opening costs no key
//! derivation. Beside the database stands `begrip.key-id`, a fingerprint of the key: it tells a
//! wrong key (the fingerprint differs) from a damaged file (it does not).

use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::StoreError;

/// A text that must not be shown: no `Clone`, no `Serialize`, a redacted `Debug`, wiped when it is
/// dropped.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Keeps `text`.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, for the one call that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Where a secret is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// The operating system's keyring.
    Keyring,
    /// A file that only the user can read.
    File,
}

/// The keys of one home folder.
#[derive(Debug)]
pub struct Keys {
    folder: PathBuf,
    keyring: bool,
}

const STORE_KEY: &str = "store";

/// What the keyring says.
enum Asked {
    Has(Secret),
    Nothing,
    /// It cannot be asked, and why.
    Away(String),
}

impl Keys {
    /// The keys of `folder`; `keyring` says whether the keyring may be used.
    pub fn of(folder: &Path, keyring: bool) -> Self {
        Self {
            folder: folder.to_owned(),
            keyring,
        }
    }

    /// The store's key (64 hexadecimal digits) and where it is kept; `None` when there is none.
    ///
    /// The file goes first: it exists only where the keyring could not be used before.
    pub(crate) fn store_key(&self) -> Result<Option<(Secret, KeyPlace)>, StoreError> {
        if let Some(key) = self.read_file()? {
            return Ok(Some((key, KeyPlace::File)));
        }
        match self.ask_keyring(STORE_KEY) {
            Asked::Has(key) => {
                self.note_keyring();
                Ok(Some((key, KeyPlace::Keyring)))
            }
            Asked::Nothing => Ok(None),
            // A locked or stopped keyring is not a lost key.
            Asked::Away(why) if self.place_file().exists() => Err(StoreError::Keyring(why)),
            Asked::Away(_) => Ok(None),
        }
    }

    /// Makes a new store key and keeps it before anything is encrypted with it.
    pub(crate) fn make_store_key(&self) -> Result<(Secret, KeyPlace), StoreError> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(&mut *bytes).map_err(|error| StoreError::Other(error.to_string()))?;
        let key = Secret::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
        if self.keep(STORE_KEY, &key)? {
            self.note_keyring();
            return Ok((key, KeyPlace::Keyring));
        }
        self.write_file(&key)?;
        Ok((key, KeyPlace::File))
    }

    /// A named secret of the user, such as the model key, from the keyring.
    ///
    /// `None` when there is none, or when the keyring cannot be asked.
    pub fn secret(&self, name: &str) -> Option<Secret> {
        match self.ask_keyring(name) {
            Asked::Has(secret) => Some(secret),
            Asked::Nothing => None,
            Asked::Away(why) => {
                tracing::debug!(why, "the keyring cannot be asked");
                None
            }
        }
    }

    fn ask_keyring(&self, name: &str) -> Asked {
        let Some(entry) = self.entry(name) else {
            return Asked::Away("there is no keyring, or it may not be used".to_owned());
        };
        match entry.get_password() {
            Ok(text) => Asked::Has(Secret::new(text)),
            Err(keyring::Error::NoEntry) => Asked::Nothing,
            Err(error) => Asked::Away(error.to_string()),
        }
    }

    /// Is there once the store's key has been put into a keyring.
    fn place_file(&self) -> PathBuf {
        self.folder.join("begrip.key-place")
    }

    fn note_keyring(&self) {
        let path = self.place_file();
        // Without it a keyring that is away would be told as a lost key: unhelpful, not harmful.
        if !path.exists()
            && let Err(error) = fs::write(&path, "keyring\n")
        {
            tracing::warn!(%error, "the key's place could not be noted");
        }
    }

    /// Forgets where the key was, for a home that begins anew.
    pub(crate) fn forget_place(&self) {
        let _ = fs::remove_file(self.place_file());
    }

    /// Keeps a named secret in the keyring; `false` when this machine has none.
    pub fn keep(&self, name: &str, secret: &Secret) -> Result<bool, StoreError> {
        match self.entry(name) {
            None => Ok(false),
            Some(entry) => match entry.set_password(secret.reveal()) {
                Ok(()) => Ok(true),
                Err(keyring::Error::NoStorageAccess(_) | keyring::Error::PlatformFailure(_)) => {
                    Ok(false)
                }
                Err(error) => Err(StoreError::Keyring(error.to_string())),
            },
        }
    }

    /// Forgets a named secret; one that is not there is no error.
    pub fn forget(&self, name: &str) -> Result<(), StoreError> {
        match self.entry(name).map(|entry| entry.delete_credential()) {
            None | Some(Ok(()) | Err(keyring::Error::NoEntry)) => Ok(()),
            Some(Err(error)) => Err(StoreError::Keyring(error.to_string())),
        }
    }

    /// The keyring's entry; its service names the folder, so that two homes do not share a key.
    fn entry(&self, name: &str) -> Option<keyring::Entry> {
        if !self.keyring {
            return None;
        }
        let folder = self
            .folder
            .canonicalize()
            .unwrap_or_else(|_| self.folder.clone());
        let service = format!("begrip-{}", fingerprint(&folder.to_string_lossy()));
        keyring::Entry::new(&service, name).ok()
    }

    fn file(&self) -> PathBuf {
        self.folder.join("begrip.key")
    }

    fn read_file(&self) -> Result<Option<Secret>, StoreError> {
        let path = self.file();
        match fs::read_to_string(&path) {
            Ok(text) => {
                let text = text.trim();
                match text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    true => Ok(Some(Secret::new(text.to_owned()))),
                    false => Err(StoreError::KeyWrong(path)),
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == ErrorKind::InvalidData => Err(StoreError::KeyWrong(path)),
            Err(error) => Err(StoreError::io(&path, &error)),
        }
    }

    /// Writes the key so that a power cut leaves either no key or the whole key.
    fn write_file(&self, key: &Secret) -> Result<(), StoreError> {
        let path = self.file();
        let failed = |error: std::io::Error| StoreError::io(&path, &error);
        // Of its own name, so that two programs that start at once never write in one file.
        let name = format!("begrip.key-half-{}", fingerprint(key.reveal()));
        let half = self.folder.join(name);
        write_alone(&half, key).map_err(failed)?;
        // A link and not a renaming: another program's key is never replaced.
        let named = fs::hard_link(&half, &path);
        let _ = fs::remove_file(&half);
        match named {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(failed(error)),
            // Not every file system knows links.
            Err(_) => write_alone(&path, key).map_err(failed)?,
            Ok(()) => {}
        }
        sync_folder(&self.folder);
        Ok(())
    }

    /// Takes the rights of others away from the key file; `true` when they had any.
    pub(crate) fn close_to_others(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = self.file();
            if let Ok(meta) = fs::metadata(&path)
                && meta.permissions().mode() & 0o077 != 0
            {
                return fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).is_ok();
            }
        }
        false
    }
}

/// Writes a new file that only the user can read, durably.
fn write_alone(path: &Path, key: &Secret) -> std::io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(key.reveal().as_bytes())?;
    file.sync_all()
}

/// What tells one key from another without telling the key.
pub(crate) fn fingerprint(key: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(b"begrip key id 1\0");
    digest.update(key.as_bytes());
    digest
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Makes the names in a folder durable; not every system can, and then the system does it later.
pub(crate) fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
