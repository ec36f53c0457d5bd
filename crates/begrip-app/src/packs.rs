//! Versions of the rules: which one is in force, import and export.
//!
//! The store says which version is in force; each program on this home looks at it before it checks,
//! so that a switch in one is seen by the others. A version is compiled once in a run and stays
//! in memory as long as there is room: switching back costs nothing.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use begrip_cache::{Bounded, Stats};
use begrip_rules::{
    FileError, PackFacts, PackFile as File, PackFileError, PublicKey, RulePack, TrustedKey,
    maintainers,
};
use begrip_store::{PackOrigin, Store, StoredPack};

use crate::open::Core;
use crate::schema::{Notice, PackFile, PackImport, PackRef, PackView};
use crate::{App, ErrorCode, UserError};

/// Folder in the home with the keys that whoever runs this computer trusts.
const TRUSTED: &str = "trusted-keys";

/// The packs of this workplace.
pub(crate) struct Packs {
    store: Arc<Store>,
    /// What the pack that came with this program says of itself.
    built_in: PackFacts,
    /// Versions that were asked for in this run.
    compiled: Bounded<String, Arc<RulePack>>,
    in_force: RwLock<InForce>,
}

/// Bytes that compiled versions may take: some twenty of the size of ours. The one in force is held besides.
const ROOM: u64 = 64_000_000;

/// What a compiled rule takes, about and rather too much: its texts, its examples and its patterns.
const USUAL_RULE: usize = 50_000;

fn compiled() -> Bounded<String, Arc<RulePack>> {
    Bounded::new(ROOM, |_, pack| {
        u32::try_from(pack.rules().len() * USUAL_RULE).unwrap_or(u32::MAX)
    })
}

struct InForce {
    /// What the store says; not the pack's own version when that one cannot be used.
    chosen: String,
    pack: Arc<RulePack>,
}

/// The pack that comes with the program, for a host that needs nothing else.
pub fn built_in_pack() -> Result<Arc<RulePack>, UserError> {
    tracing::info!(service = "rules", "made");
    RulePack::built_in().map_err(broken)
}

fn broken(error: impl ToString) -> UserError {
    UserError::new(ErrorCode::RulesBroken, error.to_string())
}

impl Packs {
    /// Puts the pack in force that the store names, with what the user must know of it. A program that
    /// comes with a pack of its own for the first time keeps it, and puts it in force unless an imported or
    /// a newer one is.
    pub fn open(store: &Arc<Store>) -> Result<(Self, Option<Notice>), UserError> {
        tracing::info!(service = "rules", "made");
        let built_in = RulePack::built_in_facts().map_err(broken)?;
        let own = &built_in.version;
        let mut chosen = store.active_pack()?;
        if chosen.as_ref() != Some(own) && !store.has_pack(own)? {
            let body = RulePack::built_in_body().map_err(broken)?;
            let file = File::new(&body).map_err(broken)?;
            let pack = StoredPack {
                version: own.clone(),
                digest: *file.digest(),
                date: body.facts.date.to_string(),
                body: file.to_text().map_err(broken)?,
                signer: String::new(),
                origin: PackOrigin::BuiltIn,
                imported_at: None,
            };
            let stays = match &chosen {
                None => false,
                Some(version) => store.pack(version)?.is_some_and(|pack| {
                    let facts = File::parse(&pack.body).and_then(|file| file.facts());
                    pack.origin == PackOrigin::Imported
                        || facts.is_ok_and(|facts| facts.is_newer_than(&built_in))
                }),
            };
            if stays {
                store.keep_pack(&pack)?;
            } else {
                // At once: what is kept and not put in force would not be put in force at the next start.
                store.keep_and_activate_pack(&pack)?;
                chosen = Some(own.clone());
            }
        }
        let mut chosen = chosen.unwrap_or_else(|| own.clone());
        let compiled = compiled();
        let (pack, notice) = match compile(store, own, &chosen) {
            Ok(pack) => (pack, None),
            Err(error) if chosen != *own => {
                let notice = Notice {
                    message: unusable(&chosen, &error),
                };
                if !is_lasting(&error) {
                    // Not remembered: the next check looks again.
                    chosen.clone_from(own);
                }
                (compile(store, own, own)?, Some(notice))
            }
            Err(error) => return Err(error),
        };
        compiled.put(pack.version().to_owned(), Arc::clone(&pack));
        let packs = Self {
            store: Arc::clone(store),
            built_in,
            compiled,
            in_force: RwLock::new(InForce { chosen, pack }),
        };
        let notice = notice.or_else(|| packs.outdated());
        Ok((packs, notice))
    }

