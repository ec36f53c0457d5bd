//! Connections with callers: how many, how long somebody may take to ask, by TLS where the settings name a certificate,
//! and an orderly end. In front of everything that a request is looked at for.

use std::convert::Infallible;
use std::fs;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use axum::Router;
use axum::http::Request;
use axum::response::IntoResponse;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use prometheus::{IntCounter, IntGauge};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, ServerConfig, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::refusal::Refusal;
use crate::settings::{Certificate, Doors};

/// Connections beyond the bound that are still told so, and whether the server is well.
const RESERVE: usize = 64;

/// How long is waited after no connection could be taken: the program has too many files open, say.
const PAUSE: Duration = Duration::from_secs(1);

/// How long nothing more is said of a lack of room after it was.
const QUIET: Duration = Duration::from_secs(60);

/// How often a quiet connection of HTTP/2 is asked whether anybody is there, and how long that may take.
const PING: Duration = Duration::from_secs(20);
const PONG: Duration = Duration::from_secs(20);

/// What every connection needs.
#[derive(Clone)]
struct Hall {
    doors: Doors,
    tls: Option<TlsAcceptor>,
    app: Router,
    stop: CancellationToken,
}

/// A place for one connection.
struct Place {
    _permit: OwnedSemaphorePermit,
    /// Beyond the bound.
    full: bool,
    open: IntGauge,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.dec();
    }
}

/// Answers whoever connects until the program is told to stop; comes back when everybody has had their answer. `open`
/// tells how many are connected, `beyond` how many came when there was no room.
pub async fn serve(
    listener: TcpListener,
    doors: Doors,
    tls: Option<TlsAcceptor>,
    app: Router,
    open: IntGauge,
    beyond: IntCounter,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(doors.connections));
    let reserve = Arc::new(Semaphore::new(RESERVE));
    let busy = TaskTracker::new();
    let mut warned = None;
    let hall = Hall {
        doors,
        tls,
        app,
        stop,
    };
    loop {
        let stream = tokio::select! {
            biased;
            () = hall.stop.cancelled() => break,
            taken = listener.accept() => match taken {
                Ok((stream, _)) => stream,
                // Of that one connection: the next has nothing to do with it.
                Err(error) if broke_before_it_was_taken(&error) => continue,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::select! {
                        () = hall.stop.cancelled() => break,
                        () = tokio::time::sleep(PAUSE) => continue,
                    }
                }
            },
        };
        let usual = Arc::clone(&places).try_acquire_owned();
        let full = usual.is_err();
        if full {
            beyond.inc();
            if warned.is_none_or(|at: Instant| at.elapsed() > QUIET) {
                warned = Some(Instant::now());
                tracing::warn!(
                    connections = hall.doors.connections,
                    "no room for more connections"
                );
            }
        }
        // Beyond the reserve there is nothing that would cost less than to hang up.
        let Ok(permit) = usual.or_else(|_| Arc::clone(&reserve).try_acquire_owned()) else {
            continue;
        };
        open.inc();
        let place = Place {
            _permit: permit,
            full,
            open: open.clone(),
        };
        busy.spawn(attend(stream, hall.clone(), place));
    }
    drop(listener);
    busy.close();
    busy.wait().await;
}

