// Test bench of `eqprop_axis`: sends the words of commands.hex and compares what comes back with
// expected.hex. Both were written by `eqprop generate`: seeded weights, then samples of the network's
// data, inferred and learned from; what must come back is what the bit-true model says.
//
// A line is one word, in hexadecimal, with a digit before it that is 1 in the last word of a command
// or response. Both streams pause at random times: that must change nothing.
`timescale 1ns / 1ps
module eqprop_axis_tb;
    reg aclk = 1'b0;
    reg aresetn = 1'b0;
    always #5 aclk = !aclk;

    reg s_axis_tvalid = 1'b0;
    wire s_axis_tready;
    reg [31:0] s_axis_tdata = 32'd0;
    reg s_axis_tlast = 1'b0;
    wire m_axis_tvalid;
    reg m_axis_tready = 1'b0;
    wire [31:0] m_axis_tdata;
    wire m_axis_tlast;

    eqprop_axis dut (
        .aclk(aclk),
        .aresetn(aresetn),
        .s_axis_tvalid(s_axis_tvalid),
        .s_axis_tready(s_axis_tready),
        .s_axis_tdata(s_axis_tdata),
        .s_axis_tlast(s_axis_tlast),
        .m_axis_tvalid(m_axis_tvalid),
        .m_axis_tready(m_axis_tready),
        .m_axis_tdata(m_axis_tdata),
        .m_axis_tlast(m_axis_tlast),
        .busy(),
        .phase()
    );

    integer commands;
    integer responses;
    integer seed = 1;
    integer sent = 0;
    integer words = 0;
    integer wrong = 0;
    integer idle = 0;
    reg [35:0] next;
    reg [35:0] expected;

    initial begin
        commands = $fopen("commands.hex", "r");
        responses = $fopen("expected.hex", "r");
        if (commands == 0 || responses == 0) begin
            $display("FAIL: commands.hex and expected.hex must lie in this folder");
            $finish;
        end
        repeat (4) @(posedge aclk);
        aresetn <= 1'b1;
    end

    // Sender: a word stays until it is taken; a new one comes in half of the cycles.
    always @(posedge aclk) if (aresetn && (!s_axis_tvalid || s_axis_tready)) begin
        s_axis_tvalid <= 1'b0;
        if ($random(seed) > 0)
            if ($fscanf(commands, "%h\n", next) == 1) begin
                s_axis_tvalid <= 1'b1;
                s_axis_tdata <= next[31:0];
                s_axis_tlast <= next[32];
                sent = sent + 1;
            end
    end

    // Receiver.
    always @(posedge aclk) begin
        m_axis_tready <= aresetn && $random(seed) > 0;
        idle = idle + 1;
        if (m_axis_tvalid && m_axis_tready) begin
            idle = 0;
            if ($fscanf(responses, "%h\n", expected) != 1) begin
                $display("FAIL: more words than expected: %h", m_axis_tdata);
                $finish;
            end
            words = words + 1;
            if ({m_axis_tlast, m_axis_tdata} !== expected[32:0]) begin
                wrong = wrong + 1;
                $display("FAIL: word %0d of the responses is %b_%h, expected %b_%h", words,
                         m_axis_tlast, m_axis_tdata, expected[32], expected[31:0]);
            end
            if ($feof(responses)) begin
                if (wrong == 0) $display("PASS: %0d words sent, %0d words compared", sent, words);
                $finish;
            end
        end
        if (idle > 1000000) begin
            $display("FAIL: no response for a million cycles");
            $finish;
        end
    end
endmodule
