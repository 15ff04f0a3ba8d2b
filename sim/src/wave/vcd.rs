//! Streams the simulator's VCD through, adding the golden scope.
//!
//! The header is parsed and written by the crate `vcd`. The body is copied line by line without being
//! understood, except for the time stamps: so every hardware change keeps its bytes, and a file of
//! half a gigabyte passes at the speed of the disk.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use ::vcd::{IdCode, Parser, Writer};

use super::signals::{check_index, rewrite_header, Signals};
use super::{Annotation, AtomicFile, GoldenValue, WaveError};

/// Writes the annotated VCD; returns what it declares and its last time.
pub(super) fn rewrite(
    input: &Path,
    output: &Path,
    annotation: &Annotation,
    values: impl IntoIterator<Item = GoldenValue>,
) -> Result<(Signals, u64), WaveError> {
    let not_vcd = |source| WaveError::NotVcd {
        path: input.to_path_buf(),
        source,
    };
    let file = File::open(input).map_err(WaveError::read(input))?;
    let mut parser = Parser::new(BufReader::with_capacity(1 << 16, file));
    let mut header = parser.parse_header().map_err(not_vcd)?;
    let (signals, codes) = rewrite_header(&mut header, annotation)?;

    let mut out = AtomicFile::create(output)?;
    Writer::new(&mut out)
        .header(&header)
        .map_err(WaveError::write(output))?;
    let mut body = Body {
        out,
        path: output,
        codes,
        values: values.into_iter(),
        pending: None,
        now: None,
    };
    body.advance()?;

    // The parser reads no further than the header's end.
    let reader = parser.reader();
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader
            .read_until(b'\n', &mut line)
            .map_err(WaveError::read(input))?
            == 0
        {
            break;
        }
        if let Some(digits) = line.strip_prefix(b"#") {
            let time = parse_time(digits)
                .ok_or_else(|| not_vcd(std::io::Error::other("a time stamp is not a number")))?;
            body.write_before(time)?;
            body.now = Some(time);
        }
        body.write(&line)?;
    }
    body.write_before(u64::MAX)?;
    body.out.commit()?;
    Ok((signals, body.now.unwrap_or(0)))
}

/// The number behind `#`.
fn parse_time(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.trim().parse().ok()
}

/// The part after the header: hardware changes copied, golden changes put between them.
struct Body<'a, I> {
    out: AtomicFile,
    path: &'a Path,
    /// VCD code of each golden trace.
    codes: Vec<IdCode>,
    values: I,
    /// The next golden change that is not written yet.
    pending: Option<GoldenValue>,
    /// The last time stamp written.
    now: Option<u64>,
}

impl<I: Iterator<Item = GoldenValue>> Body<'_, I> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), WaveError> {
        self.out
            .write_all(bytes)
            .map_err(WaveError::write(self.path))
    }

    /// Takes the next golden change, checking its trace.
    fn advance(&mut self) -> Result<(), WaveError> {
        self.pending = self.values.next();
        match self.pending {
            Some(value) => check_index("golden trace", value.trace, self.codes.len()),
            None => Ok(()),
        }
    }

    /// Writes every golden change earlier than `time`, with time stamps of its own where needed.
    fn write_before(&mut self, time: u64) -> Result<(), WaveError> {
        while let Some(value) = self.pending.filter(|value| value.time < time) {
            match self.now {
                Some(now) if value.time < now => {
                    return Err(WaveError::Order {
                        time: value.time,
                        after: now,
                    })
                }
                Some(now) if value.time == now => {}
                _ => {
                    self.write(format!("#{}\n", value.time).as_bytes())?;
                    self.now = Some(value.time);
                }
            }
            let change = format!("r{} {}\n", real(value.value), self.codes[value.trace]);
            self.write(change.as_bytes())?;
            self.advance()?;
        }
        Ok(())
    }
}

/// The shortest text that reads back as the same number. Tiny and huge numbers get an exponent, as
/// viewers and parsers limit the length of a token.
fn real(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-5..1e15).contains(&size) || !value.is_finite() {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}
