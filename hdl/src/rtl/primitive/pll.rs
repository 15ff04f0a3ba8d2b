//! The PLL between a board's oscillator and its engine.
//!
//! ```text
//!  clock ─► PLL ─► engine_clock
//!            └───► locked        1 without a PLL
//! ```

use crate::board::{Board, Family};
use crate::clocking::{EngineClock, Pll, ECP5_FEEDBACK_OUTPUT};

/// Body of the pin module that drives the wires `engine_clock` and `locked` from the pin `clock`.
pub fn pll(board: &Board, clock: &EngineClock) -> String {
    let wires = "    wire engine_clock;\n    wire locked;\n";
    let cell = match clock.pll {
        None => "    assign engine_clock = clock;\n    assign locked = 1'b1;\n".into(),
        Some(Pll::Ecp5 {
            reference,
            feedback,
            output,
        }) => ehxplll(reference, feedback, output),
        Some(Pll::Ice40 {
            divr,
            divf,
            divq,
            filter_range,
        }) => {
            debug_assert_eq!(board.device.family, Family::Ice40);
            let (cell, input) = match board.clock.pll_pad {
                true => ("SB_PLL40_PAD", "PACKAGEPIN"),
                false => ("SB_PLL40_CORE", "REFERENCECLK"),
            };
            format!(
                "    // {:.6} MHz\n    {cell} #(\n        .FEEDBACK_PATH(\"SIMPLE\"),\n        .DIVR(4'd{divr}),\n        \
                 .DIVF(7'd{divf}),\n        .DIVQ(3'd{divq}),\n        .FILTER_RANGE(3'd{filter_range})\n    ) pll (\n        \
                 .{input}(clock),\n        .PLLOUTGLOBAL(engine_clock),\n        .RESETB(1'b1),\n        .BYPASS(1'b0),\n        \
                 .LOCK(locked)\n    );\n",
                clock.mhz()
            )
        }
    };
    format!("{wires}{cell}")
}

/// The first output feeds back inside the cell, the second is the clock. A phase of `DIV − 1` is none.
fn ehxplll(reference: u32, feedback: u32, output: u32) -> String {
    let inner = ECP5_FEEDBACK_OUTPUT;
    format!(
        "    wire feedback;\n    EHXPLLL #(\n        .PLLRST_ENA(\"DISABLED\"),\n        .INTFB_WAKE(\"DISABLED\"),\n        \
         .STDBY_ENABLE(\"DISABLED\"),\n        .DPHASE_SOURCE(\"DISABLED\"),\n        .OUTDIVIDER_MUXA(\"DIVA\"),\n        \
         .OUTDIVIDER_MUXB(\"DIVB\"),\n        .CLKI_DIV({reference}),\n        .CLKFB_DIV({feedback}),\n        \
         .FEEDBK_PATH(\"INT_OP\"),\n        .CLKOP_ENABLE(\"ENABLED\"),\n        .CLKOP_DIV({inner}),\n        \
         .CLKOP_CPHASE({}),\n        .CLKOP_FPHASE(0),\n        .CLKOS_ENABLE(\"ENABLED\"),\n        \
         .CLKOS_DIV({output}),\n        .CLKOS_CPHASE({}),\n        .CLKOS_FPHASE(0)\n    ) pll (\n        \
         .CLKI(clock),\n        .CLKFB(feedback),\n        .CLKINTFB(feedback),\n        .CLKOS(engine_clock),\n        \
         .RST(1'b0),\n        .STDBY(1'b0),\n        .PHASESEL0(1'b0),\n        .PHASESEL1(1'b0),\n        \
         .PHASEDIR(1'b0),\n        .PHASESTEP(1'b0),\n        .PHASELOADREG(1'b0),\n        .PLLWAKESYNC(1'b0),\n        \
         .ENCLKOP(1'b0),\n        .ENCLKOS(1'b0),\n        .LOCK(locked)\n    );\n",
        inner - 1,
        output - 1,
    )
}
