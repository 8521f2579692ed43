//! Unconstrained minimisation along the path of SciPy's L-BFGS-B.
//!
//! scikit-learn's default tolerance stops logistic regression well before the optimum, so equal probabilities at the
//! defaults mean equal iterates, not just equal optima. What follows is therefore L-BFGS-B 3.0 without bounds, step by
//! step: the same first step, line search, curvature test, scaling of the initial matrix, restarts and stopping rules.
//! Only the direction is computed by the two-loop recursion instead of the compact matrix form; both are the same
//! product of the same matrix, up to rounding.
//!
//! Sources: Byrd, Lu, Nocedal & Zhu, "A limited memory algorithm for bound constrained optimization", SIAM J. Sci.
//! Comput. 16 (1995); Nocedal & Wright, "Numerical Optimization", algorithm 7.4; `scipy.optimize.minimize` with
//! `method="L-BFGS-B"`.

mod line_search;

use std::collections::VecDeque;

use line_search::{LineSearch, Next};

/// Pairs of steps and gradient changes that are remembered: `maxcor`.
const MEMORY: usize = 10;

/// Trial points in one line search: scikit-learn's `maxls`.
const MAX_TRIALS: usize = 50;

/// Evaluations after which SciPy gives up: `maxfun`.
const MAX_EVALUATIONS: usize = 15_000;

/// The relative decrease that counts as standing still: scikit-learn's `ftol`.
const DECREASE_TOLERANCE: f64 = 64.0 * f64::EPSILON;

/// The longest step of a line search without bounds.
const MAX_STEP: f64 = 1e10;

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopping {
    /// The largest absolute component of the gradient that counts as zero: `gtol`.
    pub(crate) gradient_tolerance: f64,
    /// `maxiter`.
    pub(crate) max_iterations: usize,
}

/// Why the search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The gradient vanished or the function stopped decreasing.
    Converged,
    /// There were too many iterations.
    IterationLimit,
    /// No lower point was found along the direction of steepest descent.
    LineSearchFailed,
}

/// Where the search ended.
#[derive(Debug, Clone)]
pub(crate) struct Minimum {
    pub(crate) point: Vec<f64>,
    pub(crate) iterations: usize,
    /// The largest absolute component of the gradient at `point`.
    pub(crate) gradient: f64,
    pub(crate) ending: Ending,
}

/// Minimises a function of which `evaluate(point, gradient)` gives the value and writes the gradient.
pub(crate) fn minimize(
    start: Vec<f64>,
    stopping: Stopping,
    mut evaluate: impl FnMut(&[f64], &mut [f64]) -> f64,
) -> Minimum {
    let n = start.len();
    let mut point = start;
    let mut gradient = vec![0.0; n];
    let mut value = evaluate(&point, &mut gradient);
    let mut evaluations = 1;
    let mut memory = Memory::new();
    let (mut direction, mut target) = (vec![0.0; n], vec![0.0; n]);
    let (mut old_point, mut old_gradient) = (vec![0.0; n], vec![0.0; n]);
    let mut iterations = 0;
    let ended = |point, iterations, gradient: &[f64], ending| Minimum {
        point,
        iterations,
        gradient: largest(gradient),
        ending,
    };
    if largest(&gradient) <= stopping.gradient_tolerance {
        return ended(point, iterations, &gradient, Ending::Converged);
    }
    loop {
        memory.descend(&gradient, &mut direction);
        // L-BFGS-B keeps the end of the full step and takes the direction as a difference; so do the last bits here.
        for i in 0..n {
            target[i] = point[i] + direction[i];
            direction[i] = target[i] - point[i];
        }
        old_point.copy_from_slice(&point);
        old_gradient.copy_from_slice(&gradient);
        let old_value = value;
        let old_slope = dot(&gradient, &direction);
        let mut step =
            if iterations == 0 { (1.0 / dot(&direction, &direction).sqrt()).min(MAX_STEP) } else { 1.0 };
        let mut slope = old_slope;
        let mut found = false;
        let climbs = old_slope >= 0.0;
        if !climbs {
            let mut search = LineSearch::new(old_value, old_slope, step, MAX_STEP);
            for _ in 0..MAX_TRIALS {
                if step == 1.0 {
                    point.copy_from_slice(&target);
                } else {
                    for i in 0..n {
                        point[i] = step * direction[i] + old_point[i];
                    }
                }
                value = evaluate(&point, &mut gradient);
                evaluations += 1;
                slope = dot(&gradient, &direction);
                match search.next(step, value, slope) {
                    Next::Accept => {
                        found = true;
                        break;
                    }
                    Next::Try(next) => step = next,
                }
            }
        }
        if !found {
            point.copy_from_slice(&old_point);
            gradient.copy_from_slice(&old_gradient);
            value = old_value;
            if memory.is_empty() {
                return ended(point, iterations, &gradient, Ending::LineSearchFailed);
            }
            memory.clear();
            continue;
        }
        iterations += 1;
        // SciPy looks at the limits before it looks at the gradient.
        if iterations >= stopping.max_iterations || evaluations > MAX_EVALUATIONS {
            return ended(point, iterations, &gradient, Ending::IterationLimit);
        }
        let standstill = DECREASE_TOLERANCE * old_value.abs().max(value.abs()).max(1.0);
        if largest(&gradient) <= stopping.gradient_tolerance || old_value - value <= standstill {
            return ended(point, iterations, &gradient, Ending::Converged);
        }
        let curvature = (slope - old_slope) * step;
        if curvature > f64::EPSILON * (-old_slope * step) {
            memory.remember(step, &direction, &gradient, &old_gradient, curvature);
        }
    }
}

