//! What one workstation establishes stands in the stores of those that are open, and nobody asked for it.

use std::time::Duration;

use begrip_app::App;
use begrip_app::schema::{ConceptGet, ReviewAct, ReviewStep};
use begrip_domain::Status;
use begrip_sync::{Outcome, Sharing};
use serde_json::json;

use crate::polling::workstation;
use crate::support::{Site, act, concept, proposal, put, wait_for};

/// Longer than a test may take: what comes was told.
const NEVER: Duration = Duration::from_secs(3_600);

/// How a concept stands in the store of a workstation.
async fn stands(app: &App, number: u128) -> Option<Status> {
    let id = concept(number);
    let shown = app.concept_get(ConceptGet { id }).await;
    shown.ok().map(|view| view.concept.status)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_established_on_one_workstation_is_told_to_the_stores_of_the_others() {
    let site = Site::new();
    let nodes = [site.node(), site.node()];
    let folder = tempfile::tempdir().unwrap();
    let mut apps = Vec::new();
    for (number, organisation, role) in [
        (0, "Rechtspraak", "reviewer"),
        (1, "OM", "reader"),
        (2, "DJI", "reader"),
        (3, "DJI", "author"),
    ] {
        let home = folder.path().join(number.to_string());
        let url = nodes[number % 2].url.clone();
        let app = workstation(&home, url, site.token(organisation, role), NEVER).await;
        // As the window and `begrip sync follow` do from their start.
        app.keep_in_step();
        apps.push(app);
    }
    let author = nodes[0].caller(&site.token("OM", "author"));
    let text = "gebod van de rechter om zich in een bepaald gebied te bevinden";
    let fields = json!({"term": [null, "gebiedsgebod"], "definition": [null, text]});
    let made = put(concept(1), 0, fields, Some(Sharing::Chain));
    let answers = author.push(&[made]).await;
    let Outcome::Accepted { item, .. } = &answers[0].outcome else {
        panic!("{answers:?}")
    };
    author.push(&[act(item.id, 1, proposal(item))]).await;
    for app in &apps {
        wait_for("the proposal", || async {
            stands(app, 1).await == Some(Status::Proposed)
        })
        .await;
    }
    let accept = ReviewAct {
        id: concept(1),
        step: ReviewStep::Accept,
        reason: "akkoord".to_owned(),
        field: None,
        seen: None,
    };
    apps[0].review_act(accept).await.unwrap();
    for app in &apps {
        wait_for("the established text", || async {
            stands(app, 1).await == Some(Status::Established)
        })
        .await;
    }
}
