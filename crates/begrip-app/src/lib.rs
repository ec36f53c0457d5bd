//! The use cases, one function each, and the one command schema from which every host follows.
