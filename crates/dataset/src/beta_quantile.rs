//! Quantiles of the beta distribution for counts as shapes, small and large.

use statrs::function::gamma::ln_gamma;

/// The value below which the beta distribution with shapes `a` and `b`, both at least 1, has the probability `p`.
///
/// Newton's method from the mode: the distribution function is convex below it and concave above, so that every step
/// ends between the last point and the root. (`inverse_cdf` of statrs 0.19 does not end for some shapes of many
/// examples, and its distribution function takes 140 terms however large the shapes are.)
pub(crate) fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    const MOST_STEPS: usize = 100;
    if a == 1.0 {
        return -f64::exp_m1(f64::ln_1p(-p) / b);
    }
    if b == 1.0 {
        return p.powf(1.0 / a);
    }
    let ln_beta = ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    let mut x = (a - 1.0) / (a + b - 2.0);
    for _ in 0..MOST_STEPS {
        // x^a · (1 − x)^b / B(a, b), which both the density and the distribution function are multiples of.
        let front = (a * x.ln() + b * f64::ln_1p(-x) - ln_beta).exp();
        let density = front / (x * (1.0 - x));
        let next =
            (x - (beta_cdf(a, b, x, front) - p) / density).clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON);
        let step = (next - x).abs();
        x = next;
        if step <= 1e-13 * x || density == 0.0 {
            break;
        }
    }
    x
}

/// The regularised incomplete beta function by its continued fraction, evaluated as Lentz does.
///
/// Source: DLMF 8.17.22. Below the mean it converges within some √max(a, b) terms.
fn beta_cdf(a: f64, b: f64, x: f64, front: f64) -> f64 {
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_cdf_below_mean(b, a, 1.0 - x, front);
    }
    beta_cdf_below_mean(a, b, x, front)
}

fn beta_cdf_below_mean(a: f64, b: f64, x: f64, front: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let not_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let most_terms = 200.0 + 10.0 * a.max(b).sqrt();
    let (mut c, mut d) = (1.0, 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    let mut m = 1.0;
    while m < most_terms {
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / not_zero(1.0 + even * d);
        c = not_zero(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / not_zero(1.0 + odd * d);
        c = not_zero(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < f64::EPSILON {
            break;
        }
        m += 1.0;
    }
    front * fraction / a
}
