//! The two file formats: NPZ and safetensors.

use std::collections::HashMap;
use std::io::{Cursor, Write};
use std::path::Path;

use half::{bf16, f16};
use npyz::WriterBuilder;
use safetensors::tensor::{Dtype, TensorView};
use safetensors::SafeTensors;
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::ZipWriter;

use crate::array::{Archive, Array, Values};
use crate::wave::write_atomically;

use super::arrays::Out;
use super::{error, ExchangeError, Tensor};

/// The array or metadata entry that says what a file is.
const ABOUT: &str = "eqprop";
/// Memory that one array may take.
const MAX_BYTES: usize = 1 << 29;

#[derive(Clone, Copy)]
enum Kind {
    Npz,
    SafeTensors,
}

fn kind(path: &Path) -> Result<Kind, ExchangeError> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("npz") => Ok(Kind::Npz),
        Some("safetensors") => Ok(Kind::SafeTensors),
        _ => Err(error::ending(path)),
    }
}

/// Writes named arrays and the description of the file.
pub(super) fn write(
    path: &Path,
    tensors: &[(String, Tensor)],
    out: Out,
    about: &Value,
) -> Result<(), ExchangeError> {
    let bytes = match kind(path)? {
        Kind::Npz => npz(tensors, out, about).map_err(error::unwritable)?,
        Kind::SafeTensors => safe(tensors, out, about).map_err(error::unwritable)?,
    };
    write_atomically(path, &bytes).map_err(error::unwritable)
}

fn npz(tensors: &[(String, Tensor)], out: Out, about: &Value) -> std::io::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut entry = |name: &str, bytes: &[u8]| {
        // Stored, and without a date: equal weights give equal files.
        let options =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        archive.start_file(format!("{name}.npy"), options)?;
        archive.write_all(bytes)
    };
    for (name, tensor) in tensors {
        let shape: Vec<u64> = tensor.shape.iter().map(|&length| length as u64).collect();
        let bytes = match out {
            Out::Raw => npy(&shape, tensor.iter().map(|value| value as i16)),
            Out::Single => npy(&shape, tensor.iter().map(|value| value as f32)),
            Out::Double => npy(&shape, tensor.iter()),
        };
        entry(name, &bytes?)?;
    }
    let text = about.to_string();
    entry(ABOUT, &npy(&[text.len() as u64], text.bytes())?)?;
    Ok(archive.finish()?.into_inner())
}

fn npy<T: npyz::AutoSerialize>(
    shape: &[u64],
    elements: impl Iterator<Item = T>,
) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let options = npyz::WriteOptions::new().default_dtype().shape(shape);
    let mut writer = options.writer(&mut bytes).begin_nd()?;
    writer.extend(elements)?;
    writer.finish()?;
    Ok(bytes)
}

fn safe(
    tensors: &[(String, Tensor)],
    out: Out,
    about: &Value,
) -> Result<Vec<u8>, safetensors::SafeTensorError> {
    let bytes = tensors.iter().map(|(_, tensor)| -> Vec<u8> {
        match out {
            Out::Raw => (tensor.iter())
                .flat_map(|value| (value as i16).to_le_bytes())
                .collect(),
            Out::Single => (tensor.iter())
                .flat_map(|value| (value as f32).to_le_bytes())
                .collect(),
            Out::Double => tensor.iter().flat_map(f64::to_le_bytes).collect(),
        }
    });
    let bytes: Vec<Vec<u8>> = bytes.collect();
    let dtype = match out {
        Out::Raw => Dtype::I16,
        Out::Single => Dtype::F32,
        Out::Double => Dtype::F64,
    };
    let views = (tensors.iter().zip(&bytes)).map(|((name, tensor), bytes)| {
        TensorView::new(dtype, tensor.shape.clone(), bytes).map(|view| (name, view))
    });
    let views = views.collect::<Result<Vec<_>, _>>()?;
    let about = HashMap::from([(ABOUT.to_owned(), about.to_string())]);
    safetensors::serialize(views, Some(about))
}

/// The description of a file, if it has one, and its named arrays.
type Content = (Option<Value>, Vec<(String, Tensor)>);

