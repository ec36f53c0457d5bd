//! Whom an administrator may invite: addresses in the e-mail domains of the own organisation.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::administering::{add, ask, get, good, log, refused};
use crate::identity::Signing;
use crate::support::Caller;

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_invites_addresses_in_the_domains_of_the_own_organisation_alone() {
    let signing = Signing::new();
    let site = &signing.site;
    let node = signing.node();
    let [om, dji] = ["OM", "DJI"].map(|name| node.caller(&site.token(name, "administrator")));
    let machine = add(&om, json!({"name": "machine", "role": "reader"})).await;
    let invite = async |caller: &Caller, email: &str| {
        let user = json!({"name": email, "role": "reader", "email": email});
        ask(caller, Method::POST, "users", user).await
    };
    let foreign = (409, "other_domain".to_owned());
    // Nobody said which domains are theirs: then none are.
    assert_eq!(refused(invite(&om, "a@om.example").await), foreign);
    let domains = |organisation: &str, act: &[&str]| {
        site.output(&[&["organisation", "domains", organisation][..], act].concat())
    };
    let done = |organisation: &str, act: &[&str]| {
        let output = domains(organisation, act);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let not = |organisation: &str, act: &[&str]| {
        let output = domains(organisation, act);
        assert!(!output.status.success(), "{output:?}");
        // Nothing of it was done, so nothing is told as done.
        assert!(output.stdout.is_empty(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    done("OM", &["add", "OM.Example", "MÜNCHEN.example"]);
    done("DJI", &["add", "dji.example"]);
    assert_eq!(
        done("OM", &["list"]),
        "om.example\nxn--mnchen-3ya.example\n"
    );
    // One of another organisation, also by a part of it, another spelling or a letter that looks like it.
    for email in [
        "a@dji.example",
        "a@DJI.EXAMPLE",
        "a@ｄｊｉ.example",
        "a@deel.om.example",
        "a@om.example.nl",
        "a@example",
    ] {
        assert_eq!(refused(invite(&om, email).await), foreign, "{email}");
        let change = ask(&om, Method::PATCH, &machine, json!({"email": email})).await;
        assert_eq!(refused(change), foreign, "{email}");
    }
    for email in ["a@dji.example@om.example", "a＠dji.example@om.example"] {
        assert_eq!(
            refused(invite(&om, email).await),
            (400, "form".to_owned()),
            "{email}"
        );
    }
    // Taken or not, nothing is told of an address of others.
    good(invite(&dji, "x@dji.example").await);
    assert_eq!(refused(invite(&om, "x@dji.example").await), foreign);
    let own = good(invite(&om, "Anna@ＭÜNCHEN.example").await);
    assert_eq!(own["email"], "anna@xn--mnchen-3ya.example");
    good(
        ask(
            &om,
            Method::PATCH,
            &machine,
            json!({"email": "m@om.example"}),
        )
        .await,
    );
    // Whoever signs in with that address, in whatever spelling its provider has, is invited.
    let mut claims = signing.issuer.claims();
    claims["email"] = json!("anna@München.example");
    claims["email_verified"] = json!(true);
    let hers = node.caller(&signing.issuer.sign(&claims).unwrap());
    assert_eq!(hers.get("/v1/sync/hello").await.status(), StatusCode::OK);
    // So is who was invited before addresses had that form.
    let older = "INSERT INTO account (organisation, name, role, email) \
                 VALUES ('OM', 'bert', 'author', 'bert@münchen.example')";
    site.database.sql(older).unwrap();
    claims["sub"] = json!("bert-1");
    claims["email"] = json!("Bert@münchen.example");
    let his = node.caller(&signing.issuer.sign(&claims).unwrap());
    assert_eq!(his.get("/v1/sync/hello").await.status(), StatusCode::OK);
    // The operator invites anyone, and an administrator may go on with who was invited so.
    signing.anna("author", &["--email", "a@elders.example"]);
    let users = get(&om, "users").await;
    let anna = users
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["name"] == "anna");
    let anna = format!("users/{}", anna.unwrap()["id"].as_str().unwrap());
    good(ask(&om, Method::PATCH, &anna, json!({"role": "reader"})).await);
    // A domain is of one organisation; who was invited in it by another is told.
    assert!(not("DJI", &["add", "nieuw.example", "om.example"]).contains("al van OM"));
    assert_eq!(done("DJI", &["list"]), "dji.example\n");
    assert!(not("DJI", &["remove", "om.example"]).contains("niet van DJI"));
    assert!(not("Nergens", &["list"]).contains("is er niet"));
    for wrong in ["om", "a@om.example", "*.om.example"] {
        assert!(
            not("OM", &["add", wrong]).contains("geen domein"),
            "{wrong}"
        );
    }
    let said = done("Rechtspraak", &["add", "elders.example"]);
    assert!(
        said.contains("a@elders.example hoort bij OM (anna)"),
        "{said}"
    );
    done("OM", &["remove", "om.example"]);
    assert_eq!(refused(invite(&om, "b@om.example").await), foreign);
    let said = log(&om).await;
    for line in [
        " | domain_added | om.example | - | -",
        " | domain_removed | om.example | - | -",
    ] {
        assert!(said.contains(&line.to_owned()), "{line}: {said:#?}");
    }
}
