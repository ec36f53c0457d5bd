//! The queries that matter most, in one place. What SQLite makes of them, and of every other statement of this crate,
//! is looked at in `plans`.

/// A row of a list or a hit, in the order in which `rows::row_of` reads it.
macro_rules! row_columns {
    () => {
        "c.row, c.id, c.term, c.context, c.category, c.status, c.origin, substr(c.definition, 1, 240), c.modified_at, c.version, \
         c.valid_from, c.valid_until"
    };
}

pub(crate) const BY_ID: &str = "SELECT r.body FROM concept c \
     JOIN revision r ON r.concept = c.row AND r.version = c.version WHERE c.id = ?1";

pub(crate) const ROW_OF_ID: &str = "SELECT c.row, r.body FROM concept c \
     JOIN revision r ON r.concept = c.row AND r.version = c.version WHERE c.id = ?1";

pub(crate) const REVISIONS: &str = "SELECT r.author, r.at, r.reason, r.body FROM concept c \
     JOIN revision r ON r.concept = c.row WHERE c.id = ?1 ORDER BY r.version";

pub(crate) const BY_KEY: &str = concat!(
    "SELECT ",
    row_columns!(),
    ", c.context_key FROM concept c WHERE c.term_key = ?1 ORDER BY c.status_rank, c.row LIMIT 50"
);

pub(crate) const BY_LABEL_KEY: &str = concat!(
    "SELECT ",
    row_columns!(),
    ", l.kind, l.label FROM label l JOIN concept c ON c.row = l.concept WHERE l.term_key = ?1 LIMIT 100"
);

/// Labels that begin so. Of the first thousand, which the index alone tells, the best `?3` are
/// read: established first, then the shortest.
pub(crate) const BY_LABEL_PREFIX: &str = concat!(
    "SELECT ",
    row_columns!(),
    ", l.kind, l.label FROM (SELECT found FROM (SELECT rowid AS found, status_rank, folded FROM label \
     WHERE folded >= ?1 AND folded < ?2 LIMIT 1000) t ORDER BY status_rank, length(folded) LIMIT ?3) t \
     JOIN label l ON l.rowid = t.found JOIN concept c ON c.row = l.concept"
);

/// Matches of the full-text index, the newest `?2`; what a very common word finds beyond them would
/// drown anyway. Without `bm25`: that visits every match to weigh a word, before the first is given.
pub(crate) const BY_TEXT: &str = concat!(
    "SELECT ",
    row_columns!(),
    " FROM (SELECT rowid AS found FROM concept_text WHERE concept_text MATCH ?1 \
     ORDER BY rowid DESC LIMIT ?2) t JOIN concept c ON c.row = t.found"
);

pub(crate) const ACTIVE_PACK: &str = "SELECT version FROM active_pack WHERE one = 1";

/// A job in a row for each way that items stand, and lead or follow, with how many: the index of the
/// items alone tells.
macro_rules! job_counts {
    ($which:literal) => {
        concat!(
            "SELECT j.row, j.id, j.kind, j.name, j.state, j.halt, j.created_at, j.changed_at, \
             i.state, i.follows IS NULL, count(i.job) FROM job j LEFT JOIN job_item i ON i.job = j.row ",
            $which,
            " GROUP BY j.row, i.state, i.follows IS NULL ORDER BY j.row DESC"
        )
    };
}

pub(crate) const JOBS: &str = job_counts!("");

pub(crate) const JOB: &str = job_counts!("WHERE j.id = ?1");

pub(crate) const WORK: &str = "SELECT count(DISTINCT CASE j.state WHEN 'running' THEN j.row END), \
     coalesce(sum(j.kind = 'batch' AND i.state = 'waiting'), 0), coalesce(sum(j.kind = 'queue'), 0) \
     FROM job j JOIN job_item i ON i.job = j.row \
     WHERE j.state IN ('queued', 'running', 'paused') AND i.state IN ('waiting', 'running')";

pub(crate) const COUNT_ITEMS: &str =
    "SELECT count(*) FROM job_item WHERE job = ?1 AND (?2 IS NULL OR state = ?2)";

