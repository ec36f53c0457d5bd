//! How often the form of a term tells its category, and how often it is right: the figures of
//! `docs/routing.md`, which `cargo xtask routing` writes.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;

use begrip_app::starter;
use begrip_domain::Category;
use begrip_language::category_of;
use jiff::Timestamp;

/// Terms with the category that a lawyer chose, none of them in the starter set.
const OTHERS: &str = include_str!("../../../begrip-language/tests/terms_by_category.toml");

/// One set of labelled terms.
#[derive(Default)]
struct Figures {
    terms: usize,
    told: usize,
    right: usize,
}

impl Figures {
    fn add(&mut self, term: &str, category: Category) {
        self.terms += 1;
        if let Some((told, _)) = category_of(term) {
            self.told += 1;
            self.right += usize::from(told == category);
        }
    }

    fn coverage(&self) -> f64 {
        percent(self.told, self.terms)
    }

    fn accuracy(&self) -> f64 {
        percent(self.right, self.told)
    }
}

/// A share in hundredths.
pub fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

fn starter_set() -> Vec<(String, Category)> {
    let concepts = starter::concepts(Timestamp::UNIX_EPOCH).unwrap();
    let labelled = |concept: begrip_domain::Concept| {
        let fields = concept.fields;
        (fields.term.to_string(), fields.category.unwrap())
    };
    concepts.into_iter().map(labelled).collect()
}

fn others() -> Vec<(String, Category)> {
    let sets: std::collections::BTreeMap<String, Vec<String>> = toml::from_str(OTHERS).unwrap();
    let mut all = Vec::new();
    for (name, terms) in sets {
        let category = Category::parse(&name).unwrap();
        all.extend(terms.into_iter().map(|term| (term, category)));
    }
    all
}

fn figures(terms: &[(String, Category)]) -> Figures {
    let mut figures = Figures::default();
    for (term, category) in terms {
        figures.add(term, *category);
    }
    figures
}

#[test]
fn the_form_of_a_term_tells_its_category_as_well_as_the_docs_say() {
    let (starter, others) = (starter_set(), others());
    let known: Vec<&String> = starter.iter().map(|(term, _)| term).collect();
    for (term, _) in &others {
        assert!(!known.contains(&term), "{term} is in both sets");
    }
    let mut page = String::from(
        "## How well a rule tells the category\n\n\
         Where the user chose no category, the ending of the term's head\n\
         noun may tell it (`crates/begrip-language/src/category.rs`), without a question to a model. *Told* is the share of\n\
         terms for which it says anything, *right* the share of those in which it says what a person chose. What it does\n\
         not tell stays undecided. Both sets were labelled, and the endings chosen, by the same people: terms of another\n\
         hand may do worse.\n\n\
         | terms | number | told | right |\n|---|--:|--:|--:|\n",
    );
    for (name, terms) in [("starter set", &starter), ("other legal terms", &others)] {
        let of = figures(terms);
        assert!(of.coverage() >= 75.0, "{name}: told {}", of.coverage());
        assert!(of.accuracy() >= 90.0, "{name}: right {}", of.accuracy());
        let (told, right) = (of.coverage(), of.accuracy());
        writeln!(
            page,
            "| {name} | {} | {told:.0} % | {right:.0} % |",
            of.terms
        )
        .unwrap();
    }
    page.push_str("\nOf the starter set, by the category that a person chose:\n\n");
    page.push_str("| category | number | told | right |\n|---|--:|--:|--:|\n");
    for category in Category::ALL {
        let terms: Vec<_> = starter
            .iter()
            .filter(|(_, own)| *own == category)
            .cloned()
            .collect();
        let of = figures(&terms);
        let name = category.as_str();
        writeln!(
            page,
            "| {name} | {} | {} | {} |",
            of.terms, of.told, of.right
        )
        .unwrap();
    }
    hold("category", &page);
}

/// Holds a part of `docs/routing.md`, between marks of its name, to what was measured, or writes it there.
pub fn hold(part: &str, measured: &str) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/routing.md");
    let (begin, end) = (format!("<!-- {part} -->\n"), format!("<!-- /{part} -->\n"));
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(&begin).unwrap();
    let (written, after) = rest.split_once(&end).unwrap();
    if std::env::var_os("BEGRIP_WRITE_DOCS").is_some() {
        let fresh = format!("{before}{begin}{measured}{end}{after}");
        std::fs::write(&path, fresh).unwrap();
    } else {
        assert_eq!(written, measured, "run `cargo xtask routing`");
    }
}
