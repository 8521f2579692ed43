//! Draws of `RandomState` against streams recorded from NumPy.

use cleanlab_core::ndarray::{Array1, Array2};
use cleanlab_core::{RandomError, RandomState};
use cleanlab_testkit::{Check, Draw, Seed, Stream, fnv1a, numpy_streams};

fn floats(values: impl IntoIterator<Item = f64>) -> Vec<u64> {
    values.into_iter().map(f64::to_bits).collect()
}

fn indices(values: Vec<usize>) -> Vec<u64> {
    values.into_iter().map(|value| value as u64).collect()
}

fn draw(random: &mut RandomState, draw: &Draw) -> Result<Vec<u64>, RandomError> {
    Ok(match *draw {
        Draw::RandomSample => floats([random.random_sample()]),
        Draw::Uniform { low, high } => floats([random.uniform(low, high)?]),
        Draw::Randint { low, high } => vec![random.randint(low, high)? as u64],
        Draw::Permutation { n } => indices(random.permutation(n)),
        Draw::Shuffle { n } => {
            let mut values: Vec<usize> = (0..n).collect();
            random.shuffle(&mut values);
            indices(values)
        }
        Draw::ChoiceWithReplacement { population, size } => {
            indices(random.choice_with_replacement(population, size)?)
        }
        Draw::ChoiceWithoutReplacement { population, size } => {
            indices(random.choice_without_replacement(population, size)?)
        }
        Draw::WeightedChoiceWithReplacement { ref p, size } => {
            indices(random.weighted_choice_with_replacement(p, size)?)
        }
        Draw::WeightedChoiceWithoutReplacement { ref p, size } => {
            indices(random.weighted_choice_without_replacement(p, size)?)
        }
        Draw::StandardExponential => floats([random.standard_exponential()]),
        Draw::StandardGamma { shape } => floats([random.standard_gamma(shape)?]),
        Draw::Dirichlet { ref alpha } => floats(random.dirichlet(alpha)?),
        Draw::StandardNormal => floats([random.standard_normal()]),
        Draw::Normal { mean, standard_deviation } => floats([random.normal(mean, standard_deviation)?]),
        Draw::MultivariateNormal { ref mean, ref covariance, size } => {
            let covariance = Array2::from_shape_fn((mean.len(), mean.len()), |(i, j)| covariance[i][j]);
            let mean = Array1::from_vec(mean.clone());
            floats(random.multivariate_normal(mean.view(), covariance.view(), size)?)
        }
    })
}

fn replay(stream: &Stream) -> Vec<u64> {
    let mut random = match &stream.seed {
        Seed::Number(seed) => RandomState::new(*seed),
        Seed::Words(words) => RandomState::from_seed_words(words).expect("seed has words"),
    };
    (0..stream.rounds)
        .flat_map(|_| &stream.draws)
        .flat_map(|step| draw(&mut random, step).expect("recorded draws have valid arguments"))
        .collect()
}

#[test]
fn random_state_recorded_seeds_give_numpys_draws() {
    let mut compared = 0;
    for stream in numpy_streams() {
        let drawn = replay(&stream);
        let what = format!("seed {:?}, {:?}", stream.seed, stream.draws);
        assert_eq!(drawn.len(), stream.count, "number of values: {what}");
        match stream.check {
            Check::Hash(hash) => {
                let first = &drawn[..stream.first.len()];
                assert_eq!(first, stream.first, "first values: {what}");
                assert_eq!(fnv1a(&drawn), hash, "hash of all values: {what}");
            }
            Check::RelativeTolerance(tolerance) => {
                assert_eq!(drawn.len(), stream.first.len());
                let values = |words: &[u64]| words.iter().copied().map(f64::from_bits).collect::<Vec<_>>();
                let expected = values(&stream.first);
                let largest = expected.iter().fold(0.0_f64, |max, value| max.max(value.abs()));
                for (index, (value, expected)) in values(&drawn).into_iter().zip(expected).enumerate() {
                    let error = (value - expected).abs() / largest;
                    assert!(error <= tolerance, "value {index} is {value}, not {expected}: {what}");
                }
            }
        }
        compared += drawn.len();
    }
    assert!(compared > 300_000, "only {compared} values were compared");
}
