//! What a person does on the screens. Every name that stands on a screen and that a test needs is
//! here, and nowhere else in the tests.

use super::page::Page;

/// The screens, as the menu names them.
pub const SCREENS: [&str; 6] = [
    "Zoeken",
    "Opstellen",
    "Toetsen",
    "Mijn begrippen",
    "Regels",
    "Instellingen",
];

/// The search field of *Zoeken*.
pub const SEARCH: &str = "[data-testid='search-input']";

/// One hit of a search.
pub const HIT: &str = "[data-testid='search-hit']";

/// The definition field of *Opstellen*, *Toetsen* and the editor.
pub const DEFINITION: &str = "[data-testid='definition']";

/// One finding of a rule.
pub const FINDING: &str = "[data-testid='finding']";

/// The page of a start that failed.
pub const START_FAILED: &str = "[data-testid='start-failed']";

/// Waits until the screens are there.
pub async fn ready(page: &Page) {
    page.wait_text("Zoeken").await;
}

/// Goes to a screen by its menu.
pub async fn go(page: &Page, screen: &str) {
    page.press(screen).await;
    page.find("h1").await;
}

/// Types a term into *Zoeken* and waits for its hits.
pub async fn search(page: &Page, term: &str) {
    ready(page).await;
    go(page, "Zoeken").await;
    page.empty(SEARCH).await;
    page.type_in(SEARCH, term).await;
    page.find(HIT).await;
    page.wait_text(term).await;
}

/// Looks a term up and opens its first hit.
pub async fn look_up(page: &Page, term: &str) {
    search(page, term).await;
    page.click(HIT).await;
    page.wait_text("Definitie").await;
}

/// Types a definition into *Toetsen* and waits for what the rules say.
pub async fn check(page: &Page, definition: &str) {
    go(page, "Toetsen").await;
    page.type_in(DEFINITION, definition).await;
    page.find("[data-testid='finding'][data-rule]").await;
}

/// The term on *Opstellen*.
pub const TERM: &str = "[data-testid='compose-term']";

/// The text while it streams in.
const STREAMING: &str = "[data-testid='drafting-text'] .definition";

/// Fills in a term on *Opstellen* and has a definition drafted; comes back when it is there.
pub async fn draft(page: &Page, term: &str) -> String {
    begin_draft(page, term).await;
    drafted(page).await
}

/// Fills in a term on *Opstellen*, where nothing stands yet, and begins a draft.
pub async fn begin_draft(page: &Page, term: &str) {
    ready(page).await;
    go(page, "Opstellen").await;
    page.type_in(TERM, term).await;
    page.click("[data-testid='compose-start']").await;
}

/// Throws away what stands on *Opstellen*.
pub async fn clear(page: &Page) {
    go(page, "Opstellen").await;
    page.open(
        "[data-testid='compose-clear']",
        "[data-testid='clear-sure']",
    )
    .await;
    page.click("[data-testid='clear-sure']").await;
    page.wait_value(TERM, "an empty form", str::is_empty).await;
}

/// Keeps what stands on *Opstellen*; comes back when the concept's page is there.
pub async fn keep(page: &Page) {
    page.click("[data-testid='compose-keep']").await;
    page.wait_text("Geschiedenis").await;
}

/// The text while it streams in: waits for the first piece.
pub async fn streamed(page: &Page) -> String {
    page.wait_text_in(STREAMING, "the first piece of text", |text| {
        !text.trim().is_empty()
    })
    .await
}

/// The text when it is whole and has been checked.
pub async fn drafted(page: &Page) -> String {
    page.find("[data-testid='result']").await;
    page.find(FINDING).await;
    page.value(DEFINITION).await
}

/// Two versions of a concept beside each other.
pub const COMPARE: &str = "[data-testid='compare-heading']";

/// Goes on with text that was not kept, on *Mijn begrippen*.
pub const GO_ON: &str = "[data-testid='unsaved-open']";

/// Opens a concept in the editor.
pub async fn edit(page: &Page, term: &str) {
    look_up(page, term).await;
    page.press("Bewerken").await;
    page.find("[data-testid='edit-keep']").await;
}

/// Keeps what stands in the editor as a new version, by the keyboard.
pub async fn keep_edit(page: &Page) {
    page.click(DEFINITION).await;
    // Control and S.
    page.keys("\u{e009}s\u{e000}").await;
}

/// Goes on with what is proposed for two versions: each side's own changes.
pub async fn merge(page: &Page) {
    page.press("Ga verder met deze keuze").await;
    page.find(DEFINITION).await;
}

/// Adds to the end of the definition, by hand.
pub async fn correct(page: &Page, addition: &str) {
    page.click(DEFINITION).await;
    page.run_with(
        "const field = document.querySelector(arguments[0]);\
         field.setSelectionRange(field.value.length, field.value.length);",
        vec![DEFINITION.into()],
    )
    .await;
    page.keys(addition).await;
    page.wait_value(DEFINITION, "the correction", |text| {
        text.ends_with(addition)
    })
    .await;
}

