//! The waveform of one sample: hardware signals, and what the golden model says beside them.

use std::path::Path;

use super::{Lockstep, Write};
use crate::bittrue::Sample;
use crate::wave::{
    annotate, Annotation, Enumeration, GoldenTrace, GoldenValue, Group, Row, TraceKind, WaveError,
    Written,
};
use hdl::arch::spiking::MEMBRANE_BITS;
use hdl::arch::Plan;
use hdl::config::TRACE_EXTRA_BITS;
use hdl::design::{CORE, OPERATION_NAMES, PHASE_NAMES};

/// Units with golden traces: the outputs first, then the other layers from the input on.
const UNITS: usize = 64;
/// Units and lanes that viewers show when they open; the others are there to be added.
const SHOWN_UNITS: usize = 10;
const SHOWN_LANES: usize = 8;
/// What is recorded of every unit.
const KINDS: [TraceKind; 3] = [TraceKind::Golden, TraceKind::Hardware, TraceKind::Error];

/// A waveform under way: made before the sample runs, finished after it.
#[derive(Clone, Copy, Debug)]
pub struct Waveform {
    /// First time of the trace.
    begin: u64,
}

impl Waveform {
    /// Begins to trace into `raw`; the hardware must have been built for VCD.
    pub fn begin(
        lockstep: &mut Lockstep,
        raw: &Path,
    ) -> Result<Waveform, crate::verilate::TraceError> {
        let model = lockstep.model();
        model.trace_to(raw)?;
        Ok(Waveform {
            begin: model.time_ns(model.cycle()),
        })
    }

    /// Ends the trace after `sample` has run, passed or failed, and writes the annotated set at
    /// `output`. Viewers open at `cycles`, counted since reset.
    pub fn finish(
        self,
        lockstep: &mut Lockstep,
        sample: &Sample,
        raw: &Path,
        output: &Path,
        cycles: (u64, u64),
    ) -> Result<Written, WaveError> {
        let plan = lockstep.plan().clone();
        let units = units(&plan);
        let writes = lockstep.look(sample);
        let time = |cycle| lockstep.engine.time_ns(cycle).max(self.begin);
        let mut annotation = annotation(&plan, &units);
        annotation.view = Some((time(cycles.0), time(cycles.1)));
        let values = values(&units, &writes, self.begin, time);
        annotate(raw, output, &annotation, values)
    }
}

/// Layer and unit of every golden trace.
fn units(plan: &Plan) -> Vec<(usize, usize)> {
    let layers = &plan.network.layers;
    let output = plan.network.output();
    let others = 1..output;
    std::iter::once(output)
        .chain(others)
        .flat_map(|layer| (0..layers[layer].units).map(move |unit| (layer, unit)))
        .take(UNITS)
        .collect()
}

/// Changes of the golden traces: 0 when the trace begins, then every write at its cycle.
fn values(
    units: &[(usize, usize)],
    writes: &[Write],
    begin: u64,
    time: impl Fn(u64) -> u64,
) -> Vec<GoldenValue> {
    let mut values: Vec<_> = (0..units.len() * KINDS.len())
        .map(|trace| GoldenValue {
            time: begin,
            trace,
            value: 0.0,
        })
        .collect();
    for write in writes {
        let at = (write.layer, write.unit);
        let Some(index) = units.iter().position(|&unit| unit == at) else {
            continue;
        };
        for (offset, kind) in KINDS.into_iter().enumerate() {
            let value = match kind {
                TraceKind::Golden => Some(write.golden),
                TraceKind::Hardware => write.hardware,
                TraceKind::Error => write.hardware.map(|hardware| hardware - write.golden),
            };
            values.extend(value.map(|value| GoldenValue {
                time: time(write.cycle),
                trace: index * KINDS.len() + offset,
                value,
            }));
        }
    }
    values
}

fn annotation(plan: &Plan, units: &[(usize, usize)]) -> Annotation {
    let codes = |name: &str, names: &[&str]| Enumeration {
        name: name.into(),
        codes: (0..).zip(names.iter().map(|n| n.to_string())).collect(),
    };
    Annotation {
        golden: units
            .iter()
            .flat_map(|(layer, unit)| {
                KINDS.map(|kind| GoldenTrace {
                    name: format!("layer{layer}_unit{unit}"),
                    kind,
                })
            })
            .collect(),
        enumerations: vec![
            codes("phase", &PHASE_NAMES),
            codes("operation", &OPERATION_NAMES),
        ],
        groups: vec![
            phases(),
            head(plan),
            states(plan, units),
            lanes(plan),
            stream(),
        ],
        view: None,
    }
}

