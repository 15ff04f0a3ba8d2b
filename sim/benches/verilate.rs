//! Speed of a Verilated array of 24 lanes driven from bare C++ and from Rust, with and without observation.
//!
//! `cargo bench -p sim --bench verilate [-- ROUNDS]`

use sim::verilate::{bench::compare, BuildOptions, Cache, CorePorts, Job, ModelSource, ProbePorts};

const LANES: usize = 24;
/// Tokens of one command; with the pipeline about 700 cycles, as a sample of the digits takes.
const TOKENS: u32 = 640;
const COMMANDS: usize = 2000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rounds = std::env::args()
        .filter_map(|a| a.parse().ok())
        .next()
        .unwrap_or(7);
    let command = [TOKENS];
    let commands = vec![&command[..]; COMMANDS];
    let job = Job {
        commands: &commands,
        responses: COMMANDS,
        max_cycles: u64::MAX,
        ..Job::default()
    };
    let cache = Cache::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/verilate"));
    print!(
        "{}",
        compare(&model(), &BuildOptions::default(), &job, rounds, &cache)?
    );
    Ok(())
}

fn model() -> ModelSource {
    let name = |text: &str| text.to_string();
    let probe = |lane: usize| ProbePorts {
        id: lane as u16,
        valid: format!("p{lane}_valid"),
        kind: format!("p{lane}_kind"),
        address: format!("p{lane}_address"),
        value: format!("p{lane}_value"),
        signed: false,
    };
    ModelSource {
        top: name("array_top"),
        files: vec![
            (name("array.v"), name(include_str!("array.v"))),
            (name("array_top.v"), top()),
        ],
        ports: CorePorts::plain(),
        probes: (0..LANES).map(probe).collect(),
    }
}

/// One scalar probe a lane around the array.
fn top() -> String {
    let mut ports = String::new();
    let mut assigns = String::new();
    for lane in 0..LANES {
        ports += &format!(
            ",\n    output p{lane}_valid, output [7:0] p{lane}_kind, output [31:0] p{lane}_address, output [15:0] p{lane}_value"
        );
        assigns += &format!(
            "    assign p{lane}_valid = wrote[{lane}];\n    assign p{lane}_kind = 8'd1;\n    \
             assign p{lane}_address = 32'd{lane};\n    assign p{lane}_value = states[{}:{}];\n",
            16 * lane + 15,
            16 * lane
        );
    }
    format!(
        "module array_top(\n    input clock, input reset,\n    \
         input s_valid, output s_ready, input [31:0] s_data, input s_last,\n    \
         output m_valid, input m_ready, output [31:0] m_data, output m_last,\n    output busy{ports}\n);\n    \
         wire [{}:0] wrote;\n    wire [{}:0] states;\n    array #(.P({LANES})) array(\n        \
         .clock(clock), .reset(reset), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .s_last(s_last),\n        \
         .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .m_last(m_last), .busy(busy),\n        \
         .wrote(wrote), .states(states));\n{assigns}endmodule\n",
        LANES - 1,
        16 * LANES - 1
    )
}
