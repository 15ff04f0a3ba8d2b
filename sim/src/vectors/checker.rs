//! What a reference case may hold: limits of numbers and lengths, and a network that may exist.

use super::error::CaseError;
use hdl::config::Network;
use std::fmt::{Debug, Display};
use std::ops::RangeInclusive;
use std::path::Path;

/// Makes errors that name the file.
pub(super) struct Checker<'a> {
    pub(super) path: &'a Path,
}

impl Checker<'_> {
    /// `field` is `value`, must be `expected`.
    pub(super) fn fail(
        &self,
        field: impl Display,
        value: impl Debug,
        expected: impl Display,
    ) -> CaseError {
        CaseError::Value {
            path: self.path.to_owned(),
            field: field.to_string(),
            value: format!("{value:?}"),
            expected: expected.to_string(),
        }
    }

    /// Refuses a value outside the range.
    pub(super) fn range<T>(
        &self,
        field: impl Display,
        value: T,
        range: RangeInclusive<T>,
    ) -> Result<(), CaseError>
    where
        T: PartialOrd + Debug,
    {
        if range.contains(&value) {
            return Ok(());
        }
        Err(self.fail(
            field,
            value,
            format!("{:?} to {:?}", range.start(), range.end()),
        ))
    }

    /// Refuses an array that is not `expected` long.
    pub(super) fn length(
        &self,
        field: impl Display,
        length: usize,
        expected: usize,
    ) -> Result<(), CaseError> {
        if length == expected {
            return Ok(());
        }
        Err(self.fail(field, length, format!("{expected} long")))
    }

    /// Refuses networks that no implementation has to run.
    pub(super) fn network(&self, network: &Network) -> Result<(), CaseError> {
        let refused = |source| CaseError::Network {
            path: self.path.to_owned(),
            source,
        };
        network.validate().map(drop).map_err(refused)
    }

    /// Refuses row sides that differ from the rule of orientation.
    pub(super) fn row_sides(
        &self,
        network: &Network,
        row_layers: &[usize],
    ) -> Result<(), CaseError> {
        for (block, (sides, row)) in network.orientations().iter().zip(row_layers).enumerate() {
            if sides.row != *row {
                let expected = format!("{}, by the rule of orientation", sides.row);
                return Err(self.fail(format!("row_layer[{block}]"), row, expected));
            }
        }
        Ok(())
    }

    /// A layer's raw states.
    pub(super) fn states(
        &self,
        field: &str,
        values: &[i64],
        units: usize,
        one: i64,
    ) -> Result<Vec<u16>, CaseError> {
        self.length(format!("the length of {field}"), values.len(), units)?;
        let values = values.iter().enumerate();
        values
            .map(|(unit, &value)| {
                self.range(format!("{field}[{unit}]"), value, 0..=one)?;
                // In 0…ONE ≤ 2^14.
                Ok(value as u16)
            })
            .collect()
    }
}
