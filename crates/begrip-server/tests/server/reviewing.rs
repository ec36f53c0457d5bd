//! From a proposal to an established text, with the real programs on every side.

use serde_json::Value;

use crate::homes::Home;
use crate::support::Site;

const TEXT: &str = "gebod van de rechter om zich in een bepaald gebied te bevinden";

#[track_caller]
fn status(home: &Home, term: &str) -> String {
    let shown = home.good(&["concepts", "show", term]);
    shown["concept"]["status"].as_str().unwrap().to_owned()
}

/// Adds, shares and proposes a text; the server has it then.
#[track_caller]
fn propose(home: &Home, term: &str, definition: &str) {
    home.share(term, definition);
    home.good(&["review", "propose", term, "--reason", "voor de hele keten"]);
    home.sync();
}

/// What a failing command says, by the code of the error.
#[track_caller]
fn refused(home: &Home, args: &[&str], code: &str) {
    let (exit, _, error) = home.run(args);
    assert!(exit != 0 && error.contains(code), "{args:?}: {error}");
}

#[test]
fn what_one_organisation_proposes_another_establishes_on_open_and_closed_desktops() {
    let site = Site::new();
    let nodes = [site.node(), site.node()];
    let prosecutor = Home::new(&nodes[0], &site.token("OM", "author"), "Anna");
    let judge = Home::new(&nodes[1], &site.token("Rechtspraak", "reviewer"), "Bert");
    let open = Home::new(&nodes[1], &site.token("DJI", "reader"), "Carla");
    let closed = Home::new(&nodes[0], &site.token("DJI", "author"), "Dirk");

    prosecutor.share("gebiedsgebod", TEXT);
    // Without a line: it waits, and shows as proposed here.
    let status_here = prosecutor.good(&["review", "propose", "gebiedsgebod"]);
    assert_eq!(status_here["waiting"], 2);
    assert_eq!(status(&prosecutor, "gebiedsgebod"), "proposed");
    let (exit, ..) = prosecutor.run(&["concepts", "edit", "gebiedsgebod", "--definition", "x"]);
    assert_ne!(exit, 0, "what is proposed is not changed");
    prosecutor.sync();
    closed.sync();
    judge.sync();

    let follow = open.follow();
    // Once it stands there, the desktop listens.
    let until = |wanted: &str| {
        follow.until(|told| told["shared"] == 1 && status(&open, "gebiedsgebod") == wanted);
    };
    until("proposed");

    let inbox = judge.good(&["review", "inbox"]);
    let waits = |home: &Home| home.good(&["sync", "status"])["to_review"].clone();
    assert_eq!((waits(&judge), waits(&prosecutor)), (1.into(), 0.into()));
    let proposal = &inbox["waiting"][0];
    assert_eq!(
        (
            &proposal["term"],
            &proposal["definition"],
            &proposal["decide"]
        ),
        (&"gebiedsgebod".into(), &TEXT.into(), &"yes".into())
    );
    assert_eq!(proposal["proposed"]["organisation"], "OM");
    judge.good(&["review", "comment", "gebiedsgebod", "noem ook de duur"]);
    judge.good(&["review", "accept", "gebiedsgebod", "--reason", "akkoord"]);
    assert_eq!(status(&judge, "gebiedsgebod"), "established");
    assert_eq!(waits(&judge), 0);
    until("established");
    closed.sync();
    prosecutor.sync();
    for home in [&closed, &prosecutor] {
        assert_eq!(status(home, "gebiedsgebod"), "established");
        assert_eq!(home.definition("gebiedsgebod"), TEXT);
    }

    let trail = closed.good(&["review", "history", "gebiedsgebod"]);
    let acts: Vec<&str> = trail
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["act"].as_str().unwrap())
        .collect();
    assert_eq!(acts, ["made", "proposed", "commented", "accepted"]);
    let accepted = &trail[3];
    assert_eq!(accepted["signature"]["by"], "reviewer van Rechtspraak");
    assert_eq!(accepted["signature"]["reason"], "akkoord");
    assert!(!accepted["packs"].as_array().unwrap().is_empty());
}

