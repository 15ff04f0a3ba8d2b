// The stream port alone, between a partner that speaks well-formed commands and stalls as it likes, and a core
// that answers in any number of cycles.
module formal_port (
    input clock,
    input s_valid, s_last, m_ready, read_valid, finished,
    input [31:0] s_data, report, cycles, saturations, spikes, random,
    input [15:0] read_value, bias_word, slot_base,
    input [28:0] list_word
);
    reg started = 0;
    always @(posedge clock) started <= 1;
    wire reset = !started;
    wire s_ready, m_valid, m_last, register_write, program_write, bias_write, target_write, list_write, list_select, go;
    wire [31:0] m_data, write_data;
    wire [15:0] list_address, value;
    wire [3:0] op;
    eqprop_core_port port (
        .clock(clock), .reset(reset), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .s_last(s_last),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .m_last(m_last),
        .register_write(register_write), .program_write(program_write), .bias_write(bias_write),
        .target_write(target_write), .write_data(write_data), .op(op), .value(value), .read_valid(read_valid),
        .read_value(read_value), .bias_word(bias_word), .list_write(list_write), .list_select(list_select),
        .list_address(list_address), .list_word(list_word), .go(go), .finished(finished), .report(report),
        .cycles(cycles), .saturations(saturations), .spikes(spikes), .random(random), .slot_base(slot_base),
        .input_base(16'd`INPUT_BASE), .output_in_lanes(1'b0), .output_tile(8'd0), .output_list(8'd0),
        .output_units(16'd`UNITS)
    );

    // What the others promise: lists lie in their memory, which gives the same word for the same address; the
    // partner keeps what it offers.
    reg [15:0] last_address;
    reg [28:0] last_word;
    reg last_select, offered, last_last;
    reg [31:0] last_data;
    always @(posedge clock) begin
        last_address <= list_address;
        last_word <= list_word;
        last_select <= list_select;
        offered <= started && s_valid && !s_ready;
        last_data <= s_data;
        last_last <= s_last;
    end
    reg [15:0] older_address;
    reg older_select;
    always @(posedge clock) begin older_address <= last_address; older_select <= last_select; end
    always @(*) if (older_select && last_select && older_address == last_address) assume (list_word == last_word);
    always @(*) assume (slot_base < `LIST_WORDS && (!list_select || list_address < `LIST_WORDS));
    always @(*) if (offered) assume (s_valid && s_data == last_data && s_last == last_last);

    // What the controller reports of a sample stands until the next one.
    reg [127:0] last_report;
    always @(posedge clock) last_report <= {report, cycles, saturations, spikes};
    always @(*) if (waiting) assume ({report, cycles, saturations, spikes} == last_report);

    // A response word that is not taken stays, unchanged.
    reg waiting = 0;
    reg [31:0] held;
    reg held_last;
    always @(posedge clock) begin
        waiting <= started && m_valid && !m_ready;
        held <= m_data;
        held_last <= m_last;
    end
    always @(*) if (waiting && !reset) begin
        assert (m_valid);
        assert (m_data == held);
        assert (m_last == held_last);
    end
endmodule
// inside eqprop_core_port
    wire taken = s_valid && s_ready;
    wire written = register_write || program_write || bias_write;
    // What is taken has an effect: no word of a command's data is lost.
    always @(*) if (taken && !reset) begin
        if (state == State_Data) assert (written || op == Op_Add);
        if (state == State_Targets) assert (target_write || op == Op_Add);
        if (state == State_Inputs) assert (list_write == |s_data[15:0]);
    end
    // Nothing has an effect twice, or without being taken.
    always @(*) begin
        assert (written + target_write + (op == Op_Add) <= 1);
        if (written || target_write) assert (taken && write_data == s_data);
        if (op == Op_Add) assert (taken && value == s_data[15:0]);
    end
    // Nothing is written, or read, where there is nothing.
    always @(*) if (!reset) begin
        if (register_write) assert (argument == 0 && write_address < `REGISTERS);
        if (program_write) assert (argument == 1 && write_address < `PROGRAM_WORDS);
        if (bias_write) assert (argument == 3 && write_address < `BIAS_WORDS);
        if (op == Op_Store || op == Op_ReadWeight) assert (argument == 2 && addr < `BANK_WORDS);
        if (bias_select) assert (argument == 3 && write_address < `BIAS_WORDS);
    end
    // So the proof by induction knows: only a write to the banks has words in the line.
    always @(*) if (!reset && (state == State_Data)) assert (writing && !sampling && !reading);
    always @(*) if (!reset && !sampling && (state == State_Settle || state == State_Store
        || ((state == State_Data || state == State_Refuse) && turn != 0)))
        assert (writing && argument == 2 && place < `BANK_WORDS);
    always @(*) if (!reset && (state == State_Begin || state == State_Address || state == State_Look))
        assert (turn == 0);
    always @(*) if (!reset && state != State_Header) assert (writing + reading + sampling <= 1);
    always @(*) if (!reset && (state == State_Address || state == State_Look)) assert (writing || reading);
    always @(*) if (!reset && (state == State_Inputs || state == State_InputsEnd || state == State_Targets))
        assert (sampling);
    // In reset no word is taken, and the accumulators are cleared.
    always @(*) if (reset) assert (!s_ready && op == Op_LearnP && sub == 0 && value == 0);
    // Only a command that reads, and is not refused, reads; so the proof by induction knows.
    always @(*) if (state == State_ReadIssue || state == State_ReadWait || state == State_ReadBias
        || state == State_ReadLook)
        assert (reading && !refused);
    always @(*) if (state == State_Begin || state == State_Address || (state == State_Look && reading))
        assert (!refused);
    // What was read is what is given, once.
    reg came = 0, read = 0, gave = 0;
    reg [15:0] word;
    always @(posedge clock) begin
        came <= !reset && read_valid && state == State_ReadWait;
        read <= !reset && came;
        if (state == State_ReadWait) word <= read_value;
        gave <= !reset && m_valid && m_ready && state == State_Reply;
    end
    always @(*) if (read && !reset) assert (m_valid && m_data == {16'd0, word});
    always @(*) if (gave && !reset) assert (state != State_Reply);
