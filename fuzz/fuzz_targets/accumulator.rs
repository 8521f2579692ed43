//! The states of passes, which machines send to each other as bytes.

#![no_main]

use cleanlab_core::{Accumulator, Batch};
use cleanlab_count::{
    IssueCountAccumulator, JointAccumulator, SelectionBoundary, SelectionCut, SelectionHistogram,
    SelectionSurvey, ThresholdAccumulator,
};
use cleanlab_fuzz as _;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    used::<ThresholdAccumulator>(bytes);
    used::<JointAccumulator>(bytes);
    used::<IssueCountAccumulator>(bytes);
    used::<SelectionHistogram>(bytes);
    used::<SelectionCut>(bytes);
    used::<SelectionSurvey>(bytes);
    used::<SelectionBoundary>(bytes);
});

/// Reads a state; one that is read can be updated, merged and finished.
fn used<A: Accumulator>(bytes: &[u8]) {
    let Ok(mut state) = A::from_bytes(bytes) else { return };
    let Ok(twin) = A::from_bytes(&state.to_bytes()) else {
        panic!("{} does not read what it wrote", A::NAME);
    };
    for (labels, probs, n_classes) in [
        (&[0, 1, 1][..], &[0.9, 0.1, 0.2, 0.8, 0.7, 0.3][..], 2),
        (&[2, 0], &[0.2, 0.3, 0.5, 0.1, 0.6, 0.3], 3),
    ] {
        let batch = Batch::new(labels, probs, n_classes, 5).expect("a valid batch");
        let _ = state.update(&batch);
    }
    let _ = state.merge(twin);
    let _ = state.finish();
}
