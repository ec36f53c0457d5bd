//! Where the instructions of the hot path go, before and after: what the old way does for a check, a prompt and a
//! repeated question, and what ours does, counted by Valgrind and told by the part of the program that took them.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use begrip_measure::page::{figures, line};
use serde_json::{Value, json};

use crate::count::dumps;
use crate::flame::{Frame, Side, svg};

/// Kinds that are counted, and how often for one count; see `count::counted`.
pub const PROFILED: [(&str, usize); 7] = [
    ("old_check", 2),
    ("check", 10),
    ("old_prompt", 1),
    ("prompt", 5),
    ("old_look_up", 2),
    ("hit", 50),
    ("draft", 10),
];

/// What is done · its picture · the kind of the old way · ours · what the old way does, and what ours does instead.
const ITEMS: [(&str, &str, Option<&str>, &str, &str); 4] = [
    (
        "check of a definition",
        "hot-path-check",
        Some("old_check"),
        "check",
        "before: reads and compiles every rule file for each text; after: the whole command `check`, with rules that were compiled once",
    ),
    (
        "prompt",
        "hot-path-prompt",
        Some("old_prompt"),
        "prompt",
        "before: the same prompt with a tokenizer made anew; after: with the tables of the program's file",
    ),
    (
        "the same question again",
        "hot-path-again",
        Some("old_look_up"),
        "hit",
        "before: the long prompt built and all seven calls made again; after: key and answer from memory",
    ),
    (
        "a new question",
        "hot-path-draft",
        None,
        "draft",
        "one call, its stream read, the reply parsed and checked with every rule",
    ),
];

/// Parts that a table names; the rest is one line.
const NAMED: usize = 6;

/// What one of a kind takes.
struct Taken {
    total: f64,
    /// By part, the largest first.
    parts: Vec<(String, f64)>,
    /// Who called whom.
    frames: Vec<Frame>,
}

/// What was found.
pub struct Found {
    /// What goes to the result file.
    pub items: Value,
    /// The tables of the page.
    pub tables: String,
    /// Flame graphs, each by the name of its file in `docs/pictures`.
    pub pictures: Vec<(String, String)>,
}

/// Counts everything.
pub fn measure() -> Result<Found> {
    let mut taken = HashMap::new();
    for ((kind, times), dump) in PROFILED.into_iter().zip(dumps("hot-path", &PROFILED)?) {
        let profile = Profile::read(&dump)?;
        let one = |count: f64| count / times as f64;
        let mut parts: Vec<(String, f64)> = profile.parts().into_iter().collect();
        parts.iter_mut().for_each(|part| part.1 = one(part.1));
        parts.sort_by(|a, b| b.1.total_cmp(&a.1));
        let total = one(profile.own.iter().sum::<u64>() as f64);
        let mut frames = profile.frames();
        one_of(&mut frames, times as f64);
        let found = Taken {
            total,
            parts,
            frames,
        };
        taken.insert(kind, found);
    }
    let of = |kind: &str| taken.get(kind).context("a kind that was not counted");
    let mut page = String::from("| what | before | after | times less |\n|---|--:|--:|--:|\n");
    let (mut tables, mut items, mut pictures) = (String::new(), Vec::new(), Vec::new());
    for (what, picture, before, after, does) in ITEMS {
        let before = before.map(of).transpose()?;
        let after = of(after)?;
        let less = before.map(|before| before.total / after.total);
        page.push_str(&line(&[
            what.to_owned(),
            before.map_or_else(|| "–".to_owned(), |before| millions(before.total)),
            millions(after.total),
            less.map_or_else(|| "–".to_owned(), figures),
        ]));
        let sides = [
            before.map(|taken| ("before", taken)),
            Some(("after", after)),
        ];
        let sides: Vec<Side<'_>> = sides
            .into_iter()
            .flatten()
            .map(|(when, taken)| Side {
                says: format!("{when}: {} instructions", millions(taken.total)),
                frames: &taken.frames,
                total: taken.total,
            })
            .collect();
        let file = format!("{picture}.svg");
        table(&mut tables, (what, &file), does, before, after)?;
        pictures.push((file, svg(what, &sides)));
        let side = |taken: &Taken| {
            let parts: BTreeMap<_, _> = taken
                .parts
                .iter()
                .map(|(part, n)| (part, n.round()))
                .collect();
            json!({ "instructions": taken.total.round(), "parts": parts })
        };
        items.push(
            json!({ "what": what, "does": does, "before": before.map(side), "after": side(after) }),
        );
    }
    Ok(Found {
        items: json!(items),
        tables: page + &tables,
        pictures,
    })
}

