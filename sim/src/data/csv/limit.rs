//! A bound on the bytes of one record, so that an open quotation mark does not take a whole file into memory.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Bytes that a record may have.
pub(super) const MAX_LINE: usize = 1 << 25;

/// What is left to read until a record has to be complete.
pub(super) struct Budget(Rc<Cell<usize>>);

impl Budget {
    /// A record is complete: the next may be as long.
    pub(super) fn renew(&self) {
        self.0.set(MAX_LINE);
    }
}

/// A reader that fails with `InvalidData` when a record does not end.
pub(super) struct Limited<R> {
    reader: R,
    left: Rc<Cell<usize>>,
}

impl<R: Read> Limited<R> {
    pub(super) fn new(reader: R) -> (Limited<R>, Budget) {
        let left = Rc::new(Cell::new(MAX_LINE));
        (
            Limited {
                reader,
                left: left.clone(),
            },
            Budget(left),
        )
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        match self.left.get().checked_sub(read) {
            Some(left) => self.left.set(left),
            None => return Err(io::ErrorKind::InvalidData.into()),
        }
        Ok(read)
    }
}