/// The latest steps s and gradient changes y.
struct Memory {
    pairs: VecDeque<Pair>,
    coefficients: [f64; MEMORY],
}

struct Pair {
    step: Vec<f64>,
    change: Vec<f64>,
    /// s·y
    curvature: f64,
    /// s·y / y·y
    scale: f64,
}

impl Memory {
    fn new() -> Self {
        Self { pairs: VecDeque::with_capacity(MEMORY), coefficients: [0.0; MEMORY] }
    }

    fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    fn clear(&mut self) {
        self.pairs.clear();
    }

    fn remember(
        &mut self,
        step: f64,
        direction: &[f64],
        gradient: &[f64],
        old_gradient: &[f64],
        curvature: f64,
    ) {
        // The oldest pair makes room, so that a long search allocates no more than a short one.
        let mut pair =
            if self.pairs.len() == MEMORY { self.pairs.pop_front() } else { None }.unwrap_or_else(|| Pair {
                step: vec![0.0; direction.len()],
                change: vec![0.0; direction.len()],
                curvature,
                scale: 1.0,
            });
        for (s, d) in pair.step.iter_mut().zip(direction) {
            *s = step * d;
        }
        for ((y, new), old) in pair.change.iter_mut().zip(gradient).zip(old_gradient) {
            *y = new - old;
        }
        pair.curvature = curvature;
        pair.scale = curvature / dot(&pair.change, &pair.change);
        self.pairs.push_back(pair);
    }

    /// Writes −H·gradient, H the approximation of the inverse Hessian; H is the identity when nothing is remembered.
    fn descend(&mut self, gradient: &[f64], direction: &mut [f64]) {
        for (d, g) in direction.iter_mut().zip(gradient) {
            *d = -g;
        }
        for (pair, coefficient) in self.pairs.iter().zip(&mut self.coefficients).rev() {
            *coefficient = dot(&pair.step, direction) / pair.curvature;
            add_scaled(direction, -*coefficient, &pair.change);
        }
        if let Some(latest) = self.pairs.back() {
            for d in direction.iter_mut() {
                *d *= latest.scale;
            }
        }
        for (pair, coefficient) in self.pairs.iter().zip(&self.coefficients) {
            let correction = dot(&pair.change, direction) / pair.curvature;
            add_scaled(direction, coefficient - correction, &pair.step);
        }
    }
}

/// The largest absolute component; NaN if there is one.
fn largest(values: &[f64]) -> f64 {
    values.iter().fold(
        0.0,
        |largest: f64, value| {
            if value.is_nan() { f64::NAN } else { largest.max(value.abs()) }
        },
    )
}