/// Makes frames of so many repetitions those of one.
fn one_of(frames: &mut [Frame], times: f64) {
    for frame in frames {
        frame.count /= times;
        one_of(&mut frame.inside, times);
    }
}

fn millions(count: f64) -> String {
    format!("{} M", figures(count / 1e6))
}

/// Where the instructions of one item go, on both sides.
fn table(
    out: &mut String,
    (what, picture): (&str, &str),
    does: &str,
    before: Option<&Taken>,
    after: &Taken,
) -> Result<()> {
    writeln!(
        out,
        "\n### {what}\n\n{does}.\n\n![Flame graph: {what}](pictures/{picture})\n"
    )?;
    out.push_str("| part | before | share | after | share |\n|---|--:|--:|--:|--:|\n");
    let mut named: Vec<&str> = Vec::new();
    for side in [Some(after), before].into_iter().flatten() {
        for (part, _) in side.parts.iter().take(NAMED) {
            if !named.contains(&part.as_str()) {
                named.push(part);
            }
        }
    }
    let mut row = |name: &str, count: &dyn Fn(&Taken) -> f64| {
        let mut cells = vec![name.to_owned()];
        for side in [before, Some(after)] {
            let Some(side) = side else {
                cells.extend(["–".to_owned(), "–".to_owned()]);
                continue;
            };
            let count = count(side);
            let share = 100.0 * count / side.total;
            cells.extend([millions(count), format!("{share:.1} %")]);
        }
        out.push_str(&line(&cells));
    };
    for name in &named {
        row(&format!("`{name}`"), &|side| side.part(name));
    }
    row("all else", &|side| {
        side.total - named.iter().map(|name| side.part(name)).sum::<f64>()
    });
    Ok(())
}

impl Taken {
    fn part(&self, name: &str) -> f64 {
        let mut parts = self.parts.iter();
        parts
            .find(|(part, _)| part == name)
            .map_or(0.0, |(_, count)| *count)
    }
}

/// A dump of Callgrind: what each function took itself, and what it took in those that it called.
#[derive(Default)]
struct Profile {
    names: Vec<String>,
    own: Vec<u64>,
    /// Caller and callee.
    calls: HashMap<(usize, usize), u64>,
}

impl Profile {
    /// Reads the text form: Callgrind's manual, *Callgrind Format Specification*.
    fn read(text: &str) -> Result<Self> {
        let mut profile = Self::default();
        // Names are told once and then known by a number.
        let mut known: HashMap<&str, usize> = HashMap::new();
        let (mut at, mut callee, mut called) = (0, 0, false);
        for line in text.lines() {
            let function = line.strip_prefix("fn=").map(|name| (name, false));
            let function = function.or_else(|| line.strip_prefix("cfn=").map(|name| (name, true)));
            if let Some((told, is_callee)) = function {
                let (number, name) = told.split_once(' ').unwrap_or((told, ""));
                let found = *known.entry(number).or_insert_with(|| {
                    profile.names.push(name.to_owned());
                    profile.own.push(0);
                    profile.names.len() - 1
                });
                match is_callee {
                    true => callee = found,
                    false => at = found,
                }
            } else if line.starts_with("calls=") {
                called = true;
            } else if line.starts_with(|c: char| c.is_ascii_digit() || "+-*".contains(c)) {
                let cost = line
                    .split_whitespace()
                    .nth(1)
                    .context("a line without a cost")?;
                let cost: u64 = cost.parse().with_context(|| line.to_owned())?;
                if std::mem::take(&mut called) {
                    *profile.calls.entry((at, callee)).or_default() += cost;
                } else if let Some(own) = profile.own.get_mut(at) {
                    *own += cost;
                }
            }
        }
        Ok(profile)
    }

