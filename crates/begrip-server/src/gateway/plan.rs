//! The file that says which models there are, where, and what they cost.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use begrip_llm::{Endpoint, Secret, Timeouts, Usage};
use serde::Deserialize;

/// The file as it stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Seconds until the first byte of a reply, between two pieces, and for a whole answer.
    #[serde(default = "usual_first_byte")]
    first_byte_s: u32,
    #[serde(default = "usual_idle")]
    idle_s: u32,
    #[serde(default = "usual_total")]
    total_s: u32,
    /// Megabytes of answers in the memory of a node, and in the table.
    #[serde(default = "usual_memory")]
    memory_mb: u32,
    #[serde(default = "usual_table")]
    table_mb: u32,
    /// Days that an answer counts as fresh.
    #[serde(default = "usual_days")]
    days: u32,
    /// Days that each call stands in the ledger; sums by day stay.
    #[serde(default = "usual_ledger_days")]
    ledger_days: u32,
    /// Who stands in for any other that does not answer.
    pub fallback: Option<Fallback>,
    #[serde(default)]
    pub upstream: Vec<Upstream>,
    #[serde(default)]
    price: Vec<Price>,
}

fn usual_first_byte() -> u32 {
    60
}
fn usual_idle() -> u32 {
    30
}
fn usual_total() -> u32 {
    180
}
fn usual_memory() -> u32 {
    64
}
fn usual_table() -> u32 {
    1_024
}
fn usual_days() -> u32 {
    30
}
fn usual_ledger_days() -> u32 {
    400
}

/// A model server.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// What it is called in the ledger and in reports.
    pub name: String,
    url: String,
    /// The variable of the environment, or the file, that holds the key.
    key_env: Option<String>,
    key_file: Option<PathBuf>,
    /// Whether the key may go over http to another machine.
    #[serde(default)]
    allow_http: bool,
    /// The models that answer questions here.
    #[serde(default)]
    pub models: Vec<String>,
    /// The models that make vectors here.
    #[serde(default)]
    pub embeddings: Vec<String>,
}

/// Who stands in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fallback {
    pub upstream: String,
    /// The model that is asked there; that of the question when there is none.
    pub model: Option<String>,
}

/// What a model costs, in euro for a million tokens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    model: String,
    #[serde(rename = "in")]
    prompt: f64,
    out: f64,
    /// Tokens that the model server had in its own cache.
    cached: Option<f64>,
}

/// What each model costs.
#[derive(Clone, Default)]
pub struct Prices(BTreeMap<String, [f64; 3]>);

impl Prices {
    /// What these tokens cost, in millionths of a euro, rounded up.
    pub fn of(&self, model: &str, usage: Usage) -> i64 {
        let Some([prompt, out, cached]) = self.0.get(model) else {
            return 0;
        };
        let old = usage.tokens_cached.min(usage.tokens_in);
        // A euro for a million tokens is a millionth of a euro for each.
        let micros = f64::from(usage.tokens_in - old) * prompt
            + f64::from(old) * cached
            + f64::from(usage.tokens_out) * out;
        micros.ceil() as i64
    }
}

impl Plan {
    /// Reads the file. Errors: it cannot be read, or says what cannot be, by name.
    pub fn read(path: &Path) -> Result<Self> {
        let named = || format!("gateway: {}", path.display());
        let text = std::fs::read_to_string(path).with_context(named)?;
        // Only what and where: a line of the file may hold a key that has no place there.
        let plan: Self = toml::from_str(&text)
            .map_err(|error| anyhow::anyhow!("{}", error.message()))
            .with_context(named)?;
        plan.check().with_context(named)?;
        Ok(plan)
    }

    fn check(&self) -> Result<()> {
        for (name, value, most) in [
            ("first_byte_s", self.first_byte_s, 600),
            ("idle_s", self.idle_s, 600),
            ("total_s", self.total_s, 3_600),
            ("memory_mb", self.memory_mb, 65_536),
            ("table_mb", self.table_mb, 1_048_576),
            ("days", self.days, 3_650),
            ("ledger_days", self.ledger_days, 36_500),
        ] {
            if !(1..=most).contains(&value) {
                bail!("{name}: {value} past niet; kies 1 tot en met {most}");
            }
        }
        if self.upstream.is_empty() {
            bail!("upstream: er staat geen enkel model in");
        }
        let mut models = Vec::new();
        for (at, upstream) in self.upstream.iter().enumerate() {
            let name = &upstream.name;
            if name.is_empty() || self.upstream[..at].iter().any(|other| other.name == *name) {
                bail!("upstream: de naam ‘{name}’ is leeg of staat er twee keer");
            }
            if upstream.models.is_empty() && upstream.embeddings.is_empty() {
                bail!("upstream {name}: models en embeddings zijn allebei leeg");
            }
            if upstream.key_env.is_some() && upstream.key_file.is_some() {
                bail!("upstream {name}: kies key_env of key_file");
            }
            models.extend(upstream.models.iter().chain(&upstream.embeddings));
        }
        models.sort_unstable();
        if let Some(twice) = models.windows(2).find(|pair| pair[0] == pair[1]) {
            bail!("upstream: het model ‘{}’ staat er twee keer", twice[0]);
        }
        if let Some(fallback) = &self.fallback
            && !self.upstream.iter().any(|u| u.name == fallback.upstream)
        {
            bail!("fallback: er is geen upstream ‘{}’", fallback.upstream);
        }
        for price in &self.price {
            let all = [price.prompt, price.out, price.cached.unwrap_or_default()];
            if all.iter().any(|euro| !(0.0..=10_000.0).contains(euro)) {
                bail!("price {}: kies 0 tot en met 10000 euro", price.model);
            }
        }
        Ok(())
    }

