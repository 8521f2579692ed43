//! Products of rows of 16-bit numbers, with the widest vectors that the processor has.
//!
//! One instruction multiplies 32 (or 16) pairs of numbers and adds every two of them. All sums are exact, so that they are
//! the same on any processor.

use pulp::NullaryFnOnce;
#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};

/// How products are computed.
pub(crate) trait Products: Copy {
    /// The products of one row with others, all of the same length, which is a multiple of 32.
    fn products<const M: usize>(self, row: &[i16], others: [&[i16]; M]) -> [i32; M];
}

/// Work that needs products in its inner loop.
pub(crate) trait WithProducts {
    type Output;
    /// Does it; to be inlined always, so that all of it is compiled for the same instructions.
    fn run<P: Products>(self, products: P) -> Self::Output;
}

/// Does the work with the best instructions there are.
pub(crate) fn with_products<W: WithProducts>(work: W) -> W::Output {
    match pulp::Arch::new() {
        #[cfg(target_arch = "x86_64")]
        pulp::Arch::V4(simd) => simd.vectorize(Bound(work, simd)),
        #[cfg(target_arch = "x86_64")]
        pulp::Arch::V3(simd) => simd.vectorize(Bound(work, simd)),
        arch => arch.dispatch(Bound(work, Anywhere)),
    }
}

struct Bound<W, P>(W, P);

impl<W: WithProducts, P: Products> NullaryFnOnce for Bound<W, P> {
    type Output = W::Output;

    #[inline(always)]
    fn call(self) -> W::Output {
        self.0.run(self.1)
    }
}

/// As the compiler has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Anywhere;

impl Products for Anywhere {
    #[inline(always)]
    fn products<const M: usize>(self, row: &[i16], others: [&[i16]; M]) -> [i32; M] {
        others.map(|other| {
            let products = row.iter().zip(other).map(|(&x, &y)| i32::from(x) * i32::from(y));
            products.fold(0, i32::wrapping_add)
        })
    }
}

#[cfg(target_arch = "x86_64")]
impl Products for V4 {
    #[inline(always)]
    fn products<const M: usize>(self, row: &[i16], others: [&[i16]; M]) -> [i32; M] {
        let (row, _) = row.as_chunks::<32>();
        let others = others.map(|other| &other.as_chunks::<32>().0[..row.len()]);
        let mut sums = [self.avx512f._mm512_setzero_si512(); M];
        for (at, &values) in row.iter().enumerate() {
            for (sum, other) in sums.iter_mut().zip(&others) {
                let pairs = self.avx512bw._mm512_madd_epi16(pulp::cast(values), pulp::cast(other[at]));
                *sum = self.avx512f._mm512_add_epi32(*sum, pairs);
            }
        }
        sums.map(|sum| {
            let lanes: [i32; 16] = pulp::cast(sum);
            lanes.into_iter().fold(0, i32::wrapping_add)
        })
    }
}

#[cfg(target_arch = "x86_64")]
impl Products for V3 {
    #[inline(always)]
    fn products<const M: usize>(self, row: &[i16], others: [&[i16]; M]) -> [i32; M] {
        let (row, _) = row.as_chunks::<16>();
        let others = others.map(|other| &other.as_chunks::<16>().0[..row.len()]);
        let mut sums = [self.avx._mm256_setzero_si256(); M];
        for (at, &values) in row.iter().enumerate() {
            for (sum, other) in sums.iter_mut().zip(&others) {
                let pairs = self.avx2._mm256_madd_epi16(pulp::cast(values), pulp::cast(other[at]));
                *sum = self.avx2._mm256_add_epi32(*sum, pairs);
            }
        }
        sums.map(|sum| {
            let lanes: [i32; 8] = pulp::cast(sum);
            lanes.into_iter().fold(0, i32::wrapping_add)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct OfRows<'r>(&'r [i16], &'r [i16], usize);

    impl WithProducts for OfRows<'_> {
        type Output = Vec<[i32; 3]>;

        #[inline(always)]
        fn run<P: Products>(self, products: P) -> Vec<[i32; 3]> {
            let Self(rows, others, len) = self;
            let others: [&[i16]; 3] = std::array::from_fn(|at| &others[at * len..(at + 1) * len]);
            rows.chunks_exact(len).map(|row| products.products(row, others)).collect()
        }
    }

    #[test]
    fn products_with_any_instructions_are_the_same() {
        for len in [32, 64, 224] {
            // The largest norms that codes have, which fill a sum but do not overflow it.
            let most = (45_000.0 / (len as f64).sqrt()) as i64;
            let value = |at: i64| ((at * 7919 % (2 * most + 1)) - most) as i16;
            let rows: Vec<i16> = (0..5 * len as i64).map(value).collect();
            let others: Vec<i16> = (0..3 * len as i64).map(|at| value(at * at + 3)).collect();
            let work = || OfRows(&rows, &others, len);
            let plain = work().run(Anywhere);
            assert_eq!(with_products(work()), plain);
            #[cfg(target_arch = "x86_64")]
            if let Some(simd) = V3::try_new() {
                assert_eq!(simd.vectorize(Bound(work(), simd)), plain);
            }
        }
    }
}
