//! Golden fixtures recorded from cleanlab 2.9.0, NumPy and scikit-learn, and their loader.
