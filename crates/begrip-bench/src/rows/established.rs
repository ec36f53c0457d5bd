//! A definition that a reviewer establishes on one workstation, until the stores of all others that are open have it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use begrip_app::schema::{ConceptGet, ReviewAct, ReviewStep, SyncRequest};
use begrip_app::{App, OpenOptions, ServerOverride};
use begrip_domain::{ConceptId, Status};
use begrip_postgres::Serving;
use begrip_rules::RulePack;
use begrip_sync::{Act, Checked, Command as Shared, Outcome};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use super::sharing::{OF_ONE, Site, concept, link, push, put};
use crate::bench::{Bench, refused};

/// Whose duties, and which: definitions that break no rule, and none of them says nearly what another does.
const WHOSE: [&str; 5] = [
    "een verdachte",
    "een veroordeelde",
    "een ambtenaar",
    "een ouder",
    "een bedrijf",
];
const DUTIES: [(&str, &str); 20] = [
    ("een woning", "verlaten"),
    ("een kind", "verzorgen"),
    ("een boete", "betalen"),
    ("een wapen", "inleveren"),
    ("een getuige", "horen"),
    ("een dossier", "bewaren"),
    ("een zitting", "bijwonen"),
    ("een voertuig", "stilzetten"),
    ("een brief", "beantwoorden"),
    ("een dijk", "herstellen"),
    ("een cursus", "volgen"),
    ("een tolk", "roepen"),
    ("een machine", "keuren"),
    ("een dier", "voeden"),
    ("een gebouw", "ontruimen"),
    ("een rekening", "tonen"),
    ("een paspoort", "dragen"),
    ("een winkel", "sluiten"),
    ("een vergadering", "leiden"),
    ("een sleutel", "teruggeven"),
];

/// How long one of them may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a workstation's store was found to hold, and when.
type Seen = (Status, Instant);

/// How long each definition took to each of so many workstations, in milliseconds.
pub async fn times(bench: &Bench, site: &Site<'_>, open: usize) -> Result<Vec<f64>> {
    // In one process, what each of them has in its own.
    begrip_store::make_room(u32::try_from(open)? + 1)?;
    let node = Serving::start(&mut site.command(&["serve"]))?;
    let author = link(&node, &site.token("author")?)?;
    let reviewer = open_at(bench, &node, "reviewer", site.token("reviewer")?)?;
    let users = 0..open.div_ceil(OF_ONE);
    let tokens = users.map(|user| site.token_of(&format!("reader {user}"), "reader"));
    let tokens = tokens.collect::<Result<Vec<String>>>()?;
    let (looked_at, _) = watch::channel(concept(0));
    let (has, mut seen) = mpsc::unbounded_channel();
    let mut apps = Vec::with_capacity(open);
    for (number, token) in tokens.iter().cycle().take(open).enumerate() {
        let name = format!("workstation-{number}");
        let app = open_at(bench, &node, &name, token.clone())?;
        follow(&app, looked_at.subscribe(), has.clone());
        apps.push(app);
    }
    let mut took = Vec::new();
    for round in 0..bench.pick(DUTIES.len(), 2) {
        let id = concept(round);
        looked_at.send_replace(id);
        let item = made(&author, round).await?;
        push(&author, vec![proposed(&item)?]).await?;
        all(&mut seen, open, Status::Proposed).await?;
        // So that the reviewer has it before them.
        let request = SyncRequest::default();
        reviewer.sync_now(request).await.map_err(refused)?;
        let accept = ReviewAct {
            id,
            step: ReviewStep::Accept,
            reason: "meting".to_owned(),
            field: None,
            seen: None,
        };
        let began = Instant::now();
        reviewer.review_act(accept).await.map_err(refused)?;
        for at in all(&mut seen, open, Status::Established).await? {
            took.push(at.saturating_duration_since(began).as_secs_f64() * 1_000.0);
        }
    }
    for app in apps {
        app.close().await;
    }
    reviewer.close().await;
    Ok(took)
}

fn open_at(bench: &Bench, node: &Serving, name: &str, token: String) -> Result<App> {
    let mut options = OpenOptions::at(bench.home(&format!("established-{name}")));
    options.server = ServerOverride {
        url: Some(node.url.clone()),
        token: Some(token),
    };
    App::open(options).map_err(refused)
}

/// Keeps a workstation in step as its window does, and tells each time that its store shows the concept that is
/// looked at with another status.
fn follow(
    app: &App,
    looked_at: watch::Receiver<ConceptId>,
    has: mpsc::UnboundedSender<Result<Seen>>,
) {
    let (told, mut news) = mpsc::unbounded_channel();
    let (stays, shows) = (app.clone(), app.clone());
    let fails = has.clone();
    tokio::spawn(async move {
        let tell = move |_| {
            // Nobody looks any more once the measurement is over.
            let _ = told.send(());
        };
        let ended = stays.sync_follow(tell).await;
        if let Err(error) = ended {
            // Without all of them the measurement waits in vain, and says so.
            let _ = fails.send(Err(refused(error)));
        }
    });
    tokio::spawn(async move {
        let mut last = None;
        while news.recv().await.is_some() {
            let id = *looked_at.borrow();
            let Ok(view) = shows.concept_get(ConceptGet { id }).await else {
                continue;
            };
            let now = (id, view.concept.status);
            if last != Some(now) {
                last = Some(now);
                let _ = has.send(Ok((now.1, Instant::now())));
            }
        }
    });
}

/// When each of them was seen to hold it so.
async fn all(
    seen: &mut mpsc::UnboundedReceiver<Result<Seen>>,
    open: usize,
    wanted: Status,
) -> Result<Vec<Instant>> {
    let mut times = Vec::with_capacity(open);
    while times.len() < open {
        let next = tokio::time::timeout(PATIENCE, seen.recv()).await;
        let next = next.with_context(|| format!("{} of {open} were told", times.len()))?;
        let (status, at) = next.context("no workstation is left")??;
        if status == wanted {
            times.push(at);
        }
    }
    Ok(times)
}

/// A new concept of the chain.
async fn made(author: &begrip_link::Server, number: usize) -> Result<begrip_sync::Item> {
    let (what, act) = DUTIES[number % DUTIES.len()];
    let term = format!("{act}plicht");
    let text = format!(
        "plicht van {} om {what} te {act}",
        WHOSE[number % WHOSE.len()]
    );
    let fields = [
        ("term", Value::Null, json!(term)),
        ("definition", Value::Null, json!(text)),
    ];
    let answers = push(author, vec![put(number, 0, &fields, true)]).await?;
    let item = answers.into_iter().find_map(|answer| match answer.outcome {
        Outcome::Accepted { item, .. } => Some(*item),
        _ => None,
    });
    item.context("a new concept was not taken")
}

/// Proposes it as it stands.
fn proposed(item: &begrip_sync::Item) -> Result<Shared> {
    let pack = RulePack::built_in_facts()?.version;
    ensure!(item.version == 1, "somebody else changed it");
    Ok(Shared {
        key: Uuid::new_v4(),
        concept: item.id,
        base_version: item.version,
        act: Act::Propose {
            checked: Checked {
                text: item.texts.wording(),
                pack,
                failing: Vec::new(),
            },
            drafter: None,
            withdrawal: false,
        },
        author: "author".to_owned(),
        at: Timestamp::now(),
        reason: "meting".to_owned(),
    })
}
