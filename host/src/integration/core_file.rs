//! The FuseSoC core file (CAPI2) of generated hardware.

use hdl::arch::Plan;
use hdl::board::{Board, Family};
use hdl::design::{BOARD, CORE, OWNERSHIP};
use hdl::rtl::primitive::PINS;

use super::{BENCH, COMMANDS, EXPECTED, WRAPPER};

/// The text of [`super::CORE_FILE`], which names the files that lie beside it.
///
/// A YAML library would give the same without the comments; every value is one of our own names.
pub fn core_file(plan: &Plan, board: &Board) -> String {
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
    format!(
        "\
CAPI=2:
# {OWNERSHIP}
# Written by `eqprop generate` for configuration {hash}. In this folder:
#   fusesoc --cores-root . run --target lint eqprop:engine:{network}
#   fusesoc --cores-root . run --target sim eqprop:engine:{network}
#   fusesoc --cores-root . run --target sim_verilator eqprop:engine:{network}
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
    files: [{wrapper}, {bench}]
    file_type: verilogSource-2005
  example_data:
    files:
      - {COMMANDS}: {{copyto: {COMMANDS}}}
      - {EXPECTED}: {{copyto: {EXPECTED}}}
    file_type: user

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

  # Files of the {title}; `eqprop build` makes its bitstream.
  board:
    filesets: [core, board]
    toplevel: {PINS}
",
        title = board.title,
        bench_top = bench.trim_end_matches(".v"),
    )
}
