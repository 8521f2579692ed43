"""Numbers that several modules share. The values are cleanlab's."""

FLOATING_POINT_COMPARISON = 1e-6
"""How far apart two probabilities may be to count as equal."""
CLIPPING_LOWER_BOUND = 1e-6
"""The smallest divisor of a score."""
CONFIDENT_THRESHOLDS_LOWER_BOUND = 2 * FLOATING_POINT_COMPARISON
"""The smallest confident threshold, still above 0 when the tolerance is subtracted."""
TINY_VALUE = 1e-100
"""The smallest divisor of a count or a prior."""

# Pictures and boxes.
EUC_FACTOR = 0.1
MAX_ALLOWED_BOX_PRUNE = 0.97
IOU_THRESHOLD = 0.5
EPSILON = 1e-6
ALPHA = 0.9
LOW_PROBABILITY_THRESHOLD = 0.5
HIGH_PROBABILITY_THRESHOLD = 0.95
TEMPERATURE = 0.1
LABEL_OVERLAP_THRESHOLD = 0.95
OVERLOOKED_THRESHOLD_FACTOR = 0.8
BADLOC_THRESHOLD_FACTOR = 0.8
SWAP_THRESHOLD_FACTOR = 0.8
AP_SCALE_FACTOR = 0.25
CUSTOM_SCORE_WEIGHT_OVERLOOKED = 1 / 3
CUSTOM_SCORE_WEIGHT_BADLOC = 1 / 3
CUSTOM_SCORE_WEIGHT_SWAP = 1 / 3
MAX_CLASS_TO_SHOW = 10