pub(crate) const JOB_ITEMS: &str = "SELECT i.number, i.follows, i.term, i.input, i.state, i.error, i.request_id, \
     coalesce(i.result, (SELECT l.result FROM job_item l WHERE l.job = i.job AND l.number = i.follows \
     AND i.state = 'done')), i.ended_at \
     FROM job_item i WHERE i.job = ?1 AND (?2 IS NULL OR i.state = ?2) ORDER BY i.number LIMIT ?3 OFFSET ?4";

/// In one statement, so that no two take the same and a job that was just paused gives none.
pub(crate) const CLAIM_ITEM: &str = "UPDATE job_item SET state = 'running' WHERE rowid = ( \
     SELECT i.rowid FROM job j JOIN job_item i ON i.job = j.row \
     WHERE j.id = ?1 AND j.state = 'running' AND i.state = 'waiting' AND i.follows IS NULL \
     ORDER BY i.number LIMIT 1) RETURNING number, input";

pub(crate) const PACK: &str = "SELECT version, digest, date, body, signer, origin, imported_at \
     FROM rule_pack WHERE version = ?1";

/// Counts no further than this: a word of tens of thousands of texts is not worth reading
/// its whole list for.
pub(crate) const WORD_COUNT: &str =
    "SELECT count(*) FROM (SELECT rowid FROM concept_text WHERE concept_text MATCH ?1 LIMIT 500) t";

pub(crate) const WALK: &str = "SELECT r.body, c.row FROM concept c \
     JOIN revision r ON r.concept = c.row AND r.version = c.version \
     WHERE c.row > ?1 ORDER BY c.row LIMIT ?2";

/// A concept beside a text, in the order in which `neighbours::beside` reads it.
macro_rules! beside_columns {
    () => {
        "c.row, c.id, c.term, c.context, c.category, c.definition, \
         (SELECT json_group_array(s.label) FROM label s WHERE s.concept = c.row AND s.kind = 1)"
    };
}

pub(crate) const BESIDE_LABELS: &str = concat!(
    "SELECT ",
    beside_columns!(),
    ", l.term_key, l.kind FROM json_each(?1) k CROSS JOIN label l ON l.term_key = k.value \
     JOIN concept c ON c.row = l.concept WHERE l.status_rank < 3 LIMIT 1000"
);

/// Concepts by their rows, in the order in which these come.
pub(crate) const BESIDE: &str = concat!(
    "SELECT ",
    beside_columns!(),
    " FROM json_each(?1) k CROSS JOIN concept c ON c.row = k.value WHERE c.status_rank < 3"
);

/// The rows of definitions that begin alike, whatever their status: hardly ever more than a few, and the index alone
/// tells them. One more than are looked at.
pub(crate) const BESIDE_STARTS: &str = "SELECT b.concept FROM json_each(?1) k \
     CROSS JOIN beginning b ON b.start = k.value LIMIT 61";

/// The same for a store that was filled by a machine, where thousands begin alike: of those in use.
pub(crate) const BESIDE_STARTS_IN_USE: &str = "SELECT b.concept FROM json_each(?1) k \
     CROSS JOIN beginning b ON b.start = k.value \
     JOIN concept c ON c.row = b.concept WHERE c.status_rank < 3 LIMIT 60";

/// The rows of the first `?2` matches.
pub(crate) const BESIDE_WORDS: &str =
    "SELECT rowid FROM concept_text WHERE concept_text MATCH ?1 LIMIT ?2";

/// The number of the latest revision: no concept changes without one, and none is ever removed.
pub(crate) const REVISED: &str = "SELECT max(rowid) FROM revision";

pub(crate) const BUFFER: &str = "SELECT key, content, at FROM buffer WHERE key = ?1";

pub(crate) const DOCUMENT: &str = "SELECT content FROM document WHERE name = ?1";

pub(crate) const FLAGS: &str = "SELECT serial, digest, body, signer, imported_at FROM flags \
     WHERE serial = (SELECT max(serial) FROM flags)";

