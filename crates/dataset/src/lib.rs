//! Class- and dataset-level label health.
