//! What the database keeps of a token of a machine: its number and an argon2id hash of its secret, and nothing by which
//! whoever reads the database could ask.

use std::collections::{BTreeMap, BTreeSet};

use argon2::password_hash::PasswordHash;
use argon2::{Argon2, PasswordVerifier};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::administering::{ask, good};
use crate::backup::everything;
use crate::support::Site;

/// What stands in the column, by the number of the token.
fn kept(site: &Site<'_>) -> BTreeMap<String, String> {
    let sql = "SELECT replace(id::text, '-', ''), hash FROM token";
    let said = site.database.sql(sql).unwrap();
    let row = |line: &str| {
        let (id, hash) = line.split_once('|').unwrap();
        (id.to_owned(), hash.to_owned())
    };
    said.lines().map(row).collect()
}

/// Number and secret of a token.
fn parts(token: &str) -> (String, String) {
    let (id, secret) = token
        .strip_prefix("begrip_")
        .unwrap()
        .split_once('_')
        .unwrap();
    assert_eq!((id.len(), secret.len()), (32, 64), "16 and 32 bytes");
    (id.to_owned(), secret.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_token_is_kept_as_an_argon2id_hash_with_a_salt_of_its_own_and_its_text_nowhere() {
    let site = Site::new();
    let node = site.node();
    let chief = site.token("OM", "administrator");
    let author = site.token("OM", "author");
    // One more for the same user, and one that an administrator makes by address.
    let create = ["token", "create", "author van OM", "--organisation", "OM"];
    let second = site.run(&create);
    let admin = node.caller(&chief);
    let machine = json!({"name": "koppeling", "role": "author"});
    let machine = good(ask(&admin, Method::POST, "users", machine).await);
    let made = json!({"user": machine["id"], "days": 7});
    let made = good(ask(&admin, Method::POST, "tokens", made).await);
    let third = made["secret"].as_str().unwrap().to_owned();
    let tokens = [chief, author, second, third];
    for token in &tokens {
        let response = node.caller(token).get("/v1/sync/hello").await;
        assert_eq!(response.status(), StatusCode::OK);
    }

    let kept = kept(&site);
    assert_eq!(kept.len(), tokens.len());
    let everything = everything(&site);
    let (mut salts, mut hashes) = (BTreeSet::new(), BTreeSet::new());
    for token in &tokens {
        let (id, secret) = parts(token);
        let text = &kept[&id];
        let hash = PasswordHash::new(text).unwrap();
        // Twice over 19 MB, by one lane: what OWASP names as the least.
        assert!(
            text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{text}"
        );
        let mut salt = [0; 64];
        let salt = hash.salt.unwrap().decode_b64(&mut salt).unwrap().to_vec();
        assert_eq!((salt.len(), hash.hash.unwrap().len()), (16, 32));
        assert!(salts.insert(salt), "a salt that comes twice");
        assert!(hashes.insert(hash.hash.unwrap().as_bytes().to_vec()));
        // It is the hash of this secret and of no other.
        let right = |secret: &str| {
            Argon2::default()
                .verify_password(secret.as_bytes(), &hash)
                .is_ok()
        };
        assert!(right(&secret) && !right(&secret[..63]));
        for text in [token, &secret] {
            assert!(
                !everything.contains(text.as_str()),
                "the secret is in the database"
            );
        }
    }
    // The number alone is found; the secret decides.
    let (first, other) = (parts(&tokens[1]), parts(&tokens[2]));
    let last = if first.1.ends_with('0') { "1" } else { "0" };
    for (id, secret) in [
        (&first.0, other.1.clone()),
        (&first.0, format!("{}{last}", &first.1[..63])),
        (&"0".repeat(32), first.1.clone()),
        // Whoever read the hash has no token by it.
        (&first.0, kept[&first.0].clone()),
    ] {
        let wrong = node.caller(&format!("begrip_{id}_{secret}"));
        let response = wrong.get("/v1/sync/hello").await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_when_it_says_although_its_holder_is_remembered_for_longer() {
    let site = Site::new();
    let node = site.node();
    let caller = node.caller(&site.token("OM", "author"));
    let ends = "UPDATE token SET expires_at = clock_timestamp() + interval '8 s'";
    site.database.sql(ends).unwrap();
    let first = caller.get("/v1/sync/hello").await;
    assert_eq!(first.status(), StatusCode::OK);
    // By the clock of the database, looked at before each question; long before the holder would be forgotten.
    let over = "SELECT clock_timestamp() > expires_at + interval '2 s' FROM token";
    loop {
        let over = site.database.sql(over).unwrap().trim() == "t";
        let status = caller.get("/v1/sync/hello").await.status();
        if over {
            assert_eq!(status, StatusCode::UNAUTHORIZED);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