    /// The pack in force. Looks at the store, some microseconds; a store that cannot be read at this
    /// moment changes nothing.
    pub fn in_force(&self) -> Arc<RulePack> {
        let chosen = match self.store.active_pack() {
            Ok(Some(chosen)) => chosen,
            Ok(None) => return self.held().1,
            Err(error) => {
                tracing::error!(%error, "which rules are in force cannot be read");
                return self.held().1;
            }
        };
        let (held, pack) = self.held();
        if held == chosen {
            return pack;
        }
        let pack = self.get(&chosen).or_else(|error| {
            tracing::error!(
                code = error.code,
                detail = error.detail,
                "the chosen rules cannot be used"
            );
            match is_lasting(&error) {
                true => self.get(&self.built_in.version),
                false => Err(error),
            }
        });
        match pack {
            Ok(pack) => {
                self.put_in_force(chosen, &pack);
                pack
            }
            Err(_) => self.held().1,
        }
    }

    fn held(&self) -> (String, Arc<RulePack>) {
        let held = self.in_force.read().unwrap_or_else(PoisonError::into_inner);
        (held.chosen.clone(), Arc::clone(&held.pack))
    }

    fn put_in_force(&self, chosen: String, pack: &Arc<RulePack>) {
        let pack = Arc::clone(pack);
        *self
            .in_force
            .write()
            .unwrap_or_else(PoisonError::into_inner) = InForce { chosen, pack };
    }

    /// The pack with this version, compiled once.
    ///
    /// Errors: no such version, a damaged one, one that this program cannot use.
    pub fn get(&self, version: &str) -> Result<Arc<RulePack>, UserError> {
        self.compiled.get_or_make(&version.to_owned(), || {
            compile(&self.store, &self.built_in.version, version)
        })
    }

    /// The version that came with this program.
    pub fn built_in(&self) -> Result<Arc<RulePack>, UserError> {
        self.get(&self.built_in.version)
    }

    /// What the compiled versions take, and how often one was at hand.
    pub fn stats(&self) -> Stats {
        self.compiled.stats()
    }

    /// The pack that is meant: the one in force when none is named.
    pub fn meant(&self, pack: &PackRef) -> Result<Arc<RulePack>, UserError> {
        match &pack.version {
            Some(version) => self.get(version),
            None => Ok(self.in_force()),
        }
    }

    /// A notice when the program has newer rules than those in force, wherever these came from.
    fn outdated(&self) -> Option<Notice> {
        let pack = self.held().1;
        let own = &self.built_in;
        own.is_newer_than(pack.facts()).then(|| Notice {
            message: UserError::new(
                ErrorCode::PackOutdated,
                format!("{}; {}", pack.version(), own.version),
            ),
        })
    }

    /// The file of a version.
    fn file(&self, version: &str) -> Result<File, UserError> {
        if version == self.built_in.version {
            let body = RulePack::built_in_body().map_err(broken)?;
            return File::new(&body).map_err(broken);
        }
        let stored = self
            .store
            .pack(version)?
            .ok_or_else(|| UserError::new(ErrorCode::PackUnknown, version))?;
        whole(&stored)
    }

    fn view(&self, stored: StoredPack) -> PackView {
        let file = whole(&stored);
        let facts = file.as_ref().ok().and_then(|file| file.facts().ok());
        let rules = file.as_ref().ok().and_then(|file| file.rule_count().ok());
        PackView {
            damaged: facts.is_none() || rules.is_none(),
            active: self.held().1.version() == stored.version,
            version: stored.version,
            date: stored.date,
            rules: rules
                .and_then(|rules| u32::try_from(rules).ok())
                .unwrap_or_default(),
            changelog: facts.map(|facts| facts.changelog).unwrap_or_default(),
            origin: match stored.origin {
                PackOrigin::BuiltIn => "built_in",
                PackOrigin::Imported => "imported",
            }
            .to_owned(),
            signer: match stored.signer.as_str() {
                "" => "Begrip".to_owned(),
                _ => stored.signer,
            },
            imported_at: stored.imported_at,
        }
    }

    fn view_of(&self, version: &str) -> Result<PackView, UserError> {
        let stored = self.store.pack(version)?;
        stored
            .map(|stored| self.view(stored))
            .ok_or_else(|| UserError::new(ErrorCode::PackUnknown, version))
    }
}

/// Reads and compiles a version: the program's own from the program, another from the store.
fn compile(store: &Store, built_in: &str, version: &str) -> Result<Arc<RulePack>, UserError> {
    if version == built_in {
        return RulePack::built_in().map_err(broken);
    }
    let stored = store
        .pack(version)?
        .ok_or_else(|| UserError::new(ErrorCode::PackUnknown, version))?;
    let body = whole(&stored)?.body().map_err(refused)?;
    let pack = RulePack::compile(body).map_err(|error| refused(error.into()))?;
    Ok(Arc::new(pack))
}

