// Test bench of `eqprop_axis`: sends the words of commands.hex and compares what comes back with
// expected.hex. Both were written by `eqprop generate`: configuration, seeded weights and samples of
// the network's data, learned from and inferred; then weights over their whole range, on which every
// sum and state reaches its limits, and the samples again. After each all weights are read back. What
// must come back is what the bit-true model says.
//
// The first line of a file is the number of its words. Each other line is one word, in hexadecimal,
// with a digit before it that is 1 in the last word of a command or response. Both streams pause at
// random times: that must change nothing.
//
// A digit 2 comes before the sum of what the core wrote for the sample that was answered last: of
// every write that the probes show, value x (2 cycle + 1) x (4 lane + 2 kind + 1) x (2 place + 1),
// mod 2^32. Cycles are counted from the first busy one; the place of a weight is its address, of a
// state its tile. What lanes without a unit write is 0 and adds nothing.
//
// Ends with PASS, or with FAIL and $fatal, which simulators turn into an exit code that is not zero:
//   $ iverilog -g2012 -o bench eqprop_axis_tb.v eqprop_axis.v eqprop_core.v && vvp -n bench
//   $ verilator --binary --timing -Wno-fatal --top-module eqprop_axis_tb -o bench \
//       eqprop_axis_tb.v eqprop_axis.v eqprop_core.v && obj_dir/bench
`timescale 1ns / 1ps
module eqprop_axis_tb;
    // Cycles without a word in or out after which the core is given up.
    parameter integer PATIENCE = 1000000;
    // Cycles after the last response in which no word may come.
    localparam integer QUIET = 1000;
    // Wrong words that are told before the bench stops.
    localparam integer TOLD = 10;

    // Of the lanes' memories: bits of a tile's number, and slots that hold states.
    // (shape)

    reg aclk = 1'b0;
    always #5 aclk = !aclk;

    reg aresetn;
    reg s_axis_tvalid;
    wire s_axis_tready;
    reg [31:0] s_axis_tdata;
    reg s_axis_tlast;
    wire m_axis_tvalid;
    reg m_axis_tready;
    wire [31:0] m_axis_tdata;
    wire m_axis_tlast;
    wire busy;

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
        .busy(busy),
        .phase()
    );

    integer commands;
    integer responses;
    integer to_send;
    integer to_come;

    integer seed = 1;
    integer sent = 0;
    integer come = 0;
    integer wrong = 0;
    integer idle = 0;
    reg [35:0] word;

    reg running = 1'b0;
    reg [31:0] cycle = 32'd0;
    reg [31:0] sum = 32'd0;

    // One process drives and checks everything, between the clock's rising edges.
    initial begin
        aresetn = 1'b0;
        s_axis_tvalid = 1'b0;
        s_axis_tdata = 32'd0;
        s_axis_tlast = 1'b0;
        m_axis_tready = 1'b0;
        commands = $fopen("commands.hex", "r");
        responses = $fopen("expected.hex", "r");
        if (commands == 0 || responses == 0)
            $fatal(1, "FAIL: commands.hex and expected.hex must lie in this folder");
        if ($fscanf(commands, "%d\n", to_send) != 1 || $fscanf(responses, "%d\n", to_come) != 1)
            $fatal(1, "FAIL: the first line of commands.hex and expected.hex must be a number of words");
        if (to_send < 1 || to_come < 1)
            $fatal(1, "FAIL: nothing to send, or nothing to compare");
        repeat (4) @(negedge aclk);
        aresetn = 1'b1;
        while (come < to_come || idle < QUIET) begin
            // What the rising edge of this cycle will take.
            @(negedge aclk);
            idle = idle + 1;
            // A new word comes in half of the cycles.
            if (!s_axis_tvalid && sent < to_send && $random(seed) > 0) begin
                if ($fscanf(commands, "%h\n", word) != 1)
                    $fatal(1, "FAIL: commands.hex ends after %0d of %0d words", sent, to_send);
                s_axis_tvalid = 1'b1;
                s_axis_tdata = word[31:0];
                s_axis_tlast = word[32];
            end
            m_axis_tready = $random(seed) > 0;
            // Outputs follow within the low half of the clock.
            #4;
            watch;
            if (m_axis_tvalid && m_axis_tready) receive;
            if (s_axis_tvalid && s_axis_tready) begin
                sent = sent + 1;
                idle = 0;
                @(posedge aclk);
                #1 s_axis_tvalid = 1'b0;
            end
            if (idle > PATIENCE)
                $fatal(1, "FAIL: nothing moves for %0d cycles; %0d of %0d words sent, %0d of %0d came",
                       PATIENCE, sent, to_send, come, to_come);
        end
        if (sent < to_send) $fatal(1, "FAIL: all answers came after %0d of %0d words", sent, to_send);
        if ($fscanf(responses, "%h\n", word) == 1)
            $fatal(1, "FAIL: expected.hex has more words than the %0d that it says", to_come);
        if (wrong > 0) $fatal(1, "FAIL: %0d of %0d words differ", wrong, to_come);
        $display("PASS: %0d words sent, %0d words compared", sent, come);
        $finish;
    end

    task receive;
        begin
            if (come == to_come) $fatal(1, "FAIL: a word more than expected: %h", m_axis_tdata);
            if ($fscanf(responses, "%h\n", word) != 1)
                $fatal(1, "FAIL: expected.hex ends after %0d of %0d words", come, to_come);
            come = come + 1;
            idle = 0;
            if ({m_axis_tlast, m_axis_tdata} !== word[32:0]) begin
                wrong = wrong + 1;
                $display("FAIL: word %0d of the responses is %b_%h, expected %b_%h", come,
                         m_axis_tlast, m_axis_tdata, word[32], word[31:0]);
                if (wrong == TOLD) $fatal(1, "FAIL: %0d words differ, and there may be more", wrong);
            end
            if (m_axis_tlast && running) begin
                running = 1'b0;
                if ($fscanf(responses, "%h\n", word) != 1) word = 36'd0;
                if (word[35:32] !== 4'd2)
                    $fatal(1, "FAIL: word %0d of expected.hex ends a response to a sample: its sum must follow", come);
                if (sum !== word[31:0])
                    $fatal(1, "FAIL: the writes before word %0d of the responses have the sum %h, expected %h",
                           come, sum, word[31:0]);
            end
        end
    endtask

    // Adds what the core writes in this cycle, as long as it runs a sample.
    task watch;
        begin
            if (busy && !running) begin
                running = 1'b1;
                cycle = 32'd0;
                sum = 32'd0;
            end
            if (running) begin
                // A line for each lane, and one for the head.
                // (probes)
                cycle = cycle + 32'd1;
            end
        end
    endtask

    function [31:0] term(input [31:0] lane, input kind, input [15:0] address, input [15:0] value);
        reg [31:0] place;
        begin
            // A state lies in any of the slots of its phase, but in no slot of another kind.
            place = address;
            if (!kind && (address >> TILE_BITS) < STATE_SLOTS)
                place = address & ((1 << TILE_BITS) - 1);
            term = value * (2 * cycle + 1) * (4 * lane + 2 * kind + 1) * (2 * place + 1);
        end
    endfunction
endmodule
