//! The workstation's encrypted SQLite file: concepts, search, revisions, response cache, ledger.
