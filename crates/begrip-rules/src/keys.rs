//! The keys with which packs are signed and verified: Ed25519, each one line of text.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// What a secret key's line begins with, so that it is never taken for a public one.
const SECRET: &str = "begrip-secret:";

/// Keys of the maintainers: `name` and public key. A pack that one of them signed is trusted
/// everywhere.
const MAINTAINERS: &[(&str, &str)] = &[("Begrip", "lCr/OKPtqDzvVtWCdjERV4mGJNV8Hcqti6TIcIrZ6Fw=")];

/// A text that is no key. Says nothing of the text, which may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 32 bytes in base64, or no point of the curve.
    #[error("dit is geen openbare sleutel: één regel van 44 tekens (base64)")]
    Public,
    /// Not the line of a secret key.
    #[error("dit is geen geheime sleutel: één regel die met ‘begrip-secret:’ begint")]
    Secret,
}

/// A public key: verifies what its secret key signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads a key's line: 32 bytes in base64. White space around it does not matter.
    pub fn parse(line: &str) -> Result<Self, KeyError> {
        let bytes = bytes(line.trim()).ok_or(KeyError::Public)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::Public)?;
        // A weak key would call anything signed.
        match key.is_weak() {
            true => Err(KeyError::Public),
            false => Ok(Self(key)),
        }
    }

    /// The key's line.
    pub fn to_line(&self) -> String {
        STANDARD.encode(self.0.as_bytes())
    }

    /// 16 hexadecimal digits by which people and files name the key.
    pub fn fingerprint(&self) -> String {
        Sha256::digest(self.0.as_bytes())
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Whether `signature` (64 bytes in base64) is this key's over the message.
    pub(crate) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        STANDARD
            .decode(signature)
            .ok()
            .and_then(|bytes| Signature::from_slice(&bytes).ok())
            .is_some_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

/// A secret key. Cannot be copied, printed or serialised; [`SecretKey::to_line`] is for its file.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key of these 32 random bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Reads a key's line. White space around it does not matter.
    pub fn parse(line: &str) -> Result<Self, KeyError> {
        line.trim()
            .strip_prefix(SECRET)
            .and_then(bytes)
            .map(|seed| Self::from_seed(&seed))
            .ok_or(KeyError::Secret)
    }

    /// The key's line, for a file that only its owner can read.
    pub fn to_line(&self) -> String {
        format!("{SECRET}{}", STANDARD.encode(self.0.as_bytes()))
    }

    /// The public key that belongs to it.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The signature over the message, 64 bytes in base64.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        STANDARD.encode(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// A public key that somebody trusts, with the name that is shown for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedKey {
    /// Whose key it is.
    pub name: String,
    /// The key.
    pub key: PublicKey,
}

/// The keys that the program trusts of itself.
pub fn maintainers() -> Vec<TrustedKey> {
    MAINTAINERS
        .iter()
        .filter_map(|(name, line)| {
            Some(TrustedKey {
                name: (*name).to_owned(),
                key: PublicKey::parse(line).ok()?,
            })
        })
        .collect()
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_maintainers_can_be_read() {
        assert_eq!(maintainers().len(), MAINTAINERS.len());
    }

    #[test]
    fn a_key_comes_back_from_its_line() {
        let secret = SecretKey::from_seed(&[7; 32]);
        let again = SecretKey::parse(&format!(" {}\r\n", secret.to_line())).unwrap();
        assert_eq!(again.public(), secret.public());
        let public = PublicKey::parse(&format!("{}\n", secret.public().to_line())).unwrap();
        assert_eq!(public, secret.public());
        assert_eq!(public.fingerprint().len(), 16);
        assert_ne!(
            public.fingerprint(),
            SecretKey::from_seed(&[8; 32]).public().fingerprint()
        );
    }

    #[test]
    fn a_secret_key_is_never_taken_for_a_public_one_and_is_not_printed() {
        let secret = SecretKey::from_seed(&[7; 32]);
        assert_eq!(PublicKey::parse(&secret.to_line()), Err(KeyError::Public));
        assert!(SecretKey::parse(&secret.public().to_line()).is_err());
        assert_eq!(format!("{secret:?}"), "SecretKey(…)");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let weak = STANDARD.encode([0_u8; 32]);
        for line in ["", "abc", "AAAA", &weak, &"A".repeat(10_000), "€"] {
            assert_eq!(PublicKey::parse(line), Err(KeyError::Public), "{line}");
            assert!(SecretKey::parse(line).is_err(), "{line}");
            assert!(
                SecretKey::parse(&format!("{SECRET}{line}x")).is_err(),
                "{line}"
            );
        }
    }
}