    /// What each model costs.
    pub fn prices(&self) -> Prices {
        let each = self.price.iter().map(|price| {
            let cached = price.cached.unwrap_or(price.prompt);
            (price.model.clone(), [price.prompt, price.out, cached])
        });
        Prices(each.collect())
    }

    /// The longest that a question may take.
    pub fn total(&self) -> Duration {
        Duration::from_secs(self.total_s.into())
    }

    /// How long an answer counts as fresh.
    pub fn fresh(&self) -> Duration {
        Duration::from_secs(24 * 60 * 60 * u64::from(self.days))
    }

    /// Days that each call is kept.
    pub fn ledger_days(&self) -> i32 {
        i32::try_from(self.ledger_days).unwrap_or(i32::MAX)
    }

    /// Bytes of memory for the answers of each upstream.
    pub fn memory_bytes(&self) -> u64 {
        (u64::from(self.memory_mb) << 20) / self.upstream.len().max(1) as u64
    }

    /// Bytes of answers in the table.
    pub fn table_bytes(&self) -> i64 {
        i64::from(self.table_mb) << 20
    }

    /// Where an upstream is, with its key, asked for `model` unless a question names another.
    pub fn endpoint(&self, upstream: &Upstream, model: &str) -> Result<Endpoint> {
        let name = &upstream.name;
        let mut endpoint = Endpoint::new(&upstream.url, model);
        let key = match (&upstream.key_env, &upstream.key_file) {
            (Some(variable), _) => std::env::var(variable).with_context(|| {
                format!("upstream {name}: {variable} (key_env) staat niet in de omgeving")
            })?,
            (None, Some(path)) => std::fs::read_to_string(path)
                .with_context(|| format!("upstream {name}: key_file {}", path.display()))?,
            (None, None) => String::new(),
        };
        endpoint = endpoint.with_key(Secret::new(key));
        if !upstream.allow_http && endpoint.key_travels_in_clear() {
            bail!(
                "upstream {name}: een sleutel gaat niet onversleuteld over het netwerk; gebruik https, of zet \
                 allow_http = true als dit netwerk alleen van uzelf is"
            );
        }
        endpoint.timeouts = Timeouts {
            first_byte: Duration::from_secs(self.first_byte_s.into()),
            idle: Duration::from_secs(self.idle_s.into()),
            total: self.total(),
            ..Timeouts::default()
        };
        endpoint
            .chat_url()
            .with_context(|| format!("upstream {name}: url is geen webadres"))?;
        Ok(endpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "
        [[upstream]]
        name = 'een'
        url = 'http://127.0.0.1:1'
        models = ['groot']
        [[price]]
        model = 'groot'
        in = 2.5
        out = 10
        cached = 1";

    fn plan(text: &str) -> Result<Plan> {
        let plan: Plan = toml::from_str(text)?;
        plan.check()?;
        Ok(plan)
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for (text, name) in [
            ("days = 0", "days"),
            ("total_s = 9999", "total_s"),
            ("", "upstream"),
            ("[[upstream]]\nname = 'een'\nurl = 'x'", "models"),
            ("key = 'geheim'", "key"),
        ] {
            let told = format!("{:#}", plan(text).err().unwrap());
            assert!(told.contains(name), "{text}: {told}");
        }
        for (more, name) in [
            ("[fallback]\nupstream = 'twee'", "twee"),
            ("[[price]]\nmodel = 'x'\nin = -1\nout = 1", "price x"),
            (
                "[[upstream]]\nname = 'een'\nurl = 'x'\nmodels = ['b']",
                "twee keer",
            ),
            (
                "[[upstream]]\nname = 'twee'\nurl = 'x'\nmodels = ['groot']",
                "twee keer",
            ),
        ] {
            let told = format!("{:#}", plan(&format!("{GOOD}\n{more}")).err().unwrap());
            assert!(told.contains(name), "{more}: {told}");
        }
    }

    #[test]
    fn a_key_goes_over_plain_http_only_where_the_operator_says_so() {
        let key = std::env::temp_dir().join(format!("begrip-key-{}", std::process::id()));
        std::fs::write(&key, "geheim").unwrap();
        let made = |url: &str, more: &str| {
            let file = key.display();
            let text = format!(
                "[[upstream]]\nname = 'een'\nurl = '{url}'\nmodels = ['b']\nkey_file = '{file}'\n{more}"
            );
            let plan = plan(&text).unwrap();
            plan.endpoint(&plan.upstream[0], "b").map(drop)
        };
        let refused = format!("{:#}", made("http://model.example/v1", "").unwrap_err());
        assert!(
            refused.contains("allow_http") && !refused.contains("geheim"),
            "{refused}"
        );
        made("http://model.example/v1", "allow_http = true").unwrap();
        made("https://model.example/v1", "").unwrap();
        made("http://127.0.0.1:11434", "").unwrap();
        made("http://[::1]:11434", "").unwrap();
        std::fs::remove_file(&key).unwrap();
    }

    #[test]
    fn tokens_cost_what_the_list_says_and_those_of_the_cache_less() {
        let prices = plan(GOOD).unwrap().prices();
        let usage = Usage {
            tokens_in: 1_000,
            tokens_out: 100,
            tokens_cached: 400,
            counted_here: false,
        };
        // 600 × 2.50 + 400 × 1.00 + 100 × 10.00
        assert_eq!(prices.of("groot", usage), 2_900);
        assert_eq!(prices.of("onbekend", usage), 0);
    }
}
