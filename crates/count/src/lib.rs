//! Confident thresholds, the confident joint, noise matrices and issue counts.
