//! Arrays from NPY and NPZ files as numbers in C order, whatever their element type, byte order and layout.

mod header;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use half::f16;
use npyz::{DType, Deserialize, NpyFile, Order, TypeChar};
use zip::ZipArchive;

/// One array of numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Array {
    /// Length of each dimension.
    pub shape: Vec<usize>,
    /// The element type as numpy names it, such as `int16`.
    pub dtype: &'static str,
    /// The elements, the last dimension running fastest.
    pub values: Values,
}

/// Elements in the smallest type that holds every value of the file exactly (64-bit integers
/// beyond 2^53 excepted).
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Values {
    /// bool, uint8.
    Bytes(Vec<u8>),
    /// int8, int16, uint16, float16, bfloat16, float32.
    Singles(Vec<f32>),
    /// int32, uint32, int64, uint64, float64.
    Reals(Vec<f64>),
}

/// Why an array cannot be used; shown after the name of file and array.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The file cannot be read.
    Io(io::Error),
    /// It ends too early.
    Cut,
    /// It is no NPY array, or no NPZ archive.
    Format(String),
    /// Elements that are no real numbers, or of a type that is not read.
    Dtype(String),
    /// Elements that take more bytes of memory than allowed.
    TooLarge(usize),
    /// A NaN or infinity, and its index.
    NotFinite(f64, Vec<usize>),
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Io(error) => write!(out, "cannot be read: {error}"),
            Fault::Cut => write!(out, "ends before its shape is filled"),
            Fault::Format(why) => write!(out, "is not in numpy's format: {why}"),
            Fault::Dtype(dtype) => write!(
                out,
                "has elements of type {dtype}; bool, integers and float16, float32 and float64 are read"
            ),
            Fault::TooLarge(limit) => write!(out, "takes more than {limit} bytes of memory"),
            Fault::NotFinite(value, index) => {
                write!(out, "element {index:?} is {value}, not a finite number")
            }
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Fault::Cut,
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                Fault::Format(error.to_string())
            }
            _ => Fault::Io(error),
        }
    }
}

impl Array {
    /// Reads an NPY file whose elements take at most `limit` bytes of memory, all of them finite.
    pub fn read(reader: impl Read, limit: usize) -> Result<Array, Fault> {
        let file = NpyFile::new(header::checked(reader)?)?;
        let shape: Option<Vec<usize>> = (file.shape().iter())
            .map(|&length| usize::try_from(length).ok())
            .collect();
        let shape = shape.ok_or(Fault::TooLarge(limit))?;
        let kind = match file.dtype() {
            DType::Plain(kind) => kind,
            other => return Err(Fault::Dtype(other.descr())),
        };
        let size = match (kind.type_char(), kind.size_field()) {
            (TypeChar::Bool | TypeChar::Uint, 1) => 1,
            (TypeChar::Int | TypeChar::Uint, 1 | 2) | (TypeChar::Float, 2 | 4) => 4,
            _ => 8,
        };
        let total = elements_within(&shape, size, limit)?;
        let c_order = file.order() == Order::C;
        let (dtype, values) = match (kind.type_char(), kind.size_field()) {
            (TypeChar::Bool, 1) => {
                let bytes = elements::<bool>(file, total)?.into_iter().map(u8::from);
                ("bool", Values::Bytes(bytes.collect()))
            }
            (TypeChar::Uint, 1) => ("uint8", Values::Bytes(elements(file, total)?)),
            (TypeChar::Int, 1) => ("int8", singles::<i8>(file, total)?),
            (TypeChar::Int, 2) => ("int16", singles::<i16>(file, total)?),
            (TypeChar::Uint, 2) => ("uint16", singles::<u16>(file, total)?),
            (TypeChar::Float, 2) => ("float16", singles::<f16>(file, total)?),
            (TypeChar::Float, 4) => ("float32", Values::Singles(elements(file, total)?)),
            (TypeChar::Int, 4) => ("int32", reals(file, total, |value: i32| value.into())?),
            (TypeChar::Uint, 4) => ("uint32", reals(file, total, |value: u32| value.into())?),
            (TypeChar::Int, 8) => ("int64", reals(file, total, |value: i64| value as f64)?),
            (TypeChar::Uint, 8) => ("uint64", reals(file, total, |value: u64| value as f64)?),
            (TypeChar::Float, 8) => ("float64", Values::Reals(elements(file, total)?)),
            _ => return Err(Fault::Dtype(format!("`{kind}`"))),
        };
        let values = if c_order {
            values
        } else {
            match values {
                Values::Bytes(values) => Values::Bytes(from_fortran(&values, &shape)),
                Values::Singles(values) => Values::Singles(from_fortran(&values, &shape)),
                Values::Reals(values) => Values::Reals(from_fortran(&values, &shape)),
            }
        };
        Array::checked(shape, dtype, values)
    }

