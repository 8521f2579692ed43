//! The arrays of a folder.

use std::hint::black_box;
use std::path::Path;

use anyhow::{Context, Result, bail};
use cleanlab_core::Float;
use cleanlab_neighbors::KnnGraph;
use cleanlab_table::{AnyArray, ArrayOptions, ProbsMatrix, read_array};
use ndarray::{Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;

/// What the folder holds; a call that misses something says so.
pub(crate) struct Data {
    labels: Option<Vec<u32>>,
    pred_probs: Option<ProbsMatrix>,
    members: Vec<ProbsMatrix>,
    lists: Option<Vec<Vec<u32>>>,
    features: Option<ProbsMatrix>,
    test_features: Option<Array2<f64>>,
    noise_matrix: Option<Array2<f64>>,
    graph: Option<KnnGraph>,
}

impl Data {
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let array = |name: &str| -> Result<Option<AnyArray>> {
            let path = folder.join(name);
            if path.exists() { Ok(Some(read_array(path, &ArrayOptions::default())?)) } else { Ok(None) }
        };
        let matrix = |name: &str| -> Result<Option<ProbsMatrix>> {
            Ok(array(name)?.map(AnyArray::into_pred_probs).transpose()?)
        };
        let labels = match array("labels.npy")? {
            Some(AnyArray::Int(labels)) => {
                Some(labels.iter().map(|&label| u32::try_from(label)).collect::<Result<_, _>>()?)
            }
            Some(_) => bail!("labels.npy holds no integers"),
            None => None,
        };
        let members = (0..).map(|at| matrix(&format!("member_{at}.npy")));
        let members = members.map_while(Result::transpose).collect::<Result<_>>()?;
        let graph = match (matrix("indices.npy")?, matrix("distances.npy")?) {
            (Some(indices), Some(distances)) => {
                // Whole numbers far below 2^53.
                let indices = indices.into_f64().mapv(|index| index as u32);
                Some(KnnGraph::new(indices, distances.into_f64())?)
            }
            _ => None,
        };
        let lists = matrix("onehot.npy")?.map(|onehot| lists_of(onehot.into_f64().view()));
        Ok(Self {
            labels,
            pred_probs: matrix("pred_probs.npy")?,
            members,
            lists,
            features: matrix("features.npy")?,
            test_features: matrix("test_features.npy")?.map(ProbsMatrix::into_f64),
            noise_matrix: matrix("noise_matrix.npy")?.map(ProbsMatrix::into_f64),
            graph,
        })
    }

    pub(crate) fn labels(&self) -> Result<&[u32]> {
        self.labels.as_deref().context("the call needs labels.npy")
    }

    pub(crate) fn pred_probs(&self) -> Result<&ProbsMatrix> {
        self.pred_probs.as_ref().context("the call needs pred_probs.npy")
    }

    pub(crate) fn members(&self) -> &[ProbsMatrix] {
        &self.members
    }

    pub(crate) fn lists(&self) -> Result<&[Vec<u32>]> {
        self.lists.as_deref().context("the call needs onehot.npy")
    }

    pub(crate) fn features(&self) -> Result<&ProbsMatrix> {
        self.features.as_ref().context("the call needs features.npy")
    }

    pub(crate) fn features_f64(&self) -> Result<&Array2<f64>> {
        f64_matrix(self.features()?)
    }

    pub(crate) fn test_features(&self) -> Result<&Array2<f64>> {
        self.test_features.as_ref().context("the call needs test_features.npy")
    }

    pub(crate) fn noise_matrix(&self) -> Result<&Array2<f64>> {
        self.noise_matrix.as_ref().context("the call needs noise_matrix.npy")
    }

    pub(crate) fn graph(&self) -> Result<&KnnGraph> {
        self.graph.as_ref().context("the call needs indices.npy and distances.npy")
    }

    fn matrices(&self) -> impl Iterator<Item = &ProbsMatrix> {
        self.pred_probs.iter().chain(&self.features).chain(&self.members)
    }

    /// Reads every matrix once, outside of any clock.
    pub(crate) fn touch(&self) {
        black_box(self.read_pass());
    }

    /// Reads every matrix once as fast as the memory gives it, with the threads of the current pool: the least that a
    /// function of all values can take.
    pub(crate) fn read_pass(&self) -> u64 {
        let of = |matrix: &ProbsMatrix| match matrix {
            ProbsMatrix::F32(matrix) => pass(matrix.as_slice().unwrap_or_default(), |x| x.to_bits().into()),
            ProbsMatrix::F64(matrix) => pass(matrix.as_slice().unwrap_or_default(), f64::to_bits),
        };
        self.matrices().map(of).fold(0, u64::wrapping_add)
    }
}

/// Values that one task reads: large enough that handing it out costs nothing, small enough to share the work evenly.
const VALUES_PER_TASK: usize = 1 << 17;

/// Adds up the bits of all values, with the widest instructions of the processor.
fn pass<F: Float + Sync>(values: &[F], bits: impl Fn(F) -> u64 + Sync) -> u64 {
    let arch = pulp::Arch::new();
    let task = |part: &[F]| {
        arch.dispatch(|| {
            let mut sums = [0_u64; 32];
            let mut rows = part.chunks_exact(32);
            for row in &mut rows {
                for (sum, &value) in sums.iter_mut().zip(row) {
                    *sum = sum.wrapping_add(bits(value));
                }
            }
            let rest = rows.remainder().iter().map(|&value| bits(value));
            sums.into_iter().chain(rest).fold(0, u64::wrapping_add)
        })
    };
    values.par_chunks(VALUES_PER_TASK).map(task).reduce(|| 0, u64::wrapping_add)
}

pub(crate) fn f64_matrix(matrix: &ProbsMatrix) -> Result<&Array2<f64>> {
    match matrix {
        ProbsMatrix::F64(matrix) => Ok(matrix),
        ProbsMatrix::F32(_) => bail!("the call needs float64"),
    }
}

/// The classes of every row of a matrix of ones and zeros.
fn lists_of(onehot: ArrayView2<'_, f64>) -> Vec<Vec<u32>> {
    let list = |row: ArrayView1<'_, f64>| {
        let given = row.iter().enumerate().filter(|&(_, &entry)| entry > 0.5);
        given.map(|(class, _)| class as u32).collect()
    };
    onehot.rows().into_iter().map(list).collect()
}

/// Runs an expression on a matrix of either type.
macro_rules! on_matrix {
    ($matrix:expr, $view:ident => $work:expr) => {
        match $matrix {
            ::cleanlab_table::ProbsMatrix::F32(matrix) => {
                let $view = matrix.view();
                $work
            }
            ::cleanlab_table::ProbsMatrix::F64(matrix) => {
                let $view = matrix.view();
                $work
            }
        }
    };
}
pub(crate) use on_matrix;
