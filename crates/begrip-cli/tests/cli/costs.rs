//! `costs` and `prices`.

use begrip_mock_model::{Behaviour, When};

use crate::support::{Desk, has_exactly, model};

#[test]
fn costs_are_those_of_the_models_log_in_every_form() {
    let model = model();
    model.set_behaviour(When::Next { times: 1 }, Behaviour::status(503));
    let desk = Desk::with(&model);
    desk.begrip(&["prices", "set", "begrip-demo*", "--in", "2", "--out", "10"])
        .ends(0);
    for term in ["contactverbod", "gebiedsgebod", "contactverbod"] {
        desk.begrip(&["define", term, "--json"]).ends(0);
    }
    let log = model.log();
    assert_eq!(log.len(), 3, "one was tried again, and one was kept");
    let sent: u32 = log.iter().map(|call| call.tokens_in).sum();
    let received: u32 = log.iter().map(|call| call.tokens_out).sum();
    let eur = f64::from(sent * 2 + received * 10) / 1e6;

    let costs = desk
        .begrip(&["costs", "--by", "model", "--json"])
        .ends(0)
        .json();
    has_exactly(
        &costs,
        ["month", "by", "rows", "total", "limits", "routing"],
    );
    let total = &costs["total"];
    assert_eq!(total["tokens_in"], f64::from(sent));
    assert_eq!(total["tokens_out"], f64::from(received));
    assert_eq!(total["cost_eur"], eur);
    assert_eq!((&total["calls"], &total["failed"]), (&3.into(), &1.into()));
    assert_eq!(
        (&total["questions"], &total["saved"]),
        (&3.into(), &1.into())
    );

    let sheet = desk
        .begrip(&["costs", "--by", "task", "--csv"])
        .ends(0)
        .stdout;
    let lines: Vec<&str> = sheet.lines().collect();
    assert_eq!(lines.len(), 2, "{sheet}");
    assert!(lines[0].starts_with("name,calls,failed,"), "{sheet}");
    assert!(lines[1].starts_with("define,3,1,"), "{sheet}");

    let told = desk.begrip(&["costs"]).ends(0).stdout;
    assert!(
        told.contains("3 vragen, waarvan 1 zonder nieuwe aanroep"),
        "{told}"
    );
    assert!(told.contains(&format!("€ {eur:.4}")), "{told}");
}

#[test]
fn a_month_without_calls_and_one_that_is_none_are_told_apart() {
    let desk = Desk::new();
    let empty = desk.begrip(&["costs", "--month", "2020-02"]).ends(0).stdout;
    assert_eq!(empty, "In februari 2020 is niets gevraagd.\n");
    assert_eq!(
        desk.begrip(&["costs", "--month", "2020-13"])
            .ends(1)
            .error(),
        "BG-413"
    );
}

#[test]
fn prices_are_set_changed_listed_and_removed() {
    let desk = Desk::new();
    let list = || desk.begrip(&["prices", "list"]).ends(0).stdout;
    assert_eq!(list(), "Er zijn geen prijzen ingesteld.\n");
    desk.begrip(&["prices", "set", "gpt-4o", "--in", "2.3", "--out", "9"])
        .ends(0);
    desk.begrip(&[
        "prices", "set", "GPT-4o", "--in", "2.5", "--out", "9", "--cached", "1.25",
    ])
    .ends(0);
    assert_eq!(
        list(),
        "GPT-4o: verstuurd € 2.5, ontvangen € 9, bekend bij de aanbieder € 1.25 per miljoen tokens\n"
    );
    assert_eq!(
        desk.begrip(&["prices", "set", "m", "--in", "-1", "--out", "1"])
            .ends(2)
            .stdout,
        ""
    );
    assert_eq!(
        desk.begrip(&["prices", "remove", "onbekend"])
            .ends(1)
            .error(),
        "BG-414"
    );
    desk.begrip(&["prices", "remove", "gpt-4o"]).ends(0);
    assert_eq!(list(), "Er zijn geen prijzen ingesteld.\n");
}