    /// An array whose elements are all finite.
    pub fn checked(shape: Vec<usize>, dtype: &'static str, values: Values) -> Result<Array, Fault> {
        let first = match &values {
            Values::Bytes(_) => None,
            Values::Singles(values) => values.iter().position(|value| !value.is_finite()),
            Values::Reals(values) => values.iter().position(|value| !value.is_finite()),
        };
        let array = Array {
            shape,
            dtype,
            values,
        };
        match first {
            Some(place) => Err(Fault::NotFinite(array.get(place), array.index(place))),
            None => Ok(array),
        }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        match &self.values {
            Values::Bytes(values) => values.len(),
            Values::Singles(values) => values.len(),
            Values::Reals(values) => values.len(),
        }
    }

    /// Element `place` in C order.
    pub fn get(&self, place: usize) -> f64 {
        match &self.values {
            Values::Bytes(values) => values[place].into(),
            Values::Singles(values) => values[place].into(),
            Values::Reals(values) => values[place],
        }
    }

    /// All elements in C order.
    pub fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.len()).map(|place| self.get(place))
    }

    /// The index in every dimension of element `place` in C order.
    pub fn index(&self, mut place: usize) -> Vec<usize> {
        let mut index = vec![0; self.shape.len()];
        for (part, &length) in index.iter_mut().zip(&self.shape).rev() {
            (*part, place) = (place % length, place / length);
        }
        index
    }
}

/// Elements of an array of this shape, if they take at most `limit` bytes, `size` each.
pub(crate) fn elements_within(shape: &[usize], size: usize, limit: usize) -> Result<usize, Fault> {
    let total = (shape.iter()).try_fold(1usize, |product, &n| product.checked_mul(n));
    let fits = |total: &usize| total.checked_mul(size).is_some_and(|bytes| bytes <= limit);
    total.filter(fits).ok_or(Fault::TooLarge(limit))
}

/// An NPZ file: named arrays.
pub(crate) struct Archive(ZipArchive<BufReader<File>>);

impl Archive {
    /// Opens an NPZ file.
    pub fn open(path: &Path) -> Result<Archive, Fault> {
        let file = File::open(path).map_err(Fault::Io)?;
        let archive = ZipArchive::new(BufReader::new(file)).map_err(fault)?;
        Ok(Archive(archive))
    }

    /// Names of the arrays, sorted.
    pub fn names(&self) -> Vec<String> {
        let names = self.0.file_names();
        let mut names: Vec<String> = names
            .filter_map(|name| name.strip_suffix(".npy").map(str::to_owned))
            .collect();
        names.sort_unstable();
        names
    }

    /// Reads the array of this name.
    pub fn array(&mut self, name: &str, limit: usize) -> Result<Array, Fault> {
        let entry = self.0.by_name(&format!("{name}.npy")).map_err(fault)?;
        Array::read(BufReader::new(entry), limit)
    }
}

fn fault(error: zip::result::ZipError) -> Fault {
    match error {
        zip::result::ZipError::Io(error) => error.into(),
        other => Fault::Format(other.to_string()),
    }
}

fn elements<T: Deserialize>(file: NpyFile<impl Read>, total: usize) -> Result<Vec<T>, Fault> {
    let data = (file.data::<T>()).map_err(|error| Fault::Dtype(error.to_string()))?;
    // No memory is reserved for what a header merely promises.
    let values = data.take(total).collect::<io::Result<Vec<T>>>()?;
    Ok(values)
}

fn singles<T: Deserialize + Into<f32>>(
    file: NpyFile<impl Read>,
    total: usize,
) -> Result<Values, Fault> {
    let values = elements::<T>(file, total)?;
    Ok(Values::Singles(values.into_iter().map(T::into).collect()))
}

fn reals<T: Deserialize>(
    file: NpyFile<impl Read>,
    total: usize,
    real: impl Fn(T) -> f64,
) -> Result<Values, Fault> {
    let values = elements::<T>(file, total)?;
    Ok(Values::Reals(values.into_iter().map(real).collect()))
}

/// Elements whose first dimension runs fastest, with the last one running fastest.
fn from_fortran<T: Copy>(values: &[T], shape: &[usize]) -> Vec<T> {
    let mut index = vec![0; shape.len()];
    let mut ordered = Vec::with_capacity(values.len());
    for _ in values {
        let place = (index.iter().zip(shape).rev()).fold(0, |sum, (&i, &n)| sum * n + i);
        ordered.push(values[place]);
        for (part, &length) in index.iter_mut().zip(shape).rev() {
            *part += 1;
            if *part < length {
                break;
            }
            *part = 0;
        }
    }
    ordered
}
