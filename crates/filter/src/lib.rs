//! Which labels are wrong: every filter_by method of cleanlab, and rankings.
