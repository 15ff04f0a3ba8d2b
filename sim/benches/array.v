// A stand-in for the engine in the simulator's bench: P lanes in a line, each with a block-RAM bank,
// a 16 x 16 multiplier, a row accumulator, a sum chain and a clipped state. A command of one word asks for that
// many tokens; the response is the checksum of the sum chain. Every 32nd token updates the states.
module array #(parameter P = 24) (
    input clock, input reset,
    input s_valid, output s_ready, input [31:0] s_data, input s_last,
    output reg m_valid, input m_ready, output reg [31:0] m_data, output reg m_last,
    output busy,
    output [P-1:0] wrote, output [16*P-1:0] states
);
    reg [31:0] left, noise, drain;
    reg [39:0] checksum;
    wire running = left != 0;
    assign busy = running || drain != 0 || m_valid;
    assign s_ready = !busy;

    // Token and sum chain between the lanes; index 0 is the head.
    wire        valid   [0:P];
    wire        update  [0:P];
    wire [9:0]  address [0:P];
    wire [15:0] value   [0:P];
    wire [39:0] sum     [0:P];
    assign valid[0]   = running;
    assign update[0]  = left[4:0] == 0;
    assign address[0] = noise[25:16];
    assign value[0]   = {4'b0, noise[15:4]};
    assign sum[0]     = 40'd0;

    genvar lane;
    generate
        for (lane = 0; lane < P; lane = lane + 1) begin : lanes
            reg [15:0] bank [0:1023];
            reg [15:0] weight, own, x1, x2;
            reg        v1, u1, v2, u2, written;
            reg [9:0]  a1;
            reg signed [31:0] product, column;
            reg signed [39:0] accumulator, mark;
            reg [39:0] chain;
            wire signed [39:0] drive = (accumulator - mark) >>> 14;
            integer i;
            initial for (i = 0; i < 1024; i = i + 1) bank[i] = 16'd40503 * i[15:0] + 16'd257 * lane;
            always @(posedge clock) begin
                v1 <= valid[lane] & ~reset; u1 <= update[lane]; a1 <= address[lane]; x1 <= value[lane];
                weight <= bank[address[lane]];
                v2 <= v1; u2 <= u1; x2 <= x1;
                product <= $signed(weight) * $signed(x1);
                column <= $signed(weight) * $signed(own);
                if (v2) accumulator <= accumulator + {{8{product[31]}}, product};
                chain <= sum[lane] + {{8{column[31]}}, column};
                written <= v2 & u2;
                if (v2 & u2) begin
                    mark <= accumulator;
                    own <= drive < 0 ? 16'd0 : drive > 40'sd4096 ? 16'd4096 : drive[15:0];
                end
                if (reset) begin a1 <= 0; x1 <= 0; own <= 16'd2048; accumulator <= 0; mark <= 0; chain <= 0; written <= 0; end
            end
            assign valid[lane+1] = v1; assign update[lane+1] = u1;
            assign address[lane+1] = a1; assign value[lane+1] = x1;
            assign sum[lane+1] = chain;
            assign wrote[lane] = written;
            assign states[16*lane +: 16] = own;
        end
    endgenerate

    always @(posedge clock) begin
        noise <= reset ? 32'd1 : {noise[30:0], noise[31] ^ noise[21] ^ noise[1] ^ noise[0]};
        if (m_valid && m_ready) m_valid <= 0;
        if (running) begin left <= left - 1; drain <= P + 4; end
        else if (drain != 0) begin
            drain <= drain - 1;
            if (drain == 1) begin m_valid <= 1; m_last <= 1; m_data <= checksum[31:0] ^ {24'd0, checksum[39:32]}; end
        end
        checksum <= checksum + sum[P];
        if (s_valid && s_ready) left <= s_data;
        if (reset) begin left <= 0; drain <= 0; m_valid <= 0; m_last <= 0; checksum <= 0; end
    end
endmodule
