//! Criterion benches over the public APIs; see `benches/`.
