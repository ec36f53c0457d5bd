//! How soon the findings follow a key: real keys in the window, timed by the page itself.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use super::window::{PATIENCE, appears};

const FIELD: &str = "[data-testid='definition']";
const MARKED: &str = ".marked mark";

/// A definition of 80 words in which several rules find something.
const TEXT: &str = "schriftelijke beslissing van de officier van justitie waarbij aan een verdachte die een strafbaar feit \
    heeft begaan een straf of maatregel kan worden opgelegd zonder dat een rechter daarover heeft geoordeeld en die de verdachte \
    binnen een redelijke termijn moet nakomen, tenzij hij daartegen tijdig verzet doet bij het parket dat de beslissing heeft \
    genomen, zoals een geldboete, een taakstraf, een schadevergoeding of een aanwijzing over zijn gedrag waaraan hij zich gedurende \
    een proeftijd van ten hoogste een jaar houdt";

/// Goes on behind the text, a key at a time.
const MORE: &str = " en die niet kan worden uitgevoerd als de verdachte haar niet begrijpt";

/// Times each key from its event until what the page shows of the findings is about the text with
/// that key in it: the marked text is the text of the report.
const PROBE: &str = "
    const field = document.querySelector(\"[data-testid='definition']\");
    field.setSelectionRange(field.value.length, field.value.length);
    window.begripKeys = [];
    let pressed = null;
    field.addEventListener('keydown', () => {
        pressed = { at: performance.now(), before: field.value };
    }, true);
    new MutationObserver(() => {
        const shown = document.querySelector('.marked')?.textContent;
        if (!pressed || field.value === pressed.before || shown !== field.value) return;
        window.begripKeys.push(performance.now() - pressed.at);
        pressed = null;
    }).observe(document.querySelector('main'), { childList: true, characterData: true, subtree: true });
";

/// Between two keys, as of somebody who types very fast: 200 words a minute.
const PACE: Duration = Duration::from_millis(60);

/// Types keys behind the text; milliseconds for each.
pub(super) async fn keys(client: &Client, count: usize) -> Result<Vec<f64>> {
    client
        .execute("location.hash = '#/toetsen'", vec![])
        .await?;
    appears(client, FIELD).await?;
    let fill = "
        const field = document.querySelector(\"[data-testid='definition']\");
        field.value = arguments[0];
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));";
    client.execute(fill, vec![json!(TEXT)]).await?;
    appears(client, MARKED).await?;
    client.execute(PROBE, vec![]).await?;
    let field = client.find(Locator::Css(FIELD)).await?;
    for (typed, key) in MORE.chars().cycle().take(count).enumerate() {
        field.send_keys(&key.to_string()).await?;
        // Whoever asks the page how far it is takes its time: not before the next key is due.
        tokio::time::sleep(PACE).await;
        let begun = Instant::now();
        while timed(client).await?.len() <= typed {
            if begun.elapsed() > PATIENCE {
                bail!("the findings never followed key {typed}");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    timed(client).await
}

async fn timed(client: &Client) -> Result<Vec<f64>> {
    let answer: Value = client.execute("return window.begripKeys", vec![]).await?;
    Ok(serde_json::from_value(answer)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_80_words() {
        assert_eq!(TEXT.split_whitespace().count(), 80);
    }
}
