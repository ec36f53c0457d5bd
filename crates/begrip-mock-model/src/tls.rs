//! A server with a certificate of an authority of its own, which gives everybody the same answer.

use std::io;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
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
        let (acceptor, authority) = certified(name).map_err(io::Error::other)?;
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
        Ok(Self { port, authority })
    }
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What answers with a new certificate for `name`, and the certificate of the authority that gave it.
fn certified(name: &str) -> Result<(TlsAcceptor, String), Fault> {
    let authority_key = KeyPair::generate()?;
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = authority.self_signed(&authority_key)?.pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec![name.to_owned()])?.signed_by(&key, &issuer)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok((TlsAcceptor::from(Arc::new(config)), pem))
}
