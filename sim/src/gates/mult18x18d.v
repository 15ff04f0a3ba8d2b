// Behavioural twin of the ECP5 multiplier MULT18X18D, of which yosys ships only a black box. Not the vendor's model: it
// is written from Lattice's "ECP5 and ECP5-5G sysDSP Usage Guide" (FPGA-TN-02205); sim/tests/twins has a test for each
// rule.
//
//          SOURCEA                 REG_INPUTA
//   A ──────┐                     ┌──────────┐
//   SRIA ───┴────────────────────►│ register ├──┬─► SROA
//                                 └──────────┘  │   ┌──────────┐   ┌──────────┐
//          SOURCEB                 REG_INPUTB   × ─►│ register ├──►│ register ├─► P
//   B ──────┐                     ┌──────────┐  │   └──────────┘   └──────────┘
//   SRIB ───┴────────────────────►│ register ├──┴─► SROB REG_PIPELINE  REG_OUTPUT
//                                 └──────────┘
//
// Latency: one clock edge for each register that has a clock; any of the four may be left out ("NONE"). SIGNEDA and
// SIGNEDB go with their operands. The port C feeds the ALU of the slice only. What is not modelled does not elaborate.
module MULT18X18D (
    input A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0,
    input B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0,
    input C17, C16, C15, C14, C13, C12, C11, C10, C9, C8, C7, C6, C5, C4, C3, C2, C1, C0,
    input SIGNEDA, SIGNEDB, SOURCEA, SOURCEB,
    input CLK3, CLK2, CLK1, CLK0, CE3, CE2, CE1, CE0, RST3, RST2, RST1, RST0,
    input SRIA17, SRIA16, SRIA15, SRIA14, SRIA13, SRIA12, SRIA11, SRIA10, SRIA9, SRIA8, SRIA7, SRIA6, SRIA5,
        SRIA4, SRIA3, SRIA2, SRIA1, SRIA0,
    input SRIB17, SRIB16, SRIB15, SRIB14, SRIB13, SRIB12, SRIB11, SRIB10, SRIB9, SRIB8, SRIB7, SRIB6, SRIB5,
        SRIB4, SRIB3, SRIB2, SRIB1, SRIB0,
    output SROA17, SROA16, SROA15, SROA14, SROA13, SROA12, SROA11, SROA10, SROA9, SROA8, SROA7, SROA6, SROA5,
        SROA4, SROA3, SROA2, SROA1, SROA0,
    output SROB17, SROB16, SROB15, SROB14, SROB13, SROB12, SROB11, SROB10, SROB9, SROB8, SROB7, SROB6, SROB5,
        SROB4, SROB3, SROB2, SROB1, SROB0,
    output P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18, P17, P16, P15,
        P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0
);
    parameter REG_INPUTA_CLK = "NONE";
    parameter REG_INPUTA_CE = "CE0";
    parameter REG_INPUTA_RST = "RST0";
    parameter REG_INPUTB_CLK = "NONE";
    parameter REG_INPUTB_CE = "CE0";
    parameter REG_INPUTB_RST = "RST0";
    parameter REG_INPUTC_CLK = "NONE";
    parameter REG_INPUTC_CE = "CE0";
    parameter REG_INPUTC_RST = "RST0";
    parameter REG_PIPELINE_CLK = "NONE";
    parameter REG_PIPELINE_CE = "CE0";
    parameter REG_PIPELINE_RST = "RST0";
    parameter REG_OUTPUT_CLK = "NONE";
    parameter REG_OUTPUT_CE = "CE0";
    parameter REG_OUTPUT_RST = "RST0";
    parameter CLK0_DIV = "ENABLED";
    parameter CLK1_DIV = "ENABLED";
    parameter CLK2_DIV = "ENABLED";
    parameter CLK3_DIV = "ENABLED";
    parameter HIGHSPEED_CLK = "NONE";
    // The global reset comes once, before the first clock edge.
    parameter GSR = "ENABLED";
    parameter CAS_MATCH_REG = "FALSE";
    parameter SOURCEB_MODE = "B_SHIFT";
    parameter MULT_BYPASS = "DISABLED";
    parameter RESETMODE = "SYNC";

    generate
        if (HIGHSPEED_CLK != "NONE" || CAS_MATCH_REG != "FALSE" || SOURCEB_MODE != "B_SHIFT"
            || MULT_BYPASS != "DISABLED")
            MULT18X18D_twin_has_no_such_mode refused ();
        if (CLK0_DIV != "ENABLED" || CLK1_DIV != "ENABLED" || CLK2_DIV != "ENABLED" || CLK3_DIV != "ENABLED")
            MULT18X18D_twin_divides_no_clock refused ();
        if (RESETMODE != "SYNC")
            MULT18X18D_twin_resets_only_synchronously refused ();
    endgenerate

    wire [3:0] clk = {CLK3, CLK2, CLK1, CLK0};
    wire [3:0] ce = {CE3, CE2, CE1, CE0};
    wire [3:0] rst = {RST3, RST2, RST1, RST0};
    wire [17:0] pins_a =
        {A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0};
    wire [17:0] shift_a =
        {SRIA17, SRIA16, SRIA15, SRIA14, SRIA13, SRIA12, SRIA11, SRIA10, SRIA9, SRIA8, SRIA7, SRIA6, SRIA5,
        SRIA4, SRIA3, SRIA2, SRIA1, SRIA0};
    wire [17:0] a;
    wire signed_a;
    MULT18X18D_register #(
        .WIDTH(19), .CLK(REG_INPUTA_CLK), .CE(REG_INPUTA_CE), .RST(REG_INPUTA_RST)
    ) input_a (
        .clk(clk), .ce(ce), .rst(rst), .d({SIGNEDA, SOURCEA ? shift_a : pins_a}), .q({signed_a, a})
    );
    assign {SROA17, SROA16, SROA15, SROA14, SROA13, SROA12, SROA11, SROA10, SROA9, SROA8, SROA7, SROA6, SROA5,
        SROA4, SROA3, SROA2, SROA1, SROA0} = a;
    wire [17:0] pins_b =
        {B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0};
    wire [17:0] shift_b =
        {SRIB17, SRIB16, SRIB15, SRIB14, SRIB13, SRIB12, SRIB11, SRIB10, SRIB9, SRIB8, SRIB7, SRIB6, SRIB5,
        SRIB4, SRIB3, SRIB2, SRIB1, SRIB0};
    wire [17:0] b;
    wire signed_b;
    MULT18X18D_register #(
        .WIDTH(19), .CLK(REG_INPUTB_CLK), .CE(REG_INPUTB_CE), .RST(REG_INPUTB_RST)
    ) input_b (
        .clk(clk), .ce(ce), .rst(rst), .d({SIGNEDB, SOURCEB ? shift_b : pins_b}), .q({signed_b, b})
    );
    assign {SROB17, SROB16, SROB15, SROB14, SROB13, SROB12, SROB11, SROB10, SROB9, SROB8, SROB7, SROB6, SROB5,
        SROB4, SROB3, SROB2, SROB1, SROB0} = b;

    // Each operand with one more bit is signed, whatever it was.
    wire signed [37:0] product = $signed({signed_a & a[17], a}) * $signed({signed_b & b[17], b});
    wire [35:0] pipeline;
    MULT18X18D_register #(
        .WIDTH(36), .CLK(REG_PIPELINE_CLK), .CE(REG_PIPELINE_CE), .RST(REG_PIPELINE_RST)
    ) between (
        .clk(clk), .ce(ce), .rst(rst), .d(product[35:0]), .q(pipeline)
    );
    MULT18X18D_register #(
        .WIDTH(36), .CLK(REG_OUTPUT_CLK), .CE(REG_OUTPUT_CE), .RST(REG_OUTPUT_RST)
    ) result (
        .clk(clk), .ce(ce), .rst(rst), .d(pipeline),
        .q({P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18, P17, P16,
            P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0})
    );
endmodule

// A register of the multiplier, or wires where its clock is "NONE"; which clock, enable and reset, the last letter of
// their names tells.
module MULT18X18D_register #(
    parameter WIDTH = 1,
    parameter [31:0] CLK = "NONE",
    parameter [23:0] CE = "CE0",
    parameter [31:0] RST = "RST0"
) (
    input [3:0] clk, ce, rst,
    input [WIDTH-1:0] d,
    output [WIDTH-1:0] q
);
    generate
        if (CLK == "NONE") begin : wires
            assign q = d;
        end else begin : registered
            reg [WIDTH-1:0] kept = {WIDTH{1'b0}};
            always @(posedge clk[CLK[1:0]])
                if (rst[RST[1:0]])
                    kept <= {WIDTH{1'b0}};
                else if (ce[CE[1:0]])
                    kept <= d;
            assign q = kept;
        end
    endgenerate
endmodule
