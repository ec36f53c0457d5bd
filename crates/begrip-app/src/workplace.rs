//! Editor texts, and how the workplace stands.

use begrip_store::KeyPlace;

use crate::open::Core;
use crate::provenance::DRAFT;
use crate::schema::{AppInfo, Buffer, BufferKey, BufferSave, DoctorCheck, DoctorReport, Language};
use crate::{App, ErrorCode, UserError};

impl App {
    /// What the program is and how it stands.
    pub async fn app_info(&self, (): ()) -> Result<AppInfo, UserError> {
        self.blocking(|core| {
            let pack = core.pack();
            Ok(AppInfo {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                pack_version: pack.version().to_owned(),
                rules: small(pack.rules().len() as u64),
                prompt: core.assigned().told(),
                concepts: core.store.count()?,
                notices: core.notices.clone(),
                account: core.account.clone(),
                model: core.model_status(),
            })
        })
        .await
    }

    /// Keeps an editor's text; durable when the call returns.
    pub async fn buffer_save(&self, request: BufferSave) -> Result<(), UserError> {
        self.blocking(move |core| {
            not_the_programs_own(&request.key)?;
            Ok(core
                .store
                .save_text(&request.key, &request.content, core.clock.now())?)
        })
        .await
    }

    /// Gives a kept editor text back.
    pub async fn buffer_load(&self, request: BufferKey) -> Result<Option<Buffer>, UserError> {
        self.blocking(move |core| {
            not_the_programs_own(&request.key)?;
            Ok(core.store.text(&request.key)?.map(buffer))
        })
        .await
    }

    /// Every kept editor text, latest first.
    pub async fn buffer_list(&self, (): ()) -> Result<Vec<Buffer>, UserError> {
        self.blocking(|core| {
            let texts = core.store.texts()?;
            Ok(texts
                .into_iter()
                .filter(|text| !text.key.starts_with(DRAFT))
                .map(buffer)
                .collect())
        })
        .await
    }

    /// Forgets an editor's text.
    pub async fn buffer_clear(&self, request: BufferKey) -> Result<(), UserError> {
        self.blocking(move |core| {
            not_the_programs_own(&request.key)?;
            Ok(core.store.forget_text(&request.key)?)
        })
        .await
    }

    /// Looks the workplace over.
    pub async fn doctor(&self, (): ()) -> Result<DoctorReport, UserError> {
        self.blocking(|core| {
            let language = core.settings().user.language;
            let checks = core.checks(language);
            // Begrip works without a model; that alone is no illness.
            let healthy = checks.iter().all(|check| check.ok || check.name == "model");
            Ok(DoctorReport {
                healthy,
                language,
                checks,
            })
        })
        .await
    }
}

impl Core {
    /// What is found is told in `language`; errors are in both.
    fn checks(&self, language: Language) -> Vec<DoctorCheck> {
        let say = |nl: String, en: String| match language {
            Language::Nl => nl,
            Language::En => en,
        };
        let fine = |name: &str, found: String| DoctorCheck {
            name: name.to_owned(),
            ok: true,
            found,
            error: None,
        };
        let bad = |name: &str, error: UserError| DoctorCheck {
            name: name.to_owned(),
            ok: false,
            found: say(error.message.nl.clone(), error.message.en.clone()),
            error: Some(error),
        };
        let folder = self.store.folder().display();
        // One check that fails must not hide what the others find.
        let store = self
            .store
            .check_integrity()
            .and_then(|()| self.store.count());
        let mut checks = vec![match store {
            Ok(concepts) => fine(
                "store",
                say(
                    format!("{concepts} begrippen in {folder}; het bestand is ongeschonden."),
                    format!("{concepts} concepts in {folder}; the file is undamaged."),
                ),
            ),
            Err(error) => bad("store", error.into()),
        }];
        checks.push(fine(
            "key",
            match self.opened.key_place {
                KeyPlace::Keyring => say(
                    "De sleutel staat in de sleutelbos van deze computer.".to_owned(),
                    "The key is in this computer's keyring.".to_owned(),
                ),
                KeyPlace::File => say(
                    format!("De sleutel staat in {folder}/begrip.key, alleen voor u leesbaar."),
                    format!("The key is in {folder}/begrip.key, which only you can read."),
                ),
            },
        ));
        let pack = self.pack();
        // Whoever goes on with other rules than the newest has chosen to: that is no illness.
        let (outdated, told): (Vec<_>, Vec<_>) = self
            .notices
            .iter()
            .partition(|notice| notice.message.is(ErrorCode::PackOutdated));
        let (count, version) = (pack.rules().len(), pack.version());
        checks.push(fine(
            "rules",
            match outdated.is_empty() {
                true => say(
                    format!("{count} regels, versie {version}."),
                    format!("{count} rules, version {version}."),
                ),
                false => say(
                    format!("{count} regels, versie {version}. Begrip heeft nieuwere regels."),
                    format!("{count} rules, version {version}. Begrip has newer rules."),
                ),
            },
        ));
        checks.push(match self.store.cache().figures() {
            Ok(disk) => {
                let (entries, size) = (disk.entries, disk.bytes / 1000);
                fine(
                    "cache",
                    say(
                        format!("{entries} bewaarde antwoorden, {size} kB."),
                        format!("{entries} kept answers, {size} kB."),
                    ),
                )
            }
            Err(error) => bad("cache", error.into()),
        });
        let model = self.model_status();
        checks.push(match (self.endpoint(), model.host) {
            (Err(error), _) => bad("model", error),
            (Ok(Some(_)), Some(host)) => fine(
                "model",
                say(
                    format!("{} op {host}.", model.model),
                    format!("{} at {host}.", model.model),
                ),
            ),
            (Ok(_), _) => bad("model", UserError::new(ErrorCode::ModelNotConfigured, "")),
        });
        checks.extend(
            told.into_iter()
                .map(|notice| bad("start", notice.message.clone())),
        );
        checks
    }
}

/// The provenance of drafts stands among the editor texts; a screen can neither read nor forge it.
fn not_the_programs_own(key: &str) -> Result<(), UserError> {
    match key.starts_with(DRAFT) {
        true => Err(UserError::new(
            ErrorCode::BufferInvalid,
            "the name of the editor text",
        )),
        false => Ok(()),
    }
}

fn buffer(text: begrip_store::SavedText) -> Buffer {
    Buffer {
        key: text.key,
        content: text.content,
        at: text.at,
    }
}

/// A count for the screens; nobody reads past four thousand million.
pub(crate) fn small(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
