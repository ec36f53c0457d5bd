//! What every line to another machine has alike: no redirects, certificates of private authorities, a bound on
//! answers, a cause that can be shown, and whether it leads to another machine at all.
//!
//! What is asked of whom, and what a failure then means, stands with whoever asks: nothing is sent here.

use std::error::Error as _;
use std::net::IpAddr;

use reqwest::{Certificate, Client, ClientBuilder, Response, Url, redirect};

/// Why an answer was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// It has more bytes than it may.
    #[error("the answer is too large")]
    TooLarge,
    /// The line broke.
    #[error(transparent)]
    Broken(#[from] reqwest::Error),
}

/// A text in which there is no certificate that can be read.
#[derive(Debug, thiserror::Error)]
#[error("the file with certificates cannot be read")]
pub struct NoCertificate;

/// The beginning of a client. It follows no redirect, which could carry a text, a key or a token to another host, or
/// turn a POST into a GET.
pub fn client() -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("begrip/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
}

/// Has a client trust the authorities of a PEM text beside those of the operating system.
///
/// Error: there is none in it.
pub fn trusting(client: ClientBuilder, pem: &str) -> Result<ClientBuilder, NoCertificate> {
    match Certificate::from_pem_bundle(pem.as_bytes()) {
        Ok(certificates) if !certificates.is_empty() => Ok(client.tls_certs_merge(certificates)),
        _ => Err(NoCertificate),
    }
}

/// Whether an address is on this machine: then no proxy is of use, and nobody is on the way.
pub fn is_this_machine(url: &Url) -> bool {
    url.host_str().is_some_and(names_this_machine)
}

/// The same of a host by itself: a name, an address, or one of IPv6 between brackets. A name is no other than
/// `localhost`: whatever stands before a dot is looked up, and somebody else may answer.
pub fn names_this_machine(host: &str) -> bool {
    // With its last dot it is the same name, told in full.
    let name = host.strip_suffix('.').unwrap_or(host);
    let bare = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = bare.unwrap_or(name).parse::<IpAddr>();
    // One of IPv4 in the form of IPv6 leads to the one of IPv4.
    let is_loopback = |address: IpAddr| address.to_canonical().is_loopback();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(is_loopback)
}

/// The whole answer. Errors: it has more bytes than `most`; the line breaks.
pub async fn whole(mut response: Response, most: usize) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    while let Some(piece) = response.chunk().await? {
        if bytes.len() + piece.len() > most {
            return Err(Unread::TooLarge);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// The innermost cause of a failure, at most 200 characters; the outer ones can hold the address, with a secret in it.
pub fn cause(error: &reqwest::Error) -> String {
    let Some(mut cause) = error.source() else {
        return "no connection".to_owned();
    };
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string().chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_that() {
        for (address, here) in [
            ("http://localhost:1/x", true),
            ("http://LocalHost/", true),
            ("http://localhost./", true),
            ("http://127.0.0.1./", true),
            ("http://127.1/", true),
            ("http://2130706433/", true),
            ("http://[::ffff:127.0.0.1]/", true),
            ("http://[::ffff:10.0.0.1]/", false),
            ("http://[::]/", false),
            ("http://0.0.0.0/", false),
            ("http://localhost../", false),
            ("http://a.localhost/", false),
            ("http://localhost@example.org/", false),
            ("http://example.org/localhost", false),
            ("http://127.0.0.8/", true),
            ("http://[::1]:8080/", true),
            ("http://localhost.example/", false),
            ("http://10.0.0.1/", false),
            ("http://127.0.0.1.example/", false),
        ] {
            let url = Url::parse(address).unwrap();
            assert_eq!(is_this_machine(&url), here, "{address}");
        }
    }

    #[test]
    fn a_host_by_itself_is_judged_as_it_is_in_an_address() {
        for (host, here) in [
            ("localhost", true),
            ("LOCALHOST.", true),
            ("127.0.0.1", true),
            ("127.255.0.9", true),
            ("::1", true),
            ("[::1]", true),
            ("::ffff:127.0.0.1", true),
            ("[::1", false),
            ("db.example", false),
            ("10.0.0.5", false),
            ("fe80::1", false),
            ("", false),
            (".", false),
        ] {
            assert_eq!(names_this_machine(host), here, "{host}");
        }
    }

    #[test]
    fn a_text_without_certificates_is_told() {
        for pem in [
            "",
            "niets",
            "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n",
        ] {
            assert!(trusting(client(), pem).is_err(), "{pem}");
        }
    }
}
