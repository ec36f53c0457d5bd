//! What the shell promises in the real window, whatever stands on its screens.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod window;

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;

use begrip_mock_model::MockConfig;
use serde_json::{Value, json};
use window::program::wait;
use window::{Session, Workplace, road};

#[tokio::test(flavor = "multi_thread")]
async fn the_use_cases_answer_and_an_unknown_command_has_a_code() {
    needs_window!();
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    let unknown = json!({ "command": "no_such_command", "args": null });
    let answer = session.page.invoke("call", unknown).await;
    assert_eq!(answer["error"]["code"], "BG-106", "{answer}");
    let answer = session
        .page
        .invoke("call", json!({ "command": "app_info" }))
        .await;
    assert!(answer["ok"]["version"].is_string(), "{answer}");
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_graphics_card_the_page_is_drawn_on_the_processor() {
    needs_window!();
    let card = fs::read_dir("/dev/dri").is_ok_and(|nodes| {
        let mut names = nodes.flatten().map(|node| node.file_name());
        names.any(|name| name.to_string_lossy().starts_with("renderD"))
    });
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    for variable in [
        "WEBKIT_SKIA_ENABLE_CPU_RENDERING",
        "WEBKIT_DISABLE_DMABUF_RENDERER",
    ] {
        let drawn = session.variable_of_the_page(variable);
        assert_eq!(drawn.as_deref(), (!card).then_some("1"), "{variable}");
    }
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_system_is_open_to_the_page() {
    needs_window!();
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    for (command, arguments) in [
        ("plugin:window|close", json!({ "label": "main" })),
        (
            "plugin:window|set_title",
            json!({ "label": "main", "value": "x" }),
        ),
        (
            "plugin:webview|create_webview_window",
            json!({ "options": { "label": "second" } }),
        ),
        (
            "plugin:event|listen",
            json!({ "event": "x", "target": { "kind": "Any" }, "handler": 0 }),
        ),
        ("plugin:event|emit", json!({ "event": "x" })),
        ("plugin:path|resolve_directory", json!({ "directory": 1 })),
        ("plugin:app|version", json!({})),
        ("plugin:resources|close", json!({ "rid": 0 })),
        (
            "plugin:window-state|save_window_state",
            json!({ "flags": 63 }),
        ),
    ] {
        let answer = session.page.invoke(command, arguments).await;
        assert!(answer["error"].is_string(), "{command} is open: {answer}");
    }
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_cannot_reach_another_host_or_run_foreign_script() {
    needs_window!();
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    stranger.set_nonblocking(true).unwrap();
    let address = stranger.local_addr().unwrap();
    let outcome = session
        .page
        .client
        .execute_async(
            "const [address, done] = arguments;\
             const image = new Image(); image.src = `http://${address}/image.png`;\
             const script = document.createElement('script');\
             script.textContent = 'window.foreign = true'; document.head.append(script);\
             const frame = document.createElement('iframe');\
             frame.src = `http://${address}/frame`; document.body.append(frame);\
             fetch(`http://${address}/fetch`, { mode: 'no-cors' })\
             .then(() => 'fetched', () => 'refused')\
             .then((fetched) => setTimeout(() => done({ fetched, foreign: window.foreign === true }), 300));",
            vec![json!(address.to_string())],
        )
        .await
        .expect("an outcome");
    assert_eq!(outcome, json!({ "fetched": "refused", "foreign": false }));
    let reached = stranger.accept().map(drop).map_err(|error| error.kind());
    assert_eq!(
        reached,
        Err(ErrorKind::WouldBlock),
        "the page reached another host"
    );

    session
        .page
        .run(&format!("window.open('http://{address}/open')"))
        .await;
    session
        .page
        .run(&format!("location.href = 'http://{address}/go'"))
        .await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let reached = stranger.accept().map(drop).map_err(|error| error.kind());
    assert_eq!(
        reached,
        Err(ErrorKind::WouldBlock),
        "the window went to another host"
    );
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_shows_the_first_window_and_ends() {
    needs_window!();
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    assert_eq!(session.start_again(&workplace).await, Some(0));
    assert_eq!(session.programs(), 1);
    wait("the first program was asked to show itself", || {
        workplace.log().contains("the window comes to the front")
    })
    .await;
    // Another home is another workplace: it gets a window of its own.
    let other = Workplace::offline();
    let beside = Session::start(&other).await;
    assert_eq!((session.programs(), beside.programs()), (1, 1));
    beside.close().await;
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_program_starts_again_and_its_window_comes_back_where_it_was() {
    needs_window!();
    let workplace = Workplace::offline();
    let session = Session::start(&workplace).await;
    session.kill().await;
    let session = Session::start(&workplace).await;
    session.page.client.set_window_size(900, 700).await.unwrap();
    // The window follows in its own time.
    sized(&session, (900, 700)).await;
    session.close().await;
    assert!(workplace.home().join("window.json").exists());

    let session = Session::start(&workplace).await;
    sized(&session, (900, 700)).await;
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_that_cannot_be_made_is_told_and_the_window_stays() {
    needs_window!();
    let workplace = Workplace::offline();
    // A file stands where the folder should come.
    std::fs::write(workplace.home(), "in the way").unwrap();
    let session = Session::start(&workplace).await;
    let answer = session
        .page
        .invoke("call", json!({ "command": "app_info" }))
        .await;
    let code = answer["error"]["code"].as_str().unwrap_or_default();
    assert!(code.starts_with("BG-2"), "{answer}");
    assert_eq!(session.programs(), 1);

    // The way out: mend it, and try again without starting the program anew.
    std::fs::remove_file(workplace.home()).unwrap();
    let again = json!({ "command": "start_again", "args": { "afresh": false } });
    let answer = session.page.invoke("call", again).await;
    assert!(answer["error"].is_null(), "{answer}");
    let answer = session
        .page
        .invoke("call", json!({ "command": "app_info" }))
        .await;
    assert!(answer["ok"].is_object(), "{answer}");
    session.close().await;
}

/// Waits until the window has this size.
async fn sized(session: &Session, wanted: (u64, u64)) {
    let begun = std::time::Instant::now();
    loop {
        let size = session.page.client.get_window_size().await.unwrap();
        if size == wanted {
            return;
        }
        assert!(begun.elapsed().as_secs() < 30, "{size:?}, not {wanted:?}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// What is typed for the draft, and stands in no line of the log.
const NOTES: &str = "De buurman zwaaide met een tuinslang en riep iets over erwtensoep.";

#[tokio::test(flavor = "multi_thread")]
async fn each_line_of_the_log_is_json_with_the_id_of_the_question_and_nothing_of_its_text() {
    needs_window!();
    let workplace = Workplace::with_model(MockConfig::default()).await;
    let folder = workplace.home().join("log");
    std::fs::create_dir_all(&folder).unwrap();
    // Of every day for weeks: the oldest go.
    for day in 1..=20 {
        let old = folder.join(format!("begrip.2026-01-{day:02}.jsonl"));
        std::fs::write(old, "{\"level\":\"INFO\"}\n").unwrap();
    }
    let session = Session::start(&workplace).await;
    let page = &session.page;
    road::ready(page).await;
    road::go(page, "Opstellen").await;
    page.type_in(road::TERM, "erwtensoepverbod").await;
    page.type_in("[data-testid='compose-notes']", NOTES).await;
    page.click("[data-testid='compose-start']").await;
    let definition = road::drafted(page).await;
    session.close().await;

    let calls = workplace.model().log();
    assert_eq!(calls.len(), 1);
    let files: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(files.len(), 14, "{files:?}");
    let today = format!(
        "begrip.{}.jsonl",
        jiff::Timestamp::now().strftime("%Y-%m-%d")
    );
    let text = std::fs::read_to_string(folder.join(today)).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    for line in &lines {
        let moment = line["@timestamp"].as_str().unwrap();
        assert!(moment.parse::<jiff::Timestamp>().is_ok(), "{line}");
        let levels = ["info", "warn", "error"];
        let level = line["log.level"].as_str().unwrap();
        assert!(levels.contains(&level), "{line}");
        assert_eq!(line["service.name"], "begrip", "{line}");
        for name in ["message", "ecs.version", "service.version", "log.logger"] {
            assert!(line[name].is_string(), "{name}: {line}");
        }
    }
    let id = calls[0].request_id.as_deref().unwrap();
    let drafted = lines
        .iter()
        .find(|line| line["message"] == "drafted")
        .unwrap_or_else(|| panic!("no draft: {text}"));
    assert_eq!(drafted["begrip.request_id"], id, "{drafted}");
    assert_eq!(drafted["begrip.tokens_in"], calls[0].tokens_in);
    assert_eq!(drafted["begrip.tokens_out"], calls[0].tokens_out);
    let asked = calls[0].body["messages"].as_array().unwrap();
    let mut secrets: Vec<&str> = vec!["erwtensoep", "tuinslang", "buurman", &definition];
    for message in asked {
        let said = message["content"].as_str().unwrap().lines();
        secrets.extend(said.map(str::trim).filter(|line| line.len() > 12));
    }
    for secret in secrets {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_service_is_made_once_however_often_screens_change_and_the_page_is_loaded_anew() {
    needs_window!();
    let workplace = Workplace::with_model(MockConfig::default()).await;
    let session = Session::start(&workplace).await;
    let page = &session.page;
    // Each round the page comes anew and at once asks fifty times, before anything is on it; the first time the use
    // cases are still being opened.
    let crowd = "const done = arguments[0];\
        const ask = (number) => window.__TAURI_INTERNALS__.invoke('call', number % 2\
            ? { command: 'app_info' }\
            : { command: 'check', args: { term: 'vonnis', text: 'beslissing van een rechter' } });\
        Promise.all(Array.from({ length: 50 }, (_, number) => ask(number)))\
            .then((answers) => done(answers.length), (error) => done(String(error)))";
    let (rounds, mut gone) = (10, 0);
    for round in 0..rounds {
        let answered = page.client.execute_async(crowd, vec![]).await.unwrap();
        assert_eq!(answered, json!(50), "round {round}");
        road::ready(page).await;
        for screen in road::SCREENS.iter().cycle().skip(round).take(9) {
            road::go(page, screen).await;
            gone += 1;
        }
        page.run("window.before = true; location.reload()").await;
        page.wait_script("return window.before === undefined && !!window.__TAURI_INTERNALS__")
            .await;
        gone += 1;
    }
    assert_eq!(gone, 100);
    road::ready(page).await;
    // A page that was loaded again still gets its frames, whatever draws them.
    let frames = "const done = arguments[0]; let left = 10;\
        const next = () => (left -= 1) > 0 ? requestAnimationFrame(next) : done('painted');\
        requestAnimationFrame(next)";
    let painted = page.client.execute_async(frames, vec![]).await.unwrap();
    assert_eq!(painted, json!("painted"));
    session.close().await;
    let mut made = std::collections::BTreeMap::<String, usize>::new();
    for line in workplace.log().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line["message"] == "made" {
            let service = line["begrip.service"].as_str().unwrap().to_owned();
            *made.entry(service).or_default() += 1;
        }
    }
    let once = ["model", "rules", "settings", "store"].map(|name| (name.to_owned(), 1));
    assert_eq!(made, once.into());
}
