//! Exponential, gamma, Dirichlet and normal draws.

use super::{RandomError, RandomState};

impl RandomState {
    /// A draw from the exponential distribution with mean 1: −ln(1 − u).
    ///
    /// ```
    /// use cleanlab_core::RandomState;
    /// assert_eq!(RandomState::new(0).standard_exponential(), 0.795_874_508_163_11);
    /// ```
    pub fn standard_exponential(&mut self) -> f64 {
        // ln_1p(-u) would be nearer to the truth and off NumPy's stream by a bit.
        -(1.0 - self.random_sample()).ln()
    }

    /// A draw from the gamma distribution with scale 1.
    ///
    /// ```
    /// use approx::assert_ulps_eq;
    /// use cleanlab_core::RandomState;
    /// let mut random = RandomState::new(0);
    /// assert_ulps_eq!(random.standard_gamma(2.5)?, 5.938_700_703_245_08);
    /// assert_eq!(random.standard_gamma(0.0)?, 0.0);
    /// # Ok::<(), cleanlab_core::RandomError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RandomError::InvalidShape`] when `shape` is negative or not finite.
    ///
    /// # Source
    ///
    /// `RandomState.standard_gamma`: G. Marsaglia and W. Tsang, "A simple method for generating gamma variables", ACM
    /// TOMS 26 (2000) above shape 1; J. Ahrens and U. Dieter (1974) below it.
    pub fn standard_gamma(&mut self, shape: f64) -> Result<f64, RandomError> {
        if !shape.is_finite() || shape < 0.0 {
            return Err(RandomError::InvalidShape { shape });
        }
        Ok(self.gamma_of_checked(shape))
    }

    fn gamma_of_checked(&mut self, shape: f64) -> f64 {
        if shape == 1.0 {
            self.standard_exponential()
        } else if shape == 0.0 {
            0.0
        } else if shape < 1.0 {
            self.gamma_below_one(shape)
        } else {
            self.gamma_above_one(shape)
        }
    }

    fn gamma_below_one(&mut self, shape: f64) -> f64 {
        loop {
            let u = self.random_sample();
            let limit = self.standard_exponential();
            if u <= 1.0 - shape {
                let x = u.powf(1.0 / shape);
                if x <= limit {
                    return x;
                }
            } else {
                let y = -((1.0 - u) / shape).ln();
                let x = (1.0 - shape + shape * y).powf(1.0 / shape);
                if x <= limit + y {
                    return x;
                }
            }
        }
    }

