//! Walks over whole tables that are allowed, and why.

/// A walk over a whole table that is allowed.
pub(super) struct Allowed {
    /// Stands in the statement.
    pub statement: &'static str,
    /// The table that is walked.
    pub table: &'static str,
    /// Whether an index has to hold all that is read of it.
    pub index_alone: bool,
    /// Why that is no harm.
    pub why: &'static str,
}

const fn rows(statement: &'static str, table: &'static str, why: &'static str) -> Allowed {
    Allowed {
        statement,
        table,
        index_alone: false,
        why,
    }
}

const fn index_alone(statement: &'static str, table: &'static str, why: &'static str) -> Allowed {
    Allowed {
        index_alone: true,
        ..rows(statement, table, why)
    }
}

/// For what the user removes.
const BY_HAND: &str = "by hand, and all of one kind; the file has a limit";

/// Every such walk, with its reason.
pub(super) const ALLOWED: &[Allowed] = &[
    rows(
        "FROM concept c",
        "concept",
        "a list is left at its page and its count takes an index alone, which holds all that is filtered by; the bench \
         measures both",
    ),
    index_alone(
        "SELECT count(*) FROM concept",
        "concept",
        "a count takes the narrowest index alone",
    ),
    rows(
        "SELECT row, definition FROM concept",
        "concept",
        "a migration of an old file, once",
    ),
    index_alone(
        "SELECT range, mark FROM shared",
        "shared",
        "the sums of all that is held, once a day and after a first sync",
    ),
    rows(
        "instr(body, ?1)",
        "shared",
        "once after an update that reads a new field",
    ),
    rows(
        "INSERT INTO concept",
        "source_concept",
        "the check of references, which SQLite makes only while one is broken",
    ),
    rows(
        "INSERT INTO rule_pack",
        "active_pack",
        "the same check; and it has one row",
    ),
    rows("FROM answer WHERE ?1 IS NULL", "answer", BY_HAND),
    rows("FROM answer WHERE model", "answer", BY_HAND),
    rows("FROM answer WHERE prompt_version", "answer", BY_HAND),
    rows("FROM answer WHERE pack_version", "answer", BY_HAND),
    rows("FROM answer WHERE organisation", "answer", BY_HAND),
    rows("FROM answer WHERE created_at", "answer", BY_HAND),
    rows(
        "FROM answer_use u JOIN answer a",
        "answer",
        "warming, once at a start and beside it: an index by use would be written anew with every hit",
    ),
    index_alone(
        "SELECT row, size FROM answer_use ORDER BY at",
        "answer_use",
        "left as soon as enough is to go",
    ),
    index_alone(
        "SELECT count(*) FROM answer_use",
        "answer_use",
        "a count for a screen; the file has a limit",
    ),
    index_alone(
        "sum(size) OVER",
        "exchange",
        "those that no concept leads to, of which the room is bounded",
    ),
    rows(
        "AND held <= ?2",
        "exchange",
        "by hand, or once a day what is old",
    ),
    rows(
        "substr(key, 1, length(?1))",
        "buffer",
        "by hand; what is old is forgotten each day",
    ),
    rows(
        "SELECT key, content, at FROM buffer ORDER BY at",
        "buffer",
        "shows all that stood in editors; what is old is forgotten each day",
    ),
    rows(
        "FROM job j LEFT JOIN",
        "job",
        "a list of all of them; their items are counted by an index",
    ),
    rows(
        "FROM news n",
        "news",
        "the latest hundred, by their number; what was seen goes",
    ),
    rows(
        "FROM trial t",
        "trial",
        "a report over all of an experiment",
    ),
    rows(
        "FROM source t",
        "source",
        "some hundred versions, all shown or asked together",
    ),
    rows(
        "FROM rule_pack ORDER BY",
        "rule_pack",
        "a list of all of them",
    ),
];

/// Indexes without which another one still serves, and what they spare.
pub(super) const NARROWER: &[(&str, &str)] = &[
    ("article_number", "the articles of one law, one by one"),
    ("job_item_state", "the rows of one job, one by one"),
    ("job_item_follows", "the rows of one job, one by one"),
    ("job_item_question", "the rows of one job, one by one"),
];
