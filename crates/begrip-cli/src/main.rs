//! The use cases on a terminal and in scripts.
fn main() {}
