//! What a co-simulation found, as JSON and as a table.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;
use sim::lockstep::{Mismatch, Totals};
use sim::verilate::Verilator;

use super::bench::Bench;
use super::trace::Entry;
use crate::flow::Origin;
use crate::report::table::{grouped, Align, Table};

/// Totals of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub network: String,
    pub lanes: usize,
    /// Samples that passed.
    pub samples: usize,
    /// Busy cycles of the hardware, and as predicted without it.
    pub cycles: u64,
    pub predicted_cycles: u64,
    /// Writes of states and weights that were compared, and that the bit-true model makes.
    pub compared_writes: u64,
    pub expected_writes: u64,
    /// 0, or 1: a run stops at the first.
    pub mismatches: usize,
    /// The first thing that differs.
    pub mismatch: Option<String>,
    /// Largest distance of a written state from one golden step, and what is allowed.
    pub max_abs_error: f64,
    pub error_bound: f64,
    /// The same of the membranes of spiking units, in units of the threshold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_membrane_error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub membrane_bound: Option<f64>,
    /// Samples learned from, weights that saturated, and the largest distance of a learned weight from one
    /// golden step in LSB, which stochastic rounding keeps below 1.
    pub learned: usize,
    pub saturations: u64,
    pub learn_error: f64,
    /// Samples with a phase that did not settle.
    pub unsettled: usize,
    /// Products of real rows and non-zero columns ÷ (lanes · cycles).
    pub array_use: f64,
    pub cycles_per_sample: f64,
    /// From the first word taken to the last one answered, samples back to back and a partner that never waits.
    pub stream_cycles_per_sample: f64,
    /// Sweeps, or time steps, over all phases.
    pub sweeps_per_sample: f64,
    /// Over all phases; of spiking units only. A synaptic operation is a weight added for a spike, or
    /// multiplied by an input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spikes_per_sample: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synaptic_operations_per_sample: Option<f64>,
    /// Largest distance between the settled free states of hardware and golden model.
    pub trajectory_distance: f64,
    pub seed: u32,
    /// The file whose core was run in place of the generated one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub core: Option<PathBuf>,
    /// What the hardware was simulated with: "Verilator 5.006".
    pub simulator: String,
    /// The netlist that was run in place of the Verilog, and the models of its cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub netlist: Option<Origin>,
    /// The waveform, if one was written: of the first sample, or around the mismatch.
    pub vcd: Option<PathBuf>,
    /// Raster plot of the first sample, of spiking units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plot: Option<PathBuf>,
    /// With `--trace`: states at the end of each phase of the first samples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<Entry>>,
}

