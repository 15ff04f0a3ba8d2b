//! Rules of the multiplier.

use super::Cell;

/// All clocks idle, all clock enables on.
const MULTIPLIER: Cell = Cell {
    name: "MULT18X18D",
    inputs: &[
        ("a", 18, "0"),
        ("b", 18, "0"),
        ("c", 18, "0"),
        ("signeda", 1, "0"),
        ("signedb", 1, "0"),
        ("sourcea", 1, "0"),
        ("sourceb", 1, "0"),
        ("clk", 4, "0"),
        ("ce", 4, "15"),
        ("rst", 4, "0"),
        ("sria", 18, "0"),
        ("srib", 18, "0"),
    ],
    outputs: &[("sroa", 18), ("srob", 18), ("p", 36)],
};

const TICK: &str = "#1 clk[0] = 1; #1 clk[0] = 0;";

/// All four registers on clock 0.
const ALL: [&str; 4] = [
    "REG_INPUTA_CLK = \"CLK0\"",
    "REG_INPUTB_CLK = \"CLK0\"",
    "REG_PIPELINE_CLK = \"CLK0\"",
    "REG_OUTPUT_CLK = \"CLK0\"",
];

/// sysDSP, "Multiplier": P is the product of two 18-bit operands, each signed where SIGNEDA or SIGNEDB says so.
#[test]
fn each_operand_is_signed_or_not() {
    MULTIPLIER.obeys(
        &[],
        "a = 18'h3ffff; b = 18'h20001; #1 see(p, 36'd262143 * 36'd131073);
         signeda = 1; #1 see(p, -36'sd131073);
         signedb = 1; #1 see(p, 36'sd131071);
         signeda = 0; #1 see(p, -36'sd262143 * 36'sd131071);
         a = 18'h20000; b = 18'h20000; signeda = 1; #1 see(p, 36'h400000000);",
    );
}

/// sysDSP, attributes REG_INPUTA_CLK, REG_INPUTB_CLK, REG_PIPELINE_CLK and REG_OUTPUT_CLK: "NONE" is a bypass, a clock
/// puts the register in. The latency is the number of registers in the way.
#[test]
fn every_register_adds_one_edge() {
    for stages in 0..8 {
        // Input, pipeline, output.
        let on = |stage: usize| stages >> stage & 1 == 1;
        let parameters: Vec<&str> = (ALL.iter().zip([0, 0, 1, 2]))
            .filter_map(|(parameter, stage)| on(stage).then_some(*parameter))
            .collect();
        let edges = (0..3).filter(|&stage| on(stage)).count();
        let early = format!("{TICK} see(p, 0); ").repeat(edges.saturating_sub(1));
        let last = if edges > 0 { TICK } else { "#1" };
        let body = format!("a = 300; b = 500; {early}{last} see(p, 36'd150000);");
        MULTIPLIER.obeys(&parameters, &body);
    }
}

/// sysDSP, "Signed and Unsigned": SIGNEDA and SIGNEDB are registered with their operands, so that each product has its
/// own.
#[test]
fn signs_travel_with_their_operands() {
    MULTIPLIER.obeys(
        &ALL,
        &format!(
            "a = 18'h3ffff; b = 2; signeda = 1; {TICK} signeda = 0; {TICK} {TICK} see(p, -36'sd2);
             {TICK} see(p, 36'd524286);"
        ),
    );
    // One operand with a register, the other one without.
    MULTIPLIER.obeys(
        &["REG_INPUTA_CLK = \"CLK0\""],
        &format!("a = 7; b = 3; #1 see(p, 0); {TICK} a = 0; b = 4; #1 see(p, 36'd28);"),
    );
}

/// sysDSP, attributes REG_…_CLK, _CE and _RST: each register takes one of four clocks, clock enables and resets.
#[test]
fn every_register_chooses_clock_enable_and_reset() {
    for (index, others) in [(0, 1), (1, 2), (2, 3), (3, 0)] {
        let parameters = [
            format!("REG_PIPELINE_CLK = \"CLK{index}\""),
            format!("REG_PIPELINE_CE = \"CE{others}\""),
            format!("REG_PIPELINE_RST = \"RST{index}\""),
        ];
        let tick = |clock: usize| format!("#1 clk[{clock}] = 1; #1 clk[{clock}] = 0;");
        let body = format!(
            "a = 2; b = 3; {wrong} see(p, 0); ce[{others}] = 0; {right} see(p, 0);
             ce = 1 << {others}; {right} see(p, 6);
             rst = ~(1 << {index}); a = 4; {right} see(p, 12);
             rst = 1 << {index}; ce = 0; #1 see(p, 12); {right} see(p, 0);",
            wrong = tick(others),
            right = tick(index),
        );
        MULTIPLIER.obeys(&parameters.each_ref().map(String::as_str), &body);
    }
}

/// sysDSP, "Shift Register Chain": SOURCEA and SOURCEB choose the shift input in place of the parallel one; the shift
/// outputs come behind the input registers.
#[test]
fn operands_shift_from_slice_to_slice() {
    MULTIPLIER.obeys(
        &["REG_INPUTA_CLK = \"CLK0\""],
        &format!(
            "a = 2; sria = 5; b = 3; srib = 7; #1 see(p, 0); see(srob, 3);
             {TICK} see(p, 6); see(sroa, 2);
             sourcea = 1; {TICK} see(sroa, 5); see(p, 15);
             sourceb = 1; #1 see(p, 35); see(srob, 7);"
        ),
    );
}

/// Modes of the slice that only its ALU or a fast clock make use of.
#[test]
fn what_is_not_modelled_is_refused() {
    for parameter in [
        "SOURCEB_MODE = \"C_SHIFT\"",
        "MULT_BYPASS = \"ENABLED\"",
        "HIGHSPEED_CLK = \"CLK0\"",
        "CLK0_DIV = \"DISABLED\"",
        "CAS_MATCH_REG = \"TRUE\"",
        "RESETMODE = \"ASYNC\"",
    ] {
        assert!(MULTIPLIER.refuses(&[parameter]), "{parameter}");
    }
}
