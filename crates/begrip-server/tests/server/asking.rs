//! What the server answers to whom.

use begrip_sync::{
    Act, Hello, Outcome, RANGES, RangeRows, Refusal, Sharing, Sums, limits, range_of,
};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Site, act, concept, new, put, told};

const ADDRESSES: [(Method, &str); 5] = [
    (Method::GET, "/v1/sync/hello"),
    (Method::POST, "/v1/sync/commands"),
    (Method::GET, "/v1/sync/changes?after=0"),
    (Method::GET, "/v1/sync/ranges/0"),
    (Method::GET, "/v1/sync/events"),
];

#[tokio::test]
async fn nobody_comes_in_without_a_token_that_holds_now() {
    let site = Site::new();
    let node = site.node();
    let good = node.caller(&site.token("OM", "author"));
    let mut strangers = vec![
        String::new(),
        "Bearer x".to_owned(),
        format!("{}0", good.token),
    ];
    // The right number with another secret.
    strangers.push(good.token.replace(|c: char| c.is_ascii_digit(), "0"));
    let expired = site.token("DJI", "author");
    site.database.sql("UPDATE token SET expires_at = now() - interval '1 second' WHERE account IN (SELECT id FROM account WHERE organisation = 'DJI')").unwrap();
    strangers.push(expired);
    for (method, path) in ADDRESSES {
        for token in &strangers {
            let stranger = node.caller(token);
            let response = stranger.request(method.clone(), path).send().await.unwrap();
            assert_eq!(told(response).await, (401, "sign_in".to_owned()), "{path}");
        }
        let request = good.http.request(method, format!("{}{path}", node.url));
        let response = request.header("begrip-protocol", "1").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(good.get("/v1/sync/hello").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_token_that_is_revoked_and_a_user_who_is_closed_off_are_out_on_every_node_at_once() {
    let site = Site::new();
    let nodes = [site.node(), site.node()];
    let (om, dji) = (site.token("OM", "author"), site.token("DJI", "author"));
    for node in &nodes {
        for token in [&om, &dji] {
            // Remembered from here on.
            assert_eq!(
                node.caller(token).get("/v1/sync/hello").await.status(),
                StatusCode::OK
            );
        }
    }
    let list = site.run(&["token", "list"]);
    let line = list.lines().find(|line| line.contains("\tOM\t")).unwrap();
    site.run(&["token", "revoke", line.split('\t').next().unwrap()]);
    site.run(&["user", "disable", "author van DJI", "--organisation", "DJI"]);
    for node in &nodes {
        for token in [&om, &dji] {
            let caller = node.caller(token);
            crate::support::wait_for("a token to be forgotten", || async {
                caller.get("/v1/sync/hello").await.status() == StatusCode::UNAUTHORIZED
            })
            .await;
        }
    }
    assert!(site.run(&["token", "list"]).contains("ingetrokken"));
    assert!(site.run(&["user", "list"]).contains("afgesloten"));
}

#[tokio::test]
async fn a_program_without_a_common_version_is_told_which_one_to_bring_up_to_date() {
    let site = Site::new();
    let node = site.node();
    let caller = node.caller(&site.token("OM", "author"));
    for (said, sentence) in [
        (Some("2-3"), "Vraag uw beheerder om de server bij te werken"),
        (Some("0"), "Werk Begrip op deze computer bij"),
        (Some("x"), "noemt geen versie"),
        (None, "noemt geen versie"),
    ] {
        for (method, path) in ADDRESSES {
            let mut request = caller
                .http
                .request(method, format!("{}{path}", node.url))
                .bearer_auth(&caller.token);
            if let Some(said) = said {
                request = request.header("begrip-protocol", said);
            }
            let response = request.send().await.unwrap();
            assert_eq!(
                response.status(),
                StatusCode::PRECONDITION_FAILED,
                "{said:?}"
            );
            let body = response.text().await.unwrap();
            assert!(body.contains(sentence), "{body}");
        }
    }
    let newer = caller
        .http
        .get(format!("{}/v1/sync/hello", node.url))
        .bearer_auth(&caller.token);
    let response = newer.header("begrip-protocol", "1-4").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_reader_reads_and_writes_nothing() {
    let site = Site::new();
    let node = site.node();
    let reader = node.caller(&site.token("OM", "reader"));
    let hello: Hello = reader.get("/v1/sync/hello").await.json().await.unwrap();
    assert_eq!(
        (hello.organisation.as_str(), hello.role.as_str()),
        ("OM", "reader")
    );
    let push = json!({"commands": [new(1, "x", Sharing::Chain)]});
    let response = reader
        .request(Method::POST, "/v1/sync/commands")
        .json(&push)
        .send()
        .await
        .unwrap();
    assert_eq!(told(response).await, (403, "role".to_owned()));
    assert!(reader.everything().await.is_empty());
}

#[tokio::test]
async fn what_has_another_form_is_refused_with_a_name_and_a_sentence() {
    let site = Site::new();
    let node = site.node();
    let token = site.token("OM", "author");
    let many: Vec<_> = (0..101).map(|n| new(n, "x", Sharing::Chain)).collect();
    let large = "x".repeat(9 << 20);
    for (method, path, body, expected) in [
        (
            Method::POST,
            "/v1/sync/commands",
            "geen json".to_owned(),
            (400, "form"),
        ),
        (
            Method::POST,
            "/v1/sync/commands",
            r#"{"commands":[{"key":1}]}"#.to_owned(),
            (400, "form"),
        ),
        (
            Method::POST,
            "/v1/sync/commands",
            json!({"commands": many}).to_string(),
            (413, "too_large"),
        ),
        (Method::POST, "/v1/sync/commands", large, (413, "too_large")),
        (
            Method::GET,
            "/v1/sync/changes?after=x",
            String::new(),
            (400, "form"),
        ),
        (
            Method::GET,
            "/v1/sync/changes",
            String::new(),
            (400, "form"),
        ),
        (
            Method::GET,
            "/v1/sync/ranges/16",
            String::new(),
            (400, "form"),
        ),
        (
            Method::GET,
            "/v1/sync/ranges/x",
            String::new(),
            (400, "form"),
        ),
        (
            Method::GET,
            "/v1/nergens",
            String::new(),
            (404, "no_address"),
        ),
        (
            Method::DELETE,
            "/v1/sync/changes",
            String::new(),
            (405, "method"),
        ),
    ] {
        // On a line of its own: the server hangs up on what is too large.
        let caller = node.caller(&token);
        let response = caller
            .request(method, path)
            .body(body)
            .send()
            .await
            .unwrap();
        assert!(response.headers().contains_key("x-request-id"), "{path}");
        let (status, name) = told(response).await;
        assert_eq!((status, name.as_str()), expected, "{path}");
    }
}

#[tokio::test]
async fn every_kind_of_outcome_comes_over_the_wire() {
    let site = Site::new();
    let node = site.node();
    let om = node.caller(&site.token("OM", "author"));
    let dji = node.caller(&site.token("DJI", "author"));
    om.push(&[new(1, "vonnis", Sharing::Chain)]).await;
    om.push(&[put(
        concept(1),
        1,
        json!({"explanation": [null, "van het OM"]}),
        None,
    )])
    .await;
    let first = put(
        concept(1),
        1,
        json!({"definition": ["tekst", "van DJI"]}),
        None,
    );
    let mut used = first.clone();
    used.reason = "iets anders".to_owned();
    let answers = dji
        .push(&[
            first.clone(),
            put(
                concept(1),
                1,
                json!({"definition": ["tekst", "nog een"]}),
                None,
            ),
            put(
                concept(1),
                1,
                json!({"definition": ["tekst", "van DJI"]}),
                None,
            ),
            put(concept(1), 9, json!({"definition": ["tekst", "x"]}), None),
            act(concept(1), 3, Act::Delete),
            used,
            first.clone(),
        ])
        .await;
    let Outcome::Accepted { item, merged: true } = &answers[0].outcome else {
        panic!("{answers:?}")
    };
    assert_eq!(
        (
            item.version,
            item.organisation.as_str(),
            item.owner.as_str()
        ),
        (3, "DJI", "OM")
    );
    assert_eq!(item.texts.get("explanation"), "van het OM");
    let Outcome::Stale { fields, .. } = &answers[1].outcome else {
        panic!("{answers:?}")
    };
    assert_eq!(fields, &["definition"]);
    assert!(matches!(answers[2].outcome, Outcome::Same { .. }));
    for (at, why) in [
        (3, Refusal::MissingBase),
        (4, Refusal::NotAllowed),
        (5, Refusal::KeyUsed),
    ] {
        assert!(matches!(&answers[at].outcome, Outcome::Refused { why: said, .. } if *said == why));
    }
    assert_eq!(answers[6], answers[0], "the same key gets the first answer");
    om.push(&[new(2, "ander", Sharing::Chain)]).await;
    assert_eq!(dji.push(&[first]).await[0], answers[0], "later too");
}

#[tokio::test]
async fn pages_ranges_and_sums_tell_the_same_and_only_what_the_caller_may_see() {
    let site = Site::new();
    let node = site.node();
    let om = node.caller(&site.token("OM", "author"));
    let dji = node.caller(&site.token("DJI", "reader"));
    for tens in 0..12 {
        let commands: Vec<_> = (0..100_u128)
            .map(|n| {
                let sharing = if n % 4 == 0 {
                    Sharing::Organisation
                } else {
                    Sharing::Chain
                };
                new(tens * 100 + n + 1, &format!("term {n}"), sharing)
            })
            .collect();
        om.push(&commands).await;
    }
    om.push(&[act(concept(2), 1, Act::Delete)]).await;
    for (caller, count) in [(&om, 1_200), (&dji, 900)] {
        let first = caller.page(0).await;
        let whole = count <= limits::PAGE;
        assert_eq!(
            (first.items.len(), first.more, first.closing.is_some()),
            (count.min(limits::PAGE), !whole, whole)
        );
        let items = caller.everything().await;
        assert_eq!(items.len(), count);
        assert!(items.is_sorted_by_key(|item| item.sequence));
        let mut sums = Sums::default();
        items.iter().for_each(|item| sums.add(item.id, item.mark()));
        let last = caller.page(items.last().unwrap().sequence - 1).await;
        let closing = last.closing.unwrap();
        assert_eq!((closing.sequence, last.next), (1_201, 1_201));
        assert_eq!(sums.differing(&closing.ranges), [0; 0]);
        for range in 0..RANGES {
            let rows: RangeRows = caller
                .get(&format!("/v1/sync/ranges/{range}"))
                .await
                .json()
                .await
                .unwrap();
            let mut ids: Vec<_> = rows.items.iter().map(|item| item.id).collect();
            let mut expected: Vec<_> = items
                .iter()
                .map(|item| item.id)
                .filter(|id| range_of(*id) == range)
                .collect();
            ids.sort();
            expected.sort();
            assert_eq!(ids, expected);
        }
    }
}

#[tokio::test]
async fn withdrawing_very_much_at_once_is_stopped() {
    let site = Site::new();
    let node = site.node();
    let om = node.caller(&site.token("OM", "author"));
    let made: Vec<_> = (1..=60).map(|n| new(n, "term", Sharing::Chain)).collect();
    om.push(&made).await;
    let gone: Vec<_> = (1..=30).map(|n| act(concept(n), 1, Act::Delete)).collect();
    let mut answers = om.push(&gone[..10]).await;
    answers.extend(om.push(&gone[10..]).await);
    let done = answers
        .iter()
        .filter(|answer| answer.outcome.is_done())
        .count();
    assert_eq!(done, 20);
    let Outcome::Refused { why, .. } = answers[20].outcome else {
        panic!()
    };
    assert_eq!(why, Refusal::TooManyDeletions);
}
