//! A workplace for one test: a home folder of its own and, when asked for, a model of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use begrip_mock_model::{MockConfig, MockModel};
use tempfile::TempDir;

/// A fresh home folder; gone when dropped.
pub struct Workplace {
    folder: TempDir,
    /// The model, when there is one.
    pub model: Option<MockModel>,
    model_url: Option<String>,
    key: Option<String>,
    server: Option<(String, String)>,
    keyring: Option<String>,
}

impl Workplace {
    /// Without a model.
    pub fn offline() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            folder,
            model: None,
            model_url: None,
            key: None,
            server: None,
            keyring: None,
        }
    }

    /// With a mock model of its own.
    pub async fn with_model(config: MockConfig) -> Self {
        let model = MockModel::start(config).await.expect("the mock model");
        let model_url = Some(format!("{}/v1", model.url()));
        Self {
            model: Some(model),
            model_url,
            ..Self::offline()
        }
    }

    /// With a model that nobody answers for.
    pub fn with_model_down() -> Self {
        // A port that was free a moment ago; nothing listens there.
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = port.local_addr().expect("a port");
        drop(port);
        Self {
            model_url: Some(format!("http://{address}/v1")),
            ..Self::offline()
        }
    }

    /// With this key for the model.
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// With the central server at this address, and a token for it.
    pub fn shares(mut self, url: &str, token: &str) -> Self {
        self.server = Some((url.to_owned(), token.to_owned()));
        self
    }

    /// With the keyring on this session bus; without one the program keeps away from any.
    pub fn keyring(mut self, address: &str) -> Self {
        self.keyring = Some(address.to_owned());
        self
    }

    /// With a folder for downloads.
    pub fn at_a_desk(self) -> Self {
        let config = self.folder.path().join("config");
        fs::create_dir_all(&config).expect("a folder");
        fs::create_dir_all(self.downloads()).expect("a folder");
        let line = format!("XDG_DOWNLOAD_DIR=\"{}\"\n", self.downloads().display());
        fs::write(config.join("user-dirs.dirs"), line).expect("a file");
        self
    }

    /// The folder for downloads.
    pub fn downloads(&self) -> PathBuf {
        self.folder.path().join("downloads")
    }

    /// The home folder.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// What the program is started with.
    pub fn environment(&self) -> Vec<(String, String)> {
        let home = self.home().to_string_lossy().into_owned();
        let own = self.folder.path().to_string_lossy().into_owned();
        let mut pairs = vec![
            ("BEGRIP_HOME".to_owned(), home),
            // What the web view keeps for itself stays out of the user's folders.
            ("XDG_DATA_HOME".to_owned(), format!("{own}/data")),
            ("XDG_CACHE_HOME".to_owned(), format!("{own}/cache")),
            ("XDG_CONFIG_HOME".to_owned(), format!("{own}/config")),
            ("NO_AT_BRIDGE".to_owned(), "1".to_owned()),
            // Goes where it is sent, and shows nothing.
            (
                "BROWSER".to_owned(),
                "curl --silent --location --noproxy * --output /dev/null".to_owned(),
            ),
            (
                "BEGRIP_LLM_URL".to_owned(),
                self.model_url.clone().unwrap_or_default(),
            ),
            (
                "BEGRIP_LLM_KEY".to_owned(),
                self.key.clone().unwrap_or_default(),
            ),
        ];
        let model = if self.model_url.is_some() {
            "begrip-demo-1"
        } else {
            ""
        };
        pairs.push(("BEGRIP_LLM_MODEL".to_owned(), model.to_owned()));
        let (name, value) = match &self.keyring {
            Some(address) => ("DBUS_SESSION_BUS_ADDRESS", address.as_str()),
            None => ("BEGRIP_KEYRING", "off"),
        };
        pairs.push((name.to_owned(), value.to_owned()));
        if let Some((url, token)) = &self.server {
            pairs.push(("BEGRIP_SERVER_URL".to_owned(), url.clone()));
            pairs.push(("BEGRIP_SERVER_TOKEN".to_owned(), token.clone()));
        }
        pairs
    }

    /// The mock model.
    pub fn model(&self) -> &MockModel {
        self.model.as_ref().expect("a workplace with a model")
    }

    /// How often the model was asked about each term, by its own log.
    pub fn asked(&self) -> BTreeMap<String, usize> {
        let mut asked = BTreeMap::new();
        for call in self.model().log() {
            *asked.entry(call.term).or_default() += 1;
        }
        asked
    }

    /// From now on somebody answers for the model of [`Workplace::with_model_down`], at its address.
    pub async fn model_is_back(&mut self) {
        let url = self.model_url.as_deref().expect("an address");
        let port = url.trim_end_matches("/v1").rsplit(':').next();
        let config = MockConfig {
            port: port.and_then(|port| port.parse().ok()).expect("a port"),
            ..MockConfig::default()
        };
        self.model = Some(MockModel::start(config).await.expect("the mock model"));
    }

    /// Everything that the program wrote to its log.
    pub fn log(&self) -> String {
        log_of(&self.home())
    }
}

/// Everything that the program wrote to the log of a home.
pub fn log_of(home: &Path) -> String {
    let mut files: Vec<PathBuf> = fs::read_dir(home.join("log"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .collect()
}

/// Where pictures of the screens go.
pub fn screenshots() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("target")
        .to_owned();
    let folder = target.join("screenshots");
    fs::create_dir_all(&folder).expect("a folder for screenshots");
    folder
}
