//! Which tokens are believed.
// A test says what is wrong by stopping.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test says what is wrong by stopping"
)]

use begrip_mock_issuer::{Forgery, KeyKind, MockIssuer};
use begrip_openid::{Claims, Fault, Issuer, OpenIdError};
use serde_json::{Value, json};

fn both() -> (MockIssuer, Issuer) {
    let mock = MockIssuer::start("begrip-desktop").unwrap();
    let issuer = Issuer::new(&mock.url(), None).unwrap();
    (mock, issuer)
}

async fn checked(issuer: &Issuer, token: &str) -> Result<Claims, OpenIdError> {
    issuer.check(token, "begrip").await
}

#[tokio::test]
async fn a_token_of_each_trusted_algorithm_holds() {
    let (mock, issuer) = both();
    for kind in [KeyKind::P256, KeyKind::Rsa, KeyKind::Ed25519] {
        mock.rotate(kind, false).unwrap();
        let claims = checked(&issuer, &mock.sign(&mock.claims()).unwrap()).await;
        let claims = claims.unwrap();
        assert_eq!(claims.sub, "anna-1", "{kind:?}");
        assert_eq!(claims.shown_name(), "Anna de Vries");
        assert_eq!(claims.verified_email(), Some("anna@om.example"));
    }
}

#[tokio::test]
async fn what_a_token_says_must_be_right_to_the_second_and_the_letter() {
    let (mock, issuer) = both();
    let now = mock.now();
    let url = mock.url();
    for (name, value, wrong) in [
        ("aud", json!("ander"), Some(Fault::Audience)),
        ("aud", json!(["ander", "nog een"]), Some(Fault::Audience)),
        ("aud", json!(["ander", "begrip"]), None),
        ("aud", Value::Null, Some(Fault::Claim)),
        ("iss", json!("http://127.0.0.1:1"), Some(Fault::Issuer)),
        ("iss", json!(format!("{url}/")), Some(Fault::Issuer)),
        ("iss", Value::Null, Some(Fault::Claim)),
        ("exp", json!(now - 90), Some(Fault::Expired)),
        // Within the difference that two clocks may have.
        ("exp", json!(now - 20), None),
        ("exp", Value::Null, Some(Fault::Claim)),
        ("exp", json!("morgen"), Some(Fault::Claim)),
        ("nbf", json!(now + 90), Some(Fault::Early)),
        ("nbf", json!(now + 20), None),
        ("nbf", Value::Null, None),
        ("sub", Value::Null, Some(Fault::Form)),
        ("sub", json!(""), Some(Fault::Claim)),
        ("sub", json!("x".repeat(256)), Some(Fault::Claim)),
    ] {
        let mut claims = mock.claims();
        match &value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
        let found = checked(&issuer, &mock.sign(&claims).unwrap()).await;
        let found = found.err();
        let refused = |error: &OpenIdError| matches!(error, OpenIdError::Token(_));
        match wrong {
            None => assert_eq!(found, None, "{name}: {value}"),
            // A claim of another form may be found out as the one or the other.
            Some(Fault::Claim | Fault::Form) => {
                assert!(found.as_ref().is_some_and(refused), "{name}: {value}");
            }
            Some(fault) => assert_eq!(found, Some(fault.into()), "{name}: {value}"),
        }
    }
}

