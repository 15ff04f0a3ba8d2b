//! The core as something to Verilate: its text, ports and probes.

use crate::verilate::{CorePorts, ModelSource, ProbePorts};
use hdl::arch::Plan;
use hdl::design::Design;

/// Ports of the core as the emission pass names them.
pub fn source(plan: &Plan, design: &Design) -> ModelSource {
    let name = |name: &str| name.to_string();
    let lanes = plan.shape.lanes;
    let mut probes: Vec<_> = (0..lanes)
        .map(|lane| ProbePorts {
            id: lane as u16,
            valid: format!("probe_valid_{lane}"),
            kind: format!("probe_kind_{lane}"),
            address: format!("probe_address_{lane}"),
            value: format!("probe_value_{lane}"),
            signed: false,
        })
        .collect();
    probes.push(ProbePorts {
        id: lanes as u16,
        valid: name("head_valid"),
        kind: name("head_kind"),
        address: name("head_address"),
        value: name("head_value"),
        signed: false,
    });
    ModelSource {
        top: design.top.clone(),
        files: [design.verilog(), design.waivers()].concat(),
        ports: CorePorts::plain(),
        probes,
    }
}