/// The file of a stored pack, if it still says what was kept.
fn whole(stored: &StoredPack) -> Result<File, UserError> {
    File::parse(&stored.body)
        .ok()
        .filter(|file| *file.digest() == stored.digest)
        .ok_or_else(|| UserError::new(ErrorCode::PackUnusable, &stored.version))
}

/// Whether a version that cannot be used now cannot be used later either; what only hinders for a
/// moment, such as a store that is busy, is another matter.
fn is_lasting(error: &UserError) -> bool {
    [
        ErrorCode::PackUnusable,
        ErrorCode::PackUnreadable,
        ErrorCode::PackUnknown,
        ErrorCode::PackNewer,
        ErrorCode::PackRules,
    ]
    .into_iter()
    .any(|code| error.is(code))
}

fn unusable(version: &str, error: &UserError) -> UserError {
    let why = match error.is(ErrorCode::PackUnusable) {
        true => version.to_owned(),
        false => format!("{version}: {} {}", error.message.nl, error.detail),
    };
    UserError::new(ErrorCode::PackDamaged, why)
}

/// What a file that is not accepted is told as.
pub fn refused(error: PackFileError) -> UserError {
    let code = match &error {
        PackFileError::File(FileError::TooLarge) => ErrorCode::PackTooLarge,
        PackFileError::File(FileError::Unreadable(_)) => ErrorCode::PackUnreadable,
        PackFileError::File(FileError::Newer(_)) => ErrorCode::PackNewer,
        PackFileError::File(FileError::Unsigned) => ErrorCode::PackUnsigned,
        PackFileError::File(FileError::UnknownKey(_)) => ErrorCode::PackUnknownKey,
        PackFileError::File(FileError::Changed) => ErrorCode::PackChanged,
        PackFileError::Rules(_) => ErrorCode::PackRules,
    };
    // What a parser says may quote the file.
    let detail: String = error.to_string().chars().take(400).collect();
    UserError::new(code, detail)
}

/// The keys that this workplace trusts: those of the maintainers, and each `NAME.pub` in the folder
/// `trusted-keys` of the home. A file that is no key is passed over; one with the name of a maintainer
/// goes by its fingerprint.
pub(crate) fn trusted(home: &Path) -> Vec<TrustedKey> {
    let mut keys = maintainers();
    let files = fs::read_dir(home.join(TRUSTED)).into_iter().flatten();
    for path in files.flatten().map(|entry| entry.path()) {
        let (Some(name), true) = (
            path.file_stem(),
            path.extension().is_some_and(|extension| extension == "pub"),
        ) else {
            continue;
        };
        let mut name = name.to_string_lossy().into_owned();
        match fs::read_to_string(&path).map(|line| PublicKey::parse(&line)) {
            Ok(Ok(key)) => {
                if is_a_maintainers(&name) {
                    name = key.fingerprint();
                }
                keys.push(TrustedKey { name, key });
            }
            Ok(Err(error)) => tracing::warn!(name, %error, "a trusted key cannot be read"),
            Err(error) => tracing::warn!(name, %error, "a trusted key cannot be read"),
        }
    }
    keys
}

/// Whether a name could be taken for that of a maintainer.
fn is_a_maintainers(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    maintainers()
        .iter()
        .any(|known| known.name.to_lowercase() == name)
}