    /// What each crate took. What the standard library and the system's did counts for the crate that called
    /// them, in proportion to what each caller had of it.
    fn parts(&self) -> BTreeMap<String, f64> {
        let owners: Vec<Option<&str>> = self.names.iter().map(|name| part_of(name)).collect();
        let mut callers: Vec<Vec<(usize, f64)>> = vec![Vec::new(); self.names.len()];
        for (&(caller, callee), &cost) in &self.calls {
            if caller != callee {
                callers[callee].push((caller, cost as f64));
            }
        }
        let mut parts: BTreeMap<String, f64> = BTreeMap::new();
        // What nobody owns goes up to its callers, until somebody owns it; of those that call each other some
        // goes round and less each time.
        let mut free: Vec<f64> = vec![0.0; self.names.len()];
        for (function, own) in self.own.iter().enumerate() {
            match owners[function] {
                Some(part) => *parts.entry(part.to_owned()).or_default() += *own as f64,
                None => free[function] = *own as f64,
            }
        }
        for _ in 0..ROUNDS {
            let mut next = vec![0.0; free.len()];
            for (function, count) in free.iter().enumerate().filter(|(_, count)| **count > 0.0) {
                let whole: f64 = callers[function].iter().map(|(_, cost)| cost).sum();
                for (caller, cost) in &callers[function] {
                    let share = count * cost / whole.max(1.0);
                    match owners[*caller] {
                        Some(part) => *parts.entry(part.to_owned()).or_default() += share,
                        None => next[*caller] += share,
                    }
                }
            }
            free = next;
        }
        parts.retain(|_, count| *count > 0.0);
        parts
    }
}

impl Profile {
    /// Who called whom, from the outermost functions that somebody owns. What a function took is shared out over its
    /// callers in proportion to what each had of it, for a dump tells pairs and no whole ways; what nobody owns
    /// counts for who called it.
    fn frames(&self) -> Vec<Frame> {
        let mut callees: Vec<Vec<(usize, f64)>> = vec![Vec::new(); self.names.len()];
        let mut outer: Vec<f64> = self.own.iter().map(|own| *own as f64).collect();
        for (&(caller, callee), &cost) in &self.calls {
            if caller != callee {
                callees[caller].push((callee, cost as f64));
                outer[caller] += cost as f64;
            }
        }
        let whole = outer.clone();
        // What came to a function from a caller that is in the dump has its place below that one.
        for (&(caller, callee), &cost) in &self.calls {
            if caller != callee {
                outer[callee] -= cost as f64;
            }
        }
        let total = self.own.iter().sum::<u64>() as f64;
        let begun: f64 = outer.iter().filter(|cost| **cost > 0.0).sum();
        let tree = Tree {
            profile: self,
            callees,
            whole,
            least: total / 500.0,
        };
        let mut found = Frame::default();
        for (function, cost) in outer.iter().enumerate().filter(|(_, cost)| **cost > 0.0) {
            let share = cost * total / begun.max(1.0);
            tree.add(&mut found, function, share, &mut Vec::new());
        }
        sort(&mut found.inside);
        found.inside
    }
}

/// What frames are made from.
struct Tree<'a> {
    profile: &'a Profile,
    /// By caller, with what each callee took for it.
    callees: Vec<Vec<(usize, f64)>>,
    /// What each function took, all that it called included.
    whole: Vec<f64>,
    /// Less is not followed any further.
    least: f64,
}

impl Tree<'_> {
    /// Adds to a frame what a function took for it.
    fn add(&self, frame: &mut Frame, function: usize, count: f64, way: &mut Vec<usize>) {
        // Whoever calls itself through others is one frame.
        if count < self.least || way.contains(&function) || way.len() > DEEPEST {
            return;
        }
        let name = &self.profile.names[function];
        let at = match part_of(name) {
            None => frame,
            Some(part) => {
                let known = frame.inside.iter().position(|inner| inner.name == *name);
                let place = known.unwrap_or_else(|| {
                    frame.inside.push(Frame {
                        name: name.clone(),
                        part: part.to_owned(),
                        ..Frame::default()
                    });
                    frame.inside.len() - 1
                });
                let inner = &mut frame.inside[place];
                inner.count += count;
                inner
            }
        };
        way.push(function);
        let share = count / self.whole[function].max(1.0);
        for (callee, cost) in &self.callees[function] {
            self.add(at, *callee, cost * share, way);
        }
        way.pop();
    }
}

