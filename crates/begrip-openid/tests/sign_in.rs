//! Signing in, as a program does for its user.
// A test says what is wrong by stopping.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test says what is wrong by stopping"
)]

use std::time::Duration;

use begrip_mock_issuer::MockIssuer;
use begrip_openid::{Begun, Claims, Client, Issuer, OpenIdError, Tokens};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(60);

fn both() -> (MockIssuer, Client) {
    let mock = MockIssuer::start("begrip-desktop").unwrap();
    let scopes = ["openid", "offline_access"].map(str::to_owned).to_vec();
    let issuer = Issuer::new(&mock.url(), None).unwrap();
    (
        mock,
        Client::new(issuer, "begrip-desktop".to_owned(), scopes),
    )
}

/// A browser: goes where it is sent. Gives the status of the page that it ends at.
fn browse(address: &str) -> tokio::task::JoinHandle<u16> {
    let address = address.to_owned();
    tokio::spawn(async move {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        http.get(address).send().await.unwrap().status().as_u16()
    })
}

fn port(begun: &Begun) -> u16 {
    let (_, rest) = begun.address().split_once("127.0.0.1%3A").unwrap();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

async fn sign_in(client: &Client) -> (Result<(Tokens, Claims), OpenIdError>, u16, u16) {
    let begun = client.begin().await.unwrap();
    let port = port(&begun);
    let browser = browse(begun.address());
    let ended = client.end(begun, PATIENCE).await;
    (ended, browser.await.unwrap(), port)
}

#[tokio::test]
async fn whoever_signs_in_gets_tokens_that_hold_and_the_port_is_closed() {
    let (mock, client) = both();
    let (ended, page, port) = sign_in(&client).await;
    let (tokens, claims) = ended.unwrap();
    assert_eq!((page, claims.sub.as_str()), (200, "anna-1"));
    assert_eq!(tokens.access_for, Some(Duration::from_secs(300)));
    let issuer = Issuer::new(&mock.url(), None).unwrap();
    issuer
        .check(tokens.access.secret(), "begrip")
        .await
        .unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    let shown = format!("{tokens:?}");
    assert!(!shown.contains(tokens.access.secret()), "{shown}");
}

#[tokio::test]
async fn an_answer_that_is_not_to_this_sign_in_gives_nothing() {
    let (mock, client) = both();
    for (change, wrong, page) in [
        (
            (|plan| plan.other_nonce = true) as fn(&mut begrip_mock_issuer::Plan),
            OpenIdError::Mismatch("nonce"),
            200,
        ),
        (
            |plan| plan.denies = Some("access_denied".to_owned()),
            OpenIdError::Refused("access_denied".to_owned()),
            400,
        ),
    ] {
        mock.set(|plan| *plan = begrip_mock_issuer::Plan::default());
        mock.set(change);
        let (ended, shown, port) = sign_in(&client).await;
        assert_eq!((ended.unwrap_err(), shown), (wrong, page));
        assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    }
}

#[tokio::test]
async fn an_answer_to_another_sign_in_does_not_end_this_one() {
    let (mock, client) = both();
    let begun = client.begin().await.unwrap();
    let address = begun.address().to_owned();
    mock.set(|plan| plan.other_state = true);
    let browsing = async {
        assert_eq!(browse(&address).await.unwrap(), 400);
        mock.set(|plan| plan.other_state = false);
        assert_eq!(browse(&address).await.unwrap(), 200);
    };
    let (ended, ()) = tokio::join!(client.end(begun, PATIENCE), browsing);
    assert_eq!(ended.unwrap().1.sub, "anna-1");
}

#[tokio::test]
async fn a_sign_in_that_is_given_up_or_takes_too_long_closes_its_port() {
    let (_mock, client) = both();
    let begun = client.begin().await.unwrap();
    let open = port(&begun);
    TcpStream::connect(("127.0.0.1", open)).await.unwrap();
    drop(begun);
    assert!(TcpStream::connect(("127.0.0.1", open)).await.is_err());
    let begun = client.begin().await.unwrap();
    let open = port(&begun);
    let ended = client.end(begun, Duration::from_millis(50)).await;
    assert_eq!(ended.unwrap_err(), OpenIdError::TooLate);
    assert!(TcpStream::connect(("127.0.0.1", open)).await.is_err());
}

#[tokio::test]
async fn a_silent_connection_and_a_question_for_an_icon_do_not_stand_in_the_way() {
    let (_mock, client) = both();
    let begun = client.begin().await.unwrap();
    let port = port(&begun);
    let _silent = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let icon = browse(&format!("http://127.0.0.1:{port}/favicon.ico"));
    let address = begun.address().to_owned();
    let browser = tokio::spawn(async move {
        assert_eq!(icon.await.unwrap(), 404);
        browse(&address).await.unwrap()
    });
    let (_, claims) = client.end(begun, PATIENCE).await.unwrap();
    assert_eq!(
        (browser.await.unwrap(), claims.sub.as_str()),
        (200, "anna-1")
    );
}

#[tokio::test]
async fn a_refresh_token_gives_a_new_one_and_ends_when_it_comes_twice_or_is_revoked() {
    let (mock, client) = both();
    let first = sign_in(&client).await.0.unwrap().0.refresh.unwrap();
    let second = client.renew(&first).await.unwrap().refresh.unwrap();
    assert_ne!(first.secret(), second.secret());
    let ended = OpenIdError::Refused("invalid_grant".to_owned());
    assert_eq!(client.renew(&first).await.unwrap_err(), ended);
    assert_eq!(client.renew(&second).await.unwrap_err(), ended);
    let third = sign_in(&client).await.0.unwrap().0.refresh.unwrap();
    assert!(client.revoke(&third).await.unwrap());
    assert_eq!(client.renew(&third).await.unwrap_err(), ended);
    assert_eq!(mock.counts().revocations, 1);
}
