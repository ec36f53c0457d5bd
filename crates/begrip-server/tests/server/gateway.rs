//! The gateway: what is asked of a model, what is kept, and for whom.

use begrip_mock_model::{Behaviour, Outcome, When};
use futures_util::StreamExt;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::models::{KEY, Models, answered, asking, asking_as, events, header, question, streamed};
use crate::support::wait_for;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_asked_once_and_serves_plain_and_streamed() {
    let models = Models::new().await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    let first = asking(&caller, &question("vonnis")).send().await.unwrap();
    assert_eq!(first.status(), StatusCode::OK);
    let [from, age, entry] =
        ["begrip-cache", "begrip-cache-age", "begrip-cache-entry"].map(|name| header(&first, name));
    assert_eq!(
        (from.as_str(), age.as_str(), entry.len()),
        ("miss", "0", 64)
    );
    let first: Value = first.json().await.unwrap();
    assert_eq!(first["choices"][0]["finish_reason"], "stop");
    assert!(first["usage"]["total_tokens"].as_u64().unwrap() > 0);
    let text = first["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(!text.is_empty());

    let again = asking(&caller, &streamed(question("vonnis")))
        .send()
        .await
        .unwrap();
    assert_eq!(header(&again, "begrip-cache"), "memory");
    assert_eq!(header(&again, "begrip-cache-entry"), entry);
    let body = again.text().await.unwrap();
    let events = events(&body);
    assert!(events.len() > 5, "piece by piece as the model gave it");
    let said: String = events
        .iter()
        .filter_map(|event| event["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(said, text);
    assert_eq!(events.last().unwrap()["usage"], first["usage"]);
    assert_eq!(models.calls(), 1);
    let call = &models.first.log()[0];
    assert!(call.authorization && call.stream);
    assert!(!body.contains(KEY));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_changes_what_is_asked_is_another_question_and_nothing_else_is() {
    let models = Models::new().await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    let base = question("vonnis");
    let with = |name: &str, value: Value| {
        let mut changed = base.clone();
        changed[name] = value;
        changed
    };
    answered(asking(&caller, &base)).await;
    // What is the same question: order of keys, form of numbers, Unicode form, the stream.
    let text = |body: &str| serde_json::from_str::<Value>(body).unwrap();
    let reordered = r#"{"temperature": 2e-1, "messages": [{"content": "Geef een definitie.", "role": "system"}, {"content": "Begrip: vonnis", "role": "user"}], "model": "groot", "stream": false}"#;
    for same in [
        text(reordered),
        with("temperature", json!(0.20)),
        with("stream", json!(false)),
        with("stream", Value::Null),
        streamed(base.clone()),
    ] {
        let (_, from, _) = answered(asking(&caller, &same)).await;
        assert_eq!(from, "memory", "{same}");
    }
    assert_eq!(models.calls(), 1);
    // What is another one, each asked once.
    let format = |name: &str| json!({"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "required": [name]}}});
    let others = [
        with("model", json!("ander")),
        with("temperature", json!(0.3)),
        with("max_tokens", json!(500)),
        with("seed", json!(1)),
        with("top_p", json!(0.5)),
        with("user", json!("iemand")),
        with("onbekend_veld", json!({"a": 1})),
        with("onbekend_veld", json!({"a": 1, "b": null})),
        with("response_format", format("definitie")),
        with("response_format", format("toelichting")),
        question("arrest"),
        with(
            "messages",
            json!([{"role": "user", "content": "Begrip: vonnis"}]),
        ),
        with(
            "messages",
            json!([{"role": "user", "content": [{"type": "text", "text": "Begrip: vonnis"}]}]),
        ),
    ];
    for (number, other) in others.iter().enumerate() {
        answered(asking(&caller, other)).await;
        assert_eq!(models.calls(), number + 2, "{other}");
    }
    let calls = models.calls();
    for (name, value) in [
        ("begrip-prompt-version", "4"),
        ("begrip-pack-version", "4"),
        ("begrip-arm", "4"),
    ] {
        answered(asking(&caller, &base).header(name, value)).await;
    }
    assert_eq!(models.calls(), calls + 3);
    let unicode = ["privé", "prive\u{301}"].map(question);
    for same in &unicode {
        answered(asking(&caller, same)).await;
    }
    assert_eq!(models.calls(), calls + 4);
    let sent = models.first.log().pop().unwrap().body;
    assert_eq!(sent["messages"][1]["content"], "Begrip: privé");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_never_gets_what_another_asked() {
    let models = Models::new().await;
    let nodes = [models.node(), models.node()];
    let tokens = ["OM", "DJI"].map(|organisation| models.site.token(organisation, "author"));
    for node in &nodes {
        for token in &tokens {
            // What a caller says of itself is not asked.
            let request = asking(&node.caller(token), &question("vonnis"));
            answered(request.header("begrip-organisation", "OM")).await;
        }
    }
    assert_eq!(models.calls(), 2, "one for each organisation, on any node");
    let rows = models
        .site
        .database
        .sql("SELECT organisation FROM kept_answer ORDER BY 1");
    assert_eq!(
        rows.unwrap().split_whitespace().collect::<Vec<_>>(),
        ["DJI", "OM"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn text_from_a_case_is_kept_nowhere() {
    let models = Models::new().await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    for class in ["case", ""] {
        let before = models.calls();
        for _ in 0..2 {
            let (status, from, _) = answered(asking_as(&caller, class, &question("vonnis"))).await;
            assert_eq!((status, from.as_str()), (200, "miss"));
        }
        assert_eq!(models.calls(), before + 2);
    }
    let kept = models.site.database.sql("SELECT count(*) FROM kept_answer");
    assert_eq!(kept.unwrap().trim(), "0");
    let (status, ..) = answered(asking_as(&caller, "geheim", &question("vonnis"))).await;
    assert_eq!(status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_whole_good_answer_is_not_kept() {
    let models = Models::new().await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    let mut json_asked = question("vonnis");
    json_asked["response_format"] = json!({"type": "json_object"});
    let prose = Behaviour::Text {
        text: "geen JSON".to_owned(),
    };
    for (behaviour, question, expected) in [
        (Behaviour::Truncated { after: 3 }, question("a"), 200),
        (Behaviour::ContentFilter, question("b"), 200),
        (Behaviour::Empty, question("c"), 200),
        (prose, json_asked, 200),
        (Behaviour::status(400), question("d"), 400),
        (Behaviour::status(401), question("e"), 502),
        (Behaviour::Garbage, question("f"), 502),
    ] {
        for stream in [false, true] {
            let asked = match stream {
                true => streamed(question.clone()),
                false => question.clone(),
            };
            let before = models.calls();
            models
                .first
                .set_behaviour(When::Next { times: 1 }, behaviour.clone());
            let bad = asking(&caller, &asked).send().await.unwrap();
            let status = bad.status();
            let body = bad.text().await.unwrap();
            assert_eq!(status, expected, "{behaviour:?} {stream} {body}");
            if let Behaviour::Truncated { .. } = behaviour {
                assert!(body.contains(r#""finish_reason":"length""#), "{body}");
            }
            let rows = models.site.database.sql("SELECT count(*) FROM kept_answer");
            assert_eq!(rows.unwrap().trim(), "0", "{behaviour:?}");
            assert_eq!(models.calls(), before + 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_who_ask_the_same_on_two_nodes_at_once_make_one_call() {
    let models = Models::new().await;
    let nodes = [models.node(), models.node()];
    let token = models.site.token("OM", "author");
    let callers = nodes.each_ref().map(|node| node.caller(&token));
    let slow = Behaviour::SlowDrip { delay_ms: 20 };
    models.first.set_behaviour(When::Always, slow);
    let asked = (0..200).map(|number: usize| {
        let body = match number % 4 < 2 {
            true => question("vonnis"),
            false => streamed(question("vonnis")),
        };
        let request = asking(&callers[number % 2], &body);
        tokio::spawn(answered(request))
    });
    let answers = futures_util::future::join_all(asked.collect::<Vec<_>>()).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert!(
        answers
            .iter()
            .all(|(status, _, text)| *status == 200 && *text == answers[0].2)
    );
    assert!(!answers[0].2.is_empty());
    assert_eq!(models.calls(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_node_that_calls_dies_another_calls_in_its_place() {
    let models = Models::new().await;
    let (mut dying, living) = (models.node(), models.node());
    let token = models.site.token("OM", "author");
    models.first.set_behaviour(
        When::Next { times: 1 },
        Behaviour::HangMidStream { after: 2 },
    );
    let lost = asking(&dying.caller(&token), &question("vonnis")).send();
    let lost = tokio::spawn(lost);
    wait_for("a call", || async { models.calls() == 1 }).await;
    let waiting = tokio::spawn(answered(asking(
        &living.caller(&token),
        &question("vonnis"),
    )));
    dying.kill();
    let (status, _, text) = waiting.await.unwrap();
    assert_eq!(status, 200);
    assert!(!text.is_empty() && lost.await.unwrap().is_err());
    assert_eq!(models.calls(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_come_as_the_model_gives_them_and_the_last_to_leave_ends_the_call() {
    let models = Models::new().await;
    let node = models.node();
    let caller = node.caller(&models.site.token("OM", "author"));
    models
        .first
        .set_behaviour(When::Always, Behaviour::HeldBack { after: 4 });
    let asked = streamed(question("vonnis"));
    let [one, other] = [(); 2].map(|()| {
        let request = asking(&caller, &asked);
        tokio::spawn(async move { request.send().await.unwrap().bytes_stream() })
    });
    let (mut one, mut other) = (one.await.unwrap(), other.await.unwrap());
    // Both see what is there while the rest is held back.
    for stream in [&mut one, &mut other] {
        let mut heard = String::new();
        while heard.matches("\"content\":\"").count() < 4 {
            let bytes = stream.next().await.unwrap().unwrap();
            heard.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }
    drop(one);
    assert_eq!(models.first.log()[0].outcome, Outcome::Running);
    drop(other);
    wait_for("the call to be cancelled", || async {
        models.first.log()[0].outcome == Outcome::Cancelled
    })
    .await;
    assert_eq!(models.calls(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_removed_is_asked_again_on_every_node_and_the_rest_is_not() {
    let models = Models::new().await;
    let nodes = [models.node(), models.node()];
    let token = models.site.token("OM", "author");
    let callers = nodes.each_ref().map(|node| node.caller(&token));
    let ask = async |term: &str, from: &str| {
        for caller in &callers {
            let (status, came, _) = answered(asking(caller, &question(term))).await;
            assert_eq!(status, 200);
            assert!(from.contains(&came), "{term} {came}");
        }
    };
    ask("vonnis", "miss shared").await;
    ask("arrest", "miss shared").await;
    assert_eq!(models.calls(), 2);
    let response = asking(&callers[0], &question("vonnis"))
        .send()
        .await
        .unwrap();
    let entry = header(&response, "begrip-cache-entry");
    let said = models.site.run(&["answers", "forget", "--entry", &entry]);
    assert_eq!(said, "1 antwoord is verwijderd.");
    // Each node is told; until then it may still have it.
    for caller in &callers {
        wait_for("a node to forget", || async {
            answered(asking(caller, &question("arrest"))).await.1 == "shared"
        })
        .await;
    }
    ask("vonnis", "miss shared").await;
    ask("arrest", "memory").await;
    assert_eq!(models.calls(), 3);
    let fresh = asking(&callers[1], &question("arrest")).header("cache-control", "no-cache");
    assert_eq!(answered(fresh).await.1, "bypassed");
    assert_eq!(models.calls(), 4);
    for (args, left) in [
        (&["--organisation", "DJI"][..], "2"),
        (&["--model", "groot", "--organisation", "OM"], "0"),
    ] {
        models
            .site
            .run(&[&["answers", "forget"][..], args].concat());
        let kept = models.site.database.sql("SELECT count(*) FROM kept_answer");
        assert_eq!(kept.unwrap().trim(), left, "{args:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_grew_old_is_given_as_outdated_while_no_model_answers_and_asked_again_when_one_does()
 {
    let models = Models::new().await;
    let token = models.site.token("OM", "author");
    let (_, _, text) = {
        let node = models.node();
        answered(asking(&node.caller(&token), &question("vonnis"))).await
    };
    let sql = |sql: &str| models.site.database.sql(sql).unwrap();
    // A node that has had it in mind for years: what it was told says when it was answered, and the table that it is old.
    sql(
        "UPDATE kept_answer SET body = overlay(body placing '2020'::bytea \
         from position('answered_at\":\"'::bytea in body) + 14)",
    );
    let node = models.node();
    let caller = node.caller(&token);
    let came = asking(&caller, &question("vonnis")).send().await.unwrap();
    assert_eq!(header(&came, "begrip-cache"), "shared");
    let age = |came: &reqwest::Response| {
        let seconds: u64 = header(came, "begrip-cache-age").parse().unwrap();
        seconds / (24 * 60 * 60)
    };
    assert!(age(&came) > 365, "{} days", age(&came));
    sql("UPDATE kept_answer SET answered_at = now() - interval '2000 days'");
    assert_eq!(models.calls(), 1);
    let broken = Behaviour::Status {
        status: 500,
        retry_after: None,
    };
    models.first.set_behaviour(When::Always, broken);
    let old = asking(&caller, &question("vonnis")).send().await.unwrap();
    assert_eq!(old.status(), StatusCode::OK);
    assert_eq!(header(&old, "begrip-cache"), "stale");
    assert!(age(&old) > 365, "{} days", age(&old));
    assert!(models.calls() > 1, "a new one was asked for first");
    let body: Value = old.json().await.unwrap();
    assert_eq!(body["choices"][0]["message"]["content"], text);
    let streamed = answered(asking(&caller, &streamed(question("vonnis")))).await;
    assert_eq!(streamed, (200, "stale".to_owned(), text.clone()));
    // Nothing is made up for what nobody asked, and nothing given to who may not have it.
    assert_ne!(answered(asking(&caller, &question("arrest"))).await.0, 200);
    let other = node.caller(&models.site.token("DJI", "author"));
    assert_ne!(answered(asking(&other, &question("vonnis"))).await.0, 200);
    // The table forgets what is too old: a node that begins now has nothing to give.
    sql("UPDATE upkeep SET done_at = '-infinity'");
    let later = models.node();
    wait_for("the sweep", || async {
        sql("SELECT count(*) FROM kept_answer").trim() == "0"
    })
    .await;
    let nothing = asking(&later.caller(&token), &question("vonnis"));
    assert_ne!(answered(nothing).await.0, 200);
    models.first.set_behaviour(When::Always, Behaviour::Normal);
    let anew = async || answered(asking(&caller, &question("vonnis"))).await;
    wait_for("a new answer", || async { anew().await.1 != "stale" }).await;
    let (status, from, again) = anew().await;
    assert_eq!((status, from.as_str()), (200, "memory"));
    assert_eq!(again, text, "the mock says the same");
}
