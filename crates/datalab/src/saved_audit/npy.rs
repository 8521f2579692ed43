//! NPY files of the few types that audits hold: their headers, and values as bytes.

use serde::{Deserialize, Serialize};

/// The values begin at a multiple of this, so that they can be mapped into memory.
const ALIGNMENT: usize = 64;

/// The type of the values of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Dtype {
    #[serde(rename = "|b1")]
    Bool,
    #[serde(rename = "|u1")]
    U8,
    #[serde(rename = "<u4")]
    U32,
    #[serde(rename = "<u8")]
    U64,
    #[serde(rename = "<i8")]
    I64,
    #[serde(rename = "<f8")]
    F64,
}

impl Dtype {
    fn descr(self) -> &'static str {
        match self {
            Self::Bool => "|b1",
            Self::U8 => "|u1",
            Self::U32 => "<u4",
            Self::U64 => "<u8",
            Self::I64 => "<i8",
            Self::F64 => "<f8",
        }
    }

    fn size(self) -> usize {
        match self {
            Self::Bool | Self::U8 => 1,
            Self::U32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }
}

/// The header of an array in the order of C, version 1 of the format.
pub(super) fn header(dtype: Dtype, shape: &[usize]) -> Vec<u8> {
    let lengths: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let shape = match lengths.as_slice() {
        [length] => format!("({length},)"),
        lengths => format!("({})", lengths.join(", ")),
    };
    let mut dict = format!("{{'descr': '{}', 'fortran_order': False, 'shape': {shape}, }}", dtype.descr());
    // Ten bytes stand before the header, and a line feed ends it.
    let used = 10 + dict.len() + 1;
    dict.extend(std::iter::repeat_n(' ', used.next_multiple_of(ALIGNMENT) - used));
    dict.push('\n');
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend((dict.len() as u16).to_le_bytes());
    header.extend(dict.as_bytes());
    header
}

/// The bytes of the values of such an array, unless they are more than there can be.
pub(super) fn n_value_bytes(dtype: Dtype, shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(dtype.size(), |bytes, &length| bytes.checked_mul(length))
}

/// A type of values.
pub(super) trait Value: Copy {
    const DTYPE: Dtype;
    /// Adds the bytes of a value, the lowest first.
    fn push_to(self, bytes: &mut Vec<u8>);
    /// The value of as many bytes as it has; `None` for a boolean that is neither 0 nor 1.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

macro_rules! number_value {
    ($type:ty, $dtype:expr) => {
        impl Value for $type {
            const DTYPE: Dtype = $dtype;

            fn push_to(self, bytes: &mut Vec<u8>) {
                bytes.extend(self.to_le_bytes());
            }

            fn from_bytes(bytes: &[u8]) -> Option<Self> {
                Some(Self::from_le_bytes(bytes.try_into().ok()?))
            }
        }
    };
}

number_value!(u8, Dtype::U8);
number_value!(u32, Dtype::U32);
number_value!(u64, Dtype::U64);
number_value!(i64, Dtype::I64);
number_value!(f64, Dtype::F64);

impl Value for bool {
    const DTYPE: Dtype = Dtype::Bool;

    fn push_to(self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(self));
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }
}

/// The values of the bytes after a header, which are checked to be as many.
pub(super) fn decoded<T: Value>(bytes: &[u8]) -> Option<Vec<T>> {
    bytes.chunks_exact(T::DTYPE.size()).map(T::from_bytes).collect()
}
