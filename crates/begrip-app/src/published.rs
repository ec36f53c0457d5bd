//! What the central server hands out beside concepts: versions of the rules and files with experiments.
//!
//! Only what somebody signed whom this computer trusts is taken, as if it came from a file. The server says
//! for whom a file is; whether this installation is among the first few of each hundred is found here, and
//! nobody is told.

use begrip_link::Server;
use begrip_sync::{Catalogue, Hello, Published, PublishedKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::experiments::is_in;
use crate::open::Core;
use crate::schema::FlagsImport;
use crate::{App, ErrorCode, UserError};

/// Document with what was last taken over whole.
const SEEN: &str = "published-seen";

/// Document with the version of the rules that is followed.
const FOLLOWED: &str = "published-pack";

/// A version of the rules that is in force because the server handed it out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Followed {
    version: String,
    /// What was in force before the server had a say.
    before: String,
}

impl App {
    /// Takes over what the server hands out since the last time, and gives back what it took away.
    ///
    /// Errors: the server does not answer, or a file cannot be used; then it is tried again with the
    /// next sync, and what held before holds on.
    pub(crate) async fn take_published(
        &self,
        server: &Server,
        hello: &Hello,
    ) -> Result<(), UserError> {
        let now = format!("{} {} {}", hello.epoch, hello.published, hello.organisation);
        let seen = self.blocking(|core| Ok(core.store.document(SEEN)?)).await?;
        let nothing = seen.is_none() && hello.published == 0;
        if nothing || seen.as_ref() == Some(&now) {
            return Ok(());
        }
        let catalogue = match hello.published {
            // It never handed out anything, or began anew.
            0 => Catalogue::default(),
            _ => server.catalogue().await?,
        };
        let (pack, flags) = self.blocking(move |core| core.missing(&catalogue)).await?;
        // Each for itself: rules that cannot be used here must not keep an experiment from being stopped.
        let flags = self.take_flags(server, flags).await;
        self.take_pack(server, pack).await?;
        flags?;
        self.blocking(move |core| Ok(core.store.keep_document(SEEN, &now)?))
            .await
    }

    async fn take_flags(&self, server: &Server, flags: Option<Published>) -> Result<(), UserError> {
        if let Some(flags) = flags {
            let content = text(server.published(flags.id).await?);
            self.flags_import(FlagsImport { content }).await?;
        }
        Ok(())
    }

    async fn take_pack(
        &self,
        server: &Server,
        pack: Option<(Published, bool)>,
    ) -> Result<(), UserError> {
        let Some((pack, there)) = pack else {
            return self.blocking(|core| core.unfollow()).await;
        };
        let content = match there {
            true => None,
            false => Some(text(server.published(pack.id).await?)),
        };
        self.blocking(move |core| core.follow(&pack.version, content))
            .await
    }
}

/// A file as it is read from a disk.
fn text(document: Value) -> String {
    document.to_string()
}

impl Core {
    /// The rules that the server wants here, and whether they are on this computer already; the flags
    /// when they are newer than those in force.
    #[expect(
        clippy::type_complexity,
        reason = "two answers of one look at the catalogue"
    )]
    fn missing(
        &self,
        catalogue: &Catalogue,
    ) -> Result<(Option<(Published, bool)>, Option<Published>), UserError> {
        let installation = self.installation()?;
        let latest = |kind| {
            let is_in = |name: &str, percent| is_in(&installation, name, u32::from(percent));
            catalogue.latest(kind, is_in).cloned()
        };
        let pack = match latest(PublishedKind::Pack) {
            None => None,
            Some(pack) => {
                let there = self.store.has_pack(&pack.version)?;
                Some((pack, there))
            }
        };
        let serial = self.store.flags()?.map(|flags| flags.serial);
        // There is no way back to a lower serial: what was stopped since would run again.
        let newer = |flags: &Published| {
            let serial_of = flags.version.parse::<u32>().ok();
            serial_of > serial
        };
        Ok((pack, latest(PublishedKind::Flags).filter(newer)))
    }

    /// Puts a version in force, from this file when it is not here yet.
    fn follow(&self, version: &str, content: Option<String>) -> Result<(), UserError> {
        if let Some(content) = content {
            let kept = self.import(&content)?;
            if kept.version != version {
                let told = format!("{version}: {}", kept.version);
                return Err(UserError::new(ErrorCode::PackOther, told));
            }
        }
        let pack = self.packs.get(version)?;
        let active = self.pack().version().to_owned();
        let before = match self.followed()? {
            Some(followed) => followed.before,
            None => active.clone(),
        };
        let followed = Followed {
            version: version.to_owned(),
            before,
        };
        // First, so that there is a way back however this ends.
        self.store.keep_document(FOLLOWED, &json(&followed)?)?;
        if active != version {
            self.activate(&pack)?;
            tracing::info!(version, "the server's rules are in force");
        }
        Ok(())
    }

    /// Goes back to what was in force before the server had a say, unless the user has chosen since.
    fn unfollow(&self) -> Result<(), UserError> {
        let Some(followed) = self.followed()? else {
            return Ok(());
        };
        if self.pack().version() == followed.version {
            let pack = match self.packs.get(&followed.before) {
                Ok(pack) => pack,
                // Of an older program, or damaged since.
                Err(_) => self.packs.built_in()?,
            };
            self.activate(&pack)?;
            tracing::info!(version = pack.version(), "the server took its rules back");
        }
        Ok(self.store.keep_document(FOLLOWED, "")?)
    }

    fn followed(&self) -> Result<Option<Followed>, UserError> {
        let kept = self.store.document(FOLLOWED)?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// The version of the rules that the server has put in force here, if any.
    pub(crate) fn followed_version(&self) -> Result<Option<String>, UserError> {
        Ok(self.followed()?.map(|followed| followed.version))
    }
}

fn json(followed: &Followed) -> Result<String, UserError> {
    serde_json::to_string(followed)
        .map_err(|error| UserError::new(ErrorCode::PackUnusable, error.to_string()))
}
