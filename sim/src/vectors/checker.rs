//! What a reference case may hold: limits of numbers, lengths and connections.

use super::error::CaseError;
use super::format::CaseFile;
use hdl::config::*;
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

    /// Refuses numbers that no network may have.
    pub(super) fn numbers(&self, file: &CaseFile) -> Result<(), CaseError> {
        self.range("the number of layers", file.layers.len(), 2..=MAX_LAYERS)?;
        for (index, &units) in file.layers.iter().enumerate() {
            self.range(format!("layers[{index}]"), units, 1..=MAX_UNITS)?;
        }
        self.range("the number of blocks", file.blocks.len(), 1..=MAX_BLOCKS)?;
        for (index, ends) in file.blocks.iter().enumerate() {
            let field = format!("blocks[{index}]");
            for &end in ends {
                self.range(&field, end, 0..=file.layers.len() - 1)?;
            }
            if ends == &[0, 0] {
                return Err(self.fail(
                    field,
                    ends,
                    "a pair with a free layer: the input is clamped",
                ));
            }
        }
        self.length(
            "the length of row_layer",
            file.row_layer.len(),
            file.blocks.len(),
        )?;
        self.length(
            "the length of rate_shift",
            file.rate_shift.len(),
            file.blocks.len(),
        )?;
        let fractions = MIN_STATE_FRACTION..=MAX_STATE_FRACTION;
        self.range("state_fraction_bits", file.state_fraction_bits, fractions)?;
        self.range(
            "weight_bits",
            file.weight_bits,
            MIN_WEIGHT_BITS..=MAX_WEIGHT_BITS,
        )?;
        self.range(
            "weight_fraction_bits",
            file.weight_fraction_bits,
            0..=file.weight_bits - 2,
        )?;
        self.range("beta_shift", file.beta_shift, 0..=file.weight_fraction_bits)?;
        self.range("k", file.k, 0..=MAX_K)?;
        if file.k == 0 && file.beta_shift == 0 {
            let expected = "at least 1 where k is 0: the outputs would oscillate";
            return Err(self.fail("beta_shift", file.beta_shift, expected));
        }
        self.range("tolerance_lsb", file.tolerance_lsb, 0..=MAX_TOLERANCE)?;
        self.range("max_sweeps.free", file.max_sweeps.free, 1..=MAX_SWEEPS)?;
        self.range("max_sweeps.nudged", file.max_sweeps.nudged, 1..=MAX_SWEEPS)?;
        self.range("halvings", file.halvings, 0..=MAX_HALVINGS)
    }

    /// Refuses layers out of reach, and row sides that differ from the rule of orientation.
    pub(super) fn graph(&self, network: &Network, row_layers: &[usize]) -> Result<(), CaseError> {
        if let Some(layer) = network.unconnected_layers().first() {
            let expected = format!("blocks that join layer {layer} to the input");
            return Err(self.fail("blocks", &network.blocks, expected));
        }
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