pub(crate) const TRIALS: &str = "SELECT t.draft, t.request_id, t.at, t.experiment, t.arm, \
     t.prompt_version, t.passed, t.state, coalesce(sum(l.tokens_in), 0), \
     coalesce(sum(l.tokens_out), 0), coalesce(sum(l.latency_ms), 0), \
     coalesce(sum(l.cost_micro_eur), 0), coalesce(min(l.priced), 0) \
     FROM trial t LEFT JOIN ledger l \
     ON l.request_id IN (t.request_id, t.request_id || '-repair') AND l.arm <> '' \
     GROUP BY t.row ORDER BY t.row";

pub(crate) const LEDGER_SUM: &str = "SELECT count(*), coalesce(sum(tokens_in), 0), \
     coalesce(sum(tokens_out), 0), coalesce(sum(cost_micro_eur), 0) FROM ledger \
     WHERE day BETWEEN ?1 AND ?2";

/// A range of the index: the request itself, and the ids that begin with it and a hyphen.
pub(crate) const LEDGER_REQUEST: &str = "SELECT count(*), coalesce(sum(tokens_in), 0), \
     coalesce(sum(tokens_out), 0), coalesce(sum(cost_micro_eur), 0), coalesce(min(priced), 1) \
     FROM ledger WHERE request_id = ?1 OR (request_id > ?1 || '-' AND request_id < ?1 || '.')";

pub(crate) const LEDGER_CALLS: &str = "SELECT at, request_id, attempt, task, model, outcome, tokens_in, \
     tokens_out, tokens_cached, counted_here, cost_micro_eur, priced, latency_ms, first_ms, \
     prompt_version, pack_version, arm, organisation FROM ledger WHERE day BETWEEN ?1 AND ?2 \
     ORDER BY row";

pub(crate) const ASKED: &str = "SELECT day, fate, task, model, prompt_version, arm, organisation, \
     questions, tokens_in, tokens_out, cost_micro_eur FROM asked WHERE day BETWEEN ?1 AND ?2";

pub(crate) const FAILED_RULES: &str = "SELECT day, rule, level, pack_version, drafts \
     FROM failed_rule WHERE day BETWEEN ?1 AND ?2";

/// From month to month by the index: the ledger itself may be long.
pub(crate) const LEDGER_MONTHS: &str = "WITH RECURSIVE month (name) AS ( \
     SELECT (SELECT substr(max(day), 1, 7) FROM \
       (SELECT (SELECT max(day) FROM ledger) AS day UNION ALL SELECT (SELECT max(day) FROM asked))) \
     UNION ALL SELECT (SELECT substr(max(day), 1, 7) FROM \
       (SELECT (SELECT max(day) FROM ledger WHERE day < month.name) AS day \
        UNION ALL SELECT (SELECT max(day) FROM asked WHERE day < month.name))) FROM month \
     WHERE month.name IS NOT NULL LIMIT 36) SELECT name FROM month WHERE name IS NOT NULL";

/// An imported law or decision, in the order in which `sources::version_of` reads it. There are
/// few: a workstation holds some hundred versions, and the list shows them all.
macro_rules! source_columns {
    () => {
        "t.row, t.id, t.kind, t.title, t.valid_from, t.valid_to, t.articles, t.imported_at"
    };
}

pub(crate) const SOURCES: &str = concat!(
    "SELECT ",
    source_columns!(),
    " FROM source t ORDER BY t.kind DESC, t.title, t.id, t.valid_from DESC"
);

/// Versions in force on the day `?1`: of each source the latest that has begun and not ended.
pub(crate) const SOURCES_IN_FORCE: &str = concat!(
    "SELECT ",
    source_columns!(),
    " FROM source t WHERE t.valid_from <= ?1 AND (t.valid_to = '' OR t.valid_to >= ?1) AND NOT EXISTS \
     (SELECT 1 FROM source n WHERE n.id = t.id AND n.valid_from > t.valid_from AND n.valid_from <= ?1)"
);

pub(crate) const SOURCE_VERSIONS: &str = concat!(
    "SELECT ",
    source_columns!(),
    " FROM source t WHERE t.id = ?1 ORDER BY t.valid_from DESC"
);

pub(crate) const ARTICLE: &str = "SELECT row, number, path, text, address FROM article \
     WHERE number = ?1 AND row >= ?2 AND row < ?3 ORDER BY row LIMIT 1";