/// The inner product, over eight running sums so that it vectorises.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for lane in 0..8 {
            lanes[lane] += x[lane] * y[lane];
        }
    }
    lanes.iter().sum::<f64>() + rest
}

fn add_scaled(target: &mut [f64], scale: f64, values: &[f64]) {
    for (t, v) in target.iter_mut().zip(values) {
        *t += scale * v;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    const STOPPING: Stopping = Stopping { gradient_tolerance: 1e-10, max_iterations: 1000 };

    fn rosenbrock(x: &[f64], gradient: &mut [f64]) -> f64 {
        let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
        gradient[0] = -2.0 * a - 400.0 * x[0] * b;
        gradient[1] = 200.0 * b;
        a * a + 100.0 * b * b
    }

    #[test]
    fn minimize_rosenbrock_finds_the_valley() {
        let minimum = minimize(vec![-1.2, 1.0], STOPPING, rosenbrock);
        assert_eq!(minimum.ending, Ending::Converged);
        assert_abs_diff_eq!(minimum.point[0], 1.0, epsilon = 1e-6);
        assert_abs_diff_eq!(minimum.point[1], 1.0, epsilon = 1e-6);
    }

    #[test]
    fn minimize_long_valley_takes_scipys_iterations() {
        // scipy.optimize.minimize(rosen, x0, jac=rosen_der, method="L-BFGS-B", options=dict(gtol=1e-10,
        // ftol=64*eps, maxls=50)) from these points.
        let iterations = |start: [f64; 2]| minimize(start.to_vec(), STOPPING, rosenbrock).iterations;
        assert_eq!(iterations([-1.2, 1.0]), SCIPY_ITERATIONS[0]);
        assert_eq!(iterations([3.0, -2.0]), SCIPY_ITERATIONS[1]);
    }

    const SCIPY_ITERATIONS: [usize; 2] = [38, 31];

    #[test]
    fn minimize_at_the_minimum_does_no_iteration() {
        let minimum = minimize(vec![1.0, 1.0], STOPPING, rosenbrock);
        assert_eq!((minimum.iterations, minimum.ending), (0, Ending::Converged));
    }

    #[test]
    fn minimize_iteration_limit_is_reported() {
        let stopping = Stopping { max_iterations: 3, ..STOPPING };
        let minimum = minimize(vec![-1.2, 1.0], stopping, rosenbrock);
        assert_eq!((minimum.iterations, minimum.ending), (3, Ending::IterationLimit));
    }

    /// (value, gradient) of functions that no search can lower, and SciPy's iterations and verdict on them.
    #[test]
    fn minimize_hopeless_functions_end_as_in_scipy() {
        let end = |function: fn(f64) -> (f64, f64)| {
            let minimum = minimize(vec![2.0], STOPPING, |x, gradient| {
                let (value, slope) = function(x[0]);
                gradient[0] = slope;
                value
            });
            assert_abs_diff_eq!(minimum.point[0], 2.0, epsilon = 1e-10);
            (minimum.iterations, minimum.ending)
        };
        assert_eq!(end(|x| (x * x, -2.0 * x)), (1, Ending::Converged));
        assert_eq!(end(|_| (1.0, 1.0)), (1, Ending::Converged));
        assert_eq!(end(|x| (if x < 2.0 { 1.0 } else { 0.0 }, 1.0)), (0, Ending::LineSearchFailed));
        assert_eq!(end(|_| (f64::NAN, f64::NAN)), (0, Ending::LineSearchFailed));
    }

    #[test]
    fn minimize_search_beyond_a_sign_change_tries_scipys_points() {
        let mut tried = Vec::new();
        minimize(vec![0.505], STOPPING, |x, gradient| {
            let x = x[0];
            tried.push(x);
            gradient[0] = x + 0.06 * x * x + 0.4 * x.powi(3);
            0.5 * x * x + 0.02 * x.powi(3) + 0.1 * x.powi(4)
        });
        let scipys = [0.505, -0.495, 0.000_454_500_001_239_588, 5.313_941_427_312_249e-5, 1.453_971_581e-9];
        for (ours, theirs) in tried.iter().zip(scipys) {
            assert_abs_diff_eq!(*ours, theirs, epsilon = 1e-15);
        }
    }
}
