//! Just enough of Thrift's compact protocol to write what no Parquet writer would.

/// A structure that is being written.
#[derive(Default, Clone)]
pub(super) struct Struct {
    bytes: Vec<u8>,
    last: u8,
}

impl Struct {
    fn field(mut self, id: u8, kind: u8) -> Self {
        self.bytes.push((id - self.last) << 4 | kind);
        self.last = id;
        self
    }

    pub(super) fn i32(self, id: u8, value: i32) -> Self {
        self.number(id, 5, value.into())
    }

    pub(super) fn i64(self, id: u8, value: i64) -> Self {
        self.number(id, 6, value)
    }

    fn number(self, id: u8, kind: u8, value: i64) -> Self {
        let mut this = self.field(id, kind);
        varint(&mut this.bytes, (value << 1 ^ value >> 63) as u64);
        this
    }

    pub(super) fn text(self, id: u8, text: &str) -> Self {
        self.text_of_length(id, text, text.len() as u64)
    }

    /// A text that says that it is of some length.
    pub(super) fn text_of_length(self, id: u8, text: &str, length: u64) -> Self {
        let mut this = self.field(id, 8);
        varint(&mut this.bytes, length);
        this.bytes.extend(text.as_bytes());
        this
    }

    pub(super) fn structure(self, id: u8, inner: Self) -> Self {
        let mut this = self.field(id, 12);
        this.bytes.extend(inner.end());
        this
    }

    pub(super) fn structures(self, id: u8, elements: &[Self]) -> Self {
        self.list(
            id,
            12,
            elements.len() as u64,
            &elements.iter().flat_map(|one| one.clone().end()).collect::<Vec<_>>(),
        )
    }

    /// A list that says that it has so many elements of a type.
    pub(super) fn list(self, id: u8, kind: u8, length: u64, bytes: &[u8]) -> Self {
        let mut this = self.field(id, 9);
        this.bytes.push(0xF0 | kind);
        varint(&mut this.bytes, length);
        this.bytes.extend(bytes);
        this
    }

    pub(super) fn end(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }
}

fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}
