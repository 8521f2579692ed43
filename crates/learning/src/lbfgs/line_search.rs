//! A step that satisfies the strong Wolfe conditions.
//!
//! Source: Moré & Thuente, "Line search algorithms with guaranteed sufficient decrease", ACM Trans. Math. Softw. 20
//! (1994), with the constants that L-BFGS-B gives MINPACK-2's `dcsrch`.

/// The share of the initial slope by which the function must decrease: `ftol`.
const SUFFICIENT_DECREASE: f64 = 1e-3;
/// The share of the initial slope to which the slope must flatten: `gtol`.
const FLATTENED_SLOPE: f64 = 0.9;
/// The relative width at which the interval of uncertainty is taken for a point: `xtol`.
const INTERVAL_WIDTH: f64 = 0.1;
/// How far beyond the latest step the next one lies before the minimum is bracketed.
const EXTRAPOLATION: (f64, f64) = (1.1, 4.0);
/// The interval must shrink by this factor in two trials, or it is bisected.
const SHRINKAGE: f64 = 0.66;

/// A point on the line: the step, the function and its slope there.
#[derive(Debug, Clone, Copy)]
struct Trial {
    step: f64,
    value: f64,
    slope: f64,
}

impl Trial {
    /// The same point of the function less `slope`·step.
    fn tilted(self, slope: f64) -> Self {
        Self { step: self.step, value: self.value - self.step * slope, slope: self.slope - slope }
    }

    fn untilted(self, slope: f64) -> Self {
        Self { step: self.step, value: self.value + self.step * slope, slope: self.slope + slope }
    }
}

/// What to do after a trial.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Next {
    /// The latest step is the result.
    Accept,
    /// Evaluate this step.
    Try(f64),
}

/// The state of a search between two trials.
#[derive(Debug, Clone)]
pub(super) struct LineSearch {
    start: Trial,
    /// The best trial so far, one end of the interval of uncertainty.
    best: Trial,
    /// The other end.
    other: Trial,
    bracketed: bool,
    /// Until a trial has both decreased the function enough and passed a slope of zero, an auxiliary function is used.
    auxiliary: bool,
    bounds: (f64, f64),
    max_step: f64,
    width: f64,
    previous_width: f64,
}

impl LineSearch {
    /// Starts at a point with a negative `slope`, to try `step` first.
    pub(super) fn new(value: f64, slope: f64, step: f64, max_step: f64) -> Self {
        let start = Trial { step: 0.0, value, slope };
        Self {
            start,
            best: start,
            other: start,
            bracketed: false,
            auxiliary: true,
            bounds: (0.0, step + EXTRAPOLATION.1 * step),
            max_step,
            width: max_step,
            previous_width: 2.0 * max_step,
        }
    }

    /// Judges the trial of `step`.
    pub(super) fn next(&mut self, step: f64, value: f64, slope: f64) -> Next {
        let trial = Trial { step, value, slope };
        let required_slope = SUFFICIENT_DECREASE * self.start.slope;
        let required_value = self.start.value + step * required_slope;
        if self.auxiliary && value <= required_value && slope >= 0.0 {
            self.auxiliary = false;
        }
        let (low, high) = self.bounds;
        let no_room = self.bracketed && (step <= low || step >= high);
        let narrow = self.bracketed && high - low <= INTERVAL_WIDTH * high;
        let at_maximum = step == self.max_step && value <= required_value && slope <= required_slope;
        let at_minimum = step == 0.0 && (value > required_value || slope >= required_slope);
        let wolfe = value <= required_value && slope.abs() <= FLATTENED_SLOPE * -self.start.slope;
        if no_room || narrow || at_maximum || at_minimum || wolfe {
            return Next::Accept;
        }
        let next = if self.auxiliary && value <= self.best.value && value > required_value {
            self.best = self.best.tilted(required_slope);
            self.other = self.other.tilted(required_slope);
            let next = self.update(trial.tilted(required_slope));
            self.best = self.best.untilted(required_slope);
            self.other = self.other.untilted(required_slope);
            next
        } else {
            self.update(trial)
        };
        Next::Try(self.safeguard(next))
    }

    /// Bisects an interval that shrinks too slowly and keeps the step within bounds.
    fn safeguard(&mut self, mut step: f64) -> f64 {
        let (best, other) = (self.best.step, self.other.step);
        if self.bracketed {
            if (other - best).abs() >= SHRINKAGE * self.previous_width {
                step = best + 0.5 * (other - best);
            }
            self.previous_width = self.width;
            self.width = (other - best).abs();
            self.bounds = (best.min(other), best.max(other));
        } else {
            self.bounds = (step + EXTRAPOLATION.0 * (step - best), step + EXTRAPOLATION.1 * (step - best));
        }
        step = step.max(0.0).min(self.max_step);
        let (low, high) = self.bounds;
        let exhausted = step <= low || step >= high || high - low <= INTERVAL_WIDTH * high;
        if self.bracketed && exhausted { best } else { step }
    }

