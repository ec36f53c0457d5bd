//! A rule: executable check, prompt instruction and its own good and bad examples; rule packs; the report.
