// Behavioural twin of the ECP5 block RAM DP16KD, of which yosys ships only a black box. Not the vendor's model: it is
// written from Lattice's "ECP5 and ECP5-5G Memory Usage Guide" (FPGA-TN-02204); sim/tests/twins has a test for each rule.
//
//   512 rows of 36 bits; a port sees words of 1, 2, 4, 9, 18 or 36 bits
//
//   AD[13:5]   row; a word of 36 bits is {DIB, DIA}, written by port A, or {DOB, DOA}, read by port B
//   AD[4]      which half of the row, for words of up to 18 bits
//   AD[3]      which byte of nine bits, for words of up to 9 bits
//   AD[2:0]    which of a byte's lower eight bits, for words of 4, 2 and 1 bits; the ninth cannot be reached
//   AD[3:0]    enable the bytes to write, for words of 36 bits; AD[1:0] those of 18 bits
//
// Latency: one clock edge, two with REGMODE "OUTREG". What the guide leaves open comes out so that whoever uses it is
// found out: a bit that one port reads or writes while the other one writes it is inverted (as if both ports had one
// clock). What is not modelled does not elaborate.
module DP16KD (
    input DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2,
        DIA1, DIA0,
    input ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
    input CEA, OCEA, CLKA, WEA, RSTA, CSA2, CSA1, CSA0,
    output DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2,
        DOA1, DOA0,
    input DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2,
        DIB1, DIB0,
    input ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
    input CEB, OCEB, CLKB, WEB, RSTB, CSB2, CSB1, CSB0,
    output DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2,
        DOB1, DOB0
);
    parameter DATA_WIDTH_A = 18;
    parameter DATA_WIDTH_B = 18;
    parameter REGMODE_A = "NOREG";
    parameter REGMODE_B = "NOREG";
    parameter WRITEMODE_A = "NORMAL";
    parameter WRITEMODE_B = "NORMAL";
    parameter [39:0] CSDECODE_A = "0b000";
    parameter [39:0] CSDECODE_B = "0b000";
    parameter CLKAMUX = "CLKA";
    parameter CLKBMUX = "CLKB";
    parameter RESETMODE = "SYNC";
    parameter ASYNC_RESET_RELEASE = "SYNC";
    // The global reset comes once, before the first clock edge.
    parameter GSR = "ENABLED";
    parameter INIT_DATA = "STATIC";
    parameter [319:0] INITVAL_00 = 320'd0;
    parameter [319:0] INITVAL_01 = 320'd0;
    parameter [319:0] INITVAL_02 = 320'd0;
    parameter [319:0] INITVAL_03 = 320'd0;
    parameter [319:0] INITVAL_04 = 320'd0;
    parameter [319:0] INITVAL_05 = 320'd0;
    parameter [319:0] INITVAL_06 = 320'd0;
    parameter [319:0] INITVAL_07 = 320'd0;
    parameter [319:0] INITVAL_08 = 320'd0;
    parameter [319:0] INITVAL_09 = 320'd0;
    parameter [319:0] INITVAL_0A = 320'd0;
    parameter [319:0] INITVAL_0B = 320'd0;
    parameter [319:0] INITVAL_0C = 320'd0;
    parameter [319:0] INITVAL_0D = 320'd0;
    parameter [319:0] INITVAL_0E = 320'd0;
    parameter [319:0] INITVAL_0F = 320'd0;
    parameter [319:0] INITVAL_10 = 320'd0;
    parameter [319:0] INITVAL_11 = 320'd0;
    parameter [319:0] INITVAL_12 = 320'd0;
    parameter [319:0] INITVAL_13 = 320'd0;
    parameter [319:0] INITVAL_14 = 320'd0;
    parameter [319:0] INITVAL_15 = 320'd0;
    parameter [319:0] INITVAL_16 = 320'd0;
    parameter [319:0] INITVAL_17 = 320'd0;
    parameter [319:0] INITVAL_18 = 320'd0;
    parameter [319:0] INITVAL_19 = 320'd0;
    parameter [319:0] INITVAL_1A = 320'd0;
    parameter [319:0] INITVAL_1B = 320'd0;
    parameter [319:0] INITVAL_1C = 320'd0;
    parameter [319:0] INITVAL_1D = 320'd0;
    parameter [319:0] INITVAL_1E = 320'd0;
    parameter [319:0] INITVAL_1F = 320'd0;
    parameter [319:0] INITVAL_20 = 320'd0;
    parameter [319:0] INITVAL_21 = 320'd0;
    parameter [319:0] INITVAL_22 = 320'd0;
    parameter [319:0] INITVAL_23 = 320'd0;
    parameter [319:0] INITVAL_24 = 320'd0;
    parameter [319:0] INITVAL_25 = 320'd0;
    parameter [319:0] INITVAL_26 = 320'd0;
    parameter [319:0] INITVAL_27 = 320'd0;
    parameter [319:0] INITVAL_28 = 320'd0;
    parameter [319:0] INITVAL_29 = 320'd0;
    parameter [319:0] INITVAL_2A = 320'd0;
    parameter [319:0] INITVAL_2B = 320'd0;
    parameter [319:0] INITVAL_2C = 320'd0;
    parameter [319:0] INITVAL_2D = 320'd0;
    parameter [319:0] INITVAL_2E = 320'd0;
    parameter [319:0] INITVAL_2F = 320'd0;
    parameter [319:0] INITVAL_30 = 320'd0;
    parameter [319:0] INITVAL_31 = 320'd0;
    parameter [319:0] INITVAL_32 = 320'd0;
    parameter [319:0] INITVAL_33 = 320'd0;
    parameter [319:0] INITVAL_34 = 320'd0;
    parameter [319:0] INITVAL_35 = 320'd0;
    parameter [319:0] INITVAL_36 = 320'd0;
    parameter [319:0] INITVAL_37 = 320'd0;
    parameter [319:0] INITVAL_38 = 320'd0;
    parameter [319:0] INITVAL_39 = 320'd0;
    parameter [319:0] INITVAL_3A = 320'd0;
    parameter [319:0] INITVAL_3B = 320'd0;
    parameter [319:0] INITVAL_3C = 320'd0;
    parameter [319:0] INITVAL_3D = 320'd0;
    parameter [319:0] INITVAL_3E = 320'd0;
    parameter [319:0] INITVAL_3F = 320'd0;

    // Whole bytes are written, but for words smaller than these.
    localparam UNIT = DATA_WIDTH_A < 9 || DATA_WIDTH_B < 9 ? 1 : 9;

    generate
        // The lower half of a word of 36 bits leaves through port A's register.
        if (DATA_WIDTH_B == 36 && REGMODE_A != REGMODE_B)
            DP16KD_twin_has_both_registers_of_36_bits_or_none refused ();
        if (DATA_WIDTH_A == 36 && WRITEMODE_A != "NORMAL")
            DP16KD_twin_writes_36_bits_without_reading_them refused ();
    endgenerate

    wire [17:0] di_a =
        {DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3,
         DIA2, DIA1, DIA0};
    wire [17:0] di_b =
        {DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3,
         DIB2, DIB1, DIB0};
    wire clock_a = CLKAMUX == "INV" ? ~CLKA : CLKA;
    wire clock_b = CLKBMUX == "INV" ? ~CLKB : CLKB;
    wire [8:0] row_a, row_b;
    // The bits of the rows that are written, and with what.
    wire [35:0] write_a, write_b, new_a, new_b;
    wire [35:0] out_a, out_b;
    // Both ports write it, each under its own clock.
    /* verilator lint_off MULTIDRIVEN */
    reg [35:0] memory [0:511];
    /* verilator lint_on MULTIDRIVEN */

    DP16KD_port #(
        .WIDTH(DATA_WIDTH_A), .REGMODE(REGMODE_A), .WRITEMODE(WRITEMODE_A), .CSDECODE(CSDECODE_A),
        .RESETMODE(RESETMODE)
    ) a (
        .clock(clock_a), .ce(CEA), .oce(OCEA), .we(WEA), .rst(RSTA), .cs({CSA2, CSA1, CSA0}),
        .ad({ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0}),
        .di({DATA_WIDTH_A == 36 ? di_b : 18'd0, di_a}),
        .clash(row_a == row_b ? write_b : 36'd0), .old(memory[row_a]),
        .row(row_a), .write(write_a), .next(new_a), .out(out_a)
    );
    DP16KD_port #(
        .WIDTH(DATA_WIDTH_B), .REGMODE(REGMODE_B), .WRITEMODE(WRITEMODE_B), .CSDECODE(CSDECODE_B),
        .RESETMODE(RESETMODE)
    ) b (
        .clock(clock_b), .ce(CEB), .oce(OCEB), .we(WEB), .rst(RSTB), .cs({CSB2, CSB1, CSB0}),
        .ad({ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0}),
        .di({18'd0, di_b}),
        .clash(row_a == row_b ? write_a : 36'd0), .old(memory[row_b]),
        .row(row_b), .write(write_b), .next(new_b), .out(out_b)
    );

    integer bit_a, bit_b;
    always @(posedge clock_a)
        for (bit_a = 0; bit_a < 36; bit_a = bit_a + UNIT)
            if (write_a[bit_a])
                memory[row_a][bit_a +: UNIT] <= new_a[bit_a +: UNIT];
    always @(posedge clock_b)
        for (bit_b = 0; bit_b < 36; bit_b = bit_b + UNIT)
            if (write_b[bit_b])
                memory[row_b][bit_b +: UNIT] <= new_b[bit_b +: UNIT];

    // A word of 36 bits leaves through both ports' pins.
    assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3,
         DOA2, DOA1, DOA0} =
        DATA_WIDTH_B == 36 ? out_b[17:0] : out_a[17:0];
    assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3,
         DOB2, DOB1, DOB0} =
        DATA_WIDTH_B == 36 ? out_b[35:18] : out_b[17:0];

    // INITVAL_xx holds 16 halves of rows, the first one lowest, with two unused bits above each.
    localparam [20479:0] INITIAL = {
        INITVAL_3F, INITVAL_3E, INITVAL_3D, INITVAL_3C, INITVAL_3B, INITVAL_3A, INITVAL_39, INITVAL_38,
        INITVAL_37, INITVAL_36, INITVAL_35, INITVAL_34, INITVAL_33, INITVAL_32, INITVAL_31, INITVAL_30,
        INITVAL_2F, INITVAL_2E, INITVAL_2D, INITVAL_2C, INITVAL_2B, INITVAL_2A, INITVAL_29, INITVAL_28,
        INITVAL_27, INITVAL_26, INITVAL_25, INITVAL_24, INITVAL_23, INITVAL_22, INITVAL_21, INITVAL_20,
        INITVAL_1F, INITVAL_1E, INITVAL_1D, INITVAL_1C, INITVAL_1B, INITVAL_1A, INITVAL_19, INITVAL_18,
        INITVAL_17, INITVAL_16, INITVAL_15, INITVAL_14, INITVAL_13, INITVAL_12, INITVAL_11, INITVAL_10,
        INITVAL_0F, INITVAL_0E, INITVAL_0D, INITVAL_0C, INITVAL_0B, INITVAL_0A, INITVAL_09, INITVAL_08,
        INITVAL_07, INITVAL_06, INITVAL_05, INITVAL_04, INITVAL_03, INITVAL_02, INITVAL_01, INITVAL_00
    };
    integer i;
    initial
        for (i = 0; i < 512; i = i + 1)
            memory[i] = {INITIAL[40 * i + 20 +: 18], INITIAL[40 * i +: 18]};
endmodule

// One port: which bits of which row are written, and the register behind the memory.
module DP16KD_port #(
    parameter [31:0] WIDTH = 18,
    parameter REGMODE = "NOREG",
    parameter WRITEMODE = "NORMAL",
    parameter [39:0] CSDECODE = "0b000",
    parameter RESETMODE = "SYNC"
) (
    input clock, ce, oce, we, rst,
    input [2:0] cs,
    input [13:0] ad,
    input [35:0] di,
    // Bits of the row that the other port writes, and the row as it is.
    input [35:0] clash, old,
    output [8:0] row,
    output [35:0] write, next, out
);
    // Where the addressed word begins in its row, and its bits.
    reg [5:0] place;
    reg [35:0] bits, enabled;
    always @(*) begin
        place = WIDTH == 36 ? 6'd0 : ad[4] ? 6'd18 : 6'd0;
        if (WIDTH <= 9 && ad[3])
            place = place + 6'd9;
        case (WIDTH)
            1: place = place + {3'd0, ad[2:0]};
            2: place = place + {3'd0, ad[2:1], 1'b0};
            4: place = place + {3'd0, ad[2], 2'd0};
            default: ;
        endcase
        bits = ~(~36'd0 << WIDTH);
        case (WIDTH)
            36: enabled = {{9{ad[3]}}, {9{ad[2]}}, {9{ad[1]}}, {9{ad[0]}}};
            18: enabled = {18'd0, {9{ad[1]}}, {9{ad[0]}}};
            default: enabled = bits;
        endcase
    end

    // "0b101" is 3'b101.
    wire active = ce && cs == {CSDECODE[16], CSDECODE[8], CSDECODE[0]};
    assign row = ad[13:5];
    // A synchronous reset takes the place of a write.
    assign write = active && we && !(rst && RESETMODE == "SYNC") ? enabled << place : 36'd0;
    assign next = di << place ^ clash;
    wire [35:0] kept = old ^ clash;
    wire [35:0] seen = we && WRITEMODE == "WRITETHROUGH" ? kept & ~write | next & write : kept;

    reg [35:0] latch = 36'd0;
    reg [35:0] register = 36'd0;
    assign out = REGMODE == "OUTREG" ? register : latch;
    wire asynchronous = rst && RESETMODE == "ASYNC";
    always @(posedge clock or posedge asynchronous)
        if (asynchronous || rst) begin
            latch <= 36'd0;
            register <= 36'd0;
        end else begin
            if (active && !(we && WRITEMODE == "NORMAL"))
                latch <= seen >> place & bits;
            if (oce)
                register <= latch;
        end
endmodule
