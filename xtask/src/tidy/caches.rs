use super::Complaints;
use super::tree::{Tree, program_lines};

/// A map that is shared and grows while the program runs.
const LOCKS: &[&str] = &["Mutex<", "RwLock<", "RefCell<"];
const MAPS: &[&str] = &["HashMap<", "BTreeMap<", "IndexMap<", "DashMap<"];

/// Words in the name of what is a cache, locked or not.
const CALLED: &[&str] = &["cache", "memo"];

/// Maps that forget nothing of themselves, because they remember no result: file, name, and what they hold.
const REGISTRIES: &[(&str, &str, &str)] = &[
    (
        "crates/begrip-app/src/open.rs",
        "memory_keys",
        "secrets of the user, three at most",
    ),
    (
        "crates/begrip-app/src/open.rs",
        "running",
        "drafts under way",
    ),
    (
        "crates/begrip-app/src/jobs/run.rs",
        "runs",
        "jobs under way",
    ),
    (
        "crates/begrip-app/src/together.rs",
        "WhileHeld",
        "what is under way, held weakly",
    ),
    (
        "crates/begrip-app/src/ledger.rs",
        "saved",
        "sums by organisation",
    ),
    (
        "crates/begrip-app/src/beside.rs",
        "labels",
        "neighbours, for one check",
    ),
    (
        "crates/begrip-app/src/beside.rs",
        "alike",
        "neighbours, for one check",
    ),
    (
        "crates/begrip-app/src/beside.rs",
        "naming",
        "neighbours, for one check",
    ),
    (
        "crates/begrip-llm/src/flight.rs",
        "running",
        "calls under way",
    ),
    (
        "crates/begrip-llm/src/counters.rs",
        "organisations",
        "counts by organisation",
    ),
    (
        "crates/begrip-llm/src/counters.rs",
        "refused",
        "counts by reason",
    ),
    (
        "crates/begrip-llm/src/upstream.rs",
        "breakers",
        "a circuit breaker for each model",
    ),
    (
        "crates/begrip-server/src/health.rs",
        "Health",
        "a row for each part of the server",
    ),
    (
        "crates/begrip-server/src/lines.rs",
        "open",
        "counts of lines of events that are open",
    ),
    (
        "crates/begrip-server/src/lines.rs",
        "watched",
        "lines of events that are open",
    ),
    (
        "crates/begrip-server/src/pace.rs",
        "buckets",
        "counts by user and organisation, forgotten when full",
    ),
    (
        "crates/begrip-rules/src/pack.rs",
        "READS",
        "counts by version, for a test",
    ),
];

/// Measuring and pretending remember what they like.
const NOT_SHIPPED: &[&str] = &[
    "crates/begrip-bench/",
    "crates/begrip-mock-model/",
    "crates/begrip-loopback/",
    "crates/begrip-postgres/",
];

/// A shared map that grows is a cache of `begrip-cache`, or a registry with its reason here.
pub fn only_caches(tree: &Tree) -> Complaints {
    let mut wrong = Complaints::new();
    let mut met = vec![false; REGISTRIES.len()];
    for (path, text) in tree.rust("crates/") {
        if !path.contains("/src/") || NOT_SHIPPED.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        for (number, line) in program_lines(text) {
            let Some(name) = remembers(line) else {
                continue;
            };
            let known = REGISTRIES
                .iter()
                .position(|(file, known, _)| *file == path && *known == name);
            match known {
                Some(at) => met[at] = true,
                None => wrong.push(format!(
                    "{path}:{number} `{name}` is a map that grows beside the caches"
                )),
            }
        }
    }
    // A list with what is gone would let in what comes back under that name.
    if tree.files.len() > 1 {
        let gone = REGISTRIES.iter().zip(met).filter(|(_, met)| !met);
        wrong.extend(gone.map(|((file, name, _), _)| format!("{file} has no `{name}` any more")));
    }
    wrong
}

/// The name of the map that a line declares and that is shared, or called a cache.
fn remembers(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
    let line = line.strip_prefix("pub(super) ").unwrap_or(line);
    let map = MAPS.iter().filter_map(|map| line.find(map)).min()?;
    let (head, kind) = line.get(..map)?.split_once([':', '(', '='])?;
    let passes_by = ["let ", "fn ", "for ", "if "]
        .iter()
        .any(|word| head.contains(word));
    let name = head.split('<').next()?.split_whitespace().last()?;
    let is_shared = LOCKS.iter().any(|lock| kind.contains(lock));
    let is_called = CALLED.iter().any(|word| name.to_lowercase().contains(word));
    (!passes_by && (is_shared || is_called)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, text: &str) -> usize {
        let files = vec![(path.to_owned(), text.to_owned())];
        only_caches(&Tree { files }).len()
    }

    #[test]
    fn a_cache_of_ones_own_is_caught_and_a_registry_is_not() {
        const FILE: &str = "crates/begrip-app/src/gather.rs";
        for own in [
            "    found: Mutex<HashMap<String, Vec<Passage>>>,",
            "    pub(crate) found: RwLock<BTreeMap<String, String>>,",
            "    pub found: Arc<Mutex<std::collections::HashMap<String, String>>>,",
            "static FOUND: LazyLock<Mutex<HashMap<u8, u8>>> = LazyLock::new(Mutex::default);",
            "pub(crate) struct Found(RefCell<HashMap<u8, u8>>);",
            "pub(crate) struct Found<K, T>(Mutex<HashMap<K, T>>);",
            "type Found = Mutex<HashMap<u8, u8>>;",
            "    answer_cache: HashMap<String, String>,",
            "    memo: std::collections::BTreeMap<u8, u8>,",
        ] {
            assert_eq!(complaints(FILE, own), 1, "{own}");
        }
        for other in [
            "    let mut seen: HashMap<String, u32> = HashMap::new();",
            "    fn put(found: &mut HashMap<u8, u8>, lock: &Mutex<u8>) {",
            "    by_word: HashMap<String, u8>,",
            "    // found: Mutex<HashMap<u8, u8>>,",
            "    found: Bounded<String, Arc<RulePack>>,",
        ] {
            assert_eq!(complaints(FILE, other), 0, "{other}");
        }
        let running = "    pub running: Mutex<HashMap<u64, u64>>,";
        assert_eq!(complaints("crates/begrip-app/src/open.rs", running), 0);
        assert_eq!(complaints("crates/begrip-app/src/packs.rs", running), 1);
        assert_eq!(
            complaints("crates/begrip-mock-model/src/log.rs", running),
            0
        );
    }

    #[test]
    fn a_registry_that_is_gone_is_caught() {
        let files = vec![(String::new(), String::new()); 2];
        assert_eq!(only_caches(&Tree { files }).len(), REGISTRIES.len());
    }
}
