//! The FuseSoC core file (CAPI2) of generated hardware.

use hdl::arch::Plan;
use hdl::board::{Board, Family};
use hdl::design::{BOARD, CORE, OWNERSHIP};
use hdl::rtl::primitive::PINS;

use super::{AXI_LITE, BENCH, COCOTB, COMMANDS, EXPECTED, INITIAL, NETWORK, WRAPPER};

/// The text of [`super::CORE_FILE`], which names the files that lie beside it.
///
/// A YAML library would give the same without the comments; every value is one of our own names.
///
/// With `cocotb` it has the targets of that bench too.
pub fn core_file(plan: &Plan, board: &Board, cocotb: bool) -> String {
    let (network, hash) = (&plan.network.name, plan.hash_text());
    let layers: Vec<_> = (plan.network.layers.iter())
        .map(|layer| layer.units.to_string())
        .collect();
    let (layers, lanes) = (layers.join("-"), plan.shape.lanes);
    let version = env!("CARGO_PKG_VERSION");
    let constraints = &board.constraints;
    let kind = match board.device.family {
        Family::Ice40 => "PCF",
        Family::Ecp5 => "LPF",
    };
    let (wrapper, bench) = (WRAPPER, BENCH);
    let [usage, files, targets] = match cocotb {
        true => cocotb_parts(network),
        false => Default::default(),
    };
    format!(
        "\
CAPI=2:
# {OWNERSHIP}
# Written by `eqprop generate` for configuration {hash}. In this folder:
#   fusesoc --cores-root . run --target lint eqprop:engine:{network}
#   fusesoc --cores-root . run --target sim eqprop:engine:{network}
#   fusesoc --cores-root . run --target sim_verilator eqprop:engine:{network}
{usage}\
# Each ends with an exit code that is not zero where something is wrong.
name: eqprop:engine:{network}:{version}
description: Equilibrium propagation engine, layers {layers}, {lanes} lanes

filesets:
  core:
    files: [{CORE}.v]
    file_type: verilogSource-2005
  waivers:
    files: [{CORE}.vlt]
    file_type: vlt
  board:
    files:
      - {BOARD}.v: {{file_type: verilogSource-2005}}
      - {constraints}: {{file_type: {kind}}}
  example:
    files: [{wrapper}, {AXI_LITE}, {bench}]
    file_type: verilogSource-2005
  example_data:
    files:
      - {COMMANDS}: {{copyto: {COMMANDS}}}
      - {EXPECTED}: {{copyto: {EXPECTED}}}
    file_type: user
{files}
targets:
  # For designs that depend on this one: the bare core.
  default:
    filesets: [core]
    toplevel: {CORE}

  # Verilator, all warnings; every waiver gives its reason.
  lint:
    flow: lint
    flow_options:
      tool: verilator
      verilator_options: [-Wall]
    filesets: [waivers, core]
    toplevel: {CORE}

  # The example against the bit-true model's answers: ends with PASS, or with FAIL and $fatal.
  sim:
    flow: sim
    flow_options:
      tool: icarus
      iverilog_options: [-g2012]
    filesets: [core, example, example_data]
    toplevel: {bench_top}

  # The same in Verilator 5; `lint` is where its warnings count.
  sim_verilator:
    flow: sim
    flow_options:
      tool: verilator
      mode: binary
      verilator_options: [--timing, -Wno-fatal]
    filesets: [core, example, example_data]
    toplevel: {bench_top}
{targets}
  # Files of the {title}; `eqprop build` makes its bitstream.
  board:
    filesets: [core, board]
    toplevel: {PINS}
",
        title = board.title,
        bench_top = bench.trim_end_matches(".v"),
    )
}

/// Lines of the usage, file sets and scripts, and targets of the bench for cocotb.
///
/// edalize starts no cocotb 2 by itself, so the bench is a script of the build: it fails as a build fails.
fn cocotb_parts(network: &str) -> [String; 3] {
    let usage = ["cocotb", "cocotb_verilator"].map(|target| {
        format!("#   fusesoc --cores-root . run --target {target} eqprop:engine:{network}\n")
    });
    let core = format!("{CORE}.v");
    let files = [&core, WRAPPER, AXI_LITE, COCOTB, NETWORK, INITIAL]
        .map(|file| format!("      - {file}: {{copyto: {file}}}\n"));
    let scripts = ["icarus", "verilator"]
        .map(|sim| format!("  {sim}:\n    cmd: [python3, {COCOTB}, --sim, {sim}]\n"));
    let parts = format!(
        "  axis:
    files: [{WRAPPER}]
    file_type: verilogSource-2005
  cocotb:
    files:
{}    file_type: user

scripts:
{}",
        files.concat(),
        scripts.concat()
    );
    let targets = "
  # cocotbext-axi drives the core, the Python package says what must come back.
  cocotb:
    flow: sim
    flow_options:
      tool: icarus
      iverilog_options: [-g2012]
    filesets: [core, axis, cocotb]
    toplevel: eqprop_axis
    hooks:
      post_build: [icarus]

  # The same in Verilator, as new as cocotb asks for.
  cocotb_verilator:
    flow: lint
    flow_options:
      tool: verilator
      verilator_options: [-Wno-fatal]
    filesets: [core, axis, cocotb]
    toplevel: eqprop_axis
    hooks:
      post_build: [verilator]
";
    [usage.concat(), parts, targets.to_string()]
}
