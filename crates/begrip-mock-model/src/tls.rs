//! Certificates of authorities that only tests trust, and a server with one, which gives everybody the same answer.

use std::io;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// Such a server; it ends with the runtime.
#[derive(Debug)]
pub struct TlsServer {
    /// Where it listens on this machine.
    pub port: u16,
    /// The certificate of its authority, PEM.
    pub authority: String,
}

impl TlsServer {
    /// With a certificate for `name`; `answer` is the whole of what it writes, headers included.
    ///
    /// Errors: no certificate can be made, or no port is free.
    pub async fn start(name: &str, answer: String) -> io::Result<Self> {
        let certified = Certified::new(name)?;
        let acceptor = acceptor(&certified).map_err(io::Error::other)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that does not trust the certificate ends the handshake.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let _ = stream.read(&mut [0; 8192]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        Ok(Self {
            port,
            authority: certified.authority,
        })
    }
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A new certificate of a new authority, all of it PEM.
#[derive(Debug)]
pub struct Certified {
    /// The certificate of the authority.
    pub authority: String,
    /// The certificate that it gave.
    pub certificate: String,
    /// The key of that certificate.
    pub key: String,
}

impl Certified {
    /// For a server of this name. Error: none can be made.
    pub fn new(name: &str) -> io::Result<Self> {
        Self::made(name).map_err(io::Error::other)
    }

    fn made(name: &str) -> Result<Self, rcgen::Error> {
        let authority_key = KeyPair::generate()?;
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = authority.self_signed(&authority_key)?.pem();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate()?;
        let certificate =
            CertificateParams::new(vec![name.to_owned()])?.signed_by(&key, &issuer)?;
        Ok(Self {
            authority: root,
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        })
    }
}

/// What answers with this certificate.
fn acceptor(certified: &Certified) -> Result<TlsAcceptor, Fault> {
    let certificate = CertificateDer::from_pem_slice(certified.certificate.as_bytes())?;
    let key = PrivateKeyDer::from_pem_slice(certified.key.as_bytes())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
