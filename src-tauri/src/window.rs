//! The window: where it may go, how it comes to the front, how it closes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tauri::webview::{DownloadEvent, NewWindowResponse};
use tauri::{AppHandle, Manager, Url, Webview, WebviewWindow, WebviewWindowBuilder, WindowEvent};
use tauri_plugin_window_state::StateFlags;

use crate::bridge::InFlight;
use crate::opening::Opening;

/// Tells the screens that the window is about to close, so that text that was typed a moment ago
/// is handed over. Sent by the shell, so that the screens need no right to listen to the system.
const CLOSING: &str = "window.dispatchEvent(new Event('begrip:closing'))";

/// How long the screens have to hand their text over.
const LONGEST_CLOSE: Duration = Duration::from_secs(2);

/// What the end of the program waits for a collector of telemetry at most.
const AT_THE_END: Duration = Duration::from_millis(250);

/// How long a close waits for an opening that is still under way.
const LONGEST_OPENING: Duration = Duration::from_secs(10);

/// What is kept of the window from one run to the next.
pub fn kept_state() -> StateFlags {
    StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED
}

/// Makes the one window, from its entry in `tauri.conf.json`.
pub fn create(app: &AppHandle) -> tauri::Result<()> {
    let config = app
        .config()
        .app
        .windows
        .first()
        .cloned()
        .unwrap_or_default();
    let window = WebviewWindowBuilder::from_config(app, &config)?
        .on_navigation(is_own)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|webview, event| save(&webview, event))
        .build()?;
    let closing = window.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            api.prevent_close();
            close(closing.clone());
        }
    });
    Ok(())
}

/// Shows the window before all others.
pub fn bring_to_front(app: &AppHandle) {
    let Some(window) = app.get_webview_window("main") else {
        return;
    };
    let steps = [window.show(), window.unminimize(), window.set_focus()];
    for error in steps.into_iter().filter_map(Result::err) {
        tracing::warn!(%error, "the window did not come to the front");
    }
}

/// Only the program's own pages: `tauri://localhost`, on Windows `http(s)://tauri.localhost`, and
/// the screens' own server while developing; and the files that these pages make.
fn is_own(url: &Url) -> bool {
    match url.scheme() {
        "blob" => Url::parse(url.path()).is_ok_and(|page| page.scheme() != "blob" && is_own(&page)),
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" if url.host_str() == Some("tauri.localhost") => true,
        "http" => cfg!(dev) && url.host_str() == Some("localhost"),
        "about" => url.path() == "blank",
        _ => false,
    }
}

/// A file that the screens made goes to the folder for downloads, and the screens are told where it
/// stands. Nothing else is downloaded.
fn save(webview: &Webview, event: DownloadEvent<'_>) -> bool {
    match event {
        DownloadEvent::Requested { url, destination } => {
            // A computer that names no folder for downloads: not where the program happens to run.
            if let (Err(_), Ok(home), Some(name)) = (
                webview.path().download_dir(),
                webview.path().home_dir(),
                destination.file_name(),
            ) {
                *destination = home.join(name);
            }
            url.scheme() == "blob" && is_own(&url)
        }
        DownloadEvent::Finished { path, success, .. } => {
            let place = path.filter(|_| success);
            let place = serde_json::json!(place.map(|path| path.display().to_string()));
            let told = format!(
                "window.dispatchEvent(new CustomEvent('begrip:saved', {{ detail: {place} }}))"
            );
            if let Err(error) = webview.eval(told) {
                tracing::warn!(%error, "the screens were not told of a saved file");
            }
            true
        }
        _ => false,
    }
}

/// Lets the screens hand their text over, waits for the calls that follow, then closes.
fn close(window: WebviewWindow) {
    let in_flight = window.state::<InFlight>().inner().clone();
    let opening = Arc::clone(window.state::<Arc<Opening>>().inner());
    if let Err(error) = window.eval(CLOSING) {
        tracing::warn!(%error, "the screens were not told of the close");
    }
    tauri::async_runtime::spawn(async move {
        let begun = Instant::now();
        let mut quiet = 0;
        // Quiet twice in a row: a call may be followed by another.
        while quiet < 2 && begun.elapsed() < LONGEST_CLOSE {
            tokio::time::sleep(Duration::from_millis(60)).await;
            quiet = if in_flight.now() == 0 { quiet + 1 } else { 0 };
        }
        // A program that ends in the middle of its opening tears down the cipher that the opening
        // is using, and may hang there.
        let opened = tokio::time::timeout(LONGEST_OPENING, opening.app()).await;
        // Stops what is under way, and writes down what was asked and what it took.
        if let Ok(Ok(app)) = opened {
            app.close().await;
        }
        tracing::info!("close");
        // On a thread that may wait: a collector that does not answer holds the window for that long.
        let telemetry = opening.telemetry.clone();
        let told = tauri::async_runtime::spawn_blocking(move || telemetry.finish(AT_THE_END)).await;
        if told.is_err() {
            tracing::warn!("the telemetry did not end");
        }
        if let Err(error) = window.destroy() {
            tracing::error!(%error, "the window did not close");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere_but_to_its_own_pages() {
        for (url, own) in [
            ("tauri://localhost/", true),
            ("tauri://localhost/index.html#/zoeken", true),
            ("http://tauri.localhost/", true),
            ("about:blank", true),
            ("blob:tauri://localhost/0f3a", true),
            ("blob:https://example.org/0f3a", false),
            ("blob:blob:tauri://localhost/0f3a", false),
            ("blob:null/0f3a", false),
            ("tauri://evil/", false),
            ("https://example.org/", false),
            ("http://tauri.localhost.example.org/", false),
            ("file:///etc/passwd", false),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
        ] {
            assert_eq!(is_own(&Url::parse(url).unwrap()), own, "{url}");
        }
    }
}
