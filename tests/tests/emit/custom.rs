//! What custom text may write and rust-hdl's kernels never do, in one raw module.

/// Signed shifts, mixed signs and widths, products inside sums, concatenations, loops, `else`
/// chains, parts at run-time positions on both sides, several clock edges.
pub const RAW: &str = "\
module top(clock,reset,a,b,s,t,n,shift,mixed,sums,products,unsigned_product,chosen,gathered,counted,written,state,tested);
    input wire clock;
    input wire reset;
    input wire [7:0] a;
    input wire [11:0] b;
    input wire signed [9:0] s;
    input wire signed [15:0] t;
    input wire [2:0] n;
    output reg signed [15:0] shift;
    output wire [15:0] mixed;
    output reg [19:0] sums;
    output reg signed [31:0] products;
    output reg [23:0] unsigned_product;
    output reg signed [15:0] chosen;
    output wire [31:0] gathered;
    output reg [3:0] counted;
    output reg [15:0] written;
    output reg [7:0] state;
    output reg [5:0] tested;
    localparam signed [15:0] LIMIT = -3;
    localparam DEPTH = 8;
    reg [7:0] mem [0:DEPTH-1];
    integer i;
    initial begin for (i = 0; i < DEPTH; i = i + 1) mem[i] = i * 3; state = 8'd5; end
    always @(*) shift = (s >>> n) + (t >>> 2) - (s >> 1);
    assign mixed = s + a + (s >>> 1);
    always @(*) begin
        sums = a + b * 2 - {a[3:0], 2'b01};
        if (s + t > t - s) sums = {{12{s[9]}}, a} ^ ~b;
    end
    always @(*) begin
        products = t + s * $signed({1'b0, a});
        if (a[0]) products = s * t;
        unsigned_product = a * b;
    end
    always @(*) chosen = (s < t) ? s : (n == 3) ? -t : ~s;
    assign gathered = {a, {2{n}}, s, |b, &a, ^n, !b, ~|a, 3'd5};
    always @(*) begin
        counted = 0;
        for (i = 0; i < 8; i = i + 1) if (a[i]) counted = counted + 1;
    end
    always @(*) begin
        written = b;
        written[n +: 4] = a[3:0];
        written[15] = reset;
        {written[14], written[13:12]} = n;
    end
    always @(posedge clock or negedge reset)
        if (!reset) state <= 8'd5;
        else begin
            state <= mem[n] ^ state;
            if (b[11]) mem[a[2:0]] <= state + 8'd1;
        end
    always @(*) begin
        tested = 6'd0;
        case (n)
            0, 1: tested = a;
            3'd2: if (b) tested = 1; else if (s >= LIMIT) tested = 2; else tested = 3;
            5: ;
            default: tested = b >> n;
        endcase
    end
endmodule
";
