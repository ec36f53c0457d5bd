//! Dutch text: sentences, words, head noun, number, verb forms, inflection-insensitive keys.