#[test]
fn nobody_establishes_their_own_text_nor_one_that_breaks_a_blocking_rule() {
    let site = Site::new();
    let node = site.node();
    let writer = Home::new(&node, &site.token("OM", "reviewer"), "Anna");
    let judge = Home::new(&node, &site.token("Rechtspraak", "reviewer"), "Bert");
    let author = Home::new(&node, &site.token("DJI", "author"), "Carla");
    propose(&writer, "gebiedsgebod", TEXT);
    propose(
        &writer,
        "locatieverbod",
        "locatieverbod is een locatieverbod",
    );
    refused(&writer, &["review", "accept", "gebiedsgebod"], "BG-813");
    judge.sync();
    author.sync();
    refused(&author, &["review", "accept", "gebiedsgebod"], "BG-817");
    refused(&judge, &["review", "accept", "locatieverbod"], "BG-814");
    let inbox = judge.good(&["review", "inbox"]);
    assert_eq!(inbox["steps"][0]["problem"], "blocking");
    assert_ne!(inbox["steps"][0]["rules"], Value::Array(Vec::new()));
    for home in [&writer, &judge, &author] {
        home.sync();
        assert_eq!(status(home, "gebiedsgebod"), "proposed");
        assert_eq!(status(home, "locatieverbod"), "proposed");
    }
    // Sent back with a reason, it is the writer's again.
    let words = ["review", "reject", "locatieverbod", "--reason", "cirkel"];
    judge.good(&words);
    writer.sync();
    assert_eq!(status(&writer, "locatieverbod"), "in_preparation");
    let returned = &writer.good(&["review", "inbox"])["returned"][0]["returned"];
    assert_eq!(returned["reason"], "cirkel");
    // Whoever only changed a word wrote it too.
    judge.edit(
        "locatieverbod",
        "verbod van de rechter om op een plaats te komen",
    );
    judge.sync();
    writer.sync();
    writer.good(&["review", "propose", "locatieverbod"]);
    writer.sync();
    judge.sync();
    refused(&judge, &["review", "accept", "locatieverbod"], "BG-813");
}

#[test]
fn whoever_made_the_token_that_wrote_a_text_does_not_establish_it() {
    let site = Site::new();
    let node = site.node();
    let token = site.token("OM", "administrator");
    let administrator = Home::new(&node, &token, "Anna");
    let machine = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let caller = node.caller(&token);
        let post = async |path: &str, body: Value| -> Value {
            let request = caller.request(reqwest::Method::POST, &format!("/v1/admin/{path}"));
            let response = request.json(&body).send().await.unwrap();
            response.json().await.unwrap()
        };
        let user = serde_json::json!({"name": "koppeling", "role": "author"});
        let user = post("users", user).await;
        let wanted = serde_json::json!({"user": user["id"], "days": 1});
        let made = post("tokens", wanted).await;
        made["secret"].as_str().unwrap().to_owned()
    });
    propose(
        &Home::new(&node, &machine, "Koppeling"),
        "gebiedsgebod",
        TEXT,
    );
    administrator.sync();
    refused(
        &administrator,
        &["review", "accept", "gebiedsgebod"],
        "BG-813",
    );
    assert_eq!(status(&administrator, "gebiedsgebod"), "proposed");
    let judge = Home::new(&node, &site.token("OM", "reviewer"), "Bert");
    judge.sync();
    judge.good(&["review", "accept", "gebiedsgebod"]);
    assert_eq!(status(&judge, "gebiedsgebod"), "established");
}

#[test]
fn the_days_on_which_a_text_holds_are_established_with_it() {
    let site = Site::new();
    let node = site.node();
    let anna = Home::new(&node, &site.token("OM", "author"), "Anna");
    let bert = Home::new(&node, &site.token("Rechtspraak", "reviewer"), "Bert");
    let closed = Home::new(&node, &site.token("DJI", "reader"), "Carla");
    let validity = |home: &Home, concept: &str| {
        let shown = home.good(&["concepts", "show", concept]);
        shown["concept"]["validity"].clone()
    };
    anna.share("gebiedsgebod", TEXT);
    let edit = ["concepts", "edit", "gebiedsgebod"];
    let day = |option, day| [&edit[..], &[option, day]].concat();
    refused(
        &anna,
        &[
            &day("--valid-from", "2026-07-01")[..],
            &["--valid-until", "2026-06-30"],
        ]
        .concat(),
        "BG-116",
    );
    anna.good(&day("--valid-from", "2026-07-01"));
    anna.good(&["review", "propose", "gebiedsgebod"]);
    anna.sync();
    let (exit, ..) = anna.run(&day("--valid-from", ""));
    assert_ne!(exit, 0, "what is proposed is not changed");
    bert.sync();
    let from = serde_json::json!({ "from": "2026-07-01" });
    let proposal = bert.good(&["review", "inbox"])["waiting"][0].clone();
    assert_eq!(
        (&proposal["validity"], &proposal["validity_before"]),
        (&from, &Value::Null)
    );
    bert.good(&[
        "review",
        "comment",
        "gebiedsgebod",
        "waarom dan?",
        "--field",
        "validity",
    ]);
    bert.good(&["review", "accept", "gebiedsgebod"]);
    closed.sync();
    anna.sync();
    for home in [&anna, &bert, &closed] {
        assert_eq!(status(home, "gebiedsgebod"), "established");
        assert_eq!(validity(home, "gebiedsgebod"), from);
    }
    // Only a revision gives it an end, with the reviewer seeing both.
    let (exit, ..) = anna.run(&day("--valid-until", "2026-12-31"));
    assert_ne!(exit, 0, "what is established is not changed");
    let new = anna.good(&["review", "revise", "gebiedsgebod"])["concept"]["id"].clone();
    let new = new.as_str().unwrap();
    anna.good(&["concepts", "edit", new, "--valid-until", "2026-12-31"]);
    anna.good(&["review", "propose", new]);
    anna.sync();
    bert.sync();
    let both = serde_json::json!({ "from": "2026-07-01", "until": "2026-12-31" });
    let proposal = bert.good(&["review", "inbox"])["waiting"][0].clone();
    assert_eq!(
        (&proposal["validity"], &proposal["validity_before"]),
        (&both, &from)
    );
    bert.good(&["review", "accept", new]);
    closed.sync();
    assert_eq!(validity(&closed, new), both);
    assert_eq!(status(&closed, new), "established");
}