    fn gamma_above_one(&mut self, shape: f64) -> f64 {
        let b = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * b).sqrt();
        loop {
            let x = self.standard_normal();
            let root = 1.0 + c * x;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            let u = self.random_sample();
            // 0.0331 is the constant of the paper's quick acceptance; the logarithms decide the rest.
            if u < 1.0 - 0.0331 * (x * x) * (x * x) || u.ln() < 0.5 * x * x + b * (1.0 - v + v.ln()) {
                return b * v;
            }
        }
    }

    /// A draw from the Dirichlet distribution: one gamma draw per parameter, divided by their sum.
    ///
    /// ```
    /// use cleanlab_core::RandomState;
    /// let shares = RandomState::new(0).dirichlet(&[1.0, 1.0, 1.0])?;
    /// assert_eq!(shares, [0.267_518_287_769_359_93, 0.422_157_568_585_710_6, 0.310_324_143_644_929_55]);
    /// # Ok::<(), cleanlab_core::RandomError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RandomError::InvalidConcentration`] when a parameter is not above 0 or not finite;
    /// [`RandomError::DirichletTotal`] when parameters are so small or large that every gamma draw is 0 or their sum
    /// overflows, where NumPy gives NaN.
    pub fn dirichlet(&mut self, concentrations: &[f64]) -> Result<Vec<f64>, RandomError> {
        for (index, &value) in concentrations.iter().enumerate() {
            if !value.is_finite() || value <= 0.0 {
                return Err(RandomError::InvalidConcentration { index, value });
            }
        }
        let mut shares: Vec<f64> = concentrations.iter().map(|&shape| self.gamma_of_checked(shape)).collect();
        let total = shares.iter().fold(0.0, |sum, draw| sum + draw);
        let reciprocal: f64 = 1.0 / total;
        let divisible = reciprocal.is_finite() && total.is_finite();
        if !shares.is_empty() && !divisible {
            return Err(RandomError::DirichletTotal { total });
        }
        for share in &mut shares {
            *share *= reciprocal;
        }
        Ok(shares)
    }

    /// A draw from the normal distribution with mean 0 and standard deviation 1.
    ///
    /// Draws come in pairs; the second one is kept and handed out by the next call.
    ///
    /// ```
    /// use approx::assert_ulps_eq;
    /// use cleanlab_core::RandomState;
    /// let mut random = RandomState::new(0);
    /// assert_ulps_eq!(random.standard_normal(), 1.764_052_345_967_664);
    /// assert_ulps_eq!(random.standard_normal(), 0.400_157_208_367_223_3);
    /// ```
    ///
    /// # Source
    ///
    /// `RandomState.standard_normal`: G. Marsaglia and T. Bray, "A convenient method for generating normal variables",
    /// SIAM Review 6 (1964).
    #[doc(alias = "randn")]
    pub fn standard_normal(&mut self) -> f64 {
        if let Some(spare) = self.spare_normal.take() {
            return spare;
        }
        loop {
            let x = 2.0 * self.random_sample() - 1.0;
            let y = 2.0 * self.random_sample() - 1.0;
            let square = x * x + y * y;
            if square < 1.0 && square != 0.0 {
                let factor = (-2.0 * square.ln() / square).sqrt();
                self.spare_normal = Some(factor * x);
                return factor * y;
            }
        }
    }

    /// A draw from the normal distribution with the given mean and standard deviation.
    ///
    /// ```
    /// use approx::assert_ulps_eq;
    /// use cleanlab_core::RandomState;
    /// assert_ulps_eq!(RandomState::new(0).normal(10.0, 0.5)?, 10.882_026_172_983_831);
    /// # Ok::<(), cleanlab_core::RandomError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RandomError::InvalidMean`] when `mean` is not finite, [`RandomError::InvalidScale`] when
    /// `standard_deviation` is negative or not finite.
    pub fn normal(&mut self, mean: f64, standard_deviation: f64) -> Result<f64, RandomError> {
        if !mean.is_finite() {
            return Err(RandomError::InvalidMean { index: 0, value: mean });
        }
        if !standard_deviation.is_finite() || standard_deviation < 0.0 {
            return Err(RandomError::InvalidScale { scale: standard_deviation });
        }
        Ok(mean + standard_deviation * self.standard_normal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn standard_gamma_mean_and_variance_are_the_shape() {
        let mut random = RandomState::new(11);
        for shape in [0.3, 1.0, 4.5] {
            let n = 40_000;
            let draws: Vec<f64> = (0..n).map(|_| random.standard_gamma(shape).unwrap()).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(n);
            let variance = draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / f64::from(n);
            assert!((mean - shape).abs() < 0.05 * shape, "mean {mean} of shape {shape}");
            assert!((variance - shape).abs() < 0.1 * shape, "variance {variance} of shape {shape}");
        }
    }

    #[test]
    fn standard_normal_mean_and_variance_are_zero_and_one() {
        let mut random = RandomState::new(11);
        let n = 40_000;
        let draws: Vec<f64> = (0..n).map(|_| random.standard_normal()).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let variance = draws.iter().map(|draw| draw * draw).sum::<f64>() / f64::from(n);
        assert!(mean.abs() < 0.03, "mean {mean}");
        assert!((variance - 1.0).abs() < 0.05, "variance {variance}");
    }

    #[test]
    fn parameters_out_of_range_are_named() {
        let mut random = RandomState::new(0);
        assert!(matches!(random.standard_gamma(f64::NAN), Err(RandomError::InvalidShape { .. })));
        assert_eq!(
            random.dirichlet(&[1.0, 0.0]),
            Err(RandomError::InvalidConcentration { index: 1, value: 0.0 })
        );
        assert_eq!(random.normal(0.0, -1.0), Err(RandomError::InvalidScale { scale: -1.0 }));
        assert!(matches!(random.normal(f64::INFINITY, 1.0), Err(RandomError::InvalidMean { index: 0, .. })));
        assert_eq!(random.uniform(1.0, 0.0), Err(RandomError::InvalidBounds { low: 1.0, high: 0.0 }));
        assert!(random.uniform(f64::MIN, f64::MAX).is_err());
    }

    #[test]
    fn dirichlet_vanishing_draws_are_refused() {
        assert_eq!(
            RandomState::new(0).dirichlet(&[1e-300, 1e-300]),
            Err(RandomError::DirichletTotal { total: 0.0 })
        );
        assert_eq!(RandomState::new(0).dirichlet(&[]), Ok(Vec::new()));
    }

    proptest! {
        #[test]
        fn dirichlet_any_parameters_sums_to_one(
            seed: u32,
            concentrations in prop::collection::vec(0.05..20.0_f64, 1..30),
        ) {
            let shares = RandomState::new(seed).dirichlet(&concentrations).unwrap();
            prop_assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            prop_assert!(shares.iter().all(|&share| share >= 0.0));
        }

        #[test]
        fn randint_any_range_stays_inside(seed: u32, low: i64, high: i64) {
            prop_assume!(low < high);
            let drawn = RandomState::new(seed).randint(low, high).unwrap();
            prop_assert!((low..high).contains(&drawn));
        }
    }
}
