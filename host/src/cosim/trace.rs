//! `--trace`: states at the end of each phase in golden model, bit-true model and hardware.

use serde::Serialize;
use sim::bittrue::Sample;
use sim::lockstep::{Lockstep, PhaseEnd};

use crate::report::table::{Align, Table};

/// Units of a layer in a row of the table.
const SHOWN: usize = 8;

/// One layer at the end of one phase.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Position in the run.
    pub sample: usize,
    pub phase: String,
    pub layer: String,
    pub sweeps: usize,
    /// Largest distance of the hardware from the golden model's own run, and from the bit-true model.
    pub from_golden: f64,
    pub from_bittrue: f64,
    pub golden: Vec<f64>,
    pub bittrue: Vec<f64>,
    /// Null where the hardware wrote nothing.
    pub hardware: Vec<Option<f64>>,
}

/// The entries of the sample that ran last.
pub fn entries(lockstep: &mut Lockstep, position: usize, sample: &Sample) -> Vec<Entry> {
    let ends = lockstep.phase_ends(sample);
    let layers = &lockstep.plan().network.layers;
    let entry = |end: PhaseEnd| Entry {
        sample: position,
        phase: end.phase.to_string(),
        layer: layers[end.layer].name.clone(),
        sweeps: end.sweeps,
        from_golden: apart(&end.hardware, &end.golden),
        from_bittrue: apart(&end.hardware, &end.bittrue),
        golden: end.golden,
        bittrue: end.bittrue,
        hardware: end.hardware,
    };
    ends.into_iter().map(entry).collect()
}

/// The largest distance among the values that the hardware wrote.
fn apart(hardware: &[Option<f64>], model: &[f64]) -> f64 {
    hardware
        .iter()
        .zip(model)
        .filter_map(|(hardware, model)| Some((hardware.as_ref()? - model).abs()))
        .fold(0.0, f64::max)
}

/// All entries as a table; with `all` every unit, otherwise the first ones of each layer.
pub fn table(entries: &[Entry], all: bool) -> Table {
    let mut table = Table::new([
        ("sample", Align::Right),
        ("phase", Align::Left),
        ("layer", Align::Left),
        ("sweeps", Align::Right),
        ("model", Align::Left),
        ("apart", Align::Right),
        ("states", Align::Left),
    ]);
    for entry in entries {
        let shown = if all { entry.golden.len() } else { SHOWN };
        let values = |values: &mut dyn Iterator<Item = Option<f64>>| {
            let written = |value: Option<f64>| value.map_or("-".to_owned(), |v| format!("{v:.5}"));
            let texts: Vec<_> = values.take(shown).map(written).collect();
            let more = if entry.golden.len() > shown {
                " …"
            } else {
                ""
            };
            texts.join(" ") + more
        };
        table.row([
            entry.sample.to_string(),
            entry.phase.clone(),
            entry.layer.clone(),
            entry.sweeps.to_string(),
            "golden".into(),
            format!("{:.2e}", entry.from_golden),
            values(&mut entry.golden.iter().copied().map(Some)),
        ]);
        let blanks = || ["", "", "", ""].map(String::from).into_iter();
        let apart = format!("{:.2e}", entry.from_bittrue);
        let states = values(&mut entry.bittrue.iter().copied().map(Some));
        table.row(blanks().chain(["bit-true".into(), apart, states]));
        let states = values(&mut entry.hardware.iter().copied());
        table.row(blanks().chain(["hardware".into(), String::new(), states]));
    }
    table
}
