//! Streams of NumPy's legacy random draws.

use serde::Deserialize;

use crate::recorded::{hexadecimal, hexadecimal_words};

/// What NumPy drew, in order, from one seed.
#[derive(Debug, Clone, Deserialize)]
pub struct Stream {
    /// What the generator was seeded with.
    pub seed: Seed,
    /// The draws of one round.
    pub draws: Vec<Draw>,
    /// How often the draws were repeated.
    pub rounds: usize,
    /// Number of values drawn.
    pub count: usize,
    /// How the values are to be compared.
    pub check: Check,
    /// The bits of the first values; of all values where [`Check::RelativeTolerance`] applies.
    #[serde(deserialize_with = "hexadecimal_words")]
    pub first: Vec<u64>,
}

/// A seed: a number, or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Seed {
    /// `numpy.random.RandomState(number)`.
    Number(u32),
    /// `numpy.random.RandomState([number, …])`.
    Words(Vec<u32>),
}

/// How recorded values are to be compared.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Every bit counts: the [`fnv1a`](crate::fnv1a) hash of all values.
    #[serde(deserialize_with = "hexadecimal")]
    Hash(u64),
    /// Floats may be off by this much of the largest value of the stream.
    RelativeTolerance(f64),
}

/// One call of a method of `RandomState`, named as in cleanlab-core.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are the arguments of the methods of the same name")]
pub enum Draw {
    RandomSample,
    Uniform {
        low: f64,
        high: f64,
    },
    Randint {
        low: i64,
        high: i64,
    },
    Permutation {
        n: usize,
    },
    /// Shuffles the numbers 0, 1, …, n − 1.
    Shuffle {
        n: usize,
    },
    ChoiceWithReplacement {
        population: usize,
        size: usize,
    },
    ChoiceWithoutReplacement {
        population: usize,
        size: usize,
    },
    WeightedChoiceWithReplacement {
        p: Vec<f64>,
        size: usize,
    },
    WeightedChoiceWithoutReplacement {
        p: Vec<f64>,
        size: usize,
    },
    StandardExponential,
    StandardGamma {
        shape: f64,
    },
    Dirichlet {
        alpha: Vec<f64>,
    },
    StandardNormal,
    Normal {
        mean: f64,
        standard_deviation: f64,
    },
    MultivariateNormal {
        mean: Vec<f64>,
        covariance: Vec<Vec<f64>>,
        size: usize,
    },
}

#[derive(Deserialize)]
struct File {
    numpy: String,
    streams: Vec<Stream>,
}

/// All recorded streams.
///
/// ```
/// let streams = cleanlab_testkit::numpy_streams();
/// assert!(streams.iter().map(|stream| stream.count).sum::<usize>() > 300_000);
/// ```
///
/// # Panics
///
/// If a fixture is damaged or was not recorded with NumPy 2.
#[must_use]
pub fn numpy_streams() -> Vec<Stream> {
    let files = [
        include_str!("../fixtures/numpy_streams/uniforms.json"),
        include_str!("../fixtures/numpy_streams/integers.json"),
        include_str!("../fixtures/numpy_streams/permutations.json"),
        include_str!("../fixtures/numpy_streams/choices.json"),
        include_str!("../fixtures/numpy_streams/gammas.json"),
        include_str!("../fixtures/numpy_streams/normals.json"),
        include_str!("../fixtures/numpy_streams/mixtures.json"),
        include_str!("../fixtures/numpy_streams/multivariate_normals.json"),
    ];
    let read = |text| -> Vec<Stream> {
        let file: File = serde_json::from_str(text).expect("numpy stream fixture is readable");
        assert!(file.numpy.starts_with("2."), "recorded with NumPy {}", file.numpy);
        file.streams
    };
    files.into_iter().flat_map(read).collect()
}
