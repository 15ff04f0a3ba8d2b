//! The example's test bench, which watches as many probes as the core has.

use hdl::arch::Plan;

/// Before this line is filled in, the bench watches nothing.
const PROBES: &str = "                // (probes)\n";
const TEXT: &str = include_str!("eqprop_axis_tb.v");

/// The text of [`super::BENCH`]. Spiking units without inputs write what their membranes do: their sum stays 0.
pub fn bench(plan: &Plan) -> String {
    let lanes = plan.shape.lanes;
    let line = |index: usize, name: &str, suffix: &str| {
        let port = |what: &str| format!("dut.core.{name}_{what}{suffix}");
        let (valid, kind, value) = (port("valid"), port("kind"), port("value"));
        format!("                if ({valid}) sum = sum + term({index}, {kind}, {value});\n")
    };
    let mut lines: String = (0..lanes)
        .map(|lane| line(lane, "probe", &format!("_{lane}")))
        .collect();
    lines += &line(lanes, "head", "");
    if plan.shape.spiking.is_some() {
        lines.clear();
    }
    TEXT.replacen(PROBES, &lines, 1)
}
