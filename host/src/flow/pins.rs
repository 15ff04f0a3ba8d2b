//! The pins of a board of the user's, tried with nextpnr on a design of nothing but ports: seconds, before synthesis
//! takes minutes.

use serde_json::{json, Map};

use super::steps::Steps;
use super::{place, FlowError, FlowInput};

const STEP: &str = "pins";
const NETLIST: &str = "pins.json";
const REPORT: &str = "pins.txt";

/// Refuses pins and packages that the device does not have. Built-in boards are known to have theirs.
pub fn check(steps: &mut Steps, input: &FlowInput) -> Result<(), FlowError> {
    let board = input.board;
    if !board.is_own() {
        return Ok(());
    }
    let netlist = ports(board.ports().into_iter().map(|(port, _)| port));
    steps.write(NETLIST, &netlist)?;
    steps.write(&board.constraints, board.constraints_text)?;
    match place::pack_only(steps, board, [STEP, NETLIST, REPORT]) {
        Ok(_) => Ok(()),
        Err(FlowError::Failed { quote, log, .. }) => Err(FlowError::Pins {
            device: board.device.part.clone(),
            quote,
            log,
        }),
        Err(failure) => Err(failure),
    }
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
