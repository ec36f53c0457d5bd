//! One OpenAI-compatible client: streaming, retry, circuit breaker, single flight, tiered response cache.
