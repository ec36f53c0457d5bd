//! Measures the store against the plain way, in one run: `store_bench [CONCEPTS]` prints one JSON.
//!
//! Look-up of what a person types letter by letter against a `LIKE` scan of the same file, and
//! durable puts of the cache against one `fdatasync` for each answer on the same disk.
#![allow(clippy::print_stdout, reason = "the result goes to standard output")]

use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use begrip_domain::{
    Concept, ConceptFields, ConceptId, Context, Label, Origin, Provenance, Status,
};
use begrip_store::{CacheEntry, Change, Store};
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::Uuid;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const QUALIFIERS: [&str; 20] = [
    "voorlopige",
    "bijzondere",
    "voorwaardelijke",
    "bestuurlijke",
    "gerechtelijke",
    "spoedeisende",
    "tijdelijke",
    "definitieve",
    "schriftelijke",
    "mondelinge",
    "openbare",
    "besloten",
    "internationale",
    "landelijke",
    "regionale",
    "ambtelijke",
    "civiele",
    "fiscale",
    "digitale",
    "vrijwillige",
];
const FIRST: [&str; 20] = [
    "jeugd",
    "vreemdelingen",
    "verkeers",
    "milieu",
    "belasting",
    "handels",
    "zorg",
    "onderwijs",
    "woning",
    "arbeids",
    "huur",
    "familie",
    "vermogens",
    "executie",
    "beslag",
    "proces",
    "bewijs",
    "getuigen",
    "slachtoffer",
    "gevangenis",
];
const HEADS: [&str; 20] = [
    "maatregel",
    "procedure",
    "beslissing",
    "bevoegdheid",
    "termijn",
    "verzoek",
    "vordering",
    "onderzoek",
    "zitting",
    "dossier",
    "akte",
    "bevel",
    "machtiging",
    "verklaring",
    "overeenkomst",
    "regeling",
    "register",
    "commissie",
    "kamer",
    "rapport",
];
const VERBS: [&str; 8] = [
    "opgelegd door",
    "uitgesproken door",
    "bijgehouden door",
    "verleend aan",
    "gericht tot",
    "gedaan bij",
    "vastgesteld door",
    "ingediend bij",
];
const BODIES: [&str; 8] = [
    "de rechtbank",
    "de officier van justitie",
    "het gerechtshof",
    "de raad voor de rechtspraak",
    "het openbaar ministerie",
    "de directeur van een inrichting",
    "een bestuursorgaan",
    "de reclassering",
];

/// What is typed: letter by letter, whole words, several words, inflected, and what is not there.
const TYPED: [&str; 12] = [
    "v",
    "vo",
    "voorl",
    "voorlopige ju",
    "maatregelen",
    "belastingdossier",
    "rechtbank",
    "officier justitie",
    "beslag",
    "de",
    "xyzzy",
    "gevangenisregister 12",
];

/// Times that each typed text is looked up.
const ROUNDS: usize = 25;

fn pick<'w>(words: &[&'w str], number: u32, every: u32) -> &'w str {
    let index = (number / every) as usize % words.len().max(1);
    words.get(index).copied().unwrap_or_default()
}

fn made_up(number: u32) -> Outcome<Concept> {
    let (qualifier, first) = (pick(&QUALIFIERS, number, 1), pick(&FIRST, number, 20));
    let head = pick(&HEADS, number, 400);
    let term = match number / 8_000 {
        0 => format!("{qualifier} {first}{head}"),
        series => format!("{qualifier} {first}{head} {series}"),
    };
    let (verb, body) = (pick(&VERBS, number, 3), pick(&BODIES, number, 7));
    let other = pick(&HEADS, number, 11);
    let at = Timestamp::from_second(1_780_000_000 + i64::from(number))?;
    let mut fields = ConceptFields::of_term(Label::new(&term)?);
    fields.definition = format!(
        "{head} {verb} {body} in het kader van een {qualifier} {other} met nummer {number}"
    );
    fields.explanation = format!("Komt voor bij de {other} en wordt {verb} {body}.");
    if number.is_multiple_of(5) {
        fields.synonyms = vec![Label::new(&format!("{first}{other} {number}"))?];
    }
    Ok(Concept {
        id: ConceptId(Uuid::from_u128(u128::from(number) + 1)),
        fields,
        status: Status::InPreparation,
        version: 1,
        provenance: Provenance {
            origin: Origin::StarterSet,
            author: "Begrip".to_owned(),
            model: None,
        },
        created_at: at,
        modified_at: at,
    })
}

/// Median, 95th percentile and worst, in microseconds.
fn figures(mut micros: Vec<f64>) -> Value {
    micros.sort_by(f64::total_cmp);
    let at = |part: usize| {
        let index = (micros.len() * part / 100).min(micros.len().saturating_sub(1));
        micros.get(index).map(|value| (value * 10.0).round() / 10.0)
    };
    json!({ "n": micros.len(), "p50_us": at(50), "p95_us": at(95), "max_us": at(100) })
}

fn timed<T>(times: &mut Vec<f64>, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let began = Instant::now();
    let outcome = work()?;
    times.push(began.elapsed().as_secs_f64() * 1e6);
    Ok(outcome)
}

fn look_up(store: &Store) -> Outcome<Value> {
    let own = Context::default();
    let mut all = Vec::new();
    let mut by_text = serde_json::Map::new();
    for text in TYPED {
        let mut times = Vec::new();
        let mut hits = 0;
        for _ in 0..ROUNDS {
            hits = timed(&mut times, || {
                Ok(store
                    .search(text, &own, jiff::civil::date(2026, 1, 1), 20)?
                    .len())
            })?;
        }
        all.extend(&times);
        let mut one = figures(times);
        one["hits"] = json!(hits);
        by_text.insert(text.to_owned(), one);
    }
    Ok(json!({ "all": figures(all), "by_text": by_text }))
}

