//! The port on this machine to which the browser comes back.
//!
//! It is open on the loopback address alone, for one sign-in, and takes one answer. A browser opens
//! connections on which it says nothing, and asks for an icon: neither stands in the way. Nor does an
//! answer to another sign-in: any page in the browser can bring one, and must not end this one.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use oauth2::CsrfToken;
use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::error::OpenIdError;
use crate::sign_in::short;

/// Where the browser comes back to.
const PATH: &str = "/aangemeld";

/// How long a connection may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of a request at most.
const LONGEST: usize = 16 << 10;

/// Connections at one time at most.
const MANY: usize = 32;

/// An answer that is not about this sign-in.
const OTHER: OpenIdError = OpenIdError::Mismatch("state");

/// A port that waits for the browser.
#[derive(Debug)]
pub(crate) struct Redirect {
    listener: TcpListener,
    port: u16,
    expected: Arc<Expected>,
}

/// What an answer to this sign-in must say.
#[derive(Debug)]
struct Expected {
    state: CsrfToken,
    /// The issuer's name, when it says that it sends that along.
    issuer: Option<String>,
}

impl Redirect {
    /// Opens a port. Errors: none can be opened.
    pub async fn open(state: CsrfToken, issuer: Option<String>) -> Result<Self, OpenIdError> {
        let closed = |error: std::io::Error| OpenIdError::Port(error.to_string());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(closed)?;
        Ok(Self {
            port: listener.local_addr().map_err(closed)?.port(),
            listener,
            expected: Arc::new(Expected { state, issuer }),
        })
    }

    /// Where the browser is to come back to.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}{PATH}", self.port)
    }

    /// What the browser is to bring back.
    pub fn state(&self) -> &CsrfToken {
        &self.expected.state
    }

    /// Waits for the browser and closes the port. Errors: the issuer refused, or the answer is not as
    /// it should be.
    pub async fn code(self) -> Result<String, OpenIdError> {
        let mut talks = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if talks.len() < MANY => {
                    // One that is gone already is no sign-in.
                    if let Ok((stream, _)) = accepted {
                        talks.spawn(talk(stream, Arc::clone(&self.expected)));
                    }
                }
                Some(ended) = talks.join_next() => {
                    if let Ok(Some(answer)) = ended {
                        return answer;
                    }
                }
            }
        }
    }
}

/// Hears one request and answers it; `None` when it was about something else.
async fn talk(
    mut stream: TcpStream,
    expected: Arc<Expected>,
) -> Option<Result<String, OpenIdError>> {
    let asked = tokio::time::timeout(PATIENCE, target(&mut stream))
        .await
        .ok()??;
    let url = Url::parse(&format!("http://127.0.0.1{asked}")).ok()?;
    let answer = (url.path() == PATH).then(|| expected.read(&url));
    let (status, page) = match &answer {
        None => ("404 Not Found", "Hier is niets. Nothing here."),
        Some(Ok(_)) => (
            "200 OK",
            "U kunt dit venster sluiten en verdergaan in Begrip. \
             You can close this window and go on in Begrip.",
        ),
        Some(Err(_)) => (
            "400 Bad Request",
            "Het aanmelden is niet gelukt. Ga terug naar Begrip en probeer het opnieuw. \
             Signing in failed. Go back to Begrip and try again.",
        ),
    };
    let page = format!(
        "<!doctype html><html lang=\"nl\"><meta charset=\"utf-8\"><title>Begrip</title><p>{page}</p></html>"
    );
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
         Content-Security-Policy: default-src 'none'\r\nConnection: close\r\n\r\n",
        page.len()
    );
    // A browser that does not wait for the page has brought its answer all the same.
    let _ = stream.write_all(format!("{head}{page}").as_bytes()).await;
    let _ = stream.shutdown().await;
    answer.filter(|answer| *answer != Err(OTHER))
}

/// The target of a GET, once all of its head is there.
async fn target(stream: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    let mut piece = [0_u8; 2_048];
    while !read.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut piece).await.ok()?;
        if count == 0 || read.len() + count > LONGEST {
            return None;
        }
        read.extend_from_slice(piece.get(..count)?);
    }
    let head = String::from_utf8(read).ok()?;
    let mut words = head.lines().next()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    (method == "GET" && target.starts_with('/')).then(|| target.to_owned())
}

impl Expected {
    fn read(&self, url: &Url) -> Result<String, OpenIdError> {
        let said = |name: &str| {
            let mut values = url.query_pairs().filter(|(key, _)| key == name);
            let value = values.next().map(|(_, value)| value.into_owned());
            // Said twice is not said.
            value.filter(|_| values.next().is_none())
        };
        if said("state").as_ref() != Some(self.state.secret()) {
            return Err(OTHER);
        }
        if self.issuer.is_some() && said("iss") != self.issuer {
            return Err(OpenIdError::Mismatch("issuer"));
        }
        match (said("error"), said("code")) {
            (Some(name), _) => Err(OpenIdError::Refused(short(&name))),
            (None, Some(code)) if !code.is_empty() => Ok(code),
            (None, _) => Err(OpenIdError::Mismatch("code")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_another_sign_in_gives_no_code() {
        let expected = Expected {
            state: CsrfToken::new("eigen".to_owned()),
            issuer: Some("https://id".to_owned()),
        };
        let read = |query: &str| {
            expected.read(&Url::parse(&format!("http://127.0.0.1/aangemeld?{query}")).unwrap())
        };
        assert_eq!(
            read("state=eigen&code=x&iss=https%3A%2F%2Fid"),
            Ok("x".to_owned())
        );
        for (query, wrong) in [
            ("code=x&iss=https://id", OpenIdError::Mismatch("state")),
            (
                "state=ander&code=x&iss=https://id",
                OpenIdError::Mismatch("state"),
            ),
            (
                "state=eigen&state=eigen&code=x&iss=https://id",
                OpenIdError::Mismatch("state"),
            ),
            ("state=eigen&code=x", OpenIdError::Mismatch("issuer")),
            (
                "state=eigen&code=x&iss=https://ander",
                OpenIdError::Mismatch("issuer"),
            ),
            (
                "state=eigen&code=&iss=https://id",
                OpenIdError::Mismatch("code"),
            ),
            (
                "state=eigen&error=access_denied%0d%0a&iss=https://id",
                OpenIdError::Refused("access_denied".to_owned()),
            ),
        ] {
            assert_eq!(read(query), Err(wrong), "{query}");
        }
    }
}