#[tokio::test]
async fn a_forged_token_is_not_believed_whatever_the_key() {
    let (mock, issuer) = both();
    for kind in [KeyKind::P256, KeyKind::Rsa, KeyKind::Ed25519] {
        mock.rotate(kind, false).unwrap();
        for (forgery, wrong) in [
            (Forgery::Unsigned, vec![Fault::Form]),
            (Forgery::PublicKeyAsSecret, vec![Fault::Algorithm]),
            (Forgery::OtherKey, vec![Fault::Algorithm, Fault::Signature]),
            (Forgery::UnknownKey, vec![Fault::Key]),
            (Forgery::Altered, vec![Fault::Signature]),
            (Forgery::Critical, vec![Fault::Form]),
            (Forgery::OtherType, vec![Fault::Form]),
        ] {
            // Begins anew, so that the unknown keys of one do not use up the fetches of the next.
            let issuer = Issuer::new(issuer.name(), None).unwrap();
            let token = mock.forge(forgery, &mock.claims()).unwrap();
            let found = checked(&issuer, &token).await.unwrap_err();
            assert!(
                wrong.iter().any(|fault| found == (*fault).into()),
                "{kind:?} {forgery:?}: {found:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_no_token_is_refused_without_a_request() {
    let (mock, issuer) = both();
    for wrong in ["", ".", "..", "a.b.c", "eyJ.eyJ.", &"a".repeat(20_000)] {
        assert_eq!(
            checked(&issuer, wrong).await.unwrap_err(),
            Fault::Form.into(),
            "{wrong:.20}"
        );
    }
    assert_eq!(mock.counts().descriptions, 0);
}

#[tokio::test]
async fn a_key_that_is_not_known_is_fetched_once_and_invented_ones_a_few_times_at_most() {
    let (mock, issuer) = both();
    let old = mock.sign(&mock.claims()).unwrap();
    for _ in 0..3 {
        checked(&issuer, &old).await.unwrap();
    }
    assert_eq!(mock.counts().keys, 1);
    // Both hold while both are published.
    mock.rotate(KeyKind::P256, true).unwrap();
    let new = mock.sign(&mock.claims()).unwrap();
    for token in [&new, &old, &new] {
        checked(&issuer, token).await.unwrap();
    }
    assert_eq!(mock.counts().keys, 2);
    // The keys are read again, and the old one is not among them any more.
    mock.rotate(KeyKind::Rsa, false).unwrap();
    checked(&issuer, &mock.sign(&mock.claims()).unwrap())
        .await
        .unwrap();
    assert_eq!(mock.counts().keys, 3);
    assert_eq!(checked(&issuer, &old).await.unwrap_err(), Fault::Key.into());
    for _ in 0..50 {
        let forged = mock.forge(Forgery::UnknownKey, &mock.claims()).unwrap();
        assert_eq!(
            checked(&issuer, &forged).await.unwrap_err(),
            Fault::Key.into()
        );
    }
    assert_eq!(mock.counts().keys, 5);
    // Whoever has a known key is not bothered.
    checked(&issuer, &mock.sign(&mock.claims()).unwrap())
        .await
        .unwrap();
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_is_told_apart_from_a_wrong_token() {
    let (mock, issuer) = both();
    mock.set(|plan| plan.no_keys = true);
    let token = mock.sign(&mock.claims()).unwrap();
    let found = checked(&issuer, &token).await.unwrap_err();
    assert!(matches!(found, OpenIdError::Unreachable(_)), "{found:?}");
    mock.set(|plan| plan.no_keys = false);
    checked(&issuer, &token).await.unwrap();
    // Known keys hold while the issuer is away.
    mock.set(|plan| plan.no_keys = true);
    checked(&issuer, &token).await.unwrap();
}

#[tokio::test]
async fn an_issuer_is_asked_by_https_unless_it_is_on_this_machine_and_is_called_by_its_name() {
    for wrong in [
        "http://id.example",
        "ftp://id.example",
        "id",
        "https://a@b/?x=1",
    ] {
        let found = Issuer::new(wrong, None).unwrap_err();
        assert!(matches!(found, OpenIdError::Address(_)), "{wrong}");
    }
    let (mock, _) = both();
    let other = Issuer::new(&mock.url().replace("127.0.0.1", "localhost"), None).unwrap();
    let token = mock.sign(&mock.claims()).unwrap();
    assert_eq!(
        checked(&other, &token).await.unwrap_err(),
        OpenIdError::Nonsense("it calls itself otherwise")
    );
}
