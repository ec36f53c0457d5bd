//! Signing in by OpenID Connect, as the server sees it.

use begrip_mock_issuer::{Forgery, KeyKind, MockIssuer};
use begrip_sync::Sharing;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Caller, Node, Site, new, told};

/// The name under which the issuer knows workstations.
pub const CLIENT: &str = "begrip-werkplek";

/// An issuer, and a server that believes it.
pub struct Signing {
    pub issuer: MockIssuer,
    pub site: Site<'static>,
}

impl Signing {
    pub fn new() -> Self {
        Self {
            issuer: MockIssuer::start(CLIENT).unwrap(),
            site: Site::new(),
        }
    }

    pub fn node(&self) -> Node {
        let mut command = self.site.command(&["serve"]);
        command.envs(knowing(&self.issuer));
        Node::of(command)
    }

    /// A chore that knows the issuer; whether it succeeded, and what it said.
    pub fn chore(&self, args: &[&str]) -> (bool, String) {
        let mut command = self.site.command(args);
        let output = command.envs(knowing(&self.issuer)).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    /// Adds Anna of the OM, with what binds her.
    #[track_caller]
    pub fn anna(&self, role: &str, bound: &[&str]) {
        let user = [
            "user",
            "add",
            "anna",
            "--organisation",
            "OM",
            "--role",
            role,
        ];
        let (good, said) = self.chore(&[&user[..], bound].concat());
        assert!(good, "{said}");
    }

    fn token(&self) -> String {
        self.issuer.sign(&self.issuer.claims()).unwrap()
    }
}

/// What an operator sets to have a server believe an issuer.
pub fn knowing(issuer: &MockIssuer) -> [(&'static str, String); 3] {
    [
        ("BEGRIP_SERVER_OIDC_ISSUER", issuer.url()),
        ("BEGRIP_SERVER_OIDC_AUDIENCE", "begrip".to_owned()),
        ("BEGRIP_SERVER_OIDC_CLIENT_ID", CLIENT.to_owned()),
    ]
}

/// What a caller is answered to a first question.
async fn answer(caller: &Caller) -> (u16, String) {
    let response = caller.get("/v1/sync/hello").await;
    match response.status() {
        StatusCode::OK => (200, String::new()),
        _ => told(response).await,
    }
}

fn refused(code: u16, name: &str) -> (u16, String) {
    (code, name.to_owned())
}

#[tokio::test]
async fn whoever_signed_in_is_the_account_that_is_bound_and_has_its_role_alone() {
    let signing = Signing::new();
    signing.anna("reader", &["--subject", "anna-1"]);
    let node = signing.node();
    let mut claims = signing.issuer.claims();
    // What a token says of roles and organisations is not asked.
    claims["role"] = json!("administrator");
    claims["organisation"] = json!("DJI");
    let anna = node.caller(&signing.issuer.sign(&claims).unwrap());
    let hello: Value = anna.get("/v1/sync/hello").await.json().await.unwrap();
    assert_eq!(
        [&hello["account"], &hello["organisation"], &hello["role"]],
        ["anna", "OM", "reader"]
    );
    let push = [new(1, "eigen", Sharing::Organisation)];
    assert!(anna.try_push(&push).await.unwrap_err().starts_with("403"));
    // Another role holds at once, with the same token.
    signing.anna("author", &[]);
    crate::support::wait_for("the role", || async { anna.try_push(&push).await.is_ok() }).await;
}

#[tokio::test]
async fn a_token_that_is_not_the_issuers_for_us_and_now_is_refused() {
    let signing = Signing::new();
    signing.anna("author", &["--subject", "anna-1"]);
    let node = signing.node();
    let now = signing.issuer.now();
    assert_eq!(answer(&node.caller(&signing.token())).await.0, 200);
    for (name, value) in [
        ("aud", json!("ander")),
        // A token that says who signed in at a workstation is no token for the server.
        ("aud", json!(CLIENT)),
        ("iss", json!("https://id.example")),
        ("exp", json!(now - 90)),
        ("nbf", json!(now + 90)),
    ] {
        let mut claims = signing.issuer.claims();
        claims[name] = value.clone();
        let caller = node.caller(&signing.issuer.sign(&claims).unwrap());
        assert_eq!(
            answer(&caller).await,
            refused(401, "sign_in"),
            "{name}: {value}"
        );
    }
    for (kind, forgery) in [
        (KeyKind::Rsa, Forgery::Unsigned),
        (KeyKind::Rsa, Forgery::PublicKeyAsSecret),
        (KeyKind::P256, Forgery::OtherKey),
        (KeyKind::Ed25519, Forgery::Altered),
        (KeyKind::P256, Forgery::Critical),
    ] {
        signing.issuer.rotate(kind, false).unwrap();
        let token = signing.issuer.forge(forgery, &signing.issuer.claims());
        let caller = node.caller(&token.unwrap());
        assert_eq!(
            answer(&caller).await,
            refused(401, "sign_in"),
            "{forgery:?}"
        );
    }
}

#[tokio::test]
async fn a_new_key_of_the_issuer_is_fetched_once_and_the_old_one_ends_to_hold() {
    let signing = Signing::new();
    signing.anna("author", &["--subject", "anna-1"]);
    let node = signing.node();
    let old = node.caller(&signing.token());
    assert_eq!(answer(&old).await.0, 200);
    signing.issuer.rotate(KeyKind::Rsa, false).unwrap();
    let fetched = signing.issuer.counts().keys;
    for _ in 0..5 {
        let mut claims = signing.issuer.claims();
        claims["jti"] = json!(uuid::Uuid::new_v4());
        let new = node.caller(&signing.issuer.sign(&claims).unwrap());
        assert_eq!(answer(&new).await.0, 200);
    }
    assert_eq!(signing.issuer.counts().keys, fetched + 1);
    // What was remembered of it is forgotten, as after half a minute.
    signing.anna("author", &[]);
    crate::support::wait_for("the old key to end", || async {
        answer(&old).await == refused(401, "sign_in")
    })
    .await;
}

#[tokio::test]
async fn whoever_has_no_account_or_a_closed_one_is_told_so() {
    let signing = Signing::new();
    let node = signing.node();
    let anna = node.caller(&signing.token());
    assert_eq!(answer(&anna).await, refused(403, "no_account"));
    signing.anna("author", &["--subject", "anna-1"]);
    assert_eq!(answer(&anna).await.0, 200);
    let disable = ["user", "disable", "anna", "--organisation", "OM"];
    assert!(signing.chore(&disable).0);
    crate::support::wait_for("the account to close", || async {
        answer(&anna).await == refused(403, "account_closed")
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_for_the_first_with_the_verified_address_and_for_nobody_after() {
    let signing = Signing::new();
    signing.anna("author", &["--email", "Anna@OM.example"]);
    let node = signing.node();
    let as_person = |subject: &str, verified: Value| {
        let mut claims = signing.issuer.claims();
        claims["sub"] = json!(subject);
        claims["email_verified"] = verified;
        node.caller(&signing.issuer.sign(&claims).unwrap())
    };
    for unverified in [json!(false), Value::Null, json!("nee"), json!(1)] {
        let caller = as_person("vreemde", unverified);
        assert_eq!(answer(&caller).await, refused(403, "no_account"));
    }
    assert_eq!(answer(&as_person("anna-1", json!(true))).await.0, 200);
    // The address is given to somebody else later, or somebody says that it is theirs.
    let other = as_person("anna-2", json!(true));
    assert_eq!(answer(&other).await, refused(403, "no_account"));
    // Without the address she is still who she was.
    assert_eq!(answer(&as_person("anna-1", json!(false))).await.0, 200);
    let unlink = ["user", "unlink", "anna", "--organisation", "OM"];
    assert!(signing.chore(&unlink).0);
    crate::support::wait_for("the end of the bond", || async {
        answer(&as_person("anna-1", json!(true))).await == refused(403, "no_account")
    })
    .await;
}

#[tokio::test]
async fn a_person_is_one_account_and_an_account_one_person() {
    let signing = Signing::new();
    signing.anna(
        "author",
        &["--subject", "anna-1", "--email", "anna@om.example"],
    );
    // The same once more changes nothing.
    signing.anna("author", &["--subject", "anna-1"]);
    let add = |name: &str, bound: &[&str]| {
        let user = [
            "user",
            "add",
            name,
            "--organisation",
            "OM",
            "--role",
            "reader",
        ];
        signing.chore(&[&user[..], bound].concat())
    };
    for (name, bound, why) in [
        ("bert", ["--subject", "anna-1"], "andere gebruiker"),
        ("anna", ["--subject", "anna-2"], "ander nummer"),
        ("bert", ["--email", "anna@om.example"], "andere gebruiker"),
        ("bert", ["--email", "geen adres"], "geen e-mailadres"),
    ] {
        let (good, said) = add(name, &bound);
        assert!(!good && said.contains(why), "{name} {bound:?}: {said}");
    }
    let said = signing.site.output(&[
        "user",
        "add",
        "bert",
        "--organisation",
        "OM",
        "--role",
        "reader",
        "--subject",
        "b",
    ]);
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.contains("oidc_issuer"), "{said}");
    let listed = signing.site.run(&["user", "list"]);
    assert_eq!(listed, "OM\tanna\tauthor\tmeldt zich aan");
}

#[tokio::test]
async fn an_issuer_that_is_away_is_told_as_that_and_machines_go_on() {
    let signing = Signing::new();
    signing.anna("author", &["--subject", "anna-1"]);
    signing.issuer.set(|plan| plan.no_keys = true);
    let node = signing.node();
    let anna = node.caller(&signing.token());
    let response = anna.get("/v1/sync/hello").await;
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(told(response).await, refused(503, "issuer"));
    let machine = node.caller(&signing.site.token("DJI", "reader"));
    assert_eq!(answer(&machine).await.0, 200);
    signing.issuer.set(|plan| plan.no_keys = false);
    assert_eq!(answer(&anna).await.0, 200);
}

#[tokio::test]
async fn a_workstation_is_told_where_its_user_signs_in() {
    let signing = Signing::new();
    let ask = async |node: &Node| -> Value {
        let nobody = node.caller("");
        let url = format!("{}/v1/identity", node.url);
        nobody
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    };
    assert_eq!(
        ask(&signing.node()).await,
        json!({"openid": {
            "issuer": signing.issuer.url(),
            "client_id": CLIENT,
            "scopes": ["openid", "profile", "email", "offline_access"],
            "prompt": "consent",
        }})
    );
    // Nothing was asked of the issuer for it.
    assert_eq!(signing.issuer.counts().descriptions, 0);
    let without = signing.site.node();
    assert_eq!(ask(&without).await, json!({"openid": null}));
    let anna = without.caller(&signing.token());
    assert_eq!(answer(&anna).await, refused(401, "sign_in"));
}