pub(crate) const ARTICLES: &str = "SELECT number, path, substr(text, 1, 120) FROM article WHERE row >= ?1 AND row < ?2 ORDER BY row";

/// The best pieces of articles of the versions `?2`, best first. What a piece names (defines, or is
/// about by its first words) counts most, parts of compounds least.
pub(crate) const PASSAGES: &str = "SELECT rowid, bm25(passage, 2.0, 6.0, 2.0, 1.0, 0.3) AS score \
     FROM passage WHERE passage MATCH ?1 AND rowid >> 26 IN (SELECT value FROM json_each(?2)) \
     ORDER BY score LIMIT ?3";

/// The articles of these row numbers, and whether each is the first under its heading.
pub(crate) const PASSAGE_ARTICLES: &str = "SELECT a.row, a.number, a.path, a.text, a.address, \
     a.path IS NOT (SELECT p.path FROM article p WHERE p.row = a.row - 1) \
     FROM json_each(?1) k JOIN article a ON a.row = k.value";

/// Which of the words `?1` stand in any passage.
pub(crate) const PASSAGE_WORDS: &str = "SELECT k.value FROM json_each(?1) k \
     WHERE EXISTS (SELECT 1 FROM passage_word w WHERE w.term = k.value)";

pub(crate) const EMBEDDING: &str = "SELECT vector FROM embedding WHERE model = ?1 AND text = ?2";

pub(crate) const SOURCE_CONCEPTS: &str = "SELECT s.concept, r.body FROM source_concept s \
     JOIN concept c ON c.row = s.concept JOIN revision r ON r.concept = c.row AND r.version = c.version \
     WHERE s.source = ?1";

/// The oldest commands that wait for an answer.
pub(crate) const OUTBOX_WAITING: &str = "SELECT o.body FROM outbox_fate f JOIN outbox o ON o.row = f.row \
     WHERE f.state = 'waiting' ORDER BY f.row LIMIT ?1";

/// The commands about a concept that wait, or were not taken and not decided upon, in order.
pub(crate) const OUTBOX_OPEN: &str = "SELECT o.body, f.state, f.outcome, f.row FROM outbox o \
     JOIN outbox_fate f ON f.row = o.row \
     WHERE o.concept = ?1 AND f.state IN ('waiting', 'open') ORDER BY o.row";

/// Which concepts have a command that was not taken.
pub(crate) const OUTBOX_CONFLICTS: &str = "SELECT o.concept, max(f.row) FROM outbox_fate f \
     JOIN outbox o ON o.row = f.row WHERE f.state = 'open' GROUP BY o.concept ORDER BY 2";

pub(crate) const OUTBOX_KEY: &str = "SELECT o.row, o.concept, f.state, o.body FROM outbox o \
     JOIN outbox_fate f ON f.row = o.row WHERE o.key = ?1";

pub(crate) const SHARED: &str = "SELECT body FROM shared WHERE concept = ?1";

/// Whether anything is known here of a concept.
pub(crate) const IS_KNOWN: &str = "SELECT EXISTS (SELECT 1 FROM shared WHERE concept = ?1) \
     OR EXISTS (SELECT 1 FROM concept WHERE id = ?1) OR EXISTS (SELECT 1 FROM outbox WHERE concept = ?1)";

/// Term and status of a concept, without its text.
pub(crate) const HEAD: &str = "SELECT term, status FROM concept WHERE id = ?1";

pub(crate) const SHARED_RANGE: &str =
    "SELECT concept, sequence, mark, deleted FROM shared WHERE range = ?1";

/// Concepts with a proposal that waits for a reviewer or was sent back, the latest first.
pub(crate) const SHARED_PROPOSED: &str =
    "SELECT body FROM shared WHERE proposed > 0 ORDER BY sequence DESC";

/// Commands that wait and steps of a review that were not taken, in order.
pub(crate) const OUTBOX_STEPS: &str = "SELECT o.body, f.outcome FROM outbox_fate f \
     JOIN outbox o ON o.row = f.row WHERE f.state IN ('waiting', 'refused') ORDER BY f.row";

/// The columns of a row, for queries that are put together from a filter.
pub(crate) const ROW_COLUMNS: &str = row_columns!();
