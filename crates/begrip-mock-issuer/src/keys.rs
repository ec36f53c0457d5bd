//! Keys of each kind, and tokens signed with them or forged.

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA256, PublicKeyData as _};
use serde_json::{Value, json};

/// A kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RS256
    Rsa,
    /// ES256
    P256,
    /// `EdDSA`
    Ed25519,
}

/// A token that must not be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// `alg` is `none`, and there is no signature.
    Unsigned,
    /// HS256, with the public key as it is published for a secret.
    PublicKeyAsSecret,
    /// The name of the issuer's key, and the signature of another.
    OtherKey,
    /// A key that the issuer does not have.
    UnknownKey,
    /// Signed by the issuer, and altered after.
    Altered,
    /// Signed by the issuer with a header that demands something unknown.
    Critical,
    /// Signed by the issuer, for another use.
    OtherType,
}

/// A key with its name.
pub(crate) struct SigningKey {
    id: String,
    algorithm: Algorithm,
    private: EncodingKey,
    public: Value,
}

impl SigningKey {
    pub fn new(kind: KeyKind, id: &str) -> Result<Self> {
        let (algorithm, made) = match kind {
            KeyKind::Rsa => (Algorithm::RS256, KeyPair::generate_for(&PKCS_RSA_SHA256)?),
            KeyKind::P256 => (
                Algorithm::ES256,
                KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?,
            ),
            KeyKind::Ed25519 => (Algorithm::EdDSA, KeyPair::generate_for(&PKCS_ED25519)?),
        };
        let der = made.serialize_der();
        let private = match kind {
            KeyKind::Rsa => EncodingKey::from_rsa_pem(made.serialize_pem().as_bytes())?,
            KeyKind::P256 => EncodingKey::from_ec_der(&der),
            KeyKind::Ed25519 => EncodingKey::from_ed_der(&der),
        };
        let raw = made.der_bytes();
        let mut public = match kind {
            KeyKind::Rsa => serde_json::to_value(Jwk::from_encoding_key(&private, algorithm)?)?,
            KeyKind::P256 => {
                // One byte for the form, then both coordinates.
                let point = raw.get(1..65).context("a point")?;
                let (x, y) = point.split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": BASE64.encode(x), "y": BASE64.encode(y)})
            }
            KeyKind::Ed25519 => json!({"kty": "OKP", "crv": "Ed25519", "x": BASE64.encode(raw)}),
        };
        public["kid"] = json!(id);
        public["use"] = json!("sig");
        public["alg"] = serde_json::to_value(algorithm)?;
        Ok(Self {
            id: id.to_owned(),
            algorithm,
            private,
            public,
        })
    }

    pub fn public(&self) -> &Value {
        &self.public
    }

    fn header(&self) -> Header {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.clone());
        header
    }

    pub fn sign(&self, claims: &Value) -> Result<String> {
        Ok(encode(&self.header(), claims, &self.private)?)
    }

    pub fn forge(&self, forgery: Forgery, claims: &Value) -> Result<String> {
        let part = |value: &Value| BASE64.encode(value.to_string());
        match forgery {
            Forgery::Unsigned => {
                let header = json!({"alg": "none", "typ": "JWT", "kid": self.id});
                Ok(format!("{}.{}.", part(&header), part(claims)))
            }
            Forgery::PublicKeyAsSecret => {
                let mut header = Header::new(Algorithm::HS256);
                header.kid = Some(self.id.clone());
                // What a reader of the key set that does not look at the algorithm would use.
                let text = self.public["n"].as_str().or(self.public["x"].as_str());
                let secret = BASE64.decode(text.context("a public key")?)?;
                Ok(encode(&header, claims, &EncodingKey::from_secret(&secret))?)
            }
            Forgery::OtherKey => Self::new(KeyKind::P256, &self.id)?.sign(claims),
            Forgery::UnknownKey => Self::new(KeyKind::P256, "onbekend")?.sign(claims),
            Forgery::Altered => {
                let signed = self.sign(claims)?;
                let mut parts: Vec<&str> = signed.split('.').collect();
                let mut other = claims.clone();
                other["sub"] = json!("iemand anders");
                let other = part(&other);
                if let Some(claims) = parts.get_mut(1) {
                    *claims = &other;
                }
                Ok(parts.join("."))
            }
            Forgery::Critical => {
                let mut header = self.header();
                header.crit = Some(vec!["b64".to_owned()]);
                Ok(encode(&header, claims, &self.private)?)
            }
            Forgery::OtherType => {
                let mut header = self.header();
                header.typ = Some("logout+jwt".to_owned());
                Ok(encode(&header, claims, &self.private)?)
            }
        }
    }
}
