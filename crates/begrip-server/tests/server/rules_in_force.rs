//! By which version of the rules a text is established, from the operator's command to the trail.

use begrip_rules::RulePack;
use begrip_sync::{Act, Answer, Checked, Command, Item, Outcome, Refusal, Sharing};
use serde_json::{Value, json};

use crate::homes::Home;
use crate::publishing::{Press, text};
use crate::support::{Caller, act, concept, proposal, put};

/// A text in which the rules find something, though nothing that keeps it from being established.
const DOUBTFUL: &str =
    "gebod van de rechter om zich in een bepaald gebied te bevinden, bijvoorbeeld een stad";
const ALSO_DOUBTFUL: &str =
    "verbod van de officier van justitie om een ander te benaderen, bijvoorbeeld per telefoon";
const SOUND: &str = "plicht om op een vast tijdstip bij een ambtenaar te verschijnen";

/// The rules that a text breaks by the rules in force at a workstation, with their levels.
fn broken(home: &Home, text: &str) -> Vec<(String, String)> {
    let (_, report, _) = home.run(&["check", text, "--term", "gebiedsgebod"]);
    let field = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["outcome"] == "fail")
        .map(|finding| (field(finding, "rule"), field(finding, "level")))
        .collect()
}

/// The versions of the rules that the trail names of an acceptance, by either end.
#[track_caller]
fn packs(home: &Home, term: &str) -> Vec<String> {
    let trail = home.good(&["review", "history", term]);
    let mut entries = trail.as_array().unwrap().iter();
    let accepted = entries.find(|entry| entry["act"] == "accepted").unwrap();
    let packs = accepted["packs"].as_array().unwrap().iter();
    packs
        .map(|pack| pack.as_str().unwrap().to_owned())
        .collect()
}

#[track_caller]
fn refused(home: &Home, term: &str, code: &str, detail: &str) {
    let (exit, _, error) = home.run(&["review", "accept", term]);
    assert!(
        exit != 0 && error.contains(code) && error.contains(detail),
        "{error}"
    );
    let shown = home.good(&["concepts", "show", term]);
    assert_eq!(shown["concept"]["status"], "proposed");
}

#[test]
fn a_text_is_established_by_the_published_rules_or_not_at_all_and_the_trail_names_them() {
    let press = Press::new();
    let node = press.site.node();
    let writer = press.home(&node, "OM");
    let judge = press.trusting(&node, &press.site.token("Rechtspraak", "reviewer"));
    let own = RulePack::built_in_facts().unwrap().version;
    let doubts = broken(&judge, DOUBTFUL);
    assert!(
        doubts.iter().all(|(_, level)| level != "blocking"),
        "{doubts:?}"
    );
    let sound = broken(&judge, SOUND);
    let rule = doubts.iter().find(|doubt| !sound.contains(doubt));
    let rule = &rule.unwrap().0;
    for (term, definition) in [
        ("gebiedsgebod", DOUBTFUL),
        ("contactverbod", ALSO_DOUBTFUL),
        ("meldplicht", SOUND),
    ] {
        writer.share(term, definition);
        writer.good(&["review", "propose", term]);
    }
    writer.sync();
    judge.sync();
    judge.good(&["review", "accept", "gebiedsgebod"]);
    assert_eq!(packs(&judge, "gebiedsgebod"), std::slice::from_ref(&own));

    let stricter = press.stricter("2031.1", rule);
    press.publish(&["pack", text(&stricter)]);
    // The reviewer looked at it by rules that are no longer in force; the same session brings those that are.
    refused(&judge, "contactverbod", "BG-819", "2031.1");
    let inbox = judge.good(&["review", "inbox"]);
    assert_eq!(inbox["steps"][0]["problem"], "other_rules");
    refused(&judge, "contactverbod", "BG-814", rule);
    judge.good(&["review", "accept", "meldplicht"]);
    assert_eq!(packs(&judge, "meldplicht"), ["2031.1"]);
    // Rules that the user chose beside the server's count for nothing.
    judge.good(&["rules", "activate", &own]);
    refused(&judge, "contactverbod", "BG-819", "2031.1");

    press.publish(&["withdraw", "2031.1"]);
    judge.sync();
    judge.good(&["review", "accept", "contactverbod"]);
    assert_eq!(packs(&judge, "contactverbod"), [own]);
}

/// Accepts an item as it stands, with nothing found by these rules.
fn accepted_by(item: &Item, pack: &str) -> Command {
    let checked = Checked {
        text: item.texts.wording(),
        pack: pack.to_owned(),
        failing: Vec::new(),
    };
    act(item.id, item.version, Act::Accept { checked })
}

/// A concept that waits for a reviewer.
async fn proposed(author: &Caller, number: u128, definition: &str) -> Item {
    let fields = json!({"term": [null, "gebiedsgebod"], "definition": [null, definition]});
    let made = put(concept(number), 0, fields, Some(Sharing::Chain));
    let made = author.push(&[made]).await;
    let item = item(&made[0]);
    let answers = author.push(&[act(item.id, 1, proposal(&item))]).await;
    self::item(&answers[0])
}

