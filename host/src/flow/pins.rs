//! The pins of a board of the user's, tried with nextpnr on a design of nothing but ports: seconds, before synthesis
//! takes minutes.

use hdl::board::Family;
use serde_json::{json, Map};

use super::steps::{Key, Steps};
use super::{FlowError, FlowInput};
use crate::tools::Tool;

const STEP: &str = "pins";
const NETLIST: &str = "pins.json";
const REPORT: &str = "pins.txt";

/// Refuses pins and packages that the device does not have. Built-in boards are known to have theirs.
pub fn check(steps: &mut Steps, input: &FlowInput) -> Result<(), FlowError> {
    let board = input.board;
    if !board.is_own() {
        return Ok(());
    }
    let (tool, flag) = match board.device.family {
        Family::Ice40 => (Tool::NextpnrIce40, "--pcf"),
        Family::Ecp5 => (Tool::NextpnrEcp5, "--lpf"),
    };
    let tool = tool.find()?;
    let netlist = ports(board.ports().into_iter().map(|(port, _)| port));
    steps.write(NETLIST, &netlist)?;
    steps.write(&board.constraints, board.constraints_text)?;
    let mut arguments = board.device.place_flags.clone();
    let files = ["--json", NETLIST, flag, &board.constraints, "--pack-only"];
    arguments.extend(files.map(str::to_string));
    let key = Key::new(&tool)
        .and_all(&arguments)
        .and_file(NETLIST, &netlist)
        .and_file(&board.constraints, board.constraints_text);
    steps.step(STEP, key, &[REPORT], |steps| {
        let outcome = steps.tool(STEP, &tool, &arguments)?;
        match outcome.failure {
            Some(FlowError::Failed { quote, log, .. }) => Err(FlowError::Pins {
                device: board.device.part.clone(),
                quote,
                log,
            }),
            Some(failure) => Err(failure),
            None => steps.write_partial(REPORT, &outcome.lines.join("\n")),
        }
    })
}

/// A netlist in yosys's JSON whose top has these ports, outputs at 0.
fn ports(names: impl Iterator<Item = String>) -> String {
    let port = |(index, name): (usize, String)| {
        let output = name == "uart_tx" || name.starts_with("led_");
        let port = match output {
            true => json!({ "direction": "output", "bits": ["0"] }),
            // Bits 0 and 1 are constants' in yosys's numbering.
            false => json!({ "direction": "input", "bits": [index + 2] }),
        };
        (name, port)
    };
    let ports: Map<_, _> = names.enumerate().map(port).collect();
    let top = json!({ "attributes": { "top": "1" }, "ports": ports, "cells": {}, "netnames": {} });
    json!({ "creator": "eqprop", "modules": { "top": top } }).to_string()
}
