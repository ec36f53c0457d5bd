//! Tables and migrations. A migration that has shipped is never changed: a later one mends it.

use rusqlite::{Connection, Transaction};
use rusqlite_migration::{Error, M, MigrationDefinitionError, Migrations};

use crate::StoreError;

/// Version of the schema: how many migrations there are.
pub(crate) const VERSION: usize = 16;

const STORE: [&str; VERSION] = [
    "
-- What a list or a hit shows. The whole text of each version stands in its revision, so that rows
-- are short and a look-up reads few pages.
CREATE TABLE concept (
  row         INTEGER PRIMARY KEY,
  id          BLOB NOT NULL UNIQUE,
  term        TEXT NOT NULL,
  folded      TEXT NOT NULL,
  term_key    TEXT NOT NULL,
  context_key TEXT NOT NULL,
  context     TEXT NOT NULL,
  status      TEXT NOT NULL,
  status_rank INTEGER NOT NULL,
  category    TEXT,
  origin      TEXT NOT NULL,
  version     INTEGER NOT NULL,
  definition  TEXT NOT NULL,
  modified_at INTEGER NOT NULL
) STRICT;
CREATE INDEX concept_key ON concept (term_key, context_key);
CREATE INDEX concept_modified ON concept (modified_at DESC, row DESC);
CREATE INDEX concept_term ON concept (folded, row);
CREATE INDEX concept_status ON concept (status_rank, modified_at DESC, row DESC);

CREATE TABLE label (
  concept     INTEGER NOT NULL REFERENCES concept (row),
  kind        INTEGER NOT NULL,
  label       TEXT NOT NULL,
  folded      TEXT NOT NULL,
  term_key    TEXT NOT NULL,
  status_rank INTEGER NOT NULL
) STRICT;
CREATE INDEX label_concept ON label (concept);
CREATE INDEX label_folded ON label (folded, status_rank);
CREATE INDEX label_key ON label (term_key);

CREATE TABLE revision (
  concept INTEGER NOT NULL REFERENCES concept (row),
  version INTEGER NOT NULL,
  author  TEXT NOT NULL,
  at      INTEGER NOT NULL,
  reason  TEXT NOT NULL,
  body    TEXT NOT NULL,
  PRIMARY KEY (concept, version)
) STRICT;
CREATE TRIGGER revision_is_never_changed BEFORE UPDATE ON revision
BEGIN SELECT RAISE(ABORT, 'a revision is never changed'); END;
CREATE TRIGGER revision_is_never_removed BEFORE DELETE ON revision
BEGIN SELECT RAISE(ABORT, 'a revision is never removed'); END;
-- REPLACE removes a row without asking the trigger above.
CREATE TRIGGER revision_is_never_replaced BEFORE INSERT ON revision
WHEN EXISTS (SELECT 1 FROM revision WHERE concept = NEW.concept AND version = NEW.version)
BEGIN SELECT RAISE(ABORT, 'a revision is never replaced'); END;

CREATE VIRTUAL TABLE concept_text USING fts5 (
  term, synonyms, definition, explanation,
  content = '', contentless_delete = 1,
  tokenize = \"unicode61 remove_diacritics 2\", prefix = '1 2 3'
);
CREATE VIRTUAL TABLE concept_word USING fts5vocab (concept_text, row);

CREATE TABLE buffer (
  key     TEXT PRIMARY KEY,
  content TEXT NOT NULL,
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE document (
  name    TEXT PRIMARY KEY,
  content TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
  row            INTEGER PRIMARY KEY,
  at             INTEGER NOT NULL,
  day            TEXT NOT NULL,
  request_id     TEXT NOT NULL,
  task           TEXT NOT NULL,
  model          TEXT NOT NULL,
  outcome        TEXT NOT NULL,
  tokens_in      INTEGER NOT NULL,
  tokens_out     INTEGER NOT NULL,
  tokens_cached  INTEGER NOT NULL,
  cost_micro_eur INTEGER NOT NULL,
  latency_ms     INTEGER NOT NULL,
  prompt_version TEXT NOT NULL,
  pack_version   TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_day ON ledger (day, model, task);
",
    "
-- Rule packs as they came, and which of them is in force.
CREATE TABLE rule_pack (
  version     TEXT PRIMARY KEY,
  digest      BLOB NOT NULL,
  date        TEXT NOT NULL,
  body        TEXT NOT NULL,
  signer      TEXT NOT NULL,
  origin      TEXT NOT NULL,
  imported_at INTEGER
) STRICT;
CREATE TRIGGER rule_pack_is_never_changed BEFORE UPDATE ON rule_pack
BEGIN SELECT RAISE(ABORT, 'a rule pack is never changed'); END;
CREATE TRIGGER rule_pack_is_never_removed BEFORE DELETE ON rule_pack
BEGIN SELECT RAISE(ABORT, 'a rule pack is never removed'); END;
-- REPLACE removes a row without asking the trigger above: one of the same version or row number.
CREATE TRIGGER rule_pack_is_never_replaced BEFORE INSERT ON rule_pack
WHEN EXISTS (SELECT 1 FROM rule_pack WHERE version = NEW.version OR rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'a rule pack is never replaced'); END;

CREATE TABLE active_pack (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  version TEXT NOT NULL REFERENCES rule_pack (version)
) STRICT;
",
    "
-- How a definition begins, to find it where it stands inside another one.
CREATE TABLE beginning (
  concept INTEGER PRIMARY KEY REFERENCES concept (row),
  start   TEXT NOT NULL
) STRICT;
CREATE INDEX beginning_start ON beginning (start);
",
    "
-- Laws and court decisions as they were imported; of a law several versions side by side. A date is
-- `YYYY-MM-DD`; empty when it is not known, or when there is no end.
CREATE TABLE source (
  row         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL,
  kind        TEXT NOT NULL,
  title       TEXT NOT NULL,
  valid_from  TEXT NOT NULL,
  valid_to    TEXT NOT NULL,
  digest      BLOB NOT NULL,
  articles    INTEGER NOT NULL,
  imported_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX source_id ON source (id, valid_from);
-- The row number is that of the source times 65536 plus its place, so that the text index alone
-- tells of which version an article is.
CREATE TABLE article (
  row     INTEGER PRIMARY KEY,
  number  TEXT NOT NULL COLLATE NOCASE,
  path    TEXT NOT NULL,
  text    TEXT NOT NULL,
  address TEXT NOT NULL
) STRICT;
CREATE INDEX article_number ON article (number, row);
-- A row for each paragraph and each definition of an article: the article's row number times 1024
-- plus its place.
CREATE VIRTUAL TABLE passage USING fts5 (
  heading, named, lead, text, parts,
  content = '', contentless_delete = 1,
  tokenize = \"unicode61 remove_diacritics 2\"
);
CREATE VIRTUAL TABLE passage_word USING fts5vocab (passage, row);
-- Concepts that a law itself defines.
CREATE TABLE source_concept (
  source  TEXT NOT NULL,
  concept INTEGER NOT NULL REFERENCES concept (row),
  PRIMARY KEY (source, concept)
) STRICT, WITHOUT ROWID;
",
    "
-- A call has a row from before it leaves; and questions are counted by day and by what they came to.
ALTER TABLE ledger ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
ALTER TABLE ledger ADD COLUMN counted_here INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN priced INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN first_ms INTEGER;
ALTER TABLE ledger ADD COLUMN arm TEXT NOT NULL DEFAULT '';
ALTER TABLE ledger ADD COLUMN organisation TEXT NOT NULL DEFAULT '';
DROP INDEX ledger_day;
CREATE INDEX ledger_spent ON ledger (day, tokens_in, tokens_out, cost_micro_eur);
CREATE INDEX ledger_under_way ON ledger (at) WHERE outcome = 'under_way';

CREATE TABLE asked (
  day            TEXT NOT NULL,
  fate           TEXT NOT NULL,
  task           TEXT NOT NULL,
  model          TEXT NOT NULL,
  prompt_version TEXT NOT NULL,
  arm            TEXT NOT NULL,
  organisation   TEXT NOT NULL,
  questions      INTEGER NOT NULL,
  tokens_in      INTEGER NOT NULL,
  tokens_out     INTEGER NOT NULL,
  cost_micro_eur INTEGER NOT NULL,
  PRIMARY KEY (day, fate, task, model, prompt_version, arm, organisation)
) STRICT, WITHOUT ROWID;

-- Drafts in which a rule failed, by day.
CREATE TABLE failed_rule (
  day          TEXT NOT NULL,
  rule         TEXT NOT NULL,
  level        TEXT NOT NULL,
  pack_version TEXT NOT NULL,
  drafts       INTEGER NOT NULL,
  PRIMARY KEY (day, rule, level, pack_version)
) STRICT, WITHOUT ROWID;
",
    "
-- Work for the model that goes on by itself: a batch of terms, or what waits for the network. Rows of
-- one job that ask the same are asked once: the others follow the first.
CREATE TABLE job (
  row        INTEGER PRIMARY KEY,
  id         BLOB NOT NULL UNIQUE,
  kind       TEXT NOT NULL,
  name       TEXT NOT NULL,
  state      TEXT NOT NULL,
  halt       TEXT,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX job_state ON job (state);

CREATE TABLE job_item (
  job        INTEGER NOT NULL REFERENCES job (row),
  number     INTEGER NOT NULL,
  follows    INTEGER,
  term       TEXT NOT NULL,
  question   TEXT NOT NULL,
  input      TEXT NOT NULL,
  state      TEXT NOT NULL,
  error      TEXT,
  request_id TEXT,
  result     TEXT,
  ended_at   INTEGER,
  UNIQUE (job, number)
) STRICT;
CREATE INDEX job_item_state ON job_item (job, state, follows, number);
CREATE INDEX job_item_follows ON job_item (job, follows) WHERE follows IS NOT NULL;
CREATE INDEX job_item_question ON job_item (job, question);
",
    "
-- Which experiments run, in files as they came; the highest number is in force.
CREATE TABLE flags (
  serial      INTEGER PRIMARY KEY,
  digest      BLOB NOT NULL,
  body        TEXT NOT NULL,
  signer      TEXT NOT NULL,
  imported_at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER flags_are_never_changed BEFORE UPDATE ON flags
BEGIN SELECT RAISE(ABORT, 'flags are never changed'); END;
CREATE TRIGGER flags_are_never_removed BEFORE DELETE ON flags
BEGIN SELECT RAISE(ABORT, 'flags are never removed'); END;
CREATE TRIGGER flags_never_go_back BEFORE INSERT ON flags
WHEN EXISTS (SELECT 1 FROM flags WHERE serial >= NEW.serial)
BEGIN SELECT RAISE(ABORT, 'flags never go back'); END;

-- Drafts that were made in an experiment, and what became of them; no text.
CREATE TABLE trial (
  row            INTEGER PRIMARY KEY,
  draft          TEXT NOT NULL UNIQUE,
  request_id     TEXT NOT NULL,
  at             INTEGER NOT NULL,
  experiment     TEXT NOT NULL,
  arm            TEXT NOT NULL,
  prompt_version TEXT NOT NULL,
  passed         INTEGER NOT NULL,
  state          TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_arm ON ledger (request_id) WHERE arm <> '';
",
    "
-- What a draft took is the sum of the calls for it.
DROP INDEX ledger_arm;
CREATE INDEX ledger_request ON ledger (request_id);
",
    "
-- Concepts that are shared, as the server told them last: what the user sees is in `concept`.
CREATE TABLE shared (
  concept  BLOB PRIMARY KEY,
  version  INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  range    INTEGER NOT NULL,
  mark     INTEGER NOT NULL,
  deleted  INTEGER NOT NULL,
  body     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX shared_range ON shared (range, mark);
CREATE INDEX shared_live ON shared (deleted);

-- What the user did to shared concepts, and beside it what became of that: `waiting` for an answer,
-- `done`, not taken and `open`, or `closed` once the user has decided.
CREATE TABLE outbox (
  row     INTEGER PRIMARY KEY,
  key     BLOB NOT NULL UNIQUE,
  concept BLOB NOT NULL,
  body    TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_concept ON outbox (concept, row);
CREATE TRIGGER outbox_is_never_changed BEFORE UPDATE ON outbox
BEGIN SELECT RAISE(ABORT, 'what is in the outbox is never changed'); END;
CREATE TRIGGER outbox_is_never_removed BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'what is in the outbox is never removed'); END;
-- REPLACE removes a row without asking the trigger above.
CREATE TRIGGER outbox_is_never_replaced BEFORE INSERT ON outbox
WHEN EXISTS (SELECT 1 FROM outbox WHERE key = NEW.key OR row = NEW.row)
BEGIN SELECT RAISE(ABORT, 'what is in the outbox is never replaced'); END;
CREATE TABLE outbox_fate (
  row     INTEGER PRIMARY KEY REFERENCES outbox (row),
  state   TEXT NOT NULL,
  outcome TEXT
) STRICT;
CREATE INDEX outbox_state ON outbox_fate (state, row);

-- How far this computer is with the server.
CREATE TABLE sync (
  one          INTEGER PRIMARY KEY CHECK (one = 1),
  epoch        BLOB,
  organisation TEXT NOT NULL,
  position     INTEGER NOT NULL,
  anew         INTEGER NOT NULL,
  synced_at    INTEGER,
  equal_at     INTEGER
) STRICT;
INSERT INTO sync (one, organisation, position, anew) VALUES (1, '', 0, 0);
",
    "
-- What was asked of a model for a draft and what it answered; `held` when a concept leads to it.
CREATE TABLE exchange (
  row            INTEGER PRIMARY KEY,
  id             TEXT NOT NULL UNIQUE,
  key            BLOB NOT NULL,
  term_key       TEXT NOT NULL,
  organisation   TEXT NOT NULL,
  model          TEXT NOT NULL,
  prompt_version TEXT NOT NULL,
  pack_version   TEXT NOT NULL,
  created_at     INTEGER NOT NULL,
  size           INTEGER NOT NULL,
  held           INTEGER NOT NULL,
  body           TEXT NOT NULL
) STRICT;
CREATE INDEX exchange_loose ON exchange (row, size) WHERE held = 0;
",
    "
-- A step of a review that the server did not take is `refused`: nothing is to be chosen there.
-- 1 while a proposal waits for a reviewer, 2 when it was sent back.
ALTER TABLE shared ADD COLUMN proposed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX shared_proposed ON shared (proposed);
ALTER TABLE sync ADD COLUMN account TEXT NOT NULL DEFAULT '';
ALTER TABLE sync ADD COLUMN role TEXT NOT NULL DEFAULT '';
",
    "
-- Texts as vectors, by the hash of the text: each is asked for once. The oldest go first.
CREATE TABLE embedding (
  row    INTEGER PRIMARY KEY AUTOINCREMENT,
  model  TEXT NOT NULL,
  text   BLOB NOT NULL,
  vector BLOB NOT NULL,
  UNIQUE (model, text)
) STRICT;
",
    "
-- On which days a concept holds, as `YYYY-MM-DD`; empty without that bound.
ALTER TABLE concept ADD COLUMN valid_from TEXT NOT NULL DEFAULT '';
ALTER TABLE concept ADD COLUMN valid_until TEXT NOT NULL DEFAULT '';
-- A server may have told of it before this program could read it.
INSERT INTO document (name, content) SELECT 'not_read_yet', '\"validity\"'
WHERE EXISTS (SELECT 1 FROM shared WHERE instr(body, '\"validity\"') > 0);
",
    "
-- What became of the user's own proposals; a row goes when the user has seen it. A number is never
-- given twice, so that what came since is not forgotten with it.
CREATE TABLE news (
  number  INTEGER PRIMARY KEY AUTOINCREMENT,
  concept BLOB NOT NULL,
  kind    TEXT NOT NULL,
  UNIQUE (concept, kind)
) STRICT;
",
    "
-- Small questions that rules or index made needless, by the key of the answer that they would have.
CREATE TABLE spared (
  question BLOB PRIMARY KEY,
  at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spared_at ON spared (at);
",
    "
-- The orders of a list, each with all that a list is filtered by: what does not pass is left out, and what does is
-- counted, without a look at its row.
DROP INDEX concept_modified;
DROP INDEX concept_term;
DROP INDEX concept_status;
CREATE INDEX concept_modified ON concept
  (modified_at DESC, row DESC, status, origin, category, valid_from, valid_until);
CREATE INDEX concept_term ON concept (folded, row, status, origin, category, valid_from, valid_until);
CREATE INDEX concept_status ON concept
  (status_rank, modified_at DESC, row DESC, status, origin, category, valid_from, valid_until);
",
];

/// The migration after which the table `beginning` is filled, counted from 1.
const BEGINNINGS: usize = 3;

/// Version of the cache file's schema.
pub(crate) const CACHE_VERSION: usize = 2;

const CACHE: [&str; CACHE_VERSION] = [
    "CREATE TABLE answer (key BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;",
    "
DROP TABLE answer;
-- The text comes last and in the row itself: a look-up reads one page of the index, which many
-- share, and one page of rows. A row is never changed; how it is used stands beside it.
CREATE TABLE answer (
  row            INTEGER PRIMARY KEY,
  key            BLOB NOT NULL UNIQUE,
  term_key       TEXT NOT NULL,
  organisation   TEXT NOT NULL,
  model          TEXT NOT NULL,
  prompt_version TEXT NOT NULL,
  pack_version   TEXT NOT NULL,
  created_at     INTEGER NOT NULL,
  body           BLOB NOT NULL
) STRICT;
CREATE INDEX answer_term ON answer (term_key);

CREATE TABLE answer_use (
  row  INTEGER PRIMARY KEY,
  at   INTEGER NOT NULL,
  uses INTEGER NOT NULL,
  size INTEGER NOT NULL
) STRICT;
CREATE INDEX answer_use_at ON answer_use (at, size);
CREATE TRIGGER answer_goes_with_its_use AFTER DELETE ON answer
BEGIN DELETE FROM answer_use WHERE row = OLD.row; END;
",
];

/// Brings the precious file up to date, all migrations and their bookkeeping in one transaction.
pub(crate) fn migrate_store(connection: &mut Connection) -> Result<(), StoreError> {
    let migrations = STORE.iter().enumerate().map(|(at, sql)| match at + 1 {
        BEGINNINGS => M::up_with_hook(sql, |transaction: &Transaction<'_>| {
            Ok(crate::index::write_beginnings(transaction)?)
        }),
        _ => M::up(sql),
    });
    migrate(connection, migrations.collect())
}

/// Brings the cache file up to date.
pub(crate) fn migrate_cache(connection: &mut Connection) -> Result<(), StoreError> {
    migrate(connection, CACHE.iter().map(|sql| M::up(sql)).collect())
}

fn migrate(connection: &mut Connection, steps: Vec<M<'_>>) -> Result<(), StoreError> {
    Migrations::new(steps)
        .to_latest(connection)
        .map_err(|error| match error {
            Error::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => {
                StoreError::Newer
            }
            Error::RusqliteError { err, .. } => err.into(),
            other => StoreError::Other(other.to_string()),
        })
}

/// The schema version that a file has; 0 for an empty one.
pub(crate) fn version_of(connection: &Connection) -> Result<usize, StoreError> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}
