//! Products of rows of 8-bit numbers, with the instructions for neural networks that newer processors have.
//!
//! One such instruction multiplies and adds 64 pairs of 8-bit numbers, where one of `f32` takes 16. All sums are exact.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m512i, _CMP_LE_OQ, _mm512_cmp_ps_mask, _mm512_cvtepi32_ps, _mm512_dpbusd_epi32, _mm512_fnmadd_ps,
    _mm512_max_ps, _mm512_mul_ps, _mm512_set1_epi32, _mm512_set1_ps, _mm512_sub_ps,
};

/// Rows in a vector of 32-bit sums.
const LANES: usize = 16;

/// Vectors in a panel. Eight queries times three vectors take 24 of the 32 registers.
const VECTORS: usize = 3;

/// Rows in a panel.
pub(crate) const PANEL: usize = LANES * VECTORS;

/// Queries that are multiplied with a panel at a time.
pub(crate) const GROUP: usize = 8;

/// Four codes of each row of a panel, shifted by 128 so that they are not negative.
pub(crate) type PanelWords = [[[u8; 4]; LANES]; VECTORS];

/// Four codes of each query of a group, lowest byte first.
pub(crate) type GroupWords = [i32; GROUP];

/// What a lower bound of the half squared distance of two rows is made of, beside the product of their codes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds<'b> {
    /// What a row contributes by itself; NaN where there is no row.
    pub(crate) terms: &'b [f32],
    /// What one unit of a code is worth.
    pub(crate) scales: &'b [f32],
    /// The norm of what the codes leave out.
    pub(crate) errors: &'b [f32],
    /// The norm of the row or of its codes, whichever is larger.
    pub(crate) norms: &'b [f32],
    /// Pairs with a larger lower bound are of no interest to the row.
    pub(crate) thresholds: &'b [f32],
}

/// A query and a row that may be near each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    pub(crate) query: u32,
    pub(crate) row: u32,
    /// Lower bound of half their squared distance.
    pub(crate) lower: f32,
}

/// How products are computed; the sums are the same either way.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CodeProducts {
    /// With the instructions that [`Detected`] proves to be there.
    Fast(Detected),
    /// With those that every processor has, many times as slow.
    Portable,
}

/// Proof that this processor has the instructions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Detected(());

impl CodeProducts {
    /// `None` where the instructions are missing.
    pub(crate) fn fast() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx512f")
            && std::is_x86_feature_detected!("avx512bw")
            && std::is_x86_feature_detected!("avx512vnni")
        {
            return Some(Self::Fast(Detected(())));
        }
        None
    }

    /// Adds the pairs of a query and a row of the panel whose lower bound is at most the threshold of either.
    ///
    /// The queries are words, as many for each group as the panel has entries, and the sums of their codes.
    #[allow(
        unsafe_code,
        reason = "the only way to call a function that needs instructions found at run time"
    )]
    pub(crate) fn hits(
        self,
        words: (&[GroupWords], &[i32]),
        queries: Bounds<'_>,
        panel: &[PanelWords],
        rows: Bounds<'_>,
        hits: &mut Vec<Hit>,
    ) {
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a `Detected` exists only where `fast` has seen all instructions that `find_hits` is compiled for.
            // Nothing else about `find_hits` is unsafe.
            Self::Fast(Detected(())) => unsafe { find_hits(words, queries, panel, rows, hits) },
            #[cfg(not(target_arch = "x86_64"))]
            Self::Fast(Detected(())) => {}
            Self::Portable => pulp::Arch::new().dispatch(
                #[inline(always)]
                || find_hits_anywhere(words, queries, panel, rows, hits),
            ),
        }
    }
}

