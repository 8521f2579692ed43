//! Label quality scores for every example, from one model or an ensemble.