/// The largest first, at every depth.
fn sort(frames: &mut [Frame]) {
    frames.sort_by(|a, b| b.count.total_cmp(&a.count));
    for frame in frames {
        sort(&mut frame.inside);
    }
}

/// The longest way that is followed, functions that nobody owns included.
const DEEPEST: usize = 120;

/// How often what nobody owns is handed on: more than calls are deep between two that somebody does.
const ROUNDS: usize = 500;

/// Crates of the language itself; the last one is its allocator.
const OF_ALL: [&str; 6] = [
    "core",
    "alloc",
    "std",
    "hashbrown",
    "compiler_builtins",
    "__rustc",
];

/// The crate, or the library in C, that a function is of; none for the standard library and the system's.
fn part_of(name: &str) -> Option<&str> {
    if name.starts_with("sqlite3") {
        return Some("sqlite3");
    }
    let start = name.trim_start_matches(['<', '&', '*', '(', '[']);
    let start = start.strip_prefix("dyn ").unwrap_or(start);
    let (part, _) = start.split_once("::")?;
    let is_crate = part.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_crate && !OF_ALL.contains(&part)).then_some(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ours::a` takes 10 and calls `core::x` twice as dearly as `theirs::b` does, which takes 5; `core::x` calls
    /// `memcpy`.
    const DUMP: &str = "\
events: Ir
fn=(1) ours::a
1 4
+2 6
cfn=(2) core::x
calls=2 1
3 80
fn=(3) <theirs::b as core::fmt::Display>::fmt
* 5
cfn=(2)
calls=1 1
9 40
fn=(2)
1 60
cfn=(4) memcpy
calls=3 1
2 60
fn=(4)
7 60
";

    #[test]
    fn what_nobody_owns_counts_for_who_called_it() {
        let profile = Profile::read(DUMP).unwrap();
        assert_eq!(profile.own.iter().sum::<u64>(), 135);
        let parts = profile.parts();
        assert_eq!(parts.len(), 2);
        assert!((parts["ours"] - 90.0).abs() < 1e-9, "{parts:?}");
        assert!((parts["theirs"] - 45.0).abs() < 1e-9, "{parts:?}");
    }

    #[test]
    fn a_frame_holds_what_it_called_and_what_nobody_owns_is_its_own() {
        let frames = Profile::read(DUMP).unwrap().frames();
        let told: Vec<(&str, f64, usize)> = frames
            .iter()
            .map(|frame| (frame.part.as_str(), frame.count.round(), frame.inside.len()))
            .collect();
        assert_eq!(told, [("ours", 90.0, 0), ("theirs", 45.0, 0)]);
    }

    #[test]
    fn who_calls_itself_through_others_is_one_frame() {
        let dump = "fn=(1) a::x\n1 10\ncfn=(2) b::y\ncalls=1 1\n1 90\nfn=(2)\n1 60\ncfn=(1)\ncalls=1 1\n1 30\n";
        let frames = Profile::read(dump).unwrap().frames();
        let [outer] = frames.as_slice() else {
            panic!("{frames:?}");
        };
        assert_eq!((outer.part.as_str(), outer.inside.len()), ("a", 1));
        assert!(outer.inside[0].inside.is_empty(), "{outer:?}");
    }

    #[test]
    fn a_function_is_of_its_crate() {
        for (name, part) in [
            ("begrip_rules::pack::RulePack::check", Some("begrip_rules")),
            (
                "<&begrip_llm::key::Key as core::fmt::Debug>::fmt",
                Some("begrip_llm"),
            ),
            ("<dyn serde_json::x>::y", Some("serde_json")),
            ("alloc::vec::Vec<begrip_rules::Finding>::push", None),
            ("malloc", None),
            ("__rustc::__rust_alloc", None),
            ("sqlite3VdbeExec", Some("sqlite3")),
        ] {
            assert_eq!(part_of(name), part, "{name}");
        }
    }
}
