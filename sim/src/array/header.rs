//! The header of an NPY file, checked before the library reads it: damaged bytes must not promise memory,
//! nest without end or overflow.

use std::io::{Cursor, Read};

use super::Fault;

/// Bytes that a header may have: numpy's own limit for headers that it takes without asking.
const MAX_HEADER: usize = 10_000;
/// Brackets that may be open at a time: a dictionary, its shape, the fields of a record.
const MAX_DEPTH: usize = 8;

/// The reader from its beginning again, if the header is sound.
pub(super) fn checked<R: Read>(mut reader: R) -> Result<impl Read, Fault> {
    let mut start = vec![0; 8];
    reader
        .read_exact(&mut start)
        .map_err(|_| wrong("it has no header"))?;
    if !start.starts_with(b"\x93NUMPY") {
        return Err(wrong("it does not start as an NPY file"));
    }
    let wide = start[6] > 1;
    let mut length = [0; 4];
    reader.read_exact(&mut length[..if wide { 4 } else { 2 }])?;
    start.extend(&length[..if wide { 4 } else { 2 }]);
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_HEADER {
        return Err(wrong("its header is too long"));
    }
    let at = start.len();
    start.resize(at + length, 0);
    reader.read_exact(&mut start[at..])?;
    sound(&String::from_utf8_lossy(&start[at..]))?;
    Ok(Cursor::new(start).chain(reader))
}

fn wrong(why: &str) -> Fault {
    Fault::Format(why.to_owned())
}

/// Refuses a header that nests deeply or whose shape overflows.
fn sound(text: &str) -> Result<(), Fault> {
    let mut depth = 0usize;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(wrong("its header nests too deeply"));
        }
    }
    let mut shapes = text.split("shape").skip(1);
    let shape = match (shapes.next(), shapes.next()) {
        (Some(shape), None) => shape,
        _ => return Err(wrong("its header has not one shape")),
    };
    let list = (shape
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')')))
    .map(|(list, _)| list);
    let lengths = list.map(|list| {
        let lengths = list
            .split(',')
            .map(str::trim)
            .filter(|length| !length.is_empty());
        lengths
            .map(|length| length.parse::<u64>())
            .collect::<Result<Vec<_>, _>>()
    });
    let Some(Ok(lengths)) = lengths else {
        return Err(wrong("its shape is not a tuple of whole numbers"));
    };
    // The library multiplies in any order, zeros included.
    let product = lengths
        .iter()
        .filter(|&&length| length > 0)
        .try_fold(8u64, |product, &n| product.checked_mul(n));
    product
        .map(|_| ())
        .ok_or_else(|| wrong("its shape has too many elements"))
}