    /// Shrinks the interval around `trial` and gives the next step, by cubic and quadratic interpolation (`dcstep`).
    fn update(&mut self, trial: Trial) -> f64 {
        let (best, other) = (self.best, self.other);
        let slopes_differ =
            (trial.slope < 0.0 && best.slope > 0.0) || (trial.slope > 0.0 && best.slope < 0.0);
        let higher = trial.value > best.value;
        let next = if higher {
            self.bracketed = true;
            beyond_a_higher_value(best, trial)
        } else if slopes_differ {
            self.bracketed = true;
            beyond_a_sign_change(best, trial)
        } else if trial.slope.abs() < best.slope.abs() {
            self.along_a_flattening_slope(best, trial)
        } else if self.bracketed {
            cubic_step(trial, other, trial.step > other.step)
        } else if trial.step > best.step {
            self.bounds.1
        } else {
            self.bounds.0
        };
        if higher {
            self.other = trial;
        } else {
            if slopes_differ {
                self.other = best;
            }
            self.best = trial;
        }
        next
    }

    /// A lower value and a flatter slope of the same sign: the minimum may lie far ahead.
    fn along_a_flattening_slope(&self, best: Trial, trial: Trial) -> f64 {
        let (low, high) = self.bounds;
        let ahead = trial.step > best.step;
        let theta = cubic_theta(best, trial);
        let scale = theta.abs().max(best.slope.abs()).max(trial.slope.abs());
        let radicand = (theta / scale).powi(2) - (best.slope / scale) * (trial.slope / scale);
        let gamma = scale * radicand.max(0.0).sqrt() * if ahead { -1.0 } else { 1.0 };
        let ratio = ((gamma - trial.slope) + theta) / ((gamma + (best.slope - trial.slope)) + gamma);
        // The cubic has a minimum ahead only then; else it falls for ever in the direction of the step.
        let cubic = if ratio < 0.0 && gamma != 0.0 {
            trial.step + ratio * (best.step - trial.step)
        } else if ahead {
            high
        } else {
            low
        };
        let secant = secant_step(best, trial);
        let (to_cubic, to_secant) = ((cubic - trial.step).abs(), (secant - trial.step).abs());
        if self.bracketed {
            let nearer = if to_cubic < to_secant { cubic } else { secant };
            let limit = trial.step + SHRINKAGE * (self.other.step - trial.step);
            if ahead { limit.min(nearer) } else { limit.max(nearer) }
        } else {
            let farther = if to_cubic > to_secant { cubic } else { secant };
            farther.max(low).min(high)
        }
    }
}

/// A higher value: the minimum lies between. The cubic's minimiser, unless the quadratic's is nearer to the best step.
fn beyond_a_higher_value(best: Trial, trial: Trial) -> f64 {
    let length = trial.step - best.step;
    let theta = cubic_theta(best, trial);
    let gamma = cubic_gamma(theta, best, trial) * if trial.step < best.step { -1.0 } else { 1.0 };
    let ratio = ((gamma - best.slope) + theta) / (((gamma - best.slope) + gamma) + trial.slope);
    let cubic = best.step + ratio * length;
    let mean_slope = (best.value - trial.value) / length;
    let quadratic = best.step + ((best.slope / (mean_slope + best.slope)) / 2.0) * length;
    if (cubic - best.step).abs() <= (quadratic - best.step).abs() {
        cubic
    } else {
        cubic + (quadratic - cubic) / 2.0
    }
}

/// A lower value beyond the minimum: the cubic's or the secant's minimiser, whichever is farther from the trial.
fn beyond_a_sign_change(best: Trial, trial: Trial) -> f64 {
    let cubic = cubic_step(trial, best, trial.step > best.step);
    let secant = secant_step(best, trial);
    if (cubic - trial.step).abs() > (secant - trial.step).abs() { cubic } else { secant }
}

/// The minimiser, seen from `from`, of the cubic through both trials.
fn cubic_step(from: Trial, to: Trial, ahead: bool) -> f64 {
    let theta = cubic_theta(to, from);
    let gamma = cubic_gamma(theta, to, from) * if ahead { -1.0 } else { 1.0 };
    let ratio = ((gamma - from.slope) + theta) / (((gamma - from.slope) + gamma) + to.slope);
    from.step + ratio * (to.step - from.step)
}

fn secant_step(best: Trial, trial: Trial) -> f64 {
    trial.step + (trial.slope / (trial.slope - best.slope)) * (best.step - trial.step)
}

fn cubic_theta(a: Trial, b: Trial) -> f64 {
    3.0 * (a.value - b.value) / (b.step - a.step) + a.slope + b.slope
}

fn cubic_gamma(theta: f64, a: Trial, b: Trial) -> f64 {
    let scale = theta.abs().max(a.slope.abs()).max(b.slope.abs());
    scale * ((theta / scale).powi(2) - (a.slope / scale) * (b.slope / scale)).sqrt()
}