/// Reads all arrays of a file and its description, if it has one.
pub(super) fn read(path: &Path) -> Result<Content, ExchangeError> {
    match kind(path)? {
        Kind::Npz => read_npz(path),
        Kind::SafeTensors => read_safe(path),
    }
}

fn description(path: &Path, text: &[u8]) -> Result<Value, ExchangeError> {
    serde_json::from_slice(text)
        .map_err(|why| error::array(path, ABOUT, format!("is not JSON: {why}")))
}

fn read_npz(path: &Path) -> Result<Content, ExchangeError> {
    let mut archive = Archive::open(path).map_err(|fault| match fault {
        crate::array::Fault::Io(why) => error::unreadable(path, why),
        fault => error::unreadable(path, format!("it {fault}")),
    })?;
    let mut about = None;
    let mut tensors = Vec::new();
    for name in archive.names() {
        let array = archive.array(&name, MAX_BYTES);
        let array = array.map_err(|fault| error::array(path, &name, fault))?;
        match (&array.values, name == ABOUT) {
            (Values::Bytes(text), true) => about = Some(description(path, text)?),
            (_, true) => return Err(error::dtype(path, &name, array.dtype)),
            _ => tensors.push((name, array)),
        }
    }
    Ok((about, tensors))
}

fn read_safe(path: &Path) -> Result<Content, ExchangeError> {
    let bytes = std::fs::read(path).map_err(|why| error::unreadable(path, why))?;
    let wrong = |why| error::unreadable(path, format!("it is not in safetensors' format: {why}"));
    let (_, head) = SafeTensors::read_metadata(&bytes).map_err(wrong)?;
    let about = head.metadata().as_ref().and_then(|map| map.get(ABOUT));
    let about = about
        .map(|text| description(path, text.as_bytes()))
        .transpose()?;
    let safe = SafeTensors::deserialize(&bytes).map_err(wrong)?;
    let mut views: Vec<_> = safe.iter().collect();
    // The library lists them in another order in every run, and the first that is wrong is told.
    views.sort_unstable_by_key(|&(name, _)| name);
    let mut tensors = Vec::new();
    for (name, view) in views {
        let (dtype, values) = match view.dtype() {
            Dtype::U8 => ("uint8", Values::Bytes(view.data().to_vec())),
            Dtype::I8 => ("int8", singles(view.data(), |[byte]| f32::from(byte as i8))),
            Dtype::I16 => (
                "int16",
                singles(view.data(), |b| i16::from_le_bytes(b).into()),
            ),
            Dtype::U16 => (
                "uint16",
                singles(view.data(), |b| u16::from_le_bytes(b).into()),
            ),
            Dtype::F16 => (
                "float16",
                singles(view.data(), |b| f16::from_le_bytes(b).into()),
            ),
            Dtype::BF16 => (
                "bfloat16",
                singles(view.data(), |b| bf16::from_le_bytes(b).into()),
            ),
            Dtype::F32 => ("float32", singles(view.data(), f32::from_le_bytes)),
            Dtype::I32 => (
                "int32",
                reals(view.data(), |b| i32::from_le_bytes(b).into()),
            ),
            Dtype::U32 => (
                "uint32",
                reals(view.data(), |b| u32::from_le_bytes(b).into()),
            ),
            Dtype::I64 => (
                "int64",
                reals(view.data(), |b| i64::from_le_bytes(b) as f64),
            ),
            Dtype::F64 => ("float64", reals(view.data(), f64::from_le_bytes)),
            other => return Err(error::dtype(path, name, &format!("{other:?}"))),
        };
        let array = Array::checked(view.shape().to_vec(), dtype, values);
        let array = array.map_err(|fault| error::array(path, name, fault))?;
        tensors.push((name.to_owned(), array));
    }
    Ok((about, tensors))
}

/// The whole elements of N bytes.
fn chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    let chunks = bytes.chunks_exact(N);
    chunks.map(|chunk| chunk.try_into().expect("chunks_exact gives N bytes"))
}

fn singles<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f32) -> Values {
    Values::Singles(chunks(bytes).map(value).collect())
}

fn reals<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f64) -> Values {
    Values::Reals(chunks(bytes).map(value).collect())
}
