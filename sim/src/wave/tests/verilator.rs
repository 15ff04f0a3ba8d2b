//! A waveform that the real simulator wrote, annotated and read back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ::vcd::ReferenceIndex;

use super::{annotation, bits, read, reals, value};
use crate::wave::{annotate, Annotation, Group, Row};

/// A counter with a wave-shaped register, enough to look at in a viewer.
const COUNTER: &str = "\
module counter(input clk, output reg [2:0] phase, output reg signed [15:0] state);
  reg [7:0] count = 0;
  initial begin phase = 0; state = 0; end
  always @(posedge clk) begin
    count <= count + 1;
    if (count[4:0] == 5'd31) phase <= phase == 3 ? 3'd1 : phase + 1;
    state <= state + ((phase == 2 ? -16'sd4096 : 16'sd4096) - state >>> 3);
  end
endmodule
";

const HARNESS: &str = "\
#include \"Vcounter.h\"
#include \"verilated_vcd_c.h\"
int main() {
    VerilatedContext context;
    context.traceEverOn(true);
    Vcounter top(&context);
    VerilatedVcdC trace;
    top.trace(&trace, 99);
    trace.open(\"raw.vcd\");
    for (int t = 0; t < 400; t++) {
        top.clk = t & 1;
        top.eval();
        trace.dump(t * 5);
    }
    trace.close();
}
";

/// Simulates the counter in `folder` and returns its VCD.
fn simulate(folder: &Path) -> PathBuf {
    fs::write(folder.join("counter.v"), COUNTER).unwrap();
    fs::write(folder.join("main.cpp"), HARNESS).unwrap();
    let call = |name: &str, arguments: &[&str]| {
        let output = Command::new(name)
            .args(arguments)
            .current_dir(folder)
            .output();
        let output = output.unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{name} failed: {text}");
    };
    let arguments = "--cc --exe --build --trace -Wno-fatal --timescale 1ns/1ns counter.v main.cpp";
    call("verilator", &arguments.split(' ').collect::<Vec<_>>());
    call("./obj_dir/Vcounter", &[]);
    folder.join("raw.vcd")
}

#[test]
fn a_waveform_from_verilator_keeps_every_change() {
    let folder = tempfile::tempdir().unwrap();
    let raw = simulate(folder.path());
    let annotation = Annotation {
        groups: vec![
            Group {
                name: "Phases".into(),
                rows: vec![
                    Row::Number {
                        path: "TOP.counter.clk".into(),
                        label: "clock".into(),
                    },
                    Row::Coded {
                        path: "TOP.counter.phase".into(),
                        label: "phase".into(),
                        enumeration: 0,
                    },
                    Row::Hex {
                        path: "TOP.counter.count".into(),
                        label: "count".into(),
                    },
                ],
            },
            Group {
                name: "States (hardware vs golden)".into(),
                rows: vec![
                    Row::Fixed {
                        path: "TOP.counter.state".into(),
                        label: "layer 1 unit 3".into(),
                        fraction: 12,
                        signed: true,
                    },
                    Row::Golden {
                        trace: 0,
                        label: "layer 1 unit 3, golden".into(),
                    },
                    Row::Golden {
                        trace: 1,
                        label: "layer 1 unit 3, error".into(),
                    },
                ],
            },
        ],
        view: None,
        ..annotation()
    };
    let values = (0..200u32).flat_map(|step| {
        let time = u64::from(step) * 10;
        let golden = (f64::from(step) / 20.0).sin();
        [value(time, 0, golden), value(time + 3, 1, golden * 1e-4)]
    });
    let written = annotate(&raw, &folder.path().join("run.vcd"), &annotation, values).unwrap();
    let (_, before) = read(&raw);
    let (header, after) = read(&written.vcd);
    assert_eq!(bits(&before), bits(&after));
    assert!(bits(&after).len() > 400);
    assert_eq!(reals(&after).len(), 400);
    assert_eq!(
        header.find_var(&["TOP", "counter", "state"]).unwrap().index,
        Some(ReferenceIndex::Range(3, -12))
    );
    assert_eq!(written.end, 1995);
}
