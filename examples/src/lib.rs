//! One runnable file per workflow; see the files beside this folder.