/// A batch on *Reeks*, in this state.
pub fn batch_in(state: &str) -> String {
    format!("[data-testid='batch'][data-state='{state}']")
}

/// A row of a batch's results, in this state.
pub fn result_in(state: &str) -> String {
    format!("[data-testid='result'][data-state='{state}']")
}

/// Has a draft made as soon as the model can be reached, on *Opstellen*.
pub async fn queue(page: &Page) {
    page.click("[data-testid='compose-queue']").await;
    page.find("[data-testid='compose-queued']").await;
}

/// A definition that waited for the network is there, said around every screen.
pub const QUEUE_READY: &str = "[data-testid='queue-ready']";

/// Saves the results of a batch as the file that gets this name, in the form that its ending says; what it holds.
pub async fn export(page: &Page, name: &str) -> String {
    page.run("addEventListener('begrip:saved', (event) => (window.kept = event.detail))")
        .await;
    let (_, ending) = name.rsplit_once('.').expect("an ending");
    page.click(&format!("[data-testid='results-{ending}']"))
        .await;
    page.wait_text(&format!("{name} is klaargezet")).await;
    let place = page.run("return window.kept").await;
    std::fs::read_to_string(place.as_str().expect("a place")).expect("a file")
}

/// Chooses a file of terms on *Reeks* and has its definitions made.
pub async fn begin_batch(page: &Page, terms: &str) {
    choose_terms(page, terms).await;
    page.click("[data-testid='batch-start']").await;
    page.find(&batch_in("running")).await;
}

/// Chooses a file of terms on *Reeks*; comes back when it was read.
pub async fn choose_terms(page: &Page, terms: &str) {
    ready(page).await;
    go(page, "Reeks").await;
    page.find("[data-testid='batch-file']").await;
    // The driver's own way to choose a file does not always come back.
    page.run_with(
        "const [text] = arguments; const files = new DataTransfer();\
         files.items.add(new File([text], 'termen.csv', { type: 'text/csv' }));\
         const field = document.querySelector(\"[data-testid='batch-file']\");\
         field.files = files.files;\
         field.dispatchEvent(new Event('change', { bubbles: true }));",
        vec![terms.into()],
    )
    .await;
    page.find("[data-testid='batch-read']").await;
}

/// How many proposals wait for the user, in the menu.
pub const TO_REVIEW: &str = "[data-testid='nav-to-review']";

/// News of an own proposal of this kind, around every screen.
pub fn news(kind: &str) -> String {
    format!("[data-testid='news-item'][data-kind='{kind}']")
}

/// Writes a few words to the proposal on *Te beoordelen*, and does `accept`, `reject` or `comment`.
pub async fn say_of_proposal(page: &Page, words: &str, act: &str) {
    page.empty("[data-testid='proposal-words']").await;
    page.type_in("[data-testid='proposal-words']", words).await;
    page.click(&format!("[data-testid='proposal-{act}']")).await;
}

/// The label of the field for own notes on *Opstellen*.
pub const NOTES: &str = "Eigen notities";

/// Waits until a field holds this text.
pub async fn wait_filled(page: &Page, label: &str, text: &str) {
    let begun = std::time::Instant::now();
    loop {
        let found = page.filled(label).await;
        if found == text {
            return;
        }
        assert!(
            begun.elapsed().as_secs() < 20,
            "`{label}` holds {found:?}, not {text:?}"
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// The page says that the answer was kept earlier.
pub async fn says_cached(page: &Page) {
    page.wait_for("a word that the answer was kept", |text| {
        text.to_lowercase().contains("bewaard antwoord")
    })
    .await;
}

/// *Opstellen* refuses an empty term.
pub async fn refuses_empty_term(page: &Page) {
    page.click("[data-testid='compose-start']").await;
    page.wait_text("Vul een term in.").await;
}

/// Puts a text into a field at once, as pasting does.
pub async fn paste(page: &Page, selector: &str, text: &str) {
    page.find(selector).await;
    page.run_with(
        "const [selector, text] = arguments; const field = document.querySelector(selector);\
         field.focus(); field.value = text;\
         field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' }));",
        vec![selector.into(), text.into()],
    )
    .await;
}

/// The page says that a text is too long.
pub async fn says_too_long(page: &Page) {
    page.wait_for("a word on the length", |text| text.contains("te lang"))
        .await;
}

/// The way out of a lost key: begin with an empty file.
pub async fn begin_afresh(page: &Page) {
    page.press("Begin met een leeg bestand").await;
    page.press("Ja, begin leeg").await;
}

/// The way out of a failed start that was mended.
pub async fn try_again(page: &Page) {
    page.press("Probeer opnieuw").await;
}

/// Looks a term up from anywhere and opens its first hit, without a mouse.
pub async fn look_up_by_keyboard(page: &Page, term: &str) {
    // Control and K, then the term, down to the first hit, enter.
    page.keys("\u{e009}k\u{e000}").await;
    page.find(&format!("{SEARCH}:focus")).await;
    page.keys(term).await;
    page.find(HIT).await;
    page.keys("\u{e015}\u{e007}").await;
    page.wait_text("Definitie").await;
}