#[test]
fn an_established_text_stays_until_another_takes_its_place_or_it_is_withdrawn() {
    let site = Site::new();
    let node = site.node();
    let anna = Home::new(&node, &site.token("OM", "author"), "Anna");
    let bert = Home::new(&node, &site.token("Rechtspraak", "reviewer"), "Bert");
    propose(&anna, "gebiedsgebod", TEXT);
    bert.sync();
    bert.good(&["review", "accept", "gebiedsgebod"]);
    anna.sync();
    let old = anna.good(&["concepts", "show", "gebiedsgebod"])["concept"]["id"].clone();
    let old = old.as_str().unwrap();
    let new = anna.good(&["review", "revise", "gebiedsgebod"])["concept"]["id"].clone();
    let new = new.as_str().unwrap();
    let better = "gebod van de rechter om zich in een bepaald gebied op te houden";
    anna.edit(new, better);
    anna.good(&["review", "propose", new]);
    anna.sync();
    bert.sync();
    assert_eq!(status(&bert, old), "established_in_revision");
    assert_eq!(bert.definition(old), TEXT);
    let proposal = bert.good(&["review", "inbox"])["waiting"][0].clone();
    assert_eq!(
        (&proposal["asks"], &proposal["before"]),
        (&"replace".into(), &TEXT.into())
    );
    bert.good(&["review", "accept", new]);
    anna.sync();
    for home in [&anna, &bert] {
        let both = [status(home, old), status(home, new)];
        assert_eq!(both, ["superseded", "established"]);
        assert_eq!(home.definition(new), better);
    }
    anna.good(&["review", "propose", new, "--withdrawal"]);
    anna.sync();
    bert.sync();
    bert.good(&["review", "accept", new]);
    anna.sync();
    assert_eq!(status(&anna, new), "withdrawn");
    let doctor = site.output(&["doctor"]);
    assert!(doctor.status.success(), "{doctor:?}");
}

#[test]
fn one_changed_row_of_the_trail_or_of_a_text_is_found_by_the_doctor() {
    let site = Site::new();
    let node = site.node();
    let anna = Home::new(&node, &site.token("OM", "author"), "Anna");
    propose(&anna, "gebiedsgebod", TEXT);
    let good = site.output(&["doctor"]);
    assert!(good.status.success(), "{good:?}");
    for refused in [
        "UPDATE trail SET body = replace(body, 'OM', 'DJI')",
        "DELETE FROM trail",
        "TRUNCATE trail",
        "DELETE FROM revision",
    ] {
        for role in ["begrip_server", "begrip_owner"] {
            assert!(site.database.sql_as(role, refused).is_err(), "{refused}");
        }
    }
    // A copy is made of what nobody is connected to.
    drop(node);
    for (tampered, found) in [
        (
            "UPDATE trail SET body = replace(body, 'hele keten', 'grap') WHERE number = 2",
            "regel 2 is veranderd",
        ),
        ("DELETE FROM trail WHERE number = 1", "regel 1 ontbreekt"),
        ("DELETE FROM trail WHERE number = 2", "na regel 1"),
        (
            "UPDATE revision SET item = replace(item, 'gebied te', 'dorp te') WHERE version = 1",
            "regel 1 hoort",
        ),
        (
            "UPDATE concept SET item = replace(item, 'gebied te', 'dorp te')",
            "staan anders",
        ),
        ("UPDATE concept SET owner = 'DJI'", "staan anders"),
        (
            "UPDATE concept SET sharing = CASE sharing WHEN 'chain' THEN 'organisation' ELSE 'chain' END",
            "staan anders",
        ),
        ("UPDATE concept SET shared_with = '{DJI}'", "staan anders"),
        ("UPDATE concept SET deleted = NOT deleted", "staan anders"),
        ("UPDATE revision SET organisation = 'DJI'", "staan anders"),
        (
            "INSERT INTO revision SELECT concept, 3, organisation, account, at, deleted, reason, item \
             FROM revision WHERE version = 2; UPDATE concept SET version = 3",
            "staan anders",
        ),
    ] {
        let copy = Site {
            database: site.database.copy().unwrap(),
        };
        copy.database
            .sql(&format!(
                "SET session_replication_role = replica; {tampered}"
            ))
            .unwrap();
        let doctor = copy.output(&["doctor"]);
        let said = String::from_utf8(doctor.stdout).unwrap();
        assert!(
            !doctor.status.success() && said.contains(found),
            "{tampered}: {said}"
        );
    }
}
