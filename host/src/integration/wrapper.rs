//! The core with the signal names of AXI4-Stream.

/// Probes of one writer and their bits: the suffix of its ports follows the name of a lane's.
const PROBES: [(&str, u32); 4] = [("valid", 1), ("kind", 1), ("address", 16), ("value", 36)];

/// The text of [`super::WRAPPER`] for a core of so many lanes: every probe ends in a wire.
pub fn wrapper(lanes: usize) -> String {
    let mut wires = String::new();
    let mut ports = String::new();
    for (probe, bits) in PROBES {
        let total = (lanes as u32 + 1) * bits;
        wires += &format!("    wire [{}:0] unused_{probe};\n", total - 1);
        let lane = |lane: usize| format!("probe_{probe}_{lane}");
        let writers = (0..lanes).map(lane).chain([format!("head_{probe}")]);
        for (port, low) in writers.zip((0..).step_by(bits as usize)) {
            let part = match bits {
                1 => format!("{low}"),
                _ => format!("{}:{low}", low + bits - 1),
            };
            ports += &format!(",\n        .{port}(unused_{probe}[{part}])");
        }
    }
    let text = super::owned(include_str!("eqprop_axis.v"));
    let text = text.replacen(
        "    eqprop_core core (",
        &(wires + "\n    eqprop_core core ("),
        1,
    );
    text.replacen(".phase(phase)", &format!(".phase(phase){ports}"), 1)
}