#[track_caller]
fn item(answer: &Answer) -> Item {
    match &answer.outcome {
        Outcome::Accepted { item, .. } => (**item).clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn where_no_rules_are_published_any_release_establishes_what_the_servers_own_check_lets_through()
 {
    let press = Press::new();
    let node = press.site.node();
    let author = node.caller(&press.site.token("OM", "author"));
    let judge = node.caller(&press.site.token("Rechtspraak", "reviewer"));
    let own = RulePack::built_in_facts().unwrap().version;
    let waits = proposed(&author, 1, DOUBTFUL).await;
    let answers = judge.push(&[accepted_by(&waits, "2019.1")]).await;
    assert_eq!(item(&answers[0]).texts.get("status"), "established");
    let path = format!("/v1/concepts/{}/trail", concept(1).0);
    let trail = judge.get(&path).await.text().await.unwrap();
    for version in ["2019.1", own.as_str()] {
        assert!(trail.contains(version), "{version}: {trail}");
    }
    // The workstation found nothing in it.
    let waits = proposed(&author, 2, "gebiedsgebod is een gebiedsgebod").await;
    let answers = judge.push(&[accepted_by(&waits, "2019.1")]).await;
    let Outcome::Refused { why, .. } = &answers[0].outcome else {
        panic!("{answers:?}")
    };
    assert_eq!(*why, Refusal::Blocking);
    // What is rolled out to some is nothing that all must have.
    let rolled = press.stricter("2031.1", "STR-01");
    press.publish(&["pack", text(&rolled), "--percent", "10"]);
    let waits = proposed(&author, 3, DOUBTFUL).await;
    let answers = judge.push(&[accepted_by(&waits, "2019.1")]).await;
    assert_eq!(item(&answers[0]).texts.get("status"), "established");
}

#[tokio::test]
async fn nobody_establishes_by_older_rules_and_whoever_got_newer_ones_first_goes_by_them() {
    let press = Press::new();
    let node = press.site.node();
    let author = node.caller(&press.site.token("OM", "author"));
    let judge = node.caller(&press.site.token("Rechtspraak", "reviewer"));
    let prison = node.caller(&press.site.token("DJI", "reviewer"));
    let own = RulePack::built_in_facts().unwrap().version;
    // What the text of these concepts breaks beside, to know that the check is that of the version.
    let rule = {
        let home = press.trusting(&node, &author.token);
        let found = broken(&home, DOUBTFUL);
        assert!(
            found.iter().all(|(_, level)| level != "blocking"),
            "{found:?}"
        );
        found[0].0.clone()
    };
    let plain = |version| press.stricter(version, "STR-01");
    press.publish(&["pack", text(&plain("2031.1"))]);
    press.publish(&["pack", text(&plain("2031.2")), "--percent", "10"]);
    press.publish(&["pack", text(&plain("2031.3")), "--organisation", "DJI"]);
    press.publish(&["pack", text(&plain("2031.4")), "--percent", "0"]);
    let strict = press.stricter("2031.5", &rule);
    press.publish(&["pack", text(&strict), "--percent", "1"]);
    let in_force = |who: &Caller| match who.token == judge.token {
        true => "2031.1",
        false => "2031.3",
    };
    let mut number = 0;
    for (who, pack, established) in [
        (&judge, "2031.1", true),
        (&judge, "2031.2", true),
        (&judge, "2031.3", false),
        (&judge, "2031.4", false),
        (&judge, own.as_str(), false),
        (&judge, "", false),
        (&prison, "2031.1", false),
        (&prison, "2031.2", false),
        (&prison, "2031.3", true),
    ] {
        number += 1;
        let waits = proposed(&author, number, DOUBTFUL).await;
        let answers = who.push(&[accepted_by(&waits, pack)]).await;
        match (&answers[0].outcome, established) {
            (Outcome::Accepted { item, .. }, true) => {
                assert_eq!(item.texts.get("status"), "established");
                let path = format!("/v1/concepts/{}/trail", concept(number).0);
                let trail = who.get(&path).await.text().await.unwrap();
                // By the workstation's word, and by the server's own check.
                let named = trail
                    .matches(&format!("\\\"pack\\\":\\\"{pack}\\\""))
                    .count()
                    + trail.matches(&format!("\"pack\":\"{pack}\"")).count();
                assert!(named >= 2, "{pack}: {trail}");
            }
            (Outcome::Refused { why, rules, .. }, false) => {
                assert_eq!(*why, Refusal::OtherRules, "{pack}");
                assert_eq!(*rules, [in_force(who)], "{pack}");
            }
            (other, _) => panic!("{pack}: {other:?}"),
        }
    }
    // A workstation that says nothing of what its rules found is not believed.
    let waits = proposed(&author, 100, DOUBTFUL).await;
    let answers = judge.push(&[accepted_by(&waits, "2031.5")]).await;
    let Outcome::Refused { why, rules, .. } = &answers[0].outcome else {
        panic!("{answers:?}")
    };
    assert_eq!((*why, rules.as_slice()), (Refusal::Blocking, &[rule][..]));
}