/// Keeps a key under its name in this folder, and answers the name. A name that another key has, or a
/// maintainer, gets the fingerprint behind it: no key is lost, and none is taken for another.
fn keep_key(folder: &Path, name: String, key: &PublicKey) -> std::io::Result<String> {
    fs::create_dir_all(folder)?;
    let own = format!("{name}-{}", key.fingerprint());
    let names = match is_a_maintainers(&name) {
        true => vec![own],
        false => vec![name, own],
    };
    for name in names {
        let path = folder.join(format!("{name}.pub"));
        match fs::File::create_new(&path) {
            Ok(mut file) => {
                file.write_all(format!("{}\n", key.to_line()).as_bytes())?;
                return Ok(name);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let there = fs::read_to_string(&path)?;
                if PublicKey::parse(&there).is_ok_and(|there| there == *key) {
                    return Ok(name);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

impl App {
    /// Every version of the rules on this computer, the latest made first.
    pub async fn packs_list(&self, (): ()) -> Result<Vec<PackView>, UserError> {
        self.blocking(|core| {
            // So that the list shows as active what other programs chose.
            let _ = core.pack();
            let stored = core.store.packs()?;
            let mut views: Vec<PackView> = stored
                .into_iter()
                .map(|pack| core.packs.view(pack))
                .collect();
            let followed = core.followed_version()?;
            for view in &mut views {
                if followed.as_ref() == Some(&view.version) {
                    "published".clone_into(&mut view.origin);
                }
            }
            Ok(views)
        })
        .await
    }

    /// Puts a version in force; the one before stays at hand.
    ///
    /// Errors: no such version, a damaged one, one that this program cannot use. Then nothing changes.
    pub async fn pack_activate(&self, request: PackRef) -> Result<PackView, UserError> {
        self.blocking(move |core| {
            let pack = core.packs.meant(&request)?;
            core.activate(&pack)?;
            core.packs.view_of(pack.version())
        })
        .await
    }

    /// Keeps a signed version from a file; it is not in force yet.
    ///
    /// Errors: too large, no pack, a newer form, not signed, signed with a key that is not trusted,
    /// changed after it was signed, a rule that is wrong, a version that says something else already.
    pub async fn pack_import(&self, request: PackImport) -> Result<PackView, UserError> {
        self.blocking(move |core| core.import(&request.content))
            .await
    }

    /// Trusts packs that were signed with this key from now on; its name and fingerprint.
    ///
    /// `name` becomes the name of a file: other characters than letters, digits and `-` are left out. The
    /// fingerprint comes behind it when another key or a maintainer has this name.
    /// Error: `line` is no public key.
    pub async fn trust_key(&self, name: &str, line: &str) -> Result<(String, String), UserError> {
        let key = PublicKey::parse(line)
            .map_err(|error| UserError::new(ErrorCode::KeyUnreadable, error.to_string()))?;
        let mut name: String = name
            .chars()
            .filter(|c| c.is_alphanumeric() || *c == '-')
            .take(60)
            .collect();
        if name.is_empty() {
            name = key.fingerprint();
        }
        self.blocking(move |core| {
            let folder = core.home.join(TRUSTED);
            let name = keep_key(&folder, name, &key).map_err(|error| {
                UserError::new(
                    ErrorCode::StoreDenied,
                    format!("{}: {error}", folder.display()),
                )
            })?;
            Ok((name, key.fingerprint()))
        })
        .await
    }

    /// A version as a file. One that was imported keeps its signature; one of the program has none.
    pub async fn pack_export(&self, request: PackRef) -> Result<PackFile, UserError> {
        self.blocking(move |core| {
            let version = match request.version {
                Some(version) => version,
                None => core.pack().version().to_owned(),
            };
            let content = core.packs.file(&version)?.to_text().map_err(refused)?;
            let name = format!("begrip-regels-{version}.json");
            Ok(PackFile { name, content })
        })
        .await
    }
}

impl Core {
    /// Puts a version in force, here and for every program on this home.
    pub(crate) fn activate(&self, pack: &Arc<RulePack>) -> Result<(), UserError> {
        self.store.activate_pack(pack.version())?;
        self.packs.put_in_force(pack.version().to_owned(), pack);
        Ok(())
    }

    /// Keeps a signed version; it is not in force yet. Errors: as for [`App::pack_import`].
    pub(crate) fn import(&self, content: &str) -> Result<PackView, UserError> {
        let file = File::parse(content).map_err(refused)?;
        let keys = trusted(&self.home);
        let signer = file.signer(&keys).map_err(refused)?;
        let facts = file.facts().map_err(refused)?;
        match self.store.pack(&facts.version)? {
            // Kept for good: what was damaged since is not mended by importing it again.
            Some(there) if there.digest == *file.digest() => {
                whole(&there)?;
            }
            Some(_) => return Err(UserError::new(ErrorCode::PackOther, facts.version)),
            None => {
                // Proves that the rules can be used before anything is kept.
                let body = file.body().map_err(refused)?;
                let pack = RulePack::compile(body).map_err(|error| refused(error.into()))?;
                self.store.keep_pack(&StoredPack {
                    version: facts.version.clone(),
                    digest: *file.digest(),
                    date: facts.date.to_string(),
                    body: file.to_text().map_err(refused)?,
                    signer: format!("{} ({})", signer.name, signer.key.fingerprint()),
                    origin: PackOrigin::Imported,
                    imported_at: Some(self.clock.now()),
                })?;
                self.packs
                    .compiled
                    .put(facts.version.clone(), Arc::new(pack));
            }
        }
        self.packs.view_of(&facts.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compiled_versions_keep_the_promises_of_a_cache() {
        let pack = RulePack::built_in().unwrap();
        let rules: Vec<_> = pack
            .rules()
            .iter()
            .map(|rule| rule.file().clone())
            .collect();
        let entry = |number: u32| {
            let version = number.to_string();
            // Rules enough for the room to be full after some hundred.
            let few = rules[..10].to_vec();
            let pack = RulePack::from_rules(&version, few).unwrap();
            (version, Arc::new(pack))
        };
        begrip_cache::contract::holds(&compiled(), entry, |pack| pack.version().to_owned());
    }
}
