//! Which prompt a workstation sends, and in whose files it is: from the operator's command to what a model is asked.

use begrip_mock_model::{MockConfig, MockModel};
use serde_json::{Value, json};

use crate::homes::Home;
use crate::publishing::{Press, text};

/// Drafts a definition; which version of the prompt the model was asked by, as its own log has it.
#[track_caller]
fn asked_by(home: &Home, model: &MockModel, term: &str) -> &'static str {
    let before = model.calls();
    let mut command = home.command(&["define", term, "--json"]);
    command
        .env("BEGRIP_LLM_URL", format!("{}/v1", model.url()))
        // No trial is made with the model of the demonstration, whose answers say nothing.
        .env("BEGRIP_LLM_MODEL", "groot");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{term}: {output:?}");
    let log = model.log();
    // What else may be asked for a draft has neither: what the term is, or to mend the text.
    let version = log[before..].iter().find_map(|call| {
        let system = call.body["messages"][0]["content"].as_str().unwrap();
        match system {
            _ if system.contains("2 korte zinnen, B1-Nederlands") => Some("1"),
            _ if system.contains("vervangen namen: laat ze staan") => Some("2"),
            _ => None,
        }
    });
    version.unwrap_or_else(|| panic!("{term}: {log:?}"))
}

/// An experiment in which whoever takes part is asked by version 2.
fn short(rollout: u32, killed: bool) -> Value {
    json!([{
        "name": "kort", "rollout": rollout, "killed": killed,
        "arms": [
            {"name": "nu", "prompt_version": "1", "weight": 0},
            {"name": "kort", "prompt_version": "2"},
        ],
    }])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_goes_out_at_the_organisations_it_is_for_from_the_next_sync_until_it_is_taken_back()
 {
    let model = MockModel::start(MockConfig::default()).await.unwrap();
    let press = Press::new();
    let node = press.site.node();
    let (om, dji) = (press.home(&node, "OM"), press.home(&node, "DJI"));
    for home in [&om, &dji] {
        home.sync();
        assert_eq!(asked_by(home, &model, "vonnis"), "1");
    }
    let second = press.flags_of(1, "2", &json!([]));
    press.publish(&["flags", text(&second), "--organisation", "OM"]);
    assert_eq!(asked_by(&om, &model, "arrest"), "1", "it did not sync yet");
    for (home, version) in [(&om, "2"), (&dji, "1")] {
        home.sync();
        assert_eq!(asked_by(home, &model, "beslag"), version);
    }
    // Taken back, for everybody: the newer file says so, and holds from the next sync on.
    let back = press.flags_of(2, "1", &json!([]));
    press.publish(&["flags", text(&back)]);
    assert_eq!(asked_by(&om, &model, "verhoor"), "2", "it did not sync yet");
    for home in [&om, &dji] {
        home.sync();
        assert_eq!(asked_by(home, &model, "getuige"), "1");
        assert_eq!(home.good(&["flags", "show"])["serial"], 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_on_trial_goes_to_the_part_that_is_named_and_its_kill_switch_to_everybody() {
    let model = MockModel::start(MockConfig::default()).await.unwrap();
    let press = Press::new();
    let node = press.site.node();
    let homes = [press.home(&node, "OM"), press.home(&node, "OM")];
    for (serial, experiments, version, term) in [
        (1, short(0, false), "1", "vonnis"),
        (2, short(100, false), "2", "arrest"),
        (3, short(100, true), "1", "beslag"),
    ] {
        let file = press.flags_of(serial, "1", &experiments);
        press.publish(&["flags", text(&file)]);
        for home in &homes {
            home.sync();
            assert_eq!(asked_by(home, &model, term), version, "serial {serial}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_for_half_of_the_workstations_reaches_a_part_and_the_next_for_all_reaches_all() {
    let press = Press::new();
    let node = press.site.node();
    let homes = [press.home(&node, "OM"), press.home(&node, "OM")];
    let serial = |home: &Home| {
        home.good(&["flags", "show"])["serial"]
            .as_u64()
            .unwrap_or(0)
    };
    // Each file draws anew who is in its half: sixteen draws that all fall alike do not happen.
    let mut got = [Vec::new(), Vec::new()];
    for number in 1..=16 {
        let file = press.flags_of(number, "1", &short(100, false));
        press.publish(&["flags", text(&file), "--percent", "50"]);
        for (home, got) in homes.iter().zip(&mut got) {
            let before = serial(home);
            home.sync();
            let now = serial(home);
            let has = now == u64::from(number);
            assert!(has || now == before, "{before} {now}");
            got.push(has);
        }
    }
    for got in &got {
        assert!(got.contains(&true) && got.contains(&false), "{got:?}");
    }
    assert_ne!(got[0], got[1], "two workstations draw for themselves");
    let nobody = press.flags_of(17, "1", &json!([]));
    press.publish(&["flags", text(&nobody), "--percent", "0"]);
    let all = press.flags_of(18, "1", &short(100, true));
    for (file, expected) in [(None, None), (Some(&all), Some(18))] {
        if let Some(file) = file {
            press.publish(&["flags", text(file)]);
        }
        for home in &homes {
            home.sync();
            let now = serial(home);
            assert!(expected.map_or(now < 17, |serial| now == serial), "{now}");
        }
    }
}
