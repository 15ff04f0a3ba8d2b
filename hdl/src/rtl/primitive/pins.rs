//! The pins of a board: a module of wires around the board top, with the ports that the board's
//! constraint file names, its PLL, and inverters where its levels are active low. The engine is held in
//! reset until the PLL has locked.

use super::pll::pll;
use crate::board::Board;
use crate::clocking::EngineClock;
use crate::emit::Origin;

/// Name of the module whose ports are pins.
pub const PINS: &str = "top";

/// Where the module of the pins is written.
pub fn origin() -> Origin {
    let file = "hdl/src/rtl/primitive/pins.rs";
    Origin::text("pins", file, include_str!("pins.rs"))
}

/// Verilog of the pin module around the board top called `inner`.
pub fn pins(board: &Board, clock: &EngineClock, inner: &str) -> String {
    let invert = |active_low: bool| if active_low { "~" } else { "" };
    let lights = ["light_phase", "light_activity", "light_error"];
    let used = board.leds.pins.len().min(lights.len());
    let mut ports = vec!["    input wire clock".to_string()];
    if board.button.is_some() {
        ports.push("    input wire button".into());
    }
    ports.push("    input wire uart_rx".into());
    ports.push("    output wire uart_tx".into());
    ports.extend((0..board.leds.pins.len()).map(|i| format!("    output wire led_{i}")));
    let button = match &board.button {
        Some(button) => format!("{}button | ~locked", invert(button.active_low)),
        None => "~locked".into(),
    };
    let mut text = format!("module {PINS} (\n{}\n);\n", ports.join(",\n"));
    text += &pll(board, clock);
    // Nobody sees the lights that a board has no LED for.
    let unused = lights[used..].iter().map(|light| format!("unused_{light}"));
    let lit: Vec<String> = (lights[..used].iter().map(|&light| light.to_string()))
        .chain(unused)
        .collect();
    for light in &lit {
        text += &format!("    wire {light};\n");
    }
    for i in 0..board.leds.pins.len() {
        let level = match lights[..used].get(i) {
            Some(light) => format!("{}{light}", invert(board.leds.active_low)),
            None => format!("1'b{}", u8::from(board.leds.active_low)),
        };
        text += &format!("    assign led_{i} = {level};\n");
    }
    text + &format!(
        "    {inner} board (\n        .clock(engine_clock),\n        .button({button}),\n        .uart_rx(uart_rx),\n        .uart_tx(uart_tx),\n        .light_phase({}),\n        .light_activity({}),\n        .light_error({})\n    );\nendmodule\n",
        lit[0], lit[1], lit[2],
    )
}
