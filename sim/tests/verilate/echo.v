// Takes a word, works for three cycles, answers the word plus one; then takes the next. The probe names each
// word when it is taken: kind 1 for the last of a command, address its number, value its negative.
module echo(
    input clock, input reset,
    input s_valid, output s_ready, input [31:0] s_data, input s_last,
    output m_valid, input m_ready, output [31:0] m_data, output m_last,
    output busy,
    output probe_valid, output probe_kind, output [15:0] probe_address, output signed [39:0] probe_value
);
    reg [2:0] count;
    reg [31:0] held;
    reg last, full;
    reg [15:0] number;
    reg [31:0] salt;

    assign s_ready = !full;
    assign busy = full;
    assign m_valid = full && count == 0;
    assign m_data = held + 32'd1;
    assign m_last = last;

    assign probe_valid = s_valid && s_ready;
    assign probe_kind = s_last;
    assign probe_address = number;
    assign probe_value = -$signed({8'd0, s_data});

    always @(posedge clock) begin
        if (full && count != 0) count <= count - 1;
        if (m_valid && m_ready) full <= 0;
        if (s_valid && s_ready) begin
            held <= s_data;
            last <= s_last;
            full <= 1;
            count <= 3;
            number <= number + 1;
        end
        if (reset) begin
            full <= 0;
            count <= 0;
            number <= 0;
        end
    end
endmodule
