//! Reading tables and arrays into cleanlab's inputs, and writing results.
