//! The page in the window, as a person uses it: by what stands on it.

use std::fs;
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use super::PATIENCE;
use super::workplace::screenshots;

/// The page.
pub struct Page {
    /// The driver's session.
    pub client: Client,
}

impl Page {
    /// Waits for an element, by CSS selector.
    pub async fn find(&self, selector: &str) -> Element {
        let begun = Instant::now();
        loop {
            match self.client.find(Locator::Css(selector)).await {
                Ok(element) => return element,
                Err(_) if begun.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) => {
                    self.screenshot("failed").await;
                    panic!("`{selector}` never came: {error}\n{}", self.text().await)
                }
            }
        }
    }

    /// True when such an element is there now.
    pub async fn has(&self, selector: &str) -> bool {
        self.client.find(Locator::Css(selector)).await.is_ok()
    }

    /// Clicks an element, by CSS selector; waits for it first.
    pub async fn click(&self, selector: &str) {
        let begun = Instant::now();
        // Svelte may put a fresh element in the place of the one that was found.
        loop {
            match self.find(selector).await.click().await {
                Ok(()) => return,
                Err(_) if begun.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) => {
                    self.screenshot("failed").await;
                    panic!(
                        "`{selector}` cannot be clicked: {error:?}\n{}",
                        self.text().await
                    )
                }
            }
        }
    }

    /// Clicks an element until what it opens can be seen.
    ///
    /// A click goes to a place on the screen: while the page still settles it can fall beside the
    /// element, and the driver says that it was done. A person would click again.
    pub async fn open(&self, selector: &str, opened: &str) {
        let begun = Instant::now();
        loop {
            self.click(selector).await;
            for _ in 0..20 {
                if let Ok(element) = self.client.find(Locator::Css(opened)).await
                    && element.is_displayed().await.unwrap_or(false)
                {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            if begun.elapsed() > PATIENCE {
                self.screenshot("failed").await;
                panic!(
                    "`{selector}` does not open `{opened}`\n{}",
                    self.text().await
                );
            }
        }
    }

    /// Clicks a button or link by its text.
    pub async fn press(&self, text: &str) {
        let path = format!(
            "//*[self::button or self::a or @role='button' or @role='tab' or @role='option']\
             [normalize-space(.)=\"{text}\" or @aria-label=\"{text}\"]"
        );
        let begun = Instant::now();
        loop {
            if let Ok(element) = self.client.find(Locator::XPath(&path)).await
                && element.click().await.is_ok()
            {
                return;
            }
            if begun.elapsed() > PATIENCE {
                self.screenshot("failed").await;
                panic!("no button `{text}` to press\n{}", self.text().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A field by its label, as somebody finds it who cannot see the page.
    pub async fn field(&self, label: &str) -> Element {
        let path = format!(
            "//*[@id=//label[starts-with(normalize-space(.),\"{label}\")]/@for] \
             | //label[starts-with(normalize-space(.),\"{label}\")]//*[self::input or self::textarea or self::select] \
             | //*[@aria-label=\"{label}\"][self::input or self::textarea or self::select]"
        );
        let begun = Instant::now();
        loop {
            match self.client.find(Locator::XPath(&path)).await {
                Ok(element) => return element,
                Err(_) if begun.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) => {
                    self.screenshot("failed").await;
                    panic!("no field `{label}`: {error}\n{}", self.text().await)
                }
            }
        }
    }

    /// Types into a field found by its label.
    pub async fn fill(&self, label: &str, text: &str) {
        self.field(label)
            .await
            .send_keys(text)
            .await
            .expect("typing");
    }

    /// What stands in a field found by its label.
    pub async fn filled(&self, label: &str) -> String {
        self.field(label)
            .await
            .prop("value")
            .await
            .expect("a value")
            .unwrap_or_default()
    }

    /// Types into a field, by CSS selector, as on a keyboard.
    pub async fn type_in(&self, selector: &str, text: &str) {
        self.find(selector)
            .await
            .send_keys(text)
            .await
            .expect("typing");
    }

    /// Makes a field empty, as a person does: select all, delete.
    pub async fn empty(&self, selector: &str) {
        let field = self.find(selector).await;
        field.send_keys("\u{e009}a\u{e000}").await.expect("typing");
        field.send_keys("\u{e003}").await.expect("typing");
    }

    /// The value of a field.
    pub async fn value(&self, selector: &str) -> String {
        let begun = Instant::now();
        // Svelte may put a fresh element in the place of the one that was found.
        loop {
            match self.find(selector).await.prop("value").await {
                Ok(value) => return value.unwrap_or_default(),
                Err(_) if begun.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(30)).await;
                }
                Err(error) => panic!("`{selector}` has no value: {error}"),
            }
        }
    }

    /// Waits until a field has a value that is wanted.
    pub async fn wait_value(
        &self,
        selector: &str,
        what: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> String {
        let begun = Instant::now();
        loop {
            let value = self.value(selector).await;
            if wanted(&value) {
                return value;
            }
            if begun.elapsed() > PATIENCE {
                self.screenshot("failed").await;
                panic!(
                    "{what}: `{selector}` holds {value:?}\n{}",
                    self.text().await
                );
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until the text of an element is as wanted; gives it. The element may come and go.
    pub async fn wait_text_in(
        &self,
        selector: &str,
        what: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> String {
        let begun = Instant::now();
        loop {
            let text = self
                .run_with(
                    "const found = document.querySelector(arguments[0]);\
                     return found ? found.innerText : null;",
                    vec![selector.into()],
                )
                .await;
            if let Some(text) = text.as_str()
                && wanted(text)
            {
                return text.to_owned();
            }
            if begun.elapsed() > PATIENCE {
                self.screenshot("failed").await;
                panic!("{what}: `{selector}` holds {text}\n{}", self.text().await);
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until this text stands on the page.
    pub async fn wait_text(&self, wanted: &str) {
        self.wait_for(&format!("text {wanted:?}"), |text| text.contains(wanted))
            .await;
    }

    /// Waits until the text of the page is as wanted.
    pub async fn wait_for(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        loop {
            let text = self.text().await;
            if wanted(&text) {
                return;
            }
            if begun.elapsed() > PATIENCE {
                self.screenshot("failed").await;
                panic!("waited in vain for {what} on:\n{text}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everything that can be read on the page.
    pub async fn text(&self) -> String {
        let text = self
            .run("return document.body ? document.body.innerText : ''")
            .await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script; what it returns.
    pub async fn run(&self, script: &str) -> Value {
        self.client
            .execute(script, vec![])
            .await
            .unwrap_or(Value::Null)
    }

    /// Waits until a script returns true.
    pub async fn wait_script(&self, script: &str) {
        let begun = Instant::now();
        while self.run(script).await != true {
            assert!(begun.elapsed() < PATIENCE, "waited in vain: {script}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Runs a script with arguments; what it returns.
    pub async fn run_with(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client
            .execute(script, arguments)
            .await
            .expect("a script")
    }

    /// Calls a Tauri command from the page; `{"ok": …}` or `{"error": …}`.
    pub async fn invoke(&self, command: &str, arguments: Value) -> Value {
        self.client
            .execute_async(
                "const [command, args, done] = arguments;\
                 window.__TAURI_INTERNALS__.invoke(command, args)\
                 .then((ok) => done({ ok }), (error) => done({ error }));",
                vec![json!(command), arguments],
            )
            .await
            .expect("an answer")
    }

    /// Runs a command of the schema past the screens; its answer.
    pub async fn call(&self, command: &str, request: Value) -> Value {
        let answer = self
            .invoke("call", json!({ "command": command, "args": request }))
            .await;
        assert!(answer["error"].is_null(), "{command}: {answer}");
        answer["ok"].clone()
    }

    /// Presses keys where the focus is.
    pub async fn keys(&self, keys: &str) {
        let active = self.client.active_element().await.expect("a focus");
        active.send_keys(keys).await.expect("keys");
    }

    /// A picture of the page, in `target/screenshots`.
    pub async fn screenshot(&self, name: &str) {
        // What was laid out last is painted with the next frame. The driver takes its picture with the one after it, which
        // never comes while a page stands still that is drawn on the processor: a dot that cannot be seen moves meanwhile.
        let _ = self
            .client
            .execute_async(
                "const dot = document.createElement('i');
                 dot.style = 'position:fixed;left:0;top:0;width:1px;height:1px;opacity:.01;background:#777';
                 document.documentElement.append(dot);
                 let left = 0;
                 window.begripMoving = setInterval(() => {
                     left = 1 - left;
                     dot.style.left = `${left}px`;
                 }, 20);
                 window.begripDot = dot;
                 requestAnimationFrame(() => requestAnimationFrame(arguments[0]))",
                vec![],
            )
            .await;
        if let Ok(png) = self.client.screenshot().await {
            fs::write(screenshots().join(format!("{name}.png")), png).expect("a picture");
        }
        let _ = self
            .client
            .execute(
                "clearInterval(window.begripMoving); window.begripDot.remove()",
                vec![],
            )
            .await;
    }

    /// What axe-core finds wrong with the accessibility of the page, one line each.
    pub async fn axe(&self) -> Vec<String> {
        let root = env!("CARGO_MANIFEST_DIR");
        self.axe_from(&format!("{root}/ui/node_modules/axe-core/axe.min.js"))
            .await
    }

    /// The same with another copy of axe-core.
    pub async fn axe_from(&self, path: &str) -> Vec<String> {
        let source = fs::read_to_string(path).expect("axe-core: run `npm ci` in ui/");
        self.run_with(&format!("{source}; return true"), vec![])
            .await;
        let tags = json!(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]);
        let found = self
            .client
            .execute_async(
                "const [tags, done] = arguments;\
                 axe.run(document, { runOnly: { type: 'tag', values: tags } })\
                 .then((found) => done(found.violations.map((violation) => violation.id + ': ' +\
                 violation.nodes.map((node) => node.target.join(' ')).join(', '))),\
                 (error) => done(['axe failed: ' + error]));",
                vec![tags],
            )
            .await
            .expect("axe");
        serde_json::from_value(found).expect("axe's findings")
    }
}
