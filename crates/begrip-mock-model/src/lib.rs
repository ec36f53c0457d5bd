//! A model server for tests and demonstration that speaks the OpenAI protocol and keeps its own call log.