fn signal(name: &str) -> String {
    format!("TOP.{CORE}.{name}")
}

fn number(name: &str, label: &str) -> Row {
    Row::Number {
        path: signal(name),
        label: label.into(),
    }
}

fn hex(name: &str, label: &str) -> Row {
    Row::Hex {
        path: signal(name),
        label: label.into(),
    }
}

fn coded(name: &str, label: &str, enumeration: usize) -> Row {
    Row::Coded {
        path: signal(name),
        label: label.into(),
        enumeration,
    }
}

/// What a probe reports: a state; of a spiking unit the results of its step, which is at `step` in the hierarchy,
/// in thresholds, with all of it in one word.
fn value(plan: &Plan, probe: &str, step: &str, label: &str) -> Vec<Row> {
    let fixed = |name: &str, what: &str, fraction: u32, signed: bool| Row::Fixed {
        path: signal(name),
        label: format!("{label}: {what}"),
        fraction,
        signed,
    };
    let formats = plan.network.formats;
    if plan.shape.spiking.is_none() {
        return vec![fixed(probe, "state", formats.state_fraction, false)];
    }
    let step = |result: &str| format!("{step}.{result}");
    // −1 … 2 thresholds in 16 bits: two's complement but for a threshold of 2^14, whose double is not.
    let signed = formats.weight_fraction < MEMBRANE_BITS as u32 - 2;
    vec![
        hex(
            probe,
            &format!("{label}: spike[34], membrane[33:18], trace[17:0]"),
        ),
        fixed(&step("v_new"), "membrane", formats.weight_fraction, signed),
        fixed(
            &step("z_new"),
            "trace",
            formats.state_fraction + TRACE_EXTRA_BITS,
            false,
        ),
        number(&step("spike"), &format!("{label}: spike")),
    ]
}

fn phases() -> Group {
    Group {
        name: "Phases".into(),
        rows: vec![
            number("clock", "clock"),
            number("busy", "busy"),
            coded("phase", "phase", 0),
            coded("sequencer_op", "token: operation", 1),
            hex("sequencer_addr", "token: address"),
            hex("sequencer_value", "token: value"),
        ],
    }
}

fn stream() -> Group {
    Group {
        name: "Stream".into(),
        rows: ["s", "m"]
            .into_iter()
            .zip(["command", "response"])
            .flat_map(|(port, label)| {
                [
                    number(&format!("{port}_valid"), &format!("{label}: valid")),
                    number(&format!("{port}_ready"), &format!("{label}: ready")),
                    hex(&format!("{port}_data"), &format!("{label}: data")),
                    number(&format!("{port}_last"), &format!("{label}: last")),
                ]
            })
            .collect(),
    }
}

fn states(plan: &Plan, units: &[(usize, usize)]) -> Group {
    let row = |index: usize, (layer, unit): (usize, usize)| {
        let name = &plan.network.layers[layer].name;
        KINDS.into_iter().enumerate().map(move |(offset, kind)| {
            let kind = match kind {
                TraceKind::Golden => "golden",
                TraceKind::Hardware => "hardware",
                TraceKind::Error => "error",
            };
            Row::Golden {
                trace: index * KINDS.len() + offset,
                label: format!("{name} {unit}: {kind}"),
            }
        })
    };
    let shown = units.iter().copied().enumerate().take(SHOWN_UNITS);
    Group {
        name: "States".into(),
        rows: shown.flat_map(|(index, unit)| row(index, unit)).collect(),
    }
}

fn head(plan: &Plan) -> Group {
    let mut rows = vec![
        number("head_valid", "head: write"),
        number("head_address", "head: unit address"),
    ];
    rows.extend(value(plan, "head_value", "column.membranes.step", "head"));
    Group {
        name: "Head".into(),
        rows,
    }
}

fn lanes(plan: &Plan) -> Group {
    let rows = |lane: usize| {
        let label = format!("lane {lane}");
        let probe = |what: &str| format!("probe_{what}_{lane}");
        let mut rows = vec![
            number(&probe("valid"), &format!("{label}: write")),
            hex(&probe("address"), &format!("{label}: address")),
        ];
        let step = format!("line.lanes_{lane}.spike");
        rows.extend(value(plan, &probe("value"), &step, &label));
        rows
    };
    Group {
        name: "Lanes".into(),
        rows: (0..plan.shape.lanes.min(SHOWN_LANES))
            .flat_map(rows)
            .collect(),
    }
}
