//! Versions of the rules that are damaged, very large or out of reach, and keys that look alike.

use begrip_rules::{PackBody, PackFile, SecretKey};
use serde_json::{Value, json};

use crate::packs::{activate, active, body, check, directly, import, key, left, signed, trusting};
use crate::support::Workplace;

#[tokio::test(flavor = "multi_thread")]
async fn damaged_or_unknown_rules_are_told_and_the_programs_own_hold() {
    for damage in [
        // A word changed in what was kept.
        "UPDATE rule_pack SET body = replace(body, 'Geen verbod', 'Wel verbod') WHERE origin = 'imported'",
        "UPDATE rule_pack SET body = '{}' WHERE origin = 'imported'",
        "UPDATE rule_pack SET body = substr(body, 1, 1000) WHERE origin = 'imported'",
    ] {
        let workplace = trusting().await;
        let program = workplace.open_without_model().await;
        let own = active(&program).await;
        let content = signed(&body("2026.2-om"));
        import(&program, content.clone()).await;
        activate(&program, "2026.2-om").await;
        program.close().await;
        left(&workplace, damage);
        let program = workplace.open_without_model().await;
        assert_eq!(check(&program).await, (own.clone(), false));
        let info = program.call("app_info", Value::Null).await;
        assert_eq!(info["notices"][0]["message"]["code"], "BG-312");
        let packs = program.call("packs_list", Value::Null).await;
        assert_eq!(packs[0]["damaged"], true, "{packs}");
        // What is really in force is shown as such.
        assert_eq!(packs[0]["active"], false, "{packs}");
        assert_eq!(packs[1]["active"], true, "{packs}");
        assert_eq!(program.call("doctor", Value::Null).await["healthy"], false);
        let damaged = json!({ "version": "2026.2-om" });
        // Not the message that Begrip's own rules hold from now on: nothing was changed.
        assert_eq!(program.refused("pack_activate", damaged).await, "BG-315");
        let again = json!({ "content": content });
        assert_eq!(program.refused("pack_import", again).await, "BG-315");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_read_for_a_moment_changes_no_rules() {
    let workplace = trusting().await;
    let (window, terminal) = (
        workplace.open_without_model().await,
        workplace.open_without_model().await,
    );
    let own = active(&window).await;
    for version in ["2026.2-om", "2026.3-om"] {
        import(&terminal, signed(&body(version))).await;
    }
    activate(&window, "2026.2-om").await;
    activate(&terminal, "2026.3-om").await;
    directly(&workplace, "ALTER TABLE rule_pack RENAME TO away");
    assert_eq!(check(&window).await, ("2026.2-om".to_owned(), true));
    directly(&workplace, "ALTER TABLE away RENAME TO rule_pack");
    assert_eq!(check(&window).await, ("2026.3-om".to_owned(), true));
    activate(&window, &own).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_that_fits_in_its_file_can_be_used_after_it_was_kept() {
    let mut large = body("2026.2-om");
    let example = large.rules[0].good[0].clone();
    let mut at = 0;
    while to_json(&large, false).len() < begrip_rules::MOST_BYTES - 400_000 {
        large.rules[at].good.extend(vec![example.clone(); 1000]);
        at += 1;
    }
    assert!(to_json(&large, true).len() > begrip_rules::MOST_BYTES);
    let workplace = trusting().await;
    let program = workplace.open_without_model().await;
    assert_eq!(import(&program, signed(&large)).await["damaged"], false);
    activate(&program, "2026.2-om").await;
    program.close().await;
    let program = workplace.open_without_model().await;
    assert_eq!(check(&program).await, ("2026.2-om".to_owned(), true));
}

fn to_json(body: &PackBody, pretty: bool) -> String {
    match pretty {
        true => serde_json::to_string_pretty(&body.rules).unwrap(),
        false => serde_json::to_string(&body.rules).unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_trusted_key_takes_the_place_or_the_name_of_another() {
    let workplace = Workplace::new().await;
    let program = workplace.open_without_model().await;
    let (first, second) = (key().public(), SecretKey::from_seed(&[8; 32]).public());
    let trust = async |name: &str, key: &begrip_rules::PublicKey| {
        let trusted = program.0.trust_key(name, &key.to_line()).await;
        trusted.unwrap().0
    };
    let marked = |name: &str| format!("{name}-{}", second.fingerprint());
    assert_eq!(trust("om", &first).await, "om");
    assert_eq!(trust("om", &first).await, "om");
    for _ in 0..2 {
        assert_eq!(trust("om", &second).await, marked("om"));
    }
    assert_eq!(trust("BEGRIP", &second).await, marked("BEGRIP"));
    // Whoever puts the file there by hand does not become a maintainer either.
    let folder = workplace.home().join("trusted-keys");
    for name in [marked("om"), marked("BEGRIP")] {
        std::fs::remove_file(folder.join(format!("{name}.pub"))).unwrap();
    }
    std::fs::write(folder.join("Begrip.pub"), second.to_line()).unwrap();
    for (seed, version, signer) in [
        (7, "2026.2-om", "om"),
        (8, "2026.3-om", second.fingerprint().as_str()),
    ] {
        let file = PackFile::new(&body(version)).unwrap();
        let file = file.signed(&SecretKey::from_seed(&[seed; 32]));
        let view = import(&program, file.to_text().unwrap()).await;
        let shown = view["signer"].as_str().unwrap();
        assert!(shown.starts_with(&format!("{signer} (")), "{shown}");
    }
}