fn like_scan(home: &Path) -> Outcome<Value> {
    let key = fs::read_to_string(home.join("begrip.key"))?;
    let connection = Connection::open(home.join("begrip.db"))?;
    connection.pragma_update(None, "key", format!("x'{}'", key.trim()))?;
    // As the store's own readers have them.
    connection.execute_batch(
        "PRAGMA cipher_memory_security = OFF; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -16000; PRAGMA query_only = ON;",
    )?;
    // Sorted, because a list without an order is no answer to who types.
    let mut query = connection.prepare(
        "SELECT term, definition FROM concept WHERE term LIKE ?1 OR definition LIKE ?1 \
         ORDER BY status_rank, term LIMIT 20",
    )?;
    let mut times = Vec::new();
    for _ in 0..2 {
        for text in TYPED {
            timed(&mut times, || {
                let rows = query.query_map([format!("%{text}%")], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
                })?;
                Ok(rows.collect::<Result<Vec<_>, _>>()?.len())
            })?;
        }
    }
    Ok(figures(times))
}

/// An answer as large as a drafted definition is.
fn answer(number: u32) -> CacheEntry {
    let mut key = [0; 32];
    key.iter_mut()
        .zip(
            number
                .wrapping_mul(2_654_435_761)
                .to_be_bytes()
                .iter()
                .cycle(),
        )
        .for_each(|(to, from)| *to = *from);
    CacheEntry {
        key,
        body: number.to_be_bytes().repeat(150),
        term: format!("term {number}"),
        organisation: String::new(),
        model: "model".to_owned(),
        prompt_version: "1".to_owned(),
        pack_version: "1".to_owned(),
        created_at: Timestamp::UNIX_EPOCH,
    }
}

const PUTS: u32 = 400;
const WRITERS: u32 = 64;

/// Seconds that it takes to run `put` for `each` answers in each of `writers` threads.
fn seconds(writers: u32, each: u32, put: impl Fn(u32) -> Outcome<()> + Sync) -> Outcome<f64> {
    let began = Instant::now();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..writers)
            .map(|writer| {
                let put = &put;
                scope.spawn(move || (0..each).try_for_each(|one| put(writer * each + one)))
            })
            .collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().map_err(|_| "a writer stopped")?)
    })?;
    Ok(began.elapsed().as_secs_f64())
}

fn cache(store: &Arc<Store>, home: &Path) -> Outcome<Value> {
    let plain = Mutex::new(File::create(home.join("plain.bin"))?);
    let synced = |number: u32| -> Outcome<()> {
        let mut file = plain.lock().map_err(|_| "a writer stopped")?;
        file.write_all(&answer(number).body)?;
        Ok(file.sync_data()?)
    };
    let put = |offset: u32| move |number: u32| Ok(store.cache().put(answer(offset + number))?);
    let rate = |seconds: f64| (f64::from(PUTS) / seconds).round();
    let alone_plain = rate(seconds(1, PUTS, synced)?);
    let alone = rate(seconds(1, PUTS, put(0))?);
    let each = PUTS / WRITERS + 1;
    let shared = f64::from(each * WRITERS);
    let together_plain = (shared / seconds(WRITERS, each, synced)?).round();
    let together = (shared / seconds(WRITERS, each, put(10_000))?).round();
    // Ten thousand answers to find one in.
    seconds(WRITERS, 10_000 / WRITERS, put(20_000))?;
    let mut times = Vec::new();
    for number in 0..5_000 {
        let key = answer(20_000 + number * 7 % 9_000).key;
        timed(&mut times, || {
            Ok(store.cache().get(&key)?.ok_or("a miss")?)
        })?;
    }
    Ok(json!({
        "get": figures(times),
        "get_bytes_on_disk": fs::metadata(home.join("cache.db"))?.len(),
        "put_alone_per_s": alone,
        "fdatasync_alone_per_s": alone_plain,
        "put_alone_per_fdatasync": (alone / alone_plain * 100.0).round() / 100.0,
        "put_64_writers_per_s": together,
        "fdatasync_64_writers_per_s": together_plain,
        "put_64_writers_per_fdatasync": (together / together_plain * 100.0).round() / 100.0,
    }))
}

fn main() -> Outcome<()> {
    let concepts: u32 = match std::env::args().nth(1) {
        Some(number) => number.parse()?,
        None => 100_000,
    };
    let home = tempfile::tempdir()?;
    let now = Timestamp::now();
    let (store, _) = Store::open(home.path(), false, now)?;
    let store = Arc::new(store);
    let all = (0..concepts).map(made_up).collect::<Outcome<Vec<_>>>()?;
    let began = Instant::now();
    let change = Change {
        author: "Begrip",
        at: now,
        reason: "",
    };
    store.install_starter("bench", &all, &change)?;
    let filled = began.elapsed().as_secs_f64();
    drop(all);
    let result = json!({
        "concepts": concepts,
        "fill_s": (filled * 10.0).round() / 10.0,
        "file_bytes": fs::metadata(home.path().join("begrip.db"))?.len(),
        "look_up": look_up(&store)?,
        "like_scan": like_scan(home.path())?,
        "cache": cache(&store, home.path())?,
    });
    println!("{result:#}");
    Ok(())
}
