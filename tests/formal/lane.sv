// A lane alone, in any state, fed any tokens.
module formal_lane (
    input clock,
    input [3:0] op,
    input [5:0] sub,
    input [15:0] addr, tag, value,
    input [11:0] slot
);
    eqprop_core_lane lane (
        .clock(clock), .op(op), .sub(sub), .addr(addr), .slot(slot), .tag(tag), .value(value)
    );
endmodule
// inside eqprop_core_lane
    // A weight is written by a token that loads one, or by the learning token that ends a column, and every write
    // is on the probe.
    always @(*) if (bank_write) assert (op == Op_Store || (op == Op_LearnP && sub[0]));
    always @(*) if (bank_write) assert (probe_valid && probe_kind && probe_address == addr);
    // The word that is read in the cycle of a write is not used.
    reg wrote = 0;
    always @(posedge clock) wrote <= bank_write;
    always @(*) if (wrote) assert (op_1 != 4'd`Op_Row && op_1 != 4'd`Op_Column && op_1 != 4'd`Op_ReadWeight
        && !(op_1 == Op_LearnQ && sub_1[0]));
