//! Noise matrices with a given trace, and noisy labels drawn from them.
