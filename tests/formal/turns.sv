// Two samples by turns, with a sequencer that ends sections and has results come at any time, in order.
module formal_turns (
    input clock, reset, go, reads, done, drained, moved, answers,
    input [7:0] max_free,
    input [15:0] drive_pc, sweep_pc, output_pc
);
    eqprop_core_turns turns (
        .clock(clock), .reset(reset), .go(go), .reads(reads), .done(done), .drained(drained), .moved(moved),
        .answers(answers), .max_free(max_free), .drive_pc(drive_pc), .sweep_pc(sweep_pc), .output_pc(output_pc)
    );
endmodule
// inside eqprop_core_turns
    // The sweeps whose results are still to come, the older one first.
    reg [1:0] waiting = 0;
    reg older = 0, newer = 0;
    wire ends = sweeping && done;
    always @(posedge clock)
        if (reset || begins) waiting <= 0;
        else begin
            waiting <= waiting + ends - drained;
            if (drained) older <= newer;
            if (ends && waiting == drained) older <= current;
            if (ends) newer <= current;
        end
    always @(*) if (drained) assume (waiting != 0);
    always @(*) if (done) assume (act == Act_Drive || act == Act_Sweep || act == Act_Output);

    // The verdict is on the sample whose results have come, which waits for it.
    always @(*) if (drained && act != Act_Rest)
        assert (verdict == older && (verdict ? sample_1_open : sample_0_open));
    // A sweep begins for a sample that has none in the line and is not over.
    wire next = current ^ !other_over;
    always @(*) if (start && act == Act_Turn && driven && !both_over)
        assert (next ? !sample_1_open && !sample_1_over : !sample_0_open && !sample_0_over);
    // While both are over nothing is in the line any more.
    always @(*) if (act == Act_Drive || act == Act_Output || act == Act_Over || (act == Act_Turn && !driven))
        assert (waiting == 0);
    // What these rest on.
    always @(*) if (act != Act_Rest) begin
        assert (waiting == sample_0_open + sample_1_open);
        assert (!(sample_0_open && sample_0_over) && !(sample_1_open && sample_1_over));
        if (waiting == 1) assert (older == sample_1_open);
        if (waiting == 1) assert (newer == older);
        if (waiting == 2) assert (older != current && newer == current);
        if (act == Act_Sweep) assert (!open && !current_over);
        if (act == Act_Sweep || act == Act_Output || act == Act_Over) assert (driven);
        if (act == Act_Output || act == Act_Over) assert (both_over);
        assert (act <= Act_Over);
    end
