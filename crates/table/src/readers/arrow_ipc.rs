//! Arrow IPC: files (Feather version 2) and streams.
//!
//! A file is a stream between a signature and a footer, so both are decoded as streams. Record batches in another order
//! than the footer's, which no known writer makes, would be read in the order of the file.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::{Message, MessageHeader};
use arrow_schema::{DataType, SchemaRef};
use bytes::Bytes;

use crate::errors::TableError;
use crate::format::Format;
use crate::limits::check_expansion;
use crate::panics;
use crate::source::OpenSource;
use crate::table::{Gathered, Table, check_names};

const MAGIC: &[u8] = b"ARROW1";

/// The signature of a file is padded with zeros to a multiple of eight bytes; Arrow's Rust writer pads it to 64.
const FILE_START: usize = 8;

/// At the end of a file: four bytes of length, and the signature.
const FOOTER_TAIL: usize = 10;

const CONTINUATION: [u8; 4] = [0xFF; 4];

/// Reads all columns of flat types.
pub(crate) fn read(source: OpenSource, format: Format) -> Result<Table, TableError> {
    caught(source, format, decode)
}

/// Reads all columns as they are.
pub(crate) fn batches(
    source: OpenSource,
    format: Format,
) -> Result<(SchemaRef, Vec<RecordBatch>), TableError> {
    caught(source, format, |reader, stream| {
        let mut batches = Vec::new();
        let schema = reader.each_batch(stream, |batch| {
            batches.push(batch);
            Ok(())
        })?;
        Ok((schema, batches))
    })
}

fn caught<T>(
    source: OpenSource,
    format: Format,
    decode: impl FnOnce(&IpcReader<'_>, Bytes) -> Result<T, TableError>,
) -> Result<T, TableError> {
    let name = source.name.clone();
    let bytes = source.into_bytes()?;
    let reader = IpcReader { name: &name, format, file_len: bytes.len() as u64 };
    let stream = match format {
        Format::ArrowFile => reader.stream_of_file(&bytes)?,
        _ => bytes,
    };
    let decoded = panics::catch(|| decode(&reader, stream));
    decoded.unwrap_or_else(|reason| Err(reader.damaged(&reason)))
}

struct IpcReader<'a> {
    name: &'a str,
    format: Format,
    file_len: u64,
}

impl IpcReader<'_> {
    fn damaged(&self, reason: &dyn std::fmt::Display) -> TableError {
        TableError::Damaged { file: self.name.into(), format: self.format, reason: reason.to_string() }
    }

    fn stream_of_file(&self, bytes: &Bytes) -> Result<Bytes, TableError> {
        let body_end = bytes.len().checked_sub(FOOTER_TAIL).filter(|&end| end >= FILE_START);
        let tail = body_end.and_then(|end| bytes.get(end..)?.split_first_chunk::<4>());
        let (Some(body_end), Some((length, MAGIC))) = (body_end, tail) else {
            return Err(self.damaged(&"it does not end in ARROW1, so its end is missing"));
        };
        let most = body_end - FILE_START;
        let declared = u32::from_le_bytes(*length) as usize;
        if declared > most {
            return Err(TableError::TooLarge {
                file: self.name.into(),
                declared: format!("a footer of {declared} bytes"),
                bound: format!("only {most} bytes stand before it"),
            });
        }
        let body = FILE_START..body_end - declared;
        let words = bytes.get(body.clone()).unwrap_or_default().chunks_exact(8);
        let padding = words.take_while(|word| *word == [0; 8]).count();
        Ok(bytes.slice(body.start + 8 * padding..body.end))
    }

    /// Decodes all batches, which have one schema.
    fn each_batch(
        &self,
        stream: Bytes,
        mut take: impl FnMut(RecordBatch) -> Result<(), TableError>,
    ) -> Result<SchemaRef, TableError> {
        let stream = self.checked_messages(stream)?;
        let mut buffer = Buffer::from(stream);
        let mut decoder = StreamDecoder::new();
        let mut unpacked = 0_u64;
        while !buffer.is_empty() {
            let batch = decoder.decode(&mut buffer).map_err(|error| self.damaged(&error))?;
            let Some(batch) = batch else { continue };
            unpacked = unpacked.saturating_add(expanded_bytes(&batch));
            check_expansion(self.name, "values", unpacked, self.file_len)?;
            take(batch)?;
        }
        decoder.finish().map_err(|error| self.damaged(&error))?;
        decoder.schema().ok_or_else(|| self.damaged(&"it has no schema"))
    }

    /// The messages up to the end mark, after a look at what each declares.
    fn checked_messages(&self, stream: Bytes) -> Result<Bytes, TableError> {
        let mut at = 0;
        let mut unpacked = 0_u64;
        loop {
            let rest = stream.get(at..).unwrap_or_default();
            let (marked, rest) = match rest.strip_prefix(&CONTINUATION) {
                Some(rest) => (4, rest),
                None => (0, rest),
            };
            let Some((length, rest)) = rest.split_first_chunk::<4>() else {
                // A stream may simply end; what cannot be a message is left for the decoder to refuse.
                return Ok(stream);
            };
            let length = u32::from_le_bytes(*length) as usize;
            if length == 0 {
                return Ok(stream.slice(..at + marked + 4));
            }
            let Some((metadata, rest)) = rest.split_at_checked(length) else {
                return Err(self.beyond("a message", length as u64, rest));
            };
            let message = arrow_ipc::root_as_message(metadata).map_err(|error| self.damaged(&error))?;
            let body_len =
                usize::try_from(message.bodyLength()).map_err(|_| self.damaged(&"a size is negative"))?;
            let body =
                rest.get(..body_len).ok_or_else(|| self.beyond("a record batch", body_len as u64, rest))?;
            unpacked = unpacked.saturating_add(unpacked_bytes(&message, body));
            check_expansion(self.name, "record batches", unpacked, self.file_len)?;
            at += marked + 4 + length + body_len;
        }
    }

    fn beyond(&self, what: &str, declared: u64, rest: &[u8]) -> TableError {
        TableError::TooLarge {
            file: self.name.into(),
            declared: format!("{what} of {declared} bytes"),
            bound: format!("only {} bytes are left", rest.len()),
        }
    }
}