/// Whether it was whoever connected that hung up.
fn broke_before_it_was_taken(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// One connection, from its first byte to its last.
async fn attend(stream: TcpStream, hall: Hall, place: Place) {
    // Small answers go out at once: a line of events is made of them.
    let _ = stream.set_nodelay(true);
    let asked = CancellationToken::new();
    let attended = async {
        match &hall.tls {
            None => talk(stream, &hall, &place, &asked).await,
            Some(tls) => {
                let agreed = tokio::select! {
                    agreed = tls.accept(stream) => agreed,
                    // Nothing was asked yet.
                    () = hall.stop.cancelled() => return,
                };
                match agreed {
                    Ok(stream) => talk(stream, &hall, &place, &asked).await,
                    Err(error) => tracing::debug!(%error, "no TLS with whoever connected"),
                }
            }
        }
    };
    // From the first byte of TLS to the last of the first request's headers; what follows is bounded by `idle`.
    let too_late = async {
        tokio::time::sleep(hall.doors.headers).await;
        if asked.is_cancelled() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        // In this order: a request that came at the last moment is answered.
        biased;
        () = attended => {}
        () = too_late => tracing::debug!("somebody connected and asked nothing"),
    }
}

/// A request under way on a connection, until the last of its answer went out: a line of events is one all along.
struct UnderWay(watch::Sender<usize>);

impl UnderWay {
    fn on(connection: &watch::Sender<usize>) -> Self {
        connection.send_modify(|count| *count += 1);
        Self(connection.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// The body of an answer, which is under way until it ends.
struct Told {
    body: axum::body::Body,
    _under_way: UnderWay,
}

impl Body for Told {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Comes back when nothing was under way for so long. What hyper bounds by itself are the headers of HTTP/1; a connection of
/// HTTP/2 on which nothing is asked would stay for as long as somebody answers that they are there.
async fn quiet(mut under_way: watch::Receiver<usize>, idle: Duration) {
    while under_way.wait_for(|count| *count == 0).await.is_ok() {
        // Whatever began since then, also when it has ended.
        if tokio::time::timeout(idle, under_way.changed())
            .await
            .is_err()
        {
            return;
        }
    }
}

/// Answers the requests of one connection.
async fn talk<S>(stream: S, hall: &Hall, place: &Place, asked: &CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let app = TowerToHyperService::new(hall.app.clone());
    let leave = hall.stop.child_token();
    let (connected, under_way) = watch::channel(0);
    let service = service_fn(|request: Request<Incoming>| {
        asked.cancel();
        let under_way = UnderWay::on(&connected);
        let answered = match place.full && !tells_of_itself(request.uri().path()) {
            true => {
                // By another connection there may be room.
                leave.cancel();
                None
            }
            false => Some(app.call(request)),
        };
        async move {
            let answer = match answered {
                Some(answered) => answered.await?,
                None => Refusal::Full.into_response(),
            };
            Ok::<_, Infallible>(answer.map(|body| Told {
                body,
                _under_way: under_way,
            }))
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(hall.doors.idle);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let over = async {
        tokio::select! {
            () = leave.cancelled() => {}
            () = quiet(under_way, hall.doors.idle) => {}
        }
    };
    let ended = tokio::select! {
        // In this order: a request that came at the last moment is under way.
        biased;
        ended = connection.as_mut() => ended,
        () = over => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}

/// What tells how the server is, and that to whoever watches it also when it is full.
fn tells_of_itself(path: &str) -> bool {
    path.starts_with("/health/") || path.starts_with("/metrics")
}

/// The certificates of the settings. Error: a file that cannot be used, by the name of the setting.
fn chain(certificate: &Certificate) -> Result<Vec<CertificateDer<'static>>> {
    let named = || format!("tls_certificate: {}", certificate.chain.display());
    let chain = fs::read(&certificate.chain).with_context(named)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&chain)
        .collect::<Result<_, _>>()
        .with_context(named)?;
    anyhow::ensure!(!chain.is_empty(), named());
    Ok(chain)
}

/// TLS with this certificate. Error: a file that cannot be used, by the name of the setting.
pub fn tls(certificate: &Certificate) -> Result<TlsAcceptor> {
    let named = || format!("tls_key: {}", certificate.key.display());
    let key = fs::read(&certificate.key).with_context(named)?;
    let key = PrivateKeyDer::from_pem_slice(&key).with_context(named)?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain(certificate)?, key)
        .context("tls_certificate en tls_key horen niet bij elkaar")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// TLS for whoever asks the server on this machine how it is. Any certificate will do: the file of the settings may hold
/// one that the server takes when it starts again, and nothing is told there that anybody must not hear.
pub fn tls_to_itself() -> Result<TlsConnector> {
    let provider = provider();
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Whoever(provider)))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Believes every certificate, of whoever has its key.
#[derive(Debug)]
struct Whoever(Arc<CryptoProvider>);

impl ServerCertVerifier for Whoever {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let known = &self.0.signature_verification_algorithms;
        known.supported_schemes()
    }
}