#[inline(always)]
fn find_hits_anywhere(
    (words, sums): (&[GroupWords], &[i32]),
    queries: Bounds<'_>,
    panel: &[PanelWords],
    rows: Bounds<'_>,
    hits: &mut Vec<Hit>,
) {
    for (group, words) in words.chunks_exact(panel.len()).enumerate() {
        for lane in 0..GROUP {
            let query = group * GROUP + lane;
            let mut products = [[-128 * sums[query]; LANES]; VECTORS];
            for (words, rows) in words.iter().zip(panel) {
                let codes = words[lane].to_le_bytes().map(|code| i32::from(code as i8));
                for (product, row) in products.as_flattened_mut().iter_mut().zip(rows.as_flattened()) {
                    let row = row.map(i32::from);
                    *product += codes[0] * row[0] + codes[1] * row[1] + codes[2] * row[2] + codes[3] * row[3];
                }
            }
            let term = queries.terms[query];
            for (row, &product) in products.as_flattened().iter().enumerate() {
                let product = queries.scales[query] * product as f32;
                let lower = rows.terms[row]
                    - product * rows.scales[row]
                    - queries.errors[query] * rows.norms[row]
                    - queries.norms[query] * rows.errors[row];
                if lower <= queries.thresholds[query].max(rows.thresholds[row]) - term {
                    hits.push(Hit { query: query as u32, row: row as u32, lower: lower + term });
                }
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn find_hits(
    (words, sums): (&[GroupWords], &[i32]),
    queries: Bounds<'_>,
    panel: &[PanelWords],
    rows: Bounds<'_>,
    hits: &mut Vec<Hit>,
) {
    let vectors = |values: &[f32]| -> [pulp::f32x16; VECTORS] {
        std::array::from_fn(|vector| {
            let lanes: [f32; LANES] = std::array::from_fn(|lane| values[vector * LANES + lane]);
            pulp::cast(lanes)
        })
    };
    let [terms, scales, errors, norms, thresholds] =
        [rows.terms, rows.scales, rows.errors, rows.norms, rows.thresholds].map(vectors);
    for (group, words) in words.chunks_exact(panel.len()).enumerate() {
        let first = group * GROUP;
        let mut products: [[__m512i; VECTORS]; GROUP] = std::array::from_fn(|lane| {
            // Codes of rows are shifted by 128.
            [_mm512_set1_epi32(-128 * sums[first + lane]); VECTORS]
        });
        for (words, rows) in words.iter().zip(panel) {
            let rows: [__m512i; VECTORS] = pulp::cast(*rows);
            for (products, &word) in products.iter_mut().zip(words) {
                let word = _mm512_set1_epi32(word);
                for (product, row) in products.iter_mut().zip(rows) {
                    *product = _mm512_dpbusd_epi32(*product, row, word);
                }
            }
        }
        for (lane, products) in products.into_iter().enumerate() {
            let query = first + lane;
            let splat = |values: &[f32]| _mm512_set1_ps(values[query]);
            let [term, scale, error, norm, threshold] =
                [queries.terms, queries.scales, queries.errors, queries.norms, queries.thresholds].map(splat);
            for vector in 0..VECTORS {
                let product = _mm512_mul_ps(scale, _mm512_cvtepi32_ps(products[vector]));
                let lower = _mm512_fnmadd_ps(product, pulp::cast(scales[vector]), pulp::cast(terms[vector]));
                let lower = _mm512_fnmadd_ps(error, pulp::cast(norms[vector]), lower);
                let lower = _mm512_fnmadd_ps(norm, pulp::cast(errors[vector]), lower);
                let highest = _mm512_sub_ps(_mm512_max_ps(threshold, pulp::cast(thresholds[vector])), term);
                let mut mask = _mm512_cmp_ps_mask::<_CMP_LE_OQ>(lower, highest);
                if mask != 0 {
                    let lowers: [f32; LANES] = pulp::cast(lower);
                    let term = queries.terms[query];
                    while mask != 0 {
                        let lane = mask.trailing_zeros() as usize;
                        mask &= mask - 1;
                        let row = (vector * LANES + lane) as u32;
                        hits.push(Hit { query: query as u32, row, lower: lowers[lane] + term });
                    }
                }
            }
        }
    }
}
