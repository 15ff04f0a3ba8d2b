// The sequencer alone, with the schedule that was generated, between lists that end and a learner that gets done.
// It starts at any instruction, with idle timers, and must be past it, or idle, after BOUND cycles: schedules have
// no jumps, so it reaches their end. Until then, every token that uses a bank names a word that the bank has.
module formal_sequencer (
    input clock,
    input sequential, nudged, negative,
    input [2:0] base_slot, work_slot, p_slot, q_slot,
    input [3:0] nudge_shift, learn_op,
    input [1:0] k,
    input [7:0] tolerance,
    input [28:0] list_word,
    input learn_done,
    input [11:0] learn_unit
);
    (* anyconst *) wire [15:0] first;
    wire [63:0] instructions = 64'd`INSTRUCTIONS;
    always @(*) assume (first < 64 && instructions[first[5:0]]);
    reg [7:0] now = 0;
    always @(posedge clock) now <= now + 8'd1;
    wire learn_run;
    eqprop_core_sequencer sequencer (
        .clock(clock), .reset(now == 0), .start(now == 1), .start_pc(first), .sequential(sequential),
        .base_slot(base_slot), .work_slot(work_slot), .nudged(nudged), .negative(negative),
        .output_layer(4'd`OUTPUT_LAYER), .nudge_shift(nudge_shift), .k(k), .tolerance(tolerance),
        .list_stride(16'd`LIST_STRIDE), .input_base(16'd`INPUT_BASE), .program_write(1'b0), .port_op(4'd0),
        .list_word(list_word), .p_slot(p_slot), .q_slot(q_slot), .learn_run(learn_run), .learn_done(learn_done),
        .learn_op(learn_op), .learn_unit(learn_unit)
    );
    reg [3:0] words = 0;
    always @(posedge clock) words <= list_word[28] ? 0 : words + 1;
    always @(*) assume (list_word[28] || words < `UNITS);
    always @(*) assume (list_word[27:16] < `UNITS);
    reg [3:0] learning = 0;
    always @(posedge clock) learning <= learn_run ? learning + 1 : 0;
    always @(*) assume (learn_done == (learning == 2));
endmodule
// inside eqprop_core_sequencer
    wire uses_bank = op == Op_Row || op == Op_Column || op == 4'd`Op_Store || op == 4'd`Op_ReadWeight
        || op == 4'd`Op_LearnP || op == 4'd`Op_LearnQ;
    reg [7:0] loaded = 0;
    reg [7:0] ran = 0;
    reg proven_past = 0, proven_outside = 0;
    always @(*) if (learn_run) assume (bias_base + {4'd0, learn_unit} < `BANK_WORDS);
    always @(posedge clock) begin
        ran <= ran + 8'd1;
        loaded <= start ? 8'd0 : loaded + {7'd0, advance};
        if (ran > 2 && (mode == Mode_Idle || (mode == Mode_Run && loaded > 8'd1))) proven_past <= 1;
        if (uses_bank && addr >= `BANK_WORDS) proven_outside <= 1;
    end
    always @(*) if (ran == `BOUND) assert (proven_past && !proven_outside);
