//! The example's test bench, which watches as many probes as the core has.

use hdl::arch::program::slot;
use hdl::arch::Plan;

/// Lines that are filled in: the shape of the lanes' memories, and what is watched.
const SHAPE: &str = "    // (shape)\n";
const PROBES: &str = "                // (probes)\n";
const TEXT: &str = include_str!("eqprop_axis_tb.v");

/// The text of [`super::BENCH`]. Spiking units without inputs write what their membranes do: their sum stays 0.
pub fn bench(plan: &Plan) -> String {
    let (lanes, tile_bits) = (plan.shape.lanes, plan.shape.tile_bits);
    let shape = format!(
        "    localparam integer TILE_BITS = {tile_bits};\n    localparam integer STATE_SLOTS = {};\n",
        slot::TARGET
    );
    let line = |index: usize, name: &str, suffix: &str| {
        let port = |what: &str| format!("dut.core.{name}_{what}{suffix}");
        let [valid, kind, address, value] = ["valid", "kind", "address", "value"].map(port);
        format!(
            "                if ({valid})\n                    \
             sum = sum + term({index}, {kind}, {address}, {value});\n"
        )
    };
    let mut lines: String = (0..lanes)
        .map(|lane| line(lane, "probe", &format!("_{lane}")))
        .collect();
    lines += &line(lanes, "head", "");
    if plan.shape.spiking.is_some() {
        lines.clear();
    }
    super::owned(TEXT)
        .replacen(SHAPE, &shape, 1)
        .replacen(PROBES, &lines, 1)
}