fn decode(reader: &IpcReader<'_>, stream: Bytes) -> Result<Table, TableError> {
    let mut gathered: Option<Gathered> = None;
    let schema = reader.each_batch(stream, |batch| {
        if gathered.is_none() {
            let fields = batch.schema_ref().fields();
            check_names(reader.name, fields.iter().map(|field| field.name().as_str()))?;
            gathered = Some(Gathered::new(fields, &(0..fields.len()).collect::<Vec<_>>()));
        }
        match &mut gathered {
            Some(gathered) => gathered.push(&batch).map_err(|error| reader.damaged(&error)),
            None => Ok(()),
        }
    })?;
    match gathered {
        Some(gathered) => gathered.finish(reader.name, reader.format),
        None => Err(TableError::NoRows { file: reader.name.into(), n_columns: schema.fields().len() }),
    }
}

/// How many bytes the buffers of a message may take, those that are compressed as they say themselves.
fn unpacked_bytes(message: &Message<'_>, body: &[u8]) -> u64 {
    let batch = match message.header_type() {
        MessageHeader::RecordBatch => message.header_as_record_batch(),
        MessageHeader::DictionaryBatch => message.header_as_dictionary_batch().and_then(|batch| batch.data()),
        _ => None,
    };
    let Some(batch) = batch else { return body.len() as u64 };
    let is_compressed = batch.compression().is_some();
    let declared = |offset: i64, len: i64| {
        let (offset, len) = (usize::try_from(offset).ok()?, usize::try_from(len).ok()?);
        let prefix = body.get(offset..)?.get(..len)?.first_chunk::<8>()?;
        // -1 says that the buffer is not compressed.
        u64::try_from(i64::from_le_bytes(*prefix)).ok()
    };
    let buffers = batch.buffers().into_iter().flatten();
    buffers.fold(0, |sum: u64, buffer| {
        let bytes = if is_compressed {
            declared(buffer.offset(), buffer.length())
        } else {
            // Several buffers may be the same part of the body, and each is copied where it is not aligned.
            u64::try_from(buffer.length()).ok()
        };
        sum.saturating_add(bytes.unwrap_or_default())
    })
}

/// How many bytes the columns take once dictionaries and views are written out.
fn expanded_bytes(batch: &RecordBatch) -> u64 {
    let columns = batch.columns().iter().map(expanded_column);
    // Rows without columns count too: some is done for each of them.
    columns.fold(8_u64.saturating_mul(batch.num_rows() as u64), u64::saturating_add)
}

fn expanded_column(array: &ArrayRef) -> u64 {
    let fixed = 8_u64.saturating_mul(array.len() as u64);
    let text = match array.data_type() {
        DataType::Utf8View => array.as_string_view().lengths().map(u64::from).sum(),
        DataType::Dictionary(keys, _) => match **keys {
            DataType::Int8 => dictionary_text::<Int8Type>(array),
            DataType::Int16 => dictionary_text::<Int16Type>(array),
            DataType::Int32 => dictionary_text::<Int32Type>(array),
            DataType::Int64 => dictionary_text::<Int64Type>(array),
            DataType::UInt8 => dictionary_text::<UInt8Type>(array),
            DataType::UInt16 => dictionary_text::<UInt16Type>(array),
            DataType::UInt32 => dictionary_text::<UInt32Type>(array),
            DataType::UInt64 => dictionary_text::<UInt64Type>(array),
            _ => 0,
        },
        // Buffers are slices of the file, so only the slices count.
        _ => array.to_data().get_slice_memory_size().map_or(u64::MAX, |bytes| bytes as u64),
    };
    fixed.saturating_add(text)
}

fn dictionary_text<K: ArrowDictionaryKeyType>(array: &ArrayRef) -> u64 {
    let dictionary = array.as_dictionary::<K>();
    let values = dictionary.values();
    let lengths: Vec<u64> = match values.data_type() {
        DataType::Utf8 => values.as_string::<i32>().offsets().lengths().map(|len| len as u64).collect(),
        DataType::LargeUtf8 => values.as_string::<i64>().offsets().lengths().map(|len| len as u64).collect(),
        DataType::Utf8View => values.as_string_view().lengths().map(u64::from).collect(),
        _ => return 0,
    };
    let keys = dictionary.keys_iter().flatten();
    keys.map(|key| lengths.get(key).copied().unwrap_or_default()).fold(0, u64::saturating_add)
}