impl Report {
    pub fn new(bench: &Bench, totals: &Totals, mismatch: Option<&Mismatch>) -> Report {
        let lanes = bench.hardware.plan.shape.lanes;
        // Nothing per nothing is nothing.
        let ratio = |part: u64, whole: u64| match whole {
            0 => 0.0,
            _ => part as f64 / whole as f64,
        };
        let samples = totals.samples as u64;
        Report {
            network: bench.hardware.plan.network.name.clone(),
            lanes,
            samples: totals.samples,
            cycles: totals.cycles,
            predicted_cycles: totals.predicted_cycles,
            compared_writes: totals.compared_writes,
            expected_writes: totals.expected_writes,
            mismatches: usize::from(mismatch.is_some()),
            mismatch: mismatch.map(Mismatch::to_string),
            max_abs_error: totals.max_abs_error,
            error_bound: totals.error_bound,
            max_membrane_error: totals.activity.map(|_| totals.membrane_error),
            membrane_bound: totals.activity.map(|_| totals.membrane_bound),
            learned: totals.learned,
            saturations: totals.saturations,
            learn_error: totals.learn_error,
            unsettled: totals.unsettled,
            array_use: ratio(totals.products, lanes as u64 * totals.cycles),
            cycles_per_sample: ratio(totals.cycles, samples),
            stream_cycles_per_sample: ratio(totals.stream_cycles, samples),
            sweeps_per_sample: ratio(totals.sweeps, samples),
            spikes_per_sample: (totals.activity).map(|activity| ratio(activity.spikes, samples)),
            synaptic_operations_per_sample: (totals.activity)
                .map(|activity| ratio(activity.synaptic_operations, samples)),
            trajectory_distance: totals.trajectory_distance,
            seed: bench.hardware.plan.network.seed,
            core: bench.hardware.core.clone(),
            // It was found when the hardware was made.
            simulator: Verilator::find().map_or_else(|none| none.to_string(), |it| it.to_string()),
            netlist: (bench.hardware.gates.as_ref()).map(|level| level.origin.clone()),
            vcd: None,
            plot: None,
            trace: None,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut table = Table::new([("", Align::Left), ("", Align::Right), ("", Align::Left)]);
        table.row([
            "samples",
            &grouped(self.samples as u64),
            &format!("of {} on {} lanes", self.network, self.lanes),
        ]);
        table.row([
            "mismatches",
            &self.mismatches.to_string(),
            "against the bit-true model, every write at its predicted cycle",
        ]);
        table.row([
            "writes",
            &grouped(self.compared_writes),
            &format!(
                "of states and weights compared of {} expected",
                grouped(self.expected_writes)
            ),
        ]);
        table.row([
            "busy cycles",
            &grouped(self.cycles),
            &format!(
                "{} predicted; simulated with {}",
                grouped(self.predicted_cycles),
                self.simulator
            ),
        ]);
        table.row([
            "busy cycles per sample",
            &format!("{:.1}", self.cycles_per_sample),
            &match self.spikes_per_sample {
                None => format!("{:.1} sweeps", self.sweeps_per_sample),
                Some(_) => format!("{:.0} time steps", self.sweeps_per_sample),
            },
        ]);
        table.row([
            "stream cycles",
            &format!("{:.1}", self.stream_cycles_per_sample),
            "a sample, from its first word taken to the last one answered, back to back",
        ]);
        if let Some(spikes) = self.spikes_per_sample {
            table.row([
                "spikes per sample",
                &format!("{spikes:.1}"),
                "of all free units",
            ]);
        }
        if let Some(operations) = self.synaptic_operations_per_sample {
            table.row([
                "synaptic operations",
                &format!("{operations:.1}"),
                "a sample: weights added for spikes, or multiplied by inputs",
            ]);
        }
        table.row([
            "array use",
            &format!("{:.1} %", 100.0 * self.array_use),
            "useful products per lane and cycle",
        ]);
        table.row([
            "worst error",
            &format!("{:.3e}", self.max_abs_error),
            &format!("from one golden step, bound {:.3e}", self.error_bound),
        ]);
        if let (Some(error), Some(bound)) = (self.max_membrane_error, self.membrane_bound) {
            table.row([
                "worst membrane",
                &format!("{error:.3e}"),
                &format!("of a threshold from one golden step, bound {bound:.3e}"),
            ]);
        }
        table.row([
            "trajectories",
            &format!("{:.3e}", self.trajectory_distance),
            "apart at most, settled free states of hardware and golden model",
        ]);
        table.row([
            "unsettled",
            &self.unsettled.to_string(),
            "samples with a phase that reached its largest number of sweeps",
        ]);
        if self.learned > 0 {
            table.row([
                "learned from",
                &grouped(self.learned as u64),
                &format!(
                    "samples; {} weights saturated, all within {:.3} LSB of one golden step",
                    grouped(self.saturations),
                    self.learn_error
                ),
            ]);
        }
        if let Some(mismatch) = &self.mismatch {
            table.row(["first mismatch", "", mismatch]);
        }
        if let Some(vcd) = &self.vcd {
            table.row(["waveform", "", &vcd.display().to_string()]);
        }
        if let Some(plot) = &self.plot {
            table.row(["plot", "", &plot.display().to_string()]);
        }
        write!(f, "{table}")?;
        if let Some(core) = &self.core {
            writeln!(f, "core of `{}`", core.display())?;
        }
        match &self.netlist {
            Some(netlist) => writeln!(f, "{netlist}"),
            None => Ok(()),
        }
    }
}
